//! Moments, as captures give them.

use core::num::NonZeroU64;

/// A moment: nanoseconds since 1970-01-01T00:00:00Z, negative before. Reaches from 1677 to 2262; what a
/// capture claims beyond that saturates.
///
/// Time comes from packets only; nothing in the core reads a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `seconds` and `nanos` after the epoch, saturating.
    pub const fn new(seconds: i64, nanos: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }

    /// Nanoseconds from `earlier` to this moment; negative where the clock ran back. Saturates.
    #[inline]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Seconds from `earlier` to this moment, as a fraction.
    #[expect(
        clippy::cast_precision_loss,
        reason = "2^53 ns are 104 days: good to a nanosecond where it matters"
    )]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.since(earlier) as f64 / 1e9
    }

    /// This moment moved by `nanos`, saturating.
    #[inline]
    #[must_use]
    pub const fn plus(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }
}

/// A packet's place in the input: which file, which frame, when. Kept by the million, so both it and `Option` of it
/// take 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Moment {
    /// One more than the frame in the upper 40 bits and the capture in the lower 24.
    place: NonZeroU64,
    /// When it was captured.
    pub time: Timestamp,
}

/// The largest number of a capture that a [`Moment`] can name; of a frame it is `FRAMES - 1`, about 10^12.
const CAPTURES: u32 = (1 << 24) - 1;
const FRAMES: u64 = (1 << 40) - 1;

impl Default for Moment {
    /// Frame 0, which no capture has, in 1970.
    #[inline]
    fn default() -> Self {
        Self::new(0, 0, Timestamp(0))
    }
}

impl Moment {
    /// A packet of the capture file `capture`, from 0, with the number `frame`, from 1 as Wireshark counts. Larger
    /// numbers than 24 and 40 bits hold saturate.
    #[inline]
    pub const fn new(capture: u32, frame: u64, time: Timestamp) -> Self {
        let capture = if capture < CAPTURES { capture } else { CAPTURES };
        let frame = if frame < FRAMES { frame } else { FRAMES - 1 };
        // A widening, which `from` cannot do in a constant.
        let place = frame << 24 | capture as u64;
        Self { place: NonZeroU64::MIN.saturating_add(place), time }
    }

    /// Which capture file, from 0.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "24 bits")]
    pub const fn capture(self) -> u32 {
        ((self.place.get() - 1) as u32) & CAPTURES
    }

    /// Frame number in that file, from 1, as Wireshark counts.
    #[inline]
    pub const fn frame(self) -> u64 {
        (self.place.get() - 1) >> 24
    }

    /// Seconds from `earlier` to this moment.
    pub fn after(self, earlier: Self) -> f64 {
        self.time.seconds_since(earlier.time)
    }

    /// Whether this packet comes behind `other` in the input: by frame number in one file, by time over several.
    pub fn is_behind(self, other: Self) -> bool {
        if self.capture() == other.capture() { self.frame() > other.frame() } else { self.time > other.time }
    }

    /// Seconds from this moment to `end`.
    pub fn until(self, end: Timestamp) -> f64 {
        end.seconds_since(self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_takes_sixteen_bytes_and_keeps_its_numbers() {
        assert_eq!((size_of::<Moment>(), size_of::<Option<Moment>>()), (16, 16));
        for (capture, frame) in [(0, 0), (0, 1), (7, 1 << 33), (u32::MAX, u64::MAX)] {
            let at = Moment::new(capture, frame, Timestamp(-5));
            assert_eq!((at.capture(), at.frame()), (capture.min(CAPTURES), frame.min(FRAMES - 1)));
            assert_eq!(at.time, Timestamp(-5));
        }
        assert_eq!(Moment::default().frame(), 0);
    }
}
