use crate::case::{Case, is_alert};
use crate::finding::Finding;
use crate::last_words::AT_ONCE;
use crate::{GoodbyeKind, Outcome, words};
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
    let at_once = first.at.after(client.at) <= (2.0 * case.rtt()).max(AT_ONCE);
    let farewell = may_be_a_farewell(case, first.at.after(client.at));
    let finding = if farewell { case.finding(0.7).outcome(Outcome::Undecided) } else { case.finding(0.7) };
    Some(
        finding
            .says("The client had asked and got no answer", [Some(run.at)])
            .says(
                format_args!(
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
            )
            .doubted(
                farewell,
                0.4,
                "The client's last message is so short, and the close followed so soon, that it may have been the protocol's own goodbye",
                [Some(client.at), Some(first.at)],
            )
            .or_if(
                is_alert(first.kind) && at_once,
                "tls-fatal-mid-session",
                0.5,
                "A key log (SSLKEYLOGFILE), or the server's log: whether its alert complains of what had come",
            )
            .or_if(farewell, "server-clean-goodbye", 0.5, "The content of the client's last message: was it a QUIT or log-off of its protocol?"),
    )
}

/// Many protocols have a word with which the client says that it is done (`QUIT`, a log-off), and the server
/// answers by closing. Such words are short, come after a conversation, and are followed at once. A bare FIN
/// under TLS is no polite answer.
fn may_be_a_farewell(case: &Case<'_>, wait: f64) -> bool {
    const LONGEST: u64 = 64;
    let talk = &case.facts.talk;
    let polite = case.first_is_polite() || !case.is_tls();
    talk.outstanding.is_none()
        && talk.answers > 0
        && talk.run_bytes[Side::Client] <= LONGEST
        && polite
        && wait <= (3.0 * case.rtt()).max(0.25)
}
