//! The captures in `examples` are what their stories compile to.

use std::fs;
use std::path::{Path, PathBuf};

use hangup_dev::{Shape, Story, markdown_files};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

#[test]
fn examples_are_fresh() {
    let files = markdown_files(&folder()).unwrap();
    assert!(!files.is_empty());
    for path in files {
        let story = Story::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        let compiled = Shape::default().pack(&story.play().unwrap()).unwrap();
        let stored = fs::read(path.with_extension("pcapng")).unwrap_or_default();
        // The bytes themselves would fill the screen.
        assert!(compiled == stored, "{} is stale: run `cargo dev examples`", path.display());
        assert!(compiled.len() < 1_000_000, "{}: examples stay below 1 MB", path.display());
        assert!(!story.expectation.is_empty(), "{}: an example shows a verdict", path.display());
    }
}

#[test]
fn every_capture_has_a_story() {
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pcapng") {
            assert!(path.with_extension("md").exists(), "{} comes from nowhere", path.display());
        }
    }
}
