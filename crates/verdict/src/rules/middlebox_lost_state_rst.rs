use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::Foreign;
use crate::timers::{Keeper, SHORTEST_MEMORY, Timer};
use crate::{EndedBy, words};

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
    if quiet < super::LONG_PAUSE {
        return None;
    }
    if foreign.is_none() && quiet < SHORTEST_MEMORY {
        return None;
    }
    let exact = Timer::matching(Keeper::Middlebox, quiet);
    let longer = Timer::exceeded(Keeper::Middlebox, quiet);
    let product = exact.or(longer).map_or("", |timer| timer.product);
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
            format_args!("Such a pause is longer than some devices remember a quiet connection: {product}"),
            [],
        )
        .supported(
            exact.is_some() && foreign.is_none(),
            0.1,
            format_args!("The pause equals a known timer: {product}"),
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
        "idle-vanished",
        0.6,
        "A capture at the other end: whether it sent the reset, and whether it had closed the connection before",
    ))
}
