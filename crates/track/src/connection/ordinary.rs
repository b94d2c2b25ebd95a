//! The short way for what most packets are.

use super::Connection;
use crate::half::mark;
use crate::history::Letter;
use crate::{Content, Place};
use hangup_wire::{Flags, Moment, Segment, Side};

impl<C: Content> Connection<C> {
    /// Takes in new data in order, or an acknowledgment, on a connection that is open and on which nothing odd has
    /// happened: the same as [`Connection::any_segment`] makes of such a packet, in one go. False, and nothing is
    /// done, where it is any other packet, or may be.
    #[inline]
    pub(super) fn ordinary(&mut self, side: Side, segment: &Segment<'_>, at: Moment) -> bool {
        const OPENS_OR_CLOSES: Flags = Flags::SYN.with(Flags::FIN).with(Flags::RST);
        const OPEN: u16 = mark::BASE | mark::ACK;
        const ODD: u16 = mark::FIN | mark::RST | mark::CLOSED_WINDOW;
        if segment.flags.among(OPENS_OR_CLOSES.with(Flags::ACK)) != Flags::ACK
            || segment.window == 0
            || self.acts.is_some()
            || self.answered.is_none()
        {
            return false;
        }
        let (half, peer) = self.halves.both_mut(side);
        let in_order = segment.seq == half.next() && segment.ack.since(peer.next()) <= 0;
        let (length, payload) = (u64::from(segment.length), segment.payload);
        if !in_order
            || half.marks & (OPEN | ODD) != OPEN
            || peer.marks & (mark::BASE | ODD) != mark::BASE
            || half.odd.is_some()
            || peer.odd.is_some()
            // Perhaps the same packet, captured twice.
            || segment.ip.id.is_some_and(|id| id == half.last_ip_id)
            // Perhaps a keep-alive.
            || length == 1
            || length != payload.len() as u64
            || length > 0 && half.read != half.sent
        {
            return false;
        }
        let Ok(ack) = u64::try_from(peer.offset(segment.ack)) else { return false };
        if ack < peer.acked {
            return false;
        }
        if ack >= peer.sent {
            peer.waiting = None;
        } else if ack > peer.acked {
            peer.waiting = peer.last_data;
        }
        peer.acked = ack;
        half.remember(segment, at);
        half.window = segment.window;
        if length == 0 {
            self.history.note(side, Letter::Ack, 1);
            return true;
        }
        self.history.note(side, Letter::Data, 1);
        let start = half.sent;
        half.sent = start + length;
        half.read = half.sent;
        half.last_data = Some(at);
        half.first_data = half.first_data.or(half.last_data);
        half.waiting = half.waiting.or(half.last_data);
        self.content.bytes(side, payload, &Place { at, offset: start, ack });
        true
    }
}
