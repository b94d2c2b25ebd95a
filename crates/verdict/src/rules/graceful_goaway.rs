use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, GoodbyeKind, words};
use hangup_wire::Side;

/// Record lengths of one GOAWAY (or PING) frame of 17 bytes: TLS 1.3, and TLS 1.2 with GCM; and of two.
const GOAWAY: [u64; 4] = [34, 41, 68, 82];

/// `graceful-goaway`: HTTP/2 notice, then close.
///
/// Signature: the server's GOAWAY (RFC 9113 §6.8), seen or by its size as its last words on an `h2`
/// connection, then its goodbye; nothing outstanding. Against: it is the answer itself, or a request was cut
/// off.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    if case.owed() || first.kind == GoodbyeKind::Rst {
        return None;
    }
    let read = case.act(first).is_some_and(
        |act| matches!(&act.kind, ActKind::Application(words) if words.to_ascii_uppercase().contains("GOAWAY")),
    );
    if read {
        return Some(
            case.finding(0.95).says("The server announced that it will close (GOAWAY)", [Some(first.at)]),
        );
    }
    if case.facts.tls.as_ref().and_then(|tls| tls.alpn.as_deref()) != Some("h2") {
        return None;
    }
    let last = case.facts.talk.last[Side::Server].filter(|last| last.at.time <= first.at.time)?;
    let alone =
        case.facts.talk.run_bytes[Side::Server] <= 82 || case.outstanding.spoke_last == Some(Side::Server);
    if !GOAWAY.contains(&u64::from(last.length)) || !alone {
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
        case.finding(0.6)
            .says(format_args!("The server's last record has {} bytes, the size of an HTTP/2 GOAWAY: most likely the notice that it will close", last.length), [Some(last.at)])
            .says("Then it said goodbye", [Some(first.at)])
            .supported(aged, 0.5, format_args!("It closes this client's connections at a fixed age, {}", words::time(ages.median().unwrap_or(0.0))), [])
            .or("server-clean-goodbye", 0.5, "A key log: whether that record is a GOAWAY")
            .or("server-idle-timeout", 0.3, "Other connections: whether the pause before is always the same"),
    )
}
