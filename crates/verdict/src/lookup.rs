//! From what somebody typed to the standing answer: a cause, a question, an error text, or what was probably meant.

use crate::catalogue::{self, Entry};
use crate::errors::{self, ErrorText};
use crate::terms::{self, Term};

/// What the standing answer is.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A cause or tag of the catalogue.
    Cause(&'static Entry),
    /// A question that people ask.
    Term(&'static Term),
    /// Error texts, the most particular first.
    Errors(Vec<&'static ErrorText>),
    /// Nothing; ids and names that look like it, nearest first.
    Nothing(Vec<&'static str>),
}

/// Words that questions are made of.
const SMALL: [&str; 32] = [
    "a", "an", "the", "what", "is", "are", "was", "were", "why", "how", "does", "do", "did", "mean", "means",
    "meaning", "of", "my", "i", "it", "in", "to", "this", "that", "there", "explain", "whats", "when", "you",
    "we", "tcp", "about",
];

/// So alike must two names be, 0 to 1, that one is offered for the other.
const ALIKE: f64 = 0.4;
/// So alike are a name and the same with a slip of the finger.
const SLIP: f64 = 0.8;
/// So many are offered.
const OFFERED: usize = 5;

/// Finds the answer to `asked`: in any case, with or without punctuation, articles and plurals.
pub fn lookup(asked: &str) -> Found {
    let exact = singular(&errors::words(asked));
    let asked_for = significant(&exact);
    let same = |name: &str| {
        let name = singular(&errors::words(name));
        name == exact || (!asked_for.is_empty() && significant(&name) == asked_for)
    };
    if let Some(entry) = catalogue::all().iter().find(|entry| same(entry.id) || same(&entry.title)) {
        return Found::Cause(entry);
    }
    let called = |term: &&Term| same(term.title) || term.names.iter().any(|name| same(name)) || same(term.id);
    if let Some(term) = terms::all().iter().find(called) {
        return Found::Term(term);
    }
    let rows = errors::matching(asked);
    if !rows.is_empty() {
        return Found::Errors(rows);
    }
    let near = nearest(asked);
    // A slip of the finger in a long name is no question about a part of it.
    let slip = near.first().is_some_and(|(likeness, _)| *likeness >= SLIP);
    let found = if slip { None } else { loosely(&asked_for) };
    found.unwrap_or_else(|| Found::Nothing(near.into_iter().map(|(_, name)| name).collect()))
}

/// The term or cause whose name is part of the question, the longest name first; else the only one that has all of the
/// question's words.
fn loosely(asked: &[String]) -> Option<Found> {
    if asked.is_empty() {
        return None;
    }
    let part = |name: &str| {
        let name = significant(&singular(&errors::words(name)));
        let holds = !name.is_empty() && name.iter().all(|word| asked.contains(word));
        holds.then_some(name.len())
    };
    let term = terms::all()
        .iter()
        .filter_map(|term| Some((term.names.iter().filter_map(|name| part(name)).max()?, term)))
        // The first of several that are as long.
        .rev()
        .max_by_key(|(length, _)| *length);
    if let Some((_, term)) = term {
        return Some(Found::Term(term));
    }
    let holds = |text: &str| {
        let text = singular(&errors::words(text));
        asked.iter().all(|word| text.contains(word))
    };
    let mut causes = catalogue::all().iter().filter(|entry| holds(entry.id) || holds(&entry.title));
    match (causes.next(), causes.next()) {
        (Some(entry), None) => Some(Found::Cause(entry)),
        _ => None,
    }
}

/// Words without those that questions are made of.
fn significant(words: &[String]) -> Vec<String> {
    words.iter().filter(|word| !SMALL.contains(&word.as_str())).cloned().collect()
}

/// Words without the plural's s.
fn singular(words: &[String]) -> Vec<String> {
    let single = |word: &String| match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 3 && !stem.ends_with('s') => stem.to_owned(),
        _ => word.clone(),
    };
    words.iter().map(single).collect()
}

/// Names that look like `asked`, and how much.
fn nearest(asked: &str) -> Vec<(f64, &'static str)> {
    let asked = pairs(asked);
    let ids = catalogue::all().iter().map(|entry| entry.id);
    let questions = terms::all().iter().flat_map(|term| term.names.iter().copied());
    let texts = errors::all().iter().flat_map(|row| row.names.iter().copied());
    let mut near: Vec<(f64, &'static str)> = ids
        .chain(questions)
        .chain(texts)
        .map(|name| (likeness(&asked, &pairs(name)), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.dedup_by_key(|(_, name)| *name);
    near.truncate(OFFERED);
    near
}

/// The pairs of neighbouring letters.
fn pairs(text: &str) -> Vec<(char, char)> {
    let letters: Vec<char> = errors::words(text).join(" ").chars().collect();
    letters.iter().copied().zip(letters.iter().copied().skip(1)).collect()
}

/// Share of pairs in common (Dice's coefficient), 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "counts of letters")]
fn likeness(one: &[(char, char)], other: &[(char, char)]) -> f64 {
    let all = one.len() + other.len();
    let mut rest = other.to_vec();
    let mut common = 0_usize;
    for pair in one {
        if let Some(at) = rest.iter().position(|other| other == pair) {
            rest.swap_remove(at);
            common += 1;
        }
    }
    if all == 0 { 0.0 } else { 2.0 * common as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(asked: &str) -> String {
        match lookup(asked) {
            Found::Cause(entry) => format!("cause {}", entry.id),
            Found::Term(term) => format!("term {}", term.id),
            Found::Errors(rows) => format!("error {}", rows.first().map_or("", |row| row.name())),
            Found::Nothing(near) => format!("nothing {}", near.first().unwrap_or(&"")),
        }
    }

    #[test]
    fn everything_is_found_by_its_own_name() {
        for entry in catalogue::all() {
            assert_eq!(found(entry.id), format!("cause {}", entry.id));
            assert_eq!(found(&entry.title), format!("cause {}", entry.id));
        }
        for term in terms::all() {
            assert_eq!(found(term.title), format!("term {}", term.id));
            for name in &term.names {
                assert_eq!(found(name), format!("term {}", term.id));
            }
        }
        for row in errors::all() {
            // Names of one or two words may also be a question's, and a star is no word of a text.
            for name in row.names.iter().filter(|name| !name.contains('*')) {
                let answer = lookup(name);
                let is = match &answer {
                    Found::Errors(rows) => rows.iter().any(|found| core::ptr::eq(*found, row)),
                    Found::Term(_) | Found::Cause(_) => true,
                    Found::Nothing(_) => false,
                };
                assert!(is, "{name}: {answer:?}");
            }
        }
    }

    #[test]
    fn questions_are_understood_as_people_ask_them() {
        for (asked, answer) in [
            ("what is an Encrypted Alert?", "term encrypted-alert"),
            ("ENCRYPTED ALERTS", "term encrypted-alert"),
            ("is RST bad?", "term bad-rst"),
            ("Are RSTs bad", "term bad-rst"),
            ("who closes first?", "term who-closes-first"),
            ("fin", "term fin"),
            ("RST", "term rst"),
            ("close notify", "term close-notify"),
            ("close_notify", "term close-notify"),
            ("half close", "term half-close"),
            ("TIME_WAIT", "term time-wait"),
            ("time wait", "term time-wait"),
            ("keepalive", "term keep-alive"),
            ("Keepalive Race", "cause keepalive-race"),
            ("client_gives_up", "cause client-gives-up"),
            ("ORA-3113", "error ORA-03113"),
            ("why did I get ECONNRESET?", "error ECONNRESET"),
            ("what does frm-92102 mean", "error FRM-92102"),
        ] {
            assert_eq!(found(asked), answer, "{asked}");
        }
    }

    #[test]
    fn what_is_not_known_is_said_to_be_unknown() {
        assert_eq!(found("keepalive-rase"), "nothing keepalive-race");
        assert_eq!(found("encrypdet alret"), "nothing encrypted alert");
        assert_eq!(found("bananas"), "nothing ");
        assert_eq!(found(""), "nothing ");
        assert_eq!(found("?"), "nothing ");
    }
}
