//! On Postgres both releases serve at once.

use std::{sync::atomic::Ordering, time::Duration};

use rest_standard::testing::TestService;
use rest_standard_tests::{
    lamps::{after, before},
    postgres::Database,
};
use serde_json::json;

use super::{
    LAMPS, check,
    client::Among,
    fleet::Fleet,
    program::Release::{After, Before},
    work::Load,
};

/// How much clients do between two events.
const STEPS: usize = 5;
const HALL: &str = "/api/v1/lamps/hall";
const DESK: &str = "/api/v1/lamps/desk";

#[tokio::test]
async fn both_releases_serve_and_neither_loses_what_the_other_wrote() {
    let database = Database::take().await;
    let old = TestService::postgres(before::service(), database.url()).await.client();
    let _ = old.post(LAMPS, json!({"id": "hall", "name": "Hall"})).await.assert_status(201);
    // The tables grow while the old release serves.
    let new = TestService::postgres(after::service(), database.url()).await.client();
    let hall = new.get(HALL).await.assert_status(200);
    assert_eq!(hall.values()["color"], "white");
    assert_eq!(hall.values()["tags"], json!([]));

    let lamp = json!({"id": "desk", "name": "Desk", "note": "old wiring", "color": "red", "tags": ["a"]});
    let _ = new.post(LAMPS, lamp).header("request-id", "made").await.assert_status(201);
    // A request id is known at both.
    let again = json!({"id": "desk", "name": "Desk"});
    old.post(LAMPS, again).header("request-id", "made").await.assert_refused(422, "RequestIdReused");
    let kept = async || {
        let desk = new.get(DESK).await.assert_status(200).values().clone();
        assert_eq!(
            (&desk["note"], &desk["color"], &desk["tags"]),
            (&json!("old wiring"), &json!("red"), &json!(["a"]))
        );
        desk
    };
    // Whatever the old release writes keeps what it does not know: PUT as a whole, PATCH in part, upsert.
    let put = old.put(DESK, json!({"name": "Desk lamp", "mode": "On"})).await.assert_status(200);
    assert_eq!(put.values()["name"], "Desk lamp");
    assert_eq!(kept().await["mode"], "On");
    let _ = old.patch(DESK, json!({"name": "Lamp"})).await.assert_status(200);
    let desk = kept().await;
    // The entity tag is the row's, whoever asks.
    let etag = old.get(DESK).await.header("etag").to_owned();
    let renamed = json!({"name": "Table lamp", "note": "new wiring"});
    let _ = new.patch(DESK, renamed).header("if-match", &etag).await.assert_status(200);
    old.patch(DESK, json!({"name": "x"}))
        .header("if-match", &etag)
        .await
        .assert_refused(412, "PreconditionFailed");
    assert_eq!(desk["name"], "Lamp");
    // What the old release makes has the new fields' defaults.
    let _ = old.put("/api/v1/lamps/attic", json!({"name": "Attic"})).await.assert_status(201);
    let attic = new.get("/api/v1/lamps/attic").await.assert_status(200);
    assert_eq!((&attic.values()["color"], &attic.values()["note"]), (&json!("white"), &json!(null)));
    // A change of either is in the log of both.
    let changes = old.get(&format!("{DESK}/changes")).await.assert_status(200);
    assert_eq!(changes.values().as_array().map(Vec::len), Some(4), "{}", changes.values());
    // What is below a row in a collection that the old release does not know stays while it writes.
    let _ = new.post(&format!("{DESK}/switches"), json!({"place": "door"})).await.assert_status(201);
    let _ = old.patch(DESK, json!({"name": "Last lamp"})).await.assert_status(200);
    let switches = new.get(&format!("{DESK}/switches")).await.assert_status(200);
    assert_eq!(switches.values().as_array().map(Vec::len), Some(1));
    // Nor does the row go from under it, although the document of the old release does not say so.
    old.delete(DESK).unchecked().await.assert_refused(409, "HasChildren");
    // A variant that the old release does not know stays where it is not asked to write another one.
    let _ = new.patch(DESK, json!({"mode": "Dimmed"})).await.assert_status(200);
    let desk = old.patch(DESK, json!({"name": "Last lamp of all"})).unchecked().await.assert_status(200);
    assert_eq!(desk.values()["mode"], json!(null));
    assert_eq!(new.get(DESK).await.assert_status(200).values()["mode"], "Dimmed");
    let _ = new.patch(DESK, json!({"mode": "On"})).await.assert_status(200);
    // And the old release still starts on the grown tables.
    let old = TestService::postgres(before::service(), database.url()).await.client();
    assert_eq!(old.get(DESK).await.assert_status(200).values()["name"], "Last lamp of all");
}

/// The exception: what only the release after knows to be referred to is deleted by the release before.
#[tokio::test]
async fn a_reference_that_the_release_before_does_not_know_is_left_without_its_target() {
    let database = Database::take().await;
    let old = TestService::postgres(before::service(), database.url()).await.client();
    let new = TestService::postgres(after::service(), database.url()).await.client();
    for id in ["hall", "desk"] {
        let _ = new.post(LAMPS, json!({"id": id, "name": id})).await.assert_status(201);
    }
    let switches = format!("{DESK}/switches");
    let made = new.post(&switches, json!({"place": "door", "other": "hall"})).await.assert_status(201);
    new.delete(HALL).await.assert_refused(409, "FailedPrecondition");
    let _ = old.delete(HALL).await.assert_status(200);
    // What refers to it can be read, moved and mended.
    let switch = format!("{switches}/{}", made.values()["id"].as_str().expect("an id is a text"));
    assert_eq!(new.get(&switch).await.assert_status(200).values()["other"], "hall");
    let _ = new.get(&format!("{switches}?$expand=other")).await.assert_status(200);
    let _ = new.patch(&switch, json!({"place": "gate"})).await.assert_status(200);
    let _ = new.patch(&switch, json!({"other": null})).await.assert_status(200);
}

/// The end of a story: clients stop, and what they were told is compared with what replicas of the release after have.
async fn finish(mut load: Load) {
    let mut ledger = load.end().await;
    check::everything_is_there(&mut load.client(), &mut ledger, Among::Only(After)).await;
    load.seen.assert_nothing_unexpected();
    load.fleet.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r005_a_rolling_upgrade_and_the_way_back_lose_nothing() {
    let database = Database::take().await;
    let load = Load::start(Fleet::start(database.url(), &[Before; 3])).await;
    load.proceed(STEPS).await;
    for release in [After, Before] {
        for at in 0..3 {
            load.fleet.replace(at, release);
            load.proceed(STEPS).await;
        }
    }
    // What only the release after knows is seen by a replica of it.
    load.fleet.replace(1, After);
    load.proceed(STEPS).await;
    assert!(load.seen.ends.load(Ordering::Relaxed) > 0, "clients met the end of replicas");
    assert!(load.seen.replays.load(Ordering::Relaxed) > 0, "requests were sent again");
    finish(load).await;
}

/// Waits until somebody wants the lamps' table for itself.
async fn until_the_table_is_to_change(database: &Database) {
    let client = database.connect().await;
    let sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'
               AND relation = 'lamps'::regclass";
    for _ in 0..2_000 {
        if client.query_one(sql, &[]).await.expect("the locks can be read").get::<_, i64>(0) > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody changes the table");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r005_replicas_that_are_killed_while_the_tables_grow_lose_nothing() {
    let database = Database::take().await;
    let load = Load::start(Fleet::start(database.url(), &[Before; 3])).await;
    load.proceed(STEPS).await;
    // The first start of the release after waits in the middle, and so do the requests behind it.
    let holding = database.connect().await;
    holding.batch_execute("BEGIN; LOCK TABLE lamps IN ACCESS SHARE MODE").await.expect("it can be locked");
    let first = load.fleet.spawn(After, &[]);
    until_the_table_is_to_change(&database).await;
    load.fleet.kill(0);
    holding.batch_execute("ROLLBACK").await.expect("the lock can be given up");
    load.fleet.join(first);
    load.proceed(STEPS).await;
    // The next one dies while another starts on tables that have grown.
    let second = load.fleet.spawn(After, &[]);
    load.fleet.kill(1);
    load.fleet.join(second);
    load.proceed(STEPS).await;
    finish(load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r005_tables_grow_by_a_command_while_the_release_before_serves() {
    let database = Database::take().await;
    let load = Load::start(Fleet::start(database.url(), &[Before; 2])).await;
    load.proceed(STEPS).await;
    let run = |arguments: &[&str]| After.run(&[arguments, &["--database", database.url()]].concat());
    let (code, refusal) = run(&["serve", "--no-migrate", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(1), "{refusal}");
    assert!(refusal.starts_with("lamps: "), "{refusal}");
    assert!(refusal.contains("run `lamps migrate apply`"), "{refusal}");
    let (code, plan) = run(&["migrate", "plan"]);
    assert_eq!(code, Some(0), "{plan}");
    let adds = [
        "ALTER TABLE \"lamps\" ADD COLUMN \"note\"",
        "ALTER TABLE \"lamps\" ADD COLUMN \"color\"",
        "ALTER TABLE \"lamps\" ADD COLUMN \"tags\"",
        "CREATE TABLE \"lamps__switches\"",
    ];
    for add in adds {
        assert!(plan.contains(add) && refusal.contains(add), "{add}: {plan}\n{refusal}");
    }
    // A constraint goes for a wider one, and nothing else does.
    assert!(!plan.replace("DROP CONSTRAINT \"lamps.mode.variants\", ADD", "").contains("DROP"), "{plan}");
    // A look and a refusal have changed nothing.
    load.proceed(STEPS).await;
    assert_eq!(run(&["migrate", "plan"]).1, plan);
    let (code, applied) = run(&["migrate", "apply"]);
    assert_eq!(code, Some(0), "{applied}");
    assert!(applied.ends_with("-- done\n"), "{applied}");
    load.proceed(STEPS).await;
    for release in [After, Before] {
        // Neither needs a change, so that both start where none may be made.
        load.fleet.join(load.fleet.spawn(release, &["--no-migrate"]));
        load.proceed(STEPS).await;
    }
    finish(load).await;
}

/// A report that somebody runs for an hour keeps the tables as they are for that long, and nothing else.
#[tokio::test]
async fn requests_go_on_while_a_start_waits_for_a_long_transaction() {
    let database = Database::take().await;
    let old = TestService::postgres(before::service(), database.url()).await.client();
    let _ = old.post(LAMPS, json!({"id": "hall", "name": "Hall"})).await.assert_status(201);
    let report = database.connect().await;
    report.batch_execute("BEGIN; SELECT name FROM lamps").await.expect("it reads");
    let url = database.url().to_owned();
    let start = tokio::spawn(async move { TestService::postgres(after::service(), &url).await });
    // Longer than the start ever waits at once, and longer than it lets others by.
    let until = tokio::time::Instant::now() + Duration::from_secs(6);
    let mut slowest = Duration::ZERO;
    while tokio::time::Instant::now() < until {
        let begun = tokio::time::Instant::now();
        let _ = old.get(HALL).await.assert_status(200);
        slowest = slowest.max(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // They wait behind the start, which gives up after two seconds.
    assert!(slowest > Duration::from_millis(500), "the start never waited: {slowest:?}");
    assert!(slowest < Duration::from_secs(5), "a request waited for {slowest:?}");
    assert!(!start.is_finished(), "the tables grew under the report");
    report.batch_execute("COMMIT").await.expect("it ends");
    let new = start.await.expect("the start ends well").client();
    assert_eq!(new.get(HALL).await.assert_status(200).values()["color"], "white");
}
