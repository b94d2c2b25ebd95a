//! Any bytes as a conversation, split anywhere, with gaps: it is summed up after every step, and cutting the
//! segments smaller never makes it crash.
#![no_main]

use hangup_fuzz::Dice;
use hangup_session::{After, Conversation, Place, certainty};
use hangup_wire::{Moment, PerSide, Side, Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut dice = Dice::new(bytes);
    let mut conversation = Conversation::default();
    let mut offset = PerSide { client: 1_u64, server: 1 };
    let mut frame = 0;
    while !dice.is_empty() {
        let what = dice.byte();
        let side = if what & 1 == 0 { Side::Client } else { Side::Server };
        frame += 1;
        let at = Moment::new(0, frame, Timestamp::new(i64::from(what >> 5), 0));
        let place = Place { at, offset: offset[side], ack: offset[side.other()] };
        if what & 6 == 6 {
            let missing = u64::from(dice.short());
            conversation.gap(side, missing, &place);
            offset[side] += missing;
        } else {
            let most = if what & 8 == 0 { usize::from(dice.byte()) } else { usize::from(dice.short()) };
            let segment = dice.bytes(most);
            conversation.bytes(side, segment, &place);
            offset[side] += segment.len() as u64;
        }
    }
    let _ = conversation.client_hello_from();
    let summary = conversation.end();
    for alert in summary.tls.iter().flat_map(|tls| &tls.alerts) {
        let sure = certainty(alert, &After::default());
        assert!((0.0..=1.0).contains(&sure), "{sure} of {alert:?}");
    }
});
