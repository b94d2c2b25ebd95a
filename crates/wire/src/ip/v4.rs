//! IPv4 (RFC 791).

use super::{Addr, Ip, IpProtocol, fragment};
use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource};

/// The bits of the flags-and-offset field that make a packet a fragment: MF, and the offset in units of 8 bytes.
pub(crate) const MORE_AND_OFFSET: u16 = 0x3fff;

const MORE: u16 = 0x2000;
const OFFSET: u16 = 0x1fff;
const FIXED: usize = 20;

/// Reads a header with its options. Its checksum is not looked at: a sender that leaves it to its network card has
/// not filled it in yet when it captures itself.
pub(crate) fn v4(walk: &mut Walk<'_>) -> Step {
    let head = walk.view.peek::<FIXED>(Layer::Ipv4)?;
    if head[0] >> 4 != 4 {
        return Ok(Next::Done);
    }
    let header = usize::from(head[0] & 0xf) * 4;
    if header < FIXED {
        return Err(walk.view.claim_too_short(Layer::Ipv4, FIXED, header, LengthSource::Ipv4HeaderLength));
    }
    // A total length of 0 is a large segment that the network card was still to split: the frame's counts then.
    let total = usize::from(be16(head[2], head[3]));
    if total != 0 {
        if total < header {
            return Err(walk.view.claim_too_short(Layer::Ipv4, header, total, LengthSource::Ipv4TotalLength));
        }
        walk.view.claim(total, LengthSource::Ipv4TotalLength);
    }
    walk.view.skip(Layer::Ipv4, header, LengthSource::Ipv4HeaderLength)?;

    let id = be16(head[4], head[5]);
    let flags = be16(head[6], head[7]);
    walk.ip = Ip {
        src: Addr::v4([head[12], head[13], head[14], head[15]]),
        dst: Addr::v4([head[16], head[17], head[18], head[19]]),
        ttl: head[8],
        id: Some(id),
        dont_fragment: flags & 0x4000 != 0,
        traffic_class: head[1],
    };
    let protocol = IpProtocol(head[9]);
    if flags & MORE_AND_OFFSET != 0 {
        let offset = (flags & OFFSET) << 3;
        return Ok(fragment::found(walk, protocol, u32::from(id), offset, flags & MORE != 0));
    }
    Ok(Next::Protocol(protocol))
}
