//! `hangup list`: one line a connection.

use crate::failure::Failure;
use crate::plan::Plan;
use crate::printer::Printer;
use crate::reading::read;
use hangup_report::List;
use std::process::ExitCode;

/// Lists.
pub(crate) fn run(plan: &Plan) -> Result<ExitCode, Failure> {
    let mut printer = Printer::new(None, &plan.files)?;
    let target = printer.name();
    let reading = read(plan, &mut List::new(&mut printer, plan.style.clone()), &target)?;
    reading.finish(plan, printer)
}
