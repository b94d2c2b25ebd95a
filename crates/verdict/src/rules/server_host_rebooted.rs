use super::middlebox_lost_state_rst::FORGETTABLE;
use crate::case::Case;
use crate::event::Happening;
use crate::finding::Finding;
use crate::{Outcome, Role, words};
use hangup_wire::Side;

/// `server-host-rebooted`: nobody remembers the call.
///
/// Signature: no goodbye of the server; the client's data is answered by a RST without ACK flag whose number
/// is the one that the data acknowledged (RFC 9293 §3.5.2): the server's machine does not know the
/// connection. Its hop limit is that of the server's earlier packets, and the line had not been idle for long, or
/// what was sent before went unanswered, or other connections to the same machine were forgotten too. Against: a long pause and
/// nothing else (something between forgot it), data that is only the protocol's own goodbye (nothing was lost, and the
/// machine may have said goodbye unseen), a FIN before (`stale-connection-reuse`, `keepalive-race`), another hop limit.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let reset = case.first_reset(Side::Server).filter(|reset| !reset.ack_flag)?;
    let trigger = reset.trigger.filter(|trigger| trigger.data > 0 && !trigger.syn)?;
    let hop_limit = case.facts.sides[Side::Server].hop_limit;
    let other_hops = hop_limit.is_some_and(|known| known != reset.hop_limit);
    let said_before = case
        .goodbyes(Side::Client)
        .any(|(goodbye, _)| goodbye.role != Role::Ignored && goodbye.at.time < first.at.time);
    if !case.has_data() || other_hops || said_before {
        return None;
    }
    let talk = &case.facts.talk;
    let asked = talk.run[Side::Client]?;
    let before = talk.last[Side::Server].map(|spoken| spoken.at);
    let waited = first.at.after(asked.at);
    // What was sent went unanswered for longer than a round trip takes: the machine was away.
    let away = waited > (4.0 * case.rtt()).max(0.4) && case.facts.sides[Side::Client].retransmitted > 0;
    let paused = before.map_or(0.0, |before| asked.at.after(before));
    let forgotten = case.siblings.host.others_lost(case.facts.id);
    let together = case.together(Happening::ServerForgot);
    let own = hop_limit.is_some() && paused < FORGETTABLE;
    if !(away || forgotten > 0 || own) {
        return None;
    }
    let farewell = case.farewell(Side::Client);
    let finding = case.finding(0.4);
    let finding = if farewell.is_some() { finding.outcome(Outcome::Undecided) } else { finding };
    Some(
        finding
            .says(
                "The client sent data on a connection that stood; the server's machine answered that it knows no such connection",
                [Some(trigger.at), Some(first.at)],
            )
            .says("The server had said no goodbye before", [before])
            .supported(
                away,
                0.5,
                format_args!("For {} before, nothing that the client sent was answered: the machine was away", words::time(waited)),
                [Some(asked.at), Some(first.at)],
            )
            .supported(
                forgotten > 0,
                0.5,
                core::fmt::from_fn(|f| match together {
                    Some(together) => write!(f, "It had forgotten other connections too: {}", together.names()),
                    None => write!(f, "It had forgotten {forgotten} other connection(s) too"),
                }),
                [],
            )
            .supported(
                hop_limit.is_some(),
                0.2,
                "The reset came over as many stations as the server's earlier packets: it is most likely the server's own",
                [Some(first.at)],
            )
            .doubted(
                paused >= FORGETTABLE,
                0.4,
                format_args!("The line had been idle for {} before: something between may have forgotten it instead", words::time(paused)),
                [before, Some(asked.at)],
            )
            .doubted(
                farewell.is_some(),
                0.3,
                "What the client sent was only its protocol's goodbye: nothing was asked, and nothing was lost",
                [farewell.map(|farewell| farewell.at)],
            ),
    )
}
