//! Classic pcap: its variations, its damage.

mod made;

use hangup_capture::pcap::{Settings, Writer};
use hangup_capture::{ByteOrder, OpenError, Reader};
use hangup_wire::{LinkType, Timestamp};
use made::{Kept, read_all, read_both_ways};

/// A file header.
fn header(magic: u32, version: (u16, u16), snaplen: u32, network: u32) -> Vec<u8> {
    let mut bytes = magic.to_le_bytes().to_vec();
    bytes.extend(version.0.to_le_bytes());
    bytes.extend(version.1.to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend(snaplen.to_le_bytes());
    bytes.extend(network.to_le_bytes());
    bytes
}

/// A record with `extra` bytes between the usual header and the data.
fn record(fields: [u32; 4], extra: usize, data: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = fields.iter().flat_map(|field| field.to_le_bytes()).collect();
    bytes.extend(vec![0xee; extra]);
    bytes.extend(data);
    bytes
}

#[test]
fn both_orders_and_both_units_give_the_same_packets() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        for nanoseconds in [false, true] {
            let link = LinkType(113);
            let mut writer =
                Writer::new(Vec::new(), Settings { order, nanoseconds, link, snaplen: 96 }).unwrap();
            writer.packet(Timestamp::new(1_600_000_000, 123_456_000), 1514, b"abc").unwrap();
            writer.packet(Timestamp::new(4_000_000_000, 0), 0, b"").unwrap();
            let (packets, description) = read_both_ways(&writer.into_inner());
            let first = Kept::new(1, 24, Timestamp::new(1_600_000_000, 123_456_000), link, 1514, b"abc");
            let second = Kept::new(2, 43, Timestamp::new(4_000_000_000, 0), link, 0, b"");
            assert_eq!(packets, [first, second]);
            assert_eq!(description.problems, []);
            assert_eq!((description.packets, description.bytes, description.captured_bytes), (2, 1514, 3));
            assert_eq!((description.snaplen_cut_packets, description.link_types), (1, vec![link]));
        }
    }
}

#[test]
fn a_record_longer_than_snaplen_is_no_damage() {
    let mut bytes = header(0xa1b2_c3d4, (2, 4), 10, 1);
    bytes.extend(record([1, 0, 20, 20], 0, &[7; 20]));
    let (packets, description) = read_both_ways(&bytes);
    assert_eq!((packets.len(), description.problems.len()), (1, 0));
}

#[test]
fn fractions_beyond_a_second_are_carried_and_said_once() {
    let mut bytes = header(0xa1b2_c3d4, (2, 4), 0, 1);
    bytes.extend(record([1, 1_000_001, 1, 1], 0, b"a"));
    bytes.extend(record([1, 3_000_000, 1, 1], 0, b"a"));
    let (packets, description) = read_both_ways(&bytes);
    assert_eq!(packets[0].time, Timestamp::new(2, 1000));
    assert_eq!(packets[1].time, Timestamp::new(4, 0));
    assert_eq!(description.problems.len(), 1);
    assert_eq!((description.problems[0].frame, description.problems[0].offset), (Some(1), 24));
}

#[test]
fn patched_headers_are_told_by_trying() {
    for (magic, extra) in [(0xa1b2_cd34, 8), (0xa1b2_cd34, 12), (0xa1b2_c3d4, 8), (0xa1b2_c3d4, 4)] {
        let mut bytes = header(magic, (2, 4), 65_535, 1);
        for second in 1..6 {
            bytes.extend(record([second, 5, 30, 30], extra, &[0xdd; 30]));
        }
        let (packets, description) = read_both_ways(&bytes);
        assert_eq!(description.problems, [], "{magic:#x} {extra}");
        assert_eq!(packets.len(), 5);
        assert!(packets.iter().all(|packet| packet.data == [0xdd; 30]));
        assert_eq!(packets[4].time, Timestamp::new(5, 5000));
    }
}

#[test]
fn old_versions_have_their_lengths_swapped() {
    for version in [(2, 2), (543, 0), (2, 3)] {
        let mut bytes = header(0xa1b2_c3d4, version, 65_535, 1);
        if version == (2, 2) {
            // Ethernet in version 2.2 would be AIX's number 6; 1 is that of everybody else.
            assert_eq!(bytes[20], 1);
        }
        bytes.extend(record([1, 0, 100, 3], 0, b"abc"));
        bytes.extend(record([1, 0, 3, 3], 0, b"abc"));
        let (packets, _) = read_both_ways(&bytes);
        assert_eq!(packets.len(), 2);
        assert_eq!((packets[0].original_length, &packets[0].data[..]), (100, &b"abc"[..]));
    }
}

#[test]
fn aix_has_its_own_link_types_and_nanoseconds() {
    let mut bytes = header(0xa1b2_c3d4, (2, 2), 65_535, 6);
    bytes.extend(record([1, 999_999_999, 3, 100], 0, b"abc"));
    let (packets, description) = read_both_ways(&bytes);
    assert_eq!(packets, [Kept::new(1, 24, Timestamp::new(1, 999_999_999), LinkType::ETHERNET, 100, b"abc")]);
    assert_eq!(description.problems, []);
}

#[test]
fn upper_bits_of_the_link_type_are_not_part_of_it() {
    let mut bytes = header(0xa1b2_c3d4, (2, 4), 0, 0x2400_0071);
    bytes.extend(record([1, 0, 1, 1], 0, b"a"));
    assert_eq!(read_both_ways(&bytes).0[0].link, LinkType(113));
}

#[test]
fn a_cut_packet_is_named_with_its_offset() {
    let mut bytes = header(0xa1b2_c3d4, (2, 4), 65_535, 1);
    bytes.extend(record([1, 0, 1, 1], 0, b"a"));
    bytes.extend(record([1, 0, 1514, 1514], 0, &[0; 60]));
    let (packets, description) = read_both_ways(&bytes);
    assert_eq!(packets.len(), 1);
    let problem = &description.problems[0];
    assert_eq!((problem.frame, problem.offset), (Some(2), 41));
    assert_eq!(
        problem.what,
        "the file ends in the middle of packet 2: 60 bytes of 1514 are there; it was cut, or is still being \
         written"
    );
}

#[test]
fn an_absurd_length_stops_and_says_so() {
    for claimed in [u32::MAX, 300 << 20, 100 << 20] {
        let mut bytes = header(0xa1b2_c3d4, (2, 4), 65_535, 1);
        for _ in 0..4 {
            bytes.extend(record([1, 0, 1, 1], 0, b"a"));
        }
        bytes.extend(record([1, 0, claimed, claimed], 0, &[0; 60]));
        let (packets, description) = read_both_ways(&bytes);
        assert_eq!((packets.len(), description.problems.len()), (4, 1));
        assert!(description.problems[0].what.contains("damaged"), "{:?}", description.problems);
    }
}

#[test]
fn a_header_alone_is_an_empty_capture_and_less_is_none() {
    let bytes = header(0xa1b2_c3d4, (2, 4), 65_535, 1);
    assert_eq!(read_all(Reader::from_bytes("x", bytes.clone()).unwrap()).0.len(), 0);
    for length in 4..24 {
        let cut = Reader::from_bytes("x", bytes[..length].to_vec());
        assert!(matches!(cut, Err(OpenError::Cut { have, .. }) if have == length as u64));
    }
    assert!(matches!(Reader::from_bytes("x", Vec::new()), Err(OpenError::Empty { .. })));
}

#[test]
fn times_that_pcap_cannot_hold_are_refused() {
    let mut writer = Writer::new(Vec::new(), Settings::default()).unwrap();
    for time in [Timestamp(-1), Timestamp::new(1 << 32, 0)] {
        assert!(writer.packet(time, 1, b"a").is_err());
    }
}
