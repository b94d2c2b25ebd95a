//! What the two hellos settle.

use super::ja4::ja4;
use super::names::{Name, Names};
use super::reassembly::Reassembly;
use super::{Message, Session};
use crate::Place;
use hangup_wire::Side;
use hangup_wire::tls::{
    Certificate, Certificates, ClientHello, HandshakeType, ProtocolVersion, ServerHello, Sslv2ClientHello,
};
use std::borrow::Cow;

/// Names from the wire are kept up to this many bytes (RFC 1035 §2.3.4).
const NAME: usize = 255;

/// What the client offered and the server chose.
#[derive(Clone, Debug, Default)]
pub(super) struct Hello {
    pub(super) names: Names,
    /// HTTP/2 is among the offers.
    pub(super) offers_h2: bool,
    pub(super) early_data: bool,
    /// It came in an SSL 2.0 message.
    pub(super) sslv2: bool,
    /// The client knows TLS 1.3.
    knows_tls13: bool,
    /// Until the server has answered; what a later hello of it says is not compared.
    session_id: Box<[u8]>,
}

impl Hello {
    /// What a client's hello says.
    pub(super) fn of_client(body: &[u8]) -> Option<Self> {
        let hello = ClientHello::parse(body)?;
        let mut offers = hello.alpn();
        let only_offer = offers.next().filter(|_| offers.next().is_none()).map(text);
        let sni = hello.sni().map(text);
        let fingerprint = ja4(&hello);
        let names = Names::of(&[
            (Name::Ja4, Some(&fingerprint)),
            (Name::Sni, sni.as_deref()),
            (Name::OnlyOffer, only_offer.as_deref()),
        ]);
        Some(Self {
            names,
            offers_h2: hello.alpn().any(|name| name == b"h2"),
            early_data: hello.early_data(),
            sslv2: false,
            knows_tls13: hello.supported_versions().any(ProtocolVersion::is_tls13)
                || hello.legacy_version.is_tls13(),
            session_id: hello.session_id.into(),
        })
    }

    /// Becomes `hello`, but for what the server's certificate said.
    pub(super) fn be(&mut self, mut hello: Self) {
        if let Some(issuer) = self.names.get(Name::Issuer) {
            hello.names.set(Name::Issuer, Some(issuer));
        }
        *self = hello;
    }

    /// How much memory it takes beyond itself.
    pub(super) fn kept(&self) -> usize {
        self.names.kept() + self.session_id.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.get(Name::Ja4).is_none() && !self.sslv2
    }
}

impl Session {
    pub(super) fn client_hello(&mut self, side: Side, body: &[u8]) {
        self.hello_from.get_or_insert(side);
        // The first hello counts: a second one answers a request to try again, or renegotiates.
        if self.hello.is_empty()
            && let Some(hello) = Hello::of_client(body)
        {
            self.hello.be(hello);
        }
    }

    pub(super) fn server_hello(&mut self, side: Side, body: &[u8]) {
        let Some(hello) = ServerHello::parse(body) else { return };
        let version = hello.version();
        self.version = Some(version);
        self.hello_from.get_or_insert(side.other());
        self.retry_requested |= hello.is_retry_request();
        if let Some(cipher) = hello.cipher {
            self.cipher = Some(cipher);
            self.protection = cipher.protection();
        }
        self.encrypt_then_mac = hello.encrypt_then_mac();
        self.compressed = hello.compression != 0;
        if let Some(chosen) = hello.alpn() {
            self.hello.names.set(Name::Chosen, Some(&text(chosen)));
        }
        if version.is_tls13() {
            // A change_cipher_spec before it was for the eyes of middleboxes only (RFC 8446 appendix D.4).
            for side in Side::BOTH {
                self.halves[side].encrypted = false;
            }
            self.resumed = (!hello.is_retry_request()).then(|| hello.psk().is_some());
        } else if !hello.session_id.is_empty() && *hello.session_id == *self.hello.session_id {
            self.resumed = Some(true);
        }
        if !hello.is_retry_request() {
            self.hello.session_id = Box::default();
        }
    }

    /// The server's certificate in clear.
    pub(super) fn certificate(&mut self, body: &[u8]) {
        if self.hello.names.get(Name::Issuer).is_some() {
            return;
        }
        let certificate = Certificates::new(body).next().and_then(Certificate::parse);
        let issuer = certificate.and_then(|certificate| {
            match (certificate.issuer_common_name(), certificate.issuer_organization()) {
                (Some(name), Some(organization)) => {
                    Some(format!("{} ({})", name_part(name), name_part(organization)))
                }
                (Some(name), None) | (None, Some(name)) => Some(name_part(name)),
                (None, None) => None,
            }
        });
        if issuer.is_some() {
            self.hello.names.set(Name::Issuer, issuer.as_deref());
        }
    }

    /// An SSL 2.0 hello, header included.
    pub(super) fn sslv2_hello(&mut self, side: Side, bytes: &[u8], place: &Place) {
        let body = bytes.get(2..).unwrap_or_default();
        if Sslv2ClientHello::parse(body).is_some() {
            self.hello.sslv2 = true;
            self.hello_from = Some(side);
            self.halves[side].last_handshake = Some(place.at);
            self.messages.push(Message {
                kind: HandshakeType::CLIENT_HELLO,
                side,
                length: u32::try_from(body.len()).unwrap_or(u32::MAX),
                at: place.at,
            });
        } else {
            self.version = Some(ProtocolVersion::SSL_2);
        }
    }

    /// A message that a gap tears: what is there of a hello is better than nothing.
    pub(super) fn read_partial(&mut self, side: Side) {
        let messages = self.halves[side].messages.take();
        match messages.as_deref().and_then(Reassembly::partial) {
            Some((HandshakeType::CLIENT_HELLO, body)) => self.client_hello(side, body),
            Some((HandshakeType::SERVER_HELLO, body)) => self.server_hello(side, body),
            _ => {}
        }
    }

    /// The session cannot become one of TLS 1.3: the client does not know it.
    pub(super) fn client_is_old(&self) -> bool {
        !self.hello.is_empty() && !self.hello.knows_tls13
    }
}

/// Whether the issuer of the first certificate in the start of such a message is there as a whole.
pub(super) fn has_issuer(start: &[u8]) -> bool {
    Certificates::new(start)
        .next()
        .and_then(Certificate::parse)
        .is_some_and(|certificate| certificate.has_whole_issuer())
}

/// Part of an issuer's name, at most 64 bytes (RFC 5280 appendix A.1: `ub-common-name`).
fn name_part(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..64).unwrap_or(bytes)).into_owned()
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..NAME).unwrap_or(bytes))
}
