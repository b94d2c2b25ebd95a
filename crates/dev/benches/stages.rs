//! Throughput of each stage of a packet's way, and of the whole of it, over the same load in memory.
//!
//! `cargo bench -p hangup-dev` prints packets a second, and connections a second for the judge. Each stage alone gets what the stage before it
//! would give it, made beforehand. The whole is more than the sum of them: it also makes facts, keeps them, and shares the caches.

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use hangup_capture::{ByteOrder, Input, Packet, Reader, pcapng};
use hangup_dev::{Load, Story};
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Glance, Options, Sink};
use hangup_session::{Conversation, Place};
use hangup_track::{Content, Limits, Table};
use hangup_verdict::{
    Act, ActKind, Baselines, Endpoint, Facts, Group, Handshake, RolesFrom, RstAct, decide, judge,
};
use hangup_wire::{Found, LinkType, Moment, Segment, Side, Timestamp, decode};
use std::hint::black_box;
use std::io;
use std::time::Duration;

criterion_group! {
    name = stages;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    targets = capture, wire, track, session, verdict, engine
}
criterion_main!(stages);

/// Megabytes (10^6 bytes) of the load, and connections open at a time: more than the caches hold.
const BYTES: u64 = 16_000_000;
const OPEN: u32 = 1_000;
/// Connections that the judge is given.
const ENDINGS: u64 = 1_000;

/// The load as a pcap file, and how many packets it has.
fn load() -> (Vec<u8>, u64) {
    let story = Story::parse(include_str!("../loads/small.md")).unwrap();
    let mut bytes = Vec::new();
    let load = Load { open: OPEN, bytes: BYTES, cut: false, seed: 0 };
    let made = load.write(&story.play().unwrap(), &mut bytes).unwrap();
    (bytes, made.packets)
}

fn reader(bytes: Vec<u8>) -> Reader {
    Reader::from_bytes("load", bytes).unwrap()
}

/// A packet's place and its bytes, out of the capture.
type Kept = (Moment, LinkType, u32, Vec<u8>);

fn packets() -> Vec<Kept> {
    let mut reader = reader(load().0);
    let keep = |packet: Packet<'_>| {
        let at = Moment::new(packet.capture, packet.number, packet.time);
        (at, packet.link, packet.original_length, packet.data.to_vec())
    };
    let mut kept = Vec::new();
    while let Some(packet) = reader.next() {
        kept.push(keep(packet));
    }
    kept
}

fn segments(packets: &[Kept]) -> Vec<(Moment, Segment<'_>)> {
    let mut segments = Vec::new();
    for (at, link, length, data) in packets {
        match decode(*link, data, *length) {
            Found::Tcp(segment) => segments.push((*at, segment)),
            other => panic!("a load has TCP only: {other:?}"),
        }
    }
    segments
}

fn capture(criterion: &mut Criterion) {
    let (pcap, packets) = load();
    let mut group = criterion.benchmark_group("capture");
    group.throughput(Throughput::Elements(packets));
    for (name, bytes) in [("pcap", pcap.clone()), ("pcapng", as_pcapng(pcap))] {
        group.bench_function(name, |bencher| {
            let walk = |mut reader: Reader| {
                let mut length = 0;
                while let Some(batch) = reader.batch() {
                    length += batch.packets().map(|packet| packet.data.len()).sum::<usize>();
                }
                (length, reader)
            };
            bencher.iter_batched(|| reader(bytes.clone()), walk, BatchSize::LargeInput);
        });
    }
    group.finish();
}

fn as_pcapng(pcap: Vec<u8>) -> Vec<u8> {
    let mut writer = pcapng::Writer::new(Vec::new(), ByteOrder::Little).unwrap();
    let interface = writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
    let mut reader = reader(pcap);
    while let Some(packet) = reader.next() {
        writer.packet(interface, packet.time, packet.original_length, packet.data, None).unwrap();
    }
    writer.into_inner()
}

fn wire(criterion: &mut Criterion) {
    let packets = packets();
    let mut group = criterion.benchmark_group("wire");
    group.throughput(Throughput::Elements(packets.len() as u64));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            for (_, link, length, data) in &packets {
                black_box(decode(*link, black_box(data), *length));
            }
        });
    });
    group.finish();
}

fn track(criterion: &mut Criterion) {
    let packets = packets();
    let segments = segments(&packets);
    let mut group = criterion.benchmark_group("track");
    group.throughput(Throughput::Elements(segments.len() as u64));
    group.bench_function("table", |bencher| bencher.iter(|| follow::<()>(&segments, &mut |_| ())));
    group.finish();
}

/// Follows all segments to their connections' ends.
fn follow<C: Content>(
    segments: &[(Moment, Segment<'_>)],
    finished: &mut dyn FnMut(hangup_track::Connection<C>),
) -> u64 {
    let mut table = Table::<C>::new(Limits::default(), 0);
    for (at, segment) in segments {
        table.segment(segment, *at, finished);
    }
    table.conclude(finished);
    table.count()
}

/// What one connection says, piece by piece.
#[derive(Debug, Default)]
struct Said(Vec<(Side, Vec<u8>, Place)>);

impl Content for Said {
    fn bytes(&mut self, side: Side, bytes: &[u8], place: &hangup_track::Place) {
        let place = Place { at: place.at, offset: place.offset, ack: place.ack };
        self.0.push((side, bytes.to_vec(), place));
    }

    fn gap(&mut self, _: Side, _: u64, _: &hangup_track::Place) {}
}

fn session(criterion: &mut Criterion) {
    let packets = packets();
    let segments = segments(&packets);
    let mut said = Vec::new();
    follow::<Said>(&segments, &mut |connection| said.push(connection.content));
    let mut group = criterion.benchmark_group("session");
    group.throughput(Throughput::Elements(segments.len() as u64));
    group.bench_function("conversation", |bencher| {
        bencher.iter(|| {
            for Said(pieces) in &said {
                let mut conversation = Conversation::default();
                for (side, bytes, place) in pieces {
                    conversation.bytes(*side, bytes, place);
                }
                black_box(conversation.end());
            }
        });
    });
    group.finish();
}

fn verdict(criterion: &mut Criterion) {
    let endings = endings();
    let baselines = baselines(&endings);
    let mut group = criterion.benchmark_group("verdict");
    group.throughput(Throughput::Elements(ENDINGS));
    group.bench_function("baselines", |bencher| {
        bencher.iter(|| self::baselines(&endings));
    });
    group.bench_function("decide", |bencher| {
        let mut alone = Group::default();
        bencher.iter(|| {
            for facts in &endings {
                black_box(decide(facts, &baselines.siblings(facts, &mut alone)));
            }
        });
    });
    group.bench_function("judge", |bencher| {
        let mut alone = Group::default();
        bencher.iter(|| {
            for facts in &endings {
                black_box(judge(facts, &baselines.siblings(facts, &mut alone)));
            }
        });
    });
    group.finish();
}

fn baselines(endings: &[Facts]) -> Baselines {
    let mut baselines = Baselines::default();
    for facts in endings {
        baselines.add(facts);
    }
    baselines
}

/// Connections of a hundred clients with ten servers: of ten, nine end by a goodbye and one by a reset while an answer was due.
fn endings() -> Vec<Facts> {
    (0..ENDINGS).map(|number| ending(number, number % 10 == 7)).collect()
}

fn ending(number: u64, reset: bool) -> Facts {
    let begin = i64::try_from(number).unwrap() * 50_000_000;
    let at = |packet: u64, milliseconds: i64| {
        Moment::new(0, number * 10 + packet, Timestamp(begin + milliseconds * 1_000_000))
    };
    let host = |network: u8, host: u64| {
        let mut address = [0; 16];
        address[10..].copy_from_slice(&[0xff, 0xff, 10, network, 0, u8::try_from(host).unwrap()]);
        address
    };
    let fin = |side, packet, offset| Act {
        from: Some(side),
        at: at(packet, 200),
        offset,
        ack: Some(201),
        repeat: false,
        kind: ActKind::Fin { acked: Some(at(packet + 1, 201)), data: 0, in_vain: None },
    };
    let aborted =
        Act { kind: ActKind::Rst(RstAct { ack_flag: true, ..RstAct::default() }), ..fin(Side::Server, 6, 1) };
    let mut facts = Facts {
        id: number,
        client: Endpoint { address: host(1, number % 100), port: 40_000 },
        server: Endpoint { address: host(2, number % 10), port: 80 },
        roles_from: RolesFrom::Syn,
        first: at(1, 0),
        last: at(9, 201),
        handshake: Handshake::Complete,
        rtt: Some(20_000_000),
        acts: if reset { vec![aborted] } else { vec![fin(Side::Client, 6, 201), fin(Side::Server, 7, 201)] },
        ..Facts::default()
    };
    for (side, spoke) in [(Side::Client, true), (Side::Server, !reset)] {
        let half = &mut facts.sides[side];
        (half.packets, half.syns) = (4, 1);
        half.bytes = if spoke { 200 } else { 0 };
        half.sent = half.bytes + 1;
        half.acked = half.sent;
    }
    facts
}

fn engine(criterion: &mut Criterion) {
    let (bytes, packets) = load();
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(packets)).sampling_mode(SamplingMode::Flat);
    for (name, told) in [("counted", false), ("told", true)] {
        group.bench_function(name, |bencher| {
            let report = |mut input: Input| {
                let options = Options::default();
                hangup_engine::report(&mut input, &options, &mut Told(told), &mut |_, _| ()).unwrap();
                input
            };
            let input = || Input::from_readers(vec![reader(bytes.clone())]);
            bencher.iter_batched(input, report, BatchSize::LargeInput);
        });
    }
    group.finish();
}

/// Takes connections with all that is said of them, as JSON does, or only counts them, as the text report does with most.
struct Told(bool);

impl Sink for Told {
    fn glance(&mut self, _: &Glance<'_>) -> bool {
        self.0
    }

    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        black_box(connection);
        Ok(())
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        Ok(())
    }
}
