//! Where bytes stand.

use hangup_wire::Moment;

/// Where a run of bytes stands in its connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The packet that made them readable.
    pub at: Moment,
    /// Offset of the first of them in the sender's stream; the first data byte of a connection is 1.
    pub offset: u64,
    /// How far that packet acknowledges the other side's stream; 0 where it has no ACK flag.
    pub ack: u64,
}

impl Place {
    /// The same packet, `bytes` further on.
    #[inline]
    pub(crate) const fn further(&self, bytes: usize) -> Self {
        Self { at: self.at, offset: self.offset.saturating_add(bytes as u64), ack: self.ack }
    }
}
