//! The log of the sealed set: a line for every time that the judge was held against it, and what the last time gave by cause.
//!
//! It names no connection: nobody may sharpen a rule on a single one. The page shows the log as it is kept, so that writing the
//! page does not open the set.

use super::Score;
use super::page::{
    QUESTIONS, by_cause, called, causes, confidence, counted, figures, hits, percent, right, share,
};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Everything that is kept of the scorings of a set.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// One line for each, below [`HEADING`].
    lines: String,
    /// What the last one gave by cause, in Markdown; empty before the first.
    latest: String,
}

/// What stands above the lines.
const HEADING: &str = "date\tcommit\tendings\tended_by\tfirst goodbye\tverdict\tcause\tresponsible\tBrier\tECE\t\
     false alarms\tmisses\tincidents";
const LINES: &str = "scores.tsv";
const LATEST: &str = "latest.md";

impl Log {
    /// Reads the log in the folder of a set.
    ///
    /// # Errors
    /// In words: a file that cannot be read, or whose heading is another.
    pub fn read(set: &Path) -> Result<Self, String> {
        let path = set.join(LINES);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let lines = text.strip_prefix(HEADING).and_then(|rest| rest.strip_prefix('\n'));
        let lines = lines.ok_or_else(|| format!("{}: the heading is not `{HEADING}`", path.display()))?;
        Ok(Self { lines: lines.to_owned(), latest: fs::read_to_string(set.join(LATEST)).unwrap_or_default() })
    }

    /// Adds what the judge of this commit has reached.
    pub fn add(&mut self, score: &Score, date: &str, commit: &str) {
        let (counted, _) = counted(score);
        let causes = causes(&counted);
        let number = |truth, said| counted.iter().filter(|judged| called(judged, truth, said)).count();
        let (alarms, misses) = (number("normal", "abnormal"), number("abnormal", "normal"));
        let _ = write!(self.lines, "{date}\t{commit}\t{}", counted.len());
        for question in QUESTIONS {
            let _ = write!(self.lines, "\t{}", percent(share(right(&counted, question), counted.len())));
        }
        self.latest.clear();
        figures(&mut self.latest, &counted, &causes);
        let (brier, off) = confidence(&mut self.latest, &counted);
        by_cause(&mut self.latest, &counted, &causes);
        let (named, asked) = (hits(&score.asked), score.asked.len());
        let _ = writeln!(self.lines, "\t{brier:.3}\t{off:.3}\t{alarms}\t{misses}\t{named} of {asked}");
    }

    /// Writes the log into the folder of its set.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn write(&self, set: &Path) -> io::Result<()> {
        fs::write(set.join(LATEST), &self.latest)?;
        fs::write(set.join(LINES), format!("{HEADING}\n{}", self.lines))
    }

    /// The log as a part of the page.
    pub fn section(&self) -> String {
        let mut out = String::from(
            "\n## The sealed set\n\n\
             Scenarios made from the catalogue of causes alone, by somebody who had not seen the rules; whoever writes a rule does not look at them \
             ([how](../lab/README.md#the-sealed-set)).\nEvery time that the judge was held against them:\n\n",
        );
        if self.lines.is_empty() {
            out.push_str("Never yet.\n");
            return out;
        }
        row(&mut out, HEADING);
        row(&mut out, &["---"; 13].join("\t"));
        for line in self.lines.lines() {
            row(&mut out, line);
        }
        let _ = write!(out, "\nThe last time:\n\n{}", self.latest);
        out
    }
}

/// A line of the log as a row of a table.
fn row(out: &mut String, line: &str) {
    let _ = writeln!(out, "| {} |", line.replace('\t', " | "));
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{judged, of};
    use super::*;

    #[test]
    fn a_line_has_the_figures_and_no_connection_has_a_name() {
        let mut log = Log::default();
        assert!(log.section().contains("Never yet."));
        let all = [
            judged("a", "normal", Some(("a", "normal", 1.0))),
            judged("a", "normal", Some(("b", "abnormal", 0.5))),
            judged("b", "abnormal", Some(("a", "normal", 0.5))),
            judged("b", "abnormal", Some(("b", "abnormal", 1.0))),
        ];
        log.add(&of(&all), "2026-11-26", "abc");
        let line =
            "2026-11-26\tabc\t4\t100.0 %\t100.0 %\t50.0 %\t50.0 %\t100.0 %\t0.125\t0.250\t1\t1\t0 of 0\n";
        assert_eq!(log.lines, line);
        assert_eq!(HEADING.split('\t').count(), line.split('\t').count());
        let section = log.section();
        assert!(section.contains("| 2026-11-26 | abc | 4 | 100.0 % |"), "{section}");
        assert!(section.contains("| a | 2 | 1 | 1 | b (1) |"), "{section}");
        assert!(!section.contains("connection 0"), "{section}");
    }

    #[test]
    fn only_the_last_scoring_is_told_by_cause() {
        let mut log = Log::default();
        log.add(&of(&[judged("a", "normal", None)]), "2026-11-26", "one");
        log.add(&of(&[judged("b", "normal", None)]), "2026-11-27", "two");
        assert_eq!(log.lines.lines().count(), 2);
        assert!(log.latest.contains("| b | 1 |") && !log.latest.contains("| a | 1 |"), "{}", log.latest);
    }
}
