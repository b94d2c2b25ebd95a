//! How much weight a cause had when the judge saw an ending for the first time, and whether it was right: what the calibration of its confidence is fitted to.
//!
//! The rules are sharpened on the open set, so that what they say of it now is right too often to learn from. What they said before anybody had
//! touched a rule for it is not.

use super::Score;
use super::page::counted;
use hangup_verdict::calibration::{Curve, log_odds, weight};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// First sights by scenario, number of the connection and end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FirstSight(BTreeMap<(String, usize, String), Sight>);

/// What was said of one ending.
#[derive(Clone, Debug, PartialEq)]
struct Sight {
    cause: String,
    /// Of the cause's evidence, 0 to 1, before any calibration, as far as the reported confidence tells: a suspicion and a capture with holes are
    /// told with less.
    weight: f64,
    right: bool,
}

const FILE: &str = "first-sight.tsv";
const HEADING: &str = "scenario\tconnection\tend\tcause\tweight\tright";

impl FirstSight {
    /// Reads them from the folder of a set.
    ///
    /// # Errors
    /// In words: a file that cannot be read, or a line that is none.
    pub fn read(set: &Path) -> Result<Self, String> {
        let path = set.join(FILE);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let rows =
            text.lines().skip(1).map(|line| row(line).ok_or_else(|| format!("{}: `{line}`", path.display())));
        rows.collect::<Result<_, _>>().map(Self)
    }

    /// Adds what the judge says now of these scenarios, which it has not seen; what is known of them already stays.
    pub fn add(&mut self, score: &Score, names: &[String]) {
        let (counted, _) = counted(score);
        for judged in counted.into_iter().filter(|judged| names.contains(&judged.name)) {
            let Some(said) = judged.said.as_ref().filter(|said| !said.cause.is_empty()) else { continue };
            let sight = Sight {
                cause: said.cause.clone(),
                weight: weight(said.confidence),
                right: said.cause == judged.truth.cause,
            };
            self.0.entry((judged.name.clone(), judged.connection, judged.end.to_owned())).or_insert(sight);
        }
    }

    /// Writes them into the folder of their set.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, set: &Path) -> io::Result<()> {
        let mut out = format!("{HEADING}\n");
        for ((name, connection, end), Sight { cause, weight, right }) in &self.0 {
            let _ = writeln!(out, "{name}\t{connection}\t{end}\t{cause}\t{weight:.3}\t{}", u8::from(*right));
        }
        fs::write(set.join(FILE), out)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The curve that makes them likeliest, by Newton's method; none where they are too few or all alike.
    pub fn curve(&self) -> Option<Curve> {
        let mut curve = Curve { height: 0.0, slope: 1.0 };
        for _ in 0..50 {
            let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
            for Sight { weight, right, .. } in self.0.values() {
                let x = log_odds(*weight);
                let p = curve.at(*weight);
                let (miss, spread) = (f64::from(u8::from(*right)) - p, p * (1.0 - p));
                g = [g[0] + miss, g[1] + miss * x];
                h = [h[0] + spread, h[1] + spread * x, h[2] + spread * x * x];
            }
            let determinant = h[0] * h[2] - h[1] * h[1];
            curve.height += (h[2] * g[0] - h[1] * g[1]) / determinant;
            curve.slope += (h[0] * g[1] - h[1] * g[0]) / determinant;
        }
        (curve.height.is_finite() && curve.slope.is_finite()).then_some(curve)
    }
}

fn row(line: &str) -> Option<((String, usize, String), Sight)> {
    let mut cells = line.split('\t');
    let key = (cells.next()?.to_owned(), cells.next()?.parse().ok()?, cells.next()?.to_owned());
    let cause = cells.next()?.to_owned();
    let weight = cells.next()?.parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    let right = match cells.next()? {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    cells.next().is_none().then_some((key, Sight { cause, weight, right }))
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{judged, of};
    use super::*;

    /// So many sights of each weight, of which so many were right.
    fn sights(of: &[(f64, usize, usize)]) -> FirstSight {
        let mut all = FirstSight::default();
        for &(weight, count, right) in of {
            for number in 0..count {
                let key = (format!("{weight}"), number, "client".to_owned());
                all.0.insert(key, Sight { cause: "a".into(), weight, right: number < right });
            }
        }
        all
    }

    #[test]
    fn the_curve_goes_through_what_was_seen() {
        let curve = sights(&[(0.5, 100, 70), (0.9, 100, 90)]).curve().unwrap();
        assert!((curve.at(0.5) - 0.7).abs() < 1e-6 && (curve.at(0.9) - 0.9).abs() < 1e-6, "{curve:?}");
        assert_eq!(FirstSight::default().curve(), None);
    }

    #[test]
    fn the_first_sight_stays_and_is_read_again() {
        let folder = std::env::temp_dir().join(format!("hangup-sight-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let first = of(&[judged("a", "normal", Some(("b", "normal", 0.5)))]);
        let names: Vec<String> = first.judged.iter().map(|judged| judged.name.clone()).collect();
        let mut sight = FirstSight::default();
        sight.add(&first, &names);
        sight.add(&of(&[judged("a", "normal", Some(("a", "normal", 0.9)))]), &names);
        sight.add(&first, &[]);
        assert_eq!(sight.len(), 1);
        assert!(sight.0.values().all(|sight| !sight.right && sight.cause == "b"));
        sight.write(&folder).unwrap();
        let again = FirstSight::read(&folder).unwrap();
        assert_eq!(again.len(), 1);
        fs::write(folder.join(FILE), format!("{HEADING}\nx\t0\tclient\ta\t1.5\t1\n")).unwrap();
        assert!(FirstSight::read(&folder).unwrap_err().contains("`x\t0"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
