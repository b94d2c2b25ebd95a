//! The two hellos: what is offered and what is chosen (RFC 8446 §4.1.2, §4.1.3; RFC 5246 §7.4.1).

use super::cursor::Cursor;
use super::extension::{Alpn, ExtensionType, Extensions, U16s};
use super::{CipherSuite, ProtocolVersion};

/// A `client_hello`, as much of it as there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientHello<'a> {
    /// The version field, which since TLS 1.3 says no more than "at most 1.2".
    pub legacy_version: ProtocolVersion,
    /// The client's random, 32 bytes unless cut.
    pub random: &'a [u8],
    /// The session that the client would like to resume, or a placeholder (RFC 8446 §4.1.2).
    pub session_id: &'a [u8],
    suites: &'a [u8],
    compression: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> ClientHello<'a> {
    /// Reads the body of the message. None where not even the version is there.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        Some(Self {
            legacy_version: ProtocolVersion(cursor.u16()?),
            random: cursor.take_up_to(32),
            session_id: cursor.vector8().unwrap_or_default(),
            suites: cursor.vector16().unwrap_or_default(),
            compression: cursor.vector8().unwrap_or_default(),
            extensions: cursor.vector16().unwrap_or_default(),
        })
    }

    /// The cipher suites in the client's order, GREASE and signalling values too.
    pub fn cipher_suites(&self) -> impl Iterator<Item = CipherSuite> + use<'a> {
        U16s(self.suites).map(CipherSuite)
    }

    /// The compression methods; 0 is none, 1 DEFLATE (RFC 3749).
    pub const fn compression_methods(&self) -> &'a [u8] {
        self.compression
    }

    /// The extensions in the client's order.
    pub const fn extensions(&self) -> Extensions<'a> {
        Extensions::new(self.extensions)
    }

    /// The server name asked for (RFC 6066 §3), as the bytes on the wire.
    pub fn sni(&self) -> Option<&'a [u8]> {
        let mut list = Cursor(Cursor(self.extensions().find(ExtensionType::SERVER_NAME)?).vector16()?);
        loop {
            let kind = list.u8()?;
            let name = list.vector16()?;
            if kind == 0 {
                return Some(name);
            }
        }
    }

    /// The application protocols offered.
    pub fn alpn(&self) -> Alpn<'a> {
        Alpn::new(self.extensions().find(ExtensionType::ALPN))
    }

    /// The versions offered by extension; none where the client does not know TLS 1.3.
    pub fn supported_versions(&self) -> impl Iterator<Item = ProtocolVersion> + use<'a> {
        let data = self.extensions().find(ExtensionType::SUPPORTED_VERSIONS);
        U16s(data.and_then(|data| Cursor(data).vector8()).unwrap_or_default()).map(ProtocolVersion)
    }

    /// The client offers a pre-shared key: in practice a resumption (RFC 8446 §4.2.11).
    pub fn offers_psk(&self) -> bool {
        self.extensions().find(ExtensionType::PRE_SHARED_KEY).is_some()
    }

    /// The client sends application data before the server has answered (RFC 8446 §4.2.10).
    pub fn early_data(&self) -> bool {
        self.extensions().find(ExtensionType::EARLY_DATA).is_some()
    }

    /// The groups for which the client sends a key share.
    pub fn key_share_groups(&self) -> impl Iterator<Item = u16> + use<'a> {
        let data = self.extensions().find(ExtensionType::KEY_SHARE);
        let mut shares = Cursor(data.and_then(|data| Cursor(data).vector16()).unwrap_or_default());
        core::iter::from_fn(move || {
            let group = shares.u16()?;
            shares.vector16()?;
            Some(group)
        })
    }

    /// The groups that the client supports.
    pub fn supported_groups(&self) -> U16s<'a> {
        self.list16(ExtensionType::SUPPORTED_GROUPS)
    }

    /// The signature algorithms that the client accepts, in its order.
    pub fn signature_algorithms(&self) -> U16s<'a> {
        self.list16(ExtensionType::SIGNATURE_ALGORITHMS)
    }

    /// The client offers encrypt-then-MAC (RFC 7366).
    pub fn encrypt_then_mac(&self) -> bool {
        self.extensions().find(ExtensionType::ENCRYPT_THEN_MAC).is_some()
    }

    /// The client offers the extended master secret (RFC 7627).
    pub fn extended_master_secret(&self) -> bool {
        self.extensions().find(ExtensionType::EXTENDED_MASTER_SECRET).is_some()
    }

    /// The session ticket (RFC 5077); empty where the client only says that it takes tickets.
    pub fn session_ticket(&self) -> Option<&'a [u8]> {
        self.extensions().find(ExtensionType::SESSION_TICKET)
    }

    fn list16(&self, kind: ExtensionType) -> U16s<'a> {
        U16s(self.extensions().find(kind).and_then(|data| Cursor(data).vector16()).unwrap_or_default())
    }
}

/// A `server_hello`, or the request to try again that has its shape in TLS 1.3.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerHello<'a> {
    /// The version field: the choice up to TLS 1.2, and in some drafts of 1.3.
    pub legacy_version: ProtocolVersion,
    /// The server's random, 32 bytes unless cut.
    pub random: &'a [u8],
    /// The session's identifier; in TLS 1.3 an echo of the client's.
    pub session_id: &'a [u8],
    /// The suite chosen; none where the bytes end before it.
    pub cipher: Option<CipherSuite>,
    /// The compression method chosen; 0 is none.
    pub compression: u8,
    extensions: &'a [u8],
}

/// The random of a `server_hello` that asks the client to try again (RFC 8446 §4.1.3): SHA-256 of
/// `HelloRetryRequest`.
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

impl<'a> ServerHello<'a> {
    /// Reads the body of the message. None where not even the version is there.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        let legacy_version = ProtocolVersion(cursor.u16()?);
        let random = cursor.take_up_to(32);
        // Drafts of TLS 1.3 before 22 have neither session identifier nor compression.
        let short = matches!(legacy_version.draft(), Some(..22));
        let session_id = if short { &[] } else { cursor.vector8().unwrap_or_default() };
        let cipher = cursor.u16().map(CipherSuite);
        let compression = if short { 0 } else { cursor.u8().unwrap_or_default() };
        let extensions = cursor.vector16().unwrap_or_default();
        Some(Self { legacy_version, random, session_id, cipher, compression, extensions })
    }

    /// The extensions in the server's order.
    pub const fn extensions(&self) -> Extensions<'a> {
        Extensions::new(self.extensions)
    }

    /// The version that the session will speak: by `supported_versions` where that is there.
    pub fn version(&self) -> ProtocolVersion {
        self.extensions()
            .find(ExtensionType::SUPPORTED_VERSIONS)
            .and_then(|data| Cursor(data).u16())
            .map_or(self.legacy_version, ProtocolVersion)
    }

    /// This asks the client to send another hello.
    pub fn is_retry_request(&self) -> bool {
        self.random == RETRY_RANDOM
    }

    /// Which of the offered pre-shared keys was taken (TLS 1.3): the session is resumed.
    pub fn psk(&self) -> Option<u16> {
        Cursor(self.extensions().find(ExtensionType::PRE_SHARED_KEY)?).u16()
    }

    /// The application protocol chosen, where it is in clear (TLS up to 1.2).
    pub fn alpn(&self) -> Option<&'a [u8]> {
        Alpn::new(self.extensions().find(ExtensionType::ALPN)).next()
    }

    /// MAC over the encrypted bytes (RFC 7366).
    pub fn encrypt_then_mac(&self) -> bool {
        self.extensions().find(ExtensionType::ENCRYPT_THEN_MAC).is_some()
    }

    /// The extended master secret is used (RFC 7627).
    pub fn extended_master_secret(&self) -> bool {
        self.extensions().find(ExtensionType::EXTENDED_MASTER_SECRET).is_some()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::{CipherSuite, ClientHello, ProtocolVersion, ServerHello};
    use std::vec::Vec;

    fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_be_bytes()[..], &length.to_be_bytes(), data].concat()
    }

    fn client_hello() -> Vec<u8> {
        let extensions = [
            extension(0x0a0a, &[]),
            extension(0, b"\0\x0c\0\0\x09localhost"),
            extension(16, b"\0\x0c\x02h2\x08http/1.1"),
            extension(43, &[4, 3, 4, 3, 3]),
            extension(51, &[0, 5, 0, 29, 0, 1, 9]),
            extension(13, &[0, 4, 4, 3, 8, 4]),
            extension(22, &[]),
            extension(23, &[]),
            extension(35, &[1, 2]),
            extension(42, &[]),
            extension(41, &[0, 0]),
        ]
        .concat();
        let length = u16::try_from(extensions.len()).unwrap();
        let mut hello = Vec::from([3, 3]);
        hello.extend([7; 32]);
        hello.extend([2, 8, 9, 0, 4, 0x13, 1, 0xc0, 0x2f, 1, 0]);
        hello.extend(length.to_be_bytes());
        hello.extend(extensions);
        hello
    }

    #[test]
    fn a_whole_client_hello() {
        let bytes = client_hello();
        let hello = ClientHello::parse(&bytes).unwrap();
        assert_eq!(hello.legacy_version, ProtocolVersion::TLS_1_2);
        assert_eq!((hello.random, hello.session_id), ([7; 32].as_slice(), [8, 9].as_slice()));
        assert_eq!(hello.cipher_suites().collect::<Vec<_>>(), [CipherSuite(0x1301), CipherSuite(0xc02f)]);
        assert_eq!(hello.sni(), Some(b"localhost".as_slice()));
        assert_eq!(hello.alpn().collect::<Vec<_>>(), [b"h2".as_slice(), b"http/1.1"]);
        assert_eq!(
            hello.supported_versions().collect::<Vec<_>>(),
            [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
        );
        assert_eq!(hello.key_share_groups().collect::<Vec<_>>(), [29]);
        assert_eq!(hello.signature_algorithms().collect::<Vec<_>>(), [0x0403, 0x0804]);
        assert_eq!(hello.session_ticket(), Some([1, 2].as_slice()));
        assert!(hello.encrypt_then_mac() && hello.extended_master_secret());
        assert!(hello.early_data() && hello.offers_psk());
    }

    #[test]
    fn a_cut_client_hello_tells_what_is_there() {
        let bytes = client_hello();
        let mut named = 0;
        for end in 0..bytes.len() {
            let Some(hello) = ClientHello::parse(&bytes[..end]) else { continue };
            named += usize::from(hello.sni() == Some(b"localhost"));
            assert!(hello.cipher_suites().count() <= 2);
        }
        assert!(named > 40, "the name survives a cut behind it: {named}");
    }

    #[test]
    fn server_hellos_of_both_ages() {
        let mut old = Vec::from([3, 3]);
        old.extend([1; 32]);
        old.extend([0, 0xc0, 0x2f, 0]);
        let hello = ServerHello::parse(&old).unwrap();
        assert_eq!((hello.version(), hello.cipher), (ProtocolVersion::TLS_1_2, Some(CipherSuite(0xc02f))));
        assert!(!hello.is_retry_request() && hello.psk().is_none());

        let mut new = Vec::from([3, 3]);
        new.extend(super::RETRY_RANDOM);
        new.extend([0, 0x13, 2, 0, 0, 12, 0, 43, 0, 2, 3, 4, 0, 41, 0, 2, 0, 0]);
        let hello = ServerHello::parse(&new).unwrap();
        assert_eq!((hello.version(), hello.cipher), (ProtocolVersion::TLS_1_3, Some(CipherSuite(0x1302))));
        assert!(hello.is_retry_request());
        assert_eq!(hello.psk(), Some(0));

        let mut draft = Vec::from([0x7f, 18]);
        draft.extend([1; 32]);
        draft.extend([0x13, 1, 0, 0]);
        let hello = ServerHello::parse(&draft).unwrap();
        assert_eq!((hello.version().name(), hello.cipher), (Some("TLS 1.3"), Some(CipherSuite(0x1301))));
    }
}
