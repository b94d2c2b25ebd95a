//! A table of a page, and how its numbers are written.

use std::fmt::Write as _;

/// A table under a heading, with a few sentences above it.
#[derive(Clone, Debug)]
pub(super) struct Table {
    title: &'static str,
    prose: String,
    head: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// Sentences below it.
    notes: Vec<String>,
}

impl Table {
    /// An empty one.
    pub(super) fn new(title: &'static str, prose: &str, head: &'static [&'static str]) -> Self {
        Self { title, prose: prose.to_owned(), head, rows: Vec::new(), notes: Vec::new() }
    }

    /// One more row.
    pub(super) fn row<const CELLS: usize>(&mut self, cells: [String; CELLS]) {
        self.rows.push(cells.into());
    }

    /// A sentence below the table.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The table in Markdown: words to the left, numbers to the right.
    pub(super) fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n{}\n\n", self.title, self.prose);
        let _ = writeln!(out, "| {} |", self.head.join(" | "));
        let _ = writeln!(out, "|---|{}", "--:|".repeat(self.head.len().saturating_sub(1)));
        for row in &self.rows {
            let _ = writeln!(out, "| {} |", row.join(" | "));
        }
        for note in &self.notes {
            let _ = write!(out, "\n{note}\n");
        }
        out
    }
}

/// A whole number in groups of three digits.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Three digits that mean something: 0.123, 1.23, 12.3, 123.
pub(super) fn three(number: f64) -> String {
    let places = match number.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{number:.places$}")
}

/// A number as one that can be divided.
#[expect(clippy::cast_precision_loss, reason = "figures for people: three digits are shown")]
pub(super) fn real(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([count(7), count(1_000), count(1_234_567)], ["7", "1,000", "1,234,567"]);
        assert_eq!(
            [three(1234.5), three(12.345), three(1.234), three(0.0567)],
            ["1234", "12.3", "1.23", "0.057"]
        );
    }

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new("Things", "Some.", &["name", "number"]);
        table.row(["a".into(), "1".into()]);
        table.note("So it is.");
        assert_eq!(
            table.markdown(),
            "## Things\n\nSome.\n\n| name | number |\n|---|--:|\n| a | 1 |\n\nSo it is.\n"
        );
    }
}
