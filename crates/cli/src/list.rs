//! `hangup list`: one line a connection.

use crate::failure::Failure;
use crate::plan::Plan;
use crate::printer::Printer;
use crate::reading::read;
use hangup_report::List;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Lists.
pub(crate) fn run(plan: &Plan) -> Result<ExitCode, Failure> {
    let mut printer = Printer::new(None, &plan.files)?;
    let target = printer.name();
    // What is piped on is for grep and awk: all of it.
    let columns = std::io::stdout().is_terminal().then_some(plan.style.width);
    let mut list = List::new(&mut printer, plan.style.clone()).cut(columns);
    let reading = read(plan, &mut list, &target)?;
    drop(list);
    reading.finish(plan, printer)
}
