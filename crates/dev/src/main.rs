//! `cargo dev`: generators of what is checked in, and tools for stories.

mod args;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use args::{Arguments, Command, LinkName};
use clap::Parser;
use hangup_dev::lab::{OPEN, SEALED};
use hangup_dev::performance::Bench;
use hangup_dev::score::{FirstSight, Log, Reached};
use hangup_dev::{
    Family, Format, Instructions, Link, Load, Order, Resolution, Seeds, Shape, Story, Stretch, play,
};

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
        Command::Load { story, open, megabytes, cut, seed, output } => {
            load(&story, Load { open, bytes: megabytes * 1_000_000, cut, seed }, &output)
        }
        Command::Seeds { folder } => seeds(&folder, &mut out),
        Command::Walk { capture } => walk(&capture, &mut out),
        Command::Performance { all, hangup, folder, output } => {
            performance(all, hangup, folder, &output, &mut out)
        }
        Command::Instructions { update, hangup, table } => instructions(update, hangup, &table, &mut out),
        Command::Lab { names, sealed, smoke, at_once, minutes, mornings } => {
            let sets = match (sealed, mornings) {
                (true, _) => &[Set::Sealed][..],
                (_, true) => &[Set::Mornings],
                _ if smoke && names.is_empty() => &[Set::Sealed, Set::Open],
                _ => &[Set::Open],
            };
            let until = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
            sets.iter().try_for_each(|&set| Lab { set, smoke, until }.run(&names, at_once, &mut out))
        }
        Command::Stretch { input, output, from, to, seed } => {
            let (from, to) = (moment(from.as_second()), moment(to.as_second()));
            stretch(&input, &output, Stretch { from, to, seed })
        }
        Command::Peer(orders) => orders.carry_out(),
        Command::Score { sealed: true, .. } => score_sealed(&mut out),
        Command::Score { output, .. } => score(&output, &mut out),
        Command::FirstSight { names } => first_sight(&names, &mut out),
        Command::Calibrate => calibrate(&mut out),
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
        let story = Story::read(&path)?;
        let causes: Vec<&str> = story.expectation.causes().collect();
        writeln!(out, "{}: {} [{}]", path.display(), story.title, causes.join(", "))?;
    }
    Ok(())
}

fn causes(out: &mut impl Write) -> Result<(), Failure> {
    let mut told = Vec::new();
    for path in hangup_dev::markdown_files(Path::new("tests/stories"))? {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        told.push((file, Story::read(&path)?));
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
        play(&Story::read(story)?.script, family).map_err(|error| format!("{}: {error}", story.display()))?;
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
    let played = Story::played(story)?;
    let made = if to == Path::new("-") {
        load.write(&played, io::stdout().lock())?
    } else {
        load.write(&played, io::BufWriter::with_capacity(1 << 20, fs::File::create(to)?))?
    };
    writeln!(io::stderr(), "{}: {made}", to.display())?;
    Ok(())
}

/// Each story in another shape, so that all formats, byte orders and link types are among the seeds.
fn seeds(folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let mut seeds = Seeds::below(folder);
    let mut shapes = Shape::all().into_iter().cycle();
    for stories in ["tests/stories", "examples"] {
        for path in hangup_dev::markdown_files(Path::new(stories))? {
            let played = Story::played(&path)?;
            seeds.add(&stem(&path), &shapes.next().unwrap_or_default().pack(&played)?)?;
        }
    }
    let mut captures: Vec<PathBuf> = fs::read_dir(Path::new(OPEN).join("captures"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    captures.sort();
    for path in captures {
        seeds.add(&stem(&path), &fs::read(&path)?)?;
    }
    writeln!(out, "{}: {} seeds", folder.display(), seeds.count())?;
    Ok(())
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn walk(capture: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let walked = hangup_dev::performance::walk(fs::File::open(capture)?)?;
    writeln!(out, "{} packets, {} bytes", walked.packets, walked.bytes)?;
    Ok(())
}

/// Measures with the release build of this program: in any other the floor would be too high, and hangup look too good.
fn performance(
    all: bool,
    hangup: Option<PathBuf>,
    folder: Option<PathBuf>,
    output: &Path,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let own = released("hangup-dev")?;
    let hangup = hangup.map_or_else(|| released("hangup"), Ok)?;
    let keep = folder.is_some();
    let temporary = tempfile::tempdir()?;
    let folder = folder.unwrap_or_else(|| temporary.path().to_owned());
    fs::create_dir_all(&folder)?;
    let mut bench = Bench::new(hangup, own, folder);
    (bench.keep, bench.all) = (keep, all);
    let page = hangup_dev::performance::page(&bench, &mut |what| {
        let _ = writeln!(io::stderr(), "measuring: {what}");
    })?;
    fs::write(output, &page).map_err(|error| format!("{}: {error}", output.display()))?;
    write!(out, "{page}")?;
    Ok(())
}

fn instructions(
    update: bool,
    hangup: Option<PathBuf>,
    table: &Path,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let hangup = hangup.map_or_else(|| released("hangup"), Ok)?;
    let counted = Instructions::count(&hangup, tempfile::tempdir()?.path())?;
    if update {
        write!(out, "{counted}")?;
        return fs::write(table, counted.to_string())
            .map_err(|error| format!("{}: {error}", table.display()).into());
    }
    let moved = counted.against(&Instructions::read(table)?);
    for moved in &moved {
        writeln!(out, "{}{}", moved.what, if moved.too_far { " - too far" } else { "" })?;
    }
    if moved.iter().any(|moved| moved.too_far) {
        return Err("where that is meant, `cargo dev instructions --update` writes the table".into());
    }
    Ok(())
}

/// Builds a package for release, and says where its binary is: beside this one, whose profile is another's.
fn released(package: &str) -> Result<PathBuf, Failure> {
    let done = process::Command::new("cargo").args(["build", "--release", "--package", package]).status()?;
    if !done.success() {
        return Err(format!("{package} could not be built").into());
    }
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent).ok_or("this program is not in a target folder")?;
    Ok(target.join("release").join(package))
}

fn examples(folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    for path in hangup_dev::markdown_files(folder)? {
        compile(&path, &path.with_extension("pcapng"), Shape::default(), Family::AsWritten, out)?;
    }
    Ok(())
}

/// Where the programs of the lab are.
const PROGRAMS: &str = "lab/programs";

/// What the lab can play.
#[derive(Clone, Copy)]
enum Set {
    Open,
    Sealed,
    Mornings,
}

impl Set {
    /// The folder of the set.
    fn folder(self) -> &'static Path {
        Path::new(match self {
            Self::Open => OPEN,
            Self::Sealed => SEALED,
            Self::Mornings => "lab/mornings",
        })
    }

    /// The folder of what is played.
    fn scenes(self) -> PathBuf {
        match self {
            Self::Open | Self::Sealed => self.folder().join("scenarios"),
            Self::Mornings => self.folder().to_owned(),
        }
    }

    /// How `cargo dev lab` is asked for it.
    fn flag(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Sealed => Some("--sealed"),
            Self::Mornings => Some("--mornings"),
        }
    }
}

/// How the lab is asked.
#[derive(Clone, Copy)]
struct Lab {
    set: Set,
    smoke: bool,
    /// From then on no scenario is begun.
    until: Option<Instant>,
}

impl Lab {
    /// Plays scenarios; the others go on where one fails.
    fn run(self, names: &[String], at_once: usize, out: &mut impl Write) -> Result<(), Failure> {
        if let Some(obstacle) = hangup_dev::lab::obstacle() {
            writeln!(out, "{obstacle}")?;
            return Ok(());
        }
        let failed = if let [name] = names {
            self.scenario(name, out)?;
            Vec::new()
        } else {
            let mut all = hangup_dev::lab::names(&self.set.scenes())?;
            if self.until.is_some() {
                // What is left today is played another day.
                let day = usize::try_from(jiff::Timestamp::now().as_second() / 86_400)?;
                let first = (day * 97) % all.len().max(1);
                all.rotate_left(first);
            }
            let names = if names.is_empty() { &all } else { names };
            let failed = self.crowd(names, at_once.max(1), out)?;
            // A busy machine may miss a time that a program keeps: what fails among others is played once more, alone.
            for name in &failed {
                writeln!(out, "{name}: failed, and is played once more")?;
            }
            Self { until: None, ..self }.crowd(&failed, 1, out)?
        };
        if let Self { set: Set::Sealed, smoke: false, .. } = self {
            hangup_dev::lab::seal(self.set.folder())?;
        }
        if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
    }

    /// Plays some scenarios at a time, each in a process of its own, whose number names its namespaces. Gives the names of those that failed.
    fn crowd(self, names: &[String], at_once: usize, out: &mut impl Write) -> Result<Vec<String>, Failure> {
        let own = std::env::current_exe()?;
        let (left, (told, heard)) = (Mutex::new(names.iter()), mpsc::channel());
        let late = || self.until.is_some_and(|until| Instant::now() >= until);
        let next = || left.lock().ok()?.next().filter(|_| !late());
        let flags = [self.smoke.then_some("--smoke"), self.set.flag()];
        thread::scope(|scope| {
            for _ in 0..at_once {
                let (told, own) = (told.clone(), &own);
                scope.spawn(move || {
                    while let Some(name) = next() {
                        let flags = flags.into_iter().flatten();
                        let done = process::Command::new(own).args(["lab", name]).args(flags).output();
                        if told.send((name, done)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(told);
            let mut failed = Vec::new();
            let mut played = 0;
            for (name, done) in heard {
                played += 1;
                let done = done?;
                out.write_all(&done.stdout)?;
                if !done.status.success() {
                    out.write_all(&done.stderr)?;
                    failed.push(name.clone());
                }
            }
            if played < names.len() {
                writeln!(out, "{played} of {} scenarios in the time that was given", names.len())?;
            }
            Ok(failed)
        })
    }

    /// Plays one scenario, and keeps what it gave.
    fn scenario(self, name: &str, out: &mut impl Write) -> Result<(), Failure> {
        let begin = Instant::now();
        let text = fs::read_to_string(self.set.scenes().join(format!("{name}.md")))
            .map_err(|error| format!("{name}: {error}"))?;
        let scene = hangup_dev::lab::Scene::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        let played =
            hangup_dev::lab::play(&scene, Path::new(PROGRAMS)).map_err(|error| format!("{name}: {error}"))?;
        let took = begin.elapsed().as_secs_f64();
        writeln!(out, "{name}: {} and {} bytes, {took:.1} s", played.client.len(), played.server.len())?;
        match self.set {
            _ if self.smoke => Ok(()),
            Set::Mornings => keep_morning(self.set.folder(), name, &played),
            Set::Open | Set::Sealed => keep(self.set.folder(), name, &played),
        }
    }
}

fn score(output: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let set = Path::new(OPEN);
    let open = hangup_dev::score::score(set)?;
    let page = hangup_dev::score::page(&open, &Log::read(Path::new(SEALED))?);
    fs::write(output, &page).map_err(|error| format!("{}: {error}", output.display()))?;
    write!(out, "{page}")?;
    let (reached, now) = (Reached::read(set)?, Reached::of(&open));
    for fallen in reached.fallen(&now) {
        writeln!(out, "! fallen: {fallen}")?;
    }
    reached.raised(&now).write(set)?;
    Ok(())
}

fn first_sight(names: &[String], out: &mut impl Write) -> Result<(), Failure> {
    let set = Path::new(OPEN);
    let mut sights = FirstSight::read(set)?;
    let before = sights.len();
    sights.add(&hangup_dev::score::score(set)?, names);
    sights.write(set)?;
    writeln!(out, "{} new endings, {} in all", sights.len() - before, sights.len())?;
    Ok(())
}

fn calibrate(out: &mut impl Write) -> Result<(), Failure> {
    let sights = FirstSight::read(Path::new(OPEN))?;
    let curve = sights.curve().ok_or("too few first sights")?;
    let len = sights.len();
    writeln!(out, "height {:.3}, slope {:.3}, fitted to {len} endings", curve.height, curve.slope)?;
    for weight in [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95] {
        writeln!(out, "weight {weight:.2}: {:.1} %", 100.0 * curve.at(weight))?;
    }
    Ok(())
}

/// Scores the sealed set, whose files must be what they were when it was made.
fn score_sealed(out: &mut impl Write) -> Result<(), Failure> {
    let set = Path::new(SEALED);
    if !hangup_dev::lab::is_sealed(set)? {
        return Err(format!("{SEALED}: the files are not those that were sealed").into());
    }
    let mut log = Log::read(set)?;
    let git = process::Command::new("git").args(["describe", "--always", "--dirty"]).output()?;
    let commit = String::from_utf8_lossy(&git.stdout);
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    log.add(&hangup_dev::score::score(set)?, &date, commit.trim());
    log.write(set)?;
    write!(out, "{}", log.section())?;
    Ok(())
}

/// Writes the captures, the label and the keys of a scenario.
fn keep(folder: &Path, name: &str, played: &hangup_dev::lab::Played) -> Result<(), Failure> {
    for kind in ["captures", "labels", "keys"] {
        fs::create_dir_all(folder.join(kind))?;
    }
    fs::write(folder.join("captures").join(format!("{name}.client.pcapng")), &played.client)?;
    fs::write(folder.join("captures").join(format!("{name}.server.pcapng")), &played.server)?;
    fs::write(folder.join("labels").join(format!("{name}.json")), played.label.text())?;
    if !played.keys.is_empty() {
        fs::write(folder.join("keys").join(format!("{name}.keys")), &played.keys)?;
    }
    Ok(())
}

/// Writes what the client's end saw of a morning, from 08:54 to 11:23 of the next day in Berlin's winter, and its label.
fn keep_morning(folder: &Path, name: &str, played: &hangup_dev::lab::Played) -> Result<(), Failure> {
    let midnight = (jiff::Timestamp::now().as_second() / 86_400 + 1) * 86_400;
    let at = |hours: i64, minutes: i64| moment(midnight + (hours - 1) * 3_600 + minutes * 60);
    let reader = hangup_capture::Reader::from_bytes(name, played.client.clone())?;
    let mut input = hangup_capture::Input::from_readers(vec![reader]);
    let morning = Stretch { from: at(8, 54), to: at(11, 23), seed: 0 }.apply(&mut input)?;
    let file = fs::File::create(folder.join(format!("{name}.pcapng.gz")))?;
    let mut file = flate2::write::GzEncoder::new(file, flate2::Compression::best());
    file.write_all(&morning)?;
    file.finish()?;
    // What the kernel said was held against all truths; of a hundred alike it need not be kept.
    let mut label = played.label.clone();
    for connection in &mut label.connections {
        if connection.truth.verdict == "normal" {
            connection.kernel.clear();
        }
    }
    fs::write(folder.join(format!("{name}.json")), label.text())?;
    Ok(())
}

fn stretch(input: &Path, output: &Path, stretch: Stretch) -> Result<(), Failure> {
    let mut input = hangup_capture::Input::open(&[input.to_owned()])?;
    fs::write(output, stretch.apply(&mut input)?)
        .map_err(|error| format!("{}: {error}", output.display()).into())
}

fn moment(seconds: i64) -> hangup_wire::Timestamp {
    hangup_wire::Timestamp::new(seconds, 0)
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
