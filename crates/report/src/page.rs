//! A page for people: headings, wrapped paragraphs with labels, lines as they are.

use crate::escape::escape;
use crate::phrase::Terms;
use crate::style::{Paint, Style};
use crate::wrap::{pad, wrap};

/// Columns of a paragraph's label.
pub(crate) const LABEL: usize = 10;

/// A page that is being written.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    text: String,
    pub(crate) style: &'a Style,
    /// Terms that were explained on it.
    pub(crate) terms: Terms,
}

impl<'a> Page<'a> {
    pub(crate) fn new(style: &'a Style) -> Self {
        Self { text: String::new(), style, terms: Terms::default() }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// A line as it is: it must be harmless.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(crate) fn lines(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        for line in lines {
            self.line(line.as_ref());
        }
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A heading after a blank line, if there is anything above it.
    pub(crate) fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.blank();
        }
        for line in wrap("", &heading.to_uppercase(), self.style.columns()) {
            let painted = self.style.paint(Paint::Heading, &line);
            self.line(&painted);
        }
    }

    /// Wrapped text behind a label.
    pub(crate) fn labelled(&mut self, indent: usize, label: &str, text: &str) {
        let first = format!("{}{}", " ".repeat(indent), pad(label, LABEL));
        self.wrapped(&first, text);
    }

    /// Wrapped text that hangs under `first`.
    pub(crate) fn wrapped(&mut self, first: &str, text: &str) {
        let lines = wrap(first, &escape(text), self.style.columns());
        self.lines(lines);
    }
}
