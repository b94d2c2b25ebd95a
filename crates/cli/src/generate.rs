//! Completions and the manual page, generated from what may be typed.

use crate::args::Args;
use crate::failure::Failure;
use crate::printer::Printer;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::{self, Write};
use std::process::ExitCode;

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    // Generating panics where it cannot write, so it writes to memory.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "hangup", &mut text);
    print(&text)
}

/// Prints the manual page.
pub(crate) fn man() -> Result<ExitCode, Failure> {
    let text = page().map_err(|error| Failure::output("the manual page", &error))?;
    print(&text)
}

/// One page with a section for every subcommand that people use.
fn page() -> io::Result<Vec<u8>> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    for part in command
        .get_subcommands()
        .filter(|part| ["report", "show", "list", "explain"].contains(&part.get_name()))
    {
        writeln!(page, ".SH \"HANGUP {}\"", part.get_name().to_uppercase())?;
        let man = Man::new(part.clone());
        let mut sections = Vec::new();
        man.render_synopsis_section(&mut sections)?;
        man.render_description_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        man.render_extra_section(&mut sections)?;
        let sections = String::from_utf8(sections).map_err(io::Error::other)?;
        page.write_all(sections.replace("\n.SH ", "\n.SS ").trim_start_matches(".SH SYNOPSIS\n").as_bytes())?;
    }
    let man = Man::new(command);
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    let page = String::from_utf8(page).map_err(io::Error::other)?;
    // Every part brings its own definition of an apostrophe; one is enough.
    let (first, rest) = page.split_once(".TH").unwrap_or(("", &page));
    Ok(format!("{first}.TH{}", rest.replace(first, "")).replace(" EXTRA\n", " EXAMPLES\n").into_bytes())
}

fn print(text: &[u8]) -> Result<ExitCode, Failure> {
    let mut printer = Printer::new(None, &[])?;
    printer.write_all(text).map_err(|error| Failure::output("standard output", &error))?;
    printer.finish()?;
    Ok(ExitCode::SUCCESS)
}
