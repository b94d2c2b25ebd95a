//! One connection's bytes on their way to what the conversation is.

use crate::dismissal::{Dismissal, dismissal};
use crate::exchange::Exchange;
use crate::farewell::Farewells;
use crate::opening::{self, First};
use crate::sniff::{self, Answer, Begins};
use crate::talk::Talk;
use crate::tls::{self, Session};
use crate::{Opening, Place, Spoken, Summary};
use hangup_wire::tls::ContentType;
use hangup_wire::{PerSide, Side};

/// A side's bytes are looked through for the middle of a TLS session up to this offset.
const SEARCHED: u64 = 256 * 1024;

/// A side's bytes are looked through for a hello behind text up to this offset.
const UPGRADES: u64 = 16 * 1024;

/// The protocol shows by the first so many turns of each side.
const INTRODUCTION: u32 = 2;

/// First byte of MQTT's CONNECT (MQTT 5 §2.1, §3.1).
const MQTT_CONNECT: u8 = 0x10;

/// The conversation of one connection: two words until the first byte is heard.
#[derive(Clone, Debug, Default)]
pub struct Conversation(State);

#[derive(Clone, Debug, Default)]
enum State {
    #[default]
    Silent,
    Plain(Box<Plain>),
    Tls(Box<Secure>),
}

/// A conversation that is not known to be TLS.
#[derive(Clone, Debug, Default)]
struct Plain {
    mode: Mode,
    first: PerSide<First>,
    talk: Talk,
    carry: PerSide<Option<Box<Carry>>>,
    exchange: Option<Box<Exchange>>,
    /// The server said in HTTP that it wants TLS.
    wants_tls: bool,
    /// The last words of a side, where they end the session.
    dismissal: PerSide<Option<Box<Dismissal>>>,
    /// Where the protocol is known to have farewells.
    farewells: Option<Box<Farewells>>,
}

/// A TLS session, and what came before it.
#[derive(Clone, Debug)]
struct Secure {
    session: Session,
    /// What each side's first bytes look like.
    looks: PerSide<Option<Opening>>,
    /// Where a side began with too few bytes to tell: those.
    short: Option<Box<PerSide<First>>>,
    /// What came before TLS.
    before: Option<Box<Before>>,
}

/// What came before TLS.
#[derive(Clone, Debug)]
struct Before {
    protocol: Option<&'static str>,
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
    Http,
}

/// The start of a segment that was too short to tell what begins.
#[derive(Clone, Debug, Default)]
struct Carry {
    bytes: [u8; sniff::ENOUGH],
    length: u8,
    first: bool,
    place: Place,
}

impl Conversation {
    /// Asks the processor for what the next bytes will touch: a hint, which changes nothing.
    #[inline]
    pub fn ask(&self) {
        match &self.0 {
            State::Silent => {}
            State::Plain(plain) => hangup_prefetch::all(&**plain),
            State::Tls(secure) => hangup_prefetch::all(&**secure),
        }
    }

    /// The same for what lies behind that, once it is there.
    #[inline]
    pub fn ask_further(&self) {
        match &self.0 {
            State::Silent => {}
            State::Plain(plain) => {
                plain.talk.ask();
                if let Some(exchange) = plain.exchange.as_deref() {
                    hangup_prefetch::all(exchange);
                }
            }
            State::Tls(secure) => secure.session.talk.ask(),
        }
    }

    /// How much memory it takes beyond itself, roughly: what is large is counted.
    pub fn kept(&self) -> usize {
        let exchange = |exchange: &Option<Box<Exchange>>| {
            exchange.as_ref().map_or(0, |exchange| size_of::<Exchange>() + exchange.kept())
        };
        match &self.0 {
            State::Silent => 0,
            State::Plain(plain) => {
                let session = match &plain.mode {
                    Mode::Perhaps(session) => size_of::<Session>() + session.kept(),
                    Mode::Open | Mode::Http => 0,
                };
                size_of::<Plain>() + session + exchange(&plain.exchange) + plain.talk.kept()
            }
            State::Tls(secure) => {
                let before = secure.before.as_ref().map_or(0, |before| exchange(&before.exchange));
                let boxes = size_of::<Secure>()
                    + secure.before.as_deref().map_or(0, size_of_val)
                    + secure.short.as_deref().map_or(0, size_of_val);
                boxes + secure.session.kept() + before
            }
        }
    }

    /// The next bytes of `side`: in order, each once, and no more than one segment's.
    #[inline]
    pub fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
        if bytes.is_empty() {
            return;
        }
        match &mut self.0 {
            State::Tls(secure) => secure.bytes(side, bytes, place),
            _ => self.plain_bytes(side, bytes, place),
        }
    }

    fn plain_bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
        let secure = match &mut self.0 {
            // Most begin so: with a hello, and nothing before it.
            State::Silent if sniff::begins(bytes, true) == Answer::Yes(Begins::Tls) => {
                let mut secure = Box::new(Secure::new(Session::from_start()));
                secure.bytes(side, bytes, place);
                Some(secure)
            }
            State::Silent => {
                let mut plain = Box::<Plain>::default();
                let secure = plain.bytes(side, bytes, place);
                self.0 = State::Plain(plain);
                secure
            }
            State::Plain(plain) => plain.bytes(side, bytes, place),
            State::Tls(_) => None,
        };
        if let Some(secure) = secure {
            self.0 = State::Tls(secure);
        }
    }

    /// The next `missing` bytes of `side` are not in the capture.
    pub fn gap(&mut self, side: Side, missing: u64, place: &Place) {
        match &mut self.0 {
            State::Silent => self.0 = State::Plain(Box::default()),
            State::Plain(plain) => plain.gap(side, missing, place),
            State::Tls(secure) => secure.session.gap(side, missing, place),
        }
    }

    /// Who sent a TLS client's hello, and so is the client, whatever the packets suggest.
    pub fn client_hello_from(&self) -> Option<Side> {
        let State::Tls(secure) = &self.0 else { return None };
        secure.session.hello_from()
    }

    /// What is known.
    pub fn end(self) -> Summary {
        match self.0 {
            State::Silent => Summary::default(),
            State::Plain(plain) => plain.end(),
            State::Tls(secure) => secure.end(),
        }
    }
}

impl Secure {
    fn new(session: Session) -> Self {
        Self { session, looks: PerSide::default(), short: None, before: None }
    }

    #[inline]
    fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
        if self.looks[side].is_none() || self.short.is_some() {
            self.look(side, bytes);
        }
        self.session.feed(side, bytes, place);
    }

    /// What a side begins with shows in its first record.
    fn look(&mut self, side: Side, bytes: &[u8]) {
        if Side::BOTH.iter().all(|&side| self.session.has_record(side)) {
            self.short = None;
        }
        let held = self.short.as_ref().map(|short| short[side]).filter(|first| !first.get().is_empty());
        let began_long = self.looks[side].is_some() && held.is_none();
        if began_long || self.session.has_record(side) {
            return;
        }
        let mut first = held.unwrap_or_default();
        first.add(bytes);
        self.looks[side] = first.looks();
        if held.is_some() || !first.is_full() {
            self.short.get_or_insert_default()[side] = first;
        }
    }

    fn end(mut self) -> Summary {
        let exchange = self.before.as_ref().and_then(|before| before.exchange.as_ref());
        let http = exchange.map(|exchange| Box::new(exchange.summary()));
        Summary {
            protocol: Some("tls"),
            upgraded_from: self.before.as_ref().and_then(|before| before.protocol),
            opening: self.looks,
            at_odds: None,
            half_sent: PerSide::from_fn(|side| self.session.missing(side)),
            promised_beat: None,
            talk: std::mem::take(&mut self.session.talk),
            tls: Some(Box::new(self.session.summary())),
            dismissal: PerSide::default(),
            farewell: PerSide::default(),
            http,
        }
    }
}

impl Plain {
    fn gap(&mut self, side: Side, missing: u64, place: &Place) {
        self.carry[side] = None;
        if let Some(farewells) = &mut self.farewells {
            farewells.gap(side, missing);
        }
        match &mut self.mode {
            Mode::Perhaps(session) => session.gap(side, missing, place),
            Mode::Http => {
                if let Some(exchange) = &mut self.exchange {
                    exchange.gap(side, missing);
                }
            }
            Mode::Open => {}
        }
    }

    fn end(self) -> Summary {
        Summary {
            protocol: self.exchange.as_ref().map(|_| "http").or_else(|| opening::protocol(&self.first)),
            upgraded_from: None,
            opening: PerSide::from_fn(|side| self.first[side].looks()),
            at_odds: if self.wants_tls { Some(("HTTP", "TLS")) } else { opening::at_odds(&self.first) },
            talk: self.talk,
            half_sent: match (&self.mode, &self.exchange) {
                (Mode::Http, Some(exchange)) => PerSide::from_fn(|side| exchange.missing(side)),
                _ => PerSide::default(),
            },
            promised_beat: opening::promised_beat(self.first[Side::Client].get()),
            tls: None,
            dismissal: self.dismissal,
            farewell: self.farewells.map(|farewells| farewells.said()).unwrap_or_default(),
            http: self.exchange.as_ref().map(|exchange| Box::new(exchange.summary())),
        }
    }

    /// Bytes that are not known to be TLS; gives the session where they are.
    fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) -> Option<Box<Secure>> {
        self.first[side].add(bytes);
        let first = self.talk.first[side].is_none();
        let turn = self.talk.last_speaker != Some(side);
        self.talk.heard(side, Spoken::segment(bytes.len(), place));
        if matches!(self.mode, Mode::Http) {
            return self.http(side, bytes, place, first);
        }
        let mqtt = self.first[side.other()].get().first() == Some(&MQTT_CONNECT);
        self.dismissal[side] = dismissal(bytes, place.at, mqtt).map(Box::new);
        self.listen(side, bytes, turn, place);
        if let Mode::Perhaps(session) = &mut self.mode {
            session.feed(side, bytes, place);
        }
        if let Some(mut carry) = self.carry[side].take() {
            let before = usize::from(carry.length);
            carry.add(bytes);
            match sniff::begins(carry.get(), carry.first) {
                Answer::Yes(begins) => {
                    let held = carry.get().get(..before).unwrap_or_default();
                    return self.begin(side, begins, carry.first, &[(held, &carry.place), (bytes, place)]);
                }
                Answer::More if usize::from(carry.length) == before + bytes.len() => {
                    self.carry[side] = Some(carry);
                    return None;
                }
                _ => {}
            }
        }
        match sniff::begins(bytes, first) {
            Answer::Yes(begins) => return self.begin(side, begins, first, &[(bytes, place)]),
            Answer::More if bytes.len() < sniff::ENOUGH => {
                self.carry[side] = Some(Box::new(Carry::new(bytes, first, place)));
            }
            _ => {}
        }
        self.look_inside(side, bytes, place)
    }

    /// Listens for a farewell, in a protocol that has one.
    fn listen(&mut self, side: Side, bytes: &[u8], turn: bool, place: &Place) {
        let turns = &self.talk.turns;
        if turn && self.farewells.is_none() && turns.client <= INTRODUCTION && turns.server <= INTRODUCTION {
            self.farewells = opening::protocol(&self.first).and_then(Farewells::of).map(Box::new);
        }
        if let Some(farewells) = &mut self.farewells {
            farewells.hear(side, bytes, turn, place.at);
        }
    }

    /// Looks for TLS that does not begin where the segment does: behind text, or in the middle of a session.
    fn look_inside(&mut self, side: Side, bytes: &[u8], place: &Place) -> Option<Box<Secure>> {
        let heard = self.talk.bytes[side];
        if heard <= UPGRADES
            && let Some(at) = sniff::embedded_hello(bytes)
        {
            let rest = bytes.get(at..).unwrap_or_default();
            return self.begin(side, Begins::Tls, false, &[(rest, &place.further(at))]);
        }
        if let Mode::Perhaps(session) = &mut self.mode {
            if session.is_certain() {
                let Mode::Perhaps(session) = std::mem::take(&mut self.mode) else { return None };
                return Some(self.hand_over(*session, None));
            }
            if session.is_lost() {
                self.mode = Mode::Open;
            }
            return None;
        }
        let searched = heard <= SEARCHED && self.first[side].looks() != Some(Opening::Text);
        if searched && tls::search(bytes).is_some() && opening::protocol(&self.first).is_none() {
            let mut session = Session::from_middle();
            session.feed(side, bytes, place);
            if session.is_certain() {
                return Some(self.hand_over(session, None));
            }
            self.mode = Mode::Perhaps(Box::new(session));
        }
        None
    }

    /// Something begins with `parts` of what `side` says.
    fn begin(
        &mut self,
        side: Side,
        begins: Begins,
        first: bool,
        parts: &[(&[u8], &Place)],
    ) -> Option<Box<Secure>> {
        // What else begins there is something else, such as PostgreSQL's one-byte consent.
        let other = self.carry[side.other()]
            .take()
            .filter(|other| other.get().first() == Some(&ContentType::HANDSHAKE.0));
        let session = match begins {
            Begins::Http => {
                self.mode = Mode::Http;
                self.exchange = Some(Box::default());
                let mut secure = None;
                for (bytes, place) in parts {
                    secure = secure.or(self.http(side, bytes, place, first));
                }
                return secure;
            }
            Begins::Tls => Session::from_start(),
            Begins::Alert => Session::refusing(side),
            Begins::Sslv2(length) => Session::after_sslv2(side, length),
            Begins::InsideTds => Session::inside_tds(),
        };
        let alone =
            self.talk.first[side.other()].is_none() || other.as_ref().is_some_and(|other| other.first);
        let via = (begins != Begins::Alert && !(first && alone)).then(|| {
            let before = self.exchange.as_ref().map(|_| "http");
            before.or_else(|| opening::protocol(&self.first)).unwrap_or("unknown")
        });
        let mut secure = self.hand_over(session, via);
        // What the other side had begun to say is part of it.
        if let Some(other) = other {
            secure.session.feed(side.other(), other.get(), &other.place);
        }
        for (bytes, place) in parts {
            secure.session.feed(side, bytes, place);
        }
        Some(secure)
    }

    /// The session, with what came before it.
    fn hand_over(&mut self, session: Session, via: Option<&'static str>) -> Box<Secure> {
        let mut secure = Box::new(Secure::new(session));
        secure.looks = PerSide::from_fn(|side| self.first[side].looks());
        let short = |side: Side| !self.first[side].get().is_empty() && !self.first[side].is_full();
        secure.short = Side::BOTH.into_iter().any(short).then(|| Box::new(self.first));
        if via.is_some() || self.exchange.is_some() {
            secure.before = Some(Box::new(Before { protocol: via, exchange: self.exchange.take() }));
        }
        secure
    }

    /// Bytes of HTTP, or of what it hands over to.
    fn http(&mut self, side: Side, bytes: &[u8], place: &Place, first: bool) -> Option<Box<Secure>> {
        let exchange = self.exchange.as_mut()?;
        let between = exchange.is_between(side) && matches!(bytes, [21 | 22, ..]);
        let carry = self.carry[side].take();
        if carry.is_some() || between {
            let mut carry = carry.unwrap_or_else(|| Box::new(Carry::new(&[], first, place)));
            let before = usize::from(carry.length);
            carry.add(bytes);
            let held = carry.get().get(..before).unwrap_or_default();
            match sniff::begins(carry.get(), carry.first) {
                Answer::Yes(begins @ (Begins::Tls | Begins::Alert)) => {
                    return self.begin(side, begins, carry.first, &[(held, &carry.place), (bytes, place)]);
                }
                Answer::More if usize::from(carry.length) == before + bytes.len() => {
                    self.carry[side] = Some(carry);
                    return None;
                }
                _ => exchange.feed(side, held),
            }
        }
        self.wants_tls |= first && opening::wants_tls(bytes);
        exchange.feed(side, bytes);
        if exchange.handed_over() {
            self.farewells = exchange.to_websocket().then(|| Box::new(Farewells::of_websocket()));
            self.mode = Mode::Open;
        }
        None
    }
}

impl Carry {
    fn new(bytes: &[u8], first: bool, place: &Place) -> Self {
        let mut carry = Self { first, place: *place, ..Self::default() };
        carry.add(bytes);
        carry
    }

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

#[cfg(test)]
mod tests {
    use super::{Exchange, Plain, Secure};

    /// A million conversations may be open at a time, and memory for one is given in sizes of 320, 384, 448, 512, 640 bytes.
    #[test]
    fn conversations_stay_small() {
        assert!(size_of::<Secure>() <= 512, "{}", size_of::<Secure>());
        assert!(size_of::<Plain>() <= 320, "{}", size_of::<Plain>());
        assert!(size_of::<Exchange>() <= 128, "{}", size_of::<Exchange>());
    }
}
