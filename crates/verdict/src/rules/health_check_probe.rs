use crate::case::Case;
use crate::finding::Finding;
use crate::words;
use hangup_wire::Side;

/// Fewest intervals from which regularity is read: those of three knocks.
const INTERVALS: u32 = 2;

/// `health-check-probe`: a robot knocks.
///
/// Signature: connections of one client on which nothing is said, at regular intervals of a second to a few
/// minutes. Against: irregular times (see `unused-connection`), or fewer than three.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    if case.has_data() || case.facts.sides[Side::Server].syns == 0 {
        return None;
    }
    let gaps = case.siblings.group.empty_gaps();
    let interval = gaps.median().filter(|&interval| (0.5..=300.0).contains(&interval))?;
    let slack = (interval * 0.1).max(0.25);
    let regular = gaps.share_within(interval - slack, interval + slack);
    (gaps.seen() >= INTERVALS && regular >= 0.75).then(|| {
        case.finding(if gaps.seen() > INTERVALS { 0.75 } else { 0.6 })
            .says("Nothing was asked on this connection", [Some(case.facts.first), Some(first.at)])
            .supported(
                true,
                0.5,
                format_args!(
                    "This client opened and left {} such connections to this server, about every {}",
                    case.siblings.group.empty(),
                    words::time(interval)
                ),
                [],
            )
            .supported(gaps.seen() >= 10, 0.3, "Its rhythm holds over ten and more connections", [])
    })
}
