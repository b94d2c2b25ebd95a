use super::idle_vanished::LONG;
use crate::case::Case;
use crate::finding::Finding;
use crate::words;

/// `still-open-at-end`: the capture stopped first.
///
/// Signature: no goodbye and no silence, and the last packet is not far from the end of the capture. Against:
/// so long a pause before it that the connection may have ended unseen (`idle-vanished`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    if case.first().is_some() || facts.reused {
        return None;
    }
    let pause = facts.last.until(case.end());
    if pause > LONG {
        return None;
    }
    let waits = case.outstanding.unanswered(facts).map(|asked| asked.until(case.end()));
    let slow = waits.is_some_and(|waits| {
        waits >= 1.0 && case.siblings.group.slowest().is_some_and(|slowest| waits > 10.0 * slowest)
    });
    Some(
        case.finding(0.8)
            .says("Nobody said goodbye within the capture", [Some(facts.last)])
            .supported(
                pause < 10.0,
                0.5,
                format_args!("The capture ends {} after this connection's last packet", words::time(pause)),
                [Some(facts.last)],
            )
            .doubted(
                pause > 60.0,
                0.2,
                format_args!(
                    "The capture goes on for {} after this connection's last packet",
                    words::time(pause)
                ),
                [Some(facts.last)],
            )
            .or_if(slow, "server-app-hung", 0.8, "A longer capture, or the server's log: whether the answer to the last question only takes long")
            .or("idle-vanished", 0.6, "A longer capture"),
    )
}
