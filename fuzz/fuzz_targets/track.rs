//! Any segments of a handful of connections, in any order: every connection is finished exactly once, and its
//! bytes come in order, each of them once.
#![no_main]

use hangup_fuzz::Dice;
use hangup_track::{Connection, Content, Endpoint, Limits, Place, Report, Table};
use hangup_wire::{Addr, Flags, Ip, LinkFacts, Moment, PerSide, Segment, Seq, Side, TcpOptions, Timestamp};
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;

/// Holds a connection's bytes to their order.
#[derive(Debug, Default)]
struct Ordered {
    next: PerSide<Option<u64>>,
}

impl Content for Ordered {
    fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
        self.step(side, bytes.len() as u64, place);
    }

    fn gap(&mut self, side: Side, missing: u64, place: &Place) {
        self.step(side, missing, place);
    }
}

impl Ordered {
    fn step(&mut self, side: Side, length: u64, place: &Place) {
        if let Some(next) = self.next[side] {
            assert_eq!(place.offset, next, "{side:?}");
        }
        self.next[side] = Some(place.offset + length);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut dice = Dice::new(bytes);
    let limits =
        Limits { open: 3, closing: 2, linger: 2_000_000_000, waiting_bytes: 4096, content_bytes: 64 };
    let mut table = Table::<Ordered>::new(limits, 0);
    let mut finished = HashSet::new();
    let mut done = |connection: Connection<Ordered>| {
        assert!(finished.insert(connection.id), "finished twice");
        connection.acts().for_each(drop);
        for side in [Side::Client, Side::Server] {
            let half = connection.half(side);
            let _ =
                (half.bytes(), half.sent(), half.acked(), half.oddities(), half.pending(true), half.last());
        }
        let _ = (connection.rtt(), connection.history().letters(), connection.roles());
    };
    let (mut time, mut frame) = (0_i64, 0);
    while !dice.is_empty() {
        let what = dice.byte();
        frame += 1;
        time += i64::from(what >> 4) * 100_000_000;
        let at = Moment::new(0, frame, Timestamp(time));
        let one = Endpoint { address: Addr::v4([10, 0, 0, 1]), port: 1024 + u16::from(what & 3) };
        let other = Endpoint { address: Addr::v4([10, 0, 0, 2]), port: 443 };
        let (from, to) = if what & 4 == 0 { (one, other) } else { (other, one) };
        let kind = dice.byte();
        let (seq, ack) = (Seq(number(&mut dice)), Seq(number(&mut dice)));
        if what & 8 != 0 && kind & 0xc0 == 0xc0 {
            let report =
                Report { reporter: to.address, v6: false, kind: 3, code: kind & 15, mtu: 0, seq: Some(seq) };
            table.icmp(from, to, &report, at, &mut done);
            continue;
        }
        let kept = dice.bytes(usize::from(dice.clone().byte()));
        let segment = Segment {
            ip: Ip { src: from.address, dst: to.address, ttl: 64, ..Ip::default() },
            src_port: from.port,
            dst_port: to.port,
            seq,
            ack,
            flags: Flags(u16::from(kind & 0x3f)),
            window: u16::from(kind >> 6) * 500,
            checksum: seq.0 as u16,
            urgent: 0,
            options: TcpOptions::new(&[]),
            payload: kept,
            length: kept.len() as u32 + u32::from(what & 8 != 0) * 100,
            link: LinkFacts::default(),
        };
        if let Some(seen) = table.segment(&segment, at, &mut done) {
            assert!(table.connection(seen.place).is_some_and(|connection| connection.id == seen.id));
        }
    }
    table.conclude(&mut done);
    assert_eq!(finished.len() as u64, table.count());
});

/// A sequence number: near the wrap or anywhere.
fn number(dice: &mut Dice<'_>) -> u32 {
    let how = dice.byte();
    if how & 0x80 == 0 { 0xffff_ff80_u32.wrapping_add(u32::from(how) * 4) } else { dice.long() }
}
