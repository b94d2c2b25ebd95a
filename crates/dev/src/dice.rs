//! Chance that is the same on every machine: a story compiles to the same bytes for ever.

use crate::script::Span;

/// A small seeded generator (`SplitMix64`, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The generator of this seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next 32 bits.
    pub(crate) const fn word(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    /// The next 16 bits.
    pub(crate) const fn half(&mut self) -> u16 {
        (self.next() >> 48) as u16
    }

    /// A number from `span`, both ends included. A span of one number takes nothing from the generator, so that
    /// a fixed story does not change where a range is added elsewhere.
    pub(crate) fn within(&mut self, span: Span) -> u64 {
        let width = span.high.saturating_sub(span.low);
        if width == 0 { span.low } else { span.low + self.next() % (width + 1) }
    }

    /// `count` bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence() {
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.next(), 6_457_827_717_110_365_317);
        assert_eq!(dice.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn spans_include_both_ends() {
        let mut dice = Dice::new(1);
        let seen: std::collections::BTreeSet<u64> =
            (0..200).map(|_| dice.within(Span { low: 3, high: 5 })).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 4, 5]);
    }
}
