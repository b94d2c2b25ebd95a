//! The short way for what most packets are.

use super::Connection;
use crate::half::mark;
use crate::history::Letter;
use crate::{Content, Place};
use hangup_wire::{Flags, Header, Moment, Side};

impl<C: Content> Connection<C> {
    /// Whether a packet neither opens nor closes anything, and acknowledges.
    #[inline]
    pub(crate) fn may_be_ordinary(header: &impl Header) -> bool {
        const OPENS_OR_CLOSES: Flags = Flags::SYN.with(Flags::FIN).with(Flags::RST);
        header.flags().among(OPENS_OR_CLOSES.with(Flags::ACK)) == Flags::ACK
    }

    /// Takes in new data in order, or an acknowledgment, on a connection that is open and on which nothing odd has
    /// happened: the same as [`Connection::any_segment`] makes of such a packet, in one go. False, and nothing is
    /// done, where it is any other packet, or may be.
    #[inline]
    pub(crate) fn ordinary(&mut self, side: Side, header: &impl Header, at: Moment) -> bool {
        const OPEN: u16 = mark::BASE | mark::ACK;
        const ODD: u16 = mark::FIN | mark::RST | mark::CLOSED_WINDOW;
        let (window, payload) = (header.window(), header.payload());
        if !Self::may_be_ordinary(header) || window == 0 {
            return false;
        }
        // A side that has acknowledged before is neither silent so far nor the first to be heard of; without FIN and RST
        // no act of closing is waiting for an answer.
        let (half, peer) = self.halves.both_mut(side);
        let in_order = header.seq() == half.next() && header.ack().since(peer.next()) <= 0;
        let length = u64::from(header.length());
        if !in_order
            || half.marks & (OPEN | ODD) != OPEN
            || peer.marks & (mark::BASE | ODD) != mark::BASE
            || half.odd.is_some()
            || peer.odd.is_some()
            // Perhaps the same packet, captured twice.
            || header.id().is_some_and(|id| id == half.last_ip_id)
            || length != payload.len() as u64
            || length > 0 && half.read != half.sent
        {
            return false;
        }
        let Ok(ack) = u64::try_from(peer.offset(header.ack())) else { return false };
        if ack < peer.acked {
            return false;
        }
        if ack >= peer.sent {
            peer.waiting = None;
        } else if ack > peer.acked {
            peer.waiting = peer.last_data;
        }
        peer.acked = ack;
        half.remember(header, at);
        half.window = window;
        half.widest = half.widest.max(window);
        if length == 0 {
            self.history.note(side, Letter::Ack, 1);
            return true;
        }
        self.history.note(side, Letter::Data, 1);
        let start = half.sent;
        half.sent = start + length;
        half.read = half.sent;
        half.last_data = Some(at);
        half.waiting = half.waiting.or(half.last_data);
        self.content.bytes(side, payload, &Place { at, offset: start, ack });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Connection;
    use crate::{Content, Endpoint, Place};
    use hangup_wire::{Addr, Flags, Ip, LinkFacts, Moment, Segment, Seq, Side, TcpOptions, Timestamp};
    use proptest::prelude::*;

    /// Keeps what it is told.
    #[derive(Debug, Default)]
    struct Told(Vec<(Side, Vec<u8>, u64, u64)>);

    impl Content for Told {
        fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
            self.0.push((side, bytes.to_vec(), place.offset, place.ack));
        }

        fn gap(&mut self, side: Side, missing: u64, place: &Place) {
            self.0.push((side, Vec::new(), place.offset, missing));
        }
    }

    /// One packet, told by what it changes against the usual: mostly nothing.
    #[derive(Clone, Debug)]
    struct Step {
        server: bool,
        flags: Flags,
        length: usize,
        shift: i32,
        ack_shift: i32,
        window: u16,
        id: Option<u16>,
        wait: i64,
    }

    fn step() -> impl Strategy<Value = Step> {
        let flags = prop_oneof![
            100 => Just(Flags::ACK),
            50 => Just(Flags::ACK.with(Flags::PSH)),
            1 => Just(Flags::ACK.with(Flags::FIN)),
            1 => Just(Flags::RST),
            1 => Just(Flags::SYN),
            1 => Just(Flags::SYN.with(Flags::ACK)),
        ];
        // One oddity, and the rest of the connection goes the long way: most have none.
        let shift = prop_oneof![200 => Just(0), 3 => -40..40, 1 => any::<i32>()];
        let ack_shift = prop_oneof![200 => Just(0), 100 => -20..0, 3 => -40..40, 1 => any::<i32>()];
        let window = prop_oneof![200 => 1..u16::MAX, 1 => Just(0)];
        (
            any::<bool>(),
            flags,
            0..5_usize,
            shift,
            ack_shift,
            window,
            proptest::option::of(0..40_u16),
            0..9_000_000_i64,
        )
            .prop_map(|(server, flags, length, shift, ack_shift, window, id, wait)| Step {
                server,
                flags,
                length: length * length,
                shift,
                ack_shift,
                window,
                id,
                wait,
            })
    }

    proptest! {
        /// Whatever is taken in the short way leaves the connection as the long way would.
        #[test]
        fn the_short_way_is_the_same_way(steps in proptest::collection::vec(step(), 0..60)) {
            let ends = [[10, 0, 0, 1], [10, 0, 0, 2]].map(|ip| Endpoint { address: Addr::v4(ip), port: 443 });
            let new = || Connection::<Told>::new(0, ends[0], ends[1], Flags::SYN, Moment::default());
            let (mut short, mut long) = (new(), new());
            let (mut pool, mut other_pool) = (100, 100);
            let bytes = [7; 16];
            let mut next = [100_u32, 900];
            let mut now = 0;
            for (frame, step) in (1..).zip(steps) {
                let (from, to) = (usize::from(step.server), usize::from(!step.server));
                let side = Side::BOTH[from];
                now += step.wait;
                let seq = next[from].wrapping_add_signed(step.shift);
                let segment = Segment {
                    ip: Ip { src: ends[from].address, dst: ends[to].address, ttl: 64, id: step.id, ..Ip::default() },
                    src_port: 443,
                    dst_port: 443,
                    seq: Seq(seq),
                    ack: Seq(next[to].wrapping_add_signed(step.ack_shift)),
                    flags: step.flags,
                    window: step.window,
                    checksum: 0,
                    urgent: 0,
                    options: TcpOptions::default(),
                    payload: &bytes[..step.length],
                    length: u32::try_from(step.length).unwrap(),
                    link: LinkFacts::default(),
                };
                next[from] = seq.wrapping_add(segment.length)
                    .wrapping_add(u32::from(step.flags.syn() || step.flags.fin()));
                let at = Moment::new(0, frame, Timestamp(now));
                let fresh = short.segment(side, &segment, at, &mut pool);
                prop_assert_eq!(fresh, long.any_segment(side, &segment, at, &mut other_pool));
                prop_assert_eq!(format!("{short:?}"), format!("{long:?}"));
                prop_assert_eq!(pool, other_pool);
            }
        }
    }
}
