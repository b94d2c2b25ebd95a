//! The TLS session of a connection, as far as it shows without keys.

use hangup_wire::tls::{CipherSuite, ProtocolVersion};
use hangup_wire::{Moment, PerSide};

/// A TLS session.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct TlsFacts {
    /// The version, from `supported_versions` where that decides.
    pub version: Option<ProtocolVersion>,
    /// It is TLS 1.3 (or one of its drafts), where alerts hide in application data.
    pub is_tls13: bool,
    /// The cipher suite.
    pub cipher: Option<CipherSuite>,
    /// Server name that the client asked for (RFC 6066 §3); from the wire, not escaped.
    pub sni: Option<String>,
    /// Application protocol: the server's choice, else the client's first offer where it offered one only.
    pub alpn: Option<String>,
    /// JA4 fingerprint of the `ClientHello`.
    pub ja4: Option<String>,
    /// How far the handshake came.
    pub handshake: TlsHandshake,
    /// An earlier session was resumed.
    pub resumed: Option<bool>,
    /// The client hello.
    pub client_hello: Option<Moment>,
    /// The server hello.
    pub server_hello: Option<Moment>,
    /// The server's certificate, where it is in clear.
    pub certificate: Option<Moment>,
    /// The server asked for a certificate of the client (TLS up to 1.2, where it is in clear).
    pub certificate_requested: Option<Moment>,
    /// The last handshake record of each side.
    pub last_handshake: PerSide<Option<Moment>>,
    /// Records with application data of each side.
    pub records: PerSide<u64>,
    /// How often a gap in the capture broke the chain of records.
    pub lost: u32,
    /// Every alert and alert candidate, those too that are no act of closing; in the order of the capture.
    pub alerts: Vec<crate::Act>,
}

/// How far a TLS handshake came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum TlsHandshake {
    /// Both sides changed to encryption and spoke under it.
    Complete,
    /// An alert or an ending stopped it.
    Failed,
    /// The capture shows only part of it.
    Partial,
    /// The capture shows nothing of it.
    #[default]
    Unseen,
}
