//! What the last words of each side were: a question, mere control, a farewell, or words that crossed the other's.

use crate::outstanding::{Answer, later};
use crate::roles::Roles;
use crate::{Act, ActKind, Facts, Goodbye, GoodbyeKind, Moment, Pause, Role, Spoken, Talk};
use hangup_wire::{PerSide, Side};

/// Bytes of one or two short messages with their TLS overhead: a `QUIT`, a Terminate, a GOAWAY with a PING.
pub(crate) const SHORT: u64 = 64;
/// Seconds within which a goodbye follows its protocol's own farewell where no round trip is known.
pub(crate) const AT_ONCE: f64 = 0.05;
/// Seconds for which a server that gave notice waits for requests that were on their way.
const DRAIN: f64 = 10.0;

/// Seconds within which a program that is done closes behind its last words.
const BEHIND: f64 = 0.01;

/// Bytes of a server's own opening of HTTP/2 at most, with a session ticket that was taken for data.
pub(crate) const OPENED: u64 = 1024;

/// After a conversation the client said something short and hung up at once, and got something short in return: a log-off
/// and its confirmation, in a protocol that is not read here.
pub(crate) fn logged_off(facts: &Facts, first: Option<&Goodbye>) -> bool {
    let talk = &facts.talk;
    let quick = facts.rtt_seconds().unwrap_or(0.0).max(AT_ONCE);
    let at_once = first.zip(talk.last[Side::Client]).is_some_and(|(goodbye, client)| {
        !later(client.at, goodbye.at) && goodbye.at.after(client.at) <= quick
    });
    let short = talk.run_bytes[Side::Client] <= SHORT && unheard_of(facts, first) <= SHORT;
    at_once && short && talk.answers > 1 && talk.outstanding.is_none()
}

/// Seconds of quiet before the server's last words, where those are no more than a notice that it will close (a GOAWAY of
/// HTTP/2, RFC 9113 §6.8): short, not asked for, and followed by the first goodbye of either side.
pub(crate) fn notice(facts: &Facts, first: &Goodbye) -> Option<f64> {
    let pause = facts.talk.pause.filter(|pause| pause.by == Side::Server)?;
    // What a client of HTTP/2 says last is often mere control, behind an answer.
    let control = is_http2(facts) && facts.talk.run_bytes[Side::Client] <= SHORT && facts.talk.answers > 1;
    if pause.after == Side::Client && !control {
        return None;
    }
    let last = facts.talk.last[Side::Server]?;
    let short = u64::from(pause.bytes) <= 2 * SHORT && !answered(&facts.talk, pause, first);
    let then = first.at.after(last.at);
    (short && !later(last.at, first.at) && then <= DRAIN).then(|| f64::from(pause.milliseconds) / 1e3)
}

/// The client said something between the server's word that broke the pause and the first goodbye. What it says later is courtesy, such
/// as a GOAWAY of its own.
fn answered(talk: &Talk, pause: Pause, first: &Goodbye) -> bool {
    let one_turn = u64::from(pause.bytes) <= talk.run_bytes[Side::Server];
    let late = talk.run[Side::Client].is_some_and(|run| later(run.at, first.at));
    pause.answered && !(one_turn && late)
}

/// The server closed between two pieces of what it was saying: without the goodbye that TLS owes (RFC 8446 §6.1), and sooner than it had
/// gone on before, twice and more. Who closes right behind the last piece, or behind a short one that may be the end's mark, was done.
pub(crate) fn midway(facts: &Facts, first: &Goodbye) -> bool {
    let talk = &facts.talk;
    let (Some(server), Some(lull)) = (talk.last[Side::Server], talk.lull[Side::Server]) else { return false };
    let after = first.at.after(server.at);
    facts.tls.is_some()
        && first.kind == GoodbyeKind::Fin
        && first.from == Some(Side::Server)
        && (talk.last_speaker == Some(Side::Server) || server_knew(talk))
        && u64::from(server.length) > SHORT
        && lull.times >= 2
        && after > facts.rtt_seconds().unwrap_or(AT_ONCE).max(BEHIND)
        && after < f64::from(lull.milliseconds) / 1e3
}

/// Bytes of the server that the client had not heard of when it said its goodbye.
pub(crate) fn unheard_of(facts: &Facts, first: Option<&Goodbye>) -> u64 {
    let heard = first.and_then(|first| facts.acts.iter().find(|act| said_as(act, first))?.ack);
    let said = facts.talk.last[Side::Server].map_or(0, |server| server.end);
    heard.map_or(facts.talk.run_bytes[Side::Server], |heard| said.saturating_sub(heard))
}

/// `act` was said in the packet of `goodbye`.
fn said_as(act: &Act, goodbye: &Goodbye) -> bool {
    act.from == goodbye.from && act.at == goodbye.at
}

/// Behind its last words the server said its own goodbye at once and properly; that acknowledges all that the client had said,
/// and did not yet know of the client's goodbye: it closed because it was done.
pub(crate) fn server_closed_too(facts: &Facts, roles: &Roles) -> bool {
    let PerSide { client: Some(client), server: Some(server) } = facts.talk.last else { return false };
    let at_once = facts.rtt_seconds().unwrap_or(0.0).max(AT_ONCE);
    roles.goodbyes.iter().zip(&roles.acts).any(|(goodbye, act)| {
        let Some(act) = act.and_then(|act| facts.acts.get(act)) else { return false };
        let proper = match &act.kind {
            ActKind::Alert(alert) => alert.ends(),
            ActKind::Fin { .. } => facts.tls.is_none(),
            _ => false,
        };
        proper
            && goodbye.role == Role::Crossing
            && act.from == Some(Side::Server)
            && act.ack.is_some_and(|ack| ack >= client.end)
            && act.at.after(server.at) <= at_once
    })
}

/// The client had spoken, and the server's goodbye does not acknowledge it.
pub(crate) fn overtaken(facts: &Facts, first: Option<&Goodbye>, client: Option<Spoken>) -> bool {
    let (Some(first), Some(client)) = (first, client) else { return false };
    !later(client.at, first.at)
        && facts
            .acts
            .iter()
            .find(|act| said_as(act, first))
            .is_some_and(|act| act.ack.is_some_and(|ack| ack < client.end))
}

/// The server's last words acknowledge the client's: whatever the order in the capture, they were said after
/// them.
pub(crate) fn server_knew(talk: &Talk) -> bool {
    talk.last[Side::Client]
        .zip(talk.last[Side::Server])
        .is_some_and(|(client, server)| server.ack >= client.end && client.ack < server.end)
}

/// The client said its last words before it had heard the server's, which it heard later. Where one asks only after the answer to the last question, those
/// are no new question, but the rest of the one that was answered early; HTTP/2 asks on without waiting.
pub(crate) fn unheard(facts: &Facts, client: Option<Spoken>) -> bool {
    let server = facts.talk.last[Side::Server];
    !is_http2(facts)
        && client.zip(server).is_some_and(|(client, server)| {
            client.ack > 0 && client.ack < server.end && facts.sides[Side::Server].acked >= server.end
        })
}

pub(crate) fn is_http2(facts: &Facts) -> bool {
    let tls = facts.tls.as_deref();
    // In TLS 1.3 the server's choice is hidden: where the client offered HTTP/2, it may be what is spoken.
    tls.is_some_and(|tls| tls.alpn.as_deref().map_or(tls.offers_h2, |alpn| alpn == "h2"))
        || facts.protocol.as_deref() == Some("http2")
}

/// The client's last bytes on an HTTP/2 connection are short: frames of control (RFC 9113 §6), or a small request. `before` is
/// when the server had last spoken before them.
pub(crate) fn control(facts: &Facts, before: Option<Moment>, at: [Option<Moment>; 2]) -> Option<Answer> {
    let talk = &facts.talk;
    if !is_http2(facts) || talk.run_bytes[Side::Client] > SHORT || talk.answers == 0 {
        return None;
    }
    let quick = facts.rtt_seconds().unwrap_or(0.0).max(AT_ONCE);
    let after_answer =
        before.zip(talk.run[Side::Client]).is_some_and(|(before, run)| run.at.after(before) <= quick);
    Some(if after_answer {
        (
            Some(false),
            "the client's last bytes are short and follow the answer at once: control, no request",
            at,
        )
    } else {
        (None, "the client's last bytes are short: HTTP/2 control or a small request", [at[0], None])
    })
}

/// Bytes of a `WINDOW_UPDATE` (RFC 9113 §6.9).
const UPDATE: u64 = 13;

/// So many bytes are SETTINGS, with `most` settings in them: nine bytes and six for each (RFC 9113 §6.5).
fn is_settings(bytes: u64, most: u64) -> bool {
    bytes.checked_sub(9).is_some_and(|list| list <= 6 * most && list.is_multiple_of(6))
}

/// HTTP/2 was chosen, or (TLS 1.3 hides the choice) was offered, and the client's first record has a length that its opening has: the
/// preface of 24 bytes, SETTINGS (nine bytes and six for each) and perhaps a `WINDOW_UPDATE` of 13 (RFC 9113 §3.4, §6.5, §6.9).
pub(crate) fn opens_http2(facts: &Facts) -> bool {
    // What TLS 1.3 adds to a record's content.
    const SEAL: u64 = 17;
    let Some(tls) = facts.tls.as_deref() else { return facts.protocol.as_deref() == Some("http2") };
    match tls.alpn.as_deref() {
        Some(alpn) => alpn == "h2",
        None => {
            tls.offers_h2
                && facts.talk.first[Side::Client].is_some_and(|first| {
                    let settings = |rest| is_settings(rest, 6);
                    u64::from(first.length).checked_sub(SEAL + 24).is_some_and(|rest| {
                        rest == 0 || settings(rest) || rest.checked_sub(UPDATE).is_some_and(settings)
                    })
                })
        }
    }
}

/// All that the client said is the opening of HTTP/2, by the sizes of its records: the preface of 24 bytes in a record of its own, SETTINGS
/// (nine bytes and six for each) and perhaps a `WINDOW_UPDATE` of 13 (RFC 9113 §3.4, §6.5, §6.9). It has asked nothing, and what
/// little the server says is its own opening.
pub(crate) fn only_opened(facts: &Facts) -> bool {
    let PerSide { client: Some(first), .. } = facts.talk.first else { return false };
    let PerSide { client: Some(last), .. } = facts.talk.last else { return false };
    let Some(seal) = u64::from(first.length).checked_sub(24).filter(|seal| SEALS.contains(seal)) else {
        return false;
    };
    let rest = facts.talk.bytes[Side::Client].saturating_sub(first.length.into());
    let settings = |length: u64| length.checked_sub(seal).is_some_and(|content| is_settings(content, 4));
    let update = seal + UPDATE;
    let opening = rest == 0
        || settings(rest)
        || (u64::from(last.length) == update && rest.checked_sub(update).is_some_and(settings));
    is_http2(facts) && facts.tls.is_some() && opening && facts.talk.bytes[Side::Server] <= OPENED
}

/// All that the server said is its own opening of HTTP/2, by the sizes of its records: SETTINGS, perhaps a `WINDOW_UPDATE`, and the
/// acknowledgment of the client's SETTINGS (nine bytes, RFC 9113 §6.5.3). Whatever was asked behind the client's opening is unanswered.
pub(crate) fn only_greeted(facts: &Facts) -> bool {
    const ACKNOWLEDGED: u64 = 9;
    let PerSide { server: Some(first), .. } = facts.talk.first else { return false };
    let sealed = facts.tls.as_deref().is_some_and(|tls| tls.alpn.as_deref() == Some("h2") || tls.offers_h2);
    let opens = opens_http2(facts) && !only_opened(facts);
    let greeting = |seal: u64| {
        let rest = facts.talk.bytes[Side::Server].saturating_sub(first.length.into());
        let welcome = u64::from(first.length).checked_sub(seal).is_some_and(|length| {
            is_settings(length, 6) || length.checked_sub(UPDATE).is_some_and(|length| is_settings(length, 6))
        });
        // An answer has a head, and more than one byte of it.
        welcome
            && u64::from(first.length) > seal + ACKNOWLEDGED
            && [seal + ACKNOWLEDGED, seal + ACKNOWLEDGED + UPDATE].contains(&rest)
    };
    sealed && opens && SEALS.into_iter().any(greeting)
}

/// What a cipher adds to a record's content: TLS 1.3; TLS 1.2 with ChaCha20 and with GCM.
const SEALS: [u64; 3] = [17, 16, 24];

/// Ports to which things are only ever sent, by their IANA names or by custom: syslog, syslog over TLS, RELP's elder, Graphite, GELF, printers.
pub(crate) const ONE_WAY: [u16; 7] = [514, 601, 6514, 2003, 2004, 12201, 9100];

/// The port of MQTT over TLS.
pub(crate) const SECURE_MQTT: u16 = 8883;

/// MQTT under TLS 1.3: two records of two bytes behind each other are its DISCONNECT (MQTT 3.1.1 §3.14) and TLS' goodbye, which look the same.
pub(crate) fn disconnected(facts: &Facts, goodbye: &Goodbye) -> bool {
    facts.server.port == SECURE_MQTT
        && goodbye.from == Some(Side::Client)
        && facts.acts.iter().any(|act| {
            said_as(act, goodbye)
                && matches!(&act.kind, ActKind::Alert(alert) if alert.pair && alert.record_length == 19)
        })
}

/// Each side speaks at regular times, and not at those of the other: who answers has the rhythm of whom it answers.
pub(crate) fn own_clocks(talk: &Talk) -> bool {
    const STEADY: u32 = 3;
    let PerSide { client: Some(client), server: Some(server) } = talk.beat else { return false };
    let (longer, shorter) =
        (client.milliseconds.max(server.milliseconds), client.milliseconds.min(server.milliseconds));
    talk.outstanding.is_none()
        && client.steady >= STEADY
        && server.steady >= STEADY
        && longer - shorter > longer / 8
}

/// The port of PostgreSQL.
const POSTGRESQL: u16 = 5432;

/// Under TLS, on PostgreSQL's port: the server's last words, right before it hung up on a client that had not logged off. Its server ends no session without
/// saying why (manual §54.2.9, §55.8): what cannot be read here is an error that does.
pub(crate) fn sealed_dismissal(facts: &Facts, first: &Goodbye) -> Option<Spoken> {
    // What it says when a session begins, and less than its shortest error.
    const WELCOME: u64 = 250;
    const ERROR: u32 = 80;
    // Terminate has five bytes.
    const TERMINATE: [u64; 3] = [SEALS[0] + 5, SEALS[1] + 5, SEALS[2] + 5];
    if facts.server.port != POSTGRESQL || facts.tls.is_none() || first.from != Some(Side::Server) {
        return None;
    }
    let talk = &facts.talk;
    let said = talk.last[Side::Server]?;
    let logged_off = talk.last[Side::Client]
        .is_some_and(|last| TERMINATE.contains(&last.length.into()) && !later(last.at, first.at));
    let before =
        talk.bytes[Side::Server].saturating_sub(talk.run_bytes[Side::Server].min(u64::from(said.length)));
    let at_once = !later(said.at, first.at) && first.at.after(said.at) <= AT_ONCE;
    (at_once
        && !logged_off
        && before >= WELCOME
        && said.length >= ERROR
        && facts.sides[Side::Server].missing == 0)
        .then_some(said)
}

/// Pauses between the pieces of one who only ever sends.
pub(crate) const ONWARD: u32 = 5;

/// Log shippers and the like only ever send: the server never said anything, over a longer time or to many pieces, in a
/// protocol that is not known to answer.
pub(crate) fn one_way(facts: &Facts) -> bool {
    let answers = facts.talk.answers > 0 || facts.talk.bytes[Side::Server] > 0;
    let known = facts.protocol.as_deref().is_some_and(|protocol| protocol != "tls")
        || facts.tls.as_ref().is_some_and(|tls| tls.alpn.is_some());
    let lasted = match (facts.talk.first[Side::Client], facts.talk.last[Side::Client]) {
        (Some(first), Some(last)) => last.at.after(first.at),
        _ => 0.0,
    };
    let onward = facts.talk.lull[Side::Client].is_some_and(|lull| lull.times >= ONWARD);
    !answers && !known && (lasted > 2.0 || onward)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lull, TlsFacts};
    use hangup_wire::Timestamp;

    /// Three pieces of 4,000 bytes with a second between them, and a FIN so many milliseconds behind the last one.
    fn cut(after: i64, change: impl FnOnce(&mut Facts)) -> bool {
        let at = |millis: i64| Moment::new(0, 1, Timestamp(millis * 1_000_000));
        let mut facts =
            Facts { rtt: Some(20_000_000), tls: Some(Box::<TlsFacts>::default()), ..Facts::default() };
        facts.talk.last_speaker = Some(Side::Server);
        facts.talk.last.server = Some(Spoken { at: at(3000), length: 4000, end: 12_001, ack: 200 });
        facts.talk.lull.server = Some(Lull { milliseconds: 1000, times: 2 });
        change(&mut facts);
        let goodbye = Goodbye {
            kind: GoodbyeKind::Fin,
            from: Some(Side::Server),
            role: Role::First,
            address: None,
            at: at(3000 + after),
            certainty: 1.0,
        };
        midway(&facts, &goodbye)
    }

    #[test]
    fn a_server_that_had_paused_for_longer_before_was_perhaps_not_done() {
        let lull = |facts: &mut Facts, milliseconds, times| {
            facts.talk.lull.server = Some(Lull { milliseconds, times });
        };
        assert!(cut(21, |_| {}) && cut(999, |_| {}));
        // Right behind its last words, or after the longest pause, it was done.
        assert!(!cut(20, |_| {}) && !cut(1000, |_| {}));
        assert!(!cut(400, |facts| lull(facts, 1000, 1)));
        assert!(!cut(400, |facts| facts.talk.lull.server = None));
        // A short piece may be the mark of the end.
        let length = |facts: &mut Facts, length| {
            facts.talk.last.server = facts.talk.last.server.map(|last| Spoken { length, ..last });
        };
        assert!(!cut(400, |facts| length(facts, 64)) && cut(400, |facts| length(facts, 65)));
        assert!(!cut(400, |facts| facts.talk.last_speaker = Some(Side::Client)));
        // Without TLS a FIN is a goodbye.
        assert!(!cut(400, |facts| facts.tls = None));
        // On one machine a round trip is next to nothing.
        let near = |facts: &mut Facts| facts.rtt = Some(50_000);
        assert!(cut(11, near) && !cut(10, near));
    }
}
