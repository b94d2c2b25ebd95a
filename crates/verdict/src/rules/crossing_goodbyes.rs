use crate::case::Case;
use crate::finding::Finding;
use crate::{EndedBy, Outcome, Role};

/// `crossing-goodbyes`: both hung up at once, and neither knew of the other.
///
/// Signature: the goodbyes of both sides, neither of which acknowledges the other (RFC 9293 §3.6, figure 13).
/// Against: an ACK number that covers the other's FIN or alert.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    if case.roles.ended_by() != EndedBy::Crossing {
        return None;
    }
    let first = case.first()?;
    let other = case.roles.goodbyes.iter().find(|goodbye| goodbye.role == Role::Crossing)?;
    let finding = case
        .finding(0.9)
        .says(
            "Both sides said goodbye, and neither had yet heard the other's",
            [Some(first.at), Some(other.at)],
        )
        .doubted(case.lossy(), 0.3, "Packets are missing from the capture", []);
    Some(match case.outstanding.value {
        Some(false) => finding,
        Some(true) | None => finding.outcome(Outcome::Undecided),
    })
}
