//! The packets of one connection, as steps that can be drawn: time runs down, client left, server right.
//!
//! Ladders come from a second reading, of the few connections that somebody wants to see.

use crate::content::Content;
use crate::model;
use crate::options::Options;
use crate::way::{Watch, Way};
use hangup_capture::Input;
use hangup_session::{AlertSeen, Summary};
use hangup_track::{Connection, Seen, Table};
use hangup_wire::tls::AlertDescription;
use hangup_wire::{IcmpError, Moment, Segment, Side, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};

/// The packets of one connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ladder {
    /// The connection's `id`.
    pub connection: u64,
    /// Its steps, in the order of the capture.
    pub steps: Vec<Step>,
    /// Steps before these that are not shown.
    pub left_out: u64,
}

/// One packet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Which capture file, from 0.
    pub capture: u32,
    /// Frame number in it.
    pub frame: u64,
    /// When.
    pub time: Timestamp,
    /// Who sent it; none for an ICMP error of somebody else.
    pub from: Option<Side>,
    /// What is in it, in the words of the stories: `SYN`, `data 300`, `TLS ClientHello`, `TLS alert`, `FIN`, ...
    pub what: Vec<String>,
    /// Its role among the goodbyes, where it has one: first, reply, echo, repeat, crossing, ignored.
    pub role: Option<String>,
}

/// Reads `input`, which must be at its beginning again, for the packets of `connections` as a report on the same
/// input gave them: of each at most the `last` steps. The ladders stand in the order of `connections`.
pub fn ladders(
    input: &mut Input,
    options: &Options,
    connections: &[&model::Connection],
    last: usize,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Vec<Ladder> {
    let mut climber = Climber { last, wanted: HashMap::new() };
    for connection in connections {
        let swapped = connection.roles_from == "client-hello" && connection.history.starts_with('^');
        climber.wanted.insert(connection.id, Climb { swapped, ..Climb::default() });
    }
    Way::new(&options.limits, options.seed).read(input, &mut climber, progress);
    connections
        .iter()
        .map(|connection| climber.wanted.remove(&connection.id).unwrap_or_default().ladder(connection))
        .collect()
}

struct Climber {
    last: usize,
    wanted: HashMap<u64, Climb>,
}

/// One ladder in the making, and what is needed to tell what a packet changed.
#[derive(Default)]
struct Climb {
    steps: VecDeque<Step>,
    left_out: u64,
    /// The roles turned out to be the other way round.
    swapped: bool,
    before: Counts,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    retransmitted: u32,
    keep_alives: u32,
    probes: u32,
}

impl Watch for Climber {
    fn packet(&mut self, segment: &Segment<'_>, at: Moment, seen: Seen, table: &Table<Content>) {
        let Some(climb) = self.wanted.get_mut(&seen.id) else { return };
        let Some(connection) = table.connection(seen.place) else { return };
        let what = climb.words(segment, at, seen, connection);
        let from = if climb.swapped { seen.side.other() } else { seen.side };
        climb.push(self.last, at, Some(from), what);
    }

    fn icmp(&mut self, error: &IcmpError<'_>, at: Moment, connection: u64) {
        let Some(climb) = self.wanted.get_mut(&connection) else { return };
        let message = error
            .message
            .name()
            .map_or_else(|| format!("type {} code {}", error.message.kind, error.message.code), Into::into);
        climb.push(self.last, at, None, vec![format!("ICMP {} from {}", message, error.ip.src.to_ip())]);
    }

    fn finished(&mut self, _: Connection<Content>) {}
}

impl Climb {
    fn push(&mut self, last: usize, at: Moment, from: Option<Side>, what: Vec<String>) {
        if self.steps.len() >= last.max(1) {
            self.steps.pop_front();
            self.left_out += 1;
        }
        self.steps.push_back(Step {
            capture: at.capture,
            frame: at.frame,
            time: at.time,
            from,
            what,
            role: None,
        });
    }

    fn words(
        &mut self,
        segment: &Segment<'_>,
        at: Moment,
        seen: Seen,
        connection: &Connection<Content>,
    ) -> Vec<String> {
        let mut what = Vec::new();
        let odd = connection.half(seen.side).oddities();
        let now = Counts {
            retransmitted: connection_sum(connection, |odd| odd.retransmitted),
            keep_alives: connection_sum(connection, |odd| odd.keep_alives),
            probes: connection_sum(connection, |odd| odd.window_probes),
        };
        let before = std::mem::replace(&mut self.before, now);
        let flags = segment.flags;
        if flags.syn() {
            what.push(if flags.ack() { "SYN ACK" } else { "SYN" }.into());
        }
        let probe = odd.is_some() && now.probes > before.probes;
        let keep_alive = odd.is_some() && now.keep_alives > before.keep_alives;
        if probe {
            what.push("window probe".into());
        } else if keep_alive {
            what.push("keep-alive".into());
        } else if segment.length > 0 && !flags.rst() {
            let summary = connection.content.conversation.end();
            what.extend(data_words(segment.length, at, seen.side, &summary));
        }
        if flags.rst() {
            what.push(if flags.ack() { "RST ACK" } else { "RST" }.into());
        } else if flags.fin() {
            what.push("FIN".into());
        }
        if what.is_empty() {
            what.push("ACK".into());
        }
        if segment.window == 0 && !flags.syn() && !flags.rst() {
            what.push("window 0".into());
        }
        if seen.duplicate {
            what.push("captured twice".into());
        } else if now.retransmitted > before.retransmitted {
            what.push("sent again".into());
        }
        what
    }

    fn ladder(self, connection: &model::Connection) -> Ladder {
        let mut ladder =
            Ladder { connection: connection.id, steps: self.steps.into(), left_out: self.left_out };
        ladder.take_roles(&connection.ending);
        ladder
    }
}

impl Ladder {
    /// Writes the roles of goodbyes beside the packets that brought them.
    pub(crate) fn take_roles(&mut self, ending: &model::Ending) {
        for step in &mut self.steps {
            let brought = |goodbye: &&model::Goodbye| {
                goodbye.frame == step.frame && goodbye.capture == step.capture && goodbye.kind != "silence"
            };
            step.role = ending.goodbyes.iter().find(brought).map(|goodbye| goodbye.role.clone());
        }
    }
}

fn connection_sum(connection: &Connection<Content>, of: impl Fn(&hangup_track::Oddities) -> u32) -> u32 {
    Side::BOTH.iter().filter_map(|&side| connection.half(side).oddities()).map(of).sum()
}

/// What a packet with data brought: the TLS messages and alerts that it completed, else so many bytes.
fn data_words(length: u32, at: Moment, side: Side, summary: &Summary) -> Vec<String> {
    let Some(tls) = summary.tls.as_deref() else { return vec![format!("data {length}")] };
    let messages =
        tls.messages.iter().filter(|message| message.at == at && message.side == Some(side)).map(|message| {
            message.kind.name().map_or_else(|| format!("handshake {}", message.kind.0), title)
        });
    let alerts = tls
        .alerts
        .iter()
        .filter(|alert| alert.at == at && alert.side == side && !alert.second_of_pair)
        .map(|alert| match alert.description {
            Some(description) => {
                let name =
                    AlertDescription(description).name().map_or_else(|| description.to_string(), Into::into);
                format!("alert {name}")
            }
            None if alert.seen == AlertSeen::Inferred => {
                format!("alert-sized record {}", alert.record_length)
            }
            None => format!("encrypted alert {}", alert.record_length),
        });
    let found: Vec<String> = messages.chain(alerts).collect();
    if found.is_empty() {
        vec![format!("TLS data {length}")]
    } else {
        vec![format!("TLS {}", found.join(", "))]
    }
}

/// `client_hello` as `ClientHello`.
fn title(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split('_').map(word).collect()
}
