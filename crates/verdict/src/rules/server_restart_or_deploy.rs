use super::server_process_died::refusal;
use crate::Outcome;
use crate::case::Case;
use crate::event::Happening;
use crate::finding::Finding;
use hangup_wire::Side;

/// `server-restart-or-deploy`: the program was told to stop, or to begin anew.
///
/// Signature: the server closes three or more idle lines within a second or two, mostly with its TLS goodbye
/// (RFC 8446 §6.1), though they were idle for different times; or it closes an idle line and refuses new
/// connections at once; then lines count too that were served a moment ago. Nothing is outstanding. Against: equal pauses (`server-idle-timeout`), something
/// outstanding and no goodbye (`server-process-died`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let together = case.together(Happening::ServerStopped)?;
    let refused = together.event.refused;
    let finding = case
        .finding(0.4)
        .says("The server closed a line that was idle", [case.last_words(Side::Server), Some(first.at)])
        .supported(
            together.others > 0,
            0.3,
            format_args!(
                "In the same second or two it closed others to the same port, however long they had been idle: {}",
                together.names()
            ),
            [],
        )
        .supported(together.others > 3, 0.3, "So many at once are no chance", [])
        .supported(refused.is_some(), 0.5, refusal(case, refused), [])
        .supported(case.first_is_polite(), 0.2, "It said its goodbye: its program was still in order", [Some(first.at)])
        .doubted(
            together.others == 0,
            0.3,
            "It is the only line that was closed then",
            [],
        )
        .or("server-idle-timeout", 0.5, "The server's settings: whether it closes a line after that time without use")
        .or_if(!case.first_is_polite(), "server-process-died", 0.5, "The log of the server's program: whether it ended in order");
    Some(match case.outstanding.value {
        Some(true) => finding.outcome(Outcome::Abnormal),
        // Where nobody took the next call, only the operator knows whether the stop was meant.
        Some(false) if refused.is_none() => finding.outcome(Outcome::Normal),
        _ => finding,
    })
}
