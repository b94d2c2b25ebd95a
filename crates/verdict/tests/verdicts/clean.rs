//! Clean endings, and each beside its look-alike.

use crate::line::{CLIENT, Line, RTT, SERVER, alone, among, expect, later};
use hangup_verdict::{ActKind, Outcome};

/// `count` connections that end after the same pause, by `side`.
fn siblings(count: u64, side: hangup_wire::Side, pause: impl Fn(u64) -> f64) -> Vec<Line> {
    (0..count)
        .map(|number| {
            let mut line = Line::tls("TLS 1.2").id(number + 1);
            line.exchange()
                .wait(pause(number))
                .alert(side)
                .fin(side)
                .wait(RTT)
                .alert(side.other())
                .fin(side.other());
            line
        })
        .collect()
}

#[test]
fn plain_tcp_says_goodbye_with_a_fin() {
    let mut line = Line::open();
    line.exchange().wait(2.3).fin(CLIENT).wait(RTT).fin(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "client-clean-goodbye", "normal", "client");
    assert_eq!(verdict.ruling.outstanding, Some(false));
    assert!(verdict.explanation.contains("Nothing was being waited for"), "{}", verdict.explanation);
    let mut line = Line::open();
    line.exchange().wait(2.3).fin(SERVER).wait(RTT).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "server-clean-goodbye", "normal", "server");
    assert_eq!(verdict.also, ["client-reply-goodbye"]);
}

#[test]
fn a_goodbye_within_a_round_trip_of_the_answer_leaves_open_whether_it_was_whole() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(0.001).alert(CLIENT).fin(CLIENT).wait(RTT).fin(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "client-clean-goodbye", "normal", "client");
    assert_eq!(verdict.ruling.outstanding, None);
    assert!(verdict.explanation.contains("does not show"), "{}", verdict.explanation);
    assert!(verdict.alternatives.iter().any(|other| other.cause == "client-abort"));
}

#[test]
fn a_pool_closes_after_the_same_pause_each_time() {
    let others = siblings(12, CLIENT, |_| 5.17);
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(5.2).alert(CLIENT).fin(CLIENT).wait(RTT).alert(SERVER).fin(SERVER);
    let verdict = among(&line, &others, 0.0);
    expect(&verdict, "client-idle-pool-close", "normal", "client");
    assert!(verdict.ruling.confidence > 0.85, "{}", verdict.ruling.confidence);
    assert_eq!(verdict.alternatives[0].cause, "client-clean-goodbye");
    // Two agree better than by chance; one proves nothing, and a known timer is only a hint.
    expect(&among(&line, &others[..2], 0.0), "client-idle-pool-close", "normal", "client");
    let verdict = among(&line, &others[..1], 0.0);
    expect(&verdict, "client-clean-goodbye", "normal", "client");
    assert!(verdict.alternatives.iter().any(|other| other.cause == "client-idle-pool-close"));
}

#[test]
fn a_pool_that_looks_every_few_seconds_is_known() {
    let others = siblings(20, CLIENT, |number| 5.0 + 0.25 * f64::from(u32::try_from(number).expect("small")));
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(7.7).alert(CLIENT).fin(CLIENT);
    expect(&among(&line, &others, 0.0), "client-idle-pool-close", "normal", "client");
    // Pauses of all lengths are no pool.
    let others = siblings(20, CLIENT, |number| 1.0 + 6.0 * f64::from(u32::try_from(number).expect("small")));
    expect(&among(&line, &others, 0.0), "client-clean-goodbye", "normal", "client");
}

#[test]
fn a_server_timer_is_known_or_learnt_or_announced() {
    let close = |pause: f64| {
        let mut line = Line::tls("TLS 1.2");
        line.exchange().wait(pause).alert(SERVER).fin(SERVER).fin_acked(SERVER);
        line
    };
    expect(&alone(&close(75.02)), "server-idle-timeout", "normal", "server");
    expect(&alone(&close(33.0)), "server-clean-goodbye", "normal", "server");
    let learnt = among(&close(33.0), &siblings(5, SERVER, |_| 33.0), 0.0);
    expect(&learnt, "server-idle-timeout", "normal", "server");
    let mut announced = close(8.1);
    announced.facts.talk.keep_alive_timeout = Some(8);
    let verdict = alone(&announced);
    expect(&verdict, "server-idle-timeout", "normal", "server");
    assert!(verdict.ruling.confidence > 0.9);
}

#[test]
fn a_server_that_closes_at_once_does_so_by_rule() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(0.001).alert(SERVER).fin(SERVER).fin_acked(SERVER).alert(CLIENT).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "planned-server-close", "normal", "server");
    let before = verdict.ruling.confidence;
    line.facts.talk.close_announced = true;
    assert!(alone(&line).ruling.confidence > before);
    // After a pause it is not by rule, unless it was announced.
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(3.3).alert(SERVER).fin(SERVER);
    expect(&alone(&line), "server-clean-goodbye", "normal", "server");
}

#[test]
fn http2_servers_send_a_notice_before_they_close() {
    let mut line = Line::tls("TLS 1.3");
    line.facts.tls.as_mut().expect("tls").alpn = Some("h2".to_owned());
    line.exchange().wait(30.0).says(SERVER, 34).wait(0.001).alert(SERVER).fin(SERVER).fin_acked(SERVER);
    expect(&alone(&line), "graceful-goaway", "normal", "server");
    // The notice does not show, for it may be a part of the answer's record; only HTTP/2 has such notices.
    for (alpn, cause) in [("h2", "graceful-goaway"), ("http/1.1", "planned-server-close")] {
        let mut line = Line::tls("TLS 1.3");
        line.facts.tls.as_mut().expect("tls").alpn = Some(alpn.to_owned());
        line.exchange().wait(0.001).alert(SERVER).fin(SERVER).fin_acked(SERVER);
        expect(&alone(&line), cause, "normal", "server");
    }
}

#[test]
fn a_bare_fin_is_sloppy_and_with_something_due_a_fault() {
    let mut line = Line::tls("TLS 1.3");
    line.exchange().wait(2.0).fin(CLIENT).wait(RTT).alert(SERVER).undeliverable(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "bare-fin-no-close-notify", "normal", "client");
    assert_eq!(verdict.also, ["client-goodbye-nowait"]);
    // The same pause on a known timer is the timer's, and the bare FIN stands beside it.
    let mut line = Line::tls("TLS 1.3");
    line.exchange().wait(6.0).fin(SERVER).fin_acked(SERVER).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "server-idle-timeout", "normal", "server");
    assert!(verdict.also.contains(&"bare-fin-no-close-notify"));
    // In the middle of the flow nobody can say whether it was all.
    let mut line = Line::tls("TLS 1.3");
    line.exchange().wait(0.001).fin(SERVER).fin_acked(SERVER).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "bare-fin-no-close-notify", "undecided", "server");
}

#[test]
fn a_client_that_only_finished_sending_still_listens() {
    let mut line = Line::open();
    line.says(CLIENT, 300)
        .fin(CLIENT)
        .wait(RTT)
        .ack(SERVER)
        .wait(1.0)
        .says(SERVER, 9000)
        .ack(CLIENT)
        .fin(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "half-close-by-design", "normal", "client");
    assert_eq!(verdict.ruling.outstanding, Some(false));
    // Where it resets what comes, it had given up.
    let mut line = Line::open();
    line.says(CLIENT, 300).wait(5.0).fin(CLIENT).wait(RTT).ack(SERVER).wait(1.0).deafen(CLIENT);
    line.says(SERVER, 9000).undeliverable(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "client-gives-up", "abnormal", "client");
    assert_eq!(verdict.ruling.outstanding, Some(true));
}

#[test]
fn a_reset_after_everything_was_delivered_is_a_quick_goodbye() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(1.0).ack(SERVER).abort(CLIENT);
    expect(&alone(&line), "rst-as-fast-close", "normal", "client");
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(1.0).abort(SERVER);
    expect(&alone(&line), "rst-as-fast-close", "normal", "server");
    // With an answer in flight it is not.
    let mut line = Line::tls("TLS 1.2");
    line.exchange()
        .says(CLIENT, 300)
        .wait(RTT)
        .says(SERVER, 1400)
        .deafen(CLIENT)
        .says(SERVER, 1400)
        .abort(CLIENT);
    expect(&alone(&line), "client-abort", "undecided", "client");
}

#[test]
fn robots_knock_at_regular_times() {
    let knock = |start: f64| {
        let mut line = Line::open_at(start);
        line.wait(0.001).abort(CLIENT);
        line
    };
    let others: Vec<Line> = (1..6).map(|number| knock(10.0 * f64::from(number)).id(1)).collect();
    expect(&among(&knock(60.0), &others, 0.0), "health-check-probe", "normal", "client");
    let irregular: Vec<Line> = [1.0, 9.0, 11.0, 44.0, 51.0].map(knock).into();
    expect(&among(&knock(60.0), &irregular, 0.0), "unused-connection", "normal", "client");
}

#[test]
fn opened_in_case_and_never_used() {
    let mut line = Line::tls("TLS 1.3");
    line.wait(10.0).alert(CLIENT).fin(CLIENT).wait(RTT).fin(SERVER);
    let verdict = alone(&line);
    expect(&verdict, "unused-connection", "normal", "client");
    assert_eq!((verdict.ruling.outstanding, verdict.ruling.idle_before), (Some(false), None));
    // A server that complains right behind the handshake is another thing.
    let mut line = Line::tls("TLS 1.3");
    line.wait(0.001).alert(SERVER).fin(SERVER);
    let verdict = alone(&line);
    assert_eq!((verdict.ruling.cause, verdict.ruling.outcome), (None, Outcome::Undecided));
    assert!(!verdict.evidence.is_empty());
}

#[test]
fn a_protocols_own_goodbye_is_no_question() {
    let mut line = Line::open();
    line.facts.protocol = Some("smtp".to_owned());
    line.says(SERVER, 40).exchange().wait(0.5).words(CLIENT, "QUIT").wait(RTT).says(SERVER, 20).fin(SERVER);
    line.wait(0.01).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "client-clean-goodbye", "normal", "client");
    assert_eq!(verdict.ruling.outstanding, Some(false));
}

#[test]
fn open_or_vanished() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(1.0);
    expect(&later(&line, 5.0), "still-open-at-end", "open", "nobody");
    expect(&later(&line, 4000.0), "idle-vanished", "undecided", "nobody");
    line.facts.reused = true;
    expect(&later(&line, 5.0), "idle-vanished", "undecided", "nobody");
}

#[test]
fn what_the_protocol_says_wins() {
    let mut line = Line::open();
    line.facts.talk.outstanding = Some(true);
    line.exchange().wait(2.0).fin(SERVER).fin_acked(SERVER).fin(CLIENT);
    let verdict = alone(&line);
    expect(&verdict, "server-truncated-response", "abnormal", "server");
    line.facts.talk.outstanding = Some(false);
    expect(&alone(&line), "server-clean-goodbye", "normal", "server");
}

#[test]
fn an_unread_act_stays_out_of_the_way() {
    let mut line = Line::open();
    line.exchange().wait(2.0).fin(CLIENT).wait(RTT).fin(SERVER);
    line.icmp(9, CLIENT, 3, 1);
    let verdict = alone(&line);
    expect(&verdict, "client-clean-goodbye", "normal", "client");
    assert!(line.facts.acts.iter().any(|act| matches!(act.kind, ActKind::Icmp(_))));
    assert_eq!(verdict.ruling.goodbyes.last().expect("icmp").role.name(), "ignored");
}
