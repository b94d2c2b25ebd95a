//! The file header, and which of pcap's variations a file is.
//!
//! Two variations share the usual magic number and can only be told by trying: where the first records make no
//! sense as usual ones but do as others, they are others. Wireshark's wiretap does the same.

use hangup_wire::{LinkType, Timestamp};

use crate::order::ByteOrder;

/// The length of the file header.
pub(crate) const HEADER: usize = 24;

const MICRO: u32 = 0xa1b2_c3d4;
const NANO: u32 = 0xa1b2_3c4d;
/// Alexey Kuznetzov's patched libpcap, in which records say more about the interface.
const MODIFIED: u32 = 0xa1b2_cd34;

/// Longer records are not believed while variations are told apart (`WTAP_MAX_PACKET_SIZE_STANDARD` in wiretap).
const PLAUSIBLE_LENGTH: u32 = 262_144;
/// Longer packets are not believed to have been on a wire meanwhile; segmentation offload makes long ones.
const PLAUSIBLE_ORIGINAL: u32 = 128 << 20;
/// How many records are looked at to tell variations apart.
const LOOKED_AT: usize = 3;

/// How the two lengths of a record stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lengths {
    /// First what was captured, then what was on the wire.
    Usual,
    /// The other way round: libpcap before 0.3.
    Swapped,
    /// libpcap 0.3 wrote either: the captured length is the smaller one.
    Smaller,
}

/// What the header says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) order: ByteOrder,
    /// Nanoseconds of one unit of the sub-second field.
    pub(crate) unit: i64,
    pub(crate) lengths: Lengths,
    /// How long a record's header is.
    pub(crate) before_data: usize,
    pub(crate) snaplen: u32,
    pub(crate) link: LinkType,
    modified: bool,
}

/// Whether a file that begins like this is classic pcap.
pub(crate) fn is_pcap(bytes: &[u8]) -> bool {
    order_of(bytes).is_some()
}

fn order_of(bytes: &[u8]) -> Option<(ByteOrder, u32)> {
    [ByteOrder::Little, ByteOrder::Big].into_iter().find_map(|order| {
        let magic = order.u32(bytes, 0)?;
        matches!(magic, MICRO | NANO | MODIFIED).then_some((order, magic))
    })
}

impl Header {
    /// Reads the file header, `None` where `bytes` is shorter than one or does not begin like one.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let (order, magic) = order_of(bytes)?;
        let version = (order.u16(bytes, 4)?, order.u16(bytes, 6)?);
        let snaplen = order.u32(bytes, 16)?;
        let network = order.u32(bytes, 20)?;
        let modified = magic == MODIFIED;
        let mut header = Self {
            order,
            unit: if magic == NANO { 1 } else { 1000 },
            lengths: match version {
                (2, 0..=2) | (543, 0) => Lengths::Swapped,
                (2, 3) => Lengths::Smaller,
                _ => Lengths::Usual,
            },
            before_data: if modified { 24 } else { 16 },
            snaplen,
            // The upper half holds the length of a frame check sequence and reserved bits.
            link: LinkType((network & 0xffff) as u16),
            modified,
        };
        if let ((2, 2), Some(link)) = (version, aix_link(network)) {
            // AIX's libpcap writes version 2.2, nanoseconds, and its own interface types.
            header = Self { unit: 1, lengths: Lengths::Usual, link, ..header };
        }
        Some(header)
    }

    /// Chooses the variation that `records`, what stands behind the header, fits.
    pub(crate) fn settle(&mut self, records: &[u8]) {
        if self.fitting(self.before_data, records).is_some() {
            return;
        }
        // ss990915's libpcap has four bytes more; ss990417's has the modified record under the usual magic;
        // Nokia's has four bytes of its own.
        let others: &[usize] = if self.modified { &[28] } else { &[24, 20] };
        // The first record looks alike in all of them: only the second one tells.
        let better = |&&length: &&usize| self.fitting(length, records).is_some_and(|count| count >= 2);
        if let Some(&other) = others.iter().find(better) {
            self.before_data = other;
        }
    }

    /// The captured and the original length of the record whose header begins with these numbers.
    #[inline]
    pub(crate) fn lengths_of(&self, [_, _, first, second]: [u32; 4]) -> (u32, u32) {
        match self.lengths {
            Lengths::Usual => (first, second),
            Lengths::Swapped => (second, first),
            Lengths::Smaller => (first.min(second), first.max(second)),
        }
    }

    /// The time of a record. No sum of two 32-bit numbers of seconds and nanoseconds leaves 64 bits.
    #[inline]
    pub(crate) fn time(&self, seconds: u32, fraction: u32) -> Timestamp {
        let nanos = i64::from(fraction).wrapping_mul(self.unit);
        Timestamp(i64::from(seconds).wrapping_mul(1_000_000_000).wrapping_add(nanos))
    }

    /// How many of the first records make sense with headers of this length, as far as they are there; `None`
    /// where one does not. Other lengths than the magic number promises must do better: zeros make sense at any
    /// length.
    fn fitting(&self, before_data: usize, mut records: &[u8]) -> Option<usize> {
        for seen in 0..LOOKED_AT {
            let Some(head) = records.first_chunk() else { return Some(seen) };
            let head = self.order.words(head);
            let (captured, original) = self.lengths_of(head);
            if captured > PLAUSIBLE_LENGTH || original > PLAUSIBLE_ORIGINAL {
                return None;
            }
            let usual = before_data == self.before_data;
            if !usual && (captured == 0 || captured > original || head[0] == 0) {
                return None;
            }
            records = records.get(before_data.saturating_add(captured as usize)..).unwrap_or_default();
        }
        Some(LOOKED_AT)
    }
}

/// The link type of AIX's interface type (`ifType` of RFC 1213).
fn aix_link(network: u32) -> Option<LinkType> {
    match network {
        6 => Some(LinkType::ETHERNET),
        9 => Some(LinkType(6)),
        15 => Some(LinkType(10)),
        24 => Some(LinkType(0)),
        _ => None,
    }
}
