//! IPv6 (RFC 8200) and its extension headers.

use super::{Addr, Ip, IpProtocol, fragment};
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource};

/// Reads the fixed header.
pub(crate) fn v6(walk: &mut Walk<'_>) -> Step {
    let head = walk.view.take::<40>(Layer::Ipv6)?;
    let [vcf0, vcf1, _, _, length0, length1, next, hops, addresses @ ..] = head;
    if vcf0 >> 4 != 6 {
        return Ok(Next::Done);
    }
    // 0 stands for a jumbogram (RFC 2675) or a large segment that was still to be split: the frame's counts then.
    let length = usize::from(be16(*length0, *length1));
    if length != 0 {
        walk.view.claim(length, LengthSource::Ipv6PayloadLength);
    }
    walk.ip = Ip {
        src: address(addresses),
        dst: addresses.last_chunk().copied().map(Addr).unwrap_or_default(),
        ttl: *hops,
        id: None,
        dont_fragment: true,
        traffic_class: vcf0 << 4 | vcf1 >> 4,
    };
    Ok(Next::Protocol(IpProtocol(*next)))
}

/// Reads one extension header, or an authentication header of either version; whatever else is no way to TCP.
pub(crate) fn extension(walk: &mut Walk<'_>, kind: IpProtocol) -> Step {
    match kind {
        IpProtocol::HOP_BY_HOP
        | IpProtocol::DESTINATION_OPTIONS
        | IpProtocol::MOBILITY
        | IpProtocol::HIP
        | IpProtocol::SHIM6 => {
            let [next, length] = *walk.view.peek(Layer::Ipv6)?;
            walk.view.skip(Layer::Ipv6, behind_eight(length, 8), LengthSource::Ipv6Extension)?;
            Ok(Next::Protocol(IpProtocol(next)))
        }
        IpProtocol::ROUTING => routing(walk),
        IpProtocol::AUTHENTICATION => {
            let [next, length] = *walk.view.peek(Layer::Ipv6)?;
            walk.view.skip(Layer::Ipv6, behind_eight(length, 4), LengthSource::Ipv6Extension)?;
            Ok(Next::Protocol(IpProtocol(next)))
        }
        IpProtocol::FRAGMENT => {
            let [next, _, offset0, offset1, id @ ..] = *walk.view.take::<8>(Layer::Ipv6)?;
            let field = be16(offset0, offset1);
            let (offset, more) = (field & 0xfff8, field & 1 != 0);
            let next = IpProtocol(next);
            if offset == 0 && !more {
                // An atomic fragment (RFC 6946) is whole.
                return Ok(Next::Protocol(next));
            }
            Ok(fragment::found(walk, next, u32::from_be_bytes(id), offset, more))
        }
        _ => Ok(Next::Done),
    }
}

/// A routing header: where it has hops left, the packet is not yet addressed to whom the connection is with.
fn routing(walk: &mut Walk<'_>) -> Step {
    const SOURCE_ROUTE: u8 = 0;
    const MOBILE: u8 = 2;
    const SEGMENT_ROUTING: u8 = 4;

    let [next, length, kind, left] = *walk.view.peek(Layer::Ipv6)?;
    let size = behind_eight(length, 8);
    if left > 0 && length >= 2 {
        let listed = walk.view.data().get(8..size).unwrap_or_default();
        let last = match kind {
            // RFC 8200 and RFC 6275 §6.4 list the way in order, RFC 8754 §2 in reverse.
            SOURCE_ROUTE | MOBILE => listed.last_chunk(),
            SEGMENT_ROUTING => listed.first_chunk(),
            _ => None,
        };
        if let Some(last) = last {
            walk.ip.dst = Addr(*last);
        }
    }
    walk.view.skip(Layer::Ipv6, size, LengthSource::Ipv6Extension)?;
    Ok(Next::Protocol(IpProtocol(next)))
}

/// Bytes of a header of which eight are not counted, and the others in units.
fn behind_eight(length: u8, unit: usize) -> usize {
    usize::from(length).saturating_mul(unit).saturating_add(8)
}

fn address(bytes: &[u8; 32]) -> Addr {
    bytes.first_chunk().copied().map(Addr).unwrap_or_default()
}
