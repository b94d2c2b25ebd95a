//! Any bytes as TLS: as a record's header, an alert, handshake messages, hellos, a certificate chain, an SSLv2 hello.
#![no_main]

use hangup_wire::tls::{
    Alert, Certificate, Certificates, CipherSuite, ClientHello, Messages, ProtocolVersion, RecordHeader,
    ServerHello, Sslv2ClientHello, Sslv2Message,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(header) = bytes.first_chunk() {
        let header = RecordHeader::parse(*header);
        let _ = (header.plausible(), header.content_type.name(), header.version.name());
    }
    if let Some(alert) = bytes.first_chunk() {
        let alert = Alert::parse(*alert);
        let _ = (alert.plausible(), alert.is_mere_warning());
    }
    for (header, body) in Messages::new(bytes) {
        assert!(body.len() <= header.length as usize);
        let _ = (header.plausible(), header.kind.name());
        client_hello(body);
        server_hello(body);
        Certificates::new(body).for_each(certificate);
    }
    certificate(bytes);
    client_hello(bytes);
    server_hello(bytes);
    let _ = Sslv2Message::recognise(bytes);
    if let Some(hello) = Sslv2ClientHello::parse(bytes) {
        hello.cipher_suites().for_each(drop);
    }
});

fn certificate(der: &[u8]) {
    let Some(certificate) = Certificate::parse(der) else { return };
    let _ = (certificate.issuer_common_name(), certificate.issuer_organization());
}

fn client_hello(body: &[u8]) {
    let Some(hello) = ClientHello::parse(body) else { return };
    hello.cipher_suites().for_each(suite);
    hello.alpn().for_each(drop);
    hello.supported_versions().for_each(drop);
    hello.key_share_groups().for_each(drop);
    hello.supported_groups().for_each(drop);
    hello.signature_algorithms().for_each(drop);
    let _ = (hello.sni(), hello.offers_psk(), hello.early_data(), hello.session_ticket());
}

fn server_hello(body: &[u8]) {
    let Some(hello) = ServerHello::parse(body) else { return };
    let _ = (hello.version(), hello.is_retry_request(), hello.psk(), hello.alpn(), hello.encrypt_then_mac());
}

fn suite(suite: CipherSuite) {
    let _ = (suite.name(), suite.hash_length());
    if let Some(protection) = suite.protection() {
        for version in 0x0300..=0x0304 {
            let _ = protection.alert_lengths(ProtocolVersion(version), true);
            let _ = protection.alert_lengths(ProtocolVersion(version), false);
        }
    }
}
