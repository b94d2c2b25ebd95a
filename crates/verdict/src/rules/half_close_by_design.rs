use crate::case::Case;
use crate::finding::Finding;
use crate::last_words::{SHORT, is_http2};
use crate::{GoodbyeKind, Role};
use hangup_wire::Side;

/// `half-close-by-design`: the client finished sending and still listens.
///
/// Signature: the client's FIN (or `close_notify`, RFC 8446 §6.1), the server goes on sending, the client
/// acknowledges it (RFC 9293 §3.6.1). Against: the client answers that data with a RST (`client-abort`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client).filter(|first| first.kind != GoodbyeKind::Application)?;
    // Who has asked nothing has nothing to wait for: what comes is the server's own opening (tickets, settings).
    if case.farewell(Side::Client).is_some()
        || (case.facts.tls.is_some() && case.facts.talk.first[Side::Client].is_none())
    {
        return None;
    }
    let spoken = case.spoke_after_goodbye(Side::Server)?;
    // HTTP/2's own notice and the like answer nothing.
    if is_http2(case.facts) && u64::from(spoken.length) <= SHORT {
        return None;
    }
    let taken = case.facts.sides[Side::Server].acked >= spoken.end;
    // With holes in what the server sent, when it spoke is not known either.
    if !taken || case.facts.sides[Side::Server].missing > 0 || case.resets(Side::Client).next().is_some() {
        return None;
    }
    let end = case
        .fin(Side::Server)
        .filter(|(goodbye, _)| goodbye.role == Role::Reply)
        .map(|(goodbye, _)| goodbye.at);
    let rest = spoken.at.after(first.at);
    Some(
        case.finding(0.7)
            .says("The client said that it had nothing more to send", [Some(first.at)])
            .supported(
                true,
                0.4,
                "The server went on sending, and the client accepted all of it",
                [Some(spoken.at)],
            )
            .supported(end.is_some(), 0.4, "Then the server closed too", [end])
            .doubted(
                rest < case.rtt() && case.outstanding.spoke_last == Some(Side::Server),
                0.4,
                "That data may have been on its way already when the client closed",
                [Some(spoken.at)],
            )
            .or("client-clean-goodbye", 0.5, "The client program: whether it wanted what came afterwards"),
    )
}
