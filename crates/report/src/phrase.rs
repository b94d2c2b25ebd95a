//! The model's words as sentences for people.

use crate::escape::escape;
use crate::plain;
use crate::style::{Zone, seconds_between};
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

    /// The frame of a goodbye, the first time in a word that everybody knows; where it is in another file than the first, how to read that.
    fn frame(&mut self, goodbye: &Goodbye) -> String {
        let (file, number) = (goodbye.capture, goodbye.frame);
        let noun = if file > 0 || self.known.contains(&"frame") {
            "frame"
        } else {
            self.known.push("frame");
            "packet"
        };
        let frame = format!("{noun} {}", plain::frame(file, number));
        if file == 0 || self.known.contains(&"frame of a file") {
            return frame;
        }
        self.known.push("frame of a file");
        format!("{frame}: packet {number} of file {file}, counted from 0")
    }

    /// A kind of goodbye with its article, explained the first time: `a FIN (TCP's orderly goodbye)`.
    pub(crate) fn goodbye(&mut self, goodbye: &Goodbye) -> String {
        match goodbye.kind.as_str() {
            "plain-alert" => {
                format!("a TLS alert{}", self.once("alert"))
            }
            "encrypted-alert" => format!("an encrypted TLS alert{}", self.once("encrypted-alert")),
            "inferred-alert" => {
                format!("{} a TLS alert{}", plain::likely(goodbye.certainty), self.once("alert"))
            }
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

/// The addresses and ports of both ends, without a name.
pub(crate) fn plain_ends(connection: &Connection) -> String {
    format!("{} to {}", endpoint(&connection.client), endpoint(&connection.server))
}

/// Who ended it: `the client first`.
fn who(connection: &Connection) -> String {
    let ending = &connection.ending;
    let first = ending.first_goodbye.as_ref();
    // Where nobody saw who called, a side is named by its address.
    let guess = matches!(connection.roles_from.as_str(), "guess" | "port");
    match (&*ending.ended_by, first.map(|first| &*first.kind)) {
        ("server", Some("rst")) if connection.handshake == "refused" => {
            "the server refused the connection".into()
        }
        ("client", _) if guess => format!("{} (taken for the client) first", escape(&connection.client.ip)),
        ("server", _) if guess => format!("{} (taken for the server) first", endpoint(&connection.server)),
        ("client", _) => "the client first".into(),
        ("server", _) => "the server first".into(),
        ("middlebox", _) => "something between the two, not the side whose name it bears".into(),
        ("network", _) => "neither side, but the network between them".into(),
        ("crossing", _) => "both sides, neither knowing of the other".into(),
        ("nobody", _) => "nobody: no act of closing is in the capture".into(),
        ("unknown", None) => "this capture does not show who hung up".into(),
        ("unknown", _) => "not known; the first sign".into(),
        (other, _) => escape(other).into_owned(),
    }
}

/// Whether it is normal, as an answer, with the cause; with less than a likely cause no plain yes or no.
pub(crate) fn normal(ending: &Ending) -> String {
    let likely = ending.confidence >= plain::LIKELY;
    let answer = match (&*ending.verdict, likely) {
        ("normal", true) => "yes",
        ("normal", false) => "probably yes",
        ("abnormal", true) => "no",
        ("abnormal", false) => "probably not",
        // How it ended may be plain all the same.
        ("undecided", true) if ending.cause.is_some() => {
            return "cannot be decided: whether anything was missing does not show".into();
        }
        ("undecided", _) => "cannot be decided",
        ("open", _) => "it had not ended when the capture ends",
        _ => "unknown",
    };
    if ending.verdict == "open" { answer.into() } else { format!("{answer}; {}", cause(ending)) }
}

/// Why it ended, in sentences behind their label; nothing where nothing is known.
pub(crate) fn why(connection: &Connection) -> Option<(&'static str, Vec<String>)> {
    let ending = &connection.ending;
    let reason = reason(connection);
    let mut sentences: Vec<String> = sentences(&reason).into_iter().map(str::to_owned).collect();
    // What is seen says how it ended, not why, as long as nobody knows what was missing.
    let seen = ending.verdict == "undecided" && ending.confidence >= plain::LIKELY;
    if seen && let Some(title) = ending.title.as_deref() {
        sentences.insert(0, format!("{title}."));
    }
    (!sentences.is_empty()).then_some((if seen { "Seen" } else { "Why" }, sentences))
}

/// Who ended it, when, in which frame, how, and what came before:
/// `the client first, at 11:15:02 (frame 48102): a FIN, 30 s after the last data; nothing was due`.
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
            format!("nobody hung up: the {} answered no more from {time} ({frame}) on", escape(side))
        }
        ("silence", Some(side)) => {
            let silence = terms.goodbye(first);
            format!("{}, at {time} ({frame}): the {} fell into {silence}", who(connection), escape(side))
        }
        _ => format!("{}, at {time} ({frame}): {}", who(connection), terms.goodbye(first)),
    };
    if let Some(reset) = reset_behind(ending, first) {
        text.extend([" and at once ", &terms.goodbye(reset)]);
    }
    match ending.idle_before {
        Some(idle) if idle < AT_ONCE => text.push_str(", right after the last data"),
        Some(idle) => text.extend([", ", &plain::duration(idle), " after the last data"]),
        None => {}
    }
    // Nobody's last word can be trusted where words are missing.
    if matches!(ending.cause.as_deref(), Some("begins-mid-stream" | "one-sided-or-lossy-capture")) {
        text.insert_str(0, "not known, for packets are missing; it seems: ");
    }
    match ending.outstanding {
        // Who leaves while others talk does not wait for an answer.
        // What was asked only after the goodbye was not due before it.
        Some(true) if ending.cause.as_deref() == Some("stale-connection-reuse") => {
            text.push_str("; the request came only after that");
        }
        Some(true) if ending.verdict != "abnormal" => text.push_str("; an answer had not come yet"),
        Some(true) => text.push_str("; an answer was due"),
        Some(false) if !begun(connection) => text.push_str("; before any request"),
        Some(false) => text.push_str("; nothing was due"),
        None => {}
    }
    text
}

/// The reset with which a side dropped the connection right behind its own first goodbye.
fn reset_behind<'a>(ending: &'a Ending, first: &Goodbye) -> Option<&'a Goodbye> {
    ending.goodbyes.iter().find(|goodbye| {
        first.kind != "rst"
            && goodbye.kind == "rst"
            && goodbye.role == "first"
            && goodbye.from == first.from
            && seconds_between(&first.time, &goodbye.time).is_some_and(|later| later < AT_ONCE)
    })
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
        said.extend(["frame", "this one in frame"].map(|words| format!(" ({words} {})", first.frame)));
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

/// A cause's id with its plain words: `client-gives-up: The client's patience ended`.
pub(crate) fn named(cause: &str) -> String {
    let words = hangup_engine::title(cause).map(|title| format!(": {title}")).unwrap_or_default();
    format!("{}{words}", escape(cause))
}

/// The main clause of `text`: what stands before a colon or semicolon that is not in brackets.
pub(crate) fn main_clause(text: &str) -> &str {
    let end = text.match_indices([';', ':']).find(|&(index, _)| {
        let (clause, rest) =
            (text.get(..index).unwrap_or_default(), text.get(index + 1..).unwrap_or_default());
        rest.starts_with(' ') && clause.matches('(').count() == clause.matches(')').count()
    });
    end.and_then(|(index, _)| text.get(..index)).unwrap_or(text)
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
    fn a_main_clause_ends_at_its_colon() {
        assert_eq!(
            main_clause("Find out what it did: its log, its database; then ask"),
            "Find out what it did"
        );
        assert_eq!(
            main_clause("If it hurts, ask [2001:db8::1]:443 (again: ask)"),
            "If it hurts, ask [2001:db8::1]:443 (again: ask)"
        );
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
        let (first, again) =
            (who_and_how(connection, &zone, &mut terms), who_and_how(connection, &zone, &mut terms));
        assert!(first.contains("mostly a goodbye") && first.contains("(packet 48102)"), "{first}");
        assert!(!again.contains("mostly a goodbye") && again.contains("(frame 48102)"), "{again}");
    }

    #[test]
    fn the_file_of_a_frame_is_explained_once() {
        let mut connection = sample::abnormal();
        connection.ending.first_goodbye.as_mut().unwrap().capture = 7;
        let mut terms = Terms::default();
        let words = who_and_how(&connection, &Zone::default(), &mut terms);
        assert!(words.contains("(frame 7:48102: packet 48102 of file 7, counted from 0): an"), "{words}");
        assert!(who_and_how(&connection, &Zone::default(), &mut terms).contains("(frame 7:48102): an"));
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
                "nobody hung up: the server answered no more from 09:15:02 (packet 48102) on, 30 s"
            ),
            "{words}"
        );
    }

    #[test]
    fn what_is_not_likely_is_told_as_a_possibility() {
        let mut ending = sample::abnormal().ending;
        ending.explanation = "It was refused. Most likely the name is wrong.".into();
        assert_eq!(explanation(&ending), ending.explanation);
        assert_eq!(&*normal(&ending), "no; very likely: the client's patience ended");
        ending.confidence = 0.4;
        assert_eq!(explanation(&ending), "It was refused. Perhaps the name is wrong.");
        assert!(normal(&ending).starts_with("probably not; perhaps: "));
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
