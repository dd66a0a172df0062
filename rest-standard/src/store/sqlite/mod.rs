//! The embedded store: one SQLite file, which belongs to one process.
//!
//! One thread writes and groups what waits into one transaction; a few connections read, on the thread that asks. What
//! was read is kept in memory and follows the commits, which is sound because nobody else writes the file. Other
//! programs may read it: a table for each node, a column for each field.

mod apply;
mod backup;
mod cache;
mod checkpoint;
mod explain;
mod failure;
mod lock;
mod migrate;
mod open;
mod query;
mod readers;
#[cfg(test)]
mod tests;
mod value;
mod writer;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;

pub use self::backup::backup;
use self::{
    cache::{Counts, Rows},
    checkpoint::Checkpointer,
    open::Meta,
    readers::Readers,
    value::Columns,
    writer::{Purpose, Shared, Writer},
};
use crate::{
    descriptor::BoxFuture,
    error::{Error, Result},
    store::{
        Capabilities, Conflict, Count, Excerpt, Extent, Feed, Figure, Page, Pieces, Record, RequestRecord,
        Scan, Store, WriteBatch,
        sql::{
            Dialect,
            record::Columns as _,
            render,
            schema::{Found, declared::Declared},
            sqlite as text,
            statements::Layout,
        },
    },
    tree::{NodeId, Tree},
    value::{Path, Value},
};

/// When a commit counts as durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// After it was flushed to the disk: it survives a loss of power.
    #[default]
    Full,
    /// After the system took it: it survives the end of the process, and a loss of power may take the last commits.
    Normal,
}

/// Where the store is and how it works.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The database file; it is made where it does not exist.
    pub path: PathBuf,
    /// When a commit counts as durable.
    pub synchronous: Synchronous,
    /// How many connections read.
    pub readers: usize,
    /// How many writes may wait; more are refused with 503.
    pub queue: usize,
    /// About how many bytes of rows are kept in memory.
    pub cache: usize,
}

impl SqliteOptions {
    /// The usual settings for the file at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), synchronous: Synchronous::Full, readers: 4, queue: 1024, cache: 64 << 20 }
    }
}

/// How many collections' sizes are kept in memory.
const COUNTERS: usize = 10_000;

/// How many integer ids are reserved at a time, so that few creates wait for a reservation.
const ID_BLOCK: i64 = 64;

/// A connection that reads the tables of a file.
pub(crate) struct Inspection {
    connection: rusqlite::Connection,
    /// Its tables and views, by name.
    pub(crate) tables: Vec<Found>,
}

impl Inspection {
    /// Reads the tables.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn begin(path: &std::path::Path) -> Result<Self> {
        let connection =
            open::reader(path, open::Sorting::File).map_err(|failure| open::explain(path, failure))?;
        let tables = migrate::read_tables(&connection).map_err(|failure| open::explain(path, failure))?;
        let mut tables: Vec<Found> = tables.into_values().collect();
        tables.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { connection, tables })
    }

    /// The answer of a query for one boolean.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn ask(&self, sql: &str) -> Result<bool> {
        Ok(query::ask(&self.connection, sql).map_err(failure::error)?.unwrap_or_default())
    }
}

/// A store in an SQLite file.
pub struct SqliteStore {
    service: String,
    writer: Writer,
    shared: Arc<Shared>,
    meta: OnceLock<Meta>,
    ids: tokio::sync::Mutex<HashMap<NodeId, IdBlock>>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("service", &self.service).finish_non_exhaustive()
    }
}

/// Reserved integer ids: the next one, and the first that is not reserved.
#[derive(Clone, Copy)]
struct IdBlock {
    next: i64,
    end: i64,
}

fn not_migrated() -> Error {
    Error::internal("the store was used before `migrate`")
}

impl SqliteStore {
    /// Locks and opens the file of the service `service`.
    ///
    /// # Errors
    ///
    /// When another process serves the file, the file cannot be written to, is damaged, or is not this service's. The
    /// text is for the operator.
    pub fn open(options: SqliteOptions, service: &str) -> Result<Self> {
        let SqliteOptions { path, synchronous, readers, queue, cache } = options;
        let path = lock::resolve(&path)?;
        let lock = lock::take(&path)?;
        let connection = open::writer(&path, synchronous, service)?;
        let shared = Arc::new(Shared {
            layout: OnceLock::new(),
            rows: Rows::new(cache),
            counts: Counts::new(COUNTERS),
            readers: Arc::new(Readers::new(&path, readers)),
            failing: false.into(),
            groups: 0.into(),
            grouped: 0.into(),
            waiting: 0.into(),
        });
        let checkpointer = Checkpointer::start(&path)?;
        let writer = Writer::start(connection, checkpointer, Arc::clone(&shared), queue, lock)?;
        Ok(Self {
            service: service.to_owned(),
            writer,
            shared,
            meta: OnceLock::new(),
            ids: Default::default(),
        })
    }

    fn layout(&self) -> Result<&Layout> {
        self.shared.layout.get().ok_or_else(not_migrated)
    }

    fn meta(&self) -> Result<&Meta> {
        self.meta.get().ok_or_else(not_migrated)
    }

    fn read_now(&self, node: NodeId, path: &Path) -> Result<Option<Arc<Record>>> {
        if let Some(record) = self.shared.rows.get(node, path) {
            return Ok(Some(record));
        }
        let table = self.layout()?.table(node)?;
        let ticket = self.shared.rows.ticket(node, path);
        let record =
            self.shared.readers.with(|connection| query::read(connection, table, path, &Extent::Whole))?;
        let record = record.map(Arc::new);
        // Others may write an existing table, unseen.
        if let Some(record) = record.as_ref().filter(|_| table.existing.is_none()) {
            self.shared.rows.fill(&ticket, node, record);
        }
        Ok(record)
    }

    fn read_excerpt_now(&self, node: NodeId, path: &Path, extent: &Extent) -> Result<Option<Excerpt>> {
        if let Some(record) = self.shared.rows.get(node, path) {
            return Ok(Some(Excerpt::new(record, extent.clone())));
        }
        // Rows that are kept in memory are whole, so that a part of one is not kept.
        let table = self.layout()?.table(node)?;
        let record = self.shared.readers.with(|connection| query::read(connection, table, path, extent))?;
        Ok(record.map(|record| Excerpt::new(Arc::new(record), extent.clone())))
    }

    /// What SQLite says it would do for a page of `scan`: the lines of `EXPLAIN QUERY PLAN`, statement by statement. It is
    /// for tests that an index is used.
    ///
    /// # Errors
    ///
    /// When the scan does not fit the tables, or the store cannot be read.
    pub fn explain(&self, scan: &Scan) -> Result<Vec<String>> {
        let table = self.layout()?.table(scan.node)?;
        self.shared.readers.with(|connection| explain::explain(connection, table, scan))
    }

    async fn scan_rows(&self, scan: &Scan, extent: &Extent) -> Result<Page> {
        let table = self.layout()?.table(scan.node)?;
        let must_count_all =
            scan.count == Count::Exact && !query::is_count_known(table, &self.shared.counts, scan);
        if !must_count_all && !render::is_long(table, scan) {
            return self
                .shared
                .readers
                .with(|connection| query::scan(connection, table, &self.shared.counts, scan, extent));
        }
        let (shared, scan, extent) = (Arc::clone(&self.shared), scan.clone(), extent.clone());
        let read = move |connection: &rusqlite::Connection| {
            let table = shared.layout.get().ok_or_else(not_migrated)?.table(scan.node)?;
            query::scan(connection, table, &shared.counts, &scan, &extent)
        };
        self.shared.readers.with_long(read).await
    }

    async fn reserve(&self, node: NodeId, count: i64) -> Result<i64> {
        let of_node = self.layout()?.table(node)?;
        let table = of_node.name.clone();
        let mut blocks = self.ids.lock().await;
        if let Some(sql) = of_node.greatest_id() {
            let read = move |connection: &rusqlite::Connection| {
                query::first(connection, &sql, |_| Ok(()), |row| Columns::new(row).integer())
            };
            let after = self.writer.run(read).await?.unwrap_or_default().saturating_add(1);
            let next = blocks.get(&node).map_or(after, |block| block.next.max(after));
            let end = next.saturating_add(count);
            blocks.insert(node, IdBlock { next: end, end });
            return Ok(next);
        }
        if let Some(block) = blocks.get_mut(&node)
            && block.end - block.next >= count
        {
            block.next += count;
            return Ok(block.next - count);
        }
        let left = blocks.get(&node).copied();
        let size = count.max(ID_BLOCK);
        let block = self
            .writer
            .run(move |connection| {
                // The end of the last block comes first, so that ids have no gaps without reason.
                if let Some(left) = left {
                    return_ids(connection, &table, left).map_err(failure::error)?;
                }
                let bind = |binder: &mut value::Binder<'_, '_>| {
                    binder.text(&table)?;
                    binder.integer(size)
                };
                let end =
                    query::first(connection, text::RESERVE_IDS, bind, |row| Columns::new(row).integer())?;
                let end = end.ok_or_else(|| Error::internal("SQLite gave no reserved ids"))?;
                Ok(IdBlock { next: end - size, end })
            })
            .await?;
        blocks.insert(node, IdBlock { next: block.next + count, end: block.end });
        Ok(block.next)
    }

    async fn give_ids_back(&self) -> Result<()> {
        let blocks: Vec<_> = self.ids.lock().await.drain().collect();
        let layout = self.layout()?;
        let mut left = Vec::with_capacity(blocks.len());
        for (node, block) in blocks {
            left.push((layout.table(node)?.name.clone(), block));
        }
        let give = move |connection: &rusqlite::Connection| {
            left.iter()
                .try_for_each(|(table, block)| return_ids(connection, table, *block))
                .map_err(failure::error)
        };
        self.writer.run(give).await
    }

    async fn prove_ready(&self) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        self.layout()?;
        self.writer
            .run(move |connection| {
                let must_write = shared.failing.load(Ordering::Acquire);
                let probe = || -> rusqlite::Result<()> {
                    query::run(connection, text::BEGIN_WRITE)?;
                    if must_write {
                        query::run(connection, text::PROBE)?;
                        query::run(connection, text::COMMIT)?;
                    } else {
                        query::run(connection, text::ROLLBACK)?;
                    }
                    Ok(())
                };
                let outcome = probe();
                if outcome.is_err() && !connection.is_autocommit() {
                    query::run(connection, text::ROLLBACK).map_err(failure::error)?;
                }
                outcome.map_err(failure::error)?;
                shared.failing.store(false, Ordering::Release);
                Ok(())
            })
            .await
    }
}

fn return_ids(connection: &rusqlite::Connection, table: &str, left: IdBlock) -> rusqlite::Result<()> {
    query::execute(connection, text::RETURN_IDS, |binder| {
        binder.text(table)?;
        binder.integer(left.next)?;
        binder.integer(left.end)
    })
    .map(drop)
}

impl SqliteStore {
    async fn bring_up(&self, tree: Arc<Tree>, now: Timestamp, declared: Declared) -> Result<()> {
        let (service, shared) = (self.service.clone(), Arc::clone(&self.shared));
        let migrate = move |connection: &rusqlite::Connection| {
            let mut layout = Layout::new(tree, Dialect::Sqlite);
            let meta = migrate::migrate(connection, &mut layout, &service, now, declared)?;
            connection.execute_batch(text::FIRST_STATISTICS).map_err(failure::error)?;
            shared.readers.renew_statistics();
            shared.layout.set(layout).map_err(|_| Error::internal("the store was migrated a second time"))?;
            Ok(meta)
        };
        let meta = self.writer.run(migrate).await?;
        self.meta.get_or_init(|| meta);
        Ok(())
    }
}

impl Store for SqliteStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    fn migrate(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.bring_up(tree, now, Declared::Refused))
    }

    fn apply(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.bring_up(tree, now, Declared::Made))
    }

    fn pending(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async move {
            let service = self.service.clone();
            let look = move |connection: &rusqlite::Connection| {
                migrate::pending(connection, &Layout::new(tree, Dialect::Sqlite), &service, now)
            };
            self.writer.run(look).await
        })
    }

    fn read<'a>(&'a self, node: NodeId, path: &'a Path) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        Box::pin(std::future::ready(self.read_now(node, path)))
    }

    fn read_all<'a>(
        &'a self,
        node: NodeId,
        paths: &'a [Path],
    ) -> BoxFuture<'a, Result<Vec<Option<Arc<Record>>>>> {
        Box::pin(async move {
            let table = self.layout()?.table(node)?;
            self.shared.readers.with(|connection| query::read_all(connection, table, paths))
        })
    }

    fn read_change<'a>(
        &'a self,
        log: NodeId,
        path: &'a Path,
        incarnation: i64,
    ) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        Box::pin(async move {
            let table = self.layout()?.table(log)?;
            let read = |connection: &_| query::read_change(connection, table, path, incarnation);
            Ok(self.shared.readers.with(read)?.map(Arc::new))
        })
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Page>> {
        Box::pin(self.scan_rows(scan, &Extent::Whole))
    }

    fn read_excerpt<'a>(
        &'a self,
        node: NodeId,
        path: &'a Path,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Option<Excerpt>>> {
        Box::pin(std::future::ready(self.read_excerpt_now(node, path, extent)))
    }

    fn scan_excerpts<'a>(
        &'a self,
        scan: &'a Scan,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Page<Excerpt>>> {
        Box::pin(async move { Ok(self.scan_rows(scan, extent).await?.excerpts(extent)) })
    }

    fn export<'a>(&'a self, scan: &'a Scan, extent: &'a Extent) -> BoxFuture<'a, Result<Pieces>> {
        Box::pin(async move {
            self.layout()?.table(scan.node)?;
            let (shared, scan, extent) = (Arc::clone(&self.shared), scan.clone(), extent.clone());
            let (feed, pieces) = Feed::new();
            let reading = self
                .shared
                .readers
                .export(feed, move |connection, feed| {
                    let table = shared.layout.get().ok_or_else(not_migrated)?.table(scan.node)?;
                    query::export(connection, table, &scan, &extent, feed)
                })
                .await?;
            Ok(pieces.with_reading(reading))
        })
    }

    fn expired(&self, node: NodeId, now: Timestamp, limit: u64) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        Box::pin(async move {
            let table = self.layout()?.table(node)?;
            self.shared.readers.with(|connection| query::expired(connection, table, now, limit))
        })
    }

    fn aged_changes(
        &self,
        log: NodeId,
        before: Timestamp,
        limit: u64,
    ) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        Box::pin(async move {
            let table = self.layout()?.table(log)?;
            self.shared.readers.with(|connection| query::aged_changes(connection, table, before, limit))
        })
    }

    fn find_unique<'a>(
        &'a self,
        node: NodeId,
        field: usize,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Path>>> {
        Box::pin(async move {
            let table = self.layout()?.table(node)?;
            self.shared.readers.with(|connection| query::find_unique(connection, table, field, value))
        })
    }

    fn find_request<'a>(
        &'a self,
        caller: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<RequestRecord>>> {
        Box::pin(async move {
            self.layout()?;
            self.shared.readers.with(|connection| query::find_request(connection, caller, id))
        })
    }

    fn commit(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(self.writer.submit(batch, Purpose::Commit))
    }

    fn check(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(self.writer.submit(batch, Purpose::Check))
    }

    fn reserve_ids(&self, node: NodeId, count: i64) -> BoxFuture<'_, Result<i64>> {
        Box::pin(self.reserve(node, count))
    }

    fn secret(&self) -> BoxFuture<'_, Result<[u8; 32]>> {
        Box::pin(std::future::ready(self.meta().map(|meta| meta.secret)))
    }

    fn created_at(&self) -> BoxFuture<'_, Result<Timestamp>> {
        Box::pin(std::future::ready(self.meta().map(|meta| meta.created_at)))
    }

    fn requests<'a>(
        &'a self,
        after: Option<(&'a str, &'a str)>,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<RequestRecord>>> {
        Box::pin(async move {
            self.layout()?;
            self.shared.readers.with(|connection| query::requests(connection, after, limit))
        })
    }

    fn forget_requests(&self, before: Timestamp, limit: u64) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            self.layout()?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let forget = move |connection: &rusqlite::Connection| {
                query::execute(connection, text::FORGET_REQUESTS, |binder| {
                    binder.timestamp(before)?;
                    binder.integer(limit)
                })
                .map_err(failure::error)
            };
            Ok(self.writer.run(forget).await? as u64)
        })
    }

    fn figures(&self) -> Vec<Figure> {
        let of = |number: &AtomicU64| number.load(Ordering::Relaxed);
        vec![
            Figure::gauge("writer_queue", "The batches that wait for the writer.", of(&self.shared.waiting)),
            Figure::counter("transactions", "The transactions that were committed.", of(&self.shared.groups)),
            Figure::counter("batches", "The batches that were in them.", of(&self.shared.grouped)),
        ]
    }

    fn ready(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.prove_ready())
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Whoever closes a store that was never used, or that closes already, has no ids to give back.
            let _ = self.give_ids_back().await;
            self.writer.close();
            self.writer.ended().await;
        })
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.writer.close();
        self.writer.join();
    }
}
