//! The best that the judge has reached on the open set, figure by figure: what it may not fall below again.
//!
//! Figures are counted in endings, not in shares, so that a new scenario, which is mostly a hard one, does not pull them down.

use super::Score;
use super::page::{QUESTIONS, called, confidence, counted, hits, right};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Figures by name, in the order in which they are told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reached(BTreeMap<String, u64>);

const FILE: &str = "reached.tsv";
const HEADING: &str = "figure\treached\tbetter";

/// Figures of which fewer is better; of all others more is.
const FEWER: [&str; 3] = ["false alarms", "misses", "Brier in thousandths"];

impl Reached {
    /// The figures of a score.
    pub fn of(score: &Score) -> Self {
        let (counted, _) = counted(score);
        let number = |truth, said| counted.iter().filter(|judged| called(judged, truth, said)).count() as u64;
        let mut figures = BTreeMap::new();
        for question in QUESTIONS {
            figures.insert(question.0.to_owned(), right(&counted, question) as u64);
        }
        // Not the calibration error: it grows when a judge that doubts gets better. Brier's score weighs both.
        let (brier, _) = confidence(&mut String::new(), &counted);
        let [alarms, misses, doubt] = FEWER.map(ToOwned::to_owned);
        figures.insert("incidents".to_owned(), hits(&score.asked) as u64);
        figures.insert(alarms, number("normal", "abnormal"));
        figures.insert(misses, number("abnormal", "normal"));
        figures.insert(doubt, thousandths(brier));
        Self(figures)
    }

    /// Reads what was reached from the folder of a set.
    ///
    /// # Errors
    /// In words: a file that cannot be read, or a line that is none.
    pub fn read(set: &Path) -> Result<Self, String> {
        let path = set.join(FILE);
        let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| failed(&error))?;
        let mut figures = BTreeMap::new();
        for line in text.lines().skip(1) {
            let mut cells = line.split('\t');
            let (Some(figure), Some(Ok(value))) = (cells.next(), cells.next().map(str::parse)) else {
                return Err(failed(&format!("`{line}` is no figure and its value")));
            };
            figures.insert(figure.to_owned(), value);
        }
        Ok(Self(figures))
    }

    /// Writes it there.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, set: &Path) -> io::Result<()> {
        let mut out = format!("{HEADING}\n");
        for (figure, value) in &self.0 {
            let better = if FEWER.contains(&&**figure) { "fewer" } else { "more" };
            let _ = writeln!(out, "{figure}\t{value}\t{better}");
        }
        fs::write(set.join(FILE), out)
    }

    /// What of `now` is worse, in words.
    pub fn fallen(&self, now: &Self) -> Vec<String> {
        let worse = self.0.iter().filter_map(|(figure, &reached)| {
            let value = now.0.get(figure).copied();
            let worse = value.is_none_or(|value| best(figure, value, reached) != value);
            worse.then(|| {
                let value = value.map_or("missing".to_owned(), |value| value.to_string());
                format!("{figure}: {value}, had been {reached}")
            })
        });
        worse.collect()
    }

    /// The better of both, figure by figure.
    #[must_use]
    pub fn raised(mut self, now: &Self) -> Self {
        for (figure, &value) in &now.0 {
            let reached = self.0.entry(figure.clone()).or_insert(value);
            *reached = best(figure, value, *reached);
        }
        self
    }
}

fn best(figure: &str, one: u64, other: u64) -> u64 {
    if FEWER.contains(&figure) { one.min(other) } else { one.max(other) }
}

/// Rounded up, for what is published with three digits may not be better than it is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1")]
fn thousandths(share: f64) -> u64 {
    (share * 1000.0).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{judged, of};
    use super::*;

    #[test]
    fn a_figure_that_falls_is_named_and_a_better_one_is_kept() {
        let good = Reached::of(&of(&[
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("b", "abnormal", Some(("b", "abnormal", 1.0))),
        ]));
        let bad = Reached::of(&of(&[
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("b", "abnormal", Some(("a", "normal", 0.5))),
        ]));
        assert_eq!(good.fallen(&good), [""; 0]);
        assert_eq!(bad.fallen(&good), [""; 0]);
        assert_eq!(
            good.fallen(&bad),
            [
                "Brier in thousandths: 125, had been 0",
                "cause: 1, had been 2",
                "misses: 1, had been 0",
                "verdict: 1, had been 2",
            ]
        );
        assert_eq!(bad.clone().raised(&good), good);
        assert_eq!(good.clone().raised(&bad), good);
        assert!(good.fallen(&Reached::default()).contains(&"cause: missing, had been 2".to_owned()));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = std::env::temp_dir().join(format!("hangup-reached-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let reached = Reached::of(&of(&[judged("a", "normal", None)]));
        reached.write(&folder).unwrap();
        assert_eq!(Reached::read(&folder), Ok(reached));
        fs::write(folder.join(FILE), format!("{HEADING}\ncause\tmany\n")).unwrap();
        assert!(Reached::read(&folder).unwrap_err().contains("`cause\tmany`"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
