//! What holds for any facts whatever.

use crate::line::{address, time};
use hangup_verdict::{
    Act, ActKind, AlertAct, AlertSeen, Baselines, Candidate, Client, ClientCertificate, EndedBy, Events,
    Facts, Group, Handshake, IcmpAct, Incident, Instants, Moment, Role, RolesFrom, RstAct, RstFit, Server,
    Siblings, SideFacts, Spoken, Talk, TlsFacts, TlsHandshake, Trigger, Unanswered, UnansweredKind, World,
    decide, judge, rank,
};
use hangup_wire::{PerSide, Side, Timestamp};
use proptest::prelude::*;

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Client), Just(Side::Server)]
}

fn moment() -> impl Strategy<Value = Moment> {
    let near = (0u64..60, 0.0..400.0f64).prop_map(|(frame, at)| Moment::new(0, frame, time(at)));
    let wild = (any::<u32>(), any::<u64>(), any::<i64>())
        .prop_map(|(capture, frame, at)| Moment::new(capture, frame, Timestamp(at)));
    prop_oneof![20 => near, 1 => wild]
}

fn offset() -> impl Strategy<Value = u64> {
    prop_oneof![20 => 0u64..5000, 1 => any::<u64>()]
}

fn spoken() -> impl Strategy<Value = Spoken> {
    (moment(), prop_oneof![9 => 0u32..5000, 1 => any::<u32>()], offset(), offset())
        .prop_map(|(at, length, end, ack)| Spoken { at, length, end, ack })
}

fn alert() -> impl Strategy<Value = AlertAct> {
    let seen = prop_oneof![
        Just(AlertSeen::Plain),
        Just(AlertSeen::Encrypted),
        Just(AlertSeen::Inferred),
        Just(AlertSeen::Decrypted)
    ];
    let description = prop::option::of(prop_oneof![
        Just(0u8),
        Just(40),
        Just(48),
        Just(70),
        Just(90),
        Just(112),
        any::<u8>()
    ]);
    let certainty = prop_oneof![9 => 0.0..=1.0f32, 1 => prop::num::f32::ANY];
    (seen, description, any::<u16>(), certainty, any::<bool>(), 0u32..3, any::<bool>()).prop_map(
        |(seen, description, record_length, certainty, pair, after, in_handshake)| AlertAct {
            seen,
            level: description.map(|_| 2),
            description,
            record_length,
            length_fits: None,
            certainty,
            pair,
            records_after: after.saturating_sub(1),
            in_handshake,
        },
    )
}

fn reset() -> impl Strategy<Value = RstAct> {
    let trigger = (moment(), 0u32..100, any::<bool>(), any::<bool>(), offset())
        .prop_map(|(at, data, fin, syn, ack)| Trigger { at, data, fin, syn, ack });
    let fit = prop_oneof![3 => Just(RstFit::Exact), 1 => Just(RstFit::Window), 1 => Just(RstFit::Outside), 1 => Just(RstFit::Unknown)];
    (
        any::<bool>(),
        fit,
        prop::option::of(trigger),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        offset(),
        offset(),
        offset(),
    )
        .prop_map(
            |(
                ack_flag,
                fit,
                trigger,
                ignored,
                sender_carried_on,
                acked_before,
                unacked_in_flight,
                unread,
            )| RstAct {
                ack_flag,
                fit,
                trigger,
                ignored,
                sender_carried_on,
                acked_before,
                unacked_in_flight,
                unread,
                ..RstAct::default()
            },
        )
}

fn unanswered() -> impl Strategy<Value = Unanswered> {
    let kind = prop_oneof![
        Just(UnansweredKind::Syn),
        Just(UnansweredKind::Data),
        Just(UnansweredKind::Fin),
        Just(UnansweredKind::KeepAlive),
        Just(UnansweredKind::WindowProbe)
    ];
    (kind, moment(), 1u32..9, moment(), offset()).prop_map(|(kind, since, tries, last, offset)| Unanswered {
        kind,
        since,
        tries,
        last,
        offset,
    })
}

fn act() -> impl Strategy<Value = Act> {
    let fin = (prop::option::of(moment()), 0u32..10, prop::option::weighted(0.2, unanswered()));
    let kind = prop_oneof![
        3 => alert().prop_map(ActKind::Alert),
        4 => fin.prop_map(|(acked, data, in_vain)| ActKind::Fin { acked, data, in_vain }),
        3 => reset().prop_map(ActKind::Rst),
        1 => (side(), any::<bool>(), 0u8..13, 0u8..14).prop_map(|(about, v6, kind, code)| ActKind::Icmp(IcmpAct { reporter: address(9), about, v6, kind, code, mtu: 0 })),
        1 => Just(ActKind::Application("QUIT".to_owned())),
    ];
    (side(), moment(), offset(), prop::option::of(offset()), prop::bool::weighted(0.1), kind).prop_map(
        |(from, at, offset, ack, repeat, kind)| {
            let from = if matches!(kind, ActKind::Icmp(_)) { None } else { Some(from) };
            Act { from, at, offset, ack, repeat, kind }
        },
    )
}

fn half() -> impl Strategy<Value = SideFacts> {
    (
        // Found by fuzzing: both sides' packets together are no number any more.
        prop_oneof![9 => 0u64..20, 1 => any::<u64>()],
        offset(),
        offset(),
        offset(),
        prop::option::weighted(0.2, unanswered()),
        0u32..3,
        prop::option::of(moment()),
        prop_oneof![5 => Just(0u64), 1 => any::<u64>()],
        any::<bool>(),
    )
        .prop_map(|(packets, bytes, sent, acked, unanswered, syns, last, missing, window_closed)| {
            SideFacts {
                packets,
                bytes,
                sent,
                acked,
                unanswered,
                syns,
                first: last,
                last,
                missing,
                window_closed,
                ..SideFacts::default()
            }
        })
}

fn pair<T: Clone + std::fmt::Debug>(
    of: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = PerSide<T>> {
    (of.clone(), of).prop_map(|(client, server)| PerSide { client, server })
}

prop_compose! {
    fn talk()(
        last in (prop::option::of(spoken()), prop::option::of(spoken())),
        run in (prop::option::of(spoken()), prop::option::of(spoken())),
        counts in (0u32..4, 0u32..4),
        bytes in pair(prop_oneof![9 => 0u64..9000, 1 => any::<u64>()]),
        last_speaker in prop::option::of(side()),
        half_sent in pair(prop::option::weighted(0.1, 0u64..900)),
        outstanding in prop::option::weighted(0.3, any::<bool>()),
        close_announced in prop::bool::weighted(0.1),
        keep_alive_timeout in prop::option::weighted(0.1, 0u32..100),
    ) -> Talk {
        Talk {
            answers: counts.0,
            questions: counts.1,
            last_speaker,
            last: PerSide { client: last.0, server: last.1 },
            run: PerSide { client: run.0, server: run.1 },
            run_bytes: bytes,
            bytes,
            half_sent,
            outstanding,
            close_announced,
            keep_alive_timeout,
            ..Talk::default()
        }
    }
}

prop_compose! {
    fn tls()(
        is_tls13 in any::<bool>(),
        alpn in prop::option::of(prop_oneof![Just("h2".to_owned()), Just("http/1.1".to_owned())]),
        handshake in prop_oneof![3 => Just(TlsHandshake::Complete), 1 => Just(TlsHandshake::Failed), 1 => Just(TlsHandshake::Partial), 1 => Just(TlsHandshake::Unseen)],
        hellos in (prop::option::of(moment()), prop::option::of(moment()), prop::option::of(moment()), prop::option::of(moment())),
        last_handshake in (prop::option::of(moment()), prop::option::of(moment())),
        client_hello_length in 0u32..3000,
        client_certificate in prop::option::of((moment(), any::<bool>())),
        issuer in prop::option::of(prop_oneof![Just("mitmproxy".to_owned()), Just("R3 (Let's Encrypt)".to_owned())]),
        lost in 0u32..2,
    ) -> TlsFacts {
        TlsFacts {
            is_tls13,
            alpn,
            handshake,
            client_hello: hellos.0,
            client_hello_length,
            client_certificate: client_certificate.map(|(at, empty)| ClientCertificate { at, empty }),
            issuer,
            server_hello: hellos.1,
            certificate: hellos.2,
            certificate_requested: hellos.3,
            last_handshake: PerSide { client: last_handshake.0, server: last_handshake.1 },
            lost,
            ..TlsFacts::default()
        }
    }
}

prop_compose! {
    fn facts()(
        ends in (moment(), moment()),
        handshake in prop_oneof![3 => Just(Handshake::Complete), 1 => Just(Handshake::Refused), 1 => Just(Handshake::Unanswered), 1 => Just(Handshake::Partial), 1 => Just(Handshake::Unseen)],
        rtt in prop::option::of(prop_oneof![9 => 0i64..200_000_000, 1 => any::<i64>()]),
        sides in (half(), half()),
        acts in prop::collection::vec(act(), 0..6),
        talk in talk(),
        tls in prop::option::of(tls()),
        flags in (prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::bool::weighted(0.1)),
        guess in any::<bool>(),
    ) -> Facts {
        Facts {
            first: ends.0,
            last: ends.1,
            handshake,
            rtt,
            sides: PerSide { client: sides.0, server: sides.1 },
            acts,
            talk,
            tls: tls.map(Box::new),
            captured_twice: flags.0,
            evicted: flags.1,
            reused: flags.2,
            roles_from: if guess { RolesFrom::Guess } else { RolesFrom::Syn },
            ..Facts::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn every_event_has_several_endings(all in prop::collection::vec(facts(), 2..12)) {
        let mut baselines = Baselines::default();
        let all: Vec<Facts> = (0..).zip(all).map(|(id, facts)| Facts { id, ..facts }).collect();
        for facts in &all {
            baselines.add(facts);
        }
        let events = Events::of(&baselines);
        let mut members = vec![0; events.count()];
        for facts in &all {
            let event = decide(facts, &baselines.siblings(facts, &mut Group::default())).event;
            if let Some(number) = event.and_then(|event| events.number(&event)) {
                members[number as usize] += 1;
            }
        }
        prop_assert!(members.iter().all(|&count| count >= 2), "{members:?}");
    }

    #[test]
    fn any_facts_are_judged_soundly(all in prop::collection::vec(facts(), 1..5)) {
        let mut baselines = Baselines::default();
        for facts in &all {
            baselines.add(facts);
        }
        let mut candidates = Vec::new();
        for facts in &all {
            let mut alone = Group::default();
            let siblings = baselines.siblings(facts, &mut alone);
            let verdict = judge(facts, &siblings);
            prop_assert!((0.0..=1.0).contains(&verdict.ruling.confidence));
            let total: f64 = verdict.ruling.confidence + verdict.alternatives.iter().map(|other| other.confidence).sum::<f64>();
            prop_assert!(total <= 1.01, "{}", total);
            prop_assert!(verdict.ruling.cause.is_some() || verdict.ruling.confidence.to_bits() == 0);
            prop_assert!(verdict.alternatives.iter().all(|other| (0.0..=1.0).contains(&other.confidence) && Some(other.cause) != verdict.ruling.cause));
            for id in verdict.also.iter().chain(verdict.ruling.cause.iter()).chain(verdict.alternatives.iter().map(|other| &other.cause)) {
                prop_assert!(hangup_verdict::catalogue::entry(id).is_some(), "{}", id);
            }
            prop_assert!(verdict.ruling.idle_before.is_none_or(|idle| idle >= 0.0));
            let filled = !verdict.explanation.is_empty() && !verdict.explanation.contains('{');
            prop_assert!(filled);
            // All opening moves are one side's, and `first` names the first of them.
            let first: Vec<_> = verdict.ruling.goodbyes.iter().filter(|goodbye| goodbye.role == Role::First).collect();
            prop_assert_eq!(first.is_empty(), verdict.ruling.first.is_none());
            prop_assert!(first.windows(2).all(|pair| pair[0].from == pair[1].from));
            if let Some(index) = verdict.ruling.first {
                prop_assert_eq!(verdict.ruling.goodbyes.iter().position(|goodbye| goodbye.role == Role::First), Some(index));
                prop_assert!(verdict.ruling.goodbyes[..index].iter().all(|goodbye| matches!(goodbye.role, Role::Ignored | Role::Repeat)));
            } else {
                prop_assert!(matches!(verdict.ruling.ended_by, EndedBy::Nobody | EndedBy::Unknown));
            }
            prop_assert_eq!(&hangup_verdict::decide(facts, &siblings), &verdict.ruling, "words change nothing");
            let again = judge(facts, &siblings);
            prop_assert_eq!(&verdict, &again);
            candidates.push(Candidate::of(facts, &verdict.ruling, siblings.group));
        }
        for reported in [None, Some((time(0.0), time(60.0)))] {
            let ranking = rank(candidates.clone(), &Incident { reported, ..Incident::default() });
            prop_assert!(ranking.suspects.iter().all(|suspect| (0.0..=1.0).contains(&suspect.score)));
        }
    }

    #[test]
    fn siblings_taken_away_never_make_the_same_cause_surer(one in facts(), count in 1usize..12) {
        // Siblings that agree with it support it; without them it must not be surer.
        let mut baselines = Baselines::default();
        for _ in 0..count {
            baselines.add(&one);
        }
        let world = World { begin: one.first.time, end: one.last.time, connections: 1 };
        let (group, server) = (Group::default(), Server::default());
        let (client, instants) = (Client::default(), Instants::default());
        let nobody = Siblings {
            group: &group,
            server: &server,
            host: &server,
            client: &client,
            behind: &client,
            instants: &instants,
            world: &world,
        };
        let without = judge(&one, &nobody);
        let mut alone = Group::default();
        let mut with = baselines.siblings(&one, &mut alone);
        with.world = &world;
        with.server = &server;
        with.host = &server;
        let with = judge(&one, &with);
        if with.ruling.cause == without.ruling.cause {
            prop_assert!(without.ruling.confidence <= with.ruling.confidence + 1e-9);
        }
    }
}
