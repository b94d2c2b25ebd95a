use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::Foreign;
use crate::timers::{Keeper, Known};
use crate::words;
use core::fmt::from_fn;

/// So many lines, this one included, must have been shot after the same short pause: somebody who shoots as he likes does not wait equally
/// long every time.
const ALIKE: usize = 2;

/// `middlebox-idle-rst-both`: a timer fires between, and both ends are shot.
///
/// Signature: nobody says anything; after a constant time a reset arrives that nothing provoked and that its claimed
/// sender did not send (RFC 9293 §3.5.2 knows no such reset), often a mirrored one at the other end too (Azure load
/// balancers, F5 BIG-IP, `timeout-send-rst` of `FortiGate`); or the same reset in the form of an answer, that nothing provoked, on two lines after
/// the same pause. Against: a packet provoked it (`middlebox-lost-state-rst`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let foreign = case.roles.foreign.filter(Foreign::proven)?;
    let first = case.first()?;
    let rst = case.rst(first)?;
    let spoken = case.facts.sides[first.from?.other()].last.filter(|at| at.time < first.at.time);
    let heard = [rst.before.last, spoken].into_iter().flatten().max_by_key(|at| at.time)?;
    let quiet = first.at.after(heard);
    let usual = case.siblings.group.idle_between(quiet);
    let learnt = quiet >= super::SHORTEST_LEARNT && usual >= ALIKE;
    if quiet < super::LONG_PAUSE && !learnt || rst.before.since.is_some() {
        return None;
    }
    let timer = Known::matching(Keeper::Between, quiet);
    Some(
        foreign
            .weigh(case.finding(0.4))
            .says(
                format_args!(
                    "Nobody had said anything for {}; nothing provoked the reset",
                    words::time(quiet)
                ),
                [Some(heard), Some(first.at)],
            )
            .supported(
                timer.is_some(),
                0.2,
                from_fn(|f| {
                    timer.iter().try_for_each(|timer| write!(f, "The pause equals a known timer, {timer}"))
                }),
                [],
            )
            .supported(
                usual > 1 && !foreign.unprovoked(),
                0.4,
                format_args!("{usual} connections of this client to this server ended after the same pause"),
                [],
            )
            .or_if(
                foreign.unprovoked(),
                "rst-as-fast-close",
                0.5,
                "The other machine's system: a few hang up without the ACK flag, as RFC 9293 §3.10.5 has it",
            )
            .or("injected-rst", 0.5, "Whether the pause before the reset is always the same"),
    )
}
