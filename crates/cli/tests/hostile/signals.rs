//! Interruption in the middle: what was found so far is reported, and the exit status is 130.

use crate::run::{Run, program, watched};
use crate::wire::{ACK, Line, RST, SERVER, Wire, client};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Calls that are refused.
fn refused(wire: &mut Wire<'_>, indices: std::ops::Range<u64>) -> io::Result<()> {
    for index in indices {
        Line::open(wire, client(index), SERVER)?.send(wire, false, RST | ACK, b"")?;
    }
    Ok(())
}

/// Waits until the program notes interruptions, where the system tells, and interrupts it.
fn interrupt(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    let notes = || {
        let status = fs::read_to_string(&status).ok()?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        Some(u64::from_str_radix(caught.trim(), 16).ok()? & 0b10 != 0)
    };
    for _ in 0..500 {
        if notes() != Some(false) {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    // Some of what was sent is to be read first.
    thread::sleep(Duration::from_millis(500));
    let sent = Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status().unwrap();
    assert!(sent.success());
}

/// Reads what `feed` writes, until it is interrupted once `feed` says so.
fn interrupted(
    name: &str,
    arguments: &[&str],
    feed: impl FnOnce(&mut dyn Write, &mpsc::Sender<()>) -> io::Result<()> + Send + 'static,
) -> Run {
    let mut child = program(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = BufWriter::new(child.stdin.take().unwrap());
    let (now, when) = mpsc::channel();
    let (over, wait) = mpsc::channel::<()>();
    let feeder = thread::spawn(move || {
        // Whoever writes on is told by the pipe that nobody reads any more.
        let _ = feed(&mut pipe, &now);
        let _ = wait.recv();
    });
    when.recv().unwrap();
    interrupt(&child);
    let run = watched(name, child);
    drop(over);
    feeder.join().unwrap();
    run
}

#[test]
fn interrupted_while_packets_come() {
    let run = interrupted("interrupted (busy)", &["-", "--format", "json", "--port", "1"], |out, now| {
        let mut wire = Wire::new(out)?;
        refused(&mut wire, 0..20_000)?;
        now.send(()).unwrap();
        // For ever, until nobody reads any more.
        refused(&mut wire, 20_000..u64::MAX)
    });
    let report = run.held(130, 256).json();
    assert!(report["summary"]["connections"].as_u64().unwrap() >= 10_000, "{report}");
    assert!(report["captures"][0]["problems"].to_string().contains("interrupted"), "{report}");
    assert!(run.err.contains("interrupted"), "{}", run.err);
}

/// A stream that says nothing just then is let go as well.
#[test]
fn interrupted_in_silence() {
    for format in ["text", "json", "ndjson", "csv"] {
        let arguments = ["-", "--format", format];
        let run = interrupted(&format!("interrupted (silent, {format})"), &arguments, |out, now| {
            refused(&mut Wire::new(out)?, 0..100)?;
            out.flush()?;
            now.send(()).unwrap();
            Ok(())
        });
        run.held(130, 64);
        match format {
            "text" => run.says("None of 100 endings can be decided").says("reading was interrupted here"),
            "json" => {
                assert_eq!(run.json()["summary"]["connections"], 100);
                &run
            }
            "csv" => {
                assert_eq!(run.out.lines().count(), 101);
                &run
            }
            _ => run.says("\"connections\":100"),
        };
    }
}

#[test]
fn interrupted_before_anything_came() {
    let run = interrupted("interrupted (at once)", &["-"], |_, now| {
        now.send(()).unwrap();
        Ok(())
    });
    assert_eq!((run.code, run.out.as_str()), (Some(130), ""), "{run:?}");
    assert!(run.err.contains("interrupted before there was anything to read"), "{run:?}");
}

/// The report of what was read is a whole one.
#[test]
fn interrupted_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let arguments = ["-", "--format", "json", "-o", path.to_str().unwrap()];
    let run = interrupted("interrupted (file)", &arguments, |out, now| {
        refused(&mut Wire::new(out)?, 0..100)?;
        out.flush()?;
        now.send(()).unwrap();
        Ok(())
    });
    assert_eq!(run.code, Some(130), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(report["summary"]["connections"], 100);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
