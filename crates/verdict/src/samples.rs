//! A bounded, deterministic sample of a stream of numbers.

/// Every k-th number of a stream, where k doubles whenever the room is used up: the same stream always gives
/// the same sample, spread over all of it. At most `KEPT` numbers, below 256, are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Samples<const KEPT: usize = 32> {
    kept: [f32; KEPT],
    used: u8,
    stride: u32,
    seen: u32,
}

impl<const KEPT: usize> Default for Samples<KEPT> {
    fn default() -> Self {
        Self { kept: [0.0; KEPT], used: 0, stride: 1, seen: 0 }
    }
}

impl<const KEPT: usize> Samples<KEPT> {
    /// Offers one more number.
    pub(crate) fn add(&mut self, value: f64) {
        let take = self.seen.is_multiple_of(self.stride);
        self.seen = self.seen.saturating_add(1);
        if !take || !value.is_finite() {
            return;
        }
        if usize::from(self.used) == KEPT {
            self.thin();
            // What is kept now are the multiples of the new stride; this one may not be one of them.
            if !(self.seen - 1).is_multiple_of(self.stride) {
                return;
            }
        }
        if let Some(slot) = self.kept.get_mut(usize::from(self.used)) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "seven digits are plenty for a gap in seconds"
            )]
            let short = value as f32;
            *slot = short;
            self.used += 1;
        }
    }

    /// The numbers that were kept.
    pub(crate) fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        self.kept.iter().take(usize::from(self.used)).map(|&value| f64::from(value))
    }

    /// How many were offered.
    pub(crate) fn seen(&self) -> u32 {
        self.seen
    }

    /// The middle one of those kept.
    pub(crate) fn median(&self) -> Option<f64> {
        let mut sorted: Vec<f64> = self.iter().collect();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }

    /// The share of those kept that lie within `low..=high`; 0 where there are none.
    pub(crate) fn share_within(&self, low: f64, high: f64) -> f64 {
        let inside = self.iter().filter(|value| (low..=high).contains(value)).count();
        if self.used == 0 { 0.0 } else { ratio(inside, usize::from(self.used)) }
    }

    /// Of all that were offered, how many are like those within `low..=high`, as far as the sample tells.
    pub(crate) fn about_within(&self, low: f64, high: f64) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and `seen`")]
        let about = (self.share_within(low, high) * f64::from(self.seen)).round() as u32;
        about.min(self.seen)
    }

    fn thin(&mut self) {
        let mut kept = [0.0; KEPT];
        for (slot, &value) in kept.iter_mut().zip(self.kept.iter().step_by(2)) {
            *slot = value;
        }
        self.kept = kept;
        #[expect(clippy::cast_possible_truncation, reason = "half of a constant below 256")]
        let half = KEPT.div_ceil(2) as u8;
        self.used = half;
        self.stride = self.stride.saturating_mul(2);
    }
}

#[expect(clippy::cast_precision_loss, reason = "both are below 256")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_multiples_of_the_stride() {
        let mut samples: Samples = Samples::default();
        for number in 0..1000 {
            samples.add(f64::from(number));
        }
        let kept: Vec<f64> = samples.iter().collect();
        assert!((16..=32).contains(&kept.len()));
        let stride = f64::from(samples.stride);
        for (place, value) in (0u32..).zip(kept) {
            assert_eq!(value.to_bits(), (f64::from(place) * stride).to_bits());
        }
        assert_eq!(samples.seen(), 1000);
    }

    #[test]
    fn median_and_share() {
        let mut samples: Samples = Samples::default();
        for value in [5.1, 5.2, 5.3, 90.0] {
            samples.add(value);
        }
        assert!((samples.median().expect("four") - 5.3).abs() < 1e-6);
        assert!((samples.share_within(5.0, 6.0) - 0.75).abs() < 1e-9);
        assert_eq!(samples.about_within(5.0, 6.0), 3);
    }
}
