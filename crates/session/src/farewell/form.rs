//! How long a message is, and which ones are farewells, in each protocol.

use super::Farewell;
use hangup_wire::Moment;

/// Longer lines are no farewells.
const LINE: usize = 512;

/// A protocol in clear whose farewells are known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Language {
    name: &'static str,
    form: Form,
}

/// How its messages are told apart.
#[derive(Clone, Copy, Debug)]
enum Form {
    Postgresql,
    Mysql,
    Ldap,
    Mqtt,
    WebSocket,
    Http2,
    /// One command a line; what else is said, such as a mail, is not looked into.
    Lines,
    Irc,
    Imap,
    Redis,
}

impl Language {
    pub(super) const WEBSOCKET: Self = Self { name: "WebSocket", form: Form::WebSocket };

    /// The language of `protocol`, as `opening` names it.
    pub(super) fn of(protocol: &str) -> Option<Self> {
        let (name, form) = match protocol {
            "postgresql" => ("PostgreSQL", Form::Postgresql),
            "mysql" => ("MySQL", Form::Mysql),
            "ldap" => ("LDAP", Form::Ldap),
            "mqtt" => ("MQTT", Form::Mqtt),
            "http2" => ("HTTP/2", Form::Http2),
            "smtp" => ("SMTP", Form::Lines),
            "ftp" => ("FTP", Form::Lines),
            "pop3" => ("POP3", Form::Lines),
            "nntp" => ("NNTP", Form::Lines),
            "irc" => ("IRC", Form::Irc),
            "imap" => ("IMAP", Form::Imap),
            "redis" => ("Redis", Form::Redis),
            _ => return None,
        };
        Some(Self { name, form })
    }

    /// Its messages carry their lengths. A line may also be part of a mail: it counts only where it begins a turn.
    pub(super) const fn follows(self) -> bool {
        matches!(
            self.form,
            Form::Postgresql | Form::Mysql | Form::Ldap | Form::Mqtt | Form::WebSocket | Form::Http2
        )
    }

    /// A farewell that names an error. The same farewell without one, which some programs say behind it, takes nothing back.
    pub(super) fn is_complaint(said: &Farewell) -> bool {
        said.word.starts_with("GOAWAY (")
    }

    /// Bytes of the message that `bytes` begin with, its header included and never 0; none where they do not say.
    pub(super) fn length(self, bytes: &[u8]) -> Option<u64> {
        match (self.form, bytes) {
            // A start-up message has no type (PostgreSQL manual §54.2.1, §54.7).
            (Form::Postgresql, &[0, a, b, c, ..]) => at_least(u32::from_be_bytes([0, a, b, c]).into(), 8),
            (Form::Postgresql, &[b'A'..=b'z', a, b, c, d, ..]) => {
                Some(at_least(u32::from_be_bytes([a, b, c, d]).into(), 4)? + 1)
            }
            // Three bytes of length, one of number ("MySQL Packets").
            (Form::Mysql, &[a, b, c, _, ..]) => Some(u64::from(u32::from_le_bytes([a, b, c, 0])) + 4),
            (Form::Ldap, [0x30, rest @ ..]) => ber_length(rest),
            (Form::Mqtt, [0x10..=0xff, rest @ ..]) => {
                let digits = mqtt_digits(rest)?;
                let length =
                    digits.iter().rev().fold(0, |length, &byte| length << 7 | u64::from(byte & 0x7f));
                Some(1 + digits.len() as u64 + length)
            }
            (Form::WebSocket, _) => websocket_length(bytes),
            // The client's preface (RFC 9113 §3.4), which reads as no frame; then frames, three bytes of length and six more in front (§4.1).
            (Form::Http2, [b'P', b'R', b'I', ..]) => Some(24),
            (Form::Http2, &[a, b, c, _, ..]) => Some(u64::from(u32::from_be_bytes([0, a, b, c])) + 9),
            (Form::Lines | Form::Irc | Form::Imap | Form::Redis, _) => Some(bytes.len() as u64),
            _ => None,
        }
    }

    /// The farewell that `message`, a whole one, is.
    pub(super) fn farewell(self, message: &[u8], at: Moment) -> Option<Farewell> {
        let mut unanswered = false;
        let word = match (self.form, message) {
            // Frontend's Terminate; CancelRequest, on a connection of its own (PostgreSQL manual §54.7, §54.2.8).
            (Form::Postgresql, [b'X', 0, 0, 0, 4]) => "Terminate",
            (Form::Postgresql, [0, 0, 0, 16, 4, 0xd2, 0x16, 0x2e, ..]) => {
                unanswered = true;
                "CancelRequest"
            }
            // Command 1 in packet number 0 ("COM_QUIT").
            (Form::Mysql, [1, 0, 0, 0, 1]) => "COM_QUIT",
            // MessageID, [APPLICATION 2] NULL (RFC 4511 §4.3); at most four bytes of identifier.
            (Form::Ldap, [0x30, .., 0x42, 0]) if is_unbind(message) => "UnbindRequest",
            // MQTT 3.1.1 §3.14.
            (Form::Mqtt, [0xe0, 0]) => "DISCONNECT",
            (Form::WebSocket, [0x88, ..]) if is_polite(message) => "Close",
            // RFC 9113 §6.8: on stream 0, the last stream, the error.
            (Form::Http2, &[_, _, _, 7, _, 0, 0, 0, 0, _, _, _, _, a, b, c, d, ..]) => {
                goaway(u32::from_be_bytes([a, b, c, d]))
            }
            // RFC 5321 §4.1.1.10, RFC 959 §4.1.1, RFC 1939 §6, RFC 3977 §5.4.
            (Form::Lines, _) if line(message)?.eq_ignore_ascii_case(b"QUIT") => "QUIT",
            // With a message for the others, or without (RFC 2812 §3.1.7).
            (Form::Irc, _) if line(message)?.get(..4)?.eq_ignore_ascii_case(b"QUIT") => {
                matches!(line(message)?.get(4), None | Some(b' ')).then_some("QUIT")?
            }
            // RFC 9051 §6.1.3.
            (Form::Imap, _) => {
                let mut parts = line(message)?.split(|&byte| byte == b' ');
                let (tag, command, more) = (parts.next()?, parts.next()?, parts.next());
                let whole = !tag.is_empty() && more.is_none() && command.eq_ignore_ascii_case(b"LOGOUT");
                whole.then_some("LOGOUT")?
            }
            // As an array of one string, or in a line (Redis serialization protocol, "Inline commands").
            (Form::Redis, _) => {
                let inside = message.strip_prefix(b"*1\r\n$4\r\n").unwrap_or(message);
                match line(inside) {
                    Some(quit) if quit.eq_ignore_ascii_case(b"QUIT") => "QUIT",
                    // Who ends the server gets no answer, where it succeeds (Redis, SHUTDOWN).
                    _ => {
                        unanswered = true;
                        shutdown(message).then_some("SHUTDOWN")?
                    }
                }
            }
            _ => return None,
        };
        let length = u32::try_from(message.len()).ok()?;
        Some(Farewell { at, protocol: self.name, word, length, unanswered })
    }
}

/// Redis's SHUTDOWN with at most one word behind it, as an array of strings or in a line.
fn shutdown(message: &[u8]) -> bool {
    let Some(message) = message.strip_suffix(b"\r\n") else { return false };
    let words: Vec<&[u8]> = match message.first() {
        // Every other line is a length.
        Some(b'*') => message.split(|&byte| byte == b'\n').skip(2).step_by(2).collect(),
        _ => message.split(|&byte| byte == b' ').collect(),
    };
    let known = |word: &[u8]| {
        [&b"NOSAVE"[..], b"SAVE", b"NOW", b"FORCE"].iter().any(|known| word.eq_ignore_ascii_case(known))
    };
    match words.as_slice() {
        [order] => order.eq_ignore_ascii_case(b"SHUTDOWN"),
        [order, how] => order.trim_ascii_end().eq_ignore_ascii_case(b"SHUTDOWN") && known(how),
        _ => false,
    }
}

/// A GOAWAY with this error (RFC 9113 §7).
const fn goaway(error: u32) -> &'static str {
    match error {
        0 => "GOAWAY",
        1 => "GOAWAY (PROTOCOL_ERROR)",
        2 => "GOAWAY (INTERNAL_ERROR)",
        3 => "GOAWAY (FLOW_CONTROL_ERROR)",
        4 => "GOAWAY (SETTINGS_TIMEOUT)",
        5 => "GOAWAY (STREAM_CLOSED)",
        6 => "GOAWAY (FRAME_SIZE_ERROR)",
        7 => "GOAWAY (REFUSED_STREAM)",
        8 => "GOAWAY (CANCEL)",
        9 => "GOAWAY (COMPRESSION_ERROR)",
        10 => "GOAWAY (CONNECT_ERROR)",
        11 => "GOAWAY (ENHANCE_YOUR_CALM)",
        12 => "GOAWAY (INADEQUATE_SECURITY)",
        13 => "GOAWAY (HTTP_1_1_REQUIRED)",
        _ => "GOAWAY (an error that is not known)",
    }
}

fn at_least(length: u64, least: u64) -> Option<u64> {
    (length >= least).then_some(length)
}

/// A lone line, without its end.
fn line(message: &[u8]) -> Option<&[u8]> {
    let line = message.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    (line.len() <= LINE && !line.contains(&b'\n')).then_some(line)
}

/// The length of a BER element of which `rest` stands behind the type (X.690 §8.1.3), with its header.
fn ber_length(rest: &[u8]) -> Option<u64> {
    let (&first, rest) = rest.split_first()?;
    let Some(count @ 1..=4) = first.checked_sub(0x80) else {
        return (first < 0x80).then_some(2 + u64::from(first));
    };
    let digits = rest.get(..count.into())?;
    let length = digits.iter().fold(0, |length, &byte| length << 8 | u64::from(byte));
    Some(2 + u64::from(count) + length)
}

/// Nothing but an identifier and the unbinding stands in an LDAP message.
fn is_unbind(message: &[u8]) -> bool {
    let inside = message.get(1).map(|&first| if first < 0x80 { 2 } else { 2 + usize::from(first & 0x7f) });
    let inside = inside.and_then(|begin| message.get(begin..)).unwrap_or_default();
    matches!(
        inside,
        [2, 1, _, 0x42, 0] | [2, 2, _, _, 0x42, 0] | [2, 3, _, _, _, 0x42, 0] | [2, 4, _, _, _, _, 0x42, 0]
    )
}

/// The length of a frame (RFC 6455 §5.2).
fn websocket_length(bytes: &[u8]) -> Option<u64> {
    let &[first, second, ref rest @ ..] = bytes else { return None };
    let known = first & 0x70 == 0 && matches!(first & 0x0f, 0..=2 | 8..=10);
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (header, length) = match second & 0x7f {
        126 => (4, u16::from_be_bytes(*rest.first_chunk()?).into()),
        127 => (10, u64::from_be_bytes(*rest.first_chunk()?)),
        short => (2, short.into()),
    };
    known.then_some(length)?.checked_add(header + mask)
}

/// A Close without a reason, or one that is no complaint: 1000 "normal closure", 1001 "going away" (RFC 6455 §5.5.1, §7.4.1).
fn is_polite(frame: &[u8]) -> bool {
    let code = match frame {
        [_, 0] | [_, 0x80, _, _, _, _] => return true,
        &[_, 2..=0x7d, high, low, ..] => [high, low],
        &[_, 0x82..=0xfd, a, b, _, _, high, low, ..] => [high ^ a, low ^ b],
        _ => return false,
    };
    matches!(u16::from_be_bytes(code), 1000 | 1001)
}

/// The bytes in which MQTT writes a length, behind the type of a message: seven bits each, the last one without the eighth (MQTT 3.1.1
/// §2.2.3).
pub(crate) fn mqtt_digits(behind_type: &[u8]) -> Option<&[u8]> {
    let last = behind_type.iter().take(4).position(|byte| byte & 0x80 == 0)?;
    behind_type.get(..=last)
}
