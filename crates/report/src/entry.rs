//! Labelled lines in several lengths, made to fit.

use crate::escape::escape;
use crate::wrap::{pad, wrap};

/// Columns of an entry's label.
const LABEL: usize = 9;

/// A label with its text, the longest first: what a shorter one leaves out stands elsewhere.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) label: &'static str,
    texts: Vec<String>,
    chosen: usize,
}

impl Entry {
    pub(crate) fn new(label: &'static str, text: &str) -> Self {
        Self { label, texts: vec![escape(text).into_owned()], chosen: 0 }
    }

    /// A shorter text, for where there is no room for those before.
    #[must_use]
    pub(crate) fn or(mut self, shorter: &str) -> Self {
        self.texts.push(escape(shorter).into_owned());
        self
    }

    /// It stands above the others, without a label.
    pub(crate) fn is_headline(&self) -> bool {
        self.label.trim().is_empty()
    }

    /// The chosen text in lines.
    pub(crate) fn lines(&self, columns: usize) -> Vec<String> {
        self.texts.get(self.chosen).map_or(Vec::new(), |text| self.wrapped(text, columns))
    }

    fn wrapped(&self, text: &str, columns: usize) -> Vec<String> {
        let first = if self.is_headline() { "  ".into() } else { format!("  {}", pad(self.label, LABEL)) };
        wrap(&first, text, columns)
    }

    /// Chooses the next text that needs fewer lines, if there is one.
    fn shorten(&mut self, columns: usize) {
        let now = self.lines(columns).len();
        let fewer = |(_, text): &(usize, &String)| self.wrapped(text, columns).len() < now;
        self.chosen =
            self.texts.iter().enumerate().skip(self.chosen).find(fewer).map_or(self.chosen, |(at, _)| at);
    }

    /// Chooses the longest text that needs at most so many lines more.
    fn lengthen(&mut self, room: usize, columns: usize) {
        let most = self.lines(columns).len() + room;
        let fits = |text: &String| self.wrapped(text, columns).len() <= most;
        self.chosen = self.texts.iter().position(fits).unwrap_or(self.chosen).min(self.chosen);
    }
}

/// Shortens entries by their labels, in the order of `shorter`, until all together take at most so many `lines`. A step
/// may leave more room than it had to: that is given back in the order of `longer`.
pub(crate) fn fit(entries: &mut [Entry], shorter: &[&str], longer: &[&str], lines: usize, columns: usize) {
    let taken = |entries: &[Entry]| entries.iter().map(|entry| entry.lines(columns).len()).sum::<usize>();
    for label in shorter {
        if taken(entries) <= lines {
            break;
        }
        if let Some(entry) = entries.iter_mut().find(|entry| entry.label == *label) {
            entry.shorten(columns);
        }
    }
    for label in longer {
        let room = lines.saturating_sub(taken(entries));
        if let Some(entry) = entries.iter_mut().find(|entry| entry.label == *label) {
            entry.lengthen(room, columns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_least_is_shortened_first() {
        let entries = || {
            vec![
                Entry::new("", "A headline"),
                Entry::new("Why", "It is so. And so. And this is so, too.").or("It is so."),
                Entry::new("Next", "Read this, that, the other, and the next")
                    .or("Read this, that")
                    .or("Read"),
            ]
        };
        let told = |lines| {
            let mut entries = entries();
            fit(&mut entries, &["Why", "Next", "Next"], &["Next", "Why"], lines, 30);
            entries.iter().flat_map(|entry| entry.lines(30)).collect::<Vec<_>>()
        };
        assert_eq!(told(9).len(), 7);
        assert_eq!(
            told(5),
            [
                "  A headline",
                "  Why      It is so.",
                "  Next     Read this, that,",
                "           the other, and the",
                "           next"
            ]
        );
        assert_eq!(told(3), ["  A headline", "  Why      It is so.", "  Next     Read this, that"]);
    }
}
