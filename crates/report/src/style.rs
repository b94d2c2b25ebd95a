//! How a report looks: what the reader's side decides.

use crate::escape::escape;
use anstyle::{AnsiColor, Style as Ansi};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// What the reader's side decides about a report for people.
#[derive(Clone, Debug)]
pub struct Style {
    /// Columns to fill; text is wrapped between 40 and 110, whatever is given.
    pub width: usize,
    /// Whether ANSI colours are used. They never carry meaning alone.
    pub colour: bool,
    /// The zone in which times are told.
    pub zone: Zone,
}

/// A time zone with the name that people know it by.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The zone.
    pub zone: TimeZone,
    /// Its name, such as `Europe/Berlin`.
    pub name: String,
}

impl Default for Style {
    /// 80 columns, no colour, UTC.
    fn default() -> Self {
        Self { width: 80, colour: false, zone: Zone::default() }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, name: "UTC".into() }
    }
}

/// The roles that colours have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Paint {
    Heading,
    Good,
    Bad,
    Unsure,
    Dim,
}

impl Style {
    /// The width that text is wrapped to.
    pub(crate) fn columns(&self) -> usize {
        self.width.clamp(40, 110)
    }

    /// `text` in a colour, if there are colours.
    pub(crate) fn paint(&self, paint: Paint, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.into();
        }
        let ansi = match paint {
            Paint::Heading => Ansi::new().bold(),
            Paint::Good => AnsiColor::Green.on_default(),
            Paint::Bad => AnsiColor::Red.on_default().bold(),
            Paint::Unsure => AnsiColor::Yellow.on_default(),
            Paint::Dim => Ansi::new().dimmed(),
        };
        format!("{ansi}{text}{ansi:#}")
    }
}

impl Paint {
    /// The colour of a verdict.
    pub(crate) fn verdict(verdict: &str) -> Self {
        match verdict {
            "normal" => Self::Good,
            "abnormal" => Self::Bad,
            "undecided" => Self::Unsure,
            _ => Self::Dim,
        }
    }
}

impl Zone {
    /// An RFC 3339 time as date and time of day in this zone, to the second: `2015-08-17 11:15:02`. What is no
    /// time is shown as it is.
    pub(crate) fn date_time(&self, time: &str) -> String {
        self.told(time, "%Y-%m-%d %H:%M:%S")
    }

    /// Only the time of day, to the second.
    pub(crate) fn time(&self, time: &str) -> String {
        self.told(time, "%H:%M:%S")
    }

    /// Date and time of day so many seconds before `time`: when the wait began that ended then.
    pub(crate) fn date_time_before(&self, time: &str, seconds: f64) -> String {
        let earlier = time.parse::<Timestamp>().ok().and_then(|moment| {
            let wait = SignedDuration::try_from_secs_f64(seconds).ok()?;
            moment.checked_sub(wait).ok()
        });
        earlier.map_or_else(|| self.date_time(time), |earlier| self.date_time(&earlier.to_string()))
    }

    /// Date and time to the millisecond in one word: `2015-08-17T11:15:02.123`.
    pub(crate) fn word(&self, time: &str) -> String {
        self.told(time, "%Y-%m-%dT%H:%M:%S.%3f")
    }

    fn told(&self, time: &str, format: &str) -> String {
        match time.parse::<Timestamp>() {
            Ok(moment) => moment.to_zoned(self.zone.clone()).strftime(format).to_string(),
            Err(_) => escape(time).into_owned(),
        }
    }
}

/// Seconds from one RFC 3339 time to another; none where one of them is no time.
pub(crate) fn seconds_between(from: &str, to: &str) -> Option<f64> {
    let (from, to) = (from.parse::<Timestamp>().ok()?, to.parse::<Timestamp>().ok()?);
    Some(to.duration_since(from).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::offset;

    #[test]
    fn times_are_told_in_the_zone() {
        let zone = Zone { zone: TimeZone::fixed(offset(2)), name: "somewhere".into() };
        assert_eq!(zone.date_time("2015-08-17T23:15:02.25Z"), "2015-08-18 01:15:02");
        assert_eq!(zone.word("2015-08-17T09:15:02.25Z"), "2015-08-17T11:15:02.250");
        assert_eq!(zone.date_time_before("2015-08-17T09:15:02.25Z", 30.0), "2015-08-17 11:14:32");
        assert_eq!(zone.date_time_before("no time", 30.0), "no time");
        assert_eq!(zone.time("no \x1btime"), r"no \u{1b}time");
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        let mut style = Style::default();
        assert_eq!(style.paint(Paint::Bad, "abnormal"), "abnormal");
        style.colour = true;
        assert_eq!(style.paint(Paint::Bad, "abnormal"), "\x1b[1m\x1b[31mabnormal\x1b[0m");
    }
}
