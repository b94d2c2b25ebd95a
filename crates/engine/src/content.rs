//! Whoever reads a connection's bytes: the session, and what it sums up to.

use hangup_session::{After, Alert, AlertPosition, Conversation, Opening, Reason, Summary, Tls, certainty};
use hangup_track::{ActKind as TrackActKind, Connection, Place};
use hangup_verdict::{
    Act, ActKind, AlertAct, AlertSeen, Beat, ClientCertificate, Dismissal, Dismissed, Farewell, Looks, Lull,
    Pause, Replies, Spoken, Talk, TlsFacts, TlsHandshake,
};
use hangup_wire::tls::HandshakeType;
use hangup_wire::{PerSide, Side};

/// The reader of one connection's bytes.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) conversation: Conversation,
}

/// What the reader found, in the words of the facts.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) talk: Talk,
    pub(crate) tls: Option<Box<TlsFacts>>,
    pub(crate) protocol: Option<String>,
    pub(crate) opening: PerSide<Option<Looks>>,
    pub(crate) at_odds: Option<Box<[String; 2]>>,
}

impl hangup_track::Content for Content {
    #[inline]
    fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
        self.conversation.bytes(side, bytes, &at(place));
    }

    fn gap(&mut self, side: Side, missing: u64, place: &Place) {
        self.conversation.gap(side, missing, &at(place));
    }

    #[inline]
    fn ask(&self) {
        self.conversation.ask();
    }

    #[inline]
    fn ask_further(&self) {
        self.conversation.ask_further();
    }

    fn kept(&self) -> usize {
        self.conversation.kept()
    }
}

fn at(place: &Place) -> hangup_session::Place {
    hangup_session::Place { at: place.at, offset: place.offset, ack: place.ack }
}

impl Content {
    /// Sums up what was read of a connection that has ended. `reversed`: what `connection` calls the client is the
    /// server. What is added to `acts`, alerts that may be acts of closing (of a pair that is one goodbye only the
    /// first), is by the connection's names, all else by the right ones.
    pub(crate) fn sum_up(
        self,
        connection: &Connection<Self>,
        reversed: bool,
        acts: &mut Vec<Act>,
    ) -> Session {
        let summary = self.conversation.end();
        let mut alerts = Vec::new();
        if let Some(tls) = summary.tls.as_deref() {
            for alert in &tls.alerts {
                let act = alert_act(alert, tls, &summary.talk, connection);
                if !alert.second_of_pair {
                    acts.push(act.clone());
                }
                alerts.push(act);
            }
        }
        let mut summary = if reversed { summary.swapped() } else { summary };
        let ended =
            Side::BOTH.iter().any(|&side| connection.half(side).has_fin() || connection.half(side).has_rst());
        let tls = summary.tls.take().map(|tls| Box::new(tls_facts(*tls, alerts, ended)));
        Session {
            talk: talk(&summary),
            tls,
            protocol: summary.protocol.map(Into::into),
            at_odds: summary.at_odds.map(|(client, server)| Box::new([client.into(), server.into()])),
            opening: PerSide::from_fn(|side| {
                summary.opening[side].map(|opening| match opening {
                    Opening::Tls => Looks::Tls,
                    Opening::Text => Looks::Text,
                    Opening::Binary => Looks::Binary,
                })
            }),
        }
    }
}

fn talk(summary: &Summary) -> Talk {
    let talk = &summary.talk;
    let spoken = |spoken: hangup_session::Spoken| Spoken {
        at: spoken.at,
        length: spoken.length,
        end: spoken.end(),
        ack: spoken.ack(),
    };
    let http = summary.http.as_deref();
    Talk {
        answers: talk.turns.server,
        questions: talk.turns.client,
        last_speaker: talk.last_speaker,
        first: PerSide::from_fn(|side| talk.first[side].map(spoken)),
        last: PerSide::from_fn(|side| talk.last[side].map(spoken)),
        run: PerSide::from_fn(|side| talk.run(side).map(spoken)),
        prior: PerSide::from_fn(|side| talk.prior(side).map(spoken)),
        run_bytes: PerSide::from_fn(|side| talk.run_bytes(side)),
        bytes: talk.bytes,
        beat: PerSide::from_fn(|side| {
            let beat = talk.beat(side);
            (beat.steady > 0).then(|| Beat { milliseconds: beat.gap, steady: beat.steady.into() })
        }),
        pause: talk.pause().map(|pause| Pause {
            milliseconds: pause.milliseconds,
            bytes: pause.bytes,
            after: pause.after,
            by: pause.by,
            answered: pause.answered,
        }),
        lull: PerSide::from_fn(|side| {
            let lull = talk.lull(side);
            (lull.times > 0).then(|| Lull { milliseconds: lull.milliseconds, times: lull.times.into() })
        }),
        replies: PerSide::from_fn(|side| {
            talk.replies(side).map(|replies| Replies { quickest: replies.quickest, slowest: replies.slowest })
        }),
        half_sent: summary.half_sent,
        promised_beat: summary.promised_beat,
        outstanding: http.and_then(|http| http.outstanding),
        close_announced: http.is_some_and(|http| http.close_announced),
        keep_alive_timeout: http.and_then(|http| http.keep_alive_timeout),
        request: http.and_then(|http| http.request.clone()),
        status: http.and_then(|http| http.status),
        dismissal: summary.dismissal.server.as_deref().map(|said| {
            Box::new(Dismissal {
                at: said.at,
                says: said.says.clone(),
                final_word: said.final_word,
                reason: match said.reason {
                    Reason::Order => Dismissed::Order,
                    Reason::Crash => Dismissed::Crash,
                    Reason::Waiting => Dismissed::Waiting,
                    Reason::Silence => Dismissed::Silence,
                },
            })
        }),
        farewell: PerSide::from_fn(|side| {
            summary.farewell[side].map(|said| {
                Box::new(Farewell {
                    at: said.at,
                    protocol: said.protocol.into(),
                    word: said.word.into(),
                    length: said.length,
                    unanswered: said.unanswered,
                })
            })
        }),
    }
}

fn tls_facts(tls: Tls, alerts: Vec<Act>, ended: bool) -> TlsFacts {
    let message = |side, kind| tls.message(side, kind).map(|message| message.at);
    TlsFacts {
        version: tls.version,
        is_tls13: tls.is_tls13(),
        cipher: tls.cipher,
        handshake: match tls.handshake {
            hangup_session::Handshake::Complete => TlsHandshake::Complete,
            hangup_session::Handshake::Failed => TlsHandshake::Failed,
            // Seen from its beginning, and then the connection ended.
            hangup_session::Handshake::Begun if ended => TlsHandshake::Failed,
            hangup_session::Handshake::Begun | hangup_session::Handshake::Partial => TlsHandshake::Partial,
            hangup_session::Handshake::Unseen => TlsHandshake::Unseen,
        },
        resumed: tls.resumed,
        client_hello: message(Side::Client, HandshakeType::CLIENT_HELLO),
        client_hello_length: tls
            .message(Side::Client, HandshakeType::CLIENT_HELLO)
            .map_or(0, |message| message.length),
        server_hello: message(Side::Server, HandshakeType::SERVER_HELLO),
        certificate: message(Side::Server, HandshakeType::CERTIFICATE),
        certificate_requested: message(Side::Server, HandshakeType::CERTIFICATE_REQUEST),
        issuer: tls.issuer,
        client_certificate: tls
            .client_certificate
            .map(|shown| ClientCertificate { at: shown.at, empty: shown.empty }),
        perhaps_answer: tls.perhaps_answer,
        last_handshake: PerSide::from_fn(|side| tls.sides[side].last_handshake),
        records: PerSide::from_fn(|side| tls.sides[side].data_records),
        lost: tls.sides.client.lost + tls.sides.server.lost,
        alerts,
        sni: tls.sni,
        alpn: tls.alpn,
        offers_h2: tls.offers_h2,
        ja4: tls.ja4,
    }
}

fn alert_act(alert: &Alert, tls: &Tls, talk: &hangup_session::Talk, connection: &Connection<Content>) -> Act {
    Act {
        from: Some(alert.side),
        at: alert.at,
        offset: alert.end,
        ack: (alert.ack > 0).then_some(alert.ack),
        repeat: false,
        kind: ActKind::Alert(AlertAct {
            seen: match alert.seen {
                hangup_session::AlertSeen::Plain => AlertSeen::Plain,
                hangup_session::AlertSeen::Encrypted => AlertSeen::Encrypted,
                hangup_session::AlertSeen::Inferred => AlertSeen::Inferred,
            },
            level: alert.level,
            description: alert.description,
            record_length: alert.record_length,
            length_fits: alert.expected,
            certainty: certainty(alert, &after(alert, tls, talk, connection)),
            pair: alert.pair,
            records_after: alert.records_after,
            in_handshake: alert.position != AlertPosition::Session,
        }),
    }
}

/// What the connection did around an alert.
fn after(alert: &Alert, tls: &Tls, talk: &hangup_session::Talk, connection: &Connection<Content>) -> After {
    let since = |at: hangup_wire::Moment| at.time.since(alert.at.time);
    let first_after = |side: Side, wanted: fn(&TrackActKind) -> bool| {
        let acts = connection.acts().filter(|act| act.from == Some(side) && wanted(&act.kind));
        acts.map(|act| since(act.at)).find(|&wait| wait >= 0)
    };
    let is_fin = |kind: &TrackActKind| matches!(kind, TrackActKind::Fin { .. });
    let is_rst = |kind: &TrackActKind| matches!(kind, TrackActKind::Rst(_));
    let peer = alert.side.other();
    let peer_alert = tls
        .alerts
        .iter()
        .filter(|other| other.side == peer)
        .map(|other| since(other.at))
        .find(|&wait| wait >= 0);
    let peer_acts = [first_after(peer, is_fin), first_after(peer, is_rst), peer_alert];
    let peer_closed_before =
        connection.acts().any(|act| act.from == Some(peer) && is_fin(&act.kind) && since(act.at) < 0);
    let half = connection.half(alert.side);
    let own_fin = u64::from(half.has_fin());
    After {
        fin: first_after(alert.side, is_fin),
        rst: first_after(alert.side, is_rst),
        peer_closed: peer_acts.into_iter().flatten().min(),
        peer_closed_before,
        peer_spoke: connection.half(peer).last_data().map(since).filter(|&wait| wait >= 0),
        answered: talk.last[peer].filter(|said| said.ack() >= alert.end).map(|said| since(said.at)),
        still_open: Side::BOTH.into_iter().all(|side| {
            let half = connection.half(side);
            !half.has_fin() && !half.has_rst() && connection.fin_unseen(side).is_none()
        }),
        rtt: connection.rtt(),
        bytes_after: if alert.records_after == 0 && !alert.pair && !alert.second_of_pair {
            let rest = half.sent().saturating_sub(own_fin).saturating_sub(alert.end);
            // One number that was acknowledged and not seen is a FIN that the capture lacks.
            if rest == 1 && own_fin == 0 { 0 } else { rest }
        } else {
            0
        },
    }
}
