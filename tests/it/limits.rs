//! What is accepted at most.

use std::time::Duration;

use http::Method;
use rest_standard::{
    service::Limits,
    testing::{TestResponse, TestService},
};
use rest_standard_tests::{
    Registry, Stored,
    faulty::{Mood, faulty},
    on_every_store,
};
use serde_json::{Value as Json, json};

/// A list in a list in a list, this deep.
fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

on_every_store! {
    async fn r112_a_body_over_1_mib_is_a_413(api: Registry) {
        let body = |size: usize| json!({"id": "siren", "displayName": "S", "manufacturer": "x".repeat(size)}).to_string();
        let answer = api.request(Method::POST, "device-types").text("application/json", body(1 << 20)).await;
        answer.assert_refused(413, "ContentTooLarge");
        let _ = api.get("device-types/siren").await.assert_refused(404, "NotFound");
        let answer = api.request(Method::POST, "device-types").text("application/json", body((1 << 20) - 100)).await;
        assert_ne!(answer.status, 413);
    }

    async fn r112_a_body_that_nests_too_deep_is_a_400(api: Registry) {
        for depth in [65, 1_000, 100_000] {
            let body = format!(r#"{{"id": "siren", "displayName": {}}}"#, nested(depth));
            let answer = api.request(Method::POST, "device-types").text("application/json", body).await;
            answer.assert_refused(400, "MalformedRequest");
        }
    }

    async fn r112_a_page_has_at_most_1000_elements(api: Registry) {
        assert_eq!(api.get("device-types?$limit=5000").await.assert_status(200).meta()["limit"], 1000);
    }

    async fn an_address_that_is_too_long_is_a_414(api: Registry) {
        let answer = api.get(&format!("device-types?owner={}", "x".repeat(20_000))).await;
        answer.assert_refused(414, "UriTooLong");
        let answer = api.get(&format!("device-types/{}", "x".repeat(20_000))).await;
        answer.assert_refused(414, "UriTooLong");
    }
}

#[tokio::test]
async fn r112_limits_are_settings() {
    for stored in Stored::all() {
        let limits = Limits { body: 100, depth: 3, page_default: 2, page_max: 3, ..Limits::default() };
        let api = Registry::with(stored, |service| service.limits(limits)).await;
        let kind = api.kind("siren").await;
        let _ = kind;
        let long = json!({"id": "long", "displayName": "x".repeat(60), "manufacturer": "y".repeat(60)});
        let _ = api.post("device-types", long).await.assert_refused(413, "ContentTooLarge");
        let deep = Json::from_iter([("displayName".to_owned(), json!([[[[]]]]))]);
        let _ = api.post("device-types", deep).await.assert_refused(400, "MalformedRequest");
        let page = api.get("device-types").await.assert_status(200);
        assert_eq!((page.values().as_array().map(Vec::len), &page.meta()["limit"]), (Some(2), &json!(2)));
        let page = api.get("device-types?$limit=9").await.assert_status(200);
        assert_eq!(page.meta()["limit"], 3);
    }
}

#[tokio::test]
async fn r112_the_time_of_an_answer_is_limited() {
    for stored in Stored::all() {
        let api = rest_standard_tests::Workshop::with(stored, |service| {
            service.request_timeout(Duration::from_millis(100))
        })
        .await;
        let shelf = api.shelf().await;
        let _ = api.call(&format!("{shelf}:crawl")).await.assert_refused(504, "Timeout");
        let _ = api.get(&shelf).await.assert_status(200);
    }
}

#[tokio::test]
async fn a_time_out_carries_the_ids_and_the_body_of_its_request() {
    for stored in Stored::all() {
        let api = rest_standard_tests::Workshop::with(stored, |service| {
            service.request_timeout(Duration::from_millis(100))
        })
        .await;
        let shelf = api.shelf().await;
        let answer = api.call(&format!("{shelf}:crawl")).await;
        answer.assert_refused(504, "Timeout");
        assert_eq!(answer.header("request-id"), answer.header("server-request-id"), "one id was drawn");
        assert_eq!(answer.body["request"]["id"], answer.header("request-id"));
        assert_eq!(answer.header("vary"), "accept");
    }
}

/// Creates a device type where a request may take `limit` and its commit takes `commit`.
async fn create_slowly(limit: u64, commit: u64, id: Option<&str>) -> (TestService, TestResponse) {
    let store = faulty(Mood::Slow(Duration::from_millis(commit)));
    let service = device_registry::service().request_timeout(Duration::from_millis(limit));
    let service = TestService::with(service, store).await;
    let mut request =
        service.client().post("/api/v1/device-types", json!({"id": "siren", "displayName": "S"}));
    if let Some(id) = id {
        request = request.header("request-id", id);
    }
    let answer = request.await;
    (service, answer)
}

#[tokio::test]
async fn an_answer_waits_for_a_commit_that_has_begun() {
    let (service, answer) = create_slowly(200, 300, None).await;
    assert_eq!(answer.status, 201, "{answer}");
    let _ = service.get("/api/v1/device-types/siren").await.assert_status(200);
}

#[tokio::test]
async fn a_slow_commit_is_never_called_off() {
    // Without an id of its own the client could not tell what became of its request.
    let (service, answer) = create_slowly(100, 1_000, None).await;
    assert_eq!(answer.status, 201, "{answer}");
    let _ = service.get("/api/v1/device-types/siren").await.assert_status(200);
    // With one it can ask again.
    let (service, answer) = create_slowly(100, 1_000, Some("mine")).await;
    answer.assert_refused(504, "Timeout");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let again = service.client().post("/api/v1/device-types", json!({"id": "siren", "displayName": "S"}));
    let again = again.header("request-id", "mine").await.assert_status(201);
    assert_eq!(again.find_header("idempotency-replayed"), Some("true"));
}

#[tokio::test]
async fn a_write_goes_on_without_its_client() {
    for stored in Stored::all() {
        let api = rest_standard_tests::Workshop::start(stored).await;
        let shelf = api.shelf().await;
        let stock = async || api.get(&shelf).await.assert_status(200).values()["stock"].as_i64();
        let before = stock().await;
        let call = async || api.call(&format!("{shelf}:dawdle")).header("request-id", "impatient").await;
        let gone = tokio::time::timeout(Duration::from_millis(50), call()).await;
        assert!(gone.is_err(), "the client did not hang up");
        let again = call().await.assert_status(200);
        assert_eq!(again.find_header("idempotency-replayed"), Some("true"));
        assert_eq!(stock().await, before.map(|stock| stock + 1));
    }
}

#[tokio::test]
async fn a_write_that_was_given_up_leaves_its_row_to_others() {
    let store = faulty(Mood::Well);
    let service = device_registry::service().request_timeout(Duration::from_millis(100));
    let service = TestService::with(service, store.clone()).await;
    let rename =
        || service.client().patch("/api/v1/device-types/house-alarm", json!({"displayName": "Siren"}));
    store.layer.set(Mood::Hanging);
    let _ = rename().await.assert_refused(504, "Timeout");
    store.layer.set(Mood::Well);
    let _ = rename().await.assert_status(200);
}
