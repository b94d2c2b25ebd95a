//! Whom to ask about an ending, and for which client, server and time to look in a log.

use crate::escape::escape;
use crate::phrase::endpoint;
use crate::style::{Zone, seconds_between};
use hangup_engine::model::Connection;

/// Seconds from which on a wait is told as from when to when.
const LOOK: f64 = 2.0;
/// Seconds beyond which its beginning is of no use in a log.
const HOUR: f64 = 3600.0;

/// Whom to ask about an ending, and about which client, server and time; none where there is nothing to ask.
pub(crate) fn ask(connection: &Connection, zone: &Zone) -> Option<String> {
    let ending = &connection.ending;
    if !matches!(&*ending.verdict, "abnormal" | "undecided") || ending.responsible == "nobody" {
        return None;
    }
    let (client, server) = (escape(&connection.client.ip), endpoint(&connection.server));
    let to_server = format!("the connection to {server}");
    let (whom, met) = match &*ending.responsible {
        "client-app" => (format!("those who run the program on {client}"), to_server),
        "client-host" => (format!("those who run the machine {client}"), to_server),
        "server-app" => (format!("those who run the program on {server}"), format!("client {client}")),
        "server-host" => (format!("those who run the machine of {server}"), format!("client {client}")),
        "middlebox" | "path" => ("the network team".into(), format!("packets between {client} and {server}")),
        _ => (format!("those who run {server} and {client}"), "this connection".into()),
    };
    Some(format!("{whom} what happened to {met}, {}", when(connection, zone)))
}

/// The time to look for in a log: from the last data to the goodbye, where that is some time; where something was lost
/// after the goodbye, to the last packet.
fn when(connection: &Connection, zone: &Zone) -> String {
    let ending = &connection.ending;
    let goodbye = ending.first_goodbye.as_ref().map_or(&connection.last_time, |first| &first.time);
    let silent = ending.first_goodbye.as_ref().is_some_and(|first| first.kind == "silence");
    let lost = ending.ended_by == "server" && ending.outstanding == Some(true);
    let some_time = |seconds: &f64| (LOOK..=HOUR).contains(seconds);
    let wait = ending.idle_before.filter(|wait| !silent && some_time(wait));
    let after =
        seconds_between(goodbye, &connection.last_time).filter(|after| (silent || lost) && some_time(after));
    let end = if after.is_some() { &connection.last_time } else { goodbye };
    let begin = wait.map_or_else(|| zone.date_time(goodbye), |wait| zone.date_time_before(goodbye, wait));
    let span = if wait.or(after).is_some() { format!("{begin} to {}", zone.time(end)) } else { begin };
    // A device without a clock begins to count there.
    let unset = if span.starts_with("1970-01-01") { "; the capture's clock was not set" } else { "" };
    format!("{span} ({}{unset})", escape(&zone.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn whom_to_ask_about_whom_and_when() {
        let mut connection = sample::abnormal();
        assert_eq!(
            ask(&connection, &Zone::default()).unwrap(),
            "those who run the program on 192.0.2.7:443 what happened to client 10.0.0.5, 2015-08-17 09:14:32 to 09:15:02 (UTC)"
        );
        connection.ending.idle_before = Some(0.2);
        assert!(
            ask(&connection, &Zone::default()).unwrap().ends_with(" 10.0.0.5, 2015-08-17 09:15:02 (UTC)")
        );
        // What the client said after the server's goodbye was lost: the trouble is as late as that.
        connection.ending.ended_by = "server".into();
        connection.last_time = "2015-08-17T09:15:22Z".into();
        assert!(
            ask(&connection, &Zone::default()).unwrap().ends_with(", 2015-08-17 09:15:02 to 09:15:22 (UTC)")
        );
        connection.ending.verdict = "normal".into();
        assert_eq!(ask(&connection, &Zone::default()), None);
    }
}
