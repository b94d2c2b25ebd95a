use crate::case::Case;
use crate::finding::Finding;

/// `one-sided-or-lossy-capture` as cause: only where nothing else can be said, because one direction was not
/// captured at all.
///
/// Signature: one side's ACK numbers move, and not one packet of the other is in the capture. Against:
/// nothing.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let side = case.one_sided()?;
    Some(case.finding(0.6).says(
        format_args!("The capture has no packet of the {}, which must have sent some: the other side acknowledges them", side.name()),
        [Some(case.facts.first), Some(case.facts.last)],
    ))
}
