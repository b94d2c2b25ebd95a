use crate::case::Case;
use crate::finding::Finding;
use crate::silence::Silence;
use crate::{UnansweredKind, words};
use hangup_wire::Side;

/// `flow-blackholed`: this one conversation went silent.
///
/// Signature: data or probes stay unanswered in the middle of the talk, while the same server answers others; or the client takes nothing of it any more
/// and is heard on another connection.
/// Against: a long pause came first (`middlebox-idle-silent-drop`), others fell silent too
/// (`server-host-vanished`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let silence = case.roles.silence.filter(|silence| {
        matches!(
            silence.kind,
            UnansweredKind::Data
                | UnansweredKind::KeepAlive
                | UnansweredKind::WindowProbe
                | UnansweredKind::Fin
        )
    })?;
    if silence.silent == Side::Client {
        return towards_client(case, &silence);
    }
    let server = case.siblings.server;
    if server.answered_between(silence.after_own(case.facts), case.end()) != Some(true) {
        return None;
    }
    let reconnected = server.connected_between(silence.since.time, case.end()) == Some(true);
    let others = case.siblings.host.others_silent(case.facts.id, silence.since.time, silence.last.time);
    Some(
        case.finding(0.6)
            .says(
                format_args!(
                    "What the client sent was sent {} within {} and never answered",
                    words::times(silence.tries.into()),
                    words::time(silence.last.after(silence.since))
                ),
                [case.facts.sides[Side::Server].last, Some(silence.since), Some(silence.last)],
            )
            .supported(true, 0.3, "The same server answered other connections meanwhile", [])
            .supported(reconnected, 0.3, "A new connection to it worked", [])
            .supported(silence.tries >= 5, 0.2, "Five or more tries went unanswered", [Some(silence.last)])
            .doubted(
                others > 0,
                0.4,
                "Other connections to the same machine fell silent in the same time",
                [],
            )
            .or("server-host-vanished", 0.6, "A capture at the server: whether the packets arrived there"),
    )
}

/// What the server says stays unanswered on this connection, and the client is heard on others.
fn towards_client(case: &Case<'_>, silence: &Silence) -> Option<Finding> {
    let heard = case.siblings.client.spoke_between(silence.after_own(case.facts), case.end());
    if heard != Some(true) || silence.tries < 3 {
        return None;
    }
    Some(
        case.finding(0.55)
            .says(
                format_args!(
                    "What the server sent was sent {} within {} and never answered",
                    words::times(silence.tries.into()),
                    words::time(silence.last.after(silence.since))
                ),
                [case.facts.sides[Side::Client].last, Some(silence.since), Some(silence.last)],
            )
            .supported(true, 0.3, "The same client was heard on another connection meanwhile", [])
            .supported(silence.tries >= 5, 0.2, "Five or more tries went unanswered", [Some(silence.last)])
            .or("client-host-gone", 0.5, "A capture at the client: whether the packets arrive there"),
    )
}
