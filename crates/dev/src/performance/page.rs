//! All tables, as a page in Markdown.

use super::shape::Shape;
use super::{Bench, growth, machine, memory, one_core, others, start, two_cores};
use std::io;

/// Measures everything, and writes the page. `doing` is told what comes next.
///
/// # Errors
/// A capture could not be written, or a program failed that was to be measured.
pub fn page(bench: &Bench, doing: &mut dyn FnMut(&str)) -> io::Result<String> {
    let mut out = head(bench);
    let mut add = |table: super::table::Table| {
        out.push('\n');
        out.push_str(&table.markdown());
    };
    doing("small packets, one core");
    let small = Shape::of("small", 1_000, 500).make(bench)?;
    add(one_core::loads(bench, &small)?);
    doing("formats");
    add(one_core::formats(bench, &small)?);
    doing("two cores");
    add(two_cores::cores(bench, &small)?);
    doing("other programs");
    add(others::others(bench, &small)?);
    drop(small);
    doing("growth");
    add(growth::growth(bench)?);
    doing("memory");
    add(memory::memory(bench)?);
    doing("a small job");
    add(start::start(bench)?);
    Ok(out)
}

fn head(bench: &Bench) -> String {
    format!(
        "# How fast hangup is, and what memory it takes\n\n\
         Written by `cargo dev performance{}`, which generates its captures, measures, and removes them. Figures are of one machine and move by some percent from run to run; no \
         test depends on them. What must not grow unseen is counted in instructions: `cargo dev instructions`.\n\n\
         - **Machine**: {}.\n\
         - **Captures**: the connections of the stories in [`crates/dev/loads`](../crates/dev/loads), over and over between other addresses and ports: the same bytes on every machine. Small \
         packets are some forty a connection: TLS 1.3, TLS 1.2, and HTTP in clear, all ending by a goodbye.\n\
         - **Figures**: each run is a process of its own, the system says what it took. What is compared runs in turn, three or five times, and the best counts. One core means that the process is \
         held on it (`taskset`), and seconds are those of the processor, its own and the system's: of a file in memory that is the time on the clock.\n\
         - **Floor**: a loop of `read()` into a buffer of 128 KiB that looks at the length in each record's header and at nothing else. Nobody finds the packets of a file with less.\n",
        if bench.all { " --all" } else { "" },
        machine::machine()
    )
}
