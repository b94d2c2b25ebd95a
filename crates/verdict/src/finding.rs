//! What one rule finds.

use crate::{Alternative, Evidence, Moment, Outcome, Responsible};
use core::fmt::Display;

/// A cause that holds, how surely, and what shows it.
///
/// Confidence moves by evidence only: what supports raises it, what speaks against lowers it. Evidence that
/// is not there does nothing; so taking support away can never raise it.
///
/// Words cost more than all the rest of judging, and most endings of a long capture are only counted: a finding
/// that is not told weighs its evidence and writes nothing down.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// How sure, 0 to 1.
    pub(crate) confidence: f64,
    /// Another outcome than the catalogue's.
    pub(crate) outcome: Option<Outcome>,
    /// Another responsible than the catalogue's.
    pub(crate) responsible: Option<Responsible>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) alternatives: Vec<Alternative>,
    told: bool,
}

impl Finding {
    /// The signature holds: so sure without further evidence. `told`: in words, not only in numbers.
    pub(crate) fn new(confidence: f64, told: bool) -> Self {
        Self {
            confidence: confidence.clamp(0.0, 1.0),
            outcome: None,
            responsible: None,
            evidence: Vec::new(),
            alternatives: Vec::new(),
            told,
        }
    }

    /// States what is seen, without weight.
    pub(crate) fn says(self, says: impl Display, frames: impl IntoIterator<Item = Option<Moment>>) -> Self {
        self.write(says, frames, true)
    }

    /// The same without frames, if `holds`.
    pub(crate) fn says_if(self, holds: bool, says: impl Display) -> Self {
        if holds { self.says(says, []) } else { self }
    }

    /// Support: takes the share `weight` of the remaining doubt away, if `holds`.
    pub(crate) fn supported(
        mut self,
        holds: bool,
        weight: f64,
        says: impl Display,
        frames: impl IntoIterator<Item = Option<Moment>>,
    ) -> Self {
        if !holds {
            return self;
        }
        self.confidence = 1.0 - (1.0 - self.confidence) * (1.0 - weight.clamp(0.0, 1.0));
        self.write(says, frames, true)
    }

    /// Counter-evidence: takes the share `weight` of the confidence away, if `holds`.
    pub(crate) fn doubted(
        mut self,
        holds: bool,
        weight: f64,
        says: impl Display,
        frames: impl IntoIterator<Item = Option<Moment>>,
    ) -> Self {
        if !holds {
            return self;
        }
        self.confidence *= 1.0 - weight.clamp(0.0, 1.0);
        self.write(says, frames, false)
    }

    /// Something else that looks the same, with the share of the remaining doubt that it deserves.
    pub(crate) fn or(mut self, cause: &'static str, share: f64, would_decide: impl Display) -> Self {
        if self.told {
            let would_decide = would_decide.to_string();
            self.alternatives.push(Alternative { cause, confidence: share, would_decide });
        }
        self
    }

    /// The same, if `holds`.
    pub(crate) fn or_if(
        self,
        holds: bool,
        cause: &'static str,
        share: f64,
        would_decide: impl Display,
    ) -> Self {
        if holds { self.or(cause, share, would_decide) } else { self }
    }

    /// Judged otherwise than the catalogue does.
    pub(crate) fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// Blamed otherwise than the catalogue does.
    pub(crate) fn responsible(mut self, responsible: Responsible) -> Self {
        self.responsible = Some(responsible);
        self
    }

    fn write(
        mut self,
        says: impl Display,
        frames: impl IntoIterator<Item = Option<Moment>>,
        supports: bool,
    ) -> Self {
        if self.told {
            let frames = frames.into_iter().flatten().collect();
            self.evidence.push(Evidence { says: says.to_string(), frames, supports });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn support_taken_away_never_raises(base in 0.0..1.0f64, steps in prop::collection::vec((any::<bool>(), any::<bool>(), 0.0..1.0f64), 0..8), without in 0usize..8) {
            let run = |skip: Option<usize>| {
                steps.iter().enumerate().fold(Finding::new(base, true), |finding, (index, &(support, holds, weight))| {
                    let holds = holds && skip != Some(index);
                    if support { finding.supported(holds, weight, "", []) } else { finding.doubted(holds, weight, "", []) }
                }).confidence
            };
            let all = run(None);
            prop_assert!((0.0..=1.0).contains(&all));
            if steps.get(without).is_some_and(|(support, _, _)| *support) {
                prop_assert!(run(Some(without)) <= all + 1e-12);
            }
        }
    }
}
