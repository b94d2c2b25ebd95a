//! HTTP/1 in clear (RFC 9112): heads of messages, and what they say about the end of the message and of the
//! connection.

/// The most that a first line needs to be recognised by [`looks_like_start`].
pub const ENOUGH: usize = 8;

/// The head of a message: its first line and its fields, in the bytes up to and with the empty line.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The first line.
    pub start: StartLine<'a>,
    fields: &'a [u8],
    /// Bytes of the whole head, empty line included.
    pub length: usize,
}

/// The first line of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartLine<'a> {
    /// A request (RFC 9112 §3).
    Request {
        /// The method, such as `GET`.
        method: &'a [u8],
        /// The target as sent: mostly a path.
        target: &'a [u8],
        /// 0 for HTTP/1.0, else 1.
        minor: u8,
    },
    /// A response (RFC 9112 §4).
    Response {
        /// The status, 100 to 999.
        status: u16,
        /// 0 for HTTP/1.0, else 1.
        minor: u8,
    },
}

/// How the end of a body is known (RFC 9112 §6.3), as far as its head alone says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// So many bytes.
    Length(u64),
    /// In chunks, ended by an empty one.
    Chunked,
    /// The head says nothing: a request has no body, a response goes on until the connection closes.
    Unsaid,
}

/// What the head says that matters for the end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners<'a> {
    /// Framing of the body.
    pub framing: Framing,
    /// The sender closes after this message: `Connection: close`, or HTTP/1.0 without `keep-alive`
    /// (RFC 9112 §9.3).
    pub close: bool,
    /// `Keep-Alive: timeout=`, in seconds.
    pub keep_alive_timeout: Option<u32>,
    /// Both an `Upgrade` field and `Connection: upgrade` (RFC 9110 §7.8).
    pub upgrade: bool,
    /// `Upgrade: websocket` (RFC 6455 §4.1).
    pub websocket: bool,
    /// The host asked for (RFC 9110 §7.2).
    pub host: Option<&'a [u8]>,
}

impl<'a> Head<'a> {
    /// Reads the head at the start of `bytes`. None where it is not whole yet, or its first line is no HTTP/1.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let length = head_length(bytes)?;
        let (head, _) = bytes.split_at_checked(length)?;
        let (line, fields) = split_line(head)?;
        Some(Self { start: StartLine::parse(line)?, fields, length })
    }

    /// The fields in order, names as sent, values trimmed. Lines without a colon are left out.
    pub fn fields(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let mut rest = self.fields;
        core::iter::from_fn(move || {
            loop {
                let (line, after) = split_line(rest)?;
                rest = after;
                if line.is_empty() {
                    return None;
                }
                if let Some(colon) = memchr::memchr(b':', line) {
                    let (name, value) = line.split_at_checked(colon)?;
                    return Some((name, value.get(1..)?.trim_ascii()));
                }
            }
        })
    }

    /// The value of the first field `name`, whose case does not matter.
    pub fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.fields().find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// What the head says about the end of the message and of the connection.
    pub fn manners(&self) -> Manners<'a> {
        let minor = match self.start {
            StartLine::Request { minor, .. } | StartLine::Response { minor, .. } => minor,
        };
        let (mut length, mut chunked, mut close, mut keep_alive) = (None, false, false, false);
        let (mut timeout, mut upgrade_field, mut upgrade_option) = (None, false, false);
        let (mut host, mut websocket) = (None, false);
        for (name, value) in self.fields() {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
            // Most names are none of these, and most of those have another length.
            match name.len() {
                14 if is("content-length") => length = length.or_else(|| decimal(value)),
                17 if is("transfer-encoding") => {
                    chunked |= last_token(value).eq_ignore_ascii_case(b"chunked");
                }
                10 | 16 if is("connection") || is("proxy-connection") => {
                    close |= has_token(value, "close");
                    keep_alive |= has_token(value, "keep-alive");
                    upgrade_option |= has_token(value, "upgrade");
                }
                10 if is("keep-alive") => timeout = timeout.or_else(|| keep_alive_timeout(value)),
                7 if is("upgrade") => {
                    upgrade_field = true;
                    websocket |= has_token(value, "websocket");
                }
                4 if is("host") => host = host.or(Some(value)),
                _ => {}
            }
        }
        let framing = match (chunked, length) {
            (true, _) => Framing::Chunked,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::Unsaid,
        };
        Manners {
            framing,
            close: close || (minor == 0 && !keep_alive),
            keep_alive_timeout: timeout,
            upgrade: upgrade_field && upgrade_option,
            websocket,
            host,
        }
    }
}

impl<'a> StartLine<'a> {
    /// Reads a first line, without its line end.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        if let Some(rest) = line.strip_prefix(b"HTTP/1.") {
            let (&minor, rest) = rest.split_first()?;
            let (digits, _) = rest.strip_prefix(b" ")?.split_at_checked(3)?;
            let status = u16::try_from(decimal(digits)?).ok().filter(|&status| status >= 100)?;
            return minor.is_ascii_digit().then(|| Self::Response { status, minor: u8::from(minor != b'0') });
        }
        let mut words = line.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let &[b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor] = version else { return None };
        let valid =
            words.next().is_none() && method.iter().all(|&byte| is_token(byte)) && minor.is_ascii_digit();
        valid.then(|| Self::Request { method, target, minor: u8::from(minor != b'0') })
    }
}

/// Whether a stream that begins with `bytes` can begin with a message of HTTP/1: a registered method (RFC 9110
/// §9, RFC 5789, and WebDAV's) and a space, or `HTTP/1.`. Fewer than [`ENOUGH`] bytes may not decide: none.
pub fn looks_like_start(bytes: &[u8]) -> Option<bool> {
    let mut undecided = false;
    for start in STARTS {
        let n = start.len().min(bytes.len());
        if bytes.first() == start.first() && bytes.get(..n) == start.get(..n) {
            if n == start.len() {
                return Some(true);
            }
            undecided = true;
        }
    }
    if undecided { None } else { Some(false) }
}

/// A value of decimal digits alone.
pub fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, &digit| {
        sum.checked_mul(10)?.checked_add(char::from(digit).to_digit(10)?.into())
    })
}

/// The size of a chunk from its line, extensions ignored (RFC 9112 §7.1).
pub fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, &digit| Some(sum << 4 | u64::from(char::from(digit).to_digit(16)?)))
}

/// Bytes up to and with the empty line that ends a head.
fn head_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        let line = memchr::memchr(b'\n', rest)?;
        let first = at == 0;
        at = at.saturating_add(line).saturating_add(1);
        if !first && matches!(rest.get(..line), Some([] | [b'\r'])) {
            return Some(at);
        }
    }
}

/// The first line without its end, and what follows.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', bytes)?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

fn last_token(value: &[u8]) -> &[u8] {
    tokens(value).last().unwrap_or_default()
}

fn has_token(value: &[u8], wanted: &str) -> bool {
    tokens(value).any(|token| token.eq_ignore_ascii_case(wanted.as_bytes()))
}

fn keep_alive_timeout(value: &[u8]) -> Option<u32> {
    tokens(value).find_map(|token| {
        let (name, rest) = token.split_at_checked(7)?;
        let number = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii();
        name.eq_ignore_ascii_case(b"timeout").then(|| decimal(number))?.and_then(|n| u32::try_from(n).ok())
    })
}

const fn is_token(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

const STARTS: [&[u8]; 26] = [
    b"HTTP/1.",
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"CONNECT ",
    b"PATCH ",
    b"TRACE ",
    b"PROPFIND",
    b"PROPPATC",
    b"REPORT ",
    b"SEARCH ",
    b"MKCOL ",
    b"COPY ",
    b"MOVE ",
    b"LOCK ",
    b"UNLOCK ",
    b"SUBSCRIB",
    b"NOTIFY ",
    b"M-SEARCH",
    b"CCM_POST",
    b"RPC_IN_D",
    b"RPC_OUT_",
    b"SSTP_DUP",
];

#[cfg(test)]
mod tests {
    use super::{Framing, Head, StartLine, chunk_size, looks_like_start};

    #[test]
    fn a_minor_version_that_is_no_digit_is_no_version() {
        // Found by fuzzing: the digit was computed before it was known to be one.
        assert_eq!(StartLine::parse(b"HTTP/1.\x11 200 OK"), None);
        assert_eq!(StartLine::parse(b"GET / HTTP/1.\x05"), None);
    }

    #[test]
    fn a_request() {
        let bytes =
            b"GET /a?b HTTP/1.1\r\nHost: h:80\r\nConnection: Keep-Alive, Upgrade\r\nUPGRADE: x\r\n\r\nrest";
        let head = Head::parse(bytes).unwrap();
        assert_eq!(head.start, StartLine::Request { method: b"GET", target: b"/a?b", minor: 1 });
        assert_eq!(head.manners().host, Some(b"h:80".as_slice()));
        assert_eq!(head.length, bytes.len() - 4);
        let manners = head.manners();
        assert_eq!(manners.framing, Framing::Unsaid);
        assert!(manners.upgrade && !manners.close);
    }

    #[test]
    fn responses_and_their_framing() {
        let head =
            Head::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nKeep-Alive: timeout=5, max=9\r\n\r\n")
                .unwrap();
        assert_eq!(head.start, StartLine::Response { status: 200, minor: 1 });
        assert_eq!(head.manners().framing, Framing::Length(12));
        assert_eq!(head.manners().keep_alive_timeout, Some(5));
        let head = Head::parse(b"HTTP/1.0 404\nTransfer-Encoding: gzip, chunked\n\n").unwrap();
        assert_eq!(head.manners().framing, Framing::Chunked);
        assert!(head.manners().close);
    }

    #[test]
    fn what_is_not_whole_or_not_http() {
        let whole = b"GET / HTTP/1.0\r\n\r\n";
        assert!((0..whole.len()).all(|end| Head::parse(&whole[..end]).is_none()));
        assert!(Head::parse(whole).is_some());
        assert!(Head::parse(b"220 mail ESMTP\r\n\r\n").is_none());
        assert_eq!(looks_like_start(b"GE"), None);
        assert_eq!(looks_like_start(b"GET "), Some(true));
        assert_eq!(looks_like_start(b"\x16\x03\x01"), Some(false));
    }

    #[test]
    fn chunk_lines() {
        assert_eq!(chunk_size(b"1aF ; name=value"), Some(0x1af));
        assert_eq!(chunk_size(b"0"), Some(0));
        assert_eq!(chunk_size(b"x"), None);
        assert_eq!(chunk_size(b"1000000000000000000"), None);
    }
}
