use super::LONG_PAUSE;
use super::goaway_error::{NO_ERROR, goaway};
use crate::case::Case;
use crate::finding::Finding;
use crate::last_words::{AT_ONCE, is_http2, opens_http2};
use crate::pauses::{constant, exact};
use crate::timers::{Keeper, Known};
use crate::{Goodbye, GoodbyeKind, Lull, words};
use hangup_wire::Side;

/// Record lengths of one GOAWAY (or PING) frame of 17 bytes: TLS 1.3, and TLS 1.2 with GCM; of two in one record, and in two.
const GOAWAY: [u64; 5] = [34, 41, 51, 68, 82];

/// `graceful-goaway`: HTTP/2 notice, then close.
///
/// Signature: the server's GOAWAY (RFC 9113 §6.8), by its size as its last words on an `h2` connection (in TLS 1.3, where the
/// choice is hidden, on one that may be, after a pause in which nobody asked), then its goodbye, or the client's that
/// follows the notice at once; nothing outstanding. Or the server says goodbye at once behind its answer: who closes by rule in HTTP/2
/// gives notice first, and the notice may share a record with the answer. Against: it is the answer itself, a request was cut off, or the pause before is
/// a timer (`server-idle-timeout`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first()?;
    if case.owed() || first.kind == GoodbyeKind::Rst {
        return None;
    }
    let by_server = case.first_of(Side::Server).is_some();
    if !by_server && !follows_notice(case, first) || by_server && timer_of_pause(case) {
        return None;
    }
    if let Some(said) = goaway(case.facts).filter(|said| said.word == NO_ERROR) {
        return Some(case.finding(0.9).says(
            "The server said GOAWAY, without an error, and then the connection ended",
            [Some(said.at), Some(first.at)],
        ));
    }
    let tls = case.facts.tls.as_deref()?;
    let chosen = tls.alpn.as_deref() == Some("h2");
    let notice = case.outstanding.notice;
    if let Some(finding) = behind_the_answer(case, first) {
        return Some(finding);
    }
    let mutual = by_server && both_said_so(case, first);
    if !(chosen || is_http2(case.facts) && (notice.is_some() || mutual)) {
        return None;
    }
    let last = case.facts.talk.last[Side::Server].filter(|last| last.at.time <= first.at.time)?;
    let alone =
        case.facts.talk.run_bytes[Side::Server] <= 82 || case.outstanding.spoke_last == Some(Side::Server);
    if !GOAWAY.contains(&u64::from(last.length)) || !(alone || mutual) {
        return None;
    }
    let ages = case.siblings.group.age_server();
    let aged = ages.median().is_some_and(|age| {
        let slack = (age * 0.05).max(1.0);
        ages.seen() >= 3
            && ages.share_within(age - slack, age + slack) >= 0.75
            && (case.facts.duration() - age).abs() <= slack
    });
    Some(
        case.finding(if chosen { 0.6 } else { 0.5 })
            .says(format_args!("The server's last record has {} bytes, the size of an HTTP/2 GOAWAY: most likely the notice that it will close", last.length), [Some(last.at)])
            .says(if by_server { "Then it said goodbye" } else { "Then the client hung up" }, [Some(first.at)])
            .says_if(mutual, "The client answered it at once with a record of the same size, as one notice is answered by another")
            .supported(aged, 0.5, format_args!("It closes this client's connections at a fixed age, {}", words::time(ages.median().unwrap_or(0.0))), [])
            .or("server-clean-goodbye", 0.5, "A key log: whether that record is a GOAWAY")
            .or("server-idle-timeout", 0.3, "Other connections: whether the pause before is always the same"),
    )
}

/// Behind the server's word of that size, which nobody had asked for, the client said one of the same size at once, and the server hung up.
fn both_said_so(case: &Case<'_>, first: &Goodbye) -> bool {
    let talk = &case.facts.talk;
    let (Some(notice), Some(reply)) = (talk.last[Side::Server], talk.last[Side::Client]) else {
        return false;
    };
    let soon = (2.0 * case.rtt()).max(AT_ONCE);
    let at_once = |from: crate::Moment, to: crate::Moment| (0.0..=soon).contains(&to.after(from));
    // More than one record in the turn: what was asked had been answered before the notice came.
    let unasked = talk.run_bytes[Side::Server] > u64::from(notice.length);
    reply.length == notice.length
        && talk.run_bytes[Side::Client] == u64::from(reply.length)
        && unasked
        && at_once(notice.at, reply.at)
        && at_once(reply.at, first.at)
}

/// The client hangs up at once when the server's notice has come.
fn follows_notice(case: &Case<'_>, first: &Goodbye) -> bool {
    let notice = case.facts.talk.last[Side::Server].filter(|_| case.outstanding.notice.is_some());
    case.first_of(Side::Client).is_some()
        && notice.is_some_and(|notice| first.at.after(notice.at) <= case.rtt().max(AT_ONCE))
}

/// The pause before the notice is a timer of the server's: it closed because nobody spoke. A few seconds equal some known timer by
/// chance, but hardly the same round number to the millisecond on two lines. Where the server had spoken unasked before, that was a first
/// notice, and the pause the time that it gives (RFC 9113 §6.8).
fn timer_of_pause(case: &Case<'_>) -> bool {
    let Some(pause) = case.outstanding.notice else { return false };
    let known = pause >= LONG_PAUSE && Known::matching(Keeper::Server, pause).is_some();
    let longer = |lull: Lull| f64::from(lull.milliseconds) / 1e3 > pause + 0.1;
    let noticed = case.facts.talk.lull[Side::Server].is_some_and(longer);
    let samples = case.siblings.group.idle(Side::Server);
    known || constant(samples, pause) || exact(samples, pause) && !noticed
}

/// The server says goodbye right behind an answer on an HTTP/2 connection.
fn behind_the_answer(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let facts = case.facts;
    let last = facts.talk.last[Side::Server].filter(|last| last.at.time <= first.at.time)?;
    let at_once = first.at.after(last.at) <= (1.5 * case.rtt()).max(AT_ONCE);
    if case.first_of(Side::Server).is_none()
        || !case.first_is_polite()
        || case.outstanding.spoke_last != Some(Side::Server)
        || case.outstanding.notice.is_some()
        || case.roles.unheard.is_some()
        || GOAWAY.contains(&facts.talk.run_bytes[Side::Server])
        || facts.talk.last[Side::Client].is_none()
        || !at_once
        || !opens_http2(facts)
    {
        return None;
    }
    Some(
        case.finding(0.55)
            .says(
                format_args!("The server said goodbye {} after the end of its answer", words::time(first.at.after(last.at))),
                [Some(last.at), Some(first.at)],
            )
            .says("On an HTTP/2 connection a server that closes by its rules gives notice before (GOAWAY); it may stand in the same record as the answer", [])
            .or("planned-server-close", 0.6, "A key log: whether there is a GOAWAY among its last words"),
    )
}
