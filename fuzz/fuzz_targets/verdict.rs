//! Any facts, judged against each other: no verdict is surer than certain, and words change nothing.
#![no_main]

use hangup_verdict::{Baselines, Facts, Group, decide, judge};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(all) = postcard::from_bytes::<Vec<Facts>>(bytes) else { return };
    let mut baselines = Baselines::default();
    all.iter().for_each(|facts| baselines.add(facts));
    let mut alone = Group::default();
    for facts in &all {
        let siblings = baselines.siblings(facts, &mut alone);
        let ruling = judge(facts, &siblings).ruling;
        assert!((0.0..=1.0).contains(&ruling.confidence), "{}", ruling.confidence);
        assert_eq!(ruling, decide(facts, &siblings));
    }
});
