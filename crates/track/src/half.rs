//! One direction of a connection.

use crate::held::Held;
use hangup_wire::{Header, Moment, Seq};

/// What one end sent, and what of that the other end confirmed.
///
/// Offsets are relative sequence numbers as Wireshark shows them: the SYN is 0, the first byte of data 1; where
/// the SYN was not captured, the first byte seen is 1. They are 64 bits wide and never wrap.
///
/// Laid out by use: the other side's packets touch the first cache line, its own the second too.
#[derive(Clone, Debug, Default)]
#[repr(C, align(64))]
pub struct Half {
    pub(crate) sent: u64,
    pub(crate) read: u64,
    pub(crate) acked: u64,
    pub(crate) waiting: Option<Moment>,
    pub(crate) odd: Option<Box<Oddities>>,
    pub(crate) base: Seq,
    pub(crate) last_seq: Seq,
    pub(crate) marks: u16,
    pub(crate) window: u16,
    pub(crate) last_ip_id: u16,
    pub(crate) last_length: u16,
    pub(crate) last: Option<Moment>,
    pub(crate) last_data: Option<Moment>,
    pub(crate) packets: u64,
    pub(crate) fin: u64,
    pub(crate) mac: [u8; 6],
    pub(crate) last_flags: u8,
    pub(crate) scale: u8,
    pub(crate) hop_limit: u8,
    /// Lowest and highest hop limit of packets that were no RST.
    pub(crate) hop_limits: [u8; 2],
    /// The IP identification before the last one.
    pub(crate) ip_id_before: u16,
    /// The widest window that it announced, its SYN's aside.
    pub(crate) widest: u16,
}

/// What most connections never have: kept apart so that they do not pay for it.
#[derive(Clone, Debug, Default)]
pub struct Oddities {
    /// Packets that had been sent before.
    pub retransmitted: u32,
    /// Packets that came before data that belongs in front of them.
    pub out_of_order: u32,
    /// Keep-alive probes.
    pub keep_alives: u32,
    /// Keep-alive probes since the other side last sent anything.
    pub keep_alives_unanswered: u32,
    /// Packets that announced a window of 0.
    pub zero_windows: u32,
    /// Probes against the other side's window of 0.
    pub window_probes: u32,
    /// Packets captured a second time.
    pub duplicates: u32,
    /// SYNs, the first included; 0 where there was one at most.
    pub syns: u32,
    /// FINs beyond the first.
    pub fins: u32,
    /// Bytes that never came and were acknowledged.
    pub missing: u64,
    /// Bytes that never came, up to the end, though later ones did; nobody acknowledged them.
    pub never_came: u64,
    /// Packets with data that the other side had acknowledged before.
    pub resent_acknowledged: u32,
    /// Data of the largest packet that was sent again since the other side acknowledged anything new, in bytes.
    pub resent_length: u32,
    /// The first packet that acknowledged exactly one number more than had been seen, and that number.
    pub(crate) one_more: Option<(Moment, u64)>,
    /// An acknowledgment of something else than the SYN that it answers (RFC 9293 §3.10.7.4): a connection on these
    /// ports is still remembered.
    pub(crate) challenge: Option<Challenge>,
    /// How often the packet that waits for an answer was sent again.
    pub(crate) tries: u32,
    pub(crate) last_try: Option<Moment>,
    pub(crate) held: Held,
}

/// An answer to a SYN that belongs to another connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Challenge {
    pub(crate) at: Moment,
    /// What it acknowledged.
    pub(crate) ack: Seq,
}

/// Something sent that nobody has answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pending {
    /// What it is.
    pub kind: Waiting,
    /// The first packet of it.
    pub since: Moment,
    /// How often it was sent, the first time included.
    pub tries: u32,
    /// The last try.
    pub last: Moment,
    /// Its offset.
    pub offset: u64,
}

/// What waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// A SYN or SYN-ACK.
    Syn,
    /// Data.
    Data,
    /// A FIN.
    Fin,
    /// Keep-alive probes.
    KeepAlive,
    /// Probes against a closed window.
    WindowProbe,
}

/// Bits of [`Half::marks`].
pub(crate) mod mark {
    /// The number of offset 0 is known.
    pub(crate) const BASE: u16 = 1;
    /// A SYN was sent.
    pub(crate) const SYN: u16 = 2;
    /// A SYN-ACK was sent.
    pub(crate) const SYN_ACK: u16 = 4;
    /// An ACK was sent.
    pub(crate) const ACK: u16 = 8;
    /// A FIN was sent.
    pub(crate) const FIN: u16 = 16;
    /// A RST was sent.
    pub(crate) const RST: u16 = 32;
    /// TCP timestamps are used.
    pub(crate) const TIMESTAMPS: u16 = 64;
    /// The window scale is known.
    pub(crate) const SCALE: u16 = 128;
    /// The last window announced was 0.
    pub(crate) const CLOSED_WINDOW: u16 = 256;
    /// The sender's MAC address is known.
    pub(crate) const MAC: u16 = 512;
    /// A SYN stood where it should: offsets count from it.
    pub(crate) const FROM_SYN: u16 = 1024;
}

impl Half {
    #[inline]
    pub(crate) fn has(&self, mark: u16) -> bool {
        self.marks & mark != 0
    }

    /// Sets offset 0; `synced` where it is a SYN's own number.
    #[inline]
    pub(crate) fn set_base(&mut self, base: Seq, synced: bool) {
        self.base = base;
        self.marks |= mark::BASE;
        self.read = 1;
        let start = u64::from(!synced);
        self.sent = start;
        self.acked = start;
        if synced {
            self.marks |= mark::FROM_SYN;
        }
    }

    /// The offset of `seq`: that within 2^31 of what was sent; negative before offset 0.
    #[inline]
    pub(crate) fn offset(&self, seq: Seq) -> i64 {
        self.sent.cast_signed().saturating_add(i64::from(seq.since(self.next())))
    }

    /// The number behind the last byte sent.
    #[inline]
    pub(crate) fn next(&self) -> Seq {
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers are offsets modulo 2^32")]
        self.base.add(self.sent as u32)
    }

    /// Notes what a packet looked like.
    #[inline]
    pub(crate) fn remember(&mut self, header: &impl Header, at: Moment) {
        self.packets += 1;
        self.last = Some(at);
        self.last_seq = header.seq();
        self.ip_id_before = self.last_ip_id;
        self.last_ip_id = header.id().unwrap_or(0);
        #[expect(clippy::cast_possible_truncation, reason = "only compared, or shown as 'some data'")]
        {
            self.last_length = header.length().min(u32::from(u16::MAX)) as u16;
            self.last_flags = header.flags().0 as u8;
        }
        if header.flags().rst() {
            return;
        }
        if self.hop_limit != header.ttl() {
            self.other_hop_limit(header.ttl());
        }
        if let Some(mac) = header.source_mac() {
            self.mac = mac;
            self.marks |= mark::MAC;
        }
    }

    /// The first hop limit, or another one than that of the packet before: another way, or another machine.
    #[cold]
    fn other_hop_limit(&mut self, ttl: u8) {
        let [low, high] = self.hop_limits;
        self.hop_limits = if self.hop_limit == 0 { [ttl; 2] } else { [low.min(ttl), high.max(ttl)] };
        self.hop_limit = ttl;
    }

    pub(crate) fn odd(&mut self) -> &mut Oddities {
        self.odd.get_or_insert_default()
    }

    /// All that came so far was of another connection on the same ports, or refused this one in vain.
    pub(crate) fn spoke_for_another(&self) -> bool {
        self.has(mark::RST) || self.odd.as_ref().is_some_and(|odd| odd.challenge.is_some())
    }

    /// Something waits for earlier bytes, be it that the capture kept none of its own.
    pub(crate) fn holds(&self) -> bool {
        self.odd.as_ref().is_some_and(|odd| !odd.held.is_empty())
    }

    /// Bytes that wait for earlier ones.
    pub(crate) fn held(&self) -> usize {
        self.odd.as_ref().map_or(0, |odd| odd.held.len())
    }

    /// Packets.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Bytes of payload, every one counted once, those not that the capture does not have.
    pub fn bytes(&self) -> u64 {
        let end = if self.has(mark::FIN) { self.fin.min(self.read) } else { self.read };
        let missing = self.odd.as_ref().map_or(0, |odd| odd.missing);
        (end.saturating_sub(1) + self.held() as u64).saturating_sub(missing)
    }

    /// Offset behind the last byte sent; SYN and FIN count as one.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Highest offset that the other side acknowledged.
    pub fn acked(&self) -> u64 {
        self.acked
    }

    /// The last packet.
    pub fn last(&self) -> Option<Moment> {
        self.last
    }

    /// The last packet that brought new data.
    pub fn last_data(&self) -> Option<Moment> {
        self.last_data
    }

    /// Hop limit (TTL) of the last packet that was no RST.
    pub fn hop_limit(&self) -> Option<u8> {
        (self.hop_limit != 0).then_some(self.hop_limit)
    }

    /// When an acknowledgment of another connection answered this connection's SYN.
    pub fn challenged(&self) -> Option<Moment> {
        Some(self.odd.as_deref()?.challenge?.at)
    }

    /// Sender's MAC address of the last packet that was no RST.
    pub fn mac(&self) -> Option<[u8; 6]> {
        self.has(mark::MAC).then_some(self.mac)
    }

    /// TCP timestamps were seen.
    pub fn timestamps(&self) -> bool {
        self.has(mark::TIMESTAMPS)
    }

    /// The last window that this side announced was 0.
    pub fn window_closed(&self) -> bool {
        self.has(mark::CLOSED_WINDOW)
    }

    /// A FIN was sent.
    pub fn has_fin(&self) -> bool {
        self.has(mark::FIN)
    }

    /// A RST was sent.
    pub fn has_rst(&self) -> bool {
        self.has(mark::RST)
    }

    /// What is out of the ordinary, where anything is.
    pub fn oddities(&self) -> Option<&Oddities> {
        self.odd.as_deref()
    }

    /// What was sent and nobody answered. `peer_window_closed`: the other side's last window was 0.
    pub fn pending(&self, peer_window_closed: bool) -> Option<Pending> {
        let tries = self.odd.as_ref().map_or(0, |odd| odd.tries);
        let again = self.odd.as_ref().and_then(|odd| odd.last_try);
        let keep_alives = self.odd.as_ref().map_or(0, |odd| odd.keep_alives_unanswered);
        let since = self.waiting?;
        let last = again.filter(|_| tries > 0).unwrap_or(since);
        let (kind, tries) = if self.acked >= self.sent {
            (if peer_window_closed { Waiting::WindowProbe } else { Waiting::KeepAlive }, keep_alives.max(1))
        } else if self.acked == 0 && self.has(mark::SYN | mark::SYN_ACK) && self.has(mark::FROM_SYN) {
            (Waiting::Syn, tries + 1)
        } else if self.has(mark::FIN) && self.acked >= self.fin {
            (Waiting::Fin, tries + 1)
        } else if peer_window_closed {
            (Waiting::WindowProbe, tries + 1)
        } else {
            (Waiting::Data, tries + 1)
        };
        Some(Pending { kind, since, tries, last, offset: self.acked })
    }
}
