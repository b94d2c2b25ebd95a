//! The network service header (RFC 8300), and numbers it shares with VXLAN-GPE.

use super::MPLS_UNICAST;
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource};

/// A service header: its length in words, what it carries, and context that is of no interest.
pub(crate) fn service_header(walk: &mut Walk<'_>) -> Step {
    const FIXED: usize = 8;

    let [base0, base1, _, next] = *walk.view.peek(Layer::Tunnel)?;
    let length = usize::from(be16(base0, base1) & 0x3f) * 4;
    if length < FIXED {
        return Err(walk.view.claim_too_short(Layer::Tunnel, FIXED, length, LengthSource::Tunnel));
    }
    walk.view.skip(Layer::Tunnel, length, LengthSource::Tunnel)?;
    Ok(next_protocol(walk, next))
}

/// What the next-protocol number of VXLAN-GPE and of the service header announces.
pub(super) fn next_protocol(walk: &mut Walk<'_>, next: u8) -> Next {
    const SERVICE_HEADER: u16 = 0x894f;

    match next {
        1 | 2 => walk.enter(Next::Ip),
        3 => walk.enter(Next::Ethernet),
        4 => walk.enter(Next::EtherType(SERVICE_HEADER)),
        5 => walk.enter(Next::EtherType(MPLS_UNICAST)),
        _ => Next::Done,
    }
}
