//! Instructions that hangup takes, counted by valgrind and held against a table: what continuous integration can guard.
//!
//! Time on a shared machine says little; instructions are the same on an idle machine and on a busy one. They are counted of the whole
//! release binary on one core over generated captures, so that nothing has to be built into it. What they still depend on:
//!
//! - the hash of the connection table is seeded anew in each run, which moves a count by some hundredths of a percent;
//! - the processor: valgrind shows every x86-64 with AVX2 the same one, so what picks its code by the processor (memchr, the C library)
//!   picks the same; without AVX2, or on another architecture, counts are not comparable;
//! - the compiler: the table names its version. With another one a count may move by more than a change of hangup's does, so then only
//!   what is far off fails.
//!
//! A calibrating program, counted in the same run, would not help: what one compiler makes better of it says nothing of hangup.

use crate::performance::rustc;
use crate::{Load, Story};
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fmt, iter};

/// A load whose instructions are counted: its name, its story, connections open at a time, and kilobytes.
type Counted = (&'static str, &'static str, u32, u64);

/// The first is the start: what a run takes that reads next to nothing. It is taken from what the others took.
const LOADS: [Counted; 4] = [
    ("start", "small", 1, 0),
    ("small packets", "small", 1_000, 10_000),
    ("full-size packets", "full", 100, 40_000),
    ("few packets a connection", "short", 1_000, 4_000),
];

/// Share by which a count may move: with the compiler of the table, and with another one.
const TOLERANCE: f64 = 0.03;
const OTHER_COMPILER: f64 = 0.15;

/// What the table begins with.
const HEAD: &str = "# Instructions of the release binary, counted by valgrind on x86-64; `cargo dev instructions --update` writes this file.\n";

/// The counts of one build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instructions {
    /// The compiler, as in `rustc 1.95.0`.
    compiler: String,
    rows: Vec<Row>,
}

/// The count of one load.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    load: String,
    packets: u64,
    /// Beyond those of the start, which itself stands whole.
    instructions: u64,
}

/// How a count moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// Whose, and how far, for people.
    pub what: String,
    /// By more than it may.
    pub too_far: bool,
}

impl Instructions {
    /// Counts those of `hangup`; captures are written to `folder` and removed.
    ///
    /// # Errors
    /// valgrind is not there, or hangup failed.
    pub fn count(hangup: &Path, folder: &Path) -> io::Result<Self> {
        let mut rows: Vec<Row> = Vec::new();
        for (load, story, open, kilobytes) in LOADS {
            let path = folder.join(format!("{story}-{open}.pcap"));
            let packets =
                generate(story, Load { open, bytes: kilobytes * 1_000, cut: false, seed: 0 }, &path)?;
            let all = count(hangup, &path);
            fs::remove_file(&path)?;
            let start = rows.first().map_or(0, |start| start.instructions);
            rows.push(Row { load: load.to_owned(), packets, instructions: all?.saturating_sub(start) });
        }
        Ok(Self { compiler: rustc(), rows })
    }

    /// Reads a table.
    ///
    /// # Errors
    /// It cannot be read, or is no such table.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(path)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        Self::parse(&text).ok_or_else(|| io::Error::other(format!("{}: no such table", path.display())))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let compiler = lines.next()?.strip_prefix("compiler\t")?.to_owned();
        let rows = lines.skip(1).map(|line| {
            let mut cells = line.split('\t');
            let load = cells.next()?.to_owned();
            Some(Row {
                load,
                packets: cells.next()?.parse().ok()?,
                instructions: cells.next()?.parse().ok()?,
            })
        });
        Some(Self { compiler, rows: rows.collect::<Option<_>>()? })
    }

    /// Each count against that of `before`. One that fell by more than it may has moved too far as well: the table is to say so, or
    /// what was won could be lost again unseen.
    pub fn against(&self, before: &Self) -> Vec<Moved> {
        let same = self.compiler == before.compiler;
        let tolerance = if same { TOLERANCE } else { OTHER_COMPILER };
        let compilers = format!("the table is of {}, this is {}", before.compiler, self.compiler);
        let other = (!same).then_some(Moved { what: compilers, too_far: false });
        let rows = self.rows.iter().map(|row| {
            let now = row.each();
            let Some(old) = before.rows.iter().find(|old| old.load == row.load).map(Row::each) else {
                return Moved { what: format!("{}: not in the table", row.load), too_far: true };
            };
            let share = now / old - 1.0;
            let what =
                format!("{}: {now:.0} instructions, {old:.0} before: {:+.2} %", row.unit(), 100.0 * share);
            Moved { what, too_far: share.abs() > tolerance }
        });
        other.into_iter().chain(rows).collect()
    }
}

impl Row {
    /// Instructions a packet; those of the start are told whole.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn each(&self) -> f64 {
        let packets = if self.is_start() { 1 } else { self.packets.max(1) };
        self.instructions as f64 / packets as f64
    }

    fn unit(&self) -> String {
        if self.is_start() { self.load.clone() } else { format!("{}, a packet", self.load) }
    }

    fn is_start(&self) -> bool {
        LOADS.first().is_some_and(|start| start.0 == self.load)
    }
}

/// The table.
impl fmt::Display for Instructions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compiler, rows } = self;
        write!(out, "{HEAD}compiler\t{compiler}\nload\tpackets\tinstructions\ta packet\n")?;
        for row in rows {
            let each = if row.is_start() { "-".to_owned() } else { format!("{:.0}", row.each()) };
            writeln!(out, "{}\t{}\t{}\t{each}", row.load, row.packets, row.instructions)?;
        }
        Ok(())
    }
}

/// Writes a load to `path`, and says how many packets it has.
fn generate(story: &str, load: Load, path: &Path) -> io::Result<u64> {
    let played = Story::played(Path::new(&format!("crates/dev/loads/{story}.md")))?;
    Ok(load.write(&played, BufWriter::new(File::create(path)?))?.packets)
}

/// Instructions of a text report.
fn count(hangup: &Path, capture: &Path) -> io::Result<u64> {
    let counts = capture.with_extension("counts");
    // On one core, so that what several threads share out among them does not depend on their luck; and in the same surroundings
    // everywhere, as they are copied at the start.
    let run = Command::new("taskset")
        .args(["-c", "0", "valgrind", "--tool=cachegrind", "--cache-sim=no"])
        .arg(format!("--cachegrind-out-file={}", counts.display()))
        .arg(hangup)
        .args(["report", "--quiet", "--tz", "UTC"])
        .arg(capture)
        .env_clear()
        .envs(iter::once(("PATH", std::env::var_os("PATH").unwrap_or_default())))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("taskset and valgrind: {error}")))?;
    let text = fs::read_to_string(&counts).unwrap_or_default();
    let _ = fs::remove_file(&counts);
    let summary = text.lines().find_map(|line| line.strip_prefix("summary: "));
    match summary.and_then(|summary| summary.split_whitespace().next()?.parse().ok()) {
        Some(instructions) if run.status.success() => Ok(instructions),
        _ => Err(io::Error::other(format!("valgrind: {}", String::from_utf8_lossy(&run.stderr)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(compiler: &str, start: u64, small: u64) -> Instructions {
        let row = |load: &str, packets, instructions| Row { load: load.into(), packets, instructions };
        Instructions {
            compiler: compiler.into(),
            rows: vec![row("start", 40, start), row("small packets", 1_000, small)],
        }
    }

    #[test]
    fn a_table_can_be_read_again() {
        let table = counted("rustc 1.95.0", 5_000_000, 300_000);
        assert_eq!(Instructions::parse(&table.to_string()), Some(table));
        assert_eq!(Instructions::parse("nothing"), None);
    }

    #[test]
    fn what_moves_too_far_is_told_in_both_directions() {
        let before = counted("rustc 1.95.0", 5_000_000, 300_000);
        let too_far = |now: &Instructions| -> Vec<bool> {
            now.against(&before).iter().map(|moved| moved.too_far).collect()
        };
        assert_eq!(too_far(&counted("rustc 1.95.0", 5_100_000, 300_000)), [false, false]);
        assert_eq!(too_far(&counted("rustc 1.95.0", 5_000_000, 310_000)), [false, true]);
        assert_eq!(too_far(&counted("rustc 1.95.0", 4_000_000, 300_000)), [true, false]);
        // Another compiler is told, and only what is far off fails.
        assert_eq!(too_far(&counted("rustc 1.97.0", 5_000_000, 330_000)), [false, false, false]);
        assert_eq!(too_far(&counted("rustc 1.97.0", 5_000_000, 400_000)), [false, false, true]);
        assert_eq!(too_far(&Instructions { rows: vec![], ..before.clone() }), [] as [bool; 0]);
    }
}
