use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::{Foreign, Maker};

/// `duplicate-ip`: two machines have one address.
///
/// Signature: a reset without ACK flag, the answer of a machine that knows of no such connection (RFC 9293 §3.5.2), from
/// another network card than all that the address had sent, and no router between (RFC 5227 §1.1). Against: the address
/// moved on purpose to another machine, as in a cluster; then the first one is not heard again.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let foreign =
        case.roles.foreign.filter(|foreign| foreign.proven() && foreign.maker == Maker::Namesake)?;
    let first = case.first()?;
    let finding = foreign
        .weigh(case.finding(0.3))
        .says(
            "Neither had passed a router: both network cards are in the network of the capture",
            [Some(first.at)],
        )
        .or(
            "injected-rst",
            0.4,
            "The owner of each of the two MAC addresses: the switch's table, or ARP replies that name both",
        );
    Some(moved(finding, &foreign, case))
}

/// The cluster's way: the address goes to another machine, and the first one is not heard again.
fn moved(finding: Finding, foreign: &Foreign, case: &Case<'_>) -> Finding {
    finding.doubted(
        !foreign.carried_on(),
        0.2,
        "The first machine was not heard again on this connection: the address may have been moved on purpose, as in a cluster",
        [case.first().map(|first| first.at)],
    )
}
