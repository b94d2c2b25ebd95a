//! Connections by the million: floods, storms, collisions, and clocks that cannot be trusted.

use crate::run::{Run, does_not_grow, fed, is_full, sized};
use crate::wire::{ACK, End, FIN, Line, RST, SERVER, SYN, Segment, Wire, client};
use std::io;

/// Only the sums are shown; at full size with the usual bounds, else with small ones.
fn sums() -> Vec<&'static str> {
    let sums = ["-", "--format", "json", "--port", "1"];
    let bound: &[&str] = if is_full() { &[] } else { &["--max-memory", "96M"] };
    [&sums, bound].concat()
}

/// What open connections may take, in MiB: by default a million of them, else what was asked for.
fn bound() -> u64 {
    sized(96, 1100)
}

/// So many connections were there, and the sums of their verdicts are theirs.
#[track_caller]
fn counted(run: &Run, connections: u64) {
    let summary = &run.json()["summary"];
    assert_eq!(summary["connections"], connections, "{summary}");
    let verdicts = ["normal", "abnormal", "undecided", "open"];
    let sum: u64 = verdicts.iter().map(|verdict| summary[verdict].as_u64().unwrap()).sum();
    assert_eq!(sum, connections, "{summary}");
}

/// The same with a quarter of them and with all: memory stays where it was.
fn grown(name: &str, count: u64, write: fn(&mut Wire<'_>, u64) -> io::Result<()>) {
    let flood = |count| {
        let run = fed(&format!("{name} ({count})"), &sums(), move |out| write(&mut Wire::new(out)?, count));
        counted(run.held(0, bound()), count);
        run
    };
    let few = flood(count / 4);
    does_not_grow(&few, &flood(count), 16);
}

fn syn(from: End, to: End) -> Segment<'static> {
    Segment { from, to, seq: 7, ack: 0, flags: SYN, payload: b"" }
}

#[test]
fn syn_flood() {
    grown("syn_flood", sized(200_000, 10_000_000), |wire, count| {
        (0..count).try_for_each(|index| wire.segment(&syn(client(index), SERVER)))
    });
}

#[test]
fn half_open_connections() {
    grown("half_open_connections", sized(200_000, 10_000_000), |wire, count| {
        (0..count).try_for_each(|index| {
            let (from, to) = (client(index), SERVER);
            wire.segment(&syn(from, to))?;
            wire.segment(&Segment { from: to, to: from, seq: 9, ack: 8, flags: SYN | ACK, payload: b"" })
        })
    });
}

/// Who was let go early is said to have been.
#[test]
fn half_open_connections_that_were_let_go_are_counted() {
    let run = fed("half_open, told", &["-", "--max-memory", "96M"], |out| {
        let mut wire = Wire::new(out)?;
        (0..40_000).try_for_each(|index| wire.segment(&syn(client(index), SERVER)))
    });
    run.held(0, 96).says("connections judged early, for there were more at once than the limit allows");
}

/// What collides where ends are simply mixed: the exclusive or of the two is the same for all, and so are the ports. With all
/// of them in one chain this would take hours. (What collides under a seed, only who knows the seed can compute.)
#[test]
fn hash_flooding() {
    let count = sized(120_000, 4_000_000);
    let run = fed("hash_flooding", &sums(), move |out| {
        let mut wire = Wire::new(out)?;
        (0..count).try_for_each(|index| {
            let [.., a, b, c] = index.to_be_bytes();
            let from = ([10, a, b, c], 40_000);
            wire.segment(&syn(from, (from.0.map(|byte| byte ^ 0x55), 40_000)))
        })
    });
    let seen = run.held(0, bound()).json()["summary"]["connections"].as_u64().unwrap();
    assert_eq!(seen, count);
}

#[test]
fn rst_storm() {
    grown("rst_storm", sized(120_000, 4_000_000), |wire, count| {
        for index in 0..count {
            let mut line = Line::open(wire, client(index), SERVER)?;
            line.send(wire, true, RST | ACK, b"")?;
            line.send(wire, false, RST, b"")?;
        }
        Ok(())
    });
}

/// On one connection, for ever, with every number that there is.
#[test]
fn resets_and_goodbyes_on_one_connection() {
    let count = sized(400_000, 10_000_000);
    let run = fed("resets_and_goodbyes", &["-", "--format", "json"], move |out| {
        let mut wire = Wire::new(out)?;
        let mut line = Line::open(&mut wire, client(0), SERVER)?;
        line.send(&mut wire, true, ACK, b"hello")?;
        for index in 0..count {
            let seq = u32::try_from(index).unwrap().wrapping_mul(0x9e37_79b9);
            let flags = [RST, FIN | ACK, RST | ACK, FIN][usize::try_from(index % 4).unwrap()];
            line.send_at(&mut wire, index % 3 == 0, flags, seq, b"")?;
        }
        Ok(())
    });
    let report = run.held(0, 64).json();
    assert_eq!(report["captures"][0]["packets"], count + 4);
    assert_eq!(report["summary"]["connections"], 1);
}

#[test]
fn fin_storm() {
    grown("fin_storm", sized(120_000, 4_000_000), |wire, count| {
        for index in 0..count {
            let mut line = Line::open(wire, client(index), SERVER)?;
            line.close(wire)?;
        }
        Ok(())
    });
}

/// The same ports call again and again, before anybody has hung up.
#[test]
fn ports_used_again_at_once() {
    grown("ports_used_again", sized(120_000, 4_000_000), |wire, count| {
        (0..count).try_for_each(|index| {
            let seq = u32::try_from(index).unwrap().wrapping_mul(100_000);
            let (from, to) = (client(0), SERVER);
            wire.segment(&Segment { from: to, to: from, seq, ack: 1, flags: RST | ACK, payload: b"" })?;
            wire.segment(&Segment { from, to, seq, ack: 0, flags: SYN, payload: b"" })
        })
    });
}

#[test]
fn timestamps_that_jump_and_run_back() {
    let count = sized(60_000, 2_000_000);
    let run = fed("timestamps", &["-", "--format", "json", "--port", "1"], move |out| {
        let mut wire = Wire::new(out)?;
        wire.step = 0;
        for index in 0..count {
            // From 1970 to 2106 and back, by what a multiplication makes of the number.
            let second = i64::try_from(index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).unwrap().max(60);
            wire.now = (second - crate::wire::BEGIN) * 1_000_000_000;
            let mut line = Line::open(&mut wire, client(index), SERVER)?;
            wire.now -= 3_000_000_000;
            line.close(&mut wire)?;
        }
        Ok(())
    });
    counted(run.held(0, 160), count);
    let problems = run.json()["captures"][0]["problems"].to_string();
    assert!(problems.contains("time runs back"), "{problems}");
}
