//! One packet, decoded: from the link to TCP, through whatever tunnels lie between.
//!
//! [`decode`] promises to find the TCP segment of any packet that an ordinary dissector finds, to say what length
//! was claimed by whom where it cannot, and to look at headers only. It is one loop: each step reads one header
//! and names the next, so nesting costs neither stack nor recursion, and depth is bounded.

use crate::icmp::{self, IcmpError};
use crate::ip::{self, Fragment, Ip};
use crate::link::{self, LinkType};
use crate::malformed::Malformed;
use crate::plain::Plain;
use crate::tcp::{self, Segment};
use crate::tunnel;
use crate::view::View;
use crate::{IpProtocol, LengthSource};

/// How many tunnels may lie in each other; what is nested deeper is [`Found::Other`].
pub const MAX_TUNNELS: u8 = 8;

/// How many headers of any kind are read; bounds the loop whatever a packet says.
const MAX_HEADERS: u32 = 96;

/// What a packet holds, as far as TCP is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// A fragment of an IP packet that may hold a TCP segment when reassembled.
    Fragment(Fragment<'a>),
    /// An ICMP error that quotes a TCP segment.
    IcmpError(IcmpError<'a>),
    /// Decoded, and no TCP in it.
    Other,
    /// A header that cannot be read, or contradicts itself.
    Malformed(Malformed),
}

/// What the layers below the innermost IP said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LinkFacts {
    /// The source address of the innermost Ethernet, Linux cooked or 802.11 header: the station or router that
    /// put the segment on that link. `None` where the link has no such address.
    pub source_mac: Option<[u8; 6]>,
    /// The outermost VLAN, 0 to 4 095.
    pub vlan: Option<u16>,
    /// How many tunnels were opened, up to [`MAX_TUNNELS`].
    pub tunnel: u8,
}

/// Decodes a packet of the given link type. `original_length` is its length on the wire in bytes, of which `data`
/// is what the capture kept; where it is less than `data` has, `data` is believed.
#[expect(clippy::inline_always, reason = "a segment is large: made where it is used, it need not be moved")]
#[inline(always)]
pub fn decode(link: LinkType, data: &[u8], original_length: u32) -> Found<'_> {
    // In straight-line code; anything else, or anything odd, is left to the loop.
    if let Some(plain) = Plain::of(link, data) {
        return Found::Tcp(plain.segment());
    }
    walk(View::new(data, original_length), Ip::default(), Next::Link(link))
}

/// Decodes what reassembly made of [`Fragment`]s: `payload` is what follows the IP header (the fragment header,
/// in IPv6), and `protocol` the fragments' protocol. The [`LinkFacts`] of what is found start anew: the caller
/// has them from the fragments.
pub fn decode_reassembled(ip: Ip, protocol: IpProtocol, payload: &[u8]) -> Found<'_> {
    walk(View::new(payload, 0), ip, Next::Protocol(protocol))
}

/// The header that comes next.
#[derive(Clone, Copy)]
pub(crate) enum Next {
    /// Whatever a capture of this type begins with.
    Link(LinkType),
    /// Ethernet, from its addresses.
    Ethernet,
    /// What an `EtherType` (0x0600 and above) announces.
    EtherType(u16),
    /// IEEE 802.2, from its access points.
    Llc,
    /// PPP, from its protocol, with or without address and control.
    Ppp,
    /// IPv4 or IPv6, as its first nibble says.
    Ip,
    /// What an IP protocol number announces.
    Protocol(IpProtocol),
    /// Nothing that is known; what the packet holds is [`Walk::found`].
    Done,
}

/// What one step of the loop makes of its header.
pub(crate) type Step = Result<Next, Malformed>;

/// The state of the loop: the bytes that remain, and what the headers so far said.
pub(crate) struct Walk<'a> {
    pub(crate) view: View<'a>,
    pub(crate) ip: Ip,
    pub(crate) link: LinkFacts,
    /// What the last step found, other than a segment.
    pub(crate) found: Found<'a>,
}

impl Walk<'_> {
    /// Enters a tunnel and goes on with `next`, unless it is nested too deeply.
    pub(crate) fn enter(&mut self, next: Next) -> Next {
        if self.link.tunnel >= MAX_TUNNELS {
            return Next::Done;
        }
        self.link.tunnel = self.link.tunnel.saturating_add(1);
        next
    }
}

#[inline(never)]
fn walk(view: View<'_>, ip: Ip, first: Next) -> Found<'_> {
    let mut walk = Walk { view, ip, link: LinkFacts::default(), found: Found::Other };
    let mut next = first;
    for _ in 0..MAX_HEADERS {
        let step = match next {
            Next::Link(link) => link::open(&mut walk, link),
            Next::Ethernet => link::ethernet(&mut walk),
            Next::EtherType(kind) => link::ether_type(&mut walk, kind),
            Next::Llc => link::llc(&mut walk),
            Next::Ppp => link::ppp(&mut walk),
            Next::Ip => ip::ip(&mut walk),
            Next::Protocol(IpProtocol::TCP) => {
                return tcp::segment(&walk).unwrap_or_else(Found::Malformed);
            }
            Next::Protocol(protocol) => ip_protocol(&mut walk, protocol),
            Next::Done => return walk.found,
        };
        match step {
            Ok(following) => next = following,
            Err(malformed) => return Found::Malformed(malformed),
        }
    }
    Found::Other
}

fn ip_protocol(walk: &mut Walk<'_>, protocol: IpProtocol) -> Step {
    match protocol {
        IpProtocol::UDP => tunnel::udp(walk),
        IpProtocol::ICMP => icmp::icmp_v4(walk),
        IpProtocol::ICMPV6 => icmp::icmp_v6(walk),
        IpProtocol::IPV4 | IpProtocol::IPV6 => Ok(walk.enter(Next::Ip)),
        IpProtocol::GRE => tunnel::gre(walk),
        IpProtocol::MPLS => Ok(walk.enter(Next::EtherType(tunnel::MPLS_UNICAST))),
        IpProtocol::ETHERNET => Ok(walk.enter(Next::Ethernet)),
        IpProtocol::ETHERIP => {
            // RFC 3378 §3: four bits of version, twelve reserved.
            walk.view.skip(crate::Layer::Tunnel, 2, LengthSource::Tunnel)?;
            Ok(walk.enter(Next::Ethernet))
        }
        _ => ip::extension(walk, protocol),
    }
}
