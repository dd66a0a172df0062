//! A store that makes a span of each call, so that a trace shows where the time of a request went.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use tracing::{Instrument as _, Span, field::Empty};

use super::{
    Capabilities, Conflict, Excerpt, Extent, Figure, Page, Pieces, Record, RequestRecord, Scan, Store, Write,
    WriteBatch,
};
use crate::{
    descriptor::BoxFuture,
    error::{Error, Result},
    tree::{NodeId, Tree},
    value::{Path, Value},
};

/// A store in front of another, which it asks within spans of [`tracing`], named and described by OpenTelemetry's
/// conventions for databases: `db.operation.name`, `db.collection.name`, `db.system.name`, `error.type`.
///
/// A call outside of any span gets none: what a service does by itself, such as looking for old request ids, begins no trace.
pub struct Traced {
    inner: Arc<dyn Store>,
    /// `postgresql`, `sqlite`, as the conventions spell it.
    system: Option<&'static str>,
    tree: OnceLock<Arc<Tree>>,
}

impl std::fmt::Debug for Traced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traced").field("system", &self.system).finish_non_exhaustive()
    }
}

impl Traced {
    /// Traces the calls of `inner`, a database of the kind that `system` names: `postgresql`, `sqlite`, or another value
    /// of `db.system.name`.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, system: Option<&'static str>) -> Self {
        Self { inner, system, tree: OnceLock::new() }
    }

    fn span(&self, operation: &'static str, node: Option<NodeId>) -> Span {
        if Span::current().is_none() {
            return Span::none();
        }
        let collection = node.and_then(|node| self.tree.get().map(|tree| tree.node(node).descriptor.segment));
        let name = collection.map(|collection| format!("{operation} {collection}"));
        tracing::info_span!(
            "store",
            otel.name = name.as_deref().unwrap_or(operation),
            otel.kind = "client",
            otel.status_code = Empty,
            db.system.name = self.system,
            db.operation.name = operation,
            db.operation.batch.size = Empty,
            db.collection.name = collection,
            "error.type" = Empty,
        )
    }

    /// Asks for something within a span, which is told of a failure.
    fn ask<'a, T: Send + 'a, E: Cause + Send + 'a>(
        &self,
        operation: &'static str,
        node: impl Into<Option<NodeId>>,
        answer: BoxFuture<'a, Result<T, E>>,
    ) -> BoxFuture<'a, Result<T, E>> {
        within(self.span(operation, node.into()), answer)
    }

    /// The span of a batch.
    fn writing(&self, operation: &'static str, batch: &WriteBatch) -> Span {
        let span = self.span(operation, batch.writes.first().map(Write::node));
        span.record("db.operation.batch.size", batch.writes.len());
        span
    }
}

/// Waits for an answer within a span.
fn within<'a, T: Send + 'a, E: Cause + Send + 'a>(
    span: Span,
    answer: BoxFuture<'a, Result<T, E>>,
) -> BoxFuture<'a, Result<T, E>> {
    if span.is_none() {
        return answer;
    }
    Box::pin(async move {
        let outcome = answer.instrument(span.clone()).await;
        if let Err(cause) = &outcome {
            span.record("error.type", cause.kind());
            if cause.is_failure() {
                span.record("otel.status_code", "ERROR");
            }
        }
        outcome
    })
}

/// Why a store did not do what it was asked.
trait Cause {
    fn kind(&self) -> &'static str;
    /// Whether something is wrong, and not only taken.
    fn is_failure(&self) -> bool;
}

impl Cause for Error {
    fn kind(&self) -> &'static str {
        self.reason().name()
    }

    fn is_failure(&self) -> bool {
        self.reason().status() >= 500
    }
}

impl Cause for Conflict {
    fn kind(&self) -> &'static str {
        Self::kind(self)
    }

    fn is_failure(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_failure())
    }
}

impl Store for Traced {
    fn migrate(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        let _ = self.tree.set(tree.clone());
        self.inner.migrate(tree, now)
    }

    fn apply(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        let _ = self.tree.set(tree.clone());
        self.inner.apply(tree, now)
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn generation(&self) -> u64 {
        self.inner.generation()
    }

    fn pending(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<Vec<String>>> {
        self.inner.pending(tree, now)
    }

    fn records_every_request(&self) -> bool {
        self.inner.records_every_request()
    }

    fn read<'a>(&'a self, node: NodeId, path: &'a Path) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        self.ask("read", node, self.inner.read(node, path))
    }

    fn read_all<'a>(
        &'a self,
        node: NodeId,
        paths: &'a [Path],
    ) -> BoxFuture<'a, Result<Vec<Option<Arc<Record>>>>> {
        self.ask("read_all", node, self.inner.read_all(node, paths))
    }

    fn read_change<'a>(
        &'a self,
        log: NodeId,
        path: &'a Path,
        incarnation: i64,
    ) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        self.ask("read_change", log, self.inner.read_change(log, path, incarnation))
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Page>> {
        self.ask("scan", scan.node, self.inner.scan(scan))
    }

    fn read_excerpt<'a>(
        &'a self,
        node: NodeId,
        path: &'a Path,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Option<Excerpt>>> {
        self.ask("read", node, self.inner.read_excerpt(node, path, extent))
    }

    fn scan_excerpts<'a>(
        &'a self,
        scan: &'a Scan,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Page<Excerpt>>> {
        self.ask("scan", scan.node, self.inner.scan_excerpts(scan, extent))
    }

    fn export<'a>(&'a self, scan: &'a Scan, extent: &'a Extent) -> BoxFuture<'a, Result<Pieces>> {
        self.ask("export", scan.node, self.inner.export(scan, extent))
    }

    fn find_unique<'a>(
        &'a self,
        node: NodeId,
        field: usize,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Path>>> {
        self.ask("find_unique", node, self.inner.find_unique(node, field, value))
    }

    fn expired(&self, node: NodeId, now: Timestamp, limit: u64) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        self.ask("expired", node, self.inner.expired(node, now, limit))
    }

    fn aged_changes(
        &self,
        log: NodeId,
        before: Timestamp,
        limit: u64,
    ) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        self.ask("aged_changes", log, self.inner.aged_changes(log, before, limit))
    }

    fn find_request<'a>(
        &'a self,
        caller: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<RequestRecord>>> {
        self.ask("find_request", None, self.inner.find_request(caller, id))
    }

    fn commit(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        let span = self.writing("commit", &batch);
        within(span, self.inner.commit(batch))
    }

    fn check(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        let span = self.writing("check", &batch);
        within(span, self.inner.check(batch))
    }

    fn reserve_ids(&self, node: NodeId, count: i64) -> BoxFuture<'_, Result<i64>> {
        self.ask("reserve_ids", node, self.inner.reserve_ids(node, count))
    }

    fn secret(&self) -> BoxFuture<'_, Result<[u8; 32]>> {
        self.inner.secret()
    }

    fn created_at(&self) -> BoxFuture<'_, Result<Timestamp>> {
        self.inner.created_at()
    }

    fn requests<'a>(
        &'a self,
        after: Option<(&'a str, &'a str)>,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<RequestRecord>>> {
        self.ask("requests", None, self.inner.requests(after, limit))
    }

    fn forget_requests(&self, before: Timestamp, limit: u64) -> BoxFuture<'_, Result<u64>> {
        self.ask("forget_requests", None, self.inner.forget_requests(before, limit))
    }

    fn figures(&self) -> Vec<Figure> {
        self.inner.figures()
    }

    fn ready(&self) -> BoxFuture<'_, Result<()>> {
        self.ask("ready", None, self.inner.ready())
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}
