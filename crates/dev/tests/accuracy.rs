//! The figures of the lab are fresh, and what is committed of the lab belongs together.

use std::fs;
use std::path::{Path, PathBuf};

use hangup_dev::lab::{Scene, names};

#[test]
fn the_accuracy_is_fresh() {
    let score = hangup_dev::score::score(&root()).unwrap();
    let stored = fs::read_to_string(root().join("docs/accuracy.md")).unwrap_or_default();
    assert!(stored == hangup_dev::score::page(&score), "docs/accuracy.md is stale: run `cargo dev score`");
}

#[test]
fn a_scenario_and_its_label_tell_the_same_truth() {
    let lab = root().join("lab");
    for name in names(&lab.join("scenarios")).unwrap() {
        let text = fs::read_to_string(lab.join(format!("scenarios/{name}.md"))).unwrap();
        let scene = Scene::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = fs::read_to_string(lab.join(format!("labels/{name}.json"))).unwrap();
        let label = hangup_dev::lab::Label::parse(&text).unwrap();
        for (number, connection) in label.connections.iter().enumerate() {
            assert_eq!(scene.truth(number), Some(&connection.truth), "{name}: play it again");
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
