//! Where connections were found before: most packets are of one that was heard of already.

use crate::Key;

/// A place in the table for each quick hash of a key, right or wrong: whoever looks there compares the key. Where it is
/// another's, as somebody can bring about who chooses addresses and ports, the table's own, seeded search costs no more
/// than without it.
#[derive(Debug)]
pub(crate) struct Hints {
    places: Box<[u32]>,
    /// By how much a hash is shifted to become the number of a slot.
    shift: u32,
}

/// Bits of the hash that are used at first: slots for some ten thousand connections, those that linger included, in
/// 128 KiB.
const BITS: u32 = 15;
/// Slots for each connection, at least: so many that few of those that are heard of share one.
const SPARE: usize = 2;

impl Default for Hints {
    fn default() -> Self {
        Self::with_bits(BITS)
    }
}

impl Hints {
    fn with_bits(bits: u32) -> Self {
        Self { places: vec![0; 1 << bits].into_boxed_slice(), shift: u64::BITS - bits }
    }

    /// Twice as many slots, all of them empty, where `connections` fill these; none where they do not.
    pub(crate) fn outgrown(&self, connections: usize) -> Option<Self> {
        (connections.saturating_mul(SPARE) > self.places.len())
            .then(|| Self::with_bits(u64::BITS - self.shift + 1))
    }

    /// Asks the processor for the slot of this key, and gives its number: that of another one, once they have grown.
    #[inline]
    pub(crate) fn ask(&self, key: Key) -> usize {
        let slot = self.slot(key);
        hangup_prefetch::line(self.places.as_ptr().wrapping_add(slot));
        slot
    }

    /// Where the connection of this slot's key may be.
    #[inline]
    pub(crate) fn at(&self, slot: usize) -> u32 {
        self.places.get(slot).copied().unwrap_or(0)
    }

    /// Where the connection of this key may be.
    #[inline]
    pub(crate) fn of(&self, key: Key) -> u32 {
        self.at(self.slot(key))
    }

    /// It was found there.
    #[inline]
    pub(crate) fn set(&mut self, key: Key, place: u32) {
        let slot = self.slot(key);
        if let Some(hint) = self.places.get_mut(slot) {
            *hint = place;
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "as many bits are left as there are slots")]
    fn slot(&self, key: Key) -> usize {
        (key.fold() >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{Hints, SPARE};
    use crate::{Endpoint, Key};
    use hangup_wire::Addr;
    use std::collections::HashSet;

    fn keys() -> impl Iterator<Item = Key> {
        let server = |host| Endpoint { address: Addr::v4([198, 18, 0, host]), port: 443 };
        let client = |host, port| Endpoint { address: Addr::v4([10, 0, 0, host]), port };
        (0..1000).map(move |nth: u16| {
            let host = u8::try_from(nth % 7).unwrap();
            Key::new(client(host, 40_000 + nth), server(host % 3))
        })
    }

    /// Clients that count their ports up, on a few servers, hardly share slots: that is what captures have.
    #[test]
    fn ports_in_a_row_have_slots_of_their_own() {
        let hints = Hints::default();
        let slots: HashSet<usize> = keys().map(|key| hints.slot(key)).collect();
        assert!(slots.len() > 900, "{} slots for 1000 keys", slots.len());
        assert!(slots.into_iter().all(|slot| slot < hints.places.len()));
    }

    #[test]
    fn they_grow_with_the_connections() {
        let mut hints = Hints::default();
        let fit = hints.places.len() / SPARE;
        assert!(hints.outgrown(fit).is_none());
        for doubled in 1..4 {
            hints = hints.outgrown(fit << doubled).unwrap();
            assert_eq!(hints.places.len(), (fit * SPARE) << doubled);
        }
        for (key, place) in keys().zip(1..) {
            hints.set(key, place);
        }
        let kept = keys().zip(1..).filter(|&(key, place)| hints.of(key) == place).count();
        assert!(kept > 980, "{kept} of 1000");
    }
}
