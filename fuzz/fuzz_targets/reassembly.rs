//! Any segments of one connection, in any order, overlapping, cut by the capture: what the reader is given agrees after each of
//! them with a map that has an entry for every number of the stream.
#![no_main]

use hangup_fuzz::Dice;
use hangup_track::{Connection, Content, Limits, Place, Table};
use hangup_wire::{Addr, Flags, Ip, LinkFacts, Moment, PerSide, Segment, Seq, Side, TcpOptions, Timestamp};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

/// What a reader was given, number by number: a byte, or none where it is not in the capture.
type Stream = Vec<Option<u8>>;

#[derive(Clone, Debug, Default)]
struct Given(PerSide<Stream>);

impl Content for Given {
    fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
        assert_eq!(place.offset, self.0[side].len() as u64 + 1);
        self.0[side].extend(bytes.iter().map(|&byte| Some(byte)));
    }

    fn gap(&mut self, side: Side, missing: u64, place: &Place) {
        assert_eq!(place.offset, self.0[side].len() as u64 + 1);
        self.0[side].extend((0..missing).map(|_| None));
    }
}

/// The slow and obvious way. What is next in order is taken as it comes; of what has to wait, the first copy stays; what is
/// missing in front of it is given up when the other side acknowledges what comes behind, or nothing more can come.
#[derive(Debug, Default)]
struct Model {
    /// All that came, by its offset. The first byte of a stream is 1.
    seen: BTreeMap<u64, Option<u8>>,
    given: Stream,
    acked: u64,
}

impl Model {
    fn next(&self) -> u64 {
        self.given.len() as u64 + 1
    }

    fn data(&mut self, start: u64, bytes: &[Option<u8>]) {
        let next = self.next();
        // What was read, or given up, comes too late.
        for (offset, &byte) in (start..).zip(bytes).filter(|(offset, _)| *offset >= next) {
            if start <= next {
                self.seen.insert(offset, byte);
            } else {
                self.seen.entry(offset).or_insert(byte);
            }
        }
        self.go_on();
    }

    fn go_on(&mut self) {
        while let Some(&byte) = self.seen.get(&self.next()) {
            self.given.push(byte);
        }
    }

    fn waits_at(&self) -> Option<u64> {
        self.seen.range(self.next()..).next().map(|(&offset, _)| offset)
    }

    fn acknowledged(&mut self, ack: u64) {
        self.acked = self.acked.max(ack);
        while let Some(waits) = self.waits_at().filter(|&waits| waits <= self.acked) {
            self.skip_to(waits);
        }
    }

    fn skip_to(&mut self, offset: u64) {
        while self.next() < offset {
            self.given.push(None);
        }
        self.go_on();
    }

    /// Nothing more comes.
    fn end(&mut self) {
        while let Some(waits) = self.waits_at() {
            self.skip_to(waits);
        }
        self.skip_to(self.acked);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut dice = Dice::new(bytes);
    // Numbers wrap within the stream.
    let base = PerSide { client: dice.long(), server: u32::MAX - u32::from(dice.byte()) };
    let mut capture = Capture { table: Table::new(Limits::default(), 0), base, frame: 0 };
    capture.send(Side::Client, Flags::SYN, (0, 0), &[], 0);
    capture.send(Side::Server, Flags::SYN.with(Flags::ACK), (0, 1), &[], 0);
    capture.send(Side::Client, Flags::ACK, (1, 1), &[], 0);
    let mut models = PerSide { client: Model::default(), server: Model::default() };
    let mut compared = PerSide { client: 0, server: 0 };
    while !dice.is_empty() {
        let what = dice.byte();
        let side = if what & 1 == 0 { Side::Client } else { Side::Server };
        let cut = if what & 2 == 0 { 0 } else { u32::from(dice.byte()) };
        // Mostly in order, else behind a hole or before it.
        let next = models[side].next();
        let offset =
            if what & 4 == 0 { next } else { (next + u64::from(dice.byte())).saturating_sub(64).max(1) };
        let ack = match what >> 3 & 3 {
            0 => 1,
            1 => models[side.other()].next(),
            _ => models[side.other()].next() + u64::from(dice.byte()),
        };
        let most = usize::from(what >> 5) * 5;
        let payload = dice.bytes(most);
        if payload.len() + cut as usize == 1 {
            // It may be a probe, which is no data.
            continue;
        }
        models[side.other()].acknowledged(ack);
        let mut data: Stream = payload.iter().map(|&byte| Some(byte)).collect();
        data.extend((0..cut).map(|_| None));
        models[side].data(offset, &data);
        let given = capture.send(side, Flags::ACK, (offset, ack), payload, cut);
        for side in Side::BOTH {
            // A reader's stream only grows: what was the same before still is.
            let (given, expected) = (&given.0[side], &models[side].given);
            assert_eq!(given.len(), expected.len(), "{side:?}");
            assert_eq!(given[compared[side]..], expected[compared[side]..], "{side:?}");
            compared[side] = given.len();
        }
    }
    capture.table.conclude(&mut |connection| finished(&connection, &mut models));
});

/// One connection in the making.
struct Capture {
    table: Table<Given>,
    base: PerSide<u32>,
    frame: u64,
}

impl Capture {
    /// Sends a segment with these offsets as its numbers; gives what its reader has by then.
    fn send(&mut self, side: Side, flags: Flags, at: (u64, u64), payload: &[u8], cut: u32) -> &Given {
        self.frame += 1;
        let moment = Moment::new(0, self.frame, Timestamp(0));
        let segment = segment(side, flags, &self.base, at, payload, cut);
        let ended = &mut |_: Connection<Given>| panic!("it has not ended");
        let seen = self.table.segment(&segment, moment, ended).expect("there is room");
        &self.table.connection(seen.place).expect("it was just there").content
    }
}

fn finished(connection: &Connection<Given>, models: &mut PerSide<Model>) {
    for side in Side::BOTH {
        let (half, model) = (connection.half(side), &mut models[side]);
        if connection.fin_unseen(side).is_some() {
            // What was acknowledged last was no byte, but the end.
            model.acked -= 1;
        }
        model.end();
        assert_eq!(connection.content.0[side], model.given, "{side:?} in the end");
        assert_eq!(half.bytes(), model.seen.len() as u64, "every byte is counted once");
    }
}

fn segment<'a>(
    side: Side,
    flags: Flags,
    base: &PerSide<u32>,
    (offset, ack): (u64, u64),
    payload: &'a [u8],
    cut: u32,
) -> Segment<'a> {
    let ends = PerSide { client: (Addr::v4([10, 0, 0, 1]), 50_000), server: (Addr::v4([10, 0, 0, 2]), 443) };
    let ((src, src_port), (dst, dst_port)) = (ends[side], ends[side.other()]);
    Segment {
        ip: Ip { src, dst, ttl: 64, ..Ip::default() },
        src_port,
        dst_port,
        seq: Seq(base[side].wrapping_add(offset as u32)),
        ack: Seq(base[side.other()].wrapping_add(ack as u32)),
        flags,
        window: 1000,
        checksum: 0,
        urgent: 0,
        options: TcpOptions::new(&[]),
        payload,
        length: payload.len() as u32 + cut,
        link: LinkFacts::default(),
    }
}
