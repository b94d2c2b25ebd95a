use crate::case::Case;
use crate::finding::Finding;
use crate::{GoodbyeKind, words};
use hangup_wire::Side;

/// `server-closed-without-answer`: request taken, line closed, nothing said.
///
/// Signature: the client spoke last, the server acknowledged it, then closed by alert or FIN without an
/// answer (RFC 9112 §9.5). Against: the FIN does not acknowledge the request (`keepalive-race`), or the
/// server reset the line.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    if !case.owed() || first.kind == GoodbyeKind::Rst || case.outstanding.spoke_last != Some(Side::Client) {
        return None;
    }
    let client = case.facts.talk.last[Side::Client]?;
    let run = case.facts.talk.run[Side::Client]?;
    let act = case.act(first)?;
    let begin = run.end.saturating_sub(u64::from(run.length));
    if act.ack.is_some_and(|ack| ack <= begin) {
        return None;
    }
    let all = act.ack.is_some_and(|ack| ack >= client.end);
    Some(
        Finding::new(0.7)
            .says("The client had asked and got no answer", [Some(run.at)])
            .says(
                format!(
                    "{} later the server closed the connection",
                    words::time(first.at.after(client.at).max(0.0))
                ),
                [Some(first.at)],
            )
            .supported(
                all,
                0.6,
                "The server's machine had received the whole request: its close acknowledges it",
                [Some(first.at)],
            )
            .supported(!case.first_is_polite() && case.is_tls(), 0.2, "It said no TLS goodbye", [])
            .supported(
                case.facts.talk.outstanding == Some(true),
                0.4,
                "The protocol shows that an answer was due",
                [],
            )
            .doubted(
                case.lossy(),
                0.4,
                "Packets are missing from the capture: an answer may have been sent",
                [],
            ),
    )
}
