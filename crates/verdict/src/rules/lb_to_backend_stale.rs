use crate::beside;
use crate::case::Case;
use crate::finding::Finding;
use crate::words;
use hangup_wire::Side;

/// `lb-to-backend-stale`: the user's 502 was made one hop further back.
///
/// Signature, where the capture shows both hops and the first one in clear: the answer is a 502 or 503 (RFC 9110
/// §15.6.3, §15.6.4), and just before it the server's own connection to another server was closed by that side
/// while a request was under way that the close does not acknowledge, or was answered by a reset
/// (`keepalive-race` on the second hop). Against: the second hop had taken the request (a fault of the server
/// behind). Where only the user's hop was captured, it looks like any other answer, and no claim is made.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let talk = &case.facts.talk;
    let status = talk.status.filter(|status| matches!(status, 502 | 503))?;
    let asked = talk.run[Side::Client]?;
    let answer = talk.run[Side::Server].filter(|answer| answer.at.time >= asked.at.time)?;
    let hop = beside::stale_hop(case, answer.at.time)?;
    Some(
        case.finding(0.7)
            .says(format_args!("The answer was {status}: the server had got none itself"), [Some(asked.at), Some(answer.at)])
            .says(
                format_args!(
                    "{} before, its own connection {} to {} port {} was closed by that side, and the request on it was lost",
                    words::time(answer.at.time.seconds_since(hop.at)),
                    hop.connection,
                    words::address(hop.server.0),
                    hop.server.1
                ),
                [Some(answer.at)],
            )
            .supported(hop.at >= asked.at.time, 0.4, "That happened between question and answer", [Some(asked.at)]),
    )
}
