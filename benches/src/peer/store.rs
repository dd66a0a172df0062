//! SQLite off the async threads: one thread that writes, four that read.
//!
//! Work is sent to them as closures. A closure given to `write` has a transaction of its own, which commits if the
//! closure succeeds.

use std::path::Path;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::fault::Fault;
use super::table;
use crate::Failure;
use crate::serve::ServeOptions;

const READERS: usize = 4;

/// Requests beyond this wait in vain, so they are refused at once.
const QUEUE: usize = 1_024;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The threads' queues.
#[derive(Debug)]
pub(super) struct Store {
    readers: Sender<Job>,
    writer: Sender<Job>,
}

impl Store {
    /// Opens a database, fills it if it is empty, and answers it with the key that signs its cursors.
    pub(super) fn open(options: &ServeOptions) -> Result<(Self, Vec<u8>), Failure> {
        let mut writer = Connection::open(&options.database)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", options.synchronous.name())?;
        tune(&writer)?;
        table::create_all(&writer)?;
        table::fill(&mut writer, options.rows)?;
        let cursor_key = table::cursor_key(&writer)?;

        let (readers, jobs) = bounded(QUEUE);
        for _ in 0..READERS {
            start("reader", reader(Path::new(&options.database))?, jobs.clone())?;
        }
        let (writer_queue, jobs) = bounded(QUEUE);
        start("writer", writer, jobs)?;
        Ok((Self { readers, writer: writer_queue }, cursor_key))
    }

    /// Runs a read on one of the readers.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        submit(&self.readers, work).await
    }

    /// Runs a write in a transaction.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        submit(&self.writer, move |connection| {
            // Immediate: a transaction that begins as a reader could fail to become the writer.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
        .await
    }
}

async fn submit<T: Send + 'static>(
    queue: &Sender<Job>,
    work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let (sender, receiver) = oneshot::channel();
    let job: Job = Box::new(move |connection| {
        // The send fails if the client has hung up; then nobody wants the outcome.
        let _unwanted = sender.send(work(connection));
    });
    queue.try_send(job).map_err(|error| match error {
        TrySendError::Full(_) => Fault::overloaded(),
        TrySendError::Disconnected(_) => Fault::internal("the database's threads have ended"),
    })?;
    receiver.await.map_err(|_| Fault::internal("the database's thread dropped a request"))?
}

/// Starts a thread that works through a queue until the store is dropped.
fn start(name: &str, mut connection: Connection, jobs: Receiver<Job>) -> Result<(), Failure> {
    let work = move || {
        for job in jobs {
            job(&mut connection);
        }
    };
    thread::Builder::new().name(name.to_owned()).spawn(work)?;
    Ok(())
}

fn reader(database: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    tune(&connection)?;
    Ok(connection)
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // The default cache of 2 MiB is smaller than the inner pages of a large table; mapped pages save the copy.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "mmap_size", 1_i64 << 30)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}
