use super::big_clienthello_dropped::LARGE;
use super::tls_handshake_stalled::DISLIKED;
use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, TlsHandshake, words};
use hangup_wire::Side;

/// `tls-silent-rejection`: the server hangs up after the client's hello without a word.
///
/// Signature: the hello arrived (it is acknowledged, or the reset answers it), and the server closes by FIN or RST, or with a
/// bare `close_notify`, before it said anything in TLS; RFC 8446 §6.2 would have it send an alert. Against: an alert that says why
/// (`tls-parameters-mismatch`); a hello that did not arrive in full (`big-clienthello-dropped`); a long wait
/// (`tls-handshake-stalled`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    let tls = facts.tls.as_ref()?;
    let hello = tls.client_hello?;
    let answered = facts.sides[Side::Server].last_data.is_some_and(|at| at.time > hello.time);
    let spoke = tls.server_hello.or(tls.certificate).or(tls.last_handshake[Side::Server]).is_some();
    if spoke || matches!(tls.handshake, TlsHandshake::Complete | TlsHandshake::Unseen) || case.lossy() {
        return None;
    }
    let first = case.first_of(Side::Server)?;
    let act = case.act(first)?;
    let length = 1 + u64::from(tls.client_hello_length);
    let acked = facts.sides[Side::Client].acked > length || act.ack.is_some_and(|ack| ack > length);
    let (arrived, polite) = match &act.kind {
        ActKind::Alert(alert) => (acked && alert.description == Some(0), true),
        ActKind::Rst(rst) if !answered => {
            (acked || rst.trigger.is_some_and(|trigger| trigger.data > 0), false)
        }
        ActKind::Fin { .. } if !answered => (acked, false),
        _ => (false, false),
    };
    let complained = tls.alerts.iter().any(|act| {
        act.from == Some(Side::Server)
            && matches!(&act.kind, ActKind::Alert(alert) if alert.description.is_some_and(|number| number != 0))
    });
    let waited = first.at.after(hello).max(0.0);
    if !arrived || complained || waited > DISLIKED {
        return None;
    }
    Some(
        case.finding(0.55)
            .says("The client said its TLS hello", [Some(hello)])
            .says(
                format_args!(
                    "{} later the server hung up, without a TLS hello and without saying why",
                    words::time(waited)
                ),
                [Some(first.at)],
            )
            .supported(acked, 0.4, "The server's machine had received the whole hello", [Some(first.at)])
            .supported(
                polite,
                0.3,
                "Its only word was the TLS goodbye: its program understands TLS and did not want this conversation",
                [Some(first.at)],
            )
            .or_if(
                tls.client_hello_length >= LARGE && !polite,
                "big-clienthello-dropped",
                0.5,
                "Another try with a smaller hello: it works if the size is to blame",
            ),
    )
}
