//! Alerts whose record type shows.

use super::Record;
use super::Session;
use super::half::Half;
use crate::{Alert, AlertPosition, AlertSeen};
use hangup_wire::Side;
use hangup_wire::tls::{self, AlertDescription, Protection};

/// Alerts that are listed.
const LISTED: usize = 16;

/// Two records at most so far apart can be one goodbye: 50 ms.
const PAIR_WITHIN: i64 = 50_000_000;

/// The alerts whose type showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Alerts {
    pub(super) shown: Vec<Shown>,
    pub(super) left_out: u32,
}

/// An alert, and where its sender's content stood.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) alert: Alert,
    /// Handshake and application records before it.
    content: u32,
    /// Number of the side's record that held it.
    record: u32,
}

impl Shown {
    /// It can end a session.
    pub(super) fn ends(&self) -> bool {
        match (self.alert.level, self.alert.description) {
            (Some(level), Some(description)) => !tls::Alert::parse([level, description]).is_mere_warning(),
            _ => true,
        }
    }
}

impl Session {
    /// A record of type `alert` is whole; its first bytes were collected.
    pub(super) fn alert(&mut self, side: Side, record: Record) {
        let half = &self.halves[side];
        let (bytes, encrypted) = (half.small, half.encrypted && !self.is_tls13());
        let null = matches!(self.protection, Some(Protection::Null { .. })) && !self.is_tls13();
        let length = usize::from(record.length);
        if encrypted && null {
            return self.list(side, record, bytes.first_chunk::<2>().copied(), None);
        }
        if !encrypted && length == 1 {
            let [byte, ..] = bytes;
            if let Some(first) = self.halves[side].split_alert.take() {
                return self.list(side, record, Some([first, byte]), None);
            }
            self.halves[side].split_alert = Some(byte);
            return;
        }
        let pairs = bytes.as_chunks::<2>().0.iter().take(length / 2);
        let sensible = pairs.clone().all(|&pair| tls::Alert::parse(pair).plausible());
        // From the start of a session on, two bytes in clear are an alert even if nobody knows its number.
        let known_clear = self.hello_from.is_some() && matches!(bytes, [1 | 2, ..]);
        let whole = usize::from(self.halves[side].small_have) == length;
        if !encrypted && whole && length.is_multiple_of(2) && (sensible || (length == 2 && known_clear)) {
            for &pair in pairs {
                self.list(side, record, Some(pair), None);
            }
            return;
        }
        self.halves[side].encrypted |= !self.is_tls13();
        // The type shows and the content does not: that is TLS 1.2 or before.
        self.must_be_old();
        let expected =
            self.alert_lengths().filter(|_| !self.compressed).map(|lengths| lengths.contains(record.length));
        self.list(side, record, None, expected);
    }

    fn list(&mut self, side: Side, record: Record, clear: Option<[u8; 2]>, expected: Option<bool>) {
        let description = clear.map(|[_, description]| description);
        let number = self.halves[side].framing.records;
        let position = if self.is_complete() || (self.hello_from.is_none() && self.messages.is_empty()) {
            AlertPosition::Session
        } else {
            AlertPosition::Handshake
        };
        let alerts = self.alerts.get_or_insert_default();
        let before = alerts.shown.iter().rposition(|shown| shown.alert.side == side).filter(|&before| {
            let close_notify = AlertDescription::CLOSE_NOTIFY.0;
            alerts.shown.get(before).is_some_and(|before| {
                before.record.saturating_add(1) >= number
                    && record.at.time.since(before.alert.at.time) <= PAIR_WITHIN
                    && match (before.alert.description, description) {
                        (Some(first), Some(second)) => {
                            first == AlertDescription::USER_CANCELED.0 && second == close_notify
                        }
                        (None, None) => true,
                        _ => false,
                    }
                    && !before.alert.second_of_pair
            })
        });
        let alert = Alert {
            side,
            at: record.at,
            seen: if clear.is_some() { AlertSeen::Plain } else { AlertSeen::Encrypted },
            level: clear.map(|[level, _]| level),
            description,
            record_length: record.length,
            expected,
            certainty: 1.0,
            end: record.end,
            ack: record.ack,
            records_after: 0,
            pair: before.is_some(),
            second_of_pair: before.is_some(),
            position,
            alike_before: 0,
            answered: false,
            version_unknown: self.version.is_none(),
        };
        let shown = Shown { alert, content: self.halves[side].content, record: number };
        if let Some(first) = before.and_then(|before| alerts.shown.get_mut(before)) {
            first.alert.pair = true;
        }
        if alerts.shown.len() >= LISTED {
            // What was said last matters more than what was said in between.
            alerts.left_out += 1;
            alerts.shown.remove(LISTED / 2);
        }
        alerts.shown.push(shown);
    }

    /// The alerts whose type showed, as they stand now.
    pub(super) fn listed_alerts(&self) -> Vec<Alert> {
        let shown = self.alerts.as_ref().map_or(&[][..], |alerts| &alerts.shown);
        let spoke = |side: Side| shown.iter().any(|shown| shown.alert.side == side);
        shown
            .iter()
            .map(|shown| {
                let mut alert = shown.alert.clone();
                alert.records_after = self.halves[alert.side].content.saturating_sub(shown.content);
                alert.answered = spoke(alert.side.other());
                alert
            })
            .collect()
    }
}

impl Half {
    /// Bytes of an alert record: its first few are kept.
    pub(super) fn collect(&mut self, bytes: &[u8], begins: bool) {
        if begins {
            self.small_have = 0;
        }
        for (slot, &byte) in self.small.iter_mut().skip(self.small_have.into()).zip(bytes) {
            *slot = byte;
            self.small_have += 1;
        }
    }
}
