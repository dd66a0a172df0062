use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::{SqliteOptions, SqliteStore, Synchronous};
use crate::{
    descriptor::{Descriptor, EnumDescriptor, FieldDescriptor, FieldKind, IdKind, Methods, Shape, Variant},
    error::Reason,
    store::{
        Change, Column, Conflict, Count, Direction, Expect, Extent, Page, Record, RequestRecord, Scan, Scope,
        Store, Write, WriteBatch,
    },
    tree::{NodeId, Tree},
    value::{Id, Path, Row, Value},
};

mod search;

// ---- The resources of these tests --------------------------------------------------------------------------------

const fn field(name: &'static str, column: &'static str, kind: FieldKind) -> FieldDescriptor {
    FieldDescriptor {
        name,
        column,
        doc: "",
        kind,
        nullable: false,
        length: None,
        range: None,
        pattern: None,
        format: None,
        default: None,
        example: None,
        filter: false,
        search: false,
        order: false,
        unique: false,
        immutable: false,
        output_only: false,
        input_only: false,
        required: false,
        references: None,
    }
}

const fn resource(name: &'static str, segment: &'static str, shape: Shape) -> Descriptor {
    Descriptor {
        name,
        segment,
        parent: None,
        shape,
        doc: "",
        example_id: None,
        fields: &[],
        views: &[],
        indexes: &[],
        methods: Methods::ALL,
        custom_methods: &[],
        rules: None,
        changes: false,
        upsert: false,
        slash_verbs: false,
        export: false,
        import: false,
        require_if_match: false,
        across_parents: false,
        soft_delete: None,
    }
}

const INTEGER: FieldKind = FieldKind::Integer { min: i64::MIN, max: i64::MAX };

static MODE: EnumDescriptor = EnumDescriptor {
    name: "Mode",
    doc: "",
    variants: &[Variant { number: 0, name: "Off", doc: "" }, Variant { number: 1, name: "On", doc: "" }],
};

static MORE_MODES: EnumDescriptor = EnumDescriptor {
    name: "Mode",
    doc: "",
    variants: &[
        Variant { number: 0, name: "Off", doc: "" },
        Variant { number: 1, name: "On", doc: "" },
        Variant { number: 2, name: "Ring", doc: "" },
    ],
};

static VENDOR: Descriptor = Descriptor {
    fields: &[field("displayName", "display_name", FieldKind::Text)],
    changes: true,
    ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
};

static DEVICE: Descriptor = Descriptor {
    parent: Some(|| &VENDOR),
    fields: &[
        FieldDescriptor {
            filter: true,
            order: true,
            ..field("displayName", "display_name", FieldKind::Text)
        },
        FieldDescriptor {
            filter: true,
            order: true,
            nullable: true,
            ..field("owner", "owner", FieldKind::Text)
        },
        FieldDescriptor { filter: true, order: true, ..field("volume", "volume", INTEGER) },
        FieldDescriptor { unique: true, nullable: true, ..field("serial", "serial", FieldKind::Text) },
        FieldDescriptor { nullable: true, order: true, ..field("weight", "weight", FieldKind::Float) },
    ],
    changes: true,
    ..resource("Device", "devices", Shape::Collection(IdKind::Uuid))
};

static STATE: Descriptor = Descriptor {
    parent: Some(|| &DEVICE),
    fields: &[field("mode", "mode", FieldKind::Enum(&MODE))],
    changes: true,
    ..resource("DeviceState", "state", Shape::Singleton)
};

static EVENT: Descriptor = Descriptor {
    parent: Some(|| &STATE),
    fields: &[field("text", "text", FieldKind::Text)],
    ..resource("Event", "events", Shape::Collection(IdKind::Integer))
};

static SETTINGS: Descriptor = Descriptor {
    fields: &[
        FieldDescriptor { nullable: true, ..field("active", "active", FieldKind::Bool) },
        FieldDescriptor { nullable: true, ..field("at", "at", FieldKind::Timestamp) },
        FieldDescriptor { nullable: true, ..field("day", "day", FieldKind::Date) },
        FieldDescriptor { nullable: true, ..field("key", "key", FieldKind::Uuid) },
        FieldDescriptor { nullable: true, ..field("bytes", "bytes", FieldKind::Bytes) },
        FieldDescriptor { nullable: true, ..field("any", "any", FieldKind::Json) },
        FieldDescriptor { nullable: true, ..field("ratio", "ratio", FieldKind::Float) },
    ],
    changes: true,
    ..resource("Settings", "settings", Shape::Singleton)
};

const SERVICE: &str = "device-registry";

fn tree() -> Arc<Tree> {
    tree_of(&[&VENDOR, &DEVICE, &STATE, &EVENT, &SETTINGS])
}

fn tree_of(descriptors: &[&'static Descriptor]) -> Arc<Tree> {
    Arc::new(Tree::build(descriptors).unwrap())
}

/// A store in a folder of its own, and what the tests need to speak about it.
struct Fixture {
    folder: TempDir,
    store: SqliteStore,
    tree: Arc<Tree>,
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(options(&folder), SERVICE).unwrap();
        store.migrate(tree(), instant(0)).await.unwrap();
        Self { folder, store, tree: tree() }
    }

    async fn reopened(self) -> Self {
        let Self { folder, store, tree } = self;
        drop(store);
        let store = SqliteStore::open(options(&folder), SERVICE).unwrap();
        store.migrate(Arc::clone(&tree), instant(99)).await.unwrap();
        Self { folder, store, tree }
    }

    fn node(&self, descriptor: &'static Descriptor) -> NodeId {
        self.tree.find(descriptor).unwrap().id
    }

    fn log(&self, descriptor: &'static Descriptor) -> NodeId {
        self.tree.find(descriptor).unwrap().changes.unwrap()
    }

    async fn commit(&self, batch: WriteBatch) {
        self.store.commit(batch).await.unwrap();
    }

    async fn refused(&self, batch: WriteBatch) -> &'static str {
        let checked = name(&self.store.check(batch.clone()).await.unwrap_err());
        let refused = name(&self.store.commit(batch).await.unwrap_err());
        assert_eq!(checked, refused);
        refused
    }

    async fn read(&self, descriptor: &'static Descriptor, path: &Path) -> Option<Arc<Record>> {
        self.store.read(self.node(descriptor), path).await.unwrap()
    }

    /// What is in the file, whatever is in the cache.
    fn sql(&self) -> Connection {
        Connection::open(self.folder.path().join("test.db")).unwrap()
    }

    fn number(&self, sql: &str) -> i64 {
        self.sql().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    async fn count(&self, node: NodeId, parent: &Path, count: Count) -> Option<u64> {
        let scan = Scan { count, limit: 0, ..scan(node, parent) };
        self.store.scan(&scan).await.unwrap().total.map(|total| total.count)
    }

    async fn vendor(&self, id: &str) -> Path {
        let path = Path(vec![id.into()]);
        self.commit(writes([Write::Insert(self.node(&VENDOR), vendor(id))])).await;
        path
    }
}

fn options(folder: &TempDir) -> SqliteOptions {
    SqliteOptions { synchronous: Synchronous::Normal, ..SqliteOptions::new(folder.path().join("test.db")) }
}

fn name(conflict: &Conflict) -> &'static str {
    match conflict {
        Conflict::Stale => "Stale",
        Conflict::RequestIdUsed => "RequestIdUsed",
        Conflict::Unique => "Unique",
        Conflict::HasChildren => "HasChildren",
        Conflict::Store(error) => error.reason().name(),
    }
}

fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn record(path: Path, row: Vec<Value>) -> Record {
    Record {
        path,
        revision: 1,
        incarnation: 7,
        change_count: 0,
        created_at: instant(1),
        created_by: None,
        updated_at: instant(1),
        updated_by: Some("ann".to_owned()),
        deletion: None,
        row: Row(row),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn vendor(id: &str) -> Record {
    record(Path(vec![id.into()]), vec![text(id)])
}

fn device_path(vendor: &str, number: u128) -> Path {
    Path(vec![vendor.into(), Uuid::from_u128(number).into()])
}

fn device(vendor: &str, number: u128) -> Record {
    let row =
        vec![text(&format!("device {number}")), Value::Null, Value::Integer(5), Value::Null, Value::Null];
    Record { incarnation: 1_000 + number as i64, ..record(device_path(vendor, number), row) }
}

fn with_serial(mut device: Record, serial: &str) -> Record {
    device.row.0[3] = text(serial);
    device
}

fn writes(writes: impl IntoIterator<Item = Write>) -> WriteBatch {
    WriteBatch { writes: writes.into_iter().collect(), ..WriteBatch::default() }
}

fn expecting(expect: Expect) -> WriteBatch {
    WriteBatch { expect: vec![expect], ..WriteBatch::default() }
}

fn change(owner: NodeId, record: &Record, method: &str) -> Write {
    Write::Append(Change {
        owner,
        path: record.path.clone(),
        incarnation: record.incarnation,
        at: instant(2),
        by: None,
        request_id: "request".to_owned(),
        method: method.to_owned(),
        patch: json!({"a": 1}),
    })
}

fn request(id: &str, at: i64) -> RequestRecord {
    RequestRecord {
        caller: String::new(),
        id: id.to_owned(),
        fingerprint: [3; 32],
        at: instant(at),
        status: 201,
        location: Some("/devices/1".to_owned()),
        etag: None,
        data: "{}".to_owned(),
    }
}

fn scan(node: NodeId, parent: &Path) -> Scan {
    Scan {
        node,
        scope: Scope::Below(parent.clone()),
        live: false,
        equals: Vec::new(),
        filter: None,
        search: Vec::new(),
        order: Vec::new(),
        after: None,
        offset: 0,
        limit: 1_000,
        bytes: usize::MAX,
        count: Count::None,
    }
}

fn ids(page: &Page) -> Vec<Id> {
    page.records.iter().map(|record| record.path.id().unwrap().clone()).collect()
}

// ---- Reading and writing -----------------------------------------------------------------------------------------

#[tokio::test]
async fn a_record_comes_back_as_it_was_written() {
    let fixture = Fixture::new().await;
    let settings = record(
        Path::default(),
        vec![
            Value::Bool(true),
            Value::Timestamp("1969-12-31T23:59:59.000001Z".parse().unwrap()),
            Value::Date("2026-11-21".parse().unwrap()),
            Value::Uuid(Uuid::from_u128(9)),
            Value::Bytes(vec![0, 255]),
            Value::Json(json!({"b": [1, null, "ü"], "a": u64::MAX})),
            Value::Float(-0.0),
        ],
    );
    fixture.commit(writes([Write::Insert(fixture.node(&SETTINGS), settings.clone())])).await;
    let cached = fixture.read(&SETTINGS, &Path::default()).await.unwrap();
    let fixture = fixture.reopened().await;
    let stored = fixture.read(&SETTINGS, &Path::default()).await.unwrap();
    assert_eq!(*stored, settings);
    assert_eq!(format!("{cached:?}"), format!("{stored:?}"));
}

#[tokio::test]
async fn nulls_come_back_as_nulls() {
    let fixture = Fixture::new().await;
    let settings = record(Path::default(), vec![Value::Null; 7]);
    fixture.commit(writes([Write::Insert(fixture.node(&SETTINGS), settings.clone())])).await;
    let fixture = fixture.reopened().await;
    assert_eq!(*fixture.read(&SETTINGS, &Path::default()).await.unwrap(), settings);
}

#[tokio::test]
async fn an_update_keeps_what_belongs_to_the_creation() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let (node, first) = (fixture.node(&DEVICE), device("acme", 1));
    fixture.commit(writes([Write::Insert(node, first.clone()), change(node, &first, "Create")])).await;
    let mut second =
        Record { revision: 2, incarnation: 0, change_count: 50, created_at: instant(50), ..first.clone() };
    second.row.0[2] = Value::Integer(9);
    second.updated_by = None;
    let batch = WriteBatch {
        expect: vec![Expect::Revision(node, first.path.clone(), 1)],
        writes: vec![Write::Update(node, second.clone()), change(node, &first, "Update")],
        request: None,
    };
    fixture.commit(batch).await;
    let expected =
        Record { incarnation: first.incarnation, change_count: 2, created_at: first.created_at, ..second };
    assert_eq!(*fixture.read(&DEVICE, &first.path).await.unwrap(), expected);
    let fixture = fixture.reopened().await;
    assert_eq!(*fixture.read(&DEVICE, &first.path).await.unwrap(), expected);
}

#[tokio::test]
async fn an_update_without_a_verified_revision_is_whole_as_well() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let (node, first) = (fixture.node(&DEVICE), device("acme", 1));
    fixture.commit(writes([Write::Insert(node, first.clone())])).await;
    let second = Record { revision: 2, ..with_serial(first.clone(), "s") };
    fixture.commit(writes([Write::Update(node, second.clone())])).await;
    assert_eq!(*fixture.read(&DEVICE, &first.path).await.unwrap(), second);
}

#[tokio::test]
async fn several_changes_in_one_batch_are_counted_once_each() {
    let fixture = Fixture::new().await;
    let (node, first) = (fixture.node(&VENDOR), vendor("acme"));
    let updated = Record { revision: 2, ..first.clone() };
    let batch = writes([
        Write::Insert(node, first.clone()),
        change(node, &first, "Create"),
        Write::Update(node, updated.clone()),
        change(node, &first, "Update"),
        Write::Update(node, Record { revision: 3, ..updated.clone() }),
        change(node, &first, "Update"),
    ]);
    fixture.commit(batch).await;
    assert_eq!(fixture.read(&VENDOR, &first.path).await.unwrap().change_count, 3);
    assert_eq!(fixture.number("SELECT _changes FROM vendors"), 3);
    assert_eq!(fixture.number("SELECT count(*) = 3 AND max(id) = 3 FROM vendors__changes"), 1);
}

#[tokio::test]
async fn a_change_of_a_deleted_resource_continues_its_log() {
    let fixture = Fixture::new().await;
    let (node, log, first) = (fixture.node(&VENDOR), fixture.log(&VENDOR), vendor("acme"));
    fixture.commit(writes([Write::Insert(node, first.clone()), change(node, &first, "Create")])).await;
    fixture.commit(writes([Write::Delete(node, first.path.clone()), change(node, &first, "Delete")])).await;
    let again = Record { incarnation: 8, ..first.clone() };
    fixture.commit(writes([Write::Insert(node, again.clone()), change(node, &again, "Create")])).await;

    let changes =
        Scan { scope: Scope::Changes(first.path.clone(), 7), count: Count::Exact, ..scan(log, &first.path) };
    let page = fixture.store.scan(&changes).await.unwrap();
    assert_eq!(ids(&page), [1.into(), 2.into()]);
    assert_eq!(page.total.unwrap().count, 2);
    let entry = fixture.store.read_change(log, &first.path.join(2.into()), 7).await.unwrap().unwrap();
    assert_eq!(*entry, *page.records[1]);
    assert_eq!((entry.revision, entry.incarnation, entry.created_at), (9, 7, instant(2)));
    assert_eq!(entry.row.0, [text("request"), text("Delete"), Value::Json(json!({"a": 1}))]);
    assert!(fixture.store.read_change(log, &first.path.join(2.into()), 8).await.unwrap().is_none());
}

#[tokio::test]
async fn a_singleton_at_the_root_has_one_row_and_a_log() {
    let fixture = Fixture::new().await;
    let (node, first) = (fixture.node(&SETTINGS), record(Path::default(), vec![Value::Null; 7]));
    fixture.commit(writes([Write::Insert(node, first.clone()), change(node, &first, "Update")])).await;
    assert_eq!(fixture.refused(writes([Write::Insert(node, first.clone())])).await, "Stale");
    let second = Record { revision: 2, ..first.clone() };
    fixture.commit(writes([Write::Update(node, second.clone()), change(node, &first, "Update")])).await;
    assert_eq!(fixture.read(&SETTINGS, &Path::default()).await.unwrap().change_count, 2);
    fixture.commit(writes([Write::Delete(node, Path::default())])).await;
    assert!(fixture.read(&SETTINGS, &Path::default()).await.is_none());
}

// ---- Conflicts ---------------------------------------------------------------------------------------------------

#[tokio::test]
async fn an_expectation_that_does_not_hold_is_stale() {
    let fixture = Fixture::new().await;
    let (node, path) = (fixture.node(&VENDOR), fixture.vendor("acme").await);
    let absent = Path(vec!["other".into()]);
    fixture.commit(expecting(Expect::Exists(node, path.clone()))).await;
    fixture.commit(expecting(Expect::Revision(node, path.clone(), 1))).await;
    fixture.commit(expecting(Expect::Absent(node, absent.clone()))).await;
    for expect in [
        Expect::Exists(node, absent.clone()),
        Expect::Revision(node, absent, 1),
        Expect::Revision(node, path.clone(), 2),
        Expect::Absent(node, path),
    ] {
        assert_eq!(fixture.refused(expecting(expect)).await, "Stale");
    }
}

#[tokio::test]
async fn a_taken_id_a_missing_row_and_a_missing_parent_are_stale() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let (vendors, devices) = (fixture.node(&VENDOR), fixture.node(&DEVICE));
    assert_eq!(fixture.refused(writes([Write::Insert(vendors, vendor("acme"))])).await, "Stale");
    assert_eq!(fixture.refused(writes([Write::Update(vendors, vendor("other"))])).await, "Stale");
    assert_eq!(fixture.refused(writes([Write::Insert(devices, device("other", 1))])).await, "Stale");
    let state = record(device_path("acme", 1), vec![Value::Integer(0)]);
    assert_eq!(fixture.refused(writes([Write::Insert(fixture.node(&STATE), state)])).await, "Stale");
}

#[tokio::test]
async fn a_taken_unique_value_is_named_after_a_taken_id() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let node = fixture.node(&DEVICE);
    let first = with_serial(device("acme", 1), "s");
    fixture.commit(writes([Write::Insert(node, first.clone())])).await;
    fixture.commit(writes([Write::Insert(node, device("acme", 2))])).await;
    let taken = with_serial(device("acme", 3), "s");
    assert_eq!(fixture.refused(writes([Write::Insert(node, taken.clone())])).await, "Unique");
    assert_eq!(
        fixture.refused(writes([Write::Update(node, with_serial(device("acme", 2), "s"))])).await,
        "Unique"
    );
    assert_eq!(fixture.refused(writes([Write::Insert(node, first)])).await, "Stale");
    // A later write that is stale comes before an earlier one that is not unique.
    let missing = Write::Update(node, device("acme", 9));
    assert_eq!(fixture.refused(writes([Write::Insert(node, taken.clone()), missing])).await, "Stale");
    // What hangs on a row that was not unique is not stale for that.
    let state = record(taken.path.clone(), vec![Value::Integer(0)]);
    let below = writes([Write::Insert(node, taken), Write::Insert(fixture.node(&STATE), state)]);
    assert_eq!(fixture.refused(below).await, "Unique");
}

#[tokio::test]
async fn children_keep_a_row_from_being_deleted_and_singletons_go_with_it() {
    let fixture = Fixture::new().await;
    let parent = fixture.vendor("acme").await;
    let (vendors, devices, states, events) =
        (fixture.node(&VENDOR), fixture.node(&DEVICE), fixture.node(&STATE), fixture.node(&EVENT));
    let first = device("acme", 1);
    let event = record(first.path.join(1.into()), vec![text("rang")]);
    fixture
        .commit(writes([
            Write::Insert(devices, first.clone()),
            Write::Insert(states, record(first.path.clone(), vec![Value::Integer(1)])),
            Write::Insert(events, event.clone()),
        ]))
        .await;
    assert_eq!(fixture.refused(writes([Write::Delete(vendors, parent.clone())])).await, "HasChildren");
    assert_eq!(fixture.refused(writes([Write::Delete(devices, first.path.clone())])).await, "HasChildren");
    assert_eq!(fixture.refused(writes([Write::Delete(states, first.path.clone())])).await, "HasChildren");
    fixture.commit(writes([Write::Delete(events, event.path)])).await;
    fixture.commit(writes([Write::Delete(devices, first.path.clone())])).await;
    assert!(fixture.read(&STATE, &first.path).await.is_none());
    assert_eq!(fixture.number("SELECT count(*) FROM vendors__devices__state"), 0);
    fixture.commit(writes([Write::Delete(vendors, parent)])).await;
}

#[tokio::test]
async fn a_deleted_tree_leaves_nothing_but_its_logs() {
    let fixture = Fixture::new().await;
    let parent = fixture.vendor("acme").await;
    fixture.vendor("other").await;
    let (devices, states, events) = (fixture.node(&DEVICE), fixture.node(&STATE), fixture.node(&EVENT));
    for (vendor, number) in [("acme", 1), ("acme", 2), ("other", 3)] {
        let device = device(vendor, number);
        fixture
            .commit(writes([
                Write::Insert(devices, device.clone()),
                change(devices, &device, "Create"),
                Write::Insert(states, record(device.path.clone(), vec![Value::Integer(1)])),
                Write::Insert(events, record(device.path.join(1.into()), vec![text("rang")])),
            ]))
            .await;
        assert!(fixture.read(&EVENT, &device.path.join(1.into())).await.is_some());
    }
    assert_eq!(fixture.count(devices, &parent, Count::UpTo(10)).await, Some(2));
    fixture.commit(writes([Write::DeleteTree(fixture.node(&VENDOR), parent.clone())])).await;
    assert_eq!(fixture.count(devices, &parent, Count::UpTo(10)).await, Some(0));
    assert!(fixture.read(&DEVICE, &device_path("acme", 1)).await.is_none());
    assert!(fixture.read(&EVENT, &device_path("acme", 1).join(1.into())).await.is_none());
    assert!(fixture.read(&DEVICE, &device_path("other", 3)).await.is_some());
    assert_eq!(fixture.number("SELECT count(*) FROM vendors__devices__state__events"), 1);
    assert_eq!(fixture.number("SELECT count(*) FROM vendors__devices__changes"), 3);
}

#[tokio::test]
async fn a_request_id_is_recorded_with_the_writes_and_only_once() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    let batch =
        |id: &str| WriteBatch { request: Some(request("r", 1)), ..writes([Write::Insert(node, vendor(id))]) };
    fixture.commit(batch("acme")).await;
    assert_eq!(fixture.refused(batch("other")).await, "RequestIdUsed");
    // It is the first conflict of all.
    assert_eq!(fixture.refused(batch("acme")).await, "RequestIdUsed");
    assert_eq!(fixture.store.find_request("", "r").await.unwrap(), Some(request("r", 1)));
    assert_eq!(fixture.store.find_request("ann", "r").await.unwrap(), None);
    let other_caller = RequestRecord { caller: "ann".to_owned(), ..request("r", 1) };
    fixture.commit(WriteBatch { request: Some(other_caller), ..WriteBatch::default() }).await;
}

#[tokio::test]
async fn old_request_ids_are_forgotten_in_steps() {
    let fixture = Fixture::new().await;
    for number in 0..1_200 {
        let request = request(&format!("r{number}"), number);
        fixture.commit(WriteBatch { request: Some(request), ..WriteBatch::default() }).await;
    }
    assert_eq!(fixture.store.forget_requests(instant(1_100)).await.unwrap(), 1_100);
    assert_eq!(fixture.store.forget_requests(instant(1_100)).await.unwrap(), 0);
    assert_eq!(fixture.number("SELECT count(*) FROM _requests"), 100);
    assert!(fixture.store.find_request("", "r1099").await.unwrap().is_none());
    assert!(fixture.store.find_request("", "r1100").await.unwrap().is_some());
}

#[tokio::test]
async fn a_check_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    let batch = WriteBatch {
        request: Some(request("r", 1)),
        ..writes([Write::Insert(node, vendor("acme")), change(node, &vendor("acme"), "Create")])
    };
    fixture.store.check(batch.clone()).await.unwrap();
    assert!(fixture.read(&VENDOR, &vendor("acme").path).await.is_none());
    assert!(fixture.store.find_request("", "r").await.unwrap().is_none());
    assert_eq!(fixture.count(node, &Path::default(), Count::Exact).await, Some(0));
    fixture.commit(batch).await;
}

// ---- The writer --------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_bad_batch_in_a_group_leaves_the_others_alone() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    let store = &fixture.store;
    // Something slow lets the batches gather.
    let pause = store.writer.run(|_| {
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    });
    let batches = (0..40).map(|number| {
        let id = format!("v{}", number - number % 2);
        store.commit(WriteBatch {
            request: Some(request(&format!("r{number}"), 1)),
            ..{
                let vendor = Record { incarnation: number, ..vendor(&id) };
                writes([Write::Insert(node, vendor.clone()), change(node, &vendor, "Create")])
            }
        })
    });
    let groups = store.shared.groups.load(Ordering::Relaxed);
    let (_, outcomes) = tokio::join!(pause, futures_util::future::join_all(batches));
    assert_eq!(store.shared.groups.load(Ordering::Relaxed) - groups, 1);
    for (number, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_ok(), number % 2 == 0, "{number}: {outcome:?}");
        let recorded = store.find_request("", &format!("r{number}")).await.unwrap();
        assert_eq!(recorded.is_some(), outcome.is_ok());
    }
    assert_eq!(fixture.number("SELECT count(*) FROM vendors"), 20);
    assert_eq!(fixture.number("SELECT count(*) FROM vendors__changes"), 20);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(SqliteOptions { queue: 1, ..options(&folder) }, SERVICE).unwrap();
    store.migrate(tree(), instant(0)).await.unwrap();
    let pause = store.writer.run(|_| {
        std::thread::sleep(Duration::from_millis(200));
        Ok(())
    });
    let later = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (first, second) =
            tokio::join!(store.commit(WriteBatch::default()), store.commit(WriteBatch::default()));
        assert!(first.is_ok());
        let Conflict::Store(error) = second.unwrap_err() else { panic!("not a failure of the store") };
        assert_eq!(error.reason(), Reason::Unavailable);
        assert!(error.retry_after().is_some());
    };
    tokio::join!(pause, later).0.unwrap();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_recovers() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    let limit = |pages: i64| {
        fixture.store.writer.run(move |connection| {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            Ok(())
        })
    };
    limit(1).await.unwrap();
    let large = |number: usize| {
        let id = format!("v{number}");
        let record = Record { row: Row(vec![text(&"x".repeat(8_000))]), ..vendor(&id) };
        fixture.store.commit(writes([Write::Insert(node, record)]))
    };
    let outcomes = futures_util::future::join_all((0..200).map(large)).await;
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert!(failed > 0);
    for outcome in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        let Conflict::Store(error) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error.reason(), Reason::Unavailable);
        assert!(error.source().unwrap().to_string().contains("the disk is full"), "{error:?}");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM vendors"), 200 - failed as i64);
    limit(1_000_000).await.unwrap();
    fixture.store.ready().await.unwrap();
    fixture.vendor("acme").await;
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.number("SELECT count(*) FROM vendors"), 201 - failed as i64);
}

#[tokio::test]
async fn after_a_failed_write_ready_is_proved_by_bytes_that_reach_the_log() {
    let fixture = Fixture::new().await;
    let log = fixture.folder.path().join("test.db-wal");
    let size = || std::fs::metadata(&log).unwrap().len();
    for _ in 0..3 {
        fixture.store.shared.failing.store(true, Ordering::Relaxed);
        let before = size();
        fixture.store.ready().await.unwrap();
        assert!(size() > before, "{before} bytes before and after");
        assert!(!fixture.store.shared.failing.load(Ordering::Relaxed));
    }
}

#[tokio::test]
async fn a_group_with_refused_batches_keeps_the_others_whole() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    fixture.vendor("taken").await;
    let batch = |number: usize| {
        let id = format!("v{number}");
        let mut batch = writes([Write::Insert(node, vendor(&id))]);
        // Each fifth finds out only after its own insert that it must be taken back.
        if number.is_multiple_of(5) {
            batch.writes.push(Write::Insert(node, vendor("taken")));
        }
        fixture.store.commit(batch)
    };
    let outcomes = futures_util::future::join_all((0..100).map(batch)).await;
    for (number, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_err(), number.is_multiple_of(5), "{number}: {outcome:?}");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM vendors"), 81);
    let shared = &fixture.store.shared;
    assert!(
        shared.groups.load(Ordering::Relaxed) < shared.grouped.load(Ordering::Relaxed),
        "nothing was grouped"
    );
}

#[tokio::test]
async fn everything_committed_is_there_after_a_restart() {
    let mut fixture = Fixture::new().await;
    let secret = fixture.store.secret().await.unwrap();
    for round in 0..3_u128 {
        for number in 0..20 {
            let id = format!("v{}", round * 20 + number);
            fixture.vendor(&id).await;
        }
        fixture = fixture.reopened().await;
    }
    assert_eq!(fixture.count(fixture.node(&VENDOR), &Path::default(), Count::Exact).await, Some(60));
    assert_eq!(fixture.store.secret().await.unwrap(), secret);
    assert_eq!(fixture.store.created_at().await.unwrap(), instant(0));
}

#[tokio::test]
async fn a_file_left_by_a_killed_process_is_whole() {
    let fixture = Fixture::new().await;
    for number in 0..50 {
        fixture.vendor(&format!("v{number}")).await;
    }
    // What a killed process leaves: the file and its log as they are, and nobody who tidies up.
    let copy = tempfile::tempdir().unwrap();
    for file in ["test.db", "test.db-wal"] {
        std::fs::copy(fixture.folder.path().join(file), copy.path().join(file)).unwrap();
    }
    let store = SqliteStore::open(options(&copy), SERVICE).unwrap();
    store.migrate(tree(), instant(0)).await.unwrap();
    let page = store.scan(&scan(fixture.node(&VENDOR), &Path::default())).await.unwrap();
    assert_eq!(page.records.len(), 50);
}

#[tokio::test]
async fn a_closed_store_has_no_log_to_recover_and_takes_no_work() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    fixture.store.close().await;
    fixture.store.close().await;
    let log = std::fs::metadata(fixture.folder.path().join("test.db-wal")).map_or(0, |file| file.len());
    assert_eq!(log, 0);
    let refused = fixture.store.commit(WriteBatch::default()).await.unwrap_err();
    assert_eq!(name(&refused), "Unavailable");
    assert!(fixture.store.ready().await.is_err());
    let path = Path(vec!["other".into()]);
    assert!(fixture.store.read(fixture.node(&VENDOR), &path).await.is_err());
    SqliteStore::open(options(&fixture.folder), SERVICE).unwrap();
}

#[tokio::test]
async fn integer_ids_are_never_given_twice_and_a_clean_restart_leaves_no_gap() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&EVENT);
    assert_eq!(fixture.store.reserve_ids(node, 1).await.unwrap(), 1);
    assert_eq!(fixture.store.reserve_ids(node, 2).await.unwrap(), 2);
    assert_eq!(fixture.store.reserve_ids(node, 100).await.unwrap(), 4);
    assert_eq!(fixture.store.reserve_ids(node, 1).await.unwrap(), 104);
    fixture.store.close().await;
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.store.reserve_ids(node, 1).await.unwrap(), 105);
    // Without a clean end the rest of the block is lost, and nothing is given twice.
    let fixture = fixture.reopened().await;
    assert!(fixture.store.reserve_ids(node, 1).await.unwrap() > 105);
}

// ---- Lists -------------------------------------------------------------------------------------------------------

/// Devices with nulls and many ties in every column.
async fn filled() -> (Fixture, Path, Vec<Record>) {
    let fixture = Fixture::new().await;
    let parent = fixture.vendor("acme").await;
    fixture.vendor("other").await;
    let node = fixture.node(&DEVICE);
    let mut devices = Vec::new();
    let mut random = 12_345_u64;
    for number in 0..120 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut device = device("acme", number);
        let pick = |shift: u32, of: u64| (random >> shift) % of;
        device.row.0[0] = text(["a", "B", "é", "z"][pick(8, 4) as usize]);
        device.row.0[1] =
            if pick(16, 3) == 0 { Value::Null } else { text(["ann", "bob"][pick(20, 2) as usize]) };
        device.row.0[2] = Value::Integer(pick(24, 4) as i64 - 2);
        device.row.0[4] = if pick(32, 4) == 0 { Value::Null } else { Value::Float(pick(36, 5) as f64 / 2.0) };
        device.created_at = instant(pick(40, 6) as i64);
        device.updated_by = [None, Some("ann".to_owned())][pick(44, 2) as usize].clone();
        devices.push(device);
    }
    let other = device("other", 1_000);
    fixture
        .commit(writes(devices.iter().cloned().chain([other]).map(|device| Write::Insert(node, device))))
        .await;
    (fixture, parent, devices)
}

fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        (a, b) => b.is_null().cmp(&a.is_null()),
    }
}

fn sorted(mut devices: Vec<Record>, order: &[(Column, Direction)]) -> Vec<Id> {
    devices.sort_by(|a, b| {
        let by_column = order.iter().map(|(column, direction)| {
            let ordering = compare(&column.value(a), &column.value(b));
            if *direction == Direction::Ascending { ordering } else { ordering.reverse() }
        });
        by_column.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(a.path.cmp(&b.path))
    });
    devices.iter().map(|device| device.path.id().unwrap().clone()).collect()
}

#[tokio::test]
async fn pages_by_cursor_are_the_sorted_list_for_every_order() {
    use Direction::{Ascending, Descending};
    let (fixture, parent, devices) = filled().await;
    let columns = [
        Column::Field(0),
        Column::Field(1),
        Column::Field(2),
        Column::Field(4),
        Column::Id,
        Column::CreatedAt,
        Column::UpdatedBy,
    ];
    let mut orders = vec![Vec::new()];
    for first in columns {
        for direction in [Ascending, Descending] {
            orders.push(vec![(first, direction)]);
            for second in columns.into_iter().filter(|second| *second != first) {
                orders.push(vec![(first, direction), (second, Ascending)]);
                orders.push(vec![(first, direction), (second, Descending), (Column::Field(3), Ascending)]);
            }
        }
    }
    for order in orders {
        let expected = sorted(devices.clone(), &order);
        let mut found = Vec::new();
        let mut scan = Scan { order: order.clone(), limit: 17, ..scan(fixture.node(&DEVICE), &parent) };
        loop {
            let page = fixture.store.scan(&scan).await.unwrap();
            found.extend(ids(&page));
            assert_eq!(page.more, found.len() < expected.len(), "{order:?}");
            let Some(last) = page.records.last().filter(|_| page.more) else { break };
            let values = order.iter().map(|(column, _)| *column).chain([Column::Id]);
            scan.after = Some(values.map(|column| column.value(last)).collect());
        }
        assert_eq!(found, expected, "{order:?}");
    }
}

#[tokio::test]
async fn an_offset_skips_with_and_without_a_cursor() {
    let (fixture, parent, devices) = filled().await;
    let order = vec![(Column::Field(1), Direction::Descending)];
    let expected = sorted(devices, &order);
    let first = Scan { order: order.clone(), offset: 30, limit: 5, ..scan(fixture.node(&DEVICE), &parent) };
    let page = fixture.store.scan(&first).await.unwrap();
    assert_eq!(ids(&page), expected[30..35]);
    let last = page.records.last().unwrap();
    let after = Some(vec![Column::Field(1).value(last), Column::Id.value(last)]);
    let page = fixture.store.scan(&Scan { after, offset: 50, ..first }).await.unwrap();
    assert_eq!(ids(&page), expected[85..90]);
}

#[tokio::test]
async fn a_filter_finds_equal_values_and_null() {
    let (fixture, parent, devices) = filled().await;
    for value in [text("ann"), Value::Null, text("nobody")] {
        let expected: Vec<Record> =
            devices.iter().filter(|device| device.row.0[1] == value).cloned().collect();
        let scan = Scan {
            equals: vec![(Column::Field(1), value)],
            count: Count::UpTo(10),
            ..scan(fixture.node(&DEVICE), &parent)
        };
        let page = fixture.store.scan(&scan).await.unwrap();
        assert_eq!(ids(&page), sorted(expected.clone(), &[]));
        let total = page.total.unwrap();
        assert_eq!((total.count, total.exact), (expected.len().min(10) as u64, expected.len() <= 10));
        let page = fixture.store.scan(&Scan { limit: 1, ..scan }).await.unwrap();
        assert_eq!(page.total, Some(total));
    }
}

#[tokio::test]
async fn a_limit_of_zero_gives_only_what_is_known_of_the_list() {
    let (fixture, parent, _) = filled().await;
    let empty = Scan { limit: 0, count: Count::UpTo(10_000), ..scan(fixture.node(&DEVICE), &parent) };
    let page = fixture.store.scan(&empty).await.unwrap();
    assert!(page.records.is_empty() && page.more);
    assert_eq!(page.total.unwrap().count, 120);
}

#[tokio::test]
async fn counts_follow_creates_and_deletes() {
    let (fixture, parent, _) = filled().await;
    let node = fixture.node(&DEVICE);
    let count = |limit| fixture.count(node, &parent, limit);
    assert_eq!(count(Count::UpTo(100)).await, Some(100));
    assert_eq!(count(Count::Exact).await, Some(120));
    for number in 0..30 {
        fixture.commit(writes([Write::Delete(node, device_path("acme", number))])).await;
        assert_eq!(count(Count::Exact).await, Some(119 - number as u64));
        assert_eq!(count(Count::UpTo(100)).await, Some(100.min(119 - number as u64)));
    }
    fixture.commit(writes([Write::Insert(node, device("acme", 500))])).await;
    assert_eq!(count(Count::Exact).await, Some(91));
    // A refused or only checked batch counts nothing.
    fixture.store.check(writes([Write::Insert(node, device("acme", 501))])).await.unwrap();
    assert_eq!(fixture.refused(writes([Write::Insert(node, device("acme", 500))])).await, "Stale");
    assert_eq!(count(Count::Exact).await, Some(91));
}

#[tokio::test]
async fn a_count_that_stopped_early_is_taken_again_when_deletes_use_it_up() {
    let (fixture, parent, _) = filled().await;
    let node = fixture.node(&DEVICE);
    let count = || fixture.count(node, &parent, Count::UpTo(20));
    assert_eq!(count().await, Some(20));
    for number in 0..110 {
        fixture.commit(writes([Write::Delete(node, device_path("acme", number))])).await;
        assert_eq!(count().await, Some(20.min(119 - number as u64)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn caches_hold_what_was_committed_last_while_others_read() {
    let fixture = Arc::new(Fixture::new().await);
    let parent = fixture.vendor("acme").await;
    let node = fixture.node(&DEVICE);
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (fixture, stop, parent) = (Arc::clone(&fixture), Arc::clone(&stop), parent.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    for number in 0..8 {
                        fixture.read(&DEVICE, &device_path("acme", number)).await;
                    }
                    fixture.count(fixture.node(&DEVICE), &parent, Count::Exact).await;
                    // Caches that are dropped are filled again under fire.
                    let unknown = |key: &super::cache::CountKey| key.node == fixture.node(&DEVICE);
                    fixture.store.shared.counts.commit([], Some(unknown), || Ok::<(), ()>(())).unwrap();
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut there = 0_u64;
    for round in 1..400_i64 {
        let number = (round % 8) as u128;
        let path = device_path("acme", number);
        let write = match fixture.read(&DEVICE, &path).await {
            Some(_) if round % 3 == 0 => Write::Delete(node, path.clone()),
            Some(_) => Write::Update(node, Record { revision: round, ..device("acme", number) }),
            None => Write::Insert(node, Record { revision: round, ..device("acme", number) }),
        };
        there = match &write {
            Write::Insert(..) => there + 1,
            Write::Delete(..) => there - 1,
            _ => there,
        };
        let expected = if matches!(write, Write::Delete(..)) { None } else { Some(round) };
        fixture.commit(writes([write])).await;
        let found = fixture.read(&DEVICE, &path).await.map(|record| record.revision);
        assert_eq!(found, expected);
        assert_eq!(fixture.count(node, &parent, Count::Exact).await, Some(there));
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn unique_values_are_found() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let node = fixture.node(&DEVICE);
    fixture.commit(writes([Write::Insert(node, with_serial(device("acme", 1), "s"))])).await;
    assert_eq!(fixture.store.find_unique(node, 3, &text("s")).await.unwrap(), Some(device_path("acme", 1)));
    assert_eq!(fixture.store.find_unique(node, 3, &text("t")).await.unwrap(), None);
    assert_eq!(fixture.store.find_unique(node, 3, &Value::Null).await.unwrap(), None);
}

// ---- The schema --------------------------------------------------------------------------------------------------

static DEVICE_WITH_MORE: Descriptor = Descriptor {
    fields: &[
        field("displayName", "display_name", FieldKind::Text),
        FieldDescriptor { nullable: true, order: true, ..field("note", "note", FieldKind::Text) },
        FieldDescriptor {
            default: Some(|| Value::Text("it's".to_owned())),
            filter: true,
            ..field("color", "color", FieldKind::Text)
        },
        FieldDescriptor { nullable: true, unique: true, ..field("code", "code", FieldKind::Text) },
        field("mode", "mode", FieldKind::Enum(&MORE_MODES)),
    ],
    ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
};

static VENDOR_WITH_REQUIRED: Descriptor = Descriptor {
    fields: &[
        field("displayName", "display_name", FieldKind::Text),
        field("country", "country", FieldKind::Text),
    ],
    ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
};

/// A database with one vendor, closed, and the statements that were run on it since.
async fn changed_behind(statements: &str) -> TempDir {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let Fixture { folder, store, .. } = fixture;
    drop(store);
    Connection::open(folder.path().join("test.db")).unwrap().execute_batch(statements).unwrap();
    folder
}

async fn migrated(folder: &TempDir, descriptors: &[&'static Descriptor]) -> Result<SqliteStore, String> {
    let store = SqliteStore::open(options(folder), SERVICE).unwrap();
    match store.migrate(tree_of(descriptors), instant(1)).await {
        Ok(()) => Ok(store),
        Err(error) => Err(error.description().to_owned()),
    }
}

/// The start is refused with `words`; what the text says to do makes the next start succeed.
async fn refused_and_mended(folder: &TempDir, descriptors: &[&'static Descriptor], words: &str) {
    let text = migrated(folder, descriptors).await.unwrap_err();
    assert!(text.contains(words), "{text}");
    let mut sql: Vec<&str> = Vec::new();
    let mut is_sql = false;
    for line in text.lines() {
        match line {
            "    mended by:" => is_sql = true,
            line if line.starts_with("      ") && is_sql => sql.push(line),
            _ => is_sql = false,
        }
    }
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    connection.execute_batch(&sql.join("\n")).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
    connection.execute_batch("PRAGMA foreign_key_check; PRAGMA integrity_check").unwrap();
    drop(connection);
    if let Err(text) = migrated(folder, descriptors).await {
        panic!("still: {text}");
    }
}

#[tokio::test]
async fn what_only_adds_is_done_at_start() {
    let folder = changed_behind("").await;
    let store = migrated(&folder, &[&DEVICE_WITH_MORE]).await.unwrap();
    let row = store.read(NodeId(0), &vendor("acme").path).await.unwrap().unwrap();
    assert_eq!(row.row.0, [text("acme"), Value::Null, text("it's"), Value::Null, Value::Integer(0)]);
    let mut twice = [vendor("a"), vendor("b")];
    for record in &mut twice {
        let code = text("c");
        record.row = Row(vec![text("x"), Value::Null, text("red"), code, Value::Integer(2)]);
    }
    let [first, second] = twice;
    store.commit(writes([Write::Insert(NodeId(0), first)])).await.unwrap();
    let refused = store.commit(writes([Write::Insert(NodeId(0), second)])).await.unwrap_err();
    assert_eq!(name(&refused), "Unique");
    drop(store);
    migrated(&folder, &[&DEVICE_WITH_MORE]).await.unwrap();
    // The release before still runs on it: its rows need none of the new columns.
    let store = migrated(&folder, &[&VENDOR]).await.unwrap();
    store.commit(writes([Write::Insert(NodeId(0), vendor("older"))])).await.unwrap();
    let updated = Record { revision: 2, ..vendor("a") };
    store.commit(writes([Write::Update(NodeId(0), updated)])).await.unwrap();
    drop(store);
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    let color: String =
        connection.query_row("SELECT color FROM vendors WHERE id = 'a'", [], |row| row.get(0)).unwrap();
    assert_eq!(color, "red");
}

#[tokio::test]
async fn extra_tables_and_columns_are_left_alone() {
    let folder = changed_behind(
        "ALTER TABLE vendors ADD COLUMN extra TEXT; ALTER TABLE vendors ADD COLUMN level INTEGER NOT NULL DEFAULT 3;
         UPDATE vendors SET extra = 'kept'; CREATE TABLE mine (a, b); CREATE INDEX mine_too ON vendors (extra)",
    )
    .await;
    let store = migrated(&folder, &[&VENDOR]).await.unwrap();
    let updated = Record { revision: 2, ..vendor("acme") };
    store.commit(writes([Write::Update(NodeId(0), updated)])).await.unwrap();
    drop(store);
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    let kept: String =
        connection.query_row("SELECT extra || level FROM vendors", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "kept3");
}

#[tokio::test]
async fn an_enum_grows_in_place_and_shrinks_only_over_unused_variants() {
    static GROWN: Descriptor =
        Descriptor { fields: &[field("mode", "mode", FieldKind::Enum(&MORE_MODES))], ..STATE_ALONE };
    static SHRUNK: Descriptor =
        Descriptor { fields: &[field("mode", "mode", FieldKind::Enum(&MODE))], ..STATE_ALONE };
    const STATE_ALONE: Descriptor = resource("Switch", "switches", Shape::Collection(IdKind::Slug));
    let folder = tempfile::tempdir().unwrap();
    let switch =
        |id: &str, mode| Write::Insert(NodeId(0), record(Path(vec![id.into()]), vec![Value::Integer(mode)]));
    let store = migrated(&folder, &[&SHRUNK]).await.unwrap();
    store.commit(writes([switch("a", 1)])).await.unwrap();
    let refused = store.commit(writes([switch("b", 2)])).await.unwrap_err();
    assert_eq!(name(&refused), "Internal");
    drop(store);
    let store = migrated(&folder, &[&GROWN]).await.unwrap();
    store.commit(writes([switch("b", 2)])).await.unwrap();
    assert_eq!(name(&store.commit(writes([switch("c", 3)])).await.unwrap_err()), "Internal");
    drop(store);
    refused_and_mended(&folder, &[&SHRUNK], "holds variants that the enum no longer has").await;
    let store = migrated(&folder, &[&SHRUNK]).await.unwrap();
    let page = store.scan(&scan(NodeId(0), &Path::default())).await.unwrap();
    let modes: Vec<_> = page.records.iter().map(|record| record.row.0[0].clone()).collect();
    assert_eq!(modes, [Value::Integer(1), Value::Integer(0)]);
}

#[tokio::test]
async fn a_required_field_without_default_needs_a_value_for_the_rows_that_exist() {
    let folder = changed_behind("").await;
    refused_and_mended(&folder, &[&VENDOR_WITH_REQUIRED], "the required field `country` has no column").await;
    let folder = changed_behind("DELETE FROM vendors").await;
    migrated(&folder, &[&VENDOR_WITH_REQUIRED]).await.unwrap();
}

#[tokio::test]
async fn every_other_difference_stops_the_start_and_can_be_mended() {
    static BY_NUMBER: Descriptor = Descriptor {
        fields: &[field("displayName", "display_name", INTEGER)],
        ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
    };
    static BY_UUID: Descriptor =
        Descriptor { ..resource("Vendor", "vendors", Shape::Collection(IdKind::Uuid)) };
    static OPTIONAL: Descriptor = Descriptor {
        fields: &[FieldDescriptor {
            nullable: true,
            ..field("displayName", "display_name", FieldKind::Text)
        }],
        ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
    };
    static UNIQUE: Descriptor = Descriptor {
        fields: &[FieldDescriptor { unique: true, ..field("displayName", "display_name", FieldKind::Text) }],
        ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
    };
    let folder = changed_behind("").await;
    refused_and_mended(&folder, &[&BY_NUMBER], "the column `display_name` is TEXT, declared is INTEGER")
        .await;
    let folder = changed_behind("").await;
    refused_and_mended(
        &folder,
        &[&OPTIONAL],
        "the column `display_name` is NOT NULL, but the field is optional",
    )
    .await;
    refused_and_mended(
        &folder,
        &[&VENDOR],
        "the column `display_name` allows NULL, but the field is required",
    )
    .await;
    let text = migrated(&folder, &[&BY_UUID]).await.unwrap_err();
    assert!(text.contains("the column `id` holds slug, declared is uuid"), "{text}");
    assert!(text.contains("the column `display_name` is not declared"), "{text}");
    migrated(&folder, &[&UNIQUE]).await.unwrap();
    refused_and_mended(&folder, &[&VENDOR], "the column `display_name` is unique, but the field is not")
        .await;
    let again = "INSERT INTO vendors SELECT 'again', created_at, created_by, updated_at, updated_by, _revision, \
                 _incarnation, _changes, display_name FROM vendors";
    Connection::open(folder.path().join("test.db")).unwrap().execute_batch(again).unwrap();
    let text = migrated(&folder, &[&UNIQUE]).await.unwrap_err();
    assert!(text.contains("the field `displayName` is unique") || text.contains("values repeat"), "{text}");
}

#[tokio::test]
async fn a_table_without_its_keys_can_be_rebuilt() {
    let folder = changed_behind(
        "INSERT INTO vendors__devices SELECT 'acme', '00000000-0000-0000-0000-000000000001', created_at, created_by,
            updated_at, updated_by, 1, 2, 0, 'n', NULL, 5, 's', NULL FROM vendors;
         CREATE TABLE copied AS SELECT *, 'kept' AS extra FROM vendors__devices;
         PRAGMA foreign_keys = OFF; DROP TABLE vendors__devices; ALTER TABLE copied RENAME TO vendors__devices",
    )
    .await;
    let all: [&'static Descriptor; 5] = [&VENDOR, &DEVICE, &STATE, &EVENT, &SETTINGS];
    refused_and_mended(&folder, &all, "the primary key is not (vendors_id, id)").await;
    let kept: String = Connection::open(folder.path().join("test.db"))
        .unwrap()
        .query_row("SELECT extra FROM vendors__devices", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, "kept");
}

#[tokio::test]
async fn a_refused_start_changes_nothing() {
    static BOTH: Descriptor = Descriptor {
        fields: &[
            FieldDescriptor { nullable: true, ..field("note", "note", FieldKind::Text) },
            field("displayName", "display_name", INTEGER),
        ],
        ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
    };
    let folder = changed_behind("").await;
    migrated(&folder, &[&BOTH]).await.unwrap_err();
    let columns: i64 = Connection::open(folder.path().join("test.db"))
        .unwrap()
        .query_row("SELECT count(*) FROM pragma_table_info('vendors') WHERE name = 'note'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(columns, 0);
    migrated(&folder, &[&VENDOR]).await.unwrap();
}

// ---- The file ----------------------------------------------------------------------------------------------------

fn refusal(folder: &TempDir, service: &str) -> String {
    SqliteStore::open(options(folder), service).unwrap_err().description().to_owned()
}

#[tokio::test]
async fn a_second_process_is_refused() {
    let fixture = Fixture::new().await;
    assert!(refusal(&fixture.folder, SERVICE).contains("another process serves the database"));
    let link = fixture.folder.path().join("link.db");
    std::os::unix::fs::symlink(fixture.folder.path().join("test.db"), &link).unwrap();
    let by_another_name = SqliteStore::open(SqliteOptions::new(link), SERVICE).unwrap_err();
    assert!(by_another_name.description().contains("another process serves the database"));
    let fixture = fixture.reopened().await;
    fixture.vendor("acme").await;
}

#[tokio::test]
async fn a_link_to_where_nothing_is_yet_is_one_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(folder.path().join("target.db"), &link).unwrap();
    let first = SqliteStore::open(SqliteOptions::new(&link), SERVICE).unwrap();
    for name in ["link.db", "target.db"] {
        let second = SqliteStore::open(SqliteOptions::new(folder.path().join(name)), SERVICE).unwrap_err();
        assert!(second.description().contains("another process serves the database"), "{second:?}");
    }
    first.close().await;
}

#[tokio::test]
async fn a_file_with_two_names_and_a_folder_are_refused() {
    let Fixture { folder, store, .. } = Fixture::new().await;
    store.close().await;
    std::fs::hard_link(folder.path().join("test.db"), folder.path().join("other.db")).unwrap();
    assert!(refusal(&folder, SERVICE).contains("has 2 names (hard links)"));
    let error = SqliteStore::open(SqliteOptions::new(folder.path()), SERVICE).unwrap_err();
    assert!(error.description().contains("is a folder; name a file in it"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_scans_keep_no_short_read_waiting_and_end_with_their_requests() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    for batch in 0..40 {
        let insert = |number: i32| Write::Insert(node, vendor(&format!("v{batch}-{number}")));
        fixture.store.commit(writes((0..500).map(insert))).await.unwrap();
    }
    // In the order of no index, and once for each of many rows.
    let by_time =
        Scan { order: vec![(Column::CreatedAt, Direction::Ascending)], ..scan(node, &Path::default()) };
    let store = Arc::new(fixture.store);
    let long: Vec<_> = (0..100)
        .map(|_| {
            let (store, by_time) = (store.clone(), by_time.clone());
            tokio::spawn(async move { store.scan(&by_time).await.map(drop) })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let mut waited = 0;
    while long.iter().any(|scan| !scan.is_finished()) && waited < 50 {
        let path = Path(vec![Id::Slug(format!("v1-{waited}"))]);
        let read = tokio::time::timeout(Duration::from_millis(500), store.read(node, &path));
        assert!(read.await.expect("a short read does not wait").unwrap().is_some());
        waited += 1;
    }
    assert!(waited > 0, "the long scans had ended already");
    let unfinished = long.iter().filter(|scan| !scan.is_finished()).count();
    long.iter().for_each(tokio::task::JoinHandle::abort);
    let started = std::time::Instant::now();
    store.scan(&by_time).await.unwrap();
    assert!(unfinished < 10 || started.elapsed() < Duration::from_secs(2), "aborted scans went on");
}

#[tokio::test]
async fn what_is_not_this_services_database_is_refused() {
    let folder = changed_behind("").await;
    let text = refusal(&folder, "weather");
    assert!(text.contains("belongs to the service `device-registry`"), "{text}");

    let newer = changed_behind("UPDATE _meta SET format = 2").await;
    assert!(refusal(&newer, SERVICE).contains("has the format 2, and this release reads up to 1"));

    let foreign = tempfile::tempdir().unwrap();
    let path = foreign.path().join("test.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    assert!(refusal(&foreign, SERVICE).contains("is not the database of a rest-standard service"));

    let garbage = tempfile::tempdir().unwrap();
    let path = garbage.path().join("test.db");
    std::fs::write(&path, "certainly no database, but long enough to be read as one".repeat(100)).unwrap();
    assert!(refusal(&garbage, SERVICE).contains("is not an SQLite database"));
    assert!(std::fs::read(&path).unwrap().starts_with(b"certainly no database"));
}

#[tokio::test]
async fn a_missing_folder_and_a_folder_as_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = SqliteStore::open(SqliteOptions::new(folder.path().join("a/b.db")), SERVICE).unwrap_err();
    assert!(missing.description().contains("cannot be used"), "{missing:?}");
    let is_folder = SqliteStore::open(SqliteOptions::new(folder.path()), SERVICE).unwrap_err();
    assert_eq!(is_folder.reason(), Reason::Unavailable);
}

#[tokio::test]
async fn a_damaged_file_is_refused_or_fails_to_read() {
    let folder = changed_behind("").await;
    let path = folder.path().join("test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..2_000].fill(0xAA);
    std::fs::write(&path, bytes).unwrap();
    assert!(refusal(&folder, SERVICE).contains("is damaged"));
}

#[tokio::test]
async fn a_read_only_file_or_folder_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = changed_behind("").await;
    let path = folder.path().join("test.db");
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(&path, 0o444);
    if std::fs::File::options().write(true).open(&path).is_ok() {
        return as_nobody("a_read_only_file_or_folder_is_refused");
    }
    assert!(refusal(&folder, SERVICE).contains("read-only"));
    set(&path, 0o644);
    set(folder.path(), 0o555);
    let text = refusal(&folder, SERVICE);
    set(folder.path(), 0o755);
    assert!(text.contains("lock file") || text.contains("read-only"), "{text}");
}

/// Runs a test of this module once more, as a user to whom permissions apply; they mean nothing to the superuser.
fn as_nobody(test: &str) {
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65_534;
    // The program's own path may lead through folders that only the superuser can enter.
    let output = std::process::Command::new("/proc/self/exe")
        .args(["--exact", &format!("store::sqlite::tests::{test}")])
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .expect("the superuser can run a program as somebody else");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

// ---- Plans of queries --------------------------------------------------------------------------------------------

#[tokio::test]
async fn the_usual_lists_are_served_by_an_index_without_sorting() {
    use crate::store::sql::{render, statements::Layout};
    let (fixture, parent, devices) = filled().await;
    let layout = Layout::new(tree());
    let node = fixture.node(&DEVICE);
    let table = layout.table(node).unwrap();
    let connection = fixture.sql();
    connection.execute_batch("ANALYZE").unwrap();
    let values = |columns: &[Column]| Some(columns.iter().map(|column| column.value(&devices[50])).collect());
    let ascending = |column| vec![(column, Direction::Ascending)];
    let all = scan(node, &parent);
    let scans = [
        all.clone(),
        Scan { after: values(&[Column::Id]), ..all.clone() },
        Scan { order: vec![(Column::Id, Direction::Descending)], ..all.clone() },
        Scan { order: ascending(Column::Field(0)), ..all.clone() },
        Scan {
            order: ascending(Column::Field(0)),
            after: values(&[Column::Field(0), Column::Id]),
            ..all.clone()
        },
        Scan {
            order: ascending(Column::Field(1)),
            after: values(&[Column::Field(1), Column::Id]),
            ..all.clone()
        },
        Scan { order: vec![(Column::Field(1), Direction::Descending)], ..all.clone() },
        Scan { equals: vec![(Column::Field(1), text("ann"))], ..all.clone() },
        Scan { equals: vec![(Column::Field(1), text("ann"))], after: values(&[Column::Id]), ..all.clone() },
    ];
    for scan in scans {
        let extent = Extent::Whole;
        for range in render::ranges(table, &scan).unwrap() {
            let query = match range.walked_column(table, &scan) {
                Some(_) => render::walk(table, &scan, &extent, &range, 51).unwrap(),
                None => render::page(table, &scan, &extent, &range, 51, 0).unwrap(),
            };
            let plan = plan(&connection, &query.sql);
            assert!(plan.contains("USING INDEX") && !plan.contains("SCAN"), "{}\n{plan}", query.sql);
            assert!(!plan.contains("TEMP B-TREE"), "{}\n{plan}", query.sql);
        }
    }
    for sql in [&*table.read, &table.state, &table.delete, &table.find_unique(3)] {
        let plan = plan(&connection, sql);
        assert!(!plan.contains("SCAN"), "{sql}\n{plan}");
    }
}

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get::<_, String>(3).unwrap());
    }
    plan.join("\n")
}

#[tokio::test]
async fn an_excerpt_is_read_from_its_own_columns_alone() {
    let (fixture, parent, devices) = filled().await;
    let fixture = fixture.reopened().await;
    let node = fixture.node(&DEVICE);
    // Whoever reads the other columns stumbles over what is in them.
    let table = &fixture.tree.node(node).table;
    let spoil = format!("UPDATE \"{table}\" SET \"created_at\" = 'x', \"updated_at\" = 'x'");
    fixture.sql().execute_batch(&spoil).unwrap();
    let path = &devices[7].path;
    let only = |columns: &[Column]| Extent::only(columns.iter().copied());
    let owner = Column::Field(1);
    let excerpt = fixture.store.read_excerpt(node, path, &only(&[owner])).await.unwrap().unwrap();
    assert_eq!(excerpt.field(1), Some(&devices[7].row.0[1]));
    assert_eq!((excerpt.path(), excerpt.revision()), (path, devices[7].revision));
    assert!(excerpt.field(0).is_none() && excerpt.created_at().is_none() && excerpt.whole().is_none());
    let order = vec![(Column::Field(2), Direction::Descending)];
    let list = Scan { order, limit: 17, ..scan(node, &parent) };
    let page = fixture.store.scan_excerpts(&list, &only(&[owner, Column::Field(2)])).await.unwrap();
    let expected = sorted(devices.clone(), &list.order);
    let found: Vec<_> = page.records.iter().map(|excerpt| excerpt.path().id().unwrap().clone()).collect();
    assert_eq!((found, page.more), (expected[..17].to_vec(), true));
    // The part was not kept as if it were the row.
    assert!(fixture.store.read(node, path).await.is_err());
    assert!(fixture.store.scan(&list).await.is_err());
    assert!(fixture.store.read_excerpt(node, path, &only(&[Column::CreatedAt])).await.is_err());
    let _ = fixture.store.scan_excerpts(&list, &only(&[owner])).await.unwrap_err();
}

#[test]
fn statements_name_the_columns_that_are_read_in_one_order() {
    use crate::store::sql::statements::Layout;
    let (tree, layout) = (tree(), Layout::new(tree()));
    let table = |descriptor, is_log| {
        let node = tree.find(descriptor).unwrap();
        layout.table(if is_log { node.changes.unwrap() } else { node.id }).unwrap()
    };
    let only = |columns: &[Column]| Extent::only(columns.iter().copied());
    let device = table(&DEVICE, false);
    for (columns, expected) in [
        (vec![], r#""_revision""#),
        (vec![Column::Id], r#""_revision""#),
        (
            vec![Column::Field(2), Column::Field(0), Column::Field(2)],
            r#""_revision", "display_name", "volume""#,
        ),
        (
            vec![Column::Field(1), Column::UpdatedBy, Column::CreatedAt],
            r#""created_at", "updated_by", "_revision", "owner""#,
        ),
    ] {
        let extent = only(&columns);
        assert_eq!(device.columns(&extent), expected);
        let sql = device.render_read(&extent);
        assert!(sql.starts_with(&format!("SELECT {expected} FROM ")), "{sql}");
    }
    let log = table(&DEVICE, true);
    assert_eq!(
        log.columns(&only(&[Column::UpdatedAt, Column::Field(1)])),
        r#""created_at", "_incarnation", "method""#
    );
    assert_eq!(device.columns(&Extent::Whole).matches('"').count(), 2 * 12);
}
