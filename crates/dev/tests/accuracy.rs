//! The figures of the lab are fresh, and what is committed of the lab belongs together.

use std::fs;
use std::path::{Path, PathBuf};

use hangup_dev::lab::{Label, OPEN, SEALED, Scene, is_sealed, names};
use hangup_dev::score::{FirstSight, Log, Reached, page, score};
use hangup_verdict::calibration::CURVE;

#[test]
fn the_accuracy_is_fresh() {
    let score = score(&set(OPEN)).unwrap();
    let page = page(&score, &Log::read(&set(SEALED)).unwrap());
    let stored = fs::read_to_string(root().join("docs/accuracy.md")).unwrap_or_default();
    assert!(stored == page, "docs/accuracy.md is stale: run `cargo dev score`");
    let fallen = Reached::read(&set(OPEN)).unwrap().fallen(&Reached::of(&score));
    assert!(
        fallen.is_empty(),
        "worse than lab/reached.tsv: {}. Where that is right, say why in the commit that lowers it",
        fallen.join("; ")
    );
}

#[test]
fn the_confidence_is_fitted_to_what_was_seen_for_the_first_time() {
    let curve = FirstSight::read(&set(OPEN)).unwrap().curve().unwrap();
    let same = (curve.height - CURVE.height).abs() < 0.001 && (curve.slope - CURVE.slope).abs() < 0.001;
    assert!(same, "crates/verdict/src/calibration.rs is not what `cargo dev calibrate` prints: {curve:?}");
}

#[test]
fn a_scenario_and_its_label_tell_the_same_truth() {
    for lab in [set(OPEN), set(SEALED)] {
        for name in names(&lab.join("scenarios")).unwrap() {
            let text = fs::read_to_string(lab.join(format!("scenarios/{name}.md"))).unwrap();
            let scene = Scene::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let text = fs::read_to_string(lab.join(format!("labels/{name}.json"))).unwrap();
            let label = Label::parse(&text).unwrap();
            for (number, connection) in label.connections.iter().enumerate() {
                assert_eq!(scene.truth(number), Some(&connection.truth), "{name}: play it again");
            }
        }
    }
}

#[test]
fn the_sealed_set_is_as_it_was_sealed() {
    assert!(is_sealed(&set(SEALED)).unwrap(), "a file of the sealed set is not the one that was sealed");
}

/// How the sealed set is scored, on a copy of three scenarios of the open one.
#[test]
fn a_scoring_adds_a_line_and_names_no_connection() {
    let copy = std::env::temp_dir().join(format!("hangup-score-{}", std::process::id()));
    let played = ["client-gives-up-go-python", "server-clean-goodbye-python-cbc", "still-open-at-end-python"];
    for name in played {
        for file in [
            format!("scenarios/{name}.md"),
            format!("labels/{name}.json"),
            format!("captures/{name}.client.pcapng"),
            format!("captures/{name}.server.pcapng"),
        ] {
            let to = copy.join(&file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(set(OPEN).join(&file), to).unwrap();
        }
    }
    fs::copy(set(SEALED).join("scores.tsv"), copy.join("scores.tsv")).unwrap();
    let before = fs::read_to_string(copy.join("scores.tsv")).unwrap();
    let mut log = Log::read(&copy).unwrap();
    let found = score(&copy).unwrap();
    log.add(&found, "2026-11-26", "abc");
    log.write(&copy).unwrap();
    let after = fs::read_to_string(copy.join("scores.tsv")).unwrap();
    let line = after.strip_prefix(&before).unwrap();
    let begin = format!("2026-11-26\tabc\t{}\t", found.judged.len());
    assert!(line.starts_with(&begin) && line.ends_with("\t2 of 2\n"), "{line}");
    let section = Log::read(&copy).unwrap().section();
    assert_eq!(section, log.section());
    assert!(section.contains("| 2026-11-26 | abc |") && section.contains("| still-open-at-end | 2 |"));
    assert!(page(&found, &log).ends_with(&section));
    assert!(played.iter().all(|name| !section.contains(name)), "{section}");
    fs::remove_dir_all(&copy).unwrap();
}

fn set(folder: &str) -> PathBuf {
    root().join(folder)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
