//! What siblings show of a device between: whether a reset is its claimed sender's, and whether quiet lines were forgotten.
//!
//! One ending alone often cannot tell. A machine that still serves an older line was not started again; and who was asked nothing has
//! nothing to answer, twice after the same pause.

use crate::foreign::ClueKind;
use crate::outstanding::Outstanding;
use crate::roles::Roles;
use crate::rules::{SHORTEST_LEARNT, SHORTEST_MEMORY};
use crate::silence::Silence;
use crate::{ActKind, Facts, RstAct, Siblings};
use hangup_wire::Side;

/// Seconds of quiet before which no device forgets, whatever it is set to.
const SHORT_MEMORY: f64 = 4.5;
/// Seconds within which a reset answers in any case, whatever the way takes.
const AT_ONCE: f64 = 1.0;

/// What the siblings say to the reset that is the first goodbye of `facts`, and its weight.
pub(crate) fn shown(
    facts: &Facts,
    siblings: &Siblings<'_>,
    roles: &Roles,
    outstanding: &Outstanding,
) -> Option<(ClueKind, f64)> {
    let foreign = roles.foreign.as_ref()?;
    // This one is among them.
    let same_pause =
        outstanding.idle.filter(|&idle| idle >= SHORTEST_LEARNT && siblings.group.idle_between(idle) > 1);
    if foreign.suspected()
        && let Some(idle) = same_pause
    {
        return Some((ClueKind::SamePause(idle), 0.5));
    }
    let act = facts.acts.get(roles.acts.get(roles.first?).copied().flatten()?)?;
    let ActKind::Rst(rst) = &act.kind else { return None };
    let outlived = act.from == Some(Side::Server) && outlived(facts, siblings, rst, act.at);
    outlived.then_some((ClueKind::Outlived, 0.6))
}

/// How many other lines between the same two machines died of a pause as this one did, which was `quiet` seconds: each had been quiet for as
/// long as a device may remember (half a minute; or about the same few seconds, where new connections work all along), none that was busier died, and the machine that fell silent was heard elsewhere since. None where one of
/// these fails.
pub(crate) fn forgotten_too(
    facts: &Facts,
    siblings: &Siblings<'_>,
    silence: &Silence,
    quiet: f64,
) -> Option<usize> {
    let server = facts.server.address;
    let others = siblings.instants.hushes().iter().filter(|hush| {
        let same_ends = hush.client == facts.client.address && hush.server.0 == server;
        same_ends && hush.silent == silence.silent && hush.connection != facts.id
    });
    let (mut count, mut shortest, mut longest, mut since) = (0, quiet, quiet, silence.since.time);
    for hush in others {
        count += 1;
        shortest = shortest.min(hush.quiet);
        longest = longest.max(hush.quiet);
        since = since.min(hush.from);
    }
    let end = siblings.world.end;
    let there = match silence.silent {
        Side::Server => siblings.server.answered_between(since, end),
        Side::Client => siblings.client.spoke_between(since, end),
    };
    let reconnected = siblings.server.connected_between(since, end) == Some(true);
    let alike = longest <= 1.5 * shortest;
    let long = shortest >= SHORTEST_MEMORY || shortest >= SHORT_MEMORY && alike && reconnected;
    (count > 0 && long && there == Some(true)).then_some(count)
}

/// The server's machine knows of no such connection, after a pause, while it served an older one that had not been quiet for so long.
fn outlived(facts: &Facts, siblings: &Siblings<'_>, rst: &RstAct, at: crate::Moment) -> bool {
    let Some(trigger) = rst.trigger.filter(|trigger| trigger.data > 0 && !trigger.syn && !trigger.fin) else {
        return false;
    };
    let Some(heard) = rst.before.last else { return false };
    let said = rst.before.since.filter(|since| since.time <= trigger.at.time).unwrap_or(trigger.at);
    let quiet = said.after(heard);
    let at_once = at.after(said) <= (4.0 * facts.rtt_seconds().unwrap_or(0.0)).max(AT_ONCE);
    !rst.ack_flag
        && at_once
        && quiet >= SHORTEST_MEMORY
        && siblings.group.outlived(heard.time, at.time, quiet)
}
