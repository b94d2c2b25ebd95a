//! The judge held against the lab: how often it is right, and how much its confidence is worth.
//!
//! Every labelled connection is judged twice, once from the capture of each end. An end whose capture cannot show the truth
//! (the scenario says so) is told apart and not counted. Figures are shares of what was judged; the macro average gives every
//! cause the same weight.

use crate::lab::{Label, Truth, names};
use hangup_engine::model::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// One labelled connection, as one end's capture has it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The scenario.
    pub name: String,
    /// Number of the connection in its label, from 0.
    pub connection: usize,
    /// client or server: where the capture was made.
    pub end: &'static str,
    /// What is true of it.
    pub truth: Truth,
    /// What hangup says; none where the capture has no such connection.
    pub said: Option<Said>,
}

/// What hangup says of an ending.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// normal, abnormal, undecided or open.
    pub verdict: String,
    /// Who ended it.
    pub ended_by: String,
    /// Side and kind of the first goodbye in the words of [`Truth`], or `none`.
    pub first: String,
    /// The cause; empty where none was found.
    pub cause: String,
    /// Who is to do something.
    pub responsible: String,
    /// How sure of the cause it is, 0 to 1.
    pub confidence: f64,
}

impl Said {
    fn of(connection: &Connection) -> Self {
        let ending = &connection.ending;
        let first = ending.first_goodbye.as_ref().map(|goodbye| {
            // Whether an alert was readable or hidden is no difference of truth.
            let kind = if goodbye.kind.ends_with("-alert") { "alert" } else { goodbye.kind.as_str() };
            format!("{} {kind}", goodbye.from.as_deref().unwrap_or("nobody"))
        });
        Self {
            verdict: ending.verdict.clone(),
            ended_by: ending.ended_by.clone(),
            first: first.unwrap_or_else(|| "none".to_owned()),
            cause: ending.cause.clone().unwrap_or_default(),
            responsible: ending.responsible.clone(),
            confidence: ending.confidence,
        }
    }
}

/// Judges every committed capture of the lab. `root` is the project's.
///
/// # Errors
/// In words: a label that is none, a capture that is missing or cannot be read.
pub fn judged(root: &Path) -> Result<Vec<Judged>, String> {
    let lab = root.join("lab");
    let mut all = Vec::new();
    for name in names(&lab.join("scenarios")).map_err(|error| format!("lab/scenarios: {error}"))? {
        let path = lab.join("labels").join(format!("{name}.json"));
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let label = Label::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for end in ["client", "server"] {
            let path = lab.join("captures").join(format!("{name}.{end}.pcapng"));
            let failed = |error: String| format!("{}: {error}", path.display());
            let bytes = fs::read(&path).map_err(|error| failed(error.to_string()))?;
            let report = hangup_engine::analyse_bytes(&name, bytes, &hangup_engine::Options::default())
                .map_err(|error| failed(error.to_string()))?;
            for (number, labelled) in label.connections.iter().enumerate() {
                let found = report.connections.iter().find(|found| found.client.port == labelled.port);
                all.push(Judged {
                    name: name.clone(),
                    connection: number,
                    end,
                    truth: labelled.truth.clone(),
                    said: found.map(Said::of),
                });
            }
        }
    }
    Ok(all)
}

/// A question that the judge answers: its name, the truth's answer, and hangup's.
type Question = (&'static str, fn(&Truth) -> &str, fn(&Said) -> &str);

const QUESTIONS: &[Question] = &[
    ("ended_by", |truth| &truth.ended_by, |said| &said.ended_by),
    ("first goodbye", |truth| &truth.first, |said| &said.first),
    ("verdict", |truth| &truth.verdict, |said| &said.verdict),
    ("cause", |truth| &truth.cause, |said| &said.cause),
    ("responsible", |truth| &truth.responsible, |said| &said.responsible),
];

/// The score as a page in Markdown.
pub fn page(all: &[Judged]) -> String {
    let (counted, told_apart): (Vec<&Judged>, Vec<&Judged>) =
        all.iter().partition(|judged| judged.truth.decidable.iter().any(|end| end == judged.end));
    let scenarios: BTreeSet<&str> = all.iter().map(|judged| judged.name.as_str()).collect();
    let causes: BTreeSet<&str> = counted.iter().map(|judged| judged.truth.cause.as_str()).collect();
    let mut out = String::from("# How often hangup is right\n\n");
    let _ = writeln!(
        out,
        "Written by `cargo dev score` from the captures of the [lab](../lab/README.md), in which the truth is known: {} scenarios, {} causes,\n\
         {} endings, each as one end's capture shows it. {} more are not counted: that end cannot know.\n",
        scenarios.len(),
        causes.len(),
        counted.len(),
        told_apart.len()
    );
    figures(&mut out, &counted, &causes);
    confidence(&mut out, &counted);
    by_cause(&mut out, &counted, &causes);
    let wrong: Vec<&Judged> =
        counted.iter().copied().filter(|judged| !differences(judged).is_empty()).collect();
    list(
        &mut out,
        "False alarms: normal endings that were called abnormal",
        &alarms(&counted, "normal", "abnormal"),
    );
    list(
        &mut out,
        "Misses: abnormal endings that were called normal",
        &alarms(&counted, "abnormal", "normal"),
    );
    list(&mut out, "Every disagreement", &wrong.iter().map(|judged| line(judged)).collect::<Vec<_>>());
    let apart: Vec<String> = told_apart
        .iter()
        .map(|judged| {
            let said = judged.said.as_ref().map_or("no connection in it".to_owned(), |said| {
                format!("{} {} by {}", said.verdict, said.cause, said.ended_by)
            });
            format!("{}: the truth is {}; hangup says {said}", place(judged), judged.truth.cause)
        })
        .collect();
    list(&mut out, "Not counted: the capture of this end cannot show it", &apart);
    out
}

fn figures(out: &mut String, counted: &[&Judged], causes: &BTreeSet<&str>) {
    out.push_str("| question | right | of | micro | macro over causes |\n|---|---|---|---|---|\n");
    for question in QUESTIONS {
        let right = counted.iter().filter(|judged| is_right(judged, question)).count();
        let macro_average = mean(causes.iter().map(|cause| {
            let of_cause: Vec<_> = counted.iter().filter(|judged| judged.truth.cause == **cause).collect();
            share(of_cause.iter().filter(|judged| is_right(judged, question)).count(), of_cause.len())
        }));
        let _ = writeln!(
            out,
            "| {} | {right} | {} | {} | {} |",
            question.0,
            counted.len(),
            percent(share(right, counted.len())),
            percent(macro_average)
        );
    }
}

/// What the confidence is worth: Brier's score of the top cause, and hits by confidence.
fn confidence(out: &mut String, counted: &[&Judged]) {
    let said: Vec<(f64, bool)> = counted
        .iter()
        .filter_map(|judged| {
            let said = judged.said.as_ref()?;
            Some((said.confidence, said.cause == judged.truth.cause))
        })
        .collect();
    let brier = mean(said.iter().map(|(sure, hit)| (sure - if *hit { 1.0 } else { 0.0 }).powi(2)));
    let _ = writeln!(
        out,
        "\nBrier score of the top cause: {brier:.3} (0 is perfect; always saying 50 % gives 0.25).\n"
    );
    out.push_str("| confidence | endings | mean confidence | right |\n|---|---|---|---|\n");
    for (from, to) in [(0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01)] {
        let inside: Vec<_> = said.iter().filter(|(sure, _)| (from..to).contains(sure)).collect();
        if inside.is_empty() {
            continue;
        }
        let right = inside.iter().filter(|(_, hit)| *hit).count();
        let sure = mean(inside.iter().map(|(sure, _)| *sure));
        let _ = writeln!(
            out,
            "| {from:.1} to {:.1} | {} | {} | {} |",
            f64::min(to, 1.0),
            inside.len(),
            percent(sure),
            percent(share(right, inside.len()))
        );
    }
}

fn by_cause(out: &mut String, counted: &[&Judged], causes: &BTreeSet<&str>) {
    out.push_str(
        "\n| true cause | endings | cause right | verdict right | said instead |\n|---|---|---|---|---|\n",
    );
    for cause in causes {
        let of_cause: Vec<_> = counted.iter().filter(|judged| judged.truth.cause == *cause).collect();
        let right = |name| {
            let question = QUESTIONS.iter().find(|question| question.0 == name);
            question.map_or(0, |question| of_cause.iter().filter(|judged| is_right(judged, question)).count())
        };
        let mut instead: BTreeMap<&str, usize> = BTreeMap::new();
        for judged in &of_cause {
            let said = judged.said.as_ref().map_or("(no connection)", |said| said.cause.as_str());
            if said != *cause {
                *instead.entry(if said.is_empty() { "(none)" } else { said }).or_default() += 1;
            }
        }
        let instead: Vec<String> = instead.iter().map(|(said, times)| format!("{said} ({times})")).collect();
        let _ = writeln!(
            out,
            "| {cause} | {} | {} | {} | {} |",
            of_cause.len(),
            right("cause"),
            right("verdict"),
            instead.join(", ")
        );
    }
}

fn alarms(counted: &[&Judged], truth: &str, said: &str) -> Vec<String> {
    let called = |judged: &Judged| judged.said.as_ref().is_some_and(|answer| answer.verdict == said);
    counted
        .iter()
        .filter(|judged| judged.truth.verdict == truth && called(judged))
        .map(|judged| line(judged))
        .collect()
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    let _ = write!(out, "\n## {title}\n\n");
    if lines.is_empty() {
        out.push_str("None.\n");
    }
    for line in lines {
        let _ = writeln!(out, "- {line}");
    }
}

fn place(judged: &Judged) -> String {
    format!("`{}` connection {} at the {}", judged.name, judged.connection, judged.end)
}

fn line(judged: &Judged) -> String {
    format!("{}: {}", place(judged), differences(judged).join("; "))
}

/// What hangup says otherwise.
fn differences(judged: &Judged) -> Vec<String> {
    let Some(said) = &judged.said else { return vec!["no such connection".to_owned()] };
    QUESTIONS
        .iter()
        .filter(|question| !is_right(judged, question))
        .map(|(name, truth, answer)| {
            format!("{name} is {}, hangup says {}", truth(&judged.truth), answer(said))
        })
        .collect()
}

fn is_right(judged: &Judged, (_, truth, answer): &Question) -> bool {
    judged.said.as_ref().is_some_and(|said| truth(&judged.truth) == answer(said))
}

#[expect(clippy::cast_precision_loss, reason = "counts of endings are small")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    if count == 0.0 { 0.0 } else { sum / count }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(cause: &str, verdict: &str, said: Option<(&str, &str, f64)>) -> Judged {
        let truth = Truth {
            cause: cause.into(),
            verdict: verdict.into(),
            ended_by: "client".into(),
            first: "client fin".into(),
            responsible: "client-app".into(),
            decidable: vec!["client".into()],
            ..Truth::default()
        };
        let said = said.map(|(cause, verdict, confidence)| Said {
            verdict: verdict.into(),
            ended_by: "client".into(),
            first: "client fin".into(),
            cause: cause.into(),
            responsible: "client-app".into(),
            confidence,
        });
        Judged { name: cause.into(), connection: 0, end: "client", truth, said }
    }

    #[test]
    fn the_macro_average_gives_every_cause_the_same_weight() {
        let all = [
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("b", "abnormal", Some(("a", "normal", 1.0))),
        ];
        let page = page(&all);
        assert!(page.contains("| cause | 3 | 4 | 75.0 % | 50.0 % |"), "{page}");
        assert!(page.contains("Brier score of the top cause: 0.250"), "{page}");
        assert!(page.contains("| b | 1 | 0 | 0 | a (1) |"), "{page}");
        assert!(page.contains(
            "- `b` connection 0 at the client: verdict is abnormal, hangup says normal; cause is b, hangup says a"
        ));
    }

    #[test]
    fn alarms_and_misses_are_named() {
        let all = [
            judged("a", "normal", Some(("b", "abnormal", 0.5))),
            judged("b", "abnormal", Some(("b", "undecided", 0.5))),
        ];
        let page = page(&all);
        let (_, alarms) = page.split_once("## False alarms").unwrap();
        let (alarms, misses) = alarms.split_once("## Misses").unwrap();
        assert!(alarms.contains("`a` connection 0"));
        assert!(misses.contains("None."));
    }

    #[test]
    fn what_an_end_cannot_know_is_not_counted() {
        let mut blind = judged("a", "normal", None);
        blind.end = "server";
        let page = page(&[judged("a", "normal", Some(("a", "normal", 0.9))), blind]);
        assert!(page.contains("| cause | 1 | 1 | 100.0 % | 100.0 % |"), "{page}");
        assert!(page.contains("at the server: the truth is a; hangup says no connection in it"));
    }

    #[test]
    fn a_connection_that_is_not_found_is_wrong() {
        assert!(page(&[judged("a", "normal", None)]).contains("| cause | 0 | 1 | 0.0 % | 0.0 % |"));
    }
}
