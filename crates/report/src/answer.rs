//! The answer, in at most ten lines of plain words.

use crate::escape::escape;
use crate::page::{LABEL, Page};
use crate::phrase::{self, first_sentence};
use crate::plain;
use crate::style::Paint;
use crate::wrap::{clip, pad, width, wrap};
use hangup_engine::Conclusion;
use hangup_engine::model::{Connection, Incident, Summary};

/// Lines that the answer may take.
const LINES: usize = 10;
/// Confidence from which on nothing more need be captured.
const SETTLED: f64 = 0.6;

/// Writes the answer. `worst` is the most telling ending, for where no incident names one.
pub(crate) fn answer(page: &mut Page<'_>, conclusion: &Conclusion, worst: Option<&Connection>) {
    page.heading("answer");
    match &conclusion.incident {
        Some(incident) => about_incident(page, conclusion, incident, worst),
        None => about_all(page, conclusion, worst),
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
                "the most telling abnormal ending is connection {}, {}: {}",
                worst.id,
                phrase::ends(worst),
                phrase::cause(worst)
            );
            entries.push(Entry::new("Else", &other));
        }
        entries.push(Entry::new("All", &counts(&conclusion.summary)));
        write(page, None, &entries);
        remarks(page, incident);
        return;
    };
    let score = plain::sure(suspect.score);
    let because = suspect.because.split("; ").next().unwrap_or_default();
    let because = Entry::new("This one", first_sentence(because));
    let headline = if suspect.text_fits == Some(false) && incident.reported_at.is_some() {
        format!("Connection {} fits the time, but not the error text: {score}", suspect.connection)
    } else if asked.is_empty() || (incident.reported_at.is_none() && suspect.text_fits != Some(true)) {
        format!("One ending stands out: connection {} ({score})", suspect.connection)
    } else if incident.reported_at.is_none() {
        // Without a time it is only the likeliest of all that the text may mean.
        format!("Connection {} fits the error text best: {score}", suspect.connection)
    } else {
        format!("Connection {} is what was reported: {score}", suspect.connection)
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

fn about_all(page: &mut Page<'_>, conclusion: &Conclusion, worst: Option<&Connection>) {
    let summary = &conclusion.summary;
    let event = worst.and_then(|worst| conclusion.events.get(worst.ending.event? as usize));
    let Some(worst) = worst else {
        let headline = nothing_wrong(summary);
        let verdict = if summary.undecided > 0 || summary.connections == 0 { "undecided" } else { "normal" };
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
        format!("Connection {}, the only one, ended abnormally", worst.id)
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
    } else {
        format!(
            "Nothing is surely abnormal, but {} cannot be decided; the most telling is connection {}",
            plain::count(summary.undecided, "ending"),
            worst.id
        )
    };
    let entries = about(page, worst);
    write(page, Some((&headline, &worst.ending.verdict)), &entries);
}

fn nothing_wrong(summary: &Summary) -> String {
    let all = plain::count(summary.connections, "connection");
    match summary {
        Summary { connections: 0, .. } => "There is no TCP connection in this capture".into(),
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

/// Who, how, normal or not, why, how sure, what to do next, what to capture.
fn about(page: &mut Page<'_>, connection: &Connection) -> Vec<Entry> {
    let ending = &connection.ending;
    let who = phrase::who_and_when(connection, &page.style.zone);
    let how = phrase::how(connection, &mut page.terms);
    let mut entries = vec![
        Entry::new("Which", &phrase::ends(connection)),
        Entry::new("Who", &format!("{who}: {how}")),
        Entry::new(
            "Normal?",
            &format!("{}: {}", phrase::normal(&ending.verdict), phrase::inside(&phrase::cause(connection))),
        ),
    ];
    if !ending.explanation.is_empty() {
        entries.push(Entry::new("Why", &ending.explanation));
    }
    if let Some(step) = ending.next_steps.first() {
        entries.push(Entry::new("Next", step));
    }
    let decides = ending.alternatives.iter().find(|alternative| !alternative.would_decide.is_empty());
    if let Some(alternative) =
        decides.filter(|_| ending.confidence < SETTLED || ending.verdict == "undecided")
    {
        entries.push(Entry::new("Capture", &format!("to settle it: {}", alternative.would_decide)));
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
    let causes: Vec<String> = causes
        .iter()
        .take(3)
        .map(|(cause, number)| {
            let words =
                hangup_engine::title(cause).map_or_else(|| escape(cause).into_owned(), phrase::inside);
            format!("{} times {words}", plain::grouped(**number)).replacen(
                "1 times ",
                "once ",
                usize::from(**number == 1),
            )
        })
        .collect();
    match (parts.is_empty(), causes.is_empty()) {
        (true, _) => "no connections".into(),
        (false, true) => parts.join(", "),
        (false, false) => format!("{}; mostly {}", parts.join(", "), causes.join("; ")),
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

/// What is shortened first where the answer gets too long: the whole text stands in the details below.
const CUT: [&str; 7] = ["Capture", "This one", "Next", "Else", "Who", "All", "Result"];

/// Writes headline and entries, cut to ten lines.
fn write(page: &mut Page<'_>, headline: Option<(&str, &str)>, entries: &[Entry]) {
    let columns = page.style.columns();
    let head = headline.map_or(Vec::new(), |(text, _)| wrap("  ", text, columns));
    let mut blocks: Vec<Vec<String>> = entries.iter().map(|entry| entry.lines(columns)).collect();
    let over = |blocks: &[Vec<String>]| {
        (head.len() + blocks.iter().map(Vec::len).sum::<usize>()).saturating_sub(LINES)
    };
    let find = |label: &str| entries.iter().position(|entry| entry.label == label);
    // Of what else there is as many clauses as fit a line.
    for index in CUT.iter().take(4).filter_map(|label| find(label)) {
        if over(&blocks) > 0
            && let (Some(entry), Some(block)) = (entries.get(index), blocks.get_mut(index))
        {
            let room = columns.saturating_sub(LABEL + 2);
            *block = Entry::new(entry.label, phrase::clauses(&entry.text, room)).lines(columns);
        }
    }
    // Of the reason as many whole sentences as there is room for, and at least one.
    if let Some(index) = find("Why")
        && let Some(entry) = entries.get(index)
    {
        let mut sentences = phrase::sentences(&entry.text);
        while sentences.len() > 1 && over(&blocks) > 0 {
            sentences.pop();
            if let Some(block) = blocks.get_mut(index) {
                *block = Entry::new(entry.label, &sentences.join(" ")).lines(columns);
            }
        }
    }
    // Of a long sentence as many clauses as there is room for.
    for index in ["Who", "Why"].iter().filter_map(|label| find(label)) {
        if over(&blocks) > 0
            && let (Some(entry), Some(block)) = (entries.get(index), blocks.get(index))
        {
            let lines = block.len().saturating_sub(over(&blocks)).max(1);
            let room = columns.saturating_sub(LABEL + 2) * lines;
            let text = if entry.label == "Why" { phrase::first_sentence(&entry.text) } else { &entry.text };
            let shorter = Entry::new(entry.label, phrase::clauses(text, room)).lines(columns);
            if let Some(block) = blocks.get_mut(index) {
                *block = shorter;
            }
        }
    }
    for index in CUT.iter().chain(&["Why"]).filter_map(|label| find(label)) {
        let too_many = over(&blocks);
        let Some(block) = blocks.get_mut(index) else { continue };
        let cut = too_many.min(block.len().saturating_sub(1));
        if cut > 0 {
            block.truncate(block.len() - cut);
            if let Some(last) = block.last_mut() {
                *last = if width(last) + 3 <= columns {
                    format!("{last} ..")
                } else {
                    clip(&format!("{last}.."), columns)
                };
            }
        }
    }
    for line in head {
        let paint = headline.map_or(Paint::Heading, |(_, verdict)| Paint::verdict(verdict));
        let painted = page.style.paint(paint, &line);
        page.line(&painted);
    }
    page.lines(blocks.into_iter().flatten());
}
