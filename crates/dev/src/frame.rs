//! Packets as a capture holds them, not yet in any file format.

use std::collections::HashMap;

use hangup_wire::{Side, Timestamp};

/// One captured packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// When it was captured; whole microseconds.
    pub time: Timestamp,
    /// Which connection it belongs to, as an index of [`Played::names`].
    pub connection: usize,
    /// Who sent it; none for an ICMP error.
    pub from: Option<Side>,
    /// The sender's MAC address.
    pub source: [u8; 6],
    /// The receiver's MAC address.
    pub destination: [u8; 6],
    /// The IP packet.
    pub packet: Vec<u8>,
    /// The `@label` of the step that it ends.
    pub label: Option<String>,
}

/// The packets of a script in the order of the capture.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// The packets.
    pub frames: Vec<Frame>,
    /// The name of each connection; the copies of a repeated one share theirs.
    pub names: Vec<String>,
}

impl Played {
    /// The connections of this name, by the ids that a report gives them: in order of their first packets.
    pub fn ids(&self, name: &str) -> Vec<usize> {
        let order = self.order();
        (0..self.names.len())
            .filter(|index| self.names.get(*index).is_some_and(|known| known == name))
            .filter_map(|index| order.get(&index).copied())
            .collect()
    }

    /// The frame number, from 1, of the step with this label in the connection with this id.
    pub fn labelled(&self, id: usize, label: &str) -> Option<u64> {
        let order = self.order();
        self.frames
            .iter()
            .position(|frame| {
                order.get(&frame.connection) == Some(&id) && frame.label.as_deref() == Some(label)
            })
            .map(|at| at as u64 + 1)
    }

    /// The id of each connection that has a packet.
    fn order(&self) -> HashMap<usize, usize> {
        let mut order = HashMap::new();
        for frame in &self.frames {
            let next = order.len();
            order.entry(frame.connection).or_insert(next);
        }
        order
    }
}
