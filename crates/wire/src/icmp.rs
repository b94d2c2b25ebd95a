//! ICMP errors (RFC 792, RFC 4443) that speak of a TCP connection.

use crate::ip::{self, Addr, Ip, IpProtocol};
use crate::net::{Found, LinkFacts, Next, Step, Walk};
use crate::tcp::Flags;
use crate::view::be16;
use crate::{Layer, Seq};

/// An error that somebody on the way reported about a TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpError<'a> {
    /// The header of the report: `src` reports, `dst` is told, usually the sender of what is quoted.
    pub ip: Ip,
    /// What is reported.
    pub message: IcmpMessage,
    /// The largest packet that would have passed, in bytes: of "fragmentation needed" (RFC 1191 §4; `None` where
    /// the router left it 0) and of "packet too big" (RFC 4443 §3.2).
    pub mtu: Option<u32>,
    /// The segment in question.
    pub quoted: Quoted<'a>,
    /// What the layers below said.
    pub link: LinkFacts,
}

/// As much of a TCP segment as a report quotes; eight bytes of TCP are usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// Who had sent the segment.
    pub src: Addr,
    /// For whom it was.
    pub dst: Addr,
    /// The sender's port.
    pub src_port: u16,
    /// The receiver's port.
    pub dst_port: u16,
    /// Its sequence number, where quoted.
    pub seq: Option<Seq>,
    /// Its acknowledgment number, where quoted.
    pub ack: Option<Seq>,
    /// Its control bits, where quoted.
    pub flags: Option<Flags>,
    /// The hops that it had left where the report was made.
    pub ttl: u8,
    /// All of the TCP header and payload that is quoted.
    pub bytes: &'a [u8],
}

/// Type and code of an ICMP message, of either version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IcmpMessage {
    /// Whether it is `ICMPv6`; the numbers mean other things there.
    pub v6: bool,
    /// The type.
    pub kind: u8,
    /// The code.
    pub code: u8,
}

impl IcmpMessage {
    /// What it says, in the words of IANA's registries "ICMP Type Numbers" and "`ICMPv6` Parameters".
    pub const fn name(self) -> Option<&'static str> {
        Some(match (self.v6, self.kind, self.code) {
            (false, 3, 0) => "network unreachable",
            (false, 3, 1) => "host unreachable",
            (false, 3, 2) => "protocol unreachable",
            (false, 3, 3) | (true, 1, 4) => "port unreachable",
            (false, 3, 4) => "fragmentation needed",
            (false, 3, 5) => "source route failed",
            (false, 3, 6) => "network unknown",
            (false, 3, 7) => "host unknown",
            (false, 3, 8) => "source host isolated",
            (false, 3, 9) => "network administratively prohibited",
            (false, 3, 10) => "host administratively prohibited",
            (false, 3, 11) => "network unreachable for this type of service",
            (false, 3, 12) => "host unreachable for this type of service",
            (false, 3, 13) | (true, 1, 1) => "communication administratively prohibited",
            (false, 3, 14) => "host precedence violation",
            (false, 3, 15) => "precedence cutoff in effect",
            (false, 4, 0) => "source quench",
            (false, 5, 0) => "redirect for the network",
            (false, 5, 1) => "redirect for the host",
            (false, 5, 2) => "redirect for the type of service and network",
            (false, 5, 3) => "redirect for the type of service and host",
            (false, 11, 0) => "time to live exceeded in transit",
            (false, 11, 1) | (true, 3, 1) => "fragment reassembly time exceeded",
            (false, 12, _) | (true, 4, _) => "parameter problem",
            (true, 1, 0) => "no route to destination",
            (true, 1, 2) => "beyond scope of source address",
            (true, 1, 3) => "address unreachable",
            (true, 1, 5) => "source address failed ingress/egress policy",
            (true, 1, 6) => "reject route to destination",
            (true, 1, 7) => "error in source routing header",
            (true, 2, 0) => "packet too big",
            (true, 3, 0) => "hop limit exceeded in transit",
            _ => return None,
        })
    }
}

/// ICMP for IPv4.
pub(crate) fn icmp_v4(walk: &mut Walk<'_>) -> Step {
    const UNREACHABLE: u8 = 3;
    const FRAGMENTATION_NEEDED: u8 = 4;

    let [kind, code, _, _, _, _, mtu0, mtu1] = *walk.view.take(Layer::Icmp)?;
    if !matches!(kind, UNREACHABLE | 4 | 5 | 11 | 12) {
        return Ok(Next::Done);
    }
    let mtu = (kind == UNREACHABLE && code == FRAGMENTATION_NEEDED)
        .then_some(u32::from(be16(mtu0, mtu1)))
        .filter(|&mtu| mtu != 0);
    Ok(quote(walk, IcmpMessage { v6: false, kind, code }, mtu))
}

/// ICMP for IPv6.
pub(crate) fn icmp_v6(walk: &mut Walk<'_>) -> Step {
    const PACKET_TOO_BIG: u8 = 2;

    let [kind, code, _, _, mtu @ ..] = *walk.view.take::<8>(Layer::Icmp)?;
    if !matches!(kind, 1..=4) {
        return Ok(Next::Done);
    }
    let mtu = (kind == PACKET_TOO_BIG).then_some(u32::from_be_bytes(mtu));
    Ok(quote(walk, IcmpMessage { v6: true, kind, code }, mtu))
}

/// Reads the packet that a report quotes. A quotation is cut by nature, so whatever is missing from it is no error.
fn quote(walk: &mut Walk<'_>, message: IcmpMessage, mtu: Option<u32>) -> Next {
    let (ip, link) = (walk.ip, walk.link);
    walk.found = match quoted_segment(walk) {
        Some(quoted) => Found::IcmpError(IcmpError { ip, message, mtu, quoted, link }),
        None => Found::Other,
    };
    Next::Done
}

fn quoted_segment<'a>(walk: &mut Walk<'a>) -> Option<Quoted<'a>> {
    let bytes = quoted_tcp(walk)?;
    let [sport0, sport1, dport0, dport1] = *bytes.first_chunk()?;
    let word = |at: usize| {
        bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).map(|b| Seq(u32::from_be_bytes(*b)))
    };
    Some(Quoted {
        src: walk.ip.src,
        dst: walk.ip.dst,
        src_port: be16(sport0, sport1),
        dst_port: be16(dport0, dport1),
        seq: word(4),
        ack: word(8),
        flags: bytes
            .get(12..)
            .and_then(|rest| rest.first_chunk())
            .map(|&[a, b]| Flags(be16(a, b) & Flags::MASK)),
        ttl: walk.ip.ttl,
        bytes,
    })
}

/// The bytes of TCP in a quoted packet.
fn quoted_tcp<'a>(walk: &mut Walk<'a>) -> Option<&'a [u8]> {
    /// More than any router lets pass.
    const MAX_EXTENSIONS: u32 = 8;

    let mut next = ip::ip(walk).ok()?;
    for _ in 0..MAX_EXTENSIONS {
        match (next, walk.found) {
            (Next::Protocol(IpProtocol::TCP), _) => return Some(walk.view.data()),
            (Next::Protocol(protocol), _) => next = ip::extension(walk, protocol).ok()?,
            // Only the first fragment of a segment shows its ports.
            (Next::Done, Found::Fragment(fragment)) => {
                return (fragment.protocol == IpProtocol::TCP && fragment.offset == 0)
                    .then_some(fragment.payload);
            }
            _ => return None,
        }
    }
    None
}
