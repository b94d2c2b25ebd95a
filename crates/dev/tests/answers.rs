//! The answer of every story's report takes ten lines at most, whatever the terminal's width, and answers all questions.

use std::fs;
use std::path::Path;

use hangup_capture::{Input, Reader};
use hangup_dev::{Shape, Story, markdown_files};
use hangup_report::{Style, TextReport};

/// The lines of the answer below its heading, in a report of `bytes`.
fn answer(bytes: Vec<u8>, options: &hangup_engine::Options, width: usize) -> Vec<String> {
    let mut report = TextReport::new();
    let mut input = Input::from_readers(vec![Reader::from_bytes("story", bytes).unwrap()]);
    hangup_engine::report(&mut input, options, &mut report, &mut |_, _| ()).unwrap();
    let mut out = Vec::new();
    report.render(&mut out, &[], &Style { width, ..Style::default() }).unwrap();
    let text = String::from_utf8(out).unwrap();
    text.lines().skip(1).take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn the_answer_is_ten_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut faults = Vec::new();
    for folder in ["tests/stories", "examples"] {
        for path in markdown_files(&root.join(folder)).unwrap() {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            let story = Story::parse(&fs::read_to_string(&path).unwrap()).unwrap();
            let bytes = Shape::default().pack(&story.play().unwrap()).unwrap();
            let asked = story.expectation.options();
            let unasked = hangup_engine::Options::default();
            for (width, options) in [(80, &asked), (80, &unasked), (100, &asked), (110, &unasked)] {
                let lines = answer(bytes.clone(), options, width);
                let has = |label: &str| lines.iter().any(|line| line.trim_start().starts_with(label));
                let why = has("Why ") || has("Seen ");
                let whole = has("Result ") || (has("Who ") && (has("Next ") || has("Decides ")));
                if lines.len() > 10 || !whole || (has("Which ") && !(has("Normal?") && why)) {
                    faults.push(format!("{file} at {width}: {} lines\n{}", lines.len(), lines.join("\n")));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} answers:\n{}", faults.len(), faults.join("\n\n"));
}
