//! The catalogue: for each cause its title, plain words, what to do, and what users see.
//!
//! The entries are text files beside the code, one a cause: a head of `key: value` lines, an empty line, the
//! explanation, and two lists, `next:` and `errors:`.

use crate::sheet::{Sheet, sheets};
use crate::{Outcome, Responsible, explanation};
use std::sync::LazyLock;

/// What the catalogue says about a cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: &'static str,
    /// A line that names it.
    pub title: String,
    /// The family: clean, stale, server, client, tls, path, heartbeat, unknowable.
    pub family: String,
    /// The usual verdict.
    pub outcome: Outcome,
    /// Who is usually responsible.
    pub responsible: Responsible,
    /// It describes the tail of an ending or a condition of the capture, and stands beside a cause.
    pub tag: bool,
    /// What decides whether it is this one.
    pub would_decide: String,
    /// Ids of causes that look the same at first sight.
    pub alike: Vec<&'static str>,
    /// Plain words, with `{placeholders}` for what was seen, and `{if network: ... else: ...}` where it matters whether a
    /// machine on the way spoke, or the server itself.
    pub says: String,
    /// What to do now.
    pub next: Vec<String>,
    /// What users and logs show.
    pub errors: Vec<String>,
}

const SOURCES: &[(&str, &str)] = sheets!["../catalogue/":
    "bare-fin-no-close-notify",
    "begins-mid-stream",
    "big-clienthello-dropped",
    "client-abort",
    "client-certificate-rejected-tls12",
    "client-certificate-rejected-tls13",
    "client-clean-goodbye",
    "client-dislikes-data",
    "client-gives-up",
    "client-goodbye-nowait",
    "client-host-gone",
    "client-idle-pool-close",
    "client-local-security-software",
    "client-process-died",
    "client-reply-goodbye",
    "connect-timeout",
    "connection-refused",
    "conntrack-invalid-reset",
    "crossing-goodbyes",
    "duplicate-ip",
    "flow-blackholed",
    "goaway-error",
    "goodbye-to-closed-door",
    "graceful-goaway",
    "half-close-by-design",
    "half-closed-lingerer",
    "health-check-probe",
    "heartbeat-missed",
    "idle-vanished",
    "injected-rst",
    "keepalive-race",
    "lb-to-backend-stale",
    "middlebox-idle-rst-both",
    "middlebox-idle-silent-drop",
    "middlebox-lost-state-rst",
    "middlebox-policy-reset",
    "mtu-black-hole",
    "one-sided-or-lossy-capture",
    "one-way-path",
    "path-loss-exhausted",
    "planned-server-close",
    "port-reuse-challenge",
    "proxy-relayed-close",
    "rst-as-fast-close",
    "rst-not-received",
    "server-abort-linger",
    "server-abort-unread",
    "server-app-hung",
    "server-certificate-rejected",
    "server-clean-goodbye",
    "server-closed-without-answer",
    "server-host-rebooted",
    "server-host-vanished",
    "server-idle-timeout",
    "server-process-died",
    "server-rejects-after-accept",
    "server-restart-or-deploy",
    "server-timeout-waiting-client",
    "server-truncated-response",
    "session-killed-by-admin",
    "stale-connection-reuse",
    "still-open-at-end",
    "tcp-keepalive-failed",
    "tls-fatal-mid-session",
    "tls-handshake-stalled",
    "tls-inspection",
    "tls-parameters-mismatch",
    "tls-silent-rejection",
    "tls13-ticket-reset",
    "unused-connection",
    "wrong-protocol-on-port",
    "zero-window-stall",
];

static ENTRIES: LazyLock<Vec<Entry>> =
    LazyLock::new(|| SOURCES.iter().map(|&(id, source)| parse(id, source)).collect());

/// The entry of `id`.
pub fn entry(id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.id == id)
}

/// All entries, by id.
pub fn all() -> &'static [Entry] {
    &ENTRIES
}

impl Entry {
    /// The plain words, without a capture.
    pub fn generally(&self) -> String {
        explanation::generic(&self.says)
    }

    /// What to do, without a capture.
    pub fn next_generally(&self) -> Vec<String> {
        self.next.iter().map(|step| explanation::generic(step)).collect()
    }

    /// Entries that look the same at first sight: those that it names, and those that name it.
    pub fn look_alikes(&self) -> impl Iterator<Item = &'static Self> {
        let (id, alike) = (self.id, self.alike.clone());
        all()
            .iter()
            .filter(move |other| other.id != id && (alike.contains(&other.id) || other.alike.contains(&id)))
    }
}

fn parse(id: &'static str, source: &'static str) -> Entry {
    let sheet = Sheet::of(source);
    let field = |key: &str| sheet.field(key);
    let (says, lists) = sheet.body.split_once("\nnext:\n").unwrap_or((sheet.body, ""));
    let (next, errors) = lists.split_once("errors:\n").unwrap_or((lists, ""));
    Entry {
        id,
        title: field("title").to_owned(),
        family: field("family").to_owned(),
        outcome: outcome(field("verdict")),
        responsible: responsible(field("responsible")),
        tag: field("use") == "tag",
        would_decide: field("decides").to_owned(),
        alike: field("alike").split_whitespace().collect(),
        says: says.split_whitespace().collect::<Vec<_>>().join(" "),
        next: list(next),
        errors: list(errors),
    }
}

fn list(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.strip_prefix("- ")).map(|item| item.trim().to_owned()).collect()
}

fn outcome(name: &str) -> Outcome {
    [Outcome::Normal, Outcome::Abnormal, Outcome::Open]
        .into_iter()
        .find(|outcome| outcome.name() == name)
        .unwrap_or(Outcome::Undecided)
}

fn responsible(name: &str) -> Responsible {
    use Responsible::{
        ClientApp, ClientHost, Configuration, Middlebox, Nobody, Path, ServerApp, ServerHost, Unknown,
    };
    [ClientApp, ClientHost, ServerApp, ServerHost, Middlebox, Path, Configuration, Nobody]
        .into_iter()
        .find(|responsible| responsible.name() == name)
        .unwrap_or(Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explanation::{PLACEHOLDERS, choice};
    use crate::rules::{ORDER, TAGS};

    #[test]
    fn without_a_capture_no_place_is_left_to_fill_in() {
        for entry in all() {
            let steps = entry.next_generally();
            assert_eq!(steps.len(), entry.next.len(), "{}", entry.id);
            for (step, general) in entry.next.iter().zip(steps) {
                assert!(!general.contains('{') && !general.is_empty(), "{}: {general}", entry.id);
                let first = step.split(' ').next().filter(|word| !word.contains(['{', '[']));
                assert!(
                    first.is_none_or(|word| general.starts_with(word)),
                    "{}: `{step}`, `{general}`",
                    entry.id
                );
            }
        }
    }

    #[test]
    fn every_cause_has_an_entry_and_every_entry_a_cause() {
        for rule in ORDER {
            assert!(entry(rule.id).is_some(), "{} has no entry", rule.id);
        }
        for &tag in TAGS {
            assert!(entry(tag).is_some_and(|entry| entry.tag), "{tag} has no entry, or not as tag");
        }
        for entry in all() {
            let known = if entry.tag {
                TAGS.contains(&entry.id)
            } else {
                ORDER.iter().any(|rule| rule.id == entry.id)
            };
            assert!(known, "{} is in the catalogue and no rule finds it", entry.id);
        }
    }

    #[test]
    fn entries_are_whole() {
        for (entry, (id, source)) in all().iter().zip(SOURCES) {
            assert_eq!(entry.id, *id);
            assert!(!entry.title.is_empty() && !entry.says.is_empty() && !entry.next.is_empty(), "{id}");
            assert!(!entry.would_decide.is_empty(), "{id} does not say what decides");
            let families = ["clean", "stale", "server", "client", "tls", "path", "heartbeat", "unknowable"];
            assert!(families.contains(&entry.family.as_str()), "{id}: {}", entry.family);
            for line in source.lines().filter(|line| line.starts_with("verdict: ")) {
                assert_eq!(line, format!("verdict: {}", entry.outcome.name()), "{id}");
            }
            for line in source.lines().filter(|line| line.starts_with("responsible: ")) {
                assert_eq!(line, format!("responsible: {}", entry.responsible.name()), "{id}");
            }
        }
    }

    #[test]
    fn look_alikes_are_other_causes() {
        for entry in all() {
            for other in &entry.alike {
                assert_ne!(*other, entry.id);
                assert!(self::entry(other).is_some(), "{}: {other}", entry.id);
            }
            let named = entry.alike.iter().all(|id| entry.look_alikes().any(|other| other.id == *id));
            assert!(named, "{}", entry.id);
        }
    }

    #[test]
    fn placeholders_are_known() {
        for entry in all() {
            let texts = entry.next.iter().chain(core::iter::once(&entry.says));
            for word in texts.flat_map(|text| text.split('{').skip(1)) {
                let name = word.split_once('}').expect("closed").0;
                assert!(PLACEHOLDERS.contains(&name) || choice(name).is_some(), "{}: {{{name}}}", entry.id);
            }
        }
    }
}
