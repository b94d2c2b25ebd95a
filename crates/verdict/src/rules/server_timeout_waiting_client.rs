use super::server_rejects_after_accept::WELCOME;
use crate::case::Case;
use crate::finding::Finding;
use crate::last_words::AT_ONCE;
use crate::pauses::{constant, others_alike};
use crate::timers::{self, Keeper, Known};
use crate::waits::{age_unanswered, since_handshake, stood_unanswered, wait_in_vain};
use crate::{Dismissed, Goodbye, TlsHandshake, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// Seconds for which a server that has greeted waits at least.
const SPOKEN_FIRST: f64 = 2.0;

/// `server-timeout-waiting-client`: the server was tired of waiting for the client.
///
/// Signature: the client called and said nothing, or began a message and did not finish it, and the server
/// ends the connection after a time that is the same on three and more siblings, or a known limit for first
/// words, or at the same age whatever the client had said; or its only words come unasked right before its goodbye, as of an HTTP server that says why (RFC 9110 §15.5.9, status 408).
/// Against: it hung up at once (`server-rejects-after-accept`), a
/// TLS session stood and was never used, or the client hung up (`unused-connection`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let facts = case.facts;
    let said = case.dismissed(Dismissed::Waiting);
    let told = facts.talk.status == Some(408) || said.is_some();
    let unasked = last_words_unasked(case, first);
    let aged = aged(case, first);
    let greeted = greeted(case, first);
    // Spoken on or not, the server lets its lines stand for the same time: it waits for a whole question.
    let stood = stood_unanswered(facts, first.at).and_then(|stood| case.siblings.group.stood(&stood));
    let waited = wait_in_vain(facts, first.at).or(unasked).or(stood).or(aged).or(greeted).or_else(|| {
        let overdue = said.zip(facts.talk.last[Side::Client]);
        overdue.map(|(said, spoken)| said.at.after(spoken.at))
    })?;
    let samples = case.siblings.group.waits();
    let same = constant(samples, waited);
    let timer = Known::matching(Keeper::Opening, waited);
    if waited < WELCOME.max(3.0 * case.rtt())
        || !(same
            || timer.is_some()
            || told
            || unasked.is_some()
            || aged.is_some()
            || greeted.is_some()
            || stood.is_some())
    {
        return None;
    }
    let half = facts.talk.half_sent[Side::Client].filter(|&missing| missing > 0);
    let lost = facts.sides[Side::Client].missing > 0;
    Some(
        case.finding(0.5)
            .says(
                from_fn(|f| match half {
                    Some(missing) => {
                        write!(f, "The client had begun a message; {missing} bytes of it never came")
                    }
                    None if aged.is_some() => f.write_str(
                        "What the client had said got no answer: most likely it was not a whole question",
                    ),
                    None if greeted.is_some() => {
                        f.write_str("The server had spoken first, and the client said nothing")
                    }
                    None if said.is_some() => f.write_str("The server waited for the client's next words"),
                    None => f.write_str("The client had called, and said nothing"),
                }),
                [facts.sides[Side::Client].last_data.or(Some(facts.first))],
            )
            .says(
                format_args!("The server waited {}, then it hung up", words::time(waited)),
                [Some(first.at)],
            )
            .supported(
                same,
                0.7,
                format_args!(
                    "On {} other connections of this client it waited for the same time: {}",
                    others_alike(samples, waited),
                    words::time(waited)
                ),
                [],
            )
            .supported(
                aged.is_some(),
                0.5,
                format_args!(
                    "It closes connections of this client {} after the call, whenever the client has spoken",
                    words::time(waited)
                ),
                [],
            )
            .supported(
                timer.is_some(),
                0.4,
                from_fn(|f| {
                    timer.iter().try_for_each(|timer| {
                        write!(f, "Servers are known to wait so long for a client's words, {timer}")
                    })
                }),
                [],
            )
            .supported(
                stood.is_some(),
                0.5,
                "A line on which the client had spoken, and one on which it had not, were closed after the same time",
                [],
            )
            .supported(
                told,
                0.8,
                from_fn(|f| match said {
                    Some(said) => write!(f, "It said so: “{}”", said.says.escape_debug()),
                    None => f.write_str("It said so: 408 Request Timeout"),
                }),
                [case.last_words(Side::Server)],
            )
            .supported(
                unasked.is_some() && !told,
                0.3,
                from_fn(|f| {
                    let bytes = facts.talk.bytes[Side::Server];
                    write!(
                        f,
                        "All that it ever said came then, unasked: {bytes} bytes, most likely why it hangs up"
                    )
                }),
                [case.last_words(Side::Server)],
            )
            .doubted(lost, 0.5, "Bytes of the client are missing from the capture: it may have spoken", [])
            .or_if(
                aged.is_some() || stood.is_some(),
                "server-closed-without-answer",
                0.6,
                "The server's log: whether a whole question had come",
            )
            .or_if(
                half.is_none() && aged.is_none(),
                "unused-connection",
                0.4,
                "The client program's log: whether it had anything to ask",
            ),
    )
}

/// Seconds that a server under TLS waited which had greeted the client, or asked it something, and never heard a word of it; where they are a round number,
/// counted from the client's Finished or from the greeting.
fn greeted(case: &Case<'_>, first: &Goodbye) -> Option<f64> {
    let facts = case.facts;
    let finished = facts.tls.as_deref()?.last_handshake[Side::Client]?;
    let said = facts.talk.last[Side::Server].filter(|said| said.at.time < first.at.time)?;
    // Who speaks again and again waits for nobody.
    if facts.talk.first[Side::Server] != Some(said) {
        return None;
    }
    let waits = [first.at.after(finished), first.at.after(said.at)];
    let mute = facts.talk.first[Side::Client].is_none() && case.is_tls() && !case.lossy();
    mute.then(|| waits.into_iter().find(|&waited| waited >= SPOKEN_FIRST && timers::round(waited)))?
}

/// Seconds from the handshake to the server's only words, where nobody had asked for them and its goodbye follows at once.
fn last_words_unasked(case: &Case<'_>, first: &Goodbye) -> Option<f64> {
    let facts = case.facts;
    let said = facts.talk.first[Side::Server].filter(|said| said.at.time <= first.at.time)?;
    let ready = match facts.tls.as_deref() {
        Some(tls) => tls.last_handshake[Side::Client].filter(|_| tls.handshake == TlsHandshake::Complete)?,
        None => facts.first,
    };
    let mute = facts.talk.first[Side::Client].is_none() && !case.lossy();
    (mute && first.at.after(said.at) <= AT_ONCE).then(|| said.at.after(ready))
}

/// Seconds from the call to the goodbye, where the server answered nothing and closes this client's connections at the same age, whole
/// seconds, which the time since the client spoke is not: it measures from the call, as one does who waits for a whole question.
fn aged(case: &Case<'_>, first: &Goodbye) -> Option<f64> {
    let facts = case.facts;
    let age = age_unanswered(facts, first.at)?;
    let since = first.at.after(facts.talk.last[Side::Client]?.at);
    // Or from the end of TLS's handshake.
    let ready = since_handshake(facts, first.at);
    let whole = (timers::whole(age) || ready.is_some_and(timers::whole)) && !timers::whole(since);
    (whole && constant(case.siblings.group.waits(), age) && !case.lossy()).then_some(age)
}
