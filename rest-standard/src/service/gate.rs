//! Lets one at a time through for each key, first come, first served: a row, or a request id.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// The keys that are taken, and who waits for them.
#[derive(Debug)]
pub(super) struct Gate<K> {
    taken: Mutex<HashMap<K, Arc<Turn<()>>>>,
}

impl<K> Default for Gate<K> {
    fn default() -> Self {
        Self { taken: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash> Gate<K> {
    /// Waits for the turn of `key`; `None` when `deadline` comes first.
    pub(super) async fn claim(self: &Arc<Self>, key: K, deadline: Instant) -> Option<Claim<K>> {
        let turn = {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            taken.entry(key.clone()).or_default().clone()
        };
        // The claim exists while it waits, so that a waiter that gives up cleans up as well.
        let mut claim = Claim { gate: self.clone(), key, turn: Some(turn.clone()), guard: None };
        claim.guard = Some(match turn.clone().try_lock_owned() {
            Ok(guard) => guard,
            Err(_) => tokio::time::timeout_at(deadline.into(), turn.lock_owned()).await.ok()?,
        });
        Some(claim)
    }
}

/// A turn; the next in line goes when it is dropped.
#[derive(Debug)]
pub(super) struct Claim<K: Eq + Hash> {
    gate: Arc<Gate<K>>,
    key: K,
    turn: Option<Arc<Turn<()>>>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl<K: Eq + Hash> Drop for Claim<K> {
    fn drop(&mut self) {
        let mut taken = self.gate.taken.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.guard.take());
        drop(self.turn.take());
        // Nobody can begin to wait while the table is locked, so a count of one is the table's own.
        if taken.get(&self.key).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            taken.remove(&self.key);
        }
    }
}
