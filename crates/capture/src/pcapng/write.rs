//! Writes pcapng.

use std::io::{self, ErrorKind, Write};

use hangup_wire::{LinkType, Timestamp};

use super::block::BlockType;
use super::clock::Clock;
use super::options::COMMENT;
use crate::order::ByteOrder;

/// Writes a pcapng file of one section, or more if asked to.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    order: ByteOrder,
    clocks: Vec<Clock>,
    /// The block that is being put together; kept to be reused.
    body: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the header of the first section.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W, order: ByteOrder) -> io::Result<Self> {
        let mut writer = Self { out, order, clocks: Vec::new(), body: Vec::new() };
        writer.section(order)?;
        Ok(writer)
    }

    /// Begins a section, in the given byte order; its interfaces count from 0 again.
    ///
    /// # Errors
    /// Those of the output.
    pub fn section(&mut self, order: ByteOrder) -> io::Result<()> {
        self.order = order;
        self.clocks.clear();
        self.start();
        self.put_u32(0x1a2b_3c4d);
        self.put_u16(1);
        self.put_u16(0);
        // The length of the section is not known beforehand.
        self.body.extend([0xff; 8]);
        self.finish(BlockType::SECTION)
    }

    /// Describes an interface and returns its number within the section. `resolution` is as in `if_tsresol`: 6
    /// for microseconds, 9 for nanoseconds, 0x80 + n for 2^-n seconds. `snaplen` 0 means that nothing is cut.
    ///
    /// # Errors
    /// Those of the output.
    pub fn interface(&mut self, link: LinkType, resolution: u8, snaplen: u32) -> io::Result<u32> {
        self.start();
        self.put_u16(link.0);
        self.put_u16(0);
        self.put_u32(snaplen);
        self.put_option(9, &[resolution])?;
        self.put_option(0, &[])?;
        self.finish(BlockType::INTERFACE)?;
        self.clocks.push(Clock::new(resolution, 0));
        Ok(u32::try_from(self.clocks.len()).unwrap_or(u32::MAX).saturating_sub(1))
    }

    /// Writes a packet (Enhanced Packet Block), with a comment if there is one. `original_length` is what it had
    /// on the wire.
    ///
    /// # Errors
    /// Those of the output; [`ErrorKind::InvalidInput`] for an interface that was not described, a time that the
    /// interface's resolution cannot hold, a comment beyond 64 KiB and 4 GiB of data.
    pub fn packet(
        &mut self,
        interface: u32,
        time: Timestamp,
        original_length: u32,
        data: &[u8],
        comment: Option<&str>,
    ) -> io::Result<()> {
        let clock = self
            .clocks
            .get(interface as usize)
            .ok_or_else(|| invalid("the interface of the packet was not described"))?;
        let ticks =
            clock.ticks(time).ok_or_else(|| invalid("the interface cannot hold the packet's time"))?;
        let length = u32::try_from(data.len()).map_err(|_| invalid("the packet is too long"))?;
        self.start();
        self.put_u32(interface);
        self.put_u32((ticks >> 32) as u32);
        self.put_u32((ticks & 0xffff_ffff) as u32);
        self.put_u32(length);
        self.put_u32(original_length);
        self.put_padded(data);
        if let Some(comment) = comment {
            self.put_option(COMMENT, comment.as_bytes())?;
            self.put_option(0, &[])?;
        }
        self.finish(BlockType::ENHANCED_PACKET)
    }

    /// Writes any block: its type and what stands between its two lengths, in this section's byte order. Padding
    /// is added.
    ///
    /// # Errors
    /// Those of the output; [`ErrorKind::InvalidInput`] for a body of 4 GiB.
    pub fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        self.start();
        self.put_padded(body);
        self.finish(BlockType(kind))
    }

    /// The output.
    pub fn get_ref(&self) -> &W {
        &self.out
    }

    /// Gives the output back.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn start(&mut self) {
        self.body.clear();
    }

    fn put_u16(&mut self, value: u16) {
        self.body.extend(self.order.of_u16(value));
    }

    fn put_u32(&mut self, value: u32) {
        self.body.extend(self.order.of_u32(value));
    }

    fn put_padded(&mut self, bytes: &[u8]) {
        self.body.extend_from_slice(bytes);
        self.body.resize(self.body.len().next_multiple_of(4), 0);
    }

    fn put_option(&mut self, code: u16, value: &[u8]) -> io::Result<()> {
        let length = u16::try_from(value.len()).map_err(|_| invalid("an option is longer than 64 KiB"))?;
        self.put_u16(code);
        self.put_u16(length);
        self.put_padded(value);
        Ok(())
    }

    fn finish(&mut self, kind: BlockType) -> io::Result<()> {
        let total =
            u32::try_from(self.body.len().saturating_add(12)).map_err(|_| invalid("a block is too long"))?;
        self.out.write_all(&self.order.of_u32(kind.0))?;
        self.out.write_all(&self.order.of_u32(total))?;
        self.out.write_all(&self.body)?;
        self.out.write_all(&self.order.of_u32(total))
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, what)
}
