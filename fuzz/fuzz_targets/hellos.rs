//! Any bytes as the body of a TLS hello, read by `tls-parser` too: what it finds is found here.
//!
//! It refuses hellos that are cut, where as much is told here as is there; so only what it accepts is compared, and of a list
//! that breaks off the part before that.
#![no_main]

use hangup_wire::tls::{CipherSuite, ClientHello, ExtensionType, ServerHello};
use libfuzzer_sys::fuzz_target;
use tls_parser::{
    SNIType, TlsClientHelloContents, TlsExtension, TlsServerHelloContents, parse_tls_client_hello_extensions,
    parse_tls_handshake_client_hello, parse_tls_handshake_server_hello, parse_tls_server_hello_extensions,
};

fuzz_target!(|body: &[u8]| {
    if let Ok((_, other)) = parse_tls_handshake_client_hello(body) {
        client(&ClientHello::parse(body).expect("a hello"), &other);
    }
    if let Ok((_, other)) = parse_tls_handshake_server_hello(body) {
        server(&ServerHello::parse(body).expect("a hello"), &other);
    }
});

fn client(hello: &ClientHello<'_>, other: &TlsClientHelloContents<'_>) {
    assert_eq!((hello.legacy_version.0, hello.random), (other.version.0, other.random));
    assert_eq!(hello.session_id, other.session_id.unwrap_or_default());
    assert!(hello.cipher_suites().eq(other.ciphers.iter().map(|suite| CipherSuite(suite.0))));
    assert!(hello.compression_methods().iter().eq(other.comp.iter().map(|method| &method.0)));
    let Some((_, extensions)) = other.ext.and_then(|bytes| parse_tls_client_hello_extensions(bytes).ok())
    else {
        return;
    };
    for (position, extension) in extensions.iter().enumerate() {
        let repeated =
            |before: &TlsExtension<'_>| std::mem::discriminant(before) == std::mem::discriminant(extension);
        if extensions.iter().take(position).any(repeated) {
            // The first of a kind counts.
            continue;
        }
        match extension {
            TlsExtension::SNI(names) => {
                if let Some((_, name)) = names.iter().find(|(kind, _)| *kind == SNIType::HostName) {
                    assert_eq!(hello.sni(), Some(*name));
                }
            }
            TlsExtension::ALPN(names) => {
                assert!(hello.alpn().take(names.len()).eq(names.iter().copied()));
            }
            TlsExtension::EllipticCurves(groups) => {
                assert!(hello.supported_groups().eq(groups.iter().map(|group| group.0)));
            }
            TlsExtension::SignatureAlgorithms(algorithms) => {
                assert!(hello.signature_algorithms().eq(algorithms.iter().copied()));
            }
            TlsExtension::SessionTicket(ticket) => assert_eq!(hello.session_ticket(), Some(*ticket)),
            TlsExtension::PreSharedKey(_) => assert!(hello.offers_psk()),
            TlsExtension::EarlyData(_) => assert!(hello.early_data()),
            TlsExtension::EncryptThenMac => assert!(hello.encrypt_then_mac()),
            TlsExtension::ExtendedMasterSecret => assert!(hello.extended_master_secret()),
            _ => {}
        }
    }
}

fn server(hello: &ServerHello<'_>, other: &TlsServerHelloContents<'_>) {
    assert_eq!((hello.legacy_version.0, hello.random), (other.version.0, other.random));
    assert_eq!(hello.session_id, other.session_id.unwrap_or_default());
    assert_eq!(hello.cipher, Some(CipherSuite(other.cipher.0)));
    assert_eq!(hello.compression, other.compression.0);
    let Some((_, extensions)) = other.ext.and_then(|bytes| parse_tls_server_hello_extensions(bytes).ok())
    else {
        return;
    };
    let first = |wanted: fn(&TlsExtension<'_>) -> bool| extensions.iter().find(|extension| wanted(extension));
    // That parser takes a client's list for a server's choice too.
    let chosen =
        hello.extensions().find(ExtensionType::SUPPORTED_VERSIONS).is_some_and(|data| data.len() == 2);
    if chosen
        && let Some(TlsExtension::SupportedVersions(versions)) =
            first(|extension| matches!(extension, TlsExtension::SupportedVersions(_)))
        && let [version] = versions.as_slice()
    {
        assert_eq!(hello.version().0, version.0);
    }
    if let Some(TlsExtension::ALPN(names)) = first(|extension| matches!(extension, TlsExtension::ALPN(_)))
        && let Some(name) = names.first()
    {
        assert_eq!(hello.alpn(), Some(*name));
    }
}
