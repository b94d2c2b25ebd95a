//! One line of a verdict block.

use serde_json::Value;

use crate::frame::Played;
use crate::vocabulary::{ENDERS, RESPONSIBLE, VERDICTS};

/// One claim about a report.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
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
    /// An id is the cause, or stands beside it.
    Mentions(Vec<String>),
    /// The explanation has these words in it.
    Explains(String),
    /// A number lies between.
    Between(&'static str, f64, f64),
    /// A fact of the connection (a path of keys) has one of these values.
    Fact(&'static str, Vec<String>),
    /// Up to this step the connection tells another truth.
    Turns(String),
    /// A step whose place tells: a capture that has it before or behind its neighbour may be judged otherwise.
    Order(String),
    /// The event that ended others at the same time too, and how many in all; none: there is none.
    Event(Option<(String, u64)>),
    /// The most likely suspect of the whole report; none: there is no incident.
    Incident(Option<String>),
}

/// Where a goodbye is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Anywhere,
    Frame(u64),
    Label(String),
}

impl What {
    /// Parses what stands on both sides of the first colon.
    pub(super) fn parse(key: &str, value: &str) -> Result<Self, String> {
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
            "mentions" => Self::Mentions(words()),
            "explains" => Self::Explains(value.to_owned()),
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
            "order" => Self::Order(value.strip_prefix('@').ok_or("order: @LABEL")?.to_owned()),
            "turns" => Self::Turns(value.strip_prefix('@').ok_or("turns: @LABEL")?.to_owned()),
            "event" if value == "none" => Self::Event(None),
            "event" => {
                let (what, count) = value.split_once(' ').ok_or("event: WHAT COUNT")?;
                let count = count.trim().parse().map_err(|_| format!("no number: `{count}`"))?;
                Self::Event(Some((known(vec![what.to_owned()], EVENTS)?.concat(), count)))
            }
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

    /// Holds a connection of a report against the claim; the error says what was wanted and what was there.
    pub(super) fn check(&self, connection: &Value, played: &Played, id: usize) -> Result<(), String> {
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
            Self::Mentions(ids) => {
                let also = ids_in(field("also"));
                let cause = field("cause").as_str();
                match ids.iter().find(|id| cause != Some(id.as_str()) && !also.contains(&id.as_str())) {
                    Some(id) => {
                        Err(format!("wanted {id} as the cause or beside it, got {cause:?} and {also:?}"))
                    }
                    None => Ok(()),
                }
            }
            Self::Explains(words) => match field("explanation").as_str() {
                Some(told) if told.contains(words.as_str()) => Ok(()),
                told => Err(format!("explains: wanted “{words}”, got {told:?}")),
            },
            Self::Between(key, low, high) => match field(key).as_f64() {
                Some(value) if (*low..=*high).contains(&value) => Ok(()),
                _ => Err(format!("{key}: wanted {low}..{high}, got {}", field(key))),
            },
            Self::Fact(path, allowed) => {
                one_of(path, connection.pointer(path).unwrap_or(&Value::Null), allowed)
            }
            Self::Turns(label) | Self::Order(label) => {
                // It may be another connection's step that decides.
                if played.frames.iter().any(|frame| frame.label.as_deref() == Some(label)) {
                    Ok(())
                } else {
                    Err(format!("no captured packet @{label}"))
                }
            }
            // The report as a whole says it.
            Self::Incident(_) | Self::Event(_) => Ok(()),
        }
    }
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
const EVENTS: &[&str] = &[
    "server-died",
    "server-stopped",
    "server-forgot",
    "server-silent",
    "client-died",
    "client-silent",
    "line-down",
    "many-cut",
];
const ROLES: &[&str] = &["first", "reply", "echo", "repeat", "crossing", "ignored"];
