//! Every story earns its verdict: as it is written, in every file format and link type, over IPv6; and a worse capture
//! of it never turns a normal ending into an abnormal one or the reverse.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hangup_dev::{Family, Mutation, Played, Shape, Story, markdown_files, mutate, play};
use serde_json::Value;

/// So many copies of a connection are a crowd.
const CROWD: usize = 8;

/// A story with the name of its file.
struct Told {
    file: String,
    story: Story,
}

fn stories(folders: &[&str]) -> Vec<Told> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut told = Vec::new();
    for folder in folders {
        for path in markdown_files(&root.join(folder)).unwrap() {
            let file = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            let story = Story::parse(&fs::read_to_string(&path).unwrap());
            told.push(Told { story: story.unwrap_or_else(|error| panic!("{file}: {error}")), file });
        }
    }
    assert!(!told.is_empty());
    told
}

fn analyse(bytes: Vec<u8>) -> Value {
    analyse_with(bytes, &hangup_engine::Options::default())
}

fn analyse_with(bytes: Vec<u8>, options: &hangup_engine::Options) -> Value {
    let report = hangup_engine::analyse_bytes("story", bytes, options).unwrap();
    serde_json::to_value(report).unwrap()
}

fn analyse_played(played: &Played) -> Value {
    analyse(Shape::default().pack(played).unwrap())
}

/// What differs is told as a whole: a list of all differences is worth more than the first.
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} differences:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_story_earns_its_verdict() {
    let mut faults = Vec::new();
    for Told { file, story } in stories(&["tests/stories", "examples", "crates/dev/loads"]) {
        assert!(!story.expectation.is_empty(), "{file} claims nothing");
        let played = story.play().unwrap_or_else(|error| panic!("{file}: {error}"));
        let report = analyse_with(Shape::default().pack(&played).unwrap(), &story.expectation.options());
        faults
            .extend(story.expectation.check(&report, &played).iter().map(|fault| format!("{file}: {fault}")));
    }
    none(&faults);
}

#[test]
fn over_ipv6_the_verdicts_are_the_same() {
    let mut faults = Vec::new();
    for Told { file, story } in stories(&["tests/stories"]) {
        let played = play(&story.script, Family::V6).unwrap();
        let report = analyse_with(Shape::default().pack(&played).unwrap(), &story.expectation.options());
        faults
            .extend(story.expectation.check(&report, &played).iter().map(|fault| format!("{file}: {fault}")));
    }
    none(&faults);
}

#[test]
fn formats_and_links_change_nothing() {
    let mut faults = Vec::new();
    for Told { file, story } in stories(&["tests/stories"]) {
        let played = story.play().unwrap();
        let mut first: Option<Value> = None;
        let cards = tells_cards_apart(&played);
        for shape in Shape::all().into_iter().filter(|shape| !cards || shape.link.has_addresses()) {
            let mut report = analyse(shape.pack(&played).unwrap());
            report["captures"] = Value::Null;
            to_micros(&mut report);
            let first = first.get_or_insert_with(|| report.clone());
            if *first != report {
                faults.push(format!("{file} as {shape:?}: {}", difference(first, &report)));
                // One shape of each story shows it.
                break;
            }
        }
    }
    none(&faults);
}

/// Two network cards speak for one end: only links that have addresses can show that.
fn tells_cards_apart(played: &Played) -> bool {
    let frames = &played.frames;
    frames.iter().any(|one| {
        frames.iter().any(|other| {
            one.from.is_some()
                && (one.connection, one.from) == (other.connection, other.from)
                && one.source != other.source
        })
    })
}

#[test]
fn doubled_packets_and_cut_captures_turn_no_verdict() {
    turn_no_verdict(|mutation| matches!(mutation, Mutation::Doubled(_) | Mutation::Cut(_)));
}

#[test]
fn missing_and_swapped_packets_turn_no_verdict() {
    turn_no_verdict(|mutation| matches!(mutation, Mutation::Dropped(_) | Mutation::Swapped(_)));
}

/// A worse capture may show less, never the opposite: a normal ending does not become abnormal, nor the reverse.
#[expect(clippy::print_stdout, reason = "the share that stays the same is worth seeing")]
fn turn_no_verdict(kind: impl Fn(Mutation) -> bool) {
    let mut faults = Vec::new();
    let (mut compared, mut same) = (0_u32, 0_u32);
    for Told { file, story } in stories(&["tests/stories"]) {
        let played = story.play().unwrap();
        let whole = endings(&story, &played);
        let worth = |mutation: Mutation| kind(mutation) && !of_a_crowd(&played, mutation);
        for (mutation, changed) in mutate(&played).filter(|(mutation, _)| worth(*mutation)) {
            for (name, ending) in endings(&story, &changed) {
                let Some((_, before)) = whole.iter().find(|(known, _)| *known == name) else { continue };
                compared += 1;
                same += u32::from(*before == ending);
                let turned =
                    matches!((&*before.0, &*ending.0), ("normal", "abnormal") | ("abnormal", "normal"));
                if turned && !excused(&story, &name, &played, mutation) {
                    let frame = mutation.at() + 1;
                    faults.push(format!(
                        "{file} {name}: {mutation:?} (frame {frame}): {} {} became {} {}",
                        before.0, before.1, ending.0, ending.1
                    ));
                }
            }
        }
    }
    println!("{same} of {compared} endings in worse captures have the same verdict and cause");
    none(&faults);
}

/// Whether the packet belongs to one of more than eight copies of a connection: the first of them stands for all.
fn of_a_crowd(played: &Played, mutation: Mutation) -> bool {
    let names = &played.names;
    let Some(own) = played.frames.get(mutation.at()).map(|frame| frame.connection) else { return false };
    let copies = names.iter().filter(|&name| *name == names[own]).count();
    copies > CROWD && names.iter().position(|name| *name == names[own]) != Some(own)
}

/// Whether the story itself says that the verdict turns: a capture that ends before the step that turns it, or has
/// lost that step, or has it in another place where its place tells, shows another truth.
fn excused(story: &Story, name: &str, played: &Played, mutation: Mutation) -> bool {
    // The step may be another connection's, where what happened to that one decides about this one.
    let find = |label: &str| {
        let names = std::iter::once(name).chain(story.script.names());
        let mut ids = names.filter_map(|name| played.ids(name).first().copied());
        ids.find_map(|id| played.labelled(id, label))
    };
    let at = mutation.at() as u64;
    match mutation {
        Mutation::Cut(_) => story.expectation.turns(name).filter_map(find).any(|frame| at < frame),
        Mutation::Dropped(_) => story.expectation.turns(name).filter_map(find).any(|frame| at + 1 == frame),
        Mutation::Swapped(_) => {
            story.expectation.order(name).filter_map(find).any(|frame| at + 1 == frame || at + 2 == frame)
        }
        Mutation::Doubled(_) => false,
    }
}

/// Verdict and cause of each connection that the story names and has once.
fn endings(story: &Story, played: &Played) -> Vec<(String, (String, String))> {
    let report = analyse_played(played);
    let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let mut endings = Vec::new();
    for name in story.script.names() {
        if let [id] = played.ids(name)[..] {
            let ending = &report["connections"][id]["ending"];
            endings.push((name.to_owned(), (word(&ending["verdict"]), word(&ending["cause"]))));
        }
    }
    endings
}

#[test]
fn every_cause_has_a_story() {
    let told = stories(&["tests/stories"]);
    let causes: BTreeSet<&str> = told.iter().flat_map(|told| told.story.expectation.causes()).collect();
    let missing: Vec<&str> = hangup_verdict::catalogue::all()
        .iter()
        .map(|entry| entry.id)
        .filter(|id| !causes.contains(id))
        .collect();
    assert!(missing.is_empty(), "no story tells of {missing:?}");
}

/// Times have the capture's own precision. Stories happen in whole microseconds: what more there is must be zero.
fn to_micros(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((head, "000Z")) = text.len().checked_sub(4).and_then(|at| text.split_at_checked(at))
                && head.split_once('.').is_some_and(|(_, fraction)| fraction.len() == 6)
            {
                *text = format!("{head}Z");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(to_micros),
        Value::Object(fields) => fields.values_mut().for_each(to_micros),
        _ => {}
    }
}

/// The first place in which two reports differ.
fn difference(one: &Value, other: &Value) -> String {
    match (one, other) {
        (Value::Object(left), Value::Object(right)) => {
            left.iter().find(|(key, value)| right.get(*key) != Some(value)).map_or_else(
                || "keys".to_owned(),
                |(key, value)| format!("{key}.{}", difference(value, right.get(key).unwrap_or(&Value::Null))),
            )
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find(|(_, (left, right))| left != right)
            .map_or_else(String::new, |(at, (left, right))| format!("{at}.{}", difference(left, right))),
        _ => format!(" {one} != {other}"),
    }
}
