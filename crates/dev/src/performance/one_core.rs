//! What one core reads in a second, beside the machine's own floor.

use super::bench::{Bench, FEW_TIMES, TIMES};
use super::runs::{CPU, Runs, WALL};
use super::shape::{Capture, Shape};
use super::table::{Table, count, real, three};
use std::io;

/// Small packets and full ones, with few connections open at a time and with many: the text report of a file in the page cache.
pub(super) fn loads(bench: &Bench, small: &Capture) -> io::Result<Table> {
    let mut table = Table::new(
        "One core, a file in memory, everything on",
        "The text report of a plain file that the system holds in its page cache. Packets a second and GB (10^9 bytes of file) a second are of the best run, with the \
         median run behind; the floor is the walk over the same file's record headers, and *times* is how much longer hangup takes.",
        &[
            "load",
            "open at a time",
            "packets",
            "a connection",
            "GB",
            "packets/s",
            "GB/s",
            "floor: packets/s",
            "GB/s",
            "times",
        ],
    );
    row(bench, &mut table, "small packets", small, TIMES)?;
    row(bench, &mut table, "small packets", &Shape::of("small", 100_000, 1_000).make(bench)?, FEW_TIMES)?;
    let million = Shape::of("small", 1_000_000, if bench.all { 6_000 } else { 1_500 });
    let cut = Shape { cut: !bench.all, ..million }.make(bench)?;
    row(bench, &mut table, if bench.all { "small packets" } else { "small packets, cut" }, &cut, FEW_TIMES)?;
    if !bench.all {
        table.note(
            "The load with a million connections is cut at 1.5 GB, before any connection ends: it is mostly handshakes, which are the dearest packets. With `--all` it is whole (8 GB).",
        );
    }
    drop(cut);
    row(
        bench,
        &mut table,
        "few packets a connection, half of the endings abnormal",
        &Shape::of("short", 1_000, 200).make(bench)?,
        TIMES,
    )?;
    row(bench, &mut table, "full-size packets, TLS 1.3", &Shape::of("full", 200, 1_000).make(bench)?, TIMES)?;
    Ok(table)
}

fn row(bench: &Bench, table: &mut Table, name: &str, capture: &Capture, times: usize) -> io::Result<()> {
    let (hangup, walk) = (bench.hangup(&[], &[&capture.path]), bench.walk(&capture.path));
    let [hangup, walk] = &Runs::alternating(&[&hangup, &walk], times)?[..] else { return Ok(()) };
    let made = capture.made;
    let (packets, gigabytes) = (real(made.packets), real(made.bytes) / 1e9);
    let millions = |seconds: f64| format!("{} M", three(packets / seconds / 1e6));
    table.row([
        name.to_owned(),
        count(made.open),
        count(made.packets),
        three(packets / real(made.connections)),
        three(gigabytes),
        format!("{} ({})", millions(hangup.best(CPU)), millions(hangup.median(CPU))),
        three(gigabytes / hangup.best(CPU)),
        millions(walk.best(CPU)),
        three(gigabytes / walk.best(CPU)),
        three(hangup.best(CPU) / walk.best(CPU)),
    ]);
    Ok(())
}

/// What the report's formats cost.
pub(super) fn formats(bench: &Bench, small: &Capture) -> io::Result<Table> {
    let mut table = Table::new(
        "Formats",
        "The first load of the table above, one core, in every format; what is written goes nowhere. JSON, NDJSON and CSV tell of every connection, the text report sums up. \
         *More* is the time beyond the text report's, and MB (10^6 bytes) a second are of that time alone.",
        &["format", "connections", "MB written", "seconds", "packets/s", "more", "MB written/s"],
    );
    let formats = ["text", "json", "ndjson", "csv"];
    let calls = formats.map(|format| bench.hangup(&["--format", format], &[&small.path]));
    let runs = Runs::alternating(&calls.each_ref(), FEW_TIMES)?;
    let text = runs.first().map_or(f64::NAN, |runs| runs.best(CPU));
    for ((format, call), runs) in formats.iter().zip(&calls).zip(&runs) {
        let (seconds, megabytes) = (runs.best(CPU), real(call.printed()?.bytes) / 1e6);
        let is_text = *format == "text";
        let unless_text = |cell: String| if is_text { String::new() } else { cell };
        table.row([
            (*format).to_owned(),
            count(small.made.connections),
            three(megabytes),
            three(seconds),
            format!("{} M", three(real(small.made.packets) / seconds / 1e6)),
            unless_text(format!("{} s", three(seconds - text))),
            unless_text(three(megabytes / (seconds - text))),
        ]);
    }
    if let Some(runs) = runs.first() {
        table.note(format!(
            "On the clock the text report took {} s: on one core, seconds are those of the processor.",
            three(runs.best(WALL))
        ));
    }
    Ok(table)
}
