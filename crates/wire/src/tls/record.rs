//! The record layer: five bytes that say what follows and how much of it (RFC 8446 §5.1).

use super::ProtocolVersion;

/// The type of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContentType(pub u8);

impl ContentType {
    /// `change_cipher_spec`: what follows from this side is encrypted (TLS up to 1.2; meaningless in 1.3).
    pub const CHANGE_CIPHER_SPEC: Self = Self(20);
    /// `alert`.
    pub const ALERT: Self = Self(21);
    /// `handshake`.
    pub const HANDSHAKE: Self = Self(22);
    /// `application_data`; in TLS 1.3 every encrypted record, whatever is inside.
    pub const APPLICATION_DATA: Self = Self(23);
    /// `heartbeat` (RFC 6520).
    pub const HEARTBEAT: Self = Self(24);

    /// The name in the IANA registry of TLS content types.
    pub const fn name(self) -> Option<&'static str> {
        match self.0 {
            20 => Some("change_cipher_spec"),
            21 => Some("alert"),
            22 => Some("handshake"),
            23 => Some("application_data"),
            24 => Some("heartbeat"),
            25 => Some("tls12_cid"),
            26 => Some("ACK"),
            27 => Some("return_routability_check"),
            _ => None,
        }
    }
}

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// What the record holds, or claims to.
    pub content_type: ContentType,
    /// The record layer's version; says little since TLS 1.3.
    pub version: ProtocolVersion,
    /// Bytes that follow the header.
    pub length: u16,
}

impl RecordHeader {
    /// Bytes of a header.
    pub const SIZE: usize = 5;

    /// The longest body: 2^14 bytes and 2048 that encryption may add (RFC 5246 §6.2.3).
    pub const MAX_LENGTH: u16 = (1 << 14) + 2048;

    /// Reads the five bytes, whatever they are.
    #[inline]
    pub const fn parse(bytes: [u8; Self::SIZE]) -> Self {
        let [kind, major, minor, high, low] = bytes;
        Self {
            content_type: ContentType(kind),
            version: ProtocolVersion(u16::from_be_bytes([major, minor])),
            length: u16::from_be_bytes([high, low]),
        }
    }

    /// Whether this can be a header at all: a known type, a version from SSL 3.0 to TLS 1.3, a length that is
    /// allowed. Only application data may be empty (RFC 5246 §6.2.1).
    #[inline]
    pub const fn plausible(self) -> bool {
        matches!(self.content_type.0, 20..=24)
            && matches!(self.version.0, 0x0300..=0x0304)
            && self.length <= Self::MAX_LENGTH
            && (self.length > 0 || self.content_type.0 == ContentType::APPLICATION_DATA.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{ContentType, RecordHeader};

    #[test]
    fn plausible_headers() {
        let header = RecordHeader::parse([22, 3, 1, 2, 0]);
        assert_eq!(header.content_type, ContentType::HANDSHAKE);
        assert_eq!(header.length, 512);
        assert!(header.plausible());
        assert!(RecordHeader::parse([23, 3, 3, 0, 0]).plausible());
        assert!(RecordHeader::parse([23, 3, 3, 0x48, 0]).plausible());
    }

    #[test]
    fn implausible_headers() {
        for bytes in [
            [21, 3, 3, 0, 0],
            [23, 3, 3, 0x48, 1],
            [25, 3, 3, 0, 5],
            *b"HTTP/",
            [22, 3, 5, 0, 5],
            [22, 2, 0, 0, 5],
        ] {
            assert!(!RecordHeader::parse(bytes).plausible(), "{bytes:?}");
        }
    }
}
