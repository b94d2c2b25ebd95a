//! One side of a TLS session.

use super::Record;
use super::framing::Framing;
use super::reassembly::Reassembly;
use crate::{Alert, TlsSide};
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
    pub(super) content: u64,
    /// Records of type `application_data` so far.
    pub(super) protected: u64,
    /// A hole tore a message in clear: what does not read as one is its rest.
    pub(super) torn: bool,
    /// First bytes of the alert record that is being read.
    pub(super) small: [u8; 8],
    pub(super) small_have: u8,
    /// A first byte of an alert in clear whose second comes in a record of its own.
    pub(super) split_alert: Option<u8>,
    /// The last records of TLS 1.3 that may be alerts and after which nothing came yet: one, or a pair.
    pub(super) tail: Vec<Suspect>,
    /// Suspects after which something came.
    pub(super) cleared: u32,
    pub(super) data_records: u64,
    pub(super) data_bytes: u64,
    /// Offset behind the first record with application data, 0 where there was none.
    pub(super) first_data_end: u64,
    pub(super) last_handshake: Option<Moment>,
    pub(super) tickets: u32,
}

/// A record that may be an alert.
#[derive(Clone, Debug)]
pub(super) struct Suspect {
    pub(super) alert: Alert,
    pub(super) record: Record,
    /// Its number among the side's content records.
    pub(super) number: u64,
}

impl Half {
    /// How much memory it takes beyond itself.
    pub(super) fn kept(&self) -> usize {
        let message = self.messages.as_ref().map_or(0, |message| size_of::<Reassembly>() + message.kept());
        message + size_of_val(self.tail.as_slice())
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
            tail: Vec::new(),
            cleared: 0,
            data_records: 0,
            data_bytes: 0,
            first_data_end: 0,
            last_handshake: None,
            tickets: 0,
        }
    }

    /// `record` carries application data.
    #[inline]
    pub(super) fn data(&mut self, record: Record) {
        self.data_records += 1;
        self.data_bytes += u64::from(record.length);
        if self.first_data_end == 0 {
            self.first_data_end = record.end;
        }
    }

    /// The facts.
    pub(super) fn summary(&self) -> TlsSide {
        TlsSide {
            records: self.framing.records,
            data_records: self.data_records,
            data_bytes: self.data_bytes,
            last_handshake: self.last_handshake,
            tickets: self.tickets,
            lost: self.framing.lost,
            foreign: self.framing.foreign && self.framing.records == 0,
        }
    }
}
