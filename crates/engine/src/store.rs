//! Ended connections on their way to the judge, in bounded memory: some hundreds at a time are sorted by number and
//! packed into a run; runs beyond a bound go to an unlinked temporary file; all are read back merged.

use crate::Ladder;
use hangup_verdict::Facts;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
#[cfg(feature = "native")]
use std::fs::File;
use std::io;
#[cfg(feature = "native")]
use std::io::{Read, Seek, SeekFrom, Write};

/// A connection that has ended and waits for the judge.
#[derive(Debug, Default, bitcode::Encode, bitcode::Decode)]
pub(crate) struct Ended {
    pub(crate) facts: Facts,
    /// Its last packets, where the input cannot be read again.
    pub(crate) ladder: Option<Ladder>,
}

/// Connections of a run: so few that until they are packed they stay in the processor's cache.
const RUN: usize = 512;
/// After so many runs the next ones are twice as long: while merging, each has its next connections in memory.
const RUNS: usize = 1024;
/// Connections that are packed as one: enough that alike fields lie side by side.
const BLOCK: usize = 64;

/// Ended connections in any order in, by number out.
pub(crate) struct Store {
    /// The latest, not yet packed; boxed, for they are large and have to be sorted.
    #[expect(clippy::vec_box, reason = "what is sorted is moved about: 8 bytes and not 2,000")]
    here: Vec<Box<Ended>>,
    /// How many make a run.
    run: usize,
    runs: Vec<Run>,
    coder: bitcode::Buffer,
    /// A run in the making.
    packed: Vec<u8>,
    /// Bytes of runs that may stay in memory: what is left of them.
    #[cfg(feature = "native")]
    room: usize,
    #[cfg(feature = "native")]
    file: Option<File>,
}

/// Connections by number, packed: block after block, each behind its [`Head`].
#[derive(Debug, Default)]
struct Run {
    /// What is in memory of it: all, or the block that comes next.
    bytes: Vec<u8>,
    /// Where in `bytes` the next block begins.
    at: usize,
    /// Where in the file the rest of it begins, and ends.
    #[cfg(feature = "native")]
    rest: std::ops::Range<u64>,
    /// The block that is being given out.
    block: Vec<Ended>,
    /// How many of the block were given out.
    given: usize,
}

/// What stands before a block.
#[derive(Clone, Copy, Debug)]
struct Head {
    /// Bytes of the block.
    length: usize,
    /// Number of its first connection.
    first: u64,
}

impl Store {
    /// An empty store that keeps at most some `bound` bytes in memory, where there is a file system.
    #[cfg_attr(not(feature = "native"), expect(unused_variables, reason = "without files all is kept"))]
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            here: Vec::with_capacity(RUN),
            run: RUN,
            runs: Vec::new(),
            coder: bitcode::Buffer::new(),
            packed: Vec::new(),
            #[cfg(feature = "native")]
            room: bound,
            #[cfg(feature = "native")]
            file: None,
        }
    }

    /// Whether there are more than can be gone through in a moment.
    #[cfg(feature = "native")]
    pub(crate) fn is_large(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Keeps one connection.
    pub(crate) fn push(&mut self, ended: Box<Ended>) -> Result<(), StoreError> {
        self.here.push(ended);
        if self.here.len() >= self.run {
            self.pack().map_err(StoreError)?;
        }
        Ok(())
    }

    fn pack(&mut self) -> io::Result<()> {
        self.here.sort_unstable_by_key(|ended| ended.facts.id);
        self.packed.clear();
        for block in self.here.chunks(BLOCK) {
            let Some(first) = block.first().map(|ended| ended.facts.id) else { continue };
            let packed = self.coder.encode(block);
            self.packed.extend_from_slice(&Head { length: packed.len(), first }.pack()?);
            self.packed.extend_from_slice(packed);
        }
        self.here.clear();
        let run = self.keep()?;
        self.runs.push(run);
        if self.runs.len().is_multiple_of(RUNS) {
            self.run *= 2;
        }
        Ok(())
    }

    /// The run that was packed, kept in memory.
    #[cfg(not(feature = "native"))]
    #[expect(clippy::unnecessary_wraps, reason = "only files fail")]
    fn keep(&mut self) -> io::Result<Run> {
        Ok(Run { bytes: self.packed.clone(), ..Run::default() })
    }

    /// The run that was packed, kept in memory where there is room, else in the file.
    #[cfg(feature = "native")]
    fn keep(&mut self) -> io::Result<Run> {
        let bytes = &self.packed;
        if let Some(room) = self.room.checked_sub(bytes.len()) {
            self.room = room;
            return Ok(Run { bytes: bytes.clone(), ..Run::default() });
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let start = file.stream_position()?;
        file.write_all(bytes)?;
        Ok(Run { rest: start..start + bytes.len() as u64, ..Run::default() })
    }

    /// Goes through all of them by number. What `each` fails with ends it.
    pub(crate) fn drain<E: From<StoreError>>(
        &mut self,
        mut each: impl FnMut(&mut Ended) -> Result<(), E>,
    ) -> Result<(), E> {
        self.here.sort_unstable_by_key(|ended| ended.facts.id);
        let mut here = std::mem::take(&mut self.here);
        let mut here = here.iter_mut().peekable();
        let mut heads = BinaryHeap::with_capacity(self.runs.len());
        for number in 0..self.runs.len() {
            heads.extend(self.peek(number)?.map(|id| Reverse((id, number))));
        }
        loop {
            let from_here = match (heads.peek(), here.peek()) {
                (None, None) => return Ok(()),
                (None, Some(_)) => true,
                (Some(_), None) => false,
                (Some(Reverse((id, _))), Some(ended)) => ended.facts.id < *id,
            };
            if from_here {
                here.next().map_or(Ok(()), |ended| each(ended))?;
                continue;
            }
            let Some(Reverse((_, number))) = heads.pop() else { return Ok(()) };
            self.next(number)?.map_or(Ok(()), &mut each)?;
            heads.extend(self.peek(number)?.map(|id| Reverse((id, number))));
        }
    }

    /// The number of a run's next connection. A block is not unpacked before it is needed: runs hardly overlap.
    #[cfg_attr(not(feature = "native"), expect(clippy::unnecessary_wraps, reason = "only files fail"))]
    fn peek(&mut self, number: usize) -> Result<Option<u64>, StoreError> {
        let Some(run) = self.runs.get_mut(number) else { return Ok(None) };
        if let Some(ended) = run.block.get(run.given) {
            return Ok(Some(ended.facts.id));
        }
        // Of a run that waits for its turn, or has had it, nothing is in memory but where it lies: there may be thousands.
        run.block = Vec::new();
        run.given = 0;
        #[cfg(feature = "native")]
        if let Some(file) = &mut self.file
            && run.is_on_file()
        {
            return Ok(Some(run.head_on(file).map_err(StoreError)?.first));
        }
        Ok(run.head().map(|head| head.first))
    }

    fn next(&mut self, number: usize) -> Result<Option<&mut Ended>, StoreError> {
        let Some(run) = self.runs.get_mut(number) else { return Ok(None) };
        if run.given >= run.block.len() {
            #[cfg(feature = "native")]
            if let Some(file) = &mut self.file {
                run.refill(file).map_err(StoreError)?;
            }
            run.unpack(&mut self.coder).map_err(StoreError)?;
        }
        run.given += 1;
        Ok(run.block.get_mut(run.given - 1))
    }
}

impl Run {
    /// What stands before the next block; none behind the last.
    fn head(&self) -> Option<Head> {
        Head::unpack(self.bytes.get(self.at..)?)
    }

    /// Unpacks the next block.
    fn unpack(&mut self, coder: &mut bitcode::Buffer) -> io::Result<()> {
        let Some(head) = self.head() else { return Ok(()) };
        let start = self.at + Head::SIZE;
        let block = self.bytes.get(start..start + head.length).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.block = coder.decode(block).map_err(io::Error::other)?;
        self.given = 0;
        self.at = start + head.length;
        if self.at >= self.bytes.len() {
            self.bytes = Vec::new();
            self.at = 0;
        }
        Ok(())
    }

    /// Its next block is in the file.
    #[cfg(feature = "native")]
    fn is_on_file(&self) -> bool {
        self.at >= self.bytes.len() && !self.rest.is_empty()
    }

    /// What stands before the next block in the file, where there is one.
    #[cfg(feature = "native")]
    fn head_on(&self, file: &mut File) -> io::Result<Head> {
        let mut head = [0; Head::SIZE];
        file.seek(SeekFrom::Start(self.rest.start))?;
        file.read_exact(&mut head)?;
        Ok(Head::unpack(&head).ok_or(io::ErrorKind::UnexpectedEof)?)
    }

    /// Reads the next block from the file, where all that was in memory is used up.
    #[cfg(feature = "native")]
    fn refill(&mut self, file: &mut File) -> io::Result<()> {
        if !self.is_on_file() {
            return Ok(());
        }
        let head = self.head_on(file)?;
        self.bytes = vec![0; Head::SIZE + head.length];
        self.at = 0;
        file.seek(SeekFrom::Start(self.rest.start))?;
        file.read_exact(&mut self.bytes)?;
        self.rest.start += self.bytes.len() as u64;
        Ok(())
    }
}

impl Head {
    const SIZE: usize = 12;

    fn pack(self) -> io::Result<[u8; Self::SIZE]> {
        let length = u32::try_from(self.length).map_err(io::Error::other)?;
        let both = u128::from(self.first) << 32 | u128::from(length);
        Ok(*both.to_le_bytes().first_chunk().ok_or(io::ErrorKind::Other)?)
    }

    fn unpack(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (first, _) = rest.split_first_chunk()?;
        Some(Self { length: u32::from_le_bytes(*length) as usize, first: u64::from_le_bytes(*first) })
    }
}

/// The temporary file could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("the temporary file for ended connections: {0}")]
pub struct StoreError(#[source] io::Error);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// Whether they stay in memory, go to disk, or some of each: all come back, in order.
        #[test]
        fn they_come_back_by_number(
            ids in Just((0..2_000_u64).collect::<Vec<_>>()).prop_shuffle(),
            bound in prop_oneof![Just(0), Just(usize::MAX), 0..400_000_usize],
        ) {
            let mut store = Store::new(bound);
            for &id in &ids {
                let facts = Facts { id, history: format!("S{id}"), ..Facts::default() };
                store.push(Box::new(Ended { facts, ladder: None })).unwrap();
            }
            prop_assert_eq!(store.runs.len(), 3);
            prop_assert_eq!(store.file.is_some(), store.runs.iter().any(|run| run.bytes.is_empty()));
            let mut seen = Vec::new();
            store
                .drain(|Ended { facts, .. }| {
                    assert_eq!(facts.history, format!("S{}", facts.id));
                    seen.push(facts.id);
                    Ok::<(), StoreError>(())
                })
                .unwrap();
            prop_assert_eq!(seen, (0..2_000).collect::<Vec<_>>());
        }
    }

    /// However many runs there are, only those whose turn it is are in memory.
    #[test]
    fn runs_that_wait_or_are_done_hold_nothing() {
        let mut store = Store::new(0);
        for id in 0..8 * RUN as u64 {
            let facts = Facts { id, ..Facts::default() };
            store.push(Box::new(Ended { facts, ladder: None })).unwrap();
        }
        let held = |store: &Store| {
            store.runs.iter().filter(|run| !run.bytes.is_empty() || run.block.capacity() > 0).count()
        };
        let firsts: Vec<u64> = (0..8).map(|run| store.peek(run).unwrap().unwrap()).collect();
        assert_eq!(firsts, (0..8).map(|run| run * RUN as u64).collect::<Vec<_>>());
        assert_eq!(held(&store), 0);
        for id in 0..8 * RUN as u64 {
            let run = usize::try_from(id).unwrap() / RUN;
            assert_eq!(store.next(run).unwrap().unwrap().facts.id, id);
            let next = store.peek(run).unwrap();
            assert_eq!(next, ((id + 1) % RUN as u64 != 0).then_some(id + 1));
            assert!(held(&store) <= 1);
        }
        assert_eq!(held(&store), 0);
    }
}
