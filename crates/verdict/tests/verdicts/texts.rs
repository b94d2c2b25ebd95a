//! What a reported error text makes of endings, and when it contradicts the capture.

use crate::line::{CLIENT, Line, RTT, SERVER, time};
use hangup_verdict::{
    Baselines, Candidate, Heard, HeardSet, Incident, Ranking, Reading, decide, errors, rank,
};
use hangup_wire::PerSide;

/// The server resets while a request waits.
fn reset() -> Line {
    let mut line = Line::open().id(1);
    line.exchange();
    line.says(CLIENT, 500).wait(RTT).ack(SERVER).wait(0.5).abort(SERVER);
    line
}

/// The client waits half a minute and hangs up.
fn given_up() -> Line {
    let mut line = Line::open().id(2);
    line.exchange();
    line.says(CLIENT, 500).wait(RTT).ack(SERVER).wait(30.0).fin(CLIENT).wait(RTT).fin(SERVER);
    line
}

/// The server closes instead of answering.
fn unanswered() -> Line {
    let mut line = Line::open().id(3);
    line.exchange();
    line.says(CLIENT, 500).wait(RTT).ack(SERVER).wait(0.5).fin(SERVER).wait(RTT).fin(CLIENT);
    line
}

/// As designed.
fn clean() -> Line {
    let mut line = Line::open().id(4);
    line.exchange();
    line.wait(5.0).fin(CLIENT).wait(RTT).fin(SERVER);
    line
}

fn candidate(line: &Line) -> Candidate {
    let mut all = Baselines::default();
    all.add(&line.facts);
    let mut alone = hangup_verdict::Group::default();
    let siblings = all.siblings(&line.facts, &mut alone);
    Candidate::of(&line.facts, &decide(&line.facts, &siblings), siblings.group)
}

fn ranked(lines: &[Line], text: &str) -> Ranking {
    let reading = Reading::of(text);
    let reported = Some((time(20.0), time(79.0)));
    rank(lines.iter().map(candidate), &Incident { reported, text: Some(&reading) })
}

fn first(ranking: &Ranking) -> u64 {
    ranking.suspects.first().expect("a suspect").id
}

#[test]
fn each_ending_is_heard_as_what_it_is() {
    let client = |line: &Line| candidate(line).heard.client;
    assert!(client(&reset()).has(Heard::Reset) && !client(&reset()).has(Heard::Fin));
    assert!(client(&given_up()).has(Heard::OwnTimeout) && !client(&given_up()).has(Heard::FinBeforeAnswer));
    assert!(
        client(&unanswered()).has(Heard::FinBeforeAnswer) && !client(&unanswered()).has(Heard::OwnTimeout)
    );
    assert!(client(&clean()).is_empty(), "{:?}", client(&clean()).words().collect::<Vec<_>>());
    assert!(candidate(&clean()).heard.server.has(Heard::Fin));
    assert!(!candidate(&given_up()).heard.server.has(Heard::FinBeforeAnswer), "a server does not wait");
}

#[test]
fn a_reset_that_answers_a_goodbye_is_no_reset_received() {
    // The client hangs up, the server answers with a reset: nobody listens any more.
    let mut line = Line::open().id(5);
    line.exchange();
    line.wait(5.0).fin(CLIENT).wait(RTT).abort(SERVER);
    let heard = candidate(&line).heard.client;
    assert!(
        heard.has(Heard::EchoedReset) && !heard.has(Heard::Reset),
        "{:?}",
        heard.words().collect::<Vec<_>>()
    );
    let ranking = ranked(&[line], "ECONNRESET");
    assert!(ranking.suspects.is_empty(), "{ranking:#?}");
    // A request that was sent too late is answered by one, and its sender does listen.
    let mut line = Line::open().id(6);
    line.exchange();
    line.wait(5.0)
        .fin(SERVER)
        .wait(RTT)
        .ack(CLIENT)
        .wait(2.0)
        .says(CLIENT, 500)
        .wait(RTT)
        .undeliverable(SERVER);
    let heard = candidate(&line).heard.client;
    assert!(
        heard.has(Heard::Reset) && heard.has(Heard::WriteAfterClose),
        "{:?}",
        heard.words().collect::<Vec<_>>()
    );
}

#[test]
fn the_text_decides_between_endings_that_fit_the_time() {
    let lines = [reset(), given_up(), unanswered(), clean()];
    for (text, id) in [
        ("ECONNRESET", 1),
        ("Read timed out", 2),
        ("java.net.SocketTimeoutException: Read timed out", 2),
        ("curl: (52) Empty reply from server", 3),
        ("ORA-12537: TNS:connection closed", 3),
    ] {
        let ranking = ranked(&lines, text);
        assert_eq!(first(&ranking), id, "{text}: {ranking:#?}");
        assert_eq!(ranking.suspects[0].text, Some(true), "{text}");
        assert!(ranking.suspects[0].because.contains("fits it"), "{text}: {}", ranking.suspects[0].because);
    }
}

#[test]
fn the_text_says_against_which_ending_it_speaks() {
    let ranking = ranked(&[given_up()], "connection reset by peer");
    assert_eq!(ranking.suspects[0].text, Some(false));
    assert!(ranking.suspects[0].because.contains("speaks against it"), "{}", ranking.suspects[0].because);
    let without = ranked(&[given_up()], "");
    assert!(ranking.suspects[0].score < without.suspects[0].score);
}

#[test]
fn an_unknown_text_weighs_nothing() {
    let lines = [reset(), given_up(), unanswered(), clean()];
    let reported = Some((time(20.0), time(79.0)));
    let without = rank(lines.iter().map(candidate), &Incident { reported, text: None });
    assert_eq!(ranked(&lines, "the printer is on fire"), without);
    assert!(!Reading::of("the printer is on fire").known());
}

#[test]
fn a_text_makes_no_suspect_of_an_ordinary_ending() {
    // The server does hear a close: that alone is nothing to complain of.
    let ranking = ranked(&[clean()], "nginx 499");
    assert!(ranking.suspects.is_empty(), "{ranking:#?}");
}

#[test]
fn with_a_text_alone_those_that_show_what_it_takes_are_named() {
    let reading = Reading::of("ECONNRESET");
    let lines = [reset(), given_up(), unanswered(), clean()];
    let ranking = rank(lines.iter().map(candidate), &Incident { reported: None, text: Some(&reading) });
    assert_eq!(ranking.suspects.iter().map(|suspect| suspect.id).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_contradiction_is_said_once_and_only_where_nothing_fits() {
    let near = |lines: &[Line]| {
        let none = PerSide::<HeardSet>::default();
        lines.iter().map(candidate).fold(none, |all, one| PerSide {
            client: all.client.union(one.heard.client),
            server: all.server.union(one.heard.server),
        })
    };
    let text = Reading::of("connection reset by peer");
    let said = "Connection reset by peer";
    let words = text.contradiction(said, near(&[given_up()]), true).expect("contradicts");
    assert!(
        words.contains("“Connection reset by peer” comes of a reset (RST) from the other side")
            && words.contains("near that time"),
        "{words}"
    );
    let meaning = text.meaning(said).expect("known");
    assert!(meaning.starts_with("“Connection reset by peer”, also called ECONNRESET ("), "{meaning}");
    assert!(text.meaning("ECONNRESET").expect("known").starts_with("“ECONNRESET” ("));
    let untimed = text.contradiction(said, near(&[given_up()]), false).expect("contradicts");
    assert!(untimed.contains("there is none in this capture"), "{untimed}");
    assert_eq!(text.contradiction(said, near(&[given_up(), reset()]), true), None);
    // What need not show in packets contradicts nothing.
    assert_eq!(Reading::of("FRM-92101").contradiction("FRM-92101", near(&[clean()]), true), None);
    assert_eq!(Reading::of("no such thing").contradiction("no such thing", near(&[clean()]), true), None);
}

#[test]
fn a_reset_long_ago_is_no_reason_for_a_text_that_comes_at_once() {
    let score = |at: f64, text: &str| {
        let reading = Reading::of(text);
        let incident = Incident { reported: Some((time(at), time(at + 59.0))), text: Some(&reading) };
        rank([candidate(&reset())], &incident).suspects.first().map_or(0.0, |suspect| suspect.score)
    };
    // A writer notices at its next use; a reader at once.
    assert!(score(500.0, "ECONNRESET") < score(500.0, "ORA-03113"));
    assert!((score(3.0, "ECONNRESET") - score(3.0, "ORA-03113")).abs() < 0.2);
}

#[test]
fn no_text_can_break_the_numbers() {
    let lines = [reset(), given_up(), unanswered(), clean()];
    for row in errors::all() {
        for suspect in ranked(&lines, row.name()).suspects {
            assert!((0.0..=1.0).contains(&suspect.score), "{}: {suspect:?}", row.name());
        }
    }
}
