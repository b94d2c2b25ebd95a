//! The walk over the blocks of a pcapng file.

use hangup_wire::Timestamp;

use super::block::{BlockType, FRAME, order_of};
use super::notes::{Body, Lane};
use super::options::{COMMENT, Options};
use crate::description::Description;
use crate::order::ByteOrder;
use crate::packet::Record;
use crate::reader::{LONGEST, absurd};
use crate::window::{Window, ask_ahead};

/// Where the data of Enhanced and obsolete Packet Blocks begins.
const DATA: usize = 28;
/// Where that of Simple Packet Blocks begins.
const SIMPLE_DATA: usize = 12;
/// The option `epb_flags`: direction, and what the receiving hardware had to say.
const FLAGS: u16 = 2;
/// More interfaces are not believed: a damaged or hostile file must not fill the memory with them.
const INTERFACES: usize = 65_536;

/// The walk over the blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk {
    order: ByteOrder,
    number: u64,
    /// The interfaces of this section.
    lanes: Vec<Lane>,
    /// How many interfaces the sections before had.
    earlier_interfaces: u32,
    last_time: Timestamp,
}

/// A block that is wholly in the window.
#[derive(Clone, Copy, Debug)]
struct Block {
    kind: BlockType,
    /// As its head says.
    total: u32,
    /// With padding: some writers do not count it.
    length: usize,
    offset: u64,
}

impl Walk {
    /// The number of the last frame so far.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// How many interfaces this section has so far.
    pub(crate) fn interfaces(&self) -> usize {
        self.lanes.len()
    }

    /// Finds the next packet; `None` at the end, or at damage past which nothing can be read, which is then noted.
    #[inline]
    pub(crate) fn step(
        &mut self,
        window: &mut Window,
        description: &mut Description,
        record: &mut Record,
    ) -> Option<()> {
        loop {
            let block = self.head(window, description)?;
            let result = match block.kind {
                BlockType::ENHANCED_PACKET | BlockType::OBSOLETE_PACKET => {
                    self.held(window, description, block)?;
                    self.packet(window.ahead(), description, block, record)
                }
                BlockType::SIMPLE_PACKET => {
                    self.held(window, description, block)?;
                    self.simple(window.ahead(), block, record)
                }
                BlockType::SECTION
                | BlockType::INTERFACE
                | BlockType::NAMES
                | BlockType::STATISTICS
                | BlockType::SECRETS => {
                    self.held(window, description, block)?;
                    self.note(window.ahead(), description, block);
                    window.pass(block.length);
                    continue;
                }
                _ => {
                    self.skip(window, description, block)?;
                    continue;
                }
            };
            self.number = self.number.saturating_add(1);
            let start = window.cursor();
            ask_ahead(window.ahead(), block.length);
            window.pass(block.length);
            match result {
                Ok(()) => {
                    self.last_time = record.time;
                    record.number = self.number;
                    record.start = record.start.saturating_add(start);
                    return Some(());
                }
                Err(what) => description.problem(
                    Some(self.number),
                    block.offset,
                    format!("packet {} is left out: {what}", self.number),
                ),
            }
        }
    }

    /// The Enhanced Packet Block at the start of `ahead`, where it is there as a whole, agrees with itself, and says no more
    /// of its packet than which way it went; gives its length.
    #[inline]
    pub(crate) fn ordinary(&mut self, ahead: &[u8], slot: &mut Record) -> Option<usize> {
        let head = ahead.first_chunk::<DATA>()?;
        let (first, rest) = head.split_first_chunk()?;
        let [kind, total, interface, high] = self.order.words(first);
        let (low, captured, original_length) =
            (self.order.u32(rest, 0)?, self.order.u32(rest, 4)?, self.order.u32(rest, 8)?);
        let block = ahead.get(..total as usize)?;
        let (behind, tail) = block.get(DATA..)?.split_last_chunk()?;
        let options = behind.get((captured as usize).checked_next_multiple_of(4)?..)?;
        let whole = BlockType(kind) == BlockType::ENHANCED_PACKET
            && total.is_multiple_of(4)
            && self.order.u32(tail as &[u8; 4], 0) == Some(total)
            && (options.is_empty() || self.only_flags(options));
        let lane = self.lanes.get(interface as usize).filter(|_| whole)?;
        self.number = self.number.wrapping_add(1);
        self.last_time = lane.clock.time(u64::from(high) << 32 | u64::from(low));
        *slot = Record {
            number: self.number,
            offset: 0,
            time: self.last_time,
            link: lane.link,
            interface: self.earlier_interfaces.saturating_add(interface),
            original_length,
            start: DATA,
            length: captured as usize,
            capture: 0,
        };
        Some(total as usize)
    }

    /// Of the options of a packet there is only `epb_flags`.
    fn only_flags(&self, options: &[u8]) -> bool {
        Options::new(self.order, options).all(|(code, _)| code == FLAGS)
    }

    /// Reads the head of the next block. At the header of a section the byte order changes.
    #[inline]
    fn head(&mut self, window: &mut Window, description: &mut Description) -> Option<Block> {
        if !window.need(FRAME) {
            end(window, description);
            return None;
        }
        let bytes = window.ahead();
        let kind = BlockType(self.order.u32(bytes, 0)?);
        if kind == BlockType::SECTION {
            let Some(order) = order_of(bytes) else {
                let what = "a section begins here whose byte order cannot be told: its header is damaged, and \
                            nothing behind it can be read";
                description.problem(None, window.offset(), what.to_owned());
                return None;
            };
            self.order = order;
        }
        let total = self.order.u32(bytes, 4)?;
        let length = (total as usize).checked_next_multiple_of(4)?;
        if (total as usize) < FRAME || (length > LONGEST as usize && absurd(window, length)) {
            let what = format!(
                "the block behind packet {} (type {:#x}) claims to be {total} bytes long: it is damaged, and where \
                 the next block begins is unknown, so nothing behind it can be read",
                self.number, kind.0
            );
            description.problem(None, window.offset(), what);
            return None;
        }
        Some(Block { kind, total, length, offset: window.offset() })
    }

    /// Has the whole block in the window, and compares its two lengths. `None` where the file ends first.
    #[inline]
    fn held(&self, window: &mut Window, description: &mut Description, block: Block) -> Option<()> {
        if !window.need(block.length) {
            let have = window.ahead().len();
            self.cut(window, description, block, have as u64);
            return None;
        }
        let tail = block.length.saturating_sub(4);
        self.compare(self.order.u32(window.ahead(), tail), description, block);
        Some(())
    }

    #[inline]
    fn compare(&self, tail: Option<u32>, description: &mut Description, block: Block) {
        if tail != Some(block.total) {
            let what = format!(
                "the block behind packet {} says at its start that it is {} bytes long and {} at its end; the \
                 start is believed",
                self.number,
                block.total,
                tail.unwrap_or(0)
            );
            description.problem(None, block.offset, what);
        }
    }

    /// An Enhanced Packet Block, or its obsolete predecessor: they differ in the first field only.
    #[inline]
    fn packet(
        &mut self,
        bytes: &[u8],
        description: &mut Description,
        block: Block,
        record: &mut Record,
    ) -> Result<(), &'static str> {
        let bytes = bytes.get(..block.length.saturating_sub(4)).unwrap_or_default();
        let head = bytes.first_chunk::<DATA>().ok_or(TOO_SHORT)?;
        let field = |at| self.order.u32(head, at).ok_or(TOO_SHORT);
        let old = block.kind == BlockType::OBSOLETE_PACKET;
        let interface =
            if old { self.order.u16(head, 8).map(u32::from).ok_or(TOO_SHORT)? } else { field(8)? };
        let ticks = (u64::from(field(12)?) << 32) | u64::from(field(16)?);
        let (captured, original_length) = (field(20)?, field(24)?);
        let behind = bytes.get(DATA..).unwrap_or_default();
        let length = captured as usize;
        if length > behind.len() {
            return Err("it claims more bytes than its block has");
        }
        let lane = self.lanes.get(interface as usize).ok_or(UNKNOWN_INTERFACE)?;
        *record = Record {
            number: 0,
            offset: block.offset,
            time: lane.clock.time(ticks),
            link: lane.link,
            interface: self.earlier_interfaces.saturating_add(interface),
            original_length,
            start: DATA,
            length,
            capture: 0,
        };
        let options = behind.get(length.next_multiple_of(4)..).unwrap_or_default();
        if old {
            // 0xffff: not known.
            let lost = self.order.u16(head, 10).filter(|&lost| lost != 0xffff);
            self.lost(description, interface, lost.map(u64::from));
        }
        if !options.is_empty() {
            self.packet_options(options, description, interface, block.offset);
        }
        Ok(())
    }

    /// A Simple Packet Block: interface 0, no time, and its captured length follows from the others.
    fn simple(&self, bytes: &[u8], block: Block, record: &mut Record) -> Result<(), &'static str> {
        let bytes = bytes.get(..block.length.saturating_sub(4)).unwrap_or_default();
        let original_length = self.order.u32(bytes, 8).ok_or(TOO_SHORT)?;
        let lane = self.lanes.first().ok_or(UNKNOWN_INTERFACE)?;
        let kept = if lane.snaplen == 0 { original_length } else { original_length.min(lane.snaplen) };
        let length = bytes.get(SIMPLE_DATA..).unwrap_or_default().len().min(kept as usize);
        *record = Record {
            number: 0,
            offset: block.offset,
            time: self.last_time,
            link: lane.link,
            interface: self.earlier_interfaces,
            original_length,
            start: SIMPLE_DATA,
            length,
            capture: 0,
        };
        Ok(())
    }

    #[cold]
    fn packet_options(&mut self, options: &[u8], description: &mut Description, interface: u32, offset: u64) {
        for (code, value) in Options::new(self.order, options) {
            match code {
                COMMENT => description.comment(Some(self.number.saturating_add(1)), offset, value),
                4 => self.lost(description, interface, self.order.u64(value, 0)),
                _ => {}
            }
        }
    }

    /// Counts packets that were lost before a packet.
    fn lost(&mut self, description: &mut Description, interface: u32, lost: Option<u64>) {
        if let (Some(lane), Some(lost)) = (self.lanes.get_mut(interface as usize), lost) {
            lane.recount(description, |lane| {
                lane.lost_before_packets = lane.lost_before_packets.saturating_add(lost);
            });
        }
    }

    /// A block that says something about packets.
    fn note(&mut self, bytes: &[u8], description: &mut Description, block: Block) {
        let body = Body {
            order: self.order,
            offset: block.offset,
            bytes: bytes.get(8..block.length.saturating_sub(4)).unwrap_or_default(),
        };
        match block.kind {
            BlockType::SECTION => {
                let count = u32::try_from(self.lanes.len()).unwrap_or(u32::MAX);
                self.earlier_interfaces = self.earlier_interfaces.saturating_add(count);
                self.lanes.clear();
                body.section(description);
            }
            BlockType::INTERFACE => match body.interface(description) {
                Some(_) if self.lanes.len() >= INTERFACES => {
                    let what = "an interface is left out: there are more than 65536 in one section";
                    description.problem(None, block.offset, what.to_owned());
                }
                Some(lane) => self.lanes.push(lane),
                None => {
                    let what = "the description of an interface is too short to be one, and is left out";
                    description.problem(None, block.offset, what.to_owned());
                }
            },
            BlockType::NAMES => body.names(description),
            BlockType::STATISTICS => body.statistics(description, &mut self.lanes),
            _ => {
                if let Err(what) = body.secrets(description) {
                    description.problem(None, block.offset, what.to_owned());
                }
            }
        }
    }

    /// A block that holds nothing for us: it need not be held, however long it is.
    #[cold]
    fn skip(&mut self, window: &mut Window, description: &mut Description, block: Block) -> Option<()> {
        let before_tail = block.length.saturating_sub(4) as u64;
        let skipped = window.skip(before_tail);
        if skipped < before_tail || !window.need(4) {
            let have = skipped.saturating_add(window.ahead().len() as u64);
            self.cut(window, description, block, have);
            return None;
        }
        self.compare(self.order.u32(window.ahead(), 0), description, block);
        window.pass(4);
        description.skipped_blocks = description.skipped_blocks.saturating_add(1);
        if block.kind.has_a_number() {
            self.number = self.number.saturating_add(1);
        }
        Some(())
    }

    #[cold]
    fn cut(&self, window: &Window, description: &mut Description, block: Block, have: u64) {
        if window.failure().is_some() {
            return;
        }
        let next = self.number.saturating_add(1);
        let (frame, place) = match block.kind.name() {
            "packet" => (Some(next), format!("packet {next}")),
            name => (None, format!("the {name} block behind packet {}", self.number)),
        };
        let what = format!(
            "the file ends in the middle of {place}: {have} bytes of {} are there; it was cut, or is still being \
             written",
            block.length
        );
        description.problem(frame, block.offset, what);
    }
}

/// Says so where the file does not end with the end of a block.
#[cold]
fn end(window: &Window, description: &mut Description) {
    let have = window.ahead().len();
    if have > 0 && window.failure().is_none() {
        let what = format!(
            "the file ends {have} bytes into the head of a block; it was cut, or is still being written"
        );
        description.problem(None, window.offset(), what);
    }
}

const TOO_SHORT: &str = "its block is too short for one";
const UNKNOWN_INTERFACE: &str = "it is of an interface that the capture does not describe";
