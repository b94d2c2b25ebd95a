//! `hangup explain`: what a cause, a term or an error text means.

use crate::args::ExplainArgs;
use crate::failure::Failure;
use crate::plan::coloured;
use crate::printer::{self, Printer};
use hangup_engine::words::{Found, lookup};
use hangup_report::{Style, Zone, explain, index};
use std::process::ExitCode;

/// Explains.
pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let asked = args.what.join(" ");
    let style =
        Style { width: printer::width(false), colour: coloured(args.color, false), zone: Zone::default() };
    let found = if asked.trim().is_empty() { None } else { Some(lookup(&asked)) };
    if let Some(Found::Nothing(near)) = &found {
        return Err(unknown(&asked, near));
    }
    let mut printer = Printer::new(None, &[])?;
    let told = match &found {
        Some(found) => explain(&mut printer, found, &style),
        None => index(&mut printer, &style),
    };
    told.map_err(|error| Failure::output("standard output", &error))?;
    printer.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Nothing is known by that name.
fn unknown(asked: &str, near: &[&str]) -> Failure {
    let failure = Failure::usage(format!("nothing is known about “{asked}”"));
    let failure = match near {
        [] => failure,
        some => failure.hinted(format!("perhaps one of these: {}", some.join(", "))),
    };
    failure.hinted("hangup explain lists everything that can be explained")
}
