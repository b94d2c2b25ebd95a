use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, Handshake, Looks};
use core::fmt::from_fn;
use hangup_wire::{Moment, Side};

/// Seconds of silence that are no answer.
const WAITED: f64 = 1.0;
/// Seconds within which a server refuses what it does not understand, where the round trip is shorter.
const AT_ONCE: f64 = 0.25;

/// Ports on which TLS is spoken from the first byte (IANA service names ending in `s`, and 8443 by custom): HTTPS, SMTP,
/// LDAP, FTP, Telnet, IMAP, POP3, SIP, MQTT, AMQP.
const TLS_PORTS: [u16; 12] = [443, 465, 636, 989, 990, 992, 993, 995, 5061, 5671, 8443, 8883];

/// Ports on which the client speaks first, and not TLS, by their IANA names: HTTP, MQTT, AMQP, Redis. Servers of mail wait for `STARTTLS`, PostgreSQL
/// for a request of its own; their refusals are words.
const PLAIN_PORTS: [u16; 4] = [80, 1883, 5672, 6379];

/// `wrong-protocol-on-port`: one side speaks TLS and the other does not, or they speak two other protocols.
///
/// Signature: the very first bytes disagree. A TLS hello is answered by something else, mostly text; or something
/// else is answered by a TLS alert (RFC 8446 §5.1: a record begins with its type and 03); or other words come to a port of
/// TLS (by its number, or as others use it) and are refused there (HTTP 400, or a close without a word); or a TLS hello to a port where none is spoken. Or the first words are readable, and of two protocols: a request
/// of HTTP is answered by the greeting of SSH (RFC 4253 §4.2). Against: text comes first on both sides, as where TLS
/// begins later (`STARTTLS`, `CONNECT`); first bytes that the capture lacks.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    // What stands behind a hole is not how a side began.
    let hole = Side::BOTH.into_iter().any(|side| facts.sides[side].never_came > 0);
    if facts.handshake == Handshake::Unseen || case.lossy() || hole {
        return None;
    }
    let first = case.first()?;
    let said = |side: Side| facts.talk.first[side].map(|spoken| spoken.at);
    let elsewhere = case.siblings.server.speaks_tls();
    let languages = other_language(case);
    let at_once = |asked: Moment| first.at.after(asked) <= (2.0 * case.rtt()).max(AT_ONCE);
    if let Some([client, server]) = facts.at_odds.as_deref() {
        return Some(
            case.finding(0.7)
                .says(format_args!("The client began to speak {client}"), [said(Side::Client)])
                .supported(
                    true,
                    0.8,
                    from_fn(|f| match server.as_str() {
                        "TLS" => f.write_str("The server answered that this port wants TLS"),
                        server => {
                            write!(f, "The server's first words are those of another protocol: {server}")
                        }
                    }),
                    [said(Side::Server)],
                ),
        );
    }
    match (facts.opening[Side::Client], facts.opening[Side::Server]) {
        (Some(Looks::Tls), Some(answer @ (Looks::Text | Looks::Binary))) => {
            let hello = facts.tls.as_ref().filter(|tls| tls.server_hello.is_none())?.client_hello?;
            Some(
                case.finding(0.6)
                    .says("The client began with a TLS hello", [Some(hello)])
                    .supported(
                        answer == Looks::Text,
                        0.8,
                        "The server spoke plain text, where its TLS hello should stand",
                        [said(Side::Server)],
                    )
                    .supported(
                        answer == Looks::Binary,
                        0.2,
                        "What the server said is no TLS",
                        [said(Side::Server)],
                    ),
            )
        }
        (Some(Looks::Text | Looks::Binary), None) if languages.is_some() => {
            let (own, theirs) = languages?;
            let asked = said(Side::Client)?;
            (case.first_of(Side::Server).is_some() && at_once(asked)).then(|| {
                case.finding(0.6)
                    .says(
                        format_args!(
                            "The client spoke {own}; with others the server speaks {theirs} on this port"
                        ),
                        [Some(asked)],
                    )
                    .supported(true, 0.4, "The server hung up at once, without a word", [Some(first.at)])
                    .or("server-closed-without-answer", 0.6, "The server's settings: what this port is for")
            })
        }
        (Some(Looks::Tls), None) if PLAIN_PORTS.contains(&facts.server.port) || elsewhere == Some(false) => {
            let tls = facts.tls.as_ref()?;
            let hello = tls.client_hello?;
            let hung_up = case.first_of(Side::Server).is_some() && at_once(hello);
            // A program that waits for the end of a line says nothing at all.
            let waits = elsewhere == Some(false) && first.at.after(hello) >= WAITED;
            let heard = facts.sides[Side::Client].acked > u64::from(tls.client_hello_length);
            (heard && (hung_up || waits)).then(|| {
                case.finding(0.55)
                    .says(
                        format_args!(
                            "The client began with a TLS hello on port {}, where {}",
                            facts.server.port,
                            if elsewhere == Some(false) {
                                "others speak without TLS"
                            } else {
                                "TLS is not spoken as a rule"
                            }
                        ),
                        [Some(hello)],
                    )
                    .supported(hung_up, 0.3, "The server hung up at once, without a word", [Some(first.at)])
                    .says_if(
                        waits && !hung_up,
                        "The server's machine took the hello, and its program said nothing",
                    )
                    .or("tls-silent-rejection", 0.6, "The server's settings: whether this port speaks TLS")
            })
        }
        (Some(Looks::Text | Looks::Binary), Some(Looks::Tls)) => {
            let refused = refusal(case)?;
            Some(
                case.finding(0.7)
                    .says("The client began with something that is no TLS", [said(Side::Client)])
                    .supported(
                        true,
                        0.6,
                        "The server answered with a TLS alert: it had expected a TLS hello",
                        [Some(refused)],
                    ),
            )
        }
        (Some(looks @ (Looks::Text | Looks::Binary)), answer)
            if TLS_PORTS.contains(&facts.server.port) || elsewhere == Some(true) =>
        {
            let asked = said(Side::Client)?;
            let refused = match answer {
                Some(Looks::Text) => facts.talk.status == Some(400),
                // What text asks for is known to be owed; of other words only that they were refused at once.
                None if case.first_of(Side::Server).is_none() => false,
                None if looks == Looks::Text => case.owed() || at_once(asked),
                // Somebody's own protocol may be spoken there by design.
                None => at_once(asked) && (elsewhere == Some(true) || facts.protocol.is_some()),
                _ => false,
            };
            refused.then(|| {
                case.finding(0.4)
                    .says(
                        format_args!(
                            "The client spoke {} on port {}, where {}",
                            if looks == Looks::Text { "plain text" } else { "without TLS" },
                            facts.server.port,
                            if elsewhere == Some(true) {
                                "others speak TLS"
                            } else {
                                "TLS is spoken as a rule"
                            }
                        ),
                        [Some(asked)],
                    )
                    .supported(
                        answer.is_some(),
                        0.5,
                        "The server answered in plain text that it does not accept the request (400)",
                        [said(Side::Server)],
                    )
                    .supported(answer.is_none(), 0.3, "The server hung up without a word", [Some(first.at)])
                    .supported(
                        elsewhere == Some(true),
                        0.3,
                        "On its other connections in this capture the server spoke TLS",
                        [],
                    )
                    .or(
                        "server-closed-without-answer",
                        0.6,
                        "The server's settings: whether this port speaks TLS",
                    )
            })
        }
        _ => None,
    }
}

/// What the client speaks, and what the server speaks with all others, where these are two.
fn other_language<'a>(case: &Case<'a>) -> Option<(&'a str, &'a str)> {
    let own = case.facts.protocol.as_deref()?;
    let theirs = case.siblings.server.speaks()?;
    (own != theirs && case.facts.talk.answers == 0).then_some((own, theirs))
}

/// The server's alert in clear, where it has said nothing else in TLS.
fn refusal(case: &Case<'_>) -> Option<Moment> {
    let tls = case.facts.tls.as_ref()?;
    if tls.client_hello.is_some() || tls.server_hello.is_some() {
        return None;
    }
    tls.alerts
        .iter()
        .find(|act| {
            act.from == Some(Side::Server)
                && matches!(&act.kind, ActKind::Alert(alert) if alert.description.is_some())
        })
        .map(|act| act.at)
}
