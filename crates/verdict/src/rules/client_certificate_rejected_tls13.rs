use crate::case::{Case, is_alert};
use crate::finding::Finding;
use crate::{ActKind, GoodbyeKind, words};
use hangup_wire::Side;

/// Alerts that refuse a certificate where one can be read (RFC 8446 §6.2), `certificate_required` among them.
const REFUSALS: [u8; 9] = [40, 42, 43, 44, 45, 46, 48, 49, 116];

/// Seconds within which a server checks a certificate where the round trip does not say more.
const CHECKED: f64 = 1.0;

/// `client-certificate-rejected-tls13`: a handshake that seems to succeed, then is cut.
///
/// Signature: in TLS 1.3 the client's second flight begins with a record that has the length of a certificate (empty: 8
/// bytes and the seal), and the server's next word, at once and before any data of its own, is a record as long as an
/// alert (RFC 8446 §4.4.2.4; the client takes the handshake for complete and has mostly asked already). Against: no
/// certificate was sent; the server had answered; a long pause.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let tls = case.facts.tls.as_ref().filter(|tls| tls.is_tls13)?;
    let shown = tls.client_certificate?;
    let first = case.first_of(Side::Server).filter(|first| is_alert(first.kind))?;
    let ActKind::Alert(alert) = &case.act(first)?.kind else { return None };
    let opened = alert.description;
    if tls.records[Side::Server] > 0
        || !alert.in_handshake
        || alert.pair
        || opened.is_some_and(|number| !REFUSALS.contains(&number))
    {
        return None;
    }
    let finished = tls.last_handshake[Side::Client].unwrap_or(shown.at);
    let waited = first.at.after(finished).max(0.0);
    if waited > CHECKED.max(4.0 * case.rtt()) {
        return None;
    }
    let asked = case.facts.talk.first[Side::Client].map(|spoken| spoken.at);
    let reset = case.resets(Side::Server).next().map(|(goodbye, _, _)| goodbye.at);
    let fin = case.fin(Side::Server).map(|(goodbye, _)| goodbye.at);
    Some(
        case.finding(if opened.is_some() { 0.9 } else { 0.5 })
            .says(
                if shown.empty {
                    "The client's last part of the handshake begins with a record of exactly the length of an empty certificate"
                } else {
                    "The client's last part of the handshake begins with a record as long as a certificate"
                },
                [Some(shown.at)],
            )
            .says(
                format_args!("{} after that part the server's answer came: a record as long as an alert, and no data", words::time(waited)),
                [Some(first.at)],
            )
            .supported(shown.empty, 0.5, "The server must have asked for a certificate, and the client had none to show", [Some(shown.at)])
            .supported(reset.or(fin).is_some(), 0.3, "The server closed behind it", [reset.or(fin)])
            .supported(asked.is_some(), 0.1, "The client had taken the handshake for complete and asked already", [asked])
            .doubted(case.lossy(), 0.4, "Packets are missing from the capture: an answer may be among them", [])
            .or_if(
                first.kind != GoodbyeKind::DecryptedAlert,
                if asked.is_some() { "server-closed-without-answer" } else { "server-clean-goodbye" },
                0.6,
                "The server's log, or a key log (SSLKEYLOGFILE): it shows which alert it is",
            ),
    )
}
