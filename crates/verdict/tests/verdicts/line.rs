//! A connection told packet by packet, made into facts as a tracker would.

use hangup_verdict::{
    Act, ActKind, AlertAct, AlertSeen, Baselines, Endpoint, Facts, Goodbye, Handshake, IcmpAct, Moment, Role,
    RolesFrom, RstAct, RstFit, Spoken, TlsFacts, TlsHandshake, Trigger, Unanswered, UnansweredKind, Verdict,
    judge,
};
use hangup_wire::{PerSide, Side, Timestamp};

pub(crate) const CLIENT: Side = Side::Client;
pub(crate) const SERVER: Side = Side::Server;
/// Round trip of every connection here.
pub(crate) const RTT: f64 = 0.02;

/// A connection under way.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) facts: Facts,
    now: f64,
    frame: u64,
    /// How much each side has heard of the other.
    heard: PerSide<u64>,
    /// Hears nothing new for now.
    deaf: PerSide<bool>,
}

impl Line {
    /// Nothing sent yet.
    pub(crate) fn new() -> Self {
        let mut facts = Facts { roles_from: RolesFrom::Syn, ..Facts::default() };
        facts.client = Endpoint { address: address(1), port: 50_000 };
        facts.server = Endpoint { address: address(2), port: 443 };
        Self { facts, now: 0.0, frame: 0, heard: PerSide::default(), deaf: PerSide::default() }
    }

    /// Handshake done.
    pub(crate) fn open() -> Self {
        Self::open_at(0.0)
    }

    /// Handshake done, beginning at `seconds`.
    pub(crate) fn open_at(seconds: f64) -> Self {
        let mut line = Self::new();
        line.now = seconds;
        line.syn();
        line.wait(RTT);
        line.facts.sides[SERVER].syns = 1;
        line.packet(SERVER);
        line.facts.sides[SERVER].sent = 1;
        line.ack(CLIENT);
        line.ack(SERVER);
        line.facts.rtt = Some(20_000_000);
        line.facts.handshake = Handshake::Complete;
        line
    }

    /// TLS session stands; `version` is `TLS 1.2` or `TLS 1.3`.
    pub(crate) fn tls(version: &str) -> Self {
        Self::open().with_tls(version)
    }

    pub(crate) fn with_tls(mut self, version: &str) -> Self {
        let hello = self.bytes(CLIENT, 300);
        self.wait(RTT);
        let server_hello = self.bytes(SERVER, 3000);
        let finished = self.bytes(CLIENT, 80);
        self.facts.protocol = Some("tls".to_owned());
        self.facts.tls = Some(Box::new(TlsFacts {
            version: Some(hangup_wire::tls::ProtocolVersion(if version == "TLS 1.3" {
                0x0304
            } else {
                0x0303
            })),
            is_tls13: version == "TLS 1.3",
            handshake: TlsHandshake::Complete,
            client_hello: Some(hello),
            server_hello: Some(server_hello),
            last_handshake: PerSide { client: Some(finished), server: Some(server_hello) },
            ..TlsFacts::default()
        }));
        self
    }

    pub(crate) fn syn(&mut self) -> &mut Self {
        self.facts.sides[CLIENT].syns += 1;
        self.packet(CLIENT);
        self.facts.sides[CLIENT].sent = 1;
        self
    }

    pub(crate) fn wait(&mut self, seconds: f64) -> &mut Self {
        self.now += seconds;
        self
    }

    /// The side hears nothing of the other from here on.
    pub(crate) fn deafen(&mut self, side: Side) -> &mut Self {
        self.deaf[side] = true;
        self
    }

    /// A moment now.
    pub(crate) fn moment(&mut self) -> Moment {
        self.frame += 1;
        Moment::new(0, self.frame, time(self.now))
    }

    fn packet(&mut self, side: Side) -> Moment {
        let at = self.moment();
        if self.frame == 1 {
            self.facts.first = at;
        }
        self.facts.last = at;
        if !self.deaf[side] {
            self.heard[side] = self.facts.sides[side.other()].sent;
        }
        let heard = self.heard[side];
        let other = &mut self.facts.sides[side.other()];
        other.acked = other.acked.max(heard);
        let half = &mut self.facts.sides[side];
        half.packets += 1;
        half.first.get_or_insert(at);
        half.last = Some(at);
        at
    }

    /// A pure acknowledgement.
    pub(crate) fn ack(&mut self, side: Side) -> &mut Self {
        self.packet(side);
        self
    }

    /// Bytes that are no application data.
    pub(crate) fn bytes(&mut self, side: Side, length: u32) -> Moment {
        let at = self.packet(side);
        let half = &mut self.facts.sides[side];
        half.bytes += u64::from(length);
        half.sent += u64::from(length);
        half.last_data = Some(at);
        at
    }

    /// Application data.
    pub(crate) fn says(&mut self, side: Side, length: u32) -> &mut Self {
        let at = self.bytes(side, length);
        let spoken = Spoken { at, length, end: self.facts.sides[side].sent, ack: self.heard[side] };
        let talk = &mut self.facts.talk;
        if talk.last_speaker != Some(side) {
            talk.run[side] = Some(spoken);
            talk.run_bytes[side] = 0;
            match side {
                Side::Client => talk.questions += 1,
                Side::Server if talk.last_speaker == Some(CLIENT) => talk.answers += 1,
                Side::Server => {}
            }
        }
        talk.run_bytes[side] += u64::from(length);
        talk.bytes[side] += u64::from(length);
        talk.first[side].get_or_insert(spoken);
        talk.last[side] = Some(spoken);
        talk.last_speaker = Some(side);
        if let Some(tls) = &mut self.facts.tls {
            tls.records[side] += 1;
        }
        self
    }

    /// A request and its answer.
    pub(crate) fn exchange(&mut self) -> &mut Self {
        self.says(CLIENT, 700).wait(RTT).says(SERVER, 3000).ack(CLIENT)
    }

    fn act(&mut self, side: Side, kind: ActKind, with_ack: bool) -> Moment {
        let at = self.facts.last;
        let ack = with_ack.then_some(self.heard[side]);
        let offset = self.facts.sides[side].sent;
        self.facts.acts.push(Act { from: Some(side), at, offset, ack, repeat: false, kind });
        at
    }

    pub(crate) fn fin(&mut self, side: Side) -> &mut Self {
        self.packet(side);
        self.act(side, ActKind::Fin { acked: None, data: 0, in_vain: None }, true);
        self.facts.sides[side].sent += 1;
        self
    }

    /// Notes that the FIN of `side` is acknowledged now.
    pub(crate) fn fin_acked(&mut self, side: Side) -> &mut Self {
        self.ack(side.other());
        let at = self.facts.last;
        for act in &mut self.facts.acts {
            if let ActKind::Fin { acked, .. } = &mut act.kind
                && act.from == Some(side)
            {
                *acked = Some(at);
            }
        }
        self
    }

    /// A hidden alert that is the last record of its side.
    pub(crate) fn alert(&mut self, side: Side) -> &mut Self {
        let is_tls13 = self.facts.tls.as_ref().is_some_and(|tls| tls.is_tls13);
        let seen = if is_tls13 { AlertSeen::Inferred } else { AlertSeen::Encrypted };
        let length = if is_tls13 { 19 } else { 26 };
        self.alert_as(side, alert(seen, length, None))
    }

    pub(crate) fn alert_as(&mut self, side: Side, alert: AlertAct) -> &mut Self {
        self.bytes(side, u32::from(alert.record_length) + 5);
        self.act(side, ActKind::Alert(alert), true);
        self
    }

    /// A goodbye in the protocol's words.
    pub(crate) fn words(&mut self, side: Side, words: &str) -> &mut Self {
        self.says(side, 6);
        self.act(side, ActKind::Application(words.to_owned()), true);
        self
    }

    /// A live socket is aborted.
    pub(crate) fn abort(&mut self, side: Side) -> &mut Self {
        let unacked = self.facts.sides[side.other()].sent.saturating_sub(self.heard[side]);
        self.packet(side);
        let rst = RstAct {
            ack_flag: true,
            fit: RstFit::Exact,
            acked_before: self.heard[side],
            unacked_in_flight: unacked,
            unread: 0,
            ..RstAct::default()
        };
        self.act(side, ActKind::Rst(rst), true);
        self
    }

    /// A kernel without such a connection answers the other side's last packet.
    pub(crate) fn undeliverable(&mut self, side: Side) -> &mut Self {
        let other = side.other();
        let answered = self.facts.last;
        let data = self.facts.sides[other].last_data == Some(answered);
        let fin =
            self.facts.acts.iter().any(|act| act.at == answered && matches!(act.kind, ActKind::Fin { .. }));
        let trigger = Trigger {
            at: answered,
            data: if data { 30 } else { 0 },
            fin,
            syn: false,
            ack: self.heard[other],
        };
        self.packet(side);
        let rst = RstAct { trigger: Some(trigger), fit: RstFit::Exact, ..RstAct::default() };
        self.act(side, ActKind::Rst(rst), false);
        if let Some(act) = self.facts.acts.last_mut() {
            act.offset = trigger.ack;
        }
        self
    }

    /// Changes the last act.
    pub(crate) fn last_act(&mut self, change: impl FnOnce(&mut Act)) -> &mut Self {
        change(self.facts.acts.last_mut().expect("an act"));
        self
    }

    pub(crate) fn icmp(&mut self, reporter: u8, about: Side, kind: u8, code: u8) -> &mut Self {
        let at = self.moment();
        self.facts.last = at;
        let icmp = IcmpAct { reporter: address(reporter), about, v6: false, kind, code, mtu: 0 };
        self.facts.acts.push(Act {
            from: None,
            at,
            offset: 0,
            ack: None,
            repeat: false,
            kind: ActKind::Icmp(icmp),
        });
        self
    }

    /// `side` says something `tries` times within `over` seconds and hears nothing.
    pub(crate) fn in_vain(&mut self, side: Side, kind: UnansweredKind, tries: u32, over: f64) -> &mut Self {
        self.deafen(side.other());
        match kind {
            UnansweredKind::Data => {
                self.says(side, 500);
            }
            _ => {
                self.packet(side);
            }
        }
        let since = self.facts.last;
        for _ in 1..tries {
            self.wait(over / f64::from(tries.max(2) - 1));
            self.packet(side);
        }
        let last = self.facts.last;
        let offset = self.facts.sides[side].sent;
        self.facts.sides[side].unanswered = Some(Unanswered { kind, since, tries, last, offset });
        self
    }

    pub(crate) fn id(mut self, id: u64) -> Self {
        self.facts.id = id;
        self
    }
}

/// An alert as it is seen.
pub(crate) fn alert(seen: AlertSeen, record_length: u16, description: Option<u8>) -> AlertAct {
    AlertAct {
        seen,
        level: description.map(|number| if number == 0 { 1 } else { 2 }),
        description,
        record_length,
        length_fits: Some(true),
        certainty: 1.0,
        pair: false,
        records_after: 0,
        in_handshake: false,
    }
}

pub(crate) fn address(last: u8) -> [u8; 16] {
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last]
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a story")]
pub(crate) fn time(seconds: f64) -> Timestamp {
    Timestamp(1_440_000_000_000_000_000 + (seconds * 1e9).round() as i64)
}

/// The verdict on `line` alone, in a capture that ends with it.
pub(crate) fn alone(line: &Line) -> Verdict {
    among(line, &[], 0.0)
}

/// The verdict on `line` in a capture that goes on for `more` seconds.
pub(crate) fn later(line: &Line, more: f64) -> Verdict {
    among(line, &[], more)
}

/// The verdict on `line` among `others`.
pub(crate) fn among(line: &Line, others: &[Line], more: f64) -> Verdict {
    let mut all = Baselines::default();
    for other in others {
        all.add(&other.facts);
    }
    all.add(&line.facts);
    let end = all.world().end.max(line.facts.last.time);
    let end = end.max(Timestamp(line.facts.last.time.0).plus(time(more).0 - time(0.0).0));
    all.span(line.facts.first.time, end);
    judge(&line.facts, &all.siblings(&line.facts, &mut hangup_verdict::Group::default()))
}

pub(crate) fn roles(verdict: &Verdict) -> Vec<Role> {
    verdict.ruling.goodbyes.iter().map(|goodbye: &Goodbye| goodbye.role).collect()
}

/// Asserts a verdict's outline.
#[track_caller]
pub(crate) fn expect(verdict: &Verdict, cause: &str, outcome: &str, by: &str) {
    assert_eq!(
        (verdict.ruling.cause.unwrap_or("-"), verdict.ruling.outcome.name(), verdict.ruling.ended_by.name()),
        (cause, outcome, by),
        "{verdict:#?}"
    );
    assert!(verdict.ruling.confidence > 0.0 && verdict.ruling.confidence <= 1.0);
    assert!(!verdict.evidence.is_empty() && !verdict.explanation.contains('{'), "{}", verdict.explanation);
}
