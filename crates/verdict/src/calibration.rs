//! From the weight of the evidence to a probability.
//!
//! The weights in the rules are priors by design. What they are worth shows on endings that the rules had not been made for: `lab/first-sight.tsv` has,
//! for each ending of the lab, how much weight its cause had when the judge saw it for the first time, and whether the cause was right. A logistic curve
//! through these (Platt 1999, "Probabilistic outputs for support vector machines") makes one of the other; `cargo dev calibrate` fits it.

/// The curve's height where the evidence weighs one half.
pub const HEIGHT: f64 = 1.307;
/// Its slope: below one, the rules are surer of themselves at both ends than they may be.
pub const SLOPE: f64 = 0.675;
/// Weights below this and above its complement are told no further apart.
const EDGE: f64 = 0.02;

/// How likely a cause is right for which the evidence weighs so much, both 0 to 1. Nothing weighs nothing.
pub fn probability(weight: f64) -> f64 {
    if weight <= 0.0 { 0.0 } else { logistic(HEIGHT + SLOPE * log_odds(weight)) }
}

/// The weight that makes this probability.
pub fn weight(probability: f64) -> f64 {
    if probability <= 0.0 { 0.0 } else { logistic((log_odds(probability) - HEIGHT) / SLOPE) }
}

/// The natural logarithm of the odds of `share`, 0 to 1; shares near the edges are taken for the edges.
pub fn log_odds(share: f64) -> f64 {
    let share = share.clamp(EDGE, 1.0 - EDGE);
    f64::ln(share / (1.0 - share))
}

/// The share whose odds have this logarithm.
pub fn logistic(log_odds: f64) -> f64 {
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
