//! What an open connection takes, and what a long capture takes.

use super::bench::Bench;
use super::shape::Shape;
use super::table::{Table, count, real, three};
use std::io;
use std::path::Path;

/// Connections of the smaller load of two, whose difference is so many more.
const OPEN: u32 = 200_000;

/// Bytes an open connection, and peaks.
pub(super) fn memory(bench: &Bench) -> io::Result<Table> {
    let mut table = Table::new(
        "Memory",
        "The most that a process had in memory. All connections of these loads are still open when the capture ends. Bytes a connection are the difference to a load of half as many, divided by \
         as many; all of them are judged at the end.",
        &["load", "open connections", "GB", "peak memory", "bytes a connection"],
    );
    for (name, story, million) in [
        ("handshake only", "silent", false),
        ("HTTP in clear, one exchange", "waiting", true),
        ("TLS, one exchange", "waiting-tls", bench.all),
    ] {
        let half = peak(bench, Shape::of(story, OPEN, 0))?;
        let whole = peak(bench, Shape::of(story, 2 * OPEN, 0))?;
        for (peak, before) in [(half, None), (whole, Some(half))] {
            row(&mut table, name, peak, before);
        }
        if million {
            row(&mut table, name, peak(bench, Shape::of(story, 1_000_000, 0))?, None);
        }
    }
    if bench.all {
        for megabytes in [200, 20_000] {
            let shape = Shape::of("small", 1_000, megabytes);
            let peak =
                bench.hangup(&[], &[Path::new("-")]).fed_by(shape.call(bench, Path::new("-"))).run()?.peak;
            row(&mut table, "small packets, on standard input", (peak, 1_000, megabytes * 1_000_000), None);
        }
    } else {
        table.note("A million connections with TLS, and 20 GB on standard input against 200 MB of the same shape, are measured with `--all`.");
    }
    Ok(table)
}

/// Bytes of memory at most, open connections, bytes of the capture.
type Peak = (u64, u64, u64);

fn peak(bench: &Bench, shape: Shape) -> io::Result<Peak> {
    let capture = shape.make(bench)?;
    Ok((bench.hangup(&[], &[&capture.path]).run()?.peak, capture.made.open, capture.made.bytes))
}

fn row(table: &mut Table, name: &str, (peak, open, bytes): Peak, half: Option<Peak>) {
    table.row([
        name.to_owned(),
        count(open),
        three(real(bytes) / 1e9),
        format!("{} MB", three(real(peak) / 1e6)),
        half.map_or(String::new(), |(before, fewer, _)| {
            three(real(peak.saturating_sub(before)) / real(open.saturating_sub(fewer).max(1)))
        }),
    ]);
}
