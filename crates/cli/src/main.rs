//! hangup: reads packet captures and says who hung up, how, and why.
//!
//! Arguments become a [`plan::Plan`], once; a job carries it out; a [`failure::Failure`] says what to type
//! instead. This file is the table of contents.
#![forbid(unsafe_code)]

mod args;
mod explain;
mod failure;
mod generate;
mod interrupt;
mod list;
mod plan;
mod printer;
mod progress;
mod reading;
mod report;
mod show;
mod size;
mod when;
mod zone;

/// Per packet nothing is allocated, but each connection that begins, ends and is told of is: with a hundred
/// thousand of them the allocator is a sixth of the time, and this one halves that.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use args::{Args, Command};
use failure::Failure;
use plan::Plan;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::parse(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => return failure::usage(&error),
    };
    // Where it cannot be watched for, an interruption ends the program as it does others.
    let _ = interrupt::watch();
    let code = match run(args) {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    };
    if interrupt::is_asked() { ExitCode::from(interrupt::STATUS) } else { code }
}

fn run(args: Args) -> Result<ExitCode, Failure> {
    match args.command {
        Command::Report(args) => report::run(&Plan::report(args)?),
        Command::Show(args) => {
            let (plan, wanted) = Plan::show(args)?;
            show::run(&plan, &wanted)
        }
        Command::List(args) => list::run(&Plan::list(args)?),
        Command::Explain(args) => explain::run(&args),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man => generate::man(),
    }
}
