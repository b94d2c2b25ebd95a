//! The judge held against the lab: how often it is right, and how much its confidence is worth.
//!
//! Every labelled connection is judged twice, once from the capture of each end. An end whose capture cannot show the truth
//! (the scenario says so) is told apart and not counted. Figures are shares of what was judged; the macro average gives every
//! cause the same weight. What users saw in the lab is asked, too: does the answer name the connection?
//! The sealed set is scored apart, and its [`Log`] is all that is told of it. [`FirstSight`] keeps what was said of scenarios when they were new.

mod first_sight;
mod log;
mod page;
mod reached;

use crate::lab::{Incident, Label, Truth, names};
use hangup_engine::model::{Connection, Report};
use hangup_engine::{Options, Reported, When};
use std::fs;
use std::path::Path;

pub use first_sight::FirstSight;
pub use log::Log;
pub use page::page;
pub use reached::Reached;

/// Everything that the judge was asked.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Every ending at every end.
    pub judged: Vec<Judged>,
    /// Every incident at every end whose capture can show the ending that it is about.
    pub asked: Vec<Asked>,
    /// Those at the other ends: the capture has the connection, and not what happened to it.
    pub out_of_sight: Vec<Asked>,
}

/// An incident, and whom the answer names.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The scenario.
    pub name: String,
    /// client or server: where the capture was made.
    pub end: &'static str,
    /// What the user saw.
    pub text: String,
    /// Port of the client of the connection that it is about; and of others that failed in the same way in the same moment, so that
    /// nobody can tell which of them somebody saw.
    pub guilty: Vec<u16>,
    /// Port of the client of the first suspect; none where the answer names nobody.
    pub named: Option<u16>,
}

impl Asked {
    /// The answer names one that it is about.
    pub fn is_right(&self) -> bool {
        self.named.is_some_and(|named| self.guilty.contains(&named))
    }
}

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
    /// What else it may be.
    pub alternatives: Vec<String>,
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
            alternatives: ending.alternatives.iter().map(|other| other.cause.clone()).collect(),
        }
    }
}

/// Judges every committed capture of a set of the lab. `set` is its folder.
///
/// # Errors
/// In words: a label that is none, a capture that is missing or cannot be read.
pub fn score(set: &Path) -> Result<Score, String> {
    let mut score = Score::default();
    let all = names(&set.join("scenarios")).map_err(|error| format!("{}: {error}", set.display()))?;
    for name in all {
        let path = set.join("labels").join(format!("{name}.json"));
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let label = Label::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for end in ["client", "server"] {
            let path = set.join("captures").join(format!("{name}.{end}.pcapng"));
            let failed = |error: String| format!("{}: {error}", path.display());
            let bytes = fs::read(&path).map_err(|error| failed(error.to_string()))?;
            let read = |options: &Options| {
                hangup_engine::analyse_bytes(&name, bytes.clone(), options)
                    .map_err(|error| failed(error.to_string()))
            };
            let report = read(&Options::default())?;
            for (number, labelled) in label.connections.iter().enumerate() {
                let found = of_port(&report, labelled.port);
                score.judged.push(Judged {
                    name: name.clone(),
                    connection: number,
                    end,
                    truth: labelled.truth.clone(),
                    said: found.map(Said::of),
                });
            }
            for incident in &label.incidents {
                let Some(about) = label.connections.get(incident.connection) else { continue };
                // Where no packet shows what was wrong, the words may still tell.
                if of_port(&report, about.port).is_some() {
                    let report = read(&question(incident)?)?;
                    let twins = incident.or.iter().filter_map(|&number| label.connections.get(number));
                    let guilty = [about].into_iter().chain(twins).map(|connection| connection.port).collect();
                    let text = incident.text.clone();
                    let asked = Asked { name: name.clone(), end, text, guilty, named: named(&report) };
                    if about.truth.shows_at(end) { &mut score.asked } else { &mut score.out_of_sight }
                        .push(asked);
                }
            }
        }
    }
    Ok(score)
}

/// The connection of a client's port. Where the port was used twice, the label is about the later one.
fn of_port(report: &Report, port: u16) -> Option<&Connection> {
    report.connections.iter().rfind(|found| found.client.port == port)
}

/// What a user would type: `--at` with seconds, and `--error`. The lab writes the nearest second, so that the text was seen up to half a second
/// before or after it.
fn question(incident: &Incident) -> Result<Options, String> {
    let failed = |error: jiff::Error| format!("`{}`: {error}", incident.at);
    let at: jiff::Timestamp = incident.at.parse().map_err(failed)?;
    let at = at.checked_sub(jiff::SignedDuration::from_millis(500)).map_err(failed)?;
    let reported = Reported { text: incident.at.clone(), when: When::Instant(at), precision: 1 };
    Ok(Options { reported: Some(reported), error: Some(incident.text.clone()), ..Options::default() })
}

/// The client's port of the first suspect.
fn named(report: &Report) -> Option<u16> {
    let first = report.incident.as_ref()?.suspects.first()?;
    report.connections.iter().find(|found| found.id == first.connection).map(|found| found.client.port)
}
