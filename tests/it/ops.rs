//! What an operator asks: ping, health, and the end of the service.

use std::sync::{Arc, Mutex};

use rest_standard_tests::{Registry, Stored, on_every_store};
use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt};

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
    for stored in Stored::all() {
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

/// Log lines that are kept.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nothing panics in between").write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Keeps what this thread logs.
    fn begin(filter: &str) -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_ansi(false)
            .with_writer(move || writer.clone());
        (log, tracing::subscriber::set_default(subscriber.finish()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nothing panics in between")).into_owned()
    }
}

#[tokio::test]
async fn log_lines_of_merged_routes_carry_the_request_id() {
    let own = async || {
        tracing::info!("author's line");
        "own text"
    };
    let routes = axum::Router::new()
        .route("/own", axum::routing::get(own))
        .route("/broken", axum::routing::get(async || http::StatusCode::BAD_GATEWAY));
    let api = Registry::with(Stored::Memory, |service| service.merge(routes)).await;
    let (log, _guard) = Log::begin("info,rest_standard::access=debug");
    let _ = api.get("/own").header("request-id", "first").unchecked().await;
    let broken = api.get("/broken").header("request-id", "second").await;
    let text = log.text();
    let line = |part: &str| {
        text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part} in {text}"))
    };
    assert!(line("author's line").contains("request_id=\"first\""), "{text}");
    assert!(line("uri=\"/own\"").contains("status=200"), "{text}");
    assert!(line("uri=\"/broken\"").contains(broken.header("server-request-id")), "{text}");
}

#[tokio::test]
async fn the_access_log_has_method_status_and_duration() {
    let api = Registry::start(Stored::Memory).await;
    let (log, _guard) = Log::begin("rest_standard::access=debug");
    let _ = api.get("device-types?$limit=1").header("request-id", "logged-one").await;
    let _ = api.call("device-types/house-alarm").await;
    let text = log.text();
    let [first, second] = text.lines().collect::<Vec<_>>()[..] else { panic!("not two lines: {text}") };
    for part in ["logged-one", "method=\"GET\"", "uri=\"/api/v1/device-types\"", "status=200", "duration_ms="]
    {
        assert!(first.contains(part), "{part}\n{first}");
    }
    assert!(second.contains("method=\"POST\"") && second.contains("status=405"), "{second}");
}
