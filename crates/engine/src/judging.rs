//! Decides what was collected, connection by connection.
//!
//! What is then made of a ruling, counts and words, needs connections one after the other. The ruling itself needs nothing
//! but its facts and what siblings say: where there is a second processor it is found there, a few connections ahead.

use crate::Error;
#[cfg(feature = "native")]
use crate::store::StoreError;
use crate::store::{Ended, Store};
use hangup_verdict::{Baselines, Group, Ruling, decide};
#[cfg(feature = "native")]
use std::sync::mpsc::sync_channel;

/// Rulings that are handed on at once.
#[cfg(feature = "native")]
const BATCH: usize = 64;
/// Batches that may wait to be told.
#[cfg(feature = "native")]
const WAITING: usize = 4;

/// Decides all that was collected, and gives it to `each` by number: on a thread of its own, where there may be more
/// than one.
///
/// # Errors
/// What `each` fails with, which ends it, and what the store does.
pub(crate) fn decide_all(
    store: &mut Store,
    baselines: &Baselines,
    threads: usize,
    mut each: impl FnMut(&mut Ended, &Ruling) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut alone = Group::default();
    let mut ruling_of = |ended: &Ended| decide(&ended.facts, &baselines.siblings(&ended.facts, &mut alone));
    #[cfg(feature = "native")]
    if threads > 1 && store.is_large() {
        return std::thread::scope(|scope| {
            let (sender, batches) = sync_channel::<Vec<(Ended, Ruling)>>(WAITING);
            // An error that is none: nobody listens any more.
            let decide = move || -> Result<(), Option<StoreError>> {
                let mut batch = Vec::with_capacity(BATCH);
                store.drain(|ended| {
                    let ruling = ruling_of(ended);
                    batch.push((std::mem::take(ended), ruling));
                    if batch.len() < BATCH {
                        return Ok(());
                    }
                    let whole = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                    sender.send(whole).map_err(|_| None)
                })?;
                sender.send(batch).map_err(|_| None)
            };
            let thread = std::thread::Builder::new().name("judge".into()).spawn_scoped(scope, decide);
            let thread = thread.map_err(Error::Output)?;
            for (ended, ruling) in batches.into_iter().flatten() {
                each(&mut { ended }, &ruling)?;
            }
            match thread.join() {
                Ok(Err(Some(error))) => Err(error.into()),
                Ok(_) => Ok(()),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        });
    }
    #[cfg(not(feature = "native"))]
    let _ = threads;
    store.drain(|ended| {
        let ruling = ruling_of(ended);
        each(ended, &ruling)
    })
}
