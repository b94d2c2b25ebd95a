use crate::between::forgotten_too;
use crate::case::Case;
use crate::finding::Finding;
use crate::pauses::{constant, others_alike};
use crate::timers::{Keeper, Known};
use crate::{UnansweredKind, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// `middlebox-idle-silent-drop`: something between forgot the connection and says nothing.
///
/// Signature: nothing for at least as long as a known device remembers (RFC 5382 REQ-5 asks for two hours and
/// four minutes, many keep less), or for a pause after which three and more siblings fell silent too, or for half a minute
/// and longer (some seconds, where new connections work meanwhile), as every other line between the same two machines that died, while the silent one was heard elsewhere; then data or probes that nobody answers; a new connection to the same
/// server works. Against: new connections fail too, or the server was silent to others (see
/// `server-host-vanished`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let silence = case.roles.silence.filter(|silence| {
        matches!(silence.kind, UnansweredKind::Data | UnansweredKind::KeepAlive | UnansweredKind::Fin)
    })?;
    let heard = case.facts.sides[silence.silent].last?;
    let quiet = silence.quiet_before(case.facts)?;
    let samples = case.siblings.group.forgotten();
    let learnt = quiet >= super::SHORTEST_MEMORY && constant(samples, quiet);
    let known = Known::exceeded(Keeper::Between, quiet);
    let too = forgotten_too(case.facts, case.siblings, &silence, quiet);
    if known.is_none() && !learnt && too.is_none() {
        return None;
    }
    let reconnected = case.siblings.server.connected_between(silence.since.time, case.end());
    let answered = case.siblings.server.answered_between(silence.after_own(case.facts), case.end());
    let others = case.siblings.host.others_silent(case.facts.id, silence.since.time, silence.last.time);
    if silence.silent == Side::Server && others > 0 && answered == Some(false) && too.is_none() {
        return None;
    }
    let exact = Known::matching(Keeper::Between, quiet);
    Some(
        case.finding(0.5)
            .says(
                format_args!(
                    "Nothing had been sent for {} before; the next words of the {} were never answered",
                    words::time(quiet),
                    silence.silent.other().name()
                ),
                [Some(heard), Some(silence.since), Some(silence.last)],
            )
            .says(
                from_fn(|f| match (known, learnt) {
                    (Some(known), _) => {
                        write!(f, "Some devices forget a connection that was quiet for less: {known}")
                    }
                    (None, _) => {
                        f.write_str("No device is known to forget so soon, but the others show the same")
                    }
                }),
                [],
            )
            .supported(
                learnt,
                0.5,
                format_args!(
                    "On {} other connections of this client the silence began after the same pause: {}",
                    others_alike(samples, quiet),
                    words::time(quiet)
                ),
                [],
            )
            .supported(
                too.is_some(),
                if quiet >= super::SHORTEST_MEMORY { 0.5 } else { 0.2 },
                from_fn(|f| {
                    let lines = if too == Some(1) { "line" } else { "lines" };
                    write!(
                        f,
                        "{} other {lines} between the two machines died so, all after {} of quiet and more, while the {} was heard elsewhere",
                        too.unwrap_or(0),
                        if quiet >= super::SHORTEST_MEMORY { "half a minute" } else { "seconds" },
                        silence.silent.name()
                    )
                }),
                [],
            )
            .supported(
                exact.is_some(),
                0.1,
                from_fn(|f| {
                    exact.iter().try_for_each(|exact| write!(f, "The pause equals a known timer, {exact}"))
                }),
                [],
            )
            .supported(
                silence.silent == Side::Server && reconnected == Some(true),
                0.6,
                "A new connection to the same server worked afterwards",
                [],
            )
            .supported(
                silence.silent == Side::Server && answered == Some(true),
                0.3,
                "The server answered others meanwhile",
                [],
            )
            .or_if(
                known.is_none(),
                "flow-blackholed",
                0.4,
                "Lines that are never quiet for so long: whether they die too",
            )
            .or(
                "server-host-vanished",
                0.8,
                "Whether a new connection to the server worked right afterwards",
            ),
    )
}
