//! One line a connection, aligned for eyes and with a fixed number of words for grep and awk.

use crate::escape::escape;
use crate::phrase::{endpoint, server_name};
use crate::style::{Paint, Style, seconds_between};
use crate::wrap::{clip, pad, pad_left};
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Sink};
use std::io::{self, Write};

/// Writes one line a connection under a head. No field has a blank in it; one that is not known is `-`.
#[derive(Debug)]
pub struct List<W> {
    out: W,
    style: Style,
    /// Columns after which lines are cut, on a terminal.
    columns: Option<usize>,
    begun: bool,
}

impl<W: Write> List<W> {
    /// Writes to `out`, which should be buffered. Lines are whole, however long.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style, columns: None, begun: false }
    }

    /// Cuts lines after so many columns, for a terminal.
    #[must_use]
    pub fn cut(mut self, columns: Option<usize>) -> Self {
        self.columns = columns;
        self
    }

    /// `line` as far as there is room.
    fn room(&self, line: String) -> String {
        self.columns.map(|columns| clip(&line, columns)).unwrap_or(line)
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        let time = format!("time({})", escape(&self.style.zone.name).replace(' ', "_"));
        let head = line(&[
            "id",
            &time,
            "client",
            "->",
            "server",
            "seconds",
            "bytes",
            "verdict",
            "ended_by",
            "first_goodbye",
            "cause",
            "name",
        ]);
        let head = self.room(head);
        writeln!(self.out, "{}", self.style.paint(Paint::Heading, &head))
    }
}

impl<W: Write> Sink for List<W> {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        self.begin()?;
        let ending = &connection.ending;
        let seconds = seconds_between(&connection.first_time, &connection.last_time);
        let goodbye =
            ending.first_goodbye.as_ref().map(|goodbye| format!("{}:{}", goodbye.frame, word(&goodbye.kind)));
        let line = line(&[
            &connection.id.to_string(),
            &self.style.zone.word(&connection.first_time),
            &endpoint(&connection.client),
            "->",
            &endpoint(&connection.server),
            &seconds.map_or("-".into(), |seconds| format!("{seconds:.3}")),
            &format!("{}/{}", connection.payload_bytes.client, connection.payload_bytes.server),
            &word(&ending.verdict),
            &word(&ending.ended_by),
            goodbye.as_deref().unwrap_or("-"),
            &word(ending.cause.as_deref().unwrap_or("-")),
            &word(server_name(connection).as_deref().unwrap_or("-")),
        ]);
        let line = self.room(line);
        let verdict = Paint::verdict(&ending.verdict);
        if self.style.colour && ending.verdict != "normal" {
            writeln!(self.out, "{}", self.style.paint(verdict, &line))
        } else {
            writeln!(self.out, "{line}")
        }
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        self.begin()?;
        self.out.flush()
    }
}

/// Text as one word: blanks would shift the fields behind it.
fn word(text: &str) -> String {
    if text.is_empty() { "-".into() } else { escape(text).replace(' ', "_") }
}

/// Widths that most captures fit; what does not only shifts its own line.
fn line(fields: &[&str; 12]) -> String {
    let [id, time, client, arrow, server, seconds, bytes, verdict, ended_by, goodbye, cause, name] = fields;
    format!(
        "{} {} {} {arrow} {} {} {} {} {} {} {} {name}",
        pad_left(id, 6),
        pad(time, 23),
        pad(client, 21),
        pad(server, 21),
        pad_left(seconds, 10),
        pad_left(bytes, 15),
        pad(verdict, 9),
        pad(ended_by, 9),
        pad(goodbye, 22),
        pad(cause, 30),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn listed(connections: &[Connection]) -> String {
        let mut list = List::new(Vec::new(), Style::default());
        for connection in connections {
            list.connection(connection).unwrap();
        }
        list.conclude(&sample::conclusion()).unwrap();
        String::from_utf8(list.into_inner()).unwrap()
    }

    #[test]
    fn a_list_for_eyes() {
        insta::assert_snapshot!(listed(&sample::morning()));
    }

    #[test]
    fn on_a_terminal_lines_end_with_it() {
        let mut list = List::new(Vec::new(), Style::default()).cut(Some(120));
        list.connection(&sample::abnormal()).unwrap();
        let text = String::from_utf8(list.into_inner()).unwrap();
        assert!(text.lines().all(|line| line.len() == 120 && line.ends_with("..")), "{text}");
    }

    #[test]
    fn every_line_has_the_same_number_of_words() {
        let mut connections = sample::morning();
        connections[0].tls.as_mut().unwrap().sni = Some("a b\nc".into());
        for line in listed(&connections).lines() {
            assert_eq!(line.split_whitespace().count(), 12, "{line}");
        }
    }
}
