use super::middlebox_lost_state_rst as lost_state;
use super::server_rejects_after_accept::WELCOME;
use crate::case::Case;
use crate::finding::Finding;
use crate::{TlsHandshake, words};
use hangup_wire::Side;

/// `server-abort-linger`: a deliberate reset by a living server.
///
/// Signature: a RST with ACK flag (RFC 9293 §3.9.1.6, ABORT), no FIN, all of the client's data acknowledged,
/// an answer still due; or right behind the TLS handshake, before anybody has said anything, as of a proxy that finds nobody to hand
/// the client to. Against: data of the client unread or in flight (`server-abort-unread`), nothing due
/// (`rst-as-fast-close`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let reset = case.first_reset(Side::Server).filter(|reset| reset.ack_flag)?;
    if reset.unacked_in_flight > 0 {
        return None;
    }
    if case.last_words(Side::Client).is_none() {
        return before_any_word(case);
    }
    if !case.owed() {
        return None;
    }
    let client = case.facts.talk.last[Side::Client]?;
    let since = first.at.after(client.at);
    let acked = case.facts.sides[Side::Client].acked >= client.end || reset.acked_before >= client.end;
    Some(
        case.finding(0.5)
            .says(format_args!("The server reset the connection {} after the client's last data; an answer was still due", words::time(since.max(0.0))), [Some(client.at), Some(first.at)])
            .supported(acked, 0.4, "The server's machine had acknowledged all of the client's data", [])
            .supported(since > 1.0, 0.3, "It waited before it did so: a timer or a decision, not unread data", [])
            .or("server-abort-unread", 0.6, "The server program's log: whether it had read all of the request")
            .or_if(lost_state::may_be(case), "middlebox-lost-state-rst", 0.5, lost_state::WOULD_DECIDE),
    )
}

/// A reset right behind the TLS handshake.
fn before_any_word(case: &Case<'_>) -> Option<Finding> {
    let tls = case.facts.tls.as_deref().filter(|tls| tls.handshake == TlsHandshake::Complete)?;
    let first = case.first_of(Side::Server)?;
    let finished = tls.last_handshake[Side::Client]?;
    let soon = WELCOME + case.rtt();
    let since = first.at.after(finished);
    if !(0.0..soon).contains(&since) || case.lossy() {
        return None;
    }
    Some(
        case.finding(0.6)
            .says(
                format_args!("The TLS handshake was complete; {} later the server reset the connection, before any request", words::time(since)),
                [Some(finished), Some(first.at)],
            )
            .or("server-abort-unread", 0.5, "The server program's log: whether a request had come and lay unread")
            .or_if(lost_state::may_be(case), "middlebox-lost-state-rst", 0.3, lost_state::WOULD_DECIDE),
    )
}
