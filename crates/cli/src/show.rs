//! `hangup show`: one connection from its first packet to its last.

use crate::failure::{Failure, warn};
use crate::plan::{Plan, Wanted};
use crate::printer::Printer;
use crate::reading::{can_read_twice, ladders, read};
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Glance, Ladder, Marks, Sink};
use hangup_report::{List, story};
use std::io;
use std::process::ExitCode;

/// So many connections are told one after the other; more are listed.
const STORIES: usize = 3;
/// So many connections are looked through for a frame.
const CANDIDATES: usize = 4096;

/// Shows.
pub(crate) fn run(plan: &Plan, wanted: &Wanted) -> Result<ExitCode, Failure> {
    let mut printer = Printer::new(None, &plan.files)?;
    let target = printer.name();
    let mut found = Found { wanted, files: plan.files.len(), connections: Vec::new() };
    let reading = read(plan, &mut found, &target)?;
    let marks = &reading.conclusion.marks;
    let connections = found.chosen(plan, marks);
    let output = |error: io::Error| Failure::output(&target, &error);
    match connections.as_slice() {
        [] => return Err(missing(wanted, reading.conclusion.summary.connections)),
        some if some.len() <= STORIES => {
            for (connection, ladder) in some.iter().zip(&packets(plan, some, marks)) {
                story(&mut printer, connection, ladder, &plan.style).map_err(output)?;
            }
            if !can_read_twice(plan) && !plan.quiet {
                warn(
                    "this input can be read only once, so only the last packets are drawn",
                    Some("save it to a file, and show that"),
                );
            }
        }
        many => {
            let mut list = List::new(&mut printer, plan.style.clone());
            for connection in many {
                list.connection(connection).map_err(output)?;
            }
            list.conclude(&reading.conclusion).map_err(output)?;
            if !plan.quiet {
                warn("several connections have this address and port", Some("choose one: --connection N"));
            }
        }
    }
    reading.finish(plan, printer)
}

/// All packets of some connections; of an input that is read only once those that were kept.
fn packets(plan: &Plan, connections: &[Connection], marks: &Marks) -> Vec<Ladder> {
    if can_read_twice(plan) {
        let wanted: Vec<&Connection> = connections.iter().collect();
        return ladders(plan, &wanted, usize::MAX, marks);
    }
    connections.iter().map(|connection| connection.ladder.clone().unwrap_or_default()).collect()
}

/// Keeps the connections that may be the wanted one.
struct Found<'a> {
    wanted: &'a Wanted,
    files: usize,
    connections: Vec<Connection>,
}

impl Sink for Found<'_> {
    fn glance(&mut self, glance: &Glance<'_>) -> bool {
        !matches!(self.wanted, Wanted::Number(number) if glance.id != *number)
    }

    fn wants_all(&self) -> bool {
        !matches!(self.wanted, Wanted::Number(_))
    }

    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        let fits = match self.wanted {
            Wanted::Number(number) => connection.id == *number,
            Wanted::End(ip, port) => [&connection.client, &connection.server]
                .iter()
                .any(|end| end.port == *port && end.ip.parse() == Ok(*ip)),
            Wanted::Frame { capture, frame } => self.may_hold(connection, *capture, *frame),
        };
        if fits {
            if matches!(self.wanted, Wanted::Frame { .. }) && self.connections.len() >= CANDIDATES {
                self.connections.remove(0);
            }
            self.connections.push(connection.clone());
        }
        Ok(())
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        Ok(())
    }
}

impl Found<'_> {
    /// Whether a frame may be one of the connection's. With several captures, only the first frame says which one it
    /// is in.
    fn may_hold(&self, connection: &Connection, capture: u32, frame: u64) -> bool {
        let several = self.files > 1 || connection.capture != 0 || capture != 0;
        several || (connection.first_frame <= frame && frame <= connection.last_frame)
    }

    /// The wanted connections. Whose a frame is, only its packets say.
    fn chosen(mut self, plan: &Plan, marks: &Marks) -> Vec<Connection> {
        let Wanted::Frame { capture, frame } = self.wanted else { return self.connections };
        let holds = packets(plan, &self.connections, marks).iter().position(|ladder| {
            ladder.steps.iter().any(|step| step.capture == *capture && step.frame == *frame)
        });
        holds.map(|index| vec![self.connections.swap_remove(index)]).unwrap_or_default()
    }
}

fn missing(wanted: &Wanted, connections: u64) -> Failure {
    let last = connections.saturating_sub(1);
    match wanted {
        Wanted::Number(number) if connections > 0 => {
            Failure::usage(format!("there is no connection {number}"))
                .hinted(format!("they are numbered 0 to {last}"))
        }
        Wanted::Number(_) => Failure::usage("there is no TCP connection in this capture"),
        Wanted::Frame { frame, .. } => Failure::usage(format!("frame {frame} is in no TCP connection"))
            .hinted("frames are numbered as in Wireshark, in each file from 1"),
        Wanted::End(ip, port) => Failure::usage(format!("no connection has the end {ip} port {port}"))
            .hinted("hangup list FILE names all connections"),
    }
}
