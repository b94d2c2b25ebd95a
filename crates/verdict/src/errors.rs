//! Error texts: what programs say, and what that can and cannot mean on the wire.
//!
//! The rows are text files beside the catalogue, one a platform: a head `platform: NAME`, then one block a row,
//! with empty lines between:
//!
//! ```text
//! ORA-03113 | end-of-file on communication channel      what it is known by; * stands for one word, ** for any number
//! heard: fin-before-answer rst-received                 what it takes on the wire, any of these
//! by: client                                            whose program says so; else either
//! causes: server-process-died                           causes that it supports, beside those that list it (optional)
//! not: client-gives-up                                  causes that it contradicts (optional)
//! late: at once                                         how long after the ending it usually comes
//! source: documented; Oracle error help, ORA-03113      measured, documented or inferred; where
//! The server was gone before it had answered.           plain words
//! ```

use crate::sheet::{Sheet, sheets};
use crate::{HeardSet, catalogue};
use hangup_wire::Side;
use std::sync::LazyLock;

/// A text that programs say when a connection ended, or could not begin.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorText {
    /// What it is known by, the shortest or commonest first.
    pub names: Vec<&'static str>,
    /// Who says so: a system, a library, a product.
    pub platform: &'static str,
    /// What it takes on the wire: any of these.
    pub heard: HeardSet,
    /// Whose program says it; none where it may be either side's.
    pub by: Option<Side>,
    /// Causes that it supports: those that its row names, and those whose entry lists it.
    pub causes: Vec<&'static str>,
    /// Causes that it contradicts.
    pub not: Vec<&'static str>,
    /// How long after the ending it usually comes.
    pub late: Late,
    /// How well its meaning is known.
    pub basis: Basis,
    /// Where that stands.
    pub source: &'static str,
    /// Plain words.
    pub says: String,
    /// The names as words, for comparing.
    words: Vec<Vec<String>>,
}

/// How long after the ending an error usually comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// At once.
    AtOnce,
    /// When the line is used the next time.
    NextUse,
    /// When a system gives up sending again: 21 seconds on Windows to some 15 minutes on Linux.
    GiveUp,
}

/// How well the meaning of a text is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It was seen together with the packets.
    Measured,
    /// Its maker says so.
    Documented,
    /// It follows from what the text says and from how the product works.
    Inferred,
}

const SOURCES: &[(&str, &str)] = sheets!["../catalogue/errors/":
    "system",
    "windows",
    "oracle",
    "databases",
    "tls",
    "java",
    "dotnet",
    "go",
    "python",
    "node",
    "rust",
    "browsers",
    "curl",
    "wget",
    "proxies",
    "messaging",
    "logins",
];

static ROWS: LazyLock<Vec<ErrorText>> = LazyLock::new(|| {
    let mut rows: Vec<ErrorText> = SOURCES.iter().flat_map(|(_, text)| file(text)).collect();
    // A cause that lists a text is supported by it, whichever of the two files says so.
    for entry in catalogue::all().iter().filter(|entry| !entry.tag) {
        for text in &entry.errors {
            for index in found(&rows, text) {
                let Some(row) = rows.get_mut(index) else { continue };
                if !row.causes.contains(&entry.id) {
                    row.causes.push(entry.id);
                }
            }
        }
    }
    rows
});

/// All texts, by platform.
pub fn all() -> &'static [ErrorText] {
    &ROWS
}

/// The rows that `text` shows, the most particular first: in any case, whatever stands between the words, with leading
/// zeros or without. A match inside another, longer one does not count.
pub fn matching(text: &str) -> Vec<&'static ErrorText> {
    found(all(), text).into_iter().filter_map(|index| all().get(index)).collect()
}

/// Which of `rows` show in `text`.
fn found(rows: &[ErrorText], text: &str) -> Vec<usize> {
    let text = words(text);
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        for name in &row.words {
            found.extend(spots(&text, name).map(|(from, to)| (from, to, index)));
        }
    }
    let within = |&(from, to, _): &(usize, usize, usize)| {
        found.iter().any(|&(start, end, _)| start <= from && to <= end && end - start > to - from)
    };
    let mut kept: Vec<_> = found.iter().filter(|spot| !within(spot)).copied().collect();
    kept.sort_by_key(|&(from, to, _)| (core::cmp::Reverse(to - from), from));
    let mut indices: Vec<usize> = Vec::new();
    for (_, _, index) in kept {
        if !indices.contains(&index) {
            indices.push(index);
        }
    }
    indices
}

/// `text` in words of letters and digits, in lower case, numbers without leading zeros.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '*')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let number = word.bytes().all(|byte| byte.is_ascii_digit());
            let word = if number { word.trim_start_matches('0') } else { word };
            if word.is_empty() { "0".to_owned() } else { word.to_lowercase() }
        })
        .collect()
}

/// Where `name` stands in `text`: from which word to which.
fn spots<'a>(text: &'a [String], name: &'a [String]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let gap = name.iter().position(|word| word == "**").unwrap_or(name.len());
    let (head, tail) = (name.get(..gap).unwrap_or(name), name.get(gap + 1..).unwrap_or_default());
    starts(text, head).filter_map(move |from| {
        let behind = from + head.len();
        let ends = tail.is_empty().then_some(0);
        let ends = ends.or_else(|| starts(text.get(behind..)?, tail).next());
        ends.map(|ends| (from, behind + ends + tail.len()))
    })
}

/// Where `name`, in which a star stands for one word, begins in `text`.
fn starts<'a>(text: &'a [String], name: &'a [String]) -> impl Iterator<Item = usize> + 'a {
    let same =
        move |window: &[String]| window.iter().zip(name).all(|(said, known)| known == "*" || said == known);
    text.windows(name.len().max(1)).enumerate().filter(move |(_, window)| same(window)).map(|(at, _)| at)
}

fn file(text: &'static str) -> Vec<ErrorText> {
    let sheet = Sheet::of(text);
    let platform = sheet.field("platform");
    sheet
        .body
        .split("\n\n")
        .filter(|block| !block.trim().is_empty())
        .map(|block| row(platform, block))
        .collect()
}

fn row(platform: &'static str, block: &'static str) -> ErrorText {
    let mut lines = block.trim().lines();
    let names: Vec<&'static str> = lines.next().unwrap_or("").split(" | ").map(str::trim).collect();
    let mut row = ErrorText {
        words: names.iter().map(|name| words(name)).collect(),
        names,
        platform,
        heard: HeardSet::default(),
        by: None,
        causes: Vec::new(),
        not: Vec::new(),
        late: Late::AtOnce,
        basis: Basis::Inferred,
        source: "",
        says: String::new(),
    };
    let mut says = Vec::new();
    for line in lines {
        match line.split_once(": ") {
            Some(("heard", value)) => {
                let each = value.split_whitespace().filter_map(HeardSet::named);
                row.heard = each.fold(row.heard, HeardSet::union);
            }
            Some(("by", value)) => {
                row.by = Side::BOTH.into_iter().find(|side| side.name() == value.trim());
            }
            Some(("causes", value)) => row.causes = value.split_whitespace().collect(),
            Some(("not", value)) => row.not = value.split_whitespace().collect(),
            Some(("late", value)) => row.late = late(value.trim()),
            Some(("source", value)) => {
                let (known, source) = value.split_once("; ").unwrap_or(("", value));
                row.basis = basis(known);
                row.source = source.trim();
            }
            _ => says.push(line.trim()),
        }
    }
    row.says = says.join(" ");
    row
}

fn late(value: &str) -> Late {
    [Late::NextUse, Late::GiveUp].into_iter().find(|late| late.name() == value).unwrap_or(Late::AtOnce)
}

fn basis(value: &str) -> Basis {
    [Basis::Measured, Basis::Documented]
        .into_iter()
        .find(|basis| basis.name() == value)
        .unwrap_or(Basis::Inferred)
}

impl ErrorText {
    /// What it is known by first.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or("")
    }
}

impl Late {
    /// The word in the catalogue.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtOnce => "at once",
            Self::NextUse => "next use",
            Self::GiveUp => "give-up",
        }
    }

    /// In a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::AtOnce => "It usually comes at once",
            Self::NextUse => {
                "It comes when the line is used the next time: seconds, minutes or hours after the ending"
            }
            Self::GiveUp => {
                "It comes when the system gives up: 21 seconds after the silence began on Windows, up to 15 minutes on Linux"
            }
        }
    }

    /// Seconds after the ending beyond which it would be surprising.
    pub(crate) const fn seconds(self) -> f64 {
        match self {
            Self::AtOnce => 120.0,
            Self::NextUse | Self::GiveUp => 960.0,
        }
    }
}

impl Basis {
    /// The word in the catalogue.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Documented => "documented",
            Self::Inferred => "inferred",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        matching(text).iter().map(|row| row.name()).collect()
    }

    #[test]
    fn rows_are_whole() {
        assert!(all().len() >= 150, "{}", all().len());
        for row in all() {
            let name = row.name();
            assert!(!row.platform.is_empty() && !row.source.is_empty() && !row.heard.is_empty(), "{name}");
            assert!(row.says.ends_with('.') && row.says.len() > 20, "{name}: {}", row.says);
            for words in &row.words {
                assert!(!words.is_empty() && words.iter().any(|word| word != "*"), "{name}");
                // A single short word would be found in any sentence.
                let long = words.iter().map(String::len).sum::<usize>();
                assert!(long >= 5 || words.len() > 1, "{name}: {words:?} is too short");
            }
        }
    }

    #[test]
    fn two_stars_stand_for_any_number_of_words() {
        let said = |text: &str| matching(text).first().map(|row| row.name());
        assert_eq!(said("Get \"https://a.example/b/c?d=e\": EOF"), Some("Get ** EOF"));
        assert_eq!(said("Get EOF"), Some("Get ** EOF"));
        assert_eq!(said("EOF, get up"), None);
    }

    #[test]
    fn every_word_of_a_row_is_known() {
        for (file, text) in SOURCES {
            for line in text.lines() {
                match line.split_once(": ") {
                    Some(("heard", value)) => {
                        for word in value.split_whitespace() {
                            assert!(HeardSet::named(word).is_some(), "{file}: {word}");
                        }
                    }
                    Some(("late", value)) => assert_eq!(late(value).name(), value, "{file}"),
                    Some(("by", value)) => assert!(["client", "server"].contains(&value), "{file}: {value}"),
                    Some(("source", value)) => {
                        let known = value.split_once("; ").map(|(known, _)| known);
                        assert_eq!(known.map(|known| basis(known).name()), known, "{file}: {value}");
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn causes_are_ids() {
        for row in all() {
            for id in row.causes.iter().chain(&row.not) {
                let shaped = id.contains('-')
                    && id.bytes().all(|byte| byte.is_ascii_lowercase() || b"-123".contains(&byte));
                assert!(shaped, "{}: {id}", row.name());
                assert!(catalogue::entry(id).is_none_or(|entry| !entry.tag), "{}: {id} is a tag", row.name());
            }
            assert!(row.causes.iter().all(|id| !row.not.contains(id)), "{}", row.name());
        }
    }

    #[test]
    fn what_a_cause_lists_is_known_and_not_against_it() {
        let (mut listed, mut known) = (0_u32, 0_u32);
        for entry in catalogue::all() {
            for text in entry.errors.iter().filter(|text| *text != "none") {
                let rows = matching(text);
                listed += 1;
                known += u32::from(!rows.is_empty());
                for row in rows {
                    assert!(!row.not.contains(&entry.id), "{}: {text} is said not to come from it", entry.id);
                }
            }
        }
        // Some say what people feel, in words of their own.
        assert!(known * 10 >= listed * 9, "{known} of {listed}");
    }

    #[test]
    fn no_name_stands_twice() {
        let mut seen: Vec<(&Vec<String>, &str)> = Vec::new();
        for row in all() {
            for words in &row.words {
                let other = seen.iter().find(|(known, _)| *known == words);
                assert!(other.is_none(), "{words:?}: {} ({}) and {other:?}", row.name(), row.platform);
                seen.push((words, row.name()));
            }
        }
    }

    #[test]
    fn texts_are_found_as_people_write_them() {
        for (text, name) in [
            ("ora-3113", "ORA-03113"),
            ("ORA-03113: end-of-file on communication channel\nProcess ID: 4711", "ORA-03113"),
            ("FRM-92102: A network error has occurred.", "FRM-92102"),
            ("read tcp 10.0.0.5:50222->192.0.2.7:443: read: connection reset by peer", "ECONNRESET"),
            ("curl: (56) OpenSSL SSL_read: error", "curl 56"),
            ("transfer closed with 512 bytes remaining to read", "curl 18"),
            ("[Errno 110] Connection timed out", "ETIMEDOUT"),
            ("java.net.SocketTimeoutException: Read timed out", "read timed out"),
            ("error:0A000126:SSL routines::unexpected eof while reading", "unexpected eof while reading"),
        ] {
            assert!(names(text).contains(&name), "{text}: {:?}", names(text));
        }
        assert_eq!(names("the printer is out of paper"), Vec::<&str>::new());
        assert_eq!(names(""), Vec::<&str>::new());
    }

    #[test]
    fn the_longer_match_wins() {
        // “Connect timeout occurred” is more than “timeout”, and the code stands for the same row.
        assert_eq!(names("ORA-12170: TNS:Connect timeout occurred"), ["ORA-12170"]);
        assert_eq!(names("ERR_CONNECTION_RESET"), ["ERR_CONNECTION_RESET"]);
    }

    #[test]
    fn a_number_is_no_part_of_another() {
        assert!(names("port 110541").is_empty());
        assert_eq!(words("ORA-03113"), ["ora", "3113"]);
        assert_eq!(words("000"), ["0"]);
    }
}
