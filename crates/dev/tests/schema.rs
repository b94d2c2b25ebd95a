//! Reports are what the schema says, and the schema is what the types say.

use std::fs;
use std::path::Path;

use hangup_dev::{Shape, Story, markdown_files};

#[test]
fn the_schema_is_fresh() {
    let stored = fs::read_to_string(root().join("docs/hangup-1.schema.json")).unwrap_or_default();
    assert!(stored == hangup_dev::schema(), "docs/hangup-1.schema.json is stale: run `cargo dev schema`");
}

#[test]
fn every_report_of_a_story_or_an_example_is_valid() {
    let schema: serde_json::Value = serde_json::from_str(&hangup_dev::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut checked = 0;
    for folder in ["tests/stories", "examples"] {
        for path in markdown_files(&root().join(folder)).unwrap() {
            let story = Story::parse(&fs::read_to_string(&path).unwrap()).unwrap();
            let bytes = Shape::default().pack(&story.play().unwrap()).unwrap();
            let report =
                hangup_engine::analyse_bytes("story", bytes, &hangup_engine::Options::default()).unwrap();
            let report = serde_json::to_value(&report).unwrap();
            if let Err(error) = validator.validate(&report) {
                panic!("{}: {error}", path.display());
            }
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked} reports");
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema: serde_json::Value = serde_json::from_str(&hangup_dev::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({"schema": "hangup/1", "connections": "none"})));
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
