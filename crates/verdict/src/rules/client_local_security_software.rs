use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::Maker;

/// `client-local-security-software`: a filter on the client's own machine cut the connection.
///
/// Signature: in a capture made at the client, a reset in the client's name that has passed no router, and yet not what
/// the program's socket sends (RFC 9293 §3.10.7): the program carries on after it, or its identification, form or
/// initial hop limit are another's. Against: it continues the machine's own count.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let foreign =
        case.roles.foreign.filter(|foreign| foreign.proven() && foreign.maker == Maker::ClientMachine)?;
    let first = case.first()?;
    Some(
        foreign
            .weigh(case.finding(0.3))
            .says(
                "The reset left the client's own machine: its hop limit is untouched, and the capture was made there",
                [Some(first.at)],
            )
            .or(
                "client-abort",
                0.4,
                "The program's own error: “reset by the other side” although the reset left this machine",
            )
            .or("injected-rst", 0.3, "A capture one hop further on: whether the reset is there too"),
    )
}
