//! One child process: how it is called, and what it took.

use sha2::{Digest, Sha256};
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wait4::Wait4 as _;

/// A program and its arguments. Nothing of what it prints is shown.
#[derive(Clone, Debug)]
pub struct Call {
    program: OsString,
    arguments: Vec<OsString>,
    /// The processors that it may use, as `taskset` takes them; all where none are named.
    cores: Option<String>,
    /// What is piped into it.
    input: Option<Box<Call>>,
}

/// What a call took.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// From its start to its exit.
    pub wall: Duration,
    /// Time of all its threads on a processor, in its own code and in the system's.
    pub cpu: Duration,
    /// Bytes that it had in memory at most.
    pub peak: u64,
}

/// What a call printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of them, in hexadecimal.
    pub digest: String,
}

impl Call {
    /// A call of `program`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self { program: program.as_ref().to_owned(), arguments: Vec::new(), cores: None, input: None }
    }

    /// With these arguments behind those that it has.
    pub fn with<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// On these processors only, as `taskset -c` takes them.
    pub fn on(mut self, cores: &str) -> Self {
        self.cores = Some(cores.to_owned());
        self
    }

    /// With what `input` prints on its standard input. What `input` takes is not counted.
    pub fn fed_by(mut self, input: Call) -> Self {
        self.input = Some(Box::new(input));
        self
    }

    /// Calls it and waits for its end.
    ///
    /// # Errors
    /// It could not be started, or failed.
    pub fn run(&self) -> io::Result<Run> {
        self.carry_out(|child| child.stdout(Stdio::null()), |_| Ok(())).map(|(run, ())| run)
    }

    /// Calls it and takes in what it prints.
    ///
    /// # Errors
    /// It could not be started, or failed.
    pub fn printed(&self) -> io::Result<Printed> {
        let read = |out: Option<&mut std::process::ChildStdout>| {
            let (mut bytes, mut hash, mut buffer) = (0, Sha256::new(), vec![0; 1 << 16]);
            let Some(out) = out else { return Err(io::Error::other("nothing to read")) };
            loop {
                let count = out.read(&mut buffer)?;
                if count == 0 {
                    break;
                }
                bytes += count as u64;
                hash.update(buffer.get(..count).unwrap_or_default());
            }
            let mut digest = String::new();
            for byte in hash.finalize() {
                let _ = write!(digest, "{byte:02x}");
            }
            Ok(Printed { bytes, digest })
        };
        self.carry_out(|child| child.stdout(Stdio::piped()), read).map(|(_, printed)| printed)
    }

    fn carry_out<T>(
        &self,
        set_up: impl FnOnce(&mut Command) -> &mut Command,
        read: impl FnOnce(Option<&mut std::process::ChildStdout>) -> io::Result<T>,
    ) -> io::Result<(Run, T)> {
        let mut feeder = self
            .input
            .as_ref()
            .map(|input| input.command().stdin(Stdio::null()).stdout(Stdio::piped()).spawn())
            .transpose()?;
        let mut command = self.command();
        set_up(&mut command);
        command.stdin(match feeder.as_mut().and_then(|feeder| feeder.stdout.take()) {
            Some(out) => Stdio::from(out),
            None => Stdio::null(),
        });
        let begin = Instant::now();
        let mut child = command.spawn().map_err(|error| self.failure(&error.to_string()))?;
        // The command keeps the end of a pipe that only the child should hold.
        drop(command);
        let given = read(child.stdout.as_mut());
        let ended = child.wait4()?;
        let wall = begin.elapsed();
        if let Some(mut feeder) = feeder {
            feeder.wait()?;
        }
        if !ended.status.success() {
            return Err(self.failure(&ended.status.to_string()));
        }
        let used = ended.rusage;
        Ok((Run { wall, cpu: used.utime + used.stime, peak: used.maxrss }, given?))
    }

    fn command(&self) -> Command {
        let mut command = match &self.cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["-c", cores]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        // What a report looks like must not depend on who measures.
        command.args(&self.arguments).env("LC_ALL", "C.UTF-8").env("TZ", "UTC").stderr(Stdio::null());
        command
    }

    fn failure(&self, why: &str) -> io::Error {
        io::Error::other(format!("{} {:?}: {why}", self.program.display(), self.arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn what_is_fed_in_comes_out() {
        let call = Call::new("cat").fed_by(Call::new("echo").with(["hello"]));
        let printed = call.printed().unwrap();
        assert_eq!(printed.bytes, 6);
        assert!(printed.digest.starts_with("5891b5b522d5df08"));
        assert!(call.run().unwrap().peak > 0);
        assert!(Call::new("false").run().is_err());
    }
}
