use crate::case::Case;
use crate::finding::Finding;
use crate::{Outcome, words};
use hangup_wire::Side;

/// `proxy-relayed-close`: the messenger passes on somebody else's hang-up.
///
/// Signature, where the capture shows both hops: the server's address is a client too, of a connection that was
/// opened while this one stood; its server closes that one, and within a tenth of a second this one is closed
/// (a gateway closes one side when the other one closes: RFC 9110 §3.7). Against: so many connections behind it
/// end that chance explains one. Where only the first hop was captured, it cannot be told from the server's own
/// close, and no claim is made.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let hop = case.beside.relayed?;
    let lag = first.at.time.seconds_since(hop.at);
    let finding = case
        .finding(0.6)
        .says(
            format_args!(
                "The server ({}) is itself a client: its connection {} to {} port {} was closed by that side {} before",
                words::address(case.facts.server.address),
                hop.connection,
                words::address(hop.server.0),
                hop.server.1,
                words::time(lag)
            ),
            [Some(first.at)],
        )
        .says("That connection had been opened while this one stood: it carried it on", [])
        .supported(lag <= 0.02, 0.4, "Within a few milliseconds: it was passed on at once", [])
        .supported(case.owed() && hop.owed == Some(true), 0.3, "On both an answer was still due", [])
        .or("server-closed-without-answer", 0.4, "The log of the machine in the middle: why it closed");
    Some(match case.outstanding.value {
        Some(true) => finding.outcome(Outcome::Abnormal),
        Some(false) => finding.outcome(Outcome::Normal),
        None => finding.outcome(Outcome::Undecided),
    })
}
