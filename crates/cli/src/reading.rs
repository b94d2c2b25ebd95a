//! Reading the captures of a plan, and reading them again for what is to be drawn.

use crate::failure::{Failure, warn};
use crate::interrupt;
use crate::plan::Plan;
use crate::printer::Printer;
use crate::progress::Progress;
use hangup_capture::Input;
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Error, Ladder, Marks, Sink};
use hangup_report::{Filtered, Only};
use std::process::ExitCode;

/// What a reading gave beside what went into its sink.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) conclusion: Conclusion,
    /// Abnormal endings that were shown.
    pub(crate) abnormal: u64,
    /// An input was cut, damaged or unreadable beside others.
    pub(crate) damaged: bool,
}

/// Reads the plan's captures into `sink`, through its filter. `target` is what `sink` writes to, for people.
pub(crate) fn read(plan: &Plan, sink: &mut dyn Sink, target: &str) -> Result<Reading, Failure> {
    let mut input = open(plan)?;
    let mut filtered = Filtered::new(plan.filter.clone(), sink);
    let mut progress = Progress::new("reading", plan.quiet);
    let result = hangup_engine::report(&mut input, &plan.options, &mut filtered, &mut |position, total| {
        progress.at(position, total);
    });
    drop(progress);
    let conclusion = result.map_err(|error| failure(&error, target))?;
    if interrupt::is_asked() {
        warn("interrupted: what was found so far is reported", None);
    }
    for error in input.failures() {
        warn(&error.to_string(), Some(&error.hint()));
    }
    if !plan.quiet {
        unknown_causes(plan, &conclusion);
    }
    let damaged = !input.failures().is_empty() || input.descriptions().any(is_damaged);
    let abnormal = filtered.abnormal();
    Ok(Reading { conclusion, abnormal, damaged })
}

/// Reads the plan's captures again for the packets of some connections: of each the `last`. Where they cannot be
/// read twice there are none. `marks` are those of the first reading.
pub(crate) fn ladders(plan: &Plan, connections: &[&Connection], last: usize, marks: &Marks) -> Vec<Ladder> {
    // Who has interrupted does not want to wait for a second reading.
    if connections.is_empty() || !can_read_twice(plan) || interrupt::is_asked() {
        return Vec::new();
    }
    // It could be opened a moment ago; if it has gone meanwhile, the report stands without its drawings.
    let Ok(mut input) = open(plan) else { return Vec::new() };
    let mut progress = Progress::new("drawing", plan.quiet);
    hangup_engine::ladders(&mut input, &plan.options, connections, last, marks, &mut |position, total| {
        progress.at(position, total);
    })
}

/// Whether all captures of the plan are files, and no streams.
pub(crate) fn can_read_twice(plan: &Plan) -> bool {
    plan.files.iter().all(|path| path.is_file() || path.is_dir())
}

impl Reading {
    /// Ends the output and gives the exit status.
    pub(crate) fn finish(&self, plan: &Plan, printer: Printer) -> Result<ExitCode, Failure> {
        printer.finish()?;
        Ok(self.code(plan))
    }

    fn code(&self, plan: &Plan) -> ExitCode {
        if plan.fail_on.is_some() && self.abnormal > 0 {
            ExitCode::from(3)
        } else {
            ExitCode::from(u8::from(self.damaged))
        }
    }
}

fn open(plan: &Plan) -> Result<Input, Failure> {
    Input::open_until(&plan.files, interrupt::asked()).map_err(|error| Failure::from(&error))
}

fn failure(error: &Error, target: &str) -> Failure {
    match error {
        Error::Output(error) => Failure::output(target, error),
        Error::Open(error) => Failure::from(error),
        Error::Store(error) => {
            Failure::input(error.to_string()).hinted("check that the folder for temporary files has room")
        }
    }
}

/// Whether something of a capture is missing. A clock that runs back is a problem, but nothing is missing.
fn is_damaged(description: &hangup_capture::Description) -> bool {
    description.problems.iter().any(|problem| problem.damage)
}

/// A cause that no ending has may be a slip of the finger.
fn unknown_causes(plan: &Plan, conclusion: &Conclusion) {
    for only in &plan.filter.only {
        if let Only::Cause(cause) = only
            && !conclusion.summary.by_cause.contains_key(cause)
        {
            let causes: Vec<&str> = conclusion.summary.by_cause.keys().map(String::as_str).collect();
            let hint = match causes.as_slice() {
                [] => "no ending in it has a known cause".to_owned(),
                causes => format!("the causes in it are {}", causes.join(", ")),
            };
            warn(&format!("no ending has the cause {cause}"), Some(&hint));
        }
    }
}
