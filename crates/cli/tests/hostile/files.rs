//! Files that change while they are read, and outputs that cannot be written.

use crate::run::{Run, fed, program, program_behind, watched};
use crate::wire::{ACK, Line, RST, SERVER, Wire, client};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

/// So many calls that are refused, one a second.
fn refused(out: &mut dyn Write, count: u64) -> io::Result<()> {
    let mut wire = Wire::new(out)?;
    for index in 0..count {
        wire.now = i64::try_from(index).unwrap() * 1_000_000_000;
        Line::open(&mut wire, client(index), SERVER)?.send(&mut wire, false, RST | ACK, b"")?;
    }
    Ok(())
}

fn written(path: &Path, count: u64) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    refused(&mut out, count).unwrap();
    out.flush().unwrap();
}

/// A file is cut while the program has read half of it: it waits meanwhile for a second capture, that of its standard
/// input, which says nothing. The last packet that is left is cut as well, whenever it is that the program comes to it.
#[test]
fn file_that_shrinks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.pcap");
    written(&path, 20_000);
    // Left alone for an hour: finished, as far as anybody can tell.
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(1);
    File::options().append(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    let whole = fs::metadata(&path).unwrap().len();
    let file = path.clone();
    let arguments = [path.to_str().unwrap(), "-", "--format", "json"];
    let run = fed("file_that_shrinks", &arguments, move |out| {
        let mut wire = Wire::new(out)?;
        wire.now = 10_000 * 1_000_000_000;
        let mut line = Line::open(&mut wire, client(70_000), SERVER)?;
        // What is buffered on the way is to arrive.
        line.send(&mut wire, true, RST, &[0; 1 << 10])?;
        out.flush()?;
        thread::sleep(Duration::from_secs(1));
        File::options().write(true).open(&file)?.set_len(whole / 4 + 33)
    });
    let report = run.held(1, 128).json();
    let connections = report["summary"]["connections"].as_u64().unwrap();
    assert!((5000..20_002).contains(&connections), "{connections}");
    let problems = report["captures"][0]["problems"].to_string();
    assert!(problems.contains("shorter") || problems.contains("middle"), "{problems}");
}

/// What was there is reported; where the end falls into a packet that is being written, that is said.
#[test]
fn file_that_grows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.pcap");
    written(&path, 1000);
    let mut more = Vec::new();
    refused(&mut more, 2000).unwrap();
    let more = more.split_off(usize::try_from(fs::metadata(&path).unwrap().len()).unwrap());
    let child = program(&[path.to_str().unwrap(), "--format", "json"]).spawn().unwrap();
    let writer = thread::spawn(move || {
        let mut out = File::options().append(true).open(&path).unwrap();
        for bytes in more.chunks(97) {
            out.write_all(bytes).unwrap();
        }
    });
    let run = watched("file_that_grows", child);
    writer.join().unwrap();
    assert!([Some(0), Some(1)].contains(&run.code), "{run:?}");
    let report = run.held(run.code.unwrap(), 64).json();
    let connections = report["summary"]["connections"].as_u64().unwrap();
    assert!((1000..=2000).contains(&connections), "{connections}");
}

#[test]
fn file_that_goes_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("going.pcap");
    written(&path, 1000);
    let child = program(&[path.to_str().unwrap()]).spawn().unwrap();
    let _ = fs::remove_file(&path);
    let run = watched("file_that_goes_away", child);
    assert!([Some(0), Some(2)].contains(&run.code), "{run:?}");
}

/// Every output, each of them longer than what is buffered.
#[test]
fn full_disk() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    for arguments in [
        &["report", "-"][..],
        &["report", "-", "--format", "json"],
        &["report", "-", "--format", "ndjson"],
        &["report", "-", "--format", "csv"],
        &["list", "-"],
        &["show", "-", "--connection", "3"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.pcap");
        written(&path, 500);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = program(arguments);
        command.stdin(File::open(&path).unwrap()).stdout(Stdio::from(full));
        let run = watched(&format!("full_disk ({})", arguments.join(" ")), command.spawn().unwrap());
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.err.contains("standard output cannot be written: No space left"), "{run:?}");
    }
}

/// The disk is full for a file of so many KiB: what was begun is taken away again.
#[test]
fn full_disk_for_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("some.pcap");
    written(&capture, 500);
    let report = folder.path().join("report.json");
    let arguments = [capture.to_str().unwrap(), "--format", "json", "-o", report.to_str().unwrap()];
    let command = program_behind("trap '' XFSZ; ulimit -f 64", &arguments).spawn().unwrap();
    let run = watched("full_disk (report)", command);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("report.json cannot be written"), "{run:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
}

/// The disk is full for what waits for the judge.
#[test]
fn full_disk_for_the_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.pcap");
    written(&path, 30_000);
    let arguments = [path.to_str().unwrap(), "--max-memory", "96M"];
    let command = program_behind("trap '' XFSZ; ulimit -f 64", &arguments).spawn().unwrap();
    let run = watched("full_disk (temporary file)", command);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{run:?}");
    assert!(run.err.contains("temporary file") && run.err.contains("hint: "), "{run:?}");
}

/// Whoever reads the output goes away in the middle of it: that is no error, and not worth a word.
#[test]
fn closed_pipe() {
    for format in ["json", "ndjson", "csv"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.pcap");
        written(&path, 3000);
        let mut child = program(&[path.to_str().unwrap(), "--format", format]).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 100]).unwrap();
        drop(out);
        let run = watched(&format!("closed_pipe ({format})"), child);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
    }
}

/// The other end of standard input breaks off in the middle of a packet.
#[test]
fn stream_that_breaks_off() {
    let run: Run = fed("stream_that_breaks_off", &["-", "--format", "json"], |out| {
        refused(out, 100)?;
        out.write_all(&[0x55; 7])
    });
    assert_eq!(run.held(1, 64).json()["summary"]["connections"], 100);
}
