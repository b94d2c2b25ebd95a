//! A reset beside the other packets of its claimed sender, and which clues that shows.

use super::clue::{CLUES, Clue, ClueKind};
use super::{Foreign, Maker};
use crate::outstanding::later;
use crate::timers::{Keeper, Known};
use crate::{Act, ActKind, Facts, Handshake, RstAct};
use hangup_wire::Side;

/// Hop limits that stacks begin with.
const INITIAL: [u8; 3] = [64, 128, 255];
/// Two resets to both ends within so many seconds are one act.
const TOGETHER: f64 = 0.01;
/// An answer is only called too early where it gains so many seconds: clocks of captures are no better.
const EARLY: f64 = 0.002;
/// The weight of an answer that nobody could have given so soon.
const IMPOSSIBLE: f64 = 0.65;
/// Seconds for which a machine is believed to know what it took part in.
const MEMORY: f64 = 1.0;
/// Seconds after which nothing is an answer any more: no way is so long.
const UNASKED: f64 = 10.0;

/// A RST beside its claimed sender's other packets.
pub(super) struct Compared<'a> {
    pub(super) facts: &'a Facts,
    pub(super) side: Side,
    pub(super) act: &'a Act,
    pub(super) rst: &'a RstAct,
}

impl Compared<'_> {
    /// Every clue that it shows.
    pub(super) fn clues(&self) -> [Option<Clue>; CLUES] {
        let clue = |holds: bool, kind, weight| holds.then_some(Clue { kind, weight, frame: None });
        let rst = self.rst;
        let counted = self.follows_count();
        let signed = self.signed();
        let unprovoked = self.unprovoked();
        // A load balancer that ends connections itself counts on with its own packets. And whose count goes on has a live socket, which
        // would set the ACK flag: a reset that is both an answer and the next of the count was made by one who copies.
        // What comes before any answer could was made nearer by, whatever it copies.
        let too_early = self.too_early();
        let nearer = too_early.is_some_and(|clue| clue.weight >= IMPOSSIBLE);
        let own = !signed && unprovoked.is_none() && !nearer;
        [
            clue(self.other_mac(), ClueKind::Mac, 0.55),
            self.hops(),
            self.both_ends(),
            clue(self.carried_on(), ClueKind::CarriedOn, 0.85),
            self.stepped(),
            clue(self.behind(), ClueKind::Behind, 0.3),
            clue(self.answers_nothing(), ClueKind::AnswersNothing, 0.25),
            unprovoked,
            self.forgetful(),
            too_early,
            self.identification(counted),
            clue(self.active() && self.timestamps() && !rst.timestamps, ClueKind::NoTimestamps, 0.1),
            clue(signed, ClueKind::Signed, 0.9),
            clue(self.after_first_data(), ClueKind::AfterFirstData, 0.15),
            self.after_known_timer(),
            clue(own && counted, ClueKind::NextIdentification, 0.85),
            clue(own && self.active() && self.timestamps() && rst.timestamps, ClueKind::Timestamps, 0.1),
            // What siblings show is added later.
            None,
            None,
        ]
    }

    /// It has the form of a live socket that is aborted.
    fn active(&self) -> bool {
        self.rst.ack_flag && self.rst.trigger.is_none_or(|trigger| !trigger.syn)
    }

    /// A kernel's answer: its number is what the packet that it answers had acknowledged.
    fn answer(&self) -> bool {
        self.rst.trigger.is_some_and(|trigger| trigger.syn || trigger.ack == self.act.offset)
    }

    fn timestamps(&self) -> bool {
        self.facts.sides[self.side].timestamps
    }

    fn other_mac(&self) -> bool {
        // A mirror of both sides of a router shows two addresses of every host.
        !self.facts.captured_twice
            && self.rst.mac.zip(self.rst.before.mac).is_some_and(|(here, usual)| here != usual)
    }

    fn hops(&self) -> Option<Clue> {
        let [low, high] = self.rst.before.hop_limits?;
        let here = self.rst.hop_limit;
        if here == 0 || (low..=high).contains(&here) || self.facts.captured_twice {
            return None;
        }
        let usual = if here < low { low } else { high };
        if self.started_elsewhere() {
            let kind = ClueKind::OtherStart { here, usual };
            return Some(Clue { kind, weight: 0.7, frame: self.rst.before.last });
        }
        let (kind, weight) = if hops(here) == hops(usual) {
            // 4.4BSD's `tcp_respond` begins at 255, whatever the rest of the system does.
            (ClueKind::OtherStart { here, usual }, if start(here) == 255 { 0.1 } else { 0.35 })
        } else {
            let far = here.abs_diff(usual) >= 2;
            let steady = high.abs_diff(low) <= 1;
            let weight = if far { 0.55 } else { 0.35 };
            // What no router has passed on was made on the very link of the capture, and this host's packets are not.
            let weight = if hops(here) == 0 && low == high { 0.65 } else { weight };
            (ClueKind::Hops { here, usual }, if steady { weight } else { weight / 2.0 })
        };
        Some(Clue { kind, weight, frame: self.rst.before.last })
    }

    /// It has the form of a live socket's abort, and another initial hop limit than all that this host has sent. A kernel sends such a reset
    /// like any other segment (RFC 9293 §3.10.5), and no change of the way is so long.
    fn started_elsewhere(&self) -> bool {
        self.rst.before.hop_limits.is_some_and(|[low, high]| {
            let (here, usual) = (self.rst.hop_limit, start(low));
            here > 0
                && self.active()
                && usual == start(high)
                && usual != start(here)
                && !self.facts.captured_twice
        })
    }

    /// The other end was sent a reset too, which no kernel would do in answer to a reset.
    fn both_ends(&self) -> Option<Clue> {
        let round_trip = self.facts.rtt_seconds()?;
        let other = self.facts.acts.iter().find(|other| {
            let ActKind::Rst(mirrored) = &other.kind else { return false };
            let gap = other.at.after(self.act.at).abs();
            other.from == Some(self.side.other())
                && gap <= TOGETHER.min(round_trip / 2.0)
                && (mirrored.ack_flag || mirrored.trigger.is_none())
                && !mirrored.ignored
        })?;
        self.active().then_some(Clue { kind: ClueKind::BothEnds, weight: 0.7, frame: Some(other.at) })
    }

    /// A socket that is not connected yet resets what does not belong to it, and goes on (RFC 9293 §3.10.7.3).
    fn carried_on(&self) -> bool {
        let connecting =
            self.facts.handshake != Handshake::Complete && self.facts.handshake != Handshake::Unseen;
        self.rst.sender_carried_on && (self.rst.ack_flag || !connecting)
    }

    /// Several that no packet provoked, each with another number.
    fn stepped(&self) -> Option<Clue> {
        let unprovoked = |act: &Act| match &act.kind {
            ActKind::Rst(rst) => {
                act.from == Some(self.side)
                    && rst.trigger.is_none_or(|trigger| trigger.ack != act.offset)
                    && act.at.after(self.act.at).abs() <= 1.0
            }
            _ => false,
        };
        let other = self
            .facts
            .acts
            .iter()
            .find(|act| unprovoked(act) && act.offset != self.act.offset && act.ack != Some(0))?;
        let same_form = matches!(&other.kind, ActKind::Rst(rst) if rst.ack_flag == self.rst.ack_flag);
        let holds = unprovoked(self.act) && same_form && later(other.at, self.act.at);
        holds.then_some(Clue { kind: ClueKind::Stepped, weight: 0.7, frame: Some(other.at) })
    }

    /// BSD takes its next number back when it sends again (RFC 6298 §5.4): then such a number is its own.
    fn behind(&self) -> bool {
        self.act.offset < self.rst.before.sent
            && self.rst.before.sent > 1
            && !self.answer()
            && self.facts.sides[self.side].retransmitted == 0
            && self.facts.sides[self.side].out_of_order == 0
    }

    fn answers_nothing(&self) -> bool {
        let whole = Side::BOTH.into_iter().all(|side| self.facts.sides[side].missing == 0);
        !self.rst.ack_flag
            && self.rst.trigger.is_none()
            && whole
            && self.act.offset != self.rst.before.sent
            && self.facts.sides.client.packets > 0
            && self.facts.sides.server.packets > 0
    }

    /// The form of an answer, long after the last packet that it could answer. RFC 9293 §3.10.5 lets an aborted socket say so, but Linux,
    /// Windows and BSD set the ACK flag there. The packet that provoked it may only be missing here: alone that is not enough.
    fn unprovoked(&self) -> Option<Clue> {
        let trigger = self
            .rst
            .trigger
            .filter(|trigger| !trigger.syn && !trigger.fin && trigger.ack == self.act.offset)?;
        let late = self.act.at.after(trigger.at);
        let whole = Side::BOTH.into_iter().all(|side| self.facts.sides[side].missing == 0);
        let asked = self.rst.before.since.is_some();
        let holds = !self.rst.ack_flag && late >= UNASKED && whole && !asked;
        let kind = ClueKind::Unprovoked(late);
        holds.then_some(Clue { kind, weight: 0.4, frame: Some(trigger.at) })
    }

    /// A live socket that is aborted says RST with ACK (RFC 9293 §3.10.5); without it answers who knows of no such connection (§3.5.2). Nobody
    /// forgets within a second, and without a goodbye, what he took part in: he had acknowledged data, sent some, or let the handshake's last
    /// packet pass for longer than an answer takes. Who had been away before it may have been started anew.
    fn forgetful(&self) -> Option<Clue> {
        let trigger =
            self.rst.trigger.filter(|trigger| trigger.data > 0 && trigger.ack == self.act.offset)?;
        let last = self.rst.before.last?;
        let knew = trigger.at.after(last);
        let earlier = |act: &&Act| later(self.act.at, act.at) && !act.repeat;
        let whole = Side::BOTH.into_iter().all(|side| {
            let half = &self.facts.sides[side];
            half.missing == 0 && half.fin_unseen.is_none()
        });
        let part = self.rst.acked_before > 1 || self.rst.before.sent > 1 || self.let_pass();
        let holds = !self.rst.ack_flag
            && self.facts.handshake == Handshake::Complete
            && !self.facts.acts.iter().any(|act| earlier(&act))
            && self.facts.sides[self.side.other()].retransmitted == 0
            && (0.0..=MEMORY).contains(&knew)
            && whole
            && part;
        holds.then_some(Clue { kind: ClueKind::Forgetful { knew }, weight: 0.45, frame: Some(last) })
    }

    /// The server took the last packet of the handshake without objecting: a reset in answer to it would have come long before.
    fn let_pass(&self) -> bool {
        let (Some(rtt), Some(way)) = (self.facts.rtt, self.way()) else { return false };
        let opened = self.facts.first.time.plus(rtt);
        self.side == Side::Server && self.act.at.time.seconds_since(opened) > 4.0 * way
    }

    /// The one-round-trip test. It holds only where the RST proves which packet it answers: by acknowledging what was
    /// not acknowledged before, or by the number of a packet that nothing with the same number preceded.
    fn too_early(&self) -> Option<Clue> {
        let way = self.way()?;
        let since = self.rst.before.since?;
        let newly = self.rst.ack_flag && self.act.ack.is_some_and(|ack| ack > self.rst.acked_before);
        let alone = !self.rst.ack_flag
            && self.answer()
            && self.rst.before.last.is_some_and(|last| since.after(last) > (2.0 * way).max(1.0));
        let after = self.act.at.after(since);
        if !(newly || alone) || after < 0.0 || after > way / 2.0 || way - after < EARLY {
            return None;
        }
        // The handshake may have been slow for its own reasons; nothing that this side ever said came sooner.
        let never = |replies: crate::Replies| f64::from(replies.quickest) / 1e6 >= way / 2.0;
        let sure = after < way / 20.0 && self.facts.talk.replies[self.side].is_some_and(never);
        let weight = if sure && way > 0.005 {
            IMPOSSIBLE
        } else if after < way / 5.0 && way > 0.01 {
            0.55
        } else {
            0.45
        };
        Some(Clue { kind: ClueKind::TooEarly { after, way }, weight, frame: Some(since) })
    }

    /// Seconds from the place of the capture to the claimed sender and back.
    #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
    fn way(&self) -> Option<f64> {
        let (rtt, server) = (self.facts.rtt?, self.facts.server_rtt?);
        let nanos = match self.side {
            Side::Server => server,
            Side::Client => rtt.saturating_sub(server),
        };
        (nanos > 0).then_some(nanos as f64 / 1e9)
    }

    /// Its identification is the next of its claimed sender's: a forger would have to know it, as only one on the way can, who is known by
    /// the hop limit that a live socket would not use.
    fn follows_count(&self) -> bool {
        if self.started_elsewhere() {
            return false;
        }
        let [last, _] = self.rst.before.ip_ids;
        last != 0 && self.rst.ip_id.is_some_and(|id| id != 0 && (1..=8).contains(&id.wrapping_sub(last)))
    }

    /// A live socket goes on counting; an answer without a socket does not.
    fn identification(&self, counted: bool) -> Option<Clue> {
        let [last, before] = self.rst.before.ip_ids;
        let here = self.rst.ip_id?;
        let counts = last != 0 && before != 0 && (1..=8).contains(&last.wrapping_sub(before));
        // A count that the whole machine shares may have gone on for long.
        let jumped = here.wrapping_sub(last) > 2_000 || here == 0;
        let holds = self.active() && counts && !counted && jumped;
        let kind = ClueKind::Identification { here, usual: last };
        holds.then_some(Clue { kind, weight: 0.35, frame: self.rst.before.last })
    }

    /// F5 BIG-IP writes its reason into the RST (`tm.rstcause.pkt`); `{peer}` says that it only passes on the other
    /// side's.
    fn signed(&self) -> bool {
        self.rst.text.as_deref().is_some_and(|text| {
            text.starts_with("BIG-IP: [0x")
                && !text.contains("{peer}")
                && !text.contains("TCP RST from remote")
        })
    }

    /// The other side had just sent the first data of the connection, and this side nothing yet.
    fn after_first_data(&self) -> bool {
        let Some(data) = self.facts.sides[self.side.other()].last_data else { return false };
        let round_trip = self.facts.rtt_seconds().unwrap_or(0.05).max(0.01);
        let after = self.act.at.after(data);
        self.rst.before.sent <= 1
            && self.facts.handshake == Handshake::Complete
            && (0.0..=round_trip * 1.5).contains(&after)
    }

    fn after_known_timer(&self) -> Option<Clue> {
        let idle = self.idle()?;
        Known::matching(Keeper::Between, idle)?;
        Some(Clue { kind: ClueKind::AfterKnownTimer(idle), weight: 0.2, frame: None })
    }

    /// Seconds without any packet before the RST, or before the packet that it answers.
    fn idle(&self) -> Option<f64> {
        let other = self.rst.before.since.or(self.rst.trigger.map(|trigger| trigger.at));
        let until = if self.answer() { other.unwrap_or(self.act.at) } else { self.act.at };
        Some(until.after(self.rst.before.last?))
    }

    /// Who made it, as `foreign` shows.
    pub(super) fn maker(&self, foreign: &Foreign) -> Maker {
        let here = hops(self.rst.hop_limit) == 0;
        let usual =
            self.rst.before.hop_limits.is_some_and(|limits| limits.iter().all(|&limit| hops(limit) == 0));
        let namesake = foreign.any(|kind| *kind == ClueKind::Mac) && !self.rst.ack_flag && self.answer();
        if here && usual && namesake {
            return Maker::Namesake;
        }
        let same_card = !self.other_mac();
        if self.side == Side::Client
            && here
            && usual
            && same_card
            && (self.at_client() || foreign.carried_on())
        {
            return Maker::ClientMachine;
        }
        Maker::Between
    }

    /// The capture was made at the client: its part of the round trip is next to nothing.
    fn at_client(&self) -> bool {
        match (self.facts.rtt_seconds(), self.facts.rtt, self.facts.server_rtt) {
            (Some(round_trip), Some(rtt), Some(server)) => {
                let own = self.way().filter(|_| rtt > server).unwrap_or(0.0);
                round_trip > 0.001 && own <= (0.05 * round_trip).min(0.001)
            }
            _ => false,
        }
    }
}

/// Where a hop limit most likely began.
fn start(limit: u8) -> u8 {
    INITIAL.into_iter().find(|&start| start >= limit).unwrap_or(255)
}

/// Hops that a packet most likely had made.
fn hops(limit: u8) -> u8 {
    start(limit).saturating_sub(limit)
}
