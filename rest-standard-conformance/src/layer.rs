//! A store that does something else than the store below it, in the places that a test says.

use std::sync::Arc;

use jiff::Timestamp;
use rest_standard::{
    descriptor::BoxFuture,
    error::Result,
    store::{
        Capabilities, Conflict, Excerpt, Extent, Figure, Page, Pieces, Record, RequestRecord, Scan, Store,
        WriteBatch,
    },
    tree::{NodeId, Tree},
    value::{Path, Value},
};

/// What a store is asked for: the methods of [`Store`] that can fail while a service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// [`Store::read`] and [`Store::read_excerpt`].
    Read,
    /// [`Store::read_all`].
    ReadAll,
    /// [`Store::read_change`].
    ReadChange,
    /// [`Store::scan`] and [`Store::scan_excerpts`].
    Scan,
    /// [`Store::export`].
    Export,
    /// [`Store::find_unique`].
    FindUnique,
    /// [`Store::expired`].
    Expired,
    /// [`Store::find_request`].
    FindRequest,
    /// [`Store::commit`].
    Commit,
    /// [`Store::check`].
    Check,
    /// [`Store::reserve_ids`].
    ReserveIds,
    /// [`Store::aged_changes`].
    AgedChanges,
    /// [`Store::requests`].
    Requests,
    /// [`Store::forget_requests`].
    ForgetRequests,
    /// [`Store::ready`].
    Ready,
}

/// What lies between a service and its store. Each method leaves everything as it is unless it is written anew.
pub trait Layer: Send + Sync + 'static {
    /// What the store says that it can do.
    fn capabilities(&self, below: Capabilities) -> Capabilities {
        below
    }

    /// Before the store is asked; an error is the answer, and the store is not asked.
    fn before(&self, _: Call) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// After the store has answered well; an error takes the place of its answer.
    fn after(&self, _: Call) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// What a commit is refused with before the store is asked.
    fn conflict(&self) -> Option<Conflict> {
        None
    }

    /// Changes a batch before it is committed or checked; without one, nothing is done and the answer is that it was.
    fn batch(&self, batch: WriteBatch) -> Option<WriteBatch> {
        Some(batch)
    }

    /// Changes a query before it is asked.
    fn scan(&self, _: &mut Scan) {}

    /// Changes a page before it is given.
    fn page(&self, _: &Scan, _: &mut Page) {}

    /// Changes what was read of a path.
    fn read(&self, _: NodeId, _: &Path, found: Option<Arc<Record>>) -> Option<Arc<Record>> {
        found
    }
}

/// A store below a layer.
pub struct Layered<L> {
    /// The layer.
    pub layer: L,
    below: Arc<dyn Store>,
}

impl<L: std::fmt::Debug> std::fmt::Debug for Layered<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layered").field("layer", &self.layer).finish_non_exhaustive()
    }
}

impl<L: Layer> Layered<L> {
    /// Puts a layer on a store.
    pub fn new(layer: L, below: Arc<dyn Store>) -> Self {
        Self { layer, below }
    }

    async fn ask<T>(&self, call: Call, answer: impl Future<Output = Result<T>>) -> Result<T> {
        self.layer.before(call).await?;
        let answer = answer.await?;
        self.layer.after(call).await?;
        Ok(answer)
    }

    fn changed(&self, scan: &Scan) -> Scan {
        let mut scan = scan.clone();
        self.layer.scan(&mut scan);
        scan
    }
}

impl<L: Layer> Store for Layered<L> {
    fn capabilities(&self) -> Capabilities {
        self.layer.capabilities(self.below.capabilities())
    }

    fn migrate(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        self.below.migrate(tree, now)
    }

    fn apply(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        self.below.apply(tree, now)
    }

    fn pending(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<Vec<String>>> {
        self.below.pending(tree, now)
    }

    fn generation(&self) -> u64 {
        self.below.generation()
    }

    fn records_every_request(&self) -> bool {
        self.below.records_every_request()
    }

    fn read<'a>(&'a self, node: NodeId, path: &'a Path) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        Box::pin(async move {
            let found = self.ask(Call::Read, self.below.read(node, path)).await?;
            Ok(self.layer.read(node, path, found))
        })
    }

    fn read_all<'a>(
        &'a self,
        node: NodeId,
        paths: &'a [Path],
    ) -> BoxFuture<'a, Result<Vec<Option<Arc<Record>>>>> {
        Box::pin(self.ask(Call::ReadAll, self.below.read_all(node, paths)))
    }

    fn read_change<'a>(
        &'a self,
        log: NodeId,
        path: &'a Path,
        incarnation: i64,
    ) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        Box::pin(self.ask(Call::ReadChange, self.below.read_change(log, path, incarnation)))
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let scan = self.changed(scan);
            let mut page = self.ask(Call::Scan, self.below.scan(&scan)).await?;
            self.layer.page(&scan, &mut page);
            Ok(page)
        })
    }

    fn read_excerpt<'a>(
        &'a self,
        node: NodeId,
        path: &'a Path,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Option<Excerpt>>> {
        Box::pin(async move {
            let found = self.read(node, path).await?;
            Ok(found.map(|record| Excerpt::new(record, extent.clone())))
        })
    }

    fn export<'a>(&'a self, scan: &'a Scan, extent: &'a Extent) -> BoxFuture<'a, Result<Pieces>> {
        Box::pin(async move {
            let scan = self.changed(scan);
            self.ask(Call::Export, self.below.export(&scan, extent)).await
        })
    }

    fn find_unique<'a>(
        &'a self,
        node: NodeId,
        field: usize,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Path>>> {
        Box::pin(self.ask(Call::FindUnique, self.below.find_unique(node, field, value)))
    }

    fn expired(&self, node: NodeId, now: Timestamp, limit: u64) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        Box::pin(self.ask(Call::Expired, self.below.expired(node, now, limit)))
    }

    fn find_request<'a>(
        &'a self,
        caller: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<RequestRecord>>> {
        Box::pin(self.ask(Call::FindRequest, self.below.find_request(caller, id)))
    }

    fn commit(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(async move {
            self.layer.before(Call::Commit).await?;
            if let Some(conflict) = self.layer.conflict() {
                return Err(conflict);
            }
            if let Some(batch) = self.layer.batch(batch) {
                self.below.commit(batch).await?;
            }
            Ok(self.layer.after(Call::Commit).await?)
        })
    }

    fn check(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(async move {
            self.layer.before(Call::Check).await?;
            if let Some(batch) = self.layer.batch(batch) {
                self.below.check(batch).await?;
            }
            Ok(self.layer.after(Call::Check).await?)
        })
    }

    fn reserve_ids(&self, node: NodeId, count: i64) -> BoxFuture<'_, Result<i64>> {
        Box::pin(self.ask(Call::ReserveIds, self.below.reserve_ids(node, count)))
    }

    fn secret(&self) -> BoxFuture<'_, Result<[u8; 32]>> {
        self.below.secret()
    }

    fn created_at(&self) -> BoxFuture<'_, Result<Timestamp>> {
        self.below.created_at()
    }

    fn aged_changes(
        &self,
        log: NodeId,
        before: Timestamp,
        limit: u64,
    ) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        Box::pin(self.ask(Call::AgedChanges, self.below.aged_changes(log, before, limit)))
    }

    fn requests<'a>(
        &'a self,
        after: Option<(&'a str, &'a str)>,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<RequestRecord>>> {
        Box::pin(self.ask(Call::Requests, self.below.requests(after, limit)))
    }

    fn forget_requests(&self, before: Timestamp, limit: u64) -> BoxFuture<'_, Result<u64>> {
        Box::pin(self.ask(Call::ForgetRequests, self.below.forget_requests(before, limit)))
    }

    fn figures(&self) -> Vec<Figure> {
        self.below.figures()
    }

    fn ready(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.ask(Call::Ready, self.below.ready()))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.below.close()
    }
}
