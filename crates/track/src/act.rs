//! Acts of closing as TCP and ICMP show them. Which of them came first is not decided here.

use crate::Pending;
use hangup_wire::{Addr, Moment, Side};

/// One act of closing.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// The claimed sender; none for ICMP.
    pub from: Option<Side>,
    /// The packet.
    pub at: Moment,
    /// The FIN's or RST's own place in its sender's stream; for ICMP that of the quoted packet.
    pub offset: u64,
    /// How far its packet acknowledges the other side's stream, where the ACK flag is set.
    pub ack: Option<u64>,
    /// The same side did the same before.
    pub repeat: bool,
    /// What it is.
    pub kind: ActKind,
}

/// The kinds of acts.
#[derive(Clone, Debug, PartialEq)]
pub enum ActKind {
    /// The end of its sender's data.
    Fin {
        /// The packet that acknowledges it.
        acked: Option<Moment>,
        /// Bytes of data in the same packet.
        data: u32,
        /// Data before it that had been sent again, and was not acknowledged when this was said.
        in_vain: Option<Pending>,
    },
    /// A reset.
    Rst(Rst),
    /// An ICMP error about a packet of this connection.
    Icmp(IcmpError),
}

/// A RST, as it was seen and what became of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rst {
    /// The ACK flag is set.
    pub ack_flag: bool,
    /// The window field.
    pub window: u16,
    /// Where its sequence number lies against what its receiver expects.
    pub fit: RstFit,
    /// The packet that it answers, where its numbers say which.
    pub trigger: Option<Trigger>,
    /// The receiver carried on later than a packet in flight could explain.
    pub ignored: bool,
    /// The claimed sender carried on.
    pub sender_carried_on: bool,
    /// Hop limit (TTL).
    pub hop_limit: u8,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
    /// It has a TCP timestamp option.
    pub timestamps: bool,
    /// Sender's MAC address.
    pub mac: Option<[u8; 6]>,
    /// Bytes of payload.
    pub payload: u32,
    /// How far its sender had acknowledged the other side's stream before.
    pub acked_before: u64,
    /// Bytes that the other side had sent beyond that.
    pub unacked_in_flight: u64,
    /// By how many bytes the window that its sender announced last is smaller than its widest one: what lay unread then
    /// (RFC 9293 §3.8.6).
    pub unread: u64,
    /// What there was before it, to compare it with.
    pub before: Box<Before>,
}

/// What there was before a RST.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// What the RST itself carries, at most its first bytes.
    pub text: Vec<u8>,
}

/// Where a RST's sequence number lies (RFC 9293 §3.10.7.4, RFC 5961 §3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RstFit {
    /// The next byte that the receiver expects.
    Exact,
    /// In its window.
    Window,
    /// Outside.
    Outside,
    /// Cannot be told.
    #[default]
    Unknown,
}

/// The packet that a RST answers.
#[derive(Clone, Copy, Debug, PartialEq)]
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

/// An ICMP error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IcmpError {
    /// Who sent it.
    pub reporter: Addr,
    /// Whose packet it quotes.
    pub about: Side,
    /// ICMP for IP version 6.
    pub v6: bool,
    /// ICMP type.
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// Next-hop MTU, else 0.
    pub mtu: u32,
}

/// So many bytes of a RST's payload are kept: enough for the reason that a device writes into it.
pub(crate) const TEXT_KEPT: usize = 128;

/// At most so many acts of one connection are kept; the others are counted.
pub(crate) const KEPT: usize = 16;
