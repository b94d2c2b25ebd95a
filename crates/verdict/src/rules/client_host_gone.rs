use crate::case::Case;
use crate::event::Happening;
use crate::finding::Finding;
use crate::silence::Silence;
use crate::{Responsible, UnansweredKind, words};
use hangup_wire::Side;

/// So often must something have been said in vain to a client that is heard nowhere.
const TRIES: u32 = 4;

/// `client-host-gone`: the laptop slept, the Wi-Fi changed, the VPN dropped.
///
/// Signature: what the servers send to one client stays unanswered on all of its connections, two at least, and
/// the client sends nothing on any other in that time; or, captured beside the client, it sends to several
/// servers and hears nobody. Or on its only connection, and it is never heard again, while the server answers others. Retransmission as in RFC 6298 §5. Against: the client still speaks on another
/// connection (that flow's path failed); only one server is silent (`server-host-vanished`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let silence = case.roles.silence?;
    let Some(together) = case.together(Happening::ClientSilent) else { return alone(case, &silence) };
    let tries = words::times(silence.tries.into());
    let finding = match silence.silent {
        Side::Client => deaf(case, &silence, 0.55),
        Side::Server => case.finding(0.45).says(
            format_args!(
                "What the client sent was sent {tries}, and nobody answered it any more, no server at all"
            ),
            [Some(silence.since), Some(silence.last)],
        ),
    };
    let finding = finding
        .supported(
            true,
            0.3,
            format_args!("The same happened on its other connections in the same time: {}", together.names()),
            [],
        )
        .supported(
            together.several_servers,
            0.3,
            "They went to more than one server: it is not the server",
            [],
        )
        .supported(together.others > 2, 0.2, "There are several of them", [])
        .says("Whether the client's machine or its line to the network failed does not show from here", []);
    Some(match silence.silent {
        Side::Client => finding,
        Side::Server => finding
            .or(
                "server-host-vanished",
                0.3,
                "Other clients: whether those servers answered them at that time",
            )
            .responsible(Responsible::Unknown),
    })
}

/// The client's only connection: it takes nothing any more in the middle of what the server says, its address is never heard again, and
/// others reach the server meanwhile.
fn alone(case: &Case<'_>, silence: &Silence) -> Option<Finding> {
    let (since, end) = (silence.since.time, case.end());
    let gone = case.siblings.client.spoke_between(since, end) == Some(false);
    let served = case.siblings.server.connected_between(since, end) == Some(true);
    let said =
        silence.silent == Side::Client && silence.kind == UnansweredKind::Data && silence.tries >= TRIES;
    if !said || !gone || !served || case.lossy() || case.siblings.client.count > 1 {
        return None;
    }
    Some(
        deaf(case, silence, 0.5)
            .says("Its address was never heard again, while others reached the server", [])
            .or(
                "path-loss-exhausted",
                0.5,
                "The client's machine: whether it was up, and still had that address",
            )
            .or("flow-blackholed", 0.4, "A capture at the client: whether the packets arrive there"),
    )
}

/// The client took nothing any more: so likely without further evidence.
fn deaf(case: &Case<'_>, silence: &Silence, weight: f64) -> Finding {
    case.finding(weight).says(
        format_args!(
            "What the server sent was sent {} and the client answered nothing any more",
            words::times(silence.tries.into())
        ),
        [Some(silence.since), Some(silence.last)],
    )
}
