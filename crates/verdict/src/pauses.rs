//! Pauses before the goodbyes of siblings: whether they agree better than chance has it. Then a timer ended them.

use crate::case::Case;
use crate::samples::Samples;
use crate::timers;

/// Shortest pause in seconds that a keep-alive timer makes.
pub(crate) const SHORTEST: f64 = 0.9;
/// Fewest endings (this one included) that make a pause constant: three siblings and this one.
const ENDINGS: u32 = 4;
/// The same where they agree to some hundredths of a second.
const EXACT_ENDINGS: u32 = 3;
/// The share of them that must agree.
const AGREE: f64 = 0.6;
/// Seconds between two sweeps of a pool that looks for old connections now and then (Java: every 5 s).
const SWEEP: f64 = 5.2;

/// `idle` is the pause that most siblings make: four and more roughly, or fewer so exactly that it is hardly chance.
pub(crate) fn constant<const KEPT: usize>(samples: &Samples<KEPT>, idle: f64) -> bool {
    let roughly = || samples.seen() >= ENDINGS && agreeing(samples, idle, slack(idle)).is_some();
    roughly() || hardly_chance(samples, idle)
}

/// `idle` is the pause of the siblings, by either measure.
pub(crate) fn same(samples: &Samples, idle: f64) -> bool {
    constant(samples, idle) || shared(samples, idle)
}

/// `idle` is the pause that all siblings make, three and more, within a twentieth and half a second.
fn shared(samples: &Samples, idle: f64) -> bool {
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
pub(crate) fn swept(samples: &Samples, idle: f64) -> bool {
    let others = samples.iter().filter(|&other| other >= SHORTEST);
    // This one's own sample has fewer digits than the pause itself.
    let shortest = others.chain([idle]).min_by(f64::total_cmp).unwrap_or(idle);
    let within = |sweep: f64, share: f64| {
        (shortest..=shortest + sweep).contains(&idle)
            && samples.share_within(shortest, shortest + sweep) >= share
    };
    // Of four all have to agree, and better.
    let few = samples.seen() == ENDINGS && within(SWEEP / 2.5, 1.0);
    shortest >= 4.0 && (few || samples.seen() > ENDINGS && within(SWEEP, 0.9))
}
