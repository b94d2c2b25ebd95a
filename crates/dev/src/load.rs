//! Captures of any size for measuring: the connections of a story, over and over, so many of them open at a time.

use crate::dice::Dice;
use crate::frame::{Frame, Played};
use hangup_capture::pcap;
use hangup_wire::{Side, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::io::{self, Write};
use std::num::ParseIntError;
use std::str::FromStr;

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Connections open at a time, at least 1.
    pub open: u32,
    /// Bytes of the capture, at least: it ends when the connections that were begun before have ended. With 0 every
    /// connection that is open at a time is there once.
    pub bytes: u64,
    /// End with the first packet that makes it `bytes` long, wherever the connections stand.
    pub cut: bool,
    /// Where chance begins, and which network the clients are in, 10.0.0.0/16 and so on: loads of other seeds below 256 have no
    /// connection in common.
    pub seed: u64,
}

/// What was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Bytes of the capture.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Connections.
    pub connections: u64,
    /// The most connections between whose first and last packet the capture was at the same time.
    pub open: u64,
}

/// Bytes of a pcap file before its first packet, and of what stands before each packet.
const FILE_HEADER: u64 = 24;
const RECORD_HEADER: u64 = 16;
/// Client hosts and servers that the connections are shared out among.
const CLIENTS: u64 = 1024;
const SERVERS: u64 = 64;
/// Client ports of a host that are used in turn.
const PORTS: u64 = 28_000;

/// One connection of the story: its packets, and nanoseconds since its first.
type Template<'a> = Vec<(i64, &'a Frame)>;

impl Load {
    /// Writes a pcap file (Ethernet, little-endian, microseconds) of the connections of `played`, each copy between
    /// other addresses and ports. The same input gives the same bytes. All connections that are to be open at a time have
    /// begun before the first of them ends, and where one ends, another begins.
    ///
    /// # Errors
    /// What writing gives, and a story that is not of IPv4 and TCP alone.
    pub fn write(self, played: &Played, out: impl Write) -> io::Result<Made> {
        let templates = templates(played)?;
        let mut writer = pcap::Writer::new(out, pcap::Settings::default())?;
        let mut made = Made { bytes: FILE_HEADER, ..Made::default() };
        let mut dice = Dice::new(self.seed);
        // What comes next on each connection: when, which connection, the packet's number in its template.
        let mut next = BinaryHeap::new();
        let mut begun: Vec<(usize, i64, u64)> = Vec::new();
        let mut packet = Vec::new();
        let start = played.frames.first().map_or(0, |frame| frame.time.0);
        let shortest =
            templates.iter().filter_map(|template| template.last()).map(|last| last.0).min().unwrap_or(0);
        for slot in 0..self.open.max(1) as usize {
            let which = pick(&mut dice, templates.len());
            // They do not begin all at once, and all have begun long before the first ends.
            let begin =
                start + (dice.next() % (shortest.unsigned_abs() / 10 + 1)).cast_signed() / 1000 * 1000;
            next.push(Reverse((begin, slot, 0)));
            begun.push((which, begin, made.connections));
            made.connections += 1;
        }
        let mut open = 0;
        while let Some(Reverse((time, slot, number))) = next.pop() {
            if self.cut && made.bytes >= self.bytes {
                break;
            }
            let Some((which, begin, serial)) = begun.get_mut(slot) else { continue };
            let Some(template) = templates.get(*which) else { continue };
            let Some((_, frame)) = template.get(number) else { continue };
            wrap(frame, self.seed, *serial, &mut packet);
            let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
            writer.packet(Timestamp(time), length, &packet)?;
            made.packets += 1;
            made.bytes += RECORD_HEADER + packet.len() as u64;
            open += u64::from(number == 0);
            made.open = made.open.max(open);
            if let Some((after, _)) = template.get(number + 1) {
                next.push(Reverse((*begin + after, slot, number + 1)));
                continue;
            }
            open -= 1;
            if made.bytes < self.bytes {
                *which = pick(&mut dice, templates.len());
                *begin = time + 1_000 * (1 + (dice.next() % 1_000).cast_signed());
                *serial = made.connections;
                made.connections += 1;
                next.push(Reverse((*begin, slot, 0)));
            }
        }
        writer.into_inner().flush()?;
        Ok(made)
    }
}

impl fmt::Display for Made {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, packets, connections, open } = self;
        write!(out, "{bytes} bytes, {packets} packets, {connections} connections, {open} open at a time")
    }
}

/// Reads what [`Display`](fmt::Display) writes.
impl FromStr for Made {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = text.split(", ").map(|part| part.split(' ').next().unwrap_or_default().parse());
        let mut next = || numbers.next().unwrap_or(Ok(0));
        Ok(Self { bytes: next()?, packets: next()?, connections: next()?, open: next()? })
    }
}

fn templates(played: &Played) -> io::Result<Vec<Template<'_>>> {
    let mut templates: Vec<Template<'_>> = vec![Vec::new(); played.names.len()];
    for frame in &played.frames {
        let tcp_over_v4 = frame.packet.first() == Some(&0x45) && frame.packet.get(9) == Some(&6);
        if !tcp_over_v4 || frame.from.is_none() {
            return Err(io::Error::other("a load is made of stories with nothing but TCP over IPv4"));
        }
        if let Some(template) = templates.get_mut(frame.connection) {
            let begin = template.first().map_or(frame.time.0, |(_, first): &(i64, &Frame)| first.time.0);
            template.push((frame.time.0 - begin, frame));
        }
    }
    templates.retain(|template| !template.is_empty());
    if templates.is_empty() { Err(io::Error::other("the story has no packets")) } else { Ok(templates) }
}

/// One of so many.
fn pick(dice: &mut Dice, count: usize) -> usize {
    usize::try_from(dice.next() % count.max(1) as u64).unwrap_or(0)
}

/// The Ethernet frame of a template's packet in the connection with this number: between other ends.
fn wrap(frame: &Frame, seed: u64, serial: u64, packet: &mut Vec<u8>) {
    packet.clear();
    packet.extend(frame.destination);
    packet.extend(frame.source);
    packet.extend([0x08, 0x00]);
    packet.extend_from_slice(&frame.packet);
    let client = 0x0a00_0100 + ((seed & 0xff) << 16) + serial % CLIENTS;
    let port = 32_768 + serial / CLIENTS % PORTS;
    let server = 0xc612_0001 + Dice::new(serial).next() % SERVERS;
    let (source, target) = if frame.from == Some(Side::Client) { (client, server) } else { (server, client) };
    let port_at = if frame.from == Some(Side::Client) { 34 } else { 36 };
    #[expect(clippy::cast_possible_truncation, reason = "addresses and ports in range by construction")]
    let (source, target, port) = (source as u32, target as u32, port as u16);
    // The IP header's checksum and TCP's both cover the addresses.
    put(packet, 26, &source.to_be_bytes(), &[24, 50]);
    put(packet, 30, &target.to_be_bytes(), &[24, 50]);
    put(packet, port_at, &port.to_be_bytes(), &[50]);
}

/// Writes `new` at `at`, an even number of bytes, and keeps the checksums at `sums` as right as they were
/// (RFC 1624, equation 3).
fn put(packet: &mut [u8], at: usize, new: &[u8], sums: &[usize]) {
    let word = |bytes: &[u8]| {
        u32::from(u16::from_be_bytes([
            bytes.first().copied().unwrap_or(0),
            bytes.get(1).copied().unwrap_or(0),
        ]))
    };
    let Some(old) = packet.get(at..at + new.len()) else { return };
    let change: u32 =
        old.chunks(2).zip(new.chunks(2)).map(|(old, new)| (0xffff - word(old)) + word(new)).sum();
    for &place in sums {
        let Some(sum) = packet.get_mut(place..place + 2) else { continue };
        let mut total = (0xffff - word(sum)) + change;
        while total > 0xffff {
            total = (total & 0xffff) + (total >> 16);
        }
        #[expect(clippy::cast_possible_truncation, reason = "folded to 16 bits above")]
        sum.copy_from_slice(&(!(total as u16)).to_be_bytes());
    }
    if let Some(place) = packet.get_mut(at..at + new.len()) {
        place.copy_from_slice(new);
    }
}

#[cfg(test)]
mod tests {
    use super::{Load, Made};
    use crate::Story;
    use hangup_engine::{Options, analyse_bytes};

    fn make(load: Load) -> (Vec<u8>, Made) {
        let story = Story::parse(include_str!("../loads/small.md")).unwrap();
        let mut bytes = Vec::new();
        let made = load.write(&story.play().unwrap(), &mut bytes).unwrap();
        (bytes, made)
    }

    #[test]
    fn every_connection_is_one_that_the_story_tells() {
        let load = Load { open: 20, bytes: 500_000, cut: false, seed: 1 };
        let (bytes, made) = make(load);
        assert_eq!(bytes.len() as u64, made.bytes);
        assert!(made.bytes >= load.bytes && made.connections > 20);
        assert_eq!(made.open, 20);
        assert_eq!(make(load).0, bytes, "the same every time");
        let report = analyse_bytes("load.pcap", bytes, &Options::default()).unwrap();
        assert_eq!(report.captures.first().map(|capture| capture.packets), Some(made.packets));
        assert_eq!((report.summary.connections, report.summary.normal), (made.connections, made.connections));
    }

    #[test]
    fn a_cut_load_has_all_of_them_open() {
        let load = Load { open: 300, bytes: 1_000_000, cut: true, seed: 1 };
        let (bytes, made) = make(load);
        assert!(made.bytes - load.bytes < 2_000, "it ends at once");
        assert_eq!((made.connections, made.open), (300, 300));
        let report = analyse_bytes("load.pcap", bytes, &Options::default()).unwrap();
        assert_eq!(report.summary.open, 300);
    }

    #[test]
    fn what_was_made_can_be_read_again() {
        let (_, made) = make(Load { open: 3, bytes: 0, cut: false, seed: 1 });
        assert_eq!(made.to_string().parse(), Ok(made));
        assert_eq!(made.connections, 3);
    }
}
