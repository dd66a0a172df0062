//! What every store can do: read rows, scan a typed query, commit a batch or nothing.
//!
//! The trait is object-safe and small. A store never runs author code and never sees HTTP; all that a commit needs is in
//! its batch, so a dry run, exactly-once and optimistic locking are the same mechanism on every store.

mod batch;
mod capability;
mod condition;
mod copy;
mod excerpt;
mod export;
mod figure;
pub mod memory;
mod origin;
#[cfg(feature = "postgres")]
pub mod postgres;
mod revision;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub mod sql;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod traced;

pub use self::{
    batch::{Change, Conflict, Expect, RequestRecord, Write, WriteBatch},
    capability::{Capabilities, Capability},
    condition::{Condition, Place, Step, Test},
    copy::{Copied, Part, copy},
    excerpt::{Excerpt, Extent},
    export::{AHEAD, Abandoned, Feed, PIECE_BYTES, PIECE_ROWS, Pieces},
    figure::Figure,
    origin::Origin,
    revision::content_revision,
    traced::Traced,
};

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    descriptor::{BoxFuture, Descriptor, ExistingTable},
    error::Result,
    tree::{NodeId, Tree},
    value::{Path, Row, Value},
};

/// One stored resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The ids that lead to it; a singleton's are its parent's.
    pub path: Path,
    /// 64 random bits, drawn anew by the planner at each change; the entity tag is derived from it.
    pub revision: i64,
    /// 64 random bits, drawn at creation; tells an id made anew from the one that was deleted.
    pub incarnation: i64,
    /// How many changes were recorded; 0 where the node records none.
    pub change_count: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it; absent for an anonymous caller.
    pub created_by: Option<String>,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who last changed it.
    pub updated_by: Option<String>,
    /// That it was deleted and can still be brought back; only where the declaration has `soft_delete`.
    pub deletion: Option<Box<Deletion>>,
    /// The fields' values in descriptor order.
    pub row: Row,
}

/// What is known of a resource that was deleted and can be brought back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    /// When it was deleted.
    pub at: Timestamp,
    /// Who deleted it; absent for an anonymous caller.
    pub by: Option<String>,
    /// When it and everything below it goes for good.
    pub purge_at: Timestamp,
}

impl Record {
    /// About how many bytes it takes in memory, its own path and values included.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size_of(&self.row.0)
    }

    /// The same with these of its values alone.
    fn size_of<'a>(&self, values: impl IntoIterator<Item = &'a Value>) -> usize {
        fn json(value: &Json) -> usize {
            32 + match value {
                Json::String(text) => text.len(),
                Json::Array(items) => items.iter().map(json).sum(),
                Json::Object(members) => members.iter().map(|(name, member)| name.len() + json(member)).sum(),
                Json::Null | Json::Bool(_) | Json::Number(_) => 0,
            }
        }
        let value = |value: &Value| {
            size_of::<Value>()
                + match value {
                    Value::Text(text) => text.len(),
                    Value::Bytes(bytes) => bytes.len(),
                    Value::Json(inner) => json(inner),
                    _ => 0,
                }
        };
        let deletion = self.deletion.as_ref().map_or(0, |_| size_of::<Deletion>());
        size_of::<Self>() + deletion + 64 * self.path.0.len() + values.into_iter().map(value).sum::<usize>()
    }
}

/// What a list can be filtered and ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// A field of the resource, by its position.
    Field(usize),
    /// The resource's own id.
    Id,
    /// `createdAt`.
    CreatedAt,
    /// `createdBy`.
    CreatedBy,
    /// `updatedAt`.
    UpdatedAt,
    /// `updatedBy`.
    UpdatedBy,
    /// `deletedAt`.
    DeletedAt,
    /// `deletedBy`.
    DeletedBy,
    /// `purgeAt`.
    PurgeAt,
    /// The id of a resource above, by its position in the path; the root's is 0.
    Above(usize),
}

impl Column {
    /// Whether resources of the declaration have it. An existing table may lack who and when; only what can be soft-deleted
    /// has what is known of that.
    #[must_use]
    pub fn is_in(self, descriptor: &Descriptor) -> bool {
        let is_mapped = |of: fn(&ExistingTable) -> Option<&'static str>| {
            descriptor.existing.as_ref().is_none_or(|table| of(table).is_some())
        };
        match self {
            Self::CreatedAt => is_mapped(|table| table.created_at),
            Self::CreatedBy => is_mapped(|table| table.created_by),
            Self::UpdatedAt => is_mapped(|table| table.updated_at),
            Self::UpdatedBy => is_mapped(|table| table.updated_by),
            Self::DeletedAt | Self::DeletedBy | Self::PurgeAt => descriptor.soft_delete.is_some(),
            Self::Id | Self::Field(_) | Self::Above(_) => true,
        }
    }

    /// The value of the column in `record`.
    #[must_use]
    pub fn value(self, record: &Record) -> Value {
        let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
        let deletion = record.deletion.as_deref();
        match self {
            Self::Field(index) => record.row.0.get(index).cloned().unwrap_or(Value::Null),
            Self::Id => record.path.id().map_or(Value::Null, id_value),
            Self::CreatedAt => Value::Timestamp(record.created_at),
            Self::CreatedBy => text(&record.created_by),
            Self::UpdatedAt => Value::Timestamp(record.updated_at),
            Self::UpdatedBy => text(&record.updated_by),
            Self::DeletedAt => deletion.map_or(Value::Null, |deletion| Value::Timestamp(deletion.at)),
            Self::DeletedBy => deletion.map_or(Value::Null, |deletion| text(&deletion.by)),
            Self::PurgeAt => deletion.map_or(Value::Null, |deletion| Value::Timestamp(deletion.purge_at)),
            Self::Above(index) => record.path.0.get(index).map_or(Value::Null, id_value),
        }
    }
}

/// An id as a value.
#[must_use]
pub fn id_value(id: &crate::value::Id) -> Value {
    match id {
        crate::value::Id::Integer(id) => Value::Integer(*id),
        crate::value::Id::Uuid(id) => Value::Uuid(*id),
        crate::value::Id::Slug(id) => Value::Text(id.clone()),
    }
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first, null before everything.
    Ascending,
    /// Largest first, null after everything.
    Descending,
}

/// How the elements of a list are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Not at all.
    None,
    /// Up to this many.
    UpTo(u64),
    /// All of them.
    Exact,
}

/// Which rows a scan is over.
#[derive(Clone, Debug, PartialEq)]
pub enum Scope {
    /// The rows below this parent; all rows of a collection at the API root.
    Below(Path),
    /// The rows below all parents whose paths begin with this one, which is shorter than they are. The order has
    /// [`Column::Above`] for each of the ids that it leaves open, in their order.
    Across(Path),
    /// The changes of one incarnation of the resource at this path.
    Changes(Path, i64),
}

/// A query over one collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// The collection.
    pub node: NodeId,
    /// Which rows.
    pub scope: Scope,
    /// Whether soft-deleted rows are left out.
    pub live: bool,
    /// Columns that must equal a value; all of them must.
    pub equals: Vec<(Column, Value)>,
    /// What must hold beside that.
    pub filter: Option<Condition>,
    /// Folded words, each of which must begin a word in the fields with `search`; none where everything is listed.
    pub search: Vec<String>,
    /// The order. The id, ascending, is always appended by the store unless it is named already.
    pub order: Vec<(Column, Direction)>,
    /// The order columns' values and then the id of the element to start after: one value for each entry of `order`,
    /// then the id (also where the order names the id).
    pub after: Option<Vec<Value>>,
    /// How many elements to skip.
    pub offset: u64,
    /// How many elements to return at most.
    pub limit: u64,
    /// How large the elements may be together, by [`Record::size`]: the page ends with the element that reaches it.
    pub bytes: usize,
    /// How to count.
    pub count: Count,
}

impl Scan {
    /// All rows in a scope, soft-deleted ones too, in the order of their ids and without a count; at most `limit` of them.
    #[must_use]
    pub const fn all(node: NodeId, scope: Scope, limit: u64) -> Self {
        Self {
            node,
            scope,
            live: false,
            equals: Vec::new(),
            filter: None,
            search: Vec::new(),
            order: Vec::new(),
            after: None,
            offset: 0,
            limit,
            bytes: usize::MAX,
            count: Count::None,
        }
    }
}

/// The answer to a scan.
#[derive(Clone, Debug)]
pub struct Page<R = Arc<Record>> {
    /// The elements in order.
    pub records: Vec<R>,
    /// Whether there are elements after the last one.
    pub more: bool,
    /// The number of elements that match, regardless of `after`, `offset` and `limit`.
    pub total: Option<Total>,
}

impl Page {
    /// The page with `extent` of each row.
    #[must_use]
    pub fn excerpts(self, extent: &Extent) -> Page<Excerpt> {
        let records = self.records.into_iter().map(|record| Excerpt::new(record, extent.clone()));
        Page { records: records.collect(), more: self.more, total: self.total }
    }
}

/// A count of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// The number.
    pub count: u64,
    /// Whether counting reached the end.
    pub exact: bool,
}

/// A place where resources are kept.
///
/// An implementation MUST apply a batch atomically and durably before `commit` returns, MUST check every [`Expect`]
/// against the state that the writes apply to ([`Expect::Empty`] and [`Expect::Unreferenced`] against the state that they
/// leave), and MUST refuse with the first [`Conflict`] that holds, in the order `RequestIdUsed`, `Stale`, `Unique`,
/// `HasChildren`. After `commit` returned, every read MUST see its effects.
///
/// The crate `rest-standard-conformance` checks all of this of any store.
pub trait Store: Send + Sync + 'static {
    /// Brings the store's schema up to the tree, where that only adds; called once, before anything else. Changes that the
    /// declaration names (`renamed_from`, `converted_from`, `dropped`) refuse it until [`apply`](Self::apply) has made them.
    ///
    /// # Errors
    ///
    /// When the stored schema differs in any other way; the text names each difference and the SQL that would mend it.
    fn migrate(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>>;

    /// Brings the store's schema up to the tree as [`migrate`](Self::migrate) does, after the changes that the declaration
    /// names: renamed, converted and dropped columns. A store without a schema has nothing to add to `migrate`.
    ///
    /// # Errors
    ///
    /// Those of `migrate`, and when a value would be lost by a conversion. Nothing is changed then.
    fn apply(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        self.migrate(tree, now)
    }

    /// What the store can do of what not every store can. A service whose resources need more does not start, so that
    /// nothing is left out in silence.
    fn capabilities(&self) -> Capabilities;

    /// Another number whenever another server may answer than before, which may not know all that the one before it showed: a
    /// primary that is lost before its standby has all of it. A refusal that was judged in between is judged again. Always 0 where
    /// there is no other server.
    fn generation(&self) -> u64 {
        0
    }

    /// The SQL that [`apply`](Self::apply) would run, a statement or a few in each text; none where nothing is to be
    /// done, and where a store has no schema. Nothing is changed.
    ///
    /// # Errors
    ///
    /// Those of `apply`; of a conversion on Postgres, a loss is seen by `apply` alone.
    fn pending(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<Vec<String>>> {
        let _ = (tree, now);
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Whether every write must come with the record of its request id, that of a client or that of the service, since the
    /// store may lose sight of a commit and then looks for the record.
    fn records_every_request(&self) -> bool {
        false
    }

    /// The row at `path`, with what is in it now.
    fn read<'a>(&'a self, node: NodeId, path: &'a Path) -> BoxFuture<'a, Result<Option<Arc<Record>>>>;

    /// The rows at `paths`, all as they were at one moment, each where its path stands.
    fn read_all<'a>(
        &'a self,
        node: NodeId,
        paths: &'a [Path],
    ) -> BoxFuture<'a, Result<Vec<Option<Arc<Record>>>>>;

    /// The change `id` (the last id of `path`) of one incarnation of its owner.
    fn read_change<'a>(
        &'a self,
        log: NodeId,
        path: &'a Path,
        incarnation: i64,
    ) -> BoxFuture<'a, Result<Option<Arc<Record>>>>;

    /// The rows that match a query, from one snapshot.
    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Page>>;

    /// The row at `path`, of which no more than `extent` is needed. A store SHOULD read no more; this one reads all.
    fn read_excerpt<'a>(
        &'a self,
        node: NodeId,
        path: &'a Path,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Option<Excerpt>>> {
        Box::pin(async move {
            let record = self.read(node, path).await?;
            Ok(record.map(|record| Excerpt::new(record, extent.clone())))
        })
    }

    /// The rows that match a query, of which no more than `extent` is needed; it MUST have the columns of the order. The
    /// page ends by what is read of each row, [`Extent::size`]. A store SHOULD read no more; this one reads all, and its
    /// pages end by whole rows.
    fn scan_excerpts<'a>(
        &'a self,
        scan: &'a Scan,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Page<Excerpt>>> {
        Box::pin(async move { Ok(self.scan(scan).await?.excerpts(extent)) })
    }

    /// All rows that match a query, whose `after`, `offset`, `limit`, `bytes` and `count` mean nothing: in order, from one
    /// snapshot, `extent` of each, which has the columns of the order. A store MUST NOT read further ahead of its reader
    /// than a [`Feed`] lets it, MUST end the reading when the pieces are dropped, and MUST NOT keep writers waiting for it.
    fn export<'a>(&'a self, scan: &'a Scan, extent: &'a Extent) -> BoxFuture<'a, Result<Pieces>>;

    /// The path of the resource of `node` whose unique `field` has `value`.
    fn find_unique<'a>(
        &'a self,
        node: NodeId,
        field: usize,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Path>>>;

    /// The soft-deleted rows whose time to go for good has come, with their revisions; some of them, at most `limit`.
    fn expired(&self, node: NodeId, now: Timestamp, limit: u64) -> BoxFuture<'_, Result<Vec<(Path, i64)>>>;

    /// The entries of a change log that were made before `before`, each with its owner's incarnation: the oldest ones, at most
    /// `limit`.
    fn aged_changes(
        &self,
        log: NodeId,
        before: Timestamp,
        limit: u64,
    ) -> BoxFuture<'_, Result<Vec<(Path, i64)>>>;

    /// The record of a request id.
    fn find_request<'a>(
        &'a self,
        caller: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<RequestRecord>>>;

    /// Applies all of a batch or nothing.
    fn commit(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>>;

    /// Says what `commit` would, and applies nothing.
    fn check(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>>;

    /// Reserves `count` integer ids of a collection and gives the first; they are never given again. Rows may have some
    /// of them already, where author code wrote them.
    fn reserve_ids(&self, node: NodeId, count: i64) -> BoxFuture<'_, Result<i64>>;

    /// 32 random bytes made at the store's first start, the key of page cursors.
    fn secret(&self) -> BoxFuture<'_, Result<[u8; 32]>>;

    /// When the store was first started: the creation time of singletons at the API root.
    fn created_at(&self) -> BoxFuture<'_, Result<Timestamp>>;

    /// The records of request ids in the order of caller and id, bytewise, at most `limit` of them: those after `after`, which
    /// need not be there, or the first ones.
    fn requests<'a>(
        &'a self,
        after: Option<(&'a str, &'a str)>,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<RequestRecord>>>;

    /// Forgets request ids recorded before `before`, at most `limit` of them and the oldest first; gives how many. It is one
    /// small step, so that writers need not wait: whoever wants all of them gone calls it until it gives 0.
    fn forget_requests(&self, before: Timestamp, limit: u64) -> BoxFuture<'_, Result<u64>>;

    /// What the store says of its own work at the moment, for the metrics of the service; nothing unless a store has more
    /// to say. The names stay the same while it runs.
    fn figures(&self) -> Vec<Figure> {
        Vec::new()
    }

    /// Whether the store can commit.
    fn ready(&self) -> BoxFuture<'_, Result<()>>;

    /// Ends the store's threads and lets go of its files, after everything that was accepted is durable.
    fn close(&self) -> BoxFuture<'_, ()>;
}
