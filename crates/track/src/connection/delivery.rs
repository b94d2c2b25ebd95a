//! Bytes in order: what is next is handed over at once, what came early waits, what will never come is a gap.

use super::{Connection, Pool};
use crate::half::mark;
use crate::history::Letter;
use crate::{Content, Place};
use hangup_wire::{Moment, Segment, Side};

impl<C: Content> Connection<C> {
    /// Takes in a packet's data, which begins at offset `start`.
    #[inline]
    pub(super) fn data(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        start: i64,
        at: Moment,
        ack: u64,
        pool: &mut Pool,
    ) {
        let end = start + i64::from(segment.length);
        let half = &mut self.halves[side];
        let (Ok(end), skip) = (u64::try_from(end), usize::try_from(-start).unwrap_or(0)) else { return };
        // Bytes before offset 0 can only come where the connection's beginning was not captured.
        let start = u64::try_from(start).unwrap_or(0);
        if end > half.sent {
            half.last_data = Some(at);
            if half.waiting.is_none() {
                half.waiting = half.last_data;
            }
        }
        if start < half.sent {
            self.seen_before(side, start, end, at);
        }
        let half = &mut self.halves[side];
        half.sent = half.sent.max(end);
        let payload = segment.payload.get(skip..).unwrap_or_default();
        let cut = segment.length.saturating_sub(u32::try_from(segment.payload.len()).unwrap_or(u32::MAX));
        if start <= half.read {
            self.deliver(side, start, payload, cut, &Place { at, offset: start, ack });
            if self.halves[side].holds() {
                self.drain(side, at, ack, pool);
            }
        } else {
            self.hold(side, start, payload, cut, at, pool);
        }
    }

    /// Data at `start` though later data was seen already: sent again, or only overtaken on the way.
    fn seen_before(&mut self, side: Side, start: u64, end: u64, at: Moment) {
        let overtaken_within = if self.rtt > 0 { (self.rtt / 2).max(3_000_000) } else { 3_000_000 };
        let half = &mut self.halves[side];
        let hole = start >= half.read;
        let soon = half.last_data.is_some_and(|last| at.time.since(last.time) < overtaken_within);
        let odd = half.odd.get_or_insert_default();
        if odd.one_more.is_some_and(|(_, number)| end >= number) {
            // It was a byte that came late.
            odd.one_more = None;
        }
        if hole && soon {
            odd.out_of_order += 1;
            return;
        }
        odd.retransmitted += 1;
        if end <= half.acked {
            odd.resent_acknowledged += 1;
        } else {
            odd.resent_length = odd.resent_length.max(u32::try_from(end - start).unwrap_or(u32::MAX));
        }
        if start <= half.acked.max(1) || half.acked <= start {
            odd.tries += 1;
            odd.last_try = Some(at);
        }
        let count = odd.retransmitted;
        self.history.note(side, Letter::Again, count);
    }

    /// Hands bytes that are next in order to the reader.
    #[inline]
    fn deliver(&mut self, side: Side, start: u64, payload: &[u8], cut: u32, place: &Place) {
        let half = &mut self.halves[side];
        let read_already = usize::try_from(half.read - start).unwrap_or(usize::MAX);
        let from = half.read;
        let end = start + payload.len() as u64 + u64::from(cut);
        if end <= from {
            return;
        }
        half.read = end;
        let fresh = payload.get(read_already..).unwrap_or_default();
        if !fresh.is_empty() {
            self.content.bytes(side, fresh, &Place { offset: from, ..*place });
        }
        if cut > 0 {
            let at = from + fresh.len() as u64;
            self.content.gap(side, end - at, &Place { offset: at, ..*place });
        }
    }

    fn hold(&mut self, side: Side, start: u64, payload: &[u8], cut: u32, at: Moment, pool: &mut Pool) {
        let fits = isize::try_from(payload.len()).is_ok_and(|length| length <= *pool);
        let kept = if fits { self.halves[side].odd().held.keep(start, payload, cut) } else { None };
        if let Some(grown) = kept {
            *pool -= grown.cast_signed();
        } else {
            // No room: what is missing in front is given up, so that reading goes on.
            self.give_up_all_holes(side, at, pool);
            let place = Place { at, offset: start, ack: 0 };
            if start > self.halves[side].read {
                self.skip_to(side, start, at);
            }
            if start <= self.halves[side].read {
                self.deliver(side, start, payload, cut, &place);
            }
        }
    }

    /// Hands over what waited and is now in order.
    fn drain(&mut self, side: Side, at: Moment, ack: u64, pool: &mut Pool) {
        loop {
            let half = &mut self.halves[side];
            let read = half.read;
            let Some(odd) = half.odd.as_deref_mut() else { return };
            let before = odd.held.weight();
            let Some((data, cut)) = odd.held.take(read) else {
                *pool += (before - odd.held.weight()).cast_signed();
                return;
            };
            *pool += (before - odd.held.weight()).cast_signed();
            self.deliver(side, read, &data, cut, &Place { at, offset: read, ack });
        }
    }

    /// Skips the holes that the other side has acknowledged: those bytes exist, and the capture lacks them.
    pub(super) fn give_up_holes(&mut self, side: Side, at: Moment, pool: &mut Pool) {
        loop {
            let half = &self.halves[side];
            let Some(first) = half.odd.as_ref().and_then(|odd| odd.held.first()) else { return };
            if first > half.read && first > half.acked {
                return;
            }
            self.skip_to(side, first, at);
            self.drain(side, at, 0, pool);
        }
    }

    fn give_up_all_holes(&mut self, side: Side, at: Moment, pool: &mut Pool) {
        while let Some(first) = self.halves[side].odd.as_ref().and_then(|odd| odd.held.first()) {
            self.skip_to(side, first, at);
            self.drain(side, at, 0, pool);
        }
    }

    fn skip_to(&mut self, side: Side, offset: u64, at: Moment) {
        let half = &mut self.halves[side];
        let missing = offset.saturating_sub(half.read);
        if missing == 0 {
            return;
        }
        let place = Place { at, offset: half.read, ack: 0 };
        half.read = offset;
        let odd = half.odd();
        odd.missing += missing;
        self.history.note(side, Letter::Gap, 1);
        self.content.gap(side, missing, &place);
    }

    /// The input has ended, or the connection: nothing that is still missing will come.
    pub(crate) fn conclude(&mut self, pool: &mut Pool) {
        for side in Side::BOTH {
            let at = self.halves[side].last.unwrap_or_default();
            // The receiver was heard afterwards, and did not acknowledge it: the hole is not the capture's.
            let heard = self.halves[side.other()].last;
            let half = &mut self.halves[side];
            let (read, acked) = (half.read, half.acked);
            let lacks = half.last_data.zip(heard).is_some_and(|(said, heard)| heard.time >= said.time);
            if let Some(odd) = half.odd.as_deref_mut()
                && lacks
                && acked <= read
                && let Some(first) = odd.held.first()
            {
                odd.never_came = first.saturating_sub(read);
            }
            self.give_up_all_holes(side, at, pool);
            let unseen = u64::from(self.fin_unseen(side).is_some());
            let half = &self.halves[side];
            let end = if half.has(mark::FIN) { half.acked.min(half.fin) } else { half.acked - unseen };
            if half.has(mark::BASE) && end > half.read {
                self.skip_to(side, end, at);
            }
        }
    }
}
