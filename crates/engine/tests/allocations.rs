//! Per packet nothing is allocated: a capture with ten times the packets costs not one allocation more, and not one
//! byte more at a time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io;

use hangup_capture::{Input, Reader};
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Options, Sink, report};
use wire::{ACK, CLIENT, Line, SERVER, SYN, Wire};

mod wire;

/// Connections that are open at a time.
const CONNECTIONS: u16 = 16;

#[test]
fn packets_of_sealed_connections_allocate_nothing() {
    more_rounds(handshake_of_tls, &record(23, &[0x5a; 300]), &record(23, &[0xa5; 3500]), "tls");
}

#[test]
fn packets_of_unknown_protocols_allocate_nothing() {
    more_rounds(|_| (Vec::new(), Vec::new()), &[0xf1; 77], &[0xe2; 3505], "");
}

#[test]
fn questions_and_answers_in_clear_allocate_nothing() {
    let mut answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3400\r\n\r\n".to_vec();
    answer.resize(answer.len() + 3400, b'x');
    let question = b"GET /forms/frmservlet?config=morning HTTP/1.1\r\nHost: forms.example\r\n\r\n";
    more_rounds(|_| (Vec::new(), Vec::new()), question, &answer, "http");
}

/// Reads two captures of the same connections, the second with ten times the questions and answers.
fn more_rounds(opening: fn(u16) -> (Vec<u8>, Vec<u8>), question: &[u8], answer: &[u8], protocol: &str) {
    compare(capture(100, opening, question, answer), capture(1000, opening, question, answer), protocol);
}

/// Both captures cost the same, though the second has many more packets.
fn compare(short: Vec<u8>, long: Vec<u8>, protocol: &str) {
    // What is made once a process, such as the catalogue, is made by the first reading.
    read(short.clone(), protocol);
    let few = read(short, protocol);
    let many = read(long, protocol);
    assert!(many.packets > 5 * few.packets, "the captures are not what they should be");
    assert!(few.allocations > 0, "the counter counts");
    assert_eq!(
        many.allocations,
        few.allocations,
        "{} packets more took {} allocations more",
        many.packets - few.packets,
        many.allocations.saturating_sub(few.allocations)
    );
    assert_eq!(many.peak, few.peak, "bytes at a time follow the packets");
}

/// What reading a capture cost.
struct Cost {
    packets: u64,
    allocations: u64,
    peak: i64,
}

fn read(capture: Vec<u8>, protocol: &str) -> Cost {
    let mut input = Input::from_readers(vec![Reader::from_bytes("made", capture).unwrap()]);
    let mut seen = Witness { protocol: protocol.into(), connections: 0 };
    let options = Options::default();
    ALLOCATIONS.set(0);
    LIVE.set(0);
    PEAK.set(0);
    let conclusion = report(&mut input, &options, &mut seen, &mut |_, _| ()).unwrap();
    let (allocations, peak) = (ALLOCATIONS.get(), PEAK.get());
    assert_eq!(seen.connections, CONNECTIONS);
    assert_eq!(conclusion.captures[0].undecoded_packets, 0);
    Cost { packets: conclusion.captures[0].packets, allocations, peak }
}

/// Sees to it that the bytes were read as what they are.
struct Witness {
    protocol: String,
    connections: u16,
}

impl Sink for Witness {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        assert_eq!(connection.protocol.as_deref().unwrap_or_default(), self.protocol);
        assert_eq!(connection.handshake, "complete");
        self.connections += 1;
        Ok(())
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        Ok(())
    }
}

/// All connections open, say `rounds` questions and answers each in turn, and stay open.
fn capture(rounds: u32, opening: fn(u16) -> (Vec<u8>, Vec<u8>), question: &[u8], answer: &[u8]) -> Vec<u8> {
    let mut wire = Wire::new();
    let mut lines: Vec<Line> = (0..CONNECTIONS).map(Line::new).collect();
    for line in &mut lines {
        wire.send(line, CLIENT, SYN, &[]);
        wire.send(line, SERVER, SYN | ACK, &[]);
        wire.send(line, CLIENT, ACK, &[]);
        let (hello, reply) = opening(line.number);
        wire.send(line, CLIENT, ACK, &hello);
        wire.send(line, SERVER, ACK, &reply);
    }
    for _ in 0..rounds {
        for line in &mut lines {
            wire.send(line, CLIENT, ACK, question);
            wire.send(line, SERVER, ACK, &[]);
            for part in answer.chunks(1460) {
                wire.send(line, SERVER, ACK, part);
            }
            wire.send(line, CLIENT, ACK, &[]);
        }
    }
    wire.into_capture()
}

/// A TLS 1.2 handshake as far as it is in clear, and two finished messages that are not.
fn handshake_of_tls(number: u16) -> (Vec<u8>, Vec<u8>) {
    let mut client_hello = vec![1, 0, 0, 41, 3, 3];
    client_hello.extend([u8::try_from(number).unwrap(); 32]);
    client_hello.extend([0, 0, 2, 0xc0, 0x2f, 1, 0]);
    let mut server_hello = vec![2, 0, 0, 38, 3, 3];
    server_hello.extend([0x77; 32]);
    server_hello.extend([0, 0xc0, 0x2f, 0]);
    let sealed = [record(20, &[1]), record(22, &[0x33; 40])].concat();
    let hello_done = record(22, &[14, 0, 0, 0]);
    (
        [record(22, &client_hello), sealed.clone()].concat(),
        [record(22, &server_hello), hello_done, sealed].concat(),
    )
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], body].concat()
}

/// Counts what this thread asks for.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn count(more: usize, less: usize) {
    ALLOCATIONS.set(ALLOCATIONS.get() + u64::from(more > 0));
    let live = LIVE.get() + i64::try_from(more).unwrap_or(i64::MAX) - i64::try_from(less).unwrap_or(i64::MAX);
    LIVE.set(live);
    PEAK.set(PEAK.get().max(live));
}

#[expect(unsafe_code, reason = "only an allocator can count allocations; this one passes everything on")]
// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(at, layout, size) }
    }
}
