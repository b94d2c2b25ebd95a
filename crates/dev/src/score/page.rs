//! The score as a page in Markdown.

use super::{Asked, Judged, Log, Said, Score};
use crate::lab::Truth;
use hangup_verdict::catalogue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A question that the judge answers: its name, the truth's answer, and hangup's.
pub(super) type Question = (&'static str, fn(&Truth) -> &str, fn(&Said) -> &str);

pub(super) const QUESTIONS: &[Question] = &[
    ("ended_by", |truth| &truth.ended_by, |said| &said.ended_by),
    ("first goodbye", |truth| &truth.first, |said| &said.first),
    ("verdict", |truth| &truth.verdict, |said| &said.verdict),
    ("cause", |truth| &truth.cause, |said| &said.cause),
    ("responsible", |truth| &truth.responsible, |said| &said.responsible),
];

/// The score of the open set as a page in Markdown, with the log of the sealed one below it.
pub fn page(score: &Score, sealed: &Log) -> String {
    let all = &score.judged;
    let (counted, told_apart) = counted(score);
    let scenarios: BTreeSet<&str> = all.iter().map(|judged| judged.name.as_str()).collect();
    let causes = causes(&counted);
    let mut out = String::from("# How often hangup is right\n\n");
    let _ = writeln!(
        out,
        "Written by `cargo dev score` from the captures of the [lab](../lab/README.md), in which the truth is known: {} scenarios, {} causes,\n\
         {} endings, each as one end's capture shows it. {} more are not counted: that end cannot know, or no capture can tell.\n",
        scenarios.len(),
        causes.len(),
        counted.len(),
        told_apart.len()
    );
    figures(&mut out, &counted, &causes);
    confidence(&mut out, &counted);
    incidents(&mut out, score);
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
    alike(&mut out, &told_apart);
    let apart: Vec<String> = told_apart
        .iter()
        .filter(|judged| !judged.truth.shows_at(judged.end))
        .map(|judged| {
            let said = judged.said.as_ref().map_or("no connection in it".to_owned(), |said| {
                format!("{} {} by {}", said.verdict, said.cause, said.ended_by)
            });
            format!("{}: the truth is {}; hangup says {said}", place(judged), judged.truth.cause)
        })
        .collect();
    list(&mut out, "Not counted: the capture of this end cannot show it", &apart);
    list(&mut out, "Causes of the catalogue that the lab does not make", &unmade(all));
    out.push_str(&sealed.section());
    out
}

/// What counts, and what is told apart: the capture of that end cannot show the truth, or no capture can tell it from another cause.
pub(super) fn counted(score: &Score) -> (Vec<&Judged>, Vec<&Judged>) {
    score.judged.iter().partition(|judged| judged.truth.alike.is_none() && judged.truth.shows_at(judged.end))
}

/// Endings that no capture can tell from those of another cause: what can be asked of the judge is that it names both.
fn alike(out: &mut String, told_apart: &[&Judged]) {
    let twins: Vec<_> = told_apart.iter().filter(|judged| judged.truth.shows_at(judged.end)).collect();
    let names = |judged: &Judged, cause: &str| {
        judged
            .said
            .as_ref()
            .is_some_and(|said| said.cause == cause || said.alternatives.iter().any(|other| other == cause))
    };
    let both = |judged: &Judged| {
        judged
            .truth
            .alike
            .as_ref()
            .is_some_and(|other| names(judged, other) && names(judged, &judged.truth.cause))
    };
    let named = twins.iter().filter(|judged| both(judged)).count();
    let _ = writeln!(
        out,
        "\n## Not counted: the same packets have another cause, too\n\n\
         hangup names both, one as the cause and one among the alternatives, or both there, in {named} of {} ({}).\n",
        twins.len(),
        percent(share(named, twins.len()))
    );
    for judged in twins {
        let other = judged.truth.alike.as_deref().unwrap_or_default();
        let said = judged.said.as_ref().map_or("no connection".to_owned(), |said| {
            format!("{} {}, or {}", said.verdict, said.cause, said.alternatives.join(", "))
        });
        let _ = writeln!(out, "- {}: {} or {other}; hangup says {said}", place(judged), judged.truth.cause);
    }
}

/// The true causes.
pub(super) fn causes<'a>(counted: &[&'a Judged]) -> BTreeSet<&'a str> {
    counted.iter().map(|judged| judged.truth.cause.as_str()).collect()
}

/// How often the judge is right about a question.
pub(super) fn right(counted: &[&Judged], question: &Question) -> usize {
    counted.iter().filter(|judged| is_right(judged, question)).count()
}

/// The causes without an ending in the lab; tags are none.
fn unmade(all: &[Judged]) -> Vec<String> {
    let made: BTreeSet<&str> = all.iter().map(|judged| judged.truth.cause.as_str()).collect();
    let causes = catalogue::all().iter().filter(|entry| !entry.tag && !made.contains(entry.id));
    causes.map(|entry| format!("`{}`", entry.id)).collect()
}

pub(super) fn figures(out: &mut String, counted: &[&Judged], causes: &BTreeSet<&str>) {
    out.push_str("| question | right | of | micro | macro over causes |\n|---|---|---|---|---|\n");
    for question in QUESTIONS {
        let right = right(counted, question);
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

/// What the confidence is worth: hits by confidence, Brier's score of the top cause, and the expected calibration error; gives the two.
pub(super) fn confidence(out: &mut String, counted: &[&Judged]) -> (f64, f64) {
    let said: Vec<(f64, bool)> = counted
        .iter()
        .filter_map(|judged| {
            let said = judged.said.as_ref()?;
            Some((said.confidence, said.cause == judged.truth.cause))
        })
        .collect();
    let brier = mean(said.iter().map(|(sure, hit)| (sure - if *hit { 1.0 } else { 0.0 }).powi(2)));
    let mut rows = String::new();
    let mut off = 0.0;
    for (from, to) in [(0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01)] {
        let inside: Vec<_> = said.iter().filter(|(sure, _)| (from..to).contains(sure)).collect();
        if inside.is_empty() {
            continue;
        }
        let right = share(inside.iter().filter(|(_, hit)| *hit).count(), inside.len());
        let sure = mean(inside.iter().map(|(sure, _)| *sure));
        off += (sure - right).abs() * share(inside.len(), said.len());
        let _ = writeln!(
            rows,
            "| {from:.1} to {:.1} | {} | {} | {} |",
            f64::min(to, 1.0),
            inside.len(),
            percent(sure),
            percent(right)
        );
    }
    let _ = write!(
        out,
        "\nBrier score of the top cause: {brier:.3} (0 is perfect; always saying 50 % gives 0.25). Expected calibration error: {off:.3} (how far\n\
         confidence and hits are apart, on average over the endings).\n\n\
         | confidence | endings | mean confidence | right |\n|---|---|---|---|\n{rows}"
    );
    (brier, off)
}

/// How many answers name the right connection first.
pub(super) fn hits(asked: &[Asked]) -> usize {
    asked.iter().filter(|asked| asked.is_right()).count()
}

/// What users saw: whether the first suspect is the connection that it is about.
fn incidents(out: &mut String, score: &Score) {
    let asked = &score.asked;
    let wrong: Vec<&Asked> = asked.iter().filter(|asked| !asked.is_right()).collect();
    let right = hits(asked);
    let _ = writeln!(
        out,
        "\nIncidents: told the second and the words that a user saw, hangup names the right connection first in {right} of {} ({}).\n",
        asked.len(),
        percent(share(right, asked.len()))
    );
    if !score.out_of_sight.is_empty() {
        let (right, all) = (hits(&score.out_of_sight), score.out_of_sight.len());
        let _ = writeln!(
            out,
            "At the other end, whose capture has the connection and not what happened to it, it names it first in {right} of {all} all the same; they are not counted.\n"
        );
    }
    for asked in wrong {
        let named = if asked.named.is_some() { "another connection" } else { "none" };
        let _ =
            writeln!(out, "- `{}` at the {}, \"{}\": {named} is named", asked.name, asked.end, asked.text);
    }
}

pub(super) fn by_cause(out: &mut String, counted: &[&Judged], causes: &BTreeSet<&str>) {
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

/// Whether an ending of this verdict was called the other.
pub(super) fn called(judged: &Judged, truth: &str, said: &str) -> bool {
    judged.truth.verdict == truth && judged.said.as_ref().is_some_and(|answer| answer.verdict == said)
}

fn alarms(counted: &[&Judged], truth: &str, said: &str) -> Vec<String> {
    counted.iter().filter(|judged| called(judged, truth, said)).map(|judged| line(judged)).collect()
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

fn is_right(judged: &Judged, (name, truth, answer): &Question) -> bool {
    judged.said.as_ref().is_some_and(|said| match *name {
        "first goodbye" => judged.truth.begins_with(&said.first),
        _ => truth(&judged.truth) == answer(said),
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts of endings are small")]
pub(super) fn share(part: usize, whole: usize) -> f64 {
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

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::score) fn judged(cause: &str, verdict: &str, said: Option<(&str, &str, f64)>) -> Judged {
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
            alternatives: vec!["c".into()],
        });
        Judged { name: cause.into(), connection: 0, end: "client", truth, said }
    }

    pub(in crate::score) fn of(judged: &[Judged]) -> Score {
        Score { judged: judged.to_vec(), ..Score::default() }
    }

    /// The page without the sealed set.
    fn page(score: &Score) -> String {
        super::page(score, &Log::default())
    }

    #[test]
    fn the_macro_average_gives_every_cause_the_same_weight() {
        let all = [
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("b", "abnormal", Some(("a", "normal", 1.0))),
        ];
        let page = page(&of(&all));
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
        let page = page(&of(&all));
        let (_, alarms) = page.split_once("## False alarms").unwrap();
        let (alarms, misses) = alarms.split_once("## Misses").unwrap();
        assert!(alarms.contains("`a` connection 0"));
        assert!(misses.contains("None."));
    }

    #[test]
    fn what_an_end_cannot_know_is_not_counted() {
        let mut blind = judged("a", "normal", None);
        blind.end = "server";
        let page = page(&of(&[judged("a", "normal", Some(("a", "normal", 0.9))), blind]));
        assert!(page.contains("| cause | 1 | 1 | 100.0 % | 100.0 % |"), "{page}");
        assert!(page.contains("at the server: the truth is a; hangup says no connection in it"));
    }

    #[test]
    fn what_no_capture_tells_apart_is_to_be_named_twice() {
        let twin = |cause: &str, other: &str| {
            let mut judged = judged(cause, "abnormal", Some(("a", "normal", 0.6)));
            judged.truth.alike = Some(other.into());
            judged
        };
        let page = page(&of(&[twin("c", "a"), twin("a", "c"), twin("b", "a")]));
        assert!(page.contains("in 2 of 3 (66.7 %)"), "{page}");
        assert!(page.contains("| cause | 0 | 0 | 0.0 % | 0.0 % |"), "{page}");
        assert!(
            page.contains("- `b` connection 0 at the client: b or a; hangup says normal a, or c"),
            "{page}"
        );
    }

    #[test]
    fn a_connection_that_is_not_found_is_wrong() {
        assert!(page(&of(&[judged("a", "normal", None)])).contains("| cause | 0 | 1 | 0.0 % | 0.0 % |"));
    }

    #[test]
    fn an_answer_that_names_another_is_told() {
        let asked = |named| Asked {
            name: "a".into(),
            end: "client",
            text: "reset by peer".into(),
            guilty: vec![40_000],
            named,
        };
        let asked = vec![asked(Some(40_000)), asked(Some(40_001)), asked(None)];
        let page = page(&Score { out_of_sight: asked[..2].to_vec(), asked, ..Score::default() });
        assert!(page.contains("it names it first in 1 of 2 all the same"), "{page}");
        assert!(page.contains("first in 1 of 3 (33.3 %)"), "{page}");
        assert!(
            page.contains("- `a` at the client, \"reset by peer\": another connection is named"),
            "{page}"
        );
        assert!(page.contains("\"reset by peer\": none is named"), "{page}");
    }
}
