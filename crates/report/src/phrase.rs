//! The model's words as sentences for people.

use crate::escape::escape;
use crate::plain;
use crate::style::Zone;
use crate::wrap::width;
use hangup_engine::model::{Connection, Endpoint, Goodbye};
use hangup_engine::words::terms;

/// Terms that were explained already: each is explained where it first stands.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    known: Vec<&'static str>,
}

impl Terms {
    /// What a term means, in brackets, the first time; else nothing.
    fn once(&mut self, term: &'static str) -> String {
        // Which alert it is makes no second explanation.
        let kind = if term == "encrypted-alert" { "alert" } else { term };
        if self.known.contains(&kind) {
            return String::new();
        }
        self.known.push(kind);
        format!(" ({})", terms::short(term))
    }

    /// A kind of goodbye with its article, explained the first time: `a FIN (TCP's orderly goodbye)`.
    pub(crate) fn goodbye(&mut self, goodbye: &Goodbye) -> String {
        match goodbye.kind.as_str() {
            "plain-alert" => {
                format!("a TLS alert{}", self.once("alert"))
            }
            "encrypted-alert" => format!("an encrypted TLS alert{}", self.once("encrypted-alert")),
            "inferred-alert" => format!(
                "what is, by size and place, a TLS alert{} with {} certainty",
                self.once("alert"),
                plain::percent(goodbye.certainty)
            ),
            "decrypted-alert" => {
                format!("a decrypted TLS alert{}", self.once("alert"))
            }
            "fin" => format!("a FIN{}", self.once("fin")),
            "rst" => format!("a RST{}", self.once("rst")),
            "icmp" => {
                let from =
                    goodbye.address.as_deref().map(|a| format!(" from {}", escape(a))).unwrap_or_default();
                format!("an ICMP error{from}{}", self.once("icmp"))
            }
            "silence" => format!("silence{}", self.once("silence")),
            "application" => "the application's own goodbye".into(),
            other => escape(other).into_owned(),
        }
    }
}

/// An address with its port, IPv6 in brackets: `192.0.2.7:443`.
pub(crate) fn endpoint(end: &Endpoint) -> String {
    let ip = escape(&end.ip);
    if ip.contains(':') { format!("[{ip}]:{}", end.port) } else { format!("{ip}:{}", end.port) }
}

/// The name by which people know the server: what TLS asked for, else what the capture calls it.
pub(crate) fn server_name(connection: &Connection) -> Option<String> {
    let sni = connection.tls.as_ref().and_then(|tls| tls.sni.as_deref());
    sni.or(connection.server.name.as_deref()).map(|name| escape(name).into_owned())
}

/// `10.0.0.5:50222 to 192.0.2.7:443 (forms.example)`.
pub(crate) fn ends(connection: &Connection) -> String {
    let name = server_name(connection).map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{} to {}{name}", endpoint(&connection.client), endpoint(&connection.server))
}

/// Who ended it: `the client hung up first`.
pub(crate) fn who(ended_by: &str) -> String {
    match ended_by {
        "client" => "the client hung up first".into(),
        "server" => "the server hung up first".into(),
        "middlebox" => {
            "something between client and server hung up; the side that seems to have done it did not".into()
        }
        "network" => "neither side: the network between them failed".into(),
        "crossing" => "both sides hung up at the same time, neither knowing of the other".into(),
        "nobody" => "nobody: no act of closing is in the capture".into(),
        "unknown" => "this capture does not show who".into(),
        other => escape(other).into_owned(),
    }
}

/// Whether it is normal, as an answer.
pub(crate) fn normal(verdict: &str) -> &'static str {
    match verdict {
        "normal" => "yes",
        "abnormal" => "no",
        "undecided" => "cannot be decided from this capture",
        "open" => "it had not ended when the capture ends",
        _ => "unknown",
    }
}

/// Who ended it, when and in which frame: `the client hung up first, at 11:15:02 in frame 48102`.
pub(crate) fn who_and_when(connection: &Connection, zone: &Zone) -> String {
    let who = who(&connection.ending.ended_by);
    match &connection.ending.first_goodbye {
        Some(first) => format!(
            "{who}, at {} in frame {}",
            zone.time(&first.time),
            plain::frame(first.capture, first.frame)
        ),
        None => who,
    }
}

/// How it ended: the first goodbye, and what came before it.
pub(crate) fn how(connection: &Connection, terms: &mut Terms) -> String {
    let ending = &connection.ending;
    let Some(first) = &ending.first_goodbye else {
        return format!("no goodbye was seen; the last packet is frame {}", connection.last_frame);
    };
    let goodbye = terms.goodbye(first);
    let mut text = match (first.kind.as_str(), first.from.as_deref()) {
        ("silence", Some(side)) => format!("the {} fell into {goodbye}", escape(side)),
        _ => format!("with {goodbye}"),
    };
    if let Some(idle) = ending.idle_before {
        text.extend([", ", &plain::duration(idle), " after the last data"]);
    }
    match ending.outstanding {
        Some(true) => text.push_str("; an answer was missing"),
        Some(false) => text.push_str("; nothing was missing"),
        None => {}
    }
    text
}

/// The cause in plain words and how sure it is: `The client's patience ended (very likely, 84 %)`.
pub(crate) fn cause(connection: &Connection) -> String {
    let ending = &connection.ending;
    match ending.title.as_deref().or(ending.cause.as_deref()) {
        Some(words) => format!("{} ({})", escape(words), plain::sure(ending.confidence)),
        None => "no known cause fits".into(),
    }
}

/// `text` as it stands inside a sentence: with a small letter, unless its first word is written large throughout.
pub(crate) fn inside(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// A cause's id with its plain words: `client-gives-up: The client's patience ended`.
pub(crate) fn named(cause: &str) -> String {
    let words = hangup_engine::title(cause).map(|title| format!(": {title}")).unwrap_or_default();
    format!("{}{words}", escape(cause))
}

/// As many clauses of `text` as fit `columns`, and at least the first: what is left out stands elsewhere.
pub(crate) fn clauses(text: &str, columns: usize) -> &str {
    // Neither inside a number or an address nor inside brackets.
    let ends = text.match_indices([';', ':', ',']).map(|(index, _)| index).filter(|&index| {
        let (clause, rest) =
            (text.get(..index).unwrap_or_default(), text.get(index + 1..).unwrap_or_default());
        rest.starts_with(' ') && clause.matches('(').count() == clause.matches(')').count()
    });
    let (mut shortest, mut longest) = (None, None);
    for clause in ends.chain([text.len()]).filter_map(|end| text.get(..end)) {
        shortest = shortest.or(Some(clause));
        if width(clause) <= columns {
            longest = Some(clause);
        }
    }
    longest.or(shortest).unwrap_or(text)
}

/// The first sentence of `text`.
pub(crate) fn first_sentence(text: &str) -> &str {
    let end = text.match_indices(['.', '!', '?']).find(|(index, _)| {
        text.get(index + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    });
    end.and_then(|(index, _)| text.get(..=index)).unwrap_or(text)
}

/// The sentences of `text`.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let sentence = first_sentence(rest);
        sentences.push(sentence);
        rest = rest.get(sentence.len()..).unwrap_or_default().trim_start();
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_does_not_fit_is_left_out_by_clauses() {
        let text = "Find out what it did: its log, its database; then ask";
        assert_eq!(clauses(text, 80), text);
        assert_eq!(clauses(text, 46), "Find out what it did: its log, its database");
        assert_eq!(clauses(text, 25), "Find out what it did");
        assert_eq!(clauses(text, 3), "Find out what it did");
        assert_eq!(clauses("as on 1,000 others", 10), "as on 1,000 others");
    }

    #[test]
    fn a_title_inside_a_sentence() {
        assert_eq!(inside("The client's patience ended"), "the client's patience ended");
        assert_eq!(inside("TLS was not spoken"), "TLS was not spoken");
        assert_eq!(inside("A reset"), "a reset");
    }

    #[test]
    fn a_term_is_explained_once() {
        let connection = &sample::morning()[2];
        let mut terms = Terms::default();
        assert!(how(connection, &mut terms).contains("hidden without keys"));
        assert!(!how(connection, &mut terms).contains("hidden without keys"));
    }

    #[test]
    fn ipv6_addresses_keep_their_port_apart() {
        let end = Endpoint { ip: "2001:db8::1".into(), port: 443, name: None };
        assert_eq!(endpoint(&end), "[2001:db8::1]:443");
    }

    #[test]
    fn a_sentence_ends_at_its_stop_and_not_in_a_number() {
        assert_eq!(first_sentence("After 30.0 s it gave up. Then nothing."), "After 30.0 s it gave up.");
        assert_eq!(first_sentence("no stop"), "no stop");
        assert_eq!(sentences("One. Two! Three"), ["One.", "Two!", "Three"]);
    }
}
