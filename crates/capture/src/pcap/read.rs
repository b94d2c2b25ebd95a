//! The walk over the records of a classic pcap file.

use super::header::Header;
use crate::description::Description;
use crate::packet::Record;
use crate::reader::{LONGEST, absurd};
use crate::window::{Window, ask_ahead};

/// The walk over the records.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    header: Header,
    number: u64,
    /// The sub-second field that is too large for its unit.
    overflow: u32,
    overflow_said: bool,
}

impl Walk {
    /// Reads the file header; `None` where it is cut. Afterwards the window stands at the first record.
    pub(crate) fn begin(window: &mut Window) -> Option<Self> {
        if !window.need(super::HEADER) {
            return None;
        }
        let mut header = Header::of(window.ahead())?;
        window.pass(super::HEADER);
        // Looks only at what has arrived: a live stream must not be waited for.
        header.settle(window.ahead());
        let overflow = if header.unit == 1 { 1_000_000_000 } else { 1_000_000 };
        Some(Self { header, number: 0, overflow, overflow_said: false })
    }

    /// Decimal digits of a second that the format counts.
    pub(crate) fn digits(&self) -> u8 {
        if self.header.unit == 1 { 9 } else { 6 }
    }

    /// The number of the last record so far.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Finds the next record; `None` at the end, or at damage, which is then noted.
    #[inline]
    pub(crate) fn step(
        &mut self,
        window: &mut Window,
        description: &mut Description,
        record: &mut Record,
    ) -> Option<()> {
        let header_length = self.header.before_data;
        let mut ahead = window.ahead();
        if ahead.len() < header_length {
            if !window.need(header_length) {
                self.end(window, description);
                return None;
            }
            ahead = window.ahead();
        }
        let head = self.header.order.words(ahead.first_chunk()?);
        let [seconds, fraction, ..] = head;
        let (captured, original_length) = self.header.lengths_of(head);
        let length = captured as usize;
        let total = header_length.saturating_add(length);
        ask_ahead(ahead, total);
        if ahead.len() < total && !self.bring(window, description, captured, total) {
            return None;
        }
        self.number = self.number.wrapping_add(1);
        let offset = window.offset();
        if fraction >= self.overflow && !self.overflow_said {
            self.say_overflow(description, offset, fraction);
        }
        let start = window.cursor().wrapping_add(header_length);
        window.pass(total);
        *record = Record {
            number: self.number,
            offset,
            time: self.header.time(seconds, fraction),
            link: self.header.link,
            interface: 0,
            original_length,
            start,
            length,
            capture: 0,
        };
        Some(())
    }

    /// The record at the start of `ahead`, where it is there as a whole and its time is one; gives its length.
    #[inline]
    pub(crate) fn ordinary(&mut self, ahead: &[u8], slot: &mut Record) -> Option<usize> {
        let head = self.header.order.words(ahead.first_chunk()?);
        let [seconds, fraction, ..] = head;
        let (captured, original_length) = self.header.lengths_of(head);
        let length = captured as usize;
        let total = self.header.before_data.saturating_add(length);
        if ahead.len() < total || fraction >= self.overflow {
            return None;
        }
        self.number = self.number.wrapping_add(1);
        *slot = Record {
            number: self.number,
            offset: 0,
            time: self.header.time(seconds, fraction),
            link: self.header.link,
            interface: 0,
            original_length,
            start: self.header.before_data,
            length,
            capture: 0,
        };
        Some(total)
    }

    /// Has a record of `total` bytes wholly in the window; false where it cannot be, which is then noted.
    #[cold]
    fn bring(&self, window: &mut Window, description: &mut Description, captured: u32, total: usize) -> bool {
        if captured > LONGEST && absurd(window, total) {
            self.refuse(window, description, captured);
            return false;
        }
        let there = window.need(total);
        if !there {
            self.cut(window, description, captured);
        }
        there
    }

    fn next_number(&self) -> u64 {
        self.number.saturating_add(1)
    }

    #[cold]
    fn end(&self, window: &Window, description: &mut Description) {
        let (have, number) = (window.ahead().len(), self.next_number());
        if have > 0 && window.failure().is_none() {
            let what = format!(
                "the file ends in the middle of the header of packet {number}: {have} bytes of {} are there; \
                 it was cut, or is still being written",
                self.header.before_data
            );
            description.problem(Some(number), window.offset(), what);
        }
    }

    #[cold]
    fn cut(&self, window: &Window, description: &mut Description, captured: u32) {
        if window.failure().is_some() {
            return;
        }
        let number = self.next_number();
        let have = window.ahead().len().saturating_sub(self.header.before_data);
        // 262 144 bytes are the most that libpcap captures unless told otherwise.
        let believable = captured <= self.header.snaplen.max(262_144);
        let why = if believable {
            "it was cut, or is still being written"
        } else {
            "more than this capture keeps of a packet, so it is rather the header of the packet that is damaged"
        };
        let what = format!(
            "the file ends in the middle of packet {number}: {have} bytes of {captured} are there; {why}"
        );
        description.problem(Some(number), window.offset(), what);
    }

    #[cold]
    fn refuse(&self, window: &Window, description: &mut Description, captured: u32) {
        let number = self.next_number();
        let what = format!(
            "packet {number} claims to be {captured} bytes long: its header is damaged, and where the next packet \
             begins is unknown, so nothing behind it can be read"
        );
        description.problem(Some(number), window.offset(), what);
    }

    #[cold]
    fn say_overflow(&mut self, description: &mut Description, offset: u64, fraction: u32) {
        self.overflow_said = true;
        let unit = if self.header.unit == 1 { "nanoseconds" } else { "microseconds" };
        let what = format!(
            "the time of packet {} has {fraction} {unit} within one second; such times are carried over to the \
             next seconds here and in the packets behind it",
            self.number
        );
        description.oddity(Some(self.number), offset, what);
    }
}
