//! Fragments of IP packets.

use super::{Ip, IpProtocol};
use crate::net::{Found, LinkFacts, Next, Walk};
use crate::view::saturate;

/// A piece of an IP packet whose protocol may lead to TCP. The pieces of one packet share `ip.src`, `ip.dst`, `id`
/// and `protocol` (RFC 791 §3.2; in IPv6 the protocol of the first piece counts, RFC 8200 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The header of this piece. Behind an IPv6 routing header, `dst` is the final destination.
    pub ip: Ip,
    /// What the whole packet carries.
    pub protocol: IpProtocol,
    /// The identification: 16 bits in IPv4, 32 in IPv6.
    pub id: u32,
    /// Where `payload` belongs in the whole, in bytes: a multiple of 8 up to 65 528.
    pub offset: u32,
    /// Whether more pieces follow this one.
    pub more: bool,
    /// What the capture kept of this piece.
    pub payload: &'a [u8],
    /// Bytes of this piece on the wire; at least `payload.len()`.
    pub length: u32,
    /// What the layers below said.
    pub link: LinkFacts,
}

/// Ends the walk at a fragment, or at nothing where its protocol leads nowhere.
pub(super) fn found(walk: &mut Walk<'_>, protocol: IpProtocol, id: u32, offset: u16, more: bool) -> Next {
    if !protocol.may_hold_tcp() {
        return Next::Done;
    }
    walk.found = Found::Fragment(Fragment {
        ip: walk.ip,
        protocol,
        id,
        offset: u32::from(offset),
        more,
        payload: walk.view.data(),
        length: saturate(walk.view.length()),
        link: walk.link,
    });
    Next::Done
}
