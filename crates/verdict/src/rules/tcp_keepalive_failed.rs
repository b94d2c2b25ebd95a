use crate::case::Case;
use crate::finding::Finding;
use crate::{UnansweredKind, words};

/// `tcp-keepalive-failed`: the line test got no answer.
///
/// Signature: three or more keep-alive probes (RFC 9293 §3.8.4), none answered, and then mostly a RST by the
/// prober. Against: the peer's window was closed, where probes of the same form test the window (§3.8.6.1).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let silence = case.roles.silence.filter(|silence| silence.kind == UnansweredKind::KeepAlive)?;
    let prober = silence.silent.other();
    if case.facts.sides[silence.silent].window_closed || silence.tries < 3 {
        return None;
    }
    let reset = case.resets(prober).next().map(|(goodbye, _, _)| goodbye.at);
    Some(
        case.finding(0.75)
            .says(
                format_args!(
                    "The {} tested the line {} within {} and got no answer",
                    prober.name(),
                    words::times(silence.tries.into()),
                    words::time(silence.last.after(silence.since))
                ),
                [Some(silence.since), Some(silence.last)],
            )
            .supported(
                reset.is_some(),
                0.7,
                format_args!("Then the {} dropped the connection with a reset", prober.name()),
                [reset],
            )
            .supported(silence.tries >= 5, 0.3, "Five or more tests in a row", [Some(silence.last)])
            .says("Whether the other machine or the path to it failed does not show here", []),
    )
}
