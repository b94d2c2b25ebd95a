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
    /// The client offered HTTP/2 among others (RFC 7301).
    pub offers_h2: bool,
    /// JA4 fingerprint of the `ClientHello`.
    pub ja4: Option<String>,
    /// How far the handshake came.
    pub handshake: TlsHandshake,
    /// An earlier session was resumed.
    pub resumed: Option<bool>,
    /// The client hello.
    pub client_hello: Option<Moment>,
    /// Bytes of its message; 0 where it was not seen whole.
    pub client_hello_length: u32,
    /// The server hello.
    pub server_hello: Option<Moment>,
    /// The server's certificate, where it is in clear.
    pub certificate: Option<Moment>,
    /// Who signed it, by the certificate's own words: name and organisation; from the wire, not escaped.
    pub issuer: Option<String>,
    /// The server asked for a certificate of the client (TLS up to 1.2, where it is in clear).
    pub certificate_requested: Option<Moment>,
    /// The client's certificate; in TLS 1.3 inferred from the length of its first protected record.
    pub client_certificate: Option<ClientCertificate>,
    /// The last handshake record of each side.
    pub last_handshake: PerSide<Option<Moment>>,
    /// A record of the server's, as long as a session ticket, that may as well answer the client's first question.
    pub perhaps_answer: Option<Moment>,
    /// Records with application data of each side.
    pub records: PerSide<u64>,
    /// How often a gap in the capture broke the chain of records.
    pub lost: u32,
    /// Every alert and alert candidate, those too that are no act of closing; in the order of the capture.
    pub alerts: Vec<crate::Act>,
}

/// The client's answer to a request for its certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct ClientCertificate {
    /// The packet that completes it.
    pub at: Moment,
    /// There is no certificate in it: the client had none to show (RFC 5246 §7.4.6, RFC 8446 §4.4.2).
    pub empty: bool,
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
