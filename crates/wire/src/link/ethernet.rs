//! Ethernet, the types it announces, and IEEE 802.2.

use super::{serial, tag};
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource, ip, tunnel};

/// Below this a type field is a length (IEEE 802.3 §3.2.6).
const FIRST_TYPE: u16 = 0x0600;
const LAST_LENGTH: u16 = 1500;

/// Two addresses, and a type or a length.
pub(crate) fn ethernet(walk: &mut Walk<'_>) -> Step {
    let head = walk.view.take::<14>(Layer::Link)?;
    walk.link.source_mac = Some([head[6], head[7], head[8], head[9], head[10], head[11]]);
    Ok(type_or_length(walk, be16(head[12], head[13])))
}

/// What a field announces that is a type, or a length with IEEE 802.2 behind it.
pub(super) fn type_or_length(walk: &mut Walk<'_>, field: u16) -> Next {
    if field >= FIRST_TYPE {
        return Next::EtherType(field);
    }
    if field > LAST_LENGTH {
        return Next::Done;
    }
    walk.view.narrow(usize::from(field), LengthSource::Link);
    Next::Llc
}

/// What an `EtherType` announces (IANA's registry "IEEE 802 Numbers").
pub(crate) fn ether_type(walk: &mut Walk<'_>, kind: u16) -> Step {
    match kind {
        0x0800 => ip::v4(walk),
        0x86dd => ip::v6(walk),
        0x8100 | 0x88a8 | 0x9100 => tag::vlan(walk),
        0x8926 => tag::vn_tag(walk),
        0x8909 => tag::cisco_metadata(walk),
        0xf1c1 => tag::redundancy(walk),
        0x88e5 => tag::macsec(walk),
        0x88e7 => tag::backbone(walk),
        0x22f3 => tag::trill(walk),
        0x894f => tunnel::service_header(walk),
        0x8847 | 0x8848 => tunnel::mpls(walk),
        0x8864 => serial::pppoe(walk),
        0x880b => Ok(Next::Ppp),
        0x6558 => Ok(Next::Ethernet),
        _ => Ok(Next::Done),
    }
}

/// Whether [`ether_type`] leads anywhere: a hint that what looks like a type is one.
pub(crate) const fn is_decodable(kind: u16) -> bool {
    matches!(kind, 0x0800 | 0x86dd | 0x0806 | 0x8100 | 0x88a8 | 0x9100 | 0x8847 | 0x8848 | 0x8864 | 0x8863)
}

/// IEEE 802.2, and the sub-network access protocol on it (RFC 1042).
pub(crate) fn llc(walk: &mut Walk<'_>) -> Step {
    const SNAP: [u8; 3] = [0xaa, 0xaa, 3];
    const IP: u8 = 6;
    const NETWORK_LAYER: [u8; 3] = [0xfe, 0xfe, 3];
    const ETHERNET: [u8; 3] = [0, 0, 0];
    const TUNNELED: [u8; 3] = [0, 0, 0xf8];
    const BRIDGED: [u8; 3] = [0, 0x80, 0xc2];

    let access = *walk.view.take::<3>(Layer::Link)?;
    match access {
        SNAP => {
            let [a, b, c, kind0, kind1] = *walk.view.take::<5>(Layer::Link)?;
            match ([a, b, c], be16(kind0, kind1)) {
                (ETHERNET | TUNNELED, kind) => Ok(Next::EtherType(kind)),
                // RFC 2684 §5.2: Ethernet, with (1) and without (7) its check sequence, behind two bytes of padding
                // on ATM and none on Frame Relay; ATM is where it is met.
                (BRIDGED, 1 | 7) => {
                    walk.view.skip(Layer::Link, 2, LengthSource::Link)?;
                    Ok(walk.enter(Next::Ethernet))
                }
                _ => Ok(Next::Done),
            }
        }
        NETWORK_LAYER => serial::network_layer_id(walk),
        [IP, IP, 3] => Ok(Next::Ip),
        _ => Ok(Next::Done),
    }
}
