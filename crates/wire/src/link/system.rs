//! Headers that the capturing system writes in place of, or before, the link's own.

use super::{LinkType, named};
use crate::ip;
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource};

/// Linux cooked capture, version 1.
pub(super) fn cooked(walk: &mut Walk<'_>) -> Step {
    let [_, _, device0, device1, _, length, mac @ .., _, _, protocol0, protocol1] =
        *walk.view.take::<16>(Layer::Link)?;
    Ok(cooked_packet(walk, be16(device0, device1), length, mac, be16(protocol0, protocol1)))
}

/// Linux cooked capture, version 2.
pub(super) fn cooked2(walk: &mut Walk<'_>) -> Step {
    let [protocol0, protocol1, _, _, _, _, _, _, device0, device1, _, length, mac @ .., _, _] =
        *walk.view.take::<20>(Layer::Link)?;
    Ok(cooked_packet(walk, be16(device0, device1), length, mac, be16(protocol0, protocol1)))
}

fn cooked_packet(walk: &mut Walk<'_>, device: u16, length: u8, mac: [u8; 6], protocol: u16) -> Next {
    const WLAN: u16 = 801;
    const RADIOTAP: u16 = 803;
    const NETLINK: u16 = 824;
    // Numbers that Linux uses in place of an `EtherType`.
    const IEEE802_2: u16 = 0x0004;
    const PPP_IN_HDLC: u16 = 0x0007;

    if length == 6 {
        walk.link.source_mac = Some(mac);
    }
    match device {
        NETLINK => Next::Done,
        WLAN if protocol <= IEEE802_2 => Next::Link(LinkType::IEEE802_11),
        RADIOTAP if protocol <= IEEE802_2 => Next::Link(LinkType::IEEE802_11_RADIOTAP),
        _ => match protocol {
            IEEE802_2 => Next::Llc,
            PPP_IN_HDLC => Next::Ppp,
            kind => Next::EtherType(kind),
        },
    }
}

/// An address family in either byte order, or what stands in its place: an `EtherType`, or PPP.
pub(super) fn loopback(walk: &mut Walk<'_>) -> Step {
    let bytes = *walk.view.peek::<4>(Layer::Link)?;
    if let [0xff, 3, ..] = bytes {
        return Ok(Next::Ppp);
    }
    walk.view.skip(Layer::Link, 4, LengthSource::Link)?;
    let native = u32::from_be_bytes(bytes);
    // The family is a small number: with bits in the upper half it must be the other way round.
    let family = if native >> 16 == 0 { native } else { native.swap_bytes() };
    Ok(match family {
        2 | 10 | 24 | 28 | 30 => Next::Ip,
        _ => u16::try_from(family).ok().filter(|&kind| kind >= 0x0600).map_or(Next::Done, Next::EtherType),
    })
}

/// Linux netfilter's log: attributes, of which one is the packet. They are in the byte order of the machine that
/// captured, which nothing tells: the order is taken in which the first attribute has a small type.
pub(super) fn nflog(walk: &mut Walk<'_>) -> Step {
    const HARDWARE_ADDRESS: u16 = 8;
    const PAYLOAD: u16 = 9;
    /// Attributes of the kernel, with room to grow.
    const MAX_TYPE: u16 = 0xff;

    let [_, version, _, _] = *walk.view.take(Layer::Link)?;
    if version != 0 {
        return Ok(Next::Done);
    }
    let [_, _, kind0, kind1] = *walk.view.peek(Layer::Link)?;
    let read = if be16(kind0, kind1) <= MAX_TYPE { u16::from_be_bytes } else { u16::from_le_bytes };
    // Each attribute takes at least four bytes, so this ends.
    loop {
        let [length0, length1, kind0, kind1] = *walk.view.peek(Layer::Link)?;
        let length = usize::from(read([length0, length1]));
        let Some(inside) = length.checked_sub(4) else {
            return Err(walk.view.claim_too_short(Layer::Link, 4, length, LengthSource::Link));
        };
        match read([kind0, kind1]) {
            PAYLOAD => {
                walk.view.skip(Layer::Link, 4, LengthSource::Link)?;
                walk.view.narrow(inside, LengthSource::Link);
                // The family may be the bridge's, whatever it carries.
                return Ok(Next::Ip);
            }
            HARDWARE_ADDRESS => {
                if let Ok([_, _, _, _, 0, 6, _, _, mac @ ..]) = walk.view.peek::<14>(Layer::Link) {
                    walk.link.source_mac = Some(*mac);
                }
            }
            _ => {}
        }
        walk.view.skip(Layer::Link, length.next_multiple_of(4), LengthSource::Link)?;
    }
}

/// The log of BSD's packet filter: a header that says its own length, then IP.
pub(super) fn pflog(walk: &mut Walk<'_>) -> Step {
    let [length] = *walk.view.peek(Layer::Link)?;
    walk.view.skip(Layer::Link, usize::from(length).next_multiple_of(4), LengthSource::Link)?;
    Ok(Next::Ip)
}

/// `OpenBSD`'s `IPsec` interface: family, security parameter index and flags, then IP.
pub(super) fn enc(walk: &mut Walk<'_>) -> Step {
    walk.view.skip(Layer::Link, 12, LengthSource::Link)?;
    Ok(Next::Ip)
}

/// Solaris IPNET: 24 bytes, then IP.
pub(super) fn ipnet(walk: &mut Walk<'_>) -> Step {
    walk.view.skip(Layer::Link, 24, LengthSource::Link)?;
    ip::ip(walk)
}

/// Apple's header, little-endian: its length, what kind of record it is, and the link type of the packet behind it.
pub(super) fn pktap(walk: &mut Walk<'_>) -> Step {
    const PACKET: u32 = 1;
    const FIXED: usize = 108;

    let [l0, l1, l2, l3, k0, k1, k2, k3, t0, t1, t2, t3] = *walk.view.peek(Layer::Link)?;
    let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
    if length < FIXED {
        return Err(walk.view.claim_too_short(Layer::Link, FIXED, length, LengthSource::Link));
    }
    walk.view.skip(Layer::Link, length, LengthSource::Link)?;
    let inner = u16::try_from(u32::from_le_bytes([t0, t1, t2, t3])).map(LinkType);
    match inner {
        Ok(inner) if u32::from_le_bytes([k0, k1, k2, k3]) == PACKET => Ok(named(inner)),
        _ => Ok(Next::Done),
    }
}
