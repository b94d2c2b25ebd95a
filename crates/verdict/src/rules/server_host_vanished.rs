use crate::case::Case;
use crate::finding::Finding;
use crate::{Responsible, UnansweredKind, words};
use hangup_wire::Side;

/// `server-host-vanished`: silence in the middle.
///
/// Signature: what the client sends is sent again with growing gaps (RFC 6298 §5) and never answered; nobody
/// hears from the server any more. Against: it answers others. Host and path cannot be told apart from here.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let silence = case
        .roles
        .silence
        .filter(|silence| silence.silent == Side::Server && !matches!(silence.kind, UnansweredKind::Syn))?;
    if case.siblings.server.answered_between(silence.after_own(case.facts), case.end()) == Some(true) {
        return None;
    }
    // A few tries just before the capture ends: the answer may have come behind its end.
    if silence.tries < 5 && silence.since.until(case.end()) < 3.0 {
        return None;
    }
    let others = case.siblings.host.others_silent(case.facts.id, silence.since.time, silence.last.time);
    let finding = case
        .finding(0.5)
        .says(
            format_args!(
                "From here on the server answered nothing: the client tried {} within {}",
                words::times(silence.tries.into()),
                words::time(silence.last.after(silence.since))
            ),
            [case.facts.sides[Side::Server].last, Some(silence.since), Some(silence.last)],
        )
        .supported(silence.tries >= 5, 0.2, "Five or more tries went unanswered", [Some(silence.last)])
        .supported(
            others > 0,
            0.5,
            format_args!("{others} other connection(s) to the same machine fell silent in the same time"),
            [],
        )
        .says("Whether the machine or the path to it failed does not show from here", [])
        .or(
            "flow-blackholed",
            0.7,
            "Other connections to this server in the same time: whether they were answered",
        );
    // Others that fell silent show that it was not this connection alone; the path is theirs too.
    Some(finding.responsible(Responsible::Unknown))
}
