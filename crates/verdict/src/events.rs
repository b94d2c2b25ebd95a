//! The events of a whole input, found from all its endings before any of them is judged.
//!
//! Each ending has its own view of those beside it, and views differ at the edges: one sees a crowd, while its neighbour
//! sees another crowd or none. Only what at least two see alike is an event.

use crate::beside::Beside;
use crate::{Baselines, Event, Happening};
use foldhash::fast::RandomState;
use hangup_wire::Timestamp;
use std::collections::HashSet;

/// Fewest endings of an event.
const FEWEST: usize = 2;
/// Events kept; endings of further ones are told singly.
const EVENTS: usize = 1000;

/// The events of an input.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// By whose they are, then by time.
    spans: Vec<Span>,
}

/// Whose event it is: what happened, the address and port that it concerns.
type Owner = (Happening, Option<[u8; 16]>, Option<u16>);

/// One event, from its first ending to its last one.
#[derive(Clone, Copy, Debug)]
struct Span {
    owner: Owner,
    first: Timestamp,
    last: Timestamp,
    /// The least connection in it.
    least: u64,
    number: u32,
}

impl Events {
    /// The events among the endings that `baselines` has counted.
    pub fn of(baselines: &Baselines) -> Self {
        let instants = baselines.instants();
        // An ending is kept among its server's, its client's, and all: it is looked at once.
        let mut seen: HashSet<u64, RandomState> = HashSet::default();
        let marked = instants.marks().filter(|mark| seen.insert(mark.connection)).filter_map(|mark| {
            let siblings = baselines.around(mark.client, mark.server);
            Some((Beside::marked(mark, &siblings).together?, mark.connection))
        });
        let silent = instants.hushes().iter().filter_map(|hush| {
            let siblings = baselines.around(hush.client, hush.server);
            Some((Beside::silent(hush, &siblings)?, hush.connection))
        });
        let mut views: Vec<(Owner, Timestamp, u64)> = marked
            .chain(silent)
            .filter_map(|(together, id)| together.event().map(|event| (owner(&event), event.at, id)))
            .collect();
        views.sort_unstable();
        views.dedup();
        let mut spans: Vec<Span> = views
            .chunk_by(|(owner, at, _), (next_owner, next, _)| {
                owner == next_owner && next.seconds_since(*at) <= owner.0.spread()
            })
            .filter(|endings| endings.len() >= FEWEST)
            .filter_map(|endings| {
                let (&(owner, first, _), &(_, last, _)) = (endings.first()?, endings.last()?);
                let least = endings.iter().map(|(_, _, id)| *id).min()?;
                Some(Span { owner, first, last, least, number: 0 })
            })
            .collect();
        spans.sort_unstable_by_key(|span| span.least);
        spans.truncate(EVENTS);
        for (number, span) in (0..).zip(&mut spans) {
            span.number = number;
        }
        spans.sort_unstable_by_key(|span| (span.owner, span.first));
        Self { spans }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.spans.len()
    }

    /// The number of the event that an ending with the view `event` belongs to, counted from 0 in the order of their least
    /// connections; none where nobody else sees it so.
    pub fn number(&self, event: &Event) -> Option<u32> {
        let owner = owner(event);
        let begun = self.spans.partition_point(|span| (span.owner, span.first) <= (owner, event.at));
        let before = begun.checked_sub(1).and_then(|index| self.spans.get(index));
        let near = |span: &&Span| {
            let away = event.at.seconds_since(span.last).max(span.first.seconds_since(event.at));
            span.owner == owner && away <= owner.0.spread()
        };
        // Those of a crowd that are only counted may lie outside of those that are kept.
        [before, self.spans.get(begun)].into_iter().flatten().find(near).map(|span| span.number)
    }
}

fn owner(event: &Event) -> Owner {
    (event.happening, event.address, event.port)
}
