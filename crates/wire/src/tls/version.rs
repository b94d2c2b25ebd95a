//! Protocol versions.

/// A version of SSL or TLS, as the two bytes on the wire (RFC 8446 §4.1.2 and its predecessors).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct ProtocolVersion(pub u16);

impl ProtocolVersion {
    /// SSL 2.0, whose messages are of another shape altogether.
    pub const SSL_2: Self = Self(0x0002);
    /// SSL 3.0 (RFC 6101).
    pub const SSL_3: Self = Self(0x0300);
    /// TLS 1.0 (RFC 2246).
    pub const TLS_1_0: Self = Self(0x0301);
    /// TLS 1.1 (RFC 4346).
    pub const TLS_1_1: Self = Self(0x0302);
    /// TLS 1.2 (RFC 5246).
    pub const TLS_1_2: Self = Self(0x0303);
    /// TLS 1.3 (RFC 8446).
    pub const TLS_1_3: Self = Self(0x0304);

    /// The version in words. Drafts of TLS 1.3 are called "TLS 1.3"; see [`ProtocolVersion::draft`].
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::SSL_2 => Some("SSLv2"),
            Self::SSL_3 => Some("SSL 3.0"),
            Self::TLS_1_0 => Some("TLS 1.0"),
            Self::TLS_1_1 => Some("TLS 1.1"),
            Self::TLS_1_2 => Some("TLS 1.2"),
            _ if self.is_tls13() => Some("TLS 1.3"),
            _ => None,
        }
    }

    /// TLS 1.3, or one of the drafts of it that were deployed (`7f xx`, and the `fb xx` of a large early user).
    pub const fn is_tls13(self) -> bool {
        self.0 == Self::TLS_1_3.0 || self.draft().is_some()
    }

    /// Number of the TLS 1.3 draft that this is, if it is one.
    pub const fn draft(self) -> Option<u8> {
        match self.0 {
            0x7f0e..=0x7f1c => Some((self.0 & 0xff) as u8),
            0xfb17 => Some(23),
            0xfb1a => Some(26),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProtocolVersion;

    #[test]
    fn drafts_are_tls_1_3_and_unknown_values_have_no_name() {
        assert_eq!(ProtocolVersion(0x7f1c).name(), Some("TLS 1.3"));
        assert_eq!(ProtocolVersion(0x7f1c).draft(), Some(28));
        assert_eq!(ProtocolVersion(0x0305).name(), None);
        assert!(!ProtocolVersion::TLS_1_2.is_tls13());
    }
}
