//! One TCP connection, from its first packet to its last.

mod delivery;
mod ordinary;
mod reset;
mod roles;

pub use roles::Roles;

use crate::act::{Act, ActKind, IcmpError, KEPT};
use crate::half::{Challenge, Half, Waiting, mark};
use crate::history::Letter;
use crate::{Content, Endpoint, History, Key};
use hangup_wire::{Flags, Moment, PerSide, Segment, Side};

/// One TCP connection and whoever reads its bytes. Laid out by use: what every packet touches stands together.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Connection<C> {
    pub(crate) halves: PerSide<Half>,
    pub(crate) key: Key,
    pub(crate) low_is_client: bool,
    first_from: Side,
    roles: Roles,
    pub(crate) fate: Fate,
    /// The reader of its bytes.
    pub content: C,
    /// Number by first packet over the whole input, from 0.
    pub id: u64,
    history: History,
    first: Moment,
    answered: Option<Moment>,
    /// SYN to third packet in nanoseconds, 0 where that is not known.
    rtt: i64,
    acts: Option<Box<Acts>>,
}

#[derive(Clone, Debug, Default)]
struct Acts {
    kept: Vec<Act>,
    left_out: u32,
}

/// What became of a connection as far as the table is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing yet.
    Open,
    /// Both sides have closed it, or one has aborted it.
    Closed,
    /// It was finished early because the table was full.
    Evicted,
    /// Another connection began on the same addresses and ports.
    Replaced,
}

/// So many bytes are never missing from a capture between a SYN and the next packet.
const NEVER_MISSED: u32 = 1 << 20;

/// The largest window that TCP can announce (RFC 7323 §2.3): nobody has more in flight.
const MOST_IN_FLIGHT: u64 = 1 << 30;

/// Bytes that may wait for earlier ones over all connections: what is left of the pool. Less than nothing where the last
/// bytes that fitted fell into many pieces.
pub(crate) type Pool = isize;

impl<C: Content> Connection<C> {
    /// Bytes from its beginning that an ordinary packet touches.
    pub(crate) const BUSY: usize = core::mem::offset_of!(Self, id);

    /// A connection whose first packet goes from `source` to `target` with these flags.
    pub(crate) fn new(id: u64, source: Endpoint, target: Endpoint, flags: Flags, at: Moment) -> Self {
        let (key, source_is_low) = Key::directed(source, target);
        let (roles, source_is_client) = Roles::of(flags, source, target);
        Self {
            id,
            content: C::default(),
            key,
            halves: PerSide::default(),
            low_is_client: source_is_low == source_is_client,
            fate: Fate::Open,
            roles,
            first_from: if source_is_client { Side::Client } else { Side::Server },
            first: at,
            answered: None,
            rtt: 0,
            history: History::default(),
            acts: None,
        }
    }

    /// The side that sent a packet from the lower or the higher end of the key.
    #[inline]
    pub(crate) fn side_of(&self, source_is_low: bool) -> Side {
        if source_is_low == self.low_is_client { Side::Client } else { Side::Server }
    }

    /// A SYN that cannot belong to this connection: another began on the same addresses and ports. The same
    /// rule as Wireshark's, whose streams these connections are.
    pub(crate) fn is_replaced_by(&self, segment: &Segment<'_>, side: Side) -> bool {
        let half = &self.halves[side];
        segment.flags.syn() && !segment.flags.ack() && half.has(mark::BASE) && half.base != segment.seq
    }

    /// Takes in a packet of `side`. Gives false where it is one captured twice.
    #[inline]
    pub(crate) fn segment(&mut self, side: Side, segment: &Segment<'_>, at: Moment, pool: &mut Pool) -> bool {
        self.ordinary(side, segment, at) || self.any_segment(side, segment, at, pool)
    }

    fn any_segment(&mut self, side: Side, segment: &Segment<'_>, at: Moment, pool: &mut Pool) -> bool {
        let flags = segment.flags;
        if side != self.first_from && self.answered.is_none() {
            self.answered = Some(at);
        }
        if self.is_duplicate(side, segment, at) {
            let half = &mut self.halves[side];
            half.packets += 1;
            half.last = Some(at);
            half.odd().duplicates += 1;
            return false;
        }
        self.challenge(side, segment, at);
        self.learn_bases(side, segment);
        if flags.rst() {
            self.reset(side, segment, at);
        } else {
            self.judge_earlier_resets(side, segment, at);
        }
        let ack = if flags.ack() { self.acknowledge(side, segment, at, pool) } else { 0 };
        if !flags.rst() {
            self.spoken(side, segment, at, ack, pool);
        }
        self.halves[side].remember(segment, at);
        true
    }

    /// The same packet again within 10 ms, as port mirroring and the `any` device give it: same IP
    /// identification, same numbers. (Without an IPv4 identification nothing is called a duplicate.)
    #[inline]
    fn is_duplicate(&self, side: Side, segment: &Segment<'_>, at: Moment) -> bool {
        let half = &self.halves[side];
        let Some(id) = segment.ip.id.filter(|&id| id != 0) else { return false };
        #[expect(clippy::cast_possible_truncation, reason = "low bits are enough to tell two packets apart")]
        let (length, flags) = (segment.length as u16, segment.flags.0 as u8);
        id == half.last_ip_id
            && half.packets > 0
            && segment.seq == half.last_seq
            && length == half.last_length
            && flags == half.last_flags
            && half.last.is_some_and(|last| at.time.since(last.time).unsigned_abs() < 10_000_000)
    }

    /// An acknowledgment that answers a SYN without being a SYN itself, of something that was never sent: the other
    /// end still remembers a connection of before on these ports (RFC 9293 §3.10.7.4, RFC 5961 §4).
    #[inline]
    fn challenge(&mut self, side: Side, segment: &Segment<'_>, at: Moment) {
        const SYNCHRONISED: u16 = mark::SYN | mark::SYN_ACK | mark::FROM_SYN;
        let peer = &self.halves[side.other()];
        let half = &self.halves[side];
        let calling = peer.marks & (mark::SYN | mark::SYN_ACK | mark::ACK) == mark::SYN;
        if !calling || half.marks & SYNCHRONISED != 0 || segment.length > 0 {
            return;
        }
        let plain =
            segment.flags.ack() && !segment.flags.syn() && !segment.flags.fin() && !segment.flags.rst();
        let off = segment.ack.since(peer.next()).unsigned_abs() > NEVER_MISSED;
        if plain && off {
            self.halves[side].odd().challenge = Some(Challenge { at, ack: segment.ack });
        }
    }

    /// Relative numbers begin where Wireshark lets them begin: at the SYN, else one before the first byte seen,
    /// and for the other direction one before the first acknowledgment.
    #[inline]
    fn learn_bases(&mut self, side: Side, segment: &Segment<'_>) {
        let flags = segment.flags;
        let half = &mut self.halves[side];
        if !half.has(mark::BASE) {
            let base = if flags.syn() { segment.seq } else { segment.seq.add(u32::MAX) };
            half.set_base(base, flags.syn());
        } else if flags.syn() && !half.has(mark::FROM_SYN) && half.sent <= 1 && half.base == segment.seq {
            half.marks |= mark::FROM_SYN;
        } else if flags.syn()
            && half.sent <= 1
            // What was given to the reader has its place.
            && half.read <= 1
            && !half.has(mark::FROM_SYN)
            && half.spoke_for_another()
        {
            half.set_base(segment.seq, true);
        }
        if flags.ack() {
            let peer = &mut self.halves[side.other()];
            if !peer.has(mark::BASE) {
                peer.set_base(segment.ack.add(u32::MAX), false);
            }
        }
    }

    /// Takes in what `side` acknowledges; gives the offset in the other side's stream.
    #[inline]
    fn acknowledge(&mut self, side: Side, segment: &Segment<'_>, at: Moment, pool: &mut Pool) -> u64 {
        let peer = &mut self.halves[side.other()];
        let offset = peer.offset(segment.ack);
        let Ok(ack) = u64::try_from(offset) else { return 0 };
        // What nobody can have in flight is not believed, nor what is said of another connection.
        let challenged = !segment.flags.syn()
            && self.halves[side]
                .odd
                .as_deref()
                .and_then(|odd| odd.challenge)
                .is_some_and(|said| said.ack == segment.ack);
        let peer = &mut self.halves[side.other()];
        if challenged || ack > peer.sent + MOST_IN_FLIGHT || segment.flags.rst() && ack > peer.sent {
            return peer.acked;
        }
        if ack > peer.sent {
            if ack == peer.sent + 1 && ack > 1 && !peer.has(mark::FIN) {
                peer.odd().one_more = Some((at, ack));
            }
            peer.sent = ack;
        }
        if ack > peer.acked {
            peer.acked = ack;
            let fin_acked = peer.has(mark::FIN) && ack > peer.fin;
            if let Some(odd) = peer.odd.as_deref_mut() {
                odd.tries = 0;
                odd.resent_length = 0;
            }
            peer.waiting = if ack >= peer.sent { None } else { peer.last_data };
            if fin_acked {
                self.fin_acknowledged(side.other(), at);
            }
        } else if peer.waiting.is_some() && peer.acked >= peer.sent {
            peer.waiting = None;
        }
        if let Some(odd) = self.halves[side.other()].odd.as_deref_mut() {
            odd.keep_alives_unanswered = 0;
            if !odd.held.is_empty() {
                // Data is waiting behind a hole that the receiver has filled: the capture missed it.
                self.give_up_holes(side.other(), at, pool);
            }
        }
        ack
    }

    fn fin_acknowledged(&mut self, from: Side, at: Moment) {
        let Some(acts) = self.acts.as_deref_mut() else { return };
        for act in &mut acts.kept {
            if let ActKind::Fin { acked: acked @ None, .. } = &mut act.kind
                && act.from == Some(from)
            {
                *acked = Some(at);
            }
        }
        let closed = Side::BOTH.iter().all(|&side| {
            let half = &self.halves[side];
            half.has(mark::FIN) && half.acked > half.fin
        });
        if closed {
            self.fate = Fate::Closed;
        }
    }

    /// A packet that is no RST: SYN, data, FIN, probes, or only an acknowledgment.
    #[inline]
    fn spoken(&mut self, side: Side, segment: &Segment<'_>, at: Moment, ack: u64, pool: &mut Pool) {
        let flags = segment.flags;
        let peer_closed = self.halves[side.other()].has(mark::CLOSED_WINDOW);
        self.window(side, segment);
        if flags.syn() {
            self.synchronise(side, segment, at);
        } else if flags.ack() {
            self.third_packet(side, at);
        }
        let half = &mut self.halves[side];
        let start = half.offset(segment.seq) + i64::from(flags.syn());
        let length = u64::from(segment.length);
        if length <= 1 && !flags.syn() && !flags.fin() && start >= 0 && !half.has(mark::FIN) {
            let start = start.unsigned_abs();
            // Who has said nothing yet tests with the number of his SYN, once that is confirmed.
            let said = half.sent > 1 || half.acked == half.sent;
            let probe = start + 1 == half.sent && said || start == half.sent && length == 1 && peer_closed;
            if probe {
                self.probe(side, at, peer_closed);
                return;
            }
        }
        if length == 0 && !flags.fin() {
            if !flags.syn() {
                self.history.note(side, Letter::Ack, 1);
            }
            return;
        }
        if length > 0 {
            self.history.note(side, Letter::Data, 1);
            self.data(side, segment, start, at, ack, pool);
        }
        if flags.fin() {
            self.finish(side, segment, start + length.cast_signed(), at, ack);
        }
    }

    fn window(&mut self, side: Side, segment: &Segment<'_>) {
        let half = &mut self.halves[side];
        half.window = segment.window;
        if !segment.flags.syn() {
            half.widest = half.widest.max(segment.window);
        }
        if segment.window == 0 && !segment.flags.syn() {
            half.marks |= mark::CLOSED_WINDOW;
            let odd = half.odd();
            odd.zero_windows += 1;
            let count = odd.zero_windows;
            self.history.note(side, Letter::Window, count);
        } else {
            half.marks &= !mark::CLOSED_WINDOW;
        }
    }

    fn synchronise(&mut self, side: Side, segment: &Segment<'_>, at: Moment) {
        let half = &mut self.halves[side];
        let answer = segment.flags.ack();
        let which = if answer { mark::SYN_ACK } else { mark::SYN };
        let again = half.has(which);
        half.marks |= which;
        if let Some(scale) = segment.options.window_scale() {
            half.scale = scale.min(14);
            half.marks |= mark::SCALE;
        }
        if segment.options.timestamps().is_some() {
            half.marks |= mark::TIMESTAMPS;
        }
        half.sent = half.sent.max(1);
        if again {
            let odd = half.odd();
            odd.syns = odd.syns.max(1) + 1;
            odd.retransmitted += 1;
            odd.tries += 1;
            odd.last_try = Some(at);
        }
        let half = &mut self.halves[side];
        if half.acked == 0 && half.waiting.is_none() {
            half.waiting = Some(at);
        }
        self.history.note(side, if answer { Letter::SynAck } else { Letter::Syn }, 1);
    }

    /// The ACK of the SYN-ACK, which gives the round trip where nothing of the handshake was sent twice.
    #[inline]
    fn third_packet(&mut self, side: Side, at: Moment) {
        let half = &mut self.halves[side];
        if half.has(mark::ACK) {
            return;
        }
        half.marks |= mark::ACK;
        if half.has(mark::SYN) && half.acked == 0 {
            // Nobody acknowledges before the other side's SYN has come: the answer was there, the capture lacks it.
            half.acked = 1;
            if half.sent <= 1 {
                half.waiting = None;
            }
        }
        let called = self.roles == Roles::Syn && side == self.first_from;
        let opened = called && self.halves[side.other()].has(mark::SYN_ACK);
        let once = |half: &Half| half.odd.as_ref().is_none_or(|odd| odd.syns == 0);
        if opened && once(&self.halves[side]) && once(&self.halves[side.other()]) {
            self.rtt = at.time.since(self.first.time).max(0);
        }
    }

    /// A keep-alive (RFC 9293 §3.8.4) or a probe of a closed window (§3.8.6.1): they look alike, and the other
    /// side's last window tells them apart.
    fn probe(&mut self, side: Side, at: Moment, peer_closed: bool) {
        let half = &mut self.halves[side];
        if half.waiting.is_none() {
            half.waiting = Some(at);
        }
        let odd = half.odd();
        if peer_closed {
            odd.window_probes += 1;
        } else {
            odd.keep_alives += 1;
        }
        odd.keep_alives_unanswered += 1;
        odd.last_try = Some(at);
        odd.tries = odd.keep_alives_unanswered.saturating_sub(1);
    }

    fn finish(&mut self, side: Side, segment: &Segment<'_>, offset: i64, at: Moment, ack: u64) {
        let Ok(offset) = u64::try_from(offset) else { return };
        self.history.note(side, Letter::Fin, 1);
        let peer_closed = self.halves[side.other()].has(mark::CLOSED_WINDOW);
        let half = &mut self.halves[side];
        let repeat = half.has(mark::FIN);
        let in_vain = half
            .pending(peer_closed)
            .filter(|pending| !repeat && pending.kind == Waiting::Data && pending.tries > 1);
        if repeat {
            let odd = half.odd();
            odd.fins += 1;
            odd.retransmitted += u32::from(segment.length == 0);
            odd.tries += 1;
            odd.last_try = Some(at);
        } else {
            half.marks |= mark::FIN;
            half.fin = offset;
        }
        if half.sent <= offset {
            half.sent = offset + 1;
        }
        if half.waiting.is_none() && half.acked < half.sent {
            half.waiting = Some(at);
        }
        self.push(Act {
            from: Some(side),
            at,
            offset,
            ack: segment.flags.ack().then_some(ack),
            repeat,
            kind: ActKind::Fin { acked: None, data: segment.length, in_vain },
        });
    }

    /// An ICMP error that quotes a packet of this connection.
    pub(crate) fn icmp(&mut self, error: IcmpError, quoted_seq: Option<hangup_wire::Seq>, at: Moment) {
        let half = &self.halves[error.about];
        let offset = quoted_seq
            .filter(|_| half.has(mark::BASE))
            .and_then(|seq| u64::try_from(half.offset(seq)).ok())
            .unwrap_or(0);
        let repeat =
            self.acts().any(|act| matches!(&act.kind, ActKind::Icmp(before) if before.about == error.about));
        self.push(Act { from: None, at, offset, ack: None, repeat, kind: ActKind::Icmp(error) });
    }

    fn push(&mut self, act: Act) {
        // Most connections have two: a FIN from each side.
        let acts =
            self.acts.get_or_insert_with(|| Box::new(Acts { kept: Vec::with_capacity(2), left_out: 0 }));
        // The first FIN and the first RST are kept whatever came before them.
        if acts.kept.len() < KEPT || !act.repeat && act.from.is_some() && acts.kept.len() < 2 * KEPT {
            acts.kept.push(act);
        } else {
            acts.left_out += 1;
        }
    }
}

/// What can be read of a connection.
impl<C> Connection<C> {
    /// The end of `side`.
    pub fn endpoint(&self, side: Side) -> Endpoint {
        self.key.end((side == Side::Client) == self.low_is_client)
    }

    /// How client and server were told apart.
    pub fn roles(&self) -> Roles {
        self.roles
    }

    /// One direction.
    pub fn half(&self, side: Side) -> &Half {
        &self.halves[side]
    }

    /// The first packet.
    pub fn first(&self) -> Moment {
        self.first
    }

    /// The last packet of either side.
    pub fn last(&self) -> Moment {
        let [client, server] = Side::BOTH.map(|side| self.halves[side].last);
        match (client, server) {
            (Some(client), Some(server)) if (server.time, server.frame()) > (client.time, client.frame()) => {
                server
            }
            (Some(client), _) => client,
            // Known only from an ICMP error that quotes it.
            (None, server) => server.unwrap_or_else(|| self.first()),
        }
    }

    /// The first packet of `side`.
    pub fn first_of(&self, side: Side) -> Option<Moment> {
        if side == self.first_from { Some(self.first) } else { self.answered }
    }

    /// SYN to the ACK of the SYN-ACK in nanoseconds, where nothing of the handshake was sent twice.
    pub fn rtt(&self) -> Option<i64> {
        (self.rtt > 0).then_some(self.rtt)
    }

    /// SYN to SYN-ACK in nanoseconds: the server's part of the round trip as seen from the capture point.
    pub fn server_rtt(&self) -> Option<i64> {
        let time = self.answered?.time.since(self.first.time);
        (self.rtt > 0 && time > 0 && self.history.opens()).then_some(time)
    }

    /// The first packet that acknowledged a FIN of `side` which the capture lacks: one number behind the last byte, and never more
    /// than that. A keep-alive stands one before that, so the place of the last byte must be known for certain.
    pub fn fin_unseen(&self, side: Side) -> Option<Moment> {
        let (half, peer) = (&self.halves[side], &self.halves[side.other()]);
        let (at, number) = half.odd.as_deref()?.one_more?;
        let placed = half.has(mark::FROM_SYN) || half.last_data.is_some() || peer.has(mark::SYN_ACK);
        (placed && !half.has(mark::FIN) && half.sent == number).then_some(at)
    }

    /// `side` sent a SYN without ACK.
    pub fn sent_syn(&self, side: Side) -> bool {
        self.halves[side].has(mark::SYN)
    }

    /// `side` sent a SYN-ACK.
    pub fn sent_syn_ack(&self, side: Side) -> bool {
        self.halves[side].has(mark::SYN_ACK)
    }

    /// `side` sent an ACK that was neither SYN nor RST.
    pub fn sent_ack(&self, side: Side) -> bool {
        self.halves[side].has(mark::ACK)
    }

    /// Zeek's history.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Acts of closing in the order of the capture.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.iter().flat_map(|acts| acts.kept.iter())
    }

    /// Acts that were counted and not kept.
    pub fn acts_left_out(&self) -> u32 {
        self.acts.as_ref().map_or(0, |acts| acts.left_out)
    }

    /// It was finished early because the table was full.
    pub fn evicted(&self) -> bool {
        self.fate == Fate::Evicted
    }

    /// Another connection began on the same addresses and ports.
    pub fn reused(&self) -> bool {
        self.fate == Fate::Replaced
    }
}

#[cfg(test)]
mod tests {
    use super::Connection;
    use crate::{Content, Place};
    use hangup_wire::Side;

    #[derive(Debug, Default)]
    struct TwoWords([usize; 2]);

    impl Content for TwoWords {
        fn bytes(&mut self, _: Side, _: &[u8], _: &Place) {
            self.0[0] += 1;
        }

        fn gap(&mut self, _: Side, _: u64, _: &Place) {
            self.0[1] += 1;
        }
    }

    #[test]
    fn takes_six_cache_lines() {
        assert_eq!(size_of::<Connection<TwoWords>>(), 6 * 64);
    }
}
