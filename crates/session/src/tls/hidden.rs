//! TLS 1.3 from outside: every protected record says `application_data`, and only lengths and order tell
//! handshake, tickets, data and alerts apart.

use super::Record;
use super::Session;
use super::half::Suspect;
use crate::alert::certainty;
use crate::{After, Alert, AlertPosition, AlertSeen, Shown};
use hangup_wire::tls::AlertLengths;
use hangup_wire::{Moment, Side};

/// Two records at most so far apart can be one goodbye: 50 ms.
const PAIR_WITHIN: i64 = 50_000_000;

/// Tickets follow the client's Finished within so much time: 1 s.
const TICKETS_WITHIN: i64 = 1_000_000_000;

/// Lengths that a lone ticket usually has (OpenSSL 250 to 282, GnuTLS 268, with a margin).
const TICKET: core::ops::RangeInclusive<u16> = 180..=330;

/// A server that has sent so many protected records has finished, even if the client's Finished was missed.
const FLIGHT: u8 = 64;

/// Lengths of a client's `CertificateVerify` with the usual keys.
const CERTIFICATE_VERIFY: core::ops::RangeInclusive<u16> = 85..=560;

/// No certificate is shorter: a key and a signature of 64 bytes each, names and dates.
const SMALLEST_CERTIFICATE: u16 = 200;

/// Lengths of a Finished record of TLS 1.3: a hash of 32 or 48 bytes, with and without the padding of
/// JSSE, and with a tag of 8 bytes.
const FINISHED: [u16; 4] = [53, 69, 85, 45];

/// Bytes of a client's `EncryptedExtensions` with its application settings (ALPS, draft-vvv-tls-alps §4), which stand before its
/// Finished: a header of four, two for the length of all, four for one extension without content.
const EMPTY_SETTINGS: u16 = 10;

impl Session {
    /// A record of type `application_data`, in what is or may be TLS 1.3.
    pub(super) fn hidden(&mut self, side: Side, record: Record) {
        let half = &mut self.halves[side];
        half.protected = half.protected.saturating_add(1);
        if self.overtook_the_server_hello(side, record) {
            return self.client_finished(record);
        }
        if !self.is_tls13() {
            // Before the server's answer, what the client sends is early data; in a session whose handshake was
            // not captured, all is data.
            return self.spoken_or_suspect(side, record, AlertPosition::Session);
        }
        if side == self.client() { self.client_sent(record) } else { self.server_sent(record) }
    }

    /// The client's Finished stands in the capture before the server's hello, which it answers: packets were captured
    /// in another order than they were sent. A client that offered no early data has nothing else to say so soon.
    fn overtook_the_server_hello(&self, side: Side, record: Record) -> bool {
        let no_answer_yet = self.version.is_none() && !self.hello.is_empty() && !self.hello.early_data;
        let with_settings = self.hello.offers_h2
            && record.length.checked_sub(EMPTY_SETTINGS).is_some_and(|length| FINISHED.contains(&length));
        no_answer_yet
            && side == self.client()
            && self.halves[side].protected == 1
            && (FINISHED.contains(&record.length) || with_settings)
    }

    fn client_sent(&mut self, record: Record) {
        let side = self.client();
        if self.halves[side].finished {
            return self.spoken_or_suspect(side, record, AlertPosition::Session);
        }
        let nth = self.flight.records;
        self.flight.records += 1;
        if nth == 0 {
            self.flight.frame = record.at.frame();
        }
        let padded = self.finished_length() + AlertLengths::TLS13_PADDING;
        if record.length == self.finished_length()
            || record.length == padded
            || self.finished_with_settings(record)
        {
            return self.client_finished(record);
        }
        if self.is_alert_length(record.length) {
            // Behind a hole in the capture it need not stand where the Finished should: that may be what is missing.
            let position = if self.halves[side].framing.lost == 0 && !self.halves[side].torn {
                AlertPosition::InsteadOfFinished
            } else {
                AlertPosition::Session
            };
            return self.suspect(side, record, position);
        }
        // The first is the end of early data or the client's certificate. A Finished in one record with these
        // does not show: what comes in another packet and is no signature is taken for data.
        let same_packet = record.at.frame() == self.flight.frame;
        if nth == 0
            && let shown @ Some(_) = self.hidden_certificate(record)
        {
            self.flight.rare.get_or_insert_default().certificate = shown;
        }
        if nth == 0 || same_packet || (nth < 3 && CERTIFICATE_VERIFY.contains(&record.length)) {
            self.halves[side].last_handshake = Some(record.at);
            return;
        }
        self.halves[side].finished = true;
        self.flight.finished_at = record.at.time.0;
        self.spoken(side, record);
    }

    /// The client's certificate, where its first protected record can be one: empty, alone or in one record with the
    /// Finished (RFC 8446 §4.4.2: four bytes of header, one and three of lengths), or long enough for a real one.
    fn hidden_certificate(&self, record: Record) -> Option<Shown> {
        let overhead = self.alert_lengths().map_or(17, |lengths| lengths.shortest.saturating_sub(2));
        let alone = 8 + overhead;
        let lengths = [alone, alone + self.finished_length() - overhead];
        let padded = lengths.map(|length| length + AlertLengths::TLS13_PADDING);
        let empty = lengths.contains(&record.length) || padded.contains(&record.length);
        let possible = empty || record.length >= SMALLEST_CERTIFICATE;
        (possible && !self.hello.early_data).then_some(Shown { at: record.at, empty })
    }

    /// The Finished of a client that offers HTTP/2, in one record with its settings, which are empty: Chrome and its kin.
    fn finished_with_settings(&self, record: Record) -> bool {
        self.hello.offers_h2 && record.length == self.finished_length() + EMPTY_SETTINGS
    }

    fn client_finished(&mut self, record: Record) {
        let side = self.client();
        self.release(side);
        self.halves[side].finished = true;
        self.halves[side].last_handshake = Some(record.at);
        self.flight.finished_at = record.at.time.0;
        self.flight.finished_end = record.end;
    }

    fn server_sent(&mut self, record: Record) {
        let (client, side) = (self.client(), self.client().other());
        // What does not acknowledge the client's Finished was sent before it, wherever it stands in the capture.
        let unfinished = !self.halves[client].finished || (1..self.flight.finished_end).contains(&record.ack);
        if unfinished && self.halves[side].protected <= FLIGHT {
            if self.is_alert_length(record.length) {
                return self.suspect(side, record, AlertPosition::Handshake);
            }
            self.release(side);
            self.halves[side].last_handshake = Some(record.at);
            // Some servers send their tickets in the same flight (Go, where no certificate is asked for): what comes then is no ticket any more.
            if self.flight.server_finished {
                self.ticket(side);
                self.flight.early_tickets = true;
            }
            self.flight.server_finished |= record.length == self.finished_length();
            return;
        }
        if self.halves[side].data_records > 0 {
            return self.spoken_or_suspect(side, record, AlertPosition::Session);
        }
        if self.is_alert_length(record.length) {
            return self.suspect(side, record, AlertPosition::AfterFinished);
        }
        if self.is_ticket(record) {
            self.release(side);
            self.ticket(side);
            self.halves[side].last_handshake = Some(record.at);
            let doubtful = self.doubtful(record);
            if doubtful.is_some() || self.flight.rare.is_some() {
                self.flight.rare.get_or_insert_default().doubtful = doubtful;
            }
            self.flight.ticket_length = record.length;
            return;
        }
        self.spoken_or_suspect(side, record, AlertPosition::Session);
    }

    /// Whether the server's record, before any data of its own, is a ticket: nothing was asked yet that it could
    /// answer, or it has a ticket's length, or the length of the ticket before it.
    fn is_ticket(&self, record: Record) -> bool {
        let server = self.client().other();
        if self.flight.early_tickets
            || self.halves[server].tickets >= 8
            || record.at.time.0.saturating_sub(self.flight.finished_at) > TICKETS_WITHIN
        {
            return false;
        }
        // Its tickets had another length, and it knows of something of the client's that is as long as an alert: that was a question.
        if self.halves[server].tickets > 0
            && record.length != self.flight.ticket_length
            && self.perhaps_asked(record)
        {
            return false;
        }
        // Two are as many as servers send; when they were there before the first question came, this answers it.
        let asked = self.asked(record);
        if asked && self.flight.rare().doubtful.is_none() && self.halves[server].tickets >= 2 {
            return false;
        }
        !asked
            || record.length == self.flight.ticket_length
            || (self.halves[server].tickets == 0 && TICKET.contains(&record.length))
    }

    /// Something of the client's as long as an alert, and nothing else, had reached the server when it sent `record`.
    fn perhaps_asked(&self, record: Record) -> bool {
        let client = &self.halves[self.client()];
        client.first_data_end == 0
            && client.tail.last().is_some_and(|suspect| record.ack >= suspect.record.end)
    }

    /// The client's first question had reached the server when it sent `record`, or may have.
    fn asked(&self, record: Record) -> bool {
        let question = self.halves[self.client()].first_data_end;
        question > 0 && (record.ack == 0 || record.ack >= question)
    }

    /// Where `record`, which is taken for a ticket, may as well be the answer: a server sends its tickets as soon as it has the
    /// client's Finished (RFC 8446 §4.6.1), and this came only behind a question. A second of the same length, with no question
    /// between them, shows that both are tickets.
    fn doubtful(&self, record: Record) -> Option<Moment> {
        let last = self.talk.last[self.client()]?.at.time;
        let again = record.length == self.flight.ticket_length;
        match self.flight.rare().doubtful {
            Some(before) if again && last > before.time => Some(before),
            _ => (self.asked(record) && !again).then_some(record.at),
        }
    }

    /// Application data, unless it is as long as an alert and nothing follows it.
    fn spoken_or_suspect(&mut self, side: Side, record: Record, position: AlertPosition) {
        if self.is_alert_length(record.length) {
            self.suspect(side, record, position);
        } else {
            self.spoken(side, record);
        }
    }

    /// Application data; so were the suspects before it.
    pub(super) fn spoken(&mut self, side: Side, record: Record) {
        self.release(side);
        self.data(side, record);
    }

    /// `record` is as long as an alert. Whether it is one shows by what follows.
    fn suspect(&mut self, side: Side, record: Record, position: AlertPosition) {
        let number = self.halves[side].content;
        let neighbours = self.halves[side].tail.only().is_some_and(|before| {
            before.number.saturating_add(1) == number
                && before.record.length == record.length
                && record.at.time.since(before.record.at.time) <= PAIR_WITHIN
        });
        if !neighbours {
            self.release(side);
        }
        let (expected, version_unknown) = (self.protection.is_some(), self.version.is_none());
        let half = &mut self.halves[side];
        let alike_before = half.cleared;
        half.tail.push(Suspect { record, number, position, alike_before, expected, version_unknown });
    }

    /// Something follows the suspects of `side`: they were data.
    pub(super) fn release(&mut self, side: Side) {
        if self.halves[side].tail.is_empty() {
            return;
        }
        let mut tail = std::mem::take(&mut self.halves[side].tail);
        // What the other side answered by data was no goodbye either.
        let other = side.other();
        let answers = self.halves[other].tail.last().is_some_and(|asked| {
            tail.iter().any(|suspect| {
                suspect.record.ack >= asked.record.end && suspect.record.at.time >= asked.record.at.time
            })
        });
        if answers {
            self.release(other);
        }
        for suspect in tail.iter() {
            self.halves[side].cleared = self.halves[side].cleared.saturating_add(1);
            self.data(side, suspect.record);
        }
        tail.clear();
        self.halves[side].tail = tail;
    }

    /// The suspects after which nothing came, judged without knowledge of the connection's ending.
    pub(super) fn suspects(&self) -> Vec<Alert> {
        if self.before_tls13() {
            return Vec::new();
        }
        let answered = Side::BOTH.iter().all(|&side| !self.halves[side].tail.is_empty());
        let mut alerts = Vec::new();
        for side in Side::BOTH {
            let tail = &self.halves[side].tail;
            for (nth, suspect) in tail.iter().enumerate() {
                let mut alert = Alert {
                    side,
                    at: suspect.record.at,
                    seen: AlertSeen::Inferred,
                    level: None,
                    description: None,
                    record_length: suspect.record.length,
                    expected: suspect.expected.then_some(true),
                    certainty: 0.0,
                    end: suspect.record.end,
                    ack: suspect.record.ack,
                    records_after: 0,
                    pair: tail.is_pair(),
                    second_of_pair: nth == 1,
                    position: suspect.position,
                    alike_before: suspect.alike_before.into(),
                    answered,
                    version_unknown: suspect.version_unknown,
                };
                alert.certainty = certainty(&alert, &After::default());
                alerts.push(alert);
            }
        }
        alerts
    }

    fn ticket(&mut self, side: Side) {
        let half = &mut self.halves[side];
        half.tickets = half.tickets.saturating_add(1);
    }

    fn is_alert_length(&self, length: u16) -> bool {
        let shortest = self.alert_lengths().map_or(19, |lengths| lengths.shortest);
        length == shortest || length == shortest + AlertLengths::TLS13_PADDING
    }

    /// Length of a record that holds the Finished and nothing else (RFC 8446 §4.4.4): header, hash, content type,
    /// tag.
    fn finished_length(&self) -> u16 {
        let hash = self.cipher.map_or(32, |cipher| u16::from(cipher.hash_length()));
        let overhead = self.alert_lengths().map_or(17, |lengths| lengths.shortest.saturating_sub(2));
        4 + hash + overhead
    }
}
