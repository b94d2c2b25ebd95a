//! Generic routing encapsulation (RFC 2784, 2890; RFC 2637 for its version 1), and ERSPAN on it.

use crate::net::{Next, Step, Walk};
use crate::view::be16;
use crate::{Layer, LengthSource};

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGMENT: u16 = 0x0080;
const VERSION: u16 = 0x0007;

/// A GRE header, and what its protocol says.
pub(crate) fn gre(walk: &mut Walk<'_>) -> Step {
    let [flags0, flags1, kind0, kind1] = *walk.view.take(Layer::Tunnel)?;
    let (flags, kind) = (be16(flags0, flags1), be16(kind0, kind1));
    let four = |which: u16| if flags & which == 0 { 0 } else { 4_usize };
    let fields = four(CHECKSUM | ROUTING).saturating_add(four(KEY)).saturating_add(four(SEQUENCE));
    match flags & VERSION {
        0 => {
            walk.view.skip(Layer::Tunnel, fields, LengthSource::Tunnel)?;
            if flags & ROUTING != 0 {
                source_route(walk)?;
            }
            payload(walk, kind, flags & SEQUENCE != 0)
        }
        1 => {
            // Only packets with a sequence number carry anything.
            let fields = fields.saturating_add(four(ACKNOWLEDGMENT));
            walk.view.skip(Layer::Tunnel, fields, LengthSource::Tunnel)?;
            Ok(if flags & SEQUENCE != 0 { walk.enter(Next::Ppp) } else { Next::Done })
        }
        _ => Ok(Next::Done),
    }
}

/// The route of RFC 1701: entries with their lengths, ended by an empty one.
fn source_route(walk: &mut Walk<'_>) -> Result<(), crate::Malformed> {
    // Each entry takes at least four bytes, so this ends.
    loop {
        let [_, _, _, length] = *walk.view.take(Layer::Tunnel)?;
        if length == 0 {
            return Ok(());
        }
        walk.view.skip(Layer::Tunnel, usize::from(length), LengthSource::Tunnel)?;
    }
}

fn payload(walk: &mut Walk<'_>, kind: u16, numbered: bool) -> Step {
    match kind {
        0x88be if !numbered => Ok(walk.enter(Next::Ethernet)),
        0x88be => erspan2(walk),
        0x22eb => erspan3(walk),
        0x883e => redirected(walk),
        _ => Ok(walk.enter(Next::EtherType(kind))),
    }
}

/// ERSPAN type II (draft-foschiano-erspan): a header of eight bytes, then Ethernet.
fn erspan2(walk: &mut Walk<'_>) -> Step {
    walk.view.skip(Layer::Tunnel, 8, LengthSource::Tunnel)?;
    Ok(walk.enter(Next::Ethernet))
}

/// ERSPAN type III: twelve bytes, and eight more where the last bit says so, then Ethernet or IP.
fn erspan3(walk: &mut Walk<'_>) -> Step {
    const PLATFORM: u16 = 1;

    let head = walk.view.take::<12>(Layer::Tunnel)?;
    let flags = be16(head[10], head[11]);
    if flags & PLATFORM != 0 {
        walk.view.skip(Layer::Tunnel, 8, LengthSource::Tunnel)?;
    }
    Ok(match flags >> 10 & 0x1f {
        0 => walk.enter(Next::Ethernet),
        2 => walk.enter(Next::Ip),
        _ => Next::Done,
    })
}

/// WCCP: version 2 puts four bytes before the packet that it redirects, version 1 none. Where the first nibble is
/// that of IPv4 it is version 1.
fn redirected(walk: &mut Walk<'_>) -> Step {
    let [first] = *walk.view.peek(Layer::Tunnel)?;
    if first >> 4 != 4 {
        walk.view.skip(Layer::Tunnel, 4, LengthSource::Tunnel)?;
    }
    Ok(walk.enter(Next::Ip))
}
