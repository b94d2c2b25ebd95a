//! The clock of an interface: from the numbers of a capture to moments.

use hangup_wire::Timestamp;

/// How an interface counts time: options `if_tsresol` and `if_tsoffset`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    scale: Scale,
    /// Nanoseconds that are added to each time.
    offset: i64,
}

#[derive(Clone, Copy, Debug)]
enum Scale {
    /// A tick is so many nanoseconds.
    Multiply(u64),
    /// So many ticks are a nanosecond.
    Divide(u128),
    /// A tick is 2^-n seconds.
    Binary(u32),
}

impl Default for Clock {
    /// Microseconds since 1970, which holds where a capture says nothing.
    fn default() -> Self {
        Self::new(6, 0)
    }
}

impl Clock {
    /// The clock of `if_tsresol` (the upper bit chooses powers of two over powers of ten) and `if_tsoffset`
    /// (seconds).
    pub(crate) fn new(resolution: u8, offset_seconds: i64) -> Self {
        let exponent = u32::from(resolution & 0x7f);
        let scale = if resolution & 0x80 != 0 {
            Scale::Binary(exponent)
        } else if let Some(coarser) = 9_u32.checked_sub(exponent) {
            Scale::Multiply(10_u64.saturating_pow(coarser))
        } else {
            Scale::Divide(10_u128.saturating_pow(exponent.saturating_sub(9)))
        };
        Self { scale, offset: offset_seconds.saturating_mul(1_000_000_000) }
    }

    /// The moment of a count of ticks.
    #[inline]
    pub(crate) fn time(&self, ticks: u64) -> Timestamp {
        let nanos = match self.scale {
            Scale::Multiply(by) => i64::try_from(ticks.saturating_mul(by)).unwrap_or(i64::MAX),
            Scale::Divide(by) => clamp(u128::from(ticks).checked_div(by).unwrap_or(0)),
            Scale::Binary(exponent) => {
                clamp(u128::from(ticks).saturating_mul(1_000_000_000).checked_shr(exponent).unwrap_or(0))
            }
        };
        Timestamp(nanos.saturating_add(self.offset))
    }

    /// The count of ticks of a moment, `None` for one that cannot be written down.
    pub(crate) fn ticks(&self, time: Timestamp) -> Option<u64> {
        let nanos = u64::try_from(time.0.checked_sub(self.offset)?).ok()?;
        match self.scale {
            Scale::Multiply(by) => nanos.checked_div(by),
            Scale::Divide(by) => u64::try_from(u128::from(nanos).checked_mul(by)?).ok(),
            Scale::Binary(exponent) => {
                let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
                let whole = u128::from(seconds).checked_mul(1_u128.checked_shl(exponent)?)?;
                // Rounds up, so that reading gives back the same nanosecond wherever a tick is shorter than one.
                let part =
                    u128::from(rest).checked_mul(1_u128.checked_shl(exponent)?)?.div_ceil(1_000_000_000);
                u64::try_from(whole.checked_add(part)?).ok()
            }
        }
    }
}

fn clamp(nanos: u128) -> i64 {
    i64::try_from(nanos).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten() {
        assert_eq!(Clock::new(0, 0).time(3), Timestamp(3_000_000_000));
        assert_eq!(Clock::new(6, 0).time(1_000_001), Timestamp(1_000_001_000));
        assert_eq!(Clock::new(9, 0).time(7), Timestamp(7));
        assert_eq!(Clock::new(12, 0).time(7_999), Timestamp(7));
        assert_eq!(Clock::new(127, 0).time(u64::MAX), Timestamp(0));
        assert_eq!(Clock::new(0, 0).time(u64::MAX), Timestamp(i64::MAX));
    }

    #[test]
    fn powers_of_two() {
        assert_eq!(Clock::new(0x80, 0).time(3), Timestamp(3_000_000_000));
        assert_eq!(Clock::new(0x8a, 0).time(1024 + 512), Timestamp(1_500_000_000));
        assert_eq!(Clock::new(0xa0, 0).time(1 << 31), Timestamp(500_000_000));
        assert_eq!(Clock::new(0xff, 0).time(u64::MAX), Timestamp(0));
    }

    #[test]
    fn the_offset_is_in_seconds_and_saturates() {
        assert_eq!(Clock::new(9, -2).time(5), Timestamp(5 - 2_000_000_000));
        assert_eq!(Clock::new(9, i64::MAX).time(5), Timestamp(i64::MAX));
    }

    #[test]
    fn ticks_are_the_way_back() {
        let time = Timestamp(1_600_000_000_123_456_789);
        for resolution in [9, 10, 0x9e, 0xa1] {
            let clock = Clock::new(resolution, 1_500_000_000);
            assert_eq!(clock.ticks(time).map(|ticks| clock.time(ticks)), Some(time), "{resolution:#x}");
        }
        assert_eq!(Clock::new(6, 0).ticks(time), Some(1_600_000_000_123_456));
        assert_eq!(Clock::new(9, 0).ticks(Timestamp(-1)), None);
        assert_eq!(Clock::new(30, 0).ticks(time), None);
    }
}
