//! Tunnels on UDP, known by their ports alone. A port is a guess: what does not look like the tunnel's header is
//! left alone, and is no error.

use super::service::next_protocol;
use super::{MPLS_UNICAST, gre};
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource, Malformed};

/// UDP (RFC 768), and the tunnel behind it if either port is one's.
pub(crate) fn udp(walk: &mut Walk<'_>) -> Step {
    let [src0, src1, dst0, dst1, length0, length1, _, _] = *walk.view.take(Layer::Udp)?;
    let length = usize::from(be16(length0, length1));
    if let Some(inside) = length.checked_sub(8) {
        walk.view.narrow(inside, LengthSource::UdpLength);
    }
    let Some(open) = tunnel(be16(dst0, dst1)).or_else(|| tunnel(be16(src0, src1))) else {
        return Ok(Next::Done);
    };
    // The tunnel's own header was a guess; what it leads to is not.
    Ok(open(walk).unwrap_or(Next::Done))
}

type Open = fn(&mut Walk<'_>) -> Step;

/// The tunnel of a port (IANA's registry "Service Names and Port Numbers"; 8472 is Linux's VXLAN of old).
fn tunnel(port: u16) -> Option<Open> {
    Some(match port {
        4789 | 8472 => vxlan,
        4790 => vxlan_gpe,
        6081 => geneve,
        2152 => gtp,
        3544 => teredo,
        1701 => l2tp,
        4341 => lisp,
        6635 => |walk| Ok(walk.enter(Next::EtherType(MPLS_UNICAST))),
        4754 => gre,
        37008 => tzsp,
        _ => return None,
    })
}

/// VXLAN (RFC 7348 §5): flags, a network identifier, then Ethernet.
fn vxlan(walk: &mut Walk<'_>) -> Step {
    const IDENTIFIED: u8 = 0x08;

    let [flags, ..] = *walk.view.take::<8>(Layer::Tunnel)?;
    Ok(if flags & IDENTIFIED != 0 { walk.enter(Next::Ethernet) } else { Next::Done })
}

/// VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe §3): VXLAN that says what it carries.
fn vxlan_gpe(walk: &mut Walk<'_>) -> Step {
    const NAMED: u8 = 0x04;

    let [flags, _, _, next, ..] = *walk.view.take::<8>(Layer::Tunnel)?;
    Ok(if flags & NAMED != 0 { next_protocol(walk, next) } else { walk.enter(Next::Ethernet) })
}

/// Geneve (RFC 8926 §3.4): options by their length in words, and an `EtherType`.
fn geneve(walk: &mut Walk<'_>) -> Step {
    const VERSION: u8 = 0xc0;

    let [head, _, kind0, kind1, ..] = *walk.view.take::<8>(Layer::Tunnel)?;
    if head & VERSION != 0 {
        return Ok(Next::Done);
    }
    walk.view.skip(Layer::Tunnel, usize::from(head & 0x3f) * 4, LengthSource::Tunnel)?;
    Ok(walk.enter(Next::EtherType(be16(kind0, kind1))))
}

/// GTP-U (3GPP TS 29.281 §5): optional fields and extension headers, then a user's IP or PPP.
fn gtp(walk: &mut Walk<'_>) -> Step {
    const VERSION_1: u8 = 0x30;
    const EXTENDED: u8 = 0x04;
    const OPTIONAL: u8 = 0x07;
    const USER_DATA: u8 = 0xff;

    let [flags, message, length0, length1, ..] = *walk.view.take::<8>(Layer::Tunnel)?;
    if flags & 0xf0 != VERSION_1 || message != USER_DATA {
        return Ok(Next::Done);
    }
    walk.view.narrow(usize::from(be16(length0, length1)), LengthSource::Tunnel);
    if flags & OPTIONAL != 0 {
        let [_, _, _, mut next] = *walk.view.take(Layer::Tunnel)?;
        while flags & EXTENDED != 0 && next != 0 {
            next = gtp_extension(walk)?;
        }
    }
    Ok(match walk.view.data() {
        [0xff, 3, ..] => walk.enter(Next::Ppp),
        _ => walk.enter(Next::Ip),
    })
}

/// One extension header: its length in words first, the type of the next one last.
fn gtp_extension(walk: &mut Walk<'_>) -> Result<u8, Malformed> {
    let [words] = *walk.view.peek(Layer::Tunnel)?;
    let size = usize::from(words) * 4;
    let Some(last) = size.checked_sub(1) else {
        return Err(walk.view.claim_too_short(Layer::Tunnel, 4, 0, LengthSource::Tunnel));
    };
    let next = walk.view.data().get(last).copied().unwrap_or(0);
    walk.view.skip(Layer::Tunnel, size, LengthSource::Tunnel)?;
    Ok(next)
}

/// Teredo (RFC 4380 §5.1.1): authentication and origin where there are, then IPv6.
fn teredo(walk: &mut Walk<'_>) -> Step {
    if let [0, 1, client, authentication, ..] = *walk.view.data() {
        let size = usize::from(client).saturating_add(authentication.into()).saturating_add(13);
        walk.view.skip(Layer::Tunnel, size, LengthSource::Tunnel)?;
    }
    if let [0, 0, ..] = walk.view.data() {
        walk.view.skip(Layer::Tunnel, 8, LengthSource::Tunnel)?;
    }
    let [first] = *walk.view.peek(Layer::Tunnel)?;
    Ok(if first >> 4 == 6 { walk.enter(Next::Ip) } else { Next::Done })
}

/// L2TP version 2 (RFC 2661 §3.1): optional fields by their flags, then PPP. Control messages carry nothing.
fn l2tp(walk: &mut Walk<'_>) -> Step {
    const CONTROL: u16 = 0x8000;
    const LENGTH: u16 = 0x4000;
    const SEQUENCE: u16 = 0x0800;
    const OFFSET: u16 = 0x0200;
    const VERSION: u16 = 0x000f;

    let [flags0, flags1] = *walk.view.take(Layer::Tunnel)?;
    let flags = be16(flags0, flags1);
    if flags & VERSION != 2 || flags & CONTROL != 0 {
        return Ok(Next::Done);
    }
    if flags & LENGTH != 0 {
        let [length0, length1] = *walk.view.take(Layer::Tunnel)?;
        let rest = usize::from(be16(length0, length1)).saturating_sub(4);
        walk.view.narrow(rest, LengthSource::Tunnel);
    }
    let fields = if flags & SEQUENCE != 0 { 8 } else { 4 };
    walk.view.skip(Layer::Tunnel, fields, LengthSource::Tunnel)?;
    if flags & OFFSET != 0 {
        let [offset0, offset1] = *walk.view.take(Layer::Tunnel)?;
        walk.view.skip(Layer::Tunnel, usize::from(be16(offset0, offset1)), LengthSource::Tunnel)?;
    }
    Ok(walk.enter(Next::Ppp))
}

/// LISP (RFC 9300 §5.1): eight bytes, then IP.
fn lisp(walk: &mut Walk<'_>) -> Step {
    walk.view.skip(Layer::Tunnel, 8, LengthSource::Tunnel)?;
    Ok(walk.enter(Next::Ip))
}

/// TZSP, as wireless bridges and `MikroTik` routers mirror packets: tagged fields up to an end, then the packet.
fn tzsp(walk: &mut Walk<'_>) -> Step {
    const VERSION: u8 = 1;
    const RECEIVED: u8 = 0;
    const TO_SEND: u8 = 1;
    const PADDING: u8 = 0;
    const END: u8 = 1;

    let [version, kind, carried0, carried1] = *walk.view.take(Layer::Tunnel)?;
    if version != VERSION || !matches!(kind, RECEIVED | TO_SEND) {
        return Ok(Next::Done);
    }
    // Each field takes at least a byte, so this ends.
    loop {
        match *walk.view.take(Layer::Tunnel)? {
            [END] => break,
            [PADDING] => {}
            [_] => {
                let [length] = *walk.view.take(Layer::Tunnel)?;
                walk.view.skip(Layer::Tunnel, usize::from(length), LengthSource::Tunnel)?;
            }
        }
    }
    Ok(match be16(carried0, carried1) {
        1 => walk.enter(Next::Ethernet),
        0x12 => walk.enter(Next::Link(crate::LinkType::IEEE802_11)),
        _ => Next::Done,
    })
}
