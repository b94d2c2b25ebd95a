//! Handshake messages: one byte of type, three of length, and a body (RFC 8446 §4).

use super::cursor::Cursor;

/// The type of a handshake message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandshakeType(pub u8);

impl HandshakeType {
    /// The server asks for a renegotiation (TLS up to 1.2).
    pub const HELLO_REQUEST: Self = Self(0);
    /// The client's first message.
    pub const CLIENT_HELLO: Self = Self(1);
    /// The server's first message; in TLS 1.3 the request to try again too.
    pub const SERVER_HELLO: Self = Self(2);
    /// A ticket for resumption.
    pub const NEW_SESSION_TICKET: Self = Self(4);
    /// A request to try again, in drafts of TLS 1.3.
    pub const HELLO_RETRY_REQUEST: Self = Self(6);
    /// A chain of certificates.
    pub const CERTIFICATE: Self = Self(11);
    /// The server's share of the key exchange (TLS up to 1.2).
    pub const SERVER_KEY_EXCHANGE: Self = Self(12);
    /// The server asks for a certificate.
    pub const CERTIFICATE_REQUEST: Self = Self(13);
    /// The server has said all (TLS up to 1.2).
    pub const SERVER_HELLO_DONE: Self = Self(14);
    /// Proof that the sender holds its certificate's key.
    pub const CERTIFICATE_VERIFY: Self = Self(15);
    /// The client's share of the key exchange (TLS up to 1.2).
    pub const CLIENT_KEY_EXCHANGE: Self = Self(16);
    /// The end of the sender's handshake.
    pub const FINISHED: Self = Self(20);

    /// The name in the IANA registry of TLS handshake types.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "hello_request",
            1 => "client_hello",
            2 => "server_hello",
            3 => "hello_verify_request",
            4 => "new_session_ticket",
            5 => "end_of_early_data",
            6 => "hello_retry_request",
            8 => "encrypted_extensions",
            9 => "request_connection_id",
            10 => "new_connection_id",
            11 => "certificate",
            12 => "server_key_exchange",
            13 => "certificate_request",
            14 => "server_hello_done",
            15 => "certificate_verify",
            16 => "client_key_exchange",
            17 => "client_certificate_request",
            20 => "finished",
            21 => "certificate_url",
            22 => "certificate_status",
            23 => "supplemental_data",
            24 => "key_update",
            25 => "compressed_certificate",
            26 => "ekt_key",
            // Next Protocol Negotiation: never registered, once widely deployed.
            67 => "next_protocol",
            254 => "message_hash",
            _ => return None,
        })
    }
}

/// The header of a handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// What the message is.
    pub kind: HandshakeType,
    /// Bytes of its body, below 2^24.
    pub length: u32,
}

impl MessageHeader {
    /// Bytes of a header.
    pub const SIZE: usize = 4;

    /// Reads the four bytes, whatever they are.
    pub const fn parse(bytes: [u8; Self::SIZE]) -> Self {
        let [kind, a, b, c] = bytes;
        Self { kind: HandshakeType(kind), length: u32::from_be_bytes([0, a, b, c]) }
    }

    /// Whether this can be a message in clear: a known type, and a length that stacks accept (certificate
    /// chains above 256 KiB are refused everywhere). Encrypted bytes seldom pass.
    pub const fn plausible(self) -> bool {
        self.kind.name().is_some()
            && self.length <= 1 << 18
            && match self.kind {
                HandshakeType::HELLO_REQUEST | HandshakeType::SERVER_HELLO_DONE => self.length == 0,
                HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO => self.length >= 34,
                _ => true,
            }
    }
}

/// The messages in `bytes`, which begin at a message's header. The last may be cut: its body is then shorter
/// than its header says.
#[derive(Clone, Debug)]
pub struct Messages<'a>(Cursor<'a>);

impl<'a> Messages<'a> {
    /// The messages in `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(Cursor(bytes))
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = (MessageHeader, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let header = MessageHeader::parse(*self.0.take(MessageHeader::SIZE)?.first_chunk()?);
        Some((header, self.0.take_up_to(usize::try_from(header.length).ok()?)))
    }
}

/// The certificates in the body of a `certificate` message of TLS up to 1.2 (RFC 5246 §7.4.2), DER, the
/// sender's own first. The last may be cut.
#[derive(Clone, Debug)]
pub struct Certificates<'a>(Cursor<'a>);

impl<'a> Certificates<'a> {
    /// The certificates in the body of the message.
    pub fn new(body: &'a [u8]) -> Self {
        Self(Cursor(Cursor(body).vector24().unwrap_or_default()))
    }
}

impl<'a> Iterator for Certificates<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        self.0.vector24()
    }
}

#[cfg(test)]
mod tests {
    use super::{Certificates, HandshakeType, MessageHeader, Messages};

    #[test]
    fn messages_follow_each_other_and_the_last_may_be_cut() {
        let bytes = [14, 0, 0, 0, 11, 0, 0, 9, 0, 0, 6, 0, 0, 3, 7];
        let mut messages = Messages::new(&bytes);
        let (first, body) = messages.next().unwrap();
        assert_eq!((first.kind, body.len()), (HandshakeType::SERVER_HELLO_DONE, 0));
        let (second, body) = messages.next().unwrap();
        assert_eq!((second.kind, second.length, body.len()), (HandshakeType::CERTIFICATE, 9, 7));
        let mut certificates = Certificates::new(body);
        assert_eq!(certificates.next(), Some([7].as_slice()));
        assert_eq!(certificates.next(), None);
        assert!(messages.next().is_none());
    }

    #[test]
    fn encrypted_bytes_are_no_message() {
        assert!(!MessageHeader::parse([0x5a, 0, 0, 4]).plausible());
        assert!(!MessageHeader::parse([0, 0, 0, 9]).plausible());
        assert!(MessageHeader::parse([1, 0, 1, 0xfc]).plausible());
    }
}
