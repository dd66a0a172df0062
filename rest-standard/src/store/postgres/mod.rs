//! The store for more than one machine: a Postgres database that any number of replicas share.
//!
//! A batch is sent as one pipeline and decided by the database alone; nothing is kept in the process but connections, prepared
//! statements and reserved ids. Other programs may read the tables: one for each node, a column for each field.

mod commit;
mod failure;
mod join;
mod migrate;
mod pool;
mod query;
mod session;
mod steps;
mod value;

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::sync::Mutex;

pub(crate) use self::migrate::Inspection;
pub use self::pool::PostgresOptions;
use self::{
    commit::Purpose,
    migrate::Meta,
    pool::Connections,
    session::{Question, Session},
    value::{Columns, Param},
};
use crate::{
    descriptor::BoxFuture,
    error::{Error, Reason, Result},
    store::{
        Capabilities, Conflict, Excerpt, Extent, Feed, Figure, Page, Pieces, Record, RequestRecord, Scan,
        Store, WriteBatch,
        sql::{
            Dialect, postgres as text, record::Columns as _, schema::declared::Declared, statements::Layout,
        },
    },
    tree::{NodeId, Tree},
    value::{Path, Value},
};

/// How many integer ids are reserved at a time, so that few creates wait for a reservation.
const ID_BLOCK: i64 = 64;
/// How long a proof that commits go through holds, so that nobody makes the service commit by asking whether it can.
const PROVED: Duration = Duration::from_secs(1);
/// How long such a proof may take.
const PROOF: Duration = Duration::from_secs(2);

/// A store in a Postgres database.
pub struct PostgresStore {
    service: String,
    shared: Arc<Shared>,
    meta: OnceLock<Meta>,
    ids: Mutex<HashMap<NodeId, IdBlock>>,
    proved: Mutex<Option<Instant>>,
}

struct Shared {
    connections: Connections,
    layout: OnceLock<Layout>,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("service", &self.service).finish_non_exhaustive()
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

impl Shared {
    fn layout(&self) -> Result<&Layout> {
        self.layout.get().ok_or_else(not_migrated)
    }
}

impl PostgresStore {
    /// A store of the service `service`; nothing is connected before [`migrate`](Store::migrate).
    ///
    /// # Errors
    ///
    /// When the root certificates cannot be read. The text is for the operator.
    pub fn new(options: PostgresOptions, service: &str) -> Result<Self> {
        let connections = Connections::new(options, service)
            .map_err(|reason| Error::new(Reason::Unavailable, format!("the database: {reason}")))?;
        Ok(Self {
            service: service.to_owned(),
            shared: Arc::new(Shared { connections, layout: OnceLock::new() }),
            meta: OnceLock::new(),
            ids: Mutex::default(),
            proved: Mutex::default(),
        })
    }

    fn connections(&self) -> &Connections {
        &self.shared.connections
    }

    fn layout(&self) -> Result<&Layout> {
        self.shared.layout()
    }

    fn meta(&self) -> Result<&Meta> {
        self.meta.get().ok_or_else(not_migrated)
    }

    async fn reserve(&self, node: NodeId, count: i64) -> Result<i64> {
        let of_node = self.layout()?.table(node)?;
        let table = &of_node.name;
        if let Some(sql) = of_node.next_id() {
            // One at a time: others draw from the same sequence.
            if count != 1 {
                return Err(Error::internal(format!("the ids of `{table}` are drawn one by one")));
            }
            let rows = query::rows(self.connections(), Question::often(sql, Vec::new())).await?;
            let id = rows.first().map(|row| Columns::new(row).integer()).transpose()?;
            return id.ok_or_else(|| Error::internal("Postgres gave no id"));
        }
        let mut blocks = self.ids.lock().await;
        if let Some(block) = blocks.get_mut(&node)
            && block.end - block.next >= count
        {
            block.next += count;
            return Ok(block.next - count);
        }
        // The end of the last block comes first, so that ids have no gaps without reason.
        if let Some(left) = blocks.remove(&node) {
            self.return_ids(table, left).await?;
        }
        let size = count.max(ID_BLOCK);
        let params = vec![Param::Text(table), Param::Integer(size)];
        let rows = query::rows(self.connections(), Question::often(text::RESERVE_IDS, params)).await?;
        let end = rows.first().map(|row| Columns::new(row).integer()).transpose()?;
        let end = end.ok_or_else(|| Error::internal("Postgres gave no reserved ids"))?;
        blocks.insert(node, IdBlock { next: end - size + count, end });
        Ok(end - size)
    }

    async fn return_ids(&self, table: &str, left: IdBlock) -> Result<()> {
        let params = vec![Param::Text(table), Param::Integer(left.next), Param::Integer(left.end)];
        query::rows(self.connections(), Question::often(text::RETURN_IDS, params)).await.map(drop)
    }

    async fn give_ids_back(&self) -> Result<()> {
        let blocks: Vec<_> = self.ids.lock().await.drain().collect();
        let layout = self.layout()?;
        for (node, block) in blocks {
            self.return_ids(&layout.table(node)?.name, block).await?;
        }
        Ok(())
    }

    async fn prove_ready(&self) -> Result<()> {
        self.layout()?;
        let mut proved = self.proved.lock().await;
        if proved.is_some_and(|at| at.elapsed() < PROVED) {
            return Ok(());
        }
        *proved = None;
        let probe = query::rows(self.connections(), Question::often(text::PROBE, Vec::new()));
        match tokio::time::timeout(PROOF, probe).await {
            Ok(outcome) => outcome.map(drop)?,
            Err(_) => {
                return Err(Error::new(
                    Reason::Unavailable,
                    "The service cannot store anything at the moment.",
                )
                .with_source(format!("a commit took longer than {PROOF:?}")));
            }
        }
        *proved = Some(Instant::now());
        Ok(())
    }
}

impl PostgresStore {
    /// What Postgres says it would do for a page of `scan`: the lines of `EXPLAIN`, without costs. It is for tests that an index
    /// is used, or one partition.
    ///
    /// # Errors
    ///
    /// When the scan does not fit the tables, or the store cannot be read.
    pub async fn explain(&self, scan: &Scan) -> Result<Vec<String>> {
        query::explain(self.connections(), self.layout()?.table(scan.node)?, scan).await
    }

    async fn bring_up(&self, tree: Arc<Tree>, now: Timestamp, declared: Declared) -> Result<()> {
        let mut layout = Layout::new(tree, Dialect::Postgres);
        let meta = migrate::migrate(self.connections(), &mut layout, &self.service, now, declared).await?;
        let first = self.shared.layout.set(layout);
        first.map_err(|_| Error::internal("the store was migrated a second time"))?;
        self.meta.get_or_init(|| meta);
        Ok(())
    }
}

impl Store for PostgresStore {
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
            let layout = Layout::new(tree, Dialect::Postgres);
            migrate::pending(self.connections(), &layout, &self.service, now).await
        })
    }

    fn generation(&self) -> u64 {
        self.connections().generation()
    }

    fn records_every_request(&self) -> bool {
        true
    }

    fn read<'a>(&'a self, node: NodeId, path: &'a Path) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        Box::pin(async move {
            let table = self.layout()?.table(node)?;
            Ok(query::read(self.connections(), table, path, &Extent::Whole).await?.map(Arc::new))
        })
    }

    fn read_all<'a>(
        &'a self,
        node: NodeId,
        paths: &'a [Path],
    ) -> BoxFuture<'a, Result<Vec<Option<Arc<Record>>>>> {
        Box::pin(async move {
            let table = self.layout()?.table(node)?;
            query::read_all(self.connections(), table, paths).await
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
            Ok(query::read_change(self.connections(), table, path, incarnation).await?.map(Arc::new))
        })
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let table = self.layout()?.table(scan.node)?;
            query::scan(self.connections(), table, scan, &Extent::Whole).await
        })
    }

    fn read_excerpt<'a>(
        &'a self,
        node: NodeId,
        path: &'a Path,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Option<Excerpt>>> {
        Box::pin(async move {
            let table = self.layout()?.table(node)?;
            let record = query::read(self.connections(), table, path, extent).await?;
            Ok(record.map(|record| Excerpt::new(Arc::new(record), extent.clone())))
        })
    }

    fn scan_excerpts<'a>(
        &'a self,
        scan: &'a Scan,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Page<Excerpt>>> {
        Box::pin(async move {
            let table = self.layout()?.table(scan.node)?;
            Ok(query::scan(self.connections(), table, scan, extent).await?.excerpts(extent))
        })
    }

    fn export<'a>(&'a self, scan: &'a Scan, extent: &'a Extent) -> BoxFuture<'a, Result<Pieces>> {
        Box::pin(async move {
            self.layout()?.table(scan.node)?;
            let (shared, scan, extent) = (Arc::clone(&self.shared), scan.clone(), extent.clone());
            let (mut feed, pieces) = Feed::new();
            let read = async move {
                let outcome = async {
                    let table = shared.layout()?.table(scan.node)?;
                    let session = Session::begin(&shared.connections).await?;
                    query::export(session, table, &scan, &extent, &mut feed).await
                };
                let outcome = outcome.await;
                feed.finish(outcome).await;
            };
            let reading = match crate::store::Origin::now() {
                Some(origin) => tokio::spawn(origin.during(read)),
                None => tokio::spawn(read),
            };
            Ok(pieces.with_reading(Aborting(reading)))
        })
    }

    fn expired(&self, node: NodeId, now: Timestamp, limit: u64) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        Box::pin(async move {
            let table = self.layout()?.table(node)?;
            query::expired(self.connections(), table, now, limit).await
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
            query::aged_changes(self.connections(), table, before, limit).await
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
            query::find_unique(self.connections(), table, field, value).await
        })
    }

    fn find_request<'a>(
        &'a self,
        caller: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<RequestRecord>>> {
        Box::pin(async move {
            self.layout()?;
            query::find_request(self.connections(), caller, id).await
        })
    }

    fn commit(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(
            async move { commit::run(self.connections(), self.layout()?, &batch, Purpose::Commit).await },
        )
    }

    fn check(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(async move { commit::run(self.connections(), self.layout()?, &batch, Purpose::Check).await })
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
            query::requests(self.connections(), after, limit).await
        })
    }

    fn forget_requests(&self, before: Timestamp, limit: u64) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            self.layout()?;
            let limit = Param::Integer(i64::try_from(limit).unwrap_or(i64::MAX));
            let question = Question::often(text::FORGET_REQUESTS, vec![Param::Timestamp(before), limit]);
            let rows = query::rows(self.connections(), question).await?;
            let count = rows.first().map(|row| Columns::new(row).integer()).transpose()?;
            Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
        })
    }

    fn figures(&self) -> Vec<Figure> {
        let [open, idle, waiting] = self.connections().status();
        vec![
            Figure::gauge("pool_connections", "The connections that are open.", open),
            Figure::gauge("pool_idle_connections", "Those of them that are not in use.", idle),
            Figure::gauge("pool_waiting_requests", "The requests that wait for a connection.", waiting),
        ]
    }

    fn ready(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.prove_ready())
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Whoever closes a store that was never used, or that closes already, has no ids to give back.
            let _ = self.give_ids_back().await;
            self.connections().close();
        })
    }
}

/// A task that ends with the one who wants it.
struct Aborting(tokio::task::JoinHandle<()>);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}
