//! Cut and mangled captures: what stands before the damage is read, and nothing panics or hangs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod made;

use hangup_capture::{ByteOrder, Reader, pcap, pcapng};
use hangup_wire::{LinkType, Timestamp};
use made::{Kept, read_all};
use proptest::prelude::*;

fn small_pcap() -> Vec<u8> {
    let mut writer = pcap::Writer::new(Vec::new(), pcap::Settings::default()).unwrap();
    for (second, length) in [(1, 60), (2, 0), (3, 7)] {
        writer.packet(Timestamp::new(second, 0), 60, &vec![0x45; length]).unwrap();
    }
    writer.into_inner()
}

fn small_pcapng() -> Vec<u8> {
    let mut writer = pcapng::Writer::new(Vec::new(), ByteOrder::Big).unwrap();
    writer.interface(LinkType::ETHERNET, 9, 0).unwrap();
    for (second, length, comment) in [(1, 60, None), (2, 0, Some("words")), (3, 7, None)] {
        writer.packet(0, Timestamp::new(second, 0), 60, &vec![0x45; length], comment).unwrap();
        writer.block(0x7777, b"unknown").unwrap();
    }
    writer.section(ByteOrder::Little).unwrap();
    writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
    writer.packet(0, Timestamp::new(4, 0), 5, &[0x60; 5], None).unwrap();
    writer.into_inner()
}

/// Where each packet ends.
fn ends(packets: &[Kept], bytes: &[u8], format: &str) -> Vec<u64> {
    let length = |packet: &Kept| {
        let at = usize::try_from(packet.offset).unwrap();
        let raw: [u8; 4] = match format {
            "pcap" => return 16 + packet.data.len() as u64,
            _ => bytes[at + 4..at + 8].try_into().unwrap(),
        };
        // The writer above uses small blocks: whichever order gives the small number is the right one.
        u64::from(u32::from_le_bytes(raw).min(u32::from_be_bytes(raw)))
    };
    packets.iter().map(|packet| packet.offset + length(packet)).collect()
}

#[test]
fn every_prefix_yields_the_packets_before_the_cut() {
    for (format, bytes) in [("pcap", small_pcap()), ("pcapng", small_pcapng())] {
        let (whole, _) = read_all(Reader::from_bytes("whole", bytes.clone()).unwrap());
        assert!(whole.len() >= 3);
        let ends = ends(&whole, &bytes, format);
        for length in 0..bytes.len() {
            let prefix = bytes[..length].to_vec();
            let before = ends.iter().filter(|&&end| end <= length as u64).count();
            let readers = [
                Reader::from_bytes("cut", prefix.clone()),
                Reader::from_read("cut", Box::new(std::io::Cursor::new(prefix))),
            ];
            for reader in readers {
                let Ok(reader) = reader else {
                    assert!(length < 24, "{format} {length}");
                    continue;
                };
                let (packets, description) = read_all(reader);
                assert_eq!(packets, whole[..before], "{format} {length}");
                // A cut between two packets leaves no trace; any other must be said.
                assert!(description.problems.len() <= 1, "{description:?}");
                if ends.contains(&(length as u64)) {
                    assert_eq!(description.problems, [], "{format} {length}");
                }
            }
        }
    }
}

#[cfg(feature = "compression")]
#[test]
fn compressed_captures_are_read_as_far_as_they_go() {
    use std::io::Write;
    let bytes = small_pcapng();
    let (whole, _) = read_all(Reader::from_bytes("whole", bytes.clone()).unwrap());
    let gzip = |part: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(part).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |part: &[u8]| zstd::stream::encode_all(part, 0).unwrap();
    let (one, two) = bytes.split_at(100);
    for (name, packed) in [
        ("gzip", gzip(&bytes)),
        ("gzip", [gzip(one), gzip(two)].concat()),
        ("zstd", zstd(&bytes)),
        ("zstd", [zstd(one), zstd(two)].concat()),
    ] {
        let (packets, description) = read_all(Reader::from_bytes("packed", packed.clone()).unwrap());
        assert_eq!(packets, whole);
        assert_eq!(description.problems, []);
        assert_eq!(description.compression.map(hangup_capture::Compression::name), Some(name));
        for length in 0..packed.len() {
            if let Ok(reader) = Reader::from_bytes("cut", packed[..length].to_vec()) {
                let (packets, _) = read_all(reader);
                assert_eq!(packets, whole[..packets.len()]);
            }
        }
    }
    let packed = gzip(&bytes);
    let cut = packed[..packed.len() - 8].to_vec();
    let (packets, description) = read_all(Reader::from_bytes("cut", cut).unwrap());
    assert_eq!(packets, whole);
    assert!(description.problems[0].what.starts_with("the gzip data ends too early"), "{description:?}");
}

proptest! {
    /// Changed bytes may give other packets, but always an end, the same one from memory and from a stream, and
    /// packets that lie within the file.
    #[test]
    fn mangled_captures_have_an_end(
        ng in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = if ng { small_pcapng() } else { small_pcap() };
        for (at, value) in changes {
            let at = 4 + at.index(bytes.len() - 4);
            bytes[at] = value;
        }
        let length = bytes.len() as u64;
        let memory = Reader::from_bytes("mangled", bytes.clone()).map(read_all);
        let stream = Reader::from_read("mangled", Box::new(std::io::Cursor::new(bytes))).map(read_all);
        let (Ok((packets, description)), Ok((again, _))) = (memory, stream) else { return Ok(()) };
        if ng {
            prop_assert_eq!(&packets, &again);
        }
        for packet in &packets {
            prop_assert!(packet.offset + packet.data.len() as u64 <= length);
        }
        prop_assert!(packets.len() as u64 == description.packets);
    }

    /// Bytes that only begin like a capture do no harm either.
    #[test]
    fn noise_has_an_end(ng in any::<bool>(), noise in prop::collection::vec(any::<u8>(), 0..600)) {
        let start: &[u8] = if ng { &small_pcapng()[..28] } else { &small_pcap()[..24] };
        let bytes = [start, &noise].concat();
        let (packets, _) = read_all(Reader::from_bytes("noise", bytes).unwrap());
        prop_assert!(packets.len() <= noise.len() / 12 + 1);
    }
}
