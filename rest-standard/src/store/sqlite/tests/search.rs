//! The index of words: made at start where it is missing or stale, and true whatever SQLite does to row numbers.

use super::*;
use crate::search::words;

/// Devices as a release declares them that searches their names.
static SEARCHED: Descriptor = Descriptor {
    fields: &[
        FieldDescriptor { filter: true, order: true, search: true, ..DEVICE.fields[0] },
        DEVICE.fields[1],
        DEVICE.fields[2],
        DEVICE.fields[3],
        DEVICE.fields[4],
    ],
    ..DEVICE
};

/// And one that searches their owners, too.
static SEARCHED_MORE: Descriptor = Descriptor {
    fields: &[
        SEARCHED.fields[0],
        FieldDescriptor { search: true, ..DEVICE.fields[1] },
        DEVICE.fields[2],
        DEVICE.fields[3],
        DEVICE.fields[4],
    ],
    ..DEVICE
};

const NAME: &str = "vendors__devices.search.words";

async fn started(folder: &TempDir, device: &'static Descriptor) -> SqliteStore {
    let store = SqliteStore::open(options(folder), SERVICE).unwrap();
    store.migrate(tree_of(&[&VENDOR, device, &STATE, &EVENT, &SETTINGS]), instant(1)).await.unwrap();
    store
}

fn node(device: &'static Descriptor) -> NodeId {
    tree_of(&[&VENDOR, device, &STATE, &EVENT, &SETTINGS]).find(device).unwrap().id
}

async fn found(store: &SqliteStore, search: &str) -> Vec<Id> {
    let parent = Path(vec!["acme".into()]);
    let scan = Scan { search: words(search), ..scan(node(&SEARCHED), &parent) };
    ids(&store.scan(&scan).await.unwrap())
}

fn named(number: u128, name: &str) -> Record {
    let mut device = device("acme", number);
    device.row.0[0] = text(name);
    device.row.0[1] = text("Zoë");
    device
}

async fn insert(store: &SqliteStore, number: u128, name: &str) {
    store.commit(writes([Write::Insert(node(&SEARCHED), named(number, name))])).await.unwrap();
}

/// A folder with two devices of a release that searches nothing.
async fn unsearched() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = started(&folder, &DEVICE).await;
    let vendor_node = tree().find(&VENDOR).unwrap().id;
    store.commit(writes([Write::Insert(vendor_node, vendor("acme"))])).await.unwrap();
    insert(&store, 1, "Façade lamp").await;
    insert(&store, 2, "Bell").await;
    folder
}

fn id(number: u128) -> Id {
    Uuid::from_u128(number).into()
}

#[tokio::test]
async fn rows_that_exist_are_indexed_when_a_field_is_first_searched() {
    let folder = unsearched().await;
    let store = started(&folder, &SEARCHED).await;
    assert_eq!(found(&store, "facade LAMP").await, [id(1)]);
    assert_eq!(found(&store, "zoe").await, []);
    insert(&store, 3, "Lamp").await;
    drop(store);
    let store = started(&folder, &SEARCHED_MORE).await;
    assert_eq!(found(&store, "lamp zoe").await, [id(1), id(3)]);
    drop(store);
    let store = started(&folder, &SEARCHED).await;
    assert_eq!((found(&store, "zoe").await, found(&store, "lamp").await), (vec![], vec![id(1), id(3)]));
}

#[tokio::test]
async fn an_index_that_a_release_did_not_keep_is_made_anew() {
    let folder = unsearched().await;
    drop(started(&folder, &SEARCHED).await);
    let store = started(&folder, &DEVICE).await;
    insert(&store, 3, "Lamp").await;
    store.commit(writes([Write::Delete(node(&DEVICE), device_path("acme", 1))])).await.unwrap();
    drop(store);
    assert_eq!(found(&started(&folder, &SEARCHED).await, "lamp").await, [id(3)]);
}

#[tokio::test]
async fn an_index_of_another_folding_is_made_anew_and_one_of_the_same_stays() {
    let folder = unsearched().await;
    drop(started(&folder, &SEARCHED).await);
    let file = || Connection::open(folder.path().join("test.db")).unwrap();
    let spoil = format!("INSERT INTO \"{NAME}\" (\"id\", \"words\") VALUES ('{}', 'spoilt §acme¦')", id(2));
    file().execute_batch(&spoil).unwrap();
    assert_eq!(found(&started(&folder, &SEARCHED).await, "spoilt").await, [id(2)]);
    let record = format!("UPDATE \"_columns\" SET \"kind\" = 'older' WHERE \"table\" = '{NAME}'");
    assert_eq!(file().execute(&record, []).unwrap(), 1);
    let store = started(&folder, &SEARCHED).await;
    assert_eq!((found(&store, "spoilt").await, found(&store, "bell").await), (vec![], vec![id(2)]));
}

#[tokio::test]
async fn row_numbers_that_change_leave_the_index_true() {
    let folder = unsearched().await;
    let store = started(&folder, &SEARCHED).await;
    store.commit(writes([Write::Delete(node(&SEARCHED), device_path("acme", 1))])).await.unwrap();
    drop(store);
    Connection::open(folder.path().join("test.db")).unwrap().execute_batch("VACUUM").unwrap();
    let store = started(&folder, &SEARCHED).await;
    insert(&store, 1, "Lamp").await;
    assert_eq!((found(&store, "lamp").await, found(&store, "bell").await), (vec![id(1)], vec![id(2)]));
    store.commit(writes([Write::Update(node(&SEARCHED), named(2, "Gong"))])).await.unwrap();
    assert_eq!((found(&store, "bell").await, found(&store, "gong").await), (vec![], vec![id(2)]));
}

#[tokio::test]
async fn a_search_looks_into_the_index_and_not_through_the_table() {
    use crate::store::sql::{render, statements::Layout};
    let folder = unsearched().await;
    drop(started(&folder, &SEARCHED).await);
    let layout = Layout::new(
        tree_of(&[&VENDOR, &SEARCHED, &STATE, &EVENT, &SETTINGS]),
        crate::store::sql::Dialect::Sqlite,
    );
    let table = layout.table(node(&SEARCHED)).unwrap();
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    let parent = Path(vec!["acme".into()]);
    let scan = Scan { search: words("lamp"), ..scan(node(&SEARCHED), &parent) };
    assert!(render::is_long(table, &scan));
    let ranges = render::ranges(table, &scan).unwrap();
    let query = render::page(table, &scan, &Extent::Whole, &ranges[0], 51, 0).unwrap();
    let plan = plan(&connection, &query.sql);
    assert!(plan.contains("VIRTUAL TABLE INDEX") && plan.contains("USING INDEX"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN vendors__devices\n"), "{plan}");
}
