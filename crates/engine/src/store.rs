//! Ended connections on their way to the judge, in bounded memory: beyond a bound they are sorted by number and
//! written to an unlinked temporary file, and read back merged.

use crate::Ladder;
use hangup_verdict::Facts;
#[cfg(feature = "native")]
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    vec,
};

/// A connection that has ended and waits for the judge.
#[derive(Debug, Default, bitcode::Encode, bitcode::Decode)]
pub(crate) struct Ended {
    pub(crate) facts: Facts,
    /// Its last packets, where the input cannot be read again.
    pub(crate) ladder: Option<Ladder>,
}

/// After so many runs the next ones are twice as long.
#[cfg(feature = "native")]
const RUNS: usize = 128;

/// Connections that are written as one: enough that alike fields lie side by side, few enough that a block of
/// every run fits into memory.
#[cfg(feature = "native")]
const BLOCK: usize = 64;

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
        let mut coder = bitcode::Buffer::new();
        for block in self.here.chunks(BLOCK) {
            let bytes = coder.encode(block);
            let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
            out.write_all(&length.to_le_bytes())?;
            out.write_all(bytes)?;
        }
        self.here.clear();
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
        let mut here = std::mem::take(&mut self.here).into_iter().map(|ended| *ended);
        #[cfg(feature = "native")]
        if !self.runs.is_empty() {
            return merge(std::mem::take(&mut self.runs), here, each);
        }
        here.try_for_each(&mut each)
    }
}

#[cfg(feature = "native")]
fn merge<E: From<StoreError>>(
    runs: Vec<File>,
    here: impl Iterator<Item = Ended>,
    mut each: impl FnMut(Ended) -> Result<(), E>,
) -> Result<(), E> {
    let mut runs: Vec<Run> = runs.into_iter().map(Run::new).collect();
    let mut here = here.peekable();
    let mut heads = BinaryHeap::with_capacity(runs.len());
    for (index, run) in runs.iter_mut().enumerate() {
        heads.extend(run.peek().map_err(StoreError)?.map(|id| Reverse((id, index))));
    }
    loop {
        let from_memory = match (heads.peek(), here.peek()) {
            (None, None) => return Ok(()),
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some(Reverse((id, _))), Some(ended)) => ended.facts.id < *id,
        };
        if from_memory {
            here.next().map_or(Ok(()), &mut each)?;
            continue;
        }
        let Some(Reverse((_, index))) = heads.pop() else { return Ok(()) };
        let Some(run) = runs.get_mut(index) else { continue };
        let ended = run.block.next();
        heads.extend(run.peek().map_err(StoreError)?.map(|id| Reverse((id, index))));
        ended.map_or(Ok(()), &mut each)?;
    }
}

/// Connections in a file, by number.
#[cfg(feature = "native")]
struct Run {
    file: BufReader<File>,
    block: vec::IntoIter<Ended>,
    bytes: Vec<u8>,
    coder: bitcode::Buffer,
}

#[cfg(feature = "native")]
impl Run {
    fn new(file: File) -> Self {
        Self {
            file: BufReader::with_capacity(1 << 15, file),
            block: Vec::new().into_iter(),
            bytes: Vec::new(),
            coder: bitcode::Buffer::new(),
        }
    }

    /// The number of the next connection, which then stands in `block`; none at the end.
    fn peek(&mut self) -> io::Result<Option<u64>> {
        if self.block.as_slice().is_empty() {
            let mut length = [0; 4];
            match self.file.read_exact(&mut length) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) => return Err(error),
            }
            self.bytes.resize(u32::from_le_bytes(length) as usize, 0);
            self.file.read_exact(&mut self.bytes)?;
            let block: Vec<Ended> = self.coder.decode(&self.bytes).map_err(io::Error::other)?;
            self.block = block.into_iter();
        }
        Ok(self.block.as_slice().first().map(|ended| ended.facts.id))
    }
}

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
