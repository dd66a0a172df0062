//! A service with much that has had its time, which it takes away by itself as every service does.
//!
//! What is old is committed to the store before the service starts, with times of long ago: items with their first changes
//! and the records of the requests that created them. The service runs by the system's clock, and begins to prune when any
//! service would.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use rest_standard::prelude::*;
use rest_standard::resource::Resource;
use rest_standard::store::{Change, Record, RequestRecord, Scan, Scope, Store, Write, WriteBatch};
use rest_standard::testing::{TestService, json};
use rest_standard::tree::{NodeId, Tree};
use rest_standard::value::{Id, Path, Row, Value};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::Failure;
use crate::serve::{LISTENING, ServeOptions};

/// The line that is answered with how much that is old is left, and how the answer begins: request ids and changes follow.
pub(crate) const HOW_MANY: &str = "how many";
pub(crate) const LEFT: &str = "left ";

/// How long ago everything old was: longer than it is kept.
const AGE: SignedDuration = SignedDuration::from_hours(100 * 24);
/// How many commits of old rows wait at once, so that the store can group them.
const AT_ONCE: usize = 64;

/// An item whose changes are kept for a time.
#[resource(collection = "items", changes = "90d")]
pub(crate) struct Item {
    /// What people call it.
    #[field(length = 1..=64)]
    pub display_name: String,
    /// Who has it.
    pub owner: String,
    /// How loud it is.
    #[field(range = 0..=10)]
    pub volume: i64,
    /// What the maker calls it.
    pub serial_number: String,
    /// Whether it is in use.
    pub enabled: bool,
    /// How heavy it is, in grams.
    #[field(range = 0..=1_000_000)]
    pub weight: i64,
}

/// Serves `items` at `/api/v1/items`. An empty database first gets `options.rows` items, as many changes and as many request
/// ids, all of them old.
pub(crate) async fn serve(
    options: &ServeOptions,
    mut lines: UnboundedReceiver<String>,
) -> Result<(), Failure> {
    let text = |error: Error| format!("{error:?}");
    let tree = Arc::new(Tree::build(&[Item::DESCRIPTOR]).map_err(text)?);
    let store = options.open("items")?;
    store.migrate(Arc::clone(&tree), Timestamp::now()).await.map_err(text)?;
    let aged = Aged::new(Arc::clone(&store), &tree, options.rows)?;
    aged.fill().await?;
    store.close().await;
    drop((aged, store));

    // Opened anew, as the service migrates its store itself.
    let store = options.open("items")?;
    let aged = Aged::new(Arc::clone(&store), &tree, options.rows)?;
    let service = Service::new("items").version("v1", |api| api.resource::<Item>());
    let service = TestService::with(service, store).await;
    let server = service.listen().await;
    println!("{LISTENING}{}", server.address());
    while let Some(line) = lines.recv().await {
        if line == HOW_MANY {
            println!("{LEFT}{} {}", aged.requests_left().await?, aged.changes_left().await?);
        }
    }
    Ok(())
}

/// Old rows, which have numbers; those with the smallest are the oldest.
struct Aged {
    store: Arc<dyn Store>,
    items: NodeId,
    log: NodeId,
    rows: u64,
    begin: Timestamp,
}

impl Aged {
    fn new(store: Arc<dyn Store>, tree: &Tree, rows: u64) -> Result<Self, Failure> {
        let node = tree.nodes().first().ok_or("a tree without nodes")?;
        let log = node.changes.ok_or("items without changes")?;
        let begin = Timestamp::from_second(Timestamp::now().checked_sub(AGE)?.as_second())?;
        Ok(Self { store, items: node.id, log, rows, begin })
    }

    async fn fill(self: &Aged) -> Result<(), Failure> {
        let any = Scan::all(self.items, Scope::Below(Path::default()), 1);
        let there = self.store.scan(&any).await.map_err(|error| format!("{error:?}"))?;
        if !there.records.is_empty() {
            return Ok(());
        }
        let next = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (store, next, rows) = (Arc::clone(&self.store), Arc::clone(&next), self.rows);
            let (items, begin) = (self.items, self.begin);
            tasks.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= rows {
                        return Ok(());
                    }
                    let batch = create(items, begin, number)?;
                    store.commit(batch).await.map_err(|conflict| format!("{conflict:?}"))?;
                    if number % 100_000 == 99_999 {
                        eprintln!("{} of {rows} old rows", number + 1);
                    }
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            let done: Result<(), Failure> = done?;
            done?;
        }
        Ok(())
    }

    /// How many old request ids are left: they go in the order of their numbers, so that a few looks tell.
    async fn requests_left(&self) -> Result<u64, Failure> {
        let (mut gone, mut kept) = (0, self.rows);
        while gone < kept {
            let middle = u64::midpoint(gone, kept);
            let found = self.store.find_request("", &request_id(middle)).await;
            match found.map_err(|error| format!("{error:?}"))? {
                Some(_) => kept = middle,
                None => gone = middle + 1,
            }
        }
        Ok(self.rows - gone)
    }

    /// How many old changes are left, by the number of the oldest one.
    async fn changes_left(&self) -> Result<u64, Failure> {
        let before = self.begin.checked_add(AGE / 2)?;
        let oldest = self.store.aged_changes(self.log, before, 1).await;
        let oldest = oldest.map_err(|error| format!("{error:?}"))?;
        match oldest.first().and_then(|(path, _)| path.0.first()) {
            Some(Id::Uuid(id)) => Ok(self.rows.saturating_sub(u64::try_from(id.as_u128())?)),
            _ => Ok(0),
        }
    }
}

/// What the create of an item committed, long ago.
fn create(items: NodeId, begin: Timestamp, number: u64) -> Result<WriteBatch, Failure> {
    let at = begin.checked_add(SignedDuration::from_millis(i64::try_from(number)?))?;
    let path = Path(vec![Id::Uuid(Uuid::from_u128(number.into()))]);
    let (weight, mark) = (i64::try_from(number % 1000)?, i64::try_from(number)?);
    let (name, owner, serial) =
        (format!("Item {number}"), format!("owner-{}", number % 97), format!("SN-{number:010}"));
    let patch = json!({
        "displayName": name, "owner": owner, "volume": 5, "serialNumber": serial, "enabled": true, "weight": weight,
    });
    let record = Record {
        path: path.clone(),
        revision: mark,
        incarnation: mark,
        change_count: 0,
        created_at: at,
        created_by: None,
        updated_at: at,
        updated_by: None,
        deletion: None,
        row: Row(vec![
            Value::Text(name),
            Value::Text(owner),
            Value::Integer(5),
            Value::Text(serial),
            Value::Bool(true),
            Value::Integer(weight),
        ]),
    };
    let request = RequestRecord {
        caller: String::new(),
        id: request_id(number),
        fingerprint: [0; 32],
        at,
        status: 201,
        location: Some(format!("/api/v1/items/{number:032x}")),
        etag: Some(format!("\"{number:016x}\"")),
        data: json!({"meta": {}, "values": patch.clone()}).to_string(),
    };
    let change = Change {
        owner: items,
        path,
        incarnation: mark,
        at,
        by: None,
        request_id: request_id(number),
        method: "Create".to_owned(),
        patch,
    };
    Ok(WriteBatch {
        expect: Vec::new(),
        writes: vec![Write::Insert(items, record), Write::Append(change)],
        request: Some(request),
    })
}

fn request_id(number: u64) -> String {
    format!("{number:032x}")
}
