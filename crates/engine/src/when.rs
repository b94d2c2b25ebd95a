//! A reported time, resolved against the capture: "11:15" is a moment of each day that the capture has.

use crate::options::{Options, Reported, When};
use hangup_wire::Timestamp;
use jiff::civil::{Date, DateTime};

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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{civil::time, tz::TimeZone};

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
}
