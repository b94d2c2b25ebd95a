//! Times as people type them.

use crate::failure::Failure;
use hangup_engine::{Reported, When};
use hangup_report::Edge;
use jiff::civil::{DateTime, Time};
use jiff::{Timestamp, Zoned};

/// The time at which somebody noticed it. `option` is what it was typed for.
pub(crate) fn reported(text: &str, option: &str) -> Result<Reported, Failure> {
    let text = text.trim();
    let precision = if clock(text).matches(':').count() >= 2 { 1 } else { 60 };
    match read(text) {
        Some(when) => Ok(Reported { text: text.to_owned(), when, precision }),
        None => Err(Failure::usage(format!("{option} {text}: this is no time"))
            .hinted("type 11:15, 11:15:30, \"2015-08-17 11:15\" or 2015-08-17T11:15:00+02:00")),
    }
}

/// Where a span of time begins or ends.
pub(crate) fn edge(text: &str, option: &str) -> Result<Edge, Failure> {
    reported(text, option).map(|reported| match reported.when {
        When::Instant(instant) => Edge::Instant(instant),
        When::Civil(civil) => Edge::Civil(civil),
        When::Time(time) => Edge::Time(time),
    })
}

fn read(text: &str) -> Option<When> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(When::Instant(instant));
    }
    if let Ok(zoned) = text.parse::<Zoned>() {
        return Some(When::Instant(zoned.timestamp()));
    }
    // A date alone says nothing about when in the day.
    if clock(text).is_empty() {
        return None;
    }
    if let Some(time) = twelve_hours(text) {
        return Some(time);
    }
    if text.contains('-') { text.parse().ok().map(When::Civil) } else { time(text).map(When::Time) }
}

/// A time of day with a colon: bare digits could be anything.
fn time(text: &str) -> Option<Time> {
    let (hour, rest) = text.split_once(':')?;
    if !(1..=2).contains(&hour.len()) || rest.is_empty() {
        return None;
    }
    let padded = format!("{hour:0>2}:{rest}");
    padded.parse().ok()
}

/// `11:15 pm`, with a date before it or not.
fn twelve_hours(text: &str) -> Option<When> {
    let lower = text.to_ascii_lowercase();
    let (text, afternoon) = match lower.strip_suffix("am") {
        Some(text) => (text, false),
        None => (lower.strip_suffix("pm")?, true),
    };
    let text = text.trim_end();
    let (date, clock) = match text.rsplit_once([' ', 't']) {
        Some((date, clock)) => (Some(date.trim_end()), clock),
        None => (None, text),
    };
    let time = time(clock)?;
    if !(1..=12).contains(&time.hour()) {
        return None;
    }
    let hour = time.hour() % 12 + if afternoon { 12 } else { 0 };
    let time = time.with().hour(hour).build().ok()?;
    match date {
        Some(date) => {
            let day: DateTime = date.parse().ok()?;
            Some(When::Civil(day.date().to_datetime(time)))
        }
        None => Some(When::Time(time)),
    }
}

/// The part of a time that says hours, minutes and seconds, without date, offset and zone.
fn clock(text: &str) -> &str {
    let from = text.find(':').map_or(text.len(), |colon| {
        text.get(..colon)
            .and_then(|before| before.rfind(|c: char| !c.is_ascii_digit()))
            .map_or(0, |index| index + 1)
    });
    let clock = text.get(from..).unwrap_or_default();
    let end = clock.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(clock.len());
    clock.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn said(text: &str) -> (When, i64) {
        let reported = reported(text, "--at").unwrap();
        (reported.when, reported.precision)
    }

    #[test]
    fn times_of_day() {
        for (text, hour, minute, second, precision) in [
            ("11:15", 11, 15, 0, 60),
            ("9:05", 9, 5, 0, 60),
            ("11:15:30", 11, 15, 30, 1),
            ("11:15 pm", 23, 15, 0, 60),
            ("12:05AM", 0, 5, 0, 60),
        ] {
            let (When::Time(read), fine) = said(text) else { panic!("{text}") };
            assert_eq!((read, fine), (time(hour, minute, second, 0), precision), "{text}");
        }
    }

    #[test]
    fn dates_with_times() {
        for text in ["2015-08-17 11:15", "2015-08-17T11:15", "2015-08-17 11:15 am"] {
            let (When::Civil(read), 60) = said(text) else { panic!("{text}") };
            assert_eq!(read, date(2015, 8, 17).at(11, 15, 0, 0), "{text}");
        }
    }

    #[test]
    fn moments_bring_their_zone() {
        let expected: Timestamp = "2015-08-17T09:15:00Z".parse().unwrap();
        for (text, precision) in [
            ("2015-08-17T09:15:00Z", 1),
            ("2015-08-17T11:15:00+02:00", 1),
            ("2015-08-17T11:15+02:00", 60),
            ("2015-08-17T11:15[Europe/Berlin]", 60),
        ] {
            let (When::Instant(read), fine) = said(text) else { panic!("{text}") };
            assert_eq!((read, fine), (expected, precision), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "noon", "25:00", "11:60", "1115", "2015-08-17", "11", "13:00 pm", ":15", "11:", "-1:00"]
        {
            assert!(reported(text, "--at").is_err(), "{text}");
        }
    }
}
