//! What makes a connection this one: two addresses and two ports, in either order.

use hangup_wire::Addr;

/// An address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// The address.
    pub address: Addr,
    /// The TCP port.
    pub port: u16,
}

/// Both ends of a connection, the lower first, so that both directions have one key.
///
/// VLAN and tunnel ids are not part of it, as in Wireshark's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    low: Endpoint,
    high: Endpoint,
}

impl Key {
    /// The key of packets between these ends.
    #[inline]
    pub fn new(one: Endpoint, other: Endpoint) -> Self {
        if one <= other { Self { low: one, high: other } } else { Self { low: other, high: one } }
    }

    /// Whether `end` is the lower of the two.
    #[inline]
    pub fn is_low(&self, end: Endpoint) -> bool {
        self.low == end
    }

    /// The lower or the higher end.
    #[inline]
    pub fn end(&self, low: bool) -> Endpoint {
        if low { self.low } else { self.high }
    }
}

impl core::hash::Hash for Key {
    /// In five words: field by field it would be six, each with its length.
    #[inline]
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        for end in [self.low, self.high] {
            state.write_u128(u128::from_ne_bytes(end.address.0));
        }
        state.write_u32(u32::from(self.low.port) << 16 | u32::from(self.high.port));
    }
}
