//! Many endings that are one event, told once.

use crate::page::Page;
use crate::plain;
use crate::style::{Zone, seconds_between};
use hangup_engine::model::Event;
use std::net::{IpAddr, SocketAddr};

/// Events that are told.
const EVENTS: usize = 10;
/// Ranges of connections that are named.
const RANGES: usize = 12;

/// Writes what ended many connections at once.
pub(crate) fn events(page: &mut Page<'_>, events: &[Event]) {
    let many: Vec<(usize, &Event)> = (1..).zip(events).filter(|(_, event)| event.count > 1).collect();
    if many.is_empty() {
        return;
    }
    page.heading(if many.len() == 1 {
        "one event, many endings"
    } else {
        "events that ended many connections at once"
    });
    let mut most = many.clone();
    most.sort_by_key(|(_, event)| std::cmp::Reverse((event.outstanding, event.count)));
    most.truncate(EVENTS);
    let left = many.len() - most.len();
    for (number, event) in most {
        let zone = page.style.zone.clone();
        page.blank();
        page.wrapped(&format!("   Event {number}: "), &paragraph(event, &zone));
    }
    if left > 0 {
        page.blank();
        page.wrapped("   ", &format!("There are {left} more; the JSON report has them all."));
    }
}

/// What an event ended, when, and what it most likely was.
pub(crate) fn paragraph(event: &Event, zone: &Zone) -> String {
    let silent = matches!(&*event.what, "server-silent" | "client-silent" | "line-down");
    let ended = if silent { "fell silent" } else { "ended" };
    let whose = match (&event.address, event.port) {
        (Some(address), Some(port)) => match address.parse::<IpAddr>() {
            Ok(ip) => format!(" to {}", SocketAddr::new(ip, port)),
            Err(_) => format!(" to {address} port {port}"),
        },
        (Some(address), None) if event.what.starts_with("client") => format!(" of {address}"),
        (Some(address), None) => format!(" to {address}"),
        (None, _) => " of several clients to several servers".into(),
    };
    let spread = seconds_between(&event.first_time, &event.last_time).unwrap_or(0.0);
    let within = if spread > 0.0 {
        format!("within {}", plain::duration(spread))
    } else {
        "at the same moment".into()
    };
    let mut text = format!(
        "at {} {}{whose} {ended} {within} (connection numbers {}).",
        zone.date_time(&event.first_time),
        plain::count(event.count, "connection"),
        ranges(&event.connections, event.count)
    );
    if event.outstanding > 0 && event.outstanding == event.count {
        text.push_str(" On all of them something was still outstanding.");
    } else if event.outstanding > 0 {
        let some = plain::grouped(event.outstanding);
        text += &[" On ", &some, " of them something was still outstanding."].concat();
    }
    if let Some(refused) = &event.refused {
        let later = seconds_between(&event.first_time, &refused.first_time).unwrap_or(0.0);
        let span = seconds_between(&refused.first_time, &refused.last_time).unwrap_or(0.0);
        let later = plain::duration(later);
        let times = plain::count(refused.count.into(), "new connection");
        text += &[" ", &later, " later the server began to refuse: ", &times].concat();
        if span > 0.0 {
            text += &[" within ", &plain::duration(span)].concat();
        }
        text.push('.');
    }
    text += &[" This is one event: ", &event.means, "."].concat();
    text
}

/// Numbers of connections, what follows on each other as a range: `3-7, 9`.
fn ranges(ids: &[u64], count: u64) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &id in ids {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == id => *last = id,
            _ => ranges.push((id, id)),
        }
    }
    let told: u64 = ranges.iter().take(RANGES).map(|(first, last)| last - first + 1).sum();
    let mut words: Vec<String> = ranges
        .iter()
        .take(RANGES)
        .map(|&(first, last)| match last - first {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first}-{last}"),
        })
        .collect();
    if told < count {
        words.push(format!("and {} more", plain::grouped(count - told)));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::style::Style;

    #[test]
    fn an_event_is_one_paragraph() {
        let text = paragraph(&sample::event(), &Style::default().zone);
        assert_eq!(
            text,
            "at 2015-08-17 09:15:00 4 connections to 192.0.2.7:443 ended within 12 ms (connection numbers 2, 5-7). On 2 of them \
             something was still outstanding. 400 ms later the server began to refuse: 3 new connections within 8 s. \
             This is one event: most likely the server's program crashed or was killed."
        );
    }

    #[test]
    fn what_follows_on_each_other_is_a_range() {
        assert_eq!(ranges(&[1, 2, 4, 5, 6, 9], 6), "1, 2, 4-6, 9");
        let odd: Vec<u64> = (0..40).map(|id| id * 2).collect();
        assert!(ranges(&odd, 1000).ends_with("22, and 988 more"), "{}", ranges(&odd, 1000));
    }
}
