//! A view of the rest of a packet: what the capture kept of it, and how long it was on the wire.

use crate::{Layer, LengthSource, Malformed};

/// The bytes not yet decoded. `data` never reaches beyond `length`, and shrinks from the front only by what was
/// really there, so whatever is handed out lies inside the packet.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    data: &'a [u8],
    at: usize,
    length: usize,
    source: LengthSource,
    cut: bool,
}

impl<'a> View<'a> {
    /// All of a frame that was `original_length` bytes long on the wire.
    pub(crate) fn new(data: &'a [u8], original_length: u32) -> Self {
        let length = data.len().max(original_length as usize);
        Self { data, at: 0, length, source: LengthSource::Frame, cut: data.len() < length }
    }

    /// What the capture kept.
    pub(crate) const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Bytes on the wire, as the innermost claim has it; never less than there is data.
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// The first `N` bytes, without consuming them.
    #[inline]
    pub(crate) fn peek<const N: usize>(&self, layer: Layer) -> Result<&'a [u8; N], Malformed> {
        self.data.first_chunk().ok_or_else(|| self.short(layer, N))
    }

    /// The first `N` bytes, consumed.
    #[inline]
    pub(crate) fn take<const N: usize>(&mut self, layer: Layer) -> Result<&'a [u8; N], Malformed> {
        let head = self.peek(layer)?;
        self.advance(N);
        Ok(head)
    }

    /// Consumes `count` bytes, a number that the packet itself gave; `claimed_by` says where.
    pub(crate) fn skip(
        &mut self,
        layer: Layer,
        count: usize,
        claimed_by: LengthSource,
    ) -> Result<(), Malformed> {
        if count <= self.data.len() {
            self.advance(count);
            Ok(())
        } else if count <= self.length {
            Err(self.short(layer, count))
        } else {
            Err(self.claim_too_long(layer, count, claimed_by))
        }
    }

    /// Takes over an IP header's claim that `length` bytes remain. It is believed against the length of the frame,
    /// which is lost where a capture was shortened afterwards, but not against the headers around it.
    pub(crate) fn claim(&mut self, length: usize, source: LengthSource) {
        if self.source == LengthSource::Frame {
            self.set_length(length, source);
        } else {
            self.narrow(length, source);
        }
    }

    fn set_length(&mut self, length: usize, source: LengthSource) {
        self.data = self.data.get(..length).unwrap_or(self.data);
        self.length = length;
        self.source = source;
    }

    /// Shortens the view to `length` bytes; a longer claim is ignored.
    pub(crate) fn narrow(&mut self, length: usize, source: LengthSource) {
        if length < self.length {
            self.set_length(length, source);
        }
    }

    /// The error for a length field that names more bytes than the packet has.
    pub(crate) fn claim_too_long(&self, layer: Layer, want: usize, claimed_by: LengthSource) -> Malformed {
        Malformed {
            layer,
            at: saturate16(self.at),
            want: saturate(want),
            have: saturate(self.length),
            claimed_by,
        }
    }

    /// The error for a field, at this place, that names fewer bytes than its header must have.
    pub(crate) fn claim_too_short(
        &self,
        layer: Layer,
        want: usize,
        claimed: usize,
        claimed_by: LengthSource,
    ) -> Malformed {
        Malformed {
            layer,
            at: saturate16(self.at),
            want: saturate(want),
            have: saturate(claimed),
            claimed_by,
        }
    }

    #[cold]
    fn short(&self, layer: Layer, want: usize) -> Malformed {
        let (have, claimed_by) = if want > self.length {
            (self.length, self.source)
        } else if self.cut {
            (self.data.len(), LengthSource::Capture)
        } else {
            // The innermost claim promises more than the whole frame had.
            (self.data.len(), self.source)
        };
        Malformed { layer, at: saturate16(self.at), want: saturate(want), have: saturate(have), claimed_by }
    }

    fn advance(&mut self, count: usize) {
        self.data = self.data.get(count..).unwrap_or_default();
        self.at = self.at.saturating_add(count);
        self.length = self.length.saturating_sub(count);
    }
}

/// A 16-bit number in network byte order.
#[inline]
pub(crate) const fn be16(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}

fn saturate16(value: usize) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

/// A length as the public structures hold it; frames beyond 4 GiB do not exist.
pub(crate) fn saturate(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
