use crate::case::Case;
use crate::finding::Finding;
use crate::{GoodbyeKind, words};
use hangup_wire::Side;

/// Application bytes of a PING and little more with their TLS overhead.
const SMALL: u64 = 82;
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
/// §6.8, §7, `ENHANCE_YOUR_CALM`). Against: no rhythm (`graceful-goaway`), the server closes long after the
/// client's last word (`server-idle-timeout`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server).filter(|first| first.kind != GoodbyeKind::Rst)?;
    let facts = case.facts;
    let alpn = facts.tls.as_ref().and_then(|tls| tls.alpn.as_deref());
    let h2 = alpn == Some("h2") || facts.protocol.as_deref() == Some("http2");
    // The hellos may be missing from the capture; then the size has to tell.
    let unknown = facts.tls.is_some() && alpn.is_none();
    let talk = &facts.talk;
    let beat = talk.beat[Side::Client].filter(|beat| beat.steady >= 1)?;
    let (asked, said) = (talk.last[Side::Client]?, talk.last[Side::Server]?);
    let period = f64::from(beat.milliseconds) / 1e3;
    let at_once = |from: crate::Moment, to: crate::Moment| {
        // Neighbours may stand in the wrong order in a capture.
        to.after(from).abs() <= (3.0 * case.rtt()).max(0.25)
    };
    if !(h2 || unknown)
        || !(0.2..=TOO_OFTEN).contains(&period)
        || talk.run_bytes[Side::Client] > SMALL
        || talk.run_bytes[Side::Server] > LONGEST
        || (said.at.time < asked.at.time && said.ack < asked.end)
        || !at_once(asked.at, said.at)
        || !at_once(said.at, first.at)
    {
        return None;
    }
    let exact = if facts.tls.is_some() {
        TOO_MANY_PINGS.contains(&said.length)
    } else {
        said.length == TOO_MANY_PINGS_CLEAR
    };
    if unknown && !(exact && beat.steady >= 2) {
        return None;
    }
    // Without that size it may be an ordinary answer, and the close a coincidence.
    if !exact && beat.steady < 2 {
        return None;
    }
    let ages = case.siblings.group.age_server();
    let age = facts.duration();
    let slack = (age * 0.05).max(1.0);
    let again = ages.about_within(age - slack, age + slack) >= 3;
    Some(
        case.finding(if exact { 0.6 } else { 0.4 })
            .says(
                format_args!("The client had sent a few bytes every {}, as keep-alive PINGs are", words::time(period)),
                [Some(asked.at)],
            )
            .says(
                format_args!(
                    "Right after one of them the server said {} bytes and hung up: most likely a GOAWAY with an error",
                    talk.run_bytes[Side::Server]
                ),
                [Some(said.at), Some(first.at)],
            )
            .supported(exact, 0.4, "They have the size of a GOAWAY with the reason too_many_pings", [Some(said.at)])
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
