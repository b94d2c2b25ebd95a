use crate::case::Case;
use crate::event::Happening;
use crate::finding::Finding;
use crate::last_words::sealed_dismissal;
use crate::{Dismissed, Goodbye, words};
use hangup_wire::Side;

/// Seconds within which a server that has said its last word closes.
const AT_ONCE: f64 = 3.0;

/// `session-killed-by-admin`: the server ended this session on somebody's order, or by a rule for idle sessions.
///
/// Signature: the server's last words are in clear and say so (PostgreSQL's 57P01 and its like, MySQL's 4031, Oracle's
/// ORA-00028, `421` of RFC 5321 §4.2.3, `BYE` of RFC 9051 §7.1.5), and it closes right behind them. Words that may also answer a
/// question, such as `BYE` after a logout, count only where nothing was asked. Under TLS PostgreSQL's last word is known by its place. Against: several sessions at once, and
/// new connections are refused (a restart: `server-restart-or-deploy`); hidden words, which a capture without keys cannot tell from an ordinary answer.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    if let Some(finding) = sealed(case, first) {
        return Some(finding);
    }
    let said = case.dismissed(Dismissed::Order)?;
    let stopped = case.together(Happening::ServerStopped);
    if stopped.is_some_and(|stopped| stopped.others > 0 && stopped.event.refused.is_some()) {
        return None;
    }
    let asked = case.facts.talk.last[Side::Client];
    // Where the server's last turn begins with these words, the client had spoken before: they may be its answer.
    let unasked = case.facts.talk.run[Side::Server].is_some_and(|run| run.at != said.at);
    let waited = first.at.after(said.at);
    if !(said.final_word || unasked) || !(-0.1..=AT_ONCE).contains(&waited) {
        return None;
    }
    let quiet = asked.map(|asked| said.at.after(asked.at)).filter(|&quiet| unasked && quiet >= 1.0);
    Some(
        case.finding(0.85)
            .says(
                format_args!("The server said “{}” and closed the connection", said.says.escape_debug()),
                [Some(said.at), Some(first.at)],
            )
            .supported(unasked, 0.4, "Nothing had been asked: it spoke of its own accord", [Some(said.at)])
            .supported(
                quiet.is_some(),
                0.2,
                format_args!("The client had said nothing for {}", words::time(quiet.unwrap_or(0.0))),
                [asked.map(|asked| asked.at)],
            )
            .or(
                "server-restart-or-deploy",
                0.6,
                "The server's log: whether it ended this session alone, or all of them",
            ),
    )
}

/// Under TLS, where the words cannot be read: see [`sealed_dismissal`].
fn sealed(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let said = sealed_dismissal(case.facts, first).filter(|_| case.first_is_polite())?;
    Some(
        case.finding(0.55)
            .says("PostgreSQL's server ended the session by itself; its client had not logged off", [Some(first.at)])
            .says(
                format_args!("Its last words, {} bytes right before its goodbye, say why: they are an error, which TLS hides", said.length),
                [Some(said.at)],
            )
            .or("server-restart-or-deploy", 0.6, "The server's log, or the client's: which error it was")
            .or("server-idle-timeout", 0.4, "The server's log, or the client's: which error it was"),
    )
}
