//! One TCP connection and the TLS session on it.

use super::{Ending, is_zero};
use crate::Ladder;
use hangup_wire::Moment;
use serde::Serialize;

/// One TCP connection, never split by idleness.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Connection {
    /// Number over the merged input by first packet, from 0; for one file Wireshark's `tcp.stream`.
    pub id: u64,
    /// Index of the capture file of its first packet.
    pub capture: u32,
    /// Community ID v1, seed 0.
    pub community_id: String,
    /// The end that opened it.
    pub client: Endpoint,
    /// The end that was called.
    pub server: Endpoint,
    /// How the two were told apart: syn, syn-ack, client-hello, port, guess.
    pub roles_from: String,
    /// First frame.
    pub first_frame: u64,
    /// Last frame.
    pub last_frame: u64,
    /// Time of the first frame.
    pub first_time: String,
    /// Time of the last frame.
    pub last_time: String,
    /// Packets of each side.
    pub packets: Pair<u64>,
    /// Payload bytes of each side, every one counted once.
    pub payload_bytes: Pair<u64>,
    /// complete, refused, unanswered, partial or unseen.
    pub handshake: String,
    /// Zeek's history letters.
    pub history: String,
    /// Zeek's connection state code.
    pub conn_state: String,
    /// Round trip from the handshake in seconds.
    pub rtt: Option<f64>,
    /// Packets of each side that were sent again.
    pub retransmitted: Pair<u32>,
    /// First FIN as seen on the wire.
    pub first_fin: Option<Flag>,
    /// First RST as seen on the wire, whoever really sent it.
    pub first_rst: Option<Flag>,
    /// The TLS session, where one was seen.
    pub tls: Option<Tls>,
    /// What speaks on it, where known.
    pub protocol: Option<String>,
    /// How it ended.
    pub ending: Ending,
    /// Its last packets, where the input could not be read a second time for them; not part of the contract.
    #[serde(skip)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub ladder: Option<Ladder>,
    /// Its first and last packet; not part of the contract, which has them as frames and times.
    #[serde(skip)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub span: (Moment, Moment),
}

/// An address and a port.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Endpoint {
    /// IPv4 or IPv6 address.
    pub ip: String,
    /// TCP port.
    pub port: u16,
    /// A name that the capture gives for the address (pcapng name resolution block).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One value for each side.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pair<T> {
    /// The client's.
    pub client: T,
    /// The server's.
    pub server: T,
}

/// A frame with a flag, and who sent it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Flag {
    /// The frame.
    pub frame: u64,
    /// Index of the capture file; left out where it is 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub capture: u32,
    /// client or server.
    pub from: String,
}

/// A TLS session.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tls {
    /// "TLS 1.2", ...; from `supported_versions` where that decides.
    pub version: Option<String>,
    /// IANA name of the cipher suite.
    pub cipher: Option<String>,
    /// Server name that the client asked for.
    pub sni: Option<String>,
    /// Application protocol.
    pub alpn: Option<String>,
    /// JA4 fingerprint of the `ClientHello`.
    pub ja4: Option<String>,
    /// complete, failed, partial or unseen.
    pub handshake: String,
    /// An earlier session was resumed.
    pub resumed: Option<bool>,
    /// Records were opened with keys.
    pub decrypted: bool,
    /// Alerts and alert candidates.
    pub alerts: Vec<Alert>,
}

/// A TLS alert, or what looks like one.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alert {
    /// The frame that completes its record.
    pub frame: u64,
    /// Index of the capture file; left out where it is 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub capture: u32,
    /// Time of that frame.
    pub time: String,
    /// client or server.
    pub from: String,
    /// plain, encrypted, inferred or decrypted.
    pub seen: String,
    /// IANA name of the level; null unless read.
    pub level: Option<String>,
    /// IANA name of the description; null unless read.
    pub description: Option<String>,
    /// Length field of its record.
    pub record_length: u16,
    /// Certainty that it is an alert at all, 0 to 1.
    pub certainty: f64,
}
