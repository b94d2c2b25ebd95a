//! Whole sessions, made by hand: what is seen of them, however their bytes are cut into segments.

use hangup_session::{
    After, AlertPosition, AlertSeen, Conversation, Handshake, Opening, Place, Summary, certainty,
};
use hangup_wire::tls::{CipherSuite, ProtocolVersion};
use hangup_wire::{Moment, Side, Timestamp};

use Side::{Client, Server};

/// What is said, in order: who, and the bytes of one packet. Packet 5 is at 5 ms.
type Script = Vec<(Side, Vec<u8>)>;

/// Plays a script with every packet cut into pieces of at most `size` bytes.
fn play(script: &Script, size: usize) -> Summary {
    let mut conversation = Conversation::default();
    let mut offset = [1u64, 1];
    for (number, (side, bytes)) in (1u64..).zip(script) {
        let at = Moment::new(0, number, Timestamp(number.cast_signed() * 1_000_000));
        for piece in bytes.chunks(size) {
            let ack = offset[usize::from(*side == Client)];
            conversation.bytes(
                *side,
                piece,
                &Place { at, offset: offset[usize::from(*side == Server)], ack },
            );
            offset[usize::from(*side == Server)] += piece.len() as u64;
        }
    }
    conversation.end()
}

/// Plays a script whole, and makes sure that it reads the same in pieces of every size.
fn settled(script: &Script) -> Summary {
    let whole = play(script, usize::MAX);
    for size in 1..200 {
        let mut pieces = play(script, size);
        if whole.tls.is_none() {
            // Of a plain conversation the last *segment* is told.
            pieces.talk = whole.talk.clone();
        }
        assert_eq!(pieces, whole, "in pieces of {size}");
    }
    whole
}

fn record(kind: u8, version: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&[kind][..], &version.to_be_bytes(), &length.to_be_bytes(), body].concat()
}

/// A record of type 23 with `length` bytes that nobody can read.
fn sealed(length: usize) -> Vec<u8> {
    record(23, 0x0303, &vec![0xee; length])
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind][..], &length[1..], body].concat()
}

fn client_hello(tls13: bool) -> Vec<u8> {
    let mut extensions = b"\0\0\0\x0e\0\x0c\0\0\x09localhost".to_vec();
    extensions.extend(b"\0\x10\0\x05\0\x03\x02h2");
    if tls13 {
        extensions.extend([0, 43, 0, 3, 2, 3, 4]);
    }
    let mut body = vec![3, 3];
    body.extend([5; 32]);
    body.extend([4, 9, 9, 9, 9, 0, 4, 0x13, 1, 0xc0, 0x2f, 1, 0]);
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    message(1, &body)
}

fn server_hello(version: u16, suite: u16) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([6; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    if version == 0x0304 {
        body.extend([0, 6, 0, 43, 0, 2, 3, 4]);
    }
    message(2, &body)
}

/// TLS 1.2 up to both Finished, with AES-GCM.
fn tls12() -> Script {
    let certificate = message(11, &[&[0, 0, 103, 0, 0, 100][..], &[0x30; 100]].concat());
    let flight =
        [server_hello(0x0303, 0xc02f), certificate, message(12, &[1; 80]), message(14, &[])].concat();
    // The flight in two records, torn inside a message.
    let (one, two) = flight.split_at(90);
    let keys = [
        record(22, 0x0303, &message(16, &[2; 66])),
        record(20, 0x0303, &[1]),
        record(22, 0x0303, &[0xaa; 40]),
    ];
    vec![
        (Client, record(22, 0x0301, &client_hello(false))),
        (Server, [record(22, 0x0303, one), record(22, 0x0303, two)].concat()),
        (Client, keys.concat()),
        (Server, [record(20, 0x0303, &[1]), record(22, 0x0303, &[0xbb; 40])].concat()),
    ]
}

/// TLS 1.3 up to the client's Finished, with AES-128-GCM.
fn tls13() -> Script {
    let change = record(20, 0x0303, &[1]);
    let flight = [
        record(22, 0x0303, &server_hello(0x0304, 0x1301)),
        change.clone(),
        sealed(40),
        sealed(900),
        sealed(281),
        sealed(53),
    ];
    vec![
        (Client, record(22, 0x0301, &client_hello(true))),
        (Server, flight.concat()),
        (Client, [change, sealed(53)].concat()),
    ]
}

/// Go sends its ticket behind its own Finished, before it has heard the client's: what follows a question has the length of a ticket, and is the answer.
#[test]
fn a_ticket_in_the_servers_flight_is_the_only_one() {
    let mut script = tls13();
    if let Some((Server, flight)) = script.get_mut(1) {
        flight.extend(sealed(147));
    }
    script.extend([(Client, sealed(57)), (Server, sealed(230))]);
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    assert_eq!((tls.sides.server.tickets, tls.perhaps_answer), (1, None));
    assert_eq!(summary.talk.bytes[Server], 230);
}

#[test]
fn tls12_request_answer_and_goodbyes() {
    let mut script = tls12();
    script.push((Client, sealed(100)));
    script.push((Server, [sealed(1200), sealed(300)].concat()));
    script.push((Client, record(21, 0x0303, &[0xcc; 26])));
    script.push((Server, record(21, 0x0303, &[0xdd; 26])));
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    assert_eq!(summary.protocol, Some("tls"));
    assert_eq!((tls.version, tls.cipher), (Some(ProtocolVersion::TLS_1_2), Some(CipherSuite(0xc02f))));
    assert_eq!((tls.sni.as_deref(), tls.alpn.as_deref()), (Some("localhost"), Some("h2")));
    assert_eq!((tls.handshake, tls.resumed), (Handshake::Complete, Some(false)));
    let kinds: Vec<u8> = tls.messages.iter().map(|message| message.kind.0).collect();
    assert_eq!(kinds, [1, 2, 11, 12, 14, 16]);
    assert_eq!((tls.sides.client.data_records, summary.talk.bytes.server), (1, 1500));
    let alerts: Vec<_> =
        tls.alerts.iter().map(|a| (a.side, a.at.frame(), a.seen, a.expected, a.answered)).collect();
    assert_eq!(
        alerts,
        [
            (Client, 7, AlertSeen::Encrypted, Some(true), true),
            (Server, 8, AlertSeen::Encrypted, Some(true), true)
        ]
    );
    assert_eq!(summary.talk.last_speaker, Some(Server));
    assert_eq!((summary.talk.turns.client, summary.talk.turns.server), (1, 1));
    assert_eq!((summary.talk.run_bytes(Server), summary.talk.last.server.unwrap().length), (1500, 300));
    assert!(tls.ja4.as_deref().unwrap().starts_with("t12d0202h2_"));
}

#[test]
fn tls12_resumed_with_a_half_sent_answer() {
    let mut body = vec![3, 3];
    body.extend([6; 32]);
    body.extend([4, 9, 9, 9, 9, 0xc0, 0x2f, 0]);
    let script = vec![
        (Client, record(22, 0x0301, &client_hello(false))),
        (
            Server,
            [record(22, 0x0303, &message(2, &body)), record(20, 0x0303, &[1]), record(22, 0x0303, &[1; 40])]
                .concat(),
        ),
        (Client, [record(20, 0x0303, &[1]), record(22, 0x0303, &[1; 40]), sealed(50)].concat()),
        (Server, sealed(100)[..45].to_vec()),
    ];
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    assert_eq!((tls.handshake, tls.resumed), (Handshake::Complete, Some(true)));
    assert_eq!((summary.half_sent.server, summary.half_sent.client), (Some(60), None));
    assert_eq!(summary.talk.last_speaker, Some(Client));
}

#[test]
fn tls13_tickets_are_no_answer() {
    let mut script = tls13();
    script[2].1.extend(sealed(120));
    // The tickets were sent before the request arrived, or just after: they are alike.
    script.push((Server, [sealed(250), sealed(250)].concat()));
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    assert_eq!((tls.version, tls.handshake), (Some(ProtocolVersion::TLS_1_3), Handshake::Complete));
    assert_eq!((tls.sides.server.tickets, tls.sides.server.data_records), (2, 0));
    assert_eq!(summary.talk.last_speaker, Some(Client));
    assert!(tls.alerts.is_empty());
}

#[test]
fn tls13_an_answer_as_long_as_a_ticket() {
    let records = |wait: usize, answer: Vec<u8>| {
        let mut script = tls13();
        script.extend(vec![(Server, Vec::new()); wait]);
        script.extend([(Client, sealed(57)), (Server, answer)]);
        let tls = settled(&script).tls.unwrap();
        (tls.sides.server.tickets, tls.perhaps_answer.map(Moment::frame))
    };
    assert_eq!(records(0, sealed(308)), (1, Some(5)), "asked at once: what comes behind it may be either");
    assert_eq!(records(40, sealed(308)), (1, Some(45)), "asked later: a ticket would have been sent before");
    assert_eq!(records(0, [sealed(308), sealed(308)].concat()), (2, None), "two of one length are tickets");
    assert_eq!(records(40, [sealed(308), sealed(308)].concat()), (2, None), "two of one length are tickets");
}

#[test]
fn tls13_goodbyes_are_inferred() {
    let mut script = tls13();
    script.push((Client, sealed(120)));
    script.push((Server, sealed(700)));
    script.push((Client, sealed(19)));
    script.push((Server, sealed(19)));
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    let alerts: Vec<_> =
        tls.alerts.iter().map(|a| (a.side, a.seen, a.pair, a.answered, a.position)).collect();
    assert_eq!(
        alerts,
        [
            (Client, AlertSeen::Inferred, false, true, AlertPosition::Session),
            (Server, AlertSeen::Inferred, false, true, AlertPosition::Session)
        ]
    );
    let sure = certainty(&tls.alerts[0], &After { fin: Some(0), ..After::default() });
    assert!(sure > 0.95 && tls.alerts[0].certainty > 0.5);
    assert_eq!(tls.sides.client.data_records, 1, "the goodbye is no data");
}

#[test]
fn tls13_pair_of_java() {
    let mut script = tls13();
    script.push((Client, sealed(120)));
    script.push((Server, sealed(700)));
    script.push((Client, [sealed(35), sealed(35)].concat()));
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    let alerts: Vec<_> = tls.alerts.iter().map(|a| (a.record_length, a.pair, a.second_of_pair)).collect();
    assert_eq!(alerts, [(35, true, false), (35, true, true)]);
    assert!(certainty(&tls.alerts[0], &After::default()) > 0.95);
}

#[test]
fn tls13_pings_are_data_when_something_follows() {
    let mut script = tls13();
    for _ in 0..5 {
        script.push((Client, sealed(19)));
        script.push((Server, sealed(19)));
    }
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    assert_eq!((tls.sides.client.data_records, tls.alerts.len()), (4, 2));
    assert!(tls.alerts.iter().all(|alert| alert.alike_before >= 3));
    let silent = certainty(&tls.alerts[0], &After { fin: Some(i64::MAX), ..After::default() });
    assert!(silent < 0.7, "{silent}");
}

#[test]
fn tls13_client_refuses_in_the_dark_and_in_clear() {
    let mut dark = tls13();
    dark[2].1 = [record(20, 0x0303, &[1]), sealed(19)].concat();
    let tls = settled(&dark).tls.unwrap();
    assert_eq!(
        (tls.handshake, tls.alerts[0].position),
        (Handshake::Failed, AlertPosition::InsteadOfFinished)
    );

    let mut clear = tls13();
    clear[2].1 = record(21, 0x0303, &[2, 48]);
    let tls = settled(&clear).tls.unwrap();
    assert_eq!(tls.handshake, Handshake::Failed);
    assert_eq!((tls.alerts[0].seen, tls.alerts[0].description), (AlertSeen::Plain, Some(48)));
}

#[test]
fn tls13_server_refuses_after_finished() {
    let mut script = tls13();
    script[2].1.extend(sealed(120));
    script.push((Server, sealed(19)));
    let tls = settled(&script).tls.unwrap();
    assert_eq!((tls.alerts[0].side, tls.alerts[0].position), (Server, AlertPosition::AfterFinished));
    assert_eq!(tls.handshake, Handshake::Complete);
}

#[test]
fn server_refuses_the_hello_in_clear() {
    let script = vec![
        (Client, record(22, 0x0301, &client_hello(false))),
        (Server, [record(21, 0x0301, &[1, 112]), record(21, 0x0301, &[2, 70])].concat()),
    ];
    let tls = settled(&script).tls.unwrap();
    assert_eq!(tls.handshake, Handshake::Failed);
    let said: Vec<_> = tls.alerts.iter().map(|alert| (alert.level, alert.description, alert.pair)).collect();
    assert_eq!(said, [(Some(1), Some(112), false), (Some(2), Some(70), false)]);
}

#[test]
fn hello_in_tiny_records() {
    let mut script = tls12();
    script[0].1 = client_hello(false).chunks(3).flat_map(|part| record(22, 0x0301, part)).collect();
    let tls = settled(&script).tls.unwrap();
    assert_eq!((tls.sni.as_deref(), tls.handshake), (Some("localhost"), Handshake::Complete));
}

#[test]
fn sslv2_hello_then_tls() {
    let mut script = tls12();
    let mut hello = vec![0x80, 31, 1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 4, 0, 0, 0x2f];
    hello.extend([1; 16]);
    script[0].1 = hello;
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    assert_eq!(tls.handshake, Handshake::Complete);
    assert_eq!((tls.version, summary.opening.client), (Some(ProtocolVersion::TLS_1_2), Some(Opening::Tls)));
    assert!(tls.ja4.is_none());
}

#[test]
fn starttls() {
    let mut script: Script = vec![
        (Server, b"220 mail ESMTP\r\n".to_vec()),
        (Client, b"EHLO me\r\n".to_vec()),
        (Server, b"250-STARTTLS\r\n250 OK\r\n".to_vec()),
        (Client, b"STARTTLS\r\n".to_vec()),
        (Server, b"220 go ahead\r\n".to_vec()),
    ];
    script.extend(tls12());
    script.push((Client, sealed(60)));
    let summary = settled(&script);
    assert_eq!((summary.protocol, summary.upgraded_from), (Some("tls"), Some("smtp")));
    assert_eq!(summary.tls.as_deref().unwrap().handshake, Handshake::Complete);
    assert_eq!((summary.talk.bytes.client, summary.talk.bytes.server), (60, 0), "only what TLS carries");
}

#[test]
fn other_ways_into_tls() {
    let ways: [(&str, Script); 4] = [
        ("postgresql", vec![(Client, b"\0\0\0\x08\x04\xd2\x16\x2f".to_vec()), (Server, b"S".to_vec())]),
        (
            "rdp",
            vec![
                (Client, b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0".to_vec()),
                (Server, b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\x02\0\0\0".to_vec()),
            ],
        ),
        (
            "http",
            vec![
                (Client, b"CONNECT h:443 HTTP/1.1\r\n\r\n".to_vec()),
                (Server, b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
            ],
        ),
        (
            "ldap",
            vec![
                (Client, b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16".to_vec()),
                (Server, b"\x30\x0c\x02\x01\x01\x78\x07".to_vec()),
            ],
        ),
    ];
    for (name, mut script) in ways {
        script.extend(tls12());
        let summary = settled(&script);
        assert_eq!(summary.upgraded_from, Some(name));
        assert_eq!(summary.tls.as_deref().map(|tls| tls.handshake), Some(Handshake::Complete), "{name}");
    }
}

#[test]
fn text_and_hello_in_one_segment() {
    let mut script = tls12();
    script[0].1 = [b"a STARTTLS\r\n".to_vec(), script[0].1.clone()].concat();
    assert_eq!(play(&script, usize::MAX).tls.unwrap().handshake, Handshake::Complete);
}

#[test]
fn inside_tds() {
    let wrap = |bytes: &[u8]| {
        let length = u16::try_from(bytes.len() + 8).unwrap().to_be_bytes();
        [&[0x12, 1, length[0], length[1], 0, 0, 1, 0][..], bytes].concat()
    };
    let mut script: Script =
        vec![(Client, wrap(&[0; 30])), (Server, [&[4, 1, 0, 38, 0, 0, 1, 0][..], &[0; 30]].concat())];
    script.extend(tls12().into_iter().map(|(side, bytes)| {
        let (one, two) = bytes.split_at(bytes.len() / 2);
        (side, [wrap(one), wrap(two)].concat())
    }));
    script.push((Client, sealed(200)));
    script.push((Server, sealed(400)));
    let summary = settled(&script);
    let tls = summary.tls.as_deref().unwrap();
    assert_eq!(summary.upgraded_from, Some("tds"));
    assert!(tls.inside_tds);
    assert_eq!((tls.handshake, tls.sides.client.lost + tls.sides.server.lost), (Handshake::Complete, 0));
    assert_eq!((tls.sides.client.data_records, tls.sides.server.data_records), (1, 1));
    assert_eq!((summary.talk.bytes.client, summary.talk.bytes.server), (200, 400));

    // Where only the login is encrypted, TLS stops without a word.
    script.push((Client, [&[1, 1, 0, 50, 0, 0, 1, 0][..], &[7; 42]].concat()));
    script.push((Server, [&[4, 1, 0, 90, 0, 0, 1, 0][..], &[23; 82]].concat()));
    let summary = play(&script, usize::MAX);
    let tls = summary.tls.as_deref().unwrap();
    assert_eq!((tls.sides.client.lost + tls.sides.server.lost, tls.sides.server.records), (0, 5));
    assert_eq!((summary.talk.bytes.client, summary.talk.bytes.server), (250, 490));
}

#[test]
fn the_wrong_protocol_on_the_port() {
    let to_http = vec![
        (Client, record(22, 0x0301, &client_hello(true))),
        (Server, b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ];
    let summary = settled(&to_http);
    assert_eq!((summary.opening.client, summary.opening.server), (Some(Opening::Tls), Some(Opening::Text)));
    assert!(summary.tls.as_deref().unwrap().sides.server.foreign);

    let to_tls = vec![(Client, b"GET / HTTP/1.1\r\n\r\n".to_vec()), (Server, record(21, 0x0301, &[2, 70]))];
    let summary = settled(&to_tls);
    assert_eq!((summary.opening.client, summary.opening.server), (Some(Opening::Text), Some(Opening::Tls)));
    let tls = summary.tls.as_deref().unwrap();
    assert!(tls.sides.client.foreign);
    assert_eq!((tls.alerts[0].side, tls.alerts[0].description), (Server, Some(70)));
}

#[test]
fn a_hello_that_is_interrupted_is_still_one() {
    let hello = record(22, 0x0301, &client_hello(true));
    let (first, second) = hello.split_at(hello.len() - 20);
    let script =
        vec![(Client, first.to_vec()), (Server, b"SSH-2.0-x\r\n".to_vec()), (Client, second.to_vec())];
    let summary = play(&script, usize::MAX);
    assert_eq!((summary.opening.client, summary.opening.server), (Some(Opening::Tls), Some(Opening::Text)));
}

/// A server's certificate with so many units of its issuer's before the name.
fn certificate(units: usize) -> Vec<u8> {
    let element = |tag: u8, value: &[u8]| {
        let [high, low] = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, high, low], value].concat()
    };
    let attribute = |kind: u8, text: &[u8]| {
        element(0x31, &element(0x30, &[&[6, 3, 0x55, 4, kind][..], &element(0x0c, text)].concat()))
    };
    let mut issuer = vec![attribute(11, &[b'u'; 64]); units].concat();
    issuer.extend(attribute(3, b"The Issuer"));
    let body = [&[2, 1, 7, 0x30, 0][..], &element(0x30, &issuer), &element(0x30, &[9; 900])].concat();
    let der = element(0x30, &element(0x30, &body));
    let lengths = |bytes: usize| {
        let [.., high, middle, low] = bytes.to_be_bytes();
        [high, middle, low]
    };
    let list = [&lengths(der.len())[..], &der].concat();
    let message = [&lengths(list.len())[..], &list].concat();
    [&[11][..], &lengths(message.len()), &message].concat()
}

#[test]
fn an_issuer_is_read_wherever_the_certificate_is_cut() {
    for units in [0, 8, 13, 20] {
        let hellos = tls12();
        let bytes = record(22, 0x0303, &certificate(units));
        let mut script = hellos[..2].to_vec();
        script.push((Server, bytes));
        for size in [1, 77, 700, 1080, usize::MAX] {
            let tls = play(&script, size).tls.unwrap();
            assert_eq!(tls.issuer.as_deref(), Some("The Issuer"), "{units} {size}");
            assert_eq!(tls.resumed, Some(false));
        }
    }
}

#[test]
fn the_capture_begins_in_the_middle() {
    let goodbye = vec![(Client, record(21, 0x0303, &[7; 26]))];
    let tls = settled_from_middle(&goodbye);
    assert_eq!((tls.alerts[0].seen, tls.before_tls13), (AlertSeen::Encrypted, true));
    assert_eq!(tls.handshake, Handshake::Unseen);

    let hidden = vec![(Server, [vec![1, 2, 3], sealed(300), sealed(80)].concat()), (Client, sealed(19))];
    let tls = settled_from_middle(&hidden);
    assert_eq!((tls.version, tls.sides.server.data_records), (None, 2));
    assert!(tls.alerts[0].seen == AlertSeen::Inferred && tls.alerts[0].version_unknown);
}

fn settled_from_middle(script: &Script) -> hangup_session::Tls {
    *play(script, usize::MAX).tls.expect("recognised as TLS")
}

#[test]
fn gaps_inside_records_are_crossed() {
    let mut conversation = Conversation::default();
    let mut offset = [1u64, 1];
    let mut say = |conversation: &mut Conversation, side: Side, bytes: &[u8], missing: usize| {
        let place = Place { offset: offset[usize::from(side == Server)], ..Place::default() };
        conversation.bytes(side, bytes, &place);
        offset[usize::from(side == Server)] += (bytes.len() + missing) as u64;
        if missing > 0 {
            conversation.gap(
                side,
                missing as u64,
                &Place { offset: place.offset + bytes.len() as u64, ..place },
            );
        }
    };
    for (side, bytes) in tls12() {
        say(&mut conversation, side, &bytes, 0);
    }
    say(&mut conversation, Server, &sealed(1000)[..105], 500);
    say(&mut conversation, Server, &[0xee; 400], 0);
    say(&mut conversation, Server, &sealed(1000)[..105], 900);
    say(&mut conversation, Server, &record(21, 0x0303, &[1; 26]), 0);
    let summary = conversation.clone().end();
    let tls = summary.tls.unwrap();
    assert_eq!((tls.sides.server.lost, summary.talk.bytes.server, tls.alerts.len()), (0, 2000, 1));

    // A hole over a border of records breaks the chain; it is found again.
    say(&mut conversation, Client, &sealed(50)[..10], 200);
    say(&mut conversation, Client, &[&[0xee; 77][..], &sealed(60), &sealed(61)].concat(), 0);
    let summary = conversation.end();
    assert_eq!((summary.tls.unwrap().sides.client.lost, summary.talk.bytes.client), (1, 121));
}

#[test]
fn roles_can_be_exchanged() {
    let script: Script = tls13().into_iter().map(|(side, bytes)| (side.other(), bytes)).collect();
    let mut conversation = Conversation::default();
    for (frame, (side, bytes)) in (1..).zip(&script) {
        let at = Moment::new(0, frame, Timestamp(0));
        conversation.bytes(*side, bytes, &Place { at, offset: 1, ack: 0 });
    }
    assert_eq!(conversation.client_hello_from(), Some(Server));
    let tls = conversation.end().swapped().tls.unwrap();
    assert_eq!((tls.handshake, tls.messages[0].side), (Handshake::Complete, Client));
}

#[test]
fn http_in_clear() {
    let script = vec![
        (Client, b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n".to_vec()),
        (Server, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nab".to_vec()),
    ];
    let summary = settled(&script);
    let http = summary.http.as_deref().unwrap();
    assert_eq!((summary.protocol, http.outstanding, http.close_announced), (Some("http"), Some(true), true));
    assert_eq!(summary.half_sent.server, Some(1));
}
