//! One side of a TLS session.

use super::Record;
use super::framing::Framing;
use super::reassembly::Reassembly;
use crate::{AlertPosition, TlsSide};
use hangup_wire::Moment;

/// What is known of one side.
#[derive(Clone, Debug)]
pub(super) struct Half {
    pub(super) framing: Framing,
    /// The handshake message that is not whole yet.
    pub(super) messages: Option<Box<Reassembly>>,
    /// Its records are encrypted, and their types show (TLS up to 1.2).
    pub(super) encrypted: bool,
    /// Its first encrypted handshake record was seen, or its Finished in TLS 1.3.
    pub(super) finished: bool,
    /// Handshake and application records so far.
    pub(super) content: u32,
    /// Records of type `application_data` so far; stays at the most that it holds, as all that is counted here does.
    pub(super) protected: u8,
    /// A hole tore a message in clear: what does not read as one is its rest.
    pub(super) torn: bool,
    /// First bytes of the alert record that is being read.
    pub(super) small: [u8; 8],
    pub(super) small_have: u8,
    /// A first byte of an alert in clear whose second comes in a record of its own.
    pub(super) split_alert: Option<u8>,
    /// The last records of TLS 1.3 that may be alerts and after which nothing came yet: one, or a pair.
    pub(super) tail: Tail,
    /// Suspects after which something came.
    pub(super) cleared: u16,
    pub(super) data_records: u32,
    /// Offset behind the first record with application data, 0 where there was none.
    pub(super) first_data_end: u64,
    pub(super) last_handshake: Option<Moment>,
    pub(super) tickets: u8,
}

/// A record that may be an alert.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspect {
    pub(super) record: Record,
    /// Its number among the side's content records.
    pub(super) number: u32,
    pub(super) position: AlertPosition,
    /// Suspects before it after which something came.
    pub(super) alike_before: u16,
    /// The length that the session's cipher gives an alert was known when it came.
    pub(super) expected: bool,
    pub(super) version_unknown: bool,
}

/// The last suspects: none, one, or a pair. Its room is used again: a connection of pings allocates once.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(Option<Box<[Option<Suspect>; 2]>>);

impl Tail {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        !matches!(self.0.as_deref(), Some([Some(_), _]))
    }

    pub(super) fn is_pair(&self) -> bool {
        matches!(self.0.as_deref(), Some([_, Some(_)]))
    }

    /// The only one.
    pub(super) fn only(&self) -> Option<&Suspect> {
        match self.0.as_deref() {
            Some([only, None]) => only.as_ref(),
            _ => None,
        }
    }

    pub(super) fn last(&self) -> Option<&Suspect> {
        self.iter().last()
    }

    /// In the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Suspect> {
        self.0.iter().flat_map(|room| room.iter().flatten())
    }

    /// One more, behind the only one or none.
    pub(super) fn push(&mut self, suspect: Suspect) {
        let [first, second] = &mut **self.0.get_or_insert_default();
        *if first.is_none() { first } else { second } = Some(suspect);
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        if let Some(room) = &mut self.0 {
            **room = [None; 2];
        }
    }

    /// How much memory it takes beyond itself.
    fn kept(&self) -> usize {
        self.0.as_deref().map_or(0, size_of_val)
    }
}

impl Half {
    /// How much memory it takes beyond itself.
    pub(super) fn kept(&self) -> usize {
        let message = self.messages.as_ref().map_or(0, |message| size_of::<Reassembly>() + message.kept());
        message + self.tail.kept()
    }

    pub(super) fn new(framing: Framing) -> Self {
        Self {
            framing,
            messages: None,
            encrypted: false,
            finished: false,
            content: 0,
            protected: 0,
            torn: false,
            small: [0; 8],
            small_have: 0,
            split_alert: None,
            tail: Tail::default(),
            cleared: 0,
            data_records: 0,
            first_data_end: 0,
            last_handshake: None,
            tickets: 0,
        }
    }

    /// `record` carries application data.
    #[inline]
    pub(super) fn data(&mut self, record: Record) {
        self.data_records = self.data_records.saturating_add(1);
        if self.first_data_end == 0 {
            self.first_data_end = record.end;
        }
    }

    /// The facts.
    pub(super) fn summary(&self) -> TlsSide {
        TlsSide {
            records: self.framing.records.into(),
            data_records: self.data_records.into(),
            last_handshake: self.last_handshake,
            tickets: self.tickets.into(),
            lost: self.framing.lost,
            foreign: self.framing.foreign && self.framing.records == 0,
        }
    }
}
