//! The packets of one connection, as steps that can be drawn: time runs down, client left, server right.

use hangup_wire::{Side, Timestamp};

/// The packets of one connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ladder {
    /// The connection's `id`.
    pub connection: u64,
    /// Its steps, in the order of the capture.
    pub steps: Vec<Step>,
    /// Steps before these that are not shown.
    pub left_out: u64,
}

/// One packet.
#[derive(Clone, Debug, PartialEq)]
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
    pub role: Option<&'static str>,
}
