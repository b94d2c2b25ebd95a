use super::health_check_probe;
use super::tls_handshake_stalled::DISLIKED;
use crate::case::{Case, is_alert};
use crate::finding::Finding;
use crate::{ActKind, GoodbyeKind, Outcome, TlsHandshake, words};
use hangup_wire::Side;

/// Alerts that refuse a certificate (RFC 8446 §6.2): bad, unsupported, revoked, expired, unknown,
/// `unknown_ca`, `access_denied`, `bad_certificate_status_response`.
const CERTIFICATE: [u8; 8] = [42, 43, 44, 45, 46, 48, 49, 113];

/// Seconds within which a program that refuses a certificate mostly does so. Who waits for longer, and comes back as regularly as a
/// probe, has a timer.
const REFUSED: f64 = 1.0;

/// `server-certificate-rejected`: the client does not trust the server.
///
/// Signature: the handshake is not complete, the server's hello (and certificate, where visible) has come,
/// and the client ends it: by a readable certificate alert (RFC 5246 §7.2.2, RFC 8446 §6.2), by an
/// alert-sized record as its first protected one, or without a word. Against: an alert about parameters; the same numbers
/// said by the server, who means the client's certificate; a second of nothing and more before a
/// wordless end, again and again in one rhythm (`health-check-probe`); seconds of nothing before it (`tls-handshake-stalled`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let tls = case.facts.tls.as_ref()?;
    let first = case.first_of(Side::Client)?;
    if matches!(tls.handshake, TlsHandshake::Complete | TlsHandshake::Unseen) || case.has_data() {
        return None;
    }
    let hello = tls.server_hello.or(tls.certificate)?;
    let shown = tls.certificate.or(Some(hello));
    let act = case.act(first)?;
    if let ActKind::Alert(alert) = &act.kind
        && let Some(description) = alert.description
    {
        return CERTIFICATE.contains(&description).then(|| {
            let finding = case.finding(0.95).says("The server showed its certificate", [shown]);
            let finding = match tls.issuer.as_deref() {
                Some(issuer) => finding.says(
                    format_args!("By its own words it was signed by “{}”", issuer.escape_debug()),
                    [tls.certificate],
                ),
                None => finding,
            };
            finding.supported(
                tls.certificate.is_some(),
                0.4,
                format_args!(
                    "The client answered with the TLS alert “{}”, which refuses a certificate",
                    words::alert_name(description)
                ),
                [Some(first.at)],
            )
        });
    }
    // The end of the client's handshake may be among what is missing.
    if case.lossy() {
        return None;
    }
    // TLS up to 1.2 refuses before it encrypts: what is hidden there is something else.
    if is_alert(first.kind) {
        return (tls.is_tls13 || first.kind != GoodbyeKind::EncryptedAlert).then(|| {
            case.finding(0.6 * first.certainty)
                .says("The server's part of the handshake had come", [Some(hello)])
                .supported(true, 0.4, "The client's first encrypted record has the size of an alert, where the end of its handshake should stand", [Some(first.at)])
                .or("tls-parameters-mismatch", 0.4, "The client's own error text or a key log: the alert is encrypted")
        });
    }
    // It cannot have refused what had not come yet.
    if first.at.after(hello) > DISLIKED.max(10.0 * case.rtt())
        || shown.is_some_and(|shown| first.at.after(shown) < 0.0)
    {
        return None;
    }
    if first.at.after(hello) > REFUSED && health_check_probe::rule(case).is_some() {
        return None;
    }
    // A client that dislikes what it was shown has nothing more to say, neither a handshake's nor any other word.
    let words = [tls.last_handshake[Side::Client], case.facts.sides[Side::Client].last_data];
    let answered = words.into_iter().flatten().any(|moment| moment.time > hello.time);
    (!answered).then(|| {
        case.finding(0.35)
            .outcome(Outcome::Undecided)
            .says("The server's part of the handshake had come", [shown])
            .supported(tls.certificate.is_some(), 0.2, "The client hung up right after it without a word; some programs refuse a certificate this way", [Some(first.at)])
            .or("client-abort", 0.4, "The client program's own log: it may have been cancelled")
            .or("health-check-probe", 0.2, "A longer capture: probes come at regular times")
    })
}
