//! A capture in, a report out.

use crate::collector::{Collected, Collector, Gone};
use crate::content::Content;
use crate::events::Events;
use crate::judging::{Judge, Judged};
use crate::model::{self, Report, Summary};
use crate::options::Options;
use crate::present::Presenter;
use crate::recent::Recent;
use crate::store::StoreError;
use crate::way::{Read, Watch, Way};
use crate::{Conclusion, Glance, Sink, incident};
use hangup_capture::{Input, OpenError, Reader};
use hangup_track::{Connection, Seen, Table};
use hangup_verdict::{Facts, Outcome, Ruling};
use hangup_wire::{Moment, Segment};
use std::collections::HashMap;
use std::io;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The report could not be written.
    #[error("{0}")]
    Output(#[from] io::Error),
    /// Ended connections could not be kept.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The capture could not be opened.
    #[error("{0}")]
    Open(#[from] OpenError),
}

/// Reads `input` to its end, judges every ending against its siblings, and gives all of it to `sink`: the
/// connections by number, then the conclusion. `progress` is told now and then how many bytes were read, and of
/// how many where that is known.
///
/// # Errors
/// [`Error::Output`] is what `sink` failed with; [`Error::Store`] is a temporary file that could not be written.
/// Damage in a capture is no error: it is in the conclusion.
pub fn report(
    input: &mut Input,
    options: &Options,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Conclusion, Error> {
    #[cfg(feature = "native")]
    if options.threads > 1 {
        input.read_ahead();
    }
    let mut watcher = Watcher {
        collector: Collector::new(options.limits, options.threads),
        recent: (!input.rewindable()).then(Recent::default),
        goes_on: true,
    };
    let read = Way::new(&options.limits, options.seed).read(input, &mut watcher, progress);
    let Collected { mut store, mut baselines, failed } = watcher.collector.end();
    if let Some(error) = failed {
        return Err(error.into());
    }
    baselines.span(read.begin, read.end);
    let presenter = presenter(input);
    let mut summary = Summary::default();
    let mut events = Events::of(&baselines);
    let mut search = incident::Search::new(options, baselines.world());
    let tells_all = sink.wants_all();
    let judge = Judge { baselines: &baselines, presenter: &presenter, options, tells_all };
    judge.judge_all(&mut store, |ended, Judged { ruling, candidate, told }| {
        let facts = &ended.facts;
        count(&mut summary, facts, &ruling);
        let event = events.count(facts.id, &ruling);
        let suspect = search.consider(facts, &ruling, candidate);
        let wanted = sink.glance(&Glance { event, ..presenter.glance(facts, &ruling) });
        if !wanted && suspect.is_none() {
            return Ok(());
        }
        let mut connection = told.unwrap_or_else(|| judge.tell(facts));
        connection.ending.event = event;
        connection.ladder = ended.ladder.take().map(|mut ladder| {
            ladder.take_roles(&connection.ending);
            ladder
        });
        if wanted {
            sink.connection(&connection).map_err(Error::Output)?;
        }
        if let Some(suspect) = suspect {
            search.keep(suspect, *connection);
        }
        Ok(())
    })?;
    let (incident, suspects) = search.conclude(&presenter);
    let conclusion = Conclusion {
        captures: captures(input, &read, &presenter),
        summary,
        events: events.conclude(&presenter),
        incident,
        suspects,
        evicted: read.evicted,
        marks: read.marks,
    };
    sink.conclude(&conclusion)?;
    Ok(conclusion)
}

/// Reads a capture in memory and gives the whole report: for tests and small inputs.
///
/// # Errors
/// [`Error::Open`] where the bytes are no capture.
pub fn analyse_bytes(name: &str, bytes: Vec<u8>, options: &Options) -> Result<Report, Error> {
    let mut input = Input::from_readers(vec![Reader::from_bytes(name, bytes)?]);
    let mut whole = Whole::default();
    let conclusion = report(&mut input, options, &mut whole, &mut |_, _| ())?;
    Ok(Report {
        schema: model::SCHEMA.into(),
        captures: conclusion.captures,
        summary: conclusion.summary,
        incident: conclusion.incident,
        events: conclusion.events,
        connections: whole.connections,
    })
}

/// Keeps every connection.
#[derive(Default)]
struct Whole {
    connections: Vec<model::Connection>,
}

impl Sink for Whole {
    fn connection(&mut self, connection: &model::Connection) -> io::Result<()> {
        self.connections.push(connection.clone());
        Ok(())
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        Ok(())
    }
}

/// Hands connections on as they end.
struct Watcher {
    collector: Collector,
    /// Kept where there will be no second reading.
    recent: Option<Recent>,
    goes_on: bool,
}

impl Watch for Watcher {
    /// Without room for what was found there is no use in reading on.
    fn goes_on(&self) -> bool {
        self.goes_on
    }

    #[inline]
    fn takes_all(&self) -> bool {
        true
    }

    #[inline]
    fn looks_on(&self) -> bool {
        self.recent.is_some()
    }

    #[inline]
    fn packet(&mut self, segment: &Segment<'_>, at: Moment, seen: Seen, _: &Table<Content>) {
        if let Some(recent) = &mut self.recent {
            recent.note(segment, at, seen);
        }
    }

    fn finished(&mut self, connection: Connection<Content>) {
        let last = self.recent.as_mut().and_then(|recent| recent.take(connection.id));
        self.goes_on &= self.collector.add(Gone { connection, last });
    }
}

fn count(summary: &mut Summary, facts: &Facts, ruling: &Ruling) {
    let missing = facts.sides.client.missing.saturating_add(facts.sides.server.missing);
    summary.connections += 1;
    summary.incomplete += u64::from(missing > 0);
    summary.missing_bytes = summary.missing_bytes.saturating_add(missing);
    match ruling.outcome {
        Outcome::Normal => summary.normal += 1,
        Outcome::Abnormal => summary.abnormal += 1,
        Outcome::Undecided => summary.undecided += 1,
        Outcome::Open => summary.open += 1,
    }
    if let Some(cause) = ruling.cause {
        if let Some(count) = summary.by_cause.get_mut(cause) {
            *count += 1;
        } else {
            summary.by_cause.insert(cause.into(), 1);
        }
    }
}

fn presenter(input: &Input) -> Presenter {
    let mut names = HashMap::new();
    let mut precision = Vec::new();
    for description in input.descriptions() {
        precision.push(description.digits);
        names.extend(description.names.iter().map(|(ip, name)| (*ip, name.clone())));
    }
    Presenter::new(precision, names)
}

fn captures(input: &Input, read: &Read, presenter: &Presenter) -> Vec<model::Capture> {
    (0..)
        .zip(input.descriptions())
        .map(|(index, description)| model::Capture {
            file: description.name.clone(),
            format: description.format.with(description.compression),
            link_types: description
                .link_types
                .iter()
                .map(|link| link.name().map_or_else(|| link.0.to_string(), Into::into))
                .collect(),
            packets: description.packets,
            bytes: description.bytes,
            first_time: description.first.map(|time| presenter.time(time, index)),
            last_time: description.last.map(|time| presenter.time(time, index)),
            snaplen_cut_packets: description.snaplen_cut_packets,
            undecoded_packets: read.undecoded.get(index as usize).copied().unwrap_or(0),
            dropped_by_capture: description.dropped_by_capture,
            problems: description
                .problems
                .iter()
                .map(|problem| model::Problem {
                    frame: problem.frame,
                    offset: problem.offset,
                    what: problem.what.clone(),
                })
                .collect(),
        })
        .collect()
}
