//! Silence, and who else heard the server.

use crate::line::{CLIENT, Line, SERVER, alone, among, expect, later};
use hangup_verdict::{GoodbyeKind, Role, UnansweredKind};

fn cut_off(pause: f64) -> Line {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(pause).in_vain(CLIENT, UnansweredKind::Data, 7, 30.0);
    line
}

/// Another connection to the same server, open and answered from `start` on.
fn works(start: f64) -> Line {
    let mut line = Line::open_at(start).id(99);
    line.exchange().wait(1.0).exchange().wait(1.0).fin(CLIENT).fin(SERVER);
    line
}

#[test]
fn after_a_long_pause_something_forgot() {
    let verdict = among(&cut_off(400.0), &[works(420.0)], 60.0);
    expect(&verdict, "middlebox-idle-silent-drop", "abnormal", "network");
    assert_eq!(verdict.ruling.goodbyes[0].kind, GoodbyeKind::Silence);
    assert_eq!(verdict.ruling.goodbyes[0].from, Some(SERVER));
    let sure = verdict.ruling.confidence;
    // Unknown whether others got through: less sure.
    let verdict = later(&cut_off(400.0), 60.0);
    expect(&verdict, "middlebox-idle-silent-drop", "abnormal", "network");
    assert!(verdict.ruling.confidence < sure);
    assert_eq!(verdict.alternatives[0].cause, "server-host-vanished");
    // Others fell silent too: the machine.
    let mut other = cut_off(400.0).id(7);
    other.facts.client.port += 1;
    expect(&among(&cut_off(400.0), &[other], 60.0), "server-host-vanished", "abnormal", "network");
}

#[test]
fn in_the_middle_of_the_talk() {
    let verdict = among(&cut_off(1.0), &[works(10.0)], 60.0);
    expect(&verdict, "flow-blackholed", "abnormal", "network");
    let verdict = later(&cut_off(1.0), 60.0);
    expect(&verdict, "server-host-vanished", "abnormal", "network");
    assert_eq!(verdict.ruling.responsible.name(), "unknown");
}

#[test]
fn who_hangs_up_because_of_silence_only_answers() {
    let mut line = cut_off(1.0);
    line.wait(1.0).abort(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "server-host-vanished", "abnormal", "network");
    assert_eq!(
        verdict.ruling.goodbyes.iter().map(|goodbye| goodbye.role).collect::<Vec<_>>(),
        [Role::First, Role::Reply]
    );
    assert_eq!(verdict.ruling.outstanding, Some(true));
}

#[test]
fn the_end_of_the_capture_is_no_silence() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(1.0).in_vain(CLIENT, UnansweredKind::Data, 1, 0.0);
    let verdict = later(&line, 0.5);
    expect(&verdict, "still-open-at-end", "open", "nobody");
    assert_eq!(verdict.ruling.outstanding, Some(true));
    // Data that was never sent again was answered, or its sender died too: the capture does not show which.
    expect(&later(&line, 10.0), "still-open-at-end", "open", "nobody");
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(1.0).in_vain(CLIENT, UnansweredKind::Data, 2, 0.3);
    expect(&later(&line, 1.0), "still-open-at-end", "open", "nobody");
    expect(&later(&line, 10.0), "server-host-vanished", "abnormal", "network");
}

#[test]
fn a_client_that_closes_at_once_did_not_wait_for_silence() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(3.0).in_vain(CLIENT, UnansweredKind::Data, 1, 0.0);
    line.wait(0.01).alert(CLIENT).fin(CLIENT);
    assert_eq!(alone(&line).ruling.ended_by.name(), "client");
}

#[test]
fn the_line_test_fails() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(60.0).in_vain(CLIENT, UnansweredKind::KeepAlive, 9, 75.0);
    line.wait(1.0).abort(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "tcp-keepalive-failed", "abnormal", "network");
    assert_eq!(verdict.ruling.outstanding, Some(false));
    // Probes against a closed window are another thing.
    line.facts.sides[SERVER].window_closed = true;
    assert_ne!(alone(&line).ruling.cause, Some("tcp-keepalive-failed"));
}

#[test]
fn an_icmp_error_explains_the_silence() {
    let mut line = cut_off(1.0);
    line.icmp(9, CLIENT, 3, 1);
    let verdict = alone(&line);
    assert_eq!(
        (verdict.ruling.ended_by.name(), verdict.ruling.goodbyes[0].kind),
        ("network", GoodbyeKind::Icmp)
    );
    // "Fragmentation needed" explains nothing by itself.
    let mut line = cut_off(1.0);
    line.icmp(9, CLIENT, 3, 4);
    assert_eq!(alone(&line).ruling.goodbyes[0].kind, GoodbyeKind::Silence);
}
