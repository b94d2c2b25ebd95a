//! Any bytes as a packet of any link type: what is found borrows from them and lies within its own bounds.
#![no_main]

use hangup_fuzz::Dice;
use hangup_wire::{Found, LinkType, decode, decode_reassembled};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut dice = Dice::new(bytes);
    let link = LinkType(dice.short());
    let cut = u32::from(dice.byte());
    let data = dice.bytes(usize::MAX);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    match decode(link, data, length.saturating_add(cut)) {
        Found::Tcp(segment) => {
            assert!(segment.length as usize >= segment.payload.len());
            segment.options.iter().for_each(drop);
            segment.options.sack_blocks().for_each(drop);
            let _ =
                (segment.options.mss(), segment.options.timestamps(), segment.options.mptcp_reset_reason());
        }
        Found::Fragment(piece) => {
            assert!(piece.length as usize >= piece.payload.len());
            let _ = decode_reassembled(piece.ip, piece.protocol, piece.payload);
        }
        Found::IcmpError(error) => drop(format!("{error:?}")),
        Found::Other => {}
        Found::Malformed(malformed) => drop(format!("{malformed:?}")),
    }
});
