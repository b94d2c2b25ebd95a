use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::Foreign;

/// `injected-rst`: a reset that neither end sent.
///
/// Signature: hop limit, identification, MAC address, numbers or time of a reset do not fit its claimed sender's other
/// packets, or that sender carries on (Weaver, Sommer and Paxson, NDSS 2009; RFC 9293 §3.5.2 for what a kernel sends).
/// Against: its identification is the next in its claimed sender's count. A payload that provoked it
/// (`middlebox-policy-reset`) or a pause (`middlebox-idle-rst-both`) says more.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let foreign = case.roles.foreign.filter(Foreign::proven)?;
    let first = case.first()?;
    Some(
        foreign
            .weigh(case.finding(0.3))
            .says(
                "Whether a device or an attacker sent it, and where, one capture alone does not show",
                [Some(first.at)],
            )
            .or(
                "rst-as-fast-close",
                0.4,
                "A capture at the claimed sender: if the reset is not in it, that machine did not send it",
            ),
    )
}
