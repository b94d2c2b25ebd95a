//! Who was first, and what the rest means.

use crate::line::{CLIENT, Line, RTT, SERVER, alert, alone, expect, later, roles};
use hangup_verdict::{ActKind, AlertSeen, GoodbyeKind, Role, RstFit};

#[test]
fn a_client_that_does_not_wait_resets_what_comes_late() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(5.2).alert(CLIENT).fin(CLIENT).wait(RTT).alert(SERVER).undeliverable(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "client-clean-goodbye", "normal", "client");
    assert_eq!(roles(&verdict), [Role::First, Role::First, Role::Reply, Role::Echo]);
    assert_eq!(verdict.also, ["client-goodbye-nowait"]);
    assert!((verdict.ruling.idle_before.expect("spoke") - 5.2).abs() < 0.001);
}

#[test]
fn a_late_goodbye_draws_an_echo_and_the_server_was_first() {
    let mut line = Line::tls("TLS 1.3");
    line.exchange().wait(75.0).alert(SERVER).fin(SERVER).fin_acked(SERVER).wait(0.001).alert(CLIENT);
    line.wait(RTT).undeliverable(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "server-idle-timeout", "normal", "server");
    assert_eq!(roles(&verdict), [Role::First, Role::First, Role::Reply, Role::Echo]);
    assert_eq!(verdict.also, ["client-reply-goodbye", "goodbye-to-closed-door"]);
}

#[test]
fn an_alert_after_a_bare_fin_is_an_answer_and_may_be_a_complaint() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(9.0).fin(SERVER).fin_acked(SERVER).alert(CLIENT).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "bare-fin-no-close-notify", "normal", "server");
    assert_eq!(roles(&verdict), [Role::First, Role::Reply, Role::Reply]);
    assert!(verdict.evidence.iter().any(|said| said.says.contains("complaint")), "{:#?}", verdict.evidence);
}

#[test]
fn goodbyes_that_do_not_know_of_each_other_cross() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(5.0).deafen(CLIENT).deafen(SERVER);
    line.alert(CLIENT).fin(CLIENT).wait(0.001).alert(SERVER).fin(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "crossing-goodbyes", "normal", "crossing");
    assert_eq!(roles(&verdict), [Role::First, Role::First, Role::Crossing, Role::Crossing]);
}

#[test]
fn warnings_and_alerts_that_are_followed_by_data_are_no_goodbyes() {
    let mut line = Line::tls("TLS 1.2");
    let mut passing = alert(AlertSeen::Encrypted, 26, None);
    passing.records_after = 2;
    line.exchange().alert_as(SERVER, passing).exchange().wait(3.0).fin(CLIENT).wait(RTT).fin(SERVER);
    let verdict = alone(&line);
    assert_eq!(roles(&verdict), [Role::Ignored, Role::First, Role::Reply]);
    assert_eq!(verdict.ruling.ended_by.name(), "client");
    let mut name = alert(AlertSeen::Plain, 2, Some(112));
    name.level = Some(1);
    assert!(!name.ends());
    name.level = Some(2);
    assert!(name.ends());
}

#[test]
fn an_unlikely_alert_is_no_goodbye_at_all() {
    let mut line = Line::tls("TLS 1.3");
    let mut doubtful = alert(AlertSeen::Inferred, 19, None);
    doubtful.certainty = 0.3;
    line.exchange().alert_as(CLIENT, doubtful).wait(2.0).fin(SERVER).fin_acked(SERVER);
    let verdict = alone(&line);
    assert_eq!(verdict.ruling.goodbyes.len(), 1);
    assert_eq!(verdict.ruling.goodbyes[0].kind, GoodbyeKind::Fin);
}

#[test]
fn a_reset_that_misses_is_ignored_and_said() {
    for (fit, ignored) in [(RstFit::Window, false), (RstFit::Outside, false), (RstFit::Exact, true)] {
        let mut line = Line::tls("TLS 1.2");
        line.exchange().abort(SERVER).last_act(|act| {
            if let ActKind::Rst(rst) = &mut act.kind {
                rst.fit = fit;
                rst.ignored = ignored;
            }
        });
        line.exchange().wait(4.0).alert(CLIENT).fin(CLIENT).wait(RTT).fin(SERVER);
        let verdict = alone(&line);
        expect(&verdict, "client-clean-goodbye", "normal", "client");
        assert_eq!(roles(&verdict)[0], Role::Ignored);
        assert_eq!(verdict.also, ["rst-not-received"]);
    }
}

#[test]
fn a_fin_sent_again_is_a_repeat() {
    let mut line = Line::open();
    line.exchange().wait(1.0).fin(CLIENT).fin(CLIENT).last_act(|act| act.repeat = true);
    let verdict = alone(&line);
    assert_eq!(roles(&verdict), [Role::First, Role::Repeat]);
}

#[test]
fn a_reset_for_each_packet_in_flight_is_one_reset() {
    let mut line = Line::open();
    line.says(CLIENT, 500)
        .wait(RTT)
        .says(SERVER, 1400)
        .abort(CLIENT)
        .says(SERVER, 1400)
        .undeliverable(CLIENT);
    let verdict = alone(&line);
    assert_eq!(roles(&verdict), [Role::First, Role::Repeat]);
    expect(&verdict, "client-abort", "undecided", "client");
}

#[test]
fn a_side_that_lingers_is_told() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange()
        .wait(30.0)
        .alert(SERVER)
        .fin(SERVER)
        .fin_acked(SERVER)
        .wait(40.0)
        .alert(CLIENT)
        .fin(CLIENT);
    line.wait(RTT).undeliverable(SERVER);
    let verdict = alone(&line);
    assert_eq!(verdict.also, ["client-reply-goodbye", "goodbye-to-closed-door", "half-closed-lingerer"]);
    // Without the wait it is no lingerer.
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(30.0).alert(SERVER).fin(SERVER).fin_acked(SERVER).alert(CLIENT).fin(CLIENT);
    assert_eq!(alone(&line).also, ["client-reply-goodbye"]);
}

#[test]
fn conditions_of_the_capture_are_told() {
    let mut line = Line::open();
    line.exchange().wait(2.0).fin(CLIENT).wait(RTT).fin(SERVER);
    line.facts.handshake = hangup_verdict::Handshake::Unseen;
    line.facts.sides[SERVER].missing = 1000;
    let verdict = alone(&line);
    assert_eq!(verdict.also, ["begins-mid-stream", "one-sided-or-lossy-capture"]);
    assert_eq!(verdict.limits.len(), 2);
}

#[test]
fn one_direction_alone_is_said() {
    let mut line = Line::new();
    line.facts.handshake = hangup_verdict::Handshake::Unseen;
    for _ in 0..4 {
        line.facts.sides[SERVER].sent += 1000;
        line.wait(1.0).says(CLIENT, 100);
    }
    let verdict = later(&line, 1.0);
    assert!(verdict.also.contains(&"one-sided-or-lossy-capture"));
    assert!(verdict.limits.iter().any(|limit| limit.contains("one direction")));
    assert_eq!(verdict.ruling.ended_by.name(), "unknown");
}
