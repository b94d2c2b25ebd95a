//! TCP options, read on demand.

use core::iter;

use crate::Seq;

/// The options of a segment: bytes that are read only when asked for, and are trusted in nothing. An option whose
/// length does not fit ends the list; of several of a kind the first counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpOptions<'a>(&'a [u8]);

/// The kind of a TCP option, as IANA's registry "TCP Option Kind Numbers" has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TcpOptionKind(pub u8);

impl TcpOptionKind {
    /// End of the list (RFC 9293 §3.2).
    pub const END: Self = Self(0);
    /// Padding (RFC 9293 §3.2).
    pub const NO_OPERATION: Self = Self(1);
    /// Maximum segment size (RFC 9293 §3.7.1).
    pub const MSS: Self = Self(2);
    /// Window scale (RFC 7323 §2).
    pub const WINDOW_SCALE: Self = Self(3);
    /// Selective acknowledgments permitted (RFC 2018 §2).
    pub const SACK_PERMITTED: Self = Self(4);
    /// Selective acknowledgments (RFC 2018 §3).
    pub const SACK: Self = Self(5);
    /// Timestamps (RFC 7323 §3).
    pub const TIMESTAMPS: Self = Self(8);
    /// MD5 signature (RFC 2385).
    pub const MD5: Self = Self(19);
    /// User timeout (RFC 5482).
    pub const USER_TIMEOUT: Self = Self(28);
    /// Authentication (RFC 5925).
    pub const AUTHENTICATION: Self = Self(29);
    /// Multipath TCP (RFC 8684).
    pub const MPTCP: Self = Self(30);
    /// Fast Open cookie (RFC 7413).
    pub const FAST_OPEN: Self = Self(34);

    /// A short name, where the kind is known.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::END => "end of options",
            Self::NO_OPERATION => "no-operation",
            Self::MSS => "maximum segment size",
            Self::WINDOW_SCALE => "window scale",
            Self::SACK_PERMITTED => "SACK permitted",
            Self::SACK => "SACK",
            Self::TIMESTAMPS => "timestamps",
            Self::MD5 => "MD5 signature",
            Self::USER_TIMEOUT => "user timeout",
            Self::AUTHENTICATION => "authentication",
            Self::MPTCP => "multipath TCP",
            Self::FAST_OPEN => "Fast Open",
            _ => return None,
        })
    }
}

/// One option: its kind, and what follows kind and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpOption<'a> {
    /// Its kind.
    pub kind: TcpOptionKind,
    /// Its value.
    pub value: &'a [u8],
}

impl<'a> TcpOptions<'a> {
    /// Options from the bytes between the fixed header and the payload.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes as sent.
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// All options that are whole, padding left out.
    pub fn iter(self) -> impl Iterator<Item = TcpOption<'a>> {
        let mut rest = self.0;
        iter::from_fn(move || {
            loop {
                let (&kind, after) = rest.split_first()?;
                match TcpOptionKind(kind) {
                    TcpOptionKind::END => return None,
                    TcpOptionKind::NO_OPERATION => rest = after,
                    kind => {
                        let (&length, after) = after.split_first()?;
                        let (value, next) = after.split_at_checked(usize::from(length).checked_sub(2)?)?;
                        rest = next;
                        return Some(TcpOption { kind, value });
                    }
                }
            }
        })
    }

    /// The largest segment that the sender is willing to receive, in bytes without options.
    pub fn mss(self) -> Option<u16> {
        self.fixed(TcpOptionKind::MSS).map(u16::from_be_bytes)
    }

    /// By how many bits the sender's windows are to be shifted: 0 to 14, what is said beyond that counts as 14
    /// (RFC 7323 §2.3).
    pub fn window_scale(self) -> Option<u8> {
        self.fixed(TcpOptionKind::WINDOW_SCALE).map(|[shift]| shift.min(14))
    }

    /// The sender's clock and the last one it saw: `TSval` and `TSecr`, in ticks of no set length.
    #[inline]
    pub fn timestamps(self) -> Option<(u32, u32)> {
        // Nearly all that carry timestamps look like this (RFC 7323 appendix A).
        let value = match self.0 {
            [1, 1, 8, 10, value @ ..] => value.first_chunk().copied(),
            _ => self.fixed(TcpOptionKind::TIMESTAMPS),
        };
        value.map(two_words)
    }

    /// Whether the sender understands selective acknowledgments.
    pub fn sack_permitted(self) -> bool {
        self.fixed::<0>(TcpOptionKind::SACK_PERMITTED).is_some()
    }

    /// The ranges that the sender has received beyond its acknowledgment: first byte, and the byte after the last.
    pub fn sack_blocks(self) -> SackBlocks<'a> {
        SackBlocks(self.value(TcpOptionKind::SACK).unwrap_or_default())
    }

    /// Why a multipath subflow was reset: the reason code of `MP_TCPRST` (RFC 8684 §3.6), of which 0 is
    /// "unspecified".
    pub fn mptcp_reset_reason(self) -> Option<u8> {
        const MP_TCPRST: u8 = 8;
        self.iter().filter(|option| option.kind == TcpOptionKind::MPTCP).find_map(|option| {
            match *option.value {
                [head, reason] if head >> 4 == MP_TCPRST => Some(reason),
                _ => None,
            }
        })
    }

    fn value(self, kind: TcpOptionKind) -> Option<&'a [u8]> {
        self.iter().find(|option| option.kind == kind).map(|option| option.value)
    }

    fn fixed<const N: usize>(self, kind: TcpOptionKind) -> Option<[u8; N]> {
        self.value(kind)?.try_into().ok()
    }
}

/// The ranges of a SACK option, at most four.
#[derive(Clone, Debug, Default)]
pub struct SackBlocks<'a>(&'a [u8]);

impl Iterator for SackBlocks<'_> {
    type Item = (Seq, Seq);

    fn next(&mut self) -> Option<Self::Item> {
        let (&block, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        let (first, after) = two_words(block);
        Some((Seq(first), Seq(after)))
    }
}

#[inline]
const fn two_words([a0, a1, a2, a3, b0, b1, b2, b3]: [u8; 8]) -> (u32, u32) {
    (u32::from_be_bytes([a0, a1, a2, a3]), u32::from_be_bytes([b0, b1, b2, b3]))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::{TcpOptionKind, TcpOptions};
    use crate::Seq;
    use std::vec::Vec;

    #[test]
    fn options_of_a_syn() {
        let syn = TcpOptions::new(&[2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0, 1, 3, 3, 7]);
        assert_eq!(syn.mss(), Some(1460));
        assert!(syn.sack_permitted());
        assert_eq!(syn.timestamps(), Some((7, 0)));
        assert_eq!(syn.window_scale(), Some(7));
        assert_eq!(syn.sack_blocks().count(), 0);
        assert_eq!(syn.iter().count(), 4);
    }

    #[test]
    fn timestamps_and_sack() {
        let options =
            TcpOptions::new(&[1, 1, 8, 10, 0, 0, 1, 0, 0, 0, 2, 0, 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 9]);
        assert_eq!(options.timestamps(), Some((256, 512)));
        assert_eq!(options.sack_blocks().collect::<Vec<_>>(), [(Seq(1), Seq(9))]);
    }

    #[test]
    fn garbage_ends_the_list() {
        assert_eq!(TcpOptions::new(&[2]).mss(), None);
        assert_eq!(TcpOptions::new(&[2, 0, 5, 180]).mss(), None);
        assert_eq!(TcpOptions::new(&[2, 3, 5, 3, 3, 1]).mss(), None);
        assert_eq!(TcpOptions::new(&[2, 3, 5, 3, 3, 1]).window_scale(), Some(1));
        assert_eq!(TcpOptions::new(&[0, 3, 3, 7]).window_scale(), None);
        assert_eq!(TcpOptions::new(&[3, 3, 99]).window_scale(), Some(14));
        assert_eq!(TcpOptions::new(&[1, 1, 8, 10, 0, 0]).timestamps(), None);
        assert_eq!(TcpOptions::new(&[5, 9, 0, 0, 0, 1, 0, 0, 0]).sack_blocks().count(), 0);
    }

    #[test]
    fn reason_of_a_multipath_reset() {
        assert_eq!(TcpOptions::new(&[30, 4, 0x80, 3]).mptcp_reset_reason(), Some(3));
        assert_eq!(TcpOptions::new(&[30, 4, 0x70, 3]).mptcp_reset_reason(), None);
        assert_eq!(TcpOptionKind::MPTCP.name(), Some("multipath TCP"));
    }
}
