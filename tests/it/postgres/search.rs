//! How Postgres finds what has the words of a search.

use std::sync::Arc;

use rest_standard::{
    resource::Resource as _,
    store::{Scan, Scope, Store as _, postgres::PostgresStore},
    testing::{TestResponse, TestService},
    tree::Tree,
    value::Path,
};
use rest_standard_tests::{
    lamps::after::{self, Lamp},
    postgres::Database,
};
use serde_json::json;

const LAMPS: &str = "/api/v1/lamps";

/// As many lamps as that one in 200, which Postgres takes for the fewest that have a word, fill a page.
const LAMPS_OF_THE_HALL: &str = "INSERT INTO lamps SELECT (lamp).* FROM (\
     SELECT jsonb_populate_record(hall, jsonb_build_object('id', 'hall-' || number)) AS lamp \
     FROM lamps AS hall, generate_series(1, 30000) AS number WHERE hall.id = 'hall') AS made";

#[tokio::test]
async fn a_word_that_few_rows_have_is_looked_up_and_one_that_many_have_is_met_on_the_way() {
    let database = Database::take().await;
    let service = TestService::postgres(after::service(), database.url()).await;
    let client = service.client();
    for (id, name) in [("hall", "Hall light"), ("zenith", "Zenith light"), ("attic", "Attic light zenith")] {
        let _ = client.post(LAMPS, json!({"id": id, "name": name})).await.assert_status(201);
    }
    let raw = database.connect().await;
    raw.batch_execute(LAMPS_OF_THE_HALL).await.expect("they are made");
    raw.batch_execute("VACUUM ANALYZE lamps").await.expect("it is");

    let tree = Arc::new(Tree::build(&[Lamp::DESCRIPTOR, after::Switch::DESCRIPTOR]).expect("it is right"));
    let store = PostgresStore::new(database.url().parse().expect("a URL"), "lamps").expect("it is sound");
    let now = jiff::Timestamp::now();
    store.migrate(tree.clone(), now).await.expect("nothing is to be done");
    let plan = async |word: &str| {
        let page = Scan::all(tree.roots()[0], Scope::Below(Path::default()), 51);
        let scan = Scan { search: vec![word.to_owned()], ..page };
        store.explain(&scan).await.expect("a plan").join("\n")
    };
    let rare = plan("zenith").await;
    assert!(rare.contains("Bitmap Index Scan on \"lamps._words\""), "{rare}");
    assert!(!rare.contains("lamps_pkey"), "{rare}");
    let common = plan("light").await;
    assert!(common.contains("lamps_pkey") && !common.contains("Sort"), "{common}");
    store.close().await;

    // Either way the page is the same one: in order, by cursor, with its count.
    let found = client.get(&format!("{LAMPS}?$search=zenith")).await.assert_status(200);
    let ids = |answer: &TestResponse| -> Vec<String> {
        let values = answer.values().as_array().expect("a list").clone();
        values.iter().map(|lamp| lamp["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(&found), ["attic", "zenith"]);
    let backwards = format!("{LAMPS}?$search=zenith&$orderBy=id%20desc&$limit=1");
    let first = client.get(&backwards).await.assert_status(200);
    assert_eq!(ids(&first), ["zenith"]);
    let next = first.meta()["cursorNextLink"].as_str().expect("another page").to_owned();
    let next = next.split_once("/api").expect("the API's").1;
    let second = client.get(&format!("/api{next}")).await.assert_status(200);
    assert_eq!(ids(&second), ["attic"]);
    let many = client.get(&format!("{LAMPS}?$search=hall&$limit=2")).await.assert_status(200);
    assert_eq!(ids(&many), ["hall", "hall-1"]);
}
