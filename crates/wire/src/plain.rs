//! The commonest packet, read where it lies: a first look at its ends, and what following a connection asks of it.

use crate::ip::{self, Addr, Ip};
use crate::link::LinkType;
use crate::net::LinkFacts;
use crate::tcp::{Flags, Segment, TcpOptions};
use crate::view::{be16, saturate};
use crate::{IpProtocol, Seq};

/// Source and target port of the commonest packet, Ethernet with IPv4 without options with TCP, without a further
/// look at it; `None` of any other, whatever [`decode`](crate::decode) makes of it. For whoever wants few of many packets.
#[inline]
pub fn plain_ports(link: LinkType, data: &[u8]) -> Option<(u16, u16)> {
    let head = data.first_chunk()?;
    is_plain(link, head).then(|| (be16(head[34], head[35]), be16(head[36], head[37])))
}

/// Sender and receiver of the commonest packets, Ethernet, with or without a VLAN tag, with IPv4 without options or IPv6
/// with TCP, without a further look; `None` of any other. A guess for whoever wants to be ready: only [`decode`](crate::decode) knows.
#[inline]
pub fn plain_ends(link: LinkType, data: &[u8]) -> Option<[(Addr, u16); 2]> {
    let (head, rest) = data.split_first_chunk::<14>()?;
    if link != LinkType::ETHERNET {
        return None;
    }
    let (kind, packet) = match [head[12], head[13]] {
        [0x81, 0] => {
            let (tag, packet) = rest.split_first_chunk::<4>()?;
            ([tag[2], tag[3]], packet)
        }
        kind => (kind, rest),
    };
    match kind {
        [0x08, 0] => {
            let head = packet.first_chunk::<24>()?;
            let plain = head[0] == 0x45 && head[9] == IpProtocol::TCP.0;
            let source = Addr::v4([head[12], head[13], head[14], head[15]]);
            let target = Addr::v4([head[16], head[17], head[18], head[19]]);
            plain.then_some([(source, be16(head[20], head[21])), (target, be16(head[22], head[23]))])
        }
        [0x86, 0xdd] => {
            let (head, rest) = packet.split_first_chunk::<8>()?;
            let (source, rest) = rest.split_first_chunk()?;
            let (target, rest) = rest.split_first_chunk()?;
            let ports = rest.first_chunk::<4>()?;
            let plain = head[6] == IpProtocol::TCP.0;
            let (from, to) = (be16(ports[0], ports[1]), be16(ports[2], ports[3]));
            plain.then_some([(Addr(*source), from), (Addr(*target), to)])
        }
        _ => None,
    }
}

/// Ethernet with IPv4 without options, not a fragment, with TCP.
#[inline]
fn is_plain(link: LinkType, head: &[u8; 54]) -> bool {
    let ipv4_without_options = head[12] == 8 && head[13] == 0 && head[14] == 0x45;
    let whole = be16(head[20], head[21]) & ip::MORE_AND_OFFSET == 0;
    link == LinkType::ETHERNET && ipv4_without_options && whole && head[23] == IpProtocol::TCP.0
}

/// What is asked of every packet of a connection, wherever it stands.
pub trait Header {
    /// The number of the first byte of the payload, or of SYN.
    fn seq(&self) -> Seq;
    /// The number of the byte that the sender expects next.
    fn ack(&self) -> Seq;
    /// The control bits.
    fn flags(&self) -> Flags;
    /// The receive window as sent: bytes before scaling.
    fn window(&self) -> u16;
    /// Hop limit.
    fn ttl(&self) -> u8;
    /// Identification; IPv4 only.
    fn id(&self) -> Option<u16>;
    /// The sender's address on the link.
    fn source_mac(&self) -> Option<[u8; 6]>;
    /// What the capture kept of the payload.
    fn payload(&self) -> &[u8];
    /// Bytes of payload on the wire.
    fn length(&self) -> u32;
}

/// Ethernet with IPv4 without options, whole, with TCP: what most packets are. Nothing is decoded before it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a> {
    head: &'a [u8; 54],
    options: &'a [u8],
    payload: &'a [u8],
    length: usize,
}

impl<'a> Plain<'a> {
    /// The packet, where it is such a one and nothing about it is odd.
    #[expect(clippy::inline_always, reason = "asked of every packet; what comes of it stays in registers")]
    #[inline(always)]
    pub fn of(link: LinkType, data: &'a [u8]) -> Option<Self> {
        let (head, rest) = data.split_first_chunk::<54>()?;
        if !is_plain(link, head) {
            return None;
        }
        let options_length = usize::from(head[46] >> 4).checked_sub(5)? << 2;
        let after_header = usize::from(be16(head[16], head[17])).checked_sub(40)?;
        let length = after_header.checked_sub(options_length)?;
        let (options, payload) = rest.split_at_checked(options_length)?;
        let payload = payload.get(..length).unwrap_or(payload);
        Some(Self { head, options, payload, length })
    }

    /// All of it.
    #[expect(
        clippy::inline_always,
        reason = "a segment is large: made where it is used, it need not be moved"
    )]
    #[inline(always)]
    pub fn segment(&self) -> Segment<'a> {
        let head = self.head;
        Segment {
            ip: Ip {
                src: Addr::v4([head[26], head[27], head[28], head[29]]),
                dst: Addr::v4([head[30], head[31], head[32], head[33]]),
                ttl: self.ttl(),
                id: self.id(),
                dont_fragment: head[20] & 0x40 != 0,
                traffic_class: head[15],
            },
            src_port: be16(head[34], head[35]),
            dst_port: be16(head[36], head[37]),
            seq: self.seq(),
            ack: self.ack(),
            flags: self.flags(),
            window: self.window(),
            checksum: be16(head[50], head[51]),
            urgent: be16(head[52], head[53]),
            options: TcpOptions::new(self.options),
            payload: self.payload,
            length: self.length(),
            link: LinkFacts { source_mac: self.source_mac(), vlan: None, tunnel: 0 },
        }
    }
}

impl Header for Plain<'_> {
    #[inline]
    fn seq(&self) -> Seq {
        Seq(u32::from_be_bytes([self.head[38], self.head[39], self.head[40], self.head[41]]))
    }

    #[inline]
    fn ack(&self) -> Seq {
        Seq(u32::from_be_bytes([self.head[42], self.head[43], self.head[44], self.head[45]]))
    }

    #[inline]
    fn flags(&self) -> Flags {
        Flags(be16(self.head[46], self.head[47]) & Flags::MASK)
    }

    #[inline]
    fn window(&self) -> u16 {
        be16(self.head[48], self.head[49])
    }

    #[inline]
    fn ttl(&self) -> u8 {
        self.head[22]
    }

    #[inline]
    fn id(&self) -> Option<u16> {
        Some(be16(self.head[18], self.head[19]))
    }

    #[inline]
    fn source_mac(&self) -> Option<[u8; 6]> {
        let head = self.head;
        Some([head[6], head[7], head[8], head[9], head[10], head[11]])
    }

    #[inline]
    fn payload(&self) -> &[u8] {
        self.payload
    }

    #[inline]
    fn length(&self) -> u32 {
        saturate(self.length)
    }
}

impl Header for Segment<'_> {
    #[inline]
    fn seq(&self) -> Seq {
        self.seq
    }

    #[inline]
    fn ack(&self) -> Seq {
        self.ack
    }

    #[inline]
    fn flags(&self) -> Flags {
        self.flags
    }

    #[inline]
    fn window(&self) -> u16 {
        self.window
    }

    #[inline]
    fn ttl(&self) -> u8 {
        self.ip.ttl
    }

    #[inline]
    fn id(&self) -> Option<u16> {
        self.ip.id
    }

    #[inline]
    fn source_mac(&self) -> Option<[u8; 6]> {
        self.link.source_mac
    }

    #[inline]
    fn payload(&self) -> &[u8] {
        self.payload
    }

    #[inline]
    fn length(&self) -> u32 {
        self.length
    }
}
