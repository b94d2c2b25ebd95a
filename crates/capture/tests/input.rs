//! Several captures as one: files, folders, order of time, what cannot be read.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use hangup_capture::{ByteOrder, Input, OpenError, Packet, Reader, pcap, pcapng};
use hangup_wire::{LinkType, Timestamp};
use proptest::prelude::*;

/// A capture with a packet at each of these seconds.
fn capture(seconds: &[i64]) -> Vec<u8> {
    let mut writer = pcap::Writer::new(Vec::new(), pcap::Settings::default()).unwrap();
    for &second in seconds {
        writer.packet(Timestamp::new(second, 0), 4, b"data").unwrap();
    }
    writer.into_inner()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Capture, number and second of each packet.
fn read(input: &mut Input) -> Vec<(u32, u64, i64)> {
    let mut packets = Vec::new();
    while let Some(packet) = input.next() {
        packets.push((packet.capture, packet.number, packet.time.0 / 1_000_000_000));
    }
    packets
}

#[test]
fn captures_are_merged_by_time_and_equal_times_by_their_order() {
    let readers = [&[1, 5, 5, 9][..], &[5, 2, 20], &[], &[0, 5]];
    let readers = readers.iter().map(|seconds| Reader::from_bytes("x", capture(seconds)).unwrap()).collect();
    let mut input = Input::from_readers(readers);
    // The second of capture 1 runs back: packets keep their order within a capture.
    let expected =
        [(3, 1, 0), (0, 1, 1), (0, 2, 5), (0, 3, 5), (1, 1, 5), (1, 2, 2), (3, 2, 5), (0, 4, 9), (1, 3, 20)];
    assert_eq!(read(&mut input), expected);
    let counts: Vec<_> = input.descriptions().map(|description| description.packets).collect();
    assert_eq!(counts, [4, 3, 0, 2]);
    assert_eq!(input.total_bytes(), Some(input.position()));
    assert_eq!(read(&mut input.reopen().unwrap()), expected);
}

#[test]
fn a_ring_of_many_files_is_one_capture_in_order_of_time() {
    let folder = tempfile::tempdir().unwrap();
    // Names run against time, and neighbours overlap.
    for index in 0..100_i64 {
        let first = index * 10;
        write(folder.path(), &format!("ring-{:03}.pcap", 99 - index), &capture(&[first, first + 15]));
    }
    write(folder.path(), "notes.txt", b"not a capture");
    write(folder.path(), "empty.pcap", b"");
    write(folder.path(), "nothing-in-it.pcap", &capture(&[]));
    let mut input = Input::open(&[folder.path().to_owned()]).unwrap();
    assert_eq!(input.descriptions().len(), 101);
    let packets = read(&mut input);
    assert_eq!(packets.len(), 200);
    assert!(packets.is_sorted_by_key(|&(_, _, second)| second));
    // The number of a capture follows its first packet, not its name.
    assert!(packets.iter().all(|&(capture, number, second)| {
        i64::from(capture) * 10 == second - if number == 1 { 0 } else { 15 }
    }));
    assert!(input.failures().is_empty());
    assert!(input.descriptions().all(|description| description.problems.is_empty()));
    assert_eq!(input.total_bytes(), Some(input.position()));
    let mut again = input.reopen().unwrap();
    assert_eq!(read(&mut again), packets);
}

#[test]
fn what_cannot_be_read_beside_others_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "good", &capture(&[1]));
    let foreign = write(folder.path(), "foreign", b"snoop\0\0\0\0\0\0\x02\0\0\0\x04");
    let absent = folder.path().join("absent");
    let mut input = Input::open(&[absent.clone(), good, foreign.clone()]).unwrap();
    assert_eq!(read(&mut input), [(0, 1, 1)]);
    assert!(matches!(
        input.failures(),
        [OpenError::NotFound { .. }, OpenError::NotACapture { seems, .. }] if seems.is_capture()
    ));
    assert!(input.failures()[1].hint().contains("editcap"));
    // In a folder, a capture in a foreign format is worth a word; text is not.
    assert_eq!(Input::open(&[folder.path().to_owned()]).unwrap().failures().len(), 1);
    assert!(matches!(Input::open(&[foreign]), Err(OpenError::NotACapture { .. })));
    assert!(matches!(Input::open(&[absent]), Err(OpenError::NotFound { .. })));
    assert!(matches!(Input::open(&[]), Err(OpenError::Nothing)));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Input::open(&[empty.path().to_owned()]), Err(OpenError::NoCaptures { .. })));
}

#[test]
fn other_files_are_told_by_what_is_in_them() {
    for (bytes, hint) in [
        (&b"BZh91AY"[..], "bzip2 -d"),
        (b"\xfd7zXZ\0\0\0", "xz -d"),
        (b"PK\x03\x04....", "unzip"),
        (b"0000  45 00 00 28", "text2pcap"),
        (b"GMBU....", "editcap"),
    ] {
        let error = Reader::from_bytes("x", bytes.to_vec()).unwrap_err();
        assert!(error.hint().contains(hint), "{error}: {}", error.hint());
    }
}

#[test]
fn a_stream_can_be_read_once_only() {
    let stream = Reader::from_read("stream", Box::new(std::io::Cursor::new(capture(&[1, 2])))).unwrap();
    assert!(!stream.rewindable());
    let mut input = Input::from_readers(vec![stream]);
    assert_eq!((read(&mut input).len(), input.total_bytes()), (2, None));
    assert!(!input.rewindable());
    assert!(matches!(input.reopen(), Err(OpenError::Stream { .. })));
}

/// Even where it is cut between two packets.
#[test]
fn a_file_that_is_cut_while_it_is_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let seconds: Vec<i64> = (0..100_000).collect();
    let whole = capture(&seconds);
    let path = write(folder.path(), "cut", &whole);
    let mut reader = Reader::open(&path).unwrap();
    assert!(reader.next().is_some());
    let left = whole.len() - (whole.len() - 24) / seconds.len() * 50_000;
    fs::File::options().write(true).open(&path).unwrap().set_len(left as u64).unwrap();
    let mut count = 1;
    while reader.next().is_some() {
        count += 1;
    }
    assert_eq!(count, 50_000);
    let problems = &reader.describe().problems;
    assert!(
        problems.iter().any(|problem| problem.damage && problem.what.contains("shorter")),
        "{problems:?}"
    );
}

#[test]
fn reading_stops_where_it_is_told_to() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let folder = tempfile::tempdir().unwrap();
    let paths = [write(folder.path(), "a", &capture(&[1, 3])), write(folder.path(), "b", &capture(&[2, 4]))];
    let mut input = Input::open_until(&paths, &STOP).unwrap();
    assert!(input.next().is_some() && input.next().is_some());
    STOP.store(true, Ordering::Relaxed);
    assert!(input.next().is_none() && input.batch().is_none());
    for description in input.descriptions() {
        let [problem] = description.problems.as_slice() else { panic!("{description:?}") };
        assert!(problem.damage && problem.what.contains("interrupted"), "{problem:?}");
    }
}

/// A capture of one of the two formats with packets at these times and of these lengths.
fn drawn(next_generation: bool, packets: &[(i64, usize)]) -> Vec<u8> {
    let data = |length: usize| (0..=u8::MAX).cycle().take(length).collect::<Vec<u8>>();
    let original = |length: usize| u32::try_from(length).unwrap();
    if next_generation {
        let mut writer = pcapng::Writer::new(Vec::new(), ByteOrder::Little).unwrap();
        let interface = writer.interface(LinkType::ETHERNET, 9, 0).unwrap();
        for (nth, &(time, length)) in packets.iter().enumerate() {
            let comment = nth.is_multiple_of(17).then_some("a comment");
            writer.packet(interface, Timestamp(time), original(length), &data(length), comment).unwrap();
        }
        return writer.into_inner();
    }
    let mut writer = pcap::Writer::new(Vec::new(), pcap::Settings::default()).unwrap();
    for &(time, length) in packets {
        writer.packet(Timestamp(time), original(length), &data(length)).unwrap();
    }
    writer.into_inner()
}

/// A capture to be: whether it is pcapng, whether it is a stream, and its packets' times and lengths.
type Drawn = (bool, bool, Vec<(i64, usize)>);

/// Captures with times that mostly run on.
fn captures() -> impl Strategy<Value = Vec<Drawn>> {
    let step = prop_oneof![10 => 0..5_000_i64, 1 => -9_000..0_i64];
    let length = prop_oneof![20 => 0..200_usize, 1 => 20_000..60_000_usize];
    let packets = proptest::collection::vec((step, length), 0..150).prop_map(|steps| {
        let mut now = 1_000_000;
        steps
            .into_iter()
            .map(|(step, length)| {
                now += step;
                (now * 1_000, length)
            })
            .collect()
    });
    proptest::collection::vec((any::<bool>(), any::<bool>(), packets), 1..5)
}

proptest! {
    /// Many at a time or one by one: the same packets in the same order, and the same said of the captures.
    #[test]
    fn batches_are_what_one_by_one_gives(captures in captures()) {
        let open = || {
            let readers = captures.iter().filter_map(|(next_generation, stream, packets)| {
                let bytes = drawn(*next_generation, packets);
                if *stream {
                    Reader::from_read("x", Box::new(std::io::Cursor::new(bytes))).ok()
                } else {
                    Reader::from_bytes("x", bytes).ok()
                }
            });
            Input::from_readers(readers.collect())
        };
        let told = |packet: Packet<'_>| {
            (packet.capture, packet.number, packet.offset, packet.time, packet.link, packet.data.to_vec())
        };
        let (mut one, mut many) = (open(), open());
        let mut singly = Vec::new();
        while let Some(packet) = one.next() {
            singly.push(told(packet));
        }
        let (mut together, mut batches) = (Vec::new(), 0);
        while let Some(batch) = many.batch() {
            together.extend(batch.packets().map(told));
            batches += 1;
        }
        prop_assert_eq!(&singly, &together);
        prop_assert!(batches <= singly.len());
        let said = |input: &Input| input.descriptions().map(|description| format!("{description:?}")).collect::<Vec<_>>();
        prop_assert_eq!(said(&one), said(&many));
    }
}
