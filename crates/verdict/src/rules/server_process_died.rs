use crate::case::Case;
use crate::event::Happening;
use crate::finding::Finding;
use crate::{Dismissed, Outcome, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// `server-process-died`: the program crashed or was killed.
///
/// Signature: a FIN without a goodbye, or a RST with ACK flag where data was unread (RFC 1122 §4.2.2.13), as a
/// kernel sends them for a process that is gone; on several connections to one address and port within one
/// instant, something outstanding on at least one of them, or its answer stopped between two pieces; or on one with something outstanding, and new
/// connections are refused right afterwards. Against: one connection only and nothing refused
/// (`bare-fin-no-close-notify`, `server-closed-without-answer`); a proper goodbye
/// (`server-restart-or-deploy`); equal pauses before (a timer) and nothing refused; the server is a proxy whose second hop closed
/// just before (`proxy-relayed-close`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first()?;
    let together = case.together(Happening::ServerDied)?;
    let told = case.dismissed(Dismissed::Crash);
    let refused = together.event.refused;
    let finding = case
        .finding(0.5)
        .says("The server's machine closed the connection; its program had said no goodbye", [Some(first.at)])
        .supported(
            told.is_some(),
            0.9,
            from_fn(|f| {
                told.iter().try_for_each(|said| write!(f, "The server said “{}”", said.says.escape_debug()))
            }),
            [told.map(|said| said.at)],
        )
        .supported(
            together.others > 0,
            0.4,
            format_args!("In the same instant it closed others to the same port: {}", together.names()),
            [],
        )
        .supported(together.others > 2, 0.3, "No single request explains so many", [])
        .supported(refused.is_some(), 0.6, refusal(case, refused), [])
        .supported(
            case.outstanding.midway,
            0.2,
            format_args!(
                "Within the same answer the server had paused for up to {} before, and gone on",
                words::time(
                    case.facts.talk.lull[Side::Server].map_or(0.0, |lull| f64::from(lull.milliseconds) / 1e3)
                )
            ),
            [case.last_words(Side::Server), Some(first.at)],
        )
        .supported(case.owed(), 0.2, "An answer was still due", case.outstanding.at.iter().copied().map(Some))
        .or(
            "server-closed-without-answer",
            0.5,
            "The log of the server's program or of its operating system: whether it ended at this second",
        )
        .or_if(
            refused.is_none(),
            "server-restart-or-deploy",
            0.3,
            "The operator: whether it was restarted on purpose at this second",
        );
    // A line on which nothing was due was only closed with the others. It is abnormal all the same where nobody listened any more.
    let gone = refused.is_some() && together.others > 0;
    let stays = case.owed() || case.outstanding.midway || gone || together.crashed;
    Some(if stays { finding } else { finding.outcome(Outcome::Undecided) })
}

/// How new connections were refused, in words.
pub(super) fn refusal(
    case: &Case<'_>,
    refused: Option<(hangup_wire::Timestamp, hangup_wire::Timestamp, u32)>,
) -> impl core::fmt::Display {
    let first = case.first().map(|first| first.at.time);
    core::fmt::from_fn(move |f| {
        let (Some((begin, end, count)), Some(first)) = (refused, first) else { return Ok(()) };
        let (after, times) = (words::time(begin.seconds_since(first)), words::times(count.into()));
        write!(f, "{after} later new connections to it were refused ({times}")?;
        if count > 1 {
            write!(f, " within {}", words::time(end.seconds_since(begin)))?;
        }
        f.write_str("): nobody listened any more")
    })
}
