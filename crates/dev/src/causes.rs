//! The index of causes: which rule finds each, which stories tell of it, which real captures show it, and what is
//! missing.

use crate::Story;
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
/// are the rows of `docs/read-by-eye.md`: what is seen, and where.
pub fn causes(root: &Path, stories: &[(String, Story)], seen: &[(String, String)]) -> Vec<Row> {
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
            captures: seen.iter().filter(|(id, _)| id == entry.id).map(|(_, place)| place.clone()).collect(),
        })
        .collect()
}

fn note(map: &mut BTreeMap<String, Vec<String>>, id: &str, file: &str) {
    let files = map.entry(id.to_owned()).or_default();
    if files.last().is_none_or(|last| last != file) {
        files.push(file.to_owned());
    }
}

/// The rows of `docs/read-by-eye.md`: the cause in the column `hangup`, and file and connection.
pub fn read_by_eye(markdown: &str) -> Vec<(String, String)> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut columns: Option<(usize, usize, usize)> = None;
    let mut rows = Vec::new();
    for line in markdown.lines().filter(|line| line.starts_with('|')) {
        let cells = cells(line);
        let place = |name: &str| cells.iter().position(|cell| cell == name);
        if let (Some(file), Some(connection), Some(cause)) =
            (place("file"), place("connection"), place("hangup"))
        {
            columns = Some((file, connection, cause));
            continue;
        }
        let Some((file, connection, cause)) = columns else { continue };
        if let (Some(file), Some(connection), Some(cause)) =
            (cells.get(file), cells.get(connection), cells.get(cause))
            && !cause.is_empty()
            && !cause.starts_with("--")
        {
            // The verdict may stand before the cause.
            let id = cause.split([' ', ',']).rfind(|word| word.contains('-')).unwrap_or(cause);
            rows.push((id.trim_matches('`').to_owned(), format!("{file} #{connection}")));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::read_by_eye;

    #[test]
    fn rows_of_a_table() {
        let text = "# Read\n\n| file | connection | frames | own judgement | hangup | agreed |\n|---|---|---|---|---|---|\n\
                    | a.pcap | 3 | 1, 2 | gave up | abnormal client-gives-up | yes |\n| b | 0 | 4 | open | `still-open-at-end` | yes |\n";
        assert_eq!(
            read_by_eye(text),
            [("client-gives-up".into(), "a.pcap #3".into()), ("still-open-at-end".into(), "b #0".into())]
        );
    }
}
