//! Shows some connections of all. Numbers, roles, verdicts and the summary stay those of the whole capture.

use crate::style::Zone;
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Glance, Sink};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use std::io;
use std::net::IpAddr;

/// Which connections are shown: those that every part lets through. An empty part lets everything through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Addresses of client or server, any of them.
    pub hosts: Vec<IpAddr>,
    /// Ports of client or server, any of them.
    pub ports: Vec<u16>,
    /// Only connections that were there at or after this.
    pub since: Option<Edge>,
    /// Only connections that were there at or before this.
    pub until: Option<Edge>,
    /// Verdicts and causes, any of them.
    pub only: Vec<Only>,
    /// The zone in which edges without one are read.
    pub zone: Zone,
}

/// Where a span of time begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A moment.
    Instant(Timestamp),
    /// A date and a time of day in the filter's zone.
    Civil(DateTime),
    /// A time of day on every day in the filter's zone. An end before its begin is meant over midnight.
    Time(Time),
}

/// A verdict or a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Only {
    /// Connections of this verdict.
    Verdict(String),
    /// Connections with this cause, as such or beside another.
    Cause(String),
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
            && self.ports.is_empty()
            && self.since.is_none()
            && self.until.is_none()
            && self.only.is_empty()
    }

    /// Whether it lets `connection` through.
    pub fn shows(&self, connection: &Connection) -> bool {
        let ends = [&connection.client, &connection.server];
        let host = self.hosts.is_empty()
            || ends.iter().any(|end| end.ip.parse().is_ok_and(|ip: IpAddr| self.hosts.contains(&ip)));
        let port = self.ports.is_empty() || ends.iter().any(|end| self.ports.contains(&end.port));
        let only = self.only.is_empty() || self.only.iter().any(|only| only.shows(connection));
        host && port && only && self.in_time(connection)
    }

    fn in_time(&self, connection: &Connection) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let (Ok(first), Ok(last)) = (connection.first_time.parse(), connection.last_time.parse()) else {
            return true;
        };
        let last = Timestamp::max(first, last);
        if let (Some(Edge::Time(_)), _) | (_, Some(Edge::Time(_))) = (self.since, self.until) {
            return self.on_some_day(first, last);
        }
        self.overlaps(first, last, Date::ZERO)
    }

    /// Whether the span of time, taken on one of the connection's days, overlaps it.
    fn on_some_day(&self, first: Timestamp, last: Timestamp) -> bool {
        let date = |time: Timestamp| time.to_zoned(self.zone.zone.clone()).date();
        let (mut day, end) = (date(first).yesterday().unwrap_or(Date::MIN), date(last));
        // A connection of more than two days is there at every time of day.
        for _ in 0..4 {
            if self.overlaps(first, last, day) {
                return true;
            }
            match day.tomorrow() {
                Ok(next) if next <= end => day = next,
                _ => return false,
            }
        }
        true
    }

    fn overlaps(&self, first: Timestamp, last: Timestamp, day: Date) -> bool {
        let over_midnight = matches!((self.since, self.until), (Some(Edge::Time(since)), Some(Edge::Time(until))) if until < since);
        let next_day = if over_midnight { day.tomorrow().unwrap_or(day) } else { day };
        // One side of the day is open: the day itself bounds it.
        let since = match (self.since, self.until) {
            (None, Some(Edge::Time(_))) => Some(Edge::Civil(day.at(0, 0, 0, 0))),
            (since, _) => since,
        };
        let until = match (self.until, self.since) {
            (None, Some(Edge::Time(_))) => Some(Edge::Civil(day.at(23, 59, 59, 999_999_999))),
            (until, _) => until,
        };
        let begins = since.and_then(|since| self.moment(since, day));
        let ends = until.and_then(|until| self.moment(until, next_day));
        begins.is_none_or(|begins| last >= begins) && ends.is_none_or(|ends| first <= ends)
    }

    fn moment(&self, edge: Edge, day: Date) -> Option<Timestamp> {
        let civil = match edge {
            Edge::Instant(moment) => return Some(moment),
            Edge::Civil(civil) => civil,
            Edge::Time(time) => day.to_datetime(time),
        };
        match self.zone.zone.to_ambiguous_zoned(civil).compatible() {
            Ok(zoned) => Some(zoned.timestamp()),
            // Only at the ends of time: such an edge is no bound.
            Err(_) => None,
        }
    }
}

impl Only {
    fn shows(&self, connection: &Connection) -> bool {
        let ending = &connection.ending;
        match self {
            Self::Verdict(verdict) => ending.verdict == *verdict,
            Self::Cause(cause) => ending.cause.as_ref() == Some(cause) || ending.also.contains(cause),
        }
    }
}

/// A sink that lets only some connections through to another.
pub struct Filtered<'a> {
    filter: Filter,
    sink: &'a mut dyn Sink,
    abnormal: u64,
}

impl<'a> Filtered<'a> {
    /// Lets what `filter` shows through to `sink`.
    pub fn new(filter: Filter, sink: &'a mut dyn Sink) -> Self {
        Self { filter, sink, abnormal: 0 }
    }

    fn let_through(&mut self, glance: &Glance<'_>) -> bool {
        self.abnormal += u64::from(glance.verdict == "abnormal");
        self.sink.glance(glance)
    }

    /// How many abnormal endings were let through.
    pub fn abnormal(&self) -> u64 {
        self.abnormal
    }
}

impl std::fmt::Debug for Filtered<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filtered").field("filter", &self.filter).finish_non_exhaustive()
    }
}

impl Sink for Filtered<'_> {
    fn glance(&mut self, glance: &Glance<'_>) -> bool {
        // What a filter looks at is not all in a glance.
        !self.filter.is_empty() || self.let_through(glance)
    }

    fn wants_all(&self) -> bool {
        !self.filter.is_empty() || self.sink.wants_all()
    }

    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        let wanted = self.filter.is_empty()
            || (self.filter.shows(connection) && self.let_through(&Glance::of(connection)));
        if wanted { self.sink.connection(connection) } else { Ok(()) }
    }

    fn conclude(&mut self, conclusion: &Conclusion) -> io::Result<()> {
        self.sink.conclude(conclusion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use jiff::tz::{TimeZone, offset};

    fn shown(filter: &Filter) -> Vec<u64> {
        sample::morning().iter().filter(|connection| filter.shows(connection)).map(|c| c.id).collect()
    }

    #[test]
    fn parts_are_and_values_are_or() {
        assert_eq!(shown(&Filter::default()), [0, 1, 2, 3]);
        let host = Filter { hosts: vec!["192.0.2.9".parse().unwrap()], ..Filter::default() };
        assert_eq!(shown(&host), [3]);
        let port = Filter { ports: vec![443], ..Filter::default() };
        assert_eq!(shown(&port), [0, 1, 2]);
        let both =
            Filter { ports: vec![443], only: vec![Only::Verdict("abnormal".into())], ..Filter::default() };
        assert_eq!(shown(&both), [2]);
        let cause = Filter { only: vec![Only::Cause("client-idle-pool-close".into())], ..Filter::default() };
        assert_eq!(shown(&cause), [0, 1]);
        let either = vec![Only::Cause("client-idle-pool-close".into()), Only::Verdict("abnormal".into())];
        assert_eq!(shown(&Filter { only: either, ..Filter::default() }), [0, 1, 2]);
    }

    #[test]
    fn a_connection_is_shown_if_it_was_there_at_the_time() {
        // Connection 2 lasts from 09:12:30 to 09:15:02 UTC, that is 11:12:30 to 11:15:02 in the zone.
        let zone = Zone { zone: TimeZone::fixed(offset(2)), name: "here".into() };
        let at = |hour, minute| Some(Edge::Time(jiff::civil::time(hour, minute, 0, 0)));
        let within = |since, until| shown(&Filter { since, until, zone: zone.clone(), ..Filter::default() });
        assert!(within(at(11, 14), at(11, 15)).contains(&2));
        assert!(!within(at(11, 16), None).contains(&2));
        assert!(!within(None, at(11, 12)).contains(&2));
        assert!(within(at(23, 0), at(11, 13)).contains(&2), "over midnight");
        assert!(!within(at(23, 0), at(1, 0)).contains(&2), "over midnight");
        let instant = |text: &str| Some(Edge::Instant(text.parse().unwrap()));
        assert!(within(instant("2015-08-17T09:14:00Z"), None).contains(&2));
        assert!(!within(instant("2015-08-17T09:16:00Z"), None).contains(&2));
        let civil = |text: &str| Some(Edge::Civil(text.parse().unwrap()));
        assert!(within(civil("2015-08-17T11:14"), civil("2015-08-17T11:14")).contains(&2));
        assert!(!within(civil("2015-08-16T11:14"), civil("2015-08-16T11:14")).contains(&2));
    }
}
