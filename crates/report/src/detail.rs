//! One ending in detail: what happened, why we think so, and where to look.

use crate::escape::escape;
use crate::ladder::ladder;
use crate::page::Page;
use crate::phrase;
use crate::plain;
use crate::style::{Paint, Zone, seconds_between};
use crate::wrap::clip;
use hangup_engine::Ladder;
use hangup_engine::model::{Connection, Evidence};

/// Writes an ending in detail. `number` stands before its headline; `more` says what else is to be said of
/// it, each with its label; `command` is what shows the whole story.
pub(crate) fn detail(
    page: &mut Page<'_>,
    number: &str,
    connection: &Connection,
    packets: Option<&Ladder>,
    more: &[(&str, String)],
    command: Option<&str>,
) {
    let ending = &connection.ending;
    let columns = page.style.columns();
    let headline = format!(
        "{number}Connection {}, {}: {}",
        connection.id,
        escape(&ending.verdict),
        ending.title.as_deref().map_or_else(|| "no known cause fits".into(), escape)
    );
    let painted = page.style.paint(Paint::verdict(&ending.verdict), &clip(&headline, columns));
    page.blank();
    page.line(&painted);
    page.wrapped("   ", &facts(page, connection));
    let zone = page.style.zone.clone();
    let who = phrase::who_and_how(connection, &zone, &mut page.terms);
    page.labelled(3, "Who", &who);
    if !ending.explanation.is_empty() {
        page.wrapped("   ", &phrase::explanation(ending));
    }
    if let Some(cause) = &ending.cause {
        page.labelled(3, "Cause", &format!("{cause}, {}", plain::sure(ending.confidence)));
    }
    for (label, supports) in [("For", true), ("Against", false)] {
        let mut label = label;
        for evidence in ending.evidence.iter().filter(|evidence| evidence.supports == supports) {
            page.labelled(3, label, &statement(evidence));
            label = "";
        }
    }
    paragraphs(page, "Limits", &ending.limits);
    if let Some(packets) = packets.filter(|packets| !packets.steps.is_empty()) {
        page.blank();
        page.lines(ladder(connection, packets, 3, page.style));
        page.blank();
    }
    for filter in &ending.display_filters {
        // On one line, however long: it is to be copied.
        page.line(&format!("   {:<10}{}", "Wireshark", escape(&filter.filter)));
    }
    for alternative in &ending.alternatives {
        let mut text =
            format!("{} ({})", phrase::named(&alternative.cause), plain::percent(alternative.confidence));
        if !alternative.would_decide.is_empty() {
            text.extend(["; what would decide: ", &alternative.would_decide]);
        }
        page.labelled(3, "Or", &text);
    }
    let also: Vec<String> = ending.also.iter().map(|id| phrase::named(id)).collect();
    paragraphs(page, "Also", &also);
    if ending.responsible != "nobody" && ending.responsible != "unknown" {
        page.labelled(3, "Ask", &responsible(&ending.responsible));
    }
    paragraphs(page, "Next", &ending.next_steps);
    for (label, words) in more {
        page.labelled(3, label, words);
    }
    if let Some(command) = command {
        page.line(&format!("   {:<10}{command}", "See all"));
    }
}

fn paragraphs(page: &mut Page<'_>, label: &str, texts: &[String]) {
    let mut label = label;
    for text in texts {
        page.labelled(3, label, text);
        label = "";
    }
}

/// Addresses, times, amounts and protocols in one sentence.
fn facts(page: &Page<'_>, connection: &Connection) -> String {
    let mut text = format!(
        "{}; {}, {}; {} sent by the client, {} by the server",
        phrase::ends(connection),
        span(connection, &page.style.zone),
        frames(connection),
        plain::bytes(connection.payload_bytes.client),
        plain::bytes(connection.payload_bytes.server),
    );
    if let Some(version) = connection.tls.as_ref().and_then(|tls| tls.version.as_deref()) {
        text.extend(["; ", version]);
    }
    if matches!(connection.roles_from.as_str(), "guess" | "port") {
        text.push_str("; which end is the client is a guess, for the capture begins later");
    }
    text.push('.');
    text
}

/// From when to when it lasted; one time where both are the same second.
fn span(connection: &Connection, zone: &Zone) -> String {
    let (from, to) = (&connection.first_time, &connection.last_time);
    let (first, last) = (zone.date_time(from), zone.time(to));
    match seconds_between(from, to) {
        Some(seconds) if first.ends_with(&last) && seconds < 1.0 => format!("at {first}"),
        Some(seconds) => format!("{first} to {last} ({})", plain::duration(seconds)),
        None => format!("{first} to {last}"),
    }
}

/// From which frame to which, the message of the network included that ended it.
fn frames(connection: &Connection) -> String {
    let goodbye =
        connection.ending.first_goodbye.as_ref().filter(|first| first.capture == connection.capture);
    let last = goodbye.map_or(connection.last_frame, |first| first.frame.max(connection.last_frame));
    if last == connection.first_frame {
        format!("frame {last}")
    } else {
        format!("frames {} to {last}", connection.first_frame)
    }
}

fn statement(evidence: &Evidence) -> String {
    let frames = plain::frames(&evidence.frames, &evidence.captures);
    if frames.is_empty() { evidence.says.clone() } else { format!("{} ({frames})", evidence.says) }
}

fn responsible(responsible: &str) -> String {
    match responsible {
        "client-app" => "those who run the program on the client".into(),
        "client-host" => "those who run the client's machine".into(),
        "server-app" => "those who run the program on the server".into(),
        "server-host" => "those who run the server's machine".into(),
        "middlebox" => "the network team: firewalls, load balancers and proxies on the way".into(),
        "path" => "the network team: the path between client and server".into(),
        "configuration" => "whoever sets up client, server and what is between them".into(),
        other => other.into(),
    }
}
