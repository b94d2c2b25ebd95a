//! Endings that are one event, put together as they are judged, so that it is told once.

use crate::model::{Event, Refused};
use crate::present::Presenter;
use hangup_verdict::{Happening, Outcome, Ruling};
use hangup_wire::{Addr, Timestamp};
use std::collections::BTreeMap;

/// Events that are told; endings of further ones are told singly.
const EVENTS: usize = 1000;
/// Connections of an event that are named.
const NAMED: usize = 1000;

/// The events so far.
#[derive(Debug, Default)]
pub(crate) struct Events {
    found: Vec<Found>,
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
    /// Counts the ending of connection `id`; gives the number of its event where it belongs to one.
    pub(crate) fn count(&mut self, id: u64, ruling: &Ruling) -> Option<u32> {
        let event = ruling.event?;
        let known = self.found.iter().position(|found| {
            found.happening == event.happening
                && found.address == event.address
                && found.port == event.port
                && event.at.seconds_since(found.last) <= event.happening.spread()
                && found.first.seconds_since(event.at) <= event.happening.spread()
        });
        let index = match known {
            Some(index) => index,
            None if self.found.len() >= EVENTS => return None,
            None => {
                self.found.push(Found {
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
                self.found.len() - 1
            }
        };
        let found = self.found.get_mut(index)?;
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
        u32::try_from(index).ok()
    }

    /// The events in the report's words.
    pub(crate) fn conclude(self, presenter: &Presenter) -> Vec<Event> {
        self.found
            .into_iter()
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
