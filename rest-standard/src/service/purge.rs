//! What has had its time goes for good: what was soft-deleted, old changes, old request ids.
//!
//! Each goes in small steps with a pause after each, so that nobody who writes waits for more than one of them.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::Api;
use crate::{
    error::{Error, Result},
    store::{Conflict, Expect, Write, WriteBatch},
};

/// How many rows are looked for at once.
const STEP: u64 = 100;
/// How much longer than a step the pause after it is, so that what goes takes a fifth of the time at most.
const PAUSE: u32 = 4;
/// How long a request id is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Rests as long as the work since `begun` allows.
async fn pause(begun: Instant) {
    tokio::time::sleep((begun.elapsed() * PAUSE).max(Duration::from_millis(1))).await;
}

impl Api {
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
                    match self.store.commit(batch).await {
                        Ok(()) => {
                            progress = true;
                            gone += 1;
                        }
                        Err(Conflict::Store(error)) => return Err(error),
                        Err(_) => {}
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
                let begun = Instant::now();
                let aged = self.store.aged_changes(log, limit, STEP).await?;
                let count = aged.len() as u64;
                let forget = |(path, incarnation)| Write::Forget(log, path, incarnation);
                let writes = aged.into_iter().map(forget).collect();
                match self.store.commit(WriteBatch { writes, ..WriteBatch::default() }).await {
                    Ok(()) => gone += count,
                    Err(Conflict::Store(error)) => return Err(error),
                    Err(other) => return Err(Error::internal(format!("old changes met {other:?}"))),
                }
                if count < STEP {
                    break;
                }
                pause(begun).await;
            }
        }
        Ok(gone)
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
            let begun = Instant::now();
            let count = self.store.forget_requests(limit, STEP).await?;
            gone += count;
            if count == 0 {
                return Ok(gone);
            }
            pause(begun).await;
        }
    }

    fn before(&self, time: SignedDuration) -> Option<Timestamp> {
        self.source.now().checked_sub(time).ok()
    }
}
