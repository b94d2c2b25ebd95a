use crate::case::Case;
use crate::finding::Finding;
use crate::{GoodbyeKind, UnansweredKind, words};
use hangup_wire::Side;

/// So often must have been sent again what was acknowledged long ago.
const DEAF: u32 = 2;

/// Seconds within which a living side acknowledges again what is sent again.
const AT_ONCE: f64 = 1.0;

/// `one-way-path`: one direction is dead, the other works.
///
/// Signature: one side's data or probes stay unanswered while the other side goes on sending what it got acknowledged
/// long ago (RFC 9293 §3.8.1): it does not hear the acknowledgments. Against: nothing more comes from it
/// (`server-host-vanished`, `flow-blackholed`), or only the large packets are lost (`mtu-black-hole`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let (deaf, resent) = Side::BOTH
        .into_iter()
        .map(|side| (side, case.facts.sides[side].resent_acknowledged))
        .max_by_key(|(_, resent)| *resent)?;
    if resent < DEAF || case.facts.captured_twice {
        return None;
    }
    let talker = deaf.other();
    let pending = case.facts.sides[talker].unanswered.filter(|pending| {
        matches!(pending.kind, UnansweredKind::Data | UnansweredKind::KeepAlive | UnansweredKind::Fin)
    });
    let heard = case.facts.sides[deaf].last?;
    // The end of the talk, and not a hiccup that healed.
    let acknowledged = case.facts.sides[talker].last?;
    let silent = case.roles.silence.is_some_and(|silence| silence.silent == deaf);
    let unending =
        case.first().is_none_or(|first| first.kind == GoodbyeKind::Rst && first.from == Some(deaf));
    // It has something to say, and says it, up to the end; and so does the other.
    let talks = pending.is_some_and(|pending| heard.time > pending.since.time && pending.tries >= 2)
        || resent >= 4 && heard.after(acknowledged) <= AT_ONCE;
    if !talks || !(silent || unending) {
        return None;
    }
    let (talks, listens) = (talker.name(), deaf.name());
    Some(
        case.finding(0.55)
            .says(
                format_args!(
                    "The {listens} sent {} again what the {talks} had acknowledged: it did not hear the acknowledgments",
                    words::times(resent.into())
                ),
                [Some(acknowledged), Some(heard)],
            )
            .supported(
                pending.is_some_and(|pending| pending.tries >= 2),
                0.5,
                format_args!("What the {talks} sent stayed unanswered while the {listens} went on sending"),
                [pending.map(|pending| pending.since), Some(heard)],
            )
            .supported(resent >= 5, 0.4, "Five times or more", [Some(heard)])
            .says(
                format_args!("Only the way from the {talks} to the {listens} is dead; where it breaks does not show from here"),
                [],
            )
            .or(
                "client-local-security-software",
                if talker == Side::Client { 0.3 } else { 0.1 },
                "A capture one hop further on: whether the packets leave the machine at all",
            ),
    )
}
