//! The standing answers for people: a cause, a question, error texts, or the list of all of them.

use crate::page::{LABEL, Page};
use crate::style::Style;
use crate::wrap::{clip, pad, width};
use hangup_engine::words::{Basis, Entry, ErrorText, Found, Term, catalogue, errors, terms};
use std::io::{self, Write};

/// Rows of error texts that are told in full; a text hardly ever shows more.
const ROWS: usize = 6;

/// The families of the catalogue in the order in which they are listed, and what they hold.
const FAMILIES: [(&str, &str); 8] = [
    ("clean", "causes: ordinary endings"),
    ("stale", "causes: a connection that was over already"),
    ("server", "causes: the server's side"),
    ("client", "causes: the client's side"),
    ("tls", "causes: encryption"),
    ("path", "causes: the network in between"),
    ("heartbeat", "causes: tests and heartbeats"),
    ("unknowable", "what the capture does not show"),
];

/// Writes the standing answer.
///
/// # Errors
/// Whatever writing gives.
pub fn explain(out: &mut dyn Write, found: &Found, style: &Style) -> io::Result<()> {
    let mut page = Page::new(style);
    match found {
        Found::Cause(entry) => cause(&mut page, entry),
        Found::Term(term) => question(&mut page, term),
        Found::Errors(rows) => {
            for row in rows.iter().take(ROWS) {
                error(&mut page, row);
            }
        }
        Found::Nothing(near) => {
            for name in near {
                page.line(name);
            }
        }
    }
    out.write_all(page.into_text().as_bytes())?;
    out.flush()
}

/// Writes the list of everything that can be explained, one line each.
///
/// # Errors
/// Whatever writing gives.
pub fn index(out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page::new(style);
    page.heading("questions");
    let questions: Vec<(&str, &str)> = terms::all().iter().map(|term| (term.id, term.title)).collect();
    list(&mut page, &questions);
    for (family, heading) in FAMILIES {
        let entries: Vec<(&str, &str)> = catalogue::all()
            .iter()
            .filter(|entry| entry.family == family)
            .map(|entry| (entry.id, entry.title.as_str()))
            .collect();
        if !entries.is_empty() {
            page.heading(heading);
            list(&mut page, &entries);
        }
    }
    let mut platforms: Vec<&str> = Vec::new();
    for row in errors::all() {
        if !platforms.contains(&row.platform) {
            platforms.push(row.platform);
        }
    }
    for platform in platforms {
        page.heading(&format!("error texts: {platform}"));
        let rows: Vec<(&str, &str)> = errors::all()
            .iter()
            .filter(|row| row.platform == platform)
            .map(|row| (row.name(), row.heard.words().next().unwrap_or_default()))
            .collect();
        list(&mut page, &rows);
    }
    out.write_all(page.into_text().as_bytes())?;
    out.flush()
}

/// Names with what they stand for, one line each.
fn list(page: &mut Page<'_>, rows: &[(&str, &str)]) {
    let widest = rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0).min(page.style.columns() / 2);
    for (name, words) in rows {
        let line = format!("  {}  {words}", pad(&clip(name, widest), widest));
        page.line(&clip(&line, page.style.columns()));
    }
}

fn cause(page: &mut Page<'_>, entry: &Entry) {
    page.heading(&entry.title);
    page.labelled(2, "Id", entry.id);
    let usual = if entry.tag {
        "it is told beside a cause: it describes how an ending looks, not why it came".to_owned()
    } else {
        format!("{}{}", entry.outcome.name(), responsible(entry))
    };
    page.labelled(2, "Usually", &usual);
    page.blank();
    page.wrapped("  ", &entry.generally());
    page.blank();
    items(page, "Next", &entry.next_generally());
    let texts: Vec<String> = entry.errors.iter().filter(|text| *text != "none").cloned().collect();
    if texts.is_empty() {
        page.labelled(2, "Errors", "none: nobody notices it");
    } else {
        page.labelled(2, "Errors", &texts.join("; "));
    }
    let alike: Vec<String> =
        entry.look_alikes().map(|other| format!("{} ({})", other.id, other.title)).collect();
    items(page, "Like it", &alike);
    page.labelled(2, "Decides", &entry.would_decide);
}

fn responsible(entry: &Entry) -> String {
    match entry.responsible.name() {
        "nobody" => "; nobody has to do anything".into(),
        "unknown" => "; whose side to look at cannot be said beforehand".into(),
        "client-app" => "; look at the program on the client".into(),
        "client-host" => "; look at the client's machine".into(),
        "server-app" => "; look at the program on the server".into(),
        "server-host" => "; look at the server's machine".into(),
        "middlebox" => "; look at what stands between: firewalls, load balancers, proxies".into(),
        "path" => "; look at the path between".into(),
        other => format!("; look at the {other}"),
    }
}

fn question(page: &mut Page<'_>, term: &Term) {
    page.heading(term.title);
    for paragraph in &term.says {
        page.wrapped("  ", paragraph);
        page.blank();
    }
    let mut label = "Packets";
    for paragraph in &term.wire {
        page.labelled(2, label, paragraph);
        label = "";
    }
    page.labelled(2, "Sources", &term.sources.join("; "));
    if !term.see.is_empty() {
        page.labelled(2, "See also", &term.see.join(", "));
    }
}

fn error(page: &mut Page<'_>, row: &ErrorText) {
    page.heading(row.name());
    let also: Vec<&str> = row.names.iter().skip(1).copied().collect();
    if !also.is_empty() {
        page.labelled(2, "Also", &also.join("; "));
    }
    let by = row.by.map_or(String::new(), |side| format!(", said on the {}'s side", side.name()));
    page.labelled(2, "Said by", &format!("{}{by}", row.platform));
    page.blank();
    page.wrapped("  ", &row.says);
    page.blank();
    let takes: Vec<String> = row.heard.words().map(str::to_owned).collect();
    page.labelled(2, "Packets", "it takes one of these:");
    items(page, "", &takes);
    page.labelled(2, "When", row.late.words());
    titles(page, "For", &row.causes);
    titles(page, "Against", &row.not);
    let basis = match row.basis {
        Basis::Measured => "measured, text and packets together",
        Basis::Documented => "documented; what it takes in packets follows from that",
        Basis::Inferred => "inferred from the text; the packets decide",
    };
    page.labelled(2, "Source", &format!("{basis}: {}", row.source));
}

/// Causes by title; those that this catalogue does not have are left out.
fn titles(page: &mut Page<'_>, label: &str, ids: &[&str]) {
    let known = ids.iter().filter_map(|id| catalogue::entry(id));
    items(page, label, &known.map(|entry| format!("{} ({})", entry.id, entry.title)).collect::<Vec<_>>());
}

/// A list with a label.
fn items(page: &mut Page<'_>, label: &str, texts: &[String]) {
    let mut label = label;
    for text in texts {
        let first = format!("  {}- ", pad(label, LABEL));
        page.wrapped(&first, text);
        label = "";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hangup_engine::words::lookup;

    fn told(asked: &str, columns: usize) -> String {
        let mut out = Vec::new();
        explain(&mut out, &lookup(asked), &Style { width: columns, ..Style::default() }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_cause_in_words() {
        insta::assert_snapshot!(told("keepalive-race", 80));
    }

    #[test]
    fn a_question_in_words() {
        insta::assert_snapshot!(told("What is an Encrypted Alert?", 80));
    }

    #[test]
    fn an_error_text_in_words() {
        insta::assert_snapshot!(told("ORA-03113", 80));
    }

    #[test]
    fn every_answer_fits_the_terminal() {
        let names = catalogue::all().iter().map(|entry| entry.id);
        let names = names.chain(terms::all().iter().map(|term| term.id));
        let texts = errors::all().iter().map(ErrorText::name);
        for name in names.chain(texts) {
            for columns in [60, 100] {
                for line in told(name, columns).lines() {
                    assert!(width(line) <= columns, "{name} at {columns}: {line}");
                }
            }
        }
    }

    #[test]
    fn everything_is_listed_on_one_line() {
        let mut out = Vec::new();
        index(&mut out, &Style::default()).unwrap();
        let text = String::from_utf8(out).unwrap();
        for line in text.lines() {
            assert!(width(line) <= 80, "{line}");
        }
        let starts = |name: &str| text.lines().any(|line| line.trim_start().starts_with(name));
        assert!(catalogue::all().iter().all(|entry| starts(entry.id)));
        assert!(terms::all().iter().all(|term| starts(term.id)));
        let known = FAMILIES.map(|(family, _)| family);
        assert!(catalogue::all().iter().all(|entry| known.contains(&entry.family.as_str())));
    }
}
