//! Requests and responses of HTTP/1 in clear (RFC 9112): what was asked, and whether it was answered in full.

use crate::Http;
use hangup_wire::http::{self, Framing, Head, Manners, StartLine};
use hangup_wire::{PerSide, Side};

/// The longest head that is waited for.
const HEAD: usize = 64 * 1024;

/// The longest line inside a chunked body.
const LINE: usize = 1024;

/// Words from the wire are kept up to this many bytes.
const WORDS: usize = 80;

/// The exchanges of one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    asker: Option<Side>,
    readers: PerSide<Reader>,
    /// Heads and lines that are split over segments, as far as they have come; boxed, for hardly any is.
    split: Option<Box<PerSide<Vec<u8>>>>,
    /// Requests that no final response has begun to answer, oldest first.
    pending: Pending,
    /// Something is missing: what is pending is not known.
    unsure: bool,
    requests: u32,
    responses: u32,
    /// Method and target of the last request, and behind them the host that it names: kept as bytes, so that one
    /// request after the other allocates nothing. Empty where there is none.
    said: Vec<u8>,
    /// Where the host begins in them.
    host: u8,
    status: Option<u16>,
    close_asked: bool,
    close_announced: bool,
    keep_alive_timeout: Option<u32>,
    response_complete: Option<bool>,
    handed_over: bool,
    to_websocket: bool,
}

/// What of a request decides how its response is framed (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Other,
    Head,
    Connect,
}

/// Requests whose methods are remembered until they are answered: two bits each, the oldest in the lowest.
#[derive(Clone, Copy, Debug, Default)]
struct Pending {
    kinds: u64,
    count: u8,
}

impl Pending {
    /// So many find room.
    const MOST: u8 = 32;

    /// One more; false where there are too many.
    fn push(&mut self, asked: Asked) -> bool {
        let fits = self.count < Self::MOST;
        if fits {
            self.kinds |= (asked as u64) << (2 * self.count);
            self.count += 1;
        }
        fits
    }

    /// The oldest, which is answered now.
    fn pop(&mut self) -> Option<Asked> {
        self.count = self.count.checked_sub(1)?;
        let oldest = self.kinds & 3;
        self.kinds >>= 2;
        Some(match oldest {
            1 => Asked::Head,
            2 => Asked::Connect,
            _ => Asked::Other,
        })
    }

    fn is_empty(self) -> bool {
        self.count == 0
    }
}

/// One side's place in its messages.
#[derive(Clone, Debug, Default)]
struct Reader {
    stage: Stage,
    /// The message is a response.
    response: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Head,
    Length(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailer,
    UntilClose,
    Lost,
}

impl Exchange {
    /// The next bytes of `side`.
    pub(crate) fn feed(&mut self, side: Side, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.handed_over {
            let used = match self.readers[side].stage {
                Stage::Head => self.head(side, bytes),
                Stage::Length(left) => self.body(side, left, bytes, Stage::Length, Stage::Head),
                Stage::Chunk(left) => self.body(side, left, bytes, Stage::Chunk, Stage::ChunkEnd),
                Stage::ChunkSize | Stage::ChunkEnd | Stage::Trailer => self.line(side, bytes),
                Stage::UntilClose => return,
                Stage::Lost => {
                    if http::looks_like_start(bytes) != Some(true) {
                        return;
                    }
                    self.readers[side].stage = Stage::Head;
                    0
                }
            };
            bytes = bytes.get(used..).unwrap_or_default();
        }
    }

    /// `missing` bytes of `side` are not in the capture.
    pub(crate) fn gap(&mut self, side: Side, missing: u64) {
        match self.readers[side].stage {
            Stage::Length(left) if left >= missing => {
                self.advance(side, left - missing, Stage::Length, Stage::Head);
            }
            Stage::Chunk(left) if left >= missing => {
                self.advance(side, left - missing, Stage::Chunk, Stage::ChunkEnd);
            }
            Stage::UntilClose => {}
            Stage::Head => {
                // A head torn behind its first line still says what was asked or answered.
                let text =
                    self.split.as_mut().map(|split| std::mem::take(&mut split[side])).unwrap_or_default();
                if let Some(end) = text.iter().position(|&byte| byte == b'\n') {
                    let line = [text.get(..=end).unwrap_or_default(), b"\r\n"].concat();
                    if let Some(head) = Head::parse(&line) {
                        let announced = self.close_announced;
                        self.message(side, &head);
                        // What the lost fields said of the end is not known.
                        self.close_announced = announced;
                        self.close_asked = false;
                    }
                }
                self.lose(side);
            }
            _ => self.lose(side),
        }
    }

    /// What has come of a head or a line of `side` that is split over segments.
    fn text(&self, side: Side) -> &[u8] {
        self.split.as_ref().map_or(&[], |split| &split[side])
    }

    fn text_mut(&mut self, side: Side) -> &mut Vec<u8> {
        &mut self.split.get_or_insert_default()[side]
    }

    /// How much memory it takes beyond itself.
    pub(crate) fn kept(&self) -> usize {
        let texts = self.split.as_ref().map_or(0, |split| split.client.capacity() + split.server.capacity());
        self.split.as_deref().map_or(0, size_of_val) + texts + self.said.capacity()
    }

    /// No message of `side` is under way, or none that can be followed.
    pub(crate) fn is_between(&self, side: Side) -> bool {
        let reader = &self.readers[side];
        matches!(reader.stage, Stage::Lost | Stage::UntilClose)
            || (reader.stage == Stage::Head && self.text(side).is_empty())
    }

    /// Another protocol has the connection now.
    pub(crate) const fn handed_over(&self) -> bool {
        self.handed_over
    }

    /// That protocol is WebSocket (RFC 6455 §4.2.2).
    pub(crate) const fn to_websocket(&self) -> bool {
        self.to_websocket
    }

    /// Bytes at least missing from the message that `side` had begun.
    pub(crate) fn missing(&self, side: Side) -> Option<u64> {
        let reader = &self.readers[side];
        match reader.stage {
            Stage::Length(left) | Stage::Chunk(left) => Some(left),
            Stage::ChunkSize | Stage::ChunkEnd | Stage::Trailer => Some(1),
            Stage::Head if !self.text(side).is_empty() => Some(1),
            Stage::Head | Stage::UntilClose | Stage::Lost => None,
        }
    }

    /// The facts.
    pub(crate) fn summary(&self) -> Http {
        let unfinished = Side::BOTH.iter().any(|&side| self.missing(side).is_some());
        let until_close = Side::BOTH.iter().any(|&side| self.readers[side].stage == Stage::UntilClose);
        let outstanding = match (self.unsure, unfinished || !self.pending.is_empty(), until_close) {
            _ if self.handed_over => None,
            (true, ..) | (false, false, true) => None,
            (false, true, _) => Some(true),
            (false, false, false) => Some(false),
        };
        let (request, host) = self.said.split_at_checked(self.host.into()).unwrap_or((&self.said, &[]));
        Http {
            asker: self.asker,
            requests: self.requests,
            responses: self.responses,
            request: words(request),
            host: words(host),
            status: self.status,
            outstanding,
            response_complete: self.response_complete,
            close_announced: self.close_announced || (self.close_asked && self.pending.is_empty()),
            keep_alive_timeout: self.keep_alive_timeout,
            handed_over: self.handed_over,
        }
    }

    /// Reads a head, at once or over several calls; gives how many of `bytes` were used.
    fn head(&mut self, side: Side, bytes: &[u8]) -> usize {
        if self.text(side).is_empty() {
            // Empty lines before a message are tolerated (RFC 9112 §2.2).
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if blank > 0 {
                return blank;
            }
            if let Some(head) = Head::parse(bytes) {
                self.message(side, &head);
                return head.length;
            }
            if http::looks_like_start(bytes) == Some(false) && !could_be_a_method(bytes) {
                self.lose(side);
                return bytes.len();
            }
        }
        let before = self.text(side).len();
        let room = HEAD.saturating_sub(before).min(bytes.len());
        let text = self.text_mut(side);
        text.extend_from_slice(bytes.get(..room).unwrap_or_default());
        // Only what is new is looked at: who sends a head byte by byte does not have all of it read each time.
        let new = text.get(before.saturating_sub(2)..).unwrap_or_default();
        if !holds_blank_line(new) && before + bytes.len() <= HEAD {
            return bytes.len();
        }
        let text = std::mem::take(text);
        match Head::parse(&text) {
            Some(head) => {
                self.message(side, &head);
                head.length.saturating_sub(before)
            }
            None if text.len() < HEAD && !ends_a_head(&text) => {
                *self.text_mut(side) = text;
                bytes.len()
            }
            None => {
                self.lose(side);
                bytes.len()
            }
        }
    }

    /// A message begins.
    fn message(&mut self, side: Side, head: &Head<'_>) {
        let manners = head.manners();
        self.readers[side].stage = match head.start {
            StartLine::Request { method, target, .. } => self.request(side, method, target, manners),
            StartLine::Response { status, .. } => self.response(side, status, manners),
        };
        if self.readers[side].stage == Stage::Head {
            self.done(side);
        }
    }

    fn request(&mut self, side: Side, method: &[u8], target: &[u8], manners: Manners<'_>) -> Stage {
        self.asker = Some(side);
        self.requests = self.requests.saturating_add(1);
        self.said.clear();
        for part in [method, b" ", target] {
            let room = WORDS.saturating_sub(self.said.len()).min(part.len());
            self.said.extend_from_slice(part.get(..room).unwrap_or_default());
        }
        let host = manners.host.unwrap_or_default();
        self.host = u8::try_from(self.said.len()).unwrap_or(u8::MAX);
        self.said.extend_from_slice(host.get(..WORDS).unwrap_or(host));
        self.close_asked = manners.close;
        if self.unsure {
            // Whatever was open before the hole, a client that asks again has mostly got its answer.
            self.unsure = self.readers[side.other()].stage == Stage::Lost;
            self.pending = Pending::default();
        }
        self.unsure |= !self.pending.push(match method {
            b"HEAD" => Asked::Head,
            b"CONNECT" => Asked::Connect,
            _ => Asked::Other,
        });
        self.readers[side].response = false;
        match manners.framing {
            Framing::Length(0) | Framing::Unsaid => Stage::Head,
            Framing::Length(length) => Stage::Length(length),
            Framing::Chunked => Stage::ChunkSize,
        }
    }

    fn response(&mut self, side: Side, status: u16, manners: Manners<'_>) -> Stage {
        self.asker = Some(side.other());
        if (100..200).contains(&status) && status != 101 {
            // An interim response: the final one is still to come.
            self.readers[side].response = false;
            return Stage::Head;
        }
        let asked = self.pending.pop().unwrap_or(Asked::Other);
        self.responses = self.responses.saturating_add(1);
        self.status = Some(status);
        self.close_announced = manners.close;
        self.keep_alive_timeout = manners.keep_alive_timeout;
        self.readers[side].response = true;
        self.response_complete = Some(false);
        let connected = asked == Asked::Connect && (200..300).contains(&status);
        self.handed_over = status == 101 || connected;
        self.to_websocket = status == 101 && manners.websocket;
        match manners.framing {
            _ if self.handed_over || asked == Asked::Head || matches!(status, 204 | 304) => Stage::Head,
            Framing::Length(0) => Stage::Head,
            Framing::Length(length) => Stage::Length(length),
            Framing::Chunked => Stage::ChunkSize,
            Framing::Unsaid => {
                self.response_complete = None;
                self.close_announced = true;
                Stage::UntilClose
            }
        }
    }

    fn body(&mut self, side: Side, left: u64, bytes: &[u8], stage: fn(u64) -> Stage, then: Stage) -> usize {
        let used = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        self.advance(side, left - used as u64, stage, then);
        used
    }

    fn advance(&mut self, side: Side, left: u64, stage: fn(u64) -> Stage, then: Stage) {
        self.readers[side].stage = if left > 0 { stage(left) } else { then };
        if left == 0 && then == Stage::Head {
            self.done(side);
        }
    }

    /// Reads a line of a chunked body (RFC 9112 §7.1); gives how many of `bytes` were used.
    fn line(&mut self, side: Side, bytes: &[u8]) -> usize {
        let stage = self.readers[side].stage;
        let end = memchr::memchr(b'\n', bytes);
        let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        let before = self.text(side).len();
        if before + part.len() > LINE {
            self.lose(side);
            return bytes.len();
        }
        let Some(end) = end else {
            self.text_mut(side).extend_from_slice(part);
            return bytes.len();
        };
        let whole = if before == 0 {
            part
        } else {
            let text = self.text_mut(side);
            text.extend_from_slice(part);
            text
        };
        let line = whole.strip_suffix(b"\r").unwrap_or(whole);
        let next = behind_line(stage, line);
        if before > 0 {
            self.text_mut(side).clear();
        }
        let reader = &mut self.readers[side];
        match next {
            Some(Stage::Head) => {
                reader.stage = Stage::Head;
                self.done(side);
            }
            Some(stage) => reader.stage = stage,
            None => self.lose(side),
        }
        end + 1
    }

    /// A message is whole.
    fn done(&mut self, side: Side) {
        if std::mem::take(&mut self.readers[side].response) {
            self.response_complete = Some(true);
        }
    }

    fn lose(&mut self, side: Side) {
        self.readers[side] = Reader { stage: Stage::Lost, response: false };
        if let Some(split) = &mut self.split {
            split[side] = Vec::new();
        }
        self.unsure = true;
        self.response_complete = None;
    }
}

/// What comes behind a line of a chunked body; none where it is none.
fn behind_line(stage: Stage, line: &[u8]) -> Option<Stage> {
    match (stage, line) {
        (Stage::ChunkEnd, []) => Some(Stage::ChunkSize),
        (Stage::Trailer, []) => Some(Stage::Head),
        (Stage::Trailer, _) => Some(Stage::Trailer),
        (Stage::ChunkSize, _) => http::chunk_size(line).map(|size| match size {
            0 => Stage::Trailer,
            size => Stage::Chunk(size),
        }),
        _ => None,
    }
}

/// A method that is not in any list.
fn could_be_a_method(bytes: &[u8]) -> bool {
    let word =
        bytes.iter().take_while(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')).count();
    (word > 0 && word == bytes.len()) || (word >= 3 && bytes.get(word) == Some(&b' '))
}

/// A line ends here, and behind it an empty one.
fn holds_blank_line(text: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', text).any(|end| {
        let behind = text.get(end + 1..).unwrap_or_default();
        behind.starts_with(b"\n") || behind.starts_with(b"\r\n")
    })
}

/// The head is whole, whatever its first line says.
fn ends_a_head(text: &[u8]) -> bool {
    text.ends_with(b"\n\r\n") || text.ends_with(b"\n\n")
}

fn words(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Asked, Exchange, Pending};
    use hangup_wire::Side::{Client, Server};

    #[test]
    fn thirty_two_requests_may_be_pending() {
        let mut pending = Pending::default();
        let asked = |nth: usize| [Asked::Connect, Asked::Other, Asked::Head][nth % 3];
        assert!((0..32).all(|nth| pending.push(asked(nth))) && !pending.push(Asked::Head));
        assert!((0..32).all(|nth| pending.pop() == Some(asked(nth))));
        assert!(pending.is_empty() && pending.pop().is_none());
        assert!(pending.push(Asked::Head) && pending.pop() == Some(Asked::Head));
    }

    const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

    #[test]
    fn an_answer_of_known_length() {
        let mut exchange = Exchange::default();
        exchange.feed(Client, GET);
        assert_eq!(exchange.summary().outstanding, Some(true));
        exchange.feed(Server, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nKeep-Alive: timeout=7\r\n\r\nhel");
        let half = exchange.summary();
        assert_eq!((half.outstanding, half.response_complete), (Some(true), Some(false)));
        assert_eq!(exchange.missing(Server), Some(2));
        exchange.feed(Server, b"lo");
        let whole = exchange.summary();
        assert_eq!((whole.outstanding, whole.response_complete), (Some(false), Some(true)));
        assert_eq!((whole.request.as_deref(), whole.status), (Some("GET /a"), Some(200)));
        assert_eq!((whole.keep_alive_timeout, whole.close_announced), (Some(7), false));
    }

    #[test]
    fn chunks_however_they_are_cut() {
        let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n";
        for size in 1..answer.len() {
            let mut exchange = Exchange::default();
            exchange.feed(Client, GET);
            let (most, last) = answer.split_at(answer.len() - 1);
            most.chunks(size).for_each(|chunk| exchange.feed(Server, chunk));
            assert_eq!(exchange.summary().outstanding, Some(true), "in chunks of {size}");
            exchange.feed(Server, last);
            assert_eq!(exchange.summary().response_complete, Some(true), "in chunks of {size}");
            assert_eq!(exchange.summary().outstanding, Some(false));
        }
    }

    #[test]
    fn answers_without_a_body_and_before_the_final_one() {
        let mut exchange = Exchange::default();
        exchange.feed(
            Client,
            b"HEAD / HTTP/1.1\r\n\r\nPUT /b HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
        );
        exchange.feed(Server, b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
        assert_eq!(exchange.summary().outstanding, Some(true));
        exchange.feed(Client, b"ab");
        exchange.feed(Server, b"HTTP/1.1 204 Gone\r\n\r\n");
        let summary = exchange.summary();
        assert_eq!((summary.requests, summary.responses, summary.outstanding), (2, 2, Some(false)));
    }

    #[test]
    fn an_answer_until_the_connection_closes() {
        let mut exchange = Exchange::default();
        exchange.feed(Client, b"GET / HTTP/1.0\r\n\r\n");
        exchange.feed(Server, b"HTTP/1.0 200 OK\r\n\r\nbytes");
        let summary = exchange.summary();
        assert_eq!((summary.outstanding, summary.response_complete), (None, None));
        assert!(summary.close_announced);
    }

    #[test]
    fn holes_are_crossed_or_admitted() {
        let mut exchange = Exchange::default();
        exchange.feed(Client, GET);
        exchange.feed(Server, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh");
        exchange.gap(Server, 4);
        assert_eq!(exchange.summary().outstanding, Some(false));
        exchange.gap(Server, 10);
        assert_eq!(exchange.summary().outstanding, None);
        exchange.feed(Server, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        exchange.feed(Client, GET);
        assert_eq!(exchange.summary().outstanding, Some(true));
    }

    #[test]
    fn torn_heads_still_say_what_was_asked() {
        let mut exchange = Exchange::default();
        exchange.feed(Client, b"GET /torn HTTP/1.1\r\nHost");
        exchange.gap(Client, 300);
        exchange.feed(Server, b"HTTP/1.1 404 Not Found\r\nContent-");
        exchange.gap(Server, 300);
        let summary = exchange.summary();
        assert_eq!((summary.request.as_deref(), summary.status), (Some("GET /torn"), Some(404)));
        assert_eq!((summary.requests, summary.responses, summary.outstanding), (1, 1, None));
        assert_eq!((summary.response_complete, summary.handed_over), (None, false));
    }

    #[test]
    fn a_tunnel_is_handed_over() {
        let mut exchange = Exchange::default();
        exchange.feed(Client, b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n");
        exchange.feed(Server, b"HTTP/1.1 200 Connection established\r\n\r\n");
        assert!(exchange.handed_over());
    }
}
