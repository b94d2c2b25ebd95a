//! Tags between the addresses of Ethernet and its type, and headers that carry Ethernet across a backbone.

use super::ethernet::type_or_length;
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource};

/// A VLAN tag (IEEE 802.1Q): the outermost is remembered.
pub(super) fn vlan(walk: &mut Walk<'_>) -> Step {
    let [control0, control1, kind0, kind1] = *walk.view.take(Layer::Tag)?;
    walk.link.vlan = walk.link.vlan.or(Some(be16(control0, control1) & 0x0fff));
    Ok(type_or_length(walk, be16(kind0, kind1)))
}

/// Cisco's virtual interface tag (IEEE 802.1BR's ancestor): four bytes, then a type.
pub(super) fn vn_tag(walk: &mut Walk<'_>) -> Step {
    let [_, _, _, _, kind0, kind1] = *walk.view.take(Layer::Tag)?;
    Ok(type_or_length(walk, be16(kind0, kind1)))
}

/// Cisco's metadata: version, length, option and security group, then a type.
pub(super) fn cisco_metadata(walk: &mut Walk<'_>) -> Step {
    let [_, _, _, _, _, _, kind0, kind1] = *walk.view.take(Layer::Tag)?;
    Ok(type_or_length(walk, be16(kind0, kind1)))
}

/// The redundancy tag (IEEE 802.1CB §7.8): two reserved bytes, a sequence number, then a type.
pub(super) fn redundancy(walk: &mut Walk<'_>) -> Step {
    let [_, _, _, _, kind0, kind1] = *walk.view.take(Layer::Tag)?;
    Ok(type_or_length(walk, be16(kind0, kind1)))
}

/// The security tag of `MACsec` (IEEE 802.1AE §9.3), where it only vouches for the frame and doesn't seal it. Of a short frame
/// it says where its data ends (§9.7): behind that stand filling and the check value.
pub(super) fn macsec(walk: &mut Walk<'_>) -> Step {
    const CHANNEL: u8 = 0x20;
    const SEALED: u8 = 0x0c;
    const SHORT: core::ops::Range<usize> = 1..48;

    let [control, length, ..] = *walk.view.take::<6>(Layer::Tag)?;
    if control & SEALED != 0 {
        return Ok(Next::Done);
    }
    if control & CHANNEL != 0 {
        walk.view.skip(Layer::Tag, 8, LengthSource::Link)?;
    }
    let length = usize::from(length & 0x3f);
    if SHORT.contains(&length) {
        walk.view.narrow(length, LengthSource::Link);
    }
    let [kind0, kind1] = *walk.view.take(Layer::Tag)?;
    Ok(type_or_length(walk, be16(kind0, kind1)))
}

/// Provider backbone bridging (IEEE 802.1ah): a service tag, then Ethernet.
pub(super) fn backbone(walk: &mut Walk<'_>) -> Step {
    walk.view.skip(Layer::Tunnel, 4, LengthSource::Link)?;
    Ok(walk.enter(Next::Ethernet))
}

/// TRILL (RFC 6325 §3): two nicknames, options, then Ethernet.
pub(super) fn trill(walk: &mut Walk<'_>) -> Step {
    let [flags0, flags1, ..] = *walk.view.take::<6>(Layer::Tunnel)?;
    let options = usize::from(be16(flags0, flags1) >> 6 & 0x1f) * 4;
    walk.view.skip(Layer::Tunnel, options, LengthSource::Tunnel)?;
    Ok(walk.enter(Next::Ethernet))
}
