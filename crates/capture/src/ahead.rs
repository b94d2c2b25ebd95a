//! A stream that a thread of its own reads, or decompresses, ahead of whoever looks at its bytes.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What is read at once: a few of them stay in the cache that the processors share.
const CHUNK: usize = 256 << 10;
/// Room in front of each chunk for what was left of the one before: more than any packet has, as a rule.
const FRONT: usize = 64 << 10;
/// Chunks that may wait to be looked at.
const WAITING: usize = 4;

/// Bytes that were read ahead.
pub(crate) struct Ahead {
    chunks: Receiver<io::Result<Chunk>>,
    /// Where chunks go that are used up, to be filled again.
    spent: SyncSender<Vec<u8>>,
    buffer: Vec<u8>,
    filled: usize,
    ended: bool,
    failure: Option<io::Error>,
}

/// A buffer, and how many bytes stand in it behind its front.
type Chunk = (Vec<u8>, usize);

impl Ahead {
    /// Begins to read on a thread of its own. `held` was read before and stays where it is. Where there is no thread to be
    /// had, both come back.
    pub(crate) fn begin(
        read: Box<dyn Read + Send>,
        held: Vec<u8>,
        filled: usize,
    ) -> Result<Self, (Box<dyn Read + Send>, Vec<u8>)> {
        let (give, given) = sync_channel::<Box<dyn Read + Send>>(1);
        let (send, chunks) = sync_channel(WAITING);
        let (spent, spare) = sync_channel(WAITING);
        let run = move || {
            if let Ok(mut read) = given.recv() {
                fill_chunks(&mut read, &spare, &send);
            }
        };
        if thread::Builder::new().name("reader".into()).spawn(run).is_err() {
            return Err((read, held));
        }
        match give.send(read) {
            Ok(()) => Ok(Self { chunks, spent, buffer: held, filled, ended: false, failure: None }),
            Err(back) => Err((back.0, held)),
        }
    }

    /// The bytes.
    #[inline]
    pub(crate) fn held(&self) -> &[u8] {
        self.buffer.get(..self.filled).unwrap_or_default()
    }

    /// Nothing more comes.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Why nothing more comes, where it is not the end.
    pub(crate) fn failure(&mut self) -> &mut Option<io::Error> {
        &mut self.failure
    }

    /// The same, to look at.
    pub(crate) fn failed(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Has more bytes behind those from `cursor` on, which may move: gives their new place, or `None` where nothing more
    /// comes.
    pub(crate) fn more(&mut self, cursor: usize) -> Option<usize> {
        if self.ended {
            return None;
        }
        match self.chunks.recv() {
            Ok(Ok((chunk, length))) => Some(self.append(cursor, chunk, length)),
            Ok(Err(error)) => {
                self.failure = Some(error);
                self.ended = true;
                None
            }
            Err(_) => {
                self.ended = true;
                None
            }
        }
    }

    fn append(&mut self, cursor: usize, mut chunk: Vec<u8>, length: usize) -> usize {
        let left = self.buffer.get(cursor..self.filled).unwrap_or_default();
        let place = FRONT.checked_sub(left.len());
        if let Some(place) = place
            && let Some(front) = chunk.get_mut(place..FRONT)
        {
            front.copy_from_slice(left);
            let spent = std::mem::replace(&mut self.buffer, chunk);
            self.filled = FRONT.saturating_add(length).min(self.buffer.len());
            self.give_back(spent);
            return place;
        }
        // A packet of more than a chunk: it grows together here.
        if cursor > 0 {
            self.buffer.copy_within(cursor..self.filled, 0);
            self.filled = self.filled.saturating_sub(cursor);
        }
        self.buffer.truncate(self.filled);
        self.buffer
            .extend_from_slice(chunk.get(FRONT..).and_then(|data| data.get(..length)).unwrap_or_default());
        self.filled = self.buffer.len();
        self.give_back(chunk);
        0
    }

    /// A buffer to be filled again, if it is one of those; where nobody takes it, it goes.
    fn give_back(&self, spent: Vec<u8>) {
        if spent.len() == FRONT + CHUNK {
            let _ = self.spent.try_send(spent);
        }
    }
}

/// Reads to the end, or until nobody listens.
fn fill_chunks(read: &mut dyn Read, spare: &Receiver<Vec<u8>>, send: &SyncSender<io::Result<Chunk>>) {
    loop {
        let mut chunk = spare.try_recv().unwrap_or_else(|_| vec![0; FRONT + CHUNK]);
        let filled = match read.read(chunk.get_mut(FRONT..).unwrap_or_default()) {
            Ok(0) => return,
            Ok(length) => Ok((chunk, length)),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = filled.is_err();
        if send.send(filled).is_err() || failed {
            return;
        }
    }
}

impl fmt::Debug for Ahead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ahead")
            .field("filled", &self.filled)
            .field("ended", &self.ended)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}
