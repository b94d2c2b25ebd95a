//! Judges what was collected, connection by connection.
//!
//! What is then made of it, counts and output, needs connections one after the other. The ruling and its words need nothing but
//! the facts and what siblings say: where there is a second processor they are found there, a few connections ahead. Whoever
//! would have to wait judges, too.

use crate::Error;
use crate::incident::Search;
use crate::model::Connection;
use crate::options::Options;
use crate::present::Presenter;
#[cfg(feature = "native")]
use crate::store::StoreError;
use crate::store::{Ended, Store};
use hangup_verdict::{Baselines, Candidate, Facts, Group, Ruling, decide, judge};
#[cfg(feature = "native")]
use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(feature = "native")]
use std::sync::mpsc::sync_channel;

/// Connections that are handed on at once.
#[cfg(feature = "native")]
const BATCH: usize = 64;
/// Batches that may wait to be told.
#[cfg(feature = "native")]
const WAITING: usize = 4;

/// A connection that was judged.
pub(crate) struct Judged {
    pub(crate) ruling: Ruling,
    /// To be compared with what was reported.
    pub(crate) candidate: Option<Candidate>,
    /// With its words, where all are wanted with them.
    pub(crate) told: Option<Box<Connection>>,
}

/// The judge.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) baselines: &'a Baselines,
    pub(crate) presenter: &'a Presenter,
    pub(crate) options: &'a Options,
    /// Every connection is wanted with its words.
    pub(crate) tells_all: bool,
}

impl Judge<'_> {
    fn judge(&self, facts: &Facts, alone: &mut Group) -> Judged {
        let siblings = self.baselines.siblings(facts, alone);
        let (ruling, told) = if self.tells_all {
            let verdict = judge(facts, &siblings);
            let told = Box::new(self.presenter.connection(facts, &verdict));
            (verdict.ruling, Some(told))
        } else {
            (decide(facts, &siblings), None)
        };
        let compared = Search::compares(self.options, &ruling);
        let candidate = compared.then(|| Candidate::of(facts, &ruling, siblings.group));
        Judged { ruling, candidate, told }
    }

    /// A connection that was judged, with its words.
    pub(crate) fn tell(&self, facts: &Facts) -> Box<Connection> {
        let verdict = judge(facts, &self.baselines.siblings(facts, &mut Group::default()));
        Box::new(self.presenter.connection(facts, &verdict))
    }

    /// Judges all that was collected, and gives it to `each` by number: on a thread of its own, where there may be more than
    /// one.
    ///
    /// # Errors
    /// What `each` fails with, which ends it, and what the store does.
    pub(crate) fn judge_all(
        &self,
        store: &mut Store,
        mut each: impl FnMut(&mut Ended, Judged) -> Result<(), Error>,
    ) -> Result<(), Error> {
        #[cfg(feature = "native")]
        if self.options.threads > 1
            && store.is_large()
            && let Some(judged) = self.judge_beside(store, &mut each)
        {
            return judged;
        }
        let mut alone = Group::default();
        store.drain(|ended| {
            let judged = self.judge(&ended.facts, &mut alone);
            each(ended, judged)
        })
    }

    /// The same on a thread of its own; `None`, and nothing is done, where there is none to be had.
    #[cfg(feature = "native")]
    fn judge_beside(
        &self,
        store: &mut Store,
        each: &mut impl FnMut(&mut Ended, Judged) -> Result<(), Error>,
    ) -> Option<Result<(), Error>> {
        // Batches that were sent and not yet taken. With none, the other side waits or will soon: it judges the next one itself.
        let sent = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (sender, batches) = sync_channel::<Vec<(Ended, Option<Judged>)>>(WAITING);
            let sent = &sent;
            // An error that is none: nobody listens any more.
            let judge = move || -> Result<(), Option<StoreError>> {
                let mut alone = Group::default();
                let mut batch = Vec::with_capacity(BATCH);
                let mut here = true;
                store.drain(|ended| {
                    let judged = here.then(|| self.judge(&ended.facts, &mut alone));
                    batch.push((std::mem::take(ended), judged));
                    if batch.len() < BATCH {
                        return Ok(());
                    }
                    let whole = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                    here = sent.fetch_add(1, Ordering::Relaxed) > 0;
                    sender.send(whole).map_err(|_| None)
                })?;
                sent.fetch_add(1, Ordering::Relaxed);
                sender.send(batch).map_err(|_| None)
            };
            let thread = std::thread::Builder::new().name("judge".into()).spawn_scoped(scope, judge).ok()?;
            let mut alone = Group::default();
            let told = batches.into_iter().try_for_each(|batch| {
                sent.fetch_sub(1, Ordering::Relaxed);
                batch.into_iter().try_for_each(|(mut ended, judged)| {
                    let judged = judged.unwrap_or_else(|| self.judge(&ended.facts, &mut alone));
                    each(&mut ended, judged)
                })
            });
            Some(match thread.join() {
                Ok(Err(Some(error))) => told.and(Err(error.into())),
                Ok(_) => told,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })
    }
}
