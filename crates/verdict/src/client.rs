//! When a client host was heard, and when it heard anybody: a bounded record to the second.

use crate::Facts;
use crate::server::Timeline;
use hangup_wire::{Side, Timestamp};

/// Connections that are remembered because the client was heard on them at steady times.
const STEADY: usize = 3;
/// Seconds after which what was said has been taken, where it was not said again.
const AT_MOST_LATE: f64 = 1.0;

/// All connections of one client host, summed up within bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Client {
    /// How many.
    pub count: u64,
    spoke: Timeline,
    heard: Timeline,
    steady: [Steady; STEADY],
}

/// From when until when the client took part in a connection, without ever being away for longer than so many seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Steady {
    begin: Timestamp,
    end: Timestamp,
    away: f64,
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
        let shortest = self.steady.iter_mut().min_by(|a, b| a.length().total_cmp(&b.length()));
        if let Some((steady, shortest)) = Steady::of(facts).zip(shortest)
            && shortest.length() < steady.length()
        {
            *shortest = steady;
        }
    }

    /// Whether the client sent anything on any connection after `from` and until `to`, to the second. None where
    /// the record is too coarse to say.
    pub(crate) fn spoke_between(&self, from: Timestamp, to: Timestamp) -> Option<bool> {
        if self.steady.iter().any(|steady| steady.covers(from, to)) {
            return Some(true);
        }
        self.spoke.any_between(from, to)
    }

    /// Whether anybody sent anything to the client.
    pub(crate) fn heard_between(&self, from: Timestamp, to: Timestamp) -> Option<bool> {
        self.heard.any_between(from, to)
    }
}

impl Steady {
    /// What the server says in one turn, never after a longer lull, and need not say again, the client takes at about that time.
    fn of(facts: &Facts) -> Option<Self> {
        let talk = &facts.talk;
        let (first, last) = (talk.run[Side::Server]?, talk.last[Side::Server]?);
        let taken = facts.sides[Side::Server].retransmitted == 0 && facts.all_confirmed(Side::Server);
        let away = f64::from(talk.lull[Side::Server]?.milliseconds) / 1000.0;
        let steady = Self { begin: first.at.time, end: last.at.time, away };
        (taken && steady.length() > away).then_some(steady)
    }

    fn length(&self) -> f64 {
        self.end.seconds_since(self.begin)
    }

    /// Within `from..=to` the client was heard.
    fn covers(&self, from: Timestamp, to: Timestamp) -> bool {
        self.end.min(to).seconds_since(self.begin.max(from)) > self.away + AT_MOST_LATE
    }
}
