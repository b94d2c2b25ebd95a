//! One connection on the table: its facts, its siblings, and what follows from them before any rule is asked.

use crate::beside::{Beside, Together};
use crate::between;
use crate::finding::Finding;
use crate::foreign::Foreign;
use crate::outstanding::{Outstanding, later};
use crate::roles::Roles;
use crate::{
    Act, ActKind, Dismissal, Dismissed, EndedBy, Facts, Farewell, Goodbye, GoodbyeKind, Happening, Moment,
    Role, RstAct, Siblings, TlsHandshake,
};
use hangup_wire::{Side, Timestamp};

/// Seconds that stand in for an unknown round trip.
const TYPICAL_RTT: f64 = 0.1;

/// Seconds at most between the FIN and the reset of one close.
pub(crate) const ONE_MOVE: f64 = 0.005;

/// All that a rule may look at.
pub(crate) struct Case<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) siblings: &'a Siblings<'a>,
    pub(crate) roles: Roles,
    pub(crate) outstanding: Outstanding,
    /// What the endings beside it say.
    pub(crate) beside: Beside,
    /// In words, not only in numbers.
    told: bool,
}

impl<'a> Case<'a> {
    /// Lays out `facts` beside its `siblings`; `told`: findings are wanted in words, not only in numbers.
    pub(crate) fn new(facts: &'a Facts, siblings: &'a Siblings<'a>, told: bool) -> Self {
        let end = siblings.world.end.max(facts.last.time);
        let mut roles = Roles::of(facts, end);
        let outstanding = Outstanding::of(facts, &roles, end);
        if let Some((clue, weight)) = between::shown(facts, siblings, &roles, &outstanding) {
            roles.compare(facts, clue, weight);
        }
        let beside = Beside::of(facts, siblings, &roles, &outstanding);
        Self { facts, siblings, roles, outstanding, beside, told }
    }

    /// The endings that were part of the same event, if it is this one.
    pub(crate) fn together(&self, happening: Happening) -> Option<&Together> {
        self.beside.together.as_ref().filter(|together| together.event.happening == happening)
    }

    /// A finding whose signature holds: so sure without further evidence, 0 to 1.
    pub(crate) fn finding(&self, confidence: f64) -> Finding {
        Finding::new(confidence, self.told)
    }

    /// The end of the capture.
    pub(crate) fn end(&self) -> Timestamp {
        self.siblings.world.end.max(self.facts.last.time)
    }

    /// Round trip in seconds, typical where unknown.
    pub(crate) fn rtt(&self) -> f64 {
        self.facts.rtt_seconds().unwrap_or(TYPICAL_RTT)
    }

    /// The first goodbye.
    pub(crate) fn first(&self) -> Option<&Goodbye> {
        self.roles.first()
    }

    /// The first goodbye, where `side` said it aloud and decided to.
    pub(crate) fn first_of(&self, side: Side) -> Option<&Goodbye> {
        let by = match side {
            Side::Client => EndedBy::Client,
            Side::Server => EndedBy::Server,
        };
        self.first().filter(|first| first.from == Some(side) && self.roles.ended_by() == by)
    }

    /// Goodbyes of `side` that count, with their acts.
    pub(crate) fn goodbyes(&self, side: Side) -> impl Iterator<Item = (&Goodbye, &Act)> {
        self.roles
            .goodbyes
            .iter()
            .zip(&self.roles.acts)
            .filter(move |(goodbye, _)| {
                goodbye.from == Some(side) && !matches!(goodbye.role, Role::Ignored | Role::Repeat)
            })
            .filter_map(|(goodbye, act)| Some((goodbye, self.facts.acts.get((*act)?)?)))
    }

    /// The act of `goodbye`.
    pub(crate) fn act(&self, goodbye: &Goodbye) -> Option<&'a Act> {
        self.roles
            .goodbyes
            .iter()
            .zip(&self.roles.acts)
            .find(|(other, _)| core::ptr::eq(*other, goodbye))
            .and_then(|(_, act)| self.facts.acts.get((*act)?))
    }

    /// The TLS alert that `side` said goodbye with.
    pub(crate) fn alert(&self, side: Side) -> Option<(&Goodbye, &Act)> {
        self.goodbyes(side).find(|(_, act)| matches!(act.kind, ActKind::Alert(_)))
    }

    /// The FIN of `side`.
    pub(crate) fn fin(&self, side: Side) -> Option<(&Goodbye, &Act)> {
        self.goodbyes(side).find(|(_, act)| matches!(act.kind, ActKind::Fin { .. }))
    }

    /// The reset that `goodbye` is.
    pub(crate) fn rst(&self, goodbye: &Goodbye) -> Option<&'a RstAct> {
        match &self.act(goodbye)?.kind {
            ActKind::Rst(rst) => Some(rst),
            _ => None,
        }
    }

    /// `goodbye` is the first, and a reset that its claimed sender's own connection did not send.
    pub(crate) fn is_foreign(&self, goodbye: &Goodbye) -> bool {
        self.first().is_some_and(|first| core::ptr::eq(first, goodbye))
            && self.roles.foreign.as_ref().is_some_and(Foreign::proven)
    }

    /// Resets of `side` that count.
    pub(crate) fn resets(&self, side: Side) -> impl Iterator<Item = (&Goodbye, &Act, &RstAct)> {
        self.goodbyes(side).filter_map(|(goodbye, act)| match &act.kind {
            ActKind::Rst(rst) => Some((goodbye, act, rst)),
            _ => None,
        })
    }

    /// The reset that is the first goodbye.
    pub(crate) fn first_reset(&self, side: Side) -> Option<&'a RstAct> {
        match &self.act(self.first_of(side)?)?.kind {
            ActKind::Rst(rst) => Some(rst),
            _ => None,
        }
    }

    /// Application data was sent by either side.
    pub(crate) fn has_data(&self) -> bool {
        let talk = &self.facts.talk;
        talk.bytes.client > 0
            || talk.bytes.server > 0
            || talk.last.client.is_some()
            || talk.last.server.is_some()
    }

    /// The connection carries TLS whose handshake was completed (or began before the capture).
    pub(crate) fn is_tls(&self) -> bool {
        self.facts
            .tls
            .as_ref()
            .is_some_and(|tls| matches!(tls.handshake, TlsHandshake::Complete | TlsHandshake::Unseen))
    }

    /// Whose part of the handshake was due when the first goodbye came, and since when.
    pub(crate) fn whose_turn(&self) -> Option<(Side, Moment)> {
        let tls = self.facts.tls.as_ref()?;
        let in_time = |at: &Moment| self.first().is_none_or(|first| at.time <= first.at.time);
        let client = tls.last_handshake[Side::Client].filter(in_time);
        let of_server = tls.last_handshake[Side::Server].filter(in_time).filter(|server| {
            client.is_none_or(|client| (client.time, client.frame()) < (server.time, server.frame()))
        });
        match of_server {
            Some(at) => Some((Side::Client, at)),
            None => Some((Side::Server, client.or(tls.client_hello)?)),
        }
    }

    /// When the server reset the connection in one move with its `goodbye`, as a kernel does for a program that
    /// leaves something unread.
    pub(crate) fn reset_in_one_move(&self, goodbye: Moment) -> Option<Moment> {
        self.resets(Side::Server)
            .find(|(reset, _, rst)| rst.ack_flag && reset.at.after(goodbye).abs() <= ONE_MOVE)
            .map(|(reset, _, _)| reset.at)
    }

    /// The server had spoken last, as far as can be told to its end, and nothing more of it came behind the goodbye.
    pub(crate) fn had_spoken(&self) -> bool {
        !self.outstanding.blind
            && !self.outstanding.midway
            && self.outstanding.spoke_last == Some(Side::Server)
            && self.spoke_after_goodbye(Side::Server).is_none()
    }

    /// The words in clear by which the server ended the session, where they give this reason.
    pub(crate) fn dismissed(&self, reason: Dismissed) -> Option<&'a Dismissal> {
        self.facts.talk.dismissal.as_deref().filter(|said| said.reason == reason)
    }

    /// Something certain was outstanding.
    pub(crate) fn owed(&self) -> bool {
        self.outstanding.value == Some(true)
    }

    /// The farewell of `side`, with which it had said all.
    pub(crate) fn farewell(&self, side: Side) -> Option<&'a Farewell> {
        self.facts.talk.farewell[side].as_deref().filter(|_| self.outstanding.value == Some(false))
    }

    /// Seconds without application data before the first goodbye.
    pub(crate) fn idle(&self) -> f64 {
        self.outstanding.idle.unwrap_or(0.0)
    }

    /// Seconds without a word before the first goodbye, or before the notice that came right before it.
    pub(crate) fn quiet(&self) -> f64 {
        self.outstanding.notice.unwrap_or(self.idle())
    }

    /// The last application bytes of `side`, where they came after the first goodbye.
    pub(crate) fn spoke_after_goodbye(&self, side: Side) -> Option<crate::Spoken> {
        let first = self.first()?;
        self.facts.talk.last[side].filter(|spoken| later(spoken.at, first.at))
    }

    /// Bytes are missing from the capture, or one of the two directions.
    pub(crate) fn lossy(&self) -> bool {
        let missing = Side::BOTH.into_iter().any(|side| self.facts.sides[side].missing > 0);
        missing || self.one_sided().is_some() || self.facts.tls.as_ref().is_some_and(|tls| tls.lost > 0)
    }

    /// The side of which no packet was captured although it must have sent some.
    pub(crate) fn one_sided(&self) -> Option<Side> {
        Side::BOTH.into_iter().find(|&side| {
            let other = &self.facts.sides[side.other()];
            let answered = other.bytes > 0 || other.acked > 1 || other.packets > u64::from(other.syns) + 1;
            // A SYN that nobody answers is no proof: there may have been nothing to capture.
            let silent = other.unanswered.is_some();
            // What is acknowledged was sent, whatever else went unanswered.
            let acknowledged = self.facts.sides[side].missing > 0;
            self.facts.sides[side].packets == 0 && other.packets > 0 && (acknowledged || answered && !silent)
        })
    }

    /// Frames of the first goodbye and the last words of each side.
    pub(crate) fn last_words(&self, side: Side) -> Option<Moment> {
        self.facts.talk.last[side].map(|spoken| spoken.at)
    }

    /// The first goodbye is a TLS alert or a protocol's own words.
    pub(crate) fn first_is_polite(&self) -> bool {
        self.first().is_some_and(|first| is_alert(first.kind) || first.kind == GoodbyeKind::Application)
    }
}

/// A TLS alert, however it was seen.
pub(crate) fn is_alert(kind: GoodbyeKind) -> bool {
    matches!(
        kind,
        GoodbyeKind::PlainAlert
            | GoodbyeKind::EncryptedAlert
            | GoodbyeKind::InferredAlert
            | GoodbyeKind::DecryptedAlert
    )
}
