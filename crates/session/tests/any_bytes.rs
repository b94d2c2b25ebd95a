//! Whatever the bytes are and wherever they are missing: no panic, and bounded memory.

use hangup_session::{Conversation, Place};
use hangup_wire::{Moment, Side, Timestamp};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Event {
    Bytes(Side, Vec<u8>),
    Gap(Side, u64),
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Client), Just(Side::Server)]
}

/// Bytes that look like something now and then.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let record = (20u8..=24, 0u8..=4, 0u16..600, any::<bool>(), prop::collection::vec(any::<u8>(), 0..80))
        .prop_map(|(kind, minor, length, exact, body)| {
            let length = if exact { u16::try_from(body.len()).unwrap() } else { length };
            [&[kind, 3, minor][..], &length.to_be_bytes(), &body].concat()
        });
    let hello = (1u8..=20, prop::collection::vec(any::<u8>(), 40..200)).prop_map(|(kind, body)| {
        let inner = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        let outer = u16::try_from(body.len() + 6).unwrap().to_be_bytes();
        [&[22, 3, 1, outer[0], outer[1], kind, 0, inner[0], inner[1], 3, 3][..], &body].concat()
    });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100),
        record,
        hello,
        "(GET|CONNECT|HEAD) / HTTP/1.1\r\n(Content-Length: [0-9]{1,20}\r\n)?\r\n"
            .prop_map(String::into_bytes),
        "HTTP/1.[01] (100|101|200|304) x\r\n(Transfer-Encoding: chunked\r\n)?\r\n([0-9a-fg]{1,3}\r\n)?"
            .prop_map(String::into_bytes),
        Just(vec![0x12, 1, 0, 60, 0, 0, 0, 0]),
        Just(vec![0x80, 31, 1, 3, 1, 0, 6, 0, 0, 0, 16]),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        9 => (side(), bytes()).prop_map(|(side, bytes)| Event::Bytes(side, bytes)),
        1 => (side(), prop_oneof![0u64..2000, any::<u64>()]).prop_map(|(side, missing)| Event::Gap(side, missing)),
    ]
}

proptest! {
    #[test]
    fn nothing_breaks(events in prop::collection::vec(event(), 0..60)) {
        let mut conversation = Conversation::default();
        let mut offset = [1u64, 1];
        for (frame, event) in (1u64..).zip(&events) {
            let at = Moment::new(0, frame, Timestamp(frame.cast_signed() * 1_000_000));
            let (Event::Bytes(side, _) | Event::Gap(side, _)) = event;
            let half = usize::from(*side == Side::Server);
            let place = Place { at, offset: offset[half], ack: offset[1 - half] };
            match event {
                Event::Bytes(side, bytes) => {
                    conversation.bytes(*side, bytes, &place);
                    offset[half] = offset[half].saturating_add(bytes.len() as u64);
                }
                Event::Gap(side, missing) => {
                    conversation.gap(*side, *missing, &place);
                    offset[half] = offset[half].saturating_add(*missing);
                }
            }
        }
        let summary = conversation.end();
        if let Some(tls) = &summary.tls {
            prop_assert!(tls.alerts.len() <= 20 && tls.messages.len() <= 32);
            prop_assert!(tls.sni.as_ref().is_none_or(|name| name.len() <= 3 * 255));
            prop_assert!(tls.alerts.iter().all(|alert| (0.0..=1.0).contains(&alert.certainty)));
            for side in Side::BOTH {
                let half = &tls.sides[side];
                prop_assert!(half.data_records <= half.records);
            }
        }
        prop_assert_eq!(summary.clone().swapped().swapped(), summary);
    }
}

#[test]
fn a_conversation_that_never_spoke_is_two_words() {
    assert_eq!(size_of::<Conversation>(), 2 * size_of::<usize>());
}
