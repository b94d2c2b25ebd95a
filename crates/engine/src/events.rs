//! Endings that are one event, put together as they are judged, so that it is told once.

use crate::model::{Event, Refused};
use crate::present::Presenter;
use hangup_verdict::{self as verdict, Baselines, Happening, Outcome, Ruling};
use hangup_wire::{Addr, Timestamp};
use std::collections::BTreeMap;

/// Connections of an event that are named.
const NAMED: usize = 1000;

/// The events, and what of them has been judged so far.
#[derive(Debug)]
pub(crate) struct Events {
    events: verdict::Events,
    /// By number; none until its first ending is judged.
    found: Vec<Option<Found>>,
}

/// One event with the endings that belong to it.
#[derive(Debug)]
struct Found {
    happening: Happening,
    address: Option<[u8; 16]>,
    port: Option<u16>,
    first: Timestamp,
    last: Timestamp,
    count: u64,
    abnormal: u64,
    outstanding: u64,
    ids: Vec<u64>,
    causes: BTreeMap<&'static str, u64>,
    refused: Option<(Timestamp, Timestamp, u32)>,
}

impl Events {
    /// Those of the input whose endings `baselines` has counted.
    pub(crate) fn of(baselines: &Baselines) -> Self {
        let events = verdict::Events::of(baselines);
        let found = (0..events.count()).map(|_| None).collect();
        Self { events, found }
    }

    /// Counts the ending of connection `id`; gives the number of its event where it belongs to one.
    pub(crate) fn count(&mut self, id: u64, ruling: &Ruling) -> Option<u32> {
        let event = ruling.event?;
        let number = self.events.number(&event)?;
        let found = self.found.get_mut(number as usize)?.get_or_insert_with(|| Found {
            happening: event.happening,
            address: event.address,
            port: event.port,
            first: event.at,
            last: event.at,
            count: 0,
            abnormal: 0,
            outstanding: 0,
            ids: Vec::new(),
            causes: BTreeMap::new(),
            refused: None,
        });
        found.first = found.first.min(event.at);
        found.last = found.last.max(event.at);
        found.count += 1;
        found.abnormal += u64::from(ruling.outcome == Outcome::Abnormal);
        found.outstanding += u64::from(ruling.outstanding == Some(true));
        if found.ids.len() < NAMED {
            found.ids.push(id);
        }
        if let Some(cause) = ruling.cause {
            *found.causes.entry(cause).or_default() += 1;
        }
        found.refused = found.refused.or(event.refused);
        Some(number)
    }

    /// The events in the report's words.
    pub(crate) fn conclude(self, presenter: &Presenter) -> Vec<Event> {
        self.found
            .into_iter()
            .flatten()
            .map(|found| Event {
                what: found.happening.name().into(),
                first_time: presenter.time(found.first, 0),
                last_time: presenter.time(found.last, 0),
                address: found.address.map(|address| Addr(address).to_ip().to_string()),
                port: found.port,
                count: found.count,
                abnormal: found.abnormal,
                outstanding: found.outstanding,
                connections: found.ids,
                by_cause: found.causes.into_iter().map(|(cause, count)| (cause.into(), count)).collect(),
                refused: found.refused.map(|(first, last, count)| Refused {
                    first_time: presenter.time(first, 0),
                    last_time: presenter.time(last, 0),
                    count,
                }),
                means: found.happening.means().into(),
            })
            .collect()
    }
}
