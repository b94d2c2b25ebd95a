//! The way of a packet through the house: capture, wire, track, session.

use crate::Marks;
use crate::content::Content;
use crate::options::Limits;
use hangup_capture::{Batch, Input, Packet};
use hangup_track::{Connection, Endpoint, Fragments, Report, Seen, Sought, Table};
use hangup_wire::{
    Found, IcmpError, Moment, Plain, Segment, Timestamp, decode, decode_reassembled, plain_ends, plain_ports,
};

/// Reads an input from its first packet to its last.
pub(crate) struct Way {
    table: Table<Content>,
    fragments: Fragments,
    /// Packets without a TCP segment, per capture.
    undecoded: Vec<u64>,
    begin: Option<Timestamp>,
    end: Timestamp,
    marks: Marks,
    /// Those of an earlier reading.
    known: Option<Marks>,
}

/// How often `progress` is called: after so many packets.
const PROGRESS: u64 = 1 << 16;

/// How often it is seen whether packets can be skipped: after so many.
const SKIP: u64 = 1 << 10;

/// Packets whose connections are looked for together: enough that waiting for one covers the others, few enough that
/// what was asked for is still there when its turn comes.
const GROUP: usize = 16;

/// So many connections no longer fit into a processor's own cache.
const FAR: usize = 1 << 14;

/// Watches packets and takes connections as they end.
pub(crate) trait Watch {
    /// The packet before which nothing is wanted, where the watch knows one.
    fn idle_until(&self) -> Option<u64> {
        None
    }

    /// Whether the reading goes on.
    fn goes_on(&self) -> bool {
        true
    }

    /// Whether all packets are wanted, so that it is worth while to look for their connections early.
    fn takes_all(&self) -> bool {
        false
    }

    /// Whether it is to be told of every packet with [`Watch::packet`].
    fn looks_on(&self) -> bool {
        true
    }

    /// Whether a packet between these ports may be wanted: a first look, before all others.
    #[inline]
    fn may_want(&self, _source: u16, _target: u16) -> bool {
        true
    }

    /// Whether a packet between these ends is to be taken in at all.
    fn wants(&mut self, _source: Endpoint, _target: Endpoint, _: Moment) -> bool {
        true
    }

    /// A TCP packet was taken in.
    fn packet(&mut self, _: &Segment<'_>, _: Moment, _: Seen, _: &Table<Content>) {}

    /// An ICMP error about a connection was taken in.
    fn icmp(&mut self, _: &IcmpError<'_>, _: Moment) {}

    /// A connection has ended, or its time in memory.
    fn finished(&mut self, connection: Connection<Content>);
}

/// What is known after the last packet.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) undecoded: Vec<u64>,
    pub(crate) begin: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) evicted: u64,
    pub(crate) marks: Marks,
}

impl Way {
    pub(crate) fn new(limits: &Limits, seed: u64) -> Self {
        Self {
            table: Table::new(limits.table, seed),
            fragments: Fragments::default(),
            undecoded: Vec::new(),
            begin: None,
            end: Timestamp::default(),
            marks: Marks::default(),
            known: None,
        }
    }

    /// Uses the places that an earlier reading of the same input has marked.
    pub(crate) fn with_marks(self, marks: Marks) -> Self {
        Self { known: Some(marks), ..self }
    }

    /// Reads all of `input`. Progress is told as bytes read, and of how many where that is known.
    pub(crate) fn read<W: Watch>(
        mut self,
        input: &mut Input,
        watch: &mut W,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Read {
        let mut packets = 0_u64;
        self.skip(input, watch);
        while watch.goes_on()
            && let Some(batch) = input.batch()
        {
            let before = packets;
            packets += batch.len() as u64;
            for group in batch.groups(GROUP) {
                self.group(group, watch);
            }
            if self.known.is_none() {
                self.marks.note(input, packets);
            } else if packets / SKIP > before / SKIP {
                self.skip(input, watch);
            }
            if packets / PROGRESS > before / PROGRESS {
                progress(input.position(), input.total_bytes());
            }
        }
        self.table.conclude(&mut |connection| watch.finished(connection));
        Read {
            undecoded: self.undecoded,
            begin: self.begin.unwrap_or_default(),
            end: self.end,
            evicted: self.table.evicted(),
            marks: self.marks,
        }
    }

    /// Passes over what the watch has no use for, as far as there are marks.
    fn skip<W: Watch>(&self, input: &mut Input, watch: &W) {
        let Some(known) = &self.known else { return };
        if let Some(mark) = watch.idle_until().and_then(|number| known.before(number)) {
            input.skip_to(mark);
        }
    }

    /// Takes in a few packets, one after the other. Where there are so many connections that most are far off in memory,
    /// all of these packets' are looked for first.
    #[inline]
    fn group<W: Watch>(&mut self, group: Batch<'_>, watch: &mut W) {
        if !watch.takes_all() {
            for packet in group.packets() {
                if plain_ports(packet.link, packet.data)
                    .is_none_or(|(source, target)| watch.may_want(source, target))
                {
                    self.packet(&packet, None, watch);
                }
            }
            return;
        }
        if self.table.open_now() < FAR {
            for packet in group.packets() {
                let sought = self.seek(&packet);
                self.packet(&packet, sought.as_ref(), watch);
            }
            return;
        }
        let mut looked_for = [None; GROUP];
        for (sought, packet) in looked_for.iter_mut().zip(group.packets()) {
            *sought = self.seek(&packet);
        }
        looked_for.iter().flatten().for_each(|sought| self.table.approach(sought));
        looked_for.iter().flatten().for_each(|sought| self.table.reach(sought));
        looked_for.iter().flatten().for_each(|sought| self.table.grasp(sought));
        for (packet, sought) in group.packets().zip(&looked_for) {
            self.packet(&packet, sought.as_ref(), watch);
        }
    }

    /// Begins to look for a packet's connection, where a first look knows its ends.
    #[inline]
    fn seek(&self, packet: &Packet<'_>) -> Option<Sought> {
        let [source, target] = plain_ends(packet.link, packet.data)?;
        Some(self.table.seek(source.into(), target.into()))
    }

    /// Takes in a packet, for whose connection was looked where a first look knew its ends.
    #[inline]
    fn packet<W: Watch>(&mut self, packet: &Packet<'_>, sought: Option<&Sought>, watch: &mut W) {
        let at = Moment::new(packet.capture, packet.number, packet.time);
        self.begin = Some(self.begin.map_or(at.time, |begin| begin.min(at.time)));
        self.end = self.end.max(at.time);
        // Most packets are taken in where they lie, and never decoded as a whole.
        if let Some(sought) = sought
            && !watch.looks_on()
            && let Some(plain) = Plain::of(packet.link, packet.data)
            && self.table.plain(sought, &plain, at, &mut |connection| watch.finished(connection))
        {
            return;
        }
        match decode(packet.link, packet.data, packet.original_length) {
            Found::Tcp(segment) => self.segment(&segment, at, watch),
            other => self.rarer(other, at, watch),
        }
    }

    #[inline]
    fn segment<W: Watch>(&mut self, segment: &Segment<'_>, at: Moment, watch: &mut W) {
        let source = Endpoint { address: segment.ip.src, port: segment.src_port };
        let target = Endpoint { address: segment.ip.dst, port: segment.dst_port };
        if !watch.wants(source, target, at) {
            return;
        }
        let seen = self.table.segment(segment, at, &mut |connection| watch.finished(connection));
        if let Some(seen) = seen {
            watch.packet(segment, at, seen, &self.table);
        }
    }

    #[cold]
    #[inline(never)]
    fn rarer<W: Watch>(&mut self, found: Found<'_>, at: Moment, watch: &mut W) {
        match found {
            Found::Tcp(segment) => return self.segment(&segment, at, watch),
            Found::Fragment(fragment) => {
                if let Some(whole) = self.fragments.add(&fragment, at.time) {
                    match decode_reassembled(whole.ip, whole.protocol, &whole.payload) {
                        Found::Tcp(mut segment) => {
                            segment.link = fragment.link;
                            return self.segment(&segment, at, watch);
                        }
                        Found::IcmpError(error) => return self.icmp(&error, at, watch),
                        Found::Fragment(_) | Found::Other | Found::Malformed(_) => {}
                    }
                }
            }
            Found::IcmpError(error) => return self.icmp(&error, at, watch),
            Found::Other | Found::Malformed(_) => {}
        }
        let capture = at.capture() as usize;
        if self.undecoded.len() <= capture {
            self.undecoded.resize(capture + 1, 0);
        }
        if let Some(count) = self.undecoded.get_mut(capture) {
            *count += 1;
        }
    }

    fn icmp<W: Watch>(&mut self, error: &IcmpError<'_>, at: Moment, watch: &mut W) {
        let quoted = &error.quoted;
        let report = Report {
            reporter: error.ip.src,
            v6: error.message.v6,
            kind: error.message.kind,
            code: error.message.code,
            mtu: error.mtu.unwrap_or(0),
            seq: quoted.seq,
        };
        let source = Endpoint { address: quoted.src, port: quoted.src_port };
        let target = Endpoint { address: quoted.dst, port: quoted.dst_port };
        if !watch.wants(source, target, at) {
            return;
        }
        let finished = &mut |connection| watch.finished(connection);
        if self.table.icmp(source, target, &report, at, finished).is_some() {
            watch.icmp(error, at);
        }
    }
}
