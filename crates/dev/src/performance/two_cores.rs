//! Two cores against one, and decompression against the decompressor.

use super::bench::{Bench, TIMES};
use super::runs::{Runs, WALL};
use super::shape::{Capture, Shape};
use super::table::{Table, real, three};
use super::{Call, others};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One file, several files, and compressed ones, on one core and on two.
pub(super) fn cores(bench: &Bench, small: &Capture) -> io::Result<Table> {
    let mut table = Table::new(
        "Two cores",
        "Seconds on the clock for the text report, best run. What is printed on one core and on two must be the same bytes, in text and in NDJSON. Of compressed files, beside it: the \
         decompressor alone, on one core and writing to nowhere. What limits it: packets are followed, and their bytes read, on one thread, and that is some two thirds of all instructions (as callgrind counts them); \
         reading ahead, summing up and judging are what a second core can take over.",
        &["input", "GB", "one core", "two cores", "times faster", "the same bytes", "decompressor alone"],
    );
    row(bench, &mut table, "one file", &[&small.path], small.made.bytes, None)?;
    let four = (1..=4)
        .map(|seed| Shape { seed, ..Shape::of("small", 1_000, 125) }.make(bench))
        .collect::<io::Result<Vec<_>>>()?;
    let paths: Vec<&Path> = four.iter().map(|capture| capture.path.as_path()).collect();
    let bytes = four.iter().map(|capture| capture.made.bytes).sum();
    row(bench, &mut table, "four files of the same minutes, merged by time", &paths, bytes, None)?;
    drop(four);
    let plain = Shape { seed: 5, ..Shape::of("small", 1_000, 200) }.make(bench)?;
    for (name, program, ending) in [("gzip", "gzip", "gz"), ("Zstandard", "zstd", "zst")] {
        let Some(packed) = Packed::make(&plain, program, ending)? else {
            table.note(format!("`{program}` is not installed: nothing measured."));
            continue;
        };
        let alone = Call::new(program).with(["-dc".as_ref(), packed.0.as_os_str()]).on(&bench.one());
        let name = format!("the same load, smaller, {name}");
        row(bench, &mut table, &name, &[&packed.0], plain.made.bytes, Some(&alone))?;
    }
    if bench.two().is_none() {
        table.note("There is only one processor here.");
    }
    Ok(table)
}

fn row(
    bench: &Bench,
    table: &mut Table,
    name: &str,
    files: &[&Path],
    bytes: u64,
    alone: Option<&Call>,
) -> io::Result<()> {
    let on_two = |call: Call| bench.two().map_or(call.clone(), |two| call.on(&two));
    let one = bench.hangup(&[], files);
    let two = on_two(one.clone());
    let calls: Vec<&Call> = [&one, &two].into_iter().chain(alone).collect();
    let runs = Runs::alternating(&calls, TIMES)?;
    let mut same = true;
    for format in ["text", "ndjson"] {
        let one = bench.hangup(&["--format", format], files);
        same &= one.printed()? == on_two(one).printed()?;
    }
    let seconds: Vec<f64> = runs.iter().map(|runs| runs.best(WALL)).collect();
    let [one, two, alone @ ..] = seconds.as_slice() else { return Ok(()) };
    table.row([
        name.to_owned(),
        three(real(bytes) / 1e9),
        format!("{} s", three(*one)),
        format!("{} s", three(*two)),
        three(one / two),
        if same { "yes" } else { "NO" }.to_owned(),
        alone.first().map_or(String::new(), |alone| format!("{} s", three(*alone))),
    ]);
    Ok(())
}

/// A compressed copy of a capture, which is there as long as this is.
struct Packed(PathBuf);

impl Packed {
    /// None where the program is not installed.
    fn make(capture: &Capture, program: &str, ending: &str) -> io::Result<Option<Self>> {
        if others::installed(program).is_none() {
            return Ok(None);
        }
        let packed = Self(capture.path.with_extension(format!("pcap.{ending}")));
        let mut command = Command::new(program);
        command.args(["-c", "-q"]).arg(&capture.path).stdin(Stdio::null()).stderr(Stdio::null());
        if command.stdout(File::create(&packed.0)?).status()?.success() {
            Ok(Some(packed))
        } else {
            Err(io::Error::other(format!("{program}: the capture could not be compressed")))
        }
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
