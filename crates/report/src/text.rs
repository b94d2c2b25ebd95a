//! The report for people: the answer, the endings that tell most, counts, and how good the capture is.

use crate::answer::{All, TOO_FEW, answer, asked, counts};
use crate::columns::Columns;
use crate::detail::detail;
use crate::escape::escape;
use crate::event::events;
use crate::page::Page;
use crate::plain;
use crate::quality::quality;
use crate::style::Style;
use crate::telling::{Telling, Told};
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Glance, Ladder, Sink};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::net::SocketAddr;

/// Abnormal endings that are told in detail, one of each kind.
const ABNORMAL: usize = 20;
/// Undecided endings that are told in detail.
const UNDECIDED: usize = 5;
/// Suspects that are told in detail.
const SUSPECTS: usize = 3;
/// Servers that are counted apart.
const SERVERS: usize = 4096;
/// What stands for a cause where there is none.
const NO_CAUSE: &str = "(no known cause fits)";
/// Rows of a table.
const ROWS: usize = 15;

/// Takes a report in and keeps a bounded choice of it; once it has ended, says which ladders it wants
/// ([`TextReport::chosen`]) and is written ([`TextReport::render`]).
#[derive(Debug, Default)]
pub struct TextReport {
    telling: Telling,
    shown: u64,
    causes: Causes,
    /// Who hung up first, and how often.
    enders: BTreeMap<String, u64>,
    servers: HashMap<SocketAddr, Counts>,
    other_servers: Counts,
    /// The first connection: told, whatever its verdict, where there is no other.
    first: Option<Connection>,
    conclusion: Option<Conclusion>,
}

/// How many endings of which verdict have which cause.
#[derive(Clone, Debug, Default)]
struct Causes(BTreeMap<String, BTreeMap<String, u64>>);

impl Causes {
    fn add(&mut self, verdict: &str, cause: &str) {
        if let Some(count) = self.0.get_mut(verdict).and_then(|causes| causes.get_mut(cause)) {
            *count += 1;
        } else {
            self.0.entry(verdict.into()).or_default().insert(cause.into(), 1);
        }
    }

    /// Causes of one verdict with their numbers, the most first.
    fn of(&self, verdict: &str) -> Vec<(&str, u64)> {
        let ranked = self.ranked().into_iter().filter(|(of, _, _)| *of == verdict);
        ranked.map(|(_, cause, number)| (cause, number)).collect()
    }

    /// Verdict, cause and number, the most first.
    fn ranked(&self) -> Vec<(&str, &str, u64)> {
        let verdicts = self.0.iter();
        let mut all: Vec<_> = verdicts
            .flat_map(|(verdict, causes)| {
                causes.iter().map(move |(cause, &count)| (&**verdict, &**cause, count))
            })
            .collect();
        all.sort_by(|a, b| b.2.cmp(&a.2).then(a.cmp(b)));
        all
    }
}

/// How connections to one server ended.
#[derive(Clone, Debug, Default)]
struct Counts {
    all: u64,
    abnormal: u64,
    undecided: u64,
    name: Option<String>,
}

impl Sink for TextReport {
    fn wants_all(&self) -> bool {
        false
    }

    fn glance(&mut self, glance: &Glance<'_>) -> bool {
        self.shown += 1;
        self.causes.add(glance.verdict, glance.cause.unwrap_or(NO_CAUSE));
        if let Some(count) = self.enders.get_mut(glance.ended_by) {
            *count += 1;
        } else {
            self.enders.insert(glance.ended_by.into(), 1);
        }
        let counts = if self.servers.len() < SERVERS || self.servers.contains_key(&glance.server) {
            self.servers.entry(glance.server).or_default()
        } else {
            &mut self.other_servers
        };
        counts.all += 1;
        counts.abnormal += u64::from(glance.verdict == "abnormal");
        counts.undecided += u64::from(glance.verdict == "undecided");
        if counts.name.is_none() {
            counts.name = glance.name.map(|name| escape(name).into_owned());
        }
        let tells = matches!(glance.verdict, "abnormal" | "undecided") && self.telling.count(glance);
        tells || self.shown == 1
    }

    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        if self.shown == 1 {
            self.first = Some(connection.clone());
        }
        self.telling.keep(connection);
        Ok(())
    }

    fn conclude(&mut self, conclusion: &Conclusion) -> io::Result<()> {
        self.conclusion = Some(conclusion.clone());
        Ok(())
    }
}

impl TextReport {
    /// An empty report.
    pub fn new() -> Self {
        Self::default()
    }

    /// The connections whose last packets are to be drawn, by `id`: at most some thirty.
    pub fn chosen(&self) -> Vec<&Connection> {
        let kinds = self.kinds();
        let mut chosen = self.suspects();
        chosen.extend(kinds.iter().map(|told| told.best));
        chosen.sort_by_key(|connection| connection.id);
        chosen.dedup_by_key(|connection| connection.id);
        chosen
    }

    /// Writes the report. `ladders` are those of [`TextReport::chosen`], as far as they could be read; for others the
    /// packets that the connection itself kept are drawn.
    ///
    /// # Errors
    /// Whatever writing gives.
    pub fn render(&self, out: &mut dyn Write, ladders: &[Ladder], style: &Style) -> io::Result<()> {
        let Some(conclusion) = &self.conclusion else {
            return Err(io::Error::other("the report has not ended"));
        };
        let mut page = Page::new(style);
        let suspects = self.suspects();
        let kinds = self.kinds();
        // With a filter nothing is known of the others.
        let whole = self.shown == conclusion.summary.connections;
        let troubles = if whole { self.causes.of("abnormal") } else { Vec::new() };
        let enders = if whole { self.enders() } else { Vec::new() };
        let packets: u64 = conclusion.captures.iter().map(|capture| capture.packets).sum();
        let only = self.first.as_ref().filter(|_| conclusion.summary.connections == 1 && packets > TOO_FEW);
        let example = kinds.first().map(|told| told.best).or(only);
        answer(&mut page, conclusion, &All { example, troubles: &troubles, enders: &enders });
        self.filtered(&mut page, conclusion);
        self.details(&mut page, conclusion, &suspects, &kinds, ladders);
        self.tables(&mut page);
        quality(&mut page, conclusion);
        out.write_all(page.into_text().as_bytes())?;
        out.flush()
    }

    /// Says that not all connections are shown.
    fn filtered(&self, page: &mut Page<'_>, conclusion: &Conclusion) {
        let all = conclusion.summary.connections;
        if self.shown < all {
            let words = format!(
                "shown below: {} of {}; the answer and the baselines are those of all ({})",
                plain::grouped(self.shown),
                plain::count(all, "connection"),
                counts(&conclusion.summary)
            );
            page.blank();
            page.wrapped("  ", &words);
        }
    }

    fn details(
        &self,
        page: &mut Page<'_>,
        conclusion: &Conclusion,
        suspects: &[&Connection],
        kinds: &[Told<'_>],
        ladders: &[Ladder],
    ) {
        let whole = whole_story(conclusion);
        let packets = |connection: &Connection| {
            let drawn = ladders.iter().find(|ladder| ladder.connection == connection.id);
            drawn.or(connection.ladder.as_ref()).cloned()
        };
        let mut number = 0;
        if !suspects.is_empty() {
            let one = suspects.len() == 1;
            page.heading(if one { "the suspect" } else { "the suspects, most likely first" });
            for connection in suspects {
                number += 1;
                let mut more = Vec::new();
                if let Some(incident) = &conclusion.incident {
                    if number == 1 {
                        let asked = asked(page, incident);
                        more.extend(
                            Some(asked).filter(|asked| !asked.is_empty()).map(|asked| ("Asked", asked)),
                        );
                    }
                    let suspect =
                        incident.suspects.iter().find(|suspect| suspect.connection == connection.id);
                    more.extend(
                        suspect.map(|s| ("Suspect", format!("{}: {}", plain::sure(s.score), s.because))),
                    );
                    more.extend(
                        incident.baseline.iter().filter(|_| number == 1).map(|b| ("Baseline", b.clone())),
                    );
                }
                let command = format!("{whole} --connection {}", connection.id);
                detail(
                    page,
                    &format!("{number}. "),
                    connection,
                    packets(connection).as_ref(),
                    &more,
                    Some(&command),
                );
            }
        }
        events(page, &conclusion.events);
        for (verdict, heading) in [("abnormal", "abnormal endings"), ("undecided", "undecided endings")] {
            let told: Vec<_> = kinds
                .iter()
                .filter(|told| told.best.ending.verdict == verdict)
                .filter(|told| {
                    told.kind.count > 1 || !suspects.iter().any(|suspect| suspect.id == told.best.id)
                })
                .collect();
            if told.is_empty() {
                continue;
            }
            let other = if suspects.is_empty() { "" } else { "other " };
            page.heading(&format!("{other}{heading}, the clearest of each kind"));
            for &&Told { kind, best } in &told {
                number += 1;
                let mut more = Vec::new();
                if let Some(event) = kind.event {
                    more.push(("Together", together(conclusion, event)));
                } else if kind.count > 1 {
                    more.push(("Alike", alike(kind)));
                }
                let command = format!("{whole} --connection {}", best.id);
                detail(page, &format!("{number}. "), best, packets(best).as_ref(), &more, Some(&command));
            }
        }
        let left = self.telling.ranked("abnormal").len().saturating_sub(ABNORMAL) as u64;
        if left > 0 || self.telling.dropped > 0 {
            page.blank();
            page.wrapped(
                "  ",
                "There are more kinds of endings than are told here: hangup list names them all.",
            );
        }
    }

    fn tables(&self, page: &mut Page<'_>) {
        if self.shown == 0 {
            return;
        }
        page.heading("counts");
        let mut table = Columns::new(&["connections", "verdict", "cause", "in words"], 1);
        for (verdict, cause, number) in self.causes.ranked() {
            let words = hangup_engine::title(cause).unwrap_or("-");
            table.row(vec![plain::grouped(number), verdict.to_owned(), cause.to_owned(), words.to_owned()]);
        }
        page.lines(table.lines(page.style.columns()));
        page.blank();
        let mut servers: Vec<(&SocketAddr, &Counts)> = self.servers.iter().collect();
        servers.sort_by(|a, b| {
            (b.1.abnormal, b.1.undecided, b.1.all)
                .cmp(&(a.1.abnormal, a.1.undecided, a.1.all))
                .then(a.0.cmp(b.0))
        });
        let mut table = Columns::new(&["connections", "abnormal", "undecided", "server", "name"], 3);
        let mut others = self.other_servers.clone();
        for (_, counts) in servers.iter().skip(ROWS) {
            others.all += counts.all;
            others.abnormal += counts.abnormal;
            others.undecided += counts.undecided;
        }
        for (server, counts) in servers.iter().take(ROWS) {
            table.row(row(counts, &server.to_string(), counts.name.as_deref().unwrap_or("-")));
        }
        if others.all > 0 {
            table.row(row(&others, "others", ""));
        }
        page.lines(table.lines(page.style.columns()));
    }

    fn suspects(&self) -> Vec<&Connection> {
        let Some(conclusion) = &self.conclusion else { return Vec::new() };
        let Some(incident) = &conclusion.incident else { return Vec::new() };
        let known = |id| conclusion.suspects.iter().find(|connection| connection.id == id);
        incident.suspects.iter().take(SUSPECTS).filter_map(|suspect| known(suspect.connection)).collect()
    }

    /// What is told in detail; of the worst verdict one of the largest group stands in front.
    fn kinds(&self) -> Vec<Told<'_>> {
        let abnormal = self.telling.ranked("abnormal").into_iter().take(ABNORMAL);
        let mut kinds: Vec<_> =
            abnormal.chain(self.telling.ranked("undecided").into_iter().take(UNDECIDED)).collect();
        let Some(verdict) = kinds.first().map(|told| told.best.ending.verdict.clone()) else { return kinds };
        let causes = self.causes.of(&verdict);
        // An event is a group of its own, whatever its causes.
        let size = |told: &Told<'_>| match told.kind.event {
            Some(_) => told.kind.count,
            None => causes
                .iter()
                .find(|(cause, _)| *cause == told.best.ending.cause.as_deref().unwrap_or(NO_CAUSE))
                .map_or(0, |(_, number)| *number),
        };
        let same = kinds.iter().take_while(|told| told.best.ending.verdict == verdict);
        let largest = same.clone().map(size).max().unwrap_or(0);
        if let Some(place) = same.clone().position(|told| size(told) == largest)
            && let Some(front) = kinds.get_mut(..=place)
        {
            front.rotate_right(1);
        }
        kinds
    }

    /// Who hung up first and how often, the most first.
    fn enders(&self) -> Vec<(&str, u64)> {
        let mut enders: Vec<_> = self.enders.iter().map(|(who, &number)| (&**who, number)).collect();
        enders.sort_by_key(|&(_, number)| std::cmp::Reverse(number));
        enders
    }
}

fn row(counts: &Counts, server: &str, name: &str) -> Vec<String> {
    vec![
        plain::grouped(counts.all),
        plain::grouped(counts.abnormal),
        plain::grouped(counts.undecided),
        server.to_owned(),
        name.to_owned(),
    ]
}

/// That an ending stands for those of its event.
fn together(conclusion: &Conclusion, event: u32) -> String {
    let count = conclusion.events.get(event as usize).map_or(0, |event| event.count);
    format!(
        "it stands for the {} of event {}, told above",
        plain::count(count, "connection"),
        u64::from(event) + 1
    )
}

fn alike(kind: &crate::telling::Kind) -> String {
    let others: Vec<String> = kind.others.iter().map(u64::to_string).collect();
    let dots = if kind.count - 1 > kind.others.len() as u64 { " ..." } else { "" };
    format!(
        "{} like it to the same server: {}{dots}",
        plain::count(kind.count - 1, "more ending"),
        others.join(", ")
    )
}

/// The command that shows a whole story, but for the connection.
fn whole_story(conclusion: &Conclusion) -> String {
    match conclusion.captures.as_slice() {
        [one] if one.file != "standard input" => {
            let file = escape(&one.file);
            let plain = file.chars().all(|c| c.is_alphanumeric() || "/._-+:@%,".contains(c));
            let file = if plain { file.into_owned() } else { format!("'{}'", file.replace('\'', r"'\''")) };
            format!("hangup show {file}")
        }
        _ => "hangup show FILE...".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn rendered(connections: &[Connection], conclusion: &Conclusion, style: &Style) -> String {
        let mut report = TextReport::new();
        for connection in connections {
            if report.glance(&Glance::of(connection)) {
                report.connection(connection).unwrap();
            }
        }
        report.conclude(conclusion).unwrap();
        let mut out = Vec::new();
        report.render(&mut out, &[sample::ladder()], style).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The lines of the answer.
    fn answer_of(text: &str) -> usize {
        text.lines().skip(1).take_while(|line| !line.is_empty()).count()
    }

    #[test]
    fn a_suspect_among_look_alikes() {
        let text = rendered(&sample::morning(), &sample::conclusion(), &Style::default());
        assert!(answer_of(&text) <= 10, "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_wide_terminal_and_no_incident() {
        let conclusion = Conclusion { incident: None, ..sample::conclusion() };
        let text = rendered(&sample::morning(), &conclusion, &Style { width: 100, ..Style::default() });
        assert!(answer_of(&text) <= 10, "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn no_ending_fits() {
        let mut conclusion = sample::conclusion();
        let incident = conclusion.incident.as_mut().unwrap();
        incident.suspects.clear();
        incident.if_none =
            Some("No connection was open between 11:14 and 11:17: the trouble was elsewhere.".into());
        let text = rendered(&sample::morning()[..2], &conclusion, &Style::default());
        insta::assert_snapshot!(text);
    }

    #[test]
    fn many_endings_of_one_event_are_told_once() {
        let mut connections = Vec::new();
        for id in [2, 5, 6, 7] {
            let mut connection = sample::abnormal();
            connection.id = id;
            connection.server.port = if id == 7 { 8443 } else { 443 };
            connection.ending.event = Some(0);
            connections.push(connection);
        }
        let conclusion = Conclusion { incident: None, events: vec![sample::event()], ..sample::conclusion() };
        let text = rendered(&connections, &conclusion, &Style::default());
        assert!(answer_of(&text) <= 10, "{text}");
        assert_eq!(text.matches("This is one event").count(), 1, "{text}");
        assert_eq!(text.matches("hangup show").count(), 1, "one stands for all: {text}");
        assert!(text.contains("4 of them in one instant"), "{text}");
    }

    #[test]
    fn a_hundred_normal_endings_are_one_line() {
        let mut connections = Vec::new();
        for id in 0..100 {
            connections.push(Connection { id, ..sample::morning()[0].clone() });
        }
        insta::assert_snapshot!(rendered(&connections, &sample::all_normal(100), &Style::default()));
    }

    #[test]
    fn nothing_at_all() {
        insta::assert_snapshot!(rendered(&[], &sample::empty(), &Style::default()));
    }

    #[test]
    fn every_line_fits_but_what_is_to_be_copied() {
        for width in [60, 80, 110, 300] {
            let style = Style { width, ..Style::default() };
            for line in rendered(&sample::morning(), &sample::conclusion(), &style).lines() {
                let copied = line.contains("Wireshark") || line.contains("hangup show");
                assert!(copied || crate::wrap::width(line) <= style.columns(), "{width}: {line}");
            }
        }
    }

    #[test]
    fn what_comes_from_the_wire_is_escaped() {
        let mut connections = sample::morning();
        for connection in &mut connections {
            if let Some(tls) = &mut connection.tls {
                tls.sni = Some("\x1b[31mevil\u{202e}".into());
            }
        }
        let mut conclusion = sample::conclusion();
        conclusion.suspects = vec![connections[2].clone()];
        conclusion.captures[0].file = "\x1b]0;title\x07.pcap".into();
        conclusion.incident.as_mut().unwrap().error = Some("\x1b[2J".into());
        let text = rendered(&connections, &conclusion, &Style::default());
        assert!(!text.contains(['\x1b', '\x07', '\u{202e}']), "{text}");
        assert!(text.contains(r"\u{1b}[31mevil\u{202e}"));
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let plain = rendered(&sample::morning(), &sample::conclusion(), &Style::default());
        let coloured =
            rendered(&sample::morning(), &sample::conclusion(), &Style { colour: true, ..Style::default() });
        assert_ne!(plain, coloured);
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once("\x1b[") {
            stripped.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain);
    }

    #[test]
    fn ladders_are_wanted_for_what_is_told() {
        let mut report = TextReport::new();
        for connection in &sample::morning() {
            if report.glance(&Glance::of(connection)) {
                report.connection(connection).unwrap();
            }
        }
        report.conclude(&sample::conclusion()).unwrap();
        let ids: Vec<u64> = report.chosen().iter().map(|connection| connection.id).collect();
        assert_eq!(ids, [2, 3]);
    }
}
