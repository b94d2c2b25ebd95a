//! Reading TLS and HTTP never panics and never gives more than it was given, whatever the bytes are.

use hangup_wire::http;
use hangup_wire::tls::{
    Alert, Certificates, CipherSuite, ClientHello, MessageHeader, Messages, ProtocolVersion, RecordHeader,
    ServerHello, Sslv2ClientHello, Sslv2Message,
};
use proptest::prelude::*;

proptest! {
    #[test]
    fn hellos(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Some(hello) = ClientHello::parse(&bytes) {
            let named = hello.sni().map_or(0, <[u8]>::len);
            prop_assert!(named <= bytes.len() && hello.cipher_suites().count() <= bytes.len() / 2);
            prop_assert!(hello.extensions().count() <= bytes.len() / 4);
            prop_assert!(hello.alpn().count() + hello.key_share_groups().count() <= bytes.len());
            prop_assert!(hello.supported_versions().count() <= bytes.len());
        }
        if let Some(hello) = ServerHello::parse(&bytes) {
            prop_assert!(hello.alpn().map_or(0, <[u8]>::len) <= bytes.len());
            let _ = (hello.version().name(), hello.psk());
        }
        if let Some(hello) = Sslv2ClientHello::parse(&bytes) {
            prop_assert!(hello.cipher_suites().count() * 3 <= bytes.len());
        }
        let _ = Sslv2Message::recognise(&bytes);
        prop_assert!(Messages::new(&bytes).map(|(_, body)| body.len() + MessageHeader::SIZE).sum::<usize>() <= bytes.len());
        prop_assert!(Certificates::new(&bytes).map(<[u8]>::len).sum::<usize>() <= bytes.len());
    }

    #[test]
    fn alert_lengths_of_every_suite(code: u16, version: u16, etm: bool, length: u16) {
        if let Some(protection) = CipherSuite(code).protection() {
            let lengths = protection.alert_lengths(ProtocolVersion(version), etm);
            prop_assert!(lengths.contains(lengths.shortest) && lengths.contains(lengths.longest));
            prop_assert!(!lengths.contains(length) || (lengths.shortest..=lengths.longest).contains(&length));
        }
    }

    #[test]
    fn headers(bytes: [u8; 5]) {
        let header = RecordHeader::parse(bytes);
        prop_assert!(!header.plausible() || header.content_type.name().is_some());
        let alert = Alert::parse([bytes[0], bytes[1]]);
        prop_assert!(!alert.plausible() || alert.description.name().is_some());
    }

    #[test]
    fn heads(bytes in "(GET|HTTP/1\\.[01]|PUT) [ -~]{0,20}( HTTP/1\\.1)?\r?\n([A-Za-z-]{0,16}:? ?[ -~]{0,20}\r?\n){0,5}\r?\n.{0,9}") {
        let bytes = bytes.as_bytes();
        if let Some(head) = http::Head::parse(bytes) {
            prop_assert!(head.length <= bytes.len());
            prop_assert!(head.fields().count() <= 5);
            let _ = head.manners();
        }
        let _ = (http::looks_like_start(bytes), http::chunk_size(bytes), http::decimal(bytes));
    }
}
