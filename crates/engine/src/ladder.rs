//! The packets of one connection, as steps that can be drawn: time runs down, client left, server right.
//!
//! Ladders come from a second reading, of the few connections that somebody wants to see.

use crate::Marks;
use crate::content::Content;
use crate::model;
use crate::options::Options;
use crate::way::{Watch, Way};
use hangup_capture::Input;
use hangup_session::{AlertSeen, Summary};
use hangup_track::{Connection, Endpoint, Key, Seen, Table};
use hangup_wire::tls::AlertDescription;
use hangup_wire::{Addr, IcmpError, Moment, Segment, Side, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

/// The packets of one connection.
#[derive(Clone, Debug, Default, PartialEq, bitcode::Encode, bitcode::Decode)]
pub struct Ladder {
    /// The connection's `id`.
    pub connection: u64,
    /// Its steps, in the order of the capture.
    pub steps: Vec<Step>,
    /// Steps before these that are not shown.
    pub left_out: u64,
}

/// One packet.
#[derive(Clone, Debug, PartialEq, bitcode::Encode, bitcode::Decode)]
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
///
/// Only those connections are followed, each from its first packet to its last, and the reading ends with the last
/// of them. What lies between them is passed over where `marks`, as the report gave them, allow it; without any it is
/// read.
pub fn ladders(
    input: &mut Input,
    options: &Options,
    connections: &[&model::Connection],
    last: usize,
    marks: &Marks,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Vec<Ladder> {
    let mut climber =
        Climber { last, ports: Box::new([0; PORTS]), waiting: HashMap::default(), left: 0, current: None };
    for connection in connections {
        let Some(key) = key(connection) else { continue };
        climber.mark(connection.client.port);
        let swapped = connection.roles_from == "client-hello" && connection.history.starts_with('^');
        let climb = Climb { id: connection.id, span: connection.span, swapped, ..Climb::default() };
        climber.waiting.entry(key).or_default().push(climb);
        climber.left += 1;
    }
    Way::new(&options.limits, options.seed).with_marks(marks.clone()).read(input, &mut climber, progress);
    let mut climbs: HashMap<u64, Climb> =
        climber.waiting.into_values().flatten().map(|climb| (climb.id, climb)).collect();
    connections
        .iter()
        .map(|connection| climbs.remove(&connection.id).unwrap_or_default().ladder(connection))
        .collect()
}

fn key(connection: &model::Connection) -> Option<Key> {
    let end = |end: &model::Endpoint| {
        let ip: IpAddr = end.ip.parse().ok()?;
        Some(Endpoint { address: Addr::from(ip), port: end.port })
    };
    Some(Key::new(end(&connection.client)?, end(&connection.server)?))
}

/// Words of a bit for each port.
const PORTS: usize = (u16::MAX as usize + 1) / 64;

struct Climber {
    last: usize,
    /// A bit for each client port of the connections to be followed: most packets have none of them.
    ports: Box<[u64; PORTS]>,
    /// The connections to be followed, by their ends: one after the other where ports were used again.
    waiting: HashMap<Key, Vec<Climb>, foldhash::fast::FixedState>,
    /// How many of them have not ended.
    left: usize,
    /// The one that the packet in hand belongs to.
    current: Option<(Key, usize)>,
}

impl Climber {
    fn mark(&mut self, port: u16) {
        if let Some(word) = self.ports.get_mut(usize::from(port / 64)) {
            *word |= 1 << (port % 64);
        }
    }

    #[inline]
    fn is_marked(&self, port: u16) -> bool {
        self.ports.get(usize::from(port / 64)).is_some_and(|word| word >> (port % 64) & 1 == 1)
    }

    fn climb(&mut self) -> Option<&mut Climb> {
        let (key, index) = self.current?;
        self.waiting.get_mut(&key)?.get_mut(index)
    }
}

/// One ladder in the making, and what is needed to tell what a packet changed.
#[derive(Default)]
struct Climb {
    id: u64,
    span: (Moment, Moment),
    begun: bool,
    ended: bool,
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
    fn idle_until(&self) -> Option<u64> {
        let mut next = u64::MAX;
        for climb in self.waiting.values().flatten().filter(|climb| !climb.ended) {
            if climb.begun {
                return None;
            }
            next = next.min(climb.span.0.frame());
        }
        Some(next)
    }

    fn goes_on(&self) -> bool {
        self.left > 0
    }

    #[inline]
    fn may_want(&self, source: u16, target: u16) -> bool {
        self.is_marked(source) || self.is_marked(target)
    }

    #[inline]
    fn wants(&mut self, source: Endpoint, target: Endpoint, at: Moment) -> bool {
        let key = Key::new(source, target);
        let Some(climbs) = self.waiting.get_mut(&key) else { return false };
        let index = climbs.iter().position(|climb| !climb.ended && (climb.begun || climb.span.0 == at));
        let Some(climb) = index.and_then(|index| climbs.get_mut(index)) else { return false };
        climb.begun = true;
        climb.ended = climb.span.1 == at;
        self.left -= usize::from(climb.ended);
        self.current = index.map(|index| (key, index));
        true
    }

    fn packet(&mut self, segment: &Segment<'_>, at: Moment, seen: Seen, table: &Table<Content>) {
        let last = self.last;
        let (Some(climb), Some(connection)) = (self.climb(), table.connection(seen.place)) else { return };
        let what = climb.words(segment, at, seen, connection);
        let from = if climb.swapped { seen.side.other() } else { seen.side };
        climb.push(last, at, Some(from), what);
    }

    fn icmp(&mut self, error: &IcmpError<'_>, at: Moment) {
        let last = self.last;
        let Some(climb) = self.climb() else { return };
        let message = error
            .message
            .name()
            .map_or_else(|| format!("type {} code {}", error.message.kind, error.message.code), Into::into);
        climb.push(last, at, None, vec![format!("ICMP {} from {}", message, error.ip.src.to_ip())]);
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
            capture: at.capture(),
            frame: at.frame(),
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
            let summary = connection.content.conversation.clone().end();
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
            // A FIN that the capture lacks is told with the other side's packet that acknowledges it.
            let brought = |goodbye: &&model::Goodbye| {
                (goodbye.frame, goodbye.capture) == (step.frame, step.capture)
                    && goodbye.from.as_deref() == step.from.map(Side::name)
                    && goodbye.kind != "silence"
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
        tls.messages.iter().filter(|message| message.at == at && message.side == side).map(|message| {
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
