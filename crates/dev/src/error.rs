//! What can be wrong with a story.

/// A story that cannot be compiled: where, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct StoryError {
    /// Line in the Markdown file, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl StoryError {
    /// An error at `line`.
    pub fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}
