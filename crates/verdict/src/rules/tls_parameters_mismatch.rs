use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, TlsHandshake, words};
use hangup_wire::Side;

/// Alerts about version, cipher, extension and name: `handshake_failure`, `illegal_parameter`,
/// `protocol_version`, `insufficient_security`, `inappropriate_fallback`, `missing_extension`, `unrecognized_name`,
/// `no_application_protocol`.
const PARAMETERS: [u8; 8] = [HANDSHAKE_FAILURE, 47, 70, 71, 86, 109, 112, 120];
const HANDSHAKE_FAILURE: u8 = 40;

/// `tls-parameters-mismatch`: client and server have no version, cipher or name in common.
///
/// Signature: a readable fatal alert of that kind within the handshake is the first goodbye (RFC 5246 §7.2.2,
/// RFC 8446 §6.2, RFC 6066 §3, RFC 7301 §3.2). Against: the server had asked the client for a certificate and
/// got its answer: `handshake_failure` then means that one (`client-certificate-rejected-tls12`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let tls = case.facts.tls.as_ref()?;
    if tls.handshake == TlsHandshake::Complete || case.has_data() {
        return None;
    }
    let first = case.first()?;
    let side = first.from?;
    let ActKind::Alert(alert) = &case.act(first)?.kind else { return None };
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
