//! Who ended a connection: the first goodbye, once replies, echoes, repeats and crossings are told apart.
//!
//! A connection has one opening move. The side that makes it ended the connection; what comes later is an
//! answer (it acknowledges the move), a crossing (it does not), a kernel's echo to something that came too
//! late, or a repeat. Pure function of the acts, in the order in which they were said.

use crate::foreign::{ClueKind, Foreign, Maker};
use crate::last_words::SHORT;
use crate::outstanding::later;
use crate::silence::Silence;
use crate::{
    Act, ActKind, AlertAct, AlertSeen, EndedBy, Facts, Goodbye, GoodbyeKind, Handshake, IcmpAct, Role,
    RstAct, RstFit,
};
use hangup_wire::{Moment, Side, Timestamp};

/// Certainty below which what looks like an alert is no goodbye.
const CERTAIN_ENOUGH: f32 = 0.5;

/// So many round trips may lie between two goodbyes that crossed: the way there and back, and some queueing.
const CROSSING: f64 = 2.0;
/// And so many seconds in any case: delayed acknowledgments, a round trip that was measured on an empty line.
const CROSSING_AT_LEAST: f64 = 0.2;

/// Seconds between a program's farewell and its FIN, where it does not wait for anything between them, as the way may draw them out.
const BREATH: f64 = 0.004;

/// The acts of closing with their roles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles {
    /// Every act of closing in order, silence included.
    pub(crate) goodbyes: Vec<Goodbye>,
    /// For each goodbye its act: index into the facts' acts; none for silence.
    pub(crate) acts: Vec<Option<usize>>,
    /// Which goodbye is the first.
    pub(crate) first: Option<usize>,
    /// The silence that is the first goodbye.
    pub(crate) silence: Option<Silence>,
    /// The reset that is the first goodbye, held against its claimed sender's other packets.
    pub(crate) foreign: Option<Foreign>,
    /// The other side hung up by itself later than the way takes, and still did not know of the first goodbye: that
    /// one did not arrive.
    pub(crate) unheard: Option<Moment>,
    ended_by: Option<EndedBy>,
}

/// The opening move, as far as the roles of later acts depend on it.
#[derive(Clone, Copy)]
struct Opening<'a> {
    from: Option<Side>,
    /// Its first act; none for silence.
    act: Option<&'a Act>,
}

impl Roles {
    /// Tells the roles of all acts of `facts`; `end` is the end of the capture.
    pub(crate) fn of(facts: &Facts, end: Timestamp) -> Self {
        // All acts, and perhaps a silence.
        let room = facts.acts.len() + 1;
        let mut roles =
            Self { goodbyes: Vec::with_capacity(room), acts: Vec::with_capacity(room), ..Self::default() };
        let mut silence =
            Silence::of(facts, end).filter(|silence| icmp_explains(facts, silence.silent.other()).is_none());
        let mut opening: Option<Opening<'_>> = None;
        for (index, act) in facts.acts.iter().enumerate() {
            if matches!(&act.kind, ActKind::Alert(alert) if !alert.credible()) {
                continue;
            }
            if opening.is_none()
                && let Some(silence) = silence.take_if(|silence| silence.since.time <= act.at.time)
            {
                roles.fall_silent(silence);
                opening = Some(Opening { from: Some(silence.silent), act: None });
            }
            if opening.is_none()
                && let Some((side, at)) = unseen_fin(facts).filter(|(_, at)| !later(*at, act.at))
            {
                roles.hang_up_unseen(side, at);
                opening = Some(Opening { from: Some(side), act: None });
            }
            let role = roles.role(facts, act, opening);
            if role == Role::First && opening.is_none() {
                opening = Some(Opening { from: act.from, act: Some(act) });
                roles.first = Some(roles.goodbyes.len());
            }
            roles.goodbyes.push(goodbye(act, role));
            roles.acts.push(Some(index));
        }
        if let Some(silence) = silence.filter(|_| opening.is_none()) {
            roles.fall_silent(silence);
        } else if let Some((side, at)) = unseen_fin(facts).filter(|_| opening.is_none()) {
            roles.hang_up_unseen(side, at);
        }
        roles.take_leave(facts);
        roles.foreign = roles.examine(facts);
        roles.unheard = roles.unheard(facts);
        roles.ended_by = roles.decide(facts);
        roles
    }

    /// What siblings show of the reset that is the first goodbye; that may turn who ended the connection.
    pub(crate) fn compare(&mut self, facts: &Facts, clue: ClueKind, weight: f64) {
        if let Some(foreign) = &mut self.foreign {
            foreign.shown(clue, weight);
            self.ended_by = self.decide(facts);
        }
    }

    /// Who ended the connection.
    pub(crate) fn ended_by(&self) -> EndedBy {
        self.ended_by.unwrap_or(EndedBy::Nobody)
    }

    /// The first goodbye.
    pub(crate) fn first(&self) -> Option<&Goodbye> {
        self.goodbyes.get(self.first?)
    }

    /// One side said its protocol's own farewell and its FIN in one breath, and the other's FIN, which crossed that, knew of the farewell: it is
    /// the answer, wherever the capture has it.
    fn take_leave(&mut self, facts: &Facts) {
        let fin = |goodbye: &Goodbye| goodbye.kind == GoodbyeKind::Fin;
        let Some(first) = self.first.filter(|&first| self.goodbyes.get(first).is_some_and(fin)) else {
            return;
        };
        let Some(other) = self
            .goodbyes
            .iter()
            .position(|goodbye| goodbye.role == Role::Crossing && goodbye.kind != GoodbyeKind::Rst)
        else {
            return;
        };
        let answers = |answer: usize, leaver: usize| {
            let act = |goodbye: usize| facts.acts.get(self.acts.get(goodbye).copied().flatten()?);
            let (answer, leaver) = (act(answer)?, act(leaver)?);
            let spoken = facts.talk.last[leaver.from?]?;
            // Under TLS it is known by its size alone.
            let said = match facts.talk.farewell[leaver.from?].as_deref() {
                Some(farewell) => spoken.at == farewell.at,
                None => facts.tls.is_some() && u64::from(spoken.length) <= SHORT,
            };
            // Its last words are the farewell, and the FIN stands right behind them.
            let one_breath = said && leaver.offset == spoken.end && leaver.at.after(spoken.at) <= BREATH;
            (one_breath && answer.ack? >= spoken.end).then_some(())
        };
        let (leaver, answer) = match (answers(other, first), answers(first, other)) {
            (Some(()), None) => (first, other),
            (None, Some(())) => (other, first),
            _ => return,
        };
        let side = |goodbye: usize| self.goodbyes.get(goodbye).and_then(|goodbye| goodbye.from);
        let (leaving, answering) = (side(leaver), side(answer));
        for goodbye in &mut self.goodbyes {
            match goodbye.role {
                Role::First | Role::Crossing if goodbye.from == leaving => goodbye.role = Role::First,
                Role::First | Role::Crossing if goodbye.from == answering => goodbye.role = Role::Reply,
                _ => {}
            }
        }
        self.first = Some(leaver);
    }

    fn fall_silent(&mut self, silence: Silence) {
        self.first = Some(self.goodbyes.len());
        self.silence = Some(silence);
        self.acts.push(None);
        self.goodbyes.push(Goodbye {
            at: silence.since,
            from: Some(silence.silent),
            kind: GoodbyeKind::Silence,
            role: Role::First,
            certainty: if silence.tries >= 3 { 1.0 } else { 0.8 },
            address: None,
        });
    }

    /// `side` was first, with a FIN that the capture lacks; `at` shows it.
    fn hang_up_unseen(&mut self, side: Side, at: Moment) {
        self.first = Some(self.goodbyes.len());
        self.acts.push(None);
        self.goodbyes.push(Goodbye {
            at,
            from: Some(side),
            kind: GoodbyeKind::Fin,
            role: Role::First,
            certainty: 0.9,
            address: None,
        });
    }

    /// What `act` is, after all that is already in `self`.
    fn role(&self, facts: &Facts, act: &Act, opening: Option<Opening<'_>>) -> Role {
        let said_before = act.from.is_some_and(|side| self.said(side));
        let reset_before = self.goodbyes.iter().any(|goodbye| {
            goodbye.kind == GoodbyeKind::Rst && goodbye.from == act.from && goodbye.role != Role::Ignored
        });
        match &act.kind {
            ActKind::Alert(alert) if !alert.ends() => return Role::Ignored,
            ActKind::Icmp(icmp) => {
                let explains =
                    icmp_explains(facts, icmp.about).is_some_and(|first| core::ptr::eq(first, act));
                return match opening {
                    _ if act.repeat => Role::Repeat,
                    None if explains => Role::First,
                    _ => Role::Ignored,
                };
            }
            ActKind::Fin { .. } if spoke_beyond(facts, act) => return Role::Ignored,
            ActKind::Rst(rst) if answers_challenge(facts, act, rst) => return Role::Ignored,
            ActKind::Rst(rst) if reset_before && !rst.ignored => return Role::Repeat,
            ActKind::Rst(rst) if without_effect(act, rst, said_before) => return Role::Ignored,
            // The first one that counts is no repeat of one that did not.
            ActKind::Rst(_) => {}
            _ if act.repeat => return Role::Repeat,
            _ => {}
        }
        let Some(opening) = opening else { return Role::First };
        if opening.from.is_some() && act.from == opening.from {
            return match &act.kind {
                ActKind::Rst(rst)
                    if !rst.ack_flag || act.from.is_some_and(|side| self.said(side.other())) =>
                {
                    Role::Echo
                }
                _ => Role::First,
            };
        }
        match &act.kind {
            ActKind::Rst(rst) if !rst.ack_flag && (said_before || self.answers_goodbye(facts, rst)) => {
                Role::Echo
            }
            ActKind::Rst(rst) if !rst.ack_flag => Role::Reply,
            ActKind::Rst(_) if said_before => Role::Reply,
            _ if knew(act, opening) => Role::Reply,
            _ => Role::Crossing,
        }
    }

    /// `side` has said a goodbye that counts.
    fn said(&self, side: Side) -> bool {
        self.goodbyes.iter().any(|goodbye| {
            goodbye.from == Some(side)
                && goodbye.kind != GoodbyeKind::Silence
                && !matches!(goodbye.role, Role::Ignored | Role::Repeat)
        })
    }

    /// The packet that provoked `rst` was itself a goodbye.
    fn answers_goodbye(&self, facts: &Facts, rst: &RstAct) -> bool {
        rst.trigger.is_some_and(|trigger| {
            trigger.fin
                || self.acts.iter().flatten().filter_map(|&index| facts.acts.get(index)).any(|act| {
                    act.at.frame() == trigger.at.frame()
                        && act.at.capture() == trigger.at.capture()
                        && matches!(act.kind, ActKind::Alert(_) | ActKind::Fin { .. })
                })
        })
    }

    /// Holds the reset that is the first goodbye against its claimed sender's other packets.
    fn examine(&self, facts: &Facts) -> Option<Foreign> {
        let act = facts.acts.get(self.acts.get(self.first?).copied().flatten()?)?;
        let ActKind::Rst(rst) = &act.kind else { return None };
        Some(Foreign::of(facts, act.from?, act, rst))
    }

    /// The other side's goodbye, which does not acknowledge the first one and came too late to have crossed it.
    fn unheard(&self, facts: &Facts) -> Option<Moment> {
        let first = self.first()?;
        let other =
            self.goodbyes.iter().find(|goodbye| goodbye.from.is_some() && goodbye.role == Role::Crossing)?;
        let way = facts.rtt_seconds().unwrap_or(0.0) * CROSSING;
        (other.at.after(first.at) > way.max(CROSSING_AT_LEAST)).then_some(other.at)
    }

    fn decide(&self, facts: &Facts) -> Option<EndedBy> {
        if facts.sides[Side::Server].challenged.is_some() && facts.sides[Side::Server].syns == 0 {
            return Some(EndedBy::Unknown);
        }
        let position = self.first?;
        let first = self.goodbyes.get(position)?;
        if matches!(first.kind, GoodbyeKind::Silence | GoodbyeKind::Icmp) {
            return Some(EndedBy::Network);
        }
        let side = first.from?;
        if let Some(foreign) = self.foreign.filter(Foreign::proven) {
            return Some(match foreign.maker {
                Maker::Between => EndedBy::Middlebox,
                Maker::Namesake => EndedBy::Unknown,
                Maker::ClientMachine => EndedBy::Client,
            });
        }
        let answer = self.goodbyes.iter().find(|goodbye| {
            goodbye.from == Some(side.other())
                && matches!(goodbye.role, Role::Reply | Role::Crossing | Role::Echo)
        });
        Some(match (answer.map(|goodbye| goodbye.role), side) {
            (Some(Role::Crossing), _) if self.unheard.is_none() => EndedBy::Crossing,
            (_, Side::Client) => EndedBy::Client,
            (_, Side::Server) => EndedBy::Server,
        })
    }
}

impl AlertAct {
    /// Likely enough an alert to be spoken of. A certainty that is not a number is none.
    fn credible(&self) -> bool {
        self.certainty >= CERTAIN_ENOUGH
    }

    /// It can end a connection: certain enough to be an alert, no mere warning, and its sender stops here.
    ///
    /// A `close_notify` or a fatal alert is the last record of its direction (RFC 8446 §6.1); warnings such
    /// as `no_certificate`, `no_renegotiation` and `unrecognized_name` are remarks in passing, and
    /// `user_canceled` has to be followed by `close_notify`.
    pub fn ends(&self) -> bool {
        let warning = match self.description {
            Some(41 | 100) => true,
            Some(90) => !self.pair,
            Some(112) => self.level == Some(1),
            _ => false,
        };
        self.credible() && self.records_after == 0 && !warning
    }
}

impl IcmpAct {
    /// It says that a packet cannot arrive at all; not so "fragmentation needed" and "packet too big", which
    /// only ask for smaller ones (RFC 1191, RFC 8201).
    pub fn unreachable(&self) -> bool {
        match (self.v6, self.kind) {
            (false, 3) => self.code != 4,
            (false, 11) | (true, 1 | 3) => true,
            _ => false,
        }
    }
}

/// The first ICMP error that explains why what `talker` said stayed unanswered. On a connection that stands,
/// such an error is soft (RFC 1122 §4.2.3.9): it counts only where nothing got through any more.
fn icmp_explains(facts: &Facts, talker: Side) -> Option<&Act> {
    let opening = facts.handshake == Handshake::Refused && facts.sides[talker.other()].packets == 0;
    if !opening && facts.sides[talker].unanswered.is_none() {
        return None;
    }
    facts
        .acts
        .iter()
        .find(|act| matches!(&act.kind, ActKind::Icmp(icmp) if icmp.about == talker && icmp.unreachable()))
}

/// The FIN that the capture lacks, of the side that was the first to send one so, and the packet that acknowledges it.
fn unseen_fin(facts: &Facts) -> Option<(Side, Moment)> {
    Side::BOTH
        .into_iter()
        .filter_map(|side| Some((side, facts.sides[side].fin_unseen?)))
        .min_by_key(|(_, at)| (at.time, at.frame()))
}

/// Its sender said more afterwards, from its place on: it did not take it for the end itself.
fn spoke_beyond(facts: &Facts, act: &Act) -> bool {
    act.from
        .and_then(|side| facts.talk.last[side])
        .is_some_and(|spoken| spoken.end > act.offset && later(spoken.at, act.at))
}

/// It only refuses what belongs to another connection (RFC 9293 §3.10.7.3), and its sender goes on calling.
pub(crate) fn answers_challenge(facts: &Facts, act: &Act, rst: &RstAct) -> bool {
    act.from == Some(Side::Client)
        && rst.trigger.is_some_and(|trigger| Some(trigger.at) == facts.sides[Side::Server].challenged)
        || facts.sides[Side::Server]
            .challenged
            .is_some_and(|at| act.from == Some(Side::Client) && !rst.ack_flag && act.at.time <= at.time)
}

/// A reset that its receiver does not accept (RFC 9293 §3.10.7.4, RFC 5961 §3.2). A kernel's answer carries
/// the number that it was sent, and an echo behind an own goodbye ends nothing any more: both are exempt.
pub(crate) fn without_effect(act: &Act, rst: &RstAct, said_before: bool) -> bool {
    if rst.ignored {
        return true;
    }
    let kernel_answer = !rst.ack_flag
        && (said_before || rst.trigger.is_some_and(|trigger| trigger.ack == act.offset || trigger.syn));
    matches!(rst.fit, RstFit::Window | RstFit::Outside) && !kernel_answer
}

/// The sender of `act` knew of the opening move: its ACK number covers it.
fn knew(act: &Act, opening: Opening<'_>) -> bool {
    let (Some(first), Some(_)) = (opening.act, opening.from) else { return true };
    match (&first.kind, act.ack) {
        // Nobody acknowledges a reset, and whoever got it says nothing any more.
        (ActKind::Rst(_), _) => false,
        (ActKind::Fin { .. }, Some(ack)) => ack > first.offset,
        (_, Some(ack)) => ack >= first.offset,
        (_, None) => true,
    }
}

fn goodbye(act: &Act, role: Role) -> Goodbye {
    let mut certainty = 1.0;
    let mut address = None;
    let kind = match &act.kind {
        ActKind::Alert(alert) => {
            certainty = f64::from(alert.certainty.clamp(0.0, 1.0));
            match alert.seen {
                AlertSeen::Plain => GoodbyeKind::PlainAlert,
                AlertSeen::Encrypted => GoodbyeKind::EncryptedAlert,
                AlertSeen::Inferred => GoodbyeKind::InferredAlert,
                AlertSeen::Decrypted => GoodbyeKind::DecryptedAlert,
            }
        }
        ActKind::Fin { .. } => GoodbyeKind::Fin,
        ActKind::Rst(_) => GoodbyeKind::Rst,
        ActKind::Icmp(icmp) => {
            address = Some(icmp.reporter);
            GoodbyeKind::Icmp
        }
        ActKind::Application(_) => GoodbyeKind::Application,
    };
    let from = if kind == GoodbyeKind::Icmp { None } else { act.from };
    Goodbye { at: act.at, from, kind, role, certainty, address }
}
