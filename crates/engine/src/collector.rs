//! Takes connections as they end: their facts wait for the judge, and become part of the baselines.
//!
//! That is a third of all work, and nobody waits for it before the input ends: where there is a second processor it is
//! done there. The order in which connections are taken is the same, and so nothing that is reported depends on it.

use crate::content::Content;
use crate::facts;
use crate::options::Limits;
use crate::recent::Ring;
use crate::store::{Ended, Store, StoreError};
use hangup_track::{Connection, Content as _};
use hangup_verdict::Baselines;
#[cfg(feature = "native")]
use std::sync::mpsc::{SyncSender, sync_channel};
#[cfg(feature = "native")]
use std::thread::{self, JoinHandle};

/// Connections that are taken at once: so few that they are still in the cache.
const BATCH: usize = 64;
/// Batches that may wait for the other thread: when it is that far behind, this one waits.
#[cfg(feature = "native")]
const WAITING: usize = 8;

/// A connection that has ended.
#[derive(Debug)]
pub(crate) struct Gone {
    pub(crate) connection: Connection<Content>,
    /// Its last packets, where the input cannot be read again.
    pub(crate) last: Option<Ring>,
}

/// What was collected.
pub(crate) struct Collected {
    pub(crate) store: Store,
    pub(crate) baselines: Baselines,
    /// Why some of it could not be kept.
    pub(crate) failed: Option<StoreError>,
}

/// Collects connections.
pub(crate) struct Collector {
    limits: Limits,
    threads: usize,
    batch: Vec<Gone>,
    place: Place,
}

/// Where it is done.
enum Place {
    /// Not a whole batch has come yet: a small capture needs no thread.
    Open,
    Here(Box<Collected>),
    /// Elsewhere, by a thread that gives it back at the end.
    #[cfg(feature = "native")]
    Beside(SyncSender<Vec<Gone>>, JoinHandle<Box<Collected>>),
}

impl Collector {
    /// Collects on a thread of its own, where there may be more than one.
    pub(crate) fn new(limits: Limits, threads: usize) -> Self {
        Self { limits, threads, batch: Vec::with_capacity(BATCH), place: Place::Open }
    }

    /// Takes one more. False where nothing more can be kept.
    #[inline]
    pub(crate) fn add(&mut self, gone: Gone) -> bool {
        self.batch.push(gone);
        self.batch.len() < BATCH || self.hand_on()
    }

    #[inline(never)]
    fn hand_on(&mut self) -> bool {
        if matches!(self.place, Place::Open) {
            self.place = self.open();
        }
        match &mut self.place {
            Place::Open => true,
            Place::Here(collected) => collected.take(&mut self.batch),
            #[cfg(feature = "native")]
            Place::Beside(sender, _) => {
                let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
                sender.send(batch).is_ok()
            }
        }
    }

    #[cfg(feature = "native")]
    fn open(&self) -> Place {
        if self.threads > 1 {
            let limits = self.limits;
            let (sender, batches) = sync_channel::<Vec<Gone>>(WAITING);
            let collect = move || {
                let mut collected = Collected::new(&limits);
                for mut batch in batches {
                    if !collected.take(&mut batch) {
                        break;
                    }
                }
                collected
            };
            if let Ok(thread) = thread::Builder::new().name("collector".into()).spawn(collect) {
                return Place::Beside(sender, thread);
            }
        }
        Place::Here(Collected::new(&self.limits))
    }

    #[cfg(not(feature = "native"))]
    fn open(&self) -> Place {
        // Without the system there is one thread.
        let _ = self.threads;
        Place::Here(Collected::new(&self.limits))
    }

    /// All that was collected.
    pub(crate) fn end(mut self) -> Collected {
        let mut collected = match self.place {
            Place::Open => Collected::new(&self.limits),
            Place::Here(collected) => collected,
            #[cfg(feature = "native")]
            Place::Beside(sender, thread) => {
                drop(sender);
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        };
        collected.take(&mut self.batch);
        *collected
    }
}

impl Collected {
    fn new(limits: &Limits) -> Box<Self> {
        let store = Store::new(limits.facts);
        Box::new(Self { store, baselines: Baselines::with_limit(limits.groups), failed: None })
    }

    /// Takes a batch, which is empty then. False where no more can be kept.
    fn take(&mut self, batch: &mut Vec<Gone>) -> bool {
        let mut batch = batch.drain(..);
        while let Some(Gone { connection, last }) = batch.next() {
            if let Some(soon) = batch.as_slice().get(1) {
                soon.connection.content.ask();
            }
            // Some 2,000 bytes: they are not moved again once they are in their box.
            let mut ended = Box::new(Ended { facts: facts::of(connection), ladder: None });
            self.baselines.add(&ended.facts);
            ended.ladder = last.map(|ring| ring.ladder(&ended.facts));
            if self.failed.is_none() {
                self.failed = self.store.push(ended).err();
            }
        }
        self.failed.is_none()
    }
}
