//! The time zone in which times are read and told.

use crate::failure::Failure;
use hangup_report::Zone;
use jiff::tz::{Offset, TimeZone};

/// The zone of that name, or the local one.
pub(crate) fn zone(name: Option<&str>) -> Result<Zone, Failure> {
    let Some(name) = name else { return Ok(local()) };
    if name.eq_ignore_ascii_case("local") {
        return Ok(local());
    }
    if name.eq_ignore_ascii_case("z") || name.eq_ignore_ascii_case("utc") {
        return Ok(Zone::default());
    }
    if let Some(offset) = offset(name) {
        return Ok(Zone { zone: TimeZone::fixed(offset), name: format!("UTC{offset}") });
    }
    let zone = TimeZone::get(name).map_err(|_| {
        Failure::usage(format!("{name} is no time zone"))
            .hinted("name it as in Europe/Berlin or America/New_York, or give an offset such as +02:00")
    })?;
    let name = zone.iana_name().unwrap_or(name).to_owned();
    Ok(Zone { zone, name })
}

fn local() -> Zone {
    match TimeZone::try_system() {
        Ok(zone) => {
            let name = zone.iana_name().unwrap_or("local time").to_owned();
            Zone { zone, name }
        }
        Err(_) => Zone::default(),
    }
}

/// An offset such as `+02:00`, `-0530` or `+2`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    if hours.len() > 2
        || minutes.len() > 2
        || !hours.bytes().chain(minutes.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_names_or_offsets() {
        assert_eq!(zone(Some("Europe/Berlin")).unwrap().name, "Europe/Berlin");
        assert_eq!(zone(Some("utc")).unwrap().name, "UTC");
        assert_eq!(zone(Some("+02:00")).unwrap().name, "UTC+02");
        assert_eq!(offset("-0530"), Offset::from_seconds(-19_800).ok());
        assert_eq!(offset("+2"), Offset::from_seconds(7200).ok());
    }

    #[test]
    fn what_is_no_zone_is_refused() {
        for name in ["Berlin", "+2:60", "+99:00", "+1:2:3", "+", "", "+-2"] {
            assert!(zone(Some(name)).is_err(), "{name}");
        }
    }
}
