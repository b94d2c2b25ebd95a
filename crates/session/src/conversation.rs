//! One connection's bytes on their way to what the conversation is.

use crate::exchange::Exchange;
use crate::opening::{self, First};
use crate::sniff::{self, Answer, Begins};
use crate::tls::{self, Session};
use crate::{Opening, Place, Spoken, Summary, Talk};
use hangup_wire::tls::ContentType;
use hangup_wire::{PerSide, Side};

/// A side's bytes are looked through for the middle of a TLS session up to this offset.
const SEARCHED: u64 = 256 * 1024;

/// A side's bytes are looked through for a hello behind text up to this offset.
const UPGRADES: u64 = 16 * 1024;

/// The conversation of one connection. One pointer wide until the first byte is heard.
#[derive(Clone, Debug, Default)]
pub struct Conversation(Option<Box<Live>>);

/// A conversation in which something was said.
#[derive(Clone, Debug, Default)]
struct Live {
    first: PerSide<First>,
    talk: Talk,
    carry: PerSide<Carry>,
    mode: Mode,
    /// What was spoken before TLS.
    via: Option<&'static str>,
    exchange: Option<Box<Exchange>>,
}

/// How the bytes are read.
#[derive(Clone, Debug, Default)]
enum Mode {
    /// As nothing known.
    #[default]
    Open,
    /// As what may be the middle of a TLS session.
    Perhaps(Box<Session>),
    Tls(Box<Session>),
    Http,
}

/// The start of a segment that was too short to tell what begins.
#[derive(Clone, Copy, Debug, Default)]
struct Carry {
    bytes: [u8; sniff::ENOUGH],
    length: u8,
    first: bool,
    place: Place,
}

impl Conversation {
    /// The next bytes of `side`: in order, each once, and no more than one segment's.
    #[inline]
    pub fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
        if bytes.is_empty() {
            return;
        }
        let live = self.0.get_or_insert_default();
        live.first[side].add(bytes);
        if let Mode::Tls(session) = &mut live.mode {
            session.feed(side, bytes, place);
        } else {
            live.plain(side, bytes, place);
        }
    }

    /// The next `missing` bytes of `side` are not in the capture.
    pub fn gap(&mut self, side: Side, missing: u64, place: &Place) {
        let live = self.0.get_or_insert_default();
        live.carry[side] = Carry::default();
        match &mut live.mode {
            Mode::Tls(session) | Mode::Perhaps(session) => session.gap(side, missing, place),
            Mode::Http => {
                if let Some(exchange) = &mut live.exchange {
                    exchange.gap(side, missing);
                }
            }
            Mode::Open => {}
        }
    }

    /// Who sent a TLS client's hello, and so is the client, whatever the packets suggest.
    pub fn client_hello_from(&self) -> Option<Side> {
        match &self.0.as_deref()?.mode {
            Mode::Tls(session) => session.hello_from(),
            _ => None,
        }
    }

    /// What is known.
    pub fn end(&self) -> Summary {
        let Some(live) = self.0.as_deref() else { return Summary::default() };
        let opening = PerSide::from_fn(|side| live.first[side].looks());
        let http = live.exchange.as_ref().map(|exchange| Box::new(exchange.summary()));
        match &live.mode {
            Mode::Tls(session) => Summary {
                protocol: Some("tls"),
                upgraded_from: live.via,
                opening,
                talk: session.talk.clone(),
                half_sent: PerSide::from_fn(|side| session.missing(side)),
                tls: Some(Box::new(session.summary())),
                http,
            },
            mode => Summary {
                protocol: live.exchange.as_ref().map(|_| "http").or_else(|| opening::protocol(&live.first)),
                upgraded_from: None,
                opening,
                talk: live.talk.clone(),
                half_sent: match (mode, &live.exchange) {
                    (Mode::Http, Some(exchange)) => PerSide::from_fn(|side| exchange.missing(side)),
                    _ => PerSide::default(),
                },
                tls: None,
                http,
            },
        }
    }
}

impl Live {
    /// Bytes that are not known to be TLS.
    fn plain(&mut self, side: Side, bytes: &[u8], place: &Place) {
        let first = self.talk.first[side].is_none();
        self.talk.heard(side, Spoken::segment(bytes.len(), place));
        if matches!(self.mode, Mode::Http) {
            return self.http(side, bytes, place, first);
        }
        if let Mode::Perhaps(session) = &mut self.mode {
            session.feed(side, bytes, place);
        }
        if self.carry[side].length > 0 {
            let mut carry = std::mem::take(&mut self.carry[side]);
            let before = usize::from(carry.length);
            carry.add(bytes);
            match sniff::begins(carry.get(), carry.first) {
                Answer::Yes(begins) => {
                    let held = carry.get().get(..before).unwrap_or_default();
                    self.begin(side, begins, carry.first, &[(held, &carry.place), (bytes, place)]);
                    return;
                }
                Answer::More if usize::from(carry.length) == before + bytes.len() => {
                    self.carry[side] = carry;
                    return;
                }
                _ => {}
            }
        }
        match sniff::begins(bytes, first) {
            Answer::Yes(begins) => return self.begin(side, begins, first, &[(bytes, place)]),
            Answer::More if bytes.len() < sniff::ENOUGH => {
                let mut carry = Carry { first, place: *place, ..Carry::default() };
                carry.add(bytes);
                self.carry[side] = carry;
            }
            _ => {}
        }
        self.look_inside(side, bytes, place);
    }

    /// Looks for TLS that does not begin where the segment does: behind text, or in the middle of a session.
    fn look_inside(&mut self, side: Side, bytes: &[u8], place: &Place) {
        let heard = self.talk.bytes[side];
        if heard <= UPGRADES
            && let Some(at) = sniff::embedded_hello(bytes)
        {
            let rest = bytes.get(at..).unwrap_or_default();
            return self.begin(side, Begins::Tls, false, &[(rest, &place.further(at))]);
        }
        if let Mode::Perhaps(session) = &mut self.mode {
            if session.is_certain() {
                let Mode::Perhaps(session) = std::mem::take(&mut self.mode) else { return };
                self.mode = Mode::Tls(session);
            } else if session.is_lost() {
                self.mode = Mode::Open;
            }
            return;
        }
        let searched = heard <= SEARCHED && self.first[side].looks() != Some(Opening::Text);
        if searched && tls::search(bytes).is_some() && opening::protocol(&self.first).is_none() {
            let mut session = Box::new(Session::from_middle());
            session.feed(side, bytes, place);
            self.mode = if session.is_certain() { Mode::Tls(session) } else { Mode::Perhaps(session) };
        }
    }

    /// Something begins with `parts` of what `side` says.
    fn begin(&mut self, side: Side, begins: Begins, first: bool, parts: &[(&[u8], &Place)]) {
        let mut other = std::mem::take(&mut self.carry[side.other()]);
        if other.get().first() != Some(&ContentType::HANDSHAKE.0) {
            // The start of something else, such as PostgreSQL's one-byte consent.
            other = Carry::default();
        }
        let mut session = match begins {
            Begins::Http => {
                self.mode = Mode::Http;
                self.exchange = Some(Box::default());
                for (bytes, place) in parts {
                    self.http(side, bytes, place, first);
                }
                return;
            }
            Begins::Tls => Session::from_start(),
            Begins::Alert => Session::refusing(side),
            Begins::Sslv2(length) => Session::after_sslv2(side, length),
            Begins::InsideTds => Session::inside_tds(),
        };
        let alone = self.talk.first[side.other()].is_none() || (other.length > 0 && other.first);
        if begins != Begins::Alert && !(first && alone) {
            let before = self.exchange.as_ref().map(|_| "http");
            self.via = before.or_else(|| opening::protocol(&self.first)).or(Some("unknown"));
        }
        // What the other side had begun to say is part of it.
        if other.length > 0 {
            session.feed(side.other(), other.get(), &other.place);
        }
        for (bytes, place) in parts {
            session.feed(side, bytes, place);
        }
        self.mode = Mode::Tls(Box::new(session));
    }

    /// Bytes of HTTP, or of what it hands over to.
    fn http(&mut self, side: Side, bytes: &[u8], place: &Place, first: bool) {
        let Some(exchange) = &mut self.exchange else { return };
        let between = exchange.is_between(side) && matches!(bytes, [21 | 22, ..]);
        if self.carry[side].length > 0 || between {
            let mut carry = std::mem::take(&mut self.carry[side]);
            if carry.length == 0 {
                carry = Carry { first, place: *place, ..Carry::default() };
            }
            let before = usize::from(carry.length);
            carry.add(bytes);
            let held = carry.get().get(..before).unwrap_or_default();
            match sniff::begins(carry.get(), carry.first) {
                Answer::Yes(begins @ (Begins::Tls | Begins::Alert)) => {
                    return self.begin(side, begins, carry.first, &[(held, &carry.place), (bytes, place)]);
                }
                Answer::More if usize::from(carry.length) == before + bytes.len() => {
                    self.carry[side] = carry;
                    return;
                }
                _ => exchange.feed(side, held),
            }
        }
        exchange.feed(side, bytes);
        if exchange.handed_over() {
            self.mode = Mode::Open;
        }
    }
}

impl Carry {
    /// Takes what still fits.
    fn add(&mut self, bytes: &[u8]) {
        for (slot, &byte) in self.bytes.iter_mut().skip(self.length.into()).zip(bytes) {
            *slot = byte;
            self.length += 1;
        }
    }

    fn get(&self) -> &[u8] {
        self.bytes.get(..self.length.into()).unwrap_or_default()
    }
}
