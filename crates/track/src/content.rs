//! Whoever reads a connection's bytes.

use hangup_wire::{Moment, Side};

/// Where bytes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The packet that made them readable: for bytes that had to wait for earlier ones, the packet with those.
    pub at: Moment,
    /// Offset of the first of them in the sender's stream (the first data byte of a connection is 1).
    pub offset: u64,
    /// How far that packet acknowledges the other side's stream; 0 where it has no ACK flag.
    pub ack: u64,
}

/// Reads a connection's bytes: each side's in order, every one once.
pub trait Content: Default {
    /// The next bytes of `side`.
    fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place);

    /// The next `missing` bytes of `side` are not in the capture.
    fn gap(&mut self, side: Side, missing: u64, place: &Place);

    /// Asks the processor for what the next bytes will touch, where that lies elsewhere: a hint, which changes nothing.
    #[inline]
    fn ask(&self) {}

    /// The same for what lies behind that, once it is there.
    #[inline]
    fn ask_further(&self) {}

    /// How much memory it takes beyond itself. It grows by hardly more than it was given, but for 4 KiB with which
    /// it may begin.
    fn kept(&self) -> usize {
        0
    }
}

/// What a reader may take as soon as it is given anything.
pub(crate) const BEGIN: usize = 4096;

/// Nobody reads.
impl Content for () {
    fn bytes(&mut self, _: Side, _: &[u8], _: &Place) {}
    fn gap(&mut self, _: Side, _: u64, _: &Place) {}
}
