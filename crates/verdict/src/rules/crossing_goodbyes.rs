use crate::case::Case;
use crate::finding::Finding;
use crate::{EndedBy, Outcome, Role};
use hangup_wire::Side;

/// `crossing-goodbyes`: both hung up at once, and neither knew of the other.
///
/// Signature: the goodbyes of both sides, neither of which acknowledges the other (RFC 9293 §3.6, figure 13).
/// Against: an ACK number that covers the other's FIN or alert; goodbyes further apart than the way there and back takes (see
/// [`crate::roles`]), or data that was sent again and again without an acknowledgment: then the first goodbye was lost rather
/// than overtaken.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    if case.roles.ended_by() != EndedBy::Crossing {
        return None;
    }
    let first = case.first()?;
    let other = case.roles.goodbyes.iter().find(|goodbye| goodbye.role == Role::Crossing)?;
    // Between the goodbyes the first one's sender said it again and again.
    let in_vain = Side::BOTH.into_iter().any(|side| {
        let half = &case.facts.sides[side];
        half.retransmitted > 0 && half.acked.saturating_add(1) < half.sent
    });
    let finding = case
        .finding(0.9)
        .says(
            "Both sides said goodbye, and neither had yet heard the other's",
            [Some(first.at), Some(other.at)],
        )
        .doubted(in_vain, 0.4, "Data was sent again and never acknowledged: it did not arrive, and a goodbye behind it did not either", [])
        .doubted(case.lossy(), 0.3, "Packets are missing from the capture", []);
    Some(match case.outstanding.value {
        Some(false) if !in_vain => finding,
        _ => finding.outcome(Outcome::Undecided),
    })
}
