//! What the program of each side heard when its connection ended: the vocabulary in which error texts and
//! captures can be compared.

use crate::case::is_alert;
use crate::{
    ActKind, EndedBy, Facts, Goodbye, GoodbyeKind, Handshake, Looks, Role, Ruling, TlsHandshake,
    UnansweredKind,
};
use hangup_wire::{PerSide, Side};

/// Seconds of quiet after which nothing was flowing any more.
const FLOWING: f64 = 1.0;

/// Something that a program can notice of an ending, and that a capture can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The other side's RST arrived (RFC 9293 §3.10.7.4).
    Reset,
    /// A RST arrived, but only as the answer to this side's own goodbye.
    EchoedReset,
    /// It wrote although the other side had closed.
    WriteAfterClose,
    /// The other side closed in order (FIN).
    Fin,
    /// The other side closed without the TLS goodbye (RFC 8446 §6.1).
    BareFin,
    /// The other side said the TLS goodbye.
    CloseNotify,
    /// The other side closed before it answered.
    FinBeforeAnswer,
    /// The other side closed in the middle of its answer.
    TruncatedAnswer,
    /// The other side closed right behind what it said under TLS, which hides whether its answer was whole.
    PerhapsTruncated,
    /// One side said something hidden of an alert's size right behind the other's words: a goodbye, or a complaint about them.
    PerhapsComplaint,
    /// This side hung up some time behind the other's last words, and TLS hides whether more was due.
    PerhapsTimeout,
    /// The request to connect was not answered.
    UnansweredSyn,
    /// Data was sent, and sent again, and never confirmed.
    UnansweredData,
    /// The handshake of TLS or of the protocol got no answer.
    UnansweredHandshake,
    /// Keep-alive probes were not answered.
    UnansweredKeepAlive,
    /// The request to connect was refused.
    Refused,
    /// The network said that the other side cannot be reached (ICMP).
    Unreachable,
    /// The other side complained with a TLS alert.
    AlertReceived,
    /// This side refused the TLS handshake.
    OwnRefusal,
    /// This side waited for an answer and hung up itself.
    OwnTimeout,
    /// One side spoke TLS and the other did not.
    NotTls,
    /// The other side did not take any more data (window 0).
    ClosedWindow,
    /// The other side spoke last and then closed: it may have said why.
    LastWord,
    /// A text that is made from an answer, on a connection with which nothing is wrong.
    Application,
    /// Nothing that a capture need show.
    NoPacket,
    /// The consequence of something that happened to the connection before.
    Earlier,
}

use Heard::{
    AlertReceived, Application, BareFin, CloseNotify, ClosedWindow, Earlier, EchoedReset, Fin,
    FinBeforeAnswer, LastWord, NoPacket, NotTls, OwnRefusal, OwnTimeout, PerhapsComplaint, PerhapsTimeout,
    PerhapsTruncated, Refused, Reset, TruncatedAnswer, UnansweredData, UnansweredHandshake,
    UnansweredKeepAlive, UnansweredSyn, Unreachable, WriteAfterClose,
};

/// Each with its word in the catalogue and what people call it.
const ALL: [(Heard, &str, &str); 26] = [
    (Reset, "rst-received", "a reset (RST) from the other side"),
    (EchoedReset, "rst-echoed", "a reset (RST) that only answers the own goodbye"),
    (WriteAfterClose, "write-after-close", "data sent to a side that had already closed"),
    (FinBeforeAnswer, "fin-before-answer", "a close by the other side before it answered"),
    (TruncatedAnswer, "truncated-answer", "a close by the other side in the middle of its answer"),
    (
        PerhapsTruncated,
        "perhaps-truncated",
        "a close right behind data, where TLS hides whether the answer was whole",
    ),
    (PerhapsComplaint, "perhaps-complaint", "a hidden alert, which may be a goodbye or a complaint"),
    (PerhapsTimeout, "perhaps-timeout", "a wait under TLS, which hides whether more was due"),
    (BareFin, "bare-fin", "a close by the other side without the TLS goodbye"),
    (CloseNotify, "close-notify", "the other side's TLS goodbye"),
    (Fin, "fin-received", "a close by the other side (FIN)"),
    (UnansweredSyn, "unanswered-syn", "a request to connect (SYN) that nobody answers"),
    (UnansweredKeepAlive, "keepalive-failed", "keep-alive tests that nobody answers"),
    (UnansweredHandshake, "handshake-unanswered", "a handshake that stops half way"),
    (UnansweredData, "unanswered-data", "data that nobody confirms"),
    (Refused, "refused", "a request to connect that is refused"),
    (Unreachable, "unreachable", "an error message of the network (ICMP): cannot be reached"),
    (AlertReceived, "tls-alert", "a complaint of the other side (TLS alert)"),
    (OwnRefusal, "own-refusal", "a TLS handshake that the own side breaks off"),
    (OwnTimeout, "local-timeout", "a wait for an answer that the own side ends"),
    (NotTls, "not-tls", "one side that speaks TLS and one that does not"),
    (ClosedWindow, "zero-window", "a side that takes no more data (window 0)"),
    (LastWord, "refusal-text", "a last word of the server before it closes"),
    (Application, "application-text", "an answer on a connection with which nothing is wrong"),
    (NoPacket, "no-packet", "nothing that need show in packets"),
    (Earlier, "earlier-event", "an ending that came earlier, and is noticed now"),
];

/// Some of what can be heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeardSet(u32);

impl HeardSet {
    /// `self` and `heard`.
    #[must_use]
    pub const fn with(self, heard: Heard) -> Self {
        Self(self.0 | 1 << heard as u32)
    }

    /// `self` and `heard`, where `holds`.
    const fn when(self, holds: bool, heard: Heard) -> Self {
        if holds { self.with(heard) } else { self }
    }

    /// Everything that is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn shared(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// `heard` is in it.
    pub const fn has(self, heard: Heard) -> bool {
        self.0 & 1 << heard as u32 != 0
    }

    /// Nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// It holds for endings that no capture need show, so that nothing seen speaks against it.
    pub(crate) const fn hidden(self) -> bool {
        self.has(LastWord) || self.has(Application) || self.has(NoPacket) || self.has(Earlier)
    }

    /// What is in it in words, the most telling first.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        ALL.iter().filter(move |(heard, _, _)| self.has(*heard)).map(|(_, _, words)| *words)
    }

    /// What the catalogue calls `word`.
    pub(crate) fn named(word: &str) -> Option<Self> {
        ALL.iter().find(|(_, name, _)| *name == word).map(|(heard, _, _)| Self::default().with(*heard))
    }
}

/// What the program of each side heard of the ending of `facts`, which was judged as `ruling`.
pub(crate) fn heard(facts: &Facts, ruling: &Ruling) -> PerSide<HeardSet> {
    PerSide { client: by(Side::Client, facts, ruling), server: by(Side::Server, facts, ruling) }
}

/// What the program of `side` heard.
fn by(side: Side, facts: &Facts, ruling: &Ruling) -> HeardSet {
    let other = side.other();
    let first = ruling.first_goodbye();
    // The other side hung up, as far as this one could tell.
    let hung_up = match ruling.ended_by {
        EndedBy::Client => other == Side::Client,
        EndedBy::Server => other == Side::Server,
        EndedBy::Crossing => true,
        _ => first.is_some_and(|first| first.from == Some(other) && first.kind != GoodbyeKind::Silence),
    };
    let owed = ruling.outstanding == Some(true);
    let says: Vec<&Goodbye> = ruling
        .goodbyes
        .iter()
        .filter(|goodbye| goodbye.from == Some(other))
        .filter(|goodbye| !matches!(goodbye.role, Role::Ignored | Role::Repeat))
        .collect();
    let fin = says.iter().any(|goodbye| goodbye.kind == GoodbyeKind::Fin);
    let polite = says.iter().any(|goodbye| is_alert(goodbye.kind));
    let opened = facts.handshake != Handshake::Refused && facts.handshake != Handshake::Unanswered;
    let shaking = facts
        .tls
        .as_deref()
        .is_some_and(|tls| !matches!(tls.handshake, TlsHandshake::Complete | TlsHandshake::Unseen));
    // Who is called does not wait for answers, but in the handshake both wait for each other.
    let waits = shaking || (owed && side == Side::Client);
    let halfway = facts.talk.half_sent[other].is_some() || ruling.cause == Some("server-truncated-response");
    let may_be_cut = side == Side::Client
        && facts.tls.is_some()
        && !shaking
        && !halfway
        && (fin || polite)
        && facts.talk.last_speaker == Some(other)
        && facts.talk.outstanding.is_none()
        && ruling.idle_before.is_some_and(|idle| idle <= FLOWING);
    let spoke_late = first.is_some_and(|first| {
        first.from == Some(other) && facts.talk.last[side].is_some_and(|spoken| spoken.at.is_behind(first.at))
    });
    HeardSet::default()
        .union(resets(opened, spoke_late, &says))
        .union(silence(side, facts, ruling, shaking))
        .union(alerts(side, facts, ruling, hung_up))
        .when(hung_up && fin, Fin)
        .when(hung_up && fin && facts.tls.is_some() && !polite, BareFin)
        .when(hung_up && polite && !shaking, CloseNotify)
        .when(hung_up && (fin || polite) && waits && !halfway, FinBeforeAnswer)
        .when(hung_up && halfway, TruncatedAnswer)
        .when(hung_up && may_be_cut, PerhapsTruncated)
        .when(!shaking && perhaps_complaint(facts, ruling), PerhapsComplaint)
        .when(!shaking && perhaps_timeout(side, facts, ruling), PerhapsTimeout)
        .when(spoke_late, WriteAfterClose)
        .when(side == Side::Client && facts.handshake == Handshake::Refused, Refused)
        .when(hung_up && facts.talk.last_speaker == Some(other), LastWord)
}

/// The first goodbye is a hidden alert, and the other side had spoken not long before.
fn perhaps_complaint(facts: &Facts, ruling: &Ruling) -> bool {
    ruling.first_goodbye().is_some_and(|first| {
        matches!(first.kind, GoodbyeKind::EncryptedAlert | GoodbyeKind::InferredAlert)
            && first
                .from
                .and_then(|side| facts.talk.last[side.other()])
                .is_some_and(|spoken| first.at.after(spoken.at) <= FLOWING)
    })
}

/// `side` was first to hang up, a second and longer behind the other's words.
fn perhaps_timeout(side: Side, facts: &Facts, ruling: &Ruling) -> bool {
    facts.tls.is_some()
        && facts.talk.outstanding.is_none()
        && facts.talk.last_speaker == Some(side.other())
        && ruling.first_goodbye().is_some_and(|first| first.from == Some(side))
        && ruling.idle_before.is_some_and(|idle| idle >= FLOWING)
}

/// Resets that the other side, or something in its name, sent.
fn resets(opened: bool, spoke_late: bool, says: &[&Goodbye]) -> HeardSet {
    let mut heard = HeardSet::default();
    for goodbye in says.iter().filter(|goodbye| goodbye.kind == GoodbyeKind::Rst && opened) {
        // A reset that answers a late request is news; one that answers a goodbye is none: who had hung up does not
        // listen any more.
        let echo = match goodbye.role {
            Role::Echo => !spoke_late,
            Role::Reply => true,
            _ => false,
        };
        heard = heard.with(if echo { EchoedReset } else { Reset });
    }
    heard
}

/// What was not answered, and what this side did about it.
fn silence(side: Side, facts: &Facts, ruling: &Ruling, shaking: bool) -> HeardSet {
    let first = ruling.first_goodbye();
    let silent = first
        .filter(|first| first.kind == GoodbyeKind::Silence && first.from == Some(side.other()))
        .and(facts.sides[side].unanswered)
        .map(|unanswered| unanswered.kind);
    let own = match ruling.ended_by {
        EndedBy::Client => side == Side::Client,
        EndedBy::Server => side == Side::Server,
        _ => false,
    };
    let waits = ruling.outstanding == Some(true) && facts.talk.last_speaker != Some(side.other());
    let unreachable = facts
        .acts
        .iter()
        .any(|act| matches!(&act.kind, ActKind::Icmp(icmp) if icmp.about == side && icmp.unreachable()));
    // A greeting that nobody answers; inside TLS it cannot be told from any other request.
    let talk = &facts.talk;
    let unheard = facts.tls.is_none() && talk.bytes[side] > 0 && talk.bytes[side.other()] == 0;
    let calling = side == Side::Client && facts.handshake == Handshake::Unanswered;
    HeardSet::default()
        .when(calling || silent == Some(UnansweredKind::Syn), UnansweredSyn)
        .when(matches!(silent, Some(UnansweredKind::Data | UnansweredKind::Fin)), UnansweredData)
        .when(silent == Some(UnansweredKind::KeepAlive), UnansweredKeepAlive)
        .when(ruling.cause == Some("tcp-keepalive-failed"), UnansweredKeepAlive)
        .when(silent == Some(UnansweredKind::WindowProbe), ClosedWindow)
        .when(facts.sides[side.other()].window_closed, ClosedWindow)
        .when((shaking || unheard) && (silent.is_some() || own || first.is_none()), UnansweredHandshake)
        .when(waits && (own || first.is_none()), OwnTimeout)
        // What something on its own machine said in its name it did not hear of: for its program the line is silent.
        .when(
            side == Side::Client
                && matches!(ruling.cause, Some("client-gives-up" | "client-local-security-software")),
            OwnTimeout,
        )
        .when(side == Side::Server && own && !waits && ruling.outstanding != Some(true), OwnTimeout)
        .when(unreachable, Unreachable)
}

/// Complaints of either side, and sides that do not speak TLS.
fn alerts(side: Side, facts: &Facts, ruling: &Ruling, hung_up: bool) -> HeardSet {
    let mut heard = HeardSet::default();
    for act in &facts.acts {
        let ActKind::Alert(alert) = &act.kind else { continue };
        if !alert.ends() {
            continue;
        }
        // Hidden ones in the handshake are complaints; later ones mostly goodbyes, and who knows when something
        // was outstanding.
        let complaint = match alert.description {
            Some(description) => description != 0,
            None => alert.in_handshake || ruling.outstanding == Some(true) && hung_up,
        };
        if complaint && act.from == Some(side.other()) {
            heard = heard.with(AlertReceived);
        }
        if complaint && act.from == Some(side) {
            heard = heard.with(OwnRefusal);
        }
    }
    let differ = match (facts.opening.client, facts.opening.server) {
        (Some(client), Some(server)) => (client == Looks::Tls) != (server == Looks::Tls),
        _ => false,
    };
    let refused = ruling.cause == Some("server-certificate-rejected") && side == Side::Client;
    heard.when(refused, OwnRefusal).when(differ, NotTls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_one_place() {
        let mut all = HeardSet::default();
        for (heard, name, _) in ALL {
            assert!(!all.has(heard), "{name} stands twice");
            all = all.with(heard);
            assert_eq!(HeardSet::named(name), Some(HeardSet::default().with(heard)));
        }
        assert_eq!(all.words().count(), ALL.len());
        assert_eq!(HeardSet::named("no such word"), None);
    }
}
