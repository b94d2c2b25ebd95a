//! Moments, as captures give them.

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

/// A packet's place in the input: which file, which frame, when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Moment {
    /// Which capture file, from 0.
    pub capture: u32,
    /// Frame number in that file, from 1, as Wireshark counts.
    pub frame: u64,
    /// When it was captured.
    pub time: Timestamp,
}

impl Moment {
    /// Seconds from `earlier` to this moment.
    pub fn after(self, earlier: Self) -> f64 {
        self.time.seconds_since(earlier.time)
    }

    /// Whether this packet comes behind `other` in the input: by frame number in one file, by time over several.
    pub fn is_behind(self, other: Self) -> bool {
        if self.capture == other.capture { self.frame > other.frame } else { self.time > other.time }
    }

    /// Seconds from this moment to `end`.
    pub fn until(self, end: Timestamp) -> f64 {
        end.seconds_since(self.time)
    }
}
/// A [`Moment`] in 16 bytes, for what is kept by the million: 40 bits of frame number, 24 of capture. Frame 0 is
/// never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    place: u64,
    time: i64,
}

impl Stamp {
    /// The moment, as it is kept.
    #[inline]
    pub const fn new(at: Moment) -> Self {
        // A widening of the capture's number, which `from` cannot do in a constant.
        Self { place: at.frame << 24 | (at.capture & 0x00ff_ffff) as u64, time: at.time.0 }
    }

    /// The moment, unless never.
    #[inline]
    pub const fn moment(self) -> Option<Moment> {
        if self.is_never() {
            return None;
        }
        let capture = (self.place & 0x00ff_ffff) as u32;
        Some(Moment { capture, frame: self.place >> 24, time: Timestamp(self.time) })
    }

    /// It stands for no moment.
    #[inline]
    pub const fn is_never(self) -> bool {
        self.place == 0
    }

    /// When, in nanoseconds since 1970; 0 for never.
    #[inline]
    pub const fn time(self) -> i64 {
        self.time
    }
}
