//! Connections that never came to talk.

use crate::line::{CLIENT, Line, RTT, SERVER, alert, alone, expect, later};
use hangup_verdict::{
    ActKind, AlertSeen, ClientCertificate, Handshake, RstFit, TlsFacts, TlsHandshake, UnansweredKind,
};
use hangup_wire::PerSide;

fn refused() -> Line {
    let mut line = Line::new();
    line.syn().wait(RTT).undeliverable(SERVER).last_act(|act| {
        if let ActKind::Rst(rst) = &mut act.kind {
            rst.ack_flag = true;
            rst.fit = RstFit::Unknown;
            if let Some(trigger) = &mut rst.trigger {
                trigger.syn = true;
            }
        }
    });
    line.facts.handshake = Handshake::Refused;
    line
}

#[test]
fn nobody_listens() {
    let verdict = alone(&refused());
    expect(&verdict, "connection-refused", "abnormal", "server");
    assert_eq!(verdict.ruling.responsible.name(), "server-host");
    assert!(verdict.explanation.contains("No program listens"), "{}", verdict.explanation);
    assert!(verdict.next_steps[0].starts_with("Check whether the server program runs"));
}

#[test]
fn a_device_refuses() {
    let mut line = Line::new();
    line.syn().wait(0.005).icmp(9, CLIENT, 3, 13);
    line.facts.handshake = Handshake::Refused;
    let verdict = alone(&line);
    expect(&verdict, "connection-refused", "abnormal", "network");
    assert_eq!(verdict.ruling.responsible.name(), "middlebox");
    // Who speaks for the way knows nothing of the server's program.
    assert!(verdict.explanation.contains("Not the server said so"), "{}", verdict.explanation);
    assert!(!verdict.explanation.contains("No program listens"), "{}", verdict.explanation);
    assert!(verdict.next_steps[0].starts_with("Check route and VPN"), "{:?}", verdict.next_steps);
    assert_eq!(
        (verdict.ruling.goodbyes[0].from, verdict.ruling.goodbyes[0].address),
        (None, Some(crate::line::address(9)))
    );
}

#[test]
fn nobody_answers_the_call() {
    let mut line = Line::new();
    line.syn().facts.handshake = Handshake::Unanswered;
    line.wait(1.0).in_vain(CLIENT, UnansweredKind::Syn, 4, 7.0);
    let verdict = alone(&line);
    expect(&verdict, "connect-timeout", "abnormal", "network");
    assert_eq!(verdict.ruling.goodbyes[0].from, Some(SERVER));
    // One call and the end of the capture prove nothing.
    let mut line = Line::new();
    line.facts.handshake = Handshake::Unanswered;
    line.in_vain(CLIENT, UnansweredKind::Syn, 1, 0.0);
    expect(&alone(&line), "still-open-at-end", "open", "nobody");
}

fn shaking() -> Line {
    let mut line = Line::tls("TLS 1.2");
    let tls = line.facts.tls.as_mut().expect("tls");
    tls.handshake = TlsHandshake::Failed;
    tls.last_handshake.client = tls.client_hello;
    line
}

fn plain(description: u8) -> hangup_verdict::AlertAct {
    let mut alert = alert(AlertSeen::Plain, 2, Some(description));
    alert.in_handshake = true;
    alert
}

#[test]
fn the_client_refuses_the_certificate() {
    let mut line = shaking();
    let tls = line.facts.tls.as_mut().expect("tls");
    tls.certificate = tls.server_hello;
    line.alert_as(CLIENT, plain(48)).abort(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "server-certificate-rejected", "abnormal", "client");
    assert!(verdict.ruling.confidence > 0.9);
}

#[test]
fn the_client_refuses_under_cover() {
    let mut line = shaking();
    line.facts.tls.as_mut().expect("tls").is_tls13 = true;
    let mut hidden = alert(AlertSeen::Inferred, 35, None);
    hidden.in_handshake = true;
    hidden.certainty = 0.98;
    line.alert_as(CLIENT, hidden).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "server-certificate-rejected", "abnormal", "client");
    assert!(verdict.ruling.confidence < 0.9);
    assert!(verdict.evidence[0].says.contains("middle of the handshake"), "{}", verdict.evidence[0].says);
}

#[test]
fn no_common_version() {
    let mut line = shaking();
    line.facts.tls.as_mut().expect("tls").server_hello = None;
    line.alert_as(SERVER, plain(70)).fin(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "tls-parameters-mismatch", "abnormal", "server");
    assert!(verdict.explanation.contains("protocol_version"), "{}", verdict.explanation);
    // handshake_failure after the client's certificate is about that certificate.
    let mut line = shaking();
    let tls = line.facts.tls.as_mut().expect("tls");
    tls.certificate_requested = tls.client_hello;
    tls.last_handshake.client = tls.server_hello;
    line.alert_as(SERVER, plain(40)).fin(SERVER);
    expect(&alone(&line), "client-certificate-rejected-tls12", "abnormal", "server");
}

#[test]
fn alerts_mean_what_their_place_says() {
    // The same number from the server means the client's certificate.
    let mut line = shaking();
    line.facts.tls.as_mut().expect("tls").certificate_requested = None;
    line.alert_as(SERVER, plain(48)).fin(SERVER);
    let verdict = alone(&line);
    assert_eq!(verdict.ruling.cause, None, "nobody asked for a certificate");
    assert!(verdict.explanation.starts_with("The server (10.0.0.2) ended this"), "{}", verdict.explanation);
    assert!(verdict.explanation.contains("No known cause fits"), "{}", verdict.explanation);
    // An extension that nobody asked for is a fault of a program, no missing common ground.
    let mut line = shaking();
    line.alert_as(CLIENT, plain(110)).fin(CLIENT);
    assert_eq!(alone(&line).ruling.cause, None);
    for number in [40, 47, 70, 71, 86, 109, 112, 120] {
        let mut line = shaking();
        line.facts.tls.as_mut().expect("tls").server_hello = None;
        line.alert_as(SERVER, plain(number)).fin(SERVER);
        expect(&alone(&line), "tls-parameters-mismatch", "abnormal", "server");
    }
    for number in [42, 43, 44, 45, 46, 48, 49] {
        let mut line = shaking();
        let tls = line.facts.tls.as_mut().expect("tls");
        tls.certificate_requested = tls.server_hello;
        tls.client_certificate = tls.server_hello.map(|at| ClientCertificate { at, empty: false });
        line.alert_as(SERVER, plain(number)).fin(SERVER);
        expect(&alone(&line), "client-certificate-rejected-tls12", "abnormal", "server");
    }
}

/// A hello of so many bytes in two packets, of which the server has the first.
fn hello(length: u32) -> Line {
    let mut line = Line::open();
    let first = length / 2;
    line.bytes(CLIENT, first);
    line.ack(SERVER);
    line.deafen(SERVER);
    let at = line.bytes(CLIENT, length + 9 - first);
    line.facts.tls = Some(Box::new(TlsFacts {
        handshake: TlsHandshake::Failed,
        client_hello: Some(at),
        client_hello_length: length,
        last_handshake: PerSide { client: Some(at), server: None },
        ..TlsFacts::default()
    }));
    line
}

#[test]
fn half_a_hello_arrived() {
    let mut line = hello(1700);
    line.wait(RTT).abort(SERVER);
    let half = alone(&line);
    expect(&half, "big-clienthello-dropped", "abnormal", "server");
    // A small one that was cut the same way says nothing about its size.
    let mut line = hello(500);
    line.wait(RTT).abort(SERVER);
    assert_ne!(alone(&line).ruling.cause, Some("big-clienthello-dropped"));
}

#[test]
fn a_handshake_that_stands_still_is_open() {
    let mut line = Line::open();
    let at = line.bytes(CLIENT, 300);
    line.ack(SERVER);
    line.facts.tls = Some(Box::new(TlsFacts {
        handshake: TlsHandshake::Partial,
        client_hello: Some(at),
        client_hello_length: 291,
        last_handshake: PerSide { client: Some(at), server: None },
        ..TlsFacts::default()
    }));
    expect(&later(&line, 20.0), "tls-handshake-stalled", "open", "nobody");
    expect(&later(&line, 5.0), "still-open-at-end", "open", "nobody");
    // What is not acknowledged did not arrive: that is the way's doing, not the program's.
    line.facts.sides.client.acked = 1;
    assert_ne!(later(&line, 20.0).ruling.cause, Some("tls-handshake-stalled"));
}

#[test]
fn a_complaint_that_can_be_read() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().alert_as(CLIENT, alert(AlertSeen::Plain, 2, Some(20))).abort(CLIENT);
    expect(&alone(&line), "tls-fatal-mid-session", "abnormal", "client");
    let mut line = Line::tls("TLS 1.2");
    line.exchange().alert_as(CLIENT, alert(AlertSeen::Plain, 2, Some(0))).fin(CLIENT);
    assert_ne!(alone(&line).ruling.cause, Some("tls-fatal-mid-session"));
}
