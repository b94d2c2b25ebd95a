//! TLS inside packets of TDS (MS-TDS §2.2.6.5): SQL Server wraps the handshake in PRELOGIN packets, and what
//! follows is bare again.

/// Takes one side's TDS packet headers away.
#[derive(Clone, Debug, Default)]
pub(super) struct Unwrap {
    header: [u8; 8],
    have: u8,
    left: u16,
    /// Records stand bare from now on.
    bare: bool,
}

/// What to do with the next bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// These are TLS.
    Inside(&'a [u8]),
    /// So many bytes were a header, or part of one.
    Header(usize),
    /// No TLS any more: from here on packets of TDS carry TDS.
    Over,
}

/// Whether a packet of TDS can begin with this byte, which no record does (MS-TDS §2.2.3.1.1).
pub(super) const fn is_packet(kind: u8) -> bool {
    matches!(kind, 0x01..=0x12)
}

const PRELOGIN: u8 = 0x12;
const RESPONSE: u8 = 0x04;

impl Unwrap {
    /// The next step into `bytes`, which are not empty.
    pub(super) fn step<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        if self.bare {
            return Step::Inside(bytes);
        }
        if self.left > 0 {
            let inside = bytes.get(..self.left.into()).unwrap_or(bytes);
            self.left -= u16::try_from(inside.len()).unwrap_or(self.left);
            return Step::Inside(inside);
        }
        if self.have == 0 && matches!(bytes, [20..=23, ..]) {
            self.bare = true;
            return Step::Inside(bytes);
        }
        let mut taken = 0;
        for (slot, &byte) in self.header.iter_mut().skip(self.have.into()).zip(bytes) {
            *slot = byte;
            taken += 1;
        }
        self.have += u8::try_from(taken).unwrap_or(8);
        if self.have == 8 {
            let [kind, _, high, low, ..] = self.header;
            let length = u16::from_be_bytes([high, low]);
            if !matches!(kind, PRELOGIN | RESPONSE) || length < 8 {
                return Step::Over;
            }
            (self.have, self.left) = (0, length - 8);
        }
        Step::Header(taken)
    }

    /// `missing` bytes are not in the capture; whether the place in the packets is still known.
    pub(super) fn gap(&mut self, missing: u64) -> bool {
        match u16::try_from(missing) {
            _ if self.bare => true,
            Ok(missing) if missing <= self.left => {
                self.left -= missing;
                true
            }
            _ => false,
        }
    }
}
