//! A reported time, resolved against the capture: "11:15" is a moment of each day that the capture has.

use crate::options::{Options, Reported, When};
use hangup_wire::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A minute or a second that the report may mean: its beginning and its end.
pub(crate) type Named = (Timestamp, Timestamp);

/// An error is noticed up to so long after the ending that caused it: the fifteen minutes in which Linux gives
/// up (`tcp_retries2`, Documentation/networking/ip-sysctl).
pub(crate) const LATE: i64 = 15 * 60 * 1_000_000_000;

/// Clocks differ and minutes are rounded: an error may be reported this much before its ending.
pub(crate) const EARLY: i64 = 60 * 1_000_000_000;

/// A capture longer than this many days is not searched day by day.
const MOST_DAYS: usize = 400;

/// Every moment that `reported` can mean and that a capture from `begin` to `end` can show something of.
pub(crate) fn resolve(
    reported: &Reported,
    options: &Options,
    begin: Timestamp,
    end: Timestamp,
) -> Vec<Named> {
    let named = |start: jiff::Timestamp| {
        let start = i64::try_from(start.as_nanosecond()).unwrap_or(i64::MAX);
        (Timestamp(start), Timestamp(start).plus(reported.precision.saturating_mul(1_000_000_000)))
    };
    let civil =
        |moment: DateTime| moment.to_zoned(options.zone.clone()).ok().map(|zoned| named(zoned.timestamp()));
    match reported.when {
        When::Instant(moment) => vec![named(moment)],
        When::Civil(moment) => civil(moment).into_iter().collect(),
        When::Time(time) => {
            let day = |moment: Timestamp| -> Option<Date> {
                let moment = jiff::Timestamp::from_nanosecond(i128::from(moment.0)).ok()?;
                Some(moment.to_zoned(options.zone.clone()).date())
            };
            let (Some(first), Some(last)) = (day(begin), day(end)) else { return Vec::new() };
            let days =
                first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last).take(MOST_DAYS);
            days.filter_map(|date| civil(date.to_datetime(time)))
                .filter(|named| touches(*named, begin, end))
                .collect()
        }
    }
}

/// Whether a capture from `begin` to `end` can show the ending behind an error of that time.
pub(crate) fn touches(named: Named, begin: Timestamp, end: Timestamp) -> bool {
    named.0.plus(-LATE) <= end && named.1.plus(EARLY) >= begin
}

/// A capture from `begin` to `end` has this very minute or second, not only what comes before an error.
fn holds(named: Named, begin: Timestamp, end: Timestamp) -> bool {
    named.0 <= end && named.1 >= begin
}

/// The zones of whole hours, in words, in which `reported` would lie in a capture from `begin` to `end`; none where the
/// report names its zone, or no zone would do.
pub(crate) fn elsewhere(
    reported: &Reported,
    options: &Options,
    begin: Timestamp,
    end: Timestamp,
) -> Option<String> {
    if matches!(reported.when, When::Instant(_)) {
        return None;
    }
    // From the westernmost to the easternmost offset in use.
    let fitting = (-12..=14).filter(|&hours| {
        let zone = TimeZone::fixed(jiff::tz::offset(hours));
        let options = Options { zone, ..options.clone() };
        resolve(reported, &options, begin, end).iter().any(|&named| holds(named, begin, end))
    });
    let mut runs: Vec<(i8, i8)> = Vec::new();
    for hours in fitting {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == hours => *last = hours,
            _ => runs.push((hours, hours)),
        }
    }
    let words = runs.iter().map(|&(first, last)| match (zone_name(first), zone_name(last)) {
        (first, last) if first == last => first,
        (first, last) => format!("{first} to {last}"),
    });
    let words = words.collect::<Vec<_>>().join(" or ");
    // The zone in most use, then the one that lies nearest to it.
    let nearest =
        runs.iter().map(|&(first, last)| 0.clamp(first, last)).min_by_key(|hours| hours.unsigned_abs())?;
    Some(format!("{words} ({})", option(nearest)))
}

/// What is to be typed for a zone.
fn option(hours: i8) -> String {
    if hours == 0 { "--tz UTC".into() } else { format!("--tz {hours:+03}:00") }
}

/// `UTC`, `UTC+02`.
fn zone_name(hours: i8) -> String {
    if hours == 0 { "UTC".into() } else { format!("UTC{hours:+03}") }
}

/// A moment for people, in the zone of the report: `2015-08-17 11:15:00`.
pub(crate) fn told(moment: Timestamp, options: &Options) -> String {
    let moment = jiff::Timestamp::from_nanosecond(i128::from(moment.0)).unwrap_or_default();
    moment.to_zoned(options.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn at(text: &str) -> Timestamp {
        let moment: jiff::Timestamp = text.parse().unwrap();
        Timestamp(i64::try_from(moment.as_nanosecond()).unwrap())
    }

    fn quarter_past_eleven() -> Reported {
        Reported { text: "11:15".into(), when: When::Time(time(11, 15, 0, 0)), precision: 60 }
    }

    #[test]
    fn a_time_of_day_is_read_in_the_zone_on_every_day_of_the_capture() {
        let options = Options { zone: TimeZone::fixed(jiff::tz::offset(2)), ..Options::default() };
        let found =
            resolve(&quarter_past_eleven(), &options, at("2015-08-17T06:54:00Z"), at("2015-08-18T09:30:00Z"));
        assert_eq!(
            found,
            [
                (at("2015-08-17T09:15:00Z"), at("2015-08-17T09:16:00Z")),
                (at("2015-08-18T09:15:00Z"), at("2015-08-18T09:16:00Z"))
            ]
        );
    }

    #[test]
    fn a_time_that_the_capture_does_not_have_is_none() {
        let found = resolve(
            &quarter_past_eleven(),
            &Options::default(),
            at("2015-08-17T12:00:00Z"),
            at("2015-08-17T13:00:00Z"),
        );
        assert_eq!(found, []);
    }

    #[test]
    fn other_zones_that_would_do_are_named() {
        let (begin, end) = (at("2015-08-17T08:10:00Z"), at("2015-08-17T09:23:00Z"));
        let options = Options::default();
        assert_eq!(
            elsewhere(&quarter_past_eleven(), &options, begin, end).as_deref(),
            Some("UTC+02 to UTC+03 (--tz +02:00)")
        );
        let (begin, end) = (at("2015-08-17T11:00:00Z"), at("2015-08-17T11:30:00Z"));
        let options = Options { zone: TimeZone::fixed(jiff::tz::offset(2)), ..Options::default() };
        assert_eq!(
            elsewhere(&quarter_past_eleven(), &options, begin, end).as_deref(),
            Some("UTC (--tz UTC)")
        );
        // Another day is no matter of zones, and who names a zone is believed.
        let day = |when| Reported { when, ..quarter_past_eleven() };
        let yesterday = day(When::Civil(date(2015, 8, 15).at(11, 15, 0, 0)));
        assert_eq!(elsewhere(&yesterday, &options, begin, end), None);
        let moment = day(When::Instant("2015-08-17T15:15:00Z".parse().unwrap()));
        assert_eq!(elsewhere(&moment, &options, begin, end), None);
    }

    #[test]
    fn an_error_may_come_late_or_a_little_early() {
        let (begin, end) = (at("2015-08-17T09:00:00Z"), at("2015-08-17T10:00:00Z"));
        let touching = |text: &str| touches((at(text), at(text).plus(59_000_000_000)), begin, end);
        assert!(touching("2015-08-17T10:14:00Z") && touching("2015-08-17T08:58:30Z"));
        assert!(!touching("2015-08-17T10:15:01Z") && !touching("2015-08-17T08:57:00Z"));
    }
}
