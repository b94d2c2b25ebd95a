use crate::Handshake;
use crate::case::Case;
use crate::finding::Finding;

/// `begins-mid-stream` as cause: only where nothing else can be said, because what would tell came before the
/// capture began.
///
/// Signature: no packet of the three-way handshake (RFC 9293 §3.5) is in the capture. Against: a beginning that
/// was seen.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let unseen = case.facts.handshake == Handshake::Unseen;
    unseen.then(|| {
        case.finding(0.5)
            .says("The capture begins in the middle of this connection", [Some(case.facts.first)])
    })
}
