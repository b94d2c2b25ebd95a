//! Connections that never came to talk.

use crate::line::{CLIENT, Line, RTT, SERVER, alert, alone, expect};
use hangup_verdict::{ActKind, AlertSeen, Handshake, RstFit, TlsHandshake, UnansweredKind};

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
}

#[test]
fn a_device_refuses() {
    let mut line = Line::new();
    line.syn().wait(0.005).icmp(9, CLIENT, 3, 13);
    line.facts.handshake = Handshake::Refused;
    let verdict = alone(&line);
    expect(&verdict, "connection-refused", "abnormal", "network");
    assert_eq!(verdict.ruling.responsible.name(), "middlebox");
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
    assert_eq!(alone(&line).ruling.cause, None);
}
