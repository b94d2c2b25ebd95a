//! Which TLS a story speaks, and how long its cipher makes a record.

/// The version and cipher of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What both sides agree on, as `supported_versions` numbers it.
    pub(crate) version: u16,
    /// How records are sealed.
    pub(crate) cipher: Cipher,
    /// Java's habits: TLS 1.3 records without data are padded by 16 bytes.
    pub(crate) java: bool,
    /// The session goes on from an earlier one: no certificate.
    pub(crate) resumed: bool,
    /// The ladder begins in the middle: both sides have keys.
    pub(crate) running: bool,
}

/// How records are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cipher {
    /// AES-128-GCM.
    Gcm,
    /// AES-256-GCM with SHA-384.
    Gcm256,
    /// ChaCha20-Poly1305.
    ChaCha,
    /// AES-128-CCM with a tag of 8 bytes.
    Ccm8,
    /// AES-CBC with this many bytes of MAC.
    Cbc(u8),
    /// AES-CBC-SHA1, encrypt-then-MAC (RFC 7366).
    CbcEtm,
    /// RC4-SHA1.
    Rc4,
}

impl Choice {
    /// `1.2 gcm java resumed running`, the version first.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let Some((version, rest)) = words.split_first() else { return Err("tls what?".to_owned()) };
        let version = match *version {
            "1.0" => 0x0301,
            "1.1" => 0x0302,
            "1.2" => 0x0303,
            "1.3" => 0x0304,
            other => return Err(format!("no TLS version: `{other}`")),
        };
        let cipher = if version < 0x0303 { Cipher::Cbc(20) } else { Cipher::Gcm };
        let mut choice = Self { version, cipher, java: false, resumed: false, running: false };
        for word in rest {
            match *word {
                "gcm" => choice.cipher = Cipher::Gcm,
                "gcm256" => choice.cipher = Cipher::Gcm256,
                "chacha" => choice.cipher = Cipher::ChaCha,
                "ccm8" => choice.cipher = Cipher::Ccm8,
                "cbc" => choice.cipher = Cipher::Cbc(20),
                "cbc-sha256" => choice.cipher = Cipher::Cbc(32),
                "cbc-sha384" => choice.cipher = Cipher::Cbc(48),
                "cbc-etm" => choice.cipher = Cipher::CbcEtm,
                "rc4" => choice.cipher = Cipher::Rc4,
                "java" => choice.java = true,
                "resumed" => choice.resumed = true,
                "running" => choice.running = true,
                other => return Err(format!("nothing that TLS has: `{other}`")),
            }
        }
        if choice.suite().is_none() {
            return Err(format!("TLS {} has no such cipher", words.join(" ")));
        }
        Ok(choice)
    }

    /// TLS 1.3, which hides the types of its records.
    pub(crate) const fn is_13(&self) -> bool {
        self.version == 0x0304
    }

    /// The cipher suite's number.
    pub(crate) const fn suite(&self) -> Option<u16> {
        Some(match (self.version, self.cipher) {
            (0x0304, Cipher::Gcm) => 0x1301,
            (0x0304, Cipher::Gcm256) => 0x1302,
            (0x0304, Cipher::ChaCha) => 0x1303,
            (0x0304, Cipher::Ccm8) => 0x1305,
            (0x0303, Cipher::Gcm) => 0xc02f,
            (0x0303, Cipher::Gcm256) => 0xc030,
            (0x0303, Cipher::ChaCha) => 0xcca8,
            (0x0303, Cipher::Cbc(32)) => 0xc027,
            (0x0303, Cipher::Cbc(48)) => 0xc028,
            (0x0301..=0x0303, Cipher::Cbc(20) | Cipher::CbcEtm) => 0xc013,
            (0x0301..=0x0303, Cipher::Rc4) => 0xc011,
            _ => return None,
        })
    }

    /// The length field of a record that seals `length` bytes (RFC 5246 §6.2.3, RFC 7366, RFC 8446 §5.2).
    pub(crate) const fn protected(&self, length: usize) -> usize {
        let iv = if self.version >= 0x0302 { 16 } else { 0 };
        match self.cipher {
            Cipher::Ccm8 if self.is_13() => length + 1 + 8,
            _ if self.is_13() => length + 1 + 16,
            Cipher::Gcm | Cipher::Gcm256 => 8 + length + 16,
            Cipher::ChaCha | Cipher::Ccm8 => length + 16,
            Cipher::Cbc(mac) => iv + (length + mac as usize + 1).next_multiple_of(16),
            Cipher::CbcEtm => iv + (length + 1).next_multiple_of(16) + 20,
            Cipher::Rc4 => length + 20,
        }
    }

    /// The nonce of TLS 1.2 GCM travels with the record (RFC 5288 §3).
    pub(crate) const fn explicit_nonce(&self) -> bool {
        !self.is_13() && matches!(self.cipher, Cipher::Gcm | Cipher::Gcm256)
    }

    /// Bytes of the hash that Finished holds in TLS 1.3.
    pub(crate) const fn hash(&self) -> usize {
        if matches!(self.cipher, Cipher::Gcm256) { 48 } else { 32 }
    }

    /// The version in a record's header: a `ClientHello` says TLS 1.0 (RFC 8446 §5.1), and nothing says TLS 1.3.
    pub(crate) fn record_version(&self, kind: u8, body: &[u8]) -> u16 {
        let hello = kind == 22 && body.first() == Some(&1);
        if hello { 0x0301 } else { self.version.min(0x0303) }
    }
}
