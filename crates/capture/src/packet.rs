//! A packet, as a capture gives it.

use hangup_wire::{LinkType, Timestamp};

use crate::input::Slot;

/// A packet, lent out until the next one is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Which capture of the call it comes from, from 0 in the order of [`crate::Input::descriptions`].
    pub capture: u32,
    /// The number of the packet in its file, from 1: Wireshark's `frame.number`.
    pub number: u64,
    /// Where its record header or block begins: bytes from the start of the file, once decompressed.
    pub offset: u64,
    /// When it was captured. A packet without a time (pcapng Simple Packet Block) has that of the one before.
    pub time: Timestamp,
    /// What its first byte is.
    pub link: LinkType,
    /// The interface it came in on, from 0, counted over all sections of the file. Always 0 in classic pcap.
    pub interface: u32,
    /// How many bytes it had on the wire. More than `data` holds where the capture cut it.
    pub original_length: u32,
    /// The bytes that were captured.
    pub data: &'a [u8],
}

/// A packet whose bytes are named by their place in the window: what a format's reader finds. It stays where it
/// is and is filled field by field: moving it about costs more than finding it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) offset: u64,
    pub(crate) time: Timestamp,
    pub(crate) link: LinkType,
    pub(crate) interface: u32,
    pub(crate) original_length: u32,
    /// Where the data begins in the window's bytes.
    pub(crate) start: usize,
    /// How many bytes of data there are.
    pub(crate) length: usize,
    /// Which capture it is of, where several are merged.
    pub(crate) capture: u32,
}

/// Packets that follow each other, lent out together until the next ones are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    records: &'a [Record],
    from: From<'a>,
}

/// Where the bytes of a batch are.
#[derive(Clone, Copy, Debug)]
enum From<'a> {
    /// All in the window of this capture.
    One(u32, &'a [u8]),
    /// In those of several captures: see [`Record::capture`].
    Several(&'a [Slot]),
}

impl<'a> Batch<'a> {
    pub(crate) fn new(capture: u32, records: &'a [Record], bytes: &'a [u8]) -> Self {
        Self { records, from: From::One(capture, bytes) }
    }

    /// Packets of several captures, merged.
    pub(crate) fn merged(records: &'a [Record], slots: &'a [Slot]) -> Self {
        Self { records, from: From::Several(slots) }
    }

    /// The packets.
    #[inline]
    pub fn packets(self) -> impl Iterator<Item = Packet<'a>> {
        self.records.iter().map(move |record| {
            let (capture, bytes) = match self.from {
                From::One(capture, bytes) => (capture, bytes),
                From::Several(slots) => {
                    (record.capture, slots.get(record.capture as usize).map_or(&[][..], Slot::held))
                }
            };
            record.packet(capture, bytes)
        })
    }

    /// The same packets, `count` at a time.
    #[inline]
    pub fn groups(self, count: usize) -> impl Iterator<Item = Batch<'a>> {
        self.records.chunks(count.max(1)).map(move |records| Self { records, ..self })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl Record {
    /// The packet, whose bytes stand in `bytes`.
    #[inline]
    pub(crate) fn packet(self, capture: u32, bytes: &[u8]) -> Packet<'_> {
        Packet {
            capture,
            number: self.number,
            offset: self.offset,
            time: self.time,
            link: self.link,
            interface: self.interface,
            original_length: self.original_length,
            data: bytes.get(self.start..self.start.wrapping_add(self.length)).unwrap_or_default(),
        }
    }
}
