//! What can be asked of `cargo dev`.

use clap::{Parser, Subcommand, ValueEnum};
use hangup_dev::Orders;
use std::path::PathBuf;

/// Generators and tools for work on hangup.
#[derive(Parser)]
#[command(name = "cargo dev")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the stories and the causes that they tell of.
    Stories {
        /// Folder of stories.
        #[arg(default_value = "tests/stories")]
        folder: PathBuf,
    },
    /// List the causes of the catalogue: rule, stories, real captures; fail where one is missing.
    Causes,
    /// Compile one story to a capture file.
    Story {
        /// The story.
        story: PathBuf,
        /// Where the capture goes; `.pcap` or `.pcapng` chooses the format.
        #[arg(short)]
        output: PathBuf,
        /// Link type of the capture.
        #[arg(long, value_enum, default_value_t = LinkName::Ethernet)]
        link: LinkName,
        /// Big-endian instead of little-endian.
        #[arg(long)]
        big_endian: bool,
        /// Nanoseconds instead of microseconds.
        #[arg(long)]
        nanos: bool,
        /// IPv6 instead of the addresses of the story.
        #[arg(long)]
        v6: bool,
    },
    /// Write a capture of any size for measuring, from the connections of a story.
    Load {
        /// The story: one of `crates/dev/loads`, or any other of TCP over IPv4.
        story: PathBuf,
        /// Connections open at a time.
        #[arg(long, default_value_t = 1_000)]
        open: u32,
        /// Megabytes (10^6 bytes) of the capture.
        #[arg(long, default_value_t = 500)]
        megabytes: u64,
        /// End it there, wherever the connections stand, and not when all of them have ended.
        #[arg(long)]
        cut: bool,
        /// Where chance begins, and which of 256 networks the clients are in
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Where the capture goes (pcap); `-` for standard output.
        #[arg(short)]
        output: PathBuf,
    },
    /// Cut seeds for the fuzz targets out of the stories, the examples and the open set of the lab.
    Seeds {
        /// Where they go: a folder for each target.
        #[arg(default_value = "fuzz/corpus")]
        folder: PathBuf,
    },
    /// Walk over the record headers of a pcap file and do nothing else: the machine's own floor.
    Walk {
        /// The capture.
        capture: PathBuf,
    },
    /// Measure hangup beside the machine's floor and the programs that are installed, and write the tables.
    Performance {
        /// Also the largest loads: 12 GB of disk, and a quarter of an hour.
        #[arg(long)]
        all: bool,
        /// The binary that is measured; built where none is given.
        #[arg(long)]
        hangup: Option<PathBuf>,
        /// Where captures are written, and left; else they go to a temporary folder and are removed.
        #[arg(long)]
        folder: Option<PathBuf>,
        /// Where the page goes.
        #[arg(default_value = "docs/performance.md")]
        output: PathBuf,
    },
    /// Count hangup's instructions with valgrind, and fail where they are not those of the table.
    Instructions {
        /// Write the table instead.
        #[arg(long)]
        update: bool,
        /// The binary whose instructions are counted; built where none is given.
        #[arg(long)]
        hangup: Option<PathBuf>,
        /// The table.
        #[arg(default_value = "crates/dev/instructions.tsv")]
        table: PathBuf,
    },
    /// Make endings with real programs, capture them at both ends, and write down what is true of them (root, Linux).
    Lab {
        /// Which scenarios; all where none is named.
        names: Vec<String>,
        /// Those of the sealed set.
        #[arg(long)]
        sealed: bool,
        /// Play and check, but write nothing; both sets where nothing is named.
        #[arg(long)]
        smoke: bool,
        /// So many at a time; they mostly wait.
        #[arg(long, default_value_t = 3)]
        at_once: usize,
        /// Begin no scenario after so many minutes; every day begins at another one.
        #[arg(long)]
        minutes: Option<u64>,
        /// The mornings of `lab/mornings` instead of the scenarios: what the client's end captured, drawn out.
        #[arg(long, conflicts_with = "sealed")]
        mornings: bool,
    },
    /// Move whole connections in time, so that a capture of a minute takes a morning.
    Stretch {
        /// The capture.
        input: PathBuf,
        /// Where the longer one goes (pcapng).
        #[arg(short)]
        output: PathBuf,
        /// When its first packet comes, as in `2026-11-25T08:54:00+01:00`.
        #[arg(long)]
        from: jiff::Timestamp,
        /// When its last packet comes at the latest.
        #[arg(long)]
        to: jiff::Timestamp,
        /// Where chance begins.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Play one end of a connection over rustls in the lab; a scenario calls it as `{dev} peer`.
    Peer(Orders),
    /// Hold the judge against the lab: print how often it is right.
    Score {
        /// Against the sealed set, and write down in its log what came of it; the page is left as it is.
        #[arg(long)]
        sealed: bool,
        /// Where the page goes.
        #[arg(default_value = "docs/accuracy.md")]
        output: PathBuf,
    },
    /// Write down what the judge says of new scenarios, before a rule is touched for them: `lab/first-sight.tsv`.
    FirstSight {
        /// The new scenarios.
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Fit the curve that makes a probability of the evidence's weight to `lab/first-sight.tsv`, and print it.
    Calibrate,
    /// Write the JSON Schema of the report.
    Schema {
        /// Where it goes.
        #[arg(default_value = "docs/hangup-1.schema.json")]
        output: PathBuf,
    },
    /// Compile every story in `examples` to the capture beside it.
    Examples {
        /// Folder of examples.
        #[arg(default_value = "examples")]
        folder: PathBuf,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LinkName {
    Ethernet,
    Vlan,
    LinuxSll,
    LinuxSll2,
    Raw,
    Null,
    Ppp,
}
