use crate::case::Case;
use crate::finding::Finding;
use crate::samples::Samples;
use crate::timers::{self, Keeper, Known};
use crate::words;
use core::fmt::from_fn;
use hangup_wire::Side;

/// Shortest pause in seconds that a pool makes.
const SHORTEST: f64 = 0.9;
/// Fewest endings (this one included) that make a pause constant: three siblings and this one.
const ENDINGS: u32 = 4;
/// The same where they agree to some hundredths of a second.
const EXACT_ENDINGS: u32 = 3;
/// The share of them that must agree.
const AGREE: f64 = 0.6;
/// Seconds between two sweeps of a pool that looks for old connections now and then (Java: every 5 s).
const SWEEP: f64 = 5.2;

/// `client-idle-pool-close`: the client's connection pool hangs up after a fixed idle time.
///
/// Signature: nothing outstanding, the client closes first, and the pause before is the same on three and
/// more siblings: within 2 % or half a second, or within a second where it is long, or within one sweep of a pool that looks every five seconds; or on one more
/// sibling to some milliseconds, and a round number.
/// Against: pauses of all lengths (`client-clean-goodbye`), the server first (`server-idle-timeout`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    let idle = case.outstanding.idle.filter(|&idle| idle >= SHORTEST.max(3.0 * case.rtt()))?;
    if case.owed() {
        return None;
    }
    let samples = case.siblings.group.idle(Side::Client);
    let same = constant(samples, idle) || shared(samples, idle) || exact(samples, idle);
    let ticked = || idle >= super::LONG_PAUSE && ticked(case, samples, idle);
    if !same && !swept(samples, idle) && !ticked() {
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

/// `idle` is the pause that most siblings make: four and more roughly, or fewer so exactly that it is hardly chance.
pub(crate) fn constant<const KEPT: usize>(samples: &Samples<KEPT>, idle: f64) -> bool {
    let roughly = || samples.seen() >= ENDINGS && agreeing(samples, idle, slack(idle)).is_some();
    roughly() || hardly_chance(samples, idle)
}

/// `idle` is the pause that all siblings make, three and more, within a twentieth and half a second.
pub(crate) fn shared(samples: &Samples, idle: f64) -> bool {
    let near = (0.05 * idle).min(slack(idle));
    samples.seen() >= EXACT_ENDINGS && samples.share_within(idle - near, idle + near) >= 1.0
}

/// How many pauses are `near` seconds and less from `idle`, where most are.
fn agreeing<const KEPT: usize>(samples: &Samples<KEPT>, idle: f64, near: f64) -> Option<u32> {
    let (low, high) = (idle - near, idle + near);
    (samples.share_within(low, high) >= AGREE).then(|| samples.about_within(low, high))
}

/// Most pauses are so alike that those of ten thousand captures without a timer would hardly show it: each of them falls near the
/// first one with a chance of twice the distance in its length.
fn hardly_chance<const KEPT: usize>(samples: &Samples<KEPT>, idle: f64) -> bool {
    [0.01, 0.03, 0.1].into_iter().any(|near| {
        agreeing(samples, idle, near).is_some_and(|alike| {
            let others = i32::try_from(alike.saturating_sub(1)).unwrap_or(i32::MAX);
            alike >= EXACT_ENDINGS && (2.0 * near / idle).powi(others) <= 1e-4
        })
    })
}

/// One more sibling made the same pause to some hundredths of a second, and not in the same instant: one pair in four hundred of this length would
/// do so by chance.
pub(crate) fn pair(case: &Case<'_>, samples: &Samples, idle: f64) -> bool {
    let near =
        |near| 2.0 * near / idle <= 2.5e-3 && agreeing(samples, idle, near).is_some_and(|alike| alike >= 2);
    case.beside.together.is_none() && [0.01, 0.03].into_iter().any(near)
}

/// `idle` is a round number, and another sibling made the very same pause.
pub(crate) fn exact(samples: &Samples, idle: f64) -> bool {
    timers::exact(idle) && samples.about_within(idle - 0.02, idle + 0.02) > 1
}

/// On how many others the pause was like `idle`, as far as a sample tells; this one is among the samples.
pub(crate) fn others_alike<const KEPT: usize>(samples: &Samples<KEPT>, idle: f64) -> u32 {
    let slack = slack(idle);
    samples.about_within(idle - slack, idle + slack).saturating_sub(1)
}

/// Two pauses that differ by no more are the same.
fn slack(idle: f64) -> f64 {
    (idle * 0.02).max(0.5)
}

/// `idle` and all siblings, three and more, lie within one second, and did not end in one instant: a program that looks for quiet connections
/// once a second, as Redis does.
pub(crate) fn ticked(case: &Case<'_>, samples: &Samples, idle: f64) -> bool {
    const TICK: f64 = 1.05;
    let shortest = samples.iter().chain([idle]).min_by(f64::total_cmp).unwrap_or(idle);
    samples.seen() >= EXACT_ENDINGS
        && shortest >= 1.9 * TICK
        && case.beside.together.is_none()
        && idle <= shortest + TICK
        && samples.share_within(shortest, shortest + TICK) >= 1.0
}

/// `idle` lies within one sweep of the shortest pauses, and so do nearly all siblings.
fn swept(samples: &Samples, idle: f64) -> bool {
    let others = samples.iter().filter(|&other| other >= SHORTEST);
    // This one's own sample has fewer digits than the pause itself.
    let shortest = others.chain([idle]).min_by(f64::total_cmp).unwrap_or(idle);
    samples.seen() > ENDINGS
        && shortest >= 4.0
        && (shortest..=shortest + SWEEP).contains(&idle)
        && samples.share_within(shortest, shortest + SWEEP) >= 0.9
}
