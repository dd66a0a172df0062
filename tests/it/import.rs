//! Import: a resource for each line of a body, in chunks that are committed one after the other.

use std::time::Duration;

use http::Method;
use rest_standard::{
    service::Limits,
    testing::{TestResponse, TestService},
};
use rest_standard_tests::{
    Registry, Stored, allowed,
    depot::{self, Depot, crate_body, crate_id, lines},
    faulty::{Mood, faulty},
    locators, on_every_store,
};
use serde_json::json;

/// How many lines a chunk has.
const CHUNK: usize = 500;

fn ids(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(crate_id).collect()
}

#[track_caller]
fn assert_refused(answer: &TestResponse, status: u16, reason: &str, pointers: &[&str]) {
    answer.assert_refused(status, reason);
    let expected: Vec<_> = pointers.iter().map(|pointer| format!("pointer {pointer}")).collect();
    assert_eq!(locators(answer), expected, "{answer}");
}

#[track_caller]
fn assert_described(answer: &TestResponse, text: &str) {
    let description = answer.body["status"]["description"].as_str().unwrap_or_default();
    assert!(description.contains(text), "{answer}");
}

on_every_store! {
    async fn an_import_creates_a_resource_for_each_line(api: Depot) {
        let answer = api.import(0..1234).await.assert_status(200);
        assert_eq!((answer.values(), answer.meta()), (&json!({"created": 1234}), &json!({})));
        assert_eq!(answer.body["request"]["body"], json!(null));
        assert_eq!(answer.find_header("etag"), None);
        assert_described(&answer, "1234 resources were created.");
        assert_eq!(api.ids().await, ids(0..1234));
        let made = api.values(&format!("crates/{}", crate_id(1233))).await;
        assert_eq!((&made["label"], &made["weight"]), (&json!("Crate 1233"), &json!(1)));
    }

    async fn every_resource_of_an_import_has_one_change(api: Depot) {
        let _ = api.import(0..3).header("request-id", "first").await.assert_status(200);
        let list = api.get(&format!("crates/{}/changes", crate_id(1))).await.assert_status(200);
        let entries = list.values().as_array().expect("a list");
        assert_eq!(entries.len(), 1);
        assert_eq!((&entries[0]["method"], &entries[0]["requestId"]), (&json!("Create"), &json!("first")));
    }

    async fn the_last_line_need_not_end_and_an_empty_body_imports_nothing(api: Depot) {
        let text = lines((0..2).map(crate_body));
        let answer = api.import_text("crates", text.trim_end()).await.assert_status(200);
        assert_eq!(answer.values(), &json!({"created": 2}));
        let answer = api.call("crates:import").await.assert_status(200);
        assert_eq!(answer.values(), &json!({"created": 0}));
        let text = lines((2..4).map(crate_body)).replace('\n', "\r\n");
        let answer = api.import_text("crates", text).await.assert_status(200);
        assert_eq!(answer.values(), &json!({"created": 2}));
        assert_eq!(api.ids().await, ids(0..4));
    }

    async fn the_server_makes_ids_where_a_create_lets_it(api: Depot) {
        api.fill([1]).await;
        let parcels = format!("crates/{}/parcels", crate_id(1));
        let bodies = || lines((0..700).map(|at| json!({"destination": format!("{at:03}")})));
        for verb in [":import", "/import"] {
            let request = api.call(&format!("{parcels}{verb}")).text("application/x-ndjson", bodies());
            let _ = request.await.assert_status(200);
        }
        assert_eq!(api.count(&parcels).await, 1400);
        let ids = api.column_of_all(&format!("{parcels}?$limit=1000"), "id").await;
        assert_eq!(ids.first(), Some(&json!(1)));
        let answer = api.import_text("crates/nowhere/parcels", bodies()).await;
        answer.assert_refused(404, "NotFound");
        let answer = api.call("crates/nowhere/parcels:import").await;
        answer.assert_refused(404, "NotFound");
    }

    async fn a_bad_line_is_named_by_its_number_and_what_is_before_its_chunk_stays(api: Depot) {
        let mut bodies: Vec<_> = (0..1200).map(crate_body).collect();
        bodies[1100] = json!({"id": "bad", "label": "", "weight": 5000});
        bodies[1101] = json!({"id": "No!", "label": "x"});
        let answer = api.import_text("crates", lines(bodies)).await;
        assert_refused(&answer, 422, "InvalidValue", &["/1100/label", "/1100/weight", "/1101/id"]);
        assert_described(&answer, "The first 1000 lines were imported and stay.");
        assert_eq!(api.ids().await, ids(0..1000));
    }

    async fn of_several_faults_a_line_that_cannot_be_read_comes_first(api: Depot) {
        let text = format!("{}\n{{\"id\": \"a\", \"label\": \"\"}}\n{{\"id\": \n[1]\n\n", crate_body(0));
        let answer = api.import_text("crates", text).await;
        assert_refused(&answer, 400, "MalformedRequest", &["/2/id", "/4"]);
        assert_described(&answer, "Nothing was imported.");
        let answer = api.import_text("crates", "{\"id\": \"a\", \"label\": \"x\", \"lable\": 1}\n7\n").await;
        assert_refused(&answer, 400, "UnknownField", &["/0/lable", "/1"]);
        assert_eq!(api.ids().await, ids(0..0));
    }

    async fn a_taken_id_or_value_and_a_rule_refuse_a_chunk(api: Depot) {
        api.fill([3]).await;
        let answer = api.import(0..5).await;
        assert_refused(&answer, 409, "AlreadyExists", &["/3/id"]);
        let twice = [json!({"id": "x", "label": "x"}), json!({"id": "y", "label": "y", "code": "C3"}), json!({"id": "x", "label": "x"})];
        let answer = api.import_text("crates", lines(twice)).await;
        assert_refused(&answer, 409, "AlreadyExists", &["/1/code", "/2/id"]);
        let answer = api.import_text("crates", lines([json!({"id": "z", "label": "z", "weight": 13})])).await;
        assert_refused(&answer, 409, "FailedPrecondition", &["/0"]);
        assert_described(&answer, "brings bad luck");
        assert_eq!(api.ids().await, ids(3..4));
    }

    async fn an_import_that_broke_off_goes_on_under_its_id(api: Depot) {
        let whole = lines((0..1700).map(crate_body));
        // A body that ends in the middle of a line of the third chunk, and one that ends within the fourth.
        for (cut, committed) in [(1100, 1000), (1600, 1500)] {
            let end = lines((0..cut).map(crate_body)).len() + 10;
            let answer = api.import_text("crates", &whole.as_bytes()[..end]).header("request-id", "one").broken_off().await;
            answer.assert_refused(400, "MalformedRequest");
            assert_described(&answer, &format!("The first {committed} lines were imported and stay."));
            assert_eq!(api.ids().await, ids(0..committed));
        }
        let answer = api.import_text("crates", whole.clone()).header("request-id", "one").await.assert_status(200);
        assert_eq!(answer.values(), &json!({"created": 1700}));
        assert_eq!(answer.find_header("idempotency-replayed"), None);
        assert_eq!(api.ids().await, ids(0..1700));
        let answer = api.import_text("crates", whole).header("request-id", "one").await.assert_status(200);
        assert_eq!(answer.header("idempotency-replayed"), "true");
        assert_eq!(answer.values(), &json!({"created": 1700}));
        assert_eq!(api.ids().await, ids(0..1700));
    }

    async fn a_corrected_line_goes_on_under_the_same_id(api: Depot) {
        let mut bodies: Vec<_> = (0..1200).map(crate_body).collect();
        bodies[1100]["label"] = json!("");
        let answer = api.import_text("crates", lines(bodies.clone())).header("request-id", "one").await;
        assert_refused(&answer, 422, "InvalidValue", &["/1100/label"]);
        bodies[1100]["label"] = json!("Better");
        let answer = api.import_text("crates", lines(bodies)).header("request-id", "one").await.assert_status(200);
        assert_eq!(answer.values(), &json!({"created": 1200}));
        assert_eq!(api.ids().await, ids(0..1200));
    }

    async fn a_request_id_is_not_used_for_other_lines(api: Depot) {
        let send = |bodies: Vec<serde_json::Value>| api.import_text("crates", lines(bodies)).header("request-id", "one");
        let bodies: Vec<_> = (0..2 * CHUNK).map(crate_body).collect();
        let _ = send(bodies.clone()).await.assert_status(200);
        // Another first line, another line of a later chunk, fewer lines, and more of them.
        let mut other = bodies.clone();
        other[0]["label"] = json!("Other");
        send(other).await.assert_refused(422, "RequestIdReused");
        let mut other = bodies.clone();
        other[CHUNK + 1]["label"] = json!("Other");
        send(other).await.assert_refused(422, "RequestIdReused");
        send(bodies[..CHUNK].to_vec()).await.assert_refused(422, "RequestIdReused");
        send((0..2 * CHUNK + 1).map(crate_body).collect()).await.assert_refused(422, "RequestIdReused");
        send(Vec::new()).await.assert_refused(422, "RequestIdReused");
        // Nor for other requests, and the other way round.
        let answer = api.post("crates", crate_body(5000)).header("request-id", "one").await;
        answer.assert_refused(422, "RequestIdReused");
        let _ = api.post("crates", crate_body(5000)).header("request-id", "two").await.assert_status(201);
        api.import([5001]).header("request-id", "two").await.assert_refused(422, "RequestIdReused");
        // Bodies are compared as canonical JSON.
        let spaced = lines(bodies).replace("\":", "\" : ");
        let answer = api.import_text("crates", spaced).header("request-id", "one").await.assert_status(200);
        assert_eq!(answer.header("idempotency-replayed"), "true");
        assert_eq!(api.count("crates").await, 2 * CHUNK as u64 + 1);
    }

    async fn without_an_id_of_the_clients_nothing_is_recorded(api: Depot) {
        api.fill(0..2).await;
        let answer = api.import(0..2).await;
        assert_refused(&answer, 409, "AlreadyExists", &["/0/id", "/1/id"]);
    }

    async fn two_imports_with_one_id_happen_once(api: Depot) {
        let send = || api.import(0..1500).header("request-id", "one").send();
        let (one, two) = tokio::join!(send(), send());
        for answer in [&one, &two] {
            assert_eq!((answer.status, answer.values()), (200, &json!({"created": 1500})), "{answer}");
        }
        let replayed = [one, two].iter().filter(|answer| answer.find_header("idempotency-replayed").is_some()).count();
        assert_eq!(replayed, 1);
        assert_eq!(api.ids().await, ids(0..1500));
    }

    async fn r083_a_dry_run_judges_every_line_and_commits_nothing(api: Depot) {
        let send = |bodies: Vec<serde_json::Value>| {
            api.call("crates:import?$validate=true").text("application/x-ndjson", lines(bodies)).header("request-id", "one")
        };
        let bodies: Vec<_> = (0..1200).map(crate_body).collect();
        let answer = send(bodies.clone()).await.assert_status(200);
        assert_eq!(answer.values(), &json!({"created": 0}));
        assert_eq!(answer.meta(), &json!({"validated": true, "preview": {"created": 1200}}));
        let mut bad = bodies.clone();
        bad[1100]["weight"] = json!(13);
        let answer = send(bad).await;
        assert_refused(&answer, 409, "FailedPrecondition", &["/1100"]);
        assert_eq!(api.ids().await, ids(0..0));
        // The id is free still.
        let _ = api.import(0..1200).header("request-id", "one").await.assert_status(200);
    }

    async fn an_import_takes_lines_of_json_and_nothing_else(api: Depot) {
        let text = || lines([crate_body(0)]);
        for media in ["application/json", "text/plain", "application/x-ndjson; charset=latin1", "application/jsonl"] {
            let answer = api.call("crates:import").text(media, text()).await;
            answer.assert_refused(415, "UnsupportedMediaType");
            assert_eq!(locators(&answer), ["header Content-Type"]);
        }
        let answer = api.import_text("crates", text()).header("content-encoding", "gzip").await;
        answer.assert_refused(415, "UnsupportedMediaType");
        let answer = api.import_text("crates", text()).header("if-match", "\"x\"").await;
        answer.assert_refused(400, "InvalidParameter");
        api.import_text("crates", text()).header("request-id", "no good").await.assert_refused(400, "InvalidRequestId");
        let answer = api.call("crates:import?$filter=x").text("application/x-ndjson", text()).await;
        answer.assert_refused(400, "UnknownParameter");
        let answer = api.call("crates:import.csv").text("application/x-ndjson", text()).await;
        answer.assert_refused(400, "InvalidParameter");
        assert_eq!(api.ids().await, ids(0..0));
        let request = api.call("crates:%69mport.xml").text("Application/X-NDJSON; charset=utf-8", text());
        assert!(request.await.assert_status(200).text.contains("<created>1</created>"));
    }

    async fn an_import_answers_post_alone(api: Depot) {
        let answer = api.get("crates:import").await;
        answer.assert_refused(405, "MethodNotAllowed");
        assert_eq!(allowed(&answer), ["OPTIONS", "POST"]);
        let answer = api.request(Method::OPTIONS, "crates:import").await.assert_status(200);
        assert_eq!(allowed(&answer), ["OPTIONS", "POST"]);
    }

    async fn a_page_of_another_origin_may_not_import(api: Depot) {
        let answer = api.import(0..2).header("origin", "https://elsewhere.example").await;
        answer.assert_refused(403, "PermissionDenied");
        assert_eq!(api.ids().await, ids(0..0));
    }

    async fn a_large_import_ends_its_chunks_by_their_size(api: Depot) {
        // 30 lines of 100 kB each are three chunks, and each is larger than one request may be.
        let contents = vec!["x".repeat(1000); 100];
        let mut bodies: Vec<_> = (0..30).map(crate_body).collect();
        bodies.iter_mut().for_each(|body| body["contents"] = json!(contents));
        bodies[25]["weight"] = json!(-1);
        let answer = api.import_text("crates", lines(bodies)).await;
        assert_refused(&answer, 422, "InvalidValue", &["/25/weight"]);
        assert_described(&answer, "The first 22 lines were imported and stay.");
        assert_eq!(api.ids().await, ids(0..22));
    }

    async fn without_the_option_there_is_no_import(api: Registry) {
        let answer = api.call("device-types/house-alarm/attributes:import").await;
        answer.assert_refused(404, "NotFound");
    }
}

#[tokio::test]
async fn a_line_and_a_body_have_limits_of_their_own() {
    for stored in Stored::all() {
        let limits = Limits { body: 200, import: 60_000, ..Limits::default() };
        let api = Depot::with(stored, |service| service.limits(limits)).await;
        let long = json!({"id": "long", "label": "x", "contents": ["y".repeat(200)]});
        let bodies: Vec<_> = (0..CHUNK + 1).map(crate_body).chain([long]).collect();
        let answer = api.import_text("crates", lines(bodies)).await;
        assert_refused(&answer, 413, "ContentTooLarge", &["/501"]);
        assert_described(&answer, "The first 500 lines were imported and stay.");
        assert_eq!(api.ids().await, ids(0..CHUNK));
        // A length that is declared is judged before anything is read.
        let answer = api.import(CHUNK..2000).await;
        answer.assert_refused(413, "ContentTooLarge");
        assert_described(&answer, "60000 bytes");
        assert_eq!(api.ids().await, ids(0..CHUNK));
    }
}

#[tokio::test]
async fn a_body_that_stops_coming_is_a_408_and_its_whole_chunks_stay() {
    for stored in Stored::all() {
        let limits = Limits { body_time: Duration::from_millis(200), ..Limits::default() };
        let api = Depot::with(stored, |service| service.limits(limits)).await;
        let answer = api.import(0..700).unfinished().await;
        answer.assert_refused(408, "Timeout");
        assert_described(&answer, "The first 500 lines were imported and stay.");
        assert_eq!(answer.header("connection"), "close");
        assert_eq!(api.ids().await, ids(0..CHUNK));
    }
}

#[tokio::test]
async fn a_store_that_goes_away_leaves_whole_chunks_and_the_import_goes_on_later() {
    let store = faulty(Mood::Well);
    let service = TestService::with(depot::service(), store.clone()).await;
    let send = |count: usize| {
        let request = service.client().request(Method::POST, "/api/v1/crates:import");
        let request = request.text("application/x-ndjson", lines((0..count).map(crate_body)));
        request.header("request-id", "one")
    };
    let _ = send(700).broken_off().await;
    store.layer.set(Mood::Away);
    send(1200).await.assert_refused(503, "Unavailable");
    store.layer.set(Mood::Well);
    let answer = send(1200).await.assert_status(200);
    assert_eq!(answer.values(), &json!({"created": 1200}));
    let list = service.get("/api/v1/crates?$count=true&$limit=0").await.assert_status(200);
    assert_eq!(list.meta()["totalCount"], 1200);
}
