//! Any bytes as the head of an HTTP/1 message, a chunk's line, a number.
#![no_main]

use hangup_wire::http::{Head, StartLine, chunk_size, decimal, looks_like_start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (looks_like_start(bytes), decimal(bytes), chunk_size(bytes), StartLine::parse(bytes));
    if let Some(head) = Head::parse(bytes) {
        head.fields().for_each(drop);
        let _ = (head.manners(), head.field("connection"));
    }
});
