//! The machine's own floor: a bare walk over the record headers of a capture.

use std::io::{self, Read};

/// What a walk came by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Records.
    pub packets: u64,
    /// Bytes of packets.
    pub bytes: u64,
}

/// Bytes of a buffer that stays in the second cache of today's processors; half or twice of it is no faster.
const BUFFER: usize = 128 << 10;
/// Bytes of the header of a little-endian pcap file, and of each record in it.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

/// Reads a little-endian pcap file from its first byte to its last, and looks at nothing but the length that stands in each record's header.
/// It has no errors to report: less cannot be done by who wants to know where the packets are.
///
/// # Errors
/// What reading gives.
pub fn walk(mut input: impl Read) -> io::Result<Walked> {
    let mut buffer = vec![0; BUFFER];
    let mut walked = Walked::default();
    // Bytes in the buffer, and where in it the next record begins; that may lie behind them.
    let (mut filled, mut next) = (0, FILE_HEADER);
    loop {
        let held = buffer.get(..filled).unwrap_or_default();
        while let Some(&[a, b, c, d]) = held.get(next + 8..).and_then(<[u8]>::first_chunk)
            && held.len() >= next + RECORD_HEADER
        {
            let length = u32::from_le_bytes([a, b, c, d]);
            walked.packets += 1;
            walked.bytes += u64::from(length);
            next += RECORD_HEADER + length as usize;
        }
        let kept = filled.saturating_sub(next);
        if kept > 0 {
            buffer.copy_within(next..filled, 0);
            next = 0;
        } else {
            next -= filled;
        }
        let count = input.read(buffer.get_mut(kept..).unwrap_or_default())?;
        if count == 0 {
            return Ok(walked);
        }
        filled = kept + count;
    }
}

#[cfg(test)]
mod tests {
    use super::{Walked, walk};
    use crate::{Load, Story};

    #[test]
    fn every_record_is_passed() {
        let story = Story::parse(include_str!("../../loads/small.md")).unwrap();
        let mut bytes = Vec::new();
        let load = Load { open: 20, bytes: 500_000, cut: false, seed: 1 };
        let made = load.write(&story.play().unwrap(), &mut bytes).unwrap();
        let all = Walked { packets: made.packets, bytes: made.bytes - 24 - 16 * made.packets };
        assert_eq!(walk(bytes.as_slice()).unwrap(), all);
    }
}
