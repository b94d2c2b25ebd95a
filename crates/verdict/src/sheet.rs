//! The text files of the catalogue as they are built in: a head of `key: value` lines, an empty line, and a body.

/// A text file, split.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    head: &'static str,
    /// What stands below the empty line.
    pub(crate) body: &'static str,
}

impl Sheet {
    /// Splits the text of a file.
    pub(crate) fn of(text: &'static str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        Self { head, body }
    }

    /// What the head says about `key`; nothing where it does not.
    pub(crate) fn field(&self, key: &str) -> &'static str {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.find(|(name, _)| *name == key).map_or("", |(_, value)| value.trim())
    }
}

/// Builds in the files of a folder: each name with its text.
macro_rules! sheets {
    ($folder:literal: $($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!($folder, $id, ".md")))),*]
    };
}

pub(crate) use sheets;
