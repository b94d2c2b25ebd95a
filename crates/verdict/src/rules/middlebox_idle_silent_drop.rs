use crate::case::Case;
use crate::finding::Finding;
use crate::timers::{Keeper, SHORTEST_MEMORY, Timer};
use crate::{UnansweredKind, words};
use hangup_wire::Side;

/// `middlebox-idle-silent-drop`: something between forgot the connection and says nothing.
///
/// Signature: nothing for at least as long as a known device remembers (RFC 5382 REQ-5 asks for two hours and
/// four minutes, many keep less), then data or probes that nobody answers; a new connection to the same
/// server works. Against: new connections fail too, or the server was silent to others (see
/// `server-host-vanished`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let silence = case.roles.silence.filter(|silence| {
        matches!(silence.kind, UnansweredKind::Data | UnansweredKind::KeepAlive | UnansweredKind::Fin)
    })?;
    let heard = case.facts.sides[silence.silent].last?;
    let quiet = silence.since.after(heard);
    if quiet < SHORTEST_MEMORY {
        return None;
    }
    let reconnected = case.siblings.server.connected_between(silence.since.time, case.end());
    let answered = case.siblings.server.answered_between(silence.since.time, case.end());
    let others = case.siblings.host.others_silent(case.facts.id, silence.since.time, silence.last.time);
    if silence.silent == Side::Server && others > 0 && answered == Some(false) {
        return None;
    }
    let timer = Timer::exceeded(Keeper::Middlebox, quiet);
    let product = timer.map_or("", |timer| timer.product);
    let exact = Timer::matching(Keeper::Middlebox, quiet).is_some();
    Some(
        case.finding(0.5)
            .says(
                format_args!(
                    "Nothing had been sent for {} before; the next words of the {} were never answered",
                    words::time(quiet),
                    silence.silent.other().name()
                ),
                [Some(heard), Some(silence.since), Some(silence.last)],
            )
            .says(
                format_args!(
                    "Such a pause is longer than some devices remember a quiet connection: {product}"
                ),
                [],
            )
            .supported(exact, 0.1, format_args!("The pause equals a known timer: {product}"), [])
            .supported(
                silence.silent == Side::Server && reconnected == Some(true),
                0.6,
                "A new connection to the same server worked afterwards",
                [],
            )
            .supported(
                silence.silent == Side::Server && answered == Some(true),
                0.3,
                "The server answered others meanwhile",
                [],
            )
            .or(
                "server-host-vanished",
                0.8,
                "Whether a new connection to the server worked right afterwards",
            ),
    )
}
