//! A TLS session followed from outside: records, the handshake as far as it is in clear, alerts.

mod alerts;
mod framing;
mod half;
mod hello;
mod hidden;
mod ja4;
mod names;
mod reassembly;
mod tds;

pub(crate) use framing::search;

use crate::talk::Talk;
use crate::{AlertPosition, Handshake, Message, Place, Shown, Spoken, Tls};
use framing::{Framing, Hole, Piece};
use half::Half;
use hangup_wire::tls::{
    AlertLengths, CipherSuite, ContentType, HandshakeType, MessageHeader, Protection, ProtocolVersion,
};
use hangup_wire::{Moment, PerSide, Side};
use hello::Hello;
use names::Name;
use reassembly::Reassembly;

/// Handshake messages that are listed.
const MESSAGES: usize = 32;

/// From so many bytes on a certificate is read before it is whole: most issuers end before that.
const CERTIFICATE: usize = 1024;

/// A TLS session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    halves: PerSide<Half>,
    /// What it is wrapped in, where anything.
    wrap: Option<Box<Wrap>>,
    /// Boxed: most of it is read once, when the connection has ended.
    hello: Box<Hello>,
    hello_from: Option<Side>,
    version: Option<ProtocolVersion>,
    /// Record types show that it is TLS 1.2 or before.
    old: bool,
    cipher: Option<CipherSuite>,
    protection: Option<Protection>,
    encrypt_then_mac: bool,
    compressed: bool,
    resumed: Option<bool>,
    retry_requested: bool,
    flight: Flight,
    messages: Vec<Message>,
    messages_left_out: u32,
    alerts: Option<Box<alerts::Alerts>>,
    pub(crate) talk: Talk,
}

/// What a session begins inside.
#[derive(Clone, Debug)]
enum Wrap {
    /// Packets of TDS.
    Tds(PerSide<tds::Unwrap>),
    /// An SSL 2.0 hello: its sender, how many bytes of it are still to come, and what has come.
    Sslv2(Side, u16, Vec<u8>),
}

/// The client's last flight: its certificate, its protected records of TLS 1.3 until its Finished, and the tickets
/// that answer it.
#[derive(Clone, Debug, Default)]
struct Flight {
    records: u32,
    frame: u64,
    finished_at: i64,
    /// Offset behind the client's Finished in its stream, 0 where that does not show.
    finished_end: u64,
    ticket_length: u16,
    /// The server's own Finished was in its flight, in a record of its own.
    server_finished: bool,
    /// Tickets stood behind it, so that none comes later.
    early_tickets: bool,
    /// What few sessions have.
    rare: Option<Box<Rare>>,
}

/// What few clients' last flights have, or bring about.
#[derive(Clone, Copy, Debug, Default)]
struct Rare {
    /// The record taken for a ticket that may as well be the answer.
    doubtful: Option<Moment>,
    /// The client's certificate, in clear or not.
    certificate: Option<Shown>,
}

impl Flight {
    fn rare(&self) -> Rare {
        self.rare.as_deref().copied().unwrap_or_default()
    }
}

impl Session {
    /// A session of which the next byte of each side is the first.
    pub(crate) fn from_start() -> Self {
        Self::new(PerSide::from_fn(|_| Half::new(Framing::from_start())))
    }

    /// A session in the middle of which the capture begins.
    pub(crate) fn from_middle() -> Self {
        Self::new(PerSide::from_fn(|_| Half::new(Framing::from_middle())))
    }

    /// A session whose handshake is wrapped in packets of TDS.
    pub(crate) fn inside_tds() -> Self {
        Self { wrap: Some(Box::new(Wrap::Tds(PerSide::default()))), ..Self::from_start() }
    }

    /// A session that is no more than `side`'s alert in answer to something else.
    pub(crate) fn refusing(side: Side) -> Self {
        let mut session = Self::from_start();
        session.halves[side.other()].framing.foreign = true;
        session.halves[side.other()].framing.stop();
        session
    }

    /// A session that `side` begins with an SSL 2.0 message of `length` bytes behind its two of header.
    pub(crate) fn after_sslv2(side: Side, length: u16) -> Self {
        let hello = Wrap::Sslv2(side, length.saturating_add(2), Vec::new());
        Self { wrap: Some(Box::new(hello)), ..Self::from_start() }
    }

    /// How much memory it takes beyond itself.
    pub(crate) fn kept(&self) -> usize {
        let halves: usize = Side::BOTH.iter().map(|&side| self.halves[side].kept()).sum();
        let boxes = size_of::<Hello>()
            + self.wrap.as_deref().map_or(0, size_of_val)
            + self.flight.rare.as_deref().map_or(0, size_of_val)
            + self.alerts.as_deref().map_or(0, size_of_val);
        let alerts = self.alerts.as_ref().map_or(0, |alerts| alerts.shown.capacity());
        let lists = self.messages.capacity() * size_of::<Message>() + alerts * size_of::<alerts::Shown>();
        let sslv2 = match self.wrap.as_deref() {
            Some(Wrap::Sslv2(_, _, hello)) => hello.capacity(),
            Some(Wrap::Tds(_)) | None => 0,
        };
        boxes + lists + sslv2 + halves + self.hello.kept() + self.talk.kept()
    }

    fn new(halves: PerSide<Half>) -> Self {
        Self {
            halves,
            wrap: None,
            hello: Box::default(),
            hello_from: None,
            version: None,
            old: false,
            cipher: None,
            protection: None,
            encrypt_then_mac: false,
            compressed: false,
            resumed: None,
            retry_requested: false,
            flight: Flight::default(),
            messages: Vec::new(),
            messages_left_out: 0,
            alerts: None,
            talk: Talk::default(),
        }
    }

    /// The next bytes of `side`.
    #[inline]
    pub(crate) fn feed(&mut self, side: Side, bytes: &[u8], place: &Place) {
        if self.wrap.is_none() {
            self.records(side, bytes, place);
        } else {
            self.wrapped(side, bytes, place);
        }
    }

    /// `missing` bytes of `side` are not in the capture.
    pub(crate) fn gap(&mut self, side: Side, missing: u64, place: &Place) {
        match self.wrap.as_deref_mut() {
            Some(Wrap::Tds(tds)) => {
                let known = tds[side].gap(missing);
                if !known {
                    self.halves[side].framing.stop();
                    return;
                }
            }
            Some(&mut Wrap::Sslv2(from, left, _)) if from == side => {
                self.wrap = None;
                if missing == u64::from(left) {
                    return;
                }
            }
            _ => {}
        }
        self.read_partial(side);
        match self.halves[side].framing.gap(missing) {
            Hole::Inside => self.halves[side].torn = true,
            Hole::ToTheEnd(header) => {
                self.halves[side].torn = true;
                let place = place.further(usize::try_from(missing).unwrap_or(usize::MAX));
                self.whole(side, Record::of(header, &place));
            }
            Hole::Broken => {
                self.halves[side].torn = false;
                self.halves[side].split_alert = None;
            }
        }
    }

    /// Two headers agreed on some side: this is TLS.
    pub(crate) fn is_certain(&self) -> bool {
        Side::BOTH.iter().any(|&side| self.halves[side].framing.agreed)
    }

    /// No side follows a chain of records.
    pub(crate) fn is_lost(&self) -> bool {
        Side::BOTH.iter().all(|&side| self.halves[side].framing.is_lost())
    }

    /// `side` has sent a whole record.
    #[inline]
    pub(crate) fn has_record(&self, side: Side) -> bool {
        self.halves[side].framing.records > 0
    }

    /// Who sent the client's hello.
    pub(crate) const fn hello_from(&self) -> Option<Side> {
        self.hello_from
    }

    /// Bytes at least missing from the record that `side` had begun.
    pub(crate) fn missing(&self, side: Side) -> Option<u64> {
        self.halves[side].framing.missing()
    }

    /// The facts.
    pub(crate) fn summary(mut self) -> Tls {
        let mut alerts = self.listed_alerts();
        alerts.extend(self.suspects());
        alerts.sort_by_key(|alert| alert.at.time);
        let (handshake, before_tls13) = (self.handshake(), self.before_tls13());
        let mut hello = std::mem::take(&mut *self.hello);
        let rare = self.flight.rare();
        if hello.is_empty() {
            // A hello that the capture cuts still names the server.
            for side in Side::BOTH {
                let messages = self.halves[side].messages.as_deref();
                if let Some((HandshakeType::CLIENT_HELLO, body)) = messages.and_then(Reassembly::partial) {
                    hello.be(Hello::of_client(body).unwrap_or_default());
                }
            }
        }
        let name = |name| hello.names.get(name).map(Into::into);
        Tls {
            version: self.version,
            before_tls13,
            cipher: self.cipher,
            encrypt_then_mac: self.encrypt_then_mac,
            sni: name(Name::Sni),
            alpn: name(Name::Chosen).or_else(|| name(Name::OnlyOffer)),
            offers_h2: hello.offers_h2,
            ja4: name(Name::Ja4),
            resumed: self.resumed,
            retry_requested: self.retry_requested,
            early_data: hello.early_data,
            perhaps_answer: rare.doubtful,
            issuer: name(Name::Issuer),
            client_certificate: rare.certificate,
            handshake,
            messages: self.messages,
            messages_left_out: self.messages_left_out,
            alerts,
            alerts_left_out: self.alerts.map_or(0, |alerts| alerts.left_out),
            sides: PerSide::from_fn(|side| self.halves[side].summary()),
            inside_tds: matches!(self.wrap.as_deref(), Some(Wrap::Tds(_))),
        }
    }

    #[inline]
    fn records(&mut self, side: Side, bytes: &[u8], place: &Place) {
        let mut input = bytes;
        while !input.is_empty()
            && let Some(piece) = self.halves[side].framing.next(&mut input)
        {
            let place = place.further(bytes.len() - input.len());
            self.piece(side, piece, &place);
        }
        if self.halves[side].framing.foreign && self.halves[side].framing.is_lost() {
            self.not_a_record(side);
        }
    }

    #[inline]
    fn piece(&mut self, side: Side, piece: Piece<'_>, end: &Place) {
        match piece.header.content_type {
            ContentType::HANDSHAKE if !self.halves[side].encrypted => self.read(side, piece.body, end),
            ContentType::ALERT => self.halves[side].collect(piece.body, piece.begins),
            _ => {}
        }
        if piece.ends {
            self.whole(side, Record::of(piece.header, end));
        }
    }

    /// A record is whole.
    fn whole(&mut self, side: Side, record: Record) {
        let tls13 = self.is_tls13();
        let half = &mut self.halves[side];
        match record.kind {
            ContentType::APPLICATION_DATA => {
                half.content = half.content.saturating_add(1);
                if self.before_tls13() { self.data(side, record) } else { self.hidden(side, record) }
            }
            ContentType::HANDSHAKE => {
                half.content = half.content.saturating_add(1);
                half.last_handshake = Some(record.at);
                if half.encrypted {
                    half.finished = true;
                    // In TLS 1.3 no handshake record shows its type once it is encrypted.
                    self.must_be_old();
                }
            }
            ContentType::CHANGE_CIPHER_SPEC if !tls13 => {
                half.encrypted = true;
                let resumed = side != self.client() && self.version.is_some() && self.resumed.is_none();
                if resumed {
                    // The server had nothing to prove: it knows the client's session.
                    self.resumed = Some(true);
                }
            }
            ContentType::ALERT => self.alert(side, record),
            _ => {}
        }
    }

    /// Application data.
    #[inline]
    fn data(&mut self, side: Side, record: Record) {
        self.halves[side].data(record);
        let spoken = Spoken::new(record.at, record.length.into(), record.end, record.ack);
        self.talk.heard(side, spoken);
    }

    /// Bytes of handshake messages in clear.
    fn read(&mut self, side: Side, bytes: &[u8], place: &Place) {
        let kept = self.halves[side].messages.take();
        let mut messages = kept.map_or_else(Reassembly::default, |kept| *kept);
        let read = messages.feed(bytes, |header, body| self.message(side, header, body, place));
        // Of the server's certificate only the issuer matters, which stands at its start: the rest need not be kept.
        if let Some((HandshakeType::CERTIFICATE, start)) = messages.partial()
            && start.len() >= CERTIFICATE
            && self.hello_from.is_some_and(|client| client != side)
            && hello::has_issuer(start)
        {
            self.resumed = Some(false);
            self.certificate(start);
            messages.spend();
        }
        let half = &mut self.halves[side];
        half.messages = messages.is_under_way().then(|| Box::new(messages));
        // Not in clear after all: the change to encryption was not captured. Or the rest of a torn message.
        half.encrypted |= read.is_err() && !half.torn;
    }

    fn message(&mut self, side: Side, header: MessageHeader, body: &[u8], place: &Place) {
        if self.messages.len() < MESSAGES {
            let (kind, length) = (header.kind, header.length);
            if self.messages.len() == self.messages.capacity() {
                // In TLS 1.3 the two hellos are all that shows; before, mostly six.
                self.messages.reserve_exact(if self.messages.is_empty() { 2 } else { 4 });
            }
            self.messages.push(Message { kind, side, length, at: place.at });
        } else {
            self.messages_left_out += 1;
        }
        match header.kind {
            HandshakeType::CLIENT_HELLO => self.client_hello(side, body),
            HandshakeType::SERVER_HELLO => self.server_hello(side, body),
            HandshakeType::HELLO_RETRY_REQUEST => self.retry_requested = true,
            HandshakeType::CERTIFICATE if side == self.client() => {
                let shown = Shown { at: place.at, empty: header.length <= 3 };
                self.flight.rare.get_or_insert_default().certificate.get_or_insert(shown);
            }
            HandshakeType::CERTIFICATE => {
                self.resumed = Some(false);
                self.certificate(body);
            }
            HandshakeType::SERVER_KEY_EXCHANGE | HandshakeType::SERVER_HELLO_DONE => {
                self.resumed = Some(false);
            }
            _ => {}
        }
    }

    fn is_tls13(&self) -> bool {
        self.version.is_some_and(ProtocolVersion::is_tls13)
    }

    fn before_tls13(&self) -> bool {
        self.old || self.version.map_or(self.client_is_old(), |version| !version.is_tls13())
    }

    /// The session shows itself to be of TLS 1.2 or before.
    fn must_be_old(&mut self) {
        if self.version.is_none() && !self.old {
            self.old = true;
            for side in Side::BOTH {
                self.release(side);
            }
        }
    }

    /// The client's side: the sender of the hello, else whoever called.
    fn client(&self) -> Side {
        self.hello_from.unwrap_or(Side::Client)
    }

    fn alert_lengths(&self) -> Option<AlertLengths> {
        Some(self.protection?.alert_lengths(self.version?, self.encrypt_then_mac))
    }

    fn is_complete(&self) -> bool {
        let both = |of: fn(&Half) -> bool| Side::BOTH.iter().all(|&side| of(&self.halves[side]));
        if self.is_tls13() {
            self.halves[self.client()].finished
        } else {
            both(|half| half.finished) || both(|half| half.data_records > 0)
        }
    }

    fn handshake(&self) -> Handshake {
        let stopped = self
            .alerts
            .iter()
            .flat_map(|alerts| &alerts.shown)
            .any(|listed| listed.alert.position == AlertPosition::Handshake && listed.ends());
        let refused = Side::BOTH.iter().any(|&side| {
            self.halves[side].tail.iter().any(|suspect| suspect.position == AlertPosition::InsteadOfFinished)
        });
        if self.messages.is_empty() && self.hello_from.is_none() {
            Handshake::Unseen
        } else if self.is_complete() {
            // Without the server's hello, that it came to an end is all that shows.
            if self.version.is_some() { Handshake::Complete } else { Handshake::Partial }
        } else if stopped || refused {
            Handshake::Failed
        } else if !self.hello.is_empty() && Side::BOTH.iter().all(|&side| self.halves[side].framing.lost == 0)
        {
            Handshake::Begun
        } else {
            Handshake::Partial
        }
    }

    /// Bytes of a session that begins inside something else.
    fn wrapped(&mut self, side: Side, bytes: &[u8], place: &Place) {
        if let Some(Wrap::Sslv2(from, left, hello)) = self.wrap.as_deref_mut()
            && *from == side
        {
            let (part, rest) = bytes.split_at_checked((*left).into()).unwrap_or((bytes, &[]));
            *left -= u16::try_from(part.len()).unwrap_or(*left);
            hello.extend_from_slice(part);
            if *left == 0 {
                let hello = std::mem::take(hello);
                self.wrap = None;
                self.sslv2_hello(side, &hello, place);
            }
            return self.records(side, rest, &place.further(part.len()));
        }
        let mut rest = bytes;
        while !rest.is_empty() && !self.halves[side].framing.is_over() {
            let place = place.further(bytes.len() - rest.len());
            let step = match self.wrap.as_deref_mut() {
                Some(Wrap::Tds(tds)) => tds[side].step(rest),
                _ => tds::Step::Inside(rest),
            };
            let used = match step {
                tds::Step::Inside(inside) => {
                    let left = self.inside(side, inside, &place);
                    inside.len() - left
                }
                tds::Step::Header(length) => length,
                tds::Step::Over => {
                    self.halves[side].framing.stop();
                    0
                }
            };
            rest = rest.get(used..).unwrap_or_default();
        }
        if !rest.is_empty() {
            // Only the login was encrypted: from here on it is plain TDS.
            let place = place.further(bytes.len() - rest.len());
            self.talk.heard(side, Spoken::segment(rest.len(), &place));
        }
    }

    /// Records of a session that may end without a word; gives how many bytes do not belong to it.
    fn inside(&mut self, side: Side, bytes: &[u8], place: &Place) -> usize {
        let mut input = bytes;
        loop {
            let before = input.len();
            if self.halves[side].framing.is_between()
                && matches!(input, [first, ..] if tds::is_packet(*first))
            {
                self.halves[side].framing.stop();
                return before;
            }
            let Some(piece) = self.halves[side].framing.next(&mut input) else { return 0 };
            self.piece(side, piece, &place.further(bytes.len() - input.len()));
        }
    }

    /// Where `side`'s first record should be there is none.
    fn not_a_record(&mut self, side: Side) {
        let [first, _, kind, ..] = self.halves[side].framing.odd_header();
        if self.hello.sslv2 && first & 0x80 != 0 && kind == 4 {
            self.version = Some(ProtocolVersion::SSL_2);
            for side in Side::BOTH {
                self.halves[side].framing.stop();
            }
        }
    }
}

/// A record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Its type as it shows outside.
    pub(crate) kind: ContentType,
    /// Its length field.
    pub(crate) length: u16,
    /// The packet that completes it.
    pub(crate) at: Moment,
    /// Offset behind it in the sender's stream.
    pub(crate) end: u64,
    /// How far that packet acknowledges the other side's stream.
    pub(crate) ack: u64,
}

impl Record {
    /// The record with this header that ends at `end`.
    #[inline]
    fn of(header: hangup_wire::tls::RecordHeader, end: &Place) -> Self {
        Self { kind: header.content_type, length: header.length, at: end.at, end: end.offset, ack: end.ack }
    }
}
