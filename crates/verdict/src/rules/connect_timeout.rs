use crate::case::Case;
use crate::finding::Finding;
use crate::{Outcome, UnansweredKind, words};
use hangup_wire::Side;

/// `connect-timeout`: nobody answers the call.
///
/// Signature: SYNs, sent again and again (RFC 9293 §3.8.1), and neither SYN-ACK nor RST nor ICMP error.
/// Against: the capture ends too soon to say. Firewall drop, dead host and full accept queue look the same.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let silence = case.roles.silence.filter(|silence| {
        silence.kind == UnansweredKind::Syn
            && silence.silent == Side::Server
            && case.facts.sides[Side::Server].packets == 0
    })?;
    let tries = silence.tries.max(case.facts.sides[Side::Client].syns);
    let alive = case.siblings.host.answered_between(silence.since.time, case.end());
    let finding = case.finding(if tries > 1 { 0.85 } else { 0.6 });
    // One try without an answer may be all that the capture has of it.
    let finding = if tries > 1 { finding } else { finding.outcome(Outcome::Undecided) };
    Some(
        finding
            .says(
                format_args!("The request to connect (SYN) was sent {} within {} and never answered", words::times(tries.into()), words::time(silence.last.after(silence.since))),
                [Some(silence.since), Some(silence.last)],
            )
            .supported(tries >= 3, 0.6, "Three or more tries went unanswered", [Some(silence.last)])
            .says(
                match alive {
                    Some(true) => "The same machine answered other connections meanwhile: a filter for this one, or a full queue, is more likely than a dead machine",
                    _ => "The capture does not show the machine answering anybody else meanwhile",
                },
                [],
            ),
    )
}
