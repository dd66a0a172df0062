//! What a write on Postgres waits for.

use std::time::Duration;

use rest_standard::{prelude::*, testing::TestService};
use rest_standard_tests::{postgres::Database, proxy::Proxy};
use serde_json::json;

use super::{TYPES, replica, siren};

/// Where bolts are.
#[resource(collection = "crates", id = Slug)]
struct Crate {}

/// What is in a crate, but not beside what is called `spare`.
#[resource(collection = "bolts", id = Slug, parent = Crate, rules)]
struct Bolt {}

impl Rules for Bolt {
    async fn on_create(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let spare = cx.parent::<Crate>().child::<Self>("spare");
        match cx.find(&spare).await? {
            Some(_) => Err(Error::failed_precondition("There is a spare one.")),
            None => Ok(()),
        }
    }
}

#[tokio::test]
async fn who_reads_that_a_resource_is_absent_locks_its_parent_and_no_table() {
    let database = Database::take().await;
    let proxy = Proxy::start(database.url()).await;
    let bolts = Service::new("bolts").version("v1", |api| api.resource::<Crate>().resource::<Bolt>());
    let service = TestService::postgres(bolts, proxy.url()).await;
    let client = service.client();
    let _ = client.post("/api/v1/crates", json!({"id": "a"})).await.assert_status(201);
    let _ = proxy.sent();
    let _ = client.post("/api/v1/crates/a/bolts", json!({"id": "b"})).await.assert_status(201);
    let sent = proxy.sent();
    assert!(sent.contains("FROM \"crates\" WHERE \"id\" = $1 FOR UPDATE"), "{sent}");
    assert!(!sent.contains("LOCK TABLE"), "{sent}");
}

#[tokio::test]
async fn a_create_does_not_wait_for_who_writes_what_belongs_to_others() {
    let database = Database::take().await;
    let service = replica(database.url()).await;
    let client = service.client();
    let _ = client.post(TYPES, siren("siren")).await.assert_status(201);

    // A device's links depend on its state, so that its create expects the state to be absent as it was read.
    let mut raw = database.connect().await;
    let writer = raw.transaction().await.expect("it begins");
    let locked = "LOCK TABLE \"device_types__devices__state\" IN ROW EXCLUSIVE MODE";
    writer.batch_execute(locked).await.expect("as an insert locks it");
    let device = json!({"displayName": "Hall", "owner": "me", "serialNumber": "SN-1"});
    let created = client.post(&format!("{TYPES}/siren/devices"), device);
    let created = tokio::time::timeout(Duration::from_secs(10), async { created.await }).await;
    let _ = created.expect("it waits for nobody").assert_status(201);
    writer.rollback().await.expect("it ends");
}

#[tokio::test]
async fn creates_below_one_parent_share_it_also_where_they_expect_a_singleton_of_it_to_be_absent() {
    let database = Database::take().await;
    let service = replica(database.url()).await;
    let client = service.client();
    let _ = client.post(TYPES, siren("siren")).await.assert_status(201);

    // A new device begins in a state of its type's machine, which is a default that no row has.
    let mut raw = database.connect().await;
    let other = raw.transaction().await.expect("it begins");
    let shared = "SELECT 1 FROM device_types WHERE id = 'siren' FOR SHARE";
    let _ = other.query_one(shared, &[]).await.expect("it is there");
    let device = json!({"displayName": "Hall", "owner": "me", "serialNumber": "SN-1"});
    let created = client.post(&format!("{TYPES}/siren/devices"), device);
    let created = tokio::time::timeout(Duration::from_secs(10), async { created.await }).await;
    let _ = created.expect("it waits for nobody").assert_status(201);

    // Who gives the type a machine of its own waits until they are through.
    let path = format!("{TYPES}/siren/state-machine");
    let change = client.patch(&path, json!({"initial": "On"}));
    let mut change = std::pin::pin!(async { change.await });
    let early = tokio::time::timeout(Duration::from_millis(500), change.as_mut()).await;
    assert!(early.is_err(), "it did not wait");
    other.rollback().await.expect("it ends");
    let _ = change.await.assert_status(200);
}
