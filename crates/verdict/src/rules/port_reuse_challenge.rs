use crate::case::Case;
use crate::finding::Finding;
use crate::words;
use hangup_wire::Side;

/// `port-reuse-challenge`: an old connection answers the new call.
///
/// Signature: the SYN is answered not by a SYN-ACK but by an ACK of something that was never sent (RFC 9293 §3.10.7.4,
/// RFC 5961 §4): the other end, or a device before it, still knows a connection on these addresses and ports. The caller
/// resets it (§3.10.7.3) and calls again. Against: a SYN-ACK came after all; then this was only a delay.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let server = &case.facts.sides[Side::Server];
    let challenged = server.challenged.filter(|_| server.syns == 0)?;
    let calls = case.facts.sides[Side::Client].syns;
    let refused = case
        .facts
        .acts
        .iter()
        .find(|act| act.from == Some(Side::Client) && matches!(act.kind, crate::ActKind::Rst(_)));
    Some(
        case.finding(0.7)
            .says(
                "The request to connect (SYN) was answered by an acknowledgment of another connection",
                [Some(case.facts.first), Some(challenged)],
            )
            .supported(
                refused.is_some(),
                0.5,
                "The client's machine refused that with a reset, as the standard asks",
                [refused.map(|act| act.at)],
            )
            .supported(
                calls > 1,
                0.2,
                format_args!("The client called {}, and never got through", words::times(calls.into())),
                [],
            )
            .or(
                "one-sided-or-lossy-capture",
                0.3,
                "A capture that begins earlier: whether a connection on the same ports came before",
            ),
    )
}
