//! The one buffer: a window of bytes that only moves forward.
//!
//! Whether the bytes are in memory or read from a file or a stream shows nowhere else. What was asked for with
//! [`Window::need`] stays in place until the next `need`: a packet can be lent out without a copy.
//!
//! Files are read and never mapped: a mapped file that another program cuts short kills whoever touches what is gone,
//! and all of it counts as memory. Reading into a buffer that stays in the cache is as fast.

use std::fmt;
use std::io::{self, ErrorKind, Read};

#[cfg(feature = "threads")]
use crate::ahead::{Ahead, Chunk, FRONT};
use crate::bytes::Bytes;

/// What a stream is read by. Small enough to stay in the second-level cache until it is parsed.
const CHUNK: usize = 64 << 10;

/// How far ahead of the cursor to ask for memory. Measured: shorter does not hide the latency, longer falls out of the
/// cache.
const AHEAD: usize = 4096;

/// Asks for the line that lies 4 KiB behind `at` in `bytes`. Reading a capture is a pointer chase: where record n+1
/// begins is known only when the header of record n has arrived from memory.
#[inline]
pub(crate) fn ask_ahead(bytes: &[u8], at: usize) {
    hangup_prefetch::line(bytes.as_ptr().wrapping_add(at).wrapping_add(AHEAD));
}

/// A window of bytes that only moves forward.
#[derive(Debug)]
pub(crate) struct Window {
    source: Source,
    /// Where in the source's bytes the window begins.
    cursor: usize,
    /// The offset in the file of the first of the source's bytes.
    base: u64,
}

#[derive(Debug)]
enum Source {
    Whole(Bytes),
    Stream(Stream),
}

struct Stream {
    read: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    filled: usize,
    ended: bool,
    failure: Option<io::Error>,
    /// The thread that reads on, where there is one.
    #[cfg(feature = "threads")]
    ahead: Option<Ahead>,
    /// There is to be one.
    #[cfg(feature = "threads")]
    wants_ahead: bool,
}

impl Window {
    /// A window on bytes in memory.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { source: Source::Whole(bytes), cursor: 0, base: 0 }
    }

    /// A window on a stream.
    pub(crate) fn stream(read: Box<dyn Read + Send>) -> Self {
        let stream = Stream {
            read,
            buffer: vec![0; CHUNK],
            filled: 0,
            ended: false,
            failure: None,
            #[cfg(feature = "threads")]
            ahead: None,
            #[cfg(feature = "threads")]
            wants_ahead: false,
        };
        Self { source: Source::Stream(stream), cursor: 0, base: 0 }
    }

    /// Has a stream read by a thread of its own, ahead of what is looked at; what is in memory stays as it is.
    #[cfg(feature = "threads")]
    pub(crate) fn read_ahead(&mut self) {
        if let Source::Stream(stream) = &mut self.source {
            stream.wants_ahead = stream.ahead.is_none();
        }
    }

    /// Has at least `count` bytes in the window; false where there are fewer before the end.
    #[inline]
    pub(crate) fn need(&mut self, count: usize) -> bool {
        self.ahead().len() >= count || self.fill(count)
    }

    /// All bytes that are in the window now: those that can be had without waiting.
    #[inline]
    pub(crate) fn ahead(&self) -> &[u8] {
        self.held().get(self.cursor..).unwrap_or_default()
    }

    /// The place of the window's first byte in [`Window::held`]; good until the next [`Window::need`].
    #[inline]
    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    /// Moves to a place in [`Window::held`] further on.
    #[inline]
    pub(crate) fn pass_to(&mut self, place: usize) {
        self.cursor = place;
    }

    /// The offset of the window's first byte from the start of the file.
    #[inline]
    pub(crate) fn offset(&self) -> u64 {
        self.base.wrapping_add(self.cursor as u64)
    }

    /// Moves past `count` bytes that [`Window::need`] has found.
    #[inline]
    pub(crate) fn pass(&mut self, count: usize) {
        self.cursor = self.cursor.wrapping_add(count);
    }

    /// Moves past `count` bytes that need not be held together; returns how many there were.
    pub(crate) fn skip(&mut self, count: u64) -> u64 {
        let mut left = count;
        while left > 0 {
            let here = self.ahead().len();
            if here == 0 && !self.fill(1) {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(self.ahead().len());
            self.cursor = self.cursor.saturating_add(step);
            left = left.saturating_sub(step as u64);
        }
        count.saturating_sub(left)
    }

    /// How many bytes are left; `None` where only the end of the stream will tell.
    #[inline]
    pub(crate) fn left(&self) -> Option<u64> {
        match &self.source {
            Source::Stream(stream) if !stream.ended => None,
            _ => Some(self.ahead().len() as u64),
        }
    }

    /// Why the stream could not be read to its end, if so.
    pub(crate) fn failure(&self) -> Option<&io::Error> {
        let Source::Stream(stream) = &self.source else { return None };
        stream.failure.as_ref()
    }

    /// Takes the failure out, to be returned as an error.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        let Source::Stream(stream) = &mut self.source else { return None };
        stream.failure.take()
    }

    /// What is held and what is still to come, as one stream again.
    #[cfg(feature = "compression")]
    pub(crate) fn into_read(self) -> Box<dyn Read + Send> {
        let cursor = self.cursor;
        match self.source {
            Source::Whole(bytes) => {
                let mut all = io::Cursor::new(bytes);
                all.set_position(cursor as u64);
                Box::new(all)
            }
            Source::Stream(mut stream) => {
                stream.buffer.truncate(stream.filled);
                let mut held = io::Cursor::new(stream.buffer);
                held.set_position(cursor as u64);
                Box::new(held.chain(stream.read))
            }
        }
    }

    /// The bytes that places such as [`Window::cursor`] count in; good until the next [`Window::need`].
    #[inline]
    pub(crate) fn held(&self) -> &[u8] {
        match &self.source {
            Source::Whole(bytes) => bytes.as_ref(),
            Source::Stream(stream) => stream.buffer.get(..stream.filled).unwrap_or_default(),
        }
    }

    #[cold]
    fn fill(&mut self, count: usize) -> bool {
        let Source::Stream(stream) = &mut self.source else { return false };
        while stream.filled.saturating_sub(self.cursor) < count && !stream.ended {
            let cursor = stream.more(self.cursor, count);
            self.base = self.base.wrapping_add(self.cursor as u64).wrapping_sub(cursor as u64);
            self.cursor = cursor;
        }
        stream.filled.saturating_sub(self.cursor) >= count
    }
}

#[cfg(feature = "threads")]
impl Stream {
    /// Hands the reading over to a thread, where there is to be one and this is not a small one, which is here already.
    fn run_ahead(&mut self) {
        if !self.wants_ahead || self.filled < CHUNK {
            return;
        }
        self.wants_ahead = false;
        match Ahead::begin(std::mem::replace(&mut self.read, Box::new(io::empty()))) {
            Ok(ahead) => self.ahead = Some(ahead),
            Err(read) => self.read = read,
        }
    }

    /// Takes in what was read ahead: its buffer takes the place of this one, and what is left here, from `cursor` on, goes
    /// in front of it.
    fn append(&mut self, cursor: usize, (mut chunk, length): Chunk) -> usize {
        let left = self.buffer.get(cursor..self.filled).unwrap_or_default();
        let place = FRONT.checked_sub(left.len());
        if let Some(place) = place
            && let Some(front) = chunk.get_mut(place..FRONT)
        {
            front.copy_from_slice(left);
            self.filled = FRONT.saturating_add(length).min(chunk.len());
            std::mem::swap(&mut self.buffer, &mut chunk);
            self.give_back(chunk);
            return place;
        }
        // A packet of more than a chunk: it grows together here.
        self.move_up(cursor);
        self.buffer.truncate(self.filled);
        self.buffer
            .extend_from_slice(chunk.get(FRONT..).and_then(|data| data.get(..length)).unwrap_or_default());
        self.filled = self.buffer.len();
        self.give_back(chunk);
        0
    }

    fn give_back(&self, spent: Vec<u8>) {
        if let Some(ahead) = &self.ahead {
            ahead.give_back(spent);
        }
    }
}

impl Stream {
    /// Has more bytes behind those from `cursor` on, which may move, or has ended: gives their new place.
    fn more(&mut self, cursor: usize, wanted: usize) -> usize {
        #[cfg(feature = "threads")]
        {
            self.run_ahead();
            match self.ahead.as_ref().map(Ahead::next) {
                Some(Some(Ok(chunk))) => return self.append(cursor, chunk),
                Some(end) => {
                    self.ended = true;
                    self.failure = end.and_then(Result::err);
                    return cursor;
                }
                None => {}
            }
        }
        self.move_up(cursor);
        self.read_more(wanted);
        0
    }

    /// Moves what stands from `cursor` on to the front.
    fn move_up(&mut self, cursor: usize) {
        if cursor > 0 {
            self.buffer.copy_within(cursor..self.filled, 0);
            self.filled = self.filled.saturating_sub(cursor);
        }
    }

    /// Reads once. The buffer doubles, up to the `wanted` bytes, only when it is full of real ones: a record that claims
    /// to be long costs no more memory than the stream has bytes.
    fn read_more(&mut self, wanted: usize) {
        if self.filled == self.buffer.len() {
            let length = self.buffer.len().saturating_mul(2).min(wanted.max(CHUNK));
            self.buffer.reserve_exact(length.saturating_sub(self.filled));
            self.buffer.resize(length, 0);
        }
        match self.read.read(self.buffer.get_mut(self.filled..).unwrap_or_default()) {
            Ok(0) => self.ended = true,
            Ok(count) => self.filled = self.filled.saturating_add(count).min(self.buffer.len()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                self.ended = true;
                self.failure = Some(error);
            }
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("filled", &self.filled)
            .field("ended", &self.ended)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that gives one byte at a time and then fails.
    struct Drip(Vec<u8>);

    impl Read for Drip {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::Error::other("gone"));
            }
            into[0] = self.0.remove(0);
            Ok(1)
        }
    }

    #[test]
    fn a_dripping_stream_and_memory_look_alike() {
        let bytes: Vec<u8> = (0..200).collect();
        for mut window in [Window::whole(bytes.clone().into()), Window::stream(Box::new(Drip(bytes)))] {
            assert!(window.need(10));
            assert_eq!(window.ahead()[..10], (0..10).collect::<Vec<u8>>());
            let start = window.cursor();
            window.pass(10);
            assert_eq!(window.held()[start..start + 10], (0..10).collect::<Vec<u8>>());
            assert_eq!(window.skip(50), 50);
            assert_eq!(window.offset(), 60);
            assert!(window.need(140) && !window.need(141));
            assert_eq!(window.ahead()[0], 60);
            assert_eq!(window.left(), Some(140));
            assert_eq!(window.skip(141), 140);
            assert_eq!(window.offset(), 200);
            assert!(window.ahead().is_empty());
        }
    }

    #[test]
    fn the_failure_of_a_stream_is_its_end_and_is_kept() {
        let mut window = Window::stream(Box::new(Drip(vec![1, 2])));
        assert!(!window.need(3));
        assert_eq!(window.ahead(), [1, 2]);
        assert_eq!(window.failure().map(ToString::to_string).as_deref(), Some("gone"));
    }

    /// Reads in pieces of changing sizes, and fails at the end.
    #[cfg(feature = "threads")]
    struct Pieces(io::Cursor<Vec<u8>>, usize);

    #[cfg(feature = "threads")]
    impl Read for Pieces {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = self.1 * 7 % 300_007 + 1;
            let most = into.len().min(self.1);
            match self.0.read(&mut into[..most]) {
                Ok(0) => Err(io::Error::other("gone")),
                other => other,
            }
        }
    }

    /// Small records and such as no chunk holds: whoever reads ahead gives the same bytes at the same offsets.
    #[cfg(feature = "threads")]
    #[test]
    fn reading_ahead_looks_like_reading() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|at| at.wrapping_mul(31).to_le_bytes()[1]).collect();
        for lengths in [&[100, 70_000, 3, 1_000_000][..], &[1_500, 54], &[262_144]] {
            let mut window = Window::stream(Box::new(Pieces(io::Cursor::new(bytes.clone()), 1)));
            window.read_ahead();
            let mut at = 0;
            for &length in lengths.iter().cycle() {
                let there = window.need(length);
                assert_eq!(there, at + length <= bytes.len(), "{at} and {length}");
                assert_eq!(window.offset(), at as u64);
                if !there {
                    break;
                }
                assert!(window.ahead()[..length] == bytes[at..at + length], "{at} and {length}");
                window.pass(length);
                at += length;
            }
            assert!(matches!(&window.source, Source::Stream(stream) if stream.ahead.is_some()));
            assert!(window.ahead() == &bytes[at..] && window.left() == Some((bytes.len() - at) as u64));
            assert_eq!(window.failure().map(ToString::to_string).as_deref(), Some("gone"));
        }
    }

    #[test]
    fn the_buffer_grows_to_a_long_record_only() {
        let mut window = Window::stream(Box::new(io::repeat(7).take(10 * CHUNK as u64)));
        assert!(window.need(3 * CHUNK));
        let Source::Stream(stream) = &window.source else { unreachable!() };
        assert_eq!(stream.buffer.len(), 3 * CHUNK);
        assert_eq!(window.skip(u64::MAX), 10 * CHUNK as u64);
        let Source::Stream(stream) = &window.source else { unreachable!() };
        assert_eq!(stream.buffer.len(), 3 * CHUNK);
    }
}
