//! What a cipher suite does to the length of a record, and so how long an alert is that nobody can read.

use super::ProtocolVersion;

/// How a suite protects records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nothing is hidden; a MAC of this many bytes follows, 0 for none.
    Null {
        /// Bytes of MAC.
        mac: u8,
    },
    /// A stream cipher; a MAC of this many bytes is encrypted with the data (RFC 5246 §6.2.3.1).
    Stream {
        /// Bytes of MAC.
        mac: u8,
    },
    /// A block cipher in CBC mode (RFC 5246 §6.2.3.2, RFC 7366).
    Cbc {
        /// Bytes of a block.
        block: u8,
        /// Bytes of MAC.
        mac: u8,
    },
    /// Authenticated encryption (RFC 5246 §6.2.3.3, RFC 8446 §5.2).
    Aead {
        /// Bytes of nonce in each record of TLS 1.2; TLS 1.3 sends none.
        explicit_nonce: u8,
        /// Bytes of tag.
        tag: u8,
    },
}

/// The lengths (of record bodies, header not counted) that an alert of two bytes may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertLengths {
    /// The shortest, which nearly all stacks send.
    pub shortest: u16,
    /// The longest.
    pub longest: u16,
    /// Distance between one and the next; 1 where there is one only.
    pub step: u16,
}

impl AlertLengths {
    /// What nearly every TLS 1.3 stack adds to its records where it pads: Java's 16 zero bytes.
    pub const TLS13_PADDING: u16 = 16;

    const fn exactly(length: u16) -> Self {
        Self { shortest: length, longest: length, step: 1 }
    }

    /// Whether `length` is one of them.
    pub const fn contains(self, length: u16) -> bool {
        match length.checked_sub(self.shortest) {
            Some(more) => length <= self.longest && more.is_multiple_of(self.step),
            None => false,
        }
    }
}

impl Protection {
    /// How long an alert is under this protection in `version`, with or without encrypt-then-MAC.
    ///
    /// CBC padding may be up to 255 bytes in TLS (RFC 5246 §6.2.3.2), less than a block in SSL 3.0 (RFC 6101 §5.2.3.2). In TLS
    /// 1.3 any padding is allowed (RFC 8446 §5.4); the length given is that without.
    pub fn alert_lengths(self, version: ProtocolVersion, encrypt_then_mac: bool) -> AlertLengths {
        if version.is_tls13() {
            // Two bytes and the true content type, which stands inside.
            return AlertLengths::exactly(match self {
                Self::Null { mac: tag }
                | Self::Stream { mac: tag }
                | Self::Cbc { mac: tag, .. }
                | Self::Aead { tag, .. } => sum([3, tag.into(), 0]),
            });
        }
        match self {
            Self::Null { mac } | Self::Stream { mac } => AlertLengths::exactly(sum([2, mac.into(), 0])),
            Self::Aead { explicit_nonce, tag } => {
                AlertLengths::exactly(sum([2, explicit_nonce.into(), tag.into()]))
            }
            Self::Cbc { block, mac } => {
                let (block, mac) = (u16::from(block).max(1), u16::from(mac));
                // From TLS 1.1 on each record carries its own initialisation vector.
                let vector = if version >= ProtocolVersion::TLS_1_1 { block } else { 0 };
                let (inside, outside) = if encrypt_then_mac { (2, mac) } else { (sum([2, mac, 0]), 0) };
                // The padding's own length takes a byte.
                let least = sum([inside, 1, 0]);
                let padded = least.checked_next_multiple_of(block).unwrap_or(least);
                let shortest = sum([vector, padded, outside]);
                let more = 255_u16.saturating_sub(padded.saturating_sub(least));
                let longest = match version {
                    ProtocolVersion::SSL_3 => shortest,
                    _ => sum([shortest, more, 0]).saturating_sub(more.checked_rem(block).unwrap_or(0)),
                };
                AlertLengths { shortest, longest, step: block }
            }
        }
    }
}

/// Lengths that follow each other: three of at most 255 bytes, or of a few hundred.
fn sum(lengths: [u16; 3]) -> u16 {
    lengths.into_iter().fold(0, u16::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::super::{CipherSuite, ProtocolVersion};

    /// Measured on OpenSSL, GnuTLS, Java, Go and rustls, or computed from the formulas of the RFCs.
    #[test]
    fn alerts_are_as_long_as_measured() {
        let v10 = ProtocolVersion::TLS_1_0;
        let v12 = ProtocolVersion::TLS_1_2;
        let v13 = ProtocolVersion::TLS_1_3;
        for (suite, version, etm, length) in [
            (0x0001, v10, false, 18), // NULL, MD5
            (0x003b, v12, false, 34), // NULL, SHA-256
            (0x0004, v10, false, 18), // RC4, MD5
            (0x0005, v12, false, 22), // RC4, SHA-1
            (0x000a, v10, false, 24), // 3DES
            (0x000a, v10, true, 28),
            (0x000a, v12, false, 32),
            (0x000a, v12, true, 36),
            (0x002f, v10, false, 32), // AES-CBC, SHA-1
            (0x002f, v10, true, 36),
            (0xc013, v12, false, 48),
            (0xc013, v12, true, 52),
            (0xc027, v12, false, 64), // SHA-256
            (0xc027, v12, true, 64),
            (0xc028, v12, false, 80), // SHA-384
            (0xc028, v12, true, 80),
            (0xc02f, v12, false, 26), // GCM
            (0xc0ac, v12, false, 26), // CCM
            (0xc0ae, v12, false, 18), // CCM_8
            (0xcca8, v12, false, 18), // ChaCha20
            (0x1301, v13, false, 19),
            (0x1303, v13, false, 19),
            (0x1305, v13, false, 11),
        ] {
            let lengths = CipherSuite(suite).protection().unwrap().alert_lengths(version, etm);
            assert_eq!(lengths.shortest, length, "{suite:#06x} {version:?} {etm}");
            assert!(lengths.contains(length));
        }
    }

    #[test]
    fn cbc_may_be_padded_in_whole_blocks() {
        let lengths =
            CipherSuite(0x002f).protection().unwrap().alert_lengths(ProtocolVersion::TLS_1_2, false);
        assert!(lengths.contains(64) && lengths.contains(48 + 240) && !lengths.contains(48 + 256));
        assert!(!lengths.contains(50) && !lengths.contains(32));
    }
}
