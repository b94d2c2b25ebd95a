//! Serial lines: PPP, `PPPoE`, HDLC, Frame Relay, SLIP.

use super::LinkType;
use super::ethernet::ether_type;
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource, tunnel};

/// PPP (RFC 1661 §2): address and control may be left out, and so may the upper byte of the protocol.
pub(crate) fn ppp(walk: &mut Walk<'_>) -> Step {
    if let [0xff, 3, ..] = walk.view.data() {
        walk.view.skip(Layer::Ppp, 2, LengthSource::Link)?;
    }
    let [first] = *walk.view.take(Layer::Ppp)?;
    let protocol = if first & 1 == 1 {
        u16::from(first)
    } else {
        let [second] = *walk.view.take(Layer::Ppp)?;
        be16(first, second)
    };
    match protocol {
        0x0021 | 0x0057 => Ok(Next::Ip),
        0x0031 => bridged(walk),
        0x003d => multilink(walk),
        0x0281 | 0x0283 => tunnel::mpls(walk),
        _ => Ok(Next::Done),
    }
}

/// Ethernet on PPP (RFC 3518 §4.2): flags with the amount of padding, the kind of frame, then the frame.
fn bridged(walk: &mut Walk<'_>) -> Step {
    const ETHERNET: u8 = 1;

    let [_, kind] = *walk.view.take(Layer::Ppp)?;
    Ok(if kind == ETHERNET { walk.enter(Next::Ethernet) } else { Next::Done })
}

/// Multilink PPP (RFC 1990 §3), where one packet is whole: both the first and the last piece.
fn multilink(walk: &mut Walk<'_>) -> Step {
    const WHOLE: u8 = 0xc0;

    let [flags, ..] = *walk.view.take::<4>(Layer::Ppp)?;
    Ok(if flags & WHOLE == WHOLE { Next::Ppp } else { Next::Done })
}

/// A session packet of `PPPoE` (RFC 2516 §4).
pub(super) fn pppoe(walk: &mut Walk<'_>) -> Step {
    const SESSION: u8 = 0;

    let [_, code, _, _, length0, length1] = *walk.view.take(Layer::Ppp)?;
    if code != SESSION {
        return Ok(Next::Done);
    }
    walk.view.narrow(usize::from(be16(length0, length1)), LengthSource::Link);
    Ok(Next::Ppp)
}

/// PPP in HDLC-like framing; Cisco's own framing is told by its address.
pub(super) fn hdlc(walk: &mut Walk<'_>) -> Step {
    match walk.view.data() {
        [0x0f | 0x8f, ..] => cisco_hdlc(walk),
        _ => Ok(Next::Ppp),
    }
}

/// PPP as pppd writes it, a direction in place of its address.
pub(super) fn pppd(walk: &mut Walk<'_>) -> Step {
    let replaced = matches!(walk.view.data(), [_, 3, ..]);
    walk.view.skip(Layer::Ppp, if replaced { 2 } else { 1 }, LengthSource::Link)?;
    Ok(Next::Ppp)
}

/// A byte of direction, then `next`.
pub(super) fn directed(walk: &mut Walk<'_>, next: Next) -> Step {
    walk.view.skip(Layer::Link, 1, LengthSource::Link)?;
    Ok(next)
}

/// Cisco HDLC: address, control, `EtherType`.
pub(super) fn cisco_hdlc(walk: &mut Walk<'_>) -> Step {
    let [_, _, kind0, kind1] = *walk.view.take(Layer::Link)?;
    Ok(Next::EtherType(be16(kind0, kind1)))
}

/// Frame Relay (RFC 2427 §4): an address whose last byte says so, control, padding, and what follows; or, as Cisco
/// has it, an `EtherType` in place of those.
pub(super) fn frame_relay(walk: &mut Walk<'_>) -> Step {
    const UNNUMBERED: u8 = 3;
    const LONGEST_ADDRESS: u32 = 4;

    for _ in 0..LONGEST_ADDRESS {
        let [address] = *walk.view.take(Layer::Link)?;
        if address & 1 == 1 {
            break;
        }
    }
    let [control, second] = *walk.view.peek(Layer::Link)?;
    if control != UNNUMBERED {
        walk.view.skip(Layer::Link, 2, LengthSource::Link)?;
        return ether_type(walk, be16(control, second));
    }
    walk.view.skip(Layer::Link, if second == 0 { 2 } else { 1 }, LengthSource::Link)?;
    network_layer_id(walk)
}

/// What a network layer protocol identifier announces (ISO/IEC TR 9577).
pub(super) fn network_layer_id(walk: &mut Walk<'_>) -> Step {
    const SNAP: u8 = 0x80;
    const IPV4: u8 = 0xcc;
    const IPV6: u8 = 0x8e;
    const PPP: u8 = 0xcf;

    let [id] = *walk.view.take(Layer::Link)?;
    Ok(match id {
        IPV4 | IPV6 => Next::Ip,
        PPP => Next::Ppp,
        SNAP => match *walk.view.take(Layer::Link)? {
            [0, 0, 0, kind0, kind1] => Next::EtherType(be16(kind0, kind1)),
            [0, 0x80, 0xc2, 0, 1 | 7] => walk.enter(Next::Ethernet),
            _ => Next::Done,
        },
        _ => Next::Done,
    })
}

/// SLIP: a direction and the compressed header, 16 bytes in all, then IP.
pub(super) fn slip(walk: &mut Walk<'_>) -> Step {
    walk.view.skip(Layer::Link, 16, LengthSource::Link)?;
    Ok(Next::Link(LinkType::RAW))
}
