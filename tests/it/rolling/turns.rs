//! One release after the other, as on SQLite, whose file has one process: what each of them wrote is there for the next.

use std::sync::Arc;

use rest_standard_tests::postgres::Database;
use serde_json::{Value as Json, json};

use super::{
    LAMPS, check,
    client::{Among, Answer, Client, Request, Seen},
    fleet::Fleet,
    program::Release::{self, After, Before},
    work::Load,
};

/// A program that serves alone, and who asks it.
struct Turn {
    fleet: Arc<Fleet>,
    seen: Arc<Seen>,
    client: Client,
}

impl Turn {
    fn start(release: Release, database: &str) -> Self {
        let (fleet, seen) = (Arc::new(Fleet::start(database, &[release])), Arc::default());
        Self { client: Client::new(Arc::clone(&fleet), Arc::clone(&seen)), fleet, seen }
    }

    async fn send(&mut self, method: &'static str, path: &str, id: &str, body: &Json, status: u16) -> Answer {
        let request = Request::write(method, path, id, body);
        let answer = self.client.ask(Among::All, &request, |answer| answer.status == status).await;
        self.seen.assert_nothing_unexpected();
        answer.expect("the program answers")
    }

    async fn read(&mut self, path: &str) -> Json {
        check::read(&mut self.client, Among::All, path).await
    }

    /// The ids of the lamps whose names have a word.
    async fn found(&mut self, word: &str) -> Vec<String> {
        let request = Request::get(&format!("{LAMPS}?$search={word}"));
        let answer = self.client.ask(Among::All, &request, |answer| answer.status == 200).await;
        let answer = answer.expect("the program answers");
        let ids = answer.values().as_array().into_iter().flatten().filter_map(|lamp| lamp["id"].as_str());
        ids.map(str::to_owned).collect()
    }

    fn end(self) {
        self.seen.assert_nothing_unexpected();
        self.fleet.end();
    }
}

async fn neither_loses_what_the_other_wrote(database: &str) {
    let [hall, desk, attic] = ["hall", "desk", "attic"].map(|id| format!("{LAMPS}/{id}"));
    let mut turn = Turn::start(Before, database);
    turn.send("POST", LAMPS, "hall", &json!({"id": "hall", "name": "Hall"}), 201).await;
    let made = turn.send("POST", LAMPS, "desk", &json!({"id": "desk", "name": "Desk"}), 201).await;
    turn.end();

    let mut turn = Turn::start(After, database);
    let lamp = turn.read(&hall).await;
    assert_eq!((&lamp["color"], &lamp["note"], &lamp["tags"]), (&json!("white"), &json!(null), &json!([])));
    let again = turn.send("POST", LAMPS, "desk", &json!({"id": "desk", "name": "Desk"}), 201).await;
    assert_eq!((again.is_replayed, &again.body["data"]), (true, &made.body["data"]));
    let dress = json!({"note": "old wiring", "color": "red", "tags": ["a", "b"], "turns": 7});
    turn.send("PATCH", &desk, "dress", &dress, 200).await;
    turn.send("POST", &format!("{desk}/switches"), "switch", &json!({"place": "door"}), 201).await;
    assert_eq!(turn.found("desk").await, ["desk"]);
    turn.end();

    let mut turn = Turn::start(Before, database);
    turn.send("PATCH", &hall, "rename", &json!({"name": "Lobby"}), 200).await;
    let put = turn.send("PUT", &desk, "put", &json!({"name": "Table lamp", "mode": "On"}), 200).await;
    assert_eq!(put.values()["turns"], 0, "a PUT is one of all that the program knows");
    let refused = turn.client.ask(Among::All, &Request::delete(&desk), |answer| answer.status == 409).await;
    let refused = refused.expect("the program answers");
    assert_eq!(
        refused.body["status"]["additionalInfo"]["reason"], "HasChildren",
        "it does not know of the switch"
    );
    turn.send("PUT", &attic, "attic", &json!({"name": "Attic"}), 201).await;
    turn.end();

    let mut turn = Turn::start(After, database);
    let lamp = turn.read(&desk).await;
    assert_eq!(
        (&lamp["name"], &lamp["mode"], &lamp["turns"]),
        (&json!("Table lamp"), &json!("On"), &json!(0))
    );
    assert_eq!(
        (&lamp["note"], &lamp["color"], &lamp["tags"]),
        (&dress["note"], &dress["color"], &dress["tags"])
    );
    assert_eq!(check::log(&mut turn.client, Among::All, &lamp).await.len(), 3);
    assert_eq!(turn.read(&attic).await["color"], "white");
    let switches = check::elements(&mut turn.client, Among::All, &format!("{desk}/switches")).await;
    assert_eq!(switches.len(), 1);
    // The words are those of what the release before wrote.
    for (word, ids) in
        [("desk", &[][..]), ("hall", &[]), ("table", &["desk"]), ("lobby", &["hall"]), ("attic", &["attic"])]
    {
        assert_eq!(turn.found(word).await, ids, "{word}");
    }
    turn.end();
}

async fn a_variant_keeps_the_release_before_from_starting(database: &str) {
    let hall = format!("{LAMPS}/hall");
    let mut turn = Turn::start(Before, database);
    turn.send("POST", LAMPS, "hall", &json!({"id": "hall", "name": "Hall"}), 201).await;
    turn.end();
    let mut turn = Turn::start(After, database);
    turn.send("PATCH", &hall, "dim", &json!({"mode": "Dimmed"}), 200).await;
    turn.end();

    let (code, refusal) = Before.run(&["serve", "--database", database, "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(1), "{refusal}");
    assert!(refusal.contains("the column `mode` holds variants that the enum no longer has"), "{refusal}");
    let mut turn = Turn::start(After, database);
    assert_eq!(turn.read(&hall).await["mode"], "Dimmed", "a refused start changes nothing");
    turn.send("PATCH", &hall, "brighten", &json!({"mode": "On"}), 200).await;
    turn.end();
    let mut turn = Turn::start(Before, database);
    assert_eq!(turn.read(&hall).await["mode"], "On");
    turn.end();
}

async fn clients_lose_nothing_between(database: &str) {
    let mut load = Load::start(Fleet::start(database, &[Before])).await;
    load.proceed(5).await;
    for release in [After, Before, After] {
        load.fleet.replace(0, release);
        load.proceed(5).await;
    }
    let mut ledger = load.end().await;
    check::everything_is_there(&mut load.client(), &mut ledger, Among::All).await;
    load.seen.assert_nothing_unexpected();
    load.fleet.end();
}

fn file() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let database = format!("sqlite:{}", folder.path().join("lamps.db").display());
    (folder, database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn releases_that_take_turns_lose_nothing_on_sqlite() {
    let (_folder, database) = file();
    neither_loses_what_the_other_wrote(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn releases_that_take_turns_lose_nothing_on_postgres() {
    let database = Database::take().await;
    neither_loses_what_the_other_wrote(database.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_variant_that_a_row_has_keeps_the_release_before_from_starting_on_sqlite() {
    let (_folder, database) = file();
    a_variant_keeps_the_release_before_from_starting(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_variant_that_a_row_has_keeps_the_release_before_from_starting_on_postgres() {
    let database = Database::take().await;
    a_variant_keeps_the_release_before_from_starting(database.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_and_the_way_back_under_load_lose_nothing_on_sqlite() {
    let (_folder, database) = file();
    clients_lose_nothing_between(&database).await;
}
