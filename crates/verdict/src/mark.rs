//! The ending of one connection as those beside it see it: small enough to be kept for each of a crowd.

use crate::last_words::sealed_dismissal;
use crate::outstanding::{Outstanding, later};
use crate::roles::Roles;
use crate::silence::Silence;
use crate::{ActKind, Dismissed, Facts, GoodbyeKind};
use hangup_wire::{Side, Timestamp};

/// How an ending began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Tail {
    /// With an alert, or a protocol's own goodbye.
    #[default]
    Polite,
    /// With a FIN, where no TLS goodbye was due.
    Fin,
    /// With a FIN although TLS owes a goodbye, or the client its protocol's log-off.
    Bare,
    /// With a reset by a live socket (ACK flag set).
    Abort,
    /// With a reset that answers data which nobody knows any more (no ACK flag).
    Lost,
}

/// An ending.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    /// The connection.
    pub(crate) connection: u64,
    /// The first goodbye.
    pub(crate) at: Timestamp,
    /// The connection's first packet.
    pub(crate) begin: Timestamp,
    pub(crate) client: [u8; 16],
    pub(crate) server: ([u8; 16], u16),
    /// Who said it.
    pub(crate) by: Option<Side>,
    pub(crate) tail: Tail,
    /// Something was outstanding.
    pub(crate) owed: Option<bool>,
    /// The server hung up between two pieces of what it was saying.
    pub(crate) midway: bool,
    /// The server said that another of its processes had crashed.
    pub(crate) crashed: bool,
    /// Seconds without application data before it.
    pub(crate) idle: f32,
    /// The close and the client's last request crossed, or the request found nobody.
    pub(crate) unheard: bool,
}

/// The client did not log off, as clients of this protocol do before they close: PostgreSQL's Terminate (manual §54.2.9), MySQL's `COM_QUIT`,
/// MQTT's DISCONNECT (MQTT 5 §3.14). Where bytes are missing it may have been among them.
fn no_log_off(facts: &Facts) -> bool {
    matches!(facts.protocol.as_deref(), Some("postgresql" | "mysql" | "mqtt"))
        && facts.sides[Side::Client].missing == 0
        && facts.talk.farewell[Side::Client].is_none()
}

impl Mark {
    /// The ending of `facts`; none where nobody said goodbye aloud, or where nothing had been said before. Where more time
    /// alone would make it a silence there is none either: the first pass does not know yet when the capture ends, and
    /// an ending must look the same in both.
    pub(crate) fn of(facts: &Facts, roles: &Roles, outstanding: &Outstanding) -> Option<Self> {
        let first = roles.first()?;
        let by = first.from?;
        if Silence::of(facts, Timestamp(i64::MAX)).is_some() {
            return None;
        }
        let act = roles.acts.get(roles.first?).copied().flatten().and_then(|index| facts.acts.get(index))?;
        let talk = &facts.talk;
        if talk.last[Side::Client].is_none() && talk.last[Side::Server].is_none() {
            return None;
        }
        let tail = match (&act.kind, first.kind) {
            (ActKind::Rst(rst), _) if rst.ack_flag => Tail::Abort,
            (ActKind::Rst(_), _) => Tail::Lost,
            (_, GoodbyeKind::Fin) if facts.tls.is_some() || by == Side::Client && no_log_off(facts) => {
                Tail::Bare
            }
            (_, GoodbyeKind::Fin) => Tail::Fin,
            (_, GoodbyeKind::Icmp | GoodbyeKind::Silence) => return None,
            _ => Tail::Polite,
        };
        let unheard = by == Side::Server
            && talk.last[Side::Client].is_some_and(|last| {
                let begin = last.end.saturating_sub(u64::from(last.length));
                tail == Tail::Lost || act.ack.is_some_and(|ack| ack <= begin)
            });
        // With a last word of dismissal the server broke the quiet only to say that it ends.
        let sealed = sealed_dismissal(facts, first);
        let told = talk.dismissal.is_some() || sealed.is_some();
        // What the client says behind the goodbye breaks no pause before it.
        let spoke =
            talk.last[Side::Client].filter(|last| !later(last.at, first.at)).or(talk.prior[Side::Client]);
        // The order to stop is not what the line was used for.
        let order = talk.farewell[Side::Client].as_deref().is_some_and(|said| said.word == "SHUTDOWN");
        let spoke = if order { talk.last[Side::Server] } else { spoke };
        let quiet = spoke.filter(|_| told || order).map(|last| first.at.after(last.at));
        #[expect(clippy::cast_possible_truncation, reason = "seven digits are plenty for a pause in seconds")]
        let idle = quiet.or(outstanding.idle).unwrap_or(0.0) as f32;
        Some(Self {
            connection: facts.id,
            at: first.at.time,
            begin: facts.first.time,
            client: facts.client.address,
            server: (facts.server.address, facts.server.port),
            by: Some(by),
            tail,
            owed: outstanding.value,
            midway: outstanding.midway,
            // Who has no time left for TLS's goodbye has none for an orderly end either.
            crashed: talk.dismissal.as_ref().is_some_and(|said| said.reason == Dismissed::Crash)
                || sealed.is_some() && tail == Tail::Bare,
            idle,
            unheard,
        })
    }

    /// Both connections stood when the first of them ended.
    pub(crate) fn stood_with(&self, other: &Self) -> bool {
        self.begin < other.at && other.begin < self.at
    }

    /// Something was outstanding, or an answer stopped between two pieces.
    pub(crate) fn cut(&self) -> bool {
        self.owed == Some(true) || self.midway
    }

    /// It ended as a program's end ends it: its kernel closed the socket, and nobody said goodbye.
    pub(crate) fn abrupt(&self) -> bool {
        matches!(self.tail, Tail::Fin | Tail::Bare | Tail::Abort)
    }
}
