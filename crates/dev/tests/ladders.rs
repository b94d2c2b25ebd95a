//! Every story can be told: it compiles, claims something, and its bytes do not depend on when or where.

use std::fs;
use std::path::Path;

use hangup_dev::{Shape, Story, markdown_files};

#[test]
fn stories_compile_and_claim_something() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/stories");
    let files = markdown_files(&folder).unwrap();
    assert!(!files.is_empty());
    for path in files {
        let name = path.display();
        let text = fs::read_to_string(&path).unwrap();
        let story = Story::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let played = story.play().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!story.expectation.is_empty(), "{name} claims nothing");
        assert_eq!(
            Shape::default().pack(&played).unwrap(),
            Shape::default().pack(&story.play().unwrap()).unwrap()
        );
        // The prose comes first: a story is for people, too.
        let prose = text.lines().skip(1).take_while(|line| !line.starts_with("```")).collect::<String>();
        assert!(prose.len() > 100, "{name} tells nothing");
    }
}
