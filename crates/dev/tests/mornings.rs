//! The mornings of the lab: of a hundred connections of a real Java client, the one that failed at 11:15 is named first, and nothing where none failed.

use std::fs;
use std::path::{Path, PathBuf};

use hangup_capture::{Input, Reader};
use hangup_dev::lab::{Label, Scene, names};
use hangup_engine::model::Report;
use hangup_engine::{Options, Reported, When};
use jiff::{civil, tz};

/// What somebody in Berlin says in winter: 11:15, and no more.
fn at_a_quarter_past_eleven() -> Options {
    Options {
        reported: Some(Reported {
            text: "11:15".into(),
            when: When::Time(civil::time(11, 15, 0, 0)),
            precision: 60,
        }),
        zone: tz::TimeZone::fixed(tz::offset(1)),
        zone_name: "UTC+01".into(),
        ..Options::default()
    }
}

#[test]
fn the_one_that_failed_is_named_first() {
    let mut failed = 0;
    for name in mornings() {
        let (label, report) = (label(&name), report(&name, &at_a_quarter_past_eleven()));
        let incident = report.incident.as_ref().unwrap();
        let guilty = label.connections.iter().find(|connection| connection.truth.verdict == "abnormal");
        let Some(guilty) = guilty else {
            assert!(incident.suspects.is_empty(), "{name}: {:?}", incident.suspects);
            assert!(incident.if_none.is_some(), "{name} says nothing");
            continue;
        };
        failed += 1;
        let first = incident.suspects.first().unwrap_or_else(|| panic!("{name}: nobody is named"));
        let named = report.connections.iter().find(|found| found.id == first.connection).unwrap();
        assert_eq!(named.client.port, guilty.port, "{name}");
        let ending = &named.ending;
        assert_eq!(ending.verdict, "abnormal", "{name}");
        assert_eq!(ending.ended_by, guilty.truth.ended_by, "{name}");
        assert_eq!(ending.cause.as_deref(), Some(guilty.truth.cause.as_str()), "{name}");
    }
    assert_eq!(failed, 3);
}

#[test]
fn the_others_are_normal() {
    for name in mornings() {
        let (label, report) = (label(&name), report(&name, &Options::default()));
        assert_eq!(label.connections.len(), 100, "{name}");
        assert_eq!(report.connections.len(), 100, "{name}");
        for connection in &label.connections {
            let found = report.connections.iter().find(|found| found.client.port == connection.port).unwrap();
            let (ending, truth) = (&found.ending, &connection.truth);
            assert_eq!(ending.verdict, truth.verdict, "{name}, port {}", connection.port);
            let first = ending.first_goodbye.as_ref().unwrap();
            let kind = if first.kind.ends_with("-alert") { "alert" } else { first.kind.as_str() };
            let said = format!("{} {kind}", first.from.as_deref().unwrap_or("nobody"));
            assert!(truth.begins_with(&said), "{name}, port {}: {said}", connection.port);
        }
    }
}

#[test]
fn they_are_mornings_and_small() {
    let mut bytes = 0;
    for name in mornings() {
        let capture = capture(&name);
        bytes += capture.len();
        let mut input = Input::from_readers(vec![Reader::from_bytes(&name, capture).unwrap()]);
        let (mut first, mut last) = (None, None);
        while let Some(packet) = input.next() {
            assert!(last.is_none_or(|last| packet.time >= last), "{name}: frame {}", packet.number);
            first.get_or_insert(packet.time);
            last = Some(packet.time);
        }
        let minutes = last.unwrap().seconds_since(first.unwrap()) / 60.0;
        assert!((148.0..=149.0).contains(&minutes), "{name} takes {minutes} minutes");
    }
    assert!(bytes < 1_300_000, "{bytes} bytes");
}

#[test]
fn a_morning_and_its_label_tell_the_same_truth() {
    for name in mornings() {
        let scene = Scene::parse(&fs::read_to_string(folder().join(format!("{name}.md"))).unwrap()).unwrap();
        for (number, connection) in label(&name).connections.iter().enumerate() {
            assert_eq!(scene.truth(number), Some(&connection.truth), "{name}: play it again");
        }
    }
}

fn mornings() -> Vec<String> {
    let names = names(&folder()).unwrap();
    assert_eq!(names.len(), 4);
    names
}

fn label(name: &str) -> Label {
    Label::parse(&fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()).unwrap()
}

fn capture(name: &str) -> Vec<u8> {
    fs::read(folder().join(format!("{name}.pcapng.gz"))).unwrap()
}

fn report(name: &str, options: &Options) -> Report {
    hangup_engine::analyse_bytes(name, capture(name), options).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lab/mornings")
}
