//! IEEE 802.11, and the radio headers that capturing systems put before it.

use super::{LinkType, named};
use crate::net::{Next, Step, Walk};
use crate::{Layer, LengthSource};

/// Whether the header is padded to a multiple of four bytes, as some radios do in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// It is not.
    None,
    /// It is.
    Four,
}

/// A data frame that is not sealed, and holds one packet; all else holds nothing.
pub(super) fn frame(walk: &mut Walk<'_>, padding: Padding) -> Step {
    const VERSION: u8 = 0x03;
    const TYPE: u8 = 0x0c;
    const DATA: u8 = 0x08;
    const NO_DATA: u8 = 0x40;
    const QOS: u8 = 0x80;
    const TO_SYSTEM: u8 = 0x01;
    const FROM_SYSTEM: u8 = 0x02;
    const SEALED: u8 = 0x40;
    const ORDER: u8 = 0x80;
    const SEVERAL: u8 = 0x80;

    let [control, flags] = *walk.view.peek(Layer::Wlan)?;
    if control & (VERSION | TYPE) != DATA || control & NO_DATA != 0 || flags & SEALED != 0 {
        return Ok(Next::Done);
    }
    let head = *walk.view.take::<24>(Layer::Wlan)?;
    // 24 bytes, and all that may be added is even: only this much lacks to a multiple of four.
    let mut odd = 0;
    let four_addresses = flags & (TO_SYSTEM | FROM_SYSTEM) == TO_SYSTEM | FROM_SYSTEM;
    // IEEE 802.11 §9.3.2.1: where the source stands depends on the direction.
    walk.link.source_mac = if four_addresses {
        odd ^= 2;
        Some(*walk.view.take::<6>(Layer::Wlan)?)
    } else if flags & FROM_SYSTEM != 0 {
        Some([head[16], head[17], head[18], head[19], head[20], head[21]])
    } else {
        Some([head[10], head[11], head[12], head[13], head[14], head[15]])
    };
    if control & QOS != 0 {
        odd ^= 2;
        let [quality, _] = *walk.view.take(Layer::Wlan)?;
        if quality & SEVERAL != 0 {
            return Ok(Next::Done);
        }
        if flags & ORDER != 0 {
            walk.view.skip(Layer::Wlan, 4, LengthSource::Link)?;
        }
    }
    if padding == Padding::Four {
        walk.view.skip(Layer::Wlan, odd, LengthSource::Link)?;
    }
    Ok(Next::Llc)
}

/// Radiotap (radiotap.org): little-endian length, and a map of fields, of which the flags matter.
pub(super) fn radiotap(walk: &mut Walk<'_>) -> Step {
    const FIXED: usize = 8;

    let [_, _, length0, length1, ..] = *walk.view.peek::<8>(Layer::Wlan)?;
    let length = usize::from(u16::from_le_bytes([length0, length1]));
    if length < FIXED {
        return Err(walk.view.claim_too_short(Layer::Wlan, FIXED, length, LengthSource::Link));
    }
    let header = walk.view.data().get(..length).unwrap_or_default();
    let padding = radiotap_padding(header).unwrap_or(Padding::None);
    walk.view.skip(Layer::Wlan, length, LengthSource::Link)?;
    frame(walk, padding)
}

fn radiotap_padding(header: &[u8]) -> Option<Padding> {
    const CLOCK: u32 = 1;
    const FLAGS: u32 = 2;
    const MORE: u32 = 1 << 31;
    const PADDED: u8 = 0x20;

    let word = |at: usize| header.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    let present = word(4)?;
    if present & FLAGS == 0 {
        return None;
    }
    let mut at = 8;
    let mut map = present;
    while map & MORE != 0 {
        map = word(at)?;
        at = at.saturating_add(4);
    }
    if present & CLOCK != 0 {
        at = at.checked_next_multiple_of(8)?.saturating_add(8);
    }
    (header.get(at)? & PADDED != 0).then_some(Padding::Four)
}

/// The Prism header: 144 bytes, unless it is an AVS header in its place.
pub(super) fn prism(walk: &mut Walk<'_>) -> Step {
    const AVS: [u8; 3] = [0x80, 0x21, 0x10];

    let [a, b, c, _] = *walk.view.peek(Layer::Wlan)?;
    if [a, b, c] == AVS {
        return avs(walk);
    }
    walk.view.skip(Layer::Wlan, 144, LengthSource::Link)?;
    frame(walk, Padding::None)
}

/// The AVS header: a version, then its length in network byte order.
pub(super) fn avs(walk: &mut Walk<'_>) -> Step {
    const FIXED: usize = 8;

    let [_, _, _, _, length0, length1, length2, length3] = *walk.view.peek(Layer::Wlan)?;
    let length =
        usize::try_from(u32::from_be_bytes([length0, length1, length2, length3])).unwrap_or(usize::MAX);
    if length < FIXED {
        return Err(walk.view.claim_too_short(Layer::Wlan, FIXED, length, LengthSource::Link));
    }
    walk.view.skip(Layer::Wlan, length, LengthSource::Link)?;
    frame(walk, Padding::None)
}

/// Per-packet information: little-endian length, then the link type of the packet behind it.
pub(super) fn ppi(walk: &mut Walk<'_>) -> Step {
    const FIXED: usize = 8;

    let [_, _, length0, length1, type0, type1, type2, type3] = *walk.view.peek(Layer::Link)?;
    let length = usize::from(u16::from_le_bytes([length0, length1]));
    if length < FIXED {
        return Err(walk.view.claim_too_short(Layer::Link, FIXED, length, LengthSource::Link));
    }
    walk.view.skip(Layer::Link, length, LengthSource::Link)?;
    let inner = u16::try_from(u32::from_le_bytes([type0, type1, type2, type3]));
    Ok(inner.map_or(Next::Done, |inner| named(LinkType(inner))))
}
