//! An event is what several endings have in common: whatever falls into one instant, no event has a single ending, and
//! each of its endings names it.

use std::fmt::Write as _;

use hangup_dev::{Shape, Story, markdown_files};
use serde_json::Value;

/// How connections end, and what goes before.
const TAILS: &[&str] = &[
    "+DELAY < FIN\n> FIN\n< ACK\n",
    "+DELAY > FIN\n< FIN\n> ACK\n",
    "+DELAY < RST ACK\n",
    "+DELAY > RST ACK\n",
    "+1s > data 90\n< ACK\n+DELAY < FIN\n> FIN\n< ACK\n",
    "+1s > data 90\n< ACK\n+DELAY < RST ACK\n",
    "+1s > data 90\n< ACK\n+DELAY > RST ACK\n",
    "+DELAY > data 90\n< RST\n",
    "+DELAY > data 90\n+500ms > again\n+1s > again\n+2s > again\n",
    "+DELAY < data 90\n+500ms < again\n+1s < again\n+2s < again\n",
];

/// Chance from a seed (Knuth's MMIX generator).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Some connections among few machines, most of which end around the same few instants.
fn crowd(seed: u64) -> String {
    let mut chance = Chance(seed);
    let mut ladder = String::from("start 2024-05-02T11:00:00Z\nrtt 20ms\n");
    for index in 0..3 + chance.below(12) {
        let begin = chance.below(6_000);
        let end = 10_000 + 90 * chance.below(8) + chance.below(40);
        let [client, server, port] = [3, 3, 2].map(|bound| chance.below(bound));
        let tail = TAILS[usize::try_from(chance.below(TAILS.len() as u64)).unwrap()];
        write!(
            ladder,
            "connection c{index}\nclient 10.0.0.{}:{}\nserver 192.0.2.{}:{}\nbegin {begin}ms\n> SYN\n< SYN ACK\n> ACK\n> data 120\n< data 340\n\
             > ACK\n{}",
            client + 5,
            50_000 + index,
            server + 7,
            8_080 + port,
            tail.replace("DELAY", &format!("{}ms", end - begin)),
        )
        .unwrap();
    }
    format!("# A crowd\n```ladder\n{ladder}```\n```verdict\n```\n")
}

/// Each event of the story's report has several endings, which name it; gives how many events there were.
fn check(name: &str, story: &Story) -> usize {
    let bytes = Shape::default().pack(&story.play().unwrap()).unwrap();
    let report = hangup_engine::analyse_bytes("story", bytes, &hangup_engine::Options::default()).unwrap();
    let report = serde_json::to_value(report).unwrap();
    let events = report["events"].as_array().unwrap();
    let named = |connection: &Value| connection["ending"]["event"].as_u64();
    for (number, event) in (0..).zip(events) {
        let those: Vec<u64> = report["connections"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|connection| named(connection) == Some(number))
            .map(|connection| connection["id"].as_u64().unwrap())
            .collect();
        let told: Vec<u64> =
            event["connections"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect();
        assert_eq!(told, those, "{name}: {event}");
        assert!(told.len() >= 2 && event["count"] == told.len(), "{name}: {event}");
    }
    let connections = report["connections"].as_array().unwrap();
    assert!(connections.iter().filter_map(named).all(|number| number < events.len() as u64), "{name}");
    events.len()
}

#[test]
fn no_event_has_a_single_ending() {
    let found: usize =
        (0..400).map(|seed| check(&format!("seed {seed}"), &Story::parse(&crowd(seed)).unwrap())).sum();
    assert!(found > 100, "only {found} events: these crowds show nothing");
}

#[test]
fn no_event_of_a_story_has_a_single_ending() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for path in
        ["tests/stories", "examples"].iter().flat_map(|folder| markdown_files(&root.join(folder)).unwrap())
    {
        let story = Story::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        check(&path.display().to_string(), &story);
    }
}
