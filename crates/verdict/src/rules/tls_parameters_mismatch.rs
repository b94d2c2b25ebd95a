use crate::case::Case;
use crate::finding::Finding;
use crate::last_words::AT_ONCE;
use crate::{ActKind, Goodbye, TlsHandshake, words};
use hangup_wire::Side;

/// Alerts about version, cipher, extension and name: `handshake_failure`, `illegal_parameter`,
/// `protocol_version`, `insufficient_security`, `inappropriate_fallback`, `missing_extension`, `unrecognized_name`,
/// `no_application_protocol`.
const PARAMETERS: [u8; 8] = [HANDSHAKE_FAILURE, 47, 70, 71, 86, 109, 112, 120];
const HANDSHAKE_FAILURE: u8 = 40;
/// Bytes of a TLS 1.3 server's hello (with the largest key share in use but without a post-quantum one), `ChangeCipherSpec` and an alert. A flight with
/// a certificate is longer.
const HELLO_AND_ALERT: u64 = 300;

/// `tls-parameters-mismatch`: client and server have no version, cipher or name in common.
///
/// Signature: a readable fatal alert of that kind within the handshake is the first goodbye (RFC 5246 §7.2.2,
/// RFC 8446 §6.2, RFC 6066 §3, RFC 7301 §3.2). Against: the server had asked the client for a certificate and
/// got its answer: `handshake_failure` then means that one (`client-certificate-rejected-tls12`). Or, in TLS 1.3, a hidden alert in place of
/// all that follows the server's hello: its answer to the name, to the protocols offered (ALPN) and its certificate (RFC 8446 §4.3.1).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let tls = case.facts.tls.as_ref()?;
    if tls.handshake == TlsHandshake::Complete || case.has_data() {
        return None;
    }
    let first = case.first()?;
    let side = first.from?;
    let ActKind::Alert(alert) = &case.act(first)?.kind else { return None };
    if alert.description.is_none() {
        return hidden(case, first);
    }
    let description = alert.description.filter(|description| PARAMETERS.contains(description))?;
    let about_certificate = description == HANDSHAKE_FAILURE
        && side == Side::Server
        && tls.certificate_requested.is_some_and(|asked| {
            tls.last_handshake[Side::Client].is_some_and(|moment| moment.time > asked.time)
        });
    if about_certificate {
        return None;
    }
    Some(
        case.finding(0.9)
            .says(
                format_args!(
                    "The {} refused the handshake with the TLS alert “{}”",
                    side.name(),
                    words::alert_name(description)
                ),
                [tls.client_hello, Some(first.at)],
            )
            .supported(
                tls.server_hello.is_none() && side == Side::Server,
                0.5,
                "It did so before choosing any parameters, right after the client's offer",
                [tls.client_hello],
            ),
    )
}

/// The server's hello, and behind it in place of its extensions and its certificate nothing but a hidden alert: the client has only said its own
/// hello, so the complaint is about that.
fn hidden(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let facts = case.facts;
    let tls = facts.tls.as_ref().filter(|tls| tls.is_tls13)?;
    let (hello, answer) = (tls.client_hello?, tls.server_hello?);
    let at_once = first.at.after(answer) <= AT_ONCE.max(case.rtt());
    let only =
        facts.sides[Side::Server].bytes <= HELLO_AND_ALERT && tls.last_handshake[Side::Client] == Some(hello);
    if first.from != Some(Side::Server) || !at_once || !only || case.lossy() {
        return None;
    }
    Some(
        case.finding(0.6)
            .says("The server said its hello, and behind it nothing but an alert that cannot be read", [Some(hello), Some(answer), Some(first.at)])
            .says("What it did not say is what depends on the client's offer: its choice of protocol (ALPN), and its certificate for the name asked for", [])
            .or("tls-fatal-mid-session", 0.4, "The server's log, or the client's error text: which alert it was"),
    )
}
