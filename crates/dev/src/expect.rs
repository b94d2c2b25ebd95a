//! The verdict that a story must earn, and how a report is held against it.

use std::fmt;

use serde_json::Value;

use crate::frame::Played;
use crate::{Script, StoryError};

/// A parsed verdict block.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    claims: Vec<Claim>,
}

/// One line of it.
#[derive(Clone, Debug)]
struct Claim {
    line: usize,
    /// The connection that it is about.
    connection: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    /// A word of the ending is one of these.
    Word(&'static str, Vec<String>),
    /// The cause is none of these.
    NotCause(Vec<String>),
    /// `outstanding`; none for null.
    Outstanding(Vec<Option<bool>>),
    /// A goodbye: where, whose, what, and its role; `first` in a role means the first goodbye itself.
    Goodbye {
        first: bool,
        place: Place,
        from: Option<String>,
        kinds: Vec<String>,
        role: Option<String>,
    },
    /// There is no act of closing.
    NoGoodbye,
    /// A list of ids holds these, or holds none of these.
    Holds(&'static str, Vec<String>),
    HoldsNot(&'static str, Vec<String>),
    /// A number lies between.
    Between(&'static str, f64, f64),
    /// A fact of the connection (a path of keys) has one of these values.
    Fact(&'static str, Vec<String>),
    /// The most likely suspect of the whole report; none: there is no incident.
    Incident(Option<String>),
}

/// Where a goodbye is.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    Anywhere,
    Frame(u64),
    Label(String),
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
        let mut claims = Vec::new();
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
            let what = What::parse(key.trim(), value.trim()).map_err(|what| StoryError::new(line, what))?;
            claims.push(Claim { line, connection: connection.clone(), what });
        }
        Ok(Self { claims })
    }

    /// Whether the story claims nothing.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// The causes that it names, for an index of stories.
    pub fn causes(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().flat_map(|claim| {
            match &claim.what {
                What::Word("cause", ids) | What::Holds("also", ids) => ids.as_slice(),
                _ => &[],
            }
            .iter()
            .map(String::as_str)
        })
    }

    /// The verdicts that it allows the connections of this name.
    pub fn verdicts(&self, name: &str) -> Vec<&str> {
        let of_name = self.claims.iter().filter(|claim| claim.connection == name);
        of_name
            .flat_map(|claim| match &claim.what {
                What::Word("verdict", words) => words.as_slice(),
                _ => &[],
            })
            .map(String::as_str)
            .collect()
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
                if let Err(what) = claim.what.check(connection, played, id) {
                    miss(claim.line, format!("connection {id}: {what}"));
                }
            }
        }
        mismatches
    }
}

impl What {
    fn parse(key: &str, value: &str) -> Result<Self, String> {
        let words = || value.split(['|', ',']).map(|word| word.trim().to_owned()).collect::<Vec<_>>();
        Ok(match key {
            "verdict" => Self::Word("verdict", known(words(), VERDICTS)?),
            "ended_by" => Self::Word("ended_by", known(words(), ENDERS)?),
            "responsible" => Self::Word("responsible", known(words(), RESPONSIBLE)?),
            "cause" => Self::Word("cause", words()),
            "not cause" => Self::NotCause(words()),
            "outstanding" => Self::Outstanding(
                words()
                    .iter()
                    .map(|word| match word.as_str() {
                        "true" => Ok(Some(true)),
                        "false" => Ok(Some(false)),
                        "null" => Ok(None),
                        other => Err(format!("outstanding is true, false or null, not `{other}`")),
                    })
                    .collect::<Result<_, _>>()?,
            ),
            "first" if value == "none" => Self::NoGoodbye,
            "first" => Self::goodbye(true, value)?,
            "goodbye" => Self::goodbye(false, value)?,
            "also" => Self::Holds("also", words()),
            "not also" => Self::HoldsNot("also", words()),
            "alternative" => Self::Holds("alternatives", words()),
            "not alternative" => Self::HoldsNot("alternatives", words()),
            "confidence" => {
                let (low, high) = between(value)?;
                Self::Between("confidence", low, high)
            }
            "idle" => {
                let (low, high) = between(value)?;
                Self::Between("idle_before", low, high)
            }
            "handshake" => Self::Fact("/handshake", words()),
            "protocol" => Self::Fact("/protocol", words()),
            "tls" => Self::Fact("/tls/version", words()),
            "cipher" => Self::Fact("/tls/cipher", words()),
            "sni" => Self::Fact("/tls/sni", words()),
            "alpn" => Self::Fact("/tls/alpn", words()),
            "tls handshake" => Self::Fact("/tls/handshake", words()),
            "conn_state" => Self::Fact("/conn_state", words()),
            "roles_from" => Self::Fact("/roles_from", words()),
            "incident" => {
                let name = value.strip_prefix("connection").map_or(value, str::trim);
                Self::Incident((value != "none").then(|| name.to_owned()))
            }
            _ => return Err(format!("no such key: `{key}`")),
        })
    }

    /// `[FRAME|@LABEL] SIDE KIND [ROLE]`.
    fn goodbye(first: bool, value: &str) -> Result<Self, String> {
        let mut words: Vec<&str> = value.split_whitespace().collect();
        let place = match words.first() {
            Some(word) if word.starts_with('@') => Place::Label(word.trim_start_matches('@').to_owned()),
            Some(word) => word.parse().map_or(Place::Anywhere, Place::Frame),
            None => Place::Anywhere,
        };
        if place != Place::Anywhere {
            words.remove(0);
        }
        let (from, kind, role) = match words.as_slice() {
            [from, kind] if first => (*from, *kind, None),
            [from, kind, role] if !first => {
                (*from, *kind, Some(known(vec![(*role).to_owned()], ROLES)?.concat()))
            }
            _ => {
                return Err(
                    "first: [FRAME|@LABEL] SIDE KIND; goodbye: [FRAME|@LABEL] SIDE KIND ROLE".to_owned()
                );
            }
        };
        let from = match from {
            "client" | "server" => Some(from.to_owned()),
            "nobody" => None,
            other => return Err(format!("client, server or nobody, not `{other}`")),
        };
        let kinds = known(kind.split('|').map(str::to_owned).collect(), KINDS)?;
        Ok(Self::Goodbye { first, place, from, kinds, role })
    }

    fn check(&self, connection: &Value, played: &Played, id: usize) -> Result<(), String> {
        let ending = connection.get("ending").unwrap_or(&Value::Null);
        let field = |key: &str| ending.get(key).unwrap_or(&Value::Null);
        match self {
            Self::Word(key, allowed) => one_of(key, field(key), allowed),
            Self::NotCause(ids) => match field("cause").as_str() {
                Some(cause) if ids.iter().any(|id| id == cause) => {
                    Err(format!("the cause must not be {cause}"))
                }
                _ => Ok(()),
            },
            Self::Outstanding(allowed) => {
                let value = field("outstanding");
                if allowed.contains(&value.as_bool()) && (value.is_boolean() || value.is_null()) {
                    Ok(())
                } else {
                    Err(format!("outstanding: wanted {allowed:?}, got {value}"))
                }
            }
            Self::NoGoodbye => match field("first_goodbye") {
                Value::Null => Ok(()),
                goodbye => Err(format!("wanted no act of closing, got {goodbye}")),
            },
            Self::Goodbye { first, place, from, kinds, role } => {
                let frame = match place {
                    Place::Anywhere => None,
                    Place::Frame(frame) => Some(*frame),
                    Place::Label(label) => Some(
                        played.labelled(id, label).ok_or_else(|| format!("no captured packet @{label}"))?,
                    ),
                };
                let fits = |goodbye: &Value| {
                    frame.is_none_or(|frame| goodbye["frame"].as_u64() == Some(frame))
                        && goodbye["from"].as_str() == from.as_deref()
                        && kinds.iter().any(|kind| goodbye["kind"] == kind.as_str())
                        && role.as_ref().is_none_or(|role| goodbye["role"] == role.as_str())
                };
                let from = from.as_deref().unwrap_or("nobody");
                let wanted = format!(
                    "{} {from} {} {}",
                    frame.map_or_else(String::new, |frame| format!("frame {frame}")),
                    kinds.join("|"),
                    role.as_deref().unwrap_or_default()
                );
                if *first {
                    let goodbye = field("first_goodbye");
                    return if fits(goodbye) {
                        Ok(())
                    } else {
                        Err(format!("first: wanted {wanted}, got {goodbye}"))
                    };
                }
                let goodbyes = field("goodbyes");
                if goodbyes.as_array().is_some_and(|all| all.iter().any(fits)) {
                    Ok(())
                } else {
                    Err(format!("goodbye: wanted {wanted}, got {goodbyes}"))
                }
            }
            Self::Holds(key, ids) => {
                let there = ids_in(field(key));
                match ids.iter().find(|id| !there.contains(&id.as_str())) {
                    Some(id) => Err(format!("{key}: wanted {id}, got {there:?}")),
                    None => Ok(()),
                }
            }
            Self::HoldsNot(key, ids) => {
                let there = ids_in(field(key));
                match ids.iter().find(|id| there.contains(&id.as_str())) {
                    Some(id) => Err(format!("{key}: {id} must not be there")),
                    None => Ok(()),
                }
            }
            Self::Between(key, low, high) => match field(key).as_f64() {
                Some(value) if (*low..=*high).contains(&value) => Ok(()),
                _ => Err(format!("{key}: wanted {low}..{high}, got {}", field(key))),
            },
            Self::Fact(path, allowed) => {
                one_of(path, connection.pointer(path).unwrap_or(&Value::Null), allowed)
            }
            Self::Incident(_) => Ok(()),
        }
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

fn connection(report: &Value, id: usize) -> Option<&Value> {
    let connections = report.get("connections")?.as_array()?;
    connections.iter().find(|connection| connection["id"].as_u64() == Some(id as u64))
}

fn one_of(key: &str, value: &Value, allowed: &[String]) -> Result<(), String> {
    let word = match value {
        Value::Null => "null",
        Value::String(text) => text,
        _ => return Err(format!("{key}: wanted {}, got {value}", allowed.join(" | "))),
    };
    if allowed.iter().any(|allowed| allowed == word) {
        Ok(())
    } else {
        Err(format!("{key}: wanted {}, got {word}", allowed.join(" | ")))
    }
}

/// The ids in a list: plain words (`also`), or objects with a cause (`alternatives`).
fn ids_in(list: &Value) -> Vec<&str> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().or_else(|| item["cause"].as_str())).collect()
}

fn known(words: Vec<String>, allowed: &[&str]) -> Result<Vec<String>, String> {
    match words.iter().find(|word| !allowed.contains(&word.as_str())) {
        Some(word) => Err(format!("`{word}` is none of {}", allowed.join(", "))),
        None => Ok(words),
    }
}

/// `>= 0.7`, `<= 0.5` or `5.0..5.4`.
fn between(text: &str) -> Result<(f64, f64), String> {
    let number = |text: &str| text.trim().parse().map_err(|_| format!("no number: `{text}`"));
    if let Some(low) = text.strip_prefix(">=") {
        Ok((number(low)?, f64::INFINITY))
    } else if let Some(high) = text.strip_prefix("<=") {
        Ok((f64::NEG_INFINITY, number(high)?))
    } else if let Some((low, high)) = text.split_once("..") {
        Ok((number(low)?, number(high)?))
    } else {
        Err(format!("`>= N`, `<= N` or `N..M`, not `{text}`"))
    }
}

const VERDICTS: &[&str] = &["normal", "abnormal", "undecided", "open"];
const ENDERS: &[&str] = &["client", "server", "middlebox", "network", "crossing", "nobody", "unknown"];
const RESPONSIBLE: &[&str] = &[
    "client-app",
    "client-host",
    "server-app",
    "server-host",
    "middlebox",
    "path",
    "configuration",
    "nobody",
    "unknown",
];
const KINDS: &[&str] = &[
    "plain-alert",
    "encrypted-alert",
    "inferred-alert",
    "decrypted-alert",
    "fin",
    "rst",
    "icmp",
    "silence",
    "application",
];
const ROLES: &[&str] = &["first", "reply", "echo", "repeat", "crossing", "ignored"];

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
            "outstanding": false, "idle_before": null, "also": ["client-goodbye-nowait"],
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
                      also: client-goodbye-nowait\nnot also: begins-mid-stream\nalternative: health-check-probe\n\
                      not cause: client-gives-up\nhandshake: complete\nincident: none # nothing stands out";
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
            "not also: client-goodbye-nowait",
            "alternative: client-gives-up",
            "confidence: >= 0.9",
            "confidence: <= 0.5",
            "idle: 0..1",
            "handshake: refused",
            "tls: TLS 1.2",
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
        ] {
            assert!(Story::parse(&format!("{STORY}{claim}\n```\n")).is_err(), "{claim}");
        }
    }
}
