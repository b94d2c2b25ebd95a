//! Runs the program on hostile input, watches its memory, and ends it where it hangs.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// One mebibyte.
pub(crate) const MIB: u64 = 1 << 20;

/// Whether the full sizes are wanted: `HANGUP_HOSTILE=full`.
pub(crate) fn is_full() -> bool {
    std::env::var_os("HANGUP_HOSTILE").is_some_and(|wanted| wanted == "full")
}

/// `small` by default, `full` where the full sizes are wanted.
pub(crate) fn sized(small: u64, full: u64) -> u64 {
    if is_full() { full } else { small }
}

/// What has become of the program.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    /// Bytes of memory that were resident at most; none where the system does not tell.
    pub(crate) peak: Option<u64>,
}

impl Run {
    /// Its output as one document.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Its exit status was `code`, and at no time did it need more than so many MiB.
    #[track_caller]
    pub(crate) fn held(&self, code: i32, mebibytes: u64) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.err, cut(&self.out));
        assert!(!self.err.contains("panicked"), "{}", self.err);
        if let Some(peak) = self.peak {
            assert!(peak <= mebibytes * MIB, "{} MiB, and {mebibytes} are the bound", peak / MIB);
        }
        self
    }

    /// The output says this, however its lines are broken.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        let flat = self.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{words:?} is missing:\n{}\n{}", cut(&self.out), self.err);
        self
    }
}

fn cut(text: &str) -> String {
    text.chars().take(6000).collect()
}

/// The program with these arguments, in a plain environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hangup"));
    plain(&mut command);
    command.args(arguments);
    command
}

/// The program as a shell starts it behind `before`, such as a limit.
pub(crate) fn program_behind(before: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    plain(&mut command);
    command.arg("-c").arg(format!("{before}; exec \"$0\" \"$@\""));
    command.arg(env!("CARGO_BIN_EXE_hangup")).args(arguments);
    command
}

fn plain(command: &mut Command) {
    command.env("TZ", "UTC").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS"] {
        command.env_remove(name);
    }
}

/// Reads what `feed` writes to standard input, and tells the figures under `name`.
pub(crate) fn fed(
    name: &str,
    arguments: &[&str],
    feed: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Run {
    let mut child = program(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let pipe = child.stdin.take().unwrap();
    let feeder = thread::spawn(move || pour(pipe, feed));
    let run = watched(name, child);
    // A program that ended early has closed the pipe: its exit status tells.
    let _ = feeder.join().unwrap();
    run
}

fn pour(pipe: ChildStdin, feed: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 18, pipe);
    feed(&mut out)?;
    out.flush()
}

/// Waits for the program and watches it meanwhile.
#[expect(clippy::print_stderr, reason = "the figures of docs/hostile.md come from here")]
pub(crate) fn watched(name: &str, mut child: Child) -> Run {
    let begin = Instant::now();
    let (out, err) = (child.stdout.take().map(all), child.stderr.take().map(all));
    let patience = Duration::from_secs(sized(120, 1800));
    let mut peak = None;
    let status = loop {
        peak = peak.max(memory(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begin.elapsed() > patience {
            child.kill().unwrap();
            panic!("{name}: it hangs");
        }
        thread::sleep(LOOK);
    };
    let text = |thread: Option<thread::JoinHandle<Vec<u8>>>| {
        let bytes = thread.map(|thread| thread.join().unwrap()).unwrap_or_default();
        String::from_utf8(bytes).unwrap()
    };
    let run = Run { code: status.code(), out: text(out), err: text(err), peak };
    let mebibytes = peak.map_or_else(|| "?".to_owned(), |peak| (peak / MIB).to_string());
    let seconds = begin.elapsed().as_secs_f64();
    eprintln!("{name}: {mebibytes} MiB, {seconds:.1} s, status {:?}", run.code);
    run
}

/// Reads to the end, so that the program never waits for us.
fn all(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// The most memory that a process ever had resident, where the system tells (Linux: `VmHWM`).
fn memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes << 10)
}

/// Memory does not follow the input: of four times as much it needs at most a quarter more, and `slack` MiB for what
/// an allocator does.
#[track_caller]
pub(crate) fn does_not_grow(once: &Run, four_times: &Run, slack: u64) {
    if let (Some(small), Some(large)) = (once.peak, four_times.peak) {
        let (small, large) = (small / MIB, large / MIB);
        assert!(large <= small + small / 4 + slack, "{small} MiB became {large} MiB");
    }
}
