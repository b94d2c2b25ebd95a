//! What is known about a capture beside its packets.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hangup_wire::{LinkType, Timestamp};

use crate::packet::Record;

/// How many problems are kept word for word.
const PROBLEMS: usize = 100;
/// How many comments are kept.
const COMMENTS: usize = 1000;
/// How many names of hosts are kept.
const NAMES: usize = 16_384;
/// The longest name of a host (RFC 1035 §2.3.4): more of one is not kept.
const NAME: usize = 255;
/// How much is kept of any other text.
const TEXT: usize = 4096;
/// How many link types are listed.
const LINK_TYPES: usize = 64;
/// How many interfaces are described.
const INTERFACES: usize = 1024;
/// How many bytes of embedded secrets are kept.
const SECRET_BYTES: usize = 64 << 20;
/// A clock that runs back by less is usual: several interfaces, or several processors, write one file.
const USUAL_STEP_BACK: i64 = 1_000_000_000;

/// The file format of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Classic pcap, with or without one of its many variations.
    Pcap,
    /// pcapng (draft-ietf-opsawg-pcapng).
    Pcapng,
}

impl Format {
    /// `pcap` or `pcapng`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::Pcapng => "pcapng",
        }
    }
}

/// What a capture was compressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// gzip (RFC 1952), one member or several.
    Gzip,
    /// Zstandard (RFC 8878), one frame or several.
    Zstd,
}

impl Compression {
    /// `gzip` or `zstd`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Damage, or an oddity that may make what is reported wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The packet it concerns, if it is one.
    pub frame: Option<u64>,
    /// Where it is: bytes from the start of the file, once decompressed.
    pub offset: u64,
    /// What is wrong, in plain words, without frame and offset where these are known.
    pub what: String,
    /// Something is missing from what was read, or may be wrong with it; else it is only odd, as a clock that runs
    /// back.
    pub damage: bool,
}

/// A comment that somebody or some program wrote into the capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The packet it is about; `None` where it is about the file, an interface or another block.
    pub frame: Option<u64>,
    /// Where its block begins.
    pub offset: u64,
    /// The comment itself. What is not UTF-8 is replaced.
    pub text: String,
}

/// Secrets embedded in the capture (pcapng Decryption Secrets Block).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The kind of secrets, as the pcapng draft numbers them: 0x544c534b is a TLS key log.
    pub kind: u32,
    /// Where its block begins.
    pub offset: u64,
    /// The secrets: for a TLS key log the text of the file.
    pub bytes: Vec<u8>,
}

/// An interface that packets were captured on (pcapng Interface Description Block).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// What the first byte of its packets is.
    pub link: LinkType,
    /// How many bytes of a packet are kept; 0 means all.
    pub snaplen: u32,
    /// Its name, such as `eth0`.
    pub name: Option<String>,
    /// The capture filter in use: why other packets are not there.
    pub filter: Option<String>,
}

/// What is known about a capture. It grows while packets are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The path of the file as it was given, or a name for a stream.
    pub name: String,
    /// The file format.
    pub format: Format,
    /// What the file was compressed with, if it was.
    pub compression: Option<Compression>,
    /// The link types of packets, in the order in which they first occur (the first 64).
    pub link_types: Vec<LinkType>,
    /// The interfaces, over all sections (the first 1024). Empty in classic pcap.
    pub interfaces: Vec<Interface>,
    /// The program that made the capture, as it calls itself.
    pub application: Option<String>,
    /// How many packets were given.
    pub packets: u64,
    /// How many frames Wireshark would number: the packets, those that were left out, and blocks that hold no
    /// packets but have numbers. Known at the end only.
    pub frames: u64,
    /// The bytes of these packets as they were on the wire.
    pub bytes: u64,
    /// The bytes of these packets that were captured.
    pub captured_bytes: u64,
    /// The earliest time of a packet.
    pub first: Option<Timestamp>,
    /// The latest time of a packet.
    pub last: Option<Timestamp>,
    /// Decimal digits of a second in which its times are counted, 0 to 9; of several interfaces the finest.
    pub digits: u8,
    /// How many packets hold fewer bytes than were on the wire.
    pub snaplen_cut_packets: u64,
    /// How many packets the capturing side says that it lost (pcapng statistics and drop counts). `None` where
    /// it says nothing, which is not the same as 0.
    pub dropped_by_capture: Option<u64>,
    /// Blocks that were skipped because they hold no packets of a network or are unknown.
    pub skipped_blocks: u64,
    /// How often a packet is earlier than the one before it.
    pub steps_back: u64,
    /// The furthest such step, in nanoseconds.
    pub worst_step_back: i64,
    /// Damage and oddities (the first 100).
    pub problems: Vec<Problem>,
    /// How many problems there are beyond those.
    pub problems_left_out: u64,
    /// Names of addresses that the capture itself brings (the first 16 384).
    pub names: BTreeMap<IpAddr, String>,
    /// Embedded secrets (up to 64 MiB).
    pub secrets: Vec<Secret>,
    /// Comments (the first 1000).
    pub comments: Vec<Comment>,
    /// How many comments there are beyond those.
    pub comments_left_out: u64,
    secret_bytes: usize,
    last_link: Option<LinkType>,
    previous: Option<Timestamp>,
}

/// Sums of packets that follow each other in one capture, each not before the one in front of it: kept apart while a
/// run of them is read, so that they stay in registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    packets: u64,
    bytes: u64,
    captured_bytes: u64,
    cut: u64,
    /// The time of the last packet; later than all times where there was none.
    previous: Timestamp,
}

impl Tally {
    /// Counts a packet; false, and nothing is counted, where it is older than the one before it.
    #[inline]
    pub(crate) fn count(&mut self, time: Timestamp, original: u32, captured: usize) -> bool {
        if time < self.previous {
            return false;
        }
        self.previous = time;
        self.packets = self.packets.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add(u64::from(original));
        self.captured_bytes = self.captured_bytes.wrapping_add(captured as u64);
        self.cut = self.cut.wrapping_add(u64::from((captured as u64) < u64::from(original)));
        true
    }
}

impl Description {
    pub(crate) fn new(name: String, format: Format, compression: Option<Compression>) -> Self {
        Self {
            name,
            format,
            compression,
            link_types: Vec::new(),
            interfaces: Vec::new(),
            application: None,
            packets: 0,
            frames: 0,
            bytes: 0,
            captured_bytes: 0,
            first: None,
            last: None,
            digits: 0,
            snaplen_cut_packets: 0,
            dropped_by_capture: None,
            skipped_blocks: 0,
            steps_back: 0,
            worst_step_back: 0,
            problems: Vec::new(),
            problems_left_out: 0,
            names: BTreeMap::new(),
            secrets: Vec::new(),
            comments: Vec::new(),
            comments_left_out: 0,
            secret_bytes: 0,
            last_link: None,
            previous: None,
        }
    }

    /// The sums of a run of packets of one link type: see [`Tally`].
    #[inline]
    pub(crate) fn tally(&mut self, link: LinkType) -> Tally {
        if self.last_link != Some(link) {
            self.link(link);
        }
        Tally {
            packets: 0,
            bytes: 0,
            captured_bytes: 0,
            cut: 0,
            previous: self.previous.unwrap_or(Timestamp(i64::MAX)),
        }
    }

    /// Adds the sums of a run of packets.
    #[inline]
    pub(crate) fn add(&mut self, tally: Tally) {
        if tally.packets == 0 {
            return;
        }
        // None of these sums leaves 64 bits: no file is that long.
        self.packets = self.packets.wrapping_add(tally.packets);
        self.bytes = self.bytes.wrapping_add(tally.bytes);
        self.captured_bytes = self.captured_bytes.wrapping_add(tally.captured_bytes);
        self.snaplen_cut_packets = self.snaplen_cut_packets.wrapping_add(tally.cut);
        self.previous = Some(tally.previous);
        self.last = self.last.max(self.previous);
    }

    /// Counts packets that are given.
    #[inline]
    pub(crate) fn count_all(&mut self, records: &[Record]) {
        let mut records = records.iter();
        while let Some(first) = records.as_slice().first() {
            let mut tally = self.tally(first.link);
            while let Some(record) = records.as_slice().first()
                && record.link == first.link
                && tally.count(record.time, record.original_length, record.length)
            {
                records.next();
            }
            self.add(tally);
            // Another link type, or a step back in time.
            if let Some(record) = records.next() {
                self.count(record);
            }
        }
    }

    /// Counts a packet that is given.
    #[inline]
    pub(crate) fn count(&mut self, record: &Record) {
        let time = record.time;
        if self.previous.is_none_or(|previous| time < previous) {
            self.step_back(time);
            self.previous = Some(time);
        }
        let mut tally = self.tally(record.link);
        tally.count(time, record.original_length, record.length);
        self.add(tally);
    }

    /// Notes damage.
    pub(crate) fn problem(&mut self, frame: Option<u64>, offset: u64, what: String) {
        self.note(Problem { frame, offset, what, damage: true });
    }

    /// Notes what is odd and costs nothing.
    pub(crate) fn oddity(&mut self, frame: Option<u64>, offset: u64, what: String) {
        self.note(Problem { frame, offset, what, damage: false });
    }

    fn note(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        } else {
            self.problems_left_out = self.problems_left_out.saturating_add(1);
        }
    }

    /// Notes a comment.
    pub(crate) fn comment(&mut self, frame: Option<u64>, offset: u64, text: &[u8]) {
        if self.comments.len() < COMMENTS {
            self.comments.push(Comment { frame, offset, text: text_of(text) });
        } else {
            self.comments_left_out = self.comments_left_out.saturating_add(1);
        }
    }

    /// Notes the name of an address; the first one stays.
    pub(crate) fn name(&mut self, address: IpAddr, name: &[u8]) {
        if self.names.len() < NAMES && !name.is_empty() {
            self.names.entry(address).or_insert_with(|| text_of(name.get(..NAME).unwrap_or(name)));
        }
    }

    /// Keeps embedded secrets; false where there are too many.
    pub(crate) fn secret(&mut self, kind: u32, offset: u64, bytes: &[u8]) -> bool {
        // Empty ones take room, too.
        let total = self.secret_bytes.saturating_add(bytes.len()).saturating_add(size_of::<Secret>());
        if total > SECRET_BYTES {
            return false;
        }
        self.secret_bytes = total;
        self.secrets.push(Secret { kind, offset, bytes: bytes.to_vec() });
        true
    }

    /// Describes an interface.
    pub(crate) fn interface(&mut self, interface: Interface) {
        if self.interfaces.len() < INTERFACES {
            self.interfaces.push(interface);
        }
    }

    /// Says what is known only once all is read.
    pub(crate) fn close(&mut self, offset: u64) {
        if self.worst_step_back >= USUAL_STEP_BACK {
            let times = match self.steps_back {
                1 => "once".to_owned(),
                times => format!("{times} times"),
            };
            let worst = Timestamp(self.worst_step_back).seconds_since(Timestamp(0));
            self.oddity(None, offset, format!("time runs back {times}, by up to {worst:.3} s"));
        }
    }

    #[cold]
    fn link(&mut self, link: LinkType) {
        self.last_link = Some(link);
        if self.link_types.len() < LINK_TYPES && !self.link_types.contains(&link) {
            self.link_types.push(link);
        }
    }

    #[cold]
    fn step_back(&mut self, time: Timestamp) {
        if let Some(previous) = self.previous {
            self.steps_back = self.steps_back.saturating_add(1);
            self.worst_step_back = self.worst_step_back.max(previous.since(time));
        }
        if self.first.is_none_or(|first| time < first) {
            self.first = Some(time);
        }
    }
}

/// Text of a capture: some writers end it with zeros, few promise UTF-8, and none needs more than 4 KiB.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    let bytes = bytes.get(..TEXT).unwrap_or(bytes);
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Description {
        Description::new("x".into(), Format::Pcap, None)
    }

    fn packet(time: Timestamp) -> Record {
        Record { time, link: LinkType::ETHERNET, original_length: 60, length: 60, ..Record::default() }
    }

    #[test]
    fn what_is_kept_beside_packets_is_bounded() {
        let mut description = Description::new("test".into(), Format::Pcapng, None);
        description.name(IpAddr::from([192, 0, 2, 1]), &vec![b'n'; 65_531]);
        assert_eq!(description.names.values().map(String::len).max(), Some(NAME));
        description.comment(None, 0, &vec![b'c'; 65_535]);
        assert_eq!(description.comments[0].text.len(), TEXT);
        let empty = (0..4_000_000).take_while(|_| description.secret(0, 0, b"")).count();
        assert!(empty * size_of::<Secret>() <= SECRET_BYTES && description.secrets.len() == empty);
        for link in 0..1000 {
            description.link(LinkType(link));
        }
        assert_eq!(description.link_types.len(), LINK_TYPES);
    }

    #[test]
    fn a_mild_step_back_is_counted_but_no_problem() {
        let mut description = empty();
        for time in [5, 3, 9, 8] {
            description.count(&packet(Timestamp::new(0, time * 100_000_000)));
        }
        description.close(0);
        assert_eq!((description.steps_back, description.worst_step_back), (2, 200_000_000));
        assert_eq!(description.first, Some(Timestamp(300_000_000)));
        assert_eq!(description.last, Some(Timestamp(900_000_000)));
        assert!(description.problems.is_empty());
    }

    #[test]
    fn a_far_step_back_is_said_once() {
        let mut description = empty();
        for time in [10, 2, 20, 17] {
            description.count(&packet(Timestamp::new(time, 0)));
        }
        description.close(7);
        let what = "time runs back 2 times, by up to 8.000 s".to_owned();
        assert_eq!(description.problems, [Problem { frame: None, offset: 7, what, damage: false }]);
    }

    #[test]
    fn what_is_kept_is_capped_and_the_rest_counted() {
        let mut description = empty();
        for _ in 0..PROBLEMS + 3 {
            description.problem(None, 0, String::new());
        }
        for _ in 0..COMMENTS + 2 {
            description.comment(None, 0, b"text");
        }
        assert_eq!((description.problems.len(), description.problems_left_out), (PROBLEMS, 3));
        assert_eq!((description.comments.len(), description.comments_left_out), (COMMENTS, 2));
        assert!(description.secret(1, 0, &vec![0; SECRET_BYTES - size_of::<Secret>()]));
        assert!(!description.secret(1, 0, &[0]));
    }
}
