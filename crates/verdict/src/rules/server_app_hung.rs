use super::idle_vanished::LONG;
use crate::case::Case;
use crate::finding::Finding;
use crate::words;
use hangup_wire::Side;

/// Seconds without an answer from which a program counts as hung, where nobody hung up.
const PATIENCE: f64 = 30.0;

/// `server-app-hung`: the server's machine answers, its program does not.
///
/// Signature: a request whose last byte the server's machine acknowledged (RFC 9293 §3.4), no answer for half a
/// minute and longer (or for ten seconds, where the program has answered nobody for half a minute, or leaves several questions unanswered though
/// it had answered all others in a hundredth of the time), and nobody has hung up when the capture
/// ends. Against: the request was not
/// acknowledged (silence), the client gave up (`client-gives-up`), the server closed
/// (`server-closed-without-answer`), no packet was seen for so long that the line
/// may have ended (`idle-vanished`), or the protocol lets a client wait for news, which looks the same.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    if case.first().is_some() || facts.reused {
        return None;
    }
    let asked = case.outstanding.unanswered(facts)?;
    let waited = asked.until(case.end());
    // One program: it is stuck for this line as long as it is for the one that has waited longest.
    let mute = case.siblings.group.mute_since().map_or(0.0, |since| case.end().seconds_since(since));
    let quick = mute >= super::LONG_PAUSE && case.siblings.group.quick_until(waited);
    let for_all = (super::LONG_PAUSE..PATIENCE).contains(&waited) && (mute >= PATIENCE || quick);
    if !for_all && waited < PATIENCE || waited < 20.0 * case.rtt() {
        return None;
    }
    let group = case.siblings.group;
    let client = &facts.sides[Side::Client];
    let tested = client.keep_alives > 0 && client.keep_alives_unanswered == 0;
    // Without a packet for so long the line may have ended unseen; and who never answered may only listen.
    let talks = facts.talk.answers > 0 || facts.talk.outstanding == Some(true) || tested || group.heard();
    if facts.last.until(case.end()) > LONG || !talks {
        return None;
    }
    let others = group.others();
    let answered_elsewhere = others >= 3 && group.outstanding().saturating_sub(1) * 4 <= others;
    Some(
        case.finding(0.45)
            .says(
                "The client had asked; the server's machine acknowledged it, its program did not answer",
                [Some(asked), facts.sides[Side::Server].last],
            )
            .says(format_args!("{} later the capture ends without an answer", words::time(waited)), [Some(facts.last)])
            .says_if(
                for_all,
                format_args!("The server's program has answered this client on no connection for {}", words::time(mute)),
            )
            .supported(quick, 0.3, "All that was asked before it had answered in a hundredth of that time", [])
            .supported(tested, 0.3, "The line was tested meanwhile, and the server's machine answered", [facts.sides[Side::Server].last])
            .supported(
                facts.talk.outstanding == Some(true),
                0.4,
                "The protocol shows that an answer was due",
                [],
            )
            .supported(
                answered_elsewhere,
                0.3,
                "On the client's other connections to this server everything that was asked had been answered",
                [],
            )
            .supported(waited >= 300.0, 0.2, "Five minutes are longer than most programs wait", [])
            .doubted(case.lossy(), 0.4, "Packets are missing from the capture: an answer may have come", [])
            .or(
                "still-open-at-end",
                0.6,
                "The server's log: whether it worked on the request, or was to wait for news before it answered",
            ),
    )
}
