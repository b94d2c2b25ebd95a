//! MPLS (RFC 3032), which does not say what it carries.

use crate::link;
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource};

/// The `EtherType` of MPLS (RFC 3032 §5).
pub(crate) const MPLS_UNICAST: u16 = 0x8847;

/// Labels down to the bottom of the stack, then a guess at what lies below.
pub(crate) fn mpls(walk: &mut Walk<'_>) -> Step {
    const BOTTOM: u8 = 1;
    const IPV4_EXPLICIT_NULL: u32 = 0;
    const IPV6_EXPLICIT_NULL: u32 = 2;
    const GENERIC_CHANNEL: u32 = 13;

    // Each label takes four bytes, so this ends.
    let bottom = loop {
        let label = *walk.view.take::<4>(Layer::Mpls)?;
        if label[2] & BOTTOM != 0 {
            break u32::from_be_bytes(label) >> 12;
        }
    };
    match bottom {
        IPV4_EXPLICIT_NULL | IPV6_EXPLICIT_NULL => Ok(Next::Ip),
        GENERIC_CHANNEL => Ok(Next::Done),
        _ => below(walk),
    }
}

/// IP if it looks like it; else Ethernet on a pseudowire, whose control word, where there is one, starts with a
/// nibble 0 (RFC 4385 §3).
fn below(walk: &mut Walk<'_>) -> Step {
    const CONTROL_WORD: usize = 4;

    let data = walk.view.data();
    let [first] = *walk.view.peek(Layer::Mpls)?;
    match first >> 4 {
        4 if first & 0xf >= 5 && !is_ethernet(data) => Ok(Next::Ip),
        4 if ipv4_fits(data, walk.view.length()) => Ok(Next::Ip),
        6 if !is_ethernet(data) || ipv6_fits(data, walk.view.length()) => Ok(Next::Ip),
        // An address that begins with 0 is far commoner than a frame that fits both ways.
        0 if data.get(CONTROL_WORD..).is_some_and(is_ethernet) => {
            walk.view.skip(Layer::Mpls, CONTROL_WORD, LengthSource::Tunnel)?;
            Ok(walk.enter(Next::Ethernet))
        }
        _ if is_ethernet(data) => Ok(walk.enter(Next::Ethernet)),
        _ => Ok(Next::Done),
    }
}

/// Whether a type that leads somewhere stands where Ethernet has its type, or IEEE 802.2 behind a length.
fn is_ethernet(data: &[u8]) -> bool {
    let Some([_, _, _, _, _, _, _, _, _, _, _, _, kind0, kind1, sap @ ..]) = data.first_chunk::<17>() else {
        return false;
    };
    let kind = be16(*kind0, *kind1);
    link::is_decodable(kind) || (kind <= 1500 && *sap == [0xaa, 0xaa, 3])
}

fn ipv4_fits(data: &[u8], length: usize) -> bool {
    data.first_chunk().is_some_and(|&[_, _, total0, total1]| {
        let total = usize::from(be16(total0, total1));
        (20..=length).contains(&total)
    })
}

fn ipv6_fits(data: &[u8], length: usize) -> bool {
    data.first_chunk()
        .is_some_and(|&[_, _, _, _, payload0, payload1]| 40 + usize::from(be16(payload0, payload1)) <= length)
}
