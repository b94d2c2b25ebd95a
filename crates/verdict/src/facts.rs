//! The facts of one connection: all that judging may know about it.

use crate::{Act, Talk, TlsFacts};
use hangup_wire::{Moment, PerSide, Side};

/// Everything seen of one TCP connection from its first packet to its last. Plain, closed and
/// serialisable: it can be written by hand in a test, kept on disk, or made by a fuzzer.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Facts {
    /// Number of the connection over the whole input, by first packet, from 0: Wireshark's `tcp.stream` for
    /// one file.
    pub id: u64,
    /// The end that opened the connection, as well as can be told; see [`Facts::roles_from`].
    pub client: Endpoint,
    /// The end that was called.
    pub server: Endpoint,
    /// How client and server were told apart.
    pub roles_from: RolesFrom,
    /// The first packet.
    pub first: Moment,
    /// The last packet.
    pub last: Moment,
    /// What was seen of the three-way handshake (RFC 9293 §3.5).
    pub handshake: Handshake,
    /// Round trip from the handshake in nanoseconds: SYN to the ACK of the SYN-ACK.
    pub rtt: Option<i64>,
    /// Part of `rtt` between the capture point and the server: SYN to SYN-ACK, in nanoseconds.
    pub server_rtt: Option<i64>,
    /// What each end sent.
    pub sides: PerSide<SideFacts>,
    /// Acts of closing in the order in which they were said: by frame, and where one side's packets were
    /// reordered or sent again, by its sequence numbers. Of each side at most a handful; see `acts_left_out`.
    pub acts: Vec<Act>,
    /// Acts of closing that were counted but not kept.
    pub acts_left_out: u32,
    /// What was asked and answered on the connection.
    pub talk: Talk,
    /// The TLS session, where one was seen.
    pub tls: Option<Box<TlsFacts>>,
    /// The protocol, where known, in lower case: `tls`, `http`, `smtp`, ...
    pub protocol: Option<String>,
    /// What the first bytes of each side look like, whatever protocol they turn out to be; none where a side said
    /// nothing.
    pub opening: PerSide<Option<Looks>>,
    /// The protocols of the client's and of the server's first words, where they are readable and are not the same, such as HTTP
    /// and SSH.
    pub at_odds: Option<Box<[String; 2]>>,
    /// The packets of this connection were captured twice (port mirroring, the `any` device).
    pub captured_twice: bool,
    /// The connection was finished early because the table of open connections was full.
    pub evicted: bool,
    /// Zeek's history letters (base/protocols/conn/main.zeek).
    pub history: String,
    /// A new connection on the same addresses and ports replaced this one.
    pub reused: bool,
}

/// An address and a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Endpoint {
    /// The address, IPv4 as `::ffff:a.b.c.d`.
    pub address: [u8; 16],
    /// The TCP port.
    pub port: u16,
}

/// How the client was told from the server, from best to worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum RolesFrom {
    /// The client sent a SYN.
    Syn,
    /// The server sent a SYN-ACK; the SYN was not captured.
    SynAck,
    /// The client sent a TLS `ClientHello`.
    ClientHello,
    /// One port is a server's by convention or by being the lower and below 1024.
    Port,
    /// A guess: the first packet's sender is called the client.
    #[default]
    Guess,
}

/// What the first bytes of a side look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum Looks {
    /// TLS, or SSL as far back as its second version.
    Tls,
    /// Text in ASCII.
    Text,
    /// Anything else.
    Binary,
}

/// What was seen of the three-way handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum Handshake {
    /// SYN, SYN-ACK and an ACK of it.
    Complete,
    /// A SYN was answered by a RST (or an ICMP error), never by a SYN-ACK.
    Refused,
    /// SYNs and no answer.
    Unanswered,
    /// Some of it only.
    Partial,
    /// Nothing of it: the capture begins later.
    #[default]
    Unseen,
}

/// What one end sent, and what of that was confirmed.
///
/// Offsets are relative sequence numbers as Wireshark shows them: the SYN is 0, the first byte of data 1; in
/// a connection without its SYN the first byte seen is 1. They are 64 bits wide and never wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct SideFacts {
    /// Packets, retransmissions and pure acknowledgements included.
    pub packets: u64,
    /// Bytes of payload, every one counted once.
    pub bytes: u64,
    /// Packets with payload (or SYN or FIN) that had been sent before.
    pub retransmitted: u32,
    /// Packets with data that came before data that belongs in front of them.
    pub out_of_order: u32,
    /// Keep-alive probes (length 0 or 1, one before the next sequence number).
    pub keep_alives: u32,
    /// Keep-alive probes since the other side last sent anything.
    pub keep_alives_unanswered: u32,
    /// Packets that announced a receive window of 0.
    pub zero_windows: u32,
    /// Probes sent against the other side's window of 0.
    pub window_probes: u32,
    /// The last window that this side announced was 0.
    pub window_closed: bool,
    /// First packet.
    pub first: Option<Moment>,
    /// Last packet.
    pub last: Option<Moment>,
    /// Last packet that brought new data.
    pub last_data: Option<Moment>,
    /// Offset behind the last byte sent; a FIN counts as one.
    pub sent: u64,
    /// Highest offset of this side's stream that the other side acknowledged.
    pub acked: u64,
    /// Bytes that the other side acknowledged and that the capture does not have.
    pub missing: u64,
    /// Bytes that never came, up to the end, though later ones did; nobody acknowledged them either.
    pub never_came: u64,
    /// Packets with data that the other side had acknowledged before: its acknowledgments did not arrive, or a
    /// timer was too short.
    pub resent_acknowledged: u32,
    /// Data of the largest packet that was sent again since the other side acknowledged anything new, in bytes.
    pub resent_length: u32,
    /// The packet of the other side that acknowledged this side's FIN, where the capture lacks that FIN: exactly one number behind
    /// the last byte (RFC 9293 §3.4: a FIN takes up one).
    pub fin_unseen: Option<Moment>,
    /// This side answered a SYN with an acknowledgment of another connection (RFC 9293 §3.10.7.4).
    pub challenged: Option<Moment>,
    /// What this side sent last and nobody answered, until the connection's last packet.
    pub unanswered: Option<Unanswered>,
    /// Hop limit (TTL) of this side's last packet that was no RST.
    pub hop_limit: Option<u8>,
    /// Sender's MAC address of this side's last packet that was no RST.
    pub mac: Option<[u8; 6]>,
    /// TCP timestamps (RFC 7323) were on this side's packets.
    pub timestamps: bool,
    /// SYNs that this side sent (the first and its repeats).
    pub syns: u32,
}

/// Something said, and said again, without an answer of any kind.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Unanswered {
    /// What it was.
    pub kind: UnansweredKind,
    /// The first packet that went unanswered.
    pub since: Moment,
    /// How often it was sent, the first time included.
    pub tries: u32,
    /// The last try.
    pub last: Moment,
    /// Its offset in the sender's stream.
    pub offset: u64,
}

/// What went unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum UnansweredKind {
    /// A SYN or SYN-ACK.
    Syn,
    /// Data.
    Data,
    /// A FIN (with or without data not yet confirmed before it).
    Fin,
    /// Keep-alive probes.
    KeepAlive,
    /// Probes against a closed window.
    WindowProbe,
}

impl Facts {
    /// The end of `side`.
    pub fn endpoint(&self, side: Side) -> Endpoint {
        match side {
            Side::Client => self.client,
            Side::Server => self.server,
        }
    }

    /// Seconds from the first packet to the last.
    pub fn duration(&self) -> f64 {
        self.last.time.seconds_since(self.first.time)
    }

    /// Round trip from the handshake in seconds, where it was measured.
    #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
    pub fn rtt_seconds(&self) -> Option<f64> {
        self.rtt.filter(|&rtt| rtt > 0).map(|rtt| rtt as f64 / 1e9)
    }

    /// Seconds from the place of the capture to the server and back; none where it is not known, or not positive.
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a round trip are far below 2^52")]
    pub fn server_rtt_seconds(&self) -> Option<f64> {
        self.server_rtt.filter(|&rtt| rtt > 0).map(|rtt| rtt as f64 / 1e9)
    }

    /// Nothing that `side` sent is still unconfirmed.
    pub fn all_confirmed(&self, side: Side) -> bool {
        let half = &self.sides[side];
        half.acked >= half.sent
    }
}
