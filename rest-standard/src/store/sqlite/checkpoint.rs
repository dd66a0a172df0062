//! Copies the write-ahead log into the database without stopping the writer for it.
//!
//! SQLite's own checkpoints run inside the commit that finds the log long, and that commit waits for two flushes and
//! thousands of pages. Here a second thread copies the log while the writer goes on. The log can only start over when all
//! of it is copied, so the writer copies the last pages itself, once the thread has come so close that they are few.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;

use super::open;

/// How many rows are written, indexes included, until a copy begins.
const BEGIN: u64 = 4_000;
/// How many pages the log has when it is to be brought to an end: often enough for readers, which look through the log
/// for each page, and seldom enough for writers, which then wait for the disk.
const END: u64 = 16_000;
/// How many pages may be left to the writer.
const FEW: u64 = 200;
/// How often the thread copies what was added while it copied, until it leaves the rest to the writer.
const ROUNDS: usize = 5;

/// The writer's hold on the thread that copies.
pub(super) struct Checkpointer {
    nudge: SyncSender<()>,
    thread: JoinHandle<()>,
    /// The pages in the log, as the last copy found it; 0 once it was acted on.
    length: Arc<AtomicU64>,
    written: u64,
}

impl Checkpointer {
    pub(super) fn start(path: &Path) -> std::io::Result<Self> {
        let (nudge, nudged) = sync_channel::<()>(1);
        let length = Arc::new(AtomicU64::new(0));
        let (path, found) = (path.to_owned(), Arc::clone(&length));
        let thread = std::thread::Builder::new().name("sqlite-checkpoint".to_owned()).spawn(move || {
            let mut connection = None;
            while nudged.recv().is_ok() {
                match copy_with(&mut connection, &path) {
                    Ok(copied) => found.store(copied, Ordering::Release),
                    Err(failure) => tracing::warn!("the database's log cannot be copied: {failure}"),
                }
            }
        })?;
        Ok(Self { nudge, thread, length, written: 0 })
    }

    /// Says that the last commit wrote so many rows.
    pub(super) fn written(&mut self, rows: u64) {
        self.written += rows;
        if self.written >= BEGIN {
            self.written = 0;
            self.begin();
        }
    }

    pub(super) fn copy_while_idle(&mut self) {
        if self.written > 0 {
            self.written = 0;
            self.begin();
        }
    }

    fn begin(&self) {
        // A full channel means that a copy is about to begin anyway.
        let _ = self.nudge.try_send(());
    }

    /// Brings a long log to its end, so that the next commit starts it over.
    pub(super) fn before_group(&self, connection: &Connection) {
        if self.length.load(Ordering::Acquire) < END {
            return;
        }
        self.length.store(0, Ordering::Release);
        if let Err(failure) = copy(connection) {
            tracing::warn!("the database's log cannot be copied: {failure}");
        }
    }

    /// Ends the thread.
    pub(super) fn finish(self) {
        drop(self.nudge);
        // A panic of the thread was reported by the thread.
        let _ = self.thread.join();
    }
}

fn copy_with(connection: &mut Option<Connection>, path: &Path) -> rusqlite::Result<u64> {
    let opened = match connection.take() {
        Some(connection) => connection,
        None => open::checkpointer(path)?,
    };
    let connection = connection.insert(opened);
    let mut log = copy(connection)?;
    for _ in 1..ROUNDS {
        if log.pages < END || log.pages - log.copied <= FEW {
            break;
        }
        log = copy(connection)?;
    }
    Ok(log.pages)
}

/// The pages in the log, and how many of them are in the database as well.
struct Log {
    pages: u64,
    copied: u64,
}

/// Copies what no reader holds back.
fn copy(connection: &Connection) -> rusqlite::Result<Log> {
    checkpoint(connection, "PASSIVE")
}

/// Copies everything and cuts the log down to nothing.
pub(super) fn truncate(connection: &Connection) -> rusqlite::Result<()> {
    checkpoint(connection, "TRUNCATE").map(drop)
}

fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<Log> {
    let mut log = Log { pages: 0, copied: 0 };
    connection.pragma(None, "wal_checkpoint", mode, |row| {
        // Both are -1 where there is no log.
        log.pages = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
        log.copied = u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default().min(log.pages);
        Ok(())
    })?;
    Ok(log)
}
