//! Any bytes as a capture, once whole in memory and once as a stream that trickles: both give the same packets,
//! and the same account of what was damaged.
#![no_main]

use hangup_capture::{OpenError, Reader};
use libfuzzer_sys::fuzz_target;
use std::io::{self, Cursor, Read};

fuzz_target!(|bytes: &[u8]| {
    let whole = account(Reader::from_bytes("whole", bytes.to_vec()));
    let stream = account(Reader::from_read("whole", Box::new(Trickle::of(bytes))));
    assert_eq!(whole, stream);
});

/// What a reader had to say, packet by packet.
fn account(reader: Result<Reader, OpenError>) -> Result<Vec<String>, String> {
    let mut reader = reader.map_err(|error| format!("{error} {}", error.hint()))?;
    let mut said = Vec::new();
    let mut number = 0;
    while let Some(packet) = reader.next() {
        assert!(packet.number > number, "numbers go up");
        number = packet.number;
        said.push(format!("{packet:?}"));
    }
    said.push(format!("{:?}", reader.describe()));
    Ok(said)
}

/// Gives a few bytes at a time. A classic pcap file comes at once: which of its variations it is, is decided by what
/// has arrived of its first records, because nobody waits for a live stream.
struct Trickle {
    bytes: Cursor<Vec<u8>>,
    most: usize,
}

impl Trickle {
    fn of(bytes: &[u8]) -> Self {
        let pcapng = bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]);
        Self { bytes: Cursor::new(bytes.to_vec()), most: if pcapng { 7 } else { usize::MAX } }
    }
}

impl Read for Trickle {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let some = into.len().min(self.most);
        self.bytes.read(&mut into[..some])
    }
}
