//! One story: a Markdown file with a ladder and a verdict.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use crate::{Expectation, Played, Script, StoryError, play};

/// A story: what happens in the world, the packets of it, and the verdict that it must earn.
#[derive(Clone, Debug)]
pub struct Story {
    /// The first heading.
    pub title: String,
    /// The ladder.
    pub script: Script,
    /// The verdict; empty where the file has no such block.
    pub expectation: Expectation,
}

impl Story {
    /// Reads the story in a file.
    ///
    /// # Errors
    /// As [`Story::parse`], or where the file cannot be read; with its name.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| at(path, &error))?;
        Self::parse(&text).map_err(|error| at(path, &error))
    }

    /// The packets of the story in a file.
    ///
    /// # Errors
    /// As [`Story::read`], or where its ladder cannot be played; with its name.
    pub fn played(path: &Path) -> io::Result<Played> {
        Self::read(path)?.play().map_err(|error| at(path, &error))
    }

    /// Reads a story.
    ///
    /// # Errors
    /// Where there is no heading or no ladder, or where a block does not follow the grammar.
    pub fn parse(markdown: &str) -> Result<Self, StoryError> {
        let title = markdown
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .ok_or_else(|| StoryError::new(0, "no heading: a story begins with `# what happens`"))?;
        let ladder = block(markdown, "ladder")?.ok_or_else(|| StoryError::new(0, "no ```ladder block"))?;
        let script = Script::parse(&ladder)?;
        let expectation = match block(markdown, "verdict")? {
            Some(lines) => Expectation::parse(&lines)?,
            None => Expectation::default(),
        };
        expectation.check_names(&script)?;
        Ok(Self { title: title.trim().to_owned(), script, expectation })
    }

    /// Plays the ladder as it is written.
    ///
    /// # Errors
    /// Where a step cannot happen, such as an encrypted record before there are keys.
    pub fn play(&self) -> Result<Played, StoryError> {
        play(&self.script, crate::Family::AsWritten)
    }
}

fn at(path: &Path, error: &dyn fmt::Display) -> io::Error {
    io::Error::other(format!("{}: {error}", path.display()))
}

/// The Markdown files in a folder that are stories (`README.md` is not), sorted by name.
///
/// # Errors
/// Where the folder cannot be read.
pub fn markdown_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let markdown = path.extension().is_some_and(|extension| extension == "md");
        if markdown && path.file_stem().is_some_and(|stem| stem != "README") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The lines of the one fenced block of this kind, with their line numbers.
fn block<'a>(markdown: &'a str, kind: &str) -> Result<Option<Vec<(usize, &'a str)>>, StoryError> {
    let mut found: Option<Vec<(usize, &str)>> = None;
    let mut lines = markdown.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let ours = info.trim() == kind;
        if ours && found.is_some() {
            return Err(StoryError::new(at + 1, format!("a second ```{kind} block")));
        }
        let mut inside = Vec::new();
        let mut closed = false;
        for (at, line) in lines.by_ref() {
            if line.starts_with("```") {
                closed = true;
                break;
            }
            inside.push((at + 1, line));
        }
        if !closed {
            return Err(StoryError::new(at + 1, "this block is never closed"));
        }
        if ours {
            found = Some(inside);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_other_kinds_are_prose() {
        let text = "# A\n```\nladder\n```\n```ladder\n> SYN\n```\nwords\n";
        assert_eq!(block(text, "ladder").unwrap().unwrap(), [(6, "> SYN")]);
        assert!(block(text, "verdict").unwrap().is_none());
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            Story::parse("words").unwrap_err().what,
            "no heading: a story begins with `# what happens`"
        );
        assert_eq!(Story::parse("# A\n").unwrap_err().what, "no ```ladder block");
        assert_eq!(Story::parse("# A\n```ladder\n").unwrap_err().line, 2);
    }
}
