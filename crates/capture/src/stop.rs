//! The wish that reading stops before the input has ended.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that somebody sets, perhaps while a signal is handled, so that reading stops.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stop(Option<&'static AtomicBool>);

/// Why a stream gave nothing more: reading was to stop.
#[derive(Debug, thiserror::Error)]
#[error("reading was interrupted")]
pub(crate) struct Stopped;

impl Stop {
    /// The wish that `flag` tells.
    pub(crate) fn when(flag: &'static AtomicBool) -> Self {
        Self(Some(flag))
    }

    /// Whether it is there.
    #[inline]
    pub(crate) fn is_wished(self) -> bool {
        self.0.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// `stream`, which is read no further once the wish is there, even where it has nothing to say just then.
    pub(crate) fn watching(self, stream: File) -> Box<dyn Read + Send> {
        if self.0.is_some() { Box::new(Watching { stream, stop: self }) } else { Box::new(stream) }
    }
}

impl Stopped {
    /// Whether that is why reading failed.
    pub(crate) fn is_why(error: &io::Error) -> bool {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).is_some()
    }
}

struct Watching {
    stream: File,
    stop: Stop,
}

impl Watching {
    /// Whether there is something to read, or the end; waits a moment at most. A signal does not end a read that waits,
    /// for the system begins that again.
    #[cfg(all(feature = "interrupt", unix))]
    fn is_ready(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        let waited = poll(&mut [PollFd::new(&self.stream, PollFlags::IN)], Some(&MOMENT));
        match waited {
            Ok(ready) => ready > 0,
            // What cannot be waited for is read.
            Err(error) => error != rustix::io::Errno::INTR,
        }
    }

    #[cfg(not(all(feature = "interrupt", unix)))]
    #[expect(clippy::unused_self, reason = "elsewhere it needs to be asked")]
    fn is_ready(&self) -> bool {
        true
    }
}

impl Read for Watching {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.stop.is_wished() {
                return Err(io::Error::other(Stopped));
            }
            if self.is_ready() {
                return self.stream.read(into);
            }
        }
    }
}

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watching").field("stream", &self.stream).finish_non_exhaustive()
    }
}
