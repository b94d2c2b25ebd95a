//! TCP sequence numbers, which wrap.

use core::fmt;

/// A TCP sequence number (RFC 9293 §3.4): an unsigned 32-bit number whose order is that of the
/// signed difference, so that `Seq(u32::MAX)` comes just before `Seq(0)`.
///
/// It deliberately has no `Ord`: the order of numbers more than 2^31 apart is meaningless.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Seq(pub u32);

impl Seq {
    /// This number moved forward by `bytes`, wrapping.
    #[inline]
    pub const fn add(self, bytes: u32) -> Self {
        Self(self.0.wrapping_add(bytes))
    }

    /// How far this number lies ahead of `other`: negative where it lies behind.
    #[inline]
    pub const fn since(self, other: Self) -> i32 {
        self.0.wrapping_sub(other.0).cast_signed()
    }

    /// Whether this number comes before `other`.
    #[inline]
    pub const fn before(self, other: Self) -> bool {
        self.since(other) < 0
    }
}

impl fmt::Debug for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seq({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Seq;

    #[test]
    fn order_survives_the_wrap() {
        assert!(Seq(u32::MAX).before(Seq(0)));
        assert!(!Seq(0).before(Seq(u32::MAX)));
        assert_eq!(Seq(5).since(Seq(u32::MAX)), 6);
        assert_eq!(Seq(u32::MAX).add(2), Seq(1));
    }
}
