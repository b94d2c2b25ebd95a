use crate::case::Case;
use crate::finding::Finding;
use crate::pauses::{SHORTEST, exact, others_alike, same, swept, ticked};
use crate::timers::{Keeper, Known};
use crate::words;
use core::fmt::from_fn;
use hangup_wire::Side;

/// `client-idle-pool-close`: the client's connection pool hangs up after a fixed idle time.
///
/// Signature: nothing outstanding, the client closes first, and the pause before is the same on three and
/// more siblings: within 2 % or half a second, or within a second where it is long, or within one sweep of a pool that looks every five seconds; or these endings
/// lie on the rounds of a clock, as of a pool that closes one line at a time; or on one more
/// sibling to some milliseconds, and a round number.
/// Against: pauses of all lengths (`client-clean-goodbye`), the server first (`server-idle-timeout`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    let idle = case.outstanding.idle.filter(|&idle| idle >= SHORTEST.max(3.0 * case.rtt()))?;
    if case.owed() {
        return None;
    }
    let samples = case.siblings.group.idle(Side::Client);
    let same = same(samples, idle) || exact(samples, idle);
    let ticked = || idle >= super::LONG_PAUSE && ticked(case, samples, idle);
    let round = case.siblings.group.round(first.at.time).filter(|_| !same);
    if !same && round.is_none() && !swept(samples, idle) && !ticked() {
        return None;
    }
    let timer = Known::matching(Keeper::Client, idle);
    Some(
        case.finding(if same { 0.75 } else { 0.65 })
            .says(
                format_args!("Nothing was said for {}, then the client hung up", words::time(idle)),
                [case.last_words(Side::Server).or(case.last_words(Side::Client)), Some(first.at)],
            )
            .supported(
                true,
                0.5,
                from_fn(|f| {
                    if same {
                        let others = others_alike(samples, idle);
                        let pause = words::time(idle);
                        let connections = if others == 1 { "connection" } else { "connections" };
                        return write!(f, "On {others} other {connections} to this server the pause was the same: {pause}");
                    }
                    if let Some(round) = round {
                        return write!(f, "It closes its idle lines to this server in rounds, every {}", words::time(round));
                    }
                    let others = samples.seen().saturating_sub(1);
                    write!(f, "On {others} other connections to this server the pause was alike, as with a pool that looks every few seconds")
                }),
                [],
            )
            .supported(samples.seen() >= 10, 0.4, "Ten and more endings agree", [])
            .supported(
                timer.is_some(),
                0.3,
                from_fn(|f| {
                    timer.iter().try_for_each(|timer| write!(f, "The pause equals a known timer, {timer}"))
                }),
                [],
            )
            .doubted(
                case.outstanding.value.is_none(),
                0.2,
                case.outstanding.why,
                case.outstanding.at.iter().copied().map(Some),
            )
            .or(
                "client-clean-goodbye",
                0.8,
                "The client program's settings: whether its pool has such a timer",
            ),
    )
}
