//! A stream that a thread of its own reads, or decompresses, ahead of whoever looks at its bytes.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What is read at once: a few of them stay in the cache that the processors share.
const CHUNK: usize = 256 << 10;
/// Room in front of each chunk for what was left of the one before: more than any packet has, as a rule.
pub(crate) const FRONT: usize = 64 << 10;
/// Chunks that may wait to be looked at.
const WAITING: usize = 4;

/// A thread that reads ahead.
#[derive(Debug)]
pub(crate) struct Ahead {
    chunks: Receiver<io::Result<Chunk>>,
    /// Where buffers go that are used up, to be filled again.
    spent: SyncSender<Vec<u8>>,
}

/// A buffer, and how many bytes stand in it behind its front.
pub(crate) type Chunk = (Vec<u8>, usize);

impl Ahead {
    /// Begins to read on a thread of its own. Where there is none to be had, `read` comes back.
    pub(crate) fn begin(read: Box<dyn Read + Send>) -> Result<Self, Box<dyn Read + Send>> {
        let (give, given) = sync_channel::<Box<dyn Read + Send>>(1);
        let (send, chunks) = sync_channel(WAITING);
        let (spent, spare) = sync_channel(WAITING);
        let run = move || {
            if let Ok(mut read) = given.recv() {
                fill_chunks(&mut read, &spare, &send);
            }
        };
        if thread::Builder::new().name("reader".into()).spawn(run).is_err() {
            return Err(read);
        }
        give.send(read).map(|()| Self { chunks, spent }).map_err(|back| back.0)
    }

    /// The next bytes, or why there are none; nothing at the end.
    pub(crate) fn next(&self) -> Option<io::Result<Chunk>> {
        self.chunks.recv().ok()
    }

    /// A buffer to be filled again, if it is one of those; where nobody takes it, it goes.
    pub(crate) fn give_back(&self, spent: Vec<u8>) {
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
