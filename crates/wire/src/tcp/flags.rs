//! The control bits of TCP.

use core::fmt;

/// The control bits (RFC 9293 §3.1), twelve with the reserved ones, as they stand beside the data offset.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Flags(pub u16);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x001);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x002);
    /// Reset the connection.
    pub const RST: Self = Self(0x004);
    /// Push.
    pub const PSH: Self = Self(0x008);
    /// The acknowledgment number counts.
    pub const ACK: Self = Self(0x010);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x020);
    /// Congestion was experienced (RFC 3168 §6.1).
    pub const ECE: Self = Self(0x040);
    /// The congestion window was reduced (RFC 3168 §6.1).
    pub const CWR: Self = Self(0x080);
    /// Nonce sum (RFC 3540), today Accurate ECN (RFC 9768).
    pub const NS: Self = Self(0x100);

    pub(crate) const MASK: u16 = 0x0fff;

    const NAMES: [(Self, &'static str); 9] = [
        (Self::SYN, "SYN"),
        (Self::FIN, "FIN"),
        (Self::RST, "RST"),
        (Self::PSH, "PSH"),
        (Self::ACK, "ACK"),
        (Self::URG, "URG"),
        (Self::ECE, "ECE"),
        (Self::CWR, "CWR"),
        (Self::NS, "NS"),
    ];

    /// Whether all bits of `other` are set.
    #[inline]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets of bits together.
    #[inline]
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bits that are set in both.
    #[inline]
    #[must_use]
    pub const fn among(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether FIN is set.
    #[inline]
    pub const fn fin(self) -> bool {
        self.has(Self::FIN)
    }

    /// Whether SYN is set.
    #[inline]
    pub const fn syn(self) -> bool {
        self.has(Self::SYN)
    }

    /// Whether RST is set.
    #[inline]
    pub const fn rst(self) -> bool {
        self.has(Self::RST)
    }

    /// Whether PSH is set.
    #[inline]
    pub const fn psh(self) -> bool {
        self.has(Self::PSH)
    }

    /// Whether ACK is set.
    #[inline]
    pub const fn ack(self) -> bool {
        self.has(Self::ACK)
    }

    /// Whether URG is set.
    #[inline]
    pub const fn urg(self) -> bool {
        self.has(Self::URG)
    }
}

/// Names joined by commas, such as "SYN,ACK"; reserved bits in hexadecimal; "none" where nothing is set.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut comma = "";
        for (flag, name) in Self::NAMES {
            if self.has(flag) {
                write!(f, "{comma}{name}")?;
                comma = ",";
                rest &= !flag.0;
            }
        }
        match (rest, self.0) {
            (_, 0) => f.write_str("none"),
            (0, _) => Ok(()),
            _ => write!(f, "{comma}{rest:#x}"),
        }
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flags({self})")
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::Flags;
    use std::string::ToString;

    #[test]
    fn shown_by_name() {
        assert_eq!(Flags::SYN.with(Flags::ACK).to_string(), "SYN,ACK");
        assert_eq!(Flags(0).to_string(), "none");
        assert_eq!(Flags(0x804).to_string(), "RST,0x800");
        assert_eq!(Flags(0x800).to_string(), "0x800");
    }

    #[test]
    fn asked_one_by_one() {
        let flags = Flags::FIN.with(Flags::ACK);
        assert!(flags.fin() && flags.ack() && !flags.syn() && !flags.rst());
        assert!(!flags.has(Flags::FIN.with(Flags::PSH)));
    }
}
