//! Reading fields off the front of a slice that may end at any point.

/// What is left to read. Taking more than there is yields nothing and takes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// Exactly `n` bytes.
    pub(super) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }

    /// `n` bytes, or as many as there are.
    pub(super) fn take_up_to(&mut self, n: usize) -> &'a [u8] {
        let (front, rest) = self.0.split_at_checked(n).unwrap_or((self.0, &[]));
        self.0 = rest;
        front
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        let (front, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*front))
    }

    pub(super) fn u24(&mut self) -> Option<u32> {
        let (&[a, b, c], rest) = self.0.split_first_chunk::<3>()?;
        self.0 = rest;
        Some(u32::from_be_bytes([0, a, b, c]))
    }

    /// A vector with a length of one byte, cut where the bytes end.
    pub(super) fn vector8(&mut self) -> Option<&'a [u8]> {
        let n = self.u8()?;
        Some(self.take_up_to(usize::from(n)))
    }

    /// A vector with a length of two bytes, cut where the bytes end.
    pub(super) fn vector16(&mut self) -> Option<&'a [u8]> {
        let n = self.u16()?;
        Some(self.take_up_to(usize::from(n)))
    }

    /// A vector with a length of three bytes, cut where the bytes end.
    pub(super) fn vector24(&mut self) -> Option<&'a [u8]> {
        let n = self.u24()?;
        Some(self.take_up_to(usize::try_from(n).unwrap_or(usize::MAX)))
    }
}
