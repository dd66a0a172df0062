//! What an operator asks: ping, health, and the end of the service.

use rest_standard_tests::{Registry, Stored, on_every_store};
use serde_json::json;

on_every_store! {
    async fn r126_ping_answers_in_the_envelope(api: Registry) {
        let answer = api.get("/ping").await.assert_status(200);
        assert!(answer.values().is_object() && !answer.text.is_empty());
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.body["request"]["uri"], "/ping");
    }

    async fn r126_ping_minds_parameters_and_methods(api: Registry) {
        let _ = api.call("/ping").await.assert_refused(405, "MethodNotAllowed");
        assert_eq!(api.get("/pong").await.status, 404);
    }

    async fn health_is_told_in_the_envelope(api: Registry) {
        for path in ["/health/live", "/health/ready"] {
            let answer = api.get(path).await.assert_status(200);
            assert!(answer.values().is_object(), "{answer}");
        }
        let _ = api.get("/health/nothing").await.assert_refused(404, "NotFound");
    }

    async fn ping_and_health_stand_outside_versions(api: Registry) {
        for path in ["ping", "health/live"] {
            let _ = api.get(path).await.assert_refused(404, "NotFound");
        }
        assert_eq!(api.get("/ping").await.find_header("api-version"), None);
    }
}

#[tokio::test]
async fn a_service_that_ends_refuses_new_requests_in_the_envelope() {
    for stored in Stored::ALL {
        let api = Registry::start(stored).await;
        let server = api.service.listen().await;
        server.shut_down().await;
        let answer = api.get("device-types").await;
        answer.assert_refused(503, "Unavailable");
        assert_eq!(answer.body["status"]["additionalInfo"]["retry"], true);
    }
}

#[tokio::test]
async fn what_is_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("restart.db");
    let first = rest_standard::testing::TestService::sqlite_at(device_registry::service(), &file).await;
    let client = first.client();
    let body = json!({"id": "siren", "displayName": "Siren"});
    let made = client
        .post("/api/v1/device-types", body.clone())
        .header("request-id", "once")
        .await
        .assert_status(201);
    let page = client.get("/api/v1/device-types?$limit=1").await.assert_status(200);
    first.close().await;

    let second = rest_standard::testing::TestService::sqlite_at(device_registry::service(), &file).await;
    let client = second.client();
    assert_eq!(client.get("/api/v1/device-types/siren").await.assert_status(200).values(), made.values());
    let again =
        client.post("/api/v1/device-types", body).header("request-id", "once").await.assert_status(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body["data"]), ("true", &made.body["data"]));
    let next = page.meta()["cursorNextLink"].as_str().expect("a next link").to_owned();
    let _ = client.get(&next).await.assert_status(200);
    second.close().await;
}
