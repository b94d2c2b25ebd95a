//! `hangup report`: who ended which connection, and why.

use crate::args::Format;
use crate::failure::Failure;
use crate::plan::Plan;
use crate::printer::Printer;
use crate::reading::{ladders, read};
use hangup_report::{Csv, Json, Ndjson, TextReport};
use std::process::ExitCode;

/// Steps of a ladder in the report.
const LAST: usize = 12;

/// Reports.
pub(crate) fn run(plan: &Plan) -> Result<ExitCode, Failure> {
    let mut printer = Printer::new(plan.output.as_deref(), &plan.files)?;
    let target = printer.name();
    let reading = match plan.format {
        Format::Json => read(plan, &mut Json::new(&mut printer), &target)?,
        Format::Ndjson => read(plan, &mut Ndjson::new(&mut printer), &target)?,
        Format::Csv => read(plan, &mut Csv::new(&mut printer), &target)?,
        Format::Text => {
            let mut text = TextReport::new();
            let reading = read(plan, &mut text, &target)?;
            let ladders = ladders(plan, &text.chosen(), LAST, &reading.conclusion.marks);
            text.render(&mut printer, &ladders, &plan.style)
                .map_err(|error| Failure::output(&target, &error))?;
            reading
        }
    };
    reading.finish(plan, printer)
}
