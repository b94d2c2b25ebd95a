//! What is true of a connection, by what was done to it: the words that hangup's report is held against.

use crate::vocabulary::{ENDERS, RESPONSIBLE, VERDICTS};
use hangup_verdict::catalogue;
use serde::{Deserialize, Serialize};

/// The truth about one connection. It comes from what the scenario did and what the kernel and the programs said, never from
/// what hangup says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// Id in the catalogue of causes.
    pub cause: String,
    /// normal, abnormal, undecided or open.
    pub verdict: String,
    /// client, server, middlebox, network, crossing or nobody.
    pub ended_by: String,
    /// The first goodbye: side and kind (alert, fin, rst, silence, icmp), as in `server fin`; `either` where two crossed and each
    /// end saw its own first; `nobody icmp` for a router's error; `none` where nobody said any.
    pub first: String,
    /// Who has to do something about it; the report's words.
    pub responsible: String,
    /// The ends whose capture shows enough to tell; both where the scenario does not say.
    pub decidable: Vec<String>,
    /// Another cause that makes the same packets, where no capture can tell the two apart, such as a goodbye and a complaint that TLS hides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<String>,
    /// What the kernel must have said of this connection, such as `server sends reset TCP_ABORT_ON_CLOSE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kernel: Vec<String>,
    /// What a program must have printed: its name, and a part of its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<(String, String)>,
    /// How a program must have ended: its name, and an exit code, `signal 9` or `running`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<(String, String)>,
}

const KINDS: &[&str] = &["alert", "fin", "rst", "silence", "icmp"];
const SIDES: &[&str] = &["client", "server"];

impl Truth {
    /// The capture of this end, client or server, can show it.
    pub fn shows_at(&self, end: &str) -> bool {
        self.decidable.iter().any(|shown| shown == end)
    }

    /// Reads the lines of a `truth` block.
    ///
    /// # Errors
    /// In words: a key that there is none of, a word outside the vocabulary, a part that is missing.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut truth =
            Self { decidable: SIDES.iter().map(|side| (*side).to_owned()).collect(), ..Self::default() };
        for line in lines.into_iter().map(str::trim).filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once(": ").ok_or_else(|| format!("not `key: value`: `{line}`"))?;
            let value = value.trim();
            match key {
                "cause" => value.clone_into(&mut truth.cause),
                "verdict" => value.clone_into(&mut truth.verdict),
                "ended_by" => value.clone_into(&mut truth.ended_by),
                "first" => value.clone_into(&mut truth.first),
                "responsible" => value.clone_into(&mut truth.responsible),
                "decidable" if value == "none" => truth.decidable.clear(),
                "decidable" => truth.decidable = value.split_whitespace().map(str::to_owned).collect(),
                "alike" => truth.alike = Some(value.to_owned()),
                "kernel" => truth.kernel.push(value.to_owned()),
                "says" => truth.says.push(pair(value)?),
                "exit" => truth.exits.push(pair(value)?),
                _ => return Err(format!("a truth has no `{key}`")),
            }
        }
        truth.check()?;
        Ok(truth)
    }

    /// Whether every word is one of the vocabulary.
    ///
    /// # Errors
    /// In words: what is not.
    pub fn check(&self) -> Result<(), String> {
        for cause in std::iter::once(&self.cause).chain(&self.alike) {
            if catalogue::entry(cause).is_none_or(|entry| entry.tag) {
                return Err(format!("`{cause}` is no cause of the catalogue"));
            }
        }
        one_of("verdict", &self.verdict, VERDICTS)?;
        one_of("ended_by", &self.ended_by, ENDERS)?;
        one_of("responsible", &self.responsible, RESPONSIBLE)?;
        if self.first != "none" {
            let (side, kind) = pair(&self.first)?;
            let sides: &[&str] = if kind == "icmp" { &["nobody"] } else { &["client", "server", "either"] };
            one_of("side of the first goodbye", &side, sides)?;
            one_of("kind of the first goodbye", &kind, KINDS)?;
            if kind == "alert" && self.says.is_empty() {
                return Err("nobody but a program can say that it was an alert: `says:` is missing".into());
            }
        }
        for side in &self.decidable {
            one_of("end", side, SIDES)?;
        }
        Ok(())
    }

    /// Whether that is the first goodbye, in the same words.
    pub fn begins_with(&self, first: &str) -> bool {
        match self.first.strip_prefix("either ") {
            Some(kind) => first.split_once(' ').is_some_and(|(_, other)| other == kind),
            None => self.first == first,
        }
    }

    /// Side and kind of the first goodbye; none where nobody said any.
    pub fn first_goodbye(&self) -> Option<(&str, &str)> {
        self.first.split_once(' ')
    }
}

fn pair(value: &str) -> Result<(String, String), String> {
    value
        .split_once(' ')
        .map(|(name, rest)| (name.to_owned(), rest.trim().to_owned()))
        .ok_or_else(|| format!("two words are needed: `{value}`"))
}

fn one_of(what: &str, word: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&word) {
        return Ok(());
    }
    Err(format!("{what} is `{word}`, not one of {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &str = "cause: connection-refused\nverdict: abnormal\nended_by: server\nfirst: server rst\n\
        responsible: server-host\nexit: client 7\nkernel: server sends reset NO_SOCKET\n";

    #[test]
    fn a_truth_says_what_it_says() {
        let truth = Truth::parse(REFUSED.lines()).unwrap();
        assert_eq!(truth.first_goodbye(), Some(("server", "rst")));
        assert_eq!(truth.decidable, ["client", "server"]);
        assert_eq!(truth.exits, [("client".to_owned(), "7".to_owned())]);
    }

    #[test]
    fn words_outside_the_vocabulary_are_refused() {
        for (from, to, what) in [
            ("connection-refused", "connection-lost", "`connection-lost` is no cause of the catalogue"),
            ("verdict: abnormal", "verdict: bad", "verdict is `bad`"),
            ("server rst", "server icmp", "side of the first goodbye is `server`"),
            ("server rst", "server bye", "kind of the first goodbye is `bye`"),
            ("server rst", "server alert", "`says:` is missing"),
            ("ended_by", "ended", "a truth has no `ended`"),
        ] {
            let error = Truth::parse(REFUSED.replace(from, to).lines()).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn of_two_goodbyes_that_crossed_either_may_be_first() {
        let truth = Truth::parse(REFUSED.replace("server rst", "either fin").lines()).unwrap();
        assert!(truth.begins_with("client fin") && truth.begins_with("server fin"));
        assert!(!truth.begins_with("client rst") && !truth.begins_with("none"));
    }

    #[test]
    fn a_tag_is_no_cause() {
        assert!(Truth::parse(REFUSED.replace("connection-refused", "clock-skew").lines()).is_err());
    }
}
