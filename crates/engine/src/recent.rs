//! The last packets of each connection, kept while an input is read that cannot be read again: what a ladder
//! needs when there is no second reading.

use crate::ladder::{Ladder, Step};
use hangup_track::Seen;
use hangup_verdict::{ActKind, AlertSeen, Facts};
use hangup_wire::tls::AlertDescription;
use hangup_wire::{Flags, Moment, Segment, Side};
use std::collections::HashMap;

/// Packets kept of one connection.
const KEPT: u8 = 12;
/// Packets for which there is room at first: the handshake of a connection that then says nothing.
const FEW: usize = 3;

/// The last packets of every open connection.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    open: HashMap<u64, Ring, foldhash::fast::RandomState>,
}

/// The last packets of one connection.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    /// Grows with the connection: most of a million that are open have said little.
    notes: Vec<Note>,
    /// Where the next one goes, once all room is used.
    oldest: u8,
}

#[derive(Clone, Copy, Debug, Default)]
struct Note {
    at: Moment,
    length: u32,
    flags: u16,
    from_client: bool,
    closed_window: bool,
}

impl Recent {
    /// Notes a packet.
    pub(crate) fn note(&mut self, segment: &Segment<'_>, at: Moment, seen: Seen) {
        self.open.entry(seen.id).or_default().note(Note {
            at,
            length: segment.length,
            flags: segment.flags.0,
            from_client: seen.side == Side::Client,
            closed_window: segment.window == 0,
        });
    }

    /// Takes out the last packets of a connection that has ended.
    pub(crate) fn take(&mut self, id: u64) -> Option<Ring> {
        self.open.remove(&id)
    }
}

impl Ring {
    fn note(&mut self, note: Note) {
        let count = self.notes.len();
        if count < usize::from(KEPT) {
            if count == self.notes.capacity() {
                self.notes.reserve_exact(count.max(FEW));
            }
            self.notes.push(note);
        } else if let Some(oldest) = self.notes.get_mut(usize::from(self.oldest)) {
            *oldest = note;
            self.oldest = (self.oldest + 1) % KEPT;
        }
    }

    /// The ladder of the last packets. `facts` tells how many there were, and which of them brought which TLS
    /// message.
    pub(crate) fn ladder(&self, facts: &Facts) -> Ladder {
        let swapped = facts.history.starts_with('^');
        let (newer, older) = self.notes.split_at(usize::from(self.oldest).min(self.notes.len()));
        let steps = older.iter().chain(newer).map(|note| {
            let from = if note.from_client == swapped { Side::Server } else { Side::Client };
            Step {
                capture: note.at.capture(),
                frame: note.at.frame(),
                time: note.at.time,
                from: Some(from),
                what: note.words(from, facts),
                role: None,
            }
        });
        let packets = facts.sides.client.packets + facts.sides.server.packets;
        let left_out = packets.saturating_sub(self.notes.len() as u64);
        Ladder { connection: facts.id, steps: steps.collect(), left_out }
    }
}

impl Note {
    fn words(&self, from: Side, facts: &Facts) -> Vec<String> {
        let flags = Flags(self.flags);
        let mut what = Vec::new();
        if flags.syn() {
            what.push(if flags.ack() { "SYN ACK" } else { "SYN" }.into());
        }
        if self.length > 0 && !flags.rst() {
            what.push(self.data(from, facts));
        }
        if flags.rst() {
            what.push(if flags.ack() { "RST ACK" } else { "RST" }.into());
        } else if flags.fin() {
            what.push("FIN".into());
        }
        if what.is_empty() {
            what.push("ACK".into());
        }
        if self.closed_window && !flags.syn() && !flags.rst() {
            what.push("window 0".into());
        }
        what
    }

    fn data(&self, from: Side, facts: &Facts) -> String {
        let Some(tls) = facts.tls.as_deref() else { return format!("data {}", self.length) };
        let messages = [
            (Side::Client, tls.client_hello, "ClientHello"),
            (Side::Server, tls.server_hello, "ServerHello"),
            (Side::Server, tls.certificate, "Certificate"),
        ];
        let message = messages.iter().filter(|(side, at, _)| *side == from && *at == Some(self.at));
        let alerts =
            tls.alerts.iter().filter(|act| act.from == Some(from) && act.at == self.at).filter_map(|act| {
                let ActKind::Alert(alert) = &act.kind else { return None };
                Some(match (alert.description, alert.seen) {
                    (Some(description), _) => format!(
                        "alert {}",
                        AlertDescription(description)
                            .name()
                            .map_or_else(|| description.to_string(), Into::into)
                    ),
                    (None, AlertSeen::Inferred) => format!("alert-sized record {}", alert.record_length),
                    (None, _) => format!("encrypted alert {}", alert.record_length),
                })
            });
        let found: Vec<String> = message.map(|(_, _, name)| (*name).to_owned()).chain(alerts).collect();
        if found.is_empty() {
            format!("TLS data {}", self.length)
        } else {
            format!("TLS {}", found.join(", "))
        }
    }
}
