//! Any bytes as a capture, read by `pcap-parser` too: where both read on, they give the same packets.
//!
//! Where they may differ: that parser stops at the first block that contradicts itself or does not end on four bytes, and knows
//! no obsolete packet blocks, so that what it read before must be the beginning of what is read here; it gives raw times, and its
//! options are padded and go on behind the end mark, so these are read off the bytes in the obvious way; it reads files of version
//! 2.4 only as they are meant to be, where here the variations of classic pcap are guessed at if the first records make no sense.
#![no_main]

use hangup_capture::Reader;
use hangup_wire::Timestamp;
use libfuzzer_sys::fuzz_target;
use pcap_parser::pcapng::{PcapNGOption, parse_block_be, parse_block_le};
use pcap_parser::{Block, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_header};

/// Time, link type, original length, data.
type Told = (Timestamp, u16, u32, Vec<u8>);

fuzz_target!(|bytes: &[u8]| {
    let (told, all) =
        if bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) { blocks(bytes) } else { classic(bytes) };
    let Ok(mut reader) = Reader::from_bytes("readers", bytes.to_vec()) else {
        assert!(told.is_empty());
        return;
    };
    let mut read = Vec::<Told>::new();
    while let Some(packet) = reader.next() {
        read.push((packet.time, packet.link.0, packet.original_length, packet.data.to_vec()));
    }
    assert!(read.starts_with(&told), "{read:?}\n{told:?}");
    assert!(!all || read.len() == told.len(), "{read:?}\n{told:?}");
});

/// The packets of classic pcap, and whether that is all of them.
fn classic(bytes: &[u8]) -> (Vec<Told>, bool) {
    let nothing = (Vec::new(), false);
    let Ok((mut rest, header)) = parse_pcap_header(bytes) else { return nothing };
    let version = (header.version_major, header.version_minor);
    if version != (2, 4) || header.is_modified_format() {
        return nothing;
    }
    let unit = if header.is_nanosecond_precision() { 1 } else { 1000 };
    let parse = if header.is_bigendian() { parse_pcap_frame_be } else { parse_pcap_frame };
    let mut told = Vec::new();
    while let Ok((behind, packet)) = parse(rest) {
        rest = behind;
        let time = i64::from(packet.ts_sec) * 1_000_000_000 + i64::from(packet.ts_usec) * unit;
        told.push((Timestamp(time), header.network.0 as u16, packet.origlen, packet.data.to_vec()));
    }
    if guessed(&bytes[24..], header.is_bigendian()) { nothing } else { (told, true) }
}

/// Whether one of the first records is longer than any is, so that another variation may fit better.
fn guessed(mut records: &[u8], big: bool) -> bool {
    for _ in 0..3 {
        let Some(head) = records.first_chunk::<16>() else { return false };
        let number = |at: usize| {
            let bytes = [head[at], head[at + 1], head[at + 2], head[at + 3]];
            if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let (captured, original) = (number(8), number(12));
        if captured > 262_144 || original > 128 << 20 {
            return true;
        }
        records = records.get(16 + captured as usize..).unwrap_or_default();
    }
    false
}

/// An interface, as much as its packets need.
struct Lane {
    link: u16,
    snaplen: u32,
    resolution: u8,
    offset: i64,
}

/// The packets of pcapng, and whether that is all of them.
fn blocks(bytes: &[u8]) -> (Vec<Told>, bool) {
    let (mut told, mut lanes, mut last) = (Vec::<Told>::new(), Vec::<Lane>::new(), Timestamp(0));
    let (mut rest, mut big) = (bytes, false);
    while !rest.is_empty() {
        let parsed = if big { parse_block_be(rest) } else { parse_block_le(rest) };
        let Ok((behind, block)) = parsed else { return (told, false) };
        if (rest.len() - behind.len()) % 4 != 0 {
            return (told, false);
        }
        rest = behind;
        match block {
            Block::SectionHeader(section) => {
                big = section.big_endian();
                lanes.clear();
            }
            Block::InterfaceDescription(interface) => {
                let mut lane = Lane {
                    link: interface.linktype.0 as u16,
                    snaplen: interface.snaplen,
                    resolution: 6,
                    offset: 0,
                };
                lane.options(&interface.options, big);
                lanes.push(lane);
            }
            Block::EnhancedPacket(packet) => {
                let Some(lane) = lanes.get(packet.if_id as usize) else { continue };
                last = lane.time(u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low));
                let data = packet.data[..packet.caplen as usize].to_vec();
                told.push((last, lane.link, packet.origlen, data));
            }
            Block::SimplePacket(packet) => {
                let Some(lane) = lanes.first() else { continue };
                let most = if lane.snaplen == 0 { packet.origlen } else { packet.origlen.min(lane.snaplen) };
                let data = &packet.data[..packet.data.len().min(most as usize)];
                told.push((last, lane.link, packet.origlen, data.to_vec()));
            }
            // Obsolete packets, in either byte order.
            Block::Unknown(block) if matches!(block.block_type, 2 | 0x0200_0000) => return (told, false),
            _ => {}
        }
    }
    (told, true)
}

impl Lane {
    fn options(&mut self, options: &[PcapNGOption<'_>], big: bool) {
        for option in options.iter().take_while(|option| option.code.0 != 0) {
            let value = &option.value[..usize::from(option.len)];
            match (option.code.0, value) {
                (9, [resolution, ..]) => self.resolution = *resolution,
                (14, [a, b, c, d, e, f, g, h, ..]) => {
                    let bytes = [*a, *b, *c, *d, *e, *f, *g, *h];
                    self.offset = if big { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) };
                }
                _ => {}
            }
        }
    }

    /// The obvious sum, of numbers that are large enough for it; what no 64 bits of nanoseconds hold is the last of them.
    fn time(&self, ticks: u64) -> Timestamp {
        let exponent = u32::from(self.resolution & 0x7f);
        let nanos = u128::from(ticks) * 1_000_000_000;
        let since = if self.resolution & 0x80 == 0 {
            10_u128.checked_pow(exponent).map_or(0, |per_second| nanos / per_second)
        } else {
            nanos >> exponent
        };
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        Timestamp(since.saturating_add(self.offset.saturating_mul(1_000_000_000)))
    }
}
