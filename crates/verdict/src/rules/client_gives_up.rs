use super::client_abort::AT_ONCE;
use crate::case::Case;
use crate::finding::Finding;
use crate::timers::{Keeper, Known, exact, round, whole};
use crate::{Goodbye, GoodbyeKind, Outcome, Responsible, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// Seconds from which on somebody waited, whatever for.
const LONG: f64 = 9.9;
/// The shortest wait in seconds that is taken for a time-out behind half an answer.
const STALLED: f64 = 1.9;
/// Seconds of idleness from which on a line rests.
const AT_REST: f64 = 0.5;

/// `client-gives-up`: the client's patience ended.
///
/// Signature: the client had asked, the server had not answered, and the client ends the connection, mostly
/// after a round number of seconds. Or, under TLS, half an answer may have come: see [`stalled`]. Against: the server was in the middle of its answer (`client-abort`),
/// nothing was asked. The act is the client's; the cause is a slow server where the request was acknowledged,
/// else the path.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    if let Some(finding) = stalled(case, first) {
        return Some(finding);
    }
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
    // Who never heard an answer here, or goes on without one, may not have wanted any.
    let silent = talk.first[Side::Server].is_none() && unknown_protocol(case) && !case.siblings.group.heard();
    let pushes =
        talk.lull[Side::Client].is_some_and(|lull| waited < 1.5 * f64::from(lull.milliseconds) / 1e3);
    // Who has waited for longer before has not lost patience now.
    let patient = talk.replies[Side::Server]
        .is_some_and(|replies| 1.5e6 * waited < f64::from(replies.slowest))
        && !round;
    let perhaps =
        (pushes || patient || silent && waited < LONG) && talk.outstanding.is_none() && in_vain.is_none();
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
        .doubted(
            perhaps,
            0.4,
            if pushes {
                "It had gone on before without an answer: none may have been due"
            } else if patient {
                "It had waited for the server's words for longer before: none may have been due"
            } else {
                "The server never said a word on this connection: an answer may not have been due"
            },
            [],
        )
        .or_if(
            perhaps,
            "client-clean-goodbye",
            0.8,
            "The client's program: whether it waits for an answer at all",
        )
        .or("client-abort", 0.5, "The client program's log: a time-out, or somebody who cancelled")
        .or_if(
            first.kind == GoodbyeKind::Fin,
            "client-process-died",
            0.2,
            "The client's machine: whether the program went on after that",
        );
    let finding = if perhaps { finding.outcome(Outcome::Undecided) } else { finding };
    Some(if acked { finding } else { finding.responsible(Responsible::Path) })
}

/// Under TLS, where it does not show whether the answer was whole: the client left a round number of seconds behind the server's last words, to some
/// milliseconds, and by another kind of goodbye than on the connections that it closed right behind their answers.
fn stalled(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let group = case.siblings.group;
    let idle = case.outstanding.idle.filter(|&idle| idle >= STALLED && (exact(idle) || whole(idle)))?;
    let samples = group.idle(Side::Client);
    let at_once = samples.iter().filter(|&other| other < AT_REST).count();
    let resting = samples.iter().filter(|&other| other >= AT_REST).any(|other| (other - idle).abs() > 0.05);
    let kind = group.begun_with(first.kind);
    let same = u64::try_from(samples.iter().count().saturating_sub(at_once)).unwrap_or(u64::MAX);
    let hidden = case.facts.tls.is_some() && case.facts.talk.outstanding.is_none();
    if !hidden
        || case.owed()
        || case.outstanding.spoke_last != Some(Side::Server)
        || at_once == 0
        || resting
        || kind > same
    {
        return None;
    }
    Some(
        case.finding(0.4)
            .says(
                format_args!("{} after the server's last words the client hung up itself", words::time(idle)),
                [case.last_words(Side::Server), Some(first.at)],
            )
            .says("Elsewhere it hangs up right behind the answer, and in another way: this answer may not have been whole, which TLS hides", [])
            .outcome(Outcome::Undecided)
            .or("client-idle-pool-close", 0.5, "A key log: whether the answer was whole")
            .or("bare-fin-no-close-notify", 0.5, "The client program's log: a time-out, or the end of a pause"),
    )
}

/// Nothing says that this protocol answers.
fn unknown_protocol(case: &Case<'_>) -> bool {
    let facts = case.facts;
    let tls = facts.tls.as_ref();
    let web = matches!(facts.server.port, 80 | 443 | 8080 | 8443);
    !web && facts.protocol.as_deref().is_none_or(|protocol| protocol == "tls")
        && tls.is_none_or(|tls| tls.alpn.is_none() && !tls.offers_h2)
}
