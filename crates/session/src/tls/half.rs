//! One side of a TLS session.

use super::framing::Framing;
use super::reassembly::Reassembly;
use crate::{Alert, Record, TlsSide};
use hangup_wire::Moment;

/// Records kept of the end of each side.
const KEPT: usize = 6;

/// What is known of one side.
#[derive(Clone, Debug)]
pub(super) struct Half {
    pub(super) framing: Framing,
    pub(super) messages: Reassembly,
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
    pub(super) last_alert: Option<LastAlert>,
    pub(super) data_records: u64,
    pub(super) data_bytes: u64,
    pub(super) first_data: Option<Record>,
    pub(super) last_data: Option<Record>,
    last: [Record; KEPT],
    pub(super) last_handshake: Option<Moment>,
    pub(super) change_cipher_spec: Option<Moment>,
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

/// The last alert that showed as one.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastAlert {
    /// Number of the side's record that held it.
    pub(super) record: u64,
    /// Where it is in the list of alerts.
    pub(super) index: usize,
    pub(super) at: Moment,
    pub(super) description: Option<u8>,
}

impl Half {
    pub(super) fn new(framing: Framing) -> Self {
        Self {
            framing,
            messages: Reassembly::default(),
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
            last_alert: None,
            data_records: 0,
            data_bytes: 0,
            first_data: None,
            last_data: None,
            last: [Record::default(); KEPT],
            last_handshake: None,
            change_cipher_spec: None,
            tickets: 0,
        }
    }

    /// Keeps `record`, which is whole, among the last.
    #[inline]
    pub(super) fn keep(&mut self, record: Record) {
        // The framing has counted it already.
        let slot = usize::try_from(self.framing.records.wrapping_sub(1) % KEPT as u64).unwrap_or(0);
        if let Some(slot) = self.last.get_mut(slot) {
            *slot = record;
        }
    }

    /// `record` carries application data.
    #[inline]
    pub(super) fn data(&mut self, record: Record) {
        self.data_records += 1;
        self.data_bytes += u64::from(record.length);
        self.first_data.get_or_insert(record);
        self.last_data = Some(record);
    }

    /// The facts.
    pub(super) fn summary(&self) -> TlsSide {
        let records = self.framing.records;
        let kept = records.min(KEPT as u64);
        let last = (records - kept..records)
            .filter_map(|number| self.last.get(usize::try_from(number % KEPT as u64).ok()?).copied())
            .collect();
        TlsSide {
            records,
            data_records: self.data_records,
            data_bytes: self.data_bytes,
            first_data: self.first_data,
            last_data: self.last_data,
            last,
            last_handshake: self.last_handshake,
            change_cipher_spec: self.change_cipher_spec,
            tickets: self.tickets,
            lost: self.framing.lost,
            foreign: self.framing.foreign && records == 0,
        }
    }
}
