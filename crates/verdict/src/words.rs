//! Numbers and goodbyes in words.

use crate::case::{Case, is_alert};
use crate::{Act, ActKind, Goodbye, GoodbyeKind};
use hangup_wire::Side;

/// Seconds for people: `0.3 ms`, `5.2 s`, `4 min 10 s`, `1 h 5 min`.
pub(crate) fn time(seconds: f64) -> String {
    let seconds = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
    if seconds < 0.0095 {
        return format!("{:.1} ms", seconds * 1e3);
    }
    if seconds < 0.9995 {
        return format!("{:.0} ms", seconds * 1e3);
    }
    if seconds < 99.95 {
        let words = format!("{seconds:.1}");
        return format!("{} s", words.strip_suffix(".0").unwrap_or(&words));
    }
    let whole = seconds.round();
    let (hours, minutes, rest) = (whole.div_euclid(3600.0), (whole % 3600.0).div_euclid(60.0), whole % 60.0);
    if hours >= 1.0 {
        format!("{hours:.0} h {minutes:.0} min")
    } else {
        format!("{minutes:.0} min {rest:.0} s")
    }
}

/// "once", "3 times".
pub(crate) fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{count} times"),
    }
}

/// An address: IPv4 in dots, IPv6 in colons.
pub(crate) fn address(bytes: [u8; 16]) -> String {
    let address = std::net::Ipv6Addr::from(bytes);
    address.to_ipv4_mapped().map_or_else(|| address.to_string(), |short| short.to_string())
}

/// IANA name of a TLS alert that appears in explanations.
pub(crate) fn alert_name(description: u8) -> String {
    let name = match description {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        other => return format!("alert number {other}"),
    };
    name.to_owned()
}

/// What a goodbye is, as a noun: "a FIN (the end of its data)".
pub(crate) fn noun(case: &Case<'_>, goodbye: &Goodbye) -> String {
    let act = case.act(goodbye);
    match goodbye.kind {
        GoodbyeKind::Fin => "a FIN (TCP's “I have nothing more to send”)".to_owned(),
        GoodbyeKind::Rst => match act.map(|act| &act.kind) {
            Some(ActKind::Rst(rst)) if rst.ack_flag => {
                "a reset (RST: the line is dropped at once)".to_owned()
            }
            _ => "a reset (RST: “I know of no such connection”)".to_owned(),
        },
        GoodbyeKind::Silence => "silence (what was sent stayed unanswered)".to_owned(),
        GoodbyeKind::Icmp => "a network error message (ICMP)".to_owned(),
        GoodbyeKind::Application => match act.map(|act| &act.kind) {
            Some(ActKind::Application(words)) => format!("its protocol's own goodbye ({words})"),
            _ => "its protocol's own goodbye".to_owned(),
        },
        _ => alert(case, goodbye, act),
    }
}

/// What an alert is, and how much of that is seen.
fn alert(case: &Case<'_>, goodbye: &Goodbye, act: Option<&Act>) -> String {
    let Some(ActKind::Alert(alert)) = act.map(|act| &act.kind) else { return "a TLS alert".to_owned() };
    if let Some(description) = alert.description {
        return format!("the TLS alert “{}”", alert_name(description));
    }
    let length = alert.record_length;
    let inferred = goodbye.kind == GoodbyeKind::InferredAlert;
    let side = goodbye.from.unwrap_or(Side::Client);
    let after_bare_fin = case.fin(side.other()).is_some_and(|(fin, _)| {
        fin.at.time <= goodbye.at.time
            && case.alert(side.other()).is_none_or(|(other, _)| other.at.time > goodbye.at.time)
    });
    if after_bare_fin {
        return format!(
            "an encrypted TLS record of {length} bytes, an alert in answer to the bare close: a goodbye or a complaint, which cannot be told without keys"
        );
    }
    if alert.in_handshake && !case.is_tls() {
        return format!("an encrypted TLS alert of {length} bytes in the middle of the handshake");
    }
    let followed = case
        .fin(side)
        .filter(|(fin, _)| fin.at.time >= goodbye.at.time && goodbye.role == crate::Role::First)
        .map(|(fin, _)| fin.at.after(goodbye.at));
    let after = followed.map_or_else(String::new, |gap| format!(", FIN {} later", time(gap)));
    let sure = if inferred && goodbye.certainty < 0.9 { "most likely" } else { "almost certainly" };
    let pair = if alert.pair { "two records of " } else { "" };
    format!("{sure} the TLS goodbye: {pair}{length} bytes, last record{after}")
}

/// "the client said goodbye with a FIN".
pub(crate) fn sentence(case: &Case<'_>, goodbye: &Goodbye) -> String {
    let noun = noun(case, goodbye);
    match (goodbye.from, goodbye.kind) {
        (Some(side), GoodbyeKind::Silence) => {
            format!("The {} fell silent: what was sent to it stayed unanswered", side.name())
        }
        (Some(side), kind) if is_alert(kind) => format!("The {} sent a TLS alert: {}", side.name(), noun),
        (Some(side), _) => format!("The {} sent {noun}", side.name()),
        (None, _) => {
            let from = goodbye.address.map_or_else(|| "a machine in between".to_owned(), address);
            format!("{from} sent {noun}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_for_people() {
        let cases = [
            (0.0003, "0.3 ms"),
            (0.042, "42 ms"),
            (5.171, "5.2 s"),
            (30.0, "30 s"),
            (250.4, "4 min 10 s"),
            (3930.0, "1 h 5 min"),
            (f64::NAN, "0.0 ms"),
        ];
        for (seconds, words) in cases {
            assert_eq!(time(seconds), words);
        }
    }

    #[test]
    fn addresses_are_short() {
        let mut v4 = [0; 16];
        v4[10] = 0xff;
        v4[11] = 0xff;
        v4[12..].copy_from_slice(&[10, 0, 0, 5]);
        assert_eq!(address(v4), "10.0.0.5");
        assert_eq!(address([0; 16]), "::");
    }
}
