use crate::case::Case;
use crate::finding::Finding;
use crate::last_words::{AT_ONCE, is_http2, opens_http2};
use crate::{Beat, Facts, Farewell, Goodbye, GoodbyeKind, Spoken, words};
use hangup_wire::Side;

/// Application bytes of a PING and little more with their TLS overhead.
const SMALL: u64 = 82;
/// Record lengths of a PING, and of a GOAWAY without words: 9 + 8 bytes, TLS 1.3, and TLS 1.2 with GCM.
pub(super) const PING: [u32; 2] = [34, 41];
/// Record lengths of a GOAWAY without words: TLS 1.3, and TLS 1.2 with GCM and with ChaCha20.
const BARE: [u32; 3] = [34, 41, 33];
/// The longest time in seconds for what a server answers at once where the round trip is shorter.
const BY_RETURN: f64 = 0.01;
/// Twice the longest round trip in seconds that is believed here.
const LONG_WAY: f64 = 1.0;
/// The longest time in seconds between such a GOAWAY and the end of the connection; Go's library leaves one second.
const LEAVES: f64 = 1.25;
/// The error of one that is told that it asks too much (RFC 9113 §7).
const CALM: &str = "ENHANCE_YOUR_CALM";
/// The word for a GOAWAY without an error; one with an error has its name behind it.
pub(super) const NO_ERROR: &str = "GOAWAY";
/// The answer to a PING with one GOAWAY or two behind it, in one record.
const ANSWERED: [u32; 4] = [51, 68, 58, 75];
/// Record lengths of a GOAWAY that says `too_many_pings`: 9 + 8 + 14 bytes, TLS 1.3, and TLS 1.2 with GCM.
const TOO_MANY_PINGS: [u32; 2] = [48, 55];
/// The same in clear.
const TOO_MANY_PINGS_CLEAR: u32 = 31;
/// The longest last words of a server that still are a GOAWAY with a reason.
const LONGEST: u64 = 160;
/// The longest gap in seconds between PINGs that a server may call too short (gRPC: five minutes).
const TOO_OFTEN: f64 = 300.0;

/// `goaway-error`: thrown out for bad manners.
///
/// Signature: on an HTTP/2 connection the client sends something small at regular times (PINGs), and right
/// after one of them the server says a few bytes and ends the connection: a GOAWAY with an error (RFC 9113
/// §6.8, §7, `ENHANCE_YOUR_CALM`); the client may still send a GOAWAY of its own. Or all that the server answers to something the client
/// said is a bare GOAWAY, at once, and it hangs up (`PROTOCOL_ERROR`, `FLOW_CONTROL_ERROR`). Against: the GOAWAY comes behind an answer
/// or unasked (`graceful-goaway`), the server closes long after the client's last word (`server-idle-timeout`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    readable(case).or_else(|| too_many_pings(case)).or_else(|| instead_of_an_answer(case))
}

/// What the client did that the server could not put up with, as far as it shows: with the client as its subject.
pub(crate) fn manners(case: &Case<'_>) -> String {
    let named = goaway(case.facts)
        .and_then(|said| said.word.strip_prefix(NO_ERROR)?.trim().strip_prefix('(')?.strip_suffix(')'));
    match named {
        Some(CALM) => "it tested the connection too often, as the server's notice says (ENHANCE_YOUR_CALM)".to_owned(),
        Some(error) => format!("it broke a rule or a limit, as the server's notice says ({error})"),
        None if too_many_pings(case).is_some() => "it tested the connection with small messages at short intervals, more often than the server permits".to_owned(),
        None => "what it had said last broke a rule or a limit; which one does not show".to_owned(),
    }
}

/// HTTP/2 in clear: the GOAWAY itself names the error.
fn readable(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let said = goaway(case.facts)?;
    if said.word == NO_ERROR {
        return None;
    }
    Some(
        case.finding(0.95)
            .says(format_args!("The server said {} and hung up", said.word), [Some(said.at), Some(first.at)]),
    )
}

/// The server's last words, where they are a GOAWAY that can be read.
pub(super) fn goaway(facts: &Facts) -> Option<&Farewell> {
    facts.talk.farewell[Side::Server].as_deref().filter(|said| said.word.starts_with(NO_ERROR))
}

fn too_many_pings(case: &Case<'_>) -> Option<Finding> {
    let by_server = case.first_of(Side::Server);
    let first = by_server.or(case.first_of(Side::Client)).filter(|first| first.kind != GoodbyeKind::Rst)?;
    let facts = case.facts;
    let alpn = facts.tls.as_ref().and_then(|tls| tls.alpn.as_deref());
    let talk = &facts.talk;
    let both_left = both_left(case, first);
    let (asked, said) = match both_left {
        Some(before) => before,
        None => (talk.last[Side::Client]?, talk.last[Side::Server]?),
    };
    let pings = PING.contains(&asked.length);
    // The answers to PINGs keep their rhythm, and show it from the first one on: before that one it was the client who had spoken last.
    let regular = |side: Side| talk.beat[side].filter(|beat| beat.steady >= 1);
    let answers = regular(Side::Server).filter(|_| pings);
    let beat = regular(Side::Client).or(answers)?;
    let alike = |answers: &Beat| answers.milliseconds.abs_diff(beat.milliseconds) <= beat.milliseconds / 16;
    let steady = beat.steady.max(answers.filter(alike).map_or(0, |answers| answers.steady));
    // TLS 1.3 hides that HTTP/2 was chosen; where it was offered, the size of a PING tells.
    let h2 = alpn == Some("h2") || facts.protocol.as_deref() == Some("http2") || is_http2(facts) && pings;
    // The hellos may be missing from the capture; then the size has to tell.
    let unknown = facts.tls.is_some() && !h2 && alpn.is_none();
    let period = f64::from(beat.milliseconds) / 1e3;
    let at_once = |from: crate::Moment, to: crate::Moment| {
        // Neighbours may stand in the wrong order in a capture.
        to.after(from).abs() <= (3.0 * case.rtt()).max(0.25)
    };
    // A client may answer the GOAWAY with its own. Then its last words before are not known, but that the server's turn began with
    // these ones is: they are the answer to a PING.
    let courtesy = asked.at.time > said.at.time && said.ack < asked.end;
    let prompted = if courtesy {
        asked.at.after(said.at) <= 0.25 + 3.0 * case.rtt()
            && talk.run[Side::Server].is_some_and(|run| at_once(run.at, said.at))
    } else {
        at_once(asked.at, said.at)
    };
    if !(h2 || unknown)
        || !(0.2..=TOO_OFTEN).contains(&period)
        || talk.run_bytes[Side::Client] > SMALL
        || talk.run_bytes[Side::Server] > LONGEST
        || !prompted
        || !at_once(said.at, first.at) && both_left.is_none()
    {
        return None;
    }
    let exact = if facts.tls.is_some() {
        TOO_MANY_PINGS.contains(&said.length)
    } else {
        said.length == TOO_MANY_PINGS_CLEAR
    };
    if unknown && !(exact && steady >= 2) {
        return None;
    }
    let behind_answer = pings && ANSWERED.contains(&said.length);
    // Without such a size it may be an ordinary answer, and the close a coincidence; all the more where the client hangs up first, as one may that
    // has been thrown out.
    if !exact && !behind_answer && (by_server.is_none() || steady < 2) {
        return None;
    }
    let ages = case.siblings.group.age_server();
    let age = facts.duration();
    let slack = (age * 0.05).max(1.0);
    let again = ages.about_within(age - slack, age + slack) >= 3;
    Some(
        case.finding(if exact { 0.6 } else { 0.4 })
            .says(
                format_args!(
                    "The client had sent a few bytes every {}, as keep-alive PINGs are",
                    words::time(period)
                ),
                [Some(asked.at).filter(|_| !courtesy)],
            )
            .says(
                format_args!(
                    "Right after one of them the server said {} bytes{}: most likely a GOAWAY with an error",
                    talk.run_bytes[Side::Server],
                    if by_server.is_some() { " and hung up" } else { ", and the client hung up at once" }
                ),
                [Some(said.at), Some(first.at)],
            )
            .supported(
                exact,
                0.4,
                "They have the size of a GOAWAY with the reason too_many_pings",
                [Some(said.at)],
            )
            .supported(
                behind_answer,
                0.2,
                "They have the size of the answer to a PING with a GOAWAY behind it",
                [Some(said.at)],
            )
            .doubted(unknown, 0.3, "That it speaks HTTP/2 is not seen: the hellos do not say so", [])
            .supported(
                again,
                0.4,
                format_args!("It happens again and again, each time {} after the call", words::time(age)),
                [],
            )
            .or("graceful-goaway", 0.6, "A key log, or the client's log: which error the GOAWAY names"),
    )
}

/// The test, and its answer with a GOAWAY in the same record, behind which both sides said GOAWAY once more, at once, before the first goodbye: Node does so.
fn both_left(case: &Case<'_>, first: &Goodbye) -> Option<(Spoken, Spoken)> {
    let talk = &case.facts.talk;
    let (ping, notice) = (talk.prior[Side::Client]?, talk.prior[Side::Server]?);
    let (theirs, ours) = (talk.last[Side::Client]?, talk.last[Side::Server]?);
    let soon = (3.0 * case.rtt()).max(AT_ONCE);
    let steps = [ping.at, notice.at, theirs.at, ours.at, first.at];
    let at_once =
        steps.windows(2).all(|step| matches!(step, [from, to] if (0.0..=soon).contains(&to.after(*from))));
    let sizes = BARE.contains(&theirs.length) && BARE.contains(&ours.length);
    (at_once && sizes && ANSWERED.contains(&notice.length)).then_some((ping, notice))
}

/// The client said something, and the server's whole answer is the size of a bare GOAWAY.
fn instead_of_an_answer(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server).filter(|first| first.kind != GoodbyeKind::Rst)?;
    let talk = &case.facts.talk;
    let (asked, said) = (talk.last[Side::Client]?, talk.last[Side::Server]?);
    let alone = talk.run_bytes[Side::Server] == u64::from(said.length);
    let later = said.at.after(asked.at);
    // Neighbours may stand in the wrong order in a capture.
    let heard = said.ack >= asked.end && later.abs() <= (2.0 * case.rtt()).clamp(BY_RETURN, LONG_WAY);
    let then = first.at.after(said.at);
    // The answer to a PING has the same size.
    let no_answer = alone && BARE.contains(&said.length) && !BARE.contains(&asked.length);
    let leaves = (0.0..=LEAVES + case.rtt()).contains(&then);
    if !(opens_http2(case.facts) && talk.answers >= 2 && no_answer && heard && leaves) {
        return None;
    }
    Some(
        case.finding(0.5)
            .says(
                format_args!("All that the server answered to the client's last words is one record of {} bytes, the size of a GOAWAY", said.length),
                [Some(asked.at), Some(said.at)],
            )
            .supported(
                true,
                0.3,
                format_args!("It came {} after them, and {} later the server hung up", words::time(later.max(0.0)), words::time(then.max(0.0))),
                [Some(first.at)],
            )
            .doubted(case.lossy(), 0.2, "Packets are missing from the capture", [])
            .or("graceful-goaway", 0.6, "A key log, or the client's log: which error the GOAWAY names"),
    )
}
