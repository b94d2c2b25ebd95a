//! Endings that went wrong, and each beside its look-alike.

use crate::line::{CLIENT, Line, RTT, SERVER, alone, expect};
use hangup_verdict::Outcome;

#[test]
fn a_request_and_the_goodbye_cross() {
    // As seen at the client: the request leaves before the FIN arrives.
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(60.0).says(CLIENT, 700).wait(0.005).deafen(SERVER).alert(SERVER).fin(SERVER);
    line.wait(RTT).undeliverable(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "keepalive-race", "abnormal", "server");
    assert_eq!(verdict.ruling.outstanding, Some(true));
    assert_eq!(verdict.ruling.responsible.name(), "configuration");
    // As seen at the server: the FIN leaves before the request arrives.
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(60.0).alert(SERVER).fin(SERVER).deafen(CLIENT).wait(0.005).says(CLIENT, 700);
    line.wait(0.001).undeliverable(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "keepalive-race", "abnormal", "server");
    assert!((verdict.ruling.idle_before.expect("idle") - 60.0).abs() < 0.001);
}

#[test]
fn a_client_that_knew_of_the_close_wrote_on_a_stale_line() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(5.0).alert(SERVER).fin(SERVER).fin_acked(SERVER).wait(3.0).says(CLIENT, 700);
    line.wait(RTT).undeliverable(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "stale-connection-reuse", "abnormal", "server");
    assert!(verdict.ruling.confidence > 0.9);
    assert!(verdict.explanation.contains("3 s"), "{}", verdict.explanation);
    assert_eq!(verdict.ruling.outstanding, Some(true));
}

#[test]
fn a_late_alert_is_no_reuse() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(5.0).alert(SERVER).fin(SERVER).fin_acked(SERVER).wait(3.0).alert(CLIENT).fin(CLIENT);
    line.wait(RTT).undeliverable(SERVER);
    expect(&alone(&line), "server-idle-timeout", "normal", "server");
}

#[test]
fn request_taken_and_nothing_said() {
    let mut line = Line::open();
    line.says(CLIENT, 500).wait(RTT).ack(SERVER).wait(2.0).fin(SERVER).fin_acked(SERVER).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "server-closed-without-answer", "abnormal", "server");
    assert_eq!(verdict.ruling.responsible.name(), "server-app");
    // Answered first, it is a plain goodbye.
    let mut line = Line::open();
    line.exchange().wait(2.0).fin(SERVER).fin_acked(SERVER).fin(CLIENT);
    expect(&alone(&line), "server-clean-goodbye", "normal", "server");
}

#[test]
fn an_answer_in_the_middle_of_a_record_is_cut_short() {
    let mut line = Line::tls("TLS 1.3");
    line.exchange().facts.talk.half_sent.server = Some(900);
    line.fin(SERVER).fin_acked(SERVER).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "server-truncated-response", "abnormal", "server");
    let sure = verdict.ruling.confidence;
    line.facts.sides[SERVER].missing = 5000;
    assert!(alone(&line).ruling.confidence < sure);
    // The same fragment, ended by the client, is the client's doing.
    let mut line = Line::tls("TLS 1.3");
    line.exchange().facts.talk.half_sent.server = Some(900);
    line.abort(CLIENT);
    expect(&alone(&line), "client-abort", "undecided", "client");
}

#[test]
fn resets_of_a_living_server() {
    // While the client uploads.
    let mut line = Line::open();
    for _ in 0..20 {
        line.says(CLIENT, 1400);
    }
    line.deafen(SERVER).says(CLIENT, 1400).abort(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "server-abort-unread", "abnormal", "server");
    // Long after it had taken the request.
    let mut line = Line::open();
    line.says(CLIENT, 500).wait(RTT).ack(SERVER).wait(30.0).abort(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "server-abort-linger", "abnormal", "server");
    assert!(verdict.alternatives.iter().any(|other| other.cause == "server-abort-unread"));
}

#[test]
fn patience_ends_after_a_round_time() {
    let wait = |seconds: f64| {
        let mut line = Line::tls("TLS 1.2");
        line.exchange().wait(2.0).says(CLIENT, 900).wait(RTT).ack(SERVER).wait(seconds - RTT);
        line.alert(CLIENT).fin(CLIENT).wait(RTT).alert(SERVER).fin(SERVER);
        line
    };
    let verdict = alone(&wait(30.0));
    expect(&verdict, "client-gives-up", "abnormal", "client");
    assert_eq!((verdict.ruling.outstanding, verdict.ruling.responsible.name()), (Some(true), "server-app"));
    assert!(verdict.explanation.contains("30 s"), "{}", verdict.explanation);
    assert!(alone(&wait(27.3)).ruling.confidence < verdict.ruling.confidence);
    // The very same goodbye with the answer given is none.
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(30.0).alert(CLIENT).fin(CLIENT).wait(RTT).alert(SERVER).fin(SERVER);
    expect(&alone(&line), "client-clean-goodbye", "normal", "client");
}

#[test]
fn nobody_gives_up_within_a_round_trip() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(2.0).says(CLIENT, 900).wait(0.01).alert(CLIENT).fin(CLIENT).wait(RTT).alert(SERVER);
    let verdict = alone(&line);
    assert_eq!((verdict.ruling.outstanding, verdict.ruling.cause), (None, Some("client-clean-goodbye")));
    assert_eq!(verdict.ruling.outcome, Outcome::Undecided);
}

#[test]
fn a_request_without_an_answer_in_a_capture_with_holes_proves_nothing() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(2.0).says(CLIENT, 900).wait(RTT).ack(SERVER).wait(30.0).alert(CLIENT).fin(CLIENT);
    line.facts.sides[SERVER].missing = 2000;
    let verdict = alone(&line);
    assert_eq!((verdict.ruling.outstanding, verdict.ruling.outcome), (None, Outcome::Undecided));
    assert!(verdict.ruling.confidence < 0.6 && verdict.also.contains(&"one-sided-or-lossy-capture"));
}

#[test]
fn an_answer_that_overtook_its_request_in_the_capture_is_an_answer() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(2.0).says(CLIENT, 900).wait(RTT).says(SERVER, 2000).ack(CLIENT);
    let talk = &mut line.facts.talk;
    let (client, server) = (talk.last.client.expect("asked"), talk.last.server.expect("answered"));
    (talk.last.client, talk.last.server) = (
        Some(hangup_verdict::Spoken { at: server.at, ..client }),
        Some(hangup_verdict::Spoken { at: client.at, ..server }),
    );
    talk.run = talk.last;
    talk.last_speaker = Some(CLIENT);
    line.wait(3.0).alert(CLIENT).fin(CLIENT).wait(RTT).alert(SERVER).fin(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "client-clean-goodbye", "normal", "client");
    assert_eq!(verdict.ruling.outstanding, Some(false));
}

#[test]
fn a_request_that_never_arrived_is_the_paths() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(2.0).deafen(SERVER).says(CLIENT, 900).wait(1.0).alert(CLIENT).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "client-gives-up", "abnormal", "client");
    assert_eq!(verdict.ruling.responsible.name(), "path");
}

#[test]
fn a_client_that_cancels_resets_what_flows() {
    let mut line = Line::tls("TLS 1.2");
    line.says(CLIENT, 500)
        .wait(RTT)
        .says(SERVER, 1400)
        .says(SERVER, 1400)
        .wait(0.001)
        .alert(CLIENT)
        .fin(CLIENT);
    line.deafen(CLIENT).says(SERVER, 1400).undeliverable(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "client-abort", "undecided", "client");
    assert_eq!(verdict.ruling.outstanding, Some(true));
    assert_eq!(verdict.also, ["client-goodbye-nowait"]);
}

#[test]
fn who_only_ever_listens_owes_nothing_for_certain() {
    let mut line = Line::open();
    for _ in 0..10 {
        line.says(CLIENT, 200).wait(1.0).ack(SERVER);
    }
    line.fin(CLIENT).wait(RTT).fin(SERVER);
    let verdict = alone(&line);
    assert_eq!(verdict.ruling.outstanding, None);
    expect(&verdict, "client-clean-goodbye", "normal", "client");
}

#[test]
fn what_no_rule_covers_stays_undecided() {
    // A reset without ACK flag to data, and no goodbye before: rebooted host, lost state, who knows.
    let mut line = Line::open();
    line.exchange().wait(20.0).says(CLIENT, 100).wait(RTT).undeliverable(SERVER);
    let verdict = alone(&line);
    assert_eq!(
        (verdict.ruling.cause, verdict.ruling.outcome, verdict.ruling.confidence.to_bits()),
        (None, Outcome::Undecided, 0)
    );
    assert_eq!(verdict.ruling.ended_by.name(), "server");
    assert_eq!(verdict.ruling.outstanding, Some(true));
    assert!(verdict.evidence.iter().any(|said| said.says.contains("outstanding")));
}
