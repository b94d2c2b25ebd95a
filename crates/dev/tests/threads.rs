//! One thread and two tell the same, down to the last digit: which thread does what is nobody's business.

use hangup_dev::{Load, Story};
use hangup_engine::{Options, analyse_bytes};
use std::path::Path;

#[test]
fn one_thread_and_two_tell_the_same() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("loads/small.md");
    let played = Story::played(&file).unwrap();
    let mut capture = Vec::new();
    let made =
        Load { open: 200, bytes: 8_000_000, cut: false, seed: 1 }.write(&played, &mut capture).unwrap();
    // More than wait in memory unpacked, so that judging goes to a thread too.
    assert!(made.connections > 1_000, "{made:?}");
    let told = |threads| {
        let mut options = Options { threads, seed: threads as u64, ..Options::default() };
        // Connections that are finished early are the same ones, too.
        options.limits.table.open = 300;
        options.limits.table.closing = 50;
        serde_json::to_string(&analyse_bytes("load", capture.clone(), &options).unwrap()).unwrap()
    };
    let alone = told(1);
    assert!(told(2) == alone, "two threads tell something else than one");
    assert!(told(8) == alone, "eight threads tell something else than one");
}
