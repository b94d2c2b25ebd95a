//! One JSON object a line, each with its `type`: for tools that read lines, and for captures of any size.

use crate::escape::Json;
use hangup_engine::model::{Connection, SCHEMA};
use hangup_engine::{Conclusion, Sink};
use serde::Serialize;
use std::io::{self, Write};

/// Writes one object a line: every `connection` as it becomes known, then each `capture`, each `event`, the `incident` if there
/// is one, and the `summary`, whose `schema` names the contract.
#[derive(Debug)]
pub struct Ndjson<W> {
    out: W,
    text: Json,
}

impl<W: Write> Ndjson<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self { out, text: Json::default() }
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn line<T: Serialize>(&mut self, kind: &'static str, value: &T) -> io::Result<()> {
        let line = Line { kind, schema: (kind == "summary").then_some(SCHEMA), value };
        self.text.write(&mut self.out, &line)?;
        self.out.write_all(b"\n")
    }
}

/// A value that says what it is.
#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'static str>,
    #[serde(flatten)]
    value: &'a T,
}

impl<W: Write> Sink for Ndjson<W> {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        self.line("connection", connection)
    }

    fn conclude(&mut self, conclusion: &Conclusion) -> io::Result<()> {
        for capture in &conclusion.captures {
            self.line("capture", capture)?;
        }
        for event in &conclusion.events {
            self.line("event", event)?;
        }
        if let Some(incident) = &conclusion.incident {
            self.line("incident", incident)?;
        }
        self.line("summary", &conclusion.summary)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use serde_json::Value;

    #[test]
    fn every_line_says_what_it_is() {
        let mut ndjson = Ndjson::new(Vec::new());
        for connection in &sample::morning() {
            ndjson.connection(connection).unwrap();
        }
        ndjson.conclude(&sample::conclusion()).unwrap();
        let text = String::from_utf8(ndjson.into_inner()).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
        assert_eq!(
            kinds,
            ["connection", "connection", "connection", "connection", "capture", "incident", "summary"]
        );
        let mut first = lines[0].clone();
        first.as_object_mut().unwrap().remove("type");
        assert_eq!(first, serde_json::to_value(&sample::morning()[0]).unwrap());
        assert_eq!(lines[6]["schema"], "hangup/1");
    }
}
