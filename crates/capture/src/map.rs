//! A file, mapped into memory.
//!
//! A mapped file that another process truncates kills this one with `SIGBUS` when it touches what is gone. So a
//! file is mapped only where it looks finished: it is a regular file, was not written to in the last seconds,
//! and its length is the same before and after mapping. All else is read. A finished capture that somebody
//! truncates just while it is read remains a risk, and is taken: growing, renaming and deleting are harmless.

use std::fs::{File, Metadata};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use memmap2::{Advice, Mmap};

/// A file written to within this time may still be in the making.
const SETTLED: Duration = Duration::from_secs(5);

/// Pages are asked for in steps of this size: one call instead of 512 page faults.
const STEP: usize = 2 << 20;

/// A mapped file. A clone is the same mapping, whose pages need not be brought in again.
#[derive(Clone, Debug)]
pub(crate) struct Map(Arc<Mmap>);

impl Map {
    /// Maps `file`, `None` where it is better read or cannot be mapped.
    pub(crate) fn of(file: &File) -> Option<Self> {
        let before = file.metadata().ok()?;
        if !before.is_file() || before.len() == 0 || !settled(&before) {
            return None;
        }
        #[expect(unsafe_code, reason = "mapping a file is unsafe: others can change it under us")]
        // SAFETY: the mapping is private to this type, read-only and never handed out as more than `&[u8]`.
        // What others can do to the file is the subject of the module's comment; bytes that change while
        // they are read are parsed with checked access only, so they can give wrong packets, not wrong memory.
        let map = unsafe { Mmap::map(file) }.ok()?;
        let after = file.metadata().ok()?;
        if after.len() != before.len() || u64::try_from(map.len()).ok()? != before.len() {
            return None;
        }
        // Advice only: a kernel that does not know it reads as well, only later.
        let _ = map.advise(Advice::Sequential);
        Some(Self(Arc::new(map)))
    }

    /// Has the pages from `at` on brought in; returns the place at which to ask again.
    pub(crate) fn populate(&self, at: usize) -> usize {
        let length = STEP.min(self.0.len().saturating_sub(at));
        if length == 0 {
            return usize::MAX;
        }
        #[cfg(target_os = "linux")]
        // Kernels before 5.14 refuse this: the pages then come by faults.
        let _ = self.0.advise_range(Advice::PopulateRead, at, length);
        at.saturating_add(length)
    }
}

impl AsRef<[u8]> for Map {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Whether the file was left alone for a while. A time in the future says nothing and counts as settled.
fn settled(metadata: &Metadata) -> bool {
    let Ok(modified) = metadata.modified() else { return false };
    SystemTime::now().duration_since(modified).is_ok_and(|age| age >= SETTLED)
}
