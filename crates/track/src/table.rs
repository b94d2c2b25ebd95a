//! The connections that are open, found by address and port.

use crate::connection::{Fate, Pool};
use crate::content::BEGIN;
use crate::hints::Hints;
use crate::slab::Slab;
use crate::{Connection, Content, Endpoint, IcmpError, Key};
use core::hash::BuildHasher;
use hangup_wire::{Addr, Flags, Header, Moment, Plain, Segment, Seq, Side, Timestamp};
use hashbrown::HashTable;
use std::collections::VecDeque;

/// Bounds of the table's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at a time; beyond it the longest idle is finished early, and says so.
    pub open: u32,
    /// Connections that have ended and wait for late packets (retransmitted FINs, echoes).
    pub closing: u32,
    /// How long one that has ended waits, in nanoseconds of the capture's clock.
    pub linger: i64,
    /// Bytes that wait for earlier ones, over all connections, with what it costs to keep them apart.
    pub waiting_bytes: usize,
    /// Bytes that the readers of connections keep, over all of them; beyond three quarters of it those that were idle the
    /// longest are finished early, and say so.
    pub content_bytes: usize,
}

impl Default for Limits {
    /// A million open connections (about 420 MB), 8 Ki ended ones that linger for two minutes (twice the maximum
    /// segment lifetime of 60 s that Linux uses), 64 MiB of waiting bytes, 1 GiB of what readers keep (heads and hellos
    /// that are not whole, and TLS sessions: three quarters of it are a million that asked once).
    fn default() -> Self {
        Self {
            open: 1 << 20,
            closing: 1 << 13,
            linger: 120_000_000_000,
            waiting_bytes: 64 << 20,
            content_bytes: 1 << 30,
        }
    }
}

/// What a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The connection's place in the table; valid until the next packet.
    pub place: u32,
    /// The connection's number.
    pub id: u64,
    /// Who sent the packet.
    pub side: Side,
    /// It is the second copy of a packet.
    pub duplicate: bool,
}

/// A connection that is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Sought {
    key: Key,
    source_is_low: bool,
    /// Which of the hints tells where it may be.
    slot: usize,
}

/// Of so many connections the one that has been idle the longest gives way.
const EVICTION_SAMPLE: u32 = 16;

/// The connections that are open.
#[derive(Debug)]
pub struct Table<C> {
    index: HashTable<u32>,
    slab: Slab<Connection<C>>,
    hasher: foldhash::fast::FixedState,
    limits: Limits,
    pool: Pool,
    next_id: u64,
    /// Ended connections in the order of their ends: place, number, time of the end.
    closing: VecDeque<(u32, u64, i64)>,
    /// No ended connection has to be let go before.
    due: i64,
    /// Where the connections of late packets are: most packets find theirs here.
    hints: Hints,
    /// Where the search for an idle connection goes on.
    hand: u32,
    evicted: u64,
    /// What readers kept when it was last counted, and what they may have taken since.
    kept: usize,
}

impl<C: Content> Table<C> {
    /// An empty table. `seed` keeps whoever makes the packets from choosing which connections collide.
    pub fn new(limits: Limits, seed: u64) -> Self {
        Self {
            index: HashTable::new(),
            slab: Slab::default(),
            hasher: foldhash::fast::FixedState::with_seed(seed),
            limits,
            pool: limits.waiting_bytes.cast_signed(),
            next_id: 0,
            closing: VecDeque::new(),
            due: i64::MAX,
            hints: Hints::default(),
            hand: 0,
            evicted: 0,
            kept: 0,
        }
    }

    /// Begins to look for the connection between two ends: asks the processor for what says where it is. Whoever has
    /// several packets in hand looks for all of their connections first, with this, then [`Table::approach`], then
    /// [`Table::reach`], then [`Table::grasp`], and takes them in afterwards: what is far off in memory is on its way
    /// meanwhile. All four change nothing.
    #[inline]
    pub fn seek(&self, source: Endpoint, target: Endpoint) -> Sought {
        let (key, source_is_low) = Key::directed(source, target);
        Sought { key, source_is_low, slot: self.hints.ask(key) }
    }

    /// Goes on looking: asks for the connection where it may be.
    #[inline]
    pub fn approach(&self, sought: &Sought) {
        if let Some(place) = self.slab.place(self.hints.at(sought.slot)) {
            hangup_prefetch::first(place, Connection::<C>::BUSY);
        }
    }

    /// Goes on looking: asks for what the connection's reader will need.
    #[inline]
    pub fn reach(&self, sought: &Sought) {
        if let Some(open) = self.found(sought) {
            open.content.ask();
        }
    }

    /// Looks for the last time: asks for what lies behind that.
    #[inline]
    pub fn grasp(&self, sought: &Sought) {
        if let Some(open) = self.found(sought) {
            open.content.ask_further();
        }
    }

    #[inline]
    fn found(&self, sought: &Sought) -> Option<&Connection<C>> {
        self.slab.get(self.hints.at(sought.slot)).filter(|open| open.key == sought.key)
    }

    /// Takes in a segment. Connections that end by it go to `finished`.
    #[inline]
    pub fn segment(
        &mut self,
        segment: &Segment<'_>,
        at: Moment,
        finished: &mut dyn FnMut(Connection<C>),
    ) -> Option<Seen> {
        let source = Endpoint { address: segment.ip.src, port: segment.src_port };
        let target = Endpoint { address: segment.ip.dst, port: segment.dst_port };
        let (key, source_is_low) = Key::directed(source, target);
        let mut place = self.hints.of(key);
        if segment.flags.syn() || !self.slab.get(place).is_some_and(|open| open.key == key) {
            place = self.place_of(key, source_is_low, segment, at, finished);
            self.hints.set(key, place);
        }
        let connection = self.slab.get_mut(place)?;
        let side = connection.side_of(source_is_low);
        let was_open = connection.fate == Fate::Open;
        let fresh = connection.segment(side, segment, at, &mut self.pool);
        let seen = Seen { place, id: connection.id, side, duplicate: !fresh };
        if was_open && connection.fate == Fate::Closed {
            self.closing.push_back((place, seen.id, at.time.0));
            self.due = i64::MIN;
        }
        self.tidy(place, at, segment.payload.len(), finished);
        Some(seen)
    }

    /// Takes in a packet whose connection was looked for, where it is an ordinary one of a connection that is where it was
    /// last found: the same as [`Table::segment`] makes of it. False, and nothing is done, where it is not.
    #[inline]
    pub fn plain(
        &mut self,
        sought: &Sought,
        plain: &Plain<'_>,
        at: Moment,
        finished: &mut dyn FnMut(Connection<C>),
    ) -> bool {
        if !Connection::<C>::may_be_ordinary(plain) {
            return false;
        }
        let place = self.hints.at(sought.slot);
        let Some(open) = self.slab.get_mut(place).filter(|open| open.key == sought.key) else { return false };
        let ordinary = open.ordinary(open.side_of(sought.source_is_low), plain, at);
        if ordinary {
            self.tidy(place, at, plain.payload().len(), finished);
        }
        ordinary
    }

    /// Lets go of what is over, behind a packet of the connection at `place` that brought `length` bytes.
    #[inline]
    fn tidy(&mut self, place: u32, at: Moment, length: usize, finished: &mut dyn FnMut(Connection<C>)) {
        self.kept += length;
        let over = at.time.0 >= self.due || self.kept > self.limits.content_bytes;
        if over && let Some(in_hand) = self.slab.get(place).map(|open| open.id) {
            if at.time.0 >= self.due {
                self.let_go(at, in_hand, finished);
            }
            if self.kept > self.limits.content_bytes {
                self.shed(in_hand, finished);
            }
        }
    }

    /// Where the connection of a segment is that opens one, perhaps, or whose connection was not where it was looked for.
    #[inline(never)]
    fn place_of(
        &mut self,
        key: Key,
        source_is_low: bool,
        segment: &Segment<'_>,
        at: Moment,
        finished: &mut dyn FnMut(Connection<C>),
    ) -> u32 {
        let (source, target) = (key.end(source_is_low), key.end(!source_is_low));
        let Some(place) = self.find(key) else {
            return self.open(source, target, segment.flags, at, finished);
        };
        let open = self.slab.get(place);
        if open.is_some_and(|open| open.is_replaced_by(segment, open.side_of(source_is_low))) {
            self.finish(place, finished, |old| old.fate = Fate::Replaced);
            return self.open(source, target, segment.flags, at, finished);
        }
        place
    }

    /// Takes in an ICMP error that quotes a packet from `source` to `target`, and gives the connection's number. One
    /// that was not seen before begins here, without a packet: as in Wireshark the quoted one makes a stream.
    pub fn icmp(
        &mut self,
        source: Endpoint,
        target: Endpoint,
        report: &Report,
        at: Moment,
        finished: &mut dyn FnMut(Connection<C>),
    ) -> Option<u64> {
        let (key, source_is_low) = Key::directed(source, target);
        let found = self.find(key);
        let place = match found {
            Some(place) => place,
            None => self.open(source, target, Flags::default(), at, finished),
        };
        let connection = self.slab.get_mut(place)?;
        let error = IcmpError {
            reporter: report.reporter,
            about: connection.side_of(source_is_low),
            v6: report.v6,
            kind: report.kind,
            code: report.code,
            mtu: report.mtu,
        };
        connection.icmp(error, report.seq, at);
        Some(connection.id)
    }

    /// The connection at a place that [`Table::segment`] gave for the last packet.
    pub fn connection(&self, place: u32) -> Option<&Connection<C>> {
        self.slab.get(place)
    }

    /// The same, to change.
    pub fn connection_mut(&mut self, place: u32) -> Option<&mut Connection<C>> {
        self.slab.get_mut(place)
    }

    /// The input has ended: every connection goes to `finished`, in no particular order.
    pub fn conclude(&mut self, finished: &mut dyn FnMut(Connection<C>)) {
        (self.index, self.hints) = (HashTable::new(), Hints::default());
        for mut connection in self.slab.drain() {
            connection.conclude(&mut self.pool);
            finished(connection);
        }
    }

    /// Connections so far.
    pub fn count(&self) -> u64 {
        self.next_id
    }

    /// Connections that are in the table.
    pub fn open_now(&self) -> usize {
        self.index.len()
    }

    /// Connections that were finished early because the table was full.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    #[inline]
    fn find(&self, key: Key) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        self.index.find(hash, |&place| self.slab.get(place).is_some_and(|open| open.key == key)).copied()
    }

    #[cold]
    #[inline(never)]
    fn open(
        &mut self,
        source: Endpoint,
        target: Endpoint,
        flags: Flags,
        at: Moment,
        finished: &mut dyn FnMut(Connection<C>),
    ) -> u32 {
        if self.index.len() >= self.limits.open as usize {
            self.evict(finished);
        }
        let connection = Connection::new(self.next_id, source, target, flags, at);
        let hash = self.hasher.hash_one(connection.key);
        let place = self.slab.insert(connection);
        self.next_id += 1;
        self.kept += BEGIN;
        let (slab, hasher) = (&self.slab, &self.hasher);
        self.index
            .insert_unique(hash, place, |&place| slab.get(place).map_or(0, |open| hasher.hash_one(open.key)));
        if let Some(mut hints) = self.hints.outgrown(self.index.len()) {
            for &place in &self.index {
                if let Some(open) = self.slab.get(place) {
                    hints.set(open.key, place);
                }
            }
            self.hints = hints;
        }
        place
    }

    /// Finishes a connection that has been idle for long: a hand goes round, and of the next few connections the
    /// one goes whose last packet is the oldest.
    fn evict(&mut self, finished: &mut dyn FnMut(Connection<C>)) {
        let places = self.slab.places().max(1);
        let mut oldest = None;
        let mut looked_at = 0;
        for _ in 0..places {
            self.hand = (self.hand + 1) % places;
            let Some(connection) = self.slab.get(self.hand) else { continue };
            let last = connection.last();
            if oldest.is_none_or(|(time, _)| last.time < time) {
                oldest = Some((last.time, self.hand));
            }
            looked_at += 1;
            if looked_at >= EVICTION_SAMPLE {
                break;
            }
        }
        if let Some((_, place)) = oldest {
            self.let_down(place, finished);
        }
    }

    /// Counts what readers keep. Where that is nearly all that they may, the connections that were idle the longest are
    /// finished until half of it is free again, so that counting is rare; not that of the packet in hand.
    #[cold]
    fn shed(&mut self, in_hand: u64, finished: &mut dyn FnMut(Connection<C>)) {
        let mut keepers: Vec<(Timestamp, u32, usize)> = (0..self.slab.places())
            .filter_map(|place| {
                let open = self.slab.get(place)?;
                let kept = open.content.kept();
                (kept > 0 && open.id != in_hand).then(|| (open.last().time, place, kept))
            })
            .collect();
        self.kept = keepers.iter().map(|(_, _, kept)| kept).sum();
        let most = self.limits.content_bytes;
        if self.kept <= most - most / 4 {
            return;
        }
        keepers.sort_unstable();
        for (_, place, kept) in keepers {
            if self.kept <= most / 2 {
                break;
            }
            self.kept -= kept;
            self.let_down(place, finished);
        }
    }

    /// Finishes a connection early.
    fn let_down(&mut self, place: u32, finished: &mut dyn FnMut(Connection<C>)) {
        self.evicted += 1;
        self.finish(place, finished, |open| {
            if open.fate == Fate::Open {
                open.fate = Fate::Evicted;
            }
        });
    }

    /// Finishes ended connections that have lingered long enough, or that are too many; not that of the packet in hand.
    fn let_go(&mut self, now: Moment, in_hand: u64, finished: &mut dyn FnMut(Connection<C>)) {
        self.due = i64::MAX;
        while let Some(&(place, id, since)) = self.closing.front() {
            let too_many = self.closing.len() > self.limits.closing as usize;
            if id == in_hand || !too_many && now.time.0.saturating_sub(since) < self.limits.linger {
                self.due = if too_many { i64::MIN } else { since.saturating_add(self.limits.linger) };
                return;
            }
            self.closing.pop_front();
            // The next one's turn comes soon.
            if let Some(next) = self.closing.get(1).and_then(|&(place, ..)| self.slab.place(place)) {
                hangup_prefetch::all(next);
            }
            let Some(connection) = self.slab.get(place).filter(|connection| connection.id == id) else {
                continue;
            };
            let last = connection.last().time.0;
            if !too_many && now.time.0.saturating_sub(last) < self.limits.linger {
                self.closing.push_back((place, id, last));
                continue;
            }
            self.finish(place, finished, |_| ());
        }
    }

    fn finish(
        &mut self,
        place: u32,
        finished: &mut dyn FnMut(Connection<C>),
        mark: impl FnOnce(&mut Connection<C>),
    ) {
        let Some(mut connection) = self.slab.remove(place) else { return };
        let hash = self.hasher.hash_one(connection.key);
        if let Ok(entry) = self.index.find_entry(hash, |&other| other == place) {
            entry.remove();
        }
        mark(&mut connection);
        connection.conclude(&mut self.pool);
        finished(connection);
    }
}

/// What an ICMP error says about a packet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Who sent it.
    pub reporter: Addr,
    /// ICMP for IP version 6.
    pub v6: bool,
    /// ICMP type.
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// Next-hop MTU, else 0.
    pub mtu: u32,
    /// Sequence number of the quoted packet.
    pub seq: Option<Seq>,
}
