use super::idle_vanished::LONG;
use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, GoodbyeKind, Outcome, Responsible, TlsHandshake, words};
use hangup_wire::Side;

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
    if matches!(tls.handshake, TlsHandshake::Complete | TlsHandshake::Unseen)
        || case.has_data()
        || case.lossy()
        || case.roles.silence.is_some()
    {
        return None;
    }
    let (due, since) = case.whose_turn()?;
    let spoke = due.other();
    // What came after it may be no TLS that is followed here: another protocol, SSL 2.0.
    let half = facts.talk.half_sent[due].is_some_and(|missing| missing > 0);
    if !half && facts.sides[due].last_data.is_some_and(|at| at.time > since.time) {
        return None;
    }
    // A FIN behind the flight need not be acknowledged.
    if facts.sides[spoke].acked.saturating_add(1) < facts.sides[spoke].sent {
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
