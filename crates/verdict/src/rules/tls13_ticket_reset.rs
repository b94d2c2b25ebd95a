use crate::case::Case;
use crate::finding::Finding;
use crate::group::Shape;
use crate::last_words::{AT_ONCE, ONE_WAY};
use crate::outstanding::later;
use crate::{Goodbye, GoodbyeKind, Outcome, TlsHandshake, words};
use hangup_wire::Side;

/// `tls13-ticket-reset`: the client's data may be lost because the server's tickets were not read.
///
/// Signature: TLS 1.3; the client finishes the handshake, sends and closes without ever reading, so that the server's tickets
/// (RFC 8446 §4.6.1), which come after the handshake, lie unread: its kernel sends a RST with ACK flag in place of the FIN (RFC
/// 2525 §2.17), and the server may lose what it had not yet read. Or it closes by a bare FIN before they have come, and each of them gets a RST without ACK flag
/// (RFC 9293 §3.10.7.1), with the same effect. Against: the server had sent data (`client-abort`), an
/// answer was awaited for long (`client-gives-up`). How many tickets there are and how long differs; none need be visible.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    let tls = facts.tls.as_ref().filter(|tls| tls.is_tls13 && tls.handshake == TlsHandshake::Complete)?;
    let first = case.first_of(Side::Client)?;
    let sent = facts.talk.last[Side::Client]?;
    if let Some(finding) = behind_the_fin(case, first) {
        return Some(finding);
    }
    if tls.records[Side::Server] > 0 || case.fin(Side::Client).is_some() || case.lossy() {
        return None;
    }
    // HTTP/2's opening words are no request to be lost; even where their sizes do not show it, so few bytes (preface, settings, window
    // with their seals) may be no more.
    if tls.offers_h2 && facts.talk.bytes[Side::Client] <= 130 {
        return None;
    }
    // The reset itself, or an alert behind which the line is reset instead of closed.
    let (reset, _, rst) = case.resets(Side::Client).next()?;
    let soon = (4.0 * case.rtt()).max(0.25);
    let waited = reset.at.after(sent.at).max(0.0);
    // Where nobody waits for an answer it may rest before it leaves.
    let rests = ONE_WAY.contains(&facts.server.port);
    if !rst.ack_flag || waited > soon && !rests || reset.at.after(first.at) > soon {
        return None;
    }
    let finished = tls.last_handshake[Side::Client]?;
    let tickets = tls.last_handshake[Side::Server]
        .filter(|at| at.time >= finished.time && at.frame() > finished.frame() && at.time <= reset.at.time);
    let finding = case.finding(0.35);
    let shape =
        Shape { ender: case.roles.ended_by(), kind: Some(first.kind), outstanding: case.outstanding.value };
    let always = case.siblings.group.with_shape(shape) > 1;
    // Without tickets to be seen it may as well have been stopped; Go's servers send them before the client's Finished, where they do not show.
    let finding = if tickets.is_some() || always { finding } else { finding.outcome(Outcome::Undecided) };
    Some(
        finding
            .says("The client sent data, and the server none", [Some(sent.at)])
            .says(
                format_args!("{} later the client reset the line instead of closing it", words::time(waited)),
                [Some(reset.at)],
            )
            .supported(
                tickets.is_some(),
                0.5,
                "Records with the look of session tickets had come before: unread, they turn a close into a reset",
                [tickets],
            )
            .supported(always && tickets.is_none(), 0.3, "Another connection of this client to this server ended like this: it is how its program leaves", [])
            .supported(
                first.at.frame() != reset.at.frame(),
                0.2,
                "It had said its TLS goodbye before: it meant to close, not to abort",
                [Some(first.at)],
            )
            .or("client-abort", 0.6, "The client program's log: whether it was stopped, or closed in good order")
            .or("client-gives-up", 0.2, "The client program's log: whether it waited for an answer"),
    )
}

/// The client said its data and closed at once, by a FIN without a TLS goodbye; what the server said first came only after that, and got a reset.
fn behind_the_fin(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let facts = case.facts;
    let sent = facts.talk.last[Side::Client]?;
    let shaken = facts.tls.as_ref()?.last_handshake;
    let finished = shaken[Side::Client]?;
    let soon = (2.0 * case.rtt()).max(AT_ONCE);
    let at_once = first.at.after(sent.at) <= soon && sent.at.after(finished) <= soon;
    // Neither tickets nor an answer had come.
    let deaf = facts.talk.first[Side::Server].is_none_or(|heard| later(heard.at, first.at))
        && shaken[Side::Server].is_none_or(|at| !later(at, finished) || later(at, first.at));
    let (echo, _, _) = case.resets(Side::Client).find(|(_, _, rst)| !rst.ack_flag)?;
    let said = case.facts.sides[Side::Server].last?;
    if first.kind != GoodbyeKind::Fin
        || case.alert(Side::Client).is_some()
        || !at_once
        || !deaf
        || case.lossy()
    {
        return None;
    }
    Some(
        case.finding(0.45)
            .says("The client sent data and closed at once, before the server had said anything behind the handshake", [Some(sent.at), Some(first.at)])
            .supported(
                true,
                0.2,
                "What the server then said, its session tickets first of all, was answered by a reset: the server may lose what it had not yet read",
                [Some(echo.at), Some(said)],
            )
            .or("bare-fin-no-close-notify", 0.5, "The server's log: whether it got all of the data")
            .or("client-abort", 0.3, "The client program's log: whether it was stopped"),
    )
}
