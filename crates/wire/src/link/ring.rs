//! Rings and buses of old: FDDI, Token Ring, ARCNET.

use crate::net::{Next, Step, Walk};
use crate::{Layer, LengthSource};

/// FDDI: frame control and two addresses, then IEEE 802.2.
pub(super) fn fddi(walk: &mut Walk<'_>) -> Step {
    const FORMAT: u8 = 0xf0;
    const ASYNCHRONOUS_LLC: u8 = 0x50;
    const SYNCHRONOUS_LLC: u8 = 0xd0;

    let [control, _, _, _, _, _, _, mac @ ..] = *walk.view.take::<13>(Layer::Link)?;
    walk.link.source_mac = Some(mac);
    Ok(match control & FORMAT {
        ASYNCHRONOUS_LLC | SYNCHRONOUS_LLC => Next::Llc,
        _ => Next::Done,
    })
}

/// Token Ring (IEEE 802.5): access and frame control, two addresses, a source route where the source address says
/// so, then IEEE 802.2.
pub(super) fn token_ring(walk: &mut Walk<'_>) -> Step {
    const FRAME_TYPE: u8 = 0xc0;
    const LLC: u8 = 0x40;
    const ROUTED: u8 = 0x80;
    const ROUTE_LENGTH: u8 = 0x1f;

    let [_, control, _, _, _, _, _, _, mac @ ..] = *walk.view.take::<14>(Layer::Link)?;
    let routed = mac[0] & ROUTED != 0;
    let mut source = mac;
    source[0] &= !ROUTED;
    walk.link.source_mac = Some(source);
    if control & FRAME_TYPE != LLC {
        return Ok(Next::Done);
    }
    if routed {
        let [route] = *walk.view.peek(Layer::Link)?;
        walk.view.skip(Layer::Link, usize::from(route & ROUTE_LENGTH), LengthSource::Link)?;
    }
    Ok(Next::Llc)
}

/// Who wrote the headers of an ARCNET capture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arcnet {
    /// BSD: two addresses and the protocol.
    Bsd,
    /// Linux: two addresses, two bytes of offset, and the protocol.
    Linux,
}

/// ARCNET (RFC 1201; RFC 1051 for the older kind without fragments).
pub(super) fn arcnet(walk: &mut Walk<'_>, kind: Arcnet) -> Step {
    const IP_OLD: u8 = 240;
    const IPV4: u8 = 212;
    const IPV6: u8 = 196;
    const WHOLE: u8 = 0;
    const EXCEPTION: u8 = 0xff;

    let [_, _] = *walk.view.take(Layer::Link)?;
    if kind == Arcnet::Linux {
        walk.view.skip(Layer::Link, 2, LengthSource::Link)?;
    }
    let [protocol] = *walk.view.take(Layer::Link)?;
    match protocol {
        IP_OLD => Ok(Next::Ip),
        IPV4 | IPV6 => {
            let [mut split, _, _] = *walk.view.take(Layer::Link)?;
            if split == EXCEPTION {
                // Lengths that the network cannot send are padded by two bytes, then protocol and flags follow once more.
                let [_, again, _, _] = *walk.view.take(Layer::Link)?;
                split = again;
            }
            Ok(if split == WHOLE { Next::Ip } else { Next::Done })
        }
        _ => Ok(Next::Done),
    }
}
