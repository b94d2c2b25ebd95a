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
            .or("idle-vanished", 0.6, "A longer capture"),
    )
}
