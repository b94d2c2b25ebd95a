//! Acts of closing, as they were seen on the wire: which of them came first, and which merely answer, is not
//! decided here.

use crate::Unanswered;
use hangup_wire::{Moment, Side};

/// One act of closing.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Act {
    /// The claimed sender; none for ICMP, which comes from elsewhere.
    pub from: Option<Side>,
    /// The packet that completes it.
    pub at: Moment,
    /// Where it stands in its sender's stream: the FIN's own sequence number, the offset behind an alert's
    /// record, a RST's sequence number; for ICMP that of the quoted packet.
    pub offset: u64,
    /// How far its packet acknowledges the other side's stream; none where the ACK flag is not set.
    pub ack: Option<u64>,
    /// The same act was seen before (a retransmission, or a RST for each packet in flight).
    pub repeat: bool,
    /// What it is.
    pub kind: ActKind,
}

/// The kinds of acts.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum ActKind {
    /// A TLS alert, or what looks like one.
    Alert(AlertAct),
    /// The end of its sender's data (RFC 9293 §3.6).
    Fin {
        /// The packet that acknowledges it, where one was seen.
        acked: Option<Moment>,
        /// Bytes of data in the same packet.
        data: u32,
        /// Data before it that had been sent again, and was not acknowledged when this was said.
        in_vain: Option<Unanswered>,
    },
    /// A reset (RFC 9293 §3.5.2).
    Rst(RstAct),
    /// An ICMP error that quotes a packet of this connection.
    Icmp(IcmpAct),
    /// A protocol's own goodbye, in words such as `QUIT`.
    Application(String),
}

/// How an alert was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum AlertSeen {
    /// Readable.
    Plain,
    /// Its record type says so; its content is hidden (up to TLS 1.2).
    Encrypted,
    /// Its length and position say so (TLS 1.3 without keys).
    Inferred,
    /// Opened with a key.
    Decrypted,
}

/// A TLS alert record.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct AlertAct {
    /// How it was seen.
    pub seen: AlertSeen,
    /// `AlertLevel` (1 warning, 2 fatal) where it was read.
    pub level: Option<u8>,
    /// `AlertDescription` where it was read.
    pub description: Option<u8>,
    /// Length field of its record.
    pub record_length: u16,
    /// The length is one that this cipher gives an alert; none where the cipher is not known.
    pub length_fits: Option<bool>,
    /// How certain it is that this is an alert at all, 0 to 1.
    pub certainty: f32,
    /// Two records that are one goodbye (Java's `user_canceled` and `close_notify`).
    pub pair: bool,
    /// Records with application data that the same side sent afterwards.
    pub records_after: u32,
    /// It stands before any protected application data of either side: in or right behind the handshake.
    pub in_handshake: bool,
}

/// A RST.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct RstAct {
    /// The ACK flag is set: a live socket was aborted (or a SYN refused). Without it, the RST answers a
    /// packet that nobody accepts.
    pub ack_flag: bool,
    /// Its window field.
    pub window: u16,
    /// Where its sequence number lies.
    pub fit: RstFit,
    /// The packet of the other side that it answers: the latest whose ACK number is the RST's sequence number
    /// (for a RST without ACK flag), or the SYN.
    pub trigger: Option<Trigger>,
    /// The claimed receiver carried on as if it had not come (packets other than RSTs and answers to it,
    /// later).
    pub ignored: bool,
    /// The claimed sender carried on as if it had not sent it.
    pub sender_carried_on: bool,
    /// Its hop limit (TTL).
    pub hop_limit: u8,
    /// Its IPv4 identification.
    pub ip_id: Option<u16>,
    /// It has a TCP timestamp option.
    pub timestamps: bool,
    /// Its sender's MAC address.
    pub mac: Option<[u8; 6]>,
    /// Bytes of payload in it.
    pub payload: u32,
    /// Highest byte of the other side's data that its sender had acknowledged before it, as offset.
    pub acked_before: u64,
    /// Data of the other side that its sender had received or was being sent and had not acknowledged, in
    /// bytes.
    pub unacked_in_flight: u64,
    /// By how many bytes the window that its sender announced last is smaller than its widest one: what lay unread then
    /// (RFC 9293 §3.8.6).
    pub unread: u64,
    /// What there was before it, to compare it with.
    pub before: Before,
    /// What it carries, where that is text: the reason as some devices write it into a RST.
    pub text: Option<String>,
}

/// What there was before a RST, to compare it with: whoever did not see the connection's packets, or does not
/// run the same stack, seldom gets all of it right.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Before {
    /// Lowest and highest hop limit of its claimed sender's packets; none where there was no packet.
    pub hop_limits: Option<[u8; 2]>,
    /// IPv4 identifications of its claimed sender's last two packets, the last one first; 0 where there is none.
    pub ip_ids: [u16; 2],
    /// MAC address of its claimed sender's last packet.
    pub mac: Option<[u8; 6]>,
    /// Its claimed sender's last packet.
    pub last: Option<Moment>,
    /// Offset behind what its claimed sender had sent.
    pub sent: u64,
    /// The first packet of the other side that was not acknowledged yet.
    pub since: Option<Moment>,
}

/// Where a RST's sequence number lies against what its receiver expects (RFC 9293 §3.10.7.4, RFC 5961 §3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum RstFit {
    /// Exactly the next byte: the receiver dies.
    Exact,
    /// In the window, but not the next byte: a challenge, not the end.
    Window,
    /// Outside the window: dropped.
    Outside,
    /// Cannot be told.
    #[default]
    Unknown,
}

/// The packet that a RST answers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Trigger {
    /// The packet.
    pub at: Moment,
    /// Bytes of data in it.
    pub data: u32,
    /// It was a FIN.
    pub fin: bool,
    /// It was a SYN.
    pub syn: bool,
    /// How far it acknowledged the RST sender's stream.
    pub ack: u64,
}

/// An ICMP error (RFC 792, RFC 4443).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct IcmpAct {
    /// Who sent it, IPv4 as `::ffff:a.b.c.d`.
    pub reporter: [u8; 16],
    /// Whose packet it quotes.
    pub about: Side,
    /// IP version 6.
    pub v6: bool,
    /// ICMP type.
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// Next-hop MTU of "fragmentation needed" and "packet too big", else 0.
    pub mtu: u32,
}
