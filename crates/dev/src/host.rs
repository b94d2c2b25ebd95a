//! One end of a connection: what its kernel remembers.

use hangup_wire::Side;

use crate::dice::Dice;
use crate::script::{End, Fields, Place, Settings};
use crate::segment::{ACK, FIN, RST, SYN, octets};

/// One end. Places in streams are counted from the SYN, which is 0.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) end: End,
    pub(crate) mac: [u8; 6],
    /// Initial sequence number.
    pub(crate) isn: u32,
    /// The next place in its own stream.
    pub(crate) next: u64,
    /// It has said FIN.
    pub(crate) finished: bool,
    /// The next place that it expects of the other's stream.
    pub(crate) received: u64,
    /// What `received` was when it last sent something.
    known: u64,
    /// What came before something that is missing.
    held: Vec<(u64, u64)>,
    /// Its window field.
    pub(crate) window: u16,
    /// Its TCP timestamp clock at the beginning, in milliseconds.
    clock: u32,
    /// The other's latest timestamp, and what that was when it last sent something.
    echo: u32,
    known_echo: u32,
    /// Its next IPv4 identification.
    id: u16,
    pub(crate) hop_limit: u8,
    /// The last segment that took up room in its stream.
    pub(crate) last: Vec<Sent>,
    /// The last segment of any kind.
    pub(crate) latest: Option<Sent>,
}

/// A segment that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) flags: u8,
    pub(crate) seq: u64,
    pub(crate) ack: u64,
    pub(crate) payload: Vec<u8>,
    /// Its IP packet, for ICMP errors to quote.
    pub(crate) packet: Vec<u8>,
}

impl Sent {
    /// The place behind it.
    pub(crate) fn end(&self) -> u64 {
        self.seq
            + self.payload.len() as u64
            + u64::from(self.flags & SYN != 0)
            + u64::from(self.flags & FIN != 0)
    }
}

impl Host {
    /// A host before its first packet. Where the ladder shows no SYN of a side, that side's SYN was before.
    pub(crate) fn new(
        side: Side,
        settings: &Settings,
        end: End,
        syn: bool,
        other_syn: bool,
        dice: &mut Dice,
    ) -> Self {
        let bytes = octets(end.ip);
        let mut mac = [2, 0, 0, 0, 0, 0];
        for (to, from) in mac.iter_mut().rev().zip(bytes.iter().rev().take(4)) {
            *to = *from;
        }
        let received = u64::from(!other_syn);
        Self {
            end,
            mac,
            isn: dice.word(),
            next: u64::from(!syn),
            finished: false,
            received,
            known: received,
            held: Vec::new(),
            window: if side == Side::Client { 502 } else { 509 },
            clock: dice.word(),
            echo: 0,
            known_echo: 0,
            id: dice.half(),
            hop_limit: settings.hop_limits()[side],
            last: Vec::new(),
            latest: None,
        }
    }

    /// Takes in a segment of the other side.
    pub(crate) fn receive(&mut self, sent: &Sent, timestamp: Option<u32>) {
        if sent.flags & RST != 0 {
            return;
        }
        self.held.push((sent.seq, sent.end()));
        while let Some(at) =
            self.held.iter().position(|(from, to)| *from <= self.received && *to > self.received)
        {
            self.received = self.held.swap_remove(at).1;
        }
        if let Some(timestamp) = timestamp {
            self.echo = timestamp;
        }
    }

    /// What it acknowledges now: all that it has, or what it had when it last sent something.
    pub(crate) fn acknowledges(&mut self, crossing: bool, fields: Fields) -> (u64, u32) {
        if !crossing {
            self.known = self.received;
            self.known_echo = self.echo;
        }
        (place(fields.ack, self.known), self.known_echo)
    }

    /// Its timestamp clock after so many nanoseconds.
    #[expect(clippy::cast_possible_truncation, reason = "TCP's timestamp clock wraps around")]
    pub(crate) const fn clock(&self, nanos: u64) -> u32 {
        self.clock.wrapping_add((nanos / 1_000_000) as u32)
    }

    /// Its next IPv4 identification.
    pub(crate) const fn identification(&mut self) -> u16 {
        self.id = self.id.wrapping_add(1);
        self.id
    }

    /// Remembers what it sent.
    pub(crate) fn remember(&mut self, sent: &Sent) {
        // A RST takes up no room, and what is set by hand beyond the next place leaves the stream where it was.
        if sent.flags & RST == 0 && sent.seq <= self.next {
            self.next = self.next.max(sent.end());
        }
        self.finished |= sent.flags & FIN != 0;
        self.latest = Some(sent.clone());
    }
}

/// A field as the story sets it, else as the kernel would.
pub(crate) fn place(by_hand: Option<Place>, kernel: u64) -> u64 {
    match by_hand {
        None => kernel,
        Some(Place::At(place)) => u64::from(place),
        Some(Place::Shift(by)) => kernel.saturating_add_signed(i64::from(by)),
    }
}

/// Whether a segment with these flags acknowledges something.
pub(crate) const fn acknowledging(flags: u8) -> bool {
    flags & ACK != 0
}
