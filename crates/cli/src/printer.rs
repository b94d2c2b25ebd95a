//! Where output goes: the only place that writes data.

use crate::failure::Failure;
use anstream::{AutoStream, ColorChoice};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

/// Standard output, or a file that appears under its name only when it is whole.
#[derive(Debug)]
pub(crate) enum Printer {
    Stdout(BufWriter<StdoutLock<'static>>),
    File {
        out: BufWriter<File>,
        /// Where it is written to, until it is whole; none where it cannot be renamed, such as a pipe.
        partial: Option<PathBuf>,
        path: PathBuf,
    },
}

impl Printer {
    /// Writes to `output`, or to standard output. `inputs` are files that must not be written over.
    pub(crate) fn new(output: Option<&Path>, inputs: &[PathBuf]) -> Result<Self, Failure> {
        let Some(path) = output.filter(|path| path.as_os_str() != "-") else {
            return Ok(Self::Stdout(BufWriter::with_capacity(1 << 16, io::stdout().lock())));
        };
        let same = |input: &PathBuf| {
            fs::canonicalize(input).is_ok_and(|input| fs::canonicalize(path).is_ok_and(|path| path == input))
        };
        if inputs.iter().any(same) {
            return Err(Failure::usage(format!("{} is also the input", path.display()))
                .hinted("give -o another name: the capture would be lost"));
        }
        let name = path.display().to_string();
        let special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
        let partial = if special { None } else { Some(partial(path)) };
        let out = File::create(partial.as_deref().unwrap_or(path)).map_err(|error| {
            Failure::output(&name, &error).hinted("check that the folder exists and may be written")
        })?;
        Ok(Self::File { out: BufWriter::with_capacity(1 << 16, out), partial, path: path.to_owned() })
    }

    /// What it writes to, for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdout(_) => "standard output".into(),
            Self::File { path, .. } => path.display().to_string(),
        }
    }

    /// Everything is written: a file gets its name.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let name = self.name();
        let finished = self.flush().and_then(|()| match &mut self {
            Self::Stdout(_) => Ok(()),
            Self::File { partial, path, .. } => {
                partial.take().map_or(Ok(()), |partial| fs::rename(partial, path))
            }
        });
        finished.map_err(|error| Failure::output(&name, &error))
    }
}

impl Write for Printer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File { out, .. } => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File { out, .. } => out.flush(),
        }
    }
}

impl Drop for Printer {
    /// What was not finished leaves nothing behind.
    fn drop(&mut self) {
        if let Self::File { partial: Some(partial), .. } = self {
            // It may never have been there; there is nobody to tell.
            let _ = fs::remove_file(partial);
        }
    }
}

/// Beside the file, so that it can be renamed.
fn partial(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.partial", std::process::id()));
    path.with_file_name(name)
}

/// Columns of the terminal; without one those that `COLUMNS` names, as for other programs, else 80.
pub(crate) fn width(to_file: bool) -> usize {
    let terminal = if to_file { None } else { terminal_size::terminal_size_of(io::stdout()) };
    let named = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|_| !to_file);
    terminal.map(|(width, _)| usize::from(width.0)).or_else(named).unwrap_or(80)
}

/// Whether standard output is a terminal that shows colours, and nobody asked for none (`NO_COLOR`).
pub(crate) fn wants_colour() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}
