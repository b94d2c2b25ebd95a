//! Conversations that never come to an end: pieces without what stands in front, hellos, heads and alerts for ever.

use crate::run::{Run, does_not_grow, fed, sized};
use crate::wire::{ACK, Line, PSH, SERVER, Wire, client};
use std::io::{self, Write};

/// One document with everything.
const JSON: [&str; 3] = ["-", "--format", "json"];

/// A handshake of TLS that begins: a record of 16,384 bytes with a message that claims 256 KiB, the most that is believed.
const HELLO: [u8; 9] = [22, 3, 1, 0x40, 0, 1, 4, 0, 0];

/// What is said on one open connection: with a quarter of it and with all of it memory stays where it was.
fn grown(name: &str, count: u64, say: fn(&mut Wire<'_>, &mut Line, u64) -> io::Result<()>) -> (Run, Run) {
    let spoken = |count: u64| {
        fed(&format!("{name} ({count})"), &JSON, move |out: &mut dyn Write| {
            let mut wire = Wire::new(out)?;
            let mut line = Line::open(&mut wire, client(0), SERVER)?;
            (0..count).try_for_each(|index| say(&mut wire, &mut line, index))
        })
    };
    let (once, four_times) = (spoken(count / 4), spoken(count));
    for run in [&once, &four_times] {
        assert_eq!(run.held(0, 64).json()["summary"]["connections"], 1);
    }
    does_not_grow(&once, &four_times, 8);
    (once, four_times)
}

#[test]
fn overlapping_segments() {
    let (_, run) = grown("overlapping_segments", sized(200_000, 10_000_000), |wire, line, index| {
        // Each covers half of the one before with other bytes, and some of them all that went before.
        let bytes = [u8::try_from(index % 251).unwrap(); 200];
        let back = if index % 7 == 0 { 40_000 } else { 100 };
        line.send_at(wire, true, ACK, line.next[0].wrapping_sub(back), &bytes)?;
        line.next[0] = line.next[0].wrapping_add(100);
        Ok(())
    });
    assert_eq!(run.json()["connections"][0]["id"], 0);
}

#[test]
fn sequence_games() {
    grown("sequence_games", sized(200_000, 10_000_000), |wire, line, index| {
        // Numbers from everywhere, acknowledgments of what was never sent, windows that were never offered.
        let seq = u32::try_from(index).unwrap().wrapping_mul(0x9e37_79b9);
        let mut liar = *line;
        liar.next = [seq, seq.rotate_left(7)];
        liar.send_at(wire, index % 2 == 0, ACK | PSH, seq, b"what comes from nowhere")
    });
}

/// One byte of each two, so that nothing is ever in order: what waits has a bound, and so has what it costs to keep it
/// apart.
#[test]
fn holes_that_are_never_filled() {
    let holes = |count: u64| {
        fed(&format!("holes ({count})"), &["-", "--max-memory", "128M", "--format", "json"], move |out| {
            let mut wire = Wire::new(out)?;
            for index in 0..count / 2000 {
                let line = Line::open(&mut wire, client(index), SERVER)?;
                for hole in 1..=2000 {
                    line.send_at(&mut wire, true, ACK, line.next[0] + 2 * hole, b"x")?;
                }
            }
            Ok(())
        })
    };
    let count = sized(800_000, 20_000_000);
    let (once, four_times) = (holes(count / 4), holes(count));
    assert_eq!(four_times.held(0, 128).json()["summary"]["connections"], count / 2000);
    does_not_grow(&once, &four_times, 16);
}

#[test]
fn alerts_by_the_million() {
    let (_, run) = grown("alerts", sized(200_000, 4_000_000), |wire, line, index| {
        // Warnings that end nothing: no_renegotiation.
        line.send(wire, index % 2 == 0, ACK | PSH, &[21, 3, 3, 0, 2, 1, 100])
    });
    let alerts = run.json()["connections"][0]["tls"]["alerts"].as_array().map(Vec::len);
    assert!(alerts.is_some_and(|alerts| alerts <= 16), "{alerts:?}");
}

#[test]
fn records_of_nothing() {
    grown("records_of_nothing", sized(100_000, 2_000_000), |wire, line, index| {
        // Twenty records of TLS without a byte in them.
        let kind = [20, 21, 22, 23][usize::try_from(index % 4).unwrap()];
        line.send(wire, index % 2 == 0, ACK | PSH, &[kind, 3, 3, 0, 0].repeat(20))
    });
}

#[test]
fn client_hello_that_never_ends() {
    grown("client_hello", sized(60_000, 1_000_000), |wire, line, index| {
        // Twelve packets make a record; then the same message goes on in the next one.
        let mut bytes = if index % 12 == 0 { HELLO[..5].to_vec() } else { Vec::new() };
        if index == 0 {
            bytes.extend(&HELLO[5..]);
        }
        bytes.resize(if index % 12 == 11 { 16_384 + 5 - 11 * 1366 } else { 1366 }, 0);
        line.send(wire, true, ACK | PSH, &bytes)
    });
}

/// On ever more connections, each with as much as is kept of one.
#[test]
fn client_hellos_that_never_end() {
    let hellos = |count: u64| {
        let bound = ["-", "--max-memory", "160M", "--format", "json", "--port", "1"];
        fed(&format!("client_hellos ({count})"), &bound, move |out| {
            let mut wire = Wire::new(out)?;
            for index in 0..count {
                let mut line = Line::open(&mut wire, client(index), SERVER)?;
                for part in 0..4 {
                    let mut record = [&HELLO[..5], &[0; 16_384]].concat();
                    if part == 0 {
                        record[5..9].copy_from_slice(&HELLO[5..]);
                    }
                    for bytes in record.chunks(8000) {
                        line.send(&mut wire, true, ACK | PSH, bytes)?;
                    }
                }
            }
            Ok(())
        })
    };
    let count = sized(8000, 200_000);
    let (once, four_times) = (hellos(count / 4), hellos(count));
    assert_eq!(four_times.held(0, 160).json()["summary"]["connections"], count);
    does_not_grow(&once, &four_times, 16);
}

/// Byte by byte: who reads what has come from its start each time does not come to an end.
#[test]
fn request_heads_that_never_end() {
    let count = sized(200_000, 4_000_000);
    let run = fed("request_heads", &JSON, move |out| {
        let mut wire = Wire::new(out)?;
        for index in 0..count / 20_000 {
            let mut line = Line::open(&mut wire, client(index), ([192, 0, 2, 7], 80))?;
            line.send(&mut wire, true, ACK | PSH, b"GET / HTTP/1.1\r\n")?;
            for _ in 0..20_000 {
                line.send(&mut wire, true, ACK | PSH, b"a\n")?;
            }
        }
        Ok(())
    });
    assert_eq!(run.held(0, 64).json()["summary"]["connections"], count / 20_000);
}

#[test]
fn requests_that_nobody_answers() {
    let (_, run) = grown("requests", sized(200_000, 4_000_000), |wire, line, _| {
        line.send(wire, true, ACK | PSH, b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
    });
    assert_eq!(run.json()["connections"][0]["protocol"], "http");
}
