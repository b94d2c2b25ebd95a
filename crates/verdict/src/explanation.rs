//! Plain words for somebody new to networks, with what was seen put into the catalogue's sentences.

use crate::case::Case;
use crate::catalogue::Entry;
use crate::rules::goaway_error;
use crate::{ActKind, EndedBy, GoodbyeKind, Handshake, words};
use hangup_wire::Side;

/// Every word that stands in braces in the catalogue.
#[cfg(test)]
pub(crate) const PLACEHOLDERS: &[&str] = &[
    "client", "server", "ender", "other", "first", "frame", "idle", "waited", "siblings", "tries", "silent",
    "silence", "lag", "alert", "due", "turn", "moment", "manners", "refusal",
];

/// Tags whose sentence belongs into the explanation, because beginners fall for the tail of an ending.
const WORTH_TELLING: &[&str] = &[
    "client-reply-goodbye",
    "goodbye-to-closed-door",
    "half-closed-lingerer",
    "client-goodbye-nowait",
    "rst-not-received",
    "tls-inspection",
];

/// The explanation of `case`, from its catalogue entry where it has a cause.
pub(crate) fn of(case: &Case<'_>, entry: Option<&Entry>, tags: &[(&str, &str)]) -> String {
    let mut text = match entry {
        Some(entry) => fill(case, &entry.says),
        None => undecided(case),
    };
    if let Some(said) = in_a_reset(case) {
        text.insert_str(0, &said);
    }
    for (id, says) in tags {
        if WORTH_TELLING.contains(id) && entry.is_none_or(|entry| entry.id != *id) {
            text.push(' ');
            text.push_str(says);
            text.push('.');
        }
    }
    text
}

/// On what the two could not agree, where the alert does not say it more closely.
const REFUSAL: &str = "The two could not agree on how to encrypt, or the server does not know the name";

/// On what the two could not agree, by the alert (RFC 8446 §6.2): with a version, a cipher or a name as its subject.
fn refusal(case: &Case<'_>) -> String {
    match first_alert(case) {
        Some(70) => "The two have no version of TLS in common",
        Some(40 | 47 | 71 | 109) => "The two could not agree on how to encrypt",
        Some(112) => "The server does not know the name that the client asked for",
        Some(120) => "The two have no protocol in common that could be spoken inside (ALPN)",
        _ => REFUSAL,
    }
    .to_owned()
}

/// The description of the alert that is the first goodbye, where it can be read.
fn first_alert(case: &Case<'_>) -> Option<u8> {
    match &case.act(case.first()?)?.kind {
        ActKind::Alert(alert) => alert.description,
        _ => None,
    }
}

/// What begins a choice in the catalogue: `{if network: ... else: ...}`, where somebody on the way spoke, or the server itself.
pub(crate) const CHOICE: &str = "if network: ";

/// Both texts of a choice.
pub(crate) fn choice(word: &str) -> Option<(&str, &str)> {
    word.strip_prefix(CHOICE)?.split_once(" else: ")
}

/// `template` with every known `{word}` replaced.
pub(crate) fn fill(case: &Case<'_>, template: &str) -> String {
    let mut text = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        if let Some((word, after)) = behind.split_once('}') {
            match choice(word) {
                Some((way, server)) => text.push_str(if by_the_way(case) { way } else { server }),
                None => text.push_str(&value(case, word)),
            }
            rest = after;
        } else {
            text.push('{');
            rest = behind;
        }
    }
    text.push_str(rest);
    text
}

/// `template` without a capture: what would stand for something seen becomes a general word, or goes.
pub(crate) fn generic(template: &str) -> String {
    let mut text = template.to_owned();
    // Without a capture the commoner one of two is told.
    while let Some((start, end)) = text.find(CHOICE).map(|at| (at.saturating_sub(1), at))
        && let Some((word, after)) = text.get(end..).and_then(|rest| rest.split_once('}'))
        && let Some((_, server)) = choice(word)
    {
        text = [text.get(..start).unwrap_or_default(), server, after].concat();
    }
    for (seen, general) in GENERAL {
        text = text.replace(seen, general);
    }
    text
}

/// What stands in a template, and what is said instead where there is no capture; the longer ones first.
const GENERAL: &[(&str, &str)] = &[
    (" ({client})", ""),
    (" ({server})", ""),
    (" in frame {frame}: {first}", ""),
    (", in frame {frame}", ""),
    (" in frame {frame}", ""),
    (" (frame {frame})", ""),
    (" ({tries} within {silence})", " (several times)"),
    ("{tries} within {silence}", "several times"),
    (" ({idle})", ""),
    ("the alert “{alert}”", "an alert"),
    ("The {ender}", "One side"),
    ("the {ender}", "one side"),
    ("{ender}", "one side"),
    ("{other}", "other side"),
    ("{silent}", "other side"),
    ("{client}", "the client"),
    ("{server}", "the server"),
    ("{first}", "a goodbye"),
    ("{frame}", "some frame"),
    ("{idle}", "some time"),
    ("{waited}", "some time"),
    ("{silence}", "some time"),
    ("{lag}", "some time"),
    ("{tries}", "several times"),
    ("{siblings}", "other connections"),
    ("{alert}", "an alert"),
    ("the {turn}'s turn", "one side's turn"),
    ("the {turn}'s program", "the program whose turn it was"),
    ("{turn}", "other side"),
    ("{refusal}", REFUSAL),
    ("{manners}", "it tested the connection too often, or broke another rule or a limit"),
    ("{moment}", "Some time after a request that it had received"),
    ("{due}", "Nothing was being waited for. This is not a fault."),
];

/// The first goodbye is an error message of the network, and not the server's own.
fn by_the_way(case: &Case<'_>) -> bool {
    case.first().is_some_and(|first| {
        first.kind == GoodbyeKind::Icmp && first.address != Some(case.facts.server.address)
    })
}

fn value(case: &Case<'_>, word: &str) -> String {
    let facts = case.facts;
    let first = case.first();
    let ender = first.and_then(|first| first.from);
    let silence = case.roles.silence;
    let time = |seconds: Option<f64>| {
        let seconds = seconds.filter(|&seconds| seconds >= 0.0);
        seconds.map_or_else(|| "some time".to_owned(), |seconds| words::time(seconds).to_string())
    };
    match word {
        "due" => match case.outstanding.value {
            Some(false) => "Nothing was being waited for. This is not a fault.",
            _ => "Whether something was still being waited for does not show.",
        }
        .to_owned(),
        "client" => words::address(facts.client.address).to_string(),
        "server" => format!("{} port {}", words::address(facts.server.address), facts.server.port),
        "ender" => ender.map_or("other side", Side::name).to_owned(),
        "other" => ender.map_or("other side", |side| side.other().name()).to_owned(),
        "first" => first.map_or_else(|| "nothing".to_owned(), |first| words::noun(case, first).to_string()),
        "frame" => first.map_or_else(|| "?".to_owned(), |first| first.at.frame().to_string()),
        "idle" => time(case.outstanding.notice.or(case.outstanding.idle)),
        "waited" => {
            let spoken = facts.talk.last[Side::Client].map(|asked| asked.at);
            let asked = case.outstanding.in_vain.map(|said| said.since).or(spoken);
            time(asked.zip(first).map(|(asked, first)| first.at.after(asked)))
        }
        "moment" if case.last_words(Side::Client).is_none() => {
            "Right after the TLS handshake, before any request".to_owned()
        }
        "moment" => format!("{} after a request that it had received", value(case, "waited")),
        "siblings" => match case.siblings.group.others() {
            0 => "no other connections".to_owned(),
            1 => "1 other connection".to_owned(),
            count => format!("{count} other connections"),
        },
        "tries" => silence.map_or_else(
            || "several times".to_owned(),
            |silence| words::times(silence.tries.into()).to_string(),
        ),
        "manners" => goaway_error::manners(case),
        "refusal" => refusal(case),
        "turn" => case.whose_turn().map_or("other side", |(due, _)| due.name()).to_owned(),
        "silent" => silence.map_or("other side", |silence| silence.silent.name()).to_owned(),
        "silence" => time(silence.map(|silence| silence.last.after(silence.since).max(0.0))),
        "lag" => {
            let late = case.fin(Side::Server).zip(facts.talk.run[Side::Client]);
            time(late.map(|((fin, _), run)| run.at.after(fin.at)))
        }
        "alert" => first_alert(case)
            .map_or_else(|| "unreadable".to_owned(), |alert| words::alert_name(alert).to_string()),
        unknown => format!("{{{unknown}}}"),
    }
}

/// What a reset says in words: few machines write any, and whoever does wants to be found.
fn in_a_reset(case: &Case<'_>) -> Option<String> {
    let text = case.facts.acts.iter().find_map(|act| match &act.kind {
        ActKind::Rst(rst) => rst.text.as_deref(),
        _ => None,
    })?;
    Some(format!("The reset carries the words “{}”: who uses them has sent it. ", text.escape_debug()))
}

/// What can be said where no cause of the catalogue fits.
fn undecided(case: &Case<'_>) -> String {
    let Some(first) = case.first() else {
        return "Nobody said goodbye within the capture, and no known pattern fits what was seen.".to_owned();
    };
    let who = match case.roles.ended_by() {
        EndedBy::Client => {
            format!("The client ({}) ended this connection", words::address(case.facts.client.address))
        }
        EndedBy::Server => {
            format!("The server ({}) ended this connection", words::address(case.facts.server.address))
        }
        EndedBy::Middlebox => "Something between the two machines ended this connection".to_owned(),
        EndedBy::Network => "The network ended this connection".to_owned(),
        EndedBy::Crossing => "Both sides ended this connection at once".to_owned(),
        EndedBy::Nobody | EndedBy::Unknown => "Who ended this connection cannot be told".to_owned(),
    };
    let due = match case.outstanding.value {
        Some(true) => "Something was still outstanding: ",
        Some(false) => "Nothing was outstanding: ",
        None => "Whether something was outstanding is not known: ",
    };
    let shaking = case.facts.handshake != Handshake::Complete || (case.facts.tls.is_some() && !case.is_tls());
    let stage =
        if shaking && !case.has_data() { " It happened before the connection was set up." } else { "" };
    format!(
        "{who}; the first sign is {} in frame {}.{stage} {due}{}. No known cause fits well enough to be named.",
        words::noun(case, first),
        first.at.frame(),
        case.outstanding.why,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn without_a_capture_the_catalogue_reads_well() {
        for entry in catalogue::all() {
            for text in entry.next.iter().chain(core::iter::once(&entry.says)) {
                let text = generic(text);
                for wrong in
                    ["{", "}", "()", "  ", " ,", " .", "the the ", "a the ", "The the ", "a one side"]
                {
                    assert!(!text.contains(wrong), "{}: “{wrong}” in: {text}", entry.id);
                }
            }
        }
        assert_eq!(
            generic("The client ({client}) waited {waited} and hung up in frame {frame}. It was late."),
            "The client waited some time and hung up. It was late."
        );
        assert_eq!(generic("No. {if network: A way. else: A server.} So."), "No. A server. So.");
        for word in PLACEHOLDERS {
            let template = format!("{{{word}}}");
            assert_ne!(generic(&template), template, "{word} has no general word");
        }
    }
}
