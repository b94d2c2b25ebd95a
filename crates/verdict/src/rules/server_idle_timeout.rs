use crate::case::Case;
use crate::finding::Finding;
use crate::pauses::{SHORTEST, exact, others_alike, pair, same, ticked};
use crate::timers::{Keeper, Known};
use crate::{GoodbyeKind, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// `server-idle-timeout`: the server's keep-alive timer closed the idle line.
///
/// Signature: nothing outstanding, the server closes first, and the pause before is what it announced, the
/// same on three and more siblings (or within a second, where it is long), a known timer (RFC 9112 §9.5), or a round number to the millisecond on one more sibling. A notice right before the goodbye (GOAWAY) ends no pause.
/// Against: no pause (`planned-server-close`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let idle = Some(case.quiet()).filter(|&idle| idle >= SHORTEST.max(3.0 * case.rtt()))?;
    let notice = case.outstanding.notice.is_some();
    if case.owed() {
        return None;
    }
    let announced = case
        .facts
        .talk
        .keep_alive_timeout
        .map(f64::from)
        .filter(|&timeout| idle >= timeout - 0.1 && idle <= timeout + 2.0);
    let samples = case.siblings.group.idle(Side::Server);
    let same = same(samples, idle);
    let timer = Known::matching(Keeper::Server, idle);
    let exact = exact(samples, idle) || pair(case, samples, idle);
    let ticked = !same && ticked(case, samples, idle);
    // A timer of this server's would have closed a line that it left alone for longer.
    let left_alone = samples.iter().any(|other| other > 1.2 * idle + 1.0);
    let timer = timer.filter(|_| !left_alone);
    if announced.is_none() && !same && !ticked && timer.is_none() && !exact {
        return None;
    }
    // A RST instead of a goodbye wants more than a coincidence.
    if first.kind == GoodbyeKind::Rst && !same {
        return None;
    }
    Some(
        case.finding(0.45)
            .says(
                format_args!("Nothing was said for {}, then the server closed", words::time(idle)),
                [case.last_words(Side::Server), Some(first.at)],
            )
            .says_if(notice, "Its last words before that are short and were not asked for: most likely the notice that it will close")
            .supported(
                announced.is_some(),
                0.9,
                "The server had announced that it keeps a quiet line for so long",
                [case.last_words(Side::Server)],
            )
            .supported(
                same,
                0.75,
                format_args!(
                    "On {} other connections of this client the pause was the same: {}",
                    others_alike(samples, idle),
                    words::time(idle)
                ),
                [],
            )
            .supported(
                ticked,
                if idle >= super::LONG_PAUSE { 0.5 } else { 0.3 },
                format_args!(
                    "On {} other connections of this client the pause was the same within a second: it looks for quiet ones now and then",
                    samples.seen().saturating_sub(1)
                ),
                [],
            )
            .supported(
                exact,
                0.5,
                "Another connection made the same pause to some hundredths of a second, as timers have it",
                [],
            )
            // What the siblings show outweighs a table of defaults, which then only lends a name.
            .supported(
                timer.is_some(),
                if idle >= 10.0 { 0.4 } else { 0.2 },
                from_fn(|f| timer.iter().try_for_each(|timer| write!(f, "It equals a known timer, {timer}"))),
                [],
            )
            .doubted(
                case.outstanding.value.is_none(),
                0.2,
                case.outstanding.why,
                case.outstanding.at.iter().copied().map(Some),
            )
            .or(
                "server-clean-goodbye",
                0.7,
                "Other connections: whether the pause before is always the same",
            )
            .or_if(notice, "graceful-goaway", 0.5, "The server's settings: whether it closes quiet lines, or all lines after so long"),
    )
}
