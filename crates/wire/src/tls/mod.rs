//! TLS and SSL as they stand on the wire: records, alerts, the handshake messages that are sent in clear, and
//! what a cipher suite does to the length of a record.
//!
//! Everything borrows from the bytes it is given and tolerates that they end early: what is there is told, what
//! is not there is absent. Read in this order: [`RecordHeader`], [`Alert`], [`MessageHeader`],
//! [`ClientHello`] and [`ServerHello`], [`CipherSuite`] with its [`Protection`].

mod alert;
mod certificate;
mod cursor;
mod extension;
mod handshake;
mod hello;
mod protection;
mod record;
mod sslv2;
mod suite;
mod version;

pub use alert::{Alert, AlertDescription, AlertLevel};
pub use certificate::Certificate;
pub use extension::{Alpn, Extension, ExtensionType, Extensions, U16s};
pub use handshake::{Certificates, HandshakeType, MessageHeader, Messages};
pub use hello::{ClientHello, ServerHello};
pub use protection::{AlertLengths, Protection};
pub use record::{ContentType, RecordHeader};
pub use sslv2::{Sslv2ClientHello, Sslv2Message};
pub use suite::CipherSuite;
pub use version::ProtocolVersion;

/// A reserved value that a client sends to keep others tolerant of values they do not know (GREASE, RFC 8701 §2):
/// both bytes are equal and end in the nibble `a`.
pub const fn is_grease(code: u16) -> bool {
    code & 0x0f0f == 0x0a0a && code >> 8 == code & 0xff
}
