//! A label: what was done in a scenario, what came of it, and what is true of each of its connections.

use super::kernel::{Closing, Word, closing, unheard};
use super::{program::Fate, truth::Truth};
use serde::{Deserialize, Serialize};

/// Everything that is known about a scenario beside its packets; the file `lab/labels/NAME.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// The heading of the scenario.
    pub title: String,
    /// What played: kernel and programs with their versions.
    pub stack: Vec<String>,
    /// The segments were cut and glued by the interfaces.
    pub offload: bool,
    /// What was done, with seconds since the first step.
    pub done: Vec<String>,
    /// What became of the programs.
    pub programs: Vec<Fate>,
    /// Port of the server.
    pub port: u16,
    /// The connections, in the order in which the kernel named them.
    pub connections: Vec<Labelled>,
    /// What users saw and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<Incident>,
}

/// What a user could report: the whole line that a program printed, and when it was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Second of Universal Time, as in `2026-11-25T23:01:31Z`.
    pub at: String,
    /// The line.
    pub text: String,
    /// Number of the connection that it is about, from 0.
    pub connection: usize,
    /// Others that failed in the same way in the same moment, and whose users saw the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<usize>,
}

impl Incident {
    /// The connection that it is about, and those that it may as well be about.
    pub fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        [self.connection].into_iter().chain(self.or.iter().copied())
    }
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Labelled {
    /// Port of the client.
    pub port: u16,
    /// What is true of it.
    pub truth: Truth,
    /// What the kernel said of it.
    pub kernel: Vec<String>,
}

impl Label {
    /// Reads a label.
    ///
    /// # Errors
    /// In words: what is no label, or says a word that there is none of.
    pub fn parse(json: &str) -> Result<Self, String> {
        let label: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        for connection in &label.connections {
            connection.truth.check()?;
        }
        if let Some(lost) = label
            .incidents
            .iter()
            .find(|about| about.numbers().any(|number| number >= label.connections.len()))
        {
            return Err(format!("an incident is about connection {}; there is none", lost.connection));
        }
        Ok(label)
    }

    /// The label as a file.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// Holds a truth against the kernel's words and the fate of the programs; what contradicts it.
pub(super) fn contradictions(truth: &Truth, words: &[Word], programs: &[Fate]) -> Vec<String> {
    let mut found = Vec::new();
    let closing = closing(words);
    let kind = truth.first_goodbye().map(|(_, kind)| kind);
    // Behind an alert both close at once, by FIN or by RST: whose kernel is first is chance.
    let closes = if kind == Some("alert") { "either" } else { &truth.ended_by };
    let agrees = match (closes, kind) {
        ("client" | "server", Some("fin")) => matches!(closing, Closing::Fin(side) if side == closes),
        // A host's own packet filter resets without a word of its kernel's TCP.
        ("client", Some("rst")) if truth.responsible == "client-host" => closing == Closing::Foreign,
        ("client" | "server", Some("rst")) => matches!(closing, Closing::Rst(side) if side == closes),
        ("either", _) => matches!(closing, Closing::Fin(_) | Closing::Rst(_)),
        // Whoever gives up behind a silence closes into it.
        ("network", Some("silence")) => match closing {
            Closing::Silence => true,
            Closing::Fin(side) => unheard(words, side),
            _ => false,
        },
        // The kernel has no word for an error of ICMP.
        ("middlebox", Some("icmp")) | ("network" | "nobody", _) => closing == Closing::Silence,
        ("middlebox", _) => closing == Closing::Foreign,
        _ => true,
    };
    if !agrees {
        let (who, first) = (&truth.ended_by, &truth.first);
        found.push(format!("ended_by: {who}, first: {first}; but the kernel says {closing:?}"));
    }
    for wanted in &truth.kernel {
        if !words.iter().any(|word| word.to_string().contains(wanted.as_str())) {
            found.push(format!("the kernel never said `{wanted}`"));
        }
    }
    let fate = |name: &str| programs.iter().find(|fate| fate.name == name);
    for (name, words) in &truth.says {
        if fate(name).is_none_or(|fate| !fate.output.contains(words.as_str())) {
            found.push(format!("{name} never said `{words}`"));
        }
    }
    for (name, exit) in &truth.exits {
        let was = fate(name).map_or("never started", |fate| fate.exit.as_str());
        if was != exit {
            found.push(format!("{name} ended with {was}, not {exit}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::kernel::Said;
    use super::*;

    fn truth(first: &str, ended_by: &str) -> Truth {
        Truth {
            cause: "client-clean-goodbye".into(),
            verdict: "normal".into(),
            ended_by: ended_by.into(),
            first: first.into(),
            responsible: "client-app".into(),
            decidable: vec!["client".into()],
            ..Truth::default()
        }
    }

    fn state(side: &str, from: &str, to: &str) -> Word {
        Word { at: 0.0, side: side.into(), what: Said::State(from.into(), to.into()) }
    }

    #[test]
    fn the_kernel_may_contradict() {
        let client =
            [state("client", "ESTABLISHED", "FIN_WAIT1"), state("server", "ESTABLISHED", "CLOSE_WAIT")];
        assert!(contradictions(&truth("client fin", "client"), &client, &[]).is_empty());
        assert_eq!(contradictions(&truth("server fin", "server"), &client, &[]).len(), 1);
        assert_eq!(contradictions(&truth("client rst", "client"), &client, &[]).len(), 1);
        assert_eq!(contradictions(&truth("none", "network"), &client, &[]).len(), 1);
        assert!(contradictions(&truth("none", "network"), &[], &[]).is_empty());
    }

    #[test]
    fn a_fin_that_nobody_heard_ended_nothing() {
        let silence = truth("server silence", "network");
        let alone = [state("client", "ESTABLISHED", "FIN_WAIT1")];
        assert!(contradictions(&silence, &alone, &[]).is_empty());
        let mut heard = [alone[0].clone(), state("server", "ESTABLISHED", "CLOSE_WAIT")];
        heard[1].at = 0.01;
        assert_eq!(contradictions(&silence, &heard, &[]).len(), 1);
    }

    #[test]
    fn the_programs_may_contradict() {
        let fate =
            Fate { name: "client".into(), command: "curl".into(), exit: "0".into(), output: "done".into() };
        let mut truth = truth("none", "nobody");
        truth.says = vec![("client".into(), "done".into())];
        truth.exits = vec![("client".into(), "0".into())];
        assert!(contradictions(&truth, &[], std::slice::from_ref(&fate)).is_empty());
        truth.exits = vec![("client".into(), "7".into()), ("server".into(), "0".into())];
        truth.says = vec![("client".into(), "refused".into())];
        assert_eq!(contradictions(&truth, &[], &[fate]).len(), 3);
    }

    #[test]
    fn a_label_is_read_as_it_was_written() {
        let label = Label {
            title: "a".into(),
            stack: vec!["Linux 6.18".into()],
            offload: false,
            done: vec!["0.0 wait 2s".into()],
            programs: Vec::new(),
            port: 443,
            connections: vec![Labelled {
                port: 40_000,
                truth: truth("client fin", "client"),
                kernel: Vec::new(),
            }],
            incidents: vec![Incident {
                at: "2026-11-25T23:01:31Z".into(),
                text: "EOF".into(),
                connection: 0,
                or: vec![0],
            }],
        };
        assert_eq!(Label::parse(&label.text()).unwrap(), label);
        assert!(Label::parse(&label.text().replace("client-clean-goodbye", "nonsense")).is_err());
        assert!(Label::parse(&label.text().replace("\"connection\": 0", "\"connection\": 1")).is_err());
    }
}
