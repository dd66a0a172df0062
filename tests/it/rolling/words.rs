//! Words on Postgres, where a field is searched in the release after alone. Each program writes the words that it knows of.

use std::time::Duration;

use rest_standard::{
    command::Service,
    testing::{TestClient, TestService},
};
use rest_standard_tests::{
    column,
    lamps::{after, before},
    postgres::Database,
};
use serde_json::{Value as Json, json};

use super::LAMPS;

const HALL: &str = "/api/v1/lamps/hall";

async fn replica(service: Service, database: &Database) -> TestClient {
    TestService::postgres(service, database.url()).await.client()
}

/// The ids of the lamps whose names have a word.
async fn found(client: &TestClient, word: &str) -> Vec<Json> {
    column(&client.get(&format!("{LAMPS}?$search={word}")).await.assert_status(200), "id")
}

#[tokio::test]
async fn what_the_release_before_wrote_beside_is_found_once_words_are_made_anew_on_postgres() {
    let database = Database::take().await;
    let old = replica(before::service(), &database).await;
    let _ = old.post(LAMPS, json!({"id": "hall", "name": "Hall"})).await.assert_status(201);
    let new = replica(after::service(), &database).await;
    assert_eq!(found(&new, "hall").await, ["hall"], "a start makes the words of what is there");
    let _ = old.put(HALL, json!({"name": "Lobby"})).await.assert_status(200);
    let _ = old.post(LAMPS, json!({"id": "attic", "name": "Attic"})).await.assert_status(201);
    // What the book says is to be done once the release before has ended: the words are forgotten, and made by a start.
    let forget = "DELETE FROM \"_columns\" WHERE \"table\" = 'lamps' AND \"column\" = '_words'";
    database.connect().await.batch_execute(forget).await.expect("they can be forgotten");
    let _ = replica(after::service(), &database).await;
    for (word, ids) in [("hall", &[][..]), ("lobby", &["hall"]), ("attic", &["attic"])] {
        assert_eq!(found(&new, word).await, ids, "{word}");
    }
}

/// Waits until somebody waits for a row that another transaction has written.
async fn until_somebody_waits(database: &Database) {
    let client = database.connect().await;
    let sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'
               AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
    for _ in 0..1_000 {
        if client.query_one(sql, &[]).await.expect("the locks can be read").get::<_, i64>(0) > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody waits for the row");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_a_start_makes_anew_are_of_what_is_written_meanwhile_on_postgres() {
    let database = Database::take().await;
    let new = replica(after::service(), &database).await;
    let _ = new.post(LAMPS, json!({"id": "hall", "name": "Hall"})).await.assert_status(201);
    // A start of the release before forgets that somebody keeps words.
    let _ = replica(before::service(), &database).await;
    // What a replica of the release after writes, held before its end.
    let writing = database.connect().await;
    let write = "BEGIN; UPDATE lamps SET name = 'Lobby', _words = array_to_tsvector(ARRAY['lobby']) WHERE id = 'hall'";
    writing.batch_execute(write).await.expect("the row can be written");
    let start = tokio::spawn({
        let url = database.url().to_owned();
        async move { TestService::postgres(after::service(), &url).await }
    });
    until_somebody_waits(&database).await;
    writing.batch_execute("COMMIT").await.expect("it is written");
    let _ = start.await.expect("it starts");
    assert_eq!(found(&new, "lobby").await, ["hall"]);
    assert_eq!(found(&new, "hall").await, [""; 0]);
}
