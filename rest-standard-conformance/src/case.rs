//! One store under test, with the shortest words for what the facts do to it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use rest_standard::{
    descriptor::Descriptor,
    store::{
        Capability, Change, Conflict, Direction, Expect, Page, Record, RequestRecord, Scan, Scope, Store,
        Write, WriteBatch, id_value, memory::MemoryStore,
    },
    tree::{NodeId, Tree},
    value::{Path, Row, Value},
};
use serde_json::json;

use crate::{
    library,
    place::{Make, Opened, Place, make},
};

/// Where the model is.
struct Model;

impl Place for Model {
    async fn empty() -> Self {
        Self
    }

    fn open(&self) -> Arc<dyn Store> {
        Arc::new(MemoryStore::new())
    }
}

/// A store that the tree of [`library`] was migrated to.
pub(crate) struct Case {
    pub(crate) store: Arc<dyn Store>,
    tree: Arc<Tree>,
    make: Make,
    place: Box<dyn Opened>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Committed,
    RequestIdUsed,
    Stale,
    Unique,
    HasChildren,
}

impl Outcome {
    fn of(result: Result<(), Conflict>) -> Self {
        match result {
            Ok(()) => Self::Committed,
            Err(Conflict::RequestIdUsed) => Self::RequestIdUsed,
            Err(Conflict::Stale) => Self::Stale,
            Err(Conflict::Unique) => Self::Unique,
            Err(Conflict::HasChildren) => Self::HasChildren,
            Err(Conflict::Store(error)) => panic!("the store failed: {error:?}"),
        }
    }
}

impl Case {
    pub(crate) async fn new(make: Make) -> Self {
        let place = make().await;
        let tree = Arc::new(Tree::build(&library::ALL).expect("the tree is sound"));
        let case = Self { store: place.open(), tree, make, place };
        case.migrate(start()).await;
        case
    }

    /// The store that others are compared with.
    pub(crate) async fn model() -> Self {
        Self::new(make::<Model>).await
    }

    /// Another empty store of the same kind.
    pub(crate) async fn another(&self) -> Self {
        Self::new(self.make).await
    }

    /// The same store, closed and opened again.
    pub(crate) async fn reopen(self) -> Self {
        self.store.close().await;
        let Self { store, tree, make, place } = self;
        drop(store);
        let case = Self { store: place.open(), tree, make, place };
        case.migrate(later(1_000)).await;
        case
    }

    /// Whether the store says that it can.
    pub(crate) fn can(&self, capability: Capability) -> bool {
        self.store.capabilities().has(capability)
    }

    /// What holds in place of the facts that need what the store cannot do: no service starts with resources that do.
    pub(crate) fn is_refused(&self, capability: Capability) {
        let refused = self.store.capabilities().suffice(&self.tree).expect_err("the tree needs everything");
        let cause = refused.source().map(ToString::to_string).unwrap_or_default();
        let word = format!("declares `{}`", capability.name());
        assert!(cause.contains(&word), "the refusal names {word}: {cause}");
    }

    async fn migrate(&self, now: Timestamp) {
        self.store.migrate(Arc::clone(&self.tree), now).await.expect("the schema is new or the same");
    }

    pub(crate) fn node(&self, descriptor: &'static Descriptor) -> NodeId {
        self.tree.find(descriptor).expect("it is in the tree").id
    }

    /// The change log of a resource.
    pub(crate) fn log(&self, descriptor: &'static Descriptor) -> NodeId {
        self.log_of(self.node(descriptor))
    }

    /// The change log of a node.
    pub(crate) fn log_of(&self, node: NodeId) -> NodeId {
        self.tree.node(node).changes.expect("it records changes")
    }

    pub(crate) async fn read(&self, of: &'static Descriptor, path: &Path) -> Option<Record> {
        let record = self.store.read(self.node(of), path).await.expect("reads");
        record.map(|record| (*record).clone())
    }

    /// Commits a batch, after a dry run that says the same and changes nothing.
    pub(crate) async fn commit(&self, batch: WriteBatch) -> Outcome {
        let checked = Outcome::of(self.store.check(batch.clone()).await);
        let committed = Outcome::of(self.store.commit(batch).await);
        assert_eq!(checked, committed, "check and commit differ");
        committed
    }

    /// Commits writes without expectations.
    pub(crate) async fn write(&self, writes: impl Into<Vec<Write>>) -> Outcome {
        self.commit(WriteBatch { writes: writes.into(), ..WriteBatch::default() }).await
    }

    /// Commits writes that must succeed.
    pub(crate) async fn given(&self, writes: impl Into<Vec<Write>>) {
        assert_eq!(self.write(writes).await, Outcome::Committed);
    }

    /// Commits nothing but expectations.
    pub(crate) async fn expect(&self, expect: impl Into<Vec<Expect>>) -> Outcome {
        self.commit(WriteBatch { expect: expect.into(), ..WriteBatch::default() }).await
    }

    /// A write that adds a row of `of`.
    pub(crate) fn insert(&self, of: &'static Descriptor, path: Path, row: Vec<Value>) -> Write {
        Write::Insert(self.node(of), record(path, row))
    }

    /// A write that replaces a row of `of`.
    pub(crate) fn update(&self, of: &'static Descriptor, path: Path, row: Vec<Value>) -> Write {
        Write::Update(self.node(of), record(path, row))
    }

    pub(crate) fn delete(&self, of: &'static Descriptor, path: Path) -> Write {
        Write::Delete(self.node(of), path)
    }

    pub(crate) fn delete_tree(&self, of: &'static Descriptor, path: Path) -> Write {
        Write::DeleteTree(self.node(of), path)
    }

    /// A write that records a change of the resource of `of` at `path`.
    pub(crate) fn append(&self, of: &'static Descriptor, path: Path, incarnation: i64) -> Write {
        Write::Append(Change {
            owner: self.node(of),
            path,
            incarnation,
            at: later(7),
            by: Some("bob".to_owned()),
            request_id: "r-1".to_owned(),
            method: "Update".to_owned(),
            patch: json!({"pages": 7, "tags": null}),
        })
    }

    /// All ids of the log of one incarnation, read as a list.
    pub(crate) async fn change_ids(
        &self,
        of: &'static Descriptor,
        path: &Path,
        incarnation: i64,
    ) -> Vec<Value> {
        let page = self.scan(&changes(self.log(of), path.clone(), incarnation)).await;
        page.records.iter().map(|record| last_id(record)).collect()
    }

    pub(crate) async fn scan(&self, scan: &Scan) -> Page {
        self.store.scan(scan).await.expect("scans")
    }

    /// A query over all rows of `of` below `parent`.
    pub(crate) fn below(&self, of: &'static Descriptor, parent: Path) -> Scan {
        all(self.node(of), Scope::Below(parent))
    }
}

/// A query over the changes of one incarnation.
pub(crate) fn changes(log: NodeId, path: Path, incarnation: i64) -> Scan {
    all(log, Scope::Changes(path, incarnation))
}

fn all(node: NodeId, scope: Scope) -> Scan {
    Scan::all(node, scope, 1_000)
}

/// The paths of a page's records.
pub(crate) fn paths(page: &Page) -> Vec<Path> {
    page.records.iter().map(|record| record.path.clone()).collect()
}

/// The id of a record as a value.
pub(crate) fn last_id(record: &Record) -> Value {
    record.path.id().map_or(Value::Null, id_value)
}

/// Where a list continues after `record`.
pub(crate) fn cursor(order: &[(rest_standard::store::Column, Direction)], record: &Record) -> Vec<Value> {
    let mut values: Vec<Value> = order.iter().map(|(column, _)| column.value(record)).collect();
    values.push(last_id(record));
    values
}

/// When every store of the suite is first started.
pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("in range")
}

/// Some seconds after [`start`], with a fraction.
pub(crate) fn later(seconds: i64) -> Timestamp {
    Timestamp::from_microsecond(start().as_microsecond() + seconds * 1_000_000 + 250).expect("in range")
}

/// A number that no other record has.
pub(crate) fn draw() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(1 << 40);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// A record with a revision and incarnation of its own.
pub(crate) fn record(path: Path, row: Vec<Value>) -> Record {
    Record {
        path,
        revision: draw(),
        incarnation: draw(),
        change_count: 0,
        created_at: later(1),
        created_by: Some("ann".to_owned()),
        updated_at: later(1),
        updated_by: Some("ann".to_owned()),
        deletion: None,
        row: Row(row),
    }
}

/// The record of a request id.
pub(crate) fn request(caller: &str, id: &str) -> RequestRecord {
    RequestRecord {
        caller: caller.to_owned(),
        id: id.to_owned(),
        fingerprint: [7; 32],
        at: later(1),
        status: 201,
        location: Some("/api/v1/shelves/a".to_owned()),
        etag: None,
        data: r#"{"values":{}}"#.to_owned(),
    }
}
