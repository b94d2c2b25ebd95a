//! When a client host was heard, and when it heard anybody: a bounded record to the second.

use crate::Facts;
use crate::server::Timeline;
use hangup_wire::{Side, Timestamp};

/// All connections of one client host, summed up within bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Client {
    /// How many.
    pub count: u64,
    spoke: Timeline,
    heard: Timeline,
}

impl Client {
    /// Counts one more connection.
    pub fn add(&mut self, facts: &Facts) {
        self.count = self.count.saturating_add(1);
        for (side, timeline) in [(Side::Client, &mut self.spoke), (Side::Server, &mut self.heard)] {
            let half = &facts.sides[side];
            let first_spoken = facts.talk.first[side].map(|spoken| spoken.at);
            for moment in [half.first, first_spoken, half.last_data, half.last].into_iter().flatten() {
                timeline.mark(moment.time);
            }
        }
    }

    /// Whether the client sent anything on any connection after `from` and until `to`, to the second. None where
    /// the record is too coarse to say.
    pub(crate) fn spoke_between(&self, from: Timestamp, to: Timestamp) -> Option<bool> {
        self.spoke.any_between(from, to)
    }

    /// Whether anybody sent anything to the client.
    pub(crate) fn heard_between(&self, from: Timestamp, to: Timestamp) -> Option<bool> {
        self.heard.any_between(from, to)
    }
}
