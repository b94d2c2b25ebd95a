//! What is known of a conversation: plain data, for whoever judges it.

use crate::{Alert, Dismissal, Farewell, Talk};
use hangup_wire::tls::{CipherSuite, HandshakeType, ProtocolVersion};
use hangup_wire::{Moment, PerSide, Side};

/// What is known of a conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The protocol, where known: `tls`, `http`, `http2`, `smtp`, ... For one that changed to TLS: `tls`.
    pub protocol: Option<&'static str>,
    /// What was spoken before TLS began: `smtp`, `postgresql`, `http` (a tunnel by `CONNECT`), ..., or `unknown`.
    pub upgraded_from: Option<&'static str>,
    /// What the first bytes of each side look like; none where a side sent nothing.
    pub opening: PerSide<Option<Opening>>,
    /// The protocols of the caller's and of the called one's first words, where they are readable and are not the same.
    pub at_odds: Option<(&'static str, &'static str)>,
    /// Who spoke, when and how much.
    pub talk: Talk,
    /// Bytes that are at least missing from the record or message that each side had begun.
    pub half_sent: PerSide<Option<u64>>,
    /// Seconds within which the client has promised to say something, in clear: the keep-alive of MQTT's CONNECT.
    pub promised_beat: Option<u16>,
    /// The TLS session, where there is one.
    pub tls: Option<Box<Tls>>,
    /// The exchanges of HTTP/1 in clear, where there are any.
    pub http: Option<Box<Http>>,
    /// The last words of a side in clear, where they end the session.
    pub dismissal: PerSide<Option<Box<Dismissal>>>,
    /// The last message of a side in clear, where its protocol has it for a farewell.
    pub farewell: PerSide<Option<Farewell>>,
}

/// What the first bytes of a side look like. A TLS hello answered by text, or text answered by a TLS alert, is
/// the wrong protocol on the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A TLS record or an SSL 2.0 hello.
    Tls,
    /// Printable ASCII.
    Text,
    /// Anything else.
    Binary,
}

/// A TLS session as far as it shows without keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tls {
    /// The version that is spoken, by `supported_versions` where that decides; none where the server's hello was
    /// not seen.
    pub version: Option<ProtocolVersion>,
    /// The session is known to be of TLS 1.2 or before, even if `version` is not known: record types show it.
    pub before_tls13: bool,
    /// The suite chosen.
    pub cipher: Option<CipherSuite>,
    /// Encrypt-then-MAC is used (RFC 7366).
    pub encrypt_then_mac: bool,
    /// Server name asked for, at most 255 bytes; from the wire, not escaped.
    pub sni: Option<String>,
    /// Application protocol: the server's choice, or the client's offer where it offered one only. Not escaped.
    pub alpn: Option<String>,
    /// The client offered HTTP/2 (RFC 7301).
    pub offers_h2: bool,
    /// JA4 fingerprint of the client's first hello.
    pub ja4: Option<String>,
    /// An earlier session was resumed; none where that does not show.
    pub resumed: Option<bool>,
    /// The server asked for another hello.
    pub retry_requested: bool,
    /// The client offered early data.
    pub early_data: bool,
    /// A record of the server's taken for a session ticket that may as well answer the client's first question.
    pub perhaps_answer: Option<Moment>,
    /// Who signed the server's certificate, as name and organisation of at most 64 bytes each; only where the certificate is in
    /// clear, be it that a gap tears it further behind. From the wire, not escaped.
    pub issuer: Option<String>,
    /// The client's certificate; in TLS 1.3 inferred from the length of its first protected record.
    pub client_certificate: Option<Shown>,
    /// How far the handshake came.
    pub handshake: Handshake,
    /// Handshake messages in clear, in the order in which they became whole; the first 32.
    pub messages: Vec<Message>,
    /// Messages beyond those.
    pub messages_left_out: u32,
    /// Alerts and records that may be alerts, in the order of the capture; the first 16, and the last of each side.
    pub alerts: Vec<Alert>,
    /// Alerts beyond those.
    pub alerts_left_out: u32,
    /// What each side sent.
    pub sides: PerSide<TlsSide>,
    /// The handshake was wrapped in packets of TDS, as SQL Server does.
    pub inside_tds: bool,
}

/// How far a handshake came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Handshake {
    /// Both sides finished it.
    Complete,
    /// An alert stopped it.
    Failed,
    /// It was seen from the client's hello on, without a gap, and was not finished.
    Begun,
    /// The capture shows only part of it.
    Partial,
    /// The capture shows nothing of it.
    #[default]
    Unseen,
}

/// A handshake message in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: HandshakeType,
    /// Who sent it.
    pub side: Side,
    /// The packet that completes it.
    pub at: Moment,
    /// Bytes of its body.
    pub length: u32,
}

/// The client's answer to a request for its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The packet that completes it.
    pub at: Moment,
    /// There is no certificate in it: the client has none that fits.
    pub empty: bool,
}

/// One side's records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TlsSide {
    /// Whole records of any type, 4,294,967,295 at most.
    pub records: u64,
    /// Whole records that carry application data, as well as can be told; 4,294,967,295 at most.
    pub data_records: u64,
    /// The last handshake record, in clear or not.
    pub last_handshake: Option<Moment>,
    /// Records of TLS 1.3 taken for session tickets: no application data.
    pub tickets: u32,
    /// How often the chain of records was lost.
    pub lost: u32,
    /// This side never spoke TLS: something else answered.
    pub foreign: bool,
}

/// Exchanges of HTTP/1 in clear.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Http {
    /// Who asks.
    pub asker: Option<Side>,
    /// Requests begun.
    pub requests: u32,
    /// Final responses begun.
    pub responses: u32,
    /// Method and target of the last request, at most 80 bytes; not escaped.
    pub request: Option<String>,
    /// The host that it names, at most 80 bytes; not escaped.
    pub host: Option<String>,
    /// Status of the last response.
    pub status: Option<u16>,
    /// Something was asked and not yet answered, or an answer or a request is cut short. None where a gap in the
    /// capture, or a response that lasts until the connection closes, leaves it open.
    pub outstanding: Option<bool>,
    /// The last response is whole; none where only the connection's end can tell, or there is none.
    pub response_complete: Option<bool>,
    /// The last response, or the request that it answers, said that the connection will be closed.
    pub close_announced: bool,
    /// `Keep-Alive: timeout=` of the last response, in seconds.
    pub keep_alive_timeout: Option<u32>,
    /// The connection was handed to another protocol (101, or a tunnel by `CONNECT`).
    pub handed_over: bool,
}

impl Summary {
    /// The same with the two ends exchanged, for a connection whose roles turned out to be reversed.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self {
            opening: self.opening.swapped(),
            talk: self.talk.swapped(),
            half_sent: self.half_sent.swapped(),
            dismissal: self.dismissal.swapped(),
            farewell: self.farewell.swapped(),
            tls: self.tls.map(|tls| Box::new(tls.swapped())),
            http: self.http.map(|mut http| {
                http.asker = http.asker.map(Side::other);
                http
            }),
            ..self
        }
    }
}

impl Tls {
    /// The same with the two ends exchanged.
    #[must_use]
    pub fn swapped(mut self) -> Self {
        for alert in &mut self.alerts {
            alert.side = alert.side.other();
        }
        for message in &mut self.messages {
            message.side = message.side.other();
        }
        Self { sides: self.sides.swapped(), ..self }
    }

    /// The first message of type `kind` from `side`.
    pub fn message(&self, side: Side, kind: HandshakeType) -> Option<&Message> {
        self.messages.iter().find(|message| message.kind == kind && message.side == side)
    }

    /// Whether the session is one of TLS 1.3, where alerts hide in application data.
    pub fn is_tls13(&self) -> bool {
        self.version.is_some_and(ProtocolVersion::is_tls13)
    }
}
