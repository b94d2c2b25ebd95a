use super::goaway_error::PING;
use crate::case::Case;
use crate::finding::Finding;
use crate::last_words::{SECURE_MQTT, is_http2};
use crate::{Dismissed, GoodbyeKind, Moment, Outcome, words};
use core::fmt::from_fn;
use core::ops::RangeInclusive;
use hangup_wire::Side;

/// Regular gaps in a row, beside the first, that make a pulse.
const STEADY: u32 = 3;
/// The fewest that are spoken of.
const FEWEST: u32 = 2;
/// Record lengths of two bytes: TLS 1.3, and TLS 1.2 with GCM and with ChaCha20.
const TLS_PING: [u32; 3] = [19, 26, 18];
/// Bytes of a test and its answer, with the seals of TLS.
const TEST: u64 = 128;
/// Pauses of about one length that make a pulse of one who is never answered.
const ONE_WAY: u32 = 4;
/// The shortest pulse in seconds that programs use.
const SHORTEST: f64 = 1.0;
/// Servers wait for one and a half to three and a half beats (MQTT 5 §3.1.2.10: one and a half; AMQP: two; BGP, RFC 4271 §10: three).
const MISSED: RangeInclusive<f64> = 1.4..=3.6;
/// Where the client has promised it, a server may look for it late.
const PROMISE_BROKEN: RangeInclusive<f64> = 1.4..=6.0;

/// `heartbeat-missed`: a program's pulse stopped.
///
/// Signature: the client spoke at regular times, four and more gaps alike (three leave it open, two where its siblings speak as often); then for one and a half beats and
/// longer it did not, and the server ended the connection. Or the server asked at regular times, as WebSocket's pings do (RFC 6455
/// §5.5.2), was answered each time, and the last time was not. Where the client had promised so in clear (MQTT's CONNECT), no rhythm need show. Against: something was owed to the client, the
/// server closes quiet lines of other clients after the same pause (`server-idle-timeout`), or announced it.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    told(case).or_else(|| answered_late(case)).or_else(|| silent(case)).or_else(|| unanswered(case))
}

/// The server says so itself.
fn told(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let said = case.dismissed(Dismissed::Silence)?;
    Some(case.finding(0.9).says(
        format_args!("The server said “{}” and closed the connection", said.says.escape_debug()),
        [Some(said.at), Some(first.at)],
    ))
}

/// The client's own pulse stopped.
fn silent(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let talk = &case.facts.talk;
    let pings = mqtt_pings(case);
    let known = pings || matches!(case.facts.protocol.as_deref(), Some("mqtt" | "amqp"));
    let least = if pings { 1 } else { FEWEST };
    // Two gaps of its own are as long as those of its siblings.
    let others = case.siblings.group.beat();
    let as_others = |milliseconds: u32| {
        others.is_some_and(|others| (f64::from(milliseconds) / 1e3 - others).abs() <= others / 16.0)
    };
    let alike = talk.beat[Side::Client].is_some_and(|beat| beat.steady >= 1 && as_others(beat.milliseconds));
    let beat = talk.beat[Side::Client].filter(|beat| beat.steady >= least || alike);
    // What the client says behind the goodbye comes too late.
    let late = talk.last[Side::Client].is_some_and(|last| last.at.time > first.at.time);
    if case.owed() && !late || talk.keep_alive_timeout.is_some() || talk.close_announced {
        return None;
    }
    let promised = talk.promised_beat.map(f64::from);
    let rhythm = beat.map(|beat| f64::from(beat.milliseconds) / 1e3).or_else(|| {
        // A single test and its answer show how often the client means to test.
        let before = talk.prior[Side::Client].filter(|_| pings)?;
        Some(talk.last[Side::Client]?.at.after(before.at))
    });
    // Who is not answered speaks in one turn: its pauses are its rhythm, where there are enough, or its siblings have the same.
    let alone = talk.lull[Side::Client]
        .filter(|lull| rhythm.is_none() && (lull.times >= ONE_WAY || as_others(lull.milliseconds)));
    let pulse_of_siblings = alone.is_some_and(|lull| as_others(lull.milliseconds));
    let rhythm = rhythm.or(alone.map(|lull| f64::from(lull.milliseconds) / 1e3));
    let siblings = others.filter(|_| rhythm.is_none() && talk.answers > 0);
    let rhythm = rhythm.or(siblings);
    let period = promised.or(rhythm)?;
    let last = if late { talk.prior[Side::Client]? } else { talk.last[Side::Client]? };
    let quiet = first.at.after(last.at);
    let missed = if promised.is_some() || pulse_of_siblings { PROMISE_BROKEN } else { MISSED };
    if period < SHORTEST.max(2.0 * case.rtt()) || !missed.contains(&(quiet / period)) {
        return None;
    }
    let web = case.facts.protocol.as_deref() == Some("http")
        || case.facts.tls.as_ref().and_then(|tls| tls.alpn.as_deref()) == Some("http/1.1");
    let steady = beat.map_or(alone.map_or(0, |lull| lull.times), |beat| beat.steady);
    let finding = case
        .finding(0.55)
        .says(
            from_fn(|f| match (promised, rhythm) {
                (Some(promised), _) => {
                    write!(
                        f,
                        "The client had promised a sign of life every {} (MQTT's CONNECT)",
                        words::time(promised)
                    )
                }
                (None, _) if siblings.is_some() => write!(
                    f,
                    "On other connections to this server the client speaks every {}",
                    words::time(period)
                ),
                (None, rhythm) => write!(
                    f,
                    "The client had spoken every {}, {} in a row",
                    words::time(rhythm.unwrap_or(period)),
                    words::times(u64::from(steady) + 1)
                ),
            }),
            [talk.first[Side::Client].map(|spoken| spoken.at), Some(last.at)],
        )
        .says(
            format_args!("Then it was silent for {}, and the server hung up", words::time(quiet)),
            [Some(last.at), Some(first.at)],
        )
        .supported(
            promised.is_some(),
            0.7,
            "A server is to hang up after one and a half times as long (MQTT 3.1.1 §3.1.2.10)",
            [],
        )
        .supported(steady >= 8, 0.4, "The rhythm held for longer", [])
        .supported(alike, 0.3, "On other connections to this server the client speaks as often", [])
        .says_if(pings, "Under TLS its words and their answers have the size of MQTT's PINGREQ and PINGRESP, on MQTT's port")
        .supported(known, 0.5, "The protocol demands such a sign of life", [])
        .supported(
            first.kind == GoodbyeKind::Fin && case.facts.tls.is_some(),
            0.1,
            "The server left without a TLS goodbye",
            [Some(first.at)],
        )
        .doubted(web, 0.4, "A web server closes a quiet line of any client, with or without a rhythm", [])
        .doubted(case.lossy(), 0.3, "Packets are missing from the capture: the pulse may be among them", [])
        .or(
            "server-idle-timeout",
            0.6,
            "The server's log: whether it missed a sign of life, or closes every quiet line after so long",
        );
    // Three beats may be chance, and one packet that the capture lacks hides them.
    let shown = pings && siblings.is_none() || alike || pulse_of_siblings;
    Some(if promised.is_some() || shown || steady >= STEADY {
        finding
    } else {
        finding.outcome(Outcome::Undecided)
    })
}

/// MQTT under TLS: on its port (IANA: `secure-mqtt`) the last words of both sides have the two bytes of PINGREQ and PINGRESP.
fn mqtt_pings(case: &Case<'_>) -> bool {
    let talk = &case.facts.talk;
    let size =
        |side: Side| talk.last[side].map(|spoken| spoken.length).filter(|length| TLS_PING.contains(length));
    case.facts.server.port == SECURE_MQTT
        && case.facts.tls.is_some()
        && size(Side::Client).is_some()
        && size(Side::Client) == size(Side::Server)
}

/// The server's pulse was no longer answered.
fn unanswered(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let talk = &case.facts.talk;
    let (steady, period) = pulse(case)?;
    let (tested, answered) = (talk.run[Side::Server]?, talk.last[Side::Client]?);
    let (quiet, before) = (first.at.after(tested.at), tested.at.after(answered.at));
    if talk.last_speaker != Some(Side::Server)
        || !(0.4 * period..=2.6 * period).contains(&quiet)
        || !(0.5 * period..=1.6 * period).contains(&before)
    {
        return None;
    }
    Some(
        case.finding(0.55)
            .says(
                format_args!(
                    "The server had said a few bytes every {}, {} in a row, and the client had answered each time",
                    words::time(period),
                    words::times(u64::from(steady) + 1)
                ),
                [talk.first[Side::Server].map(|spoken| spoken.at), Some(answered.at)],
            )
            .says(
                format_args!("The last time no answer came, and {} later the server hung up", words::time(quiet)),
                [Some(tested.at), Some(first.at)],
            )
            .supported(steady >= 8, 0.4, "The rhythm held for longer", [])
            .or(
                "server-clean-goodbye",
                0.6,
                "The server's log: whether it missed an answer to its test, or was done",
            ),
    )
}

/// How often the server, at regular times and last of all, said a few bytes that the client answered, and the seconds between them.
fn pulse(case: &Case<'_>) -> Option<(u32, f64)> {
    let talk = &case.facts.talk;
    // PINGs of HTTP/2 are known by their size.
    let pings = is_http2(case.facts) && PING.contains(&talk.run[Side::Server]?.length);
    let least = if pings { 1 } else { STEADY };
    let beat = talk.beat[Side::Server].filter(|beat| beat.steady >= least)?;
    let period = f64::from(beat.milliseconds) / 1e3;
    let tests = talk.run_bytes[Side::Server] <= TEST && talk.questions >= beat.steady;
    (tests && period >= SHORTEST.max(4.0 * case.rtt()) && !case.lossy()).then_some((beat.steady, period))
}

/// The server's pulse was not answered for more than a beat, and the server hung up; what the client said then came too late.
fn answered_late(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let (tested, period) = tests_in_vain(case)?;
    Some(
        case.finding(0.6)
            .says(
                format_args!("The server had said a few bytes every {}, and the client had answered", words::time(period)),
                [case.facts.talk.first[Side::Server].map(|spoken| spoken.at)],
            )
            .says(
                format_args!(
                    "Then no answer came for {}, the server hung up, and the client spoke again only after that",
                    words::time(first.at.after(tested))
                ),
                [Some(tested), Some(first.at), case.last_words(Side::Client)],
            )
            .or(
                "server-clean-goodbye",
                0.6,
                "The server's log: whether it missed an answer to its test, or was done",
            ),
    )
}

/// The first of the server's regular, short words that were in vain until it hung up, where the client spoke, as shortly, only behind that; and
/// the seconds between them.
pub(super) fn tests_in_vain(case: &Case<'_>) -> Option<(Moment, f64)> {
    let first = case.first_of(Side::Server)?;
    let talk = &case.facts.talk;
    let (_, period) = pulse(case)?;
    let (tested, late) = (talk.run[Side::Server]?, talk.run[Side::Client]?);
    let short = talk.run_bytes[Side::Client] <= TEST;
    let vain = (period..=2.6 * period).contains(&first.at.after(tested.at));
    let behind = late.at.after(first.at) > (2.0 * case.rtt()).max(period / 8.0);
    (short && vain && behind).then_some((tested.at, period))
}
