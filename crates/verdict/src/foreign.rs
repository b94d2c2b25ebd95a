//! Did the host that a RST names as its sender really send it? The RST is compared with that host's other packets.
//!
//! One clue alone is never enough, except where nobody who had really sent the RST could behave so. What an ordinary
//! kernel does is no clue:
//!
//! - Linux, aborting a live socket, goes on with the socket's window and IPv4 identification; since about 2018 with
//!   its timestamps too (`tcp_send_active_reset`), before that without them. Windows and BSD give a window of 0.
//! - Whoever answers a packet for which there is no socket gives its ACK number as sequence number, window 0, no
//!   options (RFC 9293 §3.5.2) and an identification that continues nothing: 0 with "don't fragment" on newer Linux
//!   (`tcp_v4_send_reset`), another counter on older ones.
//! - Stacks that come from 4.4BSD send such a RST with a hop limit of 255 (`tcp_respond`), whatever else they use.
//!
//! Forged RSTs: Weaver, Sommer and Paxson, "Detecting Forged TCP Reset Packets", NDSS 2009.

use crate::finding::Finding;
use crate::outstanding::later;
use crate::timers::{Keeper, Known};
use crate::{Act, ActKind, Facts, Handshake, Moment, RstAct, words};
use core::fmt::{self, Display, Formatter};
use hangup_wire::Side;

/// Share of certainty from which the claimed sender is said not to have sent it.
const PROVEN: f64 = 0.6;
/// Hop limits that stacks begin with.
const INITIAL: [u8; 3] = [64, 128, 255];
/// Two resets to both ends within so many seconds are one act.
const TOGETHER: f64 = 0.01;
/// An answer is only called too early where it gains so many seconds: clocks of captures are no better.
const EARLY: f64 = 0.002;

/// A RST held against its claimed sender's other packets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Foreign {
    at: Moment,
    clues: [Option<Clue>; CLUES],
    share: f64,
    /// Who made it, where the claimed sender did not.
    pub(crate) maker: Maker,
}

/// Who makes a RST in another's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// Something between the two machines.
    Between,
    /// Another machine of the same network with the same address.
    Namesake,
    /// The client's own machine, but not the program's socket.
    ClientMachine,
}

/// One thing that fits or does not fit.
#[derive(Clone, Copy, Debug)]
struct Clue {
    kind: ClueKind,
    weight: f64,
    frame: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ClueKind {
    /// It came from another network card than that host's packets.
    Mac,
    /// Its hop limit, and the nearest of that host's.
    Hops { here: u8, usual: u8 },
    /// The same number of hops, but another initial value.
    OtherStart { here: u8, usual: u8 },
    /// Both ends were shot at once.
    BothEnds,
    /// Its claimed sender carried on.
    CarriedOn,
    /// Several with different numbers, as if they had to be guessed.
    Stepped,
    /// Its number lies before what its claimed sender had already sent.
    Behind,
    /// It answers nothing that was seen.
    AnswersNothing,
    /// It came before an answer could: seconds, and what the way takes.
    TooEarly { after: f64, way: f64 },
    /// Its IPv4 identification is not the next.
    Identification { here: u16, usual: u16 },
    /// It has no timestamps though its form is that of a live socket.
    NoTimestamps,
    /// It names the device that made it.
    Signed,
    /// It follows the first data at once.
    AfterFirstData,
    /// The line was idle for as long as devices between are known to wait.
    AfterKnownTimer(f64),
    /// Against: its identification continues that host's count.
    NextIdentification,
    /// Against: it has the timestamps of the connection.
    Timestamps,
}

const CLUES: usize = 16;

impl Foreign {
    /// Holds the RST `act` of `side` against what else `facts` has of that side.
    pub(crate) fn of(facts: &Facts, side: Side, act: &Act, rst: &RstAct) -> Self {
        let clues = Compared { facts, side, act, rst }.clues();
        let fold = |against: bool| {
            clues
                .iter()
                .flatten()
                .filter(move |clue| clue.kind.against() == against)
                .fold(1.0, |left, clue| left * (1.0 - clue.weight))
        };
        let share = (1.0 - fold(false)) * fold(true);
        let mut foreign = Self { at: act.at, clues, share, maker: Maker::Between };
        foreign.maker = Compared { facts, side, act, rst }.maker(&foreign);
        foreign
    }

    /// Its claimed sender did not send it, as far as can be told from one capture.
    pub(crate) fn proven(&self) -> bool {
        self.share >= PROVEN
    }

    /// A clue of this kind is there.
    pub(crate) fn any(&self, kind: impl Fn(&ClueKind) -> bool) -> bool {
        self.clues.iter().flatten().any(|clue| kind(&clue.kind))
    }

    /// Its claimed sender carried on.
    pub(crate) fn carried_on(&self) -> bool {
        self.any(|kind| *kind == ClueKind::CarriedOn)
    }

    /// Adds every clue to `finding`, with the weight that it has.
    pub(crate) fn weigh(&self, finding: Finding) -> Finding {
        self.clues.iter().flatten().fold(finding, |finding, clue| {
            let frames = [Some(self.at), clue.frame];
            if clue.kind.against() {
                finding.doubted(true, clue.weight, clue.kind, frames)
            } else {
                finding.supported(true, clue.weight, clue.kind, frames)
            }
        })
    }
}

impl ClueKind {
    const fn against(self) -> bool {
        matches!(self, Self::NextIdentification | Self::Timestamps)
    }
}

impl Display for ClueKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Mac => f.write_str("The reset came from another network card (MAC address) than all that its claimed sender had sent"),
            Self::Hops { here, usual } => write!(
                f,
                "The reset arrived with a hop limit (TTL) of {here}, its claimed sender's packets with {usual}: it took another way, or comes from another machine"
            ),
            Self::OtherStart { here, usual } => write!(
                f,
                "The reset's hop limit (TTL) of {here} began at another value than its claimed sender's {usual}: another system may have made it"
            ),
            Self::BothEnds => f.write_str("Both ends were sent a reset in the other's name at the same moment"),
            Self::CarriedOn => f.write_str("Its claimed sender carried on afterwards as if it had sent no reset"),
            Self::Stepped => f.write_str("There are several resets with different sequence numbers, as if the right one had to be guessed"),
            Self::Behind => f.write_str("The reset's sequence number lies before data that its claimed sender had already sent"),
            Self::AnswersNothing => f.write_str("The reset has the form of an answer, and no packet in the capture provoked it"),
            Self::TooEarly { after, way } => write!(
                f,
                "The reset came {} after the packet that it answers; the way to its claimed sender and back takes {}",
                words::time(after),
                words::time(way)
            ),
            Self::Identification { here, usual } => write!(
                f,
                "The reset's IP identification is {here}; its claimed sender had counted up to {usual}"
            ),
            Self::NoTimestamps => f.write_str("The reset lacks the timestamps that its claimed sender's packets carry; many systems leave them out"),
            Self::Signed => f.write_str("The reset carries the text of a load balancer (F5 BIG-IP) that says why it was sent"),
            Self::AfterFirstData => f.write_str("The reset came right behind the first data"),
            Self::AfterKnownTimer(idle) => write!(
                f,
                "The line had been quiet for {}, as long as devices on the way are known to wait",
                words::time(idle)
            ),
            Self::NextIdentification => f.write_str("The reset's IP identification is the next in its claimed sender's count: the machine itself made it"),
            Self::Timestamps => f.write_str("The reset carries the connection's timestamps, as a live socket's own does"),
        }
    }
}

/// A RST beside its claimed sender's other packets.
struct Compared<'a> {
    facts: &'a Facts,
    side: Side,
    act: &'a Act,
    rst: &'a RstAct,
}

impl Compared<'_> {
    fn clues(&self) -> [Option<Clue>; CLUES] {
        let clue = |holds: bool, kind, weight| holds.then_some(Clue { kind, weight, frame: None });
        let rst = self.rst;
        let counted = self.follows_count();
        let signed = self.signed();
        // A load balancer that ends connections itself counts on with its own packets.
        let own = !signed;
        [
            clue(self.other_mac(), ClueKind::Mac, 0.55),
            self.hops(),
            self.both_ends(),
            clue(self.carried_on(), ClueKind::CarriedOn, 0.85),
            self.stepped(),
            clue(self.behind(), ClueKind::Behind, 0.3),
            clue(self.answers_nothing(), ClueKind::AnswersNothing, 0.25),
            self.too_early(),
            self.identification(counted),
            clue(self.active() && self.timestamps() && !rst.timestamps, ClueKind::NoTimestamps, 0.1),
            clue(signed, ClueKind::Signed, 0.9),
            clue(self.after_first_data(), ClueKind::AfterFirstData, 0.15),
            self.after_known_timer(),
            clue(own && counted, ClueKind::NextIdentification, 0.85),
            clue(own && self.active() && self.timestamps() && rst.timestamps, ClueKind::Timestamps, 0.1),
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
        let (kind, weight) = if hops(here) == hops(usual) {
            // 4.4BSD's `tcp_respond` begins at 255, whatever the rest of the system does.
            (ClueKind::OtherStart { here, usual }, if start(here) == 255 { 0.1 } else { 0.35 })
        } else {
            let far = here.abs_diff(usual) >= 2;
            let steady = high.abs_diff(low) <= 1;
            let weight = if far { 0.55 } else { 0.35 };
            (ClueKind::Hops { here, usual }, if steady { weight } else { weight / 2.0 })
        };
        Some(Clue { kind, weight, frame: self.rst.before.last })
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
        let weight = if after < way / 5.0 && way > 0.01 { 0.55 } else { 0.45 };
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

    /// Its identification is the next of its claimed sender's: a forger would have to know it.
    fn follows_count(&self) -> bool {
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

    fn maker(&self, foreign: &Foreign) -> Maker {
        let here = hops(self.rst.hop_limit) == 0;
        let usual =
            self.rst.before.hop_limits.is_some_and(|limits| limits.iter().all(|&limit| hops(limit) == 0));
        let namesake = foreign.any(|kind| *kind == ClueKind::Mac) && !self.rst.ack_flag && self.answer();
        if here && usual && namesake {
            return Maker::Namesake;
        }
        let same_card = !self.other_mac();
        if self.side == Side::Client && here && usual && same_card && self.at_client() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Before, SideFacts, Trigger};
    use hangup_wire::{PerSide, Timestamp};

    fn at(frame: u64, millis: i64) -> Moment {
        Moment::new(0, frame, Timestamp(millis * 1_000_000))
    }

    /// A server seven hops away that counts its packets, and a RST in its name three seconds after its last words.
    fn scene() -> (Facts, Act, RstAct) {
        let side =
            SideFacts { packets: 9, bytes: 4000, sent: 4001, timestamps: true, ..SideFacts::default() };
        let facts = Facts {
            handshake: Handshake::Complete,
            rtt: Some(20_000_000),
            server_rtt: Some(20_000_000),
            sides: PerSide { client: side, server: side },
            ..Facts::default()
        };
        let rst = RstAct {
            ack_flag: true,
            window: 509,
            hop_limit: 57,
            ip_id: Some(102),
            before: Before {
                hop_limits: Some([57, 57]),
                ip_ids: [101, 100],
                mac: Some([2; 6]),
                last: Some(at(8, 0)),
                sent: 4001,
                since: None,
            },
            mac: Some([2; 6]),
            ..RstAct::default()
        };
        let act = Act {
            from: Some(Side::Server),
            at: at(9, 3000),
            offset: 4001,
            ack: Some(4001),
            repeat: false,
            kind: ActKind::Rst(rst.clone()),
        };
        (facts, act, rst)
    }

    fn examine(change: impl FnOnce(&mut Facts, &mut Act, &mut RstAct)) -> Foreign {
        let (mut facts, mut act, mut rst) = scene();
        change(&mut facts, &mut act, &mut rst);
        Foreign::of(&facts, Side::Server, &act, &rst)
    }

    /// What an ordinary kernel sends is never called forged: not the reset of a live socket, old or new, nor an
    /// answer without a socket.
    #[test]
    fn ordinary_kernels_are_believed() {
        let believed = |foreign: Foreign, what: &str| {
            assert!(foreign.share < 0.2 && !foreign.proven(), "{what}: {foreign:?}");
        };
        believed(examine(|_, _, _| {}), "Linux before 2018");
        believed(examine(|_, _, rst| rst.timestamps = true), "Linux since 2018");
        believed(examine(|_, _, rst| rst.window = 0), "Windows");
        let answer = |act: &mut Act, rst: &mut RstAct, id| {
            rst.ack_flag = false;
            rst.window = 0;
            rst.ip_id = Some(id);
            act.ack = None;
            rst.before.since = Some(at(8, 2980));
            rst.trigger =
                Some(Trigger { at: at(8, 2980), data: 100, fin: false, syn: false, ack: act.offset });
        };
        believed(examine(|_, act, rst| answer(act, rst, 0)), "an answer of Linux");
        believed(examine(|_, act, rst| answer(act, rst, 40_000)), "an answer of an older Linux");
        let bsd = examine(|_, act, rst| {
            answer(act, rst, 7);
            rst.hop_limit = 248;
        });
        believed(bsd, "an answer of 4.4BSD");
    }

    #[test]
    fn one_clue_is_not_enough_and_two_are() {
        let hops = examine(|_, _, rst| {
            rst.hop_limit = 61;
            rst.ip_id = None;
        });
        assert!(!hops.proven() && hops.share >= 0.35);
        let card = examine(|_, _, rst| {
            rst.mac = Some([3; 6]);
            rst.ip_id = None;
        });
        assert!(!card.proven());
        let both = examine(|_, _, rst| {
            rst.hop_limit = 61;
            rst.ip_id = Some(31_337);
        });
        assert!(both.proven() && both.maker == Maker::Between);
        // A forger does not know the count: whoever continues it is the machine itself, whatever way it took.
        let counted = examine(|_, _, rst| rst.hop_limit = 61);
        assert!(!counted.proven());
    }

    #[test]
    fn whoever_carries_on_did_not_send_it() {
        assert!(
            examine(|_, _, rst| {
                rst.sender_carried_on = true;
                rst.ip_id = None;
            })
            .proven()
        );
        // A socket that is not connected yet refuses what is strange to it, and goes on.
        let calling = examine(|facts, act, rst| {
            facts.handshake = Handshake::Partial;
            rst.sender_carried_on = true;
            rst.ack_flag = false;
            rst.ip_id = Some(0);
            rst.trigger = Some(Trigger { at: at(8, 2980), data: 0, fin: false, syn: false, ack: act.offset });
        });
        assert!(!calling.proven());
    }

    /// Only a number that proves which packet is answered tells how long the answer took.
    #[test]
    fn the_one_round_trip_test_needs_proof_of_what_is_answered() {
        let early = |kind: &ClueKind| matches!(kind, ClueKind::TooEarly { .. });
        let acknowledges = examine(|_, act, rst| {
            act.at = at(9, 3001);
            act.ack = Some(4001);
            rst.acked_before = 3001;
            rst.before.since = Some(at(8, 2999));
        });
        assert!(acknowledges.any(early));
        let proves_nothing = examine(|_, act, rst| {
            act.at = at(9, 3001);
            rst.acked_before = 4001;
            rst.before.since = Some(at(8, 2999));
        });
        assert!(!proves_nothing.any(early));
        let in_time = examine(|_, act, rst| {
            act.at = at(9, 3021);
            rst.acked_before = 3001;
            rst.before.since = Some(at(8, 2999));
        });
        assert!(!in_time.any(early));
    }

    #[test]
    fn both_ends_within_less_than_half_the_way() {
        let shot = |gap: i64| {
            examine(|facts, act, rst| {
                let mirrored = RstAct { ack_flag: true, ..RstAct::default() };
                facts.acts = vec![
                    act.clone(),
                    Act {
                        from: Some(Side::Client),
                        at: at(10, 3000 + gap),
                        kind: ActKind::Rst(mirrored),
                        ..act.clone()
                    },
                ];
                rst.ip_id = None;
            })
        };
        assert!(shot(1).proven());
        assert!(!shot(15).proven());
    }

    #[test]
    fn a_load_balancer_signs_what_it_made_and_not_what_it_passes_on() {
        let text = |text: &str| {
            examine(|_, _, rst| {
                rst.text = Some(text.to_owned());
                rst.ip_id = None;
            })
        };
        assert!(text("BIG-IP: [0x2409a71:704] Flow expired (sweeper)").proven());
        assert!(!text("BIG-IP: [0x11c5672:3045] {peer} TCP RST from remote system").proven());
        assert!(!text("Access Denied").proven());
    }
}
