use crate::case::Case;
use crate::finding::Finding;
use crate::{Responsible, UnansweredKind, words};
use hangup_wire::Side;

/// Seconds for which a window must have been closed: shorter pauses of a reader are everyday.
const STALLED: f64 = 2.0;

/// `zero-window-stall`: the receiver stopped reading.
///
/// Signature: a side's last announced window is 0 (RFC 9293 §3.8.6.1), the other side probes it two times and
/// more, gets no more room, and the connection ends or the capture does. Against: the probes are not even
/// acknowledged (then the other machine or the path is gone), or the window opened again.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    let reader = Side::BOTH.into_iter().find(|&side| {
        facts.sides[side].window_closed
            && facts.sides[side].zero_windows > 0
            && facts.sides[side.other()].window_probes >= 2
    })?;
    if case
        .roles
        .silence
        .is_some_and(|silence| silence.silent == reader && silence.kind == UnansweredKind::WindowProbe)
    {
        return None;
    }
    let writer = reader.other();
    let sent = facts.sides[writer].last_data?;
    let first = case.first().map(|first| first.at);
    let until = first.map_or(case.end(), |first| first.time);
    let stalled = sent.until(until);
    if stalled < STALLED.max(5.0 * case.rtt()) {
        return None;
    }
    let probes = facts.sides[writer].window_probes;
    Some(
        case.finding(0.7)
            .says(
                format_args!("The {} had no more room: it announced a window of 0", reader.name()),
                [Some(sent), facts.sides[reader].last],
            )
            .says(
                format_args!(
                    "The {} asked {} for room and got none within {}: the program at the other end did not read",
                    writer.name(),
                    words::times(probes.into()),
                    words::time(stalled)
                ),
                [facts.sides[writer].last],
            )
            .supported(probes >= 4, 0.4, "Four and more such questions were answered, and each time with no room", [])
            .supported(
                first.is_some(),
                0.3,
                format_args!("Then the {} ended the connection", case.first().and_then(|first| first.from).map_or("other side", Side::name)),
                [first],
            )
            .responsible(Responsible::app(reader))
            .or_if(first.is_none(), "still-open-at-end", 0.6, "A longer capture: whether the window opens again"),
    )
}
