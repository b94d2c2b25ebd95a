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

impl From<(Addr, u16)> for Endpoint {
    fn from((address, port): (Addr, u16)) -> Self {
        Self { address, port }
    }
}

/// Both ends of a connection, the lower first, so that both directions have one key. The addresses as two words each,
/// in host byte order, and both ports in one: it is made, hashed and compared for every packet.
///
/// VLAN and tunnel ids are not part of it, as in Wireshark's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// No filling behind the ports: a key is part of every open connection.
#[repr(C, packed(4))]
pub struct Key {
    low: [u64; 2],
    high: [u64; 2],
    ports: u32,
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
        let (from, to) = (words(source.address), words(target.address));
        let (sender, receiver) = (u32::from(source.port), u32::from(target.port));
        let low = (from, sender) <= (to, receiver);
        let key = if low {
            Self { low: from, high: to, ports: sender << 16 | receiver }
        } else {
            Self { low: to, high: from, ports: receiver << 16 | sender }
        };
        (key, low)
    }

    /// A quick hash, good in its upper bits, that anybody can foresee.
    #[inline]
    pub(crate) fn fold(&self) -> u64 {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let addresses = self.low[0] ^ self.high[0] ^ self.low[1] ^ self.high[1].rotate_left(24);
        (addresses ^ u64::from(self.ports) << 32).wrapping_mul(ODD)
    }

    /// The lower or the higher end.
    #[inline]
    pub fn end(&self, low: bool) -> Endpoint {
        let ([upper, lower], port) =
            if low { (self.low, self.ports >> 16) } else { (self.high, self.ports & 0xffff) };
        let address = Addr((u128::from(upper) << 64 | u128::from(lower)).to_be_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "16 bits")]
        Endpoint { address, port: port as u16 }
    }
}

/// The upper and the lower half of an address.
#[inline]
fn words(address: Addr) -> [u64; 2] {
    let all = u128::from_be_bytes(address.0);
    #[expect(clippy::cast_possible_truncation, reason = "64 bits at a time")]
    [(all >> 64) as u64, all as u64]
}

impl core::hash::Hash for Key {
    /// In three words: as an array it would be hashed with its length, word by word.
    #[inline]
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        for [upper, lower] in [self.low, self.high] {
            state.write_u128(u128::from(upper) << 64 | u128::from(lower));
        }
        state.write_u32(self.ports);
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Key};
    use hangup_wire::Addr;
    use proptest::prelude::*;

    proptest! {
        /// Both directions have one key, which names both ends.
        #[test]
        fn both_directions_have_one_key(a: [u8; 16], b: [u8; 16], port: u16, other_port: u16, same: bool) {
            let one = Endpoint { address: Addr(a), port };
            let other = Endpoint { address: Addr(if same { a } else { b }), port: other_port };
            let (key, one_is_low) = Key::directed(one, other);
            prop_assert_eq!(key, Key::new(other, one));
            prop_assert_eq!((key.end(one_is_low), key.end(!one_is_low)), (one, other));
            prop_assert_eq!(one_is_low, one <= other);
        }
    }
}
