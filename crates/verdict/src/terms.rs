//! The standing answers to questions that people ask: what is a RST, who closes first, why is it half open.
//!
//! Text files beside the catalogue, one a question: a head of `key: value` lines (`title`, `names` with ` | ` between,
//! `short`, `sources`, `see`), an empty line, plain words in paragraphs, a line `wire:`, and what that is on the wire.

use crate::sheet::{Sheet, sheets};
use std::sync::LazyLock;

/// A question with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Its id: the name of its file.
    pub id: &'static str,
    /// The question, or what it is about.
    pub title: &'static str,
    /// What people call it.
    pub names: Vec<&'static str>,
    /// In one breath, to stand in brackets behind the word.
    pub short: &'static str,
    /// Plain words, in paragraphs.
    pub says: Vec<String>,
    /// What that is on the wire, in paragraphs.
    pub wire: Vec<String>,
    /// Where it stands.
    pub sources: Vec<&'static str>,
    /// Ids of causes and terms to read next.
    pub see: Vec<&'static str>,
}

const SOURCES: &[(&str, &str)] = sheets!["../catalogue/terms/":
    "abnormal",
    "alert",
    "bad-rst",
    "capture-point",
    "certificate",
    "client-and-server",
    "close-notify",
    "confidence",
    "crossing",
    "dup-ack",
    "echo",
    "encrypted-alert",
    "fin",
    "first-goodbye",
    "frame-and-stream",
    "goaway",
    "half-close",
    "half-open",
    "handshake",
    "icmp",
    "idle-timeout",
    "keep-alive",
    "middlebox",
    "mtu",
    "outstanding",
    "pool",
    "read-timeout",
    "retransmission",
    "round-trip",
    "rst",
    "silence",
    "sni",
    "time-wait",
    "tls13-alert",
    "truncation",
    "who-closes-first",
    "zero-window",
];

static TERMS: LazyLock<Vec<Term>> =
    LazyLock::new(|| SOURCES.iter().map(|&(id, source)| parse(id, source)).collect());

/// The term of `id`.
pub fn term(id: &str) -> Option<&'static Term> {
    TERMS.iter().find(|term| term.id == id)
}

/// All terms, by id.
pub fn all() -> &'static [Term] {
    &TERMS
}

/// What `id` is, in one breath; nothing where there is no such term.
pub fn short(id: &str) -> &'static str {
    term(id).map_or("", |term| term.short)
}

fn parse(id: &'static str, source: &'static str) -> Term {
    let sheet = Sheet::of(source);
    let field = |key: &str| sheet.field(key);
    let list = |key: &str, between: &str| -> Vec<&'static str> {
        field(key).split(between).map(str::trim).filter(|item| !item.is_empty()).collect()
    };
    let (says, wire) = sheet.body.split_once("\nwire:\n").unwrap_or((sheet.body, ""));
    Term {
        id,
        title: field("title"),
        names: list("names", "|"),
        short: field("short"),
        says: paragraphs(says),
        wire: paragraphs(wire),
        sources: list("sources", ";"),
        see: list("see", ","),
    }
}

fn paragraphs(text: &str) -> Vec<String> {
    let blocks = text.split("\n\n").map(|block| block.split_whitespace().collect::<Vec<_>>().join(" "));
    blocks.filter(|block| !block.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::errors::words;

    #[test]
    fn terms_are_whole() {
        for term in all() {
            let id = term.id;
            assert!(!term.title.is_empty() && !term.names.is_empty() && !term.short.is_empty(), "{id}");
            assert!(!term.says.is_empty() && !term.wire.is_empty() && !term.sources.is_empty(), "{id}");
            assert!(!term.short.ends_with('.'), "{id}: what stands in brackets has no stop");
            for text in term.says.iter().chain(&term.wire) {
                assert!(text.ends_with('.') || text.ends_with('?'), "{id}: {text}");
                assert!(!text.contains(['{', '}', '*', '`']), "{id}: {text}");
            }
        }
    }

    #[test]
    fn what_to_read_next_is_there() {
        for term in all() {
            for other in &term.see {
                assert!(
                    self::term(other).is_some() || catalogue::entry(other).is_some(),
                    "{}: {other}",
                    term.id
                );
                assert_ne!(*other, term.id);
            }
        }
    }

    #[test]
    fn no_two_terms_have_a_name_in_common() {
        let mut seen: Vec<(Vec<String>, &str)> = Vec::new();
        for term in all() {
            assert!(catalogue::entry(term.id).is_none(), "{} is also a cause", term.id);
            for name in &term.names {
                let name = words(name);
                let other = seen.iter().find(|(known, _)| *known == name);
                assert!(other.is_none(), "{name:?}: {} and {other:?}", term.id);
                seen.push((name, term.id));
            }
        }
    }
}
