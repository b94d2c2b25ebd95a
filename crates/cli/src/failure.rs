//! Why something could not be done, and what to type instead.

use crate::args::COMMANDS;
use anstyle::{AnsiColor, Style};
use hangup_capture::OpenError;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why something could not be done, and what to type instead.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    error: String,
    hints: Vec<String>,
}

/// What kind of failure decides about the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Something else has to be typed.
    Usage,
    /// There is nothing to read.
    Input,
    /// There is nowhere to write to.
    Output,
    /// The reader of standard output has gone: not worth a word.
    Closed,
}

impl Failure {
    /// Something else has to be typed.
    pub(crate) fn usage(error: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, error: error.into(), hints: Vec::new() }
    }

    /// There is nothing to read.
    pub(crate) fn input(error: impl Into<String>) -> Self {
        Self { kind: Kind::Input, ..Self::usage(error) }
    }

    /// `where_to` cannot be written.
    pub(crate) fn output(where_to: &str, error: &io::Error) -> Self {
        let kind = if error.kind() == io::ErrorKind::BrokenPipe { Kind::Closed } else { Kind::Output };
        Self { kind, ..Self::usage(format!("{where_to} cannot be written: {error}")) }
    }

    /// With a piece of advice.
    pub(crate) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Writes it to standard error and gives the exit status.
    pub(crate) fn tell(&self) -> ExitCode {
        if self.kind == Kind::Closed {
            return ExitCode::SUCCESS;
        }
        say("error", AnsiColor::Red.on_default().bold(), &self.error);
        for hint in &self.hints {
            say("hint", AnsiColor::Cyan.on_default().bold(), hint);
        }
        ExitCode::from(2)
    }
}

impl From<&OpenError> for Failure {
    fn from(error: &OpenError) -> Self {
        let mut failure = Self::input(error.to_string()).hinted(error.hint());
        if let OpenError::NotFound { name } = error
            && let Some(command) = near(name)
        {
            failure.hints.insert(0, format!("to {command}: hangup {command} FILE"));
        }
        failure
    }
}

/// Says something that is no failure: an input beside others that could not be read.
pub(crate) fn warn(warning: &str, hint: Option<&str>) {
    say("warning", AnsiColor::Yellow.on_default().bold(), warning);
    if let Some(hint) = hint {
        say("hint", AnsiColor::Cyan.on_default().bold(), hint);
    }
}

/// Prints what clap has to say and gives the exit status: 0 for help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Where neither output is there any more, nobody is left to be told.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn say(what: &str, style: Style, words: &str) {
    let mut stderr = anstream::AutoStream::auto(io::stderr()).lock();
    // As above.
    let _ = writeln!(stderr, "{style}{what}:{style:#} {}", hangup_report::escape(words));
}

/// The subcommand that a word was probably meant to be.
fn near(word: &str) -> Option<&'static str> {
    COMMANDS.into_iter().find(|command| one_slip(word, command))
}

/// Whether one letter more, less, other, or two exchanged, make one word the other.
fn one_slip(typed: &str, meant: &str) -> bool {
    let (typed, meant): (Vec<char>, Vec<char>) = (typed.chars().collect(), meant.chars().collect());
    let same = typed.iter().zip(&meant).take_while(|(a, b)| a == b).count();
    let (typed, meant) = (typed.get(same..).unwrap_or_default(), meant.get(same..).unwrap_or_default());
    match (typed, meant) {
        ([a, b, rest_typed @ ..], [c, d, rest_meant @ ..]) if a == d && b == c => rest_typed == rest_meant,
        ([_, rest_typed @ ..], [_, rest_meant @ ..]) if rest_typed == rest_meant => true,
        ([_, rest @ ..], _) if rest == meant => true,
        (_, [_, rest @ ..]) => rest == typed,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_of_a_finger_is_understood() {
        for (typed, meant) in
            [("shwo", "show"), ("shw", "show"), ("showw", "show"), ("lost", "list"), ("eport", "report")]
        {
            assert_eq!(near(typed), Some(meant));
        }
        assert_eq!(near("trace.pcap"), None);
        assert_eq!(near("sohw.pcap"), None);
    }
}
