//! From facts and verdict to the report's words.

use crate::model::{
    Alert, Alternative, Connection, DisplayFilter, Ending, Endpoint, Evidence, Flag, Goodbye, Pair, Tls,
};
use crate::{Glance, community, zeek};
use hangup_verdict::{
    ActKind, AlertSeen, Facts, Handshake, RolesFrom, Ruling, TlsFacts, TlsHandshake, Verdict,
};
use hangup_wire::tls::{AlertDescription, AlertLevel, ProtocolVersion};
use hangup_wire::{Addr, Moment, PerSide, Side, Timestamp};
use jiff::fmt::temporal::DateTimePrinter;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

/// Turns facts and verdicts into the report's words.
#[derive(Debug)]
pub(crate) struct Presenter {
    /// Digits of a second, per capture file.
    precision: Vec<u8>,
    /// Names that the captures give for addresses.
    names: HashMap<IpAddr, String>,
}

impl Presenter {
    pub(crate) fn new(precision: Vec<u8>, names: HashMap<IpAddr, String>) -> Self {
        Self { precision, names }
    }

    /// A moment as RFC 3339 UTC with its capture's precision.
    pub(crate) fn time(&self, time: Timestamp, capture: u32) -> String {
        let digits = self.precision.get(capture as usize).copied().unwrap_or(9);
        let moment = jiff::Timestamp::from_nanosecond(i128::from(time.0)).unwrap_or_default();
        DateTimePrinter::new().precision(Some(digits)).timestamp_to_string(&moment)
    }

    /// A connection in brief.
    pub(crate) fn glance<'a>(&'a self, facts: &'a Facts, ruling: &'a Ruling) -> Glance<'a> {
        let ip = Addr(facts.server.address).to_ip();
        let sni = facts.tls.as_deref().and_then(|tls| tls.sni.as_deref());
        Glance {
            id: facts.id,
            server: SocketAddr::new(ip, facts.server.port),
            name: sni.or_else(|| self.names.get(&ip).map(String::as_str)),
            verdict: ruling.outcome.name(),
            ended_by: ruling.ended_by.name(),
            cause: ruling.cause,
            confidence: hundredths(ruling.confidence),
            outstanding: ruling.outstanding,
            event: None,
        }
    }

    /// A connection with all its words.
    pub(crate) fn connection(&self, facts: &Facts, verdict: &Verdict) -> Connection {
        Connection {
            id: facts.id,
            capture: facts.first.capture(),
            community_id: community::id(facts.client, facts.server),
            client: self.endpoint(facts.client),
            server: self.endpoint(facts.server),
            roles_from: match facts.roles_from {
                RolesFrom::Syn => "syn",
                RolesFrom::SynAck => "syn-ack",
                RolesFrom::ClientHello => "client-hello",
                RolesFrom::Port => "port",
                RolesFrom::Guess => "guess",
            }
            .into(),
            first_frame: facts.first.frame(),
            last_frame: facts.last.frame(),
            first_time: self.moment(facts.first),
            last_time: self.moment(facts.last),
            packets: pair(&facts.sides, |side| side.packets),
            payload_bytes: pair(&facts.sides, |side| side.bytes),
            handshake: match facts.handshake {
                Handshake::Complete => "complete",
                Handshake::Refused => "refused",
                Handshake::Unanswered => "unanswered",
                Handshake::Partial => "partial",
                Handshake::Unseen => "unseen",
            }
            .into(),
            history: facts.history.clone(),
            conn_state: zeek::conn_state(&facts.history).into(),
            rtt: facts.rtt.map(seconds),
            retransmitted: pair(&facts.sides, |side| side.retransmitted),
            first_fin: flag(facts, |kind| matches!(kind, ActKind::Fin { .. })),
            first_rst: flag(facts, |kind| matches!(kind, ActKind::Rst(_))),
            tls: facts.tls.as_deref().map(|tls| self.tls(tls)),
            protocol: facts.protocol.clone(),
            ending: self.ending(facts, verdict),
            ladder: None,
            span: (facts.first, last_of(facts)),
        }
    }

    fn moment(&self, moment: Moment) -> String {
        self.time(moment.time, moment.capture())
    }

    fn endpoint(&self, end: hangup_verdict::Endpoint) -> Endpoint {
        let ip = Addr(end.address).to_ip();
        Endpoint { ip: ip.to_string(), port: end.port, name: self.names.get(&ip).cloned() }
    }

    fn tls(&self, tls: &TlsFacts) -> Tls {
        Tls {
            version: tls.version.and_then(ProtocolVersion::name).map(Into::into),
            cipher: tls
                .cipher
                .map(|cipher| cipher.name().map_or_else(|| format!("0x{:04x}", cipher.0), Into::into)),
            sni: tls.sni.clone(),
            alpn: tls.alpn.clone(),
            ja4: tls.ja4.clone(),
            handshake: match tls.handshake {
                TlsHandshake::Complete => "complete",
                TlsHandshake::Failed => "failed",
                TlsHandshake::Partial => "partial",
                TlsHandshake::Unseen => "unseen",
            }
            .into(),
            resumed: tls.resumed,
            decrypted: false,
            alerts: tls
                .alerts
                .iter()
                .filter_map(|act| {
                    let ActKind::Alert(alert) = &act.kind else { return None };
                    Some(Alert {
                        frame: act.at.frame(),
                        capture: act.at.capture(),
                        time: self.moment(act.at),
                        from: act.from.map_or("unknown", Side::name).into(),
                        seen: match alert.seen {
                            AlertSeen::Plain => "plain",
                            AlertSeen::Encrypted => "encrypted",
                            AlertSeen::Inferred => "inferred",
                            AlertSeen::Decrypted => "decrypted",
                        }
                        .into(),
                        level: alert.level.map(|level| {
                            AlertLevel(level).name().map_or_else(|| level.to_string(), Into::into)
                        }),
                        description: alert.description.map(|description| {
                            AlertDescription(description)
                                .name()
                                .map_or_else(|| description.to_string(), Into::into)
                        }),
                        record_length: alert.record_length,
                        certainty: hundredths(f64::from(alert.certainty)),
                    })
                })
                .collect(),
        }
    }

    fn ending(&self, facts: &Facts, verdict: &Verdict) -> Ending {
        let goodbyes: Vec<Goodbye> = verdict
            .ruling
            .goodbyes
            .iter()
            .map(|goodbye| Goodbye {
                frame: goodbye.at.frame(),
                capture: goodbye.at.capture(),
                time: self.moment(goodbye.at),
                from: goodbye.from.map(|side| side.name().into()),
                kind: goodbye.kind.name().into(),
                role: goodbye.role.name().into(),
                certainty: hundredths(goodbye.certainty),
                address: goodbye.address.map(|address| Addr(address).to_ip().to_string()),
            })
            .collect();
        let first = verdict.ruling.first.and_then(|index| goodbyes.get(index)).cloned();
        Ending {
            verdict: verdict.ruling.outcome.name().into(),
            ended_by: verdict.ruling.ended_by.name().into(),
            display_filters: display_filters(facts, verdict),
            first_goodbye: first,
            goodbyes,
            idle_before: verdict.ruling.idle_before,
            outstanding: verdict.ruling.outstanding,
            cause: verdict.ruling.cause.map(Into::into),
            title: verdict.ruling.cause.and_then(crate::title).map(Into::into),
            confidence: hundredths(verdict.ruling.confidence),
            also: verdict.also.iter().map(|&id| id.into()).collect(),
            responsible: verdict.ruling.responsible.name().into(),
            event: None,
            evidence: verdict
                .evidence
                .iter()
                .map(|evidence| Evidence {
                    says: evidence.says.clone(),
                    frames: evidence.frames.iter().map(|at| at.frame()).collect(),
                    captures: if evidence.frames.iter().all(|at| at.capture() == 0) {
                        Vec::new()
                    } else {
                        evidence.frames.iter().map(|at| at.capture()).collect()
                    },
                    supports: evidence.supports,
                })
                .collect(),
            alternatives: verdict
                .alternatives
                .iter()
                .map(|alternative| Alternative {
                    cause: alternative.cause.into(),
                    confidence: hundredths(alternative.confidence),
                    would_decide: alternative.would_decide.clone(),
                })
                .collect(),
            limits: verdict.limits.clone(),
            explanation: verdict.explanation.clone(),
            next_steps: verdict.next_steps.clone(),
        }
    }
}

/// Filters that show a connection's ending in Wireshark. A stream's number is the file's own, so it is only given
/// where there is one file; else the addresses and ports say which.
fn display_filters(facts: &Facts, verdict: &Verdict) -> Vec<DisplayFilter> {
    let first = verdict.ruling.first_goodbye();
    let capture = first.map_or(facts.last.capture(), |goodbye| goodbye.at.capture());
    let before = Side::BOTH
        .iter()
        .filter_map(|&side| facts.talk.last[side].as_ref().or(facts.talk.first[side].as_ref()))
        .filter(|spoken| spoken.at.capture() == capture)
        .map(|spoken| spoken.at.frame());
    let from = before.chain(first.map(|goodbye| goodbye.at.frame())).min().unwrap_or(facts.first.frame());
    let filter = if capture == 0 && facts.first.capture() == 0 {
        format!("tcp.stream eq {} and frame.number >= {from}", facts.id)
    } else {
        let (client, server) = (Addr(facts.client.address).to_ip(), Addr(facts.server.address).to_ip());
        let field = if client.is_ipv4() { "ip.addr" } else { "ipv6.addr" };
        format!(
            "{field} eq {client} and {field} eq {server} and tcp.port eq {} and tcp.port eq {} and frame.number >= {from}",
            facts.client.port, facts.server.port
        )
    };
    vec![DisplayFilter { capture, filter }]
}

/// The last packet, or the ICMP error behind it.
fn last_of(facts: &Facts) -> Moment {
    let acts = facts.acts.iter().map(|act| act.at);
    acts.fold(facts.last, |last, at| if at.is_behind(last) { at } else { last })
}

fn flag(facts: &Facts, wanted: impl Fn(&ActKind) -> bool) -> Option<Flag> {
    let act = facts.acts.iter().find(|act| wanted(&act.kind))?;
    Some(Flag { frame: act.at.frame(), capture: act.at.capture(), from: act.from?.name().into() })
}

fn pair<T, U>(sides: &PerSide<T>, of: impl Fn(&T) -> U) -> Pair<U> {
    Pair { client: of(&sides.client), server: of(&sides.server) }
}

#[expect(clippy::cast_precision_loss, reason = "round trips are far below 2^53 ns")]
fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

fn hundredths(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}
