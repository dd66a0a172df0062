//! Tables in parts, by the hash of the id that all keys begin with.

use std::sync::Arc;

use device_registry::{Attribute, Device, DeviceState, DeviceType, Site, StateMachine};
use jiff::Timestamp;
use rest_standard::{
    descriptor::{Descriptor, FieldDescriptor, FieldKind, IdKind, Shape},
    resource::Resource,
    store::{Column, Conflict, Direction, Scan, Scope, Store, Write, WriteBatch, postgres::PostgresStore},
    testing::TestService,
    tree::{NodeId, Tree},
    value::{Id, Path, Value},
};
use rest_standard_conformance::declare::{nullable, resource, unique};
use rest_standard_tests::{postgres::Database, rows::record, workshop};
use serde_json::json;

fn partitioned(database: &Database, count: u32) -> String {
    format!("{}?partitions={count}", database.url())
}

fn tree() -> Arc<Tree> {
    let tree = Tree::build(&[
        Site::DESCRIPTOR,
        DeviceType::DESCRIPTOR,
        StateMachine::DESCRIPTOR,
        Attribute::DESCRIPTOR,
        Device::DESCRIPTOR,
        DeviceState::DESCRIPTOR,
    ]);
    Arc::new(tree.expect("the registry's tree"))
}

async fn opened(url: &str) -> Result<PostgresStore, String> {
    let store = PostgresStore::new(url.parse().expect("it is a URL"), "device-registry").expect("it opens");
    let migrated = store.migrate(tree(), Timestamp::UNIX_EPOCH).await;
    migrated.map(|()| store).map_err(|error| error.description().to_owned())
}

async fn count(database: &Database, sql: &str) -> i64 {
    let row = database.connect().await.query_one(sql, &[]).await.expect("it answers");
    row.get(0)
}

/// The partitions that a plan reads.
fn read(plan: &[String]) -> Vec<String> {
    let names = plan.iter().filter_map(|line| line.split_once(" on ")).map(|(_, rest)| rest);
    let mut names: Vec<String> = names
        .filter(|name| name.contains('/'))
        .map(|name| name.split('"').nth(1).unwrap_or(name).to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[tokio::test]
async fn what_is_below_one_root_is_in_one_part() {
    let database = Database::take().await;
    let service = TestService::postgres(device_registry::service(), &partitioned(&database, 8)).await;
    let client = service.client();
    for at in 0..40 {
        let kind = json!({"id": format!("kind-{at}"), "displayName": "Kind", "category": "Alarm"});
        let _ = client.post("/api/v1/device-types", kind).await.assert_status(201);
        let device = json!({"displayName": "Hall", "owner": "ada", "serialNumber": format!("S-{at:04}")});
        let path = format!("/api/v1/device-types/kind-{at}/devices");
        let _ = client.post(&path, device).await.assert_status(201);
    }
    service.close().await;
    let parts = "SELECT count(DISTINCT tableoid) FROM device_types__devices";
    assert_eq!(count(&database, parts).await, 8, "the roots are spread over all parts");

    let store = opened(database.url()).await.expect("what the database has is enough");
    let tree = tree();
    let devices = tree.find(Device::DESCRIPTOR).expect("it is there");
    let below = Scope::Below(Path(vec![Id::Slug("kind-3".to_owned())]));
    let page = Scan { live: true, ..Scan::all(devices.id, below, 50) };
    let filtered = Scan {
        equals: vec![(
            Column::Field(devices.descriptor.field("owner").expect("a field")),
            Value::Text("ada".to_owned()),
        )],
        order: vec![(Column::Id, Direction::Descending)],
        ..page.clone()
    };
    for scan in [page, filtered] {
        let plan = store.explain(&scan).await.expect("a plan");
        assert_eq!(read(&plan).len(), 1, "{plan:#?}");
    }
    let all = Scan { live: true, ..Scan::all(tree.roots()[0], Scope::Below(Path::default()), 50) };
    let plan = store.explain(&all).await.expect("a plan");
    assert_eq!(read(&plan).len(), 8, "{plan:#?}");
    store.close().await;
}

#[tokio::test]
async fn a_value_is_unique_over_all_parts_and_free_again_once_its_row_is_gone() {
    let database = Database::take().await;
    let service = TestService::postgres(workshop::service(), &partitioned(&database, 8)).await;
    let client = service.client();
    let shelf = |code: &str| json!({"id": "a", "displayName": "Upper", "code": code});
    for site in 1..=10 {
        let body = json!({"displayName": format!("Site {site}"), "capacity": "10"});
        let _ = client.post("/api/v1/sites", body).await.assert_status(201);
        let path = format!("/api/v1/sites/{site}/shelves");
        let _ = client.post(&path, shelf(&format!("C{site:04}"))).await.assert_status(201);
    }
    let at = |site: u32| format!("/api/v1/sites/{site}/shelves/a");
    for site in 1..=10 {
        let mut other = shelf("C0005");
        other["id"] = json!("b");
        client
            .post(&format!("/api/v1/sites/{site}/shelves"), other)
            .await
            .assert_refused(409, "AlreadyExists");
    }
    client.patch(&at(1), json!({"code": "C0002"})).await.assert_refused(409, "AlreadyExists");
    let _ = client.patch(&at(1), json!({"code": "C9999"})).await.assert_status(200);
    let _ = client.patch(&at(2), json!({"code": "C0001"})).await.assert_status(200);
    let _ = client.patch(&at(3), json!({"displayName": "Lower"})).await.assert_status(200);
    let _ = client.delete("/api/v1/sites/4?$force=true").await.assert_status(200);
    let _ = client.patch(&at(6), json!({"code": "C0004"})).await.assert_status(200);
    let rows = "SELECT count(*) FROM sites__shelves";
    assert_eq!(count(&database, rows).await, 9);
    let differing = "SELECT count(*) FROM sites__shelves s FULL JOIN \"sites__shelves.code.values\" v \
                     USING (code, sites_id, id) WHERE s.created_at IS NULL OR v.tableoid IS NULL";
    assert_eq!(count(&database, differing).await, 0);
    let values = "SELECT count(*) FROM \"sites__shelves.code.values\"";
    assert_eq!(count(&database, values).await, 9);
    service.close().await;
}

#[tokio::test]
async fn the_number_of_parts_stays_as_the_database_was_made() {
    let database = Database::take().await;
    opened(&partitioned(&database, 4)).await.expect("it is new").close().await;
    opened(database.url()).await.expect("it is up to date").close().await;
    let refusal = opened(&partitioned(&database, 8)).await.expect_err("it has others");
    assert!(
        refusal.starts_with("`partitions=8` is in the URL, and the tables of the database have 4"),
        "{refusal}"
    );
    let store = PostgresStore::new(partitioned(&database, 4).parse().expect("a URL"), "device-registry")
        .expect("it opens");
    assert_eq!(store.pending(tree(), Timestamp::UNIX_EPOCH).await.expect("it answers"), [""; 0]);
    store.close().await;

    let plain = Database::take().await;
    opened(plain.url()).await.expect("it is new").close().await;
    let refusal = opened(&partitioned(&plain, 8)).await.expect_err("it has none");
    assert!(refusal.contains("the tables of the database have none"), "{refusal}");
    let wrong =
        format!("{}?partitions=1", plain.url()).parse::<rest_standard::store::postgres::PostgresOptions>();
    assert_eq!(wrong.expect_err("it is too few"), "`partitions=1` is not a number from 2 to 1024");
}

#[tokio::test]
async fn the_sql_of_a_plan_makes_what_a_start_makes() {
    let (by_hand, by_start) = (Database::take().await, Database::take().await);
    let store = PostgresStore::new(partitioned(&by_hand, 2).parse().expect("a URL"), "device-registry")
        .expect("it opens");
    let script = store.pending(tree(), Timestamp::UNIX_EPOCH).await.expect("it answers");
    store.close().await;
    by_hand.connect().await.batch_execute(&script.join("\n")).await.expect("it runs");
    opened(&partitioned(&by_start, 2)).await.expect("it is new").close().await;
    let shape = "SELECT string_agg(relkind::text || ' ' || relname, E'\\n' ORDER BY relname) FROM pg_class \
                 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'i', 'I')";
    let of = async |database: &Database| -> String {
        database.connect().await.query_one(shape, &[]).await.expect("it answers").get(0)
    };
    assert_eq!(of(&by_hand).await, of(&by_start).await);
    opened(&partitioned(&by_hand, 2)).await.expect("there is nothing to do").close().await;
}

const CODE: FieldDescriptor = nullable("code", FieldKind::Text);

const fn things(fields: &'static [FieldDescriptor]) -> Descriptor {
    Descriptor { fields, ..resource("Thing", "things", Shape::Collection(IdKind::Slug)) }
}

static BEFORE: Descriptor = things(&[CODE]);
static AFTER: Descriptor = things(&[unique(CODE)]);

#[tokio::test]
async fn a_field_that_becomes_unique_keeps_the_values_that_are_there_apart() {
    let database = Database::take().await;
    let url = partitioned(&database, 4);
    let declared = async |descriptor: &'static Descriptor| {
        let store = PostgresStore::new(url.parse().expect("it is a URL"), "things").expect("it opens");
        let tree = Arc::new(Tree::build(&[descriptor]).expect("it is a tree"));
        let migrated = store.migrate(tree, Timestamp::UNIX_EPOCH).await;
        migrated.map(|()| store).map_err(|error| error.description().to_owned())
    };
    let thing = |id: &str, code: Option<&str>| {
        let code = code.map_or(Value::Null, |code| Value::Text(code.to_owned()));
        Write::Insert(NodeId(0), record(id, vec![code]))
    };
    let batch = |writes: Vec<Write>| WriteBatch { writes, ..WriteBatch::default() };
    let store = declared(&BEFORE).await.expect("it is new");
    let twice = vec![thing("a", Some("one")), thing("b", Some("one")), thing("c", None), thing("d", None)];
    store.commit(batch(twice)).await.expect("it commits");
    store.close().await;
    let refusal = declared(&AFTER).await.expect_err("values repeat");
    assert!(refusal.contains("the field `code` is unique, but values repeat"), "{refusal}");

    let store = declared(&BEFORE).await.expect("nothing was changed");
    let path = Path(vec![Id::Slug("b".to_owned())]);
    store.commit(batch(vec![Write::Delete(NodeId(0), path)])).await.expect("it commits");
    store.close().await;
    let store = declared(&AFTER).await.expect("no value repeats");
    assert!(matches!(store.commit(batch(vec![thing("e", Some("one"))])).await, Err(Conflict::Unique)));
    let found = store.find_unique(NodeId(0), 0, &Value::Text("one".to_owned())).await.expect("it answers");
    assert_eq!(found, Some(Path(vec![Id::Slug("a".to_owned())])));
    store.commit(batch(vec![thing("e", Some("two")), thing("f", None)])).await.expect("it commits");
    store.close().await;
}
