//! Captures made for tests, and what is read from them.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::io::{self, Read};

use hangup_capture::{Description, Packet, Reader};
use hangup_wire::{LinkType, Timestamp};

/// A packet, kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub number: u64,
    pub offset: u64,
    pub time: Timestamp,
    pub link: LinkType,
    pub interface: u32,
    pub original_length: u32,
    pub data: Vec<u8>,
}

impl Kept {
    pub fn new(
        number: u64,
        offset: u64,
        time: Timestamp,
        link: LinkType,
        original: u32,
        data: &[u8],
    ) -> Self {
        Self { number, offset, time, link, interface: 0, original_length: original, data: data.to_vec() }
    }
}

impl From<Packet<'_>> for Kept {
    fn from(packet: Packet<'_>) -> Self {
        Self {
            number: packet.number,
            offset: packet.offset,
            time: packet.time,
            link: packet.link,
            interface: packet.interface,
            original_length: packet.original_length,
            data: packet.data.to_vec(),
        }
    }
}

/// Reads a capture to its end.
pub fn read_all(mut reader: Reader) -> (Vec<Kept>, Description) {
    let mut packets = Vec::new();
    while let Some(packet) = reader.next() {
        packets.push(packet.into());
    }
    assert!(reader.next().is_none(), "the end is the end");
    (packets, reader.describe().clone())
}

/// Reads a capture from memory and as a stream in small pieces: both must give the same.
pub fn read_both_ways(bytes: &[u8]) -> (Vec<Kept>, Description) {
    let memory = read_all(Reader::from_bytes("made", bytes.to_vec()).unwrap());
    let stream = read_all(Reader::from_read("made", Box::new(Drip(bytes.to_vec().into()))).unwrap());
    assert_eq!(memory.0, stream.0);
    // What an end is like is known beforehand in memory only, so that words may differ, but not places.
    let places = |description: &Description| {
        description.problems.iter().map(|problem| (problem.frame, problem.offset)).collect::<Vec<_>>()
    };
    assert_eq!(places(&memory.1), places(&stream.1));
    memory
}

/// A stream that gives what is small in one piece, so that a format can be told, and the rest in odd pieces.
struct Drip(std::collections::VecDeque<u8>);

impl Read for Drip {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = into.len().min(1009);
        self.0.read(into.get_mut(..count).unwrap_or_default())
    }
}
