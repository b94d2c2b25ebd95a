//! Where connections were found before: most packets are of one that was heard of a moment ago.

use crate::Key;

/// A place in the table for each quick hash of a key, right or wrong: whoever looks there compares the key. Where it is
/// another's, as somebody can bring about who chooses addresses and ports, the table's own, seeded search costs no more
/// than without it.
#[derive(Debug)]
pub(crate) struct Hints(Box<[u32]>);

/// Bits of the hash that are used: places for some thousand connections at a time, in 32 KiB.
const BITS: u32 = 13;

impl Default for Hints {
    fn default() -> Self {
        Self(vec![0; 1 << BITS].into_boxed_slice())
    }
}

impl Hints {
    /// Where the connection of this key may be.
    #[inline]
    pub(crate) fn of(&self, key: Key) -> u32 {
        self.0.get(slot(key)).copied().unwrap_or(0)
    }

    /// It was found there.
    #[inline]
    pub(crate) fn set(&mut self, key: Key, place: u32) {
        if let Some(hint) = self.0.get_mut(slot(key)) {
            *hint = place;
        }
    }
}

#[inline]
fn slot(key: Key) -> usize {
    (key.fold() >> (u64::BITS - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::{BITS, slot};
    use crate::{Endpoint, Key};
    use hangup_wire::Addr;
    use std::collections::HashSet;

    /// Clients that count their ports up, on a few servers, hardly share slots: that is what captures have.
    #[test]
    fn ports_in_a_row_have_slots_of_their_own() {
        let server = |host| Endpoint { address: Addr::v4([198, 18, 0, host]), port: 443 };
        let client = |host, port| Endpoint { address: Addr::v4([10, 0, 0, host]), port };
        let keys = (0..1000).map(|nth: u16| {
            let host = u8::try_from(nth % 7).unwrap();
            Key::new(client(host, 40_000 + nth), server(host % 3))
        });
        let slots: HashSet<usize> = keys.map(slot).collect();
        assert!(slots.len() > 900, "{} slots for 1000 keys", slots.len());
        assert!(slots.into_iter().all(|slot| slot < 1 << BITS));
    }
}
