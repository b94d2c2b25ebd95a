//! pcapng: its blocks, its damage.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod made;

use hangup_capture::pcapng::Writer;
use hangup_capture::{ByteOrder, Reader};
use hangup_wire::{LinkType, Timestamp};
use made::{Kept, read_all, read_both_ways};

const ORDERS: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];

/// The numbers of a block's body, in one byte order.
struct Body(ByteOrder, Vec<u8>);

impl Body {
    fn new(order: ByteOrder) -> Self {
        Self(order, Vec::new())
    }
    fn u16(mut self, value: u16) -> Self {
        self.1.extend(if self.0 == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }
    fn u32(mut self, value: u32) -> Self {
        self.1.extend(if self.0 == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }
    fn u64(mut self, value: u64) -> Self {
        self.1.extend(if self.0 == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }
    fn padded(mut self, bytes: &[u8]) -> Self {
        self.1.extend(bytes);
        self.1.resize(self.1.len().next_multiple_of(4), 0);
        self
    }
    fn option(self, code: u16, value: &[u8]) -> Self {
        self.u16(code).u16(u16::try_from(value.len()).unwrap()).padded(value)
    }
    /// The fixed fields of an Enhanced Packet Block of interface 0 at `ticks`.
    fn packet(self, ticks: u64, data: &[u8]) -> Self {
        let length = u32::try_from(data.len()).unwrap();
        let (high, low) = (u32::try_from(ticks >> 32).unwrap(), u32::try_from(ticks & 0xffff_ffff).unwrap());
        self.u32(0).u32(high).u32(low).u32(length).u32(length).padded(data)
    }
}

fn writer(order: ByteOrder) -> Writer<Vec<u8>> {
    Writer::new(Vec::new(), order).unwrap()
}

#[test]
fn packets_come_back_as_they_were_written() {
    for order in ORDERS {
        for resolution in [6, 9, 0x9e] {
            let mut writer = writer(order);
            assert_eq!(writer.interface(LinkType(113), resolution, 0).unwrap(), 0);
            assert_eq!(writer.interface(LinkType::ETHERNET, resolution, 96).unwrap(), 1);
            let time = Timestamp::new(1_600_000_000, 123_456_000);
            writer.packet(1, time, 1514, b"abcde", Some("it was \"here\"")).unwrap();
            writer.packet(0, time, 0, b"", None).unwrap();
            let (packets, description) = read_both_ways(&writer.into_inner());
            let first = Kept { interface: 1, ..Kept::new(1, 92, time, LinkType::ETHERNET, 1514, b"abcde") };
            assert_eq!(packets[0], first);
            assert_eq!(packets[1], Kept::new(2, 156, time, LinkType(113), 0, b""));
            assert_eq!(description.problems, []);
            assert_eq!(description.comments[0].text, "it was \"here\"");
            assert_eq!((description.comments[0].frame, description.comments[0].offset), (Some(1), 92));
            assert_eq!(description.link_types, [LinkType::ETHERNET, LinkType(113)]);
            assert_eq!((description.interfaces[1].snaplen, description.snaplen_cut_packets), (96, 1));
        }
    }
}

#[test]
fn sections_may_change_the_byte_order_and_begin_their_interfaces_anew() {
    let mut writer = writer(ByteOrder::Big);
    writer.interface(LinkType(1), 6, 0).unwrap();
    writer.interface(LinkType(2), 6, 0).unwrap();
    writer.packet(1, Timestamp::new(1, 0), 1, b"a", None).unwrap();
    writer.section(ByteOrder::Little).unwrap();
    writer.interface(LinkType(3), 9, 0).unwrap();
    writer.packet(0, Timestamp::new(2, 1), 1, b"b", None).unwrap();
    let (packets, description) = read_both_ways(&writer.into_inner());
    let seen: Vec<_> =
        packets.iter().map(|packet| (packet.number, packet.interface, packet.link.0)).collect();
    assert_eq!(seen, [(1, 1, 2), (2, 2, 3)]);
    assert_eq!((packets[1].time, description.interfaces.len()), (Timestamp::new(2, 1), 3));
}

#[test]
fn simple_and_obsolete_packets_are_packets() {
    for order in ORDERS {
        let mut writer = writer(order);
        writer.interface(LinkType::ETHERNET, 6, 4).unwrap();
        // The obsolete block has 16-bit fields for the interface and for what was lost.
        let old = Body::new(order).u16(0).u16(3).u32(0).u32(5_000_000).u32(3).u32(9).padded(b"old");
        writer.block(2, &old.1).unwrap();
        // Six bytes on the wire, four kept by the interface.
        writer.block(3, &Body::new(order).u32(6).padded(b"simp").1).unwrap();
        let old = Body::new(order).u16(0).u16(0xffff).u32(0).u32(6_000_000).u32(3).u32(3).padded(b"two");
        writer.block(2, &old.1).unwrap();
        let (packets, description) = read_both_ways(&writer.into_inner());
        let seen: Vec<_> = packets
            .iter()
            .map(|packet| {
                (packet.number, packet.time.0 / 1_000_000_000, packet.original_length, &packet.data[..])
            })
            .collect();
        assert_eq!(seen, [(1, 5, 9, &b"old"[..]), (2, 5, 6, b"simp"), (3, 6, 3, b"two")]);
        assert_eq!((description.dropped_by_capture, description.problems), (Some(3), vec![]));
    }
}

#[test]
fn lost_packets_are_counted_once_whoever_counts_them() {
    for order in ORDERS {
        let mut writer = writer(order);
        writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
        let packet = |lost: u64| {
            let raw = Body::new(order).u64(lost).1;
            Body::new(order).packet(1, b"abcd").option(4, &raw).option(0, &[]).1
        };
        let statistics = |by_interface: u64, by_system: u64| {
            let (a, b) = (Body::new(order).u64(by_interface).1, Body::new(order).u64(by_system).1);
            Body::new(order).u32(0).u64(0).option(5, &a).option(7, &b).1
        };
        writer.block(6, &packet(2)).unwrap();
        writer.block(6, &packet(3)).unwrap();
        writer.block(5, &statistics(3, 0)).unwrap();
        let (_, description) = read_both_ways(writer.get_ref());
        assert_eq!(description.dropped_by_capture, Some(5));
        writer.block(5, &statistics(6, 1)).unwrap();
        let (_, description) = read_both_ways(&writer.into_inner());
        assert_eq!(description.dropped_by_capture, Some(7));
    }
}

#[test]
fn a_capture_that_says_nothing_of_losses_is_not_said_to_have_none() {
    let mut writer = writer(ByteOrder::Little);
    writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
    let (_, description) = read_both_ways(&writer.into_inner());
    assert_eq!(description.dropped_by_capture, None);
}

#[test]
fn names_secrets_and_comments_are_kept() {
    for order in ORDERS {
        let mut writer = writer(order);
        let mut four = vec![192, 0, 2, 1];
        four.extend(b"one.example\0other.example\0");
        let mut six = vec![0; 16];
        six.extend(b"six.example\0");
        let names = Body::new(order).option(1, &four).option(2, &six).option(0, &[]).option(1, b"of names");
        writer.block(4, &names.1).unwrap();
        writer.block(10, &Body::new(order).u32(0x544c_534b).u32(5).padded(b"CLIEN").1).unwrap();
        let interface = Body::new(order).u16(1).u16(0).u32(0).option(2, b"eth0").option(11, b"\0port 443");
        writer.block(1, &interface.1).unwrap();
        let (_, description) = read_both_ways(&writer.into_inner());
        assert_eq!(description.problems, []);
        assert_eq!(description.names[&"192.0.2.1".parse().unwrap()], "one.example");
        assert_eq!(description.names[&"::".parse().unwrap()], "six.example");
        assert_eq!(
            (description.secrets[0].kind, &description.secrets[0].bytes[..]),
            (0x544c_534b, &b"CLIEN"[..])
        );
        assert_eq!(description.comments[0].text, "of names");
        assert_eq!(description.interfaces[0].name.as_deref(), Some("eth0"));
        assert_eq!(description.interfaces[0].filter.as_deref(), Some("port 443"));
    }
}

#[test]
fn other_blocks_are_skipped_and_some_have_a_frame_number_in_wireshark() {
    let mut writer = writer(ByteOrder::Little);
    writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
    let packet = Body::new(ByteOrder::Little).packet(1, b"abcd").1;
    for kind in [0x1234, 9, 0xbad, 0x4000_0bad, 0x204] {
        writer.block(kind, &[7; 100]).unwrap();
        writer.block(6, &packet).unwrap();
    }
    // Longer than any buffer: it must not be held.
    writer.block(0x1234, &vec![0; 1 << 20]).unwrap();
    writer.block(6, &packet).unwrap();
    let (packets, description) = read_both_ways(&writer.into_inner());
    let numbers: Vec<_> = packets.iter().map(|packet| packet.number).collect();
    assert_eq!(numbers, [1, 3, 5, 7, 9, 10]);
    assert_eq!((description.skipped_blocks, description.frames, description.problems), (6, 10, vec![]));
}

#[test]
fn the_clock_has_a_resolution_and_an_offset() {
    for order in ORDERS {
        let mut writer = writer(order);
        let offset = Body::new(order).u64(1000).1;
        let interface = Body::new(order).u16(1).u16(0).u32(0).option(9, &[0x8a]).option(14, &offset);
        writer.block(1, &interface.1).unwrap();
        writer.block(6, &Body::new(order).packet(1024 + 256, b"abcd").1).unwrap();
        let (packets, _) = read_both_ways(&writer.into_inner());
        assert_eq!(packets[0].time, Timestamp::new(1001, 250_000_000));
    }
}

#[test]
fn lengths_that_differ_are_said_and_the_first_is_believed() {
    let mut writer = writer(ByteOrder::Little);
    writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
    let packet = Body::new(ByteOrder::Little).packet(1, b"abcd").1;
    writer.block(6, &packet).unwrap();
    let mut bytes = writer.get_ref().clone();
    let tail = bytes.len() - 4;
    bytes[tail] = 99;
    writer.block(6, &packet).unwrap();
    let length = bytes.len();
    bytes.extend(&writer.into_inner()[length..]);
    let (packets, description) = read_both_ways(&bytes);
    assert_eq!(packets.len(), 2);
    assert_eq!(description.problems.len(), 1);
    assert!(description.problems[0].what.contains("36 bytes long and 99 at its end"), "{description:?}");
}

#[test]
fn a_packet_that_lies_is_left_out_and_keeps_its_number() {
    let order = ByteOrder::Little;
    let good = Body::new(order).packet(1, b"abcd").1;
    for (bad, why) in [
        (Body::new(order).u32(7).u32(0).u32(0).u32(4).u32(4).padded(b"abcd").1, "does not describe"),
        (Body::new(order).u32(0).u32(0).u32(0).u32(5).u32(5).padded(b"abcd").1, "more bytes than its block"),
        (Body::new(order).u32(0).u32(0).1, "too short"),
    ] {
        let mut writer = writer(order);
        writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
        for body in [&good, &bad, &good] {
            writer.block(6, body).unwrap();
        }
        let (packets, description) = read_both_ways(&writer.into_inner());
        assert_eq!(packets.iter().map(|packet| packet.number).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(description.problems.len(), 1);
        assert_eq!(description.problems[0].frame, Some(2));
        assert!(description.problems[0].what.contains(why), "{:?}", description.problems);
    }
}

#[test]
fn a_block_whose_length_is_bad_stops() {
    for total in [0, 11, u32::MAX, 300 << 20] {
        let mut writer = writer(ByteOrder::Little);
        writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
        let packet = Body::new(ByteOrder::Little).packet(1, b"abcd").1;
        writer.block(6, &packet).unwrap();
        let mut bytes = writer.into_inner();
        let offset = bytes.len() as u64;
        bytes.extend(6_u32.to_le_bytes());
        bytes.extend(total.to_le_bytes());
        bytes.extend([0; 64]);
        let (packets, description) = read_both_ways(&bytes);
        assert_eq!((packets.len(), description.problems.len()), (1, 1), "{total}");
        assert_eq!(description.problems[0].offset, offset);
    }
}

#[test]
fn a_cut_packet_is_named() {
    let mut writer = writer(ByteOrder::Little);
    writer.interface(LinkType::ETHERNET, 6, 0).unwrap();
    writer.packet(0, Timestamp(0), 60, &[1; 60], None).unwrap();
    writer.packet(0, Timestamp(0), 60, &[1; 60], None).unwrap();
    let bytes = writer.into_inner();
    let (packets, description) =
        read_all(Reader::from_bytes("x", bytes[..bytes.len() - 10].to_vec()).unwrap());
    assert_eq!((packets.len(), description.problems[0].frame), (1, Some(2)));
    assert_eq!(
        description.problems[0].what,
        "the file ends in the middle of packet 2: 82 bytes of 92 are there; it was cut, or is still being written"
    );
}
