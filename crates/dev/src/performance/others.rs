//! hangup against other programs that read the same files.

use super::Call;
use super::bench::{Bench, FEW_TIMES};
use super::runs::{CPU, Runs};
use super::shape::{Capture, Shape};
use super::table::{Table, real, three};
use std::io;
use std::process::Command;

/// Another program: its name, how it is called, and what that gives.
type Other = (&'static str, &'static [&'static str], &'static str);

/// Those that go over a large file.
const FAST: [Other; 2] = [
    ("capinfos", &["-c", "-d", "-u", "-T"], "counts packets and bytes, finds the first and the last time"),
    (
        "tcptrace",
        &["-n"],
        "lists every connection, its packets in both directions, and whether it was complete",
    ),
];
/// The one that a small file is enough for.
const SLOW: Other = ("tshark", &["-q", "-z", "conv,tcp"], "dissects every packet, sums up by connection");

/// Against those that are installed.
pub(super) fn others(bench: &Bench, small: &Capture) -> io::Result<Table> {
    let mut table = Table::new(
        "Other programs on the same file",
        "Time on a processor of the whole process, its own and the system's, one core each, best run, small packets, a thousand connections open at a time. *Times* is how much longer \
         the program takes than hangup. None of them does what hangup does; each says something of the same packets.",
        &["program", "what it gives", "packets", "ns a packet", "hangup: ns a packet", "times"],
    );
    for other in FAST {
        row(bench, &mut table, other, small)?;
    }
    row(bench, &mut table, SLOW, &Shape { seed: 6, ..Shape::of("small", 1_000, 30) }.make(bench)?)?;
    Ok(table)
}

fn row(bench: &Bench, table: &mut Table, other: Other, capture: &Capture) -> io::Result<()> {
    let (program, arguments, gives) = other;
    let packets = real(capture.made.packets);
    let Some(version) = installed(program) else {
        table.row(missing(program, gives, "not installed"));
        return Ok(());
    };
    let file = capture.path.as_os_str();
    let call = Call::new(program).with(arguments).on(&bench.one());
    let call = if program == "tshark" { call.with(["-r".as_ref(), file]) } else { call.with([file]) };
    let hangup = bench.hangup(&[], &[&capture.path]);
    if let Err(error) = call.run() {
        table.row(missing(program, gives, &format!("failed: {error}")));
        return Ok(());
    }
    let [other, hangup] = &Runs::alternating(&[&call, &hangup], FEW_TIMES)?[..] else { return Ok(()) };
    table.row([
        format!("`{}` ({version})", [&[program], arguments].concat().join(" ")),
        gives.to_owned(),
        format!("{} M", three(packets / 1e6)),
        three(other.best(CPU) / packets * 1e9),
        three(hangup.best(CPU) / packets * 1e9),
        three(other.best(CPU) / hangup.best(CPU)),
    ]);
    Ok(())
}

/// The row of a program of which there are no figures.
fn missing(program: &str, gives: &str, why: &str) -> [String; 6] {
    [program, gives, "", why, "", ""].map(str::to_owned)
}

/// The version of a program; none where it is not installed.
pub(super) fn installed(program: &str) -> Option<String> {
    let flag = if program == "tcptrace" { "-version" } else { "--version" };
    let done = Command::new(program).arg(flag).output().ok()?;
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let is_version =
        |word: &&str| word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.');
    let words = said.split_whitespace().map(|word| word.trim_end_matches([',', '.']).trim_start_matches('v'));
    Some(words.into_iter().find(is_version).unwrap_or("of some version").to_owned())
}
