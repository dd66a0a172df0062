//! Pages of other origins: shut out unless their origin is allowed.

use http::Method;
use rest_standard::{
    command::Service,
    service::Limits,
    testing::{TestRequest, TestResponse},
};
use rest_standard_tests::{Api, Registry, Stored, on_every_store};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const APP: &str = "https://app.example.com";
const OTHER: &str = "https://app.example.com.evil.example";

/// A registry that pages of one origin may use, with routes of its own.
async fn open(stored: Stored) -> Registry {
    let own = axum::routing::get(async || "own text").post(async || "own text");
    let routes = axum::Router::new()
        .route("/own", own)
        .route("/broken", axum::routing::get(async || http::StatusCode::IM_A_TEAPOT));
    let limits = Limits { body: 200, ..Limits::default() };
    Registry::with(stored, |service| service.allow_origin(APP).limits(limits).merge(routes)).await
}

fn preflight(api: &Api, path: &str, origin: &str, method: &str) -> TestRequest {
    api.request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "content-type,if-match,request-id")
}

fn origins_vary(answer: &TestResponse) -> bool {
    answer.headers.get_all("vary").iter().any(|value| value == "origin")
}

fn access_headers(answer: &TestResponse) -> Vec<&str> {
    let names = answer.headers.keys().map(http::HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control")).collect()
}

fn assert_readable(answer: &TestResponse) {
    assert_eq!(answer.header("access-control-allow-origin"), APP, "{answer}");
    assert!(answer.header("access-control-expose-headers").contains("etag"), "{answer}");
    assert!(origins_vary(answer), "{answer}");
    assert_eq!(answer.find_header("access-control-allow-credentials"), None, "{answer}");
}

on_every_store! {
    async fn no_answer_names_origins_where_none_is_allowed(api: Registry) {
        for answer in [
            api.get("device-types").header("origin", APP).await,
            preflight(&api, "device-types", APP, "POST").await,
            api.get("nothing").header("origin", APP).await,
        ] {
            assert_eq!(access_headers(&answer), [""; 0], "{answer}");
            assert!(!origins_vary(&answer), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_reads_and_writes() {
    for stored in Stored::all() {
        let api = open(stored).await;
        let list = api.get("device-types").header("origin", APP).await.assert_status(200);
        assert_readable(&list);
        let body = json!({"id": "siren", "displayName": "Siren"});
        let made =
            api.post("device-types", body).header("origin", APP).header("sec-fetch-site", "cross-site");
        assert_readable(&made.await.assert_status(201));
        let exposed = list.header("access-control-expose-headers").to_owned();
        for name in [
            "etag",
            "location",
            "link",
            "request-id",
            "server-request-id",
            "retry-after",
            "api-version",
            "idempotency-replayed",
            "deprecation",
            "sunset",
        ] {
            assert!(exposed.split(',').any(|exposed| exposed.trim() == name), "{name} is not in {exposed}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_still_shut_out() {
    for stored in Stored::all() {
        let api = open(stored).await;
        for origin in
            [OTHER, "null", "http://app.example.com", "https://app.example.com:8443", "https://example.com"]
        {
            let read = api.get("device-types").header("origin", origin).await.assert_status(200);
            assert_eq!(access_headers(&read), [""; 0], "{read}");
            assert!(origins_vary(&read), "a cache must not give this answer to the other page\n{read}");
            let asked = preflight(&api, "device-types", origin, "POST").await;
            assert_eq!(access_headers(&asked), [""; 0], "{asked}");
            let write = api
                .post("device-types", json!({"id": "siren", "displayName": "S"}))
                .header("origin", origin)
                .await;
            write.assert_refused(403, "PermissionDenied");
        }
    }
}

#[tokio::test]
async fn a_preflight_says_what_may_be_sent() {
    for stored in Stored::all() {
        let api = open(stored).await;
        let answer = preflight(&api, "device-types/house-alarm", APP, "PATCH").await.assert_status(200);
        assert_eq!(answer.header("access-control-allow-origin"), APP);
        let methods = answer.header("access-control-allow-methods");
        assert!(
            ["PUT", "PATCH", "DELETE", "POST"].iter().all(|method| methods.contains(method)),
            "{methods}"
        );
        let headers = answer.header("access-control-allow-headers").to_owned();
        for name in [
            "content-type",
            "accept",
            "if-match",
            "if-none-match",
            "request-id",
            "idempotency-key",
            "traceparent",
        ] {
            assert!(headers.split(',').any(|allowed| allowed.trim() == name), "{name} is not in {headers}");
        }
        assert!(answer.header("access-control-max-age").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        assert!(answer.header("allow").contains("PATCH"), "it still is the answer of OPTIONS\n{answer}");
    }
}

#[tokio::test]
async fn a_page_sees_how_its_request_is_refused() {
    for stored in Stored::all() {
        let api = open(stored).await;
        for (path, method) in [("nothing", "GET"), ("/own", "POST"), ("device-types?$nonsense=1", "GET")] {
            let asked = preflight(&api, path, APP, method).unchecked().await.assert_status(204);
            assert_eq!(asked.header("access-control-allow-origin"), APP, "{asked}");
            assert_eq!((asked.text.as_str(), asked.find_header("content-type")), ("", None));
        }
        let large = json!({"id": "siren", "displayName": "S".repeat(300)});
        for (answer, status) in [
            (api.get("nothing").header("origin", APP).await, 404),
            (api.post("device-types", large).header("origin", APP).await, 413),
            (api.get(&format!("device-types?owner={}", "x".repeat(20_000))).header("origin", APP).await, 414),
            (api.get("device-types").header("origin", APP).header("host", "evil.example").await, 421),
            (api.request(Method::PUT, "device-types").header("origin", APP).await, 405),
            (api.get("/broken").header("origin", APP).await, 418),
        ] {
            assert_readable(&answer.assert_status(status));
        }
    }
}

#[tokio::test]
async fn routes_of_the_authors_are_open_to_the_same_pages() {
    for stored in Stored::all() {
        let api = open(stored).await;
        let answer = api.get("/own").header("origin", APP).unchecked().await.assert_status(200);
        assert_readable(&answer);
        let _ = api.call("/own").header("origin", APP).unchecked().await.assert_status(200);
        api.call("/own").header("origin", OTHER).await.assert_refused(403, "PermissionDenied");
    }
}

/// What a service answers on a socket.
async fn over_a_socket(service: Service, request: &str) -> String {
    let service = rest_standard::testing::TestService::memory(service).await;
    let server = service.listen().await;
    let mut stream = tokio::net::TcpStream::connect(server.address()).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}

#[tokio::test]
async fn a_listening_service_has_the_same_headers() {
    let get = format!(
        "GET /api/v1/device-types HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: {APP}\r\n\r\n"
    );
    let open = over_a_socket(device_registry::service().allow_origin(APP), &get).await;
    assert!(open.contains(&format!("access-control-allow-origin: {APP}\r\n")), "{open}");
    let shut = over_a_socket(device_registry::service(), &get).await;
    assert!(
        shut.starts_with("HTTP/1.1 200") && !shut.contains("access-control") && !shut.contains("origin"),
        "{shut}"
    );
    let limits = Limits { body_time: std::time::Duration::from_millis(50), ..Limits::default() };
    let post = format!(
        "POST /api/v1/device-types HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nOrigin: {APP}\r\n\r\n{{"
    );
    let late = over_a_socket(device_registry::service().allow_origin(APP).limits(limits), &post).await;
    assert!(late.starts_with("HTTP/1.1 408") && late.contains("access-control-allow-origin"), "{late}");
}

#[tokio::test]
async fn an_origin_is_exact() {
    for (origin, reason) in [
        ("*", "any page that a browser shows could then read and write everything"),
        ("null", "sandboxed frames"),
        ("app.example.com", "the scheme is missing: `https://app.example.com`"),
        ("https://app.example.com/", "leave `/` out"),
        ("https://app.example.com/admin", "leave `/admin` out"),
        ("https://*.example.com", "no wildcard"),
        ("https://user@app.example.com", "a user name has no place in it"),
        ("ftp://app.example.com", "the scheme `ftp` is not one of"),
        ("https://", "is not a host"),
    ] {
        let refused =
            device_registry::service().default_database("memory").allow_origin(origin).router().await;
        let text =
            refused.expect_err("it is no origin").source().map(ToString::to_string).unwrap_or_default();
        assert!(text.starts_with("`allow_origin`: ") && text.contains(reason), "{origin}: {text}");
    }
    // As browsers write it, however the operator did.
    let service = device_registry::service().allow_origin("HTTPS://App.Example.com:443");
    let service = rest_standard::testing::TestService::memory(service).await;
    assert_readable(&service.get("/api/v1").header("origin", APP).await);
}
