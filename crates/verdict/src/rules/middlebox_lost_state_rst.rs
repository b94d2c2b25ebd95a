use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::Foreign;
use crate::timers::{Keeper, Known};
use crate::{EndedBy, Moment, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// Seconds of quiet from which on a line may have been forgotten. The shortest default that is known is 240 s (`timers.tsv`), but any of
/// these can be set: 60 s is as low as people usually go, and as long as proxies wait for an answer. It makes no cause, only an alternative
/// here, and a doubt in `server-host-rebooted`.
pub(super) const FORGETTABLE: f64 = 60.0;

/// Seconds of quiet that are enough where the answer is known to come from between: tables are also flushed, or left behind by a machine
/// that takes over. Who says something sooner is told off rather for what he said (`middlebox-policy-reset`).
pub(super) const PAUSE: f64 = 3.0;

/// `middlebox-lost-state-rst`: the first word after a long pause gets a reset at once.
///
/// Signature: nothing for at least as long as a known device remembers (RFC 5382 REQ-5 asks for more), then data or a
/// probe that is answered by a reset without ACK flag (RFC 9293 §3.5.2), and no goodbye before: whoever answers knows of
/// no such connection. It was a device between where the reset differs from the claimed sender's packets (AWS NLB and
/// NAT gateways answer so); else the other machine itself may have lost the connection. Against: a FIN was seen
/// (`stale-connection-reuse`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first()?;
    let rst = case.rst(first)?;
    let claimed = first.from?;
    let known = matches!(case.roles.ended_by(), EndedBy::Client | EndedBy::Server | EndedBy::Middlebox);
    let foreign = case.roles.foreign.filter(Foreign::proven);
    let said = match rst.trigger {
        _ if !known => None,
        Some(trigger) if !trigger.syn && !trigger.fin => {
            Some(rst.before.since.filter(|since| since.time <= trigger.at.time).unwrap_or(trigger.at))
        }
        // F5 BIG-IP sets the ACK flag in its answers too.
        None if rst.ack_flag && foreign.is_some() => rst.before.since,
        _ => None,
    }?;
    let heard = rst.before.last?;
    let quiet = said.after(heard);
    if quiet < if foreign.is_some() { PAUSE } else { super::LONG_PAUSE } {
        return None;
    }
    let exact = Known::matching(Keeper::Between, quiet);
    let longer = Known::exceeded(Keeper::Between, quiet);
    if foreign.is_none() && longer.is_none() {
        return None;
    }
    let finding = case
        .finding(if foreign.is_some() { 0.4 } else { 0.3 })
        .says(
            format_args!(
                "Nothing had been sent for {}; the next packet of the {} was answered by a reset: “I know of no such connection”",
                words::time(quiet),
                claimed.other().name()
            ),
            [Some(heard), Some(said), Some(first.at)],
        )
        .supported(
            longer.is_some(),
            0.2,
            from_fn(|f| {
                longer.iter().try_for_each(|known| {
                    write!(f, "Some devices forget a connection that was quiet for less: {known}")
                })
            }),
            [],
        )
        .supported(
            exact.is_some() && foreign.is_none(),
            0.1,
            from_fn(|f| exact.iter().try_for_each(|exact| write!(f, "The pause equals a known timer, {exact}"))),
            [],
        )
        .supported(
            case.siblings.server.connected_between(said.time, case.end()) == Some(true),
            0.2,
            "A new connection to the same server worked afterwards",
            [],
        );
    let finding = match case.roles.foreign {
        Some(clues) => clues.weigh(finding),
        None => finding,
    };
    Some(finding.or(
        "server-host-rebooted",
        0.6,
        "A capture at the other end: whether it sent the reset, and whether it had closed the connection before",
    ))
}

/// A reset in the form of a live socket's came behind the client's first words after a long pause. Mostly the server's
/// program made it; but a device that answers for the server, and acknowledges in its name, may have forgotten the line:
/// not enough for a verdict, enough to be named beside another one.
pub(super) fn may_be(case: &Case<'_>) -> bool {
    let talk = &case.facts.talk;
    let said = talk.run[Side::Client].or(talk.last[Side::Client]);
    let paused = |heard: Moment| said.is_some_and(|said| said.at.after(heard) >= FORGETTABLE);
    talk.last[Side::Server].is_some_and(|heard| paused(heard.at))
}

/// What decides between that and a server that reset the line itself.
pub(super) const WOULD_DECIDE: &str =
    "A capture at the server: whether it sent the reset; if not, which device on the way forgets quiet lines";
