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
        Self::directed(one, other).0
    }

    /// The key of a packet, and whether its source is the lower end.
    #[inline]
    pub fn directed(source: Endpoint, target: Endpoint) -> (Self, bool) {
        if source <= target {
            (Self { low: source, high: target }, true)
        } else {
            (Self { low: target, high: source }, false)
        }
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
