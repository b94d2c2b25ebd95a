use super::client_abort::AT_ONCE;
use crate::case::Case;
use crate::finding::Finding;
use crate::timers::{Keeper, Known, round};
use crate::{GoodbyeKind, Responsible, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// `client-gives-up`: the client's patience ended.
///
/// Signature: the client had asked, the server had not answered, and the client ends the connection, mostly
/// after a round number of seconds. Against: the server was in the middle of its answer (`client-abort`),
/// nothing was asked. The act is the client's; the cause is a slow server where the request was acknowledged,
/// else the path.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    if !case.owed() || case.outstanding.spoke_last != Some(Side::Client) {
        return None;
    }
    let talk = &case.facts.talk;
    let in_vain = case.outstanding.in_vain;
    let spoken = talk.last[Side::Client].filter(|asked| asked.at.time <= first.at.time);
    let asked = in_vain.map(|said| said.since).or(spoken.map(|spoken| spoken.at))?;
    let waited = first.at.after(asked).max(0.0);
    let round = round(waited);
    let acked =
        in_vain.is_none() && spoken.is_some_and(|spoken| case.facts.sides[Side::Client].acked >= spoken.end);
    let late = case.spoke_after_goodbye(Side::Server).map(|spoken| spoken.at);
    let others = case.siblings.group.others();
    let answered_elsewhere = others >= 3 && case.siblings.group.outstanding().saturating_sub(1) * 4 <= others;
    let timer = Known::matching(Keeper::Answer, waited);
    // Who hangs up at once has not waited.
    if waited <= AT_ONCE * case.rtt() {
        return None;
    }
    let finding = case
        .finding(0.6)
        .says("The client had asked and got no answer", [Some(asked)])
        .says_if(
            in_vain.is_some(),
            from_fn(|f| {
                let tries = in_vain.map_or(0, |said| u64::from(said.tries));
                write!(f, "What it sent was sent {} and not acknowledged", words::times(tries))
            }),
        )
        .says(
            format_args!("It waited {}, then it hung up itself", words::time(waited)),
            [Some(asked), Some(first.at)],
        )
        .supported(
            round,
            0.5,
            format_args!("{} is a round number: most likely a time-out that is set", words::time(waited)),
            [],
        )
        .says_if(
            timer.is_some(),
            from_fn(|f| {
                timer.iter().try_for_each(|timer| write!(f, "Proxies are known to wait so long: {timer}"))
            }),
        )
        .supported(acked, 0.3, "The server's machine had acknowledged the request: it arrived", [])
        .supported(late.is_some(), 0.3, "The answer came after all, too late", [late])
        .supported(waited >= 1.0, 0.2, "It had waited for a second and longer", [])
        .supported(
            answered_elsewhere,
            0.3,
            "On its other connections to this server everything that was asked had been answered",
            [],
        )
        .doubted(case.lossy(), 0.5, "Packets are missing from the capture: an answer may have come", [])
        .or("client-abort", 0.5, "The client program's log: a time-out, or somebody who cancelled")
        .or_if(
            first.kind == GoodbyeKind::Fin,
            "client-process-died",
            0.2,
            "The client's machine: whether the program went on after that",
        );
    Some(if acked { finding } else { finding.responsible(Responsible::Path) })
}
