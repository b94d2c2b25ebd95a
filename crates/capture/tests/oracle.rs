//! What an independent parser reads, this one reads too.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod made;

use hangup_capture::{ByteOrder, Reader, pcap, pcapng};
use hangup_wire::{LinkType, Timestamp};
use made::{Kept, read_all};
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, LegacyPcapReader, PcapBlockOwned, PcapError, PcapNGReader};
use proptest::prelude::*;

/// A packet as the other parser tells it: nanoseconds, link type, original length, data.
type Told = (i64, i32, u32, Vec<u8>);

fn told_of(packets: &[Kept]) -> Vec<Told> {
    let tell = |packet: &Kept| {
        (packet.time.0, i32::from(packet.link.0), packet.original_length, packet.data.clone())
    };
    packets.iter().map(tell).collect()
}

/// Reads with the other parser.
fn read_with(mut reader: impl PcapReaderIterator, mut tell: impl FnMut(PcapBlockOwned<'_>)) {
    loop {
        match reader.next() {
            Ok((offset, block)) => {
                tell(block);
                reader.consume(offset);
            }
            Err(PcapError::Eof) => return,
            Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn packets() -> impl Strategy<Value = Vec<(i64, u32, Vec<u8>)>> {
    let time = 0..4_000_000_000_000_000_i64;
    prop::collection::vec((time, any::<u32>(), prop::collection::vec(any::<u8>(), 0..200)), 0..20)
}

fn order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(ByteOrder::Little), Just(ByteOrder::Big)]
}

proptest! {
    #[test]
    fn classic(order in order(), nanoseconds in any::<bool>(), packets in packets()) {
        let settings = pcap::Settings { order, nanoseconds, ..pcap::Settings::default() };
        let mut writer = pcap::Writer::new(Vec::new(), settings).unwrap();
        for (micros, original, data) in &packets {
            writer.packet(Timestamp(micros * 1000), *original, data).unwrap();
        }
        let bytes = writer.into_inner();
        let mut told: Vec<Told> = Vec::new();
        let mut link = 0;
        let unit = if nanoseconds { 1 } else { 1000 };
        read_with(LegacyPcapReader::new(65_536, &bytes[..]).unwrap(), |block| match block {
            PcapBlockOwned::LegacyHeader(header) => link = header.network.0,
            PcapBlockOwned::Legacy(packet) => told.push((
                i64::from(packet.ts_sec) * 1_000_000_000 + i64::from(packet.ts_usec) * unit,
                link,
                packet.origlen,
                packet.data.to_vec(),
            )),
            PcapBlockOwned::NG(_) => unreachable!(),
        });
        prop_assert_eq!(told.len(), packets.len());
        let (read, description) = read_all(Reader::from_bytes("oracle", bytes).unwrap());
        prop_assert_eq!(told_of(&read), told);
        prop_assert_eq!(description.problems.iter().filter(|problem| problem.frame.is_some()).count(), 0);
    }

    /// Powers of ten only: the other parser refuses all resolutions that are powers of two.
    #[test]
    fn next_generation(
        order in order(),
        sections in prop::collection::vec((prop::sample::select(vec![6_u8, 7, 9]), packets()), 1..4),
        unknown in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let mut writer = pcapng::Writer::new(Vec::new(), order).unwrap();
        for (index, (resolution, packets)) in sections.iter().enumerate() {
            if index > 0 {
                writer.section(order).unwrap();
            }
            let link = LinkType(u16::try_from(index).unwrap() + 1);
            let interface = writer.interface(link, *resolution, 0).unwrap();
            for (micros, original, data) in packets {
                let comment = (data.len() % 3 == 0).then_some("a comment");
                writer.packet(interface, Timestamp(micros * 1000), *original, data, comment).unwrap();
                writer.block(0x7001, &unknown).unwrap();
            }
        }
        let bytes = writer.into_inner();
        let mut told: Vec<Told> = Vec::new();
        let (mut link, mut clock) = (0, (0, 0));
        read_with(PcapNGReader::new(65_536, &bytes[..]).unwrap(), |block| match block {
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                link = interface.linktype.0;
                clock = (interface.if_tsoffset, interface.ts_resolution().unwrap());
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let (seconds, part) = packet.decode_ts(clock.0.cast_unsigned(), clock.1);
                let nanos = u128::from(part) * 1_000_000_000 / u128::from(clock.1);
                let data = packet.data[..packet.caplen as usize].to_vec();
                let time = i64::from(seconds) * 1_000_000_000 + i64::try_from(nanos).unwrap();
                told.push((time, link, packet.origlen, data));
            }
            _ => {}
        });
        prop_assert_eq!(told.len(), sections.iter().map(|(_, packets)| packets.len()).sum::<usize>());
        let (read, _) = read_all(Reader::from_bytes("oracle", bytes).unwrap());
        prop_assert_eq!(told_of(&read), told);
    }
}
