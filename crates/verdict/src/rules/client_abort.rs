use crate::case::Case;
use crate::finding::Finding;
use crate::{Goodbye, Outcome, words};
use hangup_wire::Side;

/// Round trips within which nobody waits for an answer.
pub(crate) const AT_ONCE: f64 = 3.0;

/// Bytes of one packet on nearly every path (RFC 9293 §3.7.1 with Ethernet's 1,500); more, and a card has put several together.
const PACKET: u64 = 1460;

/// `client-abort`: the user or the program cancelled.
///
/// Signature: the server's data is flowing, and the client ends the connection: by RST with data
/// unacknowledged or just so, or by a goodbye behind which it resets what still comes (RFC 9293 §3.6.1).
/// Or the client asks and hangs up before an answer could have come.
/// Against: the client takes the rest (`half-close-by-design`), the server had been silent
/// (`client-gives-up`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    if case.outstanding.spoke_last == Some(Side::Client) {
        // A reset throws an answer away that may be on its way; a polite goodbye may belong to the client's last words.
        let open = case.outstanding.value.is_none()
            && case.first_reset(Side::Client).is_some()
            && case.facts.talk.answers > 0;
        return if case.owed() || open { at_once(case, first) } else { None };
    }
    if case.outstanding.value == Some(false) || case.outstanding.spoke_last != Some(Side::Server) {
        return None;
    }
    let server = case.facts.talk.last[Side::Server]?;
    let after = case.spoke_after_goodbye(Side::Server).is_some();
    let reset = case.first_reset(Side::Client);
    // What the reset itself acknowledges had arrived.
    let arrived = case.act(first).is_some_and(|act| act.ack.is_some_and(|ack| ack >= server.end));
    let in_flight = reset.is_some_and(|reset| reset.unacked_in_flight > 0) && !arrived;
    let refused = case
        .resets(Side::Client)
        .find(|(_, _, rst)| rst.trigger.is_some_and(|trigger| trigger.data > 0) && after)
        .map(|(goodbye, _, _)| goodbye.at);
    let half = case.facts.talk.half_sent[Side::Server].is_some_and(|missing| missing > 0)
        || case.facts.talk.outstanding == Some(true);
    // An answer in one packet is whole when it comes.
    let one_packet = case.facts.talk.run[Side::Server].is_some_and(|run| run.at == server.at);
    let flowing = !one_packet || case.facts.talk.run_bytes[Side::Server] > PACKET;
    let just_now = reset.is_some() && case.idle() <= case.rtt() && flowing;
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

/// The client asked and hung up within a few round trips: it did not wait.
fn at_once(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let asked = case.facts.talk.last[Side::Client].filter(|asked| asked.at.time <= first.at.time)?;
    let waited = first.at.after(asked.at).max(0.0);
    if waited > AT_ONCE * case.rtt() {
        return None;
    }
    Some(
        case.finding(0.35)
            .outcome(Outcome::Undecided)
            .says("The client had said something that may have been a question", [Some(asked.at)])
            .says(
                format_args!(
                    "{} later it hung up, before an answer could be expected: nobody waited in vain",
                    words::time(waited)
                ),
                [Some(first.at)],
            )
            .or("client-clean-goodbye", 0.6, "What the client's last words were: a question, or a farewell")
            .or(
                "client-gives-up",
                0.3,
                "The client program's log: a very short time-out, or somebody who cancelled",
            ),
    )
}
