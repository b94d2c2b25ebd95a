//! A morning in model values, made by hand: two normal endings, the abnormal one, one that cannot be decided.

use hangup_engine::model::{
    Alert, Alternative, Capture, Connection, DisplayFilter, Ending, Endpoint, Event, Evidence, Flag, Goodbye,
    Incident, Pair, Problem, Refused, Summary, Suspect, Tls,
};
use hangup_engine::{Conclusion, Ladder, Step};
use hangup_wire::{Side, Timestamp};

pub(crate) fn morning() -> Vec<Connection> {
    let mut second = normal(1, 50221);
    second.first_time = "2015-08-17T08:02:10.5Z".into();
    second.last_time = "2015-08-17T08:02:20.25Z".into();
    vec![normal(0, 50220), second, abnormal(), undecided()]
}

fn goodbye(frame: u64, time: &str, from: &str, kind: &str, role: &str) -> Goodbye {
    Goodbye {
        frame,
        capture: 0,
        time: time.into(),
        from: Some(from.into()),
        kind: kind.into(),
        role: role.into(),
        certainty: 1.0,
        address: None,
    }
}

fn normal(id: u64, port: u16) -> Connection {
    let time = "2015-08-17T06:54:05.190Z";
    let goodbyes = vec![
        goodbye(16, time, "client", "encrypted-alert", "first"),
        goodbye(17, time, "client", "fin", "first"),
        goodbye(18, "2015-08-17T06:54:05.211Z", "server", "fin", "reply"),
    ];
    Connection {
        id,
        capture: 0,
        community_id: "1:LQU9qZlK+B5F3KDmev6m5PMibrg=".into(),
        client: Endpoint { ip: "10.0.0.5".into(), port, name: None },
        server: Endpoint { ip: "192.0.2.7".into(), port: 443, name: None },
        roles_from: "syn".into(),
        first_frame: 1,
        last_frame: 20,
        first_time: "2015-08-17T06:54:00Z".into(),
        last_time: "2015-08-17T06:54:05.211Z".into(),
        packets: Pair { client: 10, server: 10 },
        payload_bytes: Pair { client: 900, server: 5200 },
        handshake: "complete".into(),
        history: "ShADadFf".into(),
        conn_state: "SF".into(),
        rtt: Some(0.021),
        retransmitted: Pair::default(),
        first_fin: Some(Flag { frame: 17, capture: 0, from: "client".into() }),
        first_rst: None,
        tls: Some(Tls {
            version: Some("TLS 1.2".into()),
            cipher: Some("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".into()),
            sni: Some("forms.example".into()),
            alpn: None,
            ja4: None,
            handshake: "complete".into(),
            resumed: Some(false),
            decrypted: false,
            alerts: vec![Alert {
                frame: 16,
                capture: 0,
                time: time.into(),
                from: "client".into(),
                seen: "encrypted".into(),
                level: None,
                description: None,
                record_length: 26,
                certainty: 1.0,
            }],
        }),
        protocol: Some("tls".into()),
        ending: Ending {
            verdict: "normal".into(),
            ended_by: "client".into(),
            first_goodbye: goodbyes.first().cloned(),
            goodbyes,
            idle_before: Some(5.0),
            outstanding: Some(false),
            cause: Some("client-idle-pool-close".into()),
            title: hangup_engine::title("client-idle-pool-close").map(Into::into),
            confidence: 0.96,
            also: Vec::new(),
            responsible: "nobody".into(),
            event: None,
            evidence: Vec::new(),
            alternatives: Vec::new(),
            limits: Vec::new(),
            explanation: "The client closed a connection that it had not used for 5 seconds.".into(),
            next_steps: Vec::new(),
            display_filters: Vec::new(),
        },
        ladder: None,
        span: <_>::default(),
    }
}

pub(crate) fn abnormal() -> Connection {
    let time = "2015-08-17T09:15:02.123456Z";
    let goodbyes = vec![
        goodbye(48102, time, "client", "encrypted-alert", "first"),
        goodbye(48103, time, "client", "fin", "first"),
        goodbye(48110, "2015-08-17T09:15:02.144Z", "server", "rst", "echo"),
    ];
    let base = normal(2, 50222);
    Connection {
        first_frame: 47900,
        last_frame: 48110,
        first_time: "2015-08-17T09:12:30.000001Z".into(),
        last_time: "2015-08-17T09:15:02.144Z".into(),
        first_rst: Some(Flag { frame: 48110, capture: 0, from: "server".into() }),
        ending: Ending {
            verdict: "abnormal".into(),
            ended_by: "client".into(),
            first_goodbye: goodbyes.first().cloned(),
            goodbyes,
            idle_before: Some(30.0),
            outstanding: Some(true),
            cause: Some("client-gives-up".into()),
            title: hangup_engine::title("client-gives-up").map(Into::into),
            confidence: 0.84,
            also: vec!["goodbye-to-closed-door".into()],
            responsible: "server-app".into(),
            event: None,
            evidence: vec![
                Evidence {
                    says: "the client's request was acknowledged but never answered".into(),
                    frames: vec![48090, 48091],
                    captures: Vec::new(),
                    supports: true,
                },
                Evidence {
                    says: "30.0 s from the request to the goodbye: a round number, as timers have".into(),
                    frames: vec![48090, 48102],
                    captures: Vec::new(),
                    supports: true,
                },
                Evidence {
                    says: "no other connection of this client waited so long".into(),
                    frames: Vec::new(),
                    captures: Vec::new(),
                    supports: false,
                },
            ],
            alternatives: vec![Alternative {
                cause: "client-abort".into(),
                confidence: 0.1,
                would_decide: "the client's log at 11:15:02, or a capture on the server at the same time".into(),
            }],
            limits: vec!["TLS is not decrypted: what the alert says is not known".into()],
            explanation: "The client sent a request and waited 30.0 s for an answer that never came; then it gave \
                          up and closed the connection. The server's machine had received the request, so the \
                          program on it was too slow or stuck."
                .into(),
            next_steps: vec![
                "ask those who run the server what it did from 11:14:32 to 11:15:02".into(),
                "look for a timeout of 30 s in the client's settings".into(),
            ],
            display_filters: vec![DisplayFilter {
                capture: 0,
                filter: "tcp.stream eq 2 and frame.number >= 48090".into(),
            }],
        },
        ..base
    }
}

fn undecided() -> Connection {
    let time = "2015-08-17T09:20:00Z";
    let base = normal(3, 50300);
    Connection {
        server: Endpoint { ip: "192.0.2.9".into(), port: 1521, name: Some("db".into()) },
        first_frame: 49000,
        last_frame: 49002,
        first_time: "2015-08-17T09:19:00Z".into(),
        last_time: time.into(),
        roles_from: "port".into(),
        tls: None,
        ending: Ending {
            verdict: "undecided".into(),
            ended_by: "server".into(),
            first_goodbye: Some(goodbye(49002, time, "server", "rst", "first")),
            goodbyes: vec![goodbye(49002, time, "server", "rst", "first")],
            idle_before: None,
            outstanding: None,
            cause: None,
            title: None,
            confidence: 0.0,
            limits: vec!["capture begins mid-connection".into()],
            explanation: "A reset with no data before it in this capture.".into(),
            responsible: "unknown".into(),
            ..base.ending.clone()
        },
        ..base
    }
}

pub(crate) fn conclusion() -> Conclusion {
    Conclusion {
        captures: vec![Capture {
            file: "forms.pcapng".into(),
            format: "pcapng".into(),
            link_types: vec!["ETHERNET".into()],
            packets: 49002,
            bytes: 31_337_000,
            first_time: Some("2015-08-17T06:54:00Z".into()),
            last_time: Some("2015-08-17T09:23:00Z".into()),
            snaplen_cut_packets: 0,
            undecoded_packets: 3,
            dropped_by_capture: Some(0),
            problems: vec![Problem {
                frame: Some(17),
                offset: 20_311,
                what: "its time is 2 s before the packet in front of it".into(),
            }],
        }],
        summary: Summary {
            connections: 4,
            normal: 2,
            abnormal: 1,
            undecided: 1,
            open: 0,
            incomplete: 1,
            missing_bytes: 1342,
            by_cause: [("client-idle-pool-close".into(), 2), ("client-gives-up".into(), 1)].into(),
        },
        events: Vec::new(),
        incident: Some(Incident {
            reported_at: Some("2015-08-17T09:15:00Z".into()),
            error: Some("FRM-92102".into()),
            moments: vec!["2015-08-17T09:15:00Z".into()],
            remarks: Vec::new(),
            time_zone: Some("UTC".into()),
            window: Some(["2015-08-17T09:13:00Z".into(), "2015-08-17T09:17:00Z".into()]),
            suspects: vec![Suspect {
                connection: 2,
                score: 0.97,
                text_fits: Some(true),
                reported_at: None,
                because: "it ended 2.1 s after the reported minute began, and is the only one of its siblings that \
                          ended while a request was outstanding"
                    .into(),
                frames: vec![48102, 48110],
            }],
            baseline: Some(
                "2 other connections of 10.0.0.5 to 192.0.2.7:443 ended by client-idle-pool-close".into(),
            ),
            if_none: None,
        }),
        suspects: vec![abnormal()],
        evicted: 0,
        marks: hangup_engine::Marks::default(),
    }
}

pub(crate) fn all_normal(count: u64) -> Conclusion {
    let base = conclusion();
    Conclusion {
        summary: Summary {
            connections: count,
            normal: count,
            by_cause: [("client-idle-pool-close".into(), count)].into(),
            ..Summary::default()
        },
        incident: None,
        suspects: Vec::new(),
        captures: base
            .captures
            .into_iter()
            .map(|capture| Capture { problems: Vec::new(), ..capture })
            .collect(),
        ..base
    }
}

/// A server's program that died.
pub(crate) fn event() -> Event {
    Event {
        what: "server-died".into(),
        first_time: "2015-08-17T09:15:00.120Z".into(),
        last_time: "2015-08-17T09:15:00.132Z".into(),
        address: Some("192.0.2.7".into()),
        port: Some(443),
        count: 4,
        abnormal: 4,
        outstanding: 2,
        connections: vec![2, 5, 6, 7],
        by_cause: [("server-process-died".into(), 4)].into(),
        refused: Some(Refused {
            first_time: "2015-08-17T09:15:00.520Z".into(),
            last_time: "2015-08-17T09:15:08.520Z".into(),
            count: 3,
        }),
        means: "most likely the server's program crashed or was killed".into(),
    }
}

pub(crate) fn empty() -> Conclusion {
    Conclusion { captures: Vec::new(), ..all_normal(0) }
}

pub(crate) fn ladder() -> Ladder {
    let begin: jiff::Timestamp = "2015-08-17T09:12:30.000001Z".parse().unwrap();
    let begin = i64::try_from(begin.as_nanosecond()).unwrap();
    let mut steps = Vec::new();
    let mut step = |frame, micros: i64, from, what: &[&str], role: Option<&str>| {
        steps.push(Step {
            capture: 0,
            frame,
            time: Timestamp(begin + micros * 1000),
            from,
            what: what.iter().map(|&word| word.into()).collect(),
            role: role.map(str::to_owned),
        });
    };
    let (client, server) = (Some(Side::Client), Some(Side::Server));
    step(48080, 100_000_000, server, &["data 1200"], None);
    step(48090, 122_123_000, client, &["data 300"], None);
    step(48091, 122_144_000, server, &["ACK"], None);
    step(48102, 152_123_455, client, &["TLS alert (encrypted)"], Some("first"));
    step(48103, 152_123_475, client, &["FIN"], Some("first"));
    step(48105, 152_140_000, None, &["ICMP time exceeded of 198.51.100.1"], Some("ignored"));
    step(48110, 152_144_000, server, &["RST"], Some("echo"));
    Ladder { connection: 2, steps, left_out: 203 }
}
