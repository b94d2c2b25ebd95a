//! The Internet Protocol, both versions: addresses, headers, and which protocol comes next.

mod addr;
mod fragment;
mod protocol;
mod v4;
mod v6;

pub use addr::Addr;
pub use fragment::Fragment;
pub use protocol::IpProtocol;

pub(crate) use v4::{MORE_AND_OFFSET, v4};
pub(crate) use v6::{extension, v6};

use crate::Layer;
use crate::net::{Next, Step, Walk};

/// What an IP header says of its packet; of several in each other, the innermost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ip {
    /// Who sent the packet.
    pub src: Addr,
    /// For whom it is; behind an IPv6 routing header that has not been used up, the final destination.
    pub dst: Addr,
    /// Hops that the packet could still have made where it was captured: time to live, or hop limit.
    pub ttl: u8,
    /// The identification of IPv4 (RFC 6864); IPv6 has none outside of fragments.
    pub id: Option<u16>,
    /// Whether routers may not fragment the packet: the DF bit of IPv4, always true in IPv6.
    pub dont_fragment: bool,
    /// Differentiated services (upper six bits, RFC 2474) and congestion notification (lower two, RFC 3168).
    pub traffic_class: u8,
}

/// IP of the version that its first nibble names.
pub(crate) fn ip(walk: &mut Walk<'_>) -> Step {
    let [first] = *walk.view.peek(Layer::Ipv4)?;
    match first >> 4 {
        4 => v4(walk),
        6 => v6(walk),
        _ => Ok(Next::Done),
    }
}
