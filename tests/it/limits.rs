//! What is accepted at most.

use std::time::Duration;

use http::Method;
use rest_standard::service::Limits;
use rest_standard_tests::{Registry, Stored, on_every_store};
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
    for stored in Stored::ALL {
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
    for stored in Stored::ALL {
        let api = rest_standard_tests::Workshop::with(stored, |service| {
            service.request_timeout(Duration::from_millis(100))
        })
        .await;
        let shelf = api.shelf().await;
        let _ = api.call(&format!("{shelf}:crawl")).await.assert_refused(504, "Timeout");
        let _ = api.get(&shelf).await.assert_status(200);
    }
}
