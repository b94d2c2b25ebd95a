//! Telling by their first bytes which protocol begins: at the start of a connection, or later, where plain text
//! gives way to TLS.

use hangup_wire::http;
use hangup_wire::tls::{
    Alert, ContentType, HandshakeType, MessageHeader, ProtocolVersion, RecordHeader, Sslv2Message,
};

/// What begins with some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// A TLS session.
    Tls,
    /// An alert, in answer to something that was no TLS.
    Alert,
    /// A TLS session, with an SSL 2.0 hello of so many bytes behind its header.
    Sslv2(u16),
    /// A TLS session in packets of TDS.
    InsideTds,
    /// HTTP/1.
    Http,
}

/// An answer that may need more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes(Begins),
    No,
    /// So far it could.
    More,
}

/// The most bytes that any answer needs.
pub(crate) const ENOUGH: usize = 24;

/// What begins with `bytes`, which are the first of a segment; `first` if they are the side's first of all.
#[inline]
pub(crate) fn begins(bytes: &[u8], first: bool) -> Answer {
    match bytes {
        [22, ..] => hello(bytes),
        [0x12, ..] => tds(bytes),
        [21, ..] if first => alert(bytes),
        [0x80..=0xff, ..] if first => sslv2(bytes),
        [b'A'..=b'Z', ..] => match http::looks_like_start(bytes) {
            Some(true) if is_another_command(bytes) => Answer::No,
            Some(true) => Answer::Yes(Begins::Http),
            Some(false) => Answer::No,
            None => Answer::More,
        },
        _ => Answer::No,
    }
}

/// A whole first line that ends without a version: a command of another protocol, such as Redis' `GET key`, that begins with the same word.
fn is_another_command(bytes: &[u8]) -> bool {
    bytes.iter().position(|&byte| byte == b'\n').is_some_and(|end| {
        let line = bytes.get(..end).unwrap_or_default().trim_ascii_end();
        let version = line.rsplit(|&byte| byte == b' ').next().unwrap_or_default();
        !line.starts_with(b"HTTP/1.") && !version.starts_with(b"HTTP/")
    })
}

/// Where in `bytes` a TLS hello begins that is whole in its record, behind a line of text or MySQL's 36 bytes of
/// consent in the same segment. Elsewhere it is a hello in another protocol's packets, such as `OpenVPN`'s, and
/// no session on this connection.
pub(crate) fn embedded_hello(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(ContentType::HANDSHAKE.0, bytes.get(at..)?)?;
        let rest = bytes.get(at..)?;
        if let Some((header, body)) = rest.split_first_chunk()
            && let Some(message) = body.first_chunk()
        {
            let (header, message) = (RecordHeader::parse(*header), MessageHeader::parse(*message));
            let fits = u32::from(header.length) == message.length + 4;
            let line = at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\n');
            let mysql = at == 36 && matches!(bytes, [32, 0, 0, 1 | 2, ..]);
            if fits && (line || mysql) && hello(rest) == Answer::Yes(Begins::Tls) {
                return Some(at);
            }
        }
        at += 1;
    }
}

/// A handshake record with a hello in it (RFC 8446 §5.1, §4.1).
fn hello(bytes: &[u8]) -> Answer {
    let (Some(3) | None, Some(0..=4) | None) = (bytes.get(1), bytes.get(2)) else { return Answer::No };
    let Some((header, body)) = bytes.split_first_chunk() else { return Answer::More };
    let header = RecordHeader::parse(*header);
    if !header.plausible() {
        return Answer::No;
    }
    // A hello may be spread over tiny records: what is in this one must fit.
    let body = body.get(..header.length.into()).unwrap_or(body);
    let cut = body.len() < usize::from(header.length);
    let (kind, major) = (body.first(), body.get(4));
    if kind.is_some_and(|&kind| {
        !matches!(HandshakeType(kind), HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO)
    }) || major.is_some_and(|&major| !matches!(major, 3 | 0x7f))
        || body.first_chunk().is_some_and(|message| !MessageHeader::parse(*message).plausible())
    {
        return Answer::No;
    }
    if cut && major.is_none() { Answer::More } else { Answer::Yes(Begins::Tls) }
}

/// An alert in clear: the answer to something that was no TLS.
fn alert(bytes: &[u8]) -> Answer {
    let Some((header, body)) = bytes.split_first_chunk() else {
        let fits = matches!(bytes, [21] | [21, 3] | [21, 3, 0..=4, ..]);
        return if fits { Answer::More } else { Answer::No };
    };
    let header = RecordHeader::parse(*header);
    if !header.plausible() || header.content_type != ContentType::ALERT || header.length != 2 {
        return Answer::No;
    }
    match body.first_chunk() {
        None => Answer::More,
        Some(&alert) if Alert::parse(alert).plausible() => Answer::Yes(Begins::Alert),
        Some(_) => Answer::No,
    }
}

/// An SSL 2.0 client hello (RFC 5246 appendix E.2).
fn sslv2(bytes: &[u8]) -> Answer {
    if !matches!(bytes.get(2), None | Some(1)) || !matches!(bytes.get(3), None | Some(0 | 3)) {
        return Answer::No;
    }
    if bytes.len() < Sslv2Message::ENOUGH {
        return Answer::More;
    }
    match Sslv2Message::recognise(bytes) {
        Some(message) if message.version != ProtocolVersion::SSL_2 || message.kind == 1 => {
            Answer::Yes(Begins::Sslv2(message.length))
        }
        _ => Answer::No,
    }
}

/// A hello in a packet of TDS: type 0x12, status, length, and four bytes that do not matter (MS-TDS §2.2.3.1).
fn tds(bytes: &[u8]) -> Answer {
    if !matches!(bytes.get(1), None | Some(0 | 1)) {
        return Answer::No;
    }
    match bytes.get(8..) {
        None | Some([]) => Answer::More,
        Some(inside @ [22, ..]) => match hello(inside) {
            Answer::Yes(_) => Answer::Yes(Begins::InsideTds),
            other => other,
        },
        Some(_) => Answer::No,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Begins, begins, embedded_hello};

    const HELLO: [u8; 14] = [22, 3, 1, 0, 50, 1, 0, 0, 46, 3, 3, 9, 9, 9];

    #[test]
    fn a_hello_is_known_by_ten_bytes() {
        for end in 1..10 {
            assert_eq!(begins(&HELLO[..end], false), Answer::More, "{end}");
        }
        assert_eq!(begins(&HELLO[..10], false), Answer::Yes(Begins::Tls));
        assert_eq!(begins(&[22, 3, 1, 0, 50, 77, 0, 0, 46, 3], true), Answer::No);
        assert_eq!(begins(b"\x16\x02", true), Answer::No);
    }

    #[test]
    fn hellos_in_other_clothes() {
        let wrapped = [&[0x12, 1, 0, 63, 0, 0, 0, 0][..], &HELLO].concat();
        assert_eq!(begins(&wrapped, false), Answer::Yes(Begins::InsideTds));
        assert_eq!(begins(&[21, 3, 1, 0, 2, 2, 40], true), Answer::Yes(Begins::Alert));
        assert_eq!(begins(&[21, 3, 1, 0, 2, 2, 40], false), Answer::No);
        assert_eq!(begins(&[0x80, 31, 1, 3, 1, 0, 6, 0, 0, 0, 16], true), Answer::Yes(Begins::Sslv2(31)));
        assert_eq!(begins(b"GET / HTTP/1.1", false), Answer::Yes(Begins::Http));
        assert_eq!(begins(b"GETTING", false), Answer::No);
        assert_eq!(begins(b"GET key\r\n", true), Answer::No);
        assert_eq!(begins(b"HTTP/1.1 200 OK\r\n", true), Answer::Yes(Begins::Http));
        assert_eq!(begins(b"GET / HTTP/1.0\n\n", true), Answer::Yes(Begins::Http));
    }

    #[test]
    fn a_hello_behind_text() {
        let mut bytes = b"STARTTLS\r\n".to_vec();
        bytes.extend(HELLO);
        assert_eq!(embedded_hello(&bytes), Some(10));
        bytes[9] = b' ';
        assert_eq!(embedded_hello(&bytes), None);
        bytes[9] = b'\n';
        bytes[14] = 51;
        assert_eq!(embedded_hello(&bytes), None);
    }
}
