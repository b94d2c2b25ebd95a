//! TCP segments (RFC 9293 §3.1).

mod flags;
mod options;

pub use flags::Flags;
pub use options::{SackBlocks, TcpOption, TcpOptionKind, TcpOptions};

use crate::ip::Ip;
use crate::net::{Found, LinkFacts, Walk};
use crate::view::{be16, saturate};
use crate::{Layer, LengthSource, Malformed, Seq};

/// One TCP segment, and the IP packet and link that carried it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// The header of the innermost IP packet.
    pub ip: Ip,
    /// The sender's port.
    pub src_port: u16,
    /// The receiver's port.
    pub dst_port: u16,
    /// The number of the first byte of the payload, or of SYN.
    pub seq: Seq,
    /// The number of the byte that the sender expects next; means something only with [`Flags::ACK`].
    pub ack: Seq,
    /// The control bits.
    pub flags: Flags,
    /// The receive window as sent: bytes before scaling.
    pub window: u16,
    /// The checksum as sent; nobody checks it.
    pub checksum: u16,
    /// The urgent pointer; means something only with [`Flags::URG`].
    pub urgent: u16,
    /// The options, as far as the capture kept them.
    pub options: TcpOptions<'a>,
    /// What the capture kept of the payload.
    pub payload: &'a [u8],
    /// Bytes of payload on the wire, by the IP header's length, or the frame's where that says 0; at least
    /// `payload.len()`.
    pub length: u32,
    /// What the layers below said.
    pub link: LinkFacts,
}

const FIXED: usize = 20;

/// Reads a segment, which ends the walk. Options that the capture cut off are no reason to give up: numbers, flags
/// and length are known.
pub(crate) fn segment<'a>(walk: &Walk<'a>) -> Result<Found<'a>, Malformed> {
    let head = walk.view.peek::<FIXED>(Layer::Tcp)?;
    let header = usize::from(head[12] >> 4) * 4;
    let Some(options_length) = header.checked_sub(FIXED) else {
        return Err(walk.view.claim_too_short(Layer::Tcp, FIXED, header, LengthSource::TcpDataOffset));
    };
    let Some(length) = walk.view.length().checked_sub(header) else {
        return Err(walk.view.claim_too_long(Layer::Tcp, header, LengthSource::TcpDataOffset));
    };
    let after = walk.view.data().get(FIXED..).unwrap_or_default();
    let (options, payload) = after.split_at_checked(options_length).unwrap_or((after, &[]));
    Ok(Found::Tcp(Segment {
        ip: walk.ip,
        src_port: be16(head[0], head[1]),
        dst_port: be16(head[2], head[3]),
        seq: Seq(u32::from_be_bytes([head[4], head[5], head[6], head[7]])),
        ack: Seq(u32::from_be_bytes([head[8], head[9], head[10], head[11]])),
        flags: Flags(be16(head[12], head[13]) & Flags::MASK),
        window: be16(head[14], head[15]),
        checksum: be16(head[16], head[17]),
        urgent: be16(head[18], head[19]),
        options: TcpOptions::new(options),
        payload,
        length: saturate(length),
        link: walk.link,
    }))
}
