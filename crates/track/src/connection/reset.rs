//! Resets: where they lie, what they answer, and what became of them.

use super::{Connection, Fate};
use crate::Content;
use crate::act::{Act, ActKind, Before, Rst, RstFit, TEXT_KEPT, Trigger};
use crate::half::mark;
use crate::history::Letter;
use hangup_wire::{Flags, Moment, Segment, Side};

impl<C: Content> Connection<C> {
    /// Takes in a RST.
    pub(super) fn reset(&mut self, side: Side, segment: &Segment<'_>, at: Moment) {
        self.history.note(side, Letter::Rst, 1);
        let half = &self.halves[side];
        let peer = &self.halves[side.other()];
        let offset = half.offset(segment.seq);
        let ack = segment.flags.ack().then(|| u64::try_from(peer.offset(segment.ack)).unwrap_or(0));
        let first_of_side = half.packets == 0;
        let fit = self.fit(side, offset, ack, first_of_side);
        let half = &self.halves[side];
        let peer = &self.halves[side.other()];
        let trigger = self.trigger(side, segment, offset, ack);
        let repeat = half.has(mark::RST);
        let rst = Rst {
            ack_flag: segment.flags.ack(),
            window: segment.window,
            fit,
            trigger,
            ignored: false,
            sender_carried_on: false,
            hop_limit: segment.ip.ttl,
            ip_id: segment.ip.id,
            timestamps: segment.options.timestamps().is_some(),
            mac: segment.link.source_mac,
            payload: segment.length,
            acked_before: peer.acked,
            unacked_in_flight: peer.sent.saturating_sub(peer.acked),
            unread: u64::from(half.widest.saturating_sub(half.window)) << self.scale(side),
            before: Box::new(Before {
                hop_limits: (half.hop_limit != 0).then_some(half.hop_limits),
                ip_ids: [half.last_ip_id, half.ip_id_before],
                mac: half.mac(),
                last: half.last,
                sent: half.sent,
                since: peer.waiting,
                text: segment.payload.iter().copied().take(TEXT_KEPT).collect(),
            }),
        };
        self.halves[side].marks |= mark::RST;
        if matches!(fit, RstFit::Exact | RstFit::Unknown) {
            self.fate = Fate::Closed;
        }
        self.push(Act {
            from: Some(side),
            at,
            offset: u64::try_from(offset).unwrap_or(0),
            ack,
            repeat,
            kind: ActKind::Rst(rst),
        });
    }

    /// By how many bits the windows of `side` are to be shifted (RFC 7323 §2); 0 where that is not known.
    fn scale(&self, side: Side) -> u8 {
        let half = &self.halves[side];
        if half.has(mark::SCALE) { half.scale } else { 0 }
    }

    /// Where a RST lies against what its receiver expects: what it has acknowledged, or what was sent by now.
    fn fit(&self, side: Side, offset: i64, ack: Option<u64>, first_of_side: bool) -> RstFit {
        let half = &self.halves[side];
        let peer = &self.halves[side.other()];
        if first_of_side {
            // An answer to a SYN counts if it acknowledges it (RFC 9293 §3.10.7.3).
            let answers_syn = peer.has(mark::SYN) && ack == Some(peer.sent);
            return if answers_syn { RstFit::Exact } else { RstFit::Unknown };
        }
        let Ok(offset) = u64::try_from(offset) else { return RstFit::Outside };
        let window = u64::from(peer.window) << self.scale(side.other());
        let last_byte = if half.has(mark::FIN) { half.fin } else { half.sent };
        if offset == half.acked || offset == half.sent || offset == last_byte {
            RstFit::Exact
        } else if offset > half.acked && offset <= half.acked + window {
            RstFit::Window
        } else if !half.has(mark::FROM_SYN) && half.packets < 3 {
            RstFit::Unknown
        } else {
            RstFit::Outside
        }
    }

    /// The packet that a RST answers: without the ACK flag, its number is that packet's acknowledgment; with
    /// it and as an answer to a SYN, it acknowledges that SYN (RFC 9293 §3.5.2).
    fn trigger(&self, side: Side, segment: &Segment<'_>, offset: i64, ack: Option<u64>) -> Option<Trigger> {
        let half = &self.halves[side];
        let peer = &self.halves[side.other()];
        let challenge = peer.odd.as_deref().and_then(|odd| odd.challenge);
        if let Some(challenge) = challenge.filter(|challenge| challenge.ack == segment.seq) {
            let ack = u64::try_from(offset).unwrap_or(0);
            return Some(Trigger { at: challenge.at, data: 0, fin: false, syn: false, ack });
        }
        let at = peer.last?;
        let flags = Flags(u16::from(peer.last_flags));
        let refuses = flags.syn() && !flags.ack() && ack == Some(peer.sent);
        let answers = !segment.flags.ack() && flags.ack() && u64::try_from(offset) == Ok(half.acked);
        (refuses || answers).then_some(Trigger {
            at,
            data: u32::from(peer.last_length),
            fin: flags.fin(),
            syn: flags.syn(),
            ack: half.acked,
        })
    }

    /// A packet after a RST tells whether the RST was real and whether it arrived.
    #[inline]
    pub(super) fn judge_earlier_resets(&mut self, side: Side, segment: &Segment<'_>, at: Moment) {
        let Some(acts) = self.acts.as_deref_mut() else { return };
        let end = self.halves[side].offset(segment.seq).saturating_add(segment.length.into());
        let heard = if segment.flags.ack() { self.halves[side.other()].offset(segment.ack) } else { 0 };
        let in_flight = if self.rtt > 0 { self.rtt.saturating_mul(2).max(200_000_000) } else { 200_000_000 };
        for act in &mut acts.kept {
            let ActKind::Rst(rst) = &mut act.kind else { continue };
            let later = at.time.since(act.at.time);
            if act.from == Some(side) {
                // What stands before it in the stream or in the count of packets was only overtaken by it.
                let fills = act.offset > rst.before.sent && end <= act.offset.cast_signed();
                let older = rst
                    .ip_id
                    .zip(segment.ip.id)
                    .is_some_and(|(rst, id)| rst != 0 && (1..=16).contains(&rst.wrapping_sub(id)));
                rst.sender_carried_on |= later > 1_000_000 && !fills && !older;
            } else {
                // Whoever acknowledges what came behind it took it for nothing.
                let behind = act.offset.max(rst.before.sent);
                rst.ignored |= later > in_flight || heard > behind.cast_signed();
            }
        }
    }
}
