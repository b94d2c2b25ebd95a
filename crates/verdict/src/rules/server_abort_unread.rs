use super::middlebox_lost_state_rst as lost_state;
use crate::case::Case;
use crate::finding::Finding;
use crate::words;
use hangup_wire::Side;

/// Bytes beyond which a run of the client is an upload, not a small request.
const UPLOAD: u64 = 4096;

/// `server-abort-unread`: the server threw the client's data away.
///
/// Signature: no FIN, but a RST with ACK flag by the server (RFC 9293 §3.6.1, RFC 2525 §2.17) while the
/// client is still sending, or at once after it. Against: everything had been acknowledged long before
/// (`server-abort-linger`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let reset = case.first_reset(Side::Server).filter(|reset| reset.ack_flag)?;
    if case.outstanding.value == Some(false) || !case.has_data() || case.fin(Side::Server).is_some() {
        return None;
    }
    let client = case.facts.talk.last[Side::Client]?;
    let since = first.at.after(client.at);
    let in_flight = reset.unacked_in_flight > 0;
    let upload = case.facts.talk.run_bytes[Side::Client] > UPLOAD;
    let at_once = since <= (2.0 * case.rtt()).max(0.02);
    if case.outstanding.spoke_last != Some(Side::Client) || !(in_flight || at_once) {
        return None;
    }
    Some(
        case.finding(0.55)
            .says(
                format_args!(
                    "The server reset the connection {} after the client's last data, without an answer",
                    words::time(since.max(0.0))
                ),
                [Some(client.at), Some(first.at)],
            )
            .supported(in_flight, 0.4, "Data of the client was still on its way", [])
            .supported(upload, 0.4, "The client was sending a larger amount", [Some(client.at)])
            .or(
                "server-abort-linger",
                0.7,
                "The server program's log: whether it had read all of the request",
            )
            .or_if(lost_state::may_be(case), "middlebox-lost-state-rst", 0.5, lost_state::WOULD_DECIDE),
    )
}
