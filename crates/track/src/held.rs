//! Bytes that came before the bytes in front of them.

/// Bytes of one direction that wait for earlier ones, in order, without overlap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    pieces: Vec<Piece>,
    /// Bytes of the pieces, and what each piece costs beside them.
    weight: usize,
}

#[derive(Clone, Debug)]
struct Piece {
    offset: u64,
    data: Vec<u8>,
    /// Bytes that follow `data` on the wire and that the capture cut off.
    cut: u32,
}

impl Piece {
    fn end(&self) -> u64 {
        self.offset + self.data.len() as u64 + u64::from(self.cut)
    }
}

impl Held {
    /// At most so many bytes wait in one direction.
    const MOST: usize = 1 << 20;
    /// At most so many pieces wait in one direction.
    const PIECES: usize = 1 << 11;
    /// What a piece costs beside its bytes: without it, pieces of one byte would take fifty times what is allowed.
    const PIECE: usize = size_of::<Piece>() + 16;

    /// Keeps `data` (and the knowledge that `cut` bytes behind it were cut off) at `offset`; what is already
    /// there stays as it was first seen. Gives back by how much the store's weight grew, or none where it is full.
    pub(crate) fn keep(&mut self, offset: u64, data: &[u8], cut: u32) -> Option<usize> {
        if self.weight + data.len() > Self::MOST || self.pieces.len() >= Self::PIECES {
            return None;
        }
        let end = offset + data.len() as u64 + u64::from(cut);
        let before = self.weight;
        // Where the new piece goes: behind all that start at or before it.
        let at = self.pieces.partition_point(|piece| piece.offset <= offset);
        let mut from = offset;
        if let Some(earlier) = at.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            from = from.max(earlier.end());
        }
        let mut index = at;
        while from < end {
            let next = self.pieces.get(index).map(|piece| (piece.offset, piece.end()));
            let until = next.map_or(end, |(start, _)| start.min(end));
            if from < until {
                let length = until - from;
                let first = usize::try_from(from - offset).unwrap_or(usize::MAX).min(data.len());
                let last = usize::try_from(until - offset).unwrap_or(usize::MAX).min(data.len());
                let part = data.get(first..last).unwrap_or_default().to_vec();
                let cut = u32::try_from(length - part.len() as u64).unwrap_or(u32::MAX);
                self.weight += part.len() + Self::PIECE;
                self.pieces.insert(index, Piece { offset: from, data: part, cut });
                index += 1;
            }
            match next {
                Some((_, next_end)) => {
                    from = from.max(next_end);
                    index += 1;
                }
                None => break,
            }
        }
        Some(self.weight - before)
    }

    /// Takes the piece that begins at or before `read`, if there is one: its unread bytes and how many behind
    /// them were cut off.
    pub(crate) fn take(&mut self, read: u64) -> Option<(Vec<u8>, u32)> {
        while self.pieces.first().is_some_and(|piece| piece.offset <= read) {
            let mut piece = self.pieces.remove(0);
            self.weight -= piece.data.len() + Self::PIECE;
            if piece.end() <= read {
                continue;
            }
            let skip = usize::try_from(read - piece.offset).unwrap_or(usize::MAX);
            let skip_cut = skip.saturating_sub(piece.data.len());
            piece.data.drain(..skip.min(piece.data.len()));
            let cut = piece.cut.saturating_sub(u32::try_from(skip_cut).unwrap_or(u32::MAX));
            return Some((piece.data, cut));
        }
        None
    }

    /// Offset of the first byte that waits.
    pub(crate) fn first(&self) -> Option<u64> {
        self.pieces.first().map(|piece| piece.offset)
    }

    /// Nothing waits, not even the knowledge of bytes that were cut off.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Bytes that wait.
    pub(crate) fn len(&self) -> usize {
        self.weight - self.pieces.len() * Self::PIECE
    }

    /// What those take that wait.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Against the slow and obvious: a map from offset to byte where the first one stays.
        #[test]
        fn reads_as_a_map_of_bytes_would(segments in prop::collection::vec((1u64..200, 1usize..40), 1..40)) {
            let mut held = Held::default();
            let mut map = BTreeMap::new();
            for (number, (offset, length)) in segments.iter().enumerate() {
                let data = vec![u8::try_from(number).unwrap(); *length];
                held.keep(*offset, &data, 0).unwrap();
                for (at, byte) in data.iter().enumerate() {
                    map.entry(offset + at as u64).or_insert(*byte);
                }
            }
            prop_assert_eq!(held.weight(), map.len() + held.pieces.len() * Held::PIECE);
            let mut read = 1;
            let mut got = BTreeMap::new();
            while let Some(first) = held.first() {
                read = first.max(read);
                let (data, _) = held.take(read).unwrap();
                for byte in data {
                    got.insert(read, byte);
                    read += 1;
                }
            }
            prop_assert_eq!(got, map);
            prop_assert_eq!(held.weight(), 0);
        }
    }
}
