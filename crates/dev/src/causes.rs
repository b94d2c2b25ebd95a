//! The index of causes: which rule finds each, which stories tell of it, which real captures show it, and what is
//! missing.

use crate::{Seen, Story};
use hangup_verdict::catalogue::{self, Entry};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// One cause of the catalogue and all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: &'static str,
    /// It stands beside a cause instead of being one.
    pub tag: bool,
    /// The file of its rule, from the root of the project; none where there is none.
    pub rule: Option<String>,
    /// Stories, by file name, in which it is the cause or stands beside it.
    pub stories: Vec<String>,
    /// Stories in which something that looks like it must win.
    pub look_alikes: Vec<String>,
    /// Connections of real captures that show it, as `docs/read-by-eye.md` lists them.
    pub captures: Vec<String>,
}

impl Row {
    /// What is missing, in words; empty where all is there.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.rule.is_none() {
            missing.push("a rule");
        }
        if self.stories.is_empty() {
            missing.push("a story");
        }
        // Nothing looks like a tag and is none: it states what was seen beside the cause.
        if self.look_alikes.is_empty() && !self.tag {
            missing.push("a story where its look-alike wins");
        }
        missing
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |of: &[String]| if of.is_empty() { "-".to_owned() } else { of.join(", ") };
        writeln!(out, "{}{}", self.id, if self.tag { " (tag)" } else { "" })?;
        writeln!(out, "  rule        {}", self.rule.as_deref().unwrap_or("-"))?;
        writeln!(out, "  stories     {}", list(&self.stories))?;
        writeln!(out, "  look-alikes {}", list(&self.look_alikes))?;
        write!(out, "  captures    {}", list(&self.captures))
    }
}

/// The index of all causes. `root` is the project's; `stories` are its stories with the names of their files; `seen`
/// are the rows of `docs/read-by-eye.md`.
pub fn causes(root: &Path, stories: &[(String, Story)], seen: &[Seen]) -> Vec<Row> {
    let (mut told, mut excluded) = (BTreeMap::new(), BTreeMap::new());
    for (file, story) in stories {
        for id in story.expectation.causes() {
            note(&mut told, id, file);
        }
        for id in story.expectation.look_alikes() {
            note(&mut excluded, id, file);
        }
    }
    let found = |entry: &Entry| {
        let file = if entry.tag { "tags".to_owned() } else { entry.id.replace('-', "_") };
        let path = format!("crates/verdict/src/rules/{file}.rs");
        let text = std::fs::read_to_string(root.join(&path)).ok()?;
        // A file for all tags: it must at least name this one.
        (!entry.tag || text.contains(&format!("\"{}\"", entry.id))).then_some(path)
    };
    let of = |map: &BTreeMap<String, Vec<String>>, id: &str| map.get(id).cloned().unwrap_or_default();
    catalogue::all()
        .iter()
        .map(|entry| Row {
            id: entry.id,
            tag: entry.tag,
            // Some tags are the cause where nothing else can be said, and have a rule of their own.
            rule: found(entry).or_else(|| found(&Entry { tag: false, ..entry.clone() })),
            stories: of(&told, entry.id),
            look_alikes: of(&excluded, entry.id),
            captures: seen.iter().filter(|seen| seen.cause() == entry.id).map(Seen::place).collect(),
        })
        .collect()
}

fn note(map: &mut BTreeMap<String, Vec<String>>, id: &str, file: &str) {
    let files = map.entry(id.to_owned()).or_default();
    if files.last().is_none_or(|last| last != file) {
        files.push(file.to_owned());
    }
}
