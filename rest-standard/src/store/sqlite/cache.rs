//! What was read and is kept: rows by path, and the number of rows below a parent.
//!
//! The file belongs to this process, so that what the writer commits is all that can change it. Counting in SQLite
//! costs more than the rest of a list, and a count kept in a table costs a write in each commit; a count in memory is
//! read once and then follows the commits.
//!
//! Both caches face the same race: a reader that read before a commit must not leave what it read behind it.

use std::{
    hash::{BuildHasher as _, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
};

use quick_cache::{DefaultHashBuilder, Equivalent, Weighter, sync::Cache};

use crate::{
    store::{Record, Total},
    tree::NodeId,
    value::Path,
};

/// Nothing panics while it holds one of these locks, and what they guard is consistent at every step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowKey {
    pub(super) node: NodeId,
    pub(super) path: Path,
}

impl Hash for RowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrowed(self.node, &self.path).hash(state);
    }
}

/// A key to look up with, which costs no copy of the path.
#[derive(Hash)]
struct Borrowed<'a>(NodeId, &'a Path);

impl Equivalent<RowKey> for Borrowed<'_> {
    fn equivalent(&self, key: &RowKey) -> bool {
        self.0 == key.node && *self.1 == key.path
    }
}

/// What a row of a few short fields takes, which is what the cache makes room for.
const USUAL_SIZE: usize = 512;

/// How much memory each row takes.
#[derive(Clone)]
struct Sizes;

impl Weighter<RowKey, Arc<Record>> for Sizes {
    fn weight(&self, _: &RowKey, record: &Arc<Record>) -> u64 {
        record.size() as u64
    }
}

const STRIPES: usize = 1024;

/// One lock and epoch for each of 1,024 parts of the key space.
#[derive(Debug, Default)]
struct Stripe {
    epoch: u64,
    /// Whether the writer is between taking a row out and having committed it.
    held: bool,
}

/// Rows by path.
///
/// The writer takes a row out before it commits and puts the new one in afterwards; in between, readers go to the
/// database and leave nothing. So no reader sees an old row after another one saw a newer.
pub(super) struct Rows {
    rows: Cache<RowKey, Arc<Record>, Sizes>,
    stripes: Box<[Mutex<Stripe>]>,
    hasher: DefaultHashBuilder,
}

/// The state of a key's stripe before its row was read.
pub(super) struct Ticket {
    stripe: usize,
    epoch: u64,
}

impl Rows {
    /// Rows of about `bytes` in all.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            rows: Cache::with_weighter(bytes / USUAL_SIZE, bytes as u64, Sizes),
            stripes: (0..STRIPES).map(|_| Mutex::default()).collect(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    fn stripe_of(&self, node: NodeId, path: &Path) -> usize {
        self.hasher.hash_one(Borrowed(node, path)) as usize % STRIPES
    }

    pub(super) fn get(&self, node: NodeId, path: &Path) -> Option<Arc<Record>> {
        self.rows.get(&Borrowed(node, path))
    }

    /// To be taken before the row is read.
    pub(super) fn ticket(&self, node: NodeId, path: &Path) -> Ticket {
        let stripe = self.stripe_of(node, path);
        Ticket { stripe, epoch: lock(&self.stripes[stripe]).epoch }
    }

    /// Keeps a row that was read since `ticket` was taken, unless a commit may have changed it.
    pub(super) fn fill(&self, ticket: &Ticket, node: NodeId, record: &Arc<Record>) {
        let stripe = lock(&self.stripes[ticket.stripe]);
        if stripe.epoch == ticket.epoch && !stripe.held {
            self.rows.insert(RowKey { node, path: record.path.clone() }, Arc::clone(record));
        }
    }

    /// Takes a row out, before a commit that changes it.
    pub(super) fn hold(&self, key: &RowKey) {
        let mut stripe = lock(&self.stripes[self.stripe_of(key.node, &key.path)]);
        stripe.epoch += 1;
        stripe.held = true;
        self.rows.remove(key);
    }

    /// Puts the row in that was committed, if it is known; after [`Rows::hold`], whatever came of the commit.
    pub(super) fn release(&self, key: RowKey, record: Option<Arc<Record>>) {
        let mut stripe = lock(&self.stripes[self.stripe_of(key.node, &key.path)]);
        match record {
            Some(record) => self.rows.insert(key, record),
            None => {
                self.rows.remove(&key);
            }
        }
        stripe.epoch += 1;
        stripe.held = false;
    }

    /// Takes all rows out that `affected` says, before a commit that changes rows which nobody listed.
    pub(super) fn hold_all(&self, affected: impl Fn(&RowKey) -> bool) {
        for stripe in &self.stripes {
            let mut stripe = lock(stripe);
            stripe.epoch += 1;
            stripe.held = true;
        }
        self.rows.retain(|key, _| !affected(key));
    }

    /// After [`Rows::hold_all`], whatever came of the commit.
    pub(super) fn release_all(&self) {
        for stripe in &self.stripes {
            let mut stripe = lock(stripe);
            stripe.epoch += 1;
            stripe.held = false;
        }
    }
}

/// What is counted: the rows of a node below a parent, or the changes of one incarnation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CountKey {
    pub(super) node: NodeId,
    pub(super) parent: Path,
    pub(super) incarnation: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
enum Counter {
    /// A reader counts in its snapshot; this is what was committed since the snapshot was taken.
    Counting(i64),
    /// So many, or where counting stopped early at least so many.
    Known { count: i64, exact: bool },
    /// Nobody knows.
    Unknown,
}

/// The numbers of rows below parents.
///
/// The writer holds the gate from a commit until the counters follow it, and a reader takes its snapshot under the
/// gate; so a snapshot and its counter stand for the same commit.
pub(super) struct Counts {
    counters: Cache<CountKey, Arc<Mutex<Counter>>>,
    gate: RwLock<()>,
}

/// A reader's duty to count; given up when it is dropped.
pub(super) struct Counting {
    counter: Arc<Mutex<Counter>>,
    finished: bool,
}

impl Counts {
    pub(super) fn new(capacity: usize) -> Self {
        Self { counters: Cache::new(capacity), gate: RwLock::default() }
    }

    /// The number of rows, if it is known well enough; `limit` is where the client stops caring.
    pub(super) fn get(&self, key: &CountKey, limit: Option<u64>) -> Option<Total> {
        let counter = self.counters.get(key)?;
        let Counter::Known { count, exact } = *lock(&counter) else { return None };
        total(u64::try_from(count).unwrap_or_default(), exact, limit)
    }

    /// Keeps commits out while a reader takes its snapshot.
    pub(super) fn gate(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the commits from the snapshot on; `None` where another reader counts already. Under the gate.
    pub(super) fn start(&self, key: &CountKey) -> Option<Counting> {
        let counter = match self.counters.get(key) {
            Some(counter) => counter,
            None => {
                let counter = Arc::new(Mutex::new(Counter::Unknown));
                self.counters.insert(key.clone(), Arc::clone(&counter));
                counter
            }
        };
        {
            let mut state = lock(&counter);
            if matches!(*state, Counter::Counting(_)) {
                return None;
            }
            *state = Counter::Counting(0);
        }
        Some(Counting { counter, finished: false })
    }

    /// Runs a commit, and where it succeeds, lets the counters follow it; a change by `None` is by nobody knows how much.
    pub(super) fn commit<E>(
        &self,
        changes: impl IntoIterator<Item = (CountKey, Option<i64>)>,
        unknown: Option<impl Fn(&CountKey) -> bool>,
        commit: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        commit()?;
        for (key, change) in changes {
            if let Some(counter) = self.counters.get(&key) {
                match (&mut *lock(&counter), change) {
                    (Counter::Counting(count) | Counter::Known { count, .. }, Some(change)) => {
                        *count += change;
                    }
                    (counter, None) => *counter = Counter::Unknown,
                    (Counter::Unknown, Some(_)) => {}
                }
            }
        }
        if let Some(unknown) = unknown {
            self.counters.retain(|key, _| !unknown(key));
        }
        Ok(())
    }
}

impl Counting {
    /// Says what was counted in the snapshot.
    pub(super) fn finish(mut self, counted: u64, exact: bool) {
        // From here on another reader may begin to count, whose duty is not this one's to give up.
        self.finished = true;
        let mut state = lock(&self.counter);
        if let Counter::Counting(since) = *state {
            *state = Counter::Known { count: i64::try_from(counted).unwrap_or(i64::MAX) + since, exact };
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        if !self.finished {
            *lock(&self.counter) = Counter::Unknown;
        }
    }
}

/// The answer to a client that cares up to `limit`; `None` when `count` is a lower bound that does not reach it.
pub(super) fn total(count: u64, exact: bool, limit: Option<u64>) -> Option<Total> {
    match limit {
        Some(limit) if count > limit => Some(Total { count: limit, exact: false }),
        _ => exact.then_some(Total { count, exact: true }),
    }
}
