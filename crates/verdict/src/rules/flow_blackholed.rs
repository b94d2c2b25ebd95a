use crate::case::Case;
use crate::finding::Finding;
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
    let (server, after, end) = (case.siblings.server, silence.after_own(case.facts), case.end());
    let by_server = silence.silent == Side::Server;
    let elsewhere = match silence.silent {
        Side::Server => server.answered_between(after, end),
        Side::Client => case.siblings.client.spoke_between(after, end).filter(|_| silence.tries >= 3),
    };
    if elsewhere != Some(true) {
        return None;
    }
    let reconnected = by_server && server.connected_between(silence.since.time, end) == Some(true);
    let others = case.siblings.host.others_silent(case.facts.id, silence.since.time, silence.last.time);
    Some(
        case.finding(if by_server { 0.6 } else { 0.55 })
            .says(
                format_args!(
                    "What the {} sent was sent {} within {} and never answered",
                    silence.silent.other().name(),
                    words::times(silence.tries.into()),
                    words::time(silence.last.after(silence.since))
                ),
                [case.facts.sides[silence.silent].last, Some(silence.since), Some(silence.last)],
            )
            .supported(
                true,
                0.3,
                if by_server {
                    "The same server answered other connections meanwhile"
                } else {
                    "The same client was heard on another connection meanwhile"
                },
                [],
            )
            .supported(reconnected, 0.3, "A new connection to it worked", [])
            .supported(silence.tries >= 5, 0.2, "Five or more tries went unanswered", [Some(silence.last)])
            .doubted(
                by_server && others > 0,
                0.4,
                "Other connections to the same machine fell silent in the same time",
                [],
            )
            .or_if(
                by_server,
                "server-host-vanished",
                0.6,
                "A capture at the server: whether the packets arrived there",
            )
            .or_if(
                !by_server,
                "client-host-gone",
                0.5,
                "A capture at the client: whether the packets arrive there",
            ),
    )
}
