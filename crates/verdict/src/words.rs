//! Numbers and goodbyes in words.

use crate::case::{Case, is_alert};
use crate::{Act, ActKind, Goodbye, GoodbyeKind};
use core::fmt::{self, Display, Formatter, from_fn};
use hangup_wire::Side;
use hangup_wire::tls::AlertDescription;

/// Seconds for people: `0.3 ms`, `5.2 s`, `4 min 10 s`, `1 h 5 min`.
pub(crate) fn time(seconds: f64) -> impl Display {
    let seconds = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
    from_fn(move |f| {
        if seconds < 0.000_05 {
            return f.write_str("less than 0.1 ms");
        }
        if seconds < 0.0095 {
            return write!(f, "{:.1} ms", seconds * 1e3);
        }
        if seconds < 0.9995 {
            return write!(f, "{:.0} ms", seconds * 1e3);
        }
        if seconds < 99.95 {
            let whole = (seconds - seconds.round()).abs() < 0.05;
            return if whole { write!(f, "{seconds:.0} s") } else { write!(f, "{seconds:.1} s") };
        }
        let whole = seconds.round();
        let (hours, minutes, rest) =
            (whole.div_euclid(3600.0), (whole % 3600.0).div_euclid(60.0), whole % 60.0);
        if hours >= 1.0 {
            write!(f, "{hours:.0} h {minutes:.0} min")
        } else {
            write!(f, "{minutes:.0} min {rest:.0} s")
        }
    })
}

/// Bytes for people: `340 bytes`, `1.2 kB`, `48 MB`.
pub(crate) fn bytes(count: u64) -> impl Display {
    from_fn(move |f| {
        if count < 1000 {
            return write!(f, "{count} {}", if count == 1 { "byte" } else { "bytes" });
        }
        #[expect(clippy::cast_precision_loss, reason = "rounded anyway")]
        let mut amount = count as f64 / 1e3;
        let mut units = ["kB", "MB", "GB", "TB"].into_iter().peekable();
        while amount >= 999.5 && units.len() > 1 {
            amount /= 1e3;
            units.next();
        }
        let unit = units.peek().copied().unwrap_or_default();
        if amount < 9.95 { write!(f, "{amount:.1} {unit}") } else { write!(f, "{amount:.0} {unit}") }
    })
}

/// So many of the siblings: `none of 99 other connections to this server`.
pub(crate) fn of_others(count: u64, others: u64) -> impl Display {
    from_fn(move |f| match count {
        0 => write!(f, "none of {others} other connections to this server"),
        _ => write!(f, "only {count} of {others} other connections to this server"),
    })
}

/// "once", "3 times".
pub(crate) fn times(count: u64) -> impl Display {
    from_fn(move |f| match count {
        1 => f.write_str("once"),
        2 => f.write_str("twice"),
        _ => write!(f, "{count} times"),
    })
}

/// An address: IPv4 in dots, IPv6 in colons.
pub(crate) fn address(bytes: [u8; 16]) -> impl Display {
    let address = std::net::Ipv6Addr::from(bytes);
    from_fn(move |f| match address.to_ipv4_mapped() {
        Some(short) => write!(f, "{short}"),
        None => write!(f, "{address}"),
    })
}

/// IANA name of a TLS alert.
pub(crate) fn alert_name(description: u8) -> impl Display {
    from_fn(move |f| match AlertDescription(description).name() {
        Some(name) => f.write_str(name),
        None => write!(f, "alert number {description}"),
    })
}

/// What a goodbye is, as a noun: "a FIN (the end of its data)".
pub(crate) fn noun(case: &Case<'_>, goodbye: &Goodbye) -> impl Display {
    from_fn(move |f| {
        let act = case.act(goodbye);
        f.write_str(match goodbye.kind {
            GoodbyeKind::Fin if act.is_none() => {
                "a FIN (TCP's “I have nothing more to send”) that the capture lacks; this packet acknowledges it"
            }
            GoodbyeKind::Fin => "a FIN (TCP's “I have nothing more to send”)",
            GoodbyeKind::Rst => return reset(f, act),
            GoodbyeKind::Silence => "silence (what was sent stayed unanswered)",
            GoodbyeKind::Icmp => "a network error message (ICMP)",
            GoodbyeKind::Application => match act.map(|act| &act.kind) {
                Some(ActKind::Application(words)) => {
                    return write!(f, "its protocol's own goodbye ({words})");
                }
                _ => "its protocol's own goodbye",
            },
            _ => return alert(f, case, goodbye, act),
        })
    })
}

/// What a reset says by its form, and what is written in it.
fn reset(f: &mut Formatter<'_>, act: Option<&Act>) -> fmt::Result {
    let rst = act.and_then(|act| match &act.kind {
        ActKind::Rst(rst) => Some(rst),
        _ => None,
    });
    f.write_str(match rst {
        Some(rst) if rst.ack_flag => "a reset (RST: the connection is dropped at once)",
        _ => "a reset (RST: “I know of no such connection”)",
    })?;
    match rst.and_then(|rst| rst.text.as_deref()) {
        Some(text) => write!(f, " with the text “{}”", text.escape_debug()),
        None => Ok(()),
    }
}

/// What an alert is, and how much of that is seen.
fn alert(f: &mut Formatter<'_>, case: &Case<'_>, goodbye: &Goodbye, act: Option<&Act>) -> fmt::Result {
    let Some(ActKind::Alert(alert)) = act.map(|act| &act.kind) else { return f.write_str("a TLS alert") };
    if let Some(description) = alert.description {
        return write!(f, "the TLS alert “{}”", alert_name(description));
    }
    let length = alert.record_length;
    let inferred = goodbye.kind == GoodbyeKind::InferredAlert;
    let side = goodbye.from.unwrap_or(Side::Client);
    let after_bare_fin = case.fin(side.other()).is_some_and(|(fin, _)| {
        fin.at.time <= goodbye.at.time
            && case.alert(side.other()).is_none_or(|(other, _)| other.at.time > goodbye.at.time)
    });
    if after_bare_fin {
        return write!(
            f,
            "an encrypted TLS record of {length} bytes, an alert in answer to the bare close: a goodbye or a complaint, which cannot be told without keys"
        );
    }
    if alert.in_handshake && !case.is_tls() {
        return write!(f, "an encrypted TLS alert of {length} bytes in the middle of the handshake");
    }
    let followed = case
        .fin(side)
        .filter(|(fin, _)| fin.at.time >= goodbye.at.time && goodbye.role == crate::Role::First)
        .map(|(fin, _)| fin.at.after(goodbye.at));
    let sure = if inferred && goodbye.certainty < 0.9 { "most likely" } else { "almost certainly" };
    let pair = if alert.pair { "two records of " } else { "" };
    write!(f, "{sure} the TLS goodbye: {pair}{length} bytes, last record")?;
    followed.map_or(Ok(()), |gap| write!(f, ", FIN {} later", time(gap)))
}

/// "The client sent a FIN", with what that is.
pub(crate) fn sentence(case: &Case<'_>, goodbye: &Goodbye) -> impl Display {
    from_fn(move |f| {
        let noun = noun(case, goodbye);
        match (goodbye.from, goodbye.kind) {
            (Some(side), GoodbyeKind::Silence) => {
                write!(f, "The {} fell silent: what was sent to it stayed unanswered", side.name())
            }
            (Some(side), kind) if is_alert(kind) => {
                write!(f, "The {} sent a TLS alert: {noun}", side.name())
            }
            (Some(side), GoodbyeKind::Rst) if case.is_foreign(goodbye) => {
                write!(f, "Somebody sent, in the name of the {}, {noun}", side.name())
            }
            (Some(side), _) => write!(f, "The {} sent {noun}", side.name()),
            (None, _) => match goodbye.address {
                Some(from) => write!(f, "{} sent {noun}", address(from)),
                None => write!(f, "a machine in between sent {noun}"),
            },
        }
    })
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
            (0.000_02, "less than 0.1 ms"),
            (f64::NAN, "less than 0.1 ms"),
        ];
        for (seconds, words) in cases {
            assert_eq!(time(seconds).to_string(), words);
        }
    }

    #[test]
    fn addresses_are_short() {
        let mut v4 = [0; 16];
        v4[10] = 0xff;
        v4[11] = 0xff;
        v4[12..].copy_from_slice(&[10, 0, 0, 5]);
        assert_eq!(address(v4).to_string(), "10.0.0.5");
        assert_eq!(address([0; 16]).to_string(), "::");
    }
}
