//! How many endings are wrong, and which one is looked at.

use crate::entry::Entry;
use crate::escape::escape;
use crate::phrase;
use crate::plain;
use hangup_engine::Conclusion;
use hangup_engine::model::{Connection, Event, Incident, Summary, Suspect};

/// Groups of abnormal endings that are told by name.
const GROUPS: usize = 2;

/// The label of a headline that counts what is wrong: it shows as none.
pub(crate) const COUNTED: &str = " ";

/// Abnormal endings by cause, each with its number, the most first; none where they are not known of all.
pub(crate) type Troubles<'a> = [(&'a str, u64)];

/// What stands above the suspect of an incident.
pub(crate) fn of_suspect(
    conclusion: &Conclusion,
    incident: &Incident,
    suspect: &Suspect,
    troubles: &Troubles<'_>,
) -> Entry {
    let id = suspect.connection;
    let asked = incident.reported_at.is_some() || incident.error.is_some();
    let first = suspect.because.split("; ").next().unwrap_or_default();
    let because = phrase::first_sentence(first).replace(" to this server", "");
    let headline = if suspect.text_fits == Some(false) && incident.reported_at.is_some() {
        format!("Connection {id} stands out most at that time, but the error text does not fit it")
    } else if !asked || (incident.reported_at.is_none() && suspect.text_fits != Some(true)) {
        let summary = &conclusion.summary;
        let but = if suspect.text_fits == Some(false) { ", but the error text does not fit it" } else { "" };
        if summary.abnormal > 1 {
            return counted(summary, troubles, &format!("; connection {id} stands out{but}"));
        }
        format!("{}; connection {id} stands out{but}", many(summary))
    } else if incident.reported_at.is_none() {
        // Without a time it is only the likeliest of all that the text may mean.
        format!("Of all endings that of connection {id} fits the error text best")
    } else {
        // A guess is no answer, and who still talked had not lost the connection.
        let open = conclusion
            .suspects
            .iter()
            .any(|connection| connection.id == id && connection.ending.verdict == "open");
        let sure = if suspect.score >= 0.3 && !open { plain::likely(suspect.score) } else { "possibly" };
        format!("Connection {id} is {sure} what was reported")
    };
    Entry::new("", &format!("{headline}: {because}")).or(&headline)
}

/// What stands above the ending that is told where nothing was reported.
pub(crate) fn of_example(
    summary: &Summary,
    worst: &Connection,
    event: Option<&Event>,
    troubles: &Troubles<'_>,
) -> Entry {
    let (id, verdict) = (worst.id, &*worst.ending.verdict);
    if summary.connections == 1 {
        if verdict == "undecided" {
            let headline =
                format!("Whether the only connection (number {id}) ended normally cannot be decided");
            return Entry::new("", &headline);
        }
        let how = match verdict {
            "normal" => "ended normally",
            "abnormal" => "ended abnormally",
            _ => "had not ended when the capture ends",
        };
        return Entry::new("", &format!("The only connection (number {id}) {how}"));
    }
    let event = event.filter(|event| event.count > 1);
    if verdict == "abnormal" {
        let example = if summary.abnormal == 1 {
            format!(": connection {id}")
        } else {
            format!("; example: connection {id}")
        };
        if let Some(event) = event {
            let short = format!("{}{example}", many(summary));
            let together = format!("{} of them in one instant", plain::grouped(event.abnormal));
            return Entry::new(COUNTED, &format!("{}, {together}{example}", many(summary))).or(&short);
        }
        return counted(summary, troubles, &example);
    }
    let all = plain::count(summary.connections, "ending");
    Entry::new(
        "",
        &if summary.undecided == summary.connections {
            format!("None of {all} can be decided; example: connection {id}")
        } else {
            let undecided = plain::grouped(summary.undecided);
            format!("{undecided} of {all} undecided, none surely abnormal; example: connection {id}")
        },
    )
}

/// How many ended abnormally.
fn many(summary: &Summary) -> String {
    let all = plain::count(summary.connections, "connection");
    format!("{} of {all} ended abnormally", plain::grouped(summary.abnormal))
}

/// How many ended abnormally, and whether that is one trouble or several; `example` ends the sentence.
fn counted(summary: &Summary, troubles: &Troubles<'_>, example: &str) -> Entry {
    let (many, abnormal) = (many(summary), summary.abnormal);
    let short = format!("{many}{example}");
    match troubles {
        [] => Entry::new(COUNTED, &short),
        _ if abnormal < 2 => Entry::new(COUNTED, &short),
        // The cause stands below.
        [_] => {
            let alike = if abnormal == 2 { "both alike" } else { "all alike" };
            Entry::new(COUNTED, &format!("{many}, {alike}{example}"))
        }
        _ => {
            let groups = |number| format!("{many}: {}{example}", groups(abnormal, troubles, number));
            Entry::new(COUNTED, &groups(GROUPS)).or(&groups(1)).or(&short)
        }
    }
}

/// The largest groups of abnormal endings, and how many others there are.
fn groups(abnormal: u64, troubles: &Troubles<'_>, number: usize) -> String {
    let told: u64 = troubles.iter().take(number).map(|(_, number)| number).sum();
    let largest = troubles.iter().take(number);
    let mut parts: Vec<String> = largest.map(|(cause, number)| often(cause, *number)).collect();
    if abnormal > told {
        parts.push(format!("{} otherwise", times(abnormal - told)));
    }
    parts.join(", ")
}

/// How often a cause was found: `12 times the client's patience ended`.
pub(crate) fn often(cause: &str, number: u64) -> String {
    format!("{} {}", times(number), words(cause))
}

/// A cause in plain words, inside a sentence.
pub(crate) fn words(cause: &str) -> String {
    hangup_engine::title(cause).map_or_else(|| escape(cause).into_owned(), phrase::inside)
}

pub(crate) fn times(number: u64) -> String {
    if number == 1 { "once".into() } else { format!("{} times", plain::grouped(number)) }
}

/// What stands above a capture in which nothing is wrong.
pub(crate) fn of_nothing(summary: &Summary, packets: u64, too_few: u64) -> String {
    let all = plain::count(summary.connections, "connection");
    match summary {
        Summary { connections: 0, .. } => "There is no TCP connection in this capture".into(),
        _ if packets <= too_few => {
            format!("The capture holds {} only: too little to say anything", plain::count(packets, "packet"))
        }
        Summary { undecided: 0, open: 0, .. } if summary.connections == 1 => {
            "The one connection ended normally".into()
        }
        Summary { undecided: 0, open: 0, .. } => format!("{all}, all ended normally"),
        Summary { undecided: 0, .. } => {
            format!(
                "{all}: nothing abnormal; {} had not ended when the capture ends",
                plain::grouped(summary.open)
            )
        }
        _ => format!("{all}: nothing abnormal; {} cannot be decided", plain::grouped(summary.undecided)),
    }
}
