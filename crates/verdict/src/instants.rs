//! Which endings fell into one instant: counted in the first pass over all connections, asked in the second.
//!
//! A process that dies, a host that starts again, a firewall that forgets, ends many connections at once. No
//! single one of them shows it; what shows it is that others ended beside it.

use crate::mark::{Mark, Tail};
use crate::roles::Roles;
use crate::timers::round;
use crate::{Facts, UnansweredKind};
use foldhash::fast::RandomState;
use hangup_wire::{Side, Timestamp};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Nanoseconds of one bin.
const BIN: i64 = 250_000_000;
/// Bins kept: where there are more, those that hold a single ending give way, the oldest first.
const BINS: usize = 32_768;
/// Endings of a bin that are kept one by one; further ones are only counted.
const KEPT: usize = 8;
/// Nanoseconds behind the newest ending after which a bin gets no more endings, mostly: connections linger for
/// two minutes before they are counted.
const SETTLED: i64 = 180_000_000_000;
/// Seconds that a silence must last before others in the same time say anything.
const SILENT: f64 = 3.0;
/// Silences of the whole input that are remembered.
const SILENCES: usize = 64;

/// Whose endings are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Connections to one server address and port.
    Server([u8; 16], u16),
    /// Connections of one client address.
    Client([u8; 16]),
    /// All.
    All,
}

/// Endings of a whole input by their instants, within bounds.
#[derive(Clone, Debug, Default)]
pub struct Instants {
    bins: HashMap<(Scope, i64), Bin, RandomState>,
    newest: i64,
    silences: Vec<Hush>,
}

/// Endings of one scope within one bin of time. Most bins hold one: only a second ending takes more room.
#[derive(Clone, Debug)]
struct Bin {
    count: u32,
    first: Mark,
    more: Vec<Mark>,
}

/// A connection on which one side fell silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hush {
    pub(crate) connection: u64,
    pub(crate) silent: Side,
    pub(crate) client: [u8; 16],
    pub(crate) server: ([u8; 16], u16),
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Seconds without a word of the silent side before.
    pub(crate) quiet: f64,
}

/// Endings that happened together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crowd {
    /// How many, those that were not kept one by one included.
    pub(crate) count: u64,
    /// Those that were kept.
    pub(crate) marks: Vec<Mark>,
}

impl Instants {
    /// Counts one more connection: `mark` is its ending, where it has one that others can share.
    pub(crate) fn add(&mut self, facts: &Facts, mark: Option<&Mark>) {
        if self.silences.len() < SILENCES
            && let Some(hush) = Hush::of(facts)
        {
            self.silences.push(hush);
        }
        let Some(mark) = mark else { return };
        let bin = mark.at.0.div_euclid(BIN);
        self.newest = if self.bins.is_empty() { bin } else { self.newest.max(bin) };
        for scope in [
            Scope::Server(facts.server.address, facts.server.port),
            Scope::Client(facts.client.address),
            Scope::All,
        ] {
            self.note(scope, bin, mark);
        }
        if self.bins.len() > BINS {
            self.sweep();
        }
    }

    fn note(&mut self, scope: Scope, bin: i64, mark: &Mark) {
        match self.bins.entry((scope, bin)) {
            Entry::Occupied(bin) => bin.into_mut().add(mark),
            Entry::Vacant(place) => {
                place.insert(Bin { count: 1, first: *mark, more: Vec::new() });
            }
        }
    }

    /// Makes room: endings that stayed alone go first, then small crowds.
    fn sweep(&mut self) {
        let settled = self.newest - SETTLED / BIN;
        self.bins.retain(|(_, bin), endings| *bin > settled || endings.count > 1);
        let mut fewest = 2;
        while self.bins.len() > BINS / 2 {
            self.bins.retain(|_, endings| endings.count >= fewest);
            fewest = fewest.saturating_mul(2);
        }
    }

    /// The endings of `scope` from `from` to `to`, as far as they are like `like`.
    pub(crate) fn between(
        &self,
        scope: Scope,
        from: Timestamp,
        to: Timestamp,
        like: impl Fn(&Mark) -> bool,
    ) -> Crowd {
        let mut crowd = Crowd::default();
        for bin in from.0.div_euclid(BIN)..=to.0.div_euclid(BIN) {
            let Some(endings) = self.bins.get(&(scope, bin)) else { continue };
            let kept = 1 + endings.more.len() as u64;
            let before = crowd.marks.len();
            crowd.marks.extend(
                endings.kept().filter(|mark| mark.at >= from && mark.at <= to && like(mark)).copied(),
            );
            let fitting = (crowd.marks.len() - before) as u64;
            // Of those that were only counted as many are taken for alike as among those that were kept.
            crowd.count += fitting + u64::from(endings.count).saturating_sub(kept) * fitting / kept;
        }
        crowd
    }

    /// Every ending that was kept, some of them more than once.
    pub(crate) fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.bins.values().flat_map(Bin::kept)
    }

    /// Every silence that is remembered.
    pub(crate) fn hushes(&self) -> &[Hush] {
        &self.silences
    }

    /// Other connections than `connection` on which somebody fell silent at some time within `from..=to`.
    pub(crate) fn silences(
        &self,
        connection: u64,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = &Hush> {
        self.silences
            .iter()
            .filter(move |hush| hush.connection != connection && hush.from <= to && hush.to >= from)
    }
}

impl Bin {
    fn add(&mut self, mark: &Mark) {
        if self.more.len() + 1 < KEPT {
            self.more.push(*mark);
        }
        self.count = self.count.saturating_add(1);
    }

    fn kept(&self) -> impl Iterator<Item = &Mark> {
        core::iter::once(&self.first).chain(&self.more)
    }
}

impl Hush {
    /// The silence of `facts`; none where nobody fell silent, or where that was over within seconds.
    pub(crate) fn of(facts: &Facts) -> Option<Self> {
        // A server that never answered at all did not fall silent.
        let (talker, unanswered) = Side::BOTH
            .into_iter()
            .filter_map(|side| Some((side, facts.sides[side].unanswered?)))
            .find(|(_, unanswered)| {
                let long = unanswered.last.after(unanswered.since) > SILENT;
                unanswered.kind != UnansweredKind::Syn && unanswered.tries >= 2 && long
            })?;
        // As the first pass knows it: what more time would make of it, only the second one could tell.
        let silence = Roles::of(facts, facts.last.time).silence?;
        Some(Self {
            connection: facts.id,
            silent: talker.other(),
            client: facts.client.address,
            server: (facts.server.address, facts.server.port),
            from: unanswered.since.time,
            to: unanswered.last.time,
            quiet: silence.quiet_before(facts).unwrap_or(0.0),
        })
    }
}

impl Crowd {
    /// Without the connection in question.
    pub(crate) fn without(mut self, connection: u64) -> Self {
        let before = self.marks.len();
        self.marks.retain(|mark| mark.connection != connection);
        let gone = (before - self.marks.len()) as u64;
        // It may have been counted without being kept.
        let hidden = u64::from(gone == 0 && self.count > before as u64);
        self.count = self.count.saturating_sub(gone + hidden);
        self
    }

    /// On how many of them something was outstanding, or an answer stopped between two pieces.
    pub(crate) fn owed(&self) -> usize {
        self.marks.iter().filter(|mark| mark.cut()).count()
    }

    /// On one of them, or on `own`, the server said that one of its processes had crashed.
    pub(crate) fn crashed(&self, own: &Mark) -> bool {
        self.marks.iter().chain([own]).any(|mark| mark.crashed)
    }

    /// On all of them, and on `own`, something was outstanding.
    pub(crate) fn all_owed(&self, own: &Mark) -> bool {
        self.marks.iter().chain([own]).all(|mark| mark.owed == Some(true))
    }

    /// One of them, or `own`, ended without the goodbye that was due, or by a reset.
    pub(crate) fn impolite(&self, own: &Mark) -> bool {
        self.marks.iter().chain([own]).any(|mark| matches!(mark.tail, Tail::Bare | Tail::Abort))
    }

    /// Three and more, with `own`, within a few milliseconds, and none of the questions among them had waited for a round number of seconds: a kernel closes the
    /// sockets of a program that is gone in one go.
    pub(crate) fn torn_down(&self, own: &Mark) -> bool {
        const ONE_GO: f64 = 0.005;
        let all = || self.marks.iter().chain([own]);
        self.marks.len() >= 2
            && all().all(|mark| mark.at.seconds_since(own.at).abs() <= ONE_GO)
            && all().all(|mark| !mark.cut() || !round(mark.idle.into()))
    }

    /// The pauses before these endings, and `own`, differ: no common timer ended them.
    pub(crate) fn pauses_differ(&self, own: f32) -> bool {
        let pauses = || self.marks.iter().map(|mark| mark.idle).chain([own]);
        let longest = pauses().fold(0.0, f32::max);
        let shortest = pauses().fold(f32::INFINITY, f32::min);
        longest - shortest > (longest * 0.05).max(0.05)
    }

    /// How many of them have another server than `server`.
    pub(crate) fn other_servers(&self, server: ([u8; 16], u16)) -> usize {
        self.marks.iter().filter(|mark| mark.server != server).count()
    }

    /// How many of them have another client than `client`.
    pub(crate) fn other_clients(&self, client: [u8; 16]) -> usize {
        self.marks.iter().filter(|mark| mark.client != client).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(connection: u64, nanos: i64) -> (Facts, Mark) {
        let facts = Facts { id: connection, ..Facts::default() };
        (facts, Mark { connection, at: Timestamp(nanos), ..Mark::default() })
    }

    #[test]
    fn what_ended_together_is_found_across_bins() {
        let mut instants = Instants::default();
        for (connection, nanos) in [(1, BIN - 1_000_000), (2, BIN + 1_000_000), (3, BIN * 40)] {
            let (facts, mark) = ending(connection, nanos);
            instants.add(&facts, Some(&mark));
        }
        let crowd = instants.between(Scope::All, Timestamp(0), Timestamp(2 * BIN), |_| true);
        assert_eq!((crowd.count, crowd.marks.len()), (2, 2));
        let crowd = crowd.without(1);
        assert_eq!((crowd.count, crowd.marks[0].connection), (1, 2));
        let exact = instants.between(Scope::All, Timestamp(BIN), Timestamp(2 * BIN), |_| true);
        assert_eq!(exact.count, 1);
    }

    #[test]
    fn a_crowd_is_counted_beyond_those_kept() {
        let mut instants = Instants::default();
        for connection in 0..100 {
            let (facts, mark) = ending(connection, 5);
            instants.add(&facts, Some(&mark));
        }
        let crowd = instants.between(Scope::All, Timestamp(0), Timestamp(10), |_| true);
        assert_eq!((crowd.count, crowd.marks.len()), (100, KEPT));
        assert_eq!(crowd.clone().without(3).count, 99);
        assert_eq!(crowd.without(99).count, 99);
    }

    #[test]
    fn silences_are_kept_up_to_their_bound() {
        let quiet = |id: u64| {
            let at = |seconds: i64| hangup_wire::Moment::new(0, id, Timestamp(seconds * 1_000_000_000));
            let mut facts = Facts { id, first: at(0), last: at(20), ..Facts::default() };
            facts.sides.server.packets = 4;
            facts.sides.client = crate::SideFacts {
                packets: 9,
                sent: 100,
                acked: 1,
                unanswered: Some(crate::Unanswered {
                    kind: UnansweredKind::Data,
                    since: at(2),
                    tries: 5,
                    last: at(20),
                    offset: 1,
                }),
                ..crate::SideFacts::default()
            };
            facts
        };
        let mut instants = Instants::default();
        for id in 0..SILENCES as u64 + 3 {
            instants.add(&quiet(id), None);
        }
        assert_eq!(instants.hushes().len(), SILENCES);
        let seen = |from: i64, to: i64| {
            let nanos = 1_000_000_000;
            instants.silences(0, Timestamp(from * nanos), Timestamp(to * nanos)).count()
        };
        // Each lasts from the second to the twentieth second; the connection itself is not among them.
        assert_eq!((seen(0, 1), seen(0, 2), seen(20, 30), seen(21, 30)), (0, SILENCES - 1, SILENCES - 1, 0));
    }

    #[test]
    fn what_a_crowd_has_in_common() {
        let mark = |idle, owed, tail| Mark { tail, owed, idle, ..Mark::default() };
        let crowd = |marks: &[Mark]| Crowd { count: marks.len() as u64, marks: marks.to_vec() };
        let own = mark(10.0, Some(true), Tail::Fin);
        assert!(!crowd(&[mark(10.5, None, Tail::Fin)]).pauses_differ(10.0));
        assert!(crowd(&[mark(10.6, None, Tail::Fin)]).pauses_differ(10.0));
        assert!(!crowd(&[mark(0.05, None, Tail::Fin)]).pauses_differ(0.0));
        assert!(crowd(&[mark(0.06, None, Tail::Fin)]).pauses_differ(0.0));
        assert!(crowd(&[mark(1.0, Some(true), Tail::Fin)]).all_owed(&own));
        assert!(!crowd(&[mark(1.0, None, Tail::Fin)]).all_owed(&own));
        assert!(!crowd(&[own]).all_owed(&mark(1.0, Some(false), Tail::Fin)));
        let between = Mark { midway: true, ..mark(1.0, None, Tail::Bare) };
        assert_eq!(crowd(&[own, between, mark(1.0, Some(false), Tail::Fin)]).owed(), 2);
        assert!(crowd(&[own, between]).impolite(&own) && !crowd(&[own]).impolite(&own));
        let other = Mark { client: [1; 16], server: ([1; 16], 443), ..own };
        assert_eq!(
            (crowd(&[own, other]).other_clients([0; 16]), crowd(&[own, other]).other_servers(([0; 16], 0))),
            (1, 1)
        );
    }

    #[test]
    fn memory_stays_bounded_and_crowds_stay() {
        let mut instants = Instants::default();
        for connection in 0..7 {
            let (facts, mark) = ending(connection, 5);
            instants.add(&facts, Some(&mark));
        }
        for connection in 7..50_000_u32 {
            let (facts, mark) = ending(connection.into(), i64::from(connection) * BIN * 4);
            instants.add(&facts, Some(&mark));
            assert!(instants.bins.len() <= BINS + 3);
        }
        assert_eq!(instants.between(Scope::All, Timestamp(0), Timestamp(10), |_| true).count, 7);
        assert!(
            size_of::<Bin>() <= 128 && size_of::<Mark>() <= 96,
            "{} {}",
            size_of::<Bin>(),
            size_of::<Mark>()
        );
    }
}
