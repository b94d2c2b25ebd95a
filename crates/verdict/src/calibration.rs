//! From the weight of the evidence to a probability.
//!
//! The weights in the rules are priors by design. What they are worth shows on endings that the rules had not been made for: `lab/first-sight.tsv` has,
//! for each ending of the lab, how much weight its cause had when the judge saw it for the first time, and whether the cause was right. A logistic curve
//! through these (Platt 1999, "Probabilistic outputs for support vector machines") makes one of the other; `cargo dev calibrate` fits it.

/// A logistic curve: how likely a cause is right by the log-odds of its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// The log-odds where the evidence weighs one half.
    pub height: f64,
    /// What the log-odds of the weight are multiplied with: below one where the rules are surer of themselves at both ends than they may be.
    pub slope: f64,
}

/// The one that is used.
pub const CURVE: Curve = Curve { height: 1.259, slope: 0.663 };
/// Weights below this and above its complement are told no further apart.
const EDGE: f64 = 0.02;

impl Curve {
    /// The probability for a weight.
    pub fn at(self, weight: f64) -> f64 {
        logistic(self.height + self.slope * log_odds(weight))
    }
}

/// How likely a cause is right for which the evidence weighs so much, both 0 to 1. Nothing weighs nothing.
pub fn probability(weight: f64) -> f64 {
    if weight <= 0.0 { 0.0 } else { CURVE.at(weight) }
}

/// The weight that makes this probability.
pub fn weight(probability: f64) -> f64 {
    if probability <= 0.0 { 0.0 } else { logistic((log_odds(probability) - CURVE.height) / CURVE.slope) }
}

/// The natural logarithm of the odds of `share`, 0 to 1; shares near the edges are taken for the edges.
pub fn log_odds(share: f64) -> f64 {
    let share = share.clamp(EDGE, 1.0 - EDGE);
    f64::ln(share / (1.0 - share))
}

/// The share whose odds have this logarithm.
fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + f64::exp(-log_odds))
}

#[cfg(test)]
mod tests {
    use super::{probability, weight};

    #[test]
    fn more_weight_is_never_less_likely_and_nothing_is_certain() {
        let all: Vec<f64> = (0..=100).map(|percent| probability(f64::from(percent) / 100.0)).collect();
        assert!(all.windows(2).all(|pair| matches!(pair, [a, b] if a <= b)));
        assert!(all.first() == Some(&0.0) && all.last().is_some_and(|&most| most < 1.0));
    }

    #[test]
    fn a_weight_is_found_again() {
        for percent in 5..95 {
            let share = f64::from(percent) / 100.0;
            assert!((weight(probability(share)) - share).abs() < 1e-9, "{share}");
        }
    }
}
