//! What to do next about an ending: whom to ask, and for which client, server and time to look in a log.

use crate::entry::Entry;
use crate::escape::escape;
use crate::phrase::{endpoint, main_clause};
use crate::style::{Zone, seconds_between};
use hangup_engine::model::Connection;

/// Seconds from which on a wait is told as from when to when.
const LOOK: f64 = 2.0;
/// Seconds beyond which its beginning is of no use in a log.
const HOUR: f64 = 3600.0;

/// The next step, and whom to ask about what; none where there is nothing to do.
pub(crate) fn next(connection: &Connection, zone: &Zone) -> Option<Entry> {
    let step = connection.ending.next_steps.first()?;
    let stop =
        |text: &str| if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") };
    let short = main_clause(step);
    let Some(when) = when(connection, zone) else {
        return Some(Entry::new("Next", step).or(short));
    };
    // Whom the step itself names is asked already.
    let named = step.starts_with("Ask ");
    let Some((whom, briefly)) = whom(connection).filter(|_| !named) else {
        return Some(
            Entry::new("Next", &format!("{step} ({when})")).or(&format!("{short} ({when})")).or(short),
        );
    };
    let (long, ask) = (format!("Ask {whom}, {when}"), format!("Ask {briefly}, {when}"));
    // The step is for those who mostly are to be asked; here the way between them is the matter.
    let usual = connection.ending.cause.as_deref().and_then(hangup_engine::usually_responsible);
    if connection.ending.responsible == "path" && usual.is_some_and(|usual| usual.ends_with("-app")) {
        return Some(Entry::new("Next", &format!("{long}: whether they arrived")).or(&ask));
    }
    Some(
        Entry::new("Next", &format!("{} {long}", stop(step)))
            .or(&format!("{} {ask}", stop(step)))
            .or(&format!("{} {long}", stop(short)))
            .or(&format!("{} {ask}", stop(short))),
    )
}

/// Whom to ask about which client or server, with their addresses and without.
fn whom(connection: &Connection) -> Option<(String, &'static str)> {
    let (client, server) = (escape(&connection.client.ip), endpoint(&connection.server));
    Some(match &*connection.ending.responsible {
        "client-app" => (
            format!("those who run the program on {client} about server {server}"),
            "those who run the client's program about this server",
        ),
        "client-host" => (
            format!("those who run the machine {client} about server {server}"),
            "those who run the client's machine about this server",
        ),
        "server-app" => (
            format!("those who run {server} about client {client}"),
            "those who run the server about this client",
        ),
        "server-host" => (
            format!("those who run the machine of {server} about client {client}"),
            "those who run the server's machine about this client",
        ),
        "middlebox" | "path" => (
            format!("the network team about packets between {client} and {server}"),
            "the network team about these two",
        ),
        _ => return None,
    })
}

/// The time to look for in a log: from the last data to the goodbye, where that is some time; where something was lost
/// after the goodbye, to the last packet. None where there is nothing to look for.
fn when(connection: &Connection, zone: &Zone) -> Option<String> {
    let ending = &connection.ending;
    if !matches!(&*ending.verdict, "abnormal" | "undecided") || ending.responsible == "nobody" {
        return None;
    }
    if ending.verdict == "undecided"
        && ending.next_steps.first().is_some_and(|step| step.starts_with("Nothing"))
    {
        return None;
    }
    let goodbye = ending.first_goodbye.as_ref().map_or(&connection.last_time, |first| &first.time);
    let silent = ending.first_goodbye.as_ref().is_some_and(|first| first.kind == "silence");
    let lost = ending.ended_by == "server" && ending.outstanding == Some(true);
    let some_time = |seconds: &f64| (LOOK..=HOUR).contains(seconds);
    let wait = ending.idle_before.filter(|wait| !silent && some_time(wait));
    let after =
        seconds_between(goodbye, &connection.last_time).filter(|after| (silent || lost) && some_time(after));
    let end = if after.is_some() { &connection.last_time } else { goodbye };
    // What came before the first packet nobody has seen.
    let seen = seconds_between(&connection.first_time, goodbye).unwrap_or(0.0).max(0.0);
    let begin =
        wait.map_or_else(|| zone.date_time(goodbye), |wait| zone.date_time_before(goodbye, wait.min(seen)));
    let span = if wait.or(after).is_some() { format!("{begin} to {}", zone.time(end)) } else { begin };
    // A device without a clock begins to count there.
    let unset = if span.starts_with("1970-01-01") { " (the capture's clock was not set)" } else { "" };
    Some(format!("{span} {}{unset}", escape(zone.name.trim_start_matches("Etc/"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn told(connection: &Connection) -> String {
        let lines = next(connection, &Zone::default()).unwrap().lines(1000);
        lines.concat().split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn whom_to_ask_about_whom_and_when() {
        let mut connection = sample::abnormal();
        assert_eq!(
            told(&connection),
            "ask those who run the server what it did from 11:14:32 to 11:15:02. Ask those who run 192.0.2.7:443 about client \
             10.0.0.5, 2015-08-17 09:14:32 to 09:15:02 UTC"
        );
        connection.ending.idle_before = Some(0.2);
        assert!(told(&connection).ends_with(" 10.0.0.5, 2015-08-17 09:15:02 UTC"));
        // What the client said after the server's goodbye was lost: the trouble is as late as that.
        connection.ending.ended_by = "server".into();
        connection.last_time = "2015-08-17T09:15:22Z".into();
        assert!(told(&connection).ends_with(", 2015-08-17 09:15:02 to 09:15:22 UTC"));
        connection.ending.verdict = "normal".into();
        assert!(!told(&connection).contains("Ask"));
    }

    #[test]
    fn nobody_is_asked_about_a_time_before_the_capture() {
        let mut connection = sample::abnormal();
        connection.first_time = "2015-08-17T09:14:50Z".into();
        assert!(
            told(&connection).ends_with(", 2015-08-17 09:14:50 to 09:15:02 UTC"),
            "{}",
            told(&connection)
        );
    }
}
