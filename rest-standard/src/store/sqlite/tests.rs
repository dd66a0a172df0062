//! What SQLite adds to the contract of a store. The resources of the tests are here, the tests in one file for each question.

mod conflicts;
mod file;
mod lists;
mod plans;
mod rows;
mod schema;
mod search;
mod writer;

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

const fn field(name: &'static str, column: &'static str, kind: FieldKind) -> FieldDescriptor {
    FieldDescriptor {
        name,
        rust_name: column,
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
        renamed_from: None,
        converted_from: None,
        texts: None,
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
        keep_changes: None,
        upsert: false,
        slash_verbs: false,
        export: false,
        import: false,
        dropped: &[],
        existing: None,
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
    keep_changes: None,
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
    keep_changes: None,
    ..resource("Device", "devices", Shape::Collection(IdKind::Uuid))
};

static STATE: Descriptor = Descriptor {
    parent: Some(|| &DEVICE),
    fields: &[field("mode", "mode", FieldKind::Enum(&MODE))],
    changes: true,
    keep_changes: None,
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
    keep_changes: None,
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
    Scan::all(node, Scope::Below(parent.clone()), 1_000)
}

fn ids(page: &Page) -> Vec<Id> {
    page.records.iter().map(|record| record.path.id().unwrap().clone()).collect()
}

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

/// A database with one vendor, closed, and the statements that were run on it since.
async fn changed_behind(statements: &str) -> TempDir {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let Fixture { folder, store, .. } = fixture;
    drop(store);
    Connection::open(folder.path().join("test.db")).unwrap().execute_batch(statements).unwrap();
    folder
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
