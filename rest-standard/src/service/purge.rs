//! What has had its time goes for good: what was soft-deleted, old changes, old request ids.
//!
//! Each goes in small steps with a pause after each, and one step at a time whatever goes, so that nobody who writes waits for
//! more than one of them.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::Api;
use crate::{
    error::{Error, Result},
    store::{Conflict, Expect, Write, WriteBatch},
    tree::NodeId,
};

/// How many rows go at once.
const STEP: u64 = 100;
/// How much longer than a step the pause after it is, so that what goes takes a fifth of the time at most. Under load a step waits
/// for its turn, which counts, so that what goes gives way to what comes.
const PAUSE: u32 = 4;
/// How long a request id is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

impl Api {
    /// Takes one step when no other one is under way, and rests as long as it allows before the next one may be.
    async fn step<T>(&self, step: impl Future<Output = Result<T>>) -> Result<T> {
        let _turn = self.clearing.lock().await;
        let begun = Instant::now();
        let outcome = step.await?;
        tokio::time::sleep((begun.elapsed() * PAUSE).max(Duration::from_millis(1))).await;
        Ok(outcome)
    }

    /// Whether a resource of this service can be soft-deleted.
    #[must_use]
    pub fn has_soft_delete(&self) -> bool {
        self.tree.nodes().iter().any(|node| node.descriptor.soft_delete.is_some())
    }

    /// Takes each soft-deleted resource whose `purgeAt` has come away for good, with all below it; gives how many.
    ///
    /// Each goes in a commit of its own that demands the revision that was read, so that an `:undelete` or another
    /// replica that comes first is left alone. Rules are not asked: they were when it was deleted.
    ///
    /// # Errors
    ///
    /// When the store cannot read or commit.
    pub async fn purge(&self) -> Result<u64> {
        let mut gone = 0;
        for node in self.tree.nodes().iter().filter(|node| node.descriptor.soft_delete.is_some()) {
            loop {
                let expired = self.store.expired(node.id, self.source.now(), STEP).await?;
                let mut progress = false;
                for (path, revision) in expired {
                    let batch = WriteBatch {
                        expect: vec![Expect::Revision(node.id, path.clone(), revision)],
                        writes: vec![Write::DeleteTree(node.id, path)],
                        request: None,
                    };
                    let is_gone = self.step(async {
                        match self.store.commit(batch).await {
                            Ok(()) => Ok(true),
                            Err(Conflict::Store(error)) => Err(error),
                            Err(_) => Ok(false),
                        }
                    });
                    if is_gone.await? {
                        progress = true;
                        gone += 1;
                    }
                }
                if !progress {
                    break;
                }
            }
        }
        Ok(gone)
    }

    /// Whether the service keeps changes for some time only.
    #[must_use]
    pub fn has_aging_changes(&self) -> bool {
        self.tree.nodes().iter().any(|node| node.descriptor.keep_changes.is_some())
    }

    /// Takes the entries of `changes` away that were kept for as long as is declared; gives how many.
    ///
    /// # Errors
    ///
    /// When the store cannot read or commit.
    pub async fn forget_changes(&self) -> Result<u64> {
        let mut gone = 0;
        for node in self.tree.nodes() {
            let Some((log, seconds)) = node.changes.zip(node.descriptor.keep_changes) else { continue };
            let Some(limit) = self.before(SignedDuration::from_secs(seconds.cast_signed())) else { continue };
            loop {
                let count = self.step(self.forget_some_changes(log, limit)).await?;
                gone += count;
                if count < STEP {
                    break;
                }
            }
        }
        Ok(gone)
    }

    async fn forget_some_changes(&self, log: NodeId, limit: Timestamp) -> Result<u64> {
        let aged = self.store.aged_changes(log, limit, STEP).await?;
        let count = aged.len() as u64;
        let forget = |(path, incarnation)| Write::Forget(log, path, incarnation);
        let writes = aged.into_iter().map(forget).collect();
        match self.store.commit(WriteBatch { writes, ..WriteBatch::default() }).await {
            Ok(()) => Ok(count),
            Err(Conflict::Store(error)) => Err(error),
            Err(other) => Err(Error::internal(format!("old changes met {other:?}"))),
        }
    }

    /// Forgets the request ids whose 24 hours are over; gives how many.
    ///
    /// # Errors
    ///
    /// When the store cannot commit.
    pub async fn forget_requests(&self) -> Result<u64> {
        let Some(limit) = self.before(REMEMBERED) else { return Ok(0) };
        let mut gone = 0;
        loop {
            let count = self.step(self.store.forget_requests(limit, STEP)).await?;
            gone += count;
            if count == 0 {
                return Ok(gone);
            }
        }
    }

    fn before(&self, time: SignedDuration) -> Option<Timestamp> {
        self.source.now().checked_sub(time).ok()
    }
}
