//! TLS as a story needs it: every record has the right header and length, what is readable parses, and what is
//! sealed is noise.

mod certificate;
mod message;
mod protection;

use hangup_wire::{PerSide, Side};

use crate::dice::Dice;
use crate::script::Message;
pub(crate) use message::is_message;
pub(crate) use protection::Choice;

/// Record types (RFC 8446 §5.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// The largest plaintext of a record (RFC 8446 §5.1).
const LARGEST: usize = 16_384;

/// Both sides of a TLS session: who already seals what it sends.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    choice: Choice,
    sealed: PerSide<bool>,
    /// Records sealed so far: the explicit nonce of TLS 1.2 GCM counts them.
    records: PerSide<u64>,
    /// The session id that the client offered.
    resumes: Vec<u8>,
    /// The client offered names of protocols; the server takes the first.
    alpn: Option<String>,
    name: String,
}

impl Session {
    /// A session that has not begun, or one in full swing where the story says so.
    pub(crate) fn new(choice: Choice) -> Self {
        let sealed = PerSide { client: choice.running, server: choice.running };
        let name = "server.example".to_owned();
        Self { choice, sealed, records: PerSide::default(), resumes: Vec::new(), alpn: None, name }
    }

    /// The bytes of one message, in as many records as it needs.
    pub(crate) fn write(
        &mut self,
        from: Side,
        message: &Message,
        dice: &mut Dice,
    ) -> Result<Vec<u8>, String> {
        match message {
            Message::Handshake(name, settings) => self.handshake(from, name, settings, dice),
            Message::App(size, part) => {
                let size = usize::try_from(dice.within(*size)).unwrap_or(usize::MAX);
                self.application(from, size, *part, dice)
            }
            Message::Alert { level, description, plain } => {
                let plain = plain.unwrap_or(!self.seals_alerts(from));
                let body = [*level, *description];
                Ok(if plain { self.plain(ALERT, &body) } else { self.seal(from, ALERT, body.len(), dice) })
            }
        }
    }

    /// In TLS 1.3 a client has no write key on before its Finished (OpenSSL), or already has one behind the server's
    /// flight (Java, Go, rustls).
    fn seals_alerts(&self, from: Side) -> bool {
        self.sealed[from] || (self.choice.is_13() && self.choice.java && self.sealed.server)
    }

    fn handshake(
        &mut self,
        from: Side,
        name: &str,
        settings: &[(String, String)],
        dice: &mut Dice,
    ) -> Result<Vec<u8>, String> {
        let mut extra = message::Extra::default();
        for (key, value) in settings {
            match key.as_str() {
                "alpn" => self.alpn = Some(value.clone()),
                "issuer" => extra.issuer = Some(value),
                "certificate" => extra.no_certificate = true,
                "share" if value == "x25519mlkem768" => extra.large_share = true,
                "share" => return Err(format!("no key share: `{value}`")),
                _ => self.name.clone_from(value),
            }
        }
        if name == "ChangeCipherSpec" {
            let record = self.plain(CHANGE_CIPHER_SPEC, &[1]);
            self.sealed[from] |= !self.choice.is_13();
            return Ok(record);
        }
        if !self.choice.is_13() && name == "Finished" && !self.sealed[from] {
            return Err("Finished is sealed: ChangeCipherSpec comes before it".to_owned());
        }
        let hello = message::Hello {
            choice: &self.choice,
            name: &self.name,
            alpn: self.alpn.as_deref(),
            session_id: &self.resumes,
            extra,
        };
        let body = message::body(name, from, &hello, dice)?;
        if name == "ClientHello" {
            self.resumes.clone_from(&body.session_id);
        }
        let seals =
            self.choice.is_13() && !matches!(name, "ClientHello" | "ServerHello" | "HelloRetryRequest");
        let record = if self.sealed[from] || seals {
            self.seal(from, HANDSHAKE, body.bytes.len(), dice)
        } else {
            self.plain(HANDSHAKE, &body.bytes)
        };
        if self.choice.is_13() && matches!(name, "ServerHello" | "Finished") {
            self.sealed[from] = true;
        }
        Ok(record)
    }

    fn application(
        &mut self,
        from: Side,
        size: usize,
        part: Option<u32>,
        dice: &mut Dice,
    ) -> Result<Vec<u8>, String> {
        if !self.sealed[from] {
            return Err("application data before this side has keys".to_owned());
        }
        let least = self.choice.protected(0);
        let most = self.choice.protected(LARGEST);
        let mut bytes = Vec::new();
        let mut left = size;
        while left > 0 {
            let mut length = left.min(most);
            if left > length && left - length < least {
                // The rest would be too small for a record of its own.
                length -= least;
            }
            if length < least {
                return Err(format!("a record of this cipher is at least {least} bytes long"));
            }
            bytes.extend(self.record(APPLICATION_DATA, from, length, dice));
            left -= length;
        }
        if let Some(part) = part {
            bytes.truncate(part as usize + 5);
        }
        Ok(bytes)
    }

    /// A readable record.
    fn plain(&self, kind: u8, body: &[u8]) -> Vec<u8> {
        let mut record = header(kind, self.choice.record_version(kind, body), body.len());
        record.extend_from_slice(body);
        record
    }

    /// A sealed record around `length` bytes; TLS 1.3 hides the type.
    fn seal(&mut self, from: Side, kind: u8, length: usize, dice: &mut Dice) -> Vec<u8> {
        let padding = if self.choice.java && self.choice.is_13() { 16 } else { 0 };
        let length = self.choice.protected(length + padding);
        let kind = if self.choice.is_13() { APPLICATION_DATA } else { kind };
        self.record(kind, from, length, dice)
    }

    /// A sealed record whose length field says `length`.
    fn record(&mut self, kind: u8, from: Side, length: usize, dice: &mut Dice) -> Vec<u8> {
        let mut record = header(kind, self.choice.record_version(kind, &[]), length);
        let nonce =
            if self.choice.explicit_nonce() { self.records[from].to_be_bytes().to_vec() } else { Vec::new() };
        self.records[from] += 1;
        record.extend_from_slice(&nonce);
        record.extend(dice.bytes(length.saturating_sub(nonce.len())));
        record
    }
}

fn header(kind: u8, version: u16, length: usize) -> Vec<u8> {
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes
}

/// The number of an alert by its IANA name.
pub(crate) fn alert_number(name: &str) -> Option<u8> {
    ALERTS.iter().find(|(_, known)| *known == name).map(|(number, _)| *number)
}

/// `TLS Alerts` of IANA, as far as a story may tell them.
const ALERTS: &[(u8, &str)] = &[
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (22, "record_overflow"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (112, "unrecognized_name"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Span;

    fn length(record: &[u8]) -> (u8, usize) {
        assert_eq!(
            record.len(),
            5 + usize::from(u16::from_be_bytes([record[3], record[4]])),
            "one whole record"
        );
        (record[0], record.len() - 5)
    }

    fn alert(words: &[&str], after: &[(Side, &str)]) -> (u8, usize) {
        let mut session = Session::new(Choice::parse(words).unwrap());
        let mut dice = Dice::new(1);
        for (from, name) in after {
            session.write(*from, &Message::Handshake((*name).to_owned(), Vec::new()), &mut dice).unwrap();
        }
        let alert = Message::Alert { level: 1, description: 0, plain: None };
        length(&session.write(Side::Client, &alert, &mut dice).unwrap())
    }

    #[test]
    fn alerts_are_as_long_as_their_cipher_makes_them() {
        for (words, kind, expected) in [
            (&["1.2", "gcm", "running"][..], 21, 26),
            (&["1.2", "chacha", "running"], 21, 18),
            (&["1.2", "cbc", "running"], 21, 48),
            (&["1.2", "cbc-etm", "running"], 21, 52),
            (&["1.2", "cbc-sha256", "running"], 21, 64),
            (&["1.2", "cbc-sha384", "running"], 21, 80),
            (&["1.0", "cbc", "running"], 21, 32),
            (&["1.0", "rc4", "running"], 21, 22),
            (&["1.3", "running"], 23, 19),
            (&["1.3", "ccm8", "running"], 23, 11),
            (&["1.3", "java", "running"], 23, 35),
            (&["1.2", "java", "running"], 21, 26),
        ] {
            assert_eq!(alert(words, &[]), (kind, expected), "{words:?}");
        }
    }

    #[test]
    fn keys_come_on_where_each_version_has_them() {
        let server = [(Side::Client, "ClientHello"), (Side::Server, "ServerHello")];
        assert_eq!(alert(&["1.3"], &server), (21, 2));
        assert_eq!(alert(&["1.3", "java"], &server), (23, 35));
        assert_eq!(alert(&["1.2"], &[(Side::Client, "ChangeCipherSpec")]), (21, 26));
        assert_eq!(alert(&["1.2"], &server), (21, 2));
    }

    #[test]
    fn long_data_is_cut_into_records() {
        let mut session = Session::new(Choice::parse(&["1.3", "running"]).unwrap());
        let mut dice = Dice::new(1);
        let mut app =
            |size: u64, part| session.write(Side::Server, &Message::App(Span::of(size), part), &mut dice);
        assert_eq!(app(300, None).unwrap().len(), 305);
        assert_eq!(app(40_000, None).unwrap().len(), 40_000 + 3 * 5);
        assert_eq!(app(16_401 + 5, None).unwrap().len(), 16_401 + 5 + 2 * 5);
        assert_eq!(app(1000, Some(300)).unwrap().len(), 305);
        assert!(app(10, None).is_err());
    }

    #[test]
    fn nothing_is_sealed_without_keys() {
        let mut session = Session::new(Choice::parse(&["1.2"]).unwrap());
        let mut dice = Dice::new(1);
        assert!(session.write(Side::Client, &Message::App(Span::of(100), None), &mut dice).is_err());
        let finished = Message::Handshake("Finished".to_owned(), Vec::new());
        assert!(session.write(Side::Client, &finished, &mut dice).is_err());
    }
}
