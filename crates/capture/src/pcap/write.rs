//! Writes classic pcap.

use std::io::{self, ErrorKind, Write};

use hangup_wire::{LinkType, Timestamp};

use crate::order::ByteOrder;

/// What a file that is written says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The byte order of its numbers.
    pub order: ByteOrder,
    /// Whether times are written to the nanosecond rather than to the microsecond.
    pub nanoseconds: bool,
    /// What the first byte of its packets is.
    pub link: LinkType,
    /// How many bytes of a packet it keeps at most. Only written down: nothing is cut.
    pub snaplen: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { order: ByteOrder::Little, nanoseconds: false, link: LinkType::ETHERNET, snaplen: 262_144 }
    }
}

/// Writes a classic pcap file, version 2.4.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    settings: Settings,
}

impl<W: Write> Writer<W> {
    /// Writes the file header.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W, settings: Settings) -> io::Result<Self> {
        let order = settings.order;
        let magic: u32 = if settings.nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
        out.write_all(&order.of_u32(magic))?;
        out.write_all(&order.of_u16(2))?;
        out.write_all(&order.of_u16(4))?;
        out.write_all(&[0; 8])?;
        out.write_all(&order.of_u32(settings.snaplen))?;
        out.write_all(&order.of_u32(u32::from(settings.link.0)))?;
        Ok(Self { out, settings })
    }

    /// Writes a packet. `original_length` is what it had on the wire.
    ///
    /// # Errors
    /// Those of the output; [`ErrorKind::InvalidInput`] for a time outside of 1970 to 2106 and for 4 GiB of data.
    pub fn packet(&mut self, time: Timestamp, original_length: u32, data: &[u8]) -> io::Result<()> {
        let order = self.settings.order;
        let seconds = u32::try_from(time.0.div_euclid(1_000_000_000)).map_err(|_| {
            io::Error::new(ErrorKind::InvalidInput, "pcap holds times from 1970 to 2106 only")
        })?;
        let length = u32::try_from(data.len())
            .map_err(|_| io::Error::new(ErrorKind::InvalidInput, "the packet is too long for pcap"))?;
        let nanos = time.0.rem_euclid(1_000_000_000);
        let fraction = if self.settings.nanoseconds { nanos } else { nanos / 1000 };
        self.out.write_all(&order.of_u32(seconds))?;
        self.out.write_all(&order.of_u32(u32::try_from(fraction).unwrap_or_default()))?;
        self.out.write_all(&order.of_u32(length))?;
        self.out.write_all(&order.of_u32(original_length))?;
        self.out.write_all(data)
    }

    /// The output.
    pub fn get_ref(&self) -> &W {
        &self.out
    }

    /// Gives the output back.
    pub fn into_inner(self) -> W {
        self.out
    }
}
