//! SSL 2.0 framing, in which clients long wrapped their first hello even to offer SSL 3.0 or TLS
//! (RFC 5246 appendix E.2).

use super::cursor::Cursor;
use super::{CipherSuite, ProtocolVersion};

/// The start of an SSL 2.0 message with a two-byte header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sslv2Message {
    /// Bytes behind the header, at most 32 767.
    pub length: u16,
    /// 1 is the client's hello, 4 the server's.
    pub kind: u8,
    /// The version that it names.
    pub version: ProtocolVersion,
}

impl Sslv2Message {
    /// Bytes of the header.
    pub const HEADER: usize = 2;
    /// Bytes that [`Sslv2Message::recognise`] wants to see.
    pub const ENOUGH: usize = 11;

    /// Whether a stream that begins with `bytes` begins with an SSL 2.0 hello whose inner lengths agree with its
    /// outer one. Wants [`Sslv2Message::ENOUGH`] bytes.
    pub fn recognise(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(bytes);
        let first = cursor.u16()?;
        let kind = cursor.u8()?;
        let length = first & 0x7fff;
        if first & 0x8000 == 0 {
            return None;
        }
        let (version, fixed, a, b, c) = match kind {
            1 => (cursor.u16()?, 9, cursor.u16()?, cursor.u16()?, cursor.u16()?),
            4 => {
                cursor.u16()?; // session_id_hit, certificate_type
                (cursor.u16()?, 11, cursor.u16()?, cursor.u16()?, 0)
            }
            _ => return None,
        };
        let version = ProtocolVersion(version);
        let known = version == ProtocolVersion::SSL_2 || matches!(version.0, 0x0300..=0x0304);
        let inner = [a, b, c].into_iter().fold(fixed, |sum: u32, part| sum.saturating_add(part.into()));
        let agrees = match kind {
            1 => {
                inner == u32::from(length)
                    && a % 3 == 0
                    && a > 0
                    && matches!(b, 0 | 16 | 32)
                    && (16..=32).contains(&c)
            }
            _ => {
                version == ProtocolVersion::SSL_2
                    && b % 3 == 0
                    && (inner..=inner.saturating_add(32)).contains(&u32::from(length))
            }
        };
        (known && agrees).then_some(Self { length, kind, version })
    }
}

/// The body of an SSL 2.0 client hello, behind the two-byte header.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sslv2ClientHello<'a> {
    /// The highest version that the client offers.
    pub version: ProtocolVersion,
    specs: &'a [u8],
    /// The challenge, which stands for the client's random.
    pub challenge: &'a [u8],
}

impl<'a> Sslv2ClientHello<'a> {
    /// Reads the body, as much of it as there is.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        cursor.u8().filter(|&kind| kind == 1)?;
        let version = ProtocolVersion(cursor.u16()?);
        let (specs, session, challenge) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
        let specs = cursor.take_up_to(specs.into());
        cursor.take_up_to(session.into());
        Some(Self { version, specs, challenge: cursor.take_up_to(challenge.into()) })
    }

    /// The suites of SSL 3.0 and TLS among the specifications offered.
    pub fn cipher_suites(&self) -> impl Iterator<Item = CipherSuite> + use<'a> {
        self.specs.as_chunks::<3>().0.iter().filter_map(|&[kind, high, low]| {
            (kind == 0).then_some(CipherSuite(u16::from_be_bytes([high, low])))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CipherSuite, ProtocolVersion, Sslv2ClientHello, Sslv2Message};

    const HELLO: [u8; 33] = [
        0x80, 31, 1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 4, 1, 0, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
        14, 15, 16,
    ];

    #[test]
    fn a_wrapped_hello() {
        let message = Sslv2Message::recognise(&HELLO).unwrap();
        assert_eq!((message.kind, message.length, message.version), (1, 31, ProtocolVersion::TLS_1_0));
        let hello = Sslv2ClientHello::parse(&HELLO[2..]).unwrap();
        assert!(hello.cipher_suites().eq([CipherSuite(4)]));
        assert_eq!(hello.challenge.len(), 16);
    }

    #[test]
    fn lengths_that_disagree_are_no_hello() {
        let mut bytes = HELLO;
        bytes[1] += 1;
        assert!(Sslv2Message::recognise(&bytes).is_none());
        assert!(Sslv2Message::recognise(&HELLO[..10]).is_none());
    }
}
