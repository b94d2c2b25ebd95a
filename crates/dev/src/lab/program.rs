//! A program that plays client or server: started, spoken to, signalled, and what became of it.

use super::{LabError, child::Ours, network::Network};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A running program.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) name: String,
    command: String,
    child: Ours,
    output: PathBuf,
}

/// What became of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// Its name in the scenario.
    pub name: String,
    /// How it was called, as the scenario has it.
    pub command: String,
    /// An exit code, `signal 9`, or `running`.
    pub exit: String,
    /// What it printed; the end of it where that was long.
    pub output: String,
}

/// So much of what a program printed is kept.
const KEPT: usize = 3_000;

impl Program {
    pub(super) fn start(
        network: &Network,
        work: &Path,
        name: &str,
        command: &str,
        filled: &str,
    ) -> Result<Self, LabError> {
        let side = if name.starts_with("client") { "client" } else { "server" };
        let output = work.join(format!("{name}.out"));
        let file = fs::File::create(&output)?;
        let child = network
            .at(side, &format!("exec {filled}"))
            .current_dir(work)
            .env("SSLKEYLOGFILE", work.join("keys"))
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()?;
        Ok(Self { name: name.to_owned(), command: command.to_owned(), child: Ours(child), output })
    }

    pub(super) fn say(&mut self, text: &str) -> Result<(), LabError> {
        if let Some(to) = self.child.stdin.as_mut() {
            to.write_all(text.as_bytes())?;
            to.flush()?;
        }
        Ok(())
    }

    pub(super) fn close(&mut self) {
        drop(self.child.stdin.take());
    }

    pub(super) fn signal(&self, signal: &str) -> Result<(), LabError> {
        self.child.signal(signal)
    }

    /// Waits until it has ended, or has printed `text`.
    pub(super) fn wait(&mut self, most: Duration, text: Option<&str>) -> Result<(), LabError> {
        let begin = Instant::now();
        while begin.elapsed() < most {
            let there = match text {
                Some(text) => self.printed().contains(text),
                None => self.child.try_wait()?.is_some(),
            };
            if there {
                return Ok(());
            }
            sleep(Duration::from_millis(10));
        }
        let what = text.map_or_else(|| "end".to_owned(), |text| format!("print `{text}`"));
        Err(LabError::new(format!(
            "{} did not {what} within {most:?}; it printed: {}",
            self.name,
            self.printed()
        )))
    }

    /// Whether it has ended.
    pub(super) fn gone(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    pub(super) fn printed(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.output).unwrap_or_default()).into_owned()
    }

    /// What has become of it by now.
    pub(super) fn fate(&mut self) -> Fate {
        let exit = match self.child.try_wait() {
            Ok(Some(status)) => match (status.code(), status.signal()) {
                (Some(code), _) => code.to_string(),
                (None, Some(signal)) => format!("signal {signal}"),
                (None, None) => "unknown".to_owned(),
            },
            _ => "running".to_owned(),
        };
        Fate { name: self.name.clone(), command: self.command.clone(), exit, output: self.printed() }
    }
}

impl Fate {
    /// The same with another name for a place that its output names.
    pub(super) fn without(self, place: &str, name: &str) -> Self {
        Self { output: self.output.replace(place, name), ..self }
    }

    /// The same with only the end of a long output.
    pub(super) fn short(mut self) -> Self {
        let mut from = self.output.len().saturating_sub(KEPT);
        while !self.output.is_char_boundary(from) {
            from += 1;
        }
        self.output.drain(..from);
        self
    }
}
