//! The answer, on about half a screen, in plain words.

use crate::ask::next;
use crate::entry::{Entry, fit};
use crate::escape::escape;
use crate::headline::{self, COUNTED, Troubles, often, times};
use crate::page::Page;
use crate::phrase;
use crate::plain;
use crate::style::Paint;
use crate::wrap::clip;
use hangup_engine::Conclusion;
use hangup_engine::model::{Connection, Incident, Summary};

/// Lines that the answer may take below its heading.
const LINES: usize = 10;
/// Packets that tell nothing about how a connection ends.
pub(crate) const TOO_FEW: u64 = 3;
/// What is shortened where the answer gets too long, in this order, by a step each time: the whole text stands in the
/// details below.
const SHORTER: [&str; 24] = [
    "All", "Else", "", "Next", "Seen", "Why", "Decides", "Which", "Seen", "Why", "Next", "Seen", "Why",
    "Next", "Seen", "Why", COUNTED, "Next", "Decides", COUNTED, "Result", "Who", "Seen", "Why",
];
/// What has the room that is left then, in this order.
const LONGER: [&str; 10] = ["Who", "Result", COUNTED, "Why", "Seen", "Next", "Decides", "", "Else", "All"];

/// What is known of all endings, beside the conclusion.
#[derive(Debug)]
pub(crate) struct All<'a> {
    /// An ending that stands for the largest group of those that are worst, or the only one.
    pub(crate) example: Option<&'a Connection>,
    /// The causes of abnormal endings.
    pub(crate) troubles: &'a Troubles<'a>,
    /// Who hung up first, and how often; nothing where it is not known of all.
    pub(crate) enders: &'a [(&'a str, u64)],
}

/// Writes the answer.
pub(crate) fn answer(page: &mut Page<'_>, conclusion: &Conclusion, all: &All<'_>) {
    page.heading("answer");
    match &conclusion.incident {
        Some(incident) => about_incident(page, conclusion, incident, all),
        None => about_all(page, conclusion, all),
    }
}

fn about_incident(page: &mut Page<'_>, conclusion: &Conclusion, incident: &Incident, all: &All<'_>) {
    let Some(suspect) = incident.suspects.first() else {
        let words = incident.if_none.as_deref().unwrap_or("No ending in this capture fits the report.");
        let asked = asked(page, incident);
        let mut entries = vec![Entry::new("Result", words).or(phrase::first_sentence(words))];
        if !asked.is_empty() {
            entries.insert(0, Entry::new("Asked", &asked));
        }
        entries.push(overview(&conclusion.summary));
        if let Some(example) = all.example {
            let ends = phrase::ends(example);
            let cause = phrase::cause(&example.ending);
            let other = format!("at another time, for example connection {}, {ends}; {cause}", example.id);
            entries.push(
                Entry::new("Else", &other).or(&format!("for example connection {}; {cause}", example.id)),
            );
        }
        write(page, "abnormal", entries);
        remarks(page, incident);
        return;
    };
    let mut entries = vec![headline::of_suspect(conclusion, incident, suspect, all.troubles)];
    let suspected = conclusion.suspects.iter().find(|connection| connection.id == suspect.connection);
    let verdict = suspected.map_or("abnormal", |connection| &*connection.ending.verdict);
    if let Some(connection) = suspected {
        entries.extend(about(page, connection));
    }
    write(page, verdict, entries);
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

fn about_all(page: &mut Page<'_>, conclusion: &Conclusion, all: &All<'_>) {
    let summary = &conclusion.summary;
    let Some(example) = all.example else {
        nothing_wrong(page, conclusion, all.enders);
        return;
    };
    let event = example.ending.event.and_then(|event| conclusion.events.get(event as usize));
    let mut entries = vec![headline::of_example(summary, example, event, all.troubles)];
    entries.extend(about(page, example));
    write(page, &example.ending.verdict, entries);
}

/// Counts, who hung up, and what to do all the same.
fn nothing_wrong(page: &mut Page<'_>, conclusion: &Conclusion, enders: &[(&str, u64)]) {
    let summary = &conclusion.summary;
    let packets = conclusion.captures.iter().map(|capture| capture.packets).sum();
    let mut entries = vec![Entry::new("", &headline::of_nothing(summary, packets, TOO_FEW))];
    let little = summary.connections == 0 || packets <= TOO_FEW;
    let verdict = if summary.undecided > 0 || little { "undecided" } else { "normal" };
    if summary.connections == 0 {
        entries.push(Entry::new(
            "Next",
            "check that the capture was made on the right interface and that its filter lets TCP through",
        ));
        write(page, verdict, entries);
        return;
    }
    entries.push(overview(summary));
    let who: Vec<String> = enders
        .iter()
        .map(|&(who, number)| match who {
            "nobody" => format!("nobody yet ({})", plain::grouped(number)),
            _ => format!("{} {}", times(number), ender(who)),
        })
        .collect();
    if !who.is_empty() {
        entries.push(Entry::new("Who", &who.join(", ")));
    }
    entries.push(Entry::new(
        "Next",
        if little {
            "capture for longer, and begin before the program connects"
        } else if summary.open == summary.connections {
            "capture until the trouble shows; nothing has ended yet"
        } else {
            "nothing; if somebody saw an error, say when: --at 11:15 --error TEXT"
        },
    ));
    write(page, verdict, entries);
}

/// Who hung up first, in a count.
fn ender(who: &str) -> &str {
    match who {
        "client" => "the client",
        "server" => "the server",
        "middlebox" => "something between them",
        "network" => "the network",
        "crossing" => "both at once",
        _ => "not known",
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

/// Which, who and how, normal or not, why, what to do next and whom to ask, what would settle it.
fn about(page: &mut Page<'_>, connection: &Connection) -> Vec<Entry> {
    let ending = &connection.ending;
    let plain_ends = phrase::plain_ends(connection);
    let who = phrase::who_and_how(connection, &page.style.zone, &mut page.terms);
    let bare = phrase::who_and_how(connection, &page.style.zone, &mut page.terms);
    let mut entries = vec![
        Entry::new("Which", &phrase::ends(connection)).or(&plain_ends),
        Entry::new("Who", &who).or(&bare),
        Entry::new("Normal?", &phrase::normal(ending)),
    ];
    if let Some((label, sentences)) = phrase::why(connection) {
        let mut why = Entry::new(label, &sentences.join(" "));
        for kept in (1..sentences.len()).rev() {
            why = why.or(&sentences.get(..kept).unwrap_or_default().join(" "));
        }
        entries.push(why);
    }
    entries.extend(next(connection, &page.style.zone));
    let decides = ending.alternatives.iter().find(|alternative| !alternative.would_decide.is_empty());
    if let Some(alternative) =
        decides.filter(|_| ending.confidence < plain::LIKELY || ending.verdict == "undecided")
    {
        let needed = phrase::inside(&alternative.would_decide);
        let short = phrase::main_clause(&needed);
        let first = short.split(", and ").next().unwrap_or_default();
        entries.push(Entry::new("Decides", &needed).or(short).or(first));
    }
    entries
}

/// The counts of a summary, with the commonest causes.
fn overview(summary: &Summary) -> Entry {
    Entry::new("All", &counts(summary)).or(&verdicts(summary))
}

/// How many endings have which verdict, as far as there are any.
fn verdicts(summary: &Summary) -> String {
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
    if parts.is_empty() { "no connections".into() } else { parts.join(", ") }
}

/// The counts of a summary that are not zero.
pub(crate) fn counts(summary: &Summary) -> String {
    let parts = verdicts(summary);
    let mut causes: Vec<(&String, &u64)> = summary.by_cause.iter().collect();
    causes.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let commonest: Vec<String> =
        causes.iter().take(3).map(|(cause, number)| often(cause, **number)).collect();
    match causes.as_slice() {
        [] => parts,
        [(cause, number)] if **number == summary.connections => {
            format!("{parts}: {}", headline::words(cause))
        }
        _ => format!("{parts}; {}", commonest.join("; ")),
    }
}

/// Writes entries, shortened where they take too many lines; those without a label are a headline.
fn write(page: &mut Page<'_>, verdict: &str, mut entries: Vec<Entry>) {
    let columns = page.style.columns();
    fit(&mut entries, &SHORTER, &LONGER, LINES, columns);
    for entry in &entries {
        for line in entry.lines(columns) {
            let headline = entry.is_headline();
            let painted = if headline { page.style.paint(Paint::verdict(verdict), &line) } else { line };
            page.line(&painted);
        }
    }
}
