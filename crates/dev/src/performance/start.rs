//! A small job: what somebody waits for who looks at one small file.

use super::bench::Bench;
use super::runs::{Runs, WALL};
use super::shape::Shape;
use super::table::{Table, count, real, three};
use std::io;

/// Runs of so short a job.
const TIMES: usize = 50;

/// A megabyte, from start to exit.
pub(super) fn start(bench: &Bench) -> io::Result<Table> {
    let mut table = Table::new(
        "A small job",
        "`hangup report` of a small capture, from its start to its exit on the clock, with all cores; best and median of fifty runs.",
        &["capture", "packets", "connections", "best", "median"],
    );
    for (name, megabytes) in [("one megabyte", 1), ("ten connections", 0)] {
        let capture = Shape::of("small", 10, megabytes).make(bench)?;
        let call = super::Call::new(&bench.hangup).with(["report", "--quiet"]).with([&capture.path]);
        let [runs] = &Runs::alternating(&[&call], TIMES)?[..] else { continue };
        table.row([
            format!("{name} ({} MB)", three(real(capture.made.bytes) / 1e6)),
            count(capture.made.packets),
            count(capture.made.connections),
            format!("{} ms", three(runs.best(WALL) * 1e3)),
            format!("{} ms", three(runs.median(WALL) * 1e3)),
        ]);
    }
    Ok(table)
}
