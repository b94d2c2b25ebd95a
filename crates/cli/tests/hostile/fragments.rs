//! IP fragments that overlap, that are never whole, and that are tiny.

use crate::run::{does_not_grow, fed, sized};
use crate::wire::{SERVER, SYN, Segment, Wire, client, ip};

/// More fragments follow.
const MORE: u16 = 0x2000;

#[test]
fn overlapping_fragments() {
    let count = sized(100_000, 2_000_000);
    let run = fed("overlapping_fragments", &["-", "--format", "json", "--port", "1"], move |out| {
        let mut wire = Wire::new(out)?;
        for index in 0..count {
            let (from, to) = (client(index), SERVER);
            let tcp = Segment { from, to, seq: 7, ack: 0, flags: SYN, payload: &[7; 100] }.tcp();
            let id = u16::try_from(index % 65_536).unwrap();
            // The first counts; a second one lies over it and speaks of another port.
            let mut other = tcp.clone();
            other[1] ^= 1;
            wire.frame(&ip(from.0, to.0, id, MORE, &tcp[..64]))?;
            wire.frame(&ip(from.0, to.0, id, MORE, &other[..56]))?;
            wire.frame(&ip(from.0, to.0, id, 3, &other[24..]))?;
        }
        Ok(())
    });
    assert_eq!(run.held(0, sized(200, 1200)).json()["summary"]["connections"], count);
}

/// Each is the end of a packet of 64 KiB whose other parts never come.
#[test]
fn fragments_of_what_is_never_whole() {
    let never = |count: u64| {
        fed(&format!("fragments ({count})"), &["-", "--format", "json"], move |out| {
            let mut wire = Wire::new(out)?;
            for index in 0..count {
                let id = u16::try_from(index % 65_536).unwrap();
                wire.frame(&ip(client(index).0, SERVER.0, id, 8189, &[0; 16]))?;
            }
            let (from, to) = (client(0), SERVER);
            wire.segment(&Segment { from, to, seq: 7, ack: 0, flags: SYN, payload: b"" })
        })
    };
    let count = sized(200_000, 10_000_000);
    let (once, four_times) = (never(count / 4), never(count));
    assert_eq!(four_times.held(0, 64).json()["summary"]["connections"], 1);
    does_not_grow(&once, &four_times, 8);
}

/// Eight bytes each, every second one of them: ranges that never touch.
#[test]
fn tiny_fragments() {
    let count = sized(200_000, 10_000_000);
    let run = fed("tiny_fragments", &["-", "--format", "json"], move |out| {
        let mut wire = Wire::new(out)?;
        for index in 0..count {
            let offset = u16::try_from(index % 4000).unwrap() * 2 + 1;
            let id = u16::try_from(index / 4000 % 65_536).unwrap();
            wire.frame(&ip(client(0).0, SERVER.0, id, MORE | offset, &[0; 8]))?;
        }
        Ok(())
    });
    let report = run.held(0, 64).json();
    assert_eq!(report["captures"][0]["undecoded_packets"], count);
}
