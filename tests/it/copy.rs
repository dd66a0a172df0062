//! All resources of one database in another, of whichever kind: it answers as the first one did.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use rest_standard::{
    command::Service,
    descriptor::BoxFuture,
    error::Error,
    store::{
        self, Copied, Part, Store, Write, WriteBatch,
        postgres::PostgresStore,
        sqlite::{SqliteOptions, SqliteStore},
    },
    testing::{Deterministic, TestClient, TestService},
    tree::Tree,
    value::{Id, Path},
};
use rest_standard_conformance::{Call, Layer, Layered};
use rest_standard_tests::{postgres, postgres::Database, workshop};
use serde_json::{Value as Json, json};

enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(Box<Database>),
}

impl Place {
    fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    async fn postgres() -> Self {
        Self::Postgres(Box::new(Database::take().await))
    }

    fn file(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("workshop.db")
    }

    async fn serve(&self, service: Service) -> TestService {
        match self {
            Self::Sqlite(folder) => TestService::sqlite_at(service, &Self::file(folder)).await,
            Self::Postgres(database) => TestService::postgres(service, database.url()).await,
        }
    }

    fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(folder) => Arc::new(
                SqliteStore::open(SqliteOptions::new(Self::file(folder)), "workshop").expect("it opens"),
            ),
            Self::Postgres(database) => Arc::new(
                PostgresStore::new(database.url().parse().expect("it is a URL"), "workshop")
                    .expect("it opens"),
            ),
        }
    }
}

/// Copies as the command does.
async fn copy(from: &Place, to: &Place, tree: &Arc<Tree>) -> Result<(Copied, Vec<Part>), String> {
    let (from, to) = (from.open(), to.open());
    let now = jiff::Timestamp::now();
    from.migrate(tree.clone(), now).await.expect("it migrates");
    to.migrate(tree.clone(), now).await.expect("it migrates");
    let mut parts = Vec::new();
    let copied = store::copy(&*from, &*to, tree, &mut |part| parts.push(part)).await;
    from.close().await;
    to.close().await;
    copied.map(|copied| (copied, parts)).map_err(|error| error.description().to_owned())
}

async fn post(client: &TestClient, path: &str, body: Json) {
    let _ = client.post(&format!("/api/v1/{path}"), body).await.assert_status(201);
}

/// A service with something of everything.
async fn fill(client: &TestClient, clock: &Deterministic) {
    let _ = client.patch("/api/v1/settings", json!({"motto": "Measure twice"})).await.assert_status(200);
    for site in 1..=3 {
        post(client, "sites", json!({"displayName": format!("Site {site}"), "capacity": "10"})).await;
        let shelf = |id: &str| json!({"id": id, "displayName": "Upper", "code": format!("C{site}-{id}")});
        for id in ["a", "b"] {
            post(client, &format!("sites/{site}/shelves"), shelf(id)).await;
        }
        let path = format!("/api/v1/sites/{site}/shelves/a");
        for change in 0..site {
            let body = json!({"displayName": format!("Name {change}")});
            let _ = client.patch(&path, body).await.assert_status(200);
        }
        let _ = client.patch(&format!("{path}/lamp"), json!({"level": site})).await.assert_status(200);
    }
    // The last site is gone, and with it its number.
    let _ = client.delete("/api/v1/sites/3?$force=true").await.assert_status(200);
    for id in ["bolts", "nuts"] {
        post(client, "catalogs", json!({"id": id, "title": format!("All {id}")})).await;
    }
    post(client, "catalogs/bolts/drawings", json!({"id": "hexagon", "title": "A drawing"})).await;
    post(client, "catalogs/bolts/drawings/hexagon/copies", json!({"holder": "ann"})).await;
    let _ = client.delete("/api/v1/catalogs/bolts?$force=true").await.assert_status(200);
    clock.advance(Duration::from_secs(91 * 86_400));
    let path = "/api/v1/sites/1/shelves/a";
    let _ = client
        .patch(path, json!({"displayName": "Late"}))
        .header("request-id", "late")
        .await
        .assert_status(200);
}

/// Fills a database; gives what is declared, and what the service says of it.
async fn filled(place: &Place, clock: &Arc<Deterministic>) -> (Arc<Tree>, Vec<(u16, Json)>) {
    let service = place.serve(service(clock)).await;
    fill(&service.client(), clock).await;
    let filled = (service.tree(), answers(&service.client()).await);
    service.close().await;
    filled
}

const PATHS: [&str; 14] = [
    "settings",
    "sites?$orderBy=id&$count=true",
    "sites/-/shelves?$limit=100",
    "sites/1/shelves/a",
    "sites/1/shelves/a/lamp",
    "sites/1/shelves/a/changes?$orderBy=id&$count=true",
    "sites/2/shelves/a/changes?$orderBy=id",
    "sites/2/shelves/b/lamp",
    "sites/3",
    "catalogs?$showDeleted=true&$count=true",
    "catalogs/bolts",
    "catalogs/bolts/changes?$orderBy=id",
    "catalogs/bolts/drawings/hexagon/copies",
    "catalogs/nuts/cover",
];

/// What the service says, each answer without what differs from request to request.
async fn answers(client: &TestClient) -> Vec<(u16, Json)> {
    let mut answers = Vec::new();
    for path in PATHS {
        let answer = client.get(&format!("/api/v1/{path}")).await;
        answers.push((answer.status, answer.body["data"].clone()));
    }
    answers
}

fn service(clock: &Arc<Deterministic>) -> Service {
    workshop::service().source(clock.clone())
}

async fn pairs() -> Vec<(Place, Place)> {
    let mut pairs = vec![(Place::sqlite(), Place::sqlite())];
    if !postgres::is_left_out() {
        pairs.push((Place::sqlite(), Place::postgres().await));
        pairs.push((Place::postgres().await, Place::sqlite()));
    }
    pairs
}

#[tokio::test]
async fn a_copy_answers_as_its_original_did_and_goes_on_from_there() {
    for (from, to) in pairs().await {
        let clock = Deterministic::with_step(7, Duration::from_micros(1));
        let original = from.serve(service(&clock)).await;
        fill(&original.client(), &clock).await;
        // The changes that are left begin with another number than 1.
        assert!(original.forget_changes().await > 3);
        let before = answers(&original.client()).await;
        assert_eq!(before[5].1["values"].as_array().map(Vec::len), Some(1), "{}", before[5].1);
        let tree = original.tree();
        original.close().await;

        let (copied, parts) = copy(&from, &to, &tree).await.expect("it is copied");
        assert!(parts.iter().all(|part| part.there == 0), "{parts:?}");
        // One of the shelf, three of the catalogs.
        assert_eq!(copied.changes, 4);

        let moved = to.serve(service(&clock)).await;
        let client = moved.client();
        for ((path, before), after) in PATHS.iter().zip(&before).zip(&answers(&client).await) {
            assert_eq!(before, after, "{path}");
        }
        // A request that is sent again happened.
        let again = client
            .patch("/api/v1/sites/1/shelves/a", json!({"displayName": "Late"}))
            .header("request-id", "late")
            .await
            .assert_status(200);
        assert_eq!(
            again.body["status"]["description"],
            "This is the answer of the first request with this id."
        );
        // The number of a site that is gone is not given again, and changes are counted on.
        let made = client.post("/api/v1/sites", json!({"displayName": "Next", "capacity": "1"})).await;
        assert_eq!(made.assert_status(201).values()["id"], 4);
        let _ = client
            .patch("/api/v1/sites/1/shelves/a", json!({"displayName": "Later"}))
            .await
            .assert_status(200);
        let changes = client.get("/api/v1/sites/1/shelves/a/changes?$orderBy=id").await;
        let ids: Vec<_> =
            changes.values().as_array().expect("a list").iter().map(|entry| entry["id"].clone()).collect();
        assert_eq!(ids, [4, 5]);
        moved.close().await;
    }
}

#[tokio::test]
async fn changes_that_went_in_the_midst_of_others_leave_their_numbers_free() {
    for (from, to) in pairs().await {
        let clock = Deterministic::with_step(7, Duration::from_micros(1));
        let (tree, _) = filled(&from, &clock).await;
        // Clocks of replicas differ, so that the second and the last of four can be older than those before them.
        let store = from.open();
        store.migrate(tree.clone(), jiff::Timestamp::now()).await.expect("it migrates");
        let shelves = tree.nodes().iter().find(|node| node.address == "sites/shelves").expect("it is there");
        let path = Path(vec![Id::Integer(2), Id::Slug("a".to_owned())]);
        let shelf = store.read(shelves.id, &path).await.expect("it answers").expect("it is there");
        let log = shelves.changes.expect("it has a log");
        let forget = |id| Write::Forget(log, path.join(Id::Integer(id)), shelf.incarnation);
        let batch = WriteBatch { writes: vec![forget(2), forget(4)], ..WriteBatch::default() };
        store.commit(batch).await.expect("it commits");
        store.close().await;

        let _ = copy(&from, &to, &tree).await.expect("it is copied");
        let (again, _) = copy(&from, &to, &tree).await.expect("nothing is left to do");
        assert_eq!(again, Copied::default());
        let moved = to.serve(service(&clock)).await;
        let client = moved.client();
        let path = "/api/v1/sites/2/shelves/a";
        let _ = client.patch(path, json!({"displayName": "Later"})).await.assert_status(200);
        let changes = client.get(&format!("{path}/changes?$orderBy=id")).await;
        let entries = changes.values().as_array().expect("a list");
        let ids: Vec<_> = entries.iter().map(|entry| entry["id"].clone()).collect();
        assert_eq!(ids, [1, 3, 5]);
        moved.close().await;
    }
}

/// Lets so many commits through and refuses those after them.
struct Only {
    left: AtomicU32,
}

impl Layer for Only {
    fn before(&self, call: Call) -> BoxFuture<'_, rest_standard::error::Result<()>> {
        let one_less = |left: u32| left.checked_sub(1);
        let is_late = call == Call::Commit
            && self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_err();
        let outcome = if is_late { Err(Error::internal("the database is gone")) } else { Ok(()) };
        Box::pin(std::future::ready(outcome))
    }
}

#[tokio::test]
async fn a_copy_that_breaks_off_after_each_commit_goes_on_to_its_end() {
    for (from, to) in pairs().await {
        let clock = Deterministic::with_step(7, Duration::from_micros(1));
        let (tree, before) = filled(&from, &clock).await;
        let mut broken = 0;
        loop {
            let (here, there) = (from.open(), to.open());
            let now = jiff::Timestamp::now();
            here.migrate(tree.clone(), now).await.expect("it migrates");
            there.migrate(tree.clone(), now).await.expect("it migrates");
            let failing = Layered::new(Only { left: AtomicU32::new(broken) }, there.clone());
            let outcome = store::copy(&*here, &failing, &tree, &mut |_| ()).await;
            here.close().await;
            there.close().await;
            if outcome.is_ok() {
                break;
            }
            broken += 1;
        }
        assert!(broken > 3, "{broken}");
        let (copied, parts) = copy(&from, &to, &tree).await.expect("it is copied");
        assert_eq!(copied, Copied::default());
        assert!(parts.iter().any(|part| part.there > 0), "{parts:?}");
        let moved = to.serve(service(&clock)).await;
        for ((path, before), after) in PATHS.iter().zip(&before).zip(&answers(&moved.client()).await) {
            assert_eq!(before, after, "{path}");
        }
        moved.close().await;
    }
}

#[tokio::test]
async fn a_database_that_has_other_resources_is_refused_and_keeps_them() {
    for (from, to) in pairs().await {
        let clock = Deterministic::with_step(7, Duration::from_micros(1));
        let (tree, _) = filled(&from, &clock).await;
        let other = to.serve(service(&clock)).await;
        post(&other.client(), "catalogs", json!({"id": "nuts", "title": "Mine"})).await;
        other.close().await;
        let refusal = copy(&from, &to, &tree).await.expect_err("it is refused");
        assert!(
            refusal.starts_with("`catalogs` nuts is in the copy already, and is not the same"),
            "{refusal}"
        );
        let other = to.serve(service(&clock)).await;
        let client = other.client();
        assert_eq!(client.get("/api/v1/catalogs/nuts").await.values()["title"], "Mine");
        // One that the original does not have is seen as well.
        let _ = client.delete("/api/v1/catalogs/nuts?$force=true").await.assert_status(200);
        other.close().await;
    }
}

#[tokio::test]
async fn a_resource_that_only_the_copy_has_is_seen() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    let clock = Deterministic::with_step(7, Duration::from_micros(1));
    let original = from.serve(service(&clock)).await;
    let tree = original.tree();
    original.close().await;
    let other = to.serve(service(&clock)).await;
    post(&other.client(), "catalogs", json!({"id": "nuts", "title": "Mine"})).await;
    other.close().await;
    let refusal = copy(&from, &to, &tree).await.expect_err("it is refused");
    assert!(refusal.starts_with("`catalogs` has 0 resources here and 1 in the copy"), "{refusal}");
}
