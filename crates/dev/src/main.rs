//! `cargo dev`: generators of what is checked in, and tools for stories.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use hangup_dev::{Family, Format, Link, Load, Order, Resolution, Shape, Story, play};

/// Generators and tools for work on hangup.
#[derive(Parser)]
#[command(name = "cargo dev")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
        /// Where chance begins.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Where the capture goes (pcap); `-` for standard output.
        #[arg(short)]
        output: PathBuf,
    },
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
enum LinkName {
    Ethernet,
    Vlan,
    LinuxSll,
    LinuxSll2,
    Raw,
    Null,
    Ppp,
}

/// Any failure: it is printed, and that is all.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    let done = match arguments.command {
        Command::Stories { folder } => stories(&folder, &mut out),
        Command::Causes => causes(&mut out),
        Command::Story { story, output, link, big_endian, nanos, v6 } => {
            let pcap = output.extension().is_some_and(|extension| extension == "pcap");
            let shape = Shape {
                format: if pcap { Format::Pcap } else { Format::Pcapng },
                order: if big_endian { Order::Big } else { Order::Little },
                resolution: if nanos { Resolution::Nanos } else { Resolution::Micros },
                link: link.into(),
            };
            let family = if v6 { Family::V6 } else { Family::AsWritten };
            compile(&story, &output, shape, family, &mut out)
        }
        Command::Load { story, open, megabytes, seed, output } => {
            load(&story, Load { open, bytes: megabytes * 1_000_000, seed }, &output)
        }
        Command::Schema { output } => fs::write(&output, hangup_dev::schema())
            .map_err(|error| format!("{}: {error}", output.display()).into()),
        Command::Examples { folder } => examples(&folder, &mut out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn stories(folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    for path in hangup_dev::markdown_files(folder)? {
        let story = read(&path)?;
        let causes: Vec<&str> = story.expectation.causes().collect();
        writeln!(out, "{}: {} [{}]", path.display(), story.title, causes.join(", "))?;
    }
    Ok(())
}

fn causes(out: &mut impl Write) -> Result<(), Failure> {
    let mut told = Vec::new();
    for path in hangup_dev::markdown_files(Path::new("tests/stories"))? {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        told.push((file, read(&path)?));
    }
    let seen = fs::read_to_string("docs/read-by-eye.md").unwrap_or_default();
    let rows = hangup_dev::causes(Path::new("."), &told, &hangup_dev::read_by_eye(&seen));
    let mut faults = Vec::new();
    for row in &rows {
        writeln!(out, "{row}")?;
        faults.extend(row.missing().iter().map(|what| format!("{} lacks {what}", row.id)));
    }
    writeln!(out, "{} causes", rows.len())?;
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

fn compile(
    story: &Path,
    to: &Path,
    shape: Shape,
    family: Family,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let played =
        play(&read(story)?.script, family).map_err(|error| format!("{}: {error}", story.display()))?;
    let bytes = shape.pack(&played)?;
    fs::write(to, &bytes).map_err(|error| format!("{}: {error}", to.display()))?;
    let connections = played.names.len();
    writeln!(
        out,
        "{}: {connections} connections, {} packets, {} bytes",
        to.display(),
        played.frames.len(),
        bytes.len()
    )?;
    Ok(())
}

/// Makes a load and says on standard error what it is: standard output may be the capture.
fn load(story: &Path, load: Load, to: &Path) -> Result<(), Failure> {
    let played = read(story)?.play().map_err(|error| format!("{}: {error}", story.display()))?;
    let made = if to == Path::new("-") {
        load.write(&played, io::stdout().lock())?
    } else {
        load.write(&played, io::BufWriter::with_capacity(1 << 20, fs::File::create(to)?))?
    };
    writeln!(
        io::stderr(),
        "{}: {} bytes, {} packets, {} connections, {} open at a time",
        to.display(),
        made.bytes,
        made.packets,
        made.connections,
        load.open
    )?;
    Ok(())
}

fn examples(folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    for path in hangup_dev::markdown_files(folder)? {
        compile(&path, &path.with_extension("pcapng"), Shape::default(), Family::AsWritten, out)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Story, Failure> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Story::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

impl From<LinkName> for Link {
    fn from(name: LinkName) -> Self {
        match name {
            LinkName::Ethernet => Self::Ethernet,
            LinkName::Vlan => Self::Vlan,
            LinkName::LinuxSll => Self::LinuxSll,
            LinkName::LinuxSll2 => Self::LinuxSll2,
            LinkName::Raw => Self::Raw,
            LinkName::Null => Self::Null,
            LinkName::Ppp => Self::Ppp,
        }
    }
}
