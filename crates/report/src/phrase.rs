//! The model's words as sentences for people.

use crate::escape::escape;
use crate::plain;
use crate::style::Zone;
use crate::wrap::width;
use hangup_engine::model::{Connection, Ending, Endpoint, Goodbye};
use hangup_engine::words::terms;

/// Seconds below which one thing follows another at once, for a person.
const AT_ONCE: f64 = 0.01;

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

    /// The frame of a goodbye; where it is in another file than the first, how to read that, the first time.
    fn frame(&mut self, goodbye: &Goodbye) -> String {
        let (file, number) = (goodbye.capture, goodbye.frame);
        let frame = plain::frame(file, number);
        if file == 0 || self.known.contains(&"frame of a file") {
            return frame;
        }
        self.known.push("frame of a file");
        format!("{frame} (packet {number} of file {file}, counted from 0)")
    }

    /// A kind of goodbye with its article, explained the first time: `a FIN (TCP's orderly goodbye)`.
    pub(crate) fn goodbye(&mut self, goodbye: &Goodbye) -> String {
        match goodbye.kind.as_str() {
            "plain-alert" => {
                format!("a TLS alert{}", self.once("alert"))
            }
            "encrypted-alert" => format!("an encrypted TLS alert{}", self.once("encrypted-alert")),
            "inferred-alert" => format!(
                "what is {} a TLS alert{}, by its size and place",
                plain::likely(goodbye.certainty),
                self.once("alert")
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
pub(crate) fn who(connection: &Connection) -> String {
    let kind = connection.ending.first_goodbye.as_ref().map(|first| &*first.kind);
    match (&*connection.ending.ended_by, kind) {
        ("server", Some("rst")) if connection.handshake == "refused" => {
            "the server refused the connection".into()
        }
        ("client", _) => "the client hung up first".into(),
        ("server", _) => "the server hung up first".into(),
        ("middlebox", _) => {
            "something between client and server (and not the side in whose name it came) hung up first"
                .into()
        }
        ("network", _) => "neither side but the network between them ended it".into(),
        ("crossing", _) => "both sides hung up without knowing of the other".into(),
        ("nobody", _) => "nobody: no act of closing is in the capture".into(),
        ("unknown", None) => "this capture does not show who hung up".into(),
        ("unknown", _) => "this capture does not show who; the first sign came".into(),
        (other, _) => escape(other).into_owned(),
    }
}

/// Whether it is normal, as an answer; with less than a likely cause no plain yes or no.
pub(crate) fn normal(ending: &Ending) -> &'static str {
    match (&*ending.verdict, ending.confidence >= plain::LIKELY) {
        ("normal", true) => "yes",
        ("normal", false) => "probably yes, but this capture does not prove it",
        ("abnormal", true) => "no, something went wrong",
        ("abnormal", false) => "probably not, but this capture does not prove it",
        // How it ended may be plain all the same.
        ("undecided", true) if ending.cause.is_some() => {
            "cannot be decided: how it ended is seen, but not whether anything was lost by it"
        }
        ("undecided", _) => "cannot be decided from this capture",
        ("open", _) => "it had not ended when the capture ends",
        _ => "unknown",
    }
}

/// Who ended it, when, in which frame, how, and what came before:
/// `the client hung up first at 11:15:02 in frame 48102: with a FIN, 30 s after the last data; nothing was missing`.
pub(crate) fn who_and_how(connection: &Connection, zone: &Zone, terms: &mut Terms) -> String {
    let ending = &connection.ending;
    let Some(first) = &ending.first_goodbye else {
        let last = connection.last_frame;
        return format!("{}; the last packet is frame {last}", who(connection));
    };
    let (time, frame) = (zone.time(&first.time), terms.frame(first));
    let mut text = match (&*first.kind, first.from.as_deref()) {
        // Nobody does anything in a silence: what is seen is that answers stop.
        ("silence", Some(side)) if ending.ended_by == "network" => {
            format!("nobody hung up: the {} answered no more from {time} (frame {frame}) on", escape(side))
        }
        ("silence", Some(side)) => {
            let silence = terms.goodbye(first);
            format!(
                "{} at {time} in frame {frame}: the {} fell into {silence}",
                who(connection),
                escape(side)
            )
        }
        _ => format!("{} at {time} in frame {frame}: with {}", who(connection), terms.goodbye(first)),
    };
    match ending.idle_before {
        Some(idle) if idle < AT_ONCE => text.push_str(", right after the last data"),
        Some(idle) => text.extend([", ", &plain::duration(idle), " after the last data"]),
        None => {}
    }
    match ending.outstanding {
        Some(true) => text.push_str("; an answer had not come"),
        Some(false) if !begun(connection) => text.push_str("; no conversation had begun"),
        Some(false) => text.push_str("; nothing was missing"),
        None => {}
    }
    text
}

/// Anything was said that a program waits for: not only the opening of the line, or of TLS.
fn begun(connection: &Connection) -> bool {
    let said = connection.payload_bytes.client + connection.payload_bytes.server;
    let failed = connection.tls.as_ref().is_some_and(|tls| tls.handshake == "failed");
    said > 0 && !failed
}

/// How likely the cause is, and the cause in plain words: `very likely: the client's patience ended`.
pub(crate) fn cause(ending: &Ending) -> String {
    match ending.title.as_deref().or(ending.cause.as_deref()) {
        Some(words) => format!("{}: {}", plain::likely(ending.confidence), inside(&escape(words))),
        None => "no known cause fits".into(),
    }
}

/// The explanation, no surer than the cause is.
pub(crate) fn explanation(ending: &Ending) -> String {
    if ending.cause.is_none() || ending.confidence >= plain::LIKELY {
        return ending.explanation.clone();
    }
    ending.explanation.replace("Most likely", "Perhaps").replace("most likely", "perhaps")
}

/// The explanation as it stands beside the ends and the first goodbye's frame, which it then need not name.
pub(crate) fn reason(connection: &Connection) -> String {
    let (client, server) = (&connection.client, &connection.server);
    let mut said = vec![format!(" ({})", client.ip), format!(" ({} port {})", server.ip, server.port)];
    if let Some(first) = &connection.ending.first_goodbye {
        said.extend([",", ""].map(|comma| format!("{comma} in frame {}", first.frame)));
    }
    said.iter().fold(explanation(&connection.ending), |text, said| without(&text, said))
}

/// `text` without `part`, unless a number goes on behind it.
fn without(text: &str, part: &str) -> String {
    let mut kept = String::new();
    let mut parts = text.split(part);
    kept.push_str(parts.next().unwrap_or_default());
    for rest in parts {
        if rest.starts_with(|next: char| next.is_ascii_digit()) {
            kept.push_str(part);
        }
        kept.push_str(rest);
    }
    kept
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

/// `text` as it begins a sentence.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
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
    fn what_is_left_out_is_whole() {
        assert_eq!(without("at once, in frame 7. Many", ", in frame 7"), "at once. Many");
        assert_eq!(without("in frame 7 and in frame 71", " in frame 7"), "in frame 7 and in frame 71");
        assert_eq!(without("said in frame 7 and in frame 71", " in frame 7"), "said and in frame 71");
    }

    #[test]
    fn a_term_is_explained_once() {
        let connection = &sample::morning()[2];
        let mut terms = Terms::default();
        let zone = crate::style::Zone::default();
        assert!(who_and_how(connection, &zone, &mut terms).contains("mostly a goodbye"));
        assert!(!who_and_how(connection, &zone, &mut terms).contains("mostly a goodbye"));
    }

    #[test]
    fn the_file_of_a_frame_is_explained_once() {
        let mut connection = sample::abnormal();
        connection.ending.first_goodbye.as_mut().unwrap().capture = 7;
        let mut terms = Terms::default();
        let words = who_and_how(&connection, &Zone::default(), &mut terms);
        assert!(words.contains("in frame 7:48102 (packet 48102 of file 7, counted from 0): with"), "{words}");
        assert!(who_and_how(&connection, &Zone::default(), &mut terms).contains("in frame 7:48102: with"));
    }

    #[test]
    fn nobody_acts_in_a_silence() {
        let mut connection = sample::abnormal();
        connection.ending.ended_by = "network".into();
        let first = connection.ending.first_goodbye.as_mut().unwrap();
        (first.kind, first.from) = ("silence".into(), Some("server".into()));
        let words = who_and_how(&connection, &Zone::default(), &mut Terms::default());
        assert!(
            words.starts_with(
                "nobody hung up: the server answered no more from 09:15:02 (frame 48102) on, 30 s"
            ),
            "{words}"
        );
    }

    #[test]
    fn what_is_not_likely_is_told_as_a_possibility() {
        let mut ending = sample::abnormal().ending;
        ending.explanation = "It was refused. Most likely the name is wrong.".into();
        assert_eq!(explanation(&ending), ending.explanation);
        assert_eq!(
            (normal(&ending), cause(&ending).starts_with("very likely: the client")),
            ("no, something went wrong", true)
        );
        ending.confidence = 0.4;
        assert_eq!(explanation(&ending), "It was refused. Perhaps the name is wrong.");
        assert!(normal(&ending).starts_with("probably not") && cause(&ending).starts_with("perhaps: "));
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
