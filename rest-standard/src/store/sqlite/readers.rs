//! The connections that read, used on the thread that asks.
//!
//! A read by key takes a few microseconds, less than it takes to hand it to another thread and back.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, TryLockError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use rusqlite::Connection;

use super::{cache::lock, failure, open};
use crate::error::Result;

thread_local! {
    /// Where this thread looks first: at the same connection each time, whose cache is then warm.
    static SEAT: usize = {
        static SEATS: AtomicUsize = AtomicUsize::new(0);
        SEATS.fetch_add(1, Ordering::Relaxed)
    };
}

/// A fixed number of read-only connections.
pub(super) struct Readers {
    path: PathBuf,
    slots: Vec<Mutex<Slot>>,
    statistics: AtomicU64,
}

#[derive(Default)]
struct Slot {
    connection: Option<Connection>,
    closed: bool,
    /// The statistics that the connection plans its queries with.
    statistics: u64,
}

impl Readers {
    pub(super) fn new(path: &Path, count: usize) -> Self {
        Self {
            path: path.to_owned(),
            slots: (0..count.max(1)).map(|_| Mutex::default()).collect(),
            statistics: AtomicU64::new(0),
        }
    }

    /// Reads with a connection that nobody else uses at the moment.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut slot = self.slot();
        let statistics = self.statistics.load(Ordering::Acquire);
        if slot.closed {
            return Err(failure::closed());
        }
        if slot.statistics != statistics {
            slot.connection = None;
        }
        let connection = match slot.connection.take() {
            Some(connection) => connection,
            None => open::reader(&self.path).map_err(failure::error)?,
        };
        slot.statistics = statistics;
        read(slot.connection.insert(connection))
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        let first = SEAT.with(|seat| *seat);
        for step in 0..self.slots.len() {
            match self.slots[(first + step) % self.slots.len()].try_lock() {
                Ok(slot) => return slot,
                Err(TryLockError::Poisoned(slot)) => return slot.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        lock(&self.slots[first % self.slots.len()])
    }

    /// Makes the connections read the statistics again, which SQLite does when it opens a file.
    pub(super) fn renew_statistics(&self) {
        self.statistics.fetch_add(1, Ordering::AcqRel);
    }

    /// Ends the connections, after the reads that run.
    pub(super) fn close(&self) {
        for slot in &self.slots {
            let mut slot = lock(slot);
            slot.closed = true;
            slot.connection = None;
        }
    }
}
