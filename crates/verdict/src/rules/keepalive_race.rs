use crate::case::Case;
use crate::finding::Finding;
use crate::pauses::{constant, others_alike};
use crate::timers::{Keeper, Known};
use crate::{ActKind, Moment, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// Shortest pause in seconds after which a line counts as idle.
const PAUSE: f64 = 0.5;

/// `keepalive-race`: request and goodbye crossed on the way.
///
/// Signature: the server closes an idle line, and within a round trip the client sends a request that does
/// not acknowledge the FIN, nor does the FIN acknowledge the request (RFC 9112 §9.3.1); a RST answers it.
/// Against: the client had acknowledged the FIN (`stale-connection-reuse`), the server had acknowledged the
/// request (`server-closed-without-answer`), it is no request but the protocol's own goodbye.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let act = case.act(first)?;
    let fin = case.fin(Side::Server).map_or(act, |(_, fin)| fin);
    let talk = &case.facts.talk;
    let run = talk.run[Side::Client]?;
    let last = talk.last[Side::Client]?;
    let begin = run.end.saturating_sub(u64::from(run.length));
    let unheard = act.ack.is_some_and(|ack| ack <= begin) && fin.ack.is_some_and(|ack| ack <= begin);
    // The place of an alert is behind its record, that of a FIN is its own.
    let known =
        if matches!(fin.kind, ActKind::Fin { .. }) { fin.offset.saturating_add(1) } else { fin.offset };
    let unaware = run.ack < known && last.ack < known;
    let near = run.at.after(fin.at).abs() <= (1.5 * case.rtt()).max(0.02);
    let server_before = talk.last[Side::Server].map(|spoken| spoken.at);
    let quiet_since: Option<Moment> = server_before.filter(|at| at.time < run.at.time.min(first.at.time));
    let pause = quiet_since.map_or(0.0, |at| run.at.time.min(first.at.time).seconds_since(at.time));
    let answered_since = server_before.is_some_and(|at| at.time > run.at.time && at.time > first.at.time);
    let farewell = case.farewell(Side::Client).is_some();
    if !unheard || !unaware || !near || pause < PAUSE || answered_since || farewell {
        return None;
    }
    let reset = case.resets(Side::Server).map(|(goodbye, _, _)| goodbye.at).find(|at| at.time >= run.at.time);
    // The answer to what crossed comes within a round trip; a later reset answers something else.
    let reset = reset.filter(|at| at.after(run.at) <= (3.0 * case.rtt()).max(1.0));
    let timer = Known::matching(Keeper::Server, pause);
    let samples = case.siblings.group.idle(Side::Server);
    let learnt = constant(samples, pause);
    Some(
        case.finding(0.75)
            .says(format_args!("The line had been quiet for {}, then the server closed it", words::time(pause)), [quiet_since, Some(first.at)])
            .says("The client's request neither acknowledges the close nor is acknowledged by it: the two crossed on the way", [Some(run.at), Some(fin.at)])
            .supported(reset.is_some(), 0.6, "The server's machine answered the request with a reset", [reset])
            .supported(learnt, 0.5, format_args!("On {} other connections of this client the server closed after the same pause: {}", others_alike(samples, pause), words::time(pause)), [])
            .supported(timer.is_some(), 0.3, from_fn(|f| timer.iter().try_for_each(|timer| write!(f, "The pause equals a known idle timer of servers, {timer}"))), [])
            .or("stale-connection-reuse", 0.3, "A capture at the client: whether the close arrived there before the request was written"),
    )
}
