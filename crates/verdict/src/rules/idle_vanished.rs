use crate::case::Case;
use crate::finding::Finding;
use crate::words;

/// Seconds without a packet, up to the end of the capture, beyond which a connection may well have ended
/// unseen: the longest idle time that common programs keep a line for.
pub(crate) const LONG: f64 = 300.0;

/// `idle-vanished`: no goodbye, and a long silence up to the end of the capture.
///
/// Signature: no goodbye, the capture goes on for long, or a new connection takes the same addresses and
/// ports. Against: keep-alives (RFC 9293 §3.8.4) would show that it lives on.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    if case.first().is_some() {
        return None;
    }
    let pause = facts.last.until(case.end());
    if pause <= LONG && !facts.reused {
        return None;
    }
    Some(
        case.finding(0.7)
            .says("Nobody said goodbye within the capture", [Some(facts.last)])
            .supported(
                pause > LONG,
                0.3,
                format_args!(
                    "The capture goes on for {} without a packet of this connection",
                    words::time(pause)
                ),
                [Some(facts.last)],
            )
            .supported(
                facts.reused,
                0.5,
                "A new connection took the same addresses and ports: this one had ended",
                [],
            )
            .or(
                "still-open-at-end",
                0.7,
                "A longer capture, or the list of open connections on one of the two machines",
            ),
    )
}
