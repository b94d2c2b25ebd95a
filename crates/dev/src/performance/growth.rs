//! Whether a packet costs more in a longer capture.

use super::bench::{Bench, FEW_TIMES, TIMES};
use super::runs::{CPU, Runs};
use super::shape::Shape;
use super::table::{Table, count, real, three};
use std::io;

/// The story, and connections open at a time.
const SHAPE: (&str, u32) = ("short", 1_000);

/// From a thousand connections to a million, and with `--all` to ten.
pub(super) fn growth(bench: &Bench) -> io::Result<Table> {
    let mut table = Table::new(
        "Cost of a packet as files grow",
        "The same load, few packets a connection, a thousand connections open at a time, half of the endings abnormal: one core, the text report, best run. The first row is mostly the \
         start of the program.",
        &["connections", "packets", "GB", "ns a packet", "floor: ns a packet", "times", "peak memory"],
    );
    let (story, open) = SHAPE;
    // Megabytes that make so many thousand connections, by what one of them takes.
    let one = Shape::of(story, open, 10).make(bench)?.made;
    let thousands = |thousands: u64| one.bytes * thousands / one.connections / 1_000;
    let mut sizes = vec![0, thousands(10), thousands(100), thousands(1_000)];
    if bench.all {
        sizes.push(thousands(10_000));
    } else {
        table.note("Ten million connections are measured with `--all`.");
    }
    for megabytes in sizes {
        let capture = Shape::of(story, open, megabytes).make(bench)?;
        let (hangup, walk) = (bench.hangup(&[], &[&capture.path]), bench.walk(&capture.path));
        let times = if megabytes > 100 { FEW_TIMES } else { TIMES };
        let peak = hangup.run()?.peak;
        let [hangup, walk] = &Runs::alternating(&[&hangup, &walk], times)?[..] else { continue };
        let packets = real(capture.made.packets);
        table.row([
            count(capture.made.connections),
            count(capture.made.packets),
            three(real(capture.made.bytes) / 1e9),
            three(hangup.best(CPU) / packets * 1e9),
            three(walk.best(CPU) / packets * 1e9),
            three(hangup.best(CPU) / walk.best(CPU)),
            format!("{} MB", three(real(peak) / 1e6)),
        ]);
    }
    Ok(table)
}
