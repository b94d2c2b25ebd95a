//! What holds beside a cause: the tail of an ending, and conditions of the capture.

use crate::case::{Case, is_alert};
use crate::foreign::Foreign;
use crate::{ActKind, GoodbyeKind, Handshake, Moment, Role};
use hangup_wire::Side;

/// Seconds after which a side that leaves a half-closed line open is a lingerer.
const LINGERS: f64 = 2.0;

/// A server's hello that comes within this part of its round trip did not come from there.
const TOO_SOON: f64 = 0.5;
/// The shortest round trip of which parts can be told, in seconds.
const FAR: f64 = 0.01;

/// What the signers of such products are called, in lower case.
const INSPECTORS: [&str; 17] = [
    "zscaler",
    "fortigate",
    "goskope",
    "cisco umbrella",
    "cloudflare managed",
    "sonicwall firewall dpi-ssl",
    "sophos ssl ca",
    "avast! web/mail shield",
    "avg web/mail shield",
    "kaspersky anti-virus personal root",
    "eset ssl filter ca",
    "bitdefender personal ca",
    "adguard personal ca",
    "mitmproxy",
    "do_not_trust_fiddlerroot",
    "charles proxy",
    "portswigger ca",
];

/// Every tag, in the order in which they are reported.
pub(crate) const TAGS: &[&str] = &[
    "client-reply-goodbye",
    "goodbye-to-closed-door",
    "half-closed-lingerer",
    "client-goodbye-nowait",
    "rst-not-received",
    "begins-mid-stream",
    "one-sided-or-lossy-capture",
    "tls-inspection",
];

/// A tag that holds, with what shows it.
pub(crate) struct Tag {
    pub(crate) id: &'static str,
    pub(crate) says: String,
    pub(crate) frames: Vec<Moment>,
}

/// The tags that hold for `case`.
pub(crate) fn tags(case: &Case<'_>) -> Vec<Tag> {
    let holds: [fn(&Case<'_>) -> Shown; 8] = [
        client_reply_goodbye,
        goodbye_to_closed_door,
        half_closed_lingerer,
        client_goodbye_nowait,
        rst_not_received,
        begins_mid_stream,
        one_sided_or_lossy_capture,
        tls_inspection,
    ];
    TAGS.iter()
        .zip(holds)
        .filter_map(|(&id, holds)| {
            let (says, frames) = holds(case)?;
            Some(Tag { id, says, frames: frames.into_iter().flatten().collect() })
        })
        .collect()
}

type Shown = Option<(String, Vec<Option<Moment>>)>;

/// The client's alert or FIN answers the server's.
fn client_reply_goodbye(case: &Case<'_>) -> Shown {
    let first = case.first_of(Side::Server)?;
    let (reply, _) = client_replies(case).next()?;
    Some((
        "In Wireshark it may look as if the client had ended the connection, but the server had said goodbye before"
            .to_owned(),
        vec![Some(first.at), Some(reply.at)],
    ))
}

/// The client's late goodbye drew a RST from a machine that had already forgotten the connection.
fn goodbye_to_closed_door(case: &Case<'_>) -> Shown {
    let (reply, _) = client_replies(case).next().filter(|_| case.first_of(Side::Server).is_some())?;
    let client_frames: Vec<u64> = client_replies(case).map(|(goodbye, _)| goodbye.at.frame()).collect();
    let echo = case
        .resets(Side::Server)
        .find(|(goodbye, _, rst)| {
            // Where the client still sent data, only the trigger says what the reset answers.
            let only_goodbyes = case.spoke_after_goodbye(Side::Client).is_none();
            let goodbye_answered = rst.trigger.map_or(only_goodbyes, |trigger| {
                trigger.fin || trigger.data == 0 || client_frames.contains(&trigger.at.frame())
            });
            goodbye.role == Role::Echo && goodbye.at.time >= reply.at.time && goodbye_answered
        })
        .map(|(goodbye, _, _)| goodbye.at)?;
    Some((
        "The reset only answers the client's late goodbye: the server had already left".to_owned(),
        vec![Some(reply.at), Some(echo)],
    ))
}

/// The server closed, and the client noticed only much later.
fn half_closed_lingerer(case: &Case<'_>) -> Shown {
    case.first_of(Side::Server)?;
    let (fin, act) = case.fin(Side::Server)?;
    let ActKind::Fin { acked, .. } = &act.kind else { return None };
    if acked.is_none() || case.spoke_after_goodbye(Side::Client).is_some() {
        return None;
    }
    let reply = client_replies(case).next().map(|(goodbye, _)| goodbye.at);
    // No answer at all counts only once the capture has gone on for as long as a kernel waits.
    let gone = case.resets(Side::Client).next().is_some();
    let (late, enough) = match reply {
        Some(reply) => (reply.after(fin.at), LINGERS),
        None if gone => return None,
        None => (fin.at.until(case.end()), 30.0),
    };
    (late >= enough.max(10.0 * case.rtt())).then(|| {
        (
            match reply {
                Some(_) => {
                    format!("The client closed its side only {} after the server", crate::words::time(late))
                }
                None => format!(
                    "The client did not close its side until the capture ended, {} later",
                    crate::words::time(late)
                ),
            },
            vec![Some(fin.at), reply],
        )
    })
}

/// The client hung up without waiting, so its machine answered what still came with a RST.
fn client_goodbye_nowait(case: &Case<'_>) -> Shown {
    let first = case.first_of(Side::Client).filter(|first| first.kind != GoodbyeKind::Rst)?;
    let (echo, _, _) = case.resets(Side::Client).find(|(goodbye, _, _)| goodbye.role == Role::Echo)?;
    Some((
        "The client's reset only answers what still came after it had hung up".to_owned(),
        vec![Some(first.at), Some(echo.at)],
    ))
}

/// A RST was on the wire, and the connection went on.
fn rst_not_received(case: &Case<'_>) -> Shown {
    let reset = case
        .roles
        .goodbyes
        .iter()
        .find(|goodbye| goodbye.kind == GoodbyeKind::Rst && goodbye.role == Role::Ignored)?;
    let foreign = case
        .act(reset)
        .zip(case.rst(reset))
        .and_then(|(act, rst)| Some(Foreign::of(case.facts, reset.from?, act, rst)))
        .is_some_and(|foreign| foreign.proven());
    let frame = reset.at.frame();
    let says = if foreign {
        format!(
            "The reset in frame {frame} most likely did not come from the machine whose address it bears; it had no effect: the \
             connection went on"
        )
    } else {
        format!("The reset in frame {frame} had no effect: the connection went on")
    };
    Some((says, vec![Some(reset.at)]))
}

/// The capture has no handshake.
fn begins_mid_stream(case: &Case<'_>) -> Shown {
    (case.facts.handshake == Handshake::Unseen).then(|| {
        ("The capture begins in the middle of this connection".to_owned(), vec![Some(case.facts.first)])
    })
}

/// Packets that were sent are not in the capture.
fn one_sided_or_lossy_capture(case: &Case<'_>) -> Shown {
    if !case.lossy() {
        return None;
    }
    let missing: u64 =
        Side::BOTH.into_iter().map(|side| case.facts.sides[side].missing).fold(0, u64::saturating_add);
    let says = if let Some(side) = case.one_sided() {
        format!("The capture has no packet of the {}", side.name())
    } else if missing > 0 {
        let were = if missing == 1 { "was" } else { "were" };
        let are = if missing == 1 { "is" } else { "are" };
        format!("{} that {were} sent and acknowledged {are} not in the capture", crate::words::bytes(missing))
    } else {
        "Part of what was sent is not in the capture".to_owned()
    };
    Some((says, Vec::new()))
}

/// Something between the two machines speaks in the server's name.
fn tls_inspection(case: &Case<'_>) -> Shown {
    let tls = case.facts.tls.as_ref()?;
    if let Some(issuer) = tls.issuer.as_deref().filter(|issuer| is_inspector(issuer)) {
        return Some((
            format!(
                "The certificate was signed by “{}”, a name that products use which look into encrypted traffic",
                issuer.escape_debug()
            ),
            vec![tls.certificate],
        ));
    }
    let (hello, answer) = tls.client_hello.zip(tls.server_hello)?;
    let (took, path) = (answer.after(hello), server_rtt(case)?);
    (took >= 0.0 && took < path * TOO_SOON).then(|| {
        (
            format!(
                "The server's hello came after {}, sooner than the way to the server takes ({} from SYN to SYN-ACK): most likely something nearer spoke in its name",
                crate::words::time(took),
                crate::words::time(path)
            ),
            vec![Some(hello), Some(answer)],
        )
    })
}

/// Seconds from the capture to the server and back, where the handshake tells: one SYN, nothing sent twice, and long enough
/// that no clock and no queue matters.
#[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
fn server_rtt(case: &Case<'_>) -> Option<f64> {
    let facts = case.facts;
    let client = &facts.sides[Side::Client];
    let clean = client.syns == 1
        && client.retransmitted == 0
        && facts.sides[Side::Server].retransmitted == 0
        && !facts.captured_twice
        && !case.lossy();
    facts.server_rtt.filter(|_| clean).map(|rtt| rtt as f64 / 1e9).filter(|&rtt| rtt >= FAR)
}

/// A name of a signer that products give themselves which look into encrypted traffic (their documentation says how the authority is
/// called that they install on clients).
fn is_inspector(issuer: &str) -> bool {
    let issuer = issuer.to_lowercase();
    INSPECTORS.iter().any(|name| issuer.contains(name))
}

/// The client's alerts and FINs that answer the server's goodbye.
fn client_replies<'c>(case: &'c Case<'_>) -> impl Iterator<Item = (&'c crate::Goodbye, &'c crate::Act)> {
    case.goodbyes(Side::Client).filter(|(goodbye, _)| {
        goodbye.role == Role::Reply && (is_alert(goodbye.kind) || goodbye.kind == GoodbyeKind::Fin)
    })
}
