//! What the program of each side noticed of an ending.

use crate::line::{CLIENT, Line, RTT, SERVER};
use hangup_verdict::{Baselines, Candidate, Group, Looks, decide};
use hangup_wire::Side;

/// What a side notices that ended its own wait.
const WAITED: &str = "a wait for an answer that the own side ends";

/// What the program of `side` noticed, the most telling first.
fn heard(line: &Line, side: Side) -> Vec<&'static str> {
    let mut all = Baselines::default();
    all.add(&line.facts);
    let mut alone = Group::default();
    let siblings = all.siblings(&line.facts, &mut alone);
    let ruling = decide(&line.facts, &siblings);
    Candidate::of(&line.facts, &ruling, siblings.group).heard[side].words().collect()
}

#[test]
fn an_orderly_goodbye_is_heard_by_the_other_side_alone() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(5.0).alert(CLIENT).fin(CLIENT).wait(RTT).alert(SERVER).fin(SERVER);
    let at_the_server = heard(&line, SERVER);
    assert!(at_the_server.contains(&"the other side's TLS goodbye"), "{at_the_server:?}");
    assert!(!at_the_server.contains(&"a close by the other side without the TLS goodbye"));
    let at_the_client = heard(&line, CLIENT);
    assert!(!at_the_client.contains(&"the other side's TLS goodbye"), "{at_the_client:?}");
    assert!(!at_the_client.contains(&"a close by the other side (FIN)"), "{at_the_client:?}");
}

#[test]
fn who_closes_before_the_answer_is_heard_so_by_who_waited() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange()
        .wait(1.0)
        .says(CLIENT, 800)
        .wait(RTT)
        .ack(SERVER)
        .wait(2.0)
        .fin(SERVER)
        .wait(RTT)
        .fin(CLIENT);
    let at_the_client = heard(&line, CLIENT);
    for words in
        ["a close by the other side before it answered", "a close by the other side without the TLS goodbye"]
    {
        assert!(at_the_client.contains(&words), "{at_the_client:?}");
    }
    assert!(!at_the_client.contains(&WAITED), "{at_the_client:?}");
    assert!(!heard(&line, SERVER).contains(&"a close by the other side before it answered"));
}

#[test]
fn who_gave_up_has_waited_and_the_server_has_not() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange()
        .wait(1.0)
        .says(CLIENT, 800)
        .wait(RTT)
        .ack(SERVER)
        .wait(30.0)
        .fin(CLIENT)
        .wait(RTT)
        .fin(SERVER);
    assert!(heard(&line, CLIENT).contains(&WAITED), "{:?}", heard(&line, CLIENT));
    assert!(!heard(&line, SERVER).contains(&WAITED), "{:?}", heard(&line, SERVER));
}

#[test]
fn a_server_that_closes_a_quiet_line_has_waited_in_vain() {
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(60.0).alert(SERVER).fin(SERVER).wait(RTT).alert(CLIENT).fin(CLIENT);
    assert!(heard(&line, SERVER).contains(&WAITED), "{:?}", heard(&line, SERVER));
    assert!(!heard(&line, CLIENT).contains(&WAITED), "{:?}", heard(&line, CLIENT));
}

#[test]
fn right_behind_data_an_answer_may_be_cut_and_after_a_pause_not() {
    let cut = "a close right behind data, where TLS hides whether the answer was whole";
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(0.01).fin(SERVER).wait(RTT).fin(CLIENT);
    assert!(heard(&line, CLIENT).contains(&cut), "{:?}", heard(&line, CLIENT));
    assert!(!heard(&line, SERVER).contains(&cut));
    let mut line = Line::tls("TLS 1.2");
    line.exchange().wait(5.0).fin(SERVER).wait(RTT).fin(CLIENT);
    assert!(!heard(&line, CLIENT).contains(&cut), "{:?}", heard(&line, CLIENT));
    // In clear nothing hides it.
    let mut line = Line::open();
    line.exchange().wait(0.01).fin(SERVER).wait(RTT).fin(CLIENT);
    assert!(!heard(&line, CLIENT).contains(&cut), "{:?}", heard(&line, CLIENT));
}

#[test]
fn sides_that_speak_two_languages_are_told_and_like_ones_not() {
    let words = "one side that speaks TLS and one that does not";
    let mut line = Line::open();
    line.exchange().wait(0.01).fin(SERVER).wait(RTT).fin(CLIENT);
    for (client, server, differ) in [
        (Some(Looks::Tls), Some(Looks::Text), true),
        (Some(Looks::Binary), Some(Looks::Tls), true),
        (Some(Looks::Tls), Some(Looks::Tls), false),
        (Some(Looks::Text), Some(Looks::Binary), false),
        (Some(Looks::Tls), None, false),
    ] {
        line.facts.opening.client = client;
        line.facts.opening.server = server;
        assert_eq!(heard(&line, CLIENT).contains(&words), differ, "{client:?} {server:?}");
    }
}
