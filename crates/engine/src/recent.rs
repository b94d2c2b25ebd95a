//! The last packets of each connection, kept while an input is read that cannot be read again: what a ladder
//! needs when there is no second reading.

use crate::ladder::{Ladder, Step};
use hangup_track::Seen;
use hangup_verdict::{ActKind, AlertSeen, Facts};
use hangup_wire::tls::AlertDescription;
use hangup_wire::{Flags, Moment, Segment, Side};
use std::collections::HashMap;

/// Packets kept of one connection.
const KEPT: usize = 12;

/// The last packets of every open connection.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    open: HashMap<u64, Ring, foldhash::fast::RandomState>,
}

/// The last packets of one connection.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    notes: Vec<Note>,
    /// Packets so far.
    count: u64,
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
        let ring = self.open.entry(seen.id).or_default();
        let note = Note {
            at,
            length: segment.length,
            flags: segment.flags.0,
            from_client: seen.side == Side::Client,
            closed_window: segment.window == 0,
        };
        #[expect(clippy::cast_possible_truncation, reason = "a remainder of KEPT")]
        let place = (ring.count % KEPT as u64) as usize;
        match ring.notes.get_mut(place) {
            Some(old) => *old = note,
            None => ring.notes.push(note),
        }
        ring.count += 1;
    }

    /// Takes out the last packets of a connection that has ended.
    pub(crate) fn take(&mut self, id: u64) -> Option<Ring> {
        self.open.remove(&id)
    }
}

impl Ring {
    /// The ladder of the last packets. `facts` tells which of them brought which TLS message.
    pub(crate) fn ladder(&self, facts: &Facts) -> Ladder {
        let kept = self.count.min(KEPT as u64);
        let swapped = facts.history.starts_with('^');
        let steps = (self.count - kept..self.count).filter_map(|number| {
            #[expect(clippy::cast_possible_truncation, reason = "a remainder of KEPT")]
            let note = self.notes.get((number % KEPT as u64) as usize)?;
            let from = if note.from_client == swapped { Side::Server } else { Side::Client };
            Some(Step {
                capture: note.at.capture(),
                frame: note.at.frame(),
                time: note.at.time,
                from: Some(from),
                what: note.words(from, facts),
                role: None,
            })
        });
        Ladder { connection: facts.id, steps: steps.collect(), left_out: self.count - kept }
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
