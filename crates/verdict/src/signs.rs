//! What shows of an ending at a glance: most rules need not be asked, for what they need is not there.
//!
//! Sixty rules for each connection are sixty calls to code that is not in the processor's cache. What an ordinary
//! ending lacks (a reset, a silence, others beside it, something owed) settles most of them at once.

use crate::case::Case;
use crate::foreign::Foreign;
use crate::{ActKind, EndedBy, Looks, TlsHandshake};
use hangup_wire::{PerSide, Side};

/// Signs of an ending, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signs(u32);

/// None at all.
pub(crate) const ANY: Signs = Signs(0);
/// Somebody said goodbye.
pub(crate) const ENDED: Signs = Signs(1);
/// Nobody did.
pub(crate) const OPEN: Signs = Signs(1 << 1);
/// The client decided to, and was first.
pub(crate) const CLIENT: Signs = Signs(1 << 2);
/// The server decided to, and was first.
pub(crate) const SERVER: Signs = Signs(1 << 3);
/// The two goodbyes crossed on their way.
pub(crate) const CROSSING: Signs = Signs(1 << 4);
/// There is a reset.
pub(crate) const RESET: Signs = Signs(1 << 5);
/// A reset is not its claimed sender's.
pub(crate) const FOREIGN: Signs = Signs(1 << 6);
/// One side fell silent.
pub(crate) const SILENCE: Signs = Signs(1 << 7);
/// Something certain was outstanding.
pub(crate) const OWED: Signs = Signs(1 << 8);
/// Others ended beside it in one event.
pub(crate) const TOGETHER: Signs = Signs(1 << 9);
/// The server never agreed to talk, in what was captured.
pub(crate) const UNANSWERED: Signs = Signs(1 << 10);
/// The server sent no data.
pub(crate) const MUTE_SERVER: Signs = Signs(1 << 11);
/// No application data was sent.
pub(crate) const UNTALKED: Signs = Signs(1 << 12);
/// TLS is spoken.
pub(crate) const TLS: Signs = Signs(1 << 13);
/// The TLS handshake began and was not completed.
pub(crate) const SHAKING: Signs = Signs(1 << 14);
/// The sides do not both begin with TLS.
pub(crate) const UNLIKE_TLS: Signs = Signs(1 << 15);
/// Bytes never came, or were sent again in vain, or a window was closed.
pub(crate) const TROUBLE: Signs = Signs(1 << 16);
/// The answer's status is in clear.
pub(crate) const STATUS: Signs = Signs(1 << 17);

impl Signs {
    /// These and `others`.
    pub(crate) const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// All of `needed` are among them.
    pub(crate) const fn have(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// The signs of one ending.
    pub(crate) fn of(case: &Case<'_>) -> Self {
        let facts = case.facts;
        let (client, server) = (&facts.sides[Side::Client], &facts.sides[Side::Server]);
        let first = case.first();
        let tls = facts.tls.as_deref();
        let both_tls = PerSide { client: Some(Looks::Tls), server: Some(Looks::Tls) };
        let trouble = [client, server]
            .into_iter()
            .any(|side| side.never_came > 0 || side.resent_acknowledged > 0 || side.zero_windows > 0);
        let handshake = tls.map(|tls| tls.handshake);
        [
            (ENDED, first.is_some()),
            (OPEN, first.is_none()),
            (CLIENT, case.first_of(Side::Client).is_some()),
            (SERVER, case.first_of(Side::Server).is_some()),
            (CROSSING, case.roles.ended_by() == EndedBy::Crossing),
            (RESET, facts.acts.iter().any(|act| matches!(act.kind, ActKind::Rst(_)))),
            (FOREIGN, case.roles.foreign.as_ref().is_some_and(Foreign::proven)),
            (SILENCE, case.roles.silence.is_some()),
            (OWED, case.owed()),
            (TOGETHER, case.beside.together.is_some()),
            (UNANSWERED, server.syns == 0),
            (MUTE_SERVER, server.bytes == 0),
            (UNTALKED, !case.has_data()),
            (TLS, tls.is_some()),
            (
                SHAKING,
                handshake.is_some_and(|seen| !matches!(seen, TlsHandshake::Complete | TlsHandshake::Unseen)),
            ),
            (UNLIKE_TLS, facts.opening != both_tls || facts.at_odds.is_some()),
            (TROUBLE, trouble),
            (STATUS, facts.talk.status.is_some()),
        ]
        .into_iter()
        .filter(|(_, there)| *there)
        .fold(ANY, |signs, (sign, _)| signs.and(sign))
    }
}
