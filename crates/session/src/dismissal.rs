//! A server's last words in clear by which it ends a session on somebody's order, or by a rule of its own.

use hangup_wire::Moment;

/// Longer segments are answers, not dismissals.
const LONGEST: usize = 600;
/// Words from the wire are kept up to this many bytes.
const WORDS: usize = 96;

/// PostgreSQL's `SQLSTATE`s that end a session: shutdown by the administrator, crash, dropped database, idle session, idle
/// transaction (PostgreSQL manual, appendix A).
const SQLSTATES: [&str; 5] = ["57P01", "57P02", "57P04", "57P05", "25P03"];
/// The one of a crash: "terminating connection because of crash of another server process".
const CRASH: &[u8] = b"57P02";
/// Words of a mail server that was tired of waiting.
const OVERDUE: [&[u8]; 3] = [b"timeout", b"timed out", b"time-out"];
/// Reasons of MQTT 5 for which a broker ends a session (§3.14.2.1).
const MQTT: [(u8, &str); 7] = [
    (0x87, "not authorized"),
    (0x89, "server busy"),
    (0x8b, "server shutting down"),
    (KEEP_ALIVE, "keep alive timeout"),
    (0x8e, "session taken over"),
    (0x98, "administrative action"),
    (0xa0, "maximum connect time"),
];
const KEEP_ALIVE: u8 = 0x8d;
/// MySQL's and `MariaDB`'s error numbers that do: server shutdown, connection killed, idle (their error references).
const MYSQL: [u16; 3] = [1053, 1927, 4031];
/// Oracle's: session killed, idle time, connect time.
const ORACLE: [&[u8]; 3] = [b"ORA-00028", b"ORA-02396", b"ORA-02399"];

/// Words by which a server ends a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dismissal {
    /// The packet that brought them.
    pub at: Moment,
    /// What they say; from the wire, not escaped.
    pub says: String,
    /// They say so whatever was asked: an error that ends the session. Else they only do where nothing was asked.
    pub final_word: bool,
    /// Why, as far as they say it.
    pub reason: Reason,
}

/// Why a server ends a session, by its own words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reason {
    /// Somebody's order, or a rule of its own.
    #[default]
    Order,
    /// Another of its processes crashed, for which it ends all sessions.
    Crash,
    /// The client did not say in time what it was waiting for.
    Waiting,
    /// The client gave no sign of life in time (MQTT 5's reason 0x8d).
    Silence,
}

/// The dismissal that `bytes`, a server's segment, are; none where they are anything else. `mqtt`: the client had begun with MQTT's CONNECT.
pub(crate) fn dismissal(bytes: &[u8], at: Moment, mqtt: bool) -> Option<Dismissal> {
    if bytes.len() > LONGEST {
        return None;
    }
    let mut reason = Reason::default();
    let (says, final_word) = match bytes {
        // SMTP's and FTP's "service not available, closing", to any command or to none (RFC 5321 §4.2.3, RFC 959 §4.2.1).
        [b'4', b'2', b'1', b' ' | b'-', ..] => {
            let lower = bytes.to_ascii_lowercase();
            if OVERDUE.iter().any(|word| memchr::memmem::find(&lower, word).is_some()) {
                reason = Reason::Waiting;
            }
            (bytes, reason == Reason::Waiting)
        }
        // IMAP's (RFC 9051 §7.1.5).
        [b'*', b' ', b'B', b'Y', b'E', ..] => (bytes, false),
        // A broker's DISCONNECT of MQTT 5, with a reason (§3.14).
        &[0xe0, length, code, ..] if mqtt && usize::from(length) + 2 == bytes.len() => {
            let (_, says) = MQTT.iter().find(|(known, _)| *known == code)?;
            if code == KEEP_ALIVE {
                reason = Reason::Silence;
            }
            (says.as_bytes(), true)
        }
        // PostgreSQL's ErrorResponse, or the NoticeResponse of a server that has no time for more: type, length, fields of a letter and a
        // string (manual §54.7).
        [b'E' | b'N', 0, _, _, _, fields @ ..] => {
            let (state, message) = postgresql(fields)?;
            if state == CRASH {
                reason = Reason::Crash;
            }
            (message, true)
        }
        // MySQL's ERR packet: length, number, 0xff, error number, state (manual, "ERR_Packet").
        [_, _, 0, _, 0xff, low, high, words @ ..] if MYSQL.contains(&u16::from_le_bytes([*low, *high])) => {
            (words.strip_prefix(b"#").and_then(|words| words.get(5..)).unwrap_or(words), true)
        }
        // Oracle's data packet, with its error text somewhere in it.
        [_, _, _, _, 6, ..] => {
            let found = ORACLE.iter().find_map(|code| memchr::memmem::find(bytes, code))?;
            (bytes.get(found..)?, true)
        }
        _ => return None,
    };
    Some(Dismissal { at, says: words(says), final_word, reason })
}

/// State and message of an error that ends the session.
fn postgresql(fields: &[u8]) -> Option<(&[u8], &[u8])> {
    let field = |letter: u8| {
        let mut strings = fields.split(|&byte| byte == 0).filter_map(<[u8]>::split_first);
        strings.find(|(first, _)| **first == letter).map(|(_, text)| text)
    };
    let state = field(b'C')?;
    let ends = SQLSTATES.iter().any(|known| known.as_bytes() == state);
    field(b'M').filter(|_| ends).map(|message| (state, message))
}

/// The first line, as far as it is kept.
fn words(bytes: &[u8]) -> String {
    let line = bytes.split(|&byte| matches!(byte, b'\r' | b'\n' | 0)).next().unwrap_or_default();
    String::from_utf8_lossy(line.get(..WORDS).unwrap_or(line)).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Reason, dismissal};
    use hangup_wire::Moment;

    fn says(bytes: &[u8]) -> Option<String> {
        dismissal(bytes, Moment::default(), true).map(|dismissal| dismissal.says)
    }

    #[test]
    fn what_databases_say() {
        let mut error = b"E\0\0\0\x60SFATAL\0VFATAL\0C57P05\0".to_vec();
        error.extend(b"Mterminating connection due to idle-session timeout\0Fpostgres.c\0\0");
        assert_eq!(says(&error).as_deref(), Some("terminating connection due to idle-session timeout"));
        let crash = b"N\0\0\0\x60SWARNING\0VWARNING\0C57P02\0Mterminating connection because of crash of another server process\0\0";
        let said = dismissal(crash, Moment::default(), false).unwrap();
        assert!(
            said.reason == Reason::Crash && said.says.starts_with("terminating connection because of crash")
        );
        assert_eq!(dismissal(&error, Moment::default(), false).unwrap().reason, Reason::Order);
        let syntax = [&error[..16], b"C42601\0Msyntax error\0\0"].concat();
        assert_eq!(says(&syntax), None);
        let mut killed = vec![30, 0, 0, 0, 0xff, 0xbf, 0x0f];
        killed.extend(b"#HY000The client was disconnected");
        assert_eq!(says(&killed).as_deref(), Some("The client was disconnected"));
        let mut oracle = vec![0, 60, 0, 0, 6, 0, 0, 0, 0, 0, 4, 1];
        oracle.extend(b"ORA-00028: your session has been killed\n");
        assert_eq!(says(&oracle).as_deref(), Some("ORA-00028: your session has been killed"));
    }

    #[test]
    fn what_mail_servers_say() {
        assert_eq!(says(b"421 4.4.2 Timeout\r\n").as_deref(), Some("421 4.4.2 Timeout"));
        assert_eq!(says(b"* BYE Autologout\r\n").as_deref(), Some("* BYE Autologout"));
        let late = dismissal(b"421 4.4.2 Error: timeout exceeded\r\n", Moment::default(), false).unwrap();
        assert!(late.reason == Reason::Waiting && late.final_word);
        assert_eq!(says(b"250 OK\r\n"), None);
        assert_eq!(says(b""), None);
    }

    #[test]
    fn what_brokers_say() {
        assert_eq!(says(&[0xe0, 1, 0x98]).as_deref(), Some("administrative action"));
        let silent = dismissal(&[0xe0, 2, 0x8d, 0], Moment::default(), true).unwrap();
        assert!(silent.reason == Reason::Silence && silent.final_word);
        // Version 3 has no reason, an unknown one says nothing, and elsewhere the bytes mean something else.
        assert_eq!(says(&[0xe0, 0]), None);
        assert_eq!(says(&[0xe0, 1, 0x42]), None);
        assert_eq!(dismissal(&[0xe0, 1, 0x98], Moment::default(), false), None);
    }
}
