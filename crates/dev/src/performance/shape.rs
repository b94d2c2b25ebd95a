//! The shapes of captures that are measured.

use super::{Bench, Call};
use crate::Made;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a capture is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// The story in `crates/dev/loads`.
    pub(super) story: &'static str,
    /// Connections open at a time.
    pub(super) open: u32,
    /// Megabytes (10^6 bytes); with 0 each of `open` connections is there once.
    pub(super) megabytes: u64,
    /// It ends there, in the middle of all connections.
    pub(super) cut: bool,
    /// Where chance begins.
    pub(super) seed: u64,
}

/// A capture that was made, and is there as long as this is.
#[derive(Debug)]
pub(super) struct Capture {
    pub(super) path: PathBuf,
    pub(super) made: Made,
    kept: bool,
}

impl Shape {
    /// So many connections of a story at a time, and so many megabytes of it.
    pub(super) const fn of(story: &'static str, open: u32, megabytes: u64) -> Self {
        Self { story, open, megabytes, cut: false, seed: 0 }
    }

    /// How the generator is called to write to `output`.
    pub(super) fn call(self, bench: &Bench, output: &Path) -> Call {
        Call::new(&bench.own).with(self.arguments(output))
    }

    /// Makes the capture in the bench's folder.
    pub(super) fn make(self, bench: &Bench) -> io::Result<Capture> {
        let Self { story, open, megabytes, cut, seed } = self;
        let cut = if cut { "-cut" } else { "" };
        let path = bench.folder.join(format!("{story}-{open}-{megabytes}{cut}-{seed}.pcap"));
        // In a process of its own: what this one has in memory counts for all that it starts.
        let done = Command::new(&bench.own).args(self.arguments(&path)).output()?;
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        let made = said.trim().rsplit_once(": ").and_then(|(_, made)| made.parse().ok());
        match made {
            Some(made) if done.status.success() => Ok(Capture { path, made, kept: bench.keep }),
            _ => Err(io::Error::other(format!("{story}: {said}"))),
        }
    }

    fn arguments(self, output: &Path) -> Vec<String> {
        let Self { story, open, megabytes, cut, seed } = self;
        let mut arguments = vec![
            "load".to_owned(),
            format!("crates/dev/loads/{story}.md"),
            format!("--open={open}"),
            format!("--megabytes={megabytes}"),
            format!("--seed={seed}"),
            "-o".to_owned(),
            output.display().to_string(),
        ];
        if cut {
            arguments.push("--cut".to_owned());
        }
        arguments
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}
