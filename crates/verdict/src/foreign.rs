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

mod clue;
mod compared;

pub(crate) use clue::ClueKind;

use crate::finding::Finding;
use crate::{Act, Facts, Moment, RstAct};
use clue::{CLUES, Clue};
use compared::Compared;
use hangup_wire::Side;

/// Share of certainty from which the claimed sender is said not to have sent it.
const PROVEN: f64 = 0.6;
/// The same from which siblings are asked.
const DOUBTFUL: f64 = 0.45;

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

impl Foreign {
    /// Holds the RST `act` of `side` against what else `facts` has of that side.
    pub(crate) fn of(facts: &Facts, side: Side, act: &Act, rst: &RstAct) -> Self {
        let clues = Compared { facts, side, act, rst }.clues();
        let mut foreign = Self { at: act.at, clues, share: 0.0, maker: Maker::Between };
        foreign.share = foreign.weighed();
        foreign.maker = Compared { facts, side, act, rst }.maker(&foreign);
        foreign
    }

    /// It has the form of an answer, and nothing had provoked it for long.
    pub(crate) fn unprovoked(&self) -> bool {
        self.any(|kind| matches!(kind, ClueKind::Unprovoked(_)))
    }

    /// Much speaks against its claimed sender, though it is not enough by itself.
    pub(crate) fn doubtful(&self) -> bool {
        self.share >= DOUBTFUL
    }

    /// Siblings are to be asked whether it was shot.
    pub(crate) fn suspected(&self) -> bool {
        self.unprovoked() || self.doubtful()
    }

    /// A sibling shows this too.
    pub(crate) fn shown(&mut self, kind: ClueKind, weight: f64) {
        if let Some(free) = self.clues.iter_mut().find(|clue| clue.is_none()) {
            *free = Some(Clue { kind, weight, frame: None });
            self.share = self.weighed();
        }
    }

    /// Its claimed sender did not send it, as far as can be told from one capture.
    pub(crate) fn proven(&self) -> bool {
        self.share >= PROVEN
    }

    /// A clue of this kind is there.
    pub(crate) fn any(&self, kind: impl Fn(&ClueKind) -> bool) -> bool {
        self.clues.iter().flatten().any(|clue| kind(&clue.kind))
    }

    fn weighed(&self) -> f64 {
        let fold = |against: bool| {
            self.clues
                .iter()
                .flatten()
                .filter(move |clue| clue.kind.against() == against)
                .fold(1.0, |left, clue| left * (1.0 - clue.weight))
        };
        (1.0 - fold(false)) * fold(true)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActKind, Before, Handshake, SideFacts, Trigger};
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

    /// Above or below: no way is so long, and no kernel begins the reset of a live socket elsewhere.
    #[test]
    fn a_live_socket_begins_where_it_always_does() {
        let starts = |here, usual: [u8; 2], ack_flag| {
            examine(|_, _, rst| {
                rst.hop_limit = here;
                rst.before.hop_limits = Some(usual);
                rst.ack_flag = ack_flag;
            })
            .proven()
        };
        assert!(starts(249, [62, 62], true) && starts(199, [62, 62], true) && starts(62, [249, 249], true));
        assert!(starts(248, [57, 57], true));
        // 4.4BSD begins its answers at 255.
        assert!(!starts(248, [57, 57], false));
        // Two systems answer for one address, perhaps a load balancer's.
        assert!(!starts(249, [62, 120], true));
    }

    #[test]
    fn what_no_router_passed_on_was_made_here() {
        let near = |here, usual| {
            examine(|_, act, rst| {
                rst.hop_limit = here;
                rst.before.hop_limits = Some(usual);
                rst.ack_flag = false;
                rst.window = 0;
                rst.ip_id = Some(0);
                rst.before.since = Some(at(8, 2980));
                rst.trigger =
                    Some(Trigger { at: at(8, 2980), data: 100, fin: false, syn: false, ack: act.offset });
            })
            .proven()
        };
        assert!(near(64, [63, 63]) && near(255, [63, 63]));
        assert!(!near(63, [62, 62]) && !near(254, [63, 63]) && !near(64, [63, 64]));
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

    /// "No such connection", half a second after its sender had still taken part in it.
    fn forgotten(change: impl FnOnce(&mut Facts, &mut Act, &mut RstAct)) -> bool {
        examine(|facts, act, rst| {
            act.at = at(9, 520);
            act.ack = None;
            rst.ack_flag = false;
            rst.window = 0;
            rst.ip_id = Some(0);
            rst.trigger =
                Some(Trigger { at: at(8, 500), data: 100, fin: false, syn: false, ack: act.offset });
            change(facts, act, rst);
        })
        .any(|kind| matches!(kind, ClueKind::Forgetful { .. }))
    }

    #[test]
    fn nobody_forgets_within_a_second() {
        let trigger =
            |millis, data, ack| Some(Trigger { at: at(8, millis), data, fin: false, syn: false, ack });
        assert!(forgotten(|_, _, _| {}));
        assert!(forgotten(|_, act, rst| rst.trigger = trigger(1000, 100, act.offset)));
        assert!(!forgotten(|_, act, rst| rst.trigger = trigger(1001, 100, act.offset)));
        assert!(!forgotten(|_, act, rst| rst.trigger = trigger(500, 0, act.offset)));
        assert!(!forgotten(|_, _, rst| rst.trigger = trigger(500, 100, 1)));
        assert!(!forgotten(|_, _, rst| rst.ack_flag = true));
        assert!(!forgotten(|facts, _, _| facts.handshake = Handshake::Partial));
        assert!(!forgotten(|facts, _, _| facts.sides.client.retransmitted = 1));
        assert!(!forgotten(|facts, _, _| facts.sides.server.missing = 1));
        assert!(!forgotten(|facts, _, _| facts.sides.server.fin_unseen = Some(at(7, 100))));
        let goodbye = |act: &Act, millis| Act {
            at: at(7, millis),
            kind: ActKind::Fin { acked: None, data: 0, in_vain: None },
            ..act.clone()
        };
        assert!(!forgotten(|facts, act, _| facts.acts = vec![goodbye(act, 400)]));
        assert!(forgotten(|facts, act, _| facts.acts = vec![goodbye(act, 600)]));
        // It had said nothing and confirmed nothing: then the handshake tells, where it was long enough ago.
        let fresh = |facts: &mut Facts, rst: &mut RstAct, opened: i64| {
            rst.before.sent = 1;
            rst.acked_before = 1;
            facts.first = at(1, opened - 20);
        };
        assert!(forgotten(|facts, _, rst| fresh(facts, rst, 439)));
        assert!(!forgotten(|facts, _, rst| fresh(facts, rst, 440)));
    }

    /// The form of an answer, though nothing was there to be answered: no number fits, no packet is missing.
    #[test]
    fn an_answer_to_nothing() {
        let stray = |change: fn(&mut Facts, &mut Act, &mut RstAct)| {
            examine(|facts, act, rst| {
                rst.ack_flag = false;
                rst.ip_id = Some(0);
                act.ack = None;
                act.offset = 4701;
                change(facts, act, rst);
            })
            .any(|kind| *kind == ClueKind::AnswersNothing)
        };
        assert!(stray(|_, _, _| {}));
        // Its number is the next of its sender's: whoever sent it knows the connection.
        assert!(!stray(|_, act, _| act.offset = 4001));
        assert!(!stray(|_, _, rst| rst.ack_flag = true));
        assert!(!stray(|facts, _, _| facts.sides.client.missing = 1));
        assert!(!stray(|facts, _, _| facts.sides.client.packets = 0));
        assert!(!stray(|facts, _, _| facts.sides.server.packets = 0));
    }

    /// Eight packets may be missing from a count; who goes on from there is the machine itself.
    #[test]
    fn a_count_is_followed_within_eight() {
        let clues = |id, ids| {
            let foreign = examine(|_, _, rst| {
                rst.ip_id = Some(id);
                rst.before.ip_ids = ids;
            });
            let other = |kind: &ClueKind| matches!(kind, ClueKind::Identification { .. });
            (foreign.any(|kind| *kind == ClueKind::NextIdentification), foreign.any(other))
        };
        assert_eq!(clues(102, [101, 100]), (true, false));
        assert_eq!(clues(109, [101, 100]), (true, false));
        assert_eq!(clues(110, [101, 100]), (false, false));
        assert_eq!(clues(101, [101, 100]), (false, false));
        assert_eq!(clues(2101, [101, 100]), (false, false));
        assert_eq!(clues(2102, [101, 100]), (false, true));
        assert_eq!(clues(0, [101, 100]), (false, true));
        // Around the end of the count.
        assert_eq!(clues(3, [u16::MAX - 1, u16::MAX - 2]), (true, false));
        // Nobody counts who sends always 0.
        assert_eq!(clues(2102, [0, 0]), (false, false));
        assert_eq!(clues(2102, [101, 0]), (false, false));
        // A step of more than eight is no count.
        assert_eq!((clues(9000, [101, 93]).1, clues(9000, [101, 92]).1), (true, false));
    }

    /// The form of an answer, ten seconds after the last packet that it could answer: not enough alone, and enough where siblings show
    /// it too.
    #[test]
    fn nobody_answers_so_late() {
        let late = |change: fn(&mut Facts, &mut Act, &mut RstAct)| {
            examine(|facts, act, rst| {
                rst.ack_flag = false;
                rst.window = 0;
                act.ack = None;
                act.at = at(9, 10_100);
                rst.trigger =
                    Some(Trigger { at: at(8, 100), data: 0, fin: false, syn: false, ack: act.offset });
                change(facts, act, rst);
            })
        };
        let mut alone = late(|_, _, _| {});
        assert!(alone.unprovoked() && !alone.proven());
        alone.shown(ClueKind::SamePause(10.0), 0.5);
        assert!(alone.proven());
        assert!(!late(|_, act, _| act.at = at(9, 10_099)).unprovoked());
        assert!(!late(|_, _, rst| rst.ack_flag = true).unprovoked());
        assert!(!late(|facts, _, _| facts.sides.client.missing = 1).unprovoked());
        assert!(!late(|_, _, rst| rst.before.since = Some(at(8, 9000))).unprovoked());
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
