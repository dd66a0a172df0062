//! How Postgres counts.

use std::sync::Arc;

use rest_standard::{
    resource::Resource as _,
    store::{Count, Scan, Scope, Store as _, postgres::PostgresStore},
    testing::TestService,
    tree::Tree,
    value::Path,
};
use rest_standard_tests::{
    lamps::after::{self, Lamp, Switch},
    postgres::Database,
};
use serde_json::json;

const LAMPS: &str = "/api/v1/lamps";

const SWITCHES: &str = "/api/v1/lamps/hall/switches";

const MANY: &str = "\
    INSERT INTO lamps SELECT (lamp).* FROM (\
      SELECT jsonb_populate_record(hall, jsonb_build_object('id', 'hall-' || number)) AS lamp \
      FROM lamps AS hall, generate_series(1, 30000) AS number WHERE hall.id = 'hall') AS made;\
    INSERT INTO lamps__switches SELECT (switch).* FROM (\
      SELECT jsonb_populate_record(door, jsonb_build_object('id', gen_random_uuid())) AS switch \
      FROM lamps__switches AS door, generate_series(1, 30000) AS number) AS made";

#[tokio::test]
async fn a_bounded_count_of_all_reads_the_index_of_the_key_alone() {
    let database = Database::take().await;
    let service = TestService::postgres(after::service(), database.url()).await;
    let client = service.client();
    let _ = client.post(LAMPS, json!({"id": "hall", "name": "Hall light"})).await.assert_status(201);
    let _ = client.post(SWITCHES, json!({"place": "Door"})).await.assert_status(201);
    let raw = database.connect().await;
    raw.batch_execute(MANY).await.expect("they are made");
    raw.batch_execute("VACUUM ANALYZE").await.expect("it is");

    let tree = Arc::new(Tree::build(&[Lamp::DESCRIPTOR, Switch::DESCRIPTOR]).expect("it is right"));
    let store = PostgresStore::new(database.url().parse().expect("a URL"), "lamps").expect("it is sound");
    store.migrate(tree.clone(), jiff::Timestamp::now()).await.expect("nothing is to be done");
    for (descriptor, scope, key) in [
        (Lamp::DESCRIPTOR, Scope::Below(Path::default()), "lamps_pkey"),
        (Switch::DESCRIPTOR, Scope::Across(Path::default()), "lamps__switches_pkey"),
    ] {
        let node = tree.find(descriptor).expect("it is in the tree").id;
        let page = Scan::all(node, scope, 51);
        let lines = store.explain(&Scan { count: Count::UpTo(10_000), ..page }).await.expect("a plan");
        let count = lines.iter().position(|line| line.starts_with("Aggregate")).expect("it counts");
        let plan = lines[count..].join("\n");
        assert!(plan.contains(&format!("Index Only Scan using {key}")), "{plan}");
        assert!(!plan.contains("Sort"), "{plan}");
    }
    store.close().await;

    let first = client.get(&format!("{LAMPS}?$limit=2")).await.assert_status(200);
    assert_eq!(first.meta()["totalCount"], json!(10_000), "{}", first.meta());
    assert_eq!(first.meta()["totalCountRelation"], "AtLeast");
}
