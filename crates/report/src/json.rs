//! One JSON document of the schema `hangup/1`, written as it becomes known.

use crate::escape;
use hangup_engine::model::{Connection, SCHEMA};
use hangup_engine::{Conclusion, Sink};
use std::io::{self, Write};

/// Writes one JSON document. Connections are written as they come, one a line; the rest follows them, for the order
/// of keys is not part of the contract. The document is whole once the conclusion has come.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    text: escape::Json,
    begun: bool,
}

impl<W: Write> Json<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self { out, text: escape::Json::default(), begun: false }
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        write!(self.out, "{{\"schema\":\"{SCHEMA}\",\n\"connections\":[")
    }
}

impl<W: Write> Sink for Json<W> {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        if self.begun {
            self.out.write_all(b",\n")?;
        } else {
            self.begin()?;
            self.out.write_all(b"\n")?;
        }
        self.text.write(&mut self.out, connection)
    }

    fn conclude(&mut self, conclusion: &Conclusion) -> io::Result<()> {
        if !self.begun {
            self.begin()?;
        }
        self.out.write_all(b"],\n\"captures\":")?;
        self.text.write(&mut self.out, &conclusion.captures)?;
        self.out.write_all(b",\n\"summary\":")?;
        self.text.write(&mut self.out, &conclusion.summary)?;
        self.out.write_all(b",\n\"events\":")?;
        self.text.write(&mut self.out, &conclusion.events)?;
        self.out.write_all(b",\n\"incident\":")?;
        self.text.write(&mut self.out, &conclusion.incident)?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use hangup_engine::Report;
    use serde_json::Value;

    fn written(connections: &[Connection], conclusion: &Conclusion) -> Value {
        let mut json = Json::new(Vec::new());
        for connection in connections {
            json.connection(connection).unwrap();
        }
        json.conclude(conclusion).unwrap();
        serde_json::from_slice(&json.into_inner()).unwrap()
    }

    #[test]
    fn the_stream_is_the_model() {
        let (connections, conclusion) = (sample::morning(), sample::conclusion());
        let report = Report {
            schema: SCHEMA.into(),
            captures: conclusion.captures.clone(),
            summary: conclusion.summary.clone(),
            incident: conclusion.incident.clone(),
            events: conclusion.events.clone(),
            connections: connections.clone(),
        };
        assert_eq!(written(&connections, &conclusion), serde_json::to_value(&report).unwrap());
    }

    #[test]
    fn a_capture_without_connections_is_a_document_too() {
        let document = written(&[], &sample::empty());
        assert_eq!(document["connections"], serde_json::json!([]));
        assert_eq!(document["incident"], Value::Null);
    }
}
