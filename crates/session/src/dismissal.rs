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
    /// They say that another process of the server's program crashed, for which it ends all sessions.
    pub crashed: bool,
}

/// The dismissal that `bytes`, a server's segment, are; none where they are anything else.
pub(crate) fn dismissal(bytes: &[u8], at: Moment) -> Option<Dismissal> {
    if bytes.len() > LONGEST {
        return None;
    }
    let mut crashed = false;
    let (says, final_word) = match bytes {
        // SMTP's and FTP's "service not available, closing" (RFC 5321 §4.2.3, RFC 959 §4.2.1); IMAP's (RFC 9051 §7.1.5).
        [b'4', b'2', b'1', b' ' | b'-', ..] | [b'*', b' ', b'B', b'Y', b'E', ..] => (bytes, false),
        // PostgreSQL's ErrorResponse, or the NoticeResponse of a server that has no time for more: type, length, fields of a letter and a
        // string (manual §54.7).
        [b'E' | b'N', 0, _, _, _, fields @ ..] => {
            let (state, message) = postgresql(fields)?;
            crashed = state == CRASH;
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
    Some(Dismissal { at, says: words(says), final_word, crashed })
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
    use super::dismissal;
    use hangup_wire::Moment;

    fn says(bytes: &[u8]) -> Option<String> {
        dismissal(bytes, Moment::default()).map(|dismissal| dismissal.says)
    }

    #[test]
    fn what_databases_say() {
        let mut error = b"E\0\0\0\x60SFATAL\0VFATAL\0C57P05\0".to_vec();
        error.extend(b"Mterminating connection due to idle-session timeout\0Fpostgres.c\0\0");
        assert_eq!(says(&error).as_deref(), Some("terminating connection due to idle-session timeout"));
        let crash = b"N\0\0\0\x60SWARNING\0VWARNING\0C57P02\0Mterminating connection because of crash of another server process\0\0";
        let said = dismissal(crash, Moment::default()).unwrap();
        assert!(said.crashed && said.says.starts_with("terminating connection because of crash"));
        assert!(!dismissal(&error, Moment::default()).unwrap().crashed);
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
        assert_eq!(says(b"250 OK\r\n"), None);
        assert_eq!(says(b""), None);
    }
}
