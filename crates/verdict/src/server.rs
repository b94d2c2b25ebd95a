//! When a server was seen alive, and when it was not: a bounded record to the second.

use crate::{Facts, Handshake, TlsHandshake, UnansweredKind};
use hangup_wire::{Side, Timestamp};

/// Words of 64 seconds each.
const WORDS: usize = 32;
/// Bits in a timeline: as many as its words hold.
const BITS: i64 = 64 * 32;
/// Connections on which the server fell silent that are remembered.
const SILENT: usize = 16;
/// Times of refusing that are remembered.
const REFUSALS: usize = 16;
/// Seconds within which two refusals belong to the same time of refusing.
const REFUSING: f64 = 60.0;
/// Connections on which the server no longer knew its client that are remembered.
const LOST: usize = 16;

/// Connections to one server address and port (or to one address), summed up within bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Server {
    /// How many.
    pub count: u64,
    answered: Timeline,
    connected: Timeline,
    silent: Vec<Quiet>,
    silences: u32,
    refusals: Vec<Refusals>,
    lost: Vec<(u64, Timestamp)>,
    /// It spoke TLS on a connection, and it spoke without on one.
    spoken: [bool; 2],
    /// The protocols in which it answered: the first two of them.
    protocols: Vec<Box<str>>,
}

/// A time in which new connections were refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Refusals {
    /// The first refusal, and its connection.
    pub(crate) first: Timestamp,
    pub(crate) connection: u64,
    /// The last one.
    pub(crate) last: Timestamp,
    /// How many.
    pub(crate) count: u32,
}

/// A connection on which the server fell silent.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Quiet {
    connection: u64,
    from: Timestamp,
    to: Timestamp,
}

/// Seconds in which something was seen, in a fixed number of bits: where the time that they cover grows too
/// long, each bit comes to stand for twice as many seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Timeline {
    bits: [u64; WORDS],
    /// Number of the first bit, counted in widths from the epoch.
    first: i64,
    /// Seconds of one bit, as power of two.
    width: u32,
    used: bool,
}

impl Server {
    /// Counts one more connection.
    pub fn add(&mut self, facts: &Facts) {
        self.count = self.count.saturating_add(1);
        let server = &facts.sides[Side::Server];
        let first_spoken = facts.talk.first[Side::Server].map(|spoken| spoken.at);
        for moment in [server.first, first_spoken, server.last_data, server.last].into_iter().flatten() {
            self.answered.mark(moment.time);
        }
        if facts.handshake == Handshake::Complete
            && let Some(first) = server.first
        {
            self.connected.mark(first.time);
        }
        let tls = facts.tls.as_ref().is_some_and(|tls| tls.handshake == TlsHandshake::Complete);
        let plain = facts.tls.is_none() && facts.talk.answers > 0;
        let [spoke_tls, spoke_plain] = &mut self.spoken;
        *spoke_tls |= tls;
        *spoke_plain |= plain;
        if facts.talk.answers > 0
            && let Some(protocol) = facts.protocol.as_deref()
            && self.protocols.len() < 2
            && !self.protocols.iter().any(|known| **known == *protocol)
        {
            self.protocols.push(protocol.into());
        }
        if facts.handshake == Handshake::Refused {
            self.refuse(facts.id, server.first.unwrap_or(facts.last).time);
        }
        if let Some(unanswered) = facts.sides[Side::Client].unanswered
            && (unanswered.tries >= 3 || facts.last.after(unanswered.since) > 3.0)
            && !matches!(unanswered.kind, UnansweredKind::Fin)
        {
            self.silences = self.silences.saturating_add(1);
            if self.silent.len() < SILENT {
                let to = unanswered.last.time;
                self.silent.push(Quiet { connection: facts.id, from: unanswered.since.time, to });
            }
        }
    }

    /// It spoke TLS wherever it spoke (true), or nowhere (false); none where it spoke nowhere, or now this and now that.
    pub(crate) fn speaks_tls(&self) -> Option<bool> {
        let [tls, plain] = self.spoken;
        (tls != plain).then_some(tls)
    }

    /// The one protocol in which it answered wherever it did, as far as it is known.
    pub(crate) fn speaks(&self) -> Option<&str> {
        match &self.protocols[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// A connection whose client it no longer knew.
    pub(crate) fn forgot(&mut self, connection: u64, at: Timestamp) {
        if self.lost.len() < LOST {
            self.lost.push((connection, at));
        }
    }

    fn refuse(&mut self, connection: u64, at: Timestamp) {
        let near = |refusals: &&mut Refusals| {
            at.seconds_since(refusals.last) <= REFUSING && refusals.first.seconds_since(at) <= REFUSING
        };
        if let Some(refusals) = self.refusals.iter_mut().find(near) {
            if at < refusals.first {
                (refusals.first, refusals.connection) = (at, connection);
            }
            refusals.last = refusals.last.max(at);
            refusals.count = refusals.count.saturating_add(1);
        } else if self.refusals.len() < REFUSALS {
            self.refusals.push(Refusals { first: at, connection, last: at, count: 1 });
        }
    }

    /// The time of refusing that began within `seconds` after `moment`, and not before it.
    pub(crate) fn refused_after(&self, moment: Timestamp, seconds: f64) -> Option<Refusals> {
        let late = |refusals: &&Refusals| {
            refusals.first >= moment && refusals.first.seconds_since(moment) <= seconds
        };
        self.refusals.iter().filter(late).min_by_key(|refusals| refusals.first).copied()
    }

    /// On how many other connections than `connection` the server no longer knew its client.
    pub(crate) fn others_lost(&self, connection: u64) -> usize {
        self.lost.iter().filter(|(other, _)| *other != connection).count()
    }

    /// Whether the server was seen to answer anybody after `from` and until `to`, to the second. None where
    /// the record is too coarse to say.
    pub(crate) fn answered_between(&self, from: Timestamp, to: Timestamp) -> Option<bool> {
        self.answered.any_between(from, to)
    }

    /// Whether a new connection succeeded after `from` and until `to`.
    pub(crate) fn connected_between(&self, from: Timestamp, to: Timestamp) -> Option<bool> {
        self.connected.any_between(from, to)
    }

    /// How many other connections than `connection` saw the server silent at some time within `from..=to`.
    pub(crate) fn others_silent(&self, connection: u64, from: Timestamp, to: Timestamp) -> usize {
        self.silent
            .iter()
            .filter(|quiet| quiet.connection != connection && quiet.from <= to && quiet.to >= from)
            .count()
    }
}

impl Timeline {
    pub(crate) fn mark(&mut self, at: Timestamp) {
        let second = at.0.div_euclid(1_000_000_000);
        if !self.used {
            self.used = true;
            // Connections come in the order of their ends: what comes later may have begun before.
            self.first = second - BITS / 4;
        }
        loop {
            let bin = second >> self.width;
            if bin >= self.first && bin < self.first + BITS {
                self.set(bin - self.first);
                return;
            }
            let last = self.last_used().map_or(self.first, |bit| self.first + bit);
            if bin < self.first && last - bin < BITS {
                self.shift(self.first - bin);
                self.first = bin;
            } else {
                self.fold();
            }
        }
    }

    /// Any bit that lies behind the one of `from` and not behind the one of `to`.
    pub(crate) fn any_between(&self, from: Timestamp, to: Timestamp) -> Option<bool> {
        let begin = (from.0.div_euclid(1_000_000_000) >> self.width) + 1;
        let end = to.0.div_euclid(1_000_000_000) >> self.width;
        if begin > end {
            return None;
        }
        if !self.used {
            return Some(false);
        }
        let begin = begin.max(self.first);
        let end = end.min(self.first + BITS - 1);
        Some((begin..=end).any(|bin| self.get(bin - self.first)))
    }

    fn get(&self, bit: i64) -> bool {
        place(bit).and_then(|(word, mask)| self.bits.get(word).map(|bits| bits & mask != 0)).unwrap_or(false)
    }

    fn set(&mut self, bit: i64) {
        if let Some((word, mask)) = place(bit)
            && let Some(bits) = self.bits.get_mut(word)
        {
            *bits |= mask;
        }
    }

    fn last_used(&self) -> Option<i64> {
        let (word, bits) = self.bits.iter().enumerate().rfind(|(_, bits)| **bits != 0)?;
        Some(i64::try_from(word).ok()? * 64 + i64::from(bits.ilog2()))
    }

    /// Makes room for `by` bits in front.
    fn shift(&mut self, by: i64) {
        let old = core::mem::take(&mut self.bits);
        let old = Self { bits: old, ..Self::default() };
        for bit in (0..BITS).filter(|&bit| old.get(bit)) {
            self.set(bit + by);
        }
    }

    /// Lets each bit stand for twice as many seconds.
    fn fold(&mut self) {
        let old = core::mem::take(&mut self.bits);
        let old = Self { bits: old, ..Self::default() };
        let first = self.first >> 1;
        for bit in (0..BITS).filter(|&bit| old.get(bit)) {
            self.set(((self.first + bit) >> 1) - first);
        }
        self.first = first;
        self.width += 1;
    }
}

fn place(bit: i64) -> Option<(usize, u64)> {
    let bit = usize::try_from(bit).ok()?;
    (bit < 64 * WORDS).then_some((bit / 64, 1 << (bit % 64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::new(second, 0)
    }

    #[test]
    fn refusals_are_told_by_their_time() {
        let mut server = Server::default();
        for at in [100, 130, 190, 251, 90] {
            server.refuse(at, second(at.try_into().unwrap_or(0)));
        }
        let after = |at, within| {
            server.refused_after(second(at), within).map(|found| (found.connection, found.count))
        };
        // Sixty seconds apart is one time of refusing; one more second is another.
        assert_eq!(after(90, 1.0), Some((90, 4)));
        assert_eq!(after(91, 100.0), None);
        assert_eq!(after(80, 10.0), Some((90, 4)));
        assert_eq!(after(79, 10.0), None);
        assert_eq!(after(251, 0.0), Some((251, 1)));
        for more in 0..40 {
            server.refuse(more, second(10_000 + 100 * i64::try_from(more).unwrap_or(0)));
            server.forgot(more, second(0));
        }
        assert_eq!((server.refusals.len(), server.lost.len()), (REFUSALS, LOST));
        assert_eq!((server.others_lost(0), server.others_lost(99)), (LOST - 1, LOST));
    }

    #[test]
    fn remembers_seconds() {
        let mut timeline = Timeline::default();
        timeline.mark(second(1_000_000));
        timeline.mark(second(1_000_100));
        timeline.mark(second(999_990));
        assert_eq!(timeline.any_between(second(1_000_000), second(1_000_099)), Some(false));
        assert_eq!(timeline.any_between(second(1_000_000), second(1_000_100)), Some(true));
        assert_eq!(timeline.any_between(second(999_980), second(999_990)), Some(true));
        assert_eq!(timeline.any_between(second(999_980), second(999_980)), None);
    }

    #[test]
    fn a_long_time_only_makes_it_coarser() {
        let mut timeline = Timeline::default();
        for hour in 0..2000 {
            timeline.mark(second(hour * 3600));
        }
        assert_eq!(timeline.any_between(second(1000 * 3600), second(1010 * 3600)), Some(true));
        assert_eq!(timeline.any_between(second(3_000 * 3600), second(3_020 * 3600)), Some(false));
        timeline.mark(Timestamp(i64::MIN));
        timeline.mark(Timestamp(i64::MAX));
        assert_eq!(timeline.any_between(Timestamp(i64::MIN), Timestamp(i64::MAX)), Some(true));
        assert_eq!(timeline.any_between(second(0), second(10)), None);
    }
}
