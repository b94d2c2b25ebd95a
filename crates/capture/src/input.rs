//! All captures of one call, merged in order of time.
//!
//! A ring buffer of a thousand files is one capture. Only the files whose times overlap need to be open at once:
//! where there are many, each is opened, its first packet's time is taken, and it is closed until that time comes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use hangup_wire::Timestamp;

use crate::description::Description;
use crate::open::OpenError;
use crate::packet::{Batch, Packet, Record};
use crate::reader::{BATCH, INTERRUPTED, Mark, Origin, Reader};
use crate::stop::Stop;

/// With up to so many captures all stay open from the start.
const STAY_OPEN: usize = 32;

/// When a capture's next packet is due; captures that are equal in time go by their order.
type Due = (Timestamp, usize);

/// All captures of one call.
#[derive(Debug)]
pub struct Input {
    slots: Vec<Slot>,
    /// Captures that have not begun, the earliest one last.
    waiting: Vec<Due>,
    /// Captures that have begun, but for the current one.
    begun: BinaryHeap<Reverse<Due>>,
    /// The capture that gave the last packet.
    current: Option<usize>,
    /// When the next one of the others is due.
    rival: Option<Due>,
    failures: Vec<OpenError>,
    stop: Stop,
    /// The last packets of several captures.
    merged: Vec<Record>,
    /// The capture in hand is read ahead.
    #[cfg(feature = "threads")]
    ahead: bool,
}

#[derive(Debug)]
pub(crate) struct Slot {
    state: State,
    origin: Origin,
    total: Option<u64>,
}

#[derive(Debug)]
enum State {
    Open(Box<Reader>),
    /// Looked at and closed, to be opened again when its time comes.
    Closed(Box<Description>),
    /// Read to its end, or failed.
    Done(Box<Description>),
}

impl Slot {
    /// The bytes of its window.
    #[inline]
    pub(crate) fn held(&self) -> &[u8] {
        match &self.state {
            State::Open(reader) => reader.held(),
            State::Closed(_) | State::Done(_) => &[],
        }
    }
}

/// A capture that was opened, and the time of its first packet.
type Found = (Option<Timestamp>, Slot);

impl Input {
    /// Opens files, folders (all captures in them, in order of their first packets) and `-`, standard input.
    /// What cannot be read beside captures that can is among the [`Input::failures`].
    ///
    /// # Errors
    /// Where there is no capture at all: the first reason why.
    pub fn open(paths: &[PathBuf]) -> Result<Self, OpenError> {
        Self::open_when(paths, Stop::default())
    }

    /// As [`Input::open`], and ends once `stop` is set: every capture with a problem that says so.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn open_until(paths: &[PathBuf], stop: &'static AtomicBool) -> Result<Self, OpenError> {
        Self::open_when(paths, Stop::when(stop))
    }

    fn open_when(paths: &[PathBuf], stop: Stop) -> Result<Self, OpenError> {
        let mut input = Self { stop, ..Self::empty() };
        for path in paths {
            if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
                input.add_folder(path);
            } else {
                match Reader::open_until(path, stop) {
                    Ok(reader) => {
                        let found = look(reader, input.slots.len() < STAY_OPEN);
                        input.add(found);
                    }
                    Err(error) => input.failures.push(error),
                }
            }
        }
        if input.slots.is_empty() {
            let first = std::mem::take(&mut input.failures).into_iter().next();
            return Err(first.unwrap_or(OpenError::Nothing));
        }
        Ok(input.sorted())
    }

    /// Merges captures that are open already, such as those in memory.
    pub fn from_readers(readers: Vec<Reader>) -> Self {
        let mut input = Self::empty();
        for reader in readers {
            input.add(look(reader, true));
        }
        input.sorted()
    }

    /// Has each capture read, and decompressed, by a thread of its own while it is its turn. What is given stays the same.
    #[cfg(feature = "threads")]
    pub fn read_ahead(&mut self) {
        self.ahead = true;
    }

    /// Whether all captures can be read a second time, with [`Input::reopen`].
    pub fn rewindable(&self) -> bool {
        self.slots.iter().all(|slot| !slot.origin.is_stream())
    }

    /// Opens the same captures again, from their start and with the same numbers.
    ///
    /// # Errors
    /// Where one of them is a stream. What has gone meanwhile is among the failures.
    pub fn reopen(&self) -> Result<Self, OpenError> {
        let mut again = Self::empty();
        for (slot, description) in self.slots.iter().zip(self.descriptions()) {
            let found = match slot.origin.open(&description.name) {
                Ok(reader) => look(reader, again.slots.len() < STAY_OPEN),
                Err(error @ OpenError::Stream { .. }) => return Err(error),
                Err(error) => {
                    again.failures.push(error);
                    let state = State::Done(Box::new(description.clone()));
                    (None, Slot { state, origin: slot.origin.clone(), total: slot.total })
                }
            };
            again.add(found);
        }
        Ok(again.sorted())
    }

    /// The next packet of all captures, by time; within a capture, packets keep their order whatever their
    /// times.
    #[expect(clippy::should_implement_trait, reason = "packets are lent, which an iterator cannot do")]
    #[inline]
    pub fn next(&mut self) -> Option<Packet<'_>> {
        let index = self.choose()?;
        match &mut self.slots.get_mut(index)?.state {
            State::Open(reader) => reader.next(),
            State::Closed(_) | State::Done(_) => None,
        }
    }

    /// The next packets of all captures, by time, as many at a time as can be had without waiting; `None` after the last.
    #[inline]
    pub fn batch(&mut self) -> Option<Batch<'_>> {
        let index = self.choose()?;
        if self.rival.is_some() {
            return self.merge(index);
        }
        match &mut self.slots.get_mut(index)?.state {
            State::Open(reader) => reader.batch(),
            State::Closed(_) | State::Done(_) => None,
        }
    }

    /// The next packets of several captures, the first of `index`: as many as can be had without moving any of them.
    fn merge(&mut self, mut index: usize) -> Option<Batch<'_>> {
        self.merged.clear();
        while let Some(Slot { state: State::Open(reader), .. }) = self.slots.get_mut(index)
            && let Some(record) = reader.take()
        {
            self.merged.push(record);
            if self.merged.len() >= BATCH || !reader.has_next() {
                break;
            }
            let Some(next) = self.choose() else { break };
            index = next;
        }
        (!self.merged.is_empty()).then(|| Batch::merged(&self.merged, &self.slots))
    }

    /// The place behind the packet that was given last. `None` where there are several captures: between theirs there
    /// is no one place.
    pub fn mark(&self) -> Option<Mark> {
        let [Slot { state: State::Open(reader), .. }] = self.slots.as_slice() else { return None };
        reader.mark()
    }

    /// Goes on at a place that was marked when the same capture was read before; does nothing where it has been
    /// passed. What lies between is not counted in the description.
    pub fn skip_to(&mut self, mark: &Mark) {
        if let [Slot { state: State::Open(reader), .. }] = self.slots.as_mut_slice() {
            reader.skip_to(mark);
        }
    }

    /// What is known about each capture so far, in the order of [`Packet::capture`].
    pub fn descriptions(&self) -> impl ExactSizeIterator<Item = &Description> {
        self.slots.iter().map(|slot| match &slot.state {
            State::Open(reader) => reader.describe(),
            State::Closed(description) | State::Done(description) => description,
        })
    }

    /// Why captures that were named are not among those that are read.
    pub fn failures(&self) -> &[OpenError] {
        &self.failures
    }

    /// How many bytes all files have together; `None` where one is a stream.
    pub fn total_bytes(&self) -> Option<u64> {
        self.slots.iter().try_fold(0_u64, |sum, slot| Some(sum.saturating_add(slot.total?)))
    }

    /// How many bytes were read so far, on the scale of [`Input::total_bytes`].
    pub fn position(&self) -> u64 {
        self.slots.iter().fold(0, |sum, slot| {
            sum.saturating_add(match &slot.state {
                State::Open(reader) => reader.position(),
                State::Closed(_) => 0,
                State::Done(_) => slot.total.unwrap_or(0),
            })
        })
    }

    fn empty() -> Self {
        Self {
            slots: Vec::new(),
            waiting: Vec::new(),
            begun: BinaryHeap::new(),
            current: None,
            rival: None,
            failures: Vec::new(),
            stop: Stop::default(),
            merged: Vec::new(),
            #[cfg(feature = "threads")]
            ahead: false,
        }
    }

    /// Adds a capture at the end.
    fn add(&mut self, (first, mut slot): Found) {
        let index = self.slots.len();
        if let State::Open(reader) = &mut slot.state {
            reader.number(index);
        }
        self.slots.push(slot);
        if let Some(first) = first {
            self.waiting.push((first, index));
        }
    }

    /// Adds the captures of a folder in order of their first packets; those without any come last.
    fn add_folder(&mut self, folder: &Path) {
        let name = || folder.display().to_string();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(source) => {
                self.failures.push(OpenError::io(name(), source));
                return;
            }
        };
        let mut found: Vec<(PathBuf, Found)> = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
            match Reader::open(&path) {
                Ok(reader) => {
                    let stays = self.slots.len().saturating_add(found.len()) < STAY_OPEN;
                    found.push((path, look(reader, stays)));
                }
                Err(error) if error.is_no_loss() => {}
                Err(error) => self.failures.push(error),
            }
        }
        if found.is_empty() {
            self.failures.push(OpenError::NoCaptures { name: name() });
        }
        found.sort_by(|(path, (first, _)), (other, (other_first, _))| {
            (first.is_none(), first, path).cmp(&(other_first.is_none(), other_first, other))
        });
        for (_, found) in found {
            self.add(found);
        }
    }

    fn sorted(mut self) -> Self {
        self.waiting.sort_unstable_by_key(|&due| Reverse(due));
        self
    }

    /// The capture whose packet is next.
    #[inline]
    fn choose(&mut self) -> Option<usize> {
        if self.stop.is_wished() {
            self.interrupt();
            return None;
        }
        // Nobody else has packets left: no need to look at the next one first.
        if self.current.is_some() && self.rival.is_none() {
            return self.current;
        }
        if let Some(index) = self.current
            && let Some(Slot { state: State::Open(reader), .. }) = self.slots.get_mut(index)
            && let Some(time) = reader.peek_time()
            && self.rival.is_none_or(|rival| (time, index) < rival)
        {
            return Some(index);
        }
        self.change()
    }

    /// Notes with every capture that has packets left that they are not read.
    #[cold]
    fn interrupt(&mut self) {
        for slot in &mut self.slots {
            if let State::Open(reader) = &mut slot.state {
                reader.interrupt();
            } else if let State::Closed(description) = &mut slot.state {
                description.problem(None, 0, INTERRUPTED.to_owned());
                slot.state = State::Done(description.clone());
            }
        }
    }

    /// Changes to the capture whose packet is next.
    fn change(&mut self) -> Option<usize> {
        if let Some(index) = self.current.take() {
            self.queue(index);
        }
        while let Some(&due) = self.waiting.last()
            && self.begun.peek().is_none_or(|Reverse(first)| due < *first)
        {
            self.waiting.pop();
            self.wake(due.1);
            self.queue(due.1);
        }
        let Reverse((_, index)) = self.begun.pop()?;
        let begun = self.begun.peek().map(|Reverse(due)| *due);
        self.rival = [begun, self.waiting.last().copied()].into_iter().flatten().min();
        self.current = Some(index);
        #[cfg(feature = "threads")]
        if self.ahead
            && let Some(Slot { state: State::Open(reader), .. }) = self.slots.get_mut(index)
        {
            reader.read_ahead();
        }
        Some(index)
    }

    /// Puts a capture among those that have begun, or retires it where it has no more packets.
    fn queue(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        let State::Open(reader) = &mut slot.state else { return };
        if let Some(time) = reader.peek_time() {
            self.begun.push(Reverse((time, index)));
        } else {
            // Only the description stays: memory follows open captures.
            slot.state = State::Done(Box::new(reader.describe().clone()));
        }
    }

    /// Opens a capture again whose time has come.
    fn wake(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        let State::Closed(description) = &mut slot.state else { return };
        slot.state = match slot.origin.open(&description.name) {
            Ok(mut reader) => {
                reader.number(index);
                State::Open(Box::new(reader))
            }
            Err(error) => {
                let what = "the file could be opened at first but not again when its packets were due";
                description.problem(None, 0, what.to_owned());
                self.failures.push(error);
                State::Done(description.clone())
            }
        };
    }
}

/// Looks at the first packet of a capture, and closes the capture again unless it `stays` open, cannot be opened
/// twice, or has no packets.
fn look(mut reader: Reader, stays: bool) -> Found {
    let first = reader.peek_time();
    let (origin, total) = (reader.origin().clone(), reader.total_bytes());
    let state = if first.is_none() {
        State::Done(Box::new(reader.describe().clone()))
    } else if stays || origin.is_stream() {
        State::Open(Box::new(reader))
    } else {
        State::Closed(Box::new(reader.describe().clone()))
    };
    (first, Slot { state, origin, total })
}
