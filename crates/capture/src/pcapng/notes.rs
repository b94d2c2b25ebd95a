//! Blocks that hold no packets but say something about them.

use std::net::IpAddr;

use hangup_wire::LinkType;

use super::clock::Clock;
use super::options::{COMMENT, Options};
use crate::description::{Description, Interface, text_of};
use crate::order::ByteOrder;

/// An interface of the section that is being read: what its packets need.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lane {
    pub(crate) link: LinkType,
    pub(crate) snaplen: u32,
    pub(crate) clock: Clock,
    /// Lost packets as statistics count them, from the start of the capture.
    pub(crate) lost_in_statistics: u64,
    /// Lost packets as packets count them, each since the one before.
    pub(crate) lost_before_packets: u64,
}

impl Lane {
    /// Lost packets: two counts of the same thing, of which the larger one knows more.
    fn lost(&self) -> u64 {
        self.lost_in_statistics.max(self.lost_before_packets)
    }

    /// Changes the counts by `change` and brings the description up to date.
    pub(crate) fn recount(&mut self, description: &mut Description, change: impl FnOnce(&mut Self)) {
        let before = self.lost();
        change(self);
        let more = self.lost().saturating_sub(before);
        description.dropped_by_capture =
            Some(description.dropped_by_capture.unwrap_or(0).saturating_add(more));
    }
}

/// A block's body with what is needed to read it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'a> {
    pub(crate) order: ByteOrder,
    pub(crate) offset: u64,
    /// What stands between the two lengths.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Body<'a> {
    fn options(&self, from: usize) -> Options<'a> {
        Options::new(self.order, self.bytes.get(from..).unwrap_or_default())
    }

    /// Section Header Block.
    pub(crate) fn section(self, description: &mut Description) {
        for (code, value) in self.options(16) {
            match code {
                COMMENT => description.comment(None, self.offset, value),
                4 if description.application.is_none() => description.application = Some(text_of(value)),
                _ => {}
            }
        }
    }

    /// Interface Description Block; `None` where it is too short to be one.
    pub(crate) fn interface(self, description: &mut Description) -> Option<Lane> {
        let link = LinkType(self.order.u16(self.bytes, 0)?);
        let snaplen = self.order.u32(self.bytes, 4)?;
        let (mut resolution, mut offset_seconds, mut name, mut filter) = (6, 0_i64, None, None);
        for (code, value) in self.options(8) {
            match code {
                COMMENT => description.comment(None, self.offset, value),
                2 => name = Some(text_of(value)),
                9 => resolution = value.first().copied().unwrap_or(resolution),
                // The first byte tells how the filter is written: 0 is text, others are code.
                11 => filter = value.strip_prefix(&[0]).map(text_of),
                14 => offset_seconds = self.order.u64(value, 0).map_or(offset_seconds, u64::cast_signed),
                _ => {}
            }
        }
        // Powers of two are shown to the nanosecond: 2^-10 s is 0.000976563 s.
        let digits = if resolution & 0x80 == 0 { resolution.min(9) } else { 9 };
        description.digits = description.digits.max(digits);
        description.interface(Interface { link, snaplen, name, filter });
        Some(Lane { link, snaplen, clock: Clock::new(resolution, offset_seconds), ..Lane::default() })
    }

    /// Name Resolution Block: of each address the first name.
    pub(crate) fn names(self, description: &mut Description) {
        let mut rest = self.bytes;
        while let (Some(kind), Some(length)) = (self.order.u16(rest, 0), self.order.u16(rest, 2)) {
            let length = usize::from(length);
            let Some(value) = rest.get(4..).and_then(|rest| rest.get(..length)) else { return };
            let named = match kind {
                0 => break,
                1 => {
                    value.split_first_chunk().map(|(address, name)| (IpAddr::from(*address as [u8; 4]), name))
                }
                2 => value
                    .split_first_chunk()
                    .map(|(address, name)| (IpAddr::from(*address as [u8; 16]), name)),
                _ => None,
            };
            if let Some((address, name)) = named {
                let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
                description.name(address, name.get(..end).unwrap_or_default());
            }
            rest = rest.get(4_usize.saturating_add(length.next_multiple_of(4))..).unwrap_or_default();
        }
        let options = rest.get(4..).unwrap_or_default();
        for (_, text) in Options::new(self.order, options).filter(|(code, _)| *code == COMMENT) {
            description.comment(None, self.offset, text);
        }
    }

    /// Interface Statistics Block: what was lost. The counts run from the start of the capture, so that a later
    /// block replaces an earlier one.
    pub(crate) fn statistics(self, description: &mut Description, lanes: &mut [Lane]) {
        let lane = self.order.u32(self.bytes, 0).and_then(|index| lanes.get_mut(index as usize));
        let mut lost = None;
        for (code, value) in self.options(12) {
            match code {
                COMMENT => description.comment(None, self.offset, value),
                // isb_ifdrop and isb_osdrop: by the interface, and by the operating system behind it.
                5 | 7 => {
                    let count = self.order.u64(value, 0).unwrap_or(0);
                    lost = Some(lost.unwrap_or(0_u64).saturating_add(count));
                }
                _ => {}
            }
        }
        if let (Some(lane), Some(lost)) = (lane, lost) {
            lane.recount(description, |lane| lane.lost_in_statistics = lane.lost_in_statistics.max(lost));
        }
    }

    /// Decryption Secrets Block; an error says what is wrong with it.
    pub(crate) fn secrets(self, description: &mut Description) -> Result<(), &'static str> {
        let kind = self.order.u32(self.bytes, 0).ok_or("a block of secrets is too short to hold any")?;
        let length = self.order.u32(self.bytes, 4).ok_or("a block of secrets is too short to hold any")?;
        let rest = self.bytes.get(8..).unwrap_or_default();
        let bytes = rest.get(..length as usize).ok_or("a block of secrets claims to be longer than it is")?;
        if !description.secret(kind, self.offset, bytes) {
            return Err("a block of secrets was left out: there are more than 64 MiB of them");
        }
        let options = rest.get((length as usize).next_multiple_of(4)..).unwrap_or_default();
        for (_, text) in Options::new(self.order, options).filter(|(code, _)| *code == COMMENT) {
            description.comment(None, self.offset, text);
        }
        Ok(())
    }
}
