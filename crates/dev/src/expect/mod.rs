//! The verdict that a story must earn, and how a report is held against it.

mod claim;

use std::fmt;

use hangup_engine::{Options, Reported, When};
use jiff::Timestamp;
use serde_json::Value;

use crate::frame::Played;
use crate::{Script, StoryError};
use claim::What;

/// A parsed verdict block.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    claims: Vec<Claim>,
    /// When somebody noticed it, as it was said, and what that is.
    reported: Option<(String, Timestamp)>,
    /// What their program said.
    error: Option<String>,
}

/// One line of it.
#[derive(Clone, Debug)]
struct Claim {
    line: usize,
    /// The connection that it is about.
    connection: String,
    what: What,
}

/// What a report says otherwise than its story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Line of the claim in the story.
    pub line: usize,
    /// What was wanted, and what was there.
    pub what: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.what)
    }
}

impl Expectation {
    /// Parses the lines of a verdict block; each comes with its line number.
    ///
    /// # Errors
    /// Where a line is no claim, such as an unknown key.
    pub fn parse(lines: &[(usize, &str)]) -> Result<Self, StoryError> {
        let (mut claims, mut reported, mut error) = (Vec::new(), None, None);
        let mut connection = String::new();
        for &(line, text) in lines {
            let text = text.split(" #").next().unwrap_or(text).trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if let Some(name) = text.strip_prefix("connection ").and_then(|rest| rest.strip_suffix(':')) {
                name.trim().clone_into(&mut connection);
                continue;
            }
            let (key, value) = text
                .split_once(':')
                .ok_or_else(|| StoryError::new(line, format!("not `key: value`: `{text}`")))?;
            let value = value.trim();
            match key.trim() {
                "reported" => {
                    let time = value
                        .parse()
                        .map_err(|_| StoryError::new(line, format!("not RFC 3339: `{value}`")))?;
                    reported = Some((value.to_owned(), time));
                }
                "error" => error = Some(value.to_owned()),
                key => {
                    let what = What::parse(key, value).map_err(|what| StoryError::new(line, what))?;
                    claims.push(Claim { line, connection: connection.clone(), what });
                }
            }
        }
        Ok(Self { claims, reported, error })
    }

    /// What was reported, as options of the report that is held against the story.
    pub fn options(&self) -> Options {
        Options {
            reported: self.reported.as_ref().map(|(text, time)| Reported {
                text: text.clone(),
                when: When::Instant(*time),
                // People round to minutes.
                precision: 60,
            }),
            error: self.error.clone(),
            ..Options::default()
        }
    }

    /// Whether the story claims nothing.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// The causes that it names, for an index of stories.
    pub fn causes(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().flat_map(|claim| {
            match &claim.what {
                What::Word("cause", ids) | What::Holds("also", ids) | What::Mentions(ids) => ids.as_slice(),
                _ => &[],
            }
            .iter()
            .map(String::as_str)
        })
    }

    /// The causes that it says must not win.
    pub fn look_alikes(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().flat_map(|claim| {
            match &claim.what {
                What::NotCause(ids) => ids.as_slice(),
                _ => &[],
            }
            .iter()
            .map(String::as_str)
        })
    }

    /// The steps up to which, or without which, a connection tells another truth than its verdict, as labels.
    pub fn turns(&self, name: &str) -> impl Iterator<Item = &str> {
        self.claims.iter().filter_map(move |claim| match &claim.what {
            What::Turns(label) if claim.connection == name => Some(label.as_str()),
            _ => None,
        })
    }

    /// The steps whose place among their neighbours tells, as labels.
    pub fn order(&self, name: &str) -> impl Iterator<Item = &str> {
        self.claims.iter().filter_map(move |claim| match &claim.what {
            What::Order(label) if claim.connection == name => Some(label.as_str()),
            _ => None,
        })
    }

    /// Makes sure that every claim is about a connection that there is.
    ///
    /// # Errors
    /// Where one is not.
    pub(crate) fn check_names(&self, script: &Script) -> Result<(), StoryError> {
        for claim in &self.claims {
            let incident = match &claim.what {
                What::Incident(Some(name)) => Some(name.as_str()),
                What::Incident(None) => continue,
                _ => None,
            };
            let name = incident.unwrap_or(&claim.connection);
            if !script.names().any(|known| known == name) {
                return Err(StoryError::new(claim.line, format!("the ladder has no connection `{name}`")));
            }
        }
        Ok(())
    }

    /// Everything in which `report`, a report of the packets in `played`, differs from the story.
    pub fn check(&self, report: &Value, played: &Played) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        let mut miss = |line, what| mismatches.push(Mismatch { line, what });
        for claim in &self.claims {
            if let What::Incident(name) = &claim.what {
                if let Err(what) = incident(name.as_deref(), report, played) {
                    miss(claim.line, what);
                }
                continue;
            }
            let ids = played.ids(&claim.connection);
            if ids.is_empty() {
                miss(claim.line, format!("connection {} has no packets", claim.connection));
            }
            for id in ids {
                let Some(connection) = connection(report, id) else {
                    miss(claim.line, format!("the report has no connection {id}"));
                    continue;
                };
                let told = match &claim.what {
                    What::Event(wanted) => event(wanted.as_ref(), connection, report),
                    what => what.check(connection, played, id),
                };
                if let Err(what) = told {
                    miss(claim.line, format!("connection {id}: {what}"));
                }
            }
        }
        mismatches
    }
}

fn incident(name: Option<&str>, report: &Value, played: &Played) -> Result<(), String> {
    let suspect = report.pointer("/incident/suspects/0/connection").and_then(Value::as_u64);
    match (name, suspect) {
        (None, None) => Ok(()),
        (None, Some(id)) => Err(format!("incident: wanted none, got connection {id}")),
        (Some(name), Some(id)) if played.ids(name).iter().any(|known| *known as u64 == id) => Ok(()),
        (Some(name), suspect) => {
            Err(format!("incident: wanted {name} ({:?}), got {suspect:?}", played.ids(name)))
        }
    }
}

/// Holds the event that a connection names against the one that is wanted: its kind, and how many endings it had.
fn event(wanted: Option<&(String, u64)>, connection: &Value, report: &Value) -> Result<(), String> {
    let number = connection.pointer("/ending/event").and_then(Value::as_u64);
    let event = number.and_then(|number| report.get("events")?.get(usize::try_from(number).ok()?));
    let found = event.map(|event| (event["what"].as_str().unwrap_or_default(), event["count"].as_u64()));
    match (wanted, found) {
        (None, None) => Ok(()),
        (Some((what, count)), Some((kind, number))) if kind == what && number == Some(*count) => Ok(()),
        (wanted, found) => Err(format!("event: wanted {wanted:?}, got {found:?}")),
    }
}

fn connection(report: &Value, id: usize) -> Option<&Value> {
    let connections = report.get("connections")?.as_array()?;
    connections.iter().find(|connection| connection["id"].as_u64() == Some(id as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Story;
    use serde_json::json;

    const STORY: &str =
        "# A\n```ladder\n> SYN\n< SYN ACK\n> ACK\n> FIN @bye\n< FIN\n> ACK\n```\n```verdict\n";

    fn check(claims: &str, ending: &Value) -> Vec<String> {
        let story = Story::parse(&format!("{STORY}{claims}\n```\n")).unwrap();
        let report =
            json!({"incident": null, "connections": [{"id": 0, "handshake": "complete", "ending": ending}]});
        story.expectation.check(&report, &story.play().unwrap()).into_iter().map(|miss| miss.what).collect()
    }

    fn ending() -> Value {
        json!({
            "verdict": "normal", "ended_by": "client", "cause": "unused-connection", "confidence": 0.8,
            "outstanding": false, "idle_before": null, "explanation": "Nobody used it.", "also": ["client-goodbye-nowait"],
            "alternatives": [{"cause": "health-check-probe", "confidence": 0.1}],
            "first_goodbye": {"frame": 4, "from": "client", "kind": "fin"},
            "goodbyes": [{"frame": 4, "from": "client", "kind": "fin", "role": "first"},
                         {"frame": 5, "from": "server", "kind": "fin", "role": "reply"}],
        })
    }

    #[test]
    fn what_agrees() {
        let claims = "verdict: normal\nended_by: client | crossing\ncause: unused-connection\nconfidence: >= 0.7\n\
                      outstanding: false\nfirst: @bye client fin\nfirst: 4 client fin\ngoodbye: server fin reply\n\
                      also: client-goodbye-nowait\nmentions: client-goodbye-nowait, unused-connection\nnot also: begins-mid-stream\nalternative: health-check-probe\n\
                      not cause: client-gives-up\nevent: none\nturns: @bye\nhandshake: complete\nexplains: used it\nincident: none # nothing stands out";
        assert_eq!(check(claims, &ending()), Vec::<String>::new());
    }

    #[test]
    fn every_difference_is_found() {
        for claim in [
            "verdict: abnormal",
            "ended_by: server",
            "cause: client-clean-goodbye",
            "not cause: unused-connection",
            "outstanding: true",
            "outstanding: null",
            "first: 5 client fin",
            "first: @bye server fin",
            "first: none",
            "goodbye: server fin first",
            "goodbye: @bye server fin reply",
            "also: rst-not-received",
            "mentions: rst-not-received",
            "not also: client-goodbye-nowait",
            "alternative: client-gives-up",
            "confidence: >= 0.9",
            "confidence: <= 0.5",
            "idle: 0..1",
            "handshake: refused",
            "tls: TLS 1.2",
            "explains: the server's turn",
            "turns: @nowhere",
            "event: server-died 3",
        ] {
            assert_eq!(check(claim, &ending()).len(), 1, "{claim}");
        }
    }

    #[test]
    fn unknown_words_are_errors() {
        for claim in [
            "colour: blue",
            "verdict: fine",
            "first: client bell",
            "connection nobody:\nverdict: normal",
            "confidence: high",
            "incident: connection x",
            "event: flood 3",
        ] {
            assert!(Story::parse(&format!("{STORY}{claim}\n```\n")).is_err(), "{claim}");
        }
    }
}
