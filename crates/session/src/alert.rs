//! Alerts, seen and suspected, and how sure it is that a record is one.

use hangup_wire::{Moment, Side};

/// A TLS alert, or a record that may be one.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Who sent it.
    pub side: Side,
    /// The packet that completes its record.
    pub at: Moment,
    /// How it was seen.
    pub seen: AlertSeen,
    /// `AlertLevel` where it was read: 1 warning, 2 fatal.
    pub level: Option<u8>,
    /// `AlertDescription` where it was read.
    pub description: Option<u8>,
    /// Length field of its record.
    pub record_length: u16,
    /// The length is one that the session's cipher gives an alert (Java's padding in TLS 1.3 included); none where the cipher is
    /// not known or the alert is in clear.
    pub expected: Option<bool>,
    /// How sure it is that this is an alert, 0 to 1, by its record and position alone; [`certainty`] says it
    /// again when the connection's ending is known.
    pub certainty: f32,
    /// Offset behind its record in the sender's stream.
    pub end: u64,
    /// How far its packet acknowledges the other side's stream.
    pub ack: u64,
    /// Handshake and application records that the same side sent later.
    pub records_after: u32,
    /// This record and its neighbour are one goodbye (`user_canceled` and `close_notify`, as Java's TLS 1.3
    /// sends them).
    pub pair: bool,
    /// It is the later one of a pair. Count goodbyes by leaving these out.
    pub second_of_pair: bool,
    /// Where in the session it stands.
    pub position: AlertPosition,
    /// Earlier records of the same side that had an alert's length and proved not to be one.
    pub alike_before: u32,
    /// The other side ends in such a record too.
    pub answered: bool,
    /// The session's version is not known, because its handshake was not captured.
    pub version_unknown: bool,
}

/// How an alert was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertSeen {
    /// Readable.
    Plain,
    /// Its record type says so; its content is hidden (up to TLS 1.2).
    Encrypted,
    /// Its length and position say so (TLS 1.3).
    Inferred,
}

/// Where an alert stands in its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertPosition {
    /// In the handshake.
    Handshake,
    /// It is the client's first protected record of TLS 1.3, where its Finished should be: the client refuses
    /// the server's handshake.
    InsteadOfFinished,
    /// Sent by the server in TLS 1.3 after the client's Finished and before any application data of its own:
    /// perhaps it refuses the client's certificate.
    AfterFinished,
    /// After the handshake.
    Session,
}

/// What the connection did around an alert, as the one who follows its packets knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// Nanoseconds from the alert to the same side's FIN; 0 for the same packet.
    pub fin: Option<i64>,
    /// Nanoseconds from the alert to the same side's RST.
    pub rst: Option<i64>,
    /// Nanoseconds from the alert to the other side's FIN, RST or alert.
    pub peer_closed: Option<i64>,
    /// The other side had sent its FIN before the alert.
    pub peer_closed_before: bool,
    /// Nanoseconds from the alert to the last data that the other side sent, where it sent any later.
    pub peer_spoke: Option<i64>,
    /// Nanoseconds from the alert to the last application data of the other side, where that is known to have got it.
    pub answered: Option<i64>,
    /// Neither side has closed, as far as the capture goes.
    pub still_open: bool,
    /// The connection's round trip in nanoseconds.
    pub rtt: Option<i64>,
    /// Payload bytes that the same side sent after the alert's record and that are in no record of TLS.
    pub bytes_after: u64,
}

/// 10 ms: what programs need from their goodbye to their `close()`.
const AT_ONCE: i64 = 10_000_000;

/// 10 s: who still says something to a side that said goodbye so long ago, and did not close, took it for no goodbye.
const WENT_ON: i64 = 10_000_000_000;

/// How sure it is that `alert` is an alert, 0 to 1, given what the connection did after it.
///
/// An alert whose record type is readable is one. For the records of TLS 1.3 the numbers are design priors: the
/// length fits, and what speaks for an alert is that it is the last record of its direction, that its sender
/// closes at once, that the other side does the same, or that it stands where nothing else so short can stand.
pub fn certainty(alert: &Alert, after: &After) -> f32 {
    if alert.seen != AlertSeen::Inferred {
        return 1.0;
    }
    if alert.records_after > 0 || after.bytes_after > 0 {
        // Nothing may follow a close_notify (RFC 8446 §6.1).
        return 0.02;
    }
    let soon = AT_ONCE.max(after.rtt.unwrap_or(0));
    let closed_at_once = [after.fin, after.rst].into_iter().flatten().any(|wait| wait <= soon);
    let peer_reacted = after.peer_closed.is_some_and(|wait| wait / 4 <= soon);
    let went_on = after.peer_spoke.is_some_and(|wait| {
        wait > WENT_ON && [after.fin, after.peer_closed].into_iter().flatten().all(|closed| closed > wait)
    });
    // A question gets data for an answer, and then the other side closes; who said goodbye had closed before.
    let own = [after.fin, after.rst].into_iter().flatten().min();
    let asked = alert.side == Side::Client
        && after.answered.is_some()
        && after.peer_closed.is_some_and(|closed| own.is_none_or(|own| own > closed));
    let mut sure: f32 = match alert.position {
        AlertPosition::InsteadOfFinished => 0.98,
        _ if alert.pair => 0.99,
        _ if asked && !after.peer_closed_before => 0.4,
        _ if alert.answered && closed_at_once => 0.99,
        _ if closed_at_once => 0.97,
        _ if went_on => 0.4,
        AlertPosition::AfterFinished => 0.9,
        // Who has said goodbye and heard one closes at once; two bytes and two bytes back may as well be a test and its answer.
        _ if alert.answered && after.still_open => 0.45,
        _ if alert.answered => 0.95,
        _ if peer_reacted || after.peer_closed_before => 0.85,
        _ if after.fin.is_some() || after.rst.is_some() => 0.7,
        _ => 0.6,
    };
    if alert.alike_before >= 3 && !alert.pair {
        // Something on this connection speaks in messages of two bytes: MQTT's pings, WebSocket's.
        sure -= 0.3;
    }
    if alert.alike_before >= 1 && after.still_open {
        // Words and answers of that size came before, and nobody has closed: one more of them.
        sure = sure.min(0.3);
    }
    if alert.alike_before >= 2 && !alert.pair && !alert.answered && !closed_at_once && !peer_reacted {
        // The same two bytes as before, and the line was closed only later: one more test of life, which nobody answered.
        sure = sure.min(0.3);
    }
    if alert.version_unknown {
        sure -= 0.1;
    }
    sure.max(0.02)
}

#[cfg(test)]
mod tests {
    use super::{After, Alert, AlertPosition, AlertSeen, certainty};
    use hangup_wire::{Moment, Side};

    fn inferred() -> Alert {
        Alert {
            side: Side::Client,
            at: Moment::default(),
            seen: AlertSeen::Inferred,
            level: None,
            description: None,
            record_length: 19,
            expected: Some(true),
            certainty: 0.0,
            end: 0,
            ack: 0,
            records_after: 0,
            pair: false,
            second_of_pair: false,
            position: AlertPosition::Session,
            alike_before: 0,
            answered: false,
            version_unknown: false,
        }
    }

    #[test]
    fn one_more_of_the_same_is_no_goodbye_where_nobody_closes() {
        let again = Alert { alike_before: 1, answered: true, ..inferred() };
        let open = After { still_open: true, ..After::default() };
        assert!(certainty(&again, &open) < 0.4);
        assert!(certainty(&again, &After { fin: Some(0), ..After::default() }) > 0.9);
        assert!(certainty(&Alert { alike_before: 0, ..again }, &open) < 0.5);
        assert!(certainty(&inferred(), &open) > 0.5);
    }

    #[test]
    fn the_closer_the_fin_the_surer() {
        let at_once = certainty(&inferred(), &After { fin: Some(0), ..After::default() });
        let late = certainty(&inferred(), &After { fin: Some(3_000_000_000), ..After::default() });
        let never = certainty(&inferred(), &After::default());
        assert!(at_once > 0.95 && at_once > late && late > never && never > 0.5);
    }

    #[test]
    fn pings_and_what_goes_on_are_no_goodbyes() {
        let pinging = Alert { alike_before: 10, ..inferred() };
        assert!(certainty(&pinging, &After::default()) < 0.5);
        let midway = Alert { records_after: 1, ..inferred() };
        assert!(certainty(&midway, &After { fin: Some(0), ..After::default() }) < 0.1);
    }

    #[test]
    fn what_the_other_side_speaks_on_after_is_no_goodbye() {
        let minutes = Some(110_000_000_000);
        let spoken_to = After { peer_spoke: minutes, rst: Some(110_100_000_000), ..After::default() };
        assert!(certainty(&inferred(), &spoken_to) < 0.5);
        let closed = After { fin: Some(3_000_000_000), ..spoken_to };
        assert!(certainty(&inferred(), &closed) > 0.5);
    }

    #[test]
    fn what_is_answered_with_data_is_a_question() {
        let answered = After { answered: Some(200_000), peer_closed: Some(240_000), ..After::default() };
        assert!(certainty(&inferred(), &After { rst: Some(600_000), ..answered }) < 0.5);
        // Who closed before the other side did had said goodbye.
        assert!(certainty(&inferred(), &After { fin: Some(1_000), ..answered }) > 0.9);
        let server = Alert { side: Side::Server, ..inferred() };
        assert!(certainty(&server, &answered) > 0.5);
    }

    #[test]
    fn what_can_be_read_is_certain() {
        let plain = Alert { seen: AlertSeen::Plain, records_after: 9, ..inferred() };
        assert!((certainty(&plain, &After::default()) - 1.0).abs() < f32::EPSILON);
    }
}
