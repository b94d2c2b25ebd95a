//! Ended connections on their way to the judge, in bounded memory: beyond a bound they are sorted by number and
//! written to an unlinked temporary file, and read back merged.

use crate::Ladder;
use hangup_verdict::Facts;
use serde::{Deserialize, Serialize};
#[cfg(feature = "native")]
use std::{
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
};

/// A connection that has ended and waits for the judge.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) facts: Facts,
    /// Its last packets, where the input cannot be read again.
    pub(crate) ladder: Option<Ladder>,
}

/// After so many runs the next ones are twice as long.
#[cfg(feature = "native")]
const RUNS: usize = 128;

/// Ended connections in any order in, by number out.
#[derive(Debug)]
pub(crate) struct Store {
    #[expect(clippy::vec_box, reason = "sorting moves a pointer instead of more than a kilobyte")]
    here: Vec<Box<Ended>>,
    #[cfg(feature = "native")]
    bound: usize,
    #[cfg(feature = "native")]
    runs: Vec<File>,
}

impl Store {
    /// An empty store that keeps at most `bound` connections in memory, where there is a file system.
    #[cfg_attr(not(feature = "native"), expect(unused_variables, reason = "without files all is kept"))]
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            here: Vec::new(),
            #[cfg(feature = "native")]
            bound: bound.max(1),
            #[cfg(feature = "native")]
            runs: Vec::new(),
        }
    }

    /// Keeps one connection.
    #[cfg_attr(not(feature = "native"), expect(clippy::unnecessary_wraps, reason = "only files fail"))]
    pub(crate) fn push(&mut self, ended: Ended) -> Result<(), StoreError> {
        self.here.push(Box::new(ended));
        #[cfg(feature = "native")]
        if self.here.len() >= self.bound {
            let run = self.write_run().map_err(StoreError)?;
            self.runs.push(run);
            if self.runs.len().is_multiple_of(RUNS) {
                // A process may only have so many files open: longer runs, fewer of them.
                self.bound *= 2;
            }
        }
        Ok(())
    }

    #[cfg(feature = "native")]
    fn write_run(&mut self) -> io::Result<File> {
        self.here.sort_unstable_by_key(|ended| ended.facts.id);
        let mut out = BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
        for ended in self.here.drain(..) {
            let bytes = postcard::to_allocvec(&*ended).map_err(io::Error::other)?;
            let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
            out.write_all(&length.to_le_bytes())?;
            out.write_all(&bytes)?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }

    /// Goes through all of them by number. What `each` fails with ends it.
    pub(crate) fn drain<E: From<StoreError>>(
        &mut self,
        mut each: impl FnMut(Ended) -> Result<(), E>,
    ) -> Result<(), E> {
        self.here.sort_unstable_by_key(|ended| ended.facts.id);
        let here = std::mem::take(&mut self.here).into_iter().map(|ended| *ended);
        #[cfg(feature = "native")]
        if !self.runs.is_empty() {
            return merge(std::mem::take(&mut self.runs), here, each);
        }
        {
            let mut here = here;
            here.try_for_each(&mut each)
        }
    }
}

#[cfg(feature = "native")]
fn merge<E: From<StoreError>>(
    runs: Vec<File>,
    here: impl Iterator<Item = Ended>,
    mut each: impl FnMut(Ended) -> Result<(), E>,
) -> Result<(), E> {
    let mut readers: Vec<_> = runs.into_iter().map(|run| BufReader::with_capacity(1 << 15, run)).collect();
    let mut here = here.peekable();
    let mut heads = BinaryHeap::new();
    let mut next = |reader: usize| -> Result<Option<Head>, StoreError> {
        let Some(run) = readers.get_mut(reader) else { return Ok(None) };
        Ok(read_one(run).map_err(StoreError)?.map(|ended| Head { ended, reader }))
    };
    let mut reader = 0;
    while let Some(head) = next(reader)? {
        heads.push(head);
        reader += 1;
    }
    loop {
        let from_memory = match (heads.peek(), here.peek()) {
            (None, None) => return Ok(()),
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some(head), Some(ended)) => ended.facts.id < head.ended.facts.id,
        };
        if from_memory {
            here.next().map_or(Ok(()), &mut each)?;
        } else if let Some(head) = heads.pop() {
            if let Some(following) = next(head.reader)? {
                heads.push(following);
            }
            each(head.ended)?;
        }
    }
}

#[cfg(feature = "native")]
fn read_one(run: &mut impl Read) -> io::Result<Option<Ended>> {
    let mut length = [0; 4];
    match run.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    run.read_exact(&mut bytes)?;
    postcard::from_bytes(&bytes).map(Some).map_err(io::Error::other)
}

/// The next connection of one run; the lowest number is the greatest, as a heap wants it.
#[cfg(feature = "native")]
struct Head {
    ended: Ended,
    reader: usize,
}

#[cfg(feature = "native")]
impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.ended.facts.id.cmp(&self.ended.facts.id)
    }
}

#[cfg(feature = "native")]
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(feature = "native")]
impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.ended.facts.id == other.ended.facts.id
    }
}

#[cfg(feature = "native")]
impl Eq for Head {}

/// The temporary file could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("the temporary file for ended connections: {0}")]
pub struct StoreError(#[source] std::io::Error);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_to_disk_comes_back_in_order_with_what_did_not() {
        let mut store = Store::new(3);
        for id in [7, 2, 9, 4, 1, 8, 3, 0, 6, 5] {
            let facts = Facts { id, history: format!("S{id}"), ..Facts::default() };
            store.push(Ended { facts, ladder: None }).unwrap();
        }
        assert_eq!(store.runs.len(), 3);
        let mut ids = Vec::new();
        store
            .drain(|Ended { facts, .. }| {
                assert_eq!(facts.history, format!("S{}", facts.id));
                ids.push(facts.id);
                Ok::<(), StoreError>(())
            })
            .unwrap();
        assert_eq!(ids, (0..10).collect::<Vec<_>>());
    }
}
