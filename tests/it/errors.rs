//! What an error says, and which of several answers.

use std::time::Duration;

use http::Method;
use rest_standard::{service::Limits, testing::TestResponse};
use rest_standard_tests::{Registry, Stored, Workshop, locators, on_every_store};
use serde_json::json;

/// The errors of one service, one of each status that it can be brought to answer without failing.
async fn refusals(api: &Registry) -> Vec<TestResponse> {
    let device = api.device().await;
    vec![
        api.get("device-types?$nothing=1").await,
        api.get("nothing").await,
        api.call("device-types/house-alarm").await,
        api.call(&format!("{device}/state:silence")).await,
        api.patch(&device, json!({"volume": 1})).header("if-match", "\"other\"").await,
        api.request(Method::PATCH, &device).text("text/plain", "x").await,
        api.patch(&device, json!({"volume": 11})).await,
        api.get("device-types").header("host", "evil.example").await,
        api.request(Method::POST, "device-types").text("application/json", " ".repeat(2 << 20)).await,
    ]
}

on_every_store! {
    async fn r133_r141_every_error_carries_all_hints(api: Registry) {
        let answers = refusals(&api).await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [400, 404, 405, 409, 412, 415, 422, 421, 413]);
        for answer in answers {
            let info = &answer.body["status"]["additionalInfo"];
            for hint in ["retry", "fixRequest", "reauthenticate", "maintenance", "contactSupport"] {
                assert!(info[hint].is_boolean(), "{hint}\n{answer}");
            }
            assert!(info.get("retryAfterMillis").is_some() && info["errors"].is_array() && info["notices"].is_array());
        }
    }

    async fn r143_errors_of_the_client_are_not_retried(api: Registry) {
        for answer in refusals(&api).await {
            let info = &answer.body["status"]["additionalInfo"];
            assert_eq!((&info["retry"], &info["retryAfterMillis"]), (&json!(false), &json!(null)), "{answer}");
            assert_eq!(answer.find_header("retry-after"), None);
        }
    }

    async fn r145_there_is_no_second_error_code(api: Registry) {
        for answer in refusals(&api).await {
            let info = answer.body["status"]["additionalInfo"].as_object().expect("an object");
            assert!(info.iter().all(|(name, value)| name == "retryAfterMillis" || !value.is_number()), "{answer}");
        }
    }

    async fn reasons_are_those_of_the_table(api: Registry) {
        let reasons: Vec<_> = refusals(&api).await.iter().map(|answer| answer.reason().to_owned()).collect();
        let expected = [
            "UnknownParameter", "NotFound", "MethodNotAllowed", "FailedPrecondition", "PreconditionFailed",
            "UnsupportedMediaType", "InvalidValue", "MisdirectedRequest", "ContentTooLarge",
        ];
        assert_eq!(reasons, expected);
    }

    async fn r057_r144_a_panic_is_an_enveloped_500(api: Workshop) {
        let shelf = api.shelf().await;
        let before = api.values(&shelf).await;
        let answer = api.call(&format!("{shelf}:explode")).await;
        answer.assert_refused(500, "Internal");
        let info = &answer.body["status"]["additionalInfo"];
        assert_eq!((&info["retry"], &info["fixRequest"]), (&json!(true), &json!(false)));
        assert!(info["retryAfterMillis"].is_u64());
        assert_eq!(api.values(&shelf).await, before);
        let _ = api.post(&format!("{shelf}:fill"), json!({"amount": 1})).await.assert_status(200);
    }

    async fn r146_no_error_tells_of_the_inside(api: Workshop) {
        let shelf = api.shelf().await;
        for verb in ["explode", "fail"] {
            let answer = api.call(&format!("{shelf}:{verb}")).await;
            answer.assert_refused(500, "Internal");
            for secret in ["secret", "panic", ".rs", "SELECT", "vault", "rest_standard", "/src"] {
                assert!(!answer.text.contains(secret), "{secret}\n{answer}");
            }
        }
        let taken = api.put(&format!("{shelf}x"), json!({"displayName": "B", "code": api.values(&shelf).await["code"]})).await;
        for secret in ["UNIQUE", "constraint", "sqlite", "SQL", "rusqlite", "column"] {
            assert!(!taken.text.contains(secret), "{secret}\n{taken}");
        }
    }

    async fn all_faults_of_a_body_are_reported_at_once(api: Registry) {
        let kind = api.kind("siren").await;
        let body = json!({"displayName": "", "volume": 11, "enabled": "yes", "tags": ["a", 5], "serialNumber": "S"});
        let answer = api.post(&format!("{kind}/devices"), body).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), [
            "pointer /displayName", "pointer /enabled", "pointer /owner", "pointer /tags/1", "pointer /volume",
        ]);
    }

    async fn faults_of_parameters_headers_and_body_come_together(api: Registry) {
        let device = api.device().await;
        let answer = api.patch(&format!("{device}?$nothing=1&$validate=maybe"), json!({"colour": "red", "volume": 11})).await;
        assert_eq!(answer.status, 400, "{answer}");
        assert_eq!(locators(&answer), [
            "parameter $nothing", "parameter $validate", "pointer /colour", "pointer /volume",
        ]);
    }

    async fn a_body_of_another_type_hides_no_other_fault(api: Registry) {
        let device = api.device().await;
        for (method, path) in [(Method::POST, "device-types"), (Method::PUT, &device), (Method::PATCH, &device), (Method::POST, &format!("{device}/state:ring"))] {
            let request = |query: &str| api.request(method.clone(), &format!("{path}{query}")).text("text/plain", "x");
            let answer = request("").await;
            answer.assert_refused(415, "UnsupportedMediaType");
            assert_eq!(locators(&answer), ["header Content-Type"]);
            let answer = request("?$nothing=1").await;
            answer.assert_refused(400, "UnknownParameter");
            assert_eq!(locators(&answer), ["header Content-Type", "parameter $nothing"]);
        }
    }

    async fn a_detail_says_what_was_expected_and_what_came(api: Registry) {
        let device = api.device().await;
        let answer = api.patch(&device, json!({"volume": 11})).await;
        let detail = answer.errors()[0]["detail"].as_str().expect("a text").to_owned();
        assert!(["0", "10", "11"].iter().all(|part| detail.contains(part)), "{detail}");
        let answer = api.post(&format!("{device}/state:transition"), json!({"to": "Loud"})).await;
        let detail = answer.errors()[0]["detail"].as_str().expect("a text").to_owned();
        assert!(["Off", "On", "Ring"].iter().all(|part| detail.contains(part)), "{detail}");
    }

    async fn a_misspelt_name_is_answered_with_the_nearest(api: Registry) {
        let device = api.device().await;
        let answer = api.patch(&device, json!({"volumee": 1})).await;
        answer.assert_refused(400, "UnknownField");
        assert!(answer.errors()[0]["detail"].as_str().is_some_and(|detail| detail.contains("`volume`")), "{answer}");
        let answer = api.get("device-types?$limt=1").await;
        answer.assert_refused(400, "UnknownParameter");
        assert!(answer.errors()[0]["detail"].as_str().is_some_and(|detail| detail.contains("$limit")), "{answer}");
    }

    async fn route_and_method_answer_before_anything_else(api: Registry) {
        let answer = api.request(Method::POST, "nothing?$x=1").text("text/plain", "{").header("request-id", "a b").await;
        assert_eq!(answer.status, 404, "{answer}");
        let answer = api.request(Method::DELETE, "device-types?$x=1").header("request-id", "a b").await;
        assert_eq!(answer.status, 405, "{answer}");
    }

    async fn the_request_id_answers_before_parameters_and_body(api: Registry) {
        let answer = api.request(Method::POST, "device-types?$x=1").text("text/plain", "{").header("request-id", "a b").await;
        answer.assert_refused(400, "InvalidRequestId");
    }

    async fn a_body_answers_before_existence(api: Registry) {
        let _ = api.patch("device-types/absent", json!({"colour": 1})).await.assert_refused(400, "UnknownField");
        let _ = api.patch("device-types/absent", json!({"displayName": ""})).await.assert_refused(422, "InvalidValue");
        let _ = api.get("device-types/absent?$nothing=1").await.assert_refused(400, "UnknownParameter");
    }

    async fn kind_400_answers_before_422(api: Registry) {
        let device = api.device().await;
        let answer = api.patch(&device, json!({"volume": 11, "colour": "red"})).await;
        answer.assert_refused(400, "UnknownField");
        assert_eq!(answer.errors().len(), 2);
    }

    async fn existence_answers_before_conditions(api: Registry) {
        let answer = api.patch("device-types/absent", json!({"displayName": "A"})).header("if-match", "\"x\"").await;
        answer.assert_refused(404, "NotFound");
    }

    async fn conditions_answer_before_immutable_fields_and_states(api: Registry) {
        let device = api.device().await;
        let answer = api.patch(&device, json!({"serialNumber": "other"})).header("if-match", "\"x\"").await;
        answer.assert_refused(412, "PreconditionFailed");
        let answer = api.call(&format!("{device}/state:silence")).header("if-match", "\"x\"").await;
        answer.assert_refused(412, "PreconditionFailed");
    }

    async fn immutable_fields_answer_before_a_taken_value(api: Workshop) {
        let shelf = api.shelf().await;
        let other = format!("{}/b", shelf.strip_suffix("/a").expect("the shelf's id"));
        let _ = api.put(&other, json!({"displayName": "B", "code": "B", "barcode": "1"})).await.assert_status(201);
        let answer = api.patch(&other, json!({"code": api.values(&shelf).await["code"], "barcode": "2"})).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), ["pointer /barcode"]);
    }

    async fn a_host_that_is_not_ours_is_misdirected(api: Registry) {
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "192.0.2.7"] {
            let answer = api.get("device-types").header("host", host).await;
            answer.assert_refused(421, "MisdirectedRequest");
        }
        for host in ["localhost", "localhost:8080", "127.0.0.1", "127.0.0.1:9", "[::1]:8080"] {
            let answer = api.get("device-types/house-alarm").header("host", host).await.assert_status(200);
            assert_eq!(answer.values()["url"], format!("http://{host}/api/v1/device-types/house-alarm"));
        }
        for (host, plain) in [("127.0.0.1:", "127.0.0.1"), ("localhost.", "localhost"), ("localhost.:8080", "localhost:8080"), ("[::1]:", "[::1]")] {
            let answer = api.get("device-types/house-alarm").header("host", host).await.assert_status(200);
            assert_eq!(answer.values()["url"], format!("http://{plain}/api/v1/device-types/house-alarm"));
        }
        for host in ["localhost..", "localhost::", "[::1].", ".", ":", ".:80", "localhost:port", "localhost:80.", "localhost.:80.", "localhost:99999", "local host", "a@localhost"] {
            api.get("device-types").header("host", host).await.assert_refused(421, "MisdirectedRequest");
        }
    }

    async fn what_nothing_can_be_answered_in_is_not_acceptable(api: Registry) {
        let answer = api.get("device-types").header("accept", "image/png").await;
        answer.assert_refused(406, "NotAcceptable");
        let _ = api.get("device-types").header("accept", "application/json;q=0").await.assert_refused(406, "NotAcceptable");
        let _ = api.get("device-types").header("accept", "*/*").await.assert_status(200);
    }
}

#[tokio::test]
async fn r057_r144_a_time_out_is_an_enveloped_504() {
    for stored in Stored::all() {
        let api = Workshop::with(stored, |service| service.request_timeout(Duration::from_millis(200))).await;
        let shelf = api.shelf().await;
        let answer = api.call(&format!("{shelf}:crawl")).await;
        answer.assert_refused(504, "Timeout");
        assert_eq!(answer.body["status"]["additionalInfo"]["retry"], true);
        assert_eq!(answer.body["data"], json!(null));
    }
}

#[tokio::test]
async fn r142_the_retry_delay_is_in_milliseconds_and_in_the_header() {
    for stored in Stored::all() {
        let api = Workshop::start(stored).await;
        let shelf = api.shelf().await;
        let answer = api.call(&format!("{shelf}:fail")).await;
        let millis = answer.body["status"]["additionalInfo"]["retryAfterMillis"].as_u64().expect("a number");
        let seconds =
            answer.find_header("retry-after").map_or(0, |text| text.parse().expect("whole seconds"));
        assert_eq!(seconds, millis.div_ceil(1000));
    }
}

#[tokio::test]
async fn r057_the_errors_of_a_merged_router_have_the_envelope() {
    for stored in Stored::all() {
        let routes = axum::Router::new()
            .route("/own", axum::routing::get(async || "own text"))
            .route("/broken", axum::routing::get(async || http::StatusCode::IM_A_TEAPOT))
            .route("/panics", axum::routing::get(async || -> &'static str { panic!("secret") }));
        let api = Registry::with(stored, |service| service.merge(routes)).await;
        assert_eq!(api.get("/own").unchecked().await.text, "own text");
        assert_eq!(api.call("/own").await.status, 405);
        assert_eq!(api.get("/broken").await.status, 418);
        let answer = api.get("/panics").await;
        answer.assert_refused(500, "Internal");
        assert!(!answer.text.contains("secret"));
        let _ = api.get("device-types").await.assert_status(200);
    }
}

/// A registry with routes of its own beside the API.
async fn with_routes(stored: Stored, limits: Limits) -> Registry {
    let slow = async || tokio::time::sleep(Duration::from_secs(60)).await;
    let drips = async || {
        let rest = futures_util::stream::once(async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok::<_, std::io::Error>("late")
        });
        axum::body::Body::from_stream(rest)
    };
    let routes = axum::Router::new()
        .route("/own", axum::routing::get(async || "own text").post(async || "own text"))
        .route("/slow", axum::routing::get(slow))
        .route("/drips", axum::routing::get(drips));
    Registry::with(stored, |service| service.limits(limits).merge(routes)).await
}

#[tokio::test]
async fn merged_routes_have_the_limits_and_checks_of_the_api() {
    for stored in Stored::all() {
        let api = with_routes(stored, Limits { time: Duration::from_millis(100), ..Limits::default() }).await;
        api.get("/slow").await.assert_refused(504, "Timeout");
        assert_eq!(api.get("/drips").unchecked().await.text, "late", "the limit is for the beginning");
        let long = format!("/own?x={}", "x".repeat(20_000));
        api.get(&long).await.assert_refused(414, "UriTooLong");
        api.get("/own").header("host", "evil.example").await.assert_refused(421, "MisdirectedRequest");
        api.get("/own").without_header("host").await.assert_refused(400, "MalformedRequest");
        let write = api.call("/own").header("origin", "https://evil.example");
        write.await.assert_refused(403, "PermissionDenied");
        let socket = api.get("/own").header("origin", "https://evil.example").header("upgrade", "websocket");
        socket.await.assert_refused(403, "PermissionDenied");
        let read = api.get("/own").header("origin", "https://evil.example").unchecked();
        assert_eq!(read.await.text, "own text");
    }
}

on_every_store! {
    async fn the_url_decides_before_accept_what_an_error_looks_like(api: Registry) {
        let problem = "application/problem+json";
        for path in [
            "device-types/nope", "device-types/nope?x=1", "nothing", "/nothing", "/api", "/ping?x=1", "device-types?$format=yaml",
        ] {
            let answer = api.get(path).header("accept", problem).await;
            assert_eq!((answer.header("content-type"), answer.header("vary")), (problem, "accept"), "{answer}");
        }
        let long = "x".repeat(20_000);
        let refused = format!("device-types.json?owner={long}");
        for path in [
            "device-types/nope.json", "device-types/nope?$format=json", "nothing.json", "nothing.json/", "/nothing?$format=json",
            "/ping?x=1&%24format=json", "/ping?x=1&format=json", "device-types.json?x=1", refused.as_str(),
        ] {
            let answer = api.get(path).header("accept", problem).await;
            assert!(answer.status >= 400, "{answer}");
            let is_long = answer.text.len() >= 1 << 10;
            let vary = is_long.then_some("accept-encoding");
            assert_eq!((answer.header("content-type"), answer.find_header("vary")), ("application/json", vary), "{answer}");
        }
        let refused = format!("device-types?owner={long}");
        let answer = api.get(&refused).header("accept", problem).await;
        assert_eq!((answer.status, answer.header("content-type"), answer.header("vary")), (414, problem, "accept"));
    }
}
