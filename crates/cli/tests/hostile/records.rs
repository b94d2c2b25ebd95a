//! Records of classic pcap that are empty, enormous or lie about their length, and what unpacks to far more than it was.

use crate::run::{MIB, does_not_grow, fed, sized};
use crate::wire::{BEGIN, Line, SERVER, Wire, client};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

const JSON: [&str; 3] = ["-", "--format", "json"];

/// A capture with one whole connection; more can be written behind it.
fn one(out: &mut dyn Write) -> io::Result<()> {
    let mut wire = Wire::new(out)?;
    Line::open(&mut wire, client(0), SERVER)?.close(&mut wire)
}

/// The head of a record, in the byte order and with the clock of [`one`].
fn head(captured: u32, original: u32) -> [u8; 16] {
    let mut head = [0; 16];
    for (place, word) in
        head.chunks_exact_mut(4).zip([u32::try_from(BEGIN).unwrap() + 60, 0, captured, original])
    {
        place.copy_from_slice(&word.to_le_bytes());
    }
    head
}

#[test]
fn empty_records_for_ever() {
    let empty = |count: u64| {
        fed(&format!("empty_records ({count})"), &JSON, move |out| {
            one(out)?;
            (0..count).try_for_each(|_| out.write_all(&head(0, 0)))
        })
    };
    let count = sized(400_000, 50_000_000);
    let (once, four_times) = (empty(count / 4), empty(count));
    let report = four_times.held(0, 64).json();
    assert_eq!(report["captures"][0]["packets"], count + 6);
    assert_eq!(report["summary"]["connections"], 1);
    does_not_grow(&once, &four_times, 4);
}

/// As long as libpcap writes any.
#[test]
fn longest_records_for_ever() {
    const LONG: u32 = 262_144;
    let long = |count: u64| {
        fed(&format!("longest_records ({count})"), &JSON, move |out| {
            one(out)?;
            let bytes = vec![0xff; LONG as usize];
            (0..count).try_for_each(|_| {
                out.write_all(&head(LONG, LONG))?;
                out.write_all(&bytes)
            })
        })
    };
    let count = sized(400, 40_000);
    let (once, four_times) = (long(count / 4), long(count));
    assert_eq!(four_times.held(0, 64).json()["captures"][0]["packets"], count + 6);
    does_not_grow(&once, &four_times, 4);
}

/// What a record claims to be costs nothing before its bytes have come, and more than 256 MiB are not believed.
#[test]
fn records_that_lie_about_their_length() {
    for length in [0xffff_ffff, 0x8000_0000, 0x1000_0001, 0x0fff_ffff, 3_000_000] {
        let run = fed(&format!("lying_record ({length:#x})"), &JSON, move |out| {
            one(out)?;
            out.write_all(&head(length, length))?;
            out.write_all(&vec![0; 1_000_000])
        });
        let report = run.held(1, 64).json();
        assert_eq!(report["summary"]["connections"], 1, "what stands before it is reported");
        assert_eq!(report["captures"][0]["problems"].as_array().map(Vec::len), Some(1), "{report}");
    }
}

/// `head` and so many zeros behind it, packed; zeros are records without bytes.
fn bomb(zeros: u64) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    one(&mut packed).unwrap();
    let bytes = vec![0; 1 << 20];
    (0..zeros / MIB).try_for_each(|_| packed.write_all(&bytes)).unwrap();
    packed.finish().unwrap()
}

#[test]
fn compressed_bombs() {
    let zeros = sized(64, 8192) * MIB;
    let packed = bomb(zeros);
    assert!(packed.len() as u64 * 500 < zeros);
    let gzip = packed.clone();
    let run = fed("bomb (gzip)", &JSON, move |out| out.write_all(&gzip));
    assert_eq!(run.held(0, 64).json()["captures"][0]["packets"], zeros / 16 + 6);

    let cut = packed[..packed.len() / 2].to_vec();
    let run = fed("bomb (gzip, cut)", &JSON, move |out| out.write_all(&cut));
    assert_eq!(run.held(1, 64).json()["summary"]["connections"], 1);

    // Packed twice it is no capture: only one layer is taken off.
    let mut twice = GzEncoder::new(Vec::new(), Compression::best());
    twice.write_all(&packed).unwrap();
    let twice = twice.finish().unwrap();
    let run = fed("bomb (gzip in gzip)", &JSON, move |out| out.write_all(&twice));
    assert!(run.held(2, 64).err.contains("not a packet capture"), "{}", run.err);
}

/// A window of 128 MiB is the largest that is granted; one that asks for more is refused.
#[test]
fn compressed_bombs_of_zstandard() {
    let zeros = sized(64, 8192) * MIB;
    let packed = |window: u32| {
        let mut out = zstd::Encoder::new(Vec::new(), 1).unwrap();
        out.window_log(window).unwrap();
        one(&mut out).unwrap();
        let bytes = vec![0; 1 << 20];
        (0..zeros / MIB).try_for_each(|_| out.write_all(&bytes)).unwrap();
        out.finish().unwrap()
    };
    let (small, large) = (packed(27), packed(30));
    assert!(small.len() as u64 * 500 < zeros);
    let run = fed("bomb (zstd)", &JSON, move |out| out.write_all(&small));
    assert_eq!(run.held(0, 220).json()["captures"][0]["packets"], zeros / 16 + 6);
    let run = fed("bomb (zstd, large window)", &JSON, move |out| out.write_all(&large));
    run.held(2, 64);
}
