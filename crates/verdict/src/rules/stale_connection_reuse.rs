use super::heartbeat_missed::tests_in_vain;
use crate::case::Case;
use crate::event::Happening;
use crate::finding::Finding;
use crate::last_words::{AT_ONCE, SHORT, is_http2};
use crate::{GoodbyeKind, Moment, words};
use hangup_wire::Side;

/// Bytes of a log-off in a record of TLS at most, such as PostgreSQL's Terminate or MySQL's `COM_QUIT` (five bytes each).
const LOG_OFF: u64 = 32;

/// `stale-connection-reuse`: written on a line that the server had already closed.
///
/// Signature: the server's FIN, the client acknowledges it, later sends new data that covers the FIN, and the
/// server's kernel answers with a RST without ACK flag (RFC 9293 §3.5.2). Against: the data began before the
/// FIN (an upload cut short), or does not acknowledge it (`keepalive-race`), or the server's program died (`server-process-died`: others ended in the
/// same instant, and new calls were refused), or is itself only a goodbye,
/// of TLS or of the protocol: a short word of HTTP/2 right before the client's own close is its GOAWAY (RFC 9113 §6.8).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let (_, fin) = case.fin(Side::Server)?;
    let spoken = case.spoke_after_goodbye(Side::Client)?;
    let run = case.facts.talk.run[Side::Client]?;
    let began_after =
        run.at.time > fin.at.time || (run.at.time == fin.at.time && run.at.frame() > fin.at.frame());
    if !began_after || run.ack <= fin.offset || case.farewell(Side::Client).is_some() {
        return None;
    }
    // What belongs to a handshake is no use of the line.
    let finished = case.facts.tls.as_deref().and_then(|tls| tls.last_handshake[Side::Client]);
    if case.facts.tls.is_some()
        && (!case.is_tls() || finished.is_some_and(|finished| finished.time > first.at.time))
    {
        return None;
    }
    // Who answers a test of life too late has asked nothing.
    if took_leave(case, run.at) || tests_in_vain(case).is_some() {
        return None;
    }
    // The line was not closed for being quiet: the program was gone, as new calls show that nobody took.
    let died = case.together(Happening::ServerDied).is_some_and(|together| together.event.refused.is_some());
    if died && !case.first_is_polite() {
        return None;
    }
    let reset = case.resets(Side::Server).map(|(goodbye, _, _)| goodbye.at).find(|at| at.time >= run.at.time);
    let late = run.at.after(fin.at);
    // What comes at once goes on with what was being said: an upload cut short.
    if late < 0.8 * case.rtt().min(1.0) {
        return None;
    }
    Some(
        case.finding(0.7)
            .says("The server had closed its side", [Some(first.at), Some(fin.at)])
            .says(
                format_args!(
                    "{} later the client sent new data on the closed line, and had acknowledged the close",
                    words::time(late)
                ),
                [Some(run.at), Some(spoken.at)],
            )
            .supported(
                reset.is_some(),
                0.8,
                "The server's machine answered with a reset: nobody was there any more",
                [reset],
            )
            .supported(late > case.rtt(), 0.2, "The close had been known for longer than a round trip", [])
            .doubted(
                case.facts.talk.last[Side::Server].is_some_and(|server| server.at.time > run.at.time),
                0.8,
                "The server still spoke afterwards",
                [case.last_words(Side::Server)],
            )
            .or(
                "keepalive-race",
                0.3,
                "A capture at the client: whether its program could know of the close when it wrote",
            ),
    )
}

/// What the client said on the closed line, from `said` on, is short and followed by its own goodbye at once: on HTTP/2 a GOAWAY, under TLS
/// perhaps a log-off, which asks for nothing. Who asks waits for an answer.
fn took_leave(case: &Case<'_>, said: Moment) -> bool {
    let behind = |at: Moment| (0.0..=AT_ONCE).contains(&at.after(said));
    let courtesy = is_http2(case.facts) && !case.owed();
    let most = if courtesy { SHORT } else { LOG_OFF };
    (courtesy || case.is_tls())
        && case.facts.talk.run_bytes[Side::Client] <= most
        && case
            .goodbyes(Side::Client)
            .any(|(goodbye, _)| goodbye.kind != GoodbyeKind::Rst && behind(goodbye.at))
}
