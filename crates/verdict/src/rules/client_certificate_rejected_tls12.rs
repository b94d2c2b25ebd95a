use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, TlsHandshake, words};
use core::fmt::from_fn;
use hangup_wire::Side;

/// Seconds within which somebody acts at once.
const AT_ONCE: f64 = 0.25;
/// Alerts that refuse a certificate (RFC 5246 §7.2.2): bad, unsupported, revoked, expired, unknown, `unknown_ca`,
/// `access_denied`; and `handshake_failure`, which refuses a client that has none (RFC 5246 §7.4.6), for which rustls says TLS 1.3's
/// `certificate_required`.
const REFUSALS: [u8; 9] = [HANDSHAKE_FAILURE, 42, 43, 44, 45, 46, 48, 49, 116];
const HANDSHAKE_FAILURE: u8 = 40;

/// `client-certificate-rejected-tls12`: the server does not accept the client's certificate, or misses one.
///
/// Signature: up to TLS 1.2 the server's `CertificateRequest` and the client's `Certificate` are in clear; after both of them
/// the server ends the handshake with a readable alert of that kind, or, where the client showed none, at once and without a word (Mbed TLS). Against: the alert comes before the client's answer
/// (`tls-parameters-mismatch`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let tls = case.facts.tls.as_ref()?;
    if tls.is_tls13 || matches!(tls.handshake, TlsHandshake::Complete | TlsHandshake::Unseen) {
        return None;
    }
    let first = case.first_of(Side::Server)?;
    let description = match &case.act(first)?.kind {
        ActKind::Alert(alert) => Some(alert.description.filter(|number| REFUSALS.contains(number))?),
        ActKind::Fin { .. } | ActKind::Rst(_) => None,
        ActKind::Icmp(_) | ActKind::Application(_) => return None,
    };
    let shown = tls.client_certificate;
    let asked = tls.certificate_requested;
    let answered = shown.map(|shown| shown.at).or_else(|| {
        let asked = asked?;
        tls.last_handshake[Side::Client].filter(|answer| answer.time > asked.time)
    })?;
    let empty = shown.is_some_and(|shown| shown.empty);
    let at_once = (0.0..=(3.0 * case.rtt()).max(AT_ONCE)).contains(&first.at.after(answered));
    if description.is_none() && !(empty && at_once) {
        return None;
    }
    Some(
        case.finding(if description.is_some() { 0.75 } else { 0.4 })
            .says("The server asked the client for a certificate", [asked])
            .says("The client answered", [Some(answered)])
            .says(
                from_fn(|f| match description {
                    Some(number) => {
                        write!(
                            f,
                            "The server ended the handshake with the TLS alert “{}”",
                            words::alert_name(number)
                        )
                    }
                    None => f.write_str("The server hung up at once, without saying why"),
                }),
                [Some(first.at)],
            )
            .supported(
                empty,
                0.7,
                "The client's answer holds no certificate: it had none to show",
                [Some(answered)],
            )
            .supported(
                description.is_some_and(|number| number != HANDSHAKE_FAILURE),
                0.6,
                "This alert refuses a certificate",
                [Some(first.at)],
            )
            .or_if(
                description.is_none_or(|number| number == HANDSHAKE_FAILURE),
                "tls-parameters-mismatch",
                0.6,
                "The server's log: whether it misses a certificate, or a common cipher",
            ),
    )
}
