//! The answer, on about half a screen, in plain words.

use crate::ask::ask;
use crate::escape::escape;
use crate::page::{LABEL, Page};
use crate::phrase::{self, first_sentence};
use crate::plain;
use crate::style::Paint;
use crate::wrap::{clip, pad, wrap};
use hangup_engine::Conclusion;
use hangup_engine::model::{Connection, Incident, Summary};

/// Lines that the answer may take; who ended it and how, and the reason, are told to their ends, whatever they take.
const LINES: usize = 12;
/// Sentences of a reason without which it is none.
const REASON: usize = 4;
/// Packets that tell nothing about how a connection ends.
pub(crate) const TOO_FEW: u64 = 3;

/// Writes the answer. `worst` is the most telling ending, or the only one, for where no incident names one; `troubles` are the causes of
/// abnormal endings, each with its number, where they are known of all.
pub(crate) fn answer(
    page: &mut Page<'_>,
    conclusion: &Conclusion,
    worst: Option<&Connection>,
    troubles: &[(&str, u64)],
) {
    page.heading("answer");
    match &conclusion.incident {
        Some(incident) => about_incident(page, conclusion, incident, worst),
        None => about_all(page, conclusion, worst, troubles),
    }
}

fn about_incident(
    page: &mut Page<'_>,
    conclusion: &Conclusion,
    incident: &Incident,
    worst: Option<&Connection>,
) {
    let asked = asked(page, incident);
    let Some(suspect) = incident.suspects.first() else {
        let words = incident.if_none.as_deref().unwrap_or("No ending in this capture fits the report.");
        let mut entries = vec![Entry::new("Result", words)];
        if !asked.is_empty() {
            entries.insert(0, Entry::new("Asked", &asked));
        }
        if let Some(worst) = worst {
            let other = format!(
                "the most telling ending is connection {}, {}; {}",
                worst.id,
                phrase::ends(worst),
                phrase::cause(&worst.ending)
            );
            entries.push(Entry::new("Else", &other));
        }
        entries.push(Entry::new("All", &counts(&conclusion.summary)));
        write(page, None, &entries);
        remarks(page, incident);
        return;
    };
    let because = suspect.because.split("; ").next().unwrap_or_default();
    let because = Entry::new("This one", &first_sentence(because).replace(" to this server", ""));
    let headline = if suspect.text_fits == Some(false) && incident.reported_at.is_some() {
        format!(
            "Connection {} stands out most at that time, but the error text does not fit it",
            suspect.connection
        )
    } else if asked.is_empty() || (incident.reported_at.is_none() && suspect.text_fits != Some(true)) {
        format!("One ending stands out: connection {}", suspect.connection)
    } else if incident.reported_at.is_none() {
        // Without a time it is only the likeliest of all that the text may mean.
        format!("Of all endings that of connection {} fits the error text best", suspect.connection)
    } else {
        // A guess is no answer, and who still talked had not lost the line.
        let open = conclusion
            .suspects
            .iter()
            .any(|connection| connection.id == suspect.connection && connection.ending.verdict == "open");
        let sure = if suspect.score >= 0.3 && !open { plain::likely(suspect.score) } else { "possibly" };
        format!("Connection {} is {sure} what was reported", suspect.connection)
    };
    match conclusion.suspects.iter().find(|connection| connection.id == suspect.connection) {
        Some(connection) => {
            let mut entries = about(page, connection);
            let index = entries.len().min(1);
            entries.insert(index, because);
            write(page, Some((&headline, &connection.ending.verdict)), &entries);
        }
        None => write(page, Some((&headline, "abnormal")), &[because]),
    }
    remarks(page, incident);
}

/// What has to be said about the report itself, below the answer.
fn remarks(page: &mut Page<'_>, incident: &Incident) {
    if !incident.remarks.is_empty() {
        page.blank();
    }
    for remark in &incident.remarks {
        page.labelled(2, "Note", remark);
    }
}

fn about_all(
    page: &mut Page<'_>,
    conclusion: &Conclusion,
    worst: Option<&Connection>,
    troubles: &[(&str, u64)],
) {
    let summary = &conclusion.summary;
    let event = worst.and_then(|worst| conclusion.events.get(worst.ending.event? as usize));
    let Some(worst) = worst else {
        let packets = conclusion.captures.iter().map(|capture| capture.packets).sum();
        let headline = nothing_wrong(summary, packets);
        let little = summary.connections == 0 || packets <= TOO_FEW;
        let verdict = if summary.undecided > 0 || little { "undecided" } else { "normal" };
        let mut entries = vec![Entry::new("All", &counts(summary))];
        if summary.connections == 0 {
            entries = vec![Entry::new(
                "Next",
                "check that the capture was made on the right interface and that its filter lets TCP through",
            )];
        }
        write(page, Some((&headline, verdict)), &entries);
        return;
    };
    let headline = if worst.ending.verdict == "abnormal" && summary.connections == 1 {
        format!("The only connection (number {}) ended abnormally", worst.id)
    } else if let Some(event) = event.filter(|event| event.count > 1 && worst.ending.verdict == "abnormal") {
        format!(
            "{} of {} ended abnormally, {} of them in one instant: connection {} stands for them",
            plain::grouped(summary.abnormal),
            plain::count(summary.connections, "connection"),
            plain::grouped(event.abnormal),
            worst.id
        )
    } else if worst.ending.verdict == "abnormal" {
        format!(
            "{} of {} ended abnormally; the most telling is connection {}",
            plain::grouped(summary.abnormal),
            plain::count(summary.connections, "connection"),
            worst.id
        )
    } else if summary.connections == 1 {
        let how = match &*worst.ending.verdict {
            "normal" => "ended normally",
            "open" => "had not ended when the capture ends",
            _ => "ended in a way that cannot be decided from this capture",
        };
        format!("The only connection (number {}) {how}", worst.id)
    } else if summary.undecided == summary.connections {
        format!(
            "None of {} can be decided; the most telling is connection {}",
            plain::count(summary.undecided, "ending"),
            worst.id
        )
    } else {
        format!(
            "Nothing is surely abnormal, but {} of {} cannot be decided; the most telling is connection {}",
            plain::grouped(summary.undecided),
            plain::count(summary.connections, "ending"),
            worst.id
        )
    };
    let mut entries = about(page, worst);
    if summary.abnormal > 1 && event.is_none() && !troubles.is_empty() {
        entries.insert(0, Entry::new("All", &together(summary.abnormal, troubles)));
    }
    write(page, Some((&headline, &worst.ending.verdict)), &entries);
}

/// Whether many abnormal endings are one trouble or several.
fn together(abnormal: u64, troubles: &[(&str, u64)]) -> String {
    const TOLD: usize = 2;
    let told: u64 = troubles.iter().take(TOLD).map(|(_, number)| number).sum();
    match troubles {
        [(cause, _)] if abnormal == 2 => format!("both alike: {}", words(cause)),
        [(cause, _)] => format!("all {} alike: {}", plain::grouped(abnormal), words(cause)),
        _ => {
            let mut parts: Vec<String> =
                troubles.iter().take(TOLD).map(|(cause, number)| often(cause, *number)).collect();
            if abnormal > told {
                parts.push(format!("{} otherwise", times(abnormal - told)));
            }
            parts.join("; ")
        }
    }
}

/// How often a cause was found: `12 times the client's patience ended`.
fn often(cause: &str, number: u64) -> String {
    format!("{} {}", times(number), words(cause))
}

/// A cause in plain words, inside a sentence.
fn words(cause: &str) -> String {
    hangup_engine::title(cause).map_or_else(|| escape(cause).into_owned(), phrase::inside)
}

fn times(number: u64) -> String {
    if number == 1 { "once".into() } else { format!("{} times", plain::grouped(number)) }
}

fn nothing_wrong(summary: &Summary, packets: u64) -> String {
    let all = plain::count(summary.connections, "connection");
    match summary {
        Summary { connections: 0, .. } => "There is no TCP connection in this capture".into(),
        _ if packets <= TOO_FEW => {
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

/// What was asked: `the reported time 11:15:00 (Europe/Berlin) and the error "FRM-92102"`.
pub(crate) fn asked(page: &Page<'_>, incident: &Incident) -> String {
    let mut parts = Vec::new();
    if let Some(at) = &incident.reported_at {
        let zone = &page.style.zone;
        parts.push(format!("the reported time {} ({})", zone.date_time(at), escape(&zone.name)));
    }
    if let Some(error) = &incident.error {
        parts.push(format!("the error \"{}\"", clip(&escape(error), 40)));
    }
    parts.join(" and ")
}

/// Who, how, normal or not, why, how sure, what to do next, whom to ask, what would settle it.
fn about(page: &mut Page<'_>, connection: &Connection) -> Vec<Entry> {
    let ending = &connection.ending;
    let who = phrase::who_and_how(connection, &page.style.zone, &mut page.terms);
    let mut entries = vec![
        Entry::new("Which", &phrase::ends(connection)),
        Entry::new("Who", &who),
        Entry::new("Normal?", phrase::normal(ending)),
    ];
    if ending.cause.is_some() || !ending.explanation.is_empty() {
        let cause = phrase::capitalised(&phrase::cause(ending));
        entries.push(Entry::new("Why", &format!("{cause}. {}", phrase::reason(connection))));
    }
    if let Some(step) = ending.next_steps.first() {
        entries.push(Entry::new("Next", step));
    }
    if let Some(ask) = ask(connection, &page.style.zone) {
        entries.push(Entry::new("Ask", &ask));
    }
    let decides = ending.alternatives.iter().find(|alternative| !alternative.would_decide.is_empty());
    if let Some(alternative) =
        decides.filter(|_| ending.confidence < plain::LIKELY || ending.verdict == "undecided")
    {
        let needed = phrase::inside(&alternative.would_decide);
        entries.push(Entry::new("Decides", &needed));
    }
    entries
}

/// The counts of a summary that are not zero.
pub(crate) fn counts(summary: &Summary) -> String {
    let parts = [
        (summary.normal, "normal"),
        (summary.abnormal, "abnormal"),
        (summary.undecided, "undecided"),
        (summary.open, "still open"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", plain::grouped(*number)))
        .collect();
    let mut causes: Vec<(&String, &u64)> = summary.by_cause.iter().collect();
    causes.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let commonest: Vec<String> =
        causes.iter().take(3).map(|(cause, number)| often(cause, **number)).collect();
    match (parts.join(", "), causes.as_slice()) {
        (parts, _) if parts.is_empty() => "no connections".into(),
        (parts, []) => parts,
        (parts, [(cause, number)]) if **number == summary.connections => format!("{parts}: {}", words(cause)),
        (parts, _) => format!("{parts}; {}", commonest.join("; ")),
    }
}

/// A labelled line or two.
struct Entry {
    label: &'static str,
    text: String,
}

impl Entry {
    fn new(label: &'static str, text: &str) -> Self {
        Self { label, text: escape(text).into_owned() }
    }

    fn lines(&self, columns: usize) -> Vec<String> {
        wrap(&format!("  {}", pad(self.label, LABEL)), &self.text, columns)
    }
}

/// What is shortened where the answer gets too long, in this order: the whole text stands in the details below.
const CUT: [&str; 5] = ["Decides", "This one", "All", "Else", "Result"];

/// Writes headline and entries, shortened where they take too many lines.
fn write(page: &mut Page<'_>, headline: Option<(&str, &str)>, entries: &[Entry]) {
    let columns = page.style.columns();
    let room = columns.saturating_sub(LABEL + 2);
    let head = headline.map_or(Vec::new(), |(text, _)| wrap("  ", text, columns));
    let mut blocks: Vec<Vec<String>> = entries.iter().map(|entry| entry.lines(columns)).collect();
    let over = |blocks: &[Vec<String>]| {
        (head.len() + blocks.iter().map(Vec::len).sum::<usize>()).saturating_sub(LINES)
    };
    // Of the reason the sentences without which it is one stay; what is told beside it may go.
    let mut too_many = over(&blocks);
    if let Some((entry, block)) = entries.iter().zip(&mut blocks).find(|(entry, _)| entry.label == "Why") {
        let mut sentences = phrase::sentences(&entry.text);
        while sentences.len() > REASON && too_many > 0 {
            sentences.pop();
            let before = block.len();
            *block = Entry::new(entry.label, &sentences.join(" ")).lines(columns);
            too_many = too_many.saturating_sub(before.saturating_sub(block.len()));
        }
    }
    // Of all else as many clauses as there is room for, and the first of them.
    for label in CUT {
        let too_many = over(&blocks);
        let found = entries.iter().zip(&mut blocks).find(|(entry, _)| entry.label == label);
        if let Some((entry, block)) = found.filter(|_| too_many > 0) {
            let lines = block.len().saturating_sub(too_many).max(1);
            *block = Entry::new(entry.label, phrase::clauses(&entry.text, room * lines)).lines(columns);
        }
    }
    for line in head {
        let paint = headline.map_or(Paint::Heading, |(_, verdict)| Paint::verdict(verdict));
        let painted = page.style.paint(paint, &line);
        page.line(&painted);
    }
    page.lines(blocks.into_iter().flatten());
}
