//! Real captures, where they are at hand: as many packets as another dissector counts.

use std::fs;
use std::path::Path;

use hangup_capture::{OpenError, Reader};

#[test]
fn real_captures_have_as_many_packets_as_another_dissector_counts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    let Ok(facts) = fs::read_to_string(folder.join("facts_files.tsv")) else {
        println!("skipped: there are no real captures at hand");
        return;
    };
    let mut wrong = Vec::new();
    for row in facts.lines().skip(1) {
        let mut fields = row.split('\t');
        let (Some(name), Some(count)) = (fields.next(), fields.next()) else { panic!("{row}") };
        let expected: u64 = count.parse().unwrap();
        let mut reader = match Reader::open(&folder.join(name)) {
            Ok(reader) => reader,
            // Formats that are refused with a hint how to convert them.
            Err(OpenError::NotACapture { seems, .. }) if seems.is_capture() => continue,
            Err(OpenError::Compressed { .. }) if !cfg!(feature = "compression") => continue,
            Err(error) => {
                wrong.push(format!("{error}"));
                continue;
            }
        };
        while let Some(packet) = reader.next() {
            assert!(packet.number <= expected, "{name}");
        }
        let description = reader.describe();
        if description.frames != expected {
            wrong.push(format!("{name}: {} of {expected}: {:?}", description.frames, description.problems));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
