use crate::case::Case;
use crate::finding::Finding;
use hangup_wire::Side;

/// `client-abort`: the user or the program cancelled.
///
/// Signature: the server's data is flowing, and the client ends the connection: by RST with data
/// unacknowledged or just so, or by a goodbye behind which it resets what still comes (RFC 9293 §3.6.1).
/// Against: the client takes the rest (`half-close-by-design`), the server had been silent
/// (`client-gives-up`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    if case.outstanding.value == Some(false) || case.outstanding.spoke_last != Some(Side::Server) {
        return None;
    }
    let server = case.facts.talk.last[Side::Server]?;
    let after = case.spoke_after_goodbye(Side::Server).is_some();
    let reset = case.first_reset(Side::Client);
    let in_flight = reset.is_some_and(|reset| reset.unacked_in_flight > 0);
    let refused = case
        .resets(Side::Client)
        .find(|(_, _, rst)| rst.trigger.is_some_and(|trigger| trigger.data > 0) && after)
        .map(|(goodbye, _, _)| goodbye.at);
    let half = case.facts.talk.half_sent[Side::Server].is_some_and(|missing| missing > 0)
        || case.facts.talk.outstanding == Some(true);
    let just_now = reset.is_some() && case.idle() <= case.rtt();
    if !(after || in_flight || half || just_now) {
        return None;
    }
    Some(
        case.finding(0.4)
            .says("The server was speaking", [Some(server.at)])
            .says("The client ended the connection", [Some(first.at)])
            .supported(half, 0.7, "The answer was not complete", [Some(server.at)])
            .supported(after, 0.5, "More of the server's data came afterwards", [Some(server.at)])
            .supported(
                refused.is_some(),
                0.4,
                "The client's machine refused that data with a reset",
                [refused],
            )
            .supported(in_flight, 0.5, "Data of the server was still on its way or not yet acknowledged", [])
            .or("rst-as-fast-close", 0.5, "The client program's log: whether it had all that it wanted"),
    )
}
