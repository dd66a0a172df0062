//! The connections that read.
//!
//! A read by key takes a few microseconds, less than it takes to hand it to another thread and back, so it runs on the
//! thread that asks. A scan that may take long has connections of its own and waits for one without keeping a thread; so
//! no number of them keeps short reads waiting. It ends with its request. An export reads as fast as its client takes it,
//! so exports again have connections, and threads, of their own.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, TryLockError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::Semaphore;

use super::{
    cache::lock,
    failure,
    open::{self, Sorting},
};
use crate::{
    error::{Error, Result},
    store::Feed,
};

/// How many scans that may take long run at a time.
const LONG: usize = 2;
/// How many exports run at a time.
const EXPORTS: usize = 2;

/// A fixed number of read-only connections.
pub(super) struct Readers {
    path: PathBuf,
    short: Vec<Mutex<Slot>>,
    long: Vec<Mutex<Slot>>,
    turns: Arc<Semaphore>,
    exports: Vec<Mutex<Slot>>,
    export_turns: Arc<Semaphore>,
    statistics: AtomicU64,
}

#[derive(Default)]
struct Slot {
    connection: Option<Connection>,
    closed: bool,
    /// The statistics that the connection plans its queries with.
    statistics: u64,
}

thread_local! {
    /// Where this thread looks first: at the same connection each time, whose cache is then warm.
    static SEAT: usize = {
        static SEATS: AtomicUsize = AtomicUsize::new(0);
        SEATS.fetch_add(1, Ordering::Relaxed)
    };
}

impl Readers {
    pub(super) fn new(path: &Path, count: usize) -> Self {
        let slots = |count: usize| (0..count.max(1)).map(|_| Mutex::default()).collect();
        Self {
            path: path.to_owned(),
            short: slots(count),
            long: slots(LONG),
            turns: Arc::new(Semaphore::new(LONG)),
            exports: slots(EXPORTS),
            export_turns: Arc::new(Semaphore::new(EXPORTS)),
            statistics: AtomicU64::new(0),
        }
    }

    /// Reads something small with a connection that nobody else uses at the moment.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.read(&mut free(&self.short), Sorting::Memory, read)
    }

    /// Reads what may take long, on a thread that nobody waits for. Whoever stops waiting ends the read.
    pub(super) async fn with_long<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| failure::closed())?;
        let (readers, stop) = (Arc::clone(self), Stop::default());
        let running = stop.0.clone();
        let work = move || {
            let _turn = turn;
            readers.read(&mut free(&readers.long), Sorting::File, |connection| {
                if !begin(&running, connection) {
                    return Err(failure::closed());
                }
                let outcome = read(connection);
                *lock(&running) = Running::Over;
                outcome
            })
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn_blocking(work).await.unwrap_or_else(|failure| Err(Error::internal(failure)))
            }
            Err(_) => work(),
        }
    }

    /// Begins a read that hands what it reads to a feed, on a thread of its own. It ends when what is given is dropped.
    pub(super) async fn export(
        self: &Arc<Self>,
        mut feed: Feed,
        read: impl FnOnce(&Connection, &mut Feed) -> Result<()> + Send + 'static,
    ) -> Result<Stop> {
        let turn = Arc::clone(&self.export_turns).acquire_owned().await.map_err(|_| failure::closed())?;
        let (readers, stop) = (Arc::clone(self), Stop::default());
        let running = stop.0.clone();
        let work = move || {
            let _turn = turn;
            let outcome = readers.read(&mut free(&readers.exports), Sorting::File, |connection| {
                if !begin(&running, connection) {
                    return Err(failure::closed());
                }
                let outcome = read(connection, &mut feed);
                *lock(&running) = Running::Over;
                outcome
            });
            feed.end(outcome);
        };
        std::thread::Builder::new().name("sqlite-export".to_owned()).spawn(work)?;
        Ok(stop)
    }

    fn read<T>(
        &self,
        slot: &mut Slot,
        sorting: Sorting,
        read: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let statistics = self.statistics.load(Ordering::Acquire);
        if slot.closed {
            return Err(failure::closed());
        }
        if slot.statistics != statistics {
            slot.connection = None;
        }
        let connection = match slot.connection.take() {
            Some(connection) => connection,
            None => open::reader(&self.path, sorting).map_err(failure::error)?,
        };
        slot.statistics = statistics;
        read(slot.connection.insert(connection))
    }

    /// Makes the connections read the statistics again, which SQLite does when it opens a file.
    pub(super) fn renew_statistics(&self) {
        self.statistics.fetch_add(1, Ordering::AcqRel);
    }

    /// Ends the connections, after the reads that run.
    pub(super) fn close(&self) {
        self.turns.close();
        self.export_turns.close();
        for slot in self.short.iter().chain(&self.long) {
            let mut slot = lock(slot);
            slot.closed = true;
            slot.connection = None;
        }
        // An export that still runs waits for its client, which may wait for whoever closes the store. No other one begins,
        // and its connection goes with its thread.
        for slot in &self.exports {
            if let Ok(mut slot) = slot.try_lock() {
                slot.closed = true;
                slot.connection = None;
            }
        }
    }
}

/// A slot that nobody uses, or after a wait one that nobody uses any more.
fn free(slots: &[Mutex<Slot>]) -> MutexGuard<'_, Slot> {
    let first = SEAT.with(|seat| *seat);
    for step in 0..slots.len() {
        match slots[(first + step) % slots.len()].try_lock() {
            Ok(slot) => return slot,
            Err(TryLockError::Poisoned(slot)) => return slot.into_inner(),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    lock(&slots[first % slots.len()])
}

/// Where a read that may take long stands.
#[derive(Default)]
enum Running {
    #[default]
    Waiting,
    Reading(InterruptHandle),
    Over,
}

/// Ends a read when it is dropped.
#[derive(Default)]
pub(super) struct Stop(Arc<Mutex<Running>>);

/// Notes that the read begins; false where nobody waits for it any more.
fn begin(running: &Mutex<Running>, connection: &Connection) -> bool {
    let mut running = lock(running);
    if matches!(*running, Running::Over) {
        return false;
    }
    *running = Running::Reading(connection.get_interrupt_handle());
    true
}

impl Drop for Stop {
    fn drop(&mut self) {
        // Under the lock, so that the connection cannot have gone on to another read.
        let mut running = lock(&self.0);
        if let Running::Reading(connection) = &*running {
            connection.interrupt();
        }
        *running = Running::Over;
    }
}
