//! The first bytes of each side, and which protocols begin like that.

use crate::Opening;
use crate::farewell::mqtt_digits;
use hangup_wire::http;
use hangup_wire::tls::{RecordHeader, Sslv2Message};
use hangup_wire::{PerSide, Side};

/// The first bytes that a side sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct First {
    bytes: [u8; First::KEPT],
    length: u8,
    looks: Option<Opening>,
}

impl First {
    /// Enough for the longest signature below.
    const KEPT: usize = 32;

    /// More bytes of the side; takes what still fits.
    #[inline]
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        if usize::from(self.length) < Self::KEPT {
            self.take(bytes);
        }
    }

    #[cold]
    fn take(&mut self, bytes: &[u8]) {
        for (slot, &byte) in self.bytes.iter_mut().skip(self.length.into()).zip(bytes) {
            *slot = byte;
            self.length += 1;
        }
        self.looks = looks(self.get());
    }

    /// No more of them are looked at.
    pub(crate) fn is_full(&self) -> bool {
        usize::from(self.length) == Self::KEPT
    }

    pub(crate) fn get(&self) -> &[u8] {
        self.bytes.get(..self.length.into()).unwrap_or_default()
    }

    /// What they look like.
    pub(crate) fn looks(&self) -> Option<Opening> {
        self.looks
    }
}

fn looks(bytes: &[u8]) -> Option<Opening> {
    let header = bytes.first_chunk().copied().map(RecordHeader::parse);
    Some(match bytes {
        [] => return None,
        _ if header.is_some_and(RecordHeader::plausible) || Sslv2Message::recognise(bytes).is_some() => {
            Opening::Tls
        }
        _ if bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t')) => Opening::Text,
        _ => Opening::Binary,
    })
}

/// The protocol that begins with these bytes, where they tell. Which side is the client may not be known, so
/// both readings are tried.
pub(crate) fn protocol(first: &PerSide<First>) -> Option<&'static str> {
    let (a, b) = (first[Side::Client].get(), first[Side::Server].get());
    recognise(a, b).or_else(|| recognise(b, a))
}

/// The protocols that the client's and the server's first words belong to, where both are readable and they are not the
/// same: HTTP (RFC 9112 §2.1), SSH (RFC 4253 §4.2), mail and files (RFC 5321 §4.2, RFC 959 §5.4, RFC 1939 §4, RFC 9051 §7.1), VNC (RFC 6143 §7.1.1),
/// Redis (RESP), and what only a client's first words tell: MQTT, PostgreSQL, AMQP, LDAP, SMB, TNS.
pub(crate) fn at_odds(first: &PerSide<First>) -> Option<(&'static str, &'static str)> {
    let (c, s) = (first[Side::Client].get(), first[Side::Server].get());
    let starts =
        |bytes: &[u8], start: &[u8]| bytes.get(..start.len()).is_some_and(|b| b.eq_ignore_ascii_case(start));
    let client = match c {
        _ if c.starts_with(b"SSH-") => "SSH",
        _ if starts(c, b"EHLO ") || starts(c, b"HELO ") => "SMTP",
        _ if !c.starts_with(b"HTTP/") && http::looks_like_start(c) == Some(true) => "HTTP",
        _ => match recognise(c, b"")? {
            "mqtt" => "MQTT",
            "postgresql" => "PostgreSQL",
            "redis" => "Redis",
            "amqp" => "AMQP",
            "ldap" => "LDAP",
            "smb" => "SMB",
            "tns" => "Oracle Net",
            _ => return None,
        },
    };
    let greetings: [(&[u8], &'static str, &'static str); 9] = [
        (b"SSH-", "SSH", "SSH"),
        (b"HTTP/1.", "HTTP", "HTTP"),
        (b"220 ", "SMTP", "SMTP or FTP"),
        (b"220-", "SMTP", "SMTP or FTP"),
        (b"+OK ", "POP3", "POP3"),
        (b"* OK ", "IMAP", "IMAP"),
        (b"RFB 00", "VNC", "VNC"),
        (b"-ERR ", "Redis", "Redis"),
        (b"-NOAUTH ", "Redis", "Redis"),
    ];
    let (_, server, called) = greetings.into_iter().find(|(start, ..)| s.starts_with(start))?;
    (client != server).then_some((client, called))
}

/// The server's first words are HTTP that says that this port wants TLS, in the words of nginx, Apache, Go and Tomcat.
pub(crate) fn wants_tls(bytes: &[u8]) -> bool {
    const SAID: [&[u8]; 4] = [
        b"plain HTTP request was sent to HTTPS port",
        b"speaking plain HTTP to an SSL-enabled server port",
        b"Client sent an HTTP request to an HTTPS server",
        b"This combination of host and port requires TLS",
    ];
    bytes.starts_with(b"HTTP/1.")
        && bytes.get(9..12) == Some(b"400")
        && SAID.iter().any(|said| memchr::memmem::find(bytes, said).is_some())
}

/// Seconds within which a client of MQTT has promised to say something, as its CONNECT has it (MQTT 3.1.1 §3.1.2.10); none where it promised
/// nothing.
pub(crate) fn promised_beat(c: &[u8]) -> Option<u16> {
    let rest = c.strip_prefix(&[0x10])?;
    let name = rest.get(mqtt_digits(rest)?.len()..)?;
    let behind = name.strip_prefix(b"\0\x04MQTT").or_else(|| name.strip_prefix(b"\0\x06MQIsdp"))?;
    match behind {
        [_, _, high, low, ..] => Some(u16::from_be_bytes([*high, *low])).filter(|&seconds| seconds > 0),
        _ => None,
    }
}

/// What a caller who says `c` and a called one who says `s` speak.
fn recognise(c: &[u8], s: &[u8]) -> Option<&'static str> {
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let any = |bytes: &[u8], starts: &[&[u8]]| {
        starts.iter().any(|start| bytes.get(..start.len()).is_some_and(|b| b.eq_ignore_ascii_case(start)))
    };
    if s.starts_with(b"220") {
        if any(c, &[b"EHLO", b"HELO", b"LHLO"]) || has(s, b"SMTP") {
            return Some("smtp");
        }
        if any(c, &[b"USER ", b"AUTH ", b"FEAT", b"OPTS ", b"SYST"]) || has(s, b"FTP") {
            return Some("ftp");
        }
    }
    if any(s, &[b"200 ", b"201 "])
        && any(
            c,
            &[b"MODE READER", b"CAPABILITIES", b"GROUP ", b"LIST", b"AUTHINFO ", b"ARTICLE ", b"STARTTLS"],
        )
    {
        return Some("nntp");
    }
    let by_server: [(&[u8], &'static str); 10] = [
        (b"SSH-", "ssh"),
        (b"* OK", "imap"),
        (b"* PREAUTH", "imap"),
        (b"* BYE", "imap"),
        (b"+OK", "pop3"),
        (b"\"IMPLEMENTATION\"", "sieve"),
        (b"RFB 00", "vnc"),
        (b"@RSYNCD:", "rsync"),
        (b"\xff\xfb", "telnet"),
        (b"\xff\xfd", "telnet"),
    ];
    let by_client: [(&[u8], &'static str); 10] = [
        (b"SSH-", "ssh"),
        (b"PRI * HTTP/2.0", "http2"),
        (b"<stream:", "xmpp"),
        (b"\0\0\0\x08\x04\xd2\x16\x2f", "postgresql"),
        (b"\0\0\0\x08\x04\xd2\x16\x30", "postgresql"),
        (b"\0\0\0\x10\x04\xd2\x16\x2e", "postgresql"),
        (b"AMQP", "amqp"),
        (b"NICK ", "irc"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "bgp"),
        (b"\x12\x34\0", "ajp"),
    ];
    let listed = by_server.iter().find(|(start, _)| s.starts_with(start));
    let listed = listed.or_else(|| by_client.iter().find(|(start, _)| c.starts_with(start)));
    if let Some(&(_, name)) = listed {
        return Some(name);
    }
    match (c, s) {
        _ if c.starts_with(b"<?xml") && has(c, b"<stream") => Some("xmpp"),
        // PostgreSQL's start-up message: length, protocol 3.
        ([0, 0, _, length, 0, 3, 0, _, ..], _) if *length >= 8 => Some("postgresql"),
        // MySQL's greeting: length, packet 0, protocol 10, version in digits; or an error at once.
        (_, [_, _, 0, 0, 10, b'0'..=b'9', ..] | [_, _, 0, 0, 0xff, _, 4, ..]) => Some("mysql"),
        // RDP: TPKT, X.224 connection request.
        ([3, 0, 0, _, _, 0xe0, ..], _) => Some("rdp"),
        // TDS: type, status, length, process, packet number, window (MS-TDS §2.2.3.1): a pre-login, or anything that
        // is answered by a response.
        ([0x12, 0 | 1, _, 8..=255, 0, 0, _, 0, ..], [] | [4 | 0x12, ..])
        | ([1 | 3 | 0x0e | 0x10, 0 | 1 | 8 | 9, _, _, _, _, _, 0, ..], [4, 0 | 1, _, _, _, _, _, 0, ..]) => {
            Some("tds")
        }
        // OpenVPN over TCP: length, hard reset of the client, of the server.
        ([0, 14..=255, 0x38 | 0x50, ..], [0, _, 0x40, ..]) => Some("openvpn"),
        // Oracle's TNS: length, no checksum, CONNECT.
        ([length, low, 0, 0, 1, _, 0, 0, ..], _) if *length < 0x20 && (*length, *low) > (0, 0x20) => {
            Some("tns")
        }
        ([0, _, _, _, 0xff | 0xfe, b'S', b'M', b'B', ..], _) => Some("smb"),
        ([0x10, _, 0, 4, b'M', b'Q', b'T', b'T', ..] | [0x10, _, 0, 6, b'M', b'Q', b'I', b's', ..], _) => {
            Some("mqtt")
        }
        ([b'*', b'1'..=b'9', b'\r', b'\n', b'$', ..], _) => Some("redis"),
        // DCE/RPC: version 5, bind, first and last fragment, little endian.
        ([5, 0 | 1, 0x0b, 3, 0x10, ..], _) => Some("dcerpc"),
        ([5, 1..=8, ..], [5, 0..=2 | 0xff, ..]) | ([4, 1 | 2, ..], [0, 0x5a..=0x5d, ..]) => Some("socks"),
        ([0x30, rest @ ..], _) if is_ldap(rest) => Some("ldap"),
        _ if c.get(12..16) == Some(&[0xdd, 7, 0, 0]) => Some("mongodb"),
        _ => None,
    }
}

/// The inside of a BER sequence that is an LDAP bind, search or extended request (RFC 4511 §4.1.1).
fn is_ldap(rest: &[u8]) -> bool {
    let ([0..=0x7f, body @ ..]
    | [0x81, _, body @ ..]
    | [0x82, _, _, body @ ..]
    | [0x84, _, _, _, _, body @ ..]) = rest
    else {
        return false;
    };
    let operation = match body {
        [2, 1, _, operation, ..] | [2, 2, _, _, operation, ..] | [2, 4, _, _, _, _, operation, ..] => {
            *operation
        }
        _ => return false,
    };
    matches!(operation, 0x60 | 0x63 | 0x77)
}

#[cfg(test)]
mod tests {
    use super::{First, promised_beat, protocol};
    use crate::Opening;
    use hangup_wire::PerSide;

    fn first(bytes: &[u8]) -> First {
        let mut first = First::default();
        bytes.chunks(3).for_each(|chunk| first.add(chunk));
        first
    }

    #[test]
    fn a_client_of_mqtt_promises_to_speak() {
        assert_eq!(promised_beat(b"\x10\x10\0\x04MQTT\x04\x02\0\x14\0\x04sens"), Some(20));
        assert_eq!(promised_beat(b"\x10\x90\x01\0\x06MQIsdp\x03\x02\x01\x2c\0\x04sens"), Some(300));
        assert_eq!(promised_beat(b"\x10\x10\0\x04MQTT\x04\x02\0\0\0\x04sens"), None);
        assert_eq!(promised_beat(b"\x10\x10\0\x04MQTT\x04\x02\0"), None);
        assert_eq!(promised_beat(b"\x10\xff\xff\xff\xff\x01\0\x04MQTT\x04\x02\0\x14"), None);
        assert_eq!(promised_beat(b""), None);
    }

    #[test]
    fn openings() {
        assert_eq!(first(b"").looks(), None);
        assert_eq!(first(b"HELO me\r\n").looks(), Some(Opening::Text));
        assert_eq!(first(b"\x16\x03\x01\x02\x00").looks(), Some(Opening::Tls));
        assert_eq!(first(b"\x00\x01").looks(), Some(Opening::Binary));
    }

    #[test]
    fn first_words_that_do_not_go_together() {
        for (client, server, odds) in [
            (&b"GET / HTTP/1.1\r\nHost: h\r\n"[..], &b"SSH-2.0-OpenSSH_8.7\r\n"[..], Some(("HTTP", "SSH"))),
            (b"SSH-2.0-x\r\n", b"HTTP/1.1 400 Bad Request\r\n", Some(("SSH", "HTTP"))),
            (b"POST /a HTTP/1.1\r\n", b"220 mail ESMTP\r\n", Some(("HTTP", "SMTP or FTP"))),
            (b"EHLO a\r\n", b"220 mail ESMTP\r\n", None),
            (b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", None),
            (b"CONNECT h:22 HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", None),
            (b"GET / HTTP/1.1\r\n", b"", None),
            (b"GET / HTTP/1.1\r\n", b"-ERR wrong number of arguments", Some(("HTTP", "Redis"))),
            (b"*1\r\n$4\r\nPING\r\n", b"HTTP/1.1 400 Bad Request\r\n", Some(("Redis", "HTTP"))),
            (b"*1\r\n$4\r\nPING\r\n", b"-ERR unknown command", None),
            (
                b"\x10\x10\0\x04MQTT\x04\x02\0\x14\0\x04sens",
                b"HTTP/1.1 400 Bad Request\r\n",
                Some(("MQTT", "HTTP")),
            ),
            (b"\0\0\0\x08\x04\xd2\x16\x2f", b"HTTP/1.1 400 Bad Request\r\n", Some(("PostgreSQL", "HTTP"))),
        ] {
            let pair = PerSide { client: first(client), server: first(server) };
            assert_eq!(super::at_odds(&pair), odds, "{client:?}");
        }
    }

    #[test]
    fn a_port_that_wants_tls_says_so() {
        let said = |status: &str, words: &str| {
            super::wants_tls(format!("HTTP/1.1 {status}\r\n\r\n{words}").as_bytes())
        };
        assert!(said("400 Bad Request", "<center>The plain HTTP request was sent to HTTPS port</center>"));
        assert!(said("400 Bad Request", "Client sent an HTTP request to an HTTPS server.\n"));
        assert!(!said("400 Bad Request", "no such field"));
        assert!(!said("200 OK", "Client sent an HTTP request to an HTTPS server.\n"));
    }

    #[test]
    fn protocols_by_their_first_words() {
        for (client, server, name) in [
            (&b"EHLO a\r\n"[..], &b"220 mail\r\n"[..], Some("smtp")),
            (b"AUTH TLS\r\n", b"220 hello\r\n", Some("ftp")),
            (b"a1 STARTTLS\r\n", b"* OK ready", Some("imap")),
            (b"\0\0\0\x08\x04\xd2\x16\x2f", b"S", Some("postgresql")),
            (b"\x20\0\0\x01\x85", b"\x4a\0\0\0\x0a8.0.36", Some("mysql")),
            (b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16", b"", Some("ldap")),
            (b"\x03\0\0\x13\x0e\xe0\0\0", b"\x03\0\0\x13\x0e\xd0", Some("rdp")),
            (b"\x12\x01\0\x2f\0\0\x01\0\0\0", b"", Some("tds")),
            (b"\x01\x01\0\xbe\0\0\x01\0\x16", b"\x04\x01\0\x22\0\x35\x01\0", Some("tds")),
            (b"\x05\x01\0", b"\x05\0", Some("socks")),
            (b"\x05\0\x0b\x03\x10\0\0\0\x48", b"\x05\0\x0c\x03", Some("dcerpc")),
            (b"\x01\x07\0\0\x01\0\0\0\x01\x3c", b"", Some("tns")),
            (b"\0\x0e\x38\x50\x7a\x28", b"\0\x1a\x40\x9a\xd7\x47", Some("openvpn")),
            (b"hello", b"world", None),
        ] {
            let pair = PerSide { client: first(client), server: first(server) };
            assert_eq!(protocol(&pair), name, "{client:?}");
            assert_eq!(protocol(&pair.swapped()), name, "reversed {client:?}");
        }
    }
}
