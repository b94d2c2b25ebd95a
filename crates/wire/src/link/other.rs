//! Links that few captures have.

use super::LinkType;
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource};

/// Ethernet with its preamble (IEEE 802.3br §99): up to seven bytes 0x55, then what kind of frame starts. Only
/// express frames are whole.
pub(super) fn mpacket(walk: &mut Walk<'_>) -> Step {
    const PREAMBLE: u8 = 0x55;
    const EXPRESS: u8 = 0xd5;

    for _ in 0..8 {
        match walk.view.take(Layer::Link)? {
            [EXPRESS] => return Ok(Next::Ethernet),
            [PREAMBLE] => {}
            _ => return Ok(Next::Done),
        }
    }
    Ok(Next::Done)
}

/// Hilscher's analysers: four bytes, then Ethernet, with or without its preamble.
pub(super) fn netanalyzer(walk: &mut Walk<'_>, preamble: bool) -> Step {
    walk.view.skip(Layer::Link, if preamble { 12 } else { 4 }, LengthSource::Link)?;
    Ok(Next::Ethernet)
}

/// Endace's records: a header, extension headers while each announces another, then the packet. Their record
/// length counts what was kept, not what was sent, and is of no use.
pub(super) fn erf(walk: &mut Walk<'_>) -> Step {
    const MORE: u8 = 0x80;

    let head = walk.view.take::<16>(Layer::Link)?;
    let kind = head[8] & !MORE;
    let mut more = head[8] & MORE != 0;
    while more {
        // Each takes eight bytes, so this ends.
        let [flags, ..] = *walk.view.take::<8>(Layer::Link)?;
        more = flags & MORE != 0;
    }
    match kind {
        // Ethernet of various origin, behind two bytes of offset and padding.
        2 | 11 | 16 | 20 => {
            walk.view.skip(Layer::Link, 2, LengthSource::Link)?;
            Ok(Next::Ethernet)
        }
        22 | 23 => Ok(Next::Ip),
        1 => Ok(Next::Link(LinkType::PPP_HDLC)),
        _ => Ok(Next::Done),
    }
}

/// IP over `InfiniBand`: a pseudo-header of 40 bytes, then a type and two reserved bytes (RFC 4391 §6).
pub(super) fn ipoib(walk: &mut Walk<'_>) -> Step {
    walk.view.skip(Layer::Link, 40, LengthSource::Link)?;
    let [kind0, kind1, _, _] = *walk.view.take(Layer::Link)?;
    Ok(Next::EtherType(be16(kind0, kind1)))
}

/// IP over Fibre Channel (RFC 2625 §3): two network addresses of eight bytes, then IEEE 802.2.
pub(super) fn fibre_channel(walk: &mut Walk<'_>) -> Step {
    walk.view.skip(Layer::Link, 16, LengthSource::Link)?;
    Ok(Next::Llc)
}

/// `SunATM`: direction and kind of traffic, virtual path and channel, then the packet.
pub(super) fn sun_atm(walk: &mut Walk<'_>) -> Step {
    const KIND: u8 = 0x0f;
    const LAN_EMULATION: u8 = 1;
    const LLC: u8 = 2;

    let [flags, _, _, _] = *walk.view.take(Layer::Link)?;
    match flags & KIND {
        LLC => Ok(Next::Llc),
        LAN_EMULATION => {
            walk.view.skip(Layer::Link, 2, LengthSource::Link)?;
            Ok(Next::Ethernet)
        }
        _ => Ok(Next::Done),
    }
}
