use super::idle_vanished::LONG;
use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, GoodbyeKind, Moment, Outcome, Responsible, TlsHandshake, words};
use hangup_wire::Side;

/// Bytes of an alert in clear.
const ALERT: u64 = 7;
/// Seconds after which a handshake that does not go on has stopped: machines take milliseconds.
const STALLED: f64 = 2.0;
/// The same where nobody gave up within the capture.
const STANDS_STILL: f64 = 10.0;
/// Seconds within which a program that does not like what came says so by hanging up; beyond it, it waited for something.
pub(crate) const DISLIKED: f64 = 3.0;

/// `tls-handshake-stalled`: the handshake stopped half way.
///
/// Signature: one side's flight of the handshake (RFC 8446 §2, RFC 5246 §7.3) arrived and was acknowledged, and the other side,
/// whose turn it was, said nothing in TLS for seconds, until somebody gave up. Against: the flight was not acknowledged (the
/// path), an alert says why, packets are missing from the capture.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    let tls = facts.tls.as_ref().filter(|tls| tls.client_hello.is_some())?;
    if let Some(finding) = too_late(case) {
        return Some(finding);
    }
    if matches!(tls.handshake, TlsHandshake::Complete | TlsHandshake::Unseen)
        || case.has_data()
        || case.lossy()
        || case.roles.silence.is_some()
        || case.outstanding.in_vain.is_some()
    {
        return None;
    }
    let (due, since) = case.whose_turn()?;
    let spoke = due.other();
    // What came after it may be no TLS that is followed here: another protocol, SSL 2.0.
    let half = facts.talk.half_sent[due].is_some_and(|missing| missing > 0);
    let in_time = |at: Moment| case.first().is_none_or(|first| at.time < first.at.time);
    if !half && facts.sides[due].last_data.is_some_and(|at| at.time > since.time && in_time(at)) {
        return None;
    }
    // What its sender says behind the flight, a goodbye, need not be acknowledged.
    let goodbye =
        case.first_of(spoke).filter(|first| first.at.time > since.time).and_then(|first| case.act(first));
    let flight = goodbye.map_or(facts.sides[spoke].sent, |act| match act.kind {
        ActKind::Alert(_) => act.offset.saturating_sub(ALERT),
        _ => act.offset,
    });
    if facts.sides[spoke].acked.saturating_add(1) < flight {
        return None;
    }
    let first = case.first();
    let waited = match first {
        Some(first) if !wordless(case) || first.from.is_none() => return None,
        Some(first) => first.at.after(since),
        None if facts.reused => return None,
        None => since.until(case.end()),
    };
    let enough = if first.is_some() { STALLED.max(10.0 * case.rtt()) } else { STANDS_STILL };
    if waited < enough || (first.is_none() && waited > LONG) {
        return None;
    }
    let finding = case
        .finding(0.6)
        .says(
            format_args!("The {}'s part of the TLS handshake came and was acknowledged", spoke.name()),
            [Some(since)],
        )
        .says(
            format_args!(
                "It was the {}'s turn, and nothing came of it for {}",
                due.name(),
                words::time(waited)
            ),
            [Some(since), first.map(|first| first.at)],
        )
        .supported(waited >= 10.0, 0.3, "Ten seconds and more: no machine takes that long", [])
        .supported(half, 0.2, format_args!("The {} had begun its part and not finished it", due.name()), [])
        .or_if(
            due == Side::Client && first.is_some_and(|first| first.from == Some(Side::Client)),
            "server-certificate-rejected",
            0.4,
            "The client's own error text: it may have been asking somebody whether to trust the server",
        )
        .or_if(
            due == Side::Server && first.is_some_and(|first| first.from == Some(Side::Server)),
            "tls-silent-rejection",
            0.4,
            "The server's log: whether it refused the client, or waited for something itself",
        )
        .responsible(if half { Responsible::Path } else { Responsible::app(due) });
    Some(if first.is_some() { finding } else { finding.outcome(Outcome::Open) })
}

/// The first goodbye does not say why: a FIN, a RST, or no more than the TLS goodbye.
fn wordless(case: &Case<'_>) -> bool {
    case.first().is_some_and(|first| match first.kind {
        GoodbyeKind::Fin | GoodbyeKind::Rst => true,
        GoodbyeKind::PlainAlert => case.act(first).is_some_and(
            |act| matches!(&act.kind, ActKind::Alert(alert) if matches!(alert.description, Some(0 | 90))),
        ),
        _ => false,
    })
}

/// The client's part of the handshake came only behind the server's goodbye, which had waited for it.
fn too_late(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server).filter(|_| wordless(case))?;
    let tls = case.facts.tls.as_deref()?;
    let (asked, came) = (tls.last_handshake[Side::Server]?, tls.last_handshake[Side::Client]?);
    let waited = first.at.after(asked);
    let late = came.after(first.at) > case.rtt() && asked.time < first.at.time;
    (late && waited >= STALLED.max(10.0 * case.rtt()) && !case.lossy()).then(|| {
        case.finding(0.7)
            .says("The server's part of the TLS handshake came and was acknowledged", [Some(asked)])
            .says(
                format_args!(
                    "It was the client's turn, and nothing came of it for {}; then the server hung up",
                    words::time(waited)
                ),
                [Some(asked), Some(first.at)],
            )
            .says(
                format_args!("The client's part came {} too late", words::time(came.after(first.at))),
                [Some(came)],
            )
            .responsible(Responsible::app(Side::Client))
    })
}
