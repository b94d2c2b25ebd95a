//! Places in a capture, so that a second reading need not go through all of it.

use hangup_capture::{Input, Mark};

/// Marks kept at the most: beyond it every second one goes.
const KEPT: usize = 512;

/// Packets between two marks at first.
const EVERY: u64 = 2048;

/// So many packets before the wanted one are read too: fragments of it may be among them.
const EARLIER: u64 = 1024;

/// Places in a capture, evenly spread; none where there are several captures.
#[derive(Clone, Debug)]
pub struct Marks {
    kept: Vec<Mark>,
    every: u64,
    /// The packet behind which the next one is due.
    due: u64,
}

impl Default for Marks {
    fn default() -> Self {
        Self { kept: Vec::with_capacity(KEPT), every: EVERY, due: EVERY }
    }
}

impl Marks {
    /// Marks the place behind the packet that `input` gave last, the `nth` of all, where one is due.
    #[inline]
    pub(crate) fn note(&mut self, input: &Input, nth: u64) {
        if nth >= self.due {
            self.add(input);
            self.due = nth + self.every;
        }
    }

    #[cold]
    fn add(&mut self, input: &Input) {
        self.kept.extend(input.mark());
        if self.kept.len() >= KEPT {
            let mut nth = 0_usize;
            self.kept.retain(|_| {
                nth += 1;
                nth.is_multiple_of(2)
            });
            self.every *= 2;
        }
    }

    /// A mark some way before packet `number`.
    pub(crate) fn before(&self, number: u64) -> Option<&Mark> {
        let number = number.saturating_sub(EARLIER);
        let behind = self.kept.partition_point(|mark| mark.number() < number);
        self.kept.get(behind.checked_sub(1)?)
    }
}
