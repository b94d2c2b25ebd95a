//! A TLS conversation of any records, cut into segments anywhere: it is summed up as when each side's turn comes in one piece,
//! and has as many records, bytes and alerts as a walk over the whole stream finds.
#![no_main]

use hangup_fuzz::Dice;
use hangup_session::{Conversation, Place, Summary};
use hangup_wire::tls::ContentType;
use hangup_wire::{Moment, PerSide, Side, Timestamp};
use libfuzzer_sys::fuzz_target;

/// A hello of TLS 1.2, and what makes it one of 1.3.
const CLIENT: &[u8] = b"\x03\x03________________________________\0\0\x04\x13\x01\xc0\x2f\x01\0";
const SERVER: &[u8] = b"\x03\x03________________________________\0";
const SUITES: [&[u8]; 3] = [b"\xc0\x2f\0", b"\xc0\x13\0", b"\x13\x01\0"];
const OFFERS_TLS13: &[u8] = b"\0\x09\0\x2b\0\x05\x04\x03\x04\x03\x03";
const IS_TLS13: &[u8] = b"\0\x06\0\x2b\0\x02\x03\x04";

fuzz_target!(|bytes: &[u8]| {
    let mut dice = Dice::new(bytes);
    let turns = turns(&mut dice);
    let cuts = dice.bytes(usize::MAX);
    let whole = read(&turns, |turn| vec![turn]);
    let mut next = cuts.iter().cycle().map(|&cut| usize::from(cut) + 1);
    let cut = read(&turns, |mut turn| {
        let mut segments = Vec::new();
        while let Some((segment, rest)) = next.next().and_then(|length| turn.split_at_checked(length)) {
            segments.push(segment);
            turn = rest;
        }
        segments.push(turn);
        segments
    });
    assert_eq!(whole.tls, cut.tls);
    assert_eq!((whole.protocol, whole.half_sent), (cut.protocol, cut.half_sent));
    let tls = cut.tls.expect("it begins with a hello");
    for side in Side::BOTH {
        let stream: Vec<u8> =
            turns.iter().filter(|turn| turn.0 == side).flat_map(|turn| turn.1.clone()).collect();
        let (records, missing) = walk(&stream);
        assert_eq!(tls.sides[side].records, records.len() as u64, "{side:?}");
        assert_eq!(cut.half_sent[side], missing, "{side:?}");
        assert_eq!(tls.sides[side].lost, 0, "{side:?}");
        let data = records.iter().filter(|(kind, _)| *kind == ContentType::APPLICATION_DATA.0);
        let data: u64 = data.map(|(_, length)| u64::from(*length)).sum();
        assert!(cut.talk.bytes[side] <= data, "{side:?}");
    }
});

/// The slow and obvious walk: type and length of each whole record, and how much is missing from the last.
fn walk(mut stream: &[u8]) -> (Vec<(u8, u16)>, Option<u64>) {
    let mut records = Vec::new();
    while let [kind, _, _, high, low, behind @ ..] = stream {
        let length = u16::from_be_bytes([*high, *low]);
        let Some(rest) = behind.get(usize::from(length)..) else {
            return (records, Some(u64::from(length) - behind.len() as u64));
        };
        records.push((*kind, length));
        stream = rest;
    }
    (records, (!stream.is_empty()).then(|| 5 - stream.len() as u64))
}

/// Two hellos, and any records behind them, by turns; the last one may be cut.
fn turns(dice: &mut Dice<'_>) -> Vec<(Side, Vec<u8>)> {
    let how = dice.byte();
    let suite = SUITES[usize::from(how) % SUITES.len()];
    let (offer, answer): (&[u8], &[u8]) = if how & 64 == 0 { (OFFERS_TLS13, IS_TLS13) } else { (&[], &[]) };
    let client = record(22, &message(1, &[CLIENT, offer].concat()));
    let server = record(22, &message(2, &[SERVER, suite, answer].concat()));
    let mut turns = vec![(Side::Client, client), (Side::Server, server)];
    for _ in 0..dice.byte() {
        let what = dice.byte();
        let most = if what & 8 == 0 { usize::from(dice.byte()) } else { usize::from(dice.short() & 0x3fff) };
        let mut body = dice.bytes(most.min(64)).to_vec();
        body.resize(most.max(1), 0);
        let side = if what & 4 == 0 { Side::Client } else { Side::Server };
        let record = record(20 + (what & 3), &body);
        match turns.last_mut() {
            Some((last, turn)) if *last == side => turn.extend(record),
            _ => turns.push((side, record)),
        }
    }
    if let Some((_, turn)) = turns.last_mut() {
        turn.truncate(turn.len().saturating_sub(usize::from(dice.byte())).max(1));
    }
    turns
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], &(body.len() as u16).to_be_bytes()[..], body].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

/// All at one moment: when bytes came must not matter here.
fn read<'a>(turns: &'a [(Side, Vec<u8>)], mut cut: impl FnMut(&'a [u8]) -> Vec<&'a [u8]>) -> Summary {
    let mut conversation = Conversation::default();
    let mut offset = PerSide { client: 1, server: 1 };
    for (side, turn) in turns {
        for segment in cut(turn) {
            let at = Moment::new(0, 1, Timestamp(0));
            let place = Place { at, offset: offset[*side], ack: offset[side.other()] };
            conversation.bytes(*side, segment, &place);
            offset[*side] += segment.len() as u64;
        }
    }
    conversation.end()
}
