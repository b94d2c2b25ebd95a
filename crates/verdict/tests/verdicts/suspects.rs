//! Which of many endings was the reported one.

use crate::line::{CLIENT, Line, RTT, SERVER, time};
use hangup_verdict::{Baselines, Candidate, Incident, Ranking, decide, rank};

/// A morning of connections every minute, each closed by the client's pool; number `bad` is given up on.
fn morning(bad: Option<u64>, minutes: u32) -> Vec<Line> {
    (0..minutes)
        .map(|minute| {
            let mut line = Line::open_at(60.0 * f64::from(minute)).with_tls("TLS 1.2").id(u64::from(minute));
            line.exchange();
            if bad == Some(u64::from(minute)) {
                line.wait(1.0).says(CLIENT, 800).wait(RTT).ack(SERVER).wait(30.0 - RTT);
            } else {
                line.wait(5.2);
            }
            line.alert(CLIENT).fin(CLIENT).wait(RTT).alert(SERVER).fin(SERVER);
            line
        })
        .collect()
}

fn ranked(lines: &[Line], reported: Option<f64>) -> Ranking {
    let mut all = Baselines::default();
    for line in lines {
        all.add(&line.facts);
    }
    let candidates = lines.iter().map(|line| {
        let mut alone = hangup_verdict::Group::default();
        let siblings = all.siblings(&line.facts, &mut alone);
        Candidate::of(&line.facts, &decide(&line.facts, &siblings), siblings.group)
    });
    let reported = reported.map(|from| (time(from), time(from + 59.0)));
    rank(candidates, &Incident { reported, ..Incident::default() })
}

#[test]
fn the_odd_one_near_the_reported_time_is_named_first() {
    let lines = morning(Some(70), 100);
    for reported in [70.0 * 60.0, 71.0 * 60.0, 80.0 * 60.0] {
        let ranking = ranked(&lines, Some(reported));
        assert_eq!(ranking.suspects.len(), 1, "{ranking:#?}");
        assert_eq!(ranking.suspects[0].id, 70);
        assert!(ranking.suspects[0].because.contains("left unanswered"), "{}", ranking.suspects[0].because);
    }
}

#[test]
fn clocks_may_be_a_minute_off_and_the_nearer_ending_fits_better() {
    let lines = morning(Some(70), 100);
    let goodbye = 70.0 * 60.0 + 32.0;
    let score = |reported: f64| ranked(&lines, Some(reported)).suspects.first().map(|suspect| suspect.score);
    // Reported before it was over: the less, the further.
    let (soon, later) = (score(goodbye - 59.0 - 10.0), score(goodbye - 59.0 - 40.0));
    assert!(soon > later && later.is_some(), "{soon:?} {later:?}");
    assert_eq!(score(goodbye - 59.0 - 65.0), None);
    let suspects = ranked(&lines, Some(goodbye - 69.0)).suspects;
    assert!(suspects[0].because.contains("9.1 s after the reported time"), "{}", suspects[0].because);
    // Frames to look at: the first goodbye and the last packet.
    let odd = &lines[70].facts;
    let bye = odd.acts.first().map(|act| act.at).expect("a goodbye");
    assert_eq!(suspects[0].frames, [bye, odd.last]);
}

#[test]
fn an_odd_one_hours_away_did_not_do_it() {
    let ranking = ranked(&morning(Some(5), 100), Some(80.0 * 60.0));
    assert!(ranking.suspects.is_empty(), "{ranking:#?}");
    assert!(ranking.if_none.expect("words").contains("not in these endings"));
}

/// Twenty connections of one client, each ended by the client in the same way; `odd` does with the tenth what it
/// wants before that. What sets the tenth apart, in words.
fn odd_one(tls: bool, odd: impl Fn(&mut Line)) -> String {
    let lines: Vec<Line> = (0..20_u32)
        .map(|number| {
            let open = Line::open_at(60.0 * f64::from(number));
            let mut line = if tls { open.with_tls("TLS 1.2") } else { open }.id(u64::from(number));
            if number == 10 {
                odd(&mut line);
            } else {
                line.exchange().wait(5.0);
                if tls {
                    line.alert(CLIENT);
                }
            }
            line.fin(CLIENT).wait(RTT).fin(SERVER);
            line
        })
        .collect();
    let ranking = ranked(&lines, Some(600.0));
    assert_eq!(ranking.suspects.first().map(|suspect| suspect.id), Some(10), "{ranking:#?}");
    assert!(ranking.suspects.iter().skip(1).all(|other| other.score < ranking.suspects[0].score));
    ranking.suspects[0].because.clone()
}

#[test]
fn the_one_unlike_its_siblings_stands_out_though_it_ends_like_them() {
    let because = odd_one(false, |line| {
        line.says(CLIENT, 200).wait(RTT).ack(SERVER).wait(5.0);
    });
    assert!(because.contains("gave no answer here"), "{because}");
    let because = odd_one(false, |line| {
        line.exchange().wait(21.0);
    });
    assert!(because.contains("the pause before its goodbye (21 s)"), "{because}");
    let because = odd_one(false, |line| {
        line.says(SERVER, 500).wait(RTT).says(CLIENT, 200).wait(RTT).says(SERVER, 500).wait(5.0);
    });
    assert!(because.contains("the server spoke first, on the others the client did"), "{because}");
    let because = odd_one(true, |line| {
        line.exchange().wait(5.0);
    });
    assert!(
        because.contains("nobody said a TLS goodbye here but on none of 19 other connections"),
        "{because}"
    );
    let because = odd_one(false, |line| {
        line.says(CLIENT, 200).wait(RTT).says(SERVER, 5_000_000).wait(5.0);
    });
    assert!(because.contains("the server's answers came to 5.0 MB"), "{because}");
    let because = odd_one(false, |line| {
        line.exchange().wait(40.0).exchange().wait(5.0);
    });
    assert!(because.contains("it lasted 45"), "{because}");
}

#[test]
fn when_all_are_alike_none_is_blamed() {
    let ranking = ranked(&morning(None, 100), Some(70.0 * 60.0));
    assert!(ranking.suspects.is_empty() && ranking.if_none.is_some());
    let ranking = ranked(&morning(None, 100), None);
    assert_eq!(ranking, Ranking::default());
}

#[test]
fn the_only_one_that_stands_out_is_named_without_a_report() {
    let ranking = ranked(&morning(Some(70), 100), None);
    assert_eq!(ranking.suspects.iter().map(|suspect| suspect.id).collect::<Vec<_>>(), [70]);
    // Two are a pattern, not the one.
    let mut lines = morning(Some(70), 100);
    lines.extend(
        morning(Some(71), 100).into_iter().filter(|line| line.facts.id == 71).map(|line| line.id(171)),
    );
    assert!(ranked(&lines, None).suspects.is_empty());
}

#[test]
fn ten_at_most_and_the_best_first() {
    let lines: Vec<Line> = (0..40)
        .flat_map(|number| morning(Some(3), 4).into_iter().map(move |line| (number, line)))
        .map(|(number, line)| {
            let id = number * 4 + line.facts.id;
            line.id(id)
        })
        .collect();
    let ranking = ranked(&lines, Some(4.0 * 60.0));
    assert_eq!(ranking.suspects.len(), 10);
    assert!(ranking.suspects.windows(2).all(|pair| pair[0].score >= pair[1].score));
}
