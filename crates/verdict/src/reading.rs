//! A reported error text, read: what it makes of an ending, and whether the capture contradicts it.

use crate::errors::{self, ErrorText, Late};
use crate::{Candidate, Heard, HeardSet, words};
use hangup_wire::tls::AlertDescription;
use hangup_wire::{PerSide, Side, Timestamp};

/// A cause that the text supports, on an ending that shows what the text takes.
const SUPPORTED: f64 = 3.0;
/// The ending shows what the text takes.
const FITS: f64 = 1.8;
/// A cause that the text supports, although what it takes does not show.
const HALF: f64 = 1.3;
/// The text takes something that the ending does not show.
const MISSES: f64 = 0.25;
/// A cause that the text contradicts.
const CONTRADICTED: f64 = 0.2;
/// Seconds without a packet before the report from which on a line may have died out of the capture's sight.
const QUIET: f64 = 1.0;
/// The text names a time, and this one took so long.
const AS_LONG: f64 = 4.0;
/// The ending lies further back than such a text lets one expect.
const STALE: f64 = 0.6;

/// A reported error text with the rows that it matches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Rows, the most particular first; empty where the text is not known.
    pub rows: Vec<&'static ErrorText>,
    /// Seconds that the text says somebody waited: `after 10000 milliseconds`, `timeout of 5000ms`, `read timeout=5`.
    pub waited: Option<f64>,
    /// The TLS alert that the text names: `certificate_unknown`, `tlsv1 alert unknown ca`, `bad certificate`.
    pub alert: Option<u8>,
}

/// What a text makes of an ending.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weight {
    /// Times the odds: above 1 for it, below 1 against it.
    pub(crate) factor: f64,
    /// The ending shows what the text takes.
    pub(crate) fits: bool,
    /// What the text takes would be hidden in such an ending, however much in order it looks.
    pub(crate) hidden: bool,
    /// The text speaks against it.
    pub(crate) against: bool,
    /// In words; none where the text says nothing about it.
    pub(crate) because: Option<String>,
}

impl Weight {
    /// Says this too.
    fn also(&mut self, words: String) {
        self.because = Some(match self.because.take() {
            Some(before) => format!("{before}; {words}"),
            None => words,
        });
    }
}

impl Reading {
    /// Reads `text`.
    pub fn of(text: &str) -> Self {
        Self { rows: errors::matching(text), waited: waited(text), alert: alert(text) }
    }

    /// The text is known.
    pub fn known(&self) -> bool {
        !self.rows.is_empty()
    }

    /// It comes when a system gives up sending again.
    pub(crate) fn of_giving_up(&self) -> bool {
        self.rows.first().is_some_and(|row| row.late == Late::GiveUp)
    }

    /// What the text makes of `candidate`, which ended so many seconds before the report.
    pub(crate) fn weigh(
        &self,
        candidate: &Candidate,
        early: Option<f64>,
        reported: Option<(Timestamp, Timestamp)>,
    ) -> Weight {
        let mut weight = Weight { factor: 1.0, fits: false, hidden: false, against: false, because: None };
        let mut logarithms = 0.0;
        let mut rows = 0.0;
        for row in &self.rows {
            let heard = by(row, candidate.heard);
            let unheard = early.is_some_and(|early| early >= QUIET) && unheard(row, candidate);
            let hides = hides(row, heard, candidate.one_of_many());
            let (factor, words) =
                if unheard { unheard_of(row) } else { judge(row, heard, candidate.cause, hides) };
            weight.hidden |= unheard || hides.is_some();
            weight.fits |= !row.heard.shared(heard).is_empty();
            // The most particular row that has something to say says it.
            weight.because = weight.because.take().or(words);
            logarithms += f64::ln(factor);
            rows += 1.0;
        }
        if rows > 0.0 {
            weight.factor = f64::exp(logarithms / rows);
            if let Some(waited) = self.waited.filter(|&waited| candidate.took(waited, reported)) {
                weight.factor *= AS_LONG;
                weight.also(format!("it took {}, as the text says", words::time(waited)));
            }
            if let Some((named, seen)) = self.alert.zip(candidate.alert) {
                let same = named == seen;
                weight.factor *= if same { SUPPORTED } else { CONTRADICTED };
                weight.also(format!(
                    "its alert in clear is {}{}",
                    words::alert_name(seen),
                    if same { ", as the text says" } else { ", not the text's" }
                ));
            }
            weight.against = weight.factor < 1.0;
            let late = self.rows.iter().map(|row| row.late.seconds()).fold(0.0, f64::max);
            if early.is_some_and(|early| early > late) {
                weight.factor *= STALE;
            }
        }
        weight
    }

    /// What the text, reported as `said`, says, in words: those of its most particular row.
    pub fn meaning(&self, said: &str) -> Option<String> {
        let row = self.rows.first()?;
        // Who knows it by another name than the commonest finds that first.
        let known = row.names.iter().find(|name| name.eq_ignore_ascii_case(said.trim()));
        let name = match known.filter(|known| **known != row.name()) {
            Some(_) => format!("“{said}”, also called {}", row.name()),
            None => format!("“{said}”"),
        };
        // Its first sentence; the rest stands in `hangup explain`.
        let says = row.says.split(". ").next().unwrap_or_default();
        Some(format!("{name} ({}): {}", row.platform, says.trim_end_matches('.')))
    }

    /// Where no ending near the reported time shows what the text takes: that, in words. `said` is the text as it was
    /// reported, `near` what was heard of all that ended near its time, or of all where there is no time (`timed`).
    pub fn contradiction(&self, said: &str, near: PerSide<HeardSet>, timed: bool) -> Option<String> {
        let row = self.rows.first()?;
        let shows =
            |row: &&'static ErrorText| row.heard.hidden() || !row.heard.shared(by(row, near)).is_empty();
        if self.rows.iter().any(shows) {
            return None;
        }
        let takes: Vec<&str> = row.heard.words().take(3).collect();
        let place = if timed { "near that time in this capture" } else { "in this capture" };
        Some(format!(
            "“{said}” comes of {}, and there is none {place}. So it was another time, another machine, or a place where this capture \
             does not look: capture at the program that showed it",
            list(&takes, "or"),
        ))
    }
}

/// The time in seconds that `text` names: a number with a unit of time behind it, or one behind `timeout=`.
fn waited(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let number = |from: usize| {
        let rest = lower.get(from..)?;
        let length =
            rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let value = rest.get(..length)?.trim_end_matches('.').parse::<f64>().ok()?;
        Some((value, from + length))
    };
    let starts = lower.char_indices().filter(|&(at, letter)| {
        let before = at.checked_sub(1).and_then(|before| lower.as_bytes().get(before));
        letter.is_ascii_digit()
            && before.is_none_or(|before| !before.is_ascii_alphanumeric() && *before != b'.')
    });
    let mut times = starts.filter_map(|(at, _)| {
        let (value, end) = number(at)?;
        let unit: String =
            lower.get(end..)?.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
        let named = lower.get(..at)?.ends_with("timeout=");
        let behind = lower.get(end..)?.trim_start().get(unit.len()..)?;
        if behind.starts_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        match unit.as_str() {
            "ms" | "msec" | "millis" | "milliseconds" | "millisecond" => Some(value / 1000.0),
            "s" | "sec" | "secs" | "second" | "seconds" => Some(value),
            _ if named => Some(value),
            _ => None,
        }
    });
    times.rfind(|seconds| (0.05..=86_400.0).contains(seconds))
}

/// The TLS alert that `text` names, by the longest of the names in it.
fn alert(text: &str) -> Option<u8> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], " ");
    let text = plain(text);
    (1..=u8::MAX)
        .filter_map(|number| Some((number, AlertDescription(number).name()?)))
        .filter(|(_, name)| text.contains(&plain(name)))
        .max_by_key(|(_, name)| name.len())
        .map(|(number, _)| number)
}

/// What the program that says `row` heard; both sides' where it may be either's.
fn by(row: &ErrorText, heard: PerSide<HeardSet>) -> HeardSet {
    match row.by {
        Some(Side::Client) => heard.client,
        Some(Side::Server) => heard.server,
        None => heard.client.union(heard.server),
    }
}

/// `row` takes something that TLS hides (an answer that was cut short, a complaint, a wait for the rest of an answer), and what was `heard` shows
/// neither that it was so nor that it was not. In words.
fn hides(row: &ErrorText, heard: HeardSet, one_of_many: bool) -> Option<&'static str> {
    let complaint = row.causes.first() == Some(&"tls-fatal-mid-session");
    [
        (
            row.heard.has(Heard::TruncatedAnswer) && heard.has(Heard::PerhapsTruncated),
            "the server closed right behind its data, and TLS hides whether its answer was whole",
        ),
        (
            complaint && heard.has(Heard::PerhapsComplaint),
            "its ending begins with a hidden alert, which may be a goodbye or that complaint",
        ),
        (
            // Where all of a crowd leave so, it is how they leave.
            row.heard.has(Heard::OwnTimeout) && heard.has(Heard::PerhapsTimeout) && !one_of_many,
            "it was ended by who waited, and TLS hides whether more was due",
        ),
    ]
    .into_iter()
    .find_map(|(holds, words)| holds.then_some(words))
}

/// `row` takes something that only the client's end shows: what it said in vain, or a reset of something between that went no further.
fn unheard(row: &ErrorText, candidate: &Candidate) -> bool {
    let only_there = row.heard.has(Heard::UnansweredData) || row.heard.has(Heard::Reset);
    candidate.unheard && only_there && row.by != Some(Side::Server)
}

/// Odds and words of a row about an ending that shows at the client's end alone.
fn unheard_of(row: &ErrorText) -> (f64, Option<String>) {
    let words = format!(
        "“{}” may be of it: it was open, and nothing that the client said afterwards came as far as the place of the capture",
        row.name()
    );
    (1.0, Some(words))
}

/// Odds and words of one row about an ending of this `cause` of which `heard` was heard; `hides` says what TLS hides of it.
fn judge(
    row: &ErrorText,
    heard: HeardSet,
    cause: Option<&'static str>,
    hides: Option<&'static str>,
) -> (f64, Option<String>) {
    let name = row.name();
    let named = |ids: &[&'static str]| cause.is_some_and(|cause| ids.contains(&cause));
    if named(&row.not) {
        let cause = cause.unwrap_or_default();
        return (CONTRADICTED, Some(format!("“{name}” speaks against it: it does not come from {cause}")));
    }
    let shared = row.heard.shared(heard);
    let supported = named(&row.causes);
    if let Some(words) = hides.filter(|_| !supported && shared.is_empty()) {
        return (FITS, Some(format!("“{name}” fits it: {words}")));
    }
    if let Some(words) = shared.words().next() {
        let factor = if supported { SUPPORTED } else { FITS };
        return (factor, Some(format!("“{name}” fits it: {words}")));
    }
    if supported {
        return (HALF, Some(format!("“{name}” is a text of this cause")));
    }
    // A reset that only answers a goodbye is seldom told to anybody, but it may be.
    let echo = row.heard.has(Heard::Reset) && heard.has(Heard::EchoedReset);
    // Who never got through has no word of the server.
    let never =
        row.heard.has(Heard::LastWord) && (heard.has(Heard::Refused) || heard.has(Heard::UnansweredSyn));
    if (row.heard.hidden() || echo) && !never {
        return (1.0, None);
    }
    let takes: Vec<&str> = row.heard.words().take(2).collect();
    (MISSES, Some(format!("“{name}” speaks against it: it takes {}", list(&takes, "or"))))
}

/// `a, b or c`.
fn list(words: &[&str], conjunction: &str) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::waited;

    #[test]
    fn a_text_names_the_time() {
        for (text, seconds) in [
            ("curl: (28) Connection timed out after 10000 milliseconds", Some(10.0)),
            ("Operation timed out after 5001 milliseconds with 0 bytes received", Some(5.001)),
            ("timeout of 2500ms exceeded", Some(2.5)),
            ("HTTPSConnectionPool(host='a', port=443): Read timed out. (read timeout=5)", Some(5.0)),
            ("ReadTimeout: timeout=1.5", Some(1.5)),
            ("no answer within 30 s", Some(30.0)),
            ("[Errno 110] Connection timed out", None),
            ("HTTP/1.1 504 at 10.0.0.1:443", None),
            ("error 5s2", None),
            ("", None),
        ] {
            assert_eq!(waited(text), seconds, "{text}");
        }
    }
}
