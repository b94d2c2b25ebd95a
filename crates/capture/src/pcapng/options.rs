//! Options: what may stand behind the fixed fields of a block.

use crate::order::ByteOrder;

/// A comment, in any block.
pub(crate) const COMMENT: u16 = 1;

/// The options of a block, one after the other. Ends at the end mark, at the end of the block, and at an option
/// that does not fit into it.
#[derive(Clone, Debug)]
pub(crate) struct Options<'a> {
    order: ByteOrder,
    rest: &'a [u8],
}

impl<'a> Options<'a> {
    /// The options in `bytes`.
    pub(crate) fn new(order: ByteOrder, bytes: &'a [u8]) -> Self {
        Self { order, rest: bytes }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let code = self.order.u16(self.rest, 0)?;
        let length = usize::from(self.order.u16(self.rest, 2)?);
        let rest = self.rest.get(4..)?;
        if code == 0 {
            self.rest = &[];
            return None;
        }
        let value = rest.get(..length)?;
        // The padding of the last option may be missing: then nothing follows.
        self.rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((code, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_padded_and_end_at_the_mark() {
        let bytes = [0, 1, 0, 2, b'h', b'i', 0, 0, 0, 9, 0, 1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0];
        let all: Vec<_> = Options::new(ByteOrder::Big, &bytes).collect();
        assert_eq!(all, [(1, &b"hi"[..]), (9, &[6][..])]);
    }

    #[test]
    fn an_option_longer_than_its_block_ends_them() {
        let all: Vec<_> = Options::new(ByteOrder::Little, &[2, 0, 0, 0, 1, 0, 9, 0, b'x']).collect();
        assert_eq!(all, [(2, &[][..])]);
    }
}
