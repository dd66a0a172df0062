//! Bad input: a clear error, nothing stored, nothing lost, and no input repeated at length.

use std::time::Duration;

use http::Method;
use proptest::prelude::*;
use rest_standard::{service::Limits, testing::TestResponse};
use rest_standard_tests::{Api, Registry, Stored, Workshop, is_long, locators, on_every_store};
use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Sends a body as it is and expects a refusal.
async fn refused(api: &Api, method: Method, path: &str, body: impl Into<Vec<u8>>) -> TestResponse {
    let answer = api.request(method, path).text("application/json", body.into()).await;
    assert!((400..500).contains(&answer.status), "{answer}");
    answer
}

/// Asserts that the details of an error repeat no more than a short part of any input.
fn details_are_short(answer: &TestResponse) {
    for error in answer.errors() {
        let detail = error["detail"].as_str().expect("a detail is a text");
        assert!(detail.chars().count() <= 400, "{} characters: {detail}", detail.chars().count());
    }
}

/// Whether every list of the registry is as it was.
async fn world(api: &Api) -> Json {
    json!([
        api.values("device-types?$limit=1000").await,
        api.values("device-types/house-alarm/devices?$limit=1000").await
    ])
}

on_every_store! {
    async fn broken_json_is_a_400_that_stores_nothing(api: Registry) {
        let before = world(&api).await;
        for body in [
            "", " ", "{", "}", "{\"id\"", "{\"id\":}", "{'id': 1}", "{\"id\": \"a\",}", "nul", "{\"id\": \"\\x\"}", "[1, 2",
            "{\"id\": \"a\"} x", "{\"id\": 01}", "{\"id\": +1}", "{\"id\": .5}", "{\"id\": NaN}", "{\"id\": Infinity}",
            "{\"id\": \"a\nb\"}", "\u{feff}{}", "// {}", "{\"a\": \"\\ud800\"}",
        ] {
            let answer = refused(&api, Method::POST, "device-types", body).await;
            assert!([400, 422].contains(&answer.status) && (answer.status == 400 || body.starts_with(' ')), "{body}\n{answer}");
            details_are_short(&answer);
        }
        assert_eq!(world(&api).await, before);
    }

    async fn an_address_with_an_empty_segment_is_no_resource(api: Registry) {
        for (path, status) in [
            ("/api/v1//", 404),
            ("/api//v1", 404),
            ("/api/v1//device-types", 404),
            // Where an id stands, the empty one is no id.
            ("/api/v1/device-types//", 400),
            ("/api/v1/device-types//devices", 400),
        ] {
            let answer = api.get(path).await;
            assert_eq!(answer.status, status, "{answer}");
        }
    }

    async fn json_of_another_kind_than_an_object_is_refused(api: Registry) {
        for body in ["null", "5", "\"text\"", "true", "[]", "[{}]"] {
            for (method, path) in [(Method::POST, "device-types"), (Method::PUT, "device-types/house-alarm"), (Method::PATCH, "device-types/house-alarm")] {
                let _ = refused(&api, method, path, body).await;
            }
        }
    }

    async fn the_first_hundred_faults_are_told(api: Registry) {
        let tags = json!({"displayName": "D", "owner": "o", "serialNumber": "1", "tags": vec![1; 300_000]}).to_string();
        let names: serde_json::Map<String, Json> = (0..50_000).map(|number| (number.to_string(), json!(1))).collect();
        for body in [tags, Json::Object(names).to_string()] {
            let answer = refused(&api, Method::POST, "device-types/house-alarm/devices", body).await;
            assert_eq!(answer.errors().len(), 100);
            assert!(answer.text.len() < 40_000, "{} bytes", answer.text.len());
            assert!(answer.body["status"]["description"].as_str().is_some_and(|text| text.contains("more than 100")), "{answer}");
        }
    }

    async fn a_long_name_is_not_repeated_whole(api: Registry) {
        let body = format!(r#"{{"{}": 1}}"#, "é".repeat(200_000));
        let answer = refused(&api, Method::POST, "device-types", body).await;
        assert!(answer.text.len() < 4_000, "{} bytes", answer.text.len());
    }

    async fn a_page_of_another_origin_cannot_write(api: Registry) {
        let before = world(&api).await;
        let body = json!({"id": "siren", "displayName": "S"}).to_string();
        let write = || api.request(Method::POST, "device-types").text("text/plain", body.clone()).without_header("content-type").unchecked();
        let host = "localhost";
        for (name, value) in [
            ("origin", "https://evil.example"), ("origin", "null"), ("origin", "http://localhost.evil.example"), ("origin", "http://localhost:1"),
            ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"),
        ] {
            write().header("host", host).header(name, value).await.assert_refused(403, "PermissionDenied");
            let verb = "device-types/house-alarm/devices/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4/state:transition";
            api.call(verb).header("host", host).header(name, value).await.assert_refused(403, "PermissionDenied");
            let _ = api.get("device-types").header("host", host).header(name, value).await.assert_status(200);
        }
        assert_eq!(world(&api).await, before);
        for (at, (name, value)) in [("origin", "http://localhost"), ("origin", "https://LOCALHOST"), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")].into_iter().enumerate() {
            let body = json!({"id": format!("siren-{at}"), "displayName": "S"});
            let _ = api.post("device-types", body).header("host", host).header(name, value).await.assert_status(201);
        }
    }

    async fn a_body_where_none_is_taken_is_a_400(api: Registry) {
        let device = api.device().await;
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE] {
            for body in [r#"{"x": 1}"#, "{bad"] {
                let answer = api.request(method.clone(), &device).text("application/json", body).await;
                assert_eq!(answer.status, 400, "{method} {body}\n{answer}");
            }
        }
        let _ = api.get(&device).await.assert_status(200);
    }

    async fn accept_is_read_without_regard_to_case_and_nothing_says_nothing(api: Registry) {
        for accept in ["Application/*", "APPLICATION/JSON", "", ",", " , ", "text/html, */*;q=0.1"] {
            let _ = api.get("device-types").header("accept", accept).await.assert_status(200);
        }
        for accept in ["application/json;q=0", "application/json;q=2", "application/json;q=-1", "application/json;q=NaN", "text/plain"] {
            api.get("device-types").header("accept", accept).await.assert_refused(406, "NotAcceptable");
        }
    }

    async fn each_content_encoding_counts(api: Registry) {
        let body = |id: &str| json!({"id": id, "displayName": "S"});
        let _ = api.post("device-types", body("siren")).header("content-encoding", "IDENTITY").await.assert_status(201);
        let two = api.post("device-types", body("other")).header("content-encoding", "identity").repeat_header("content-encoding", "gzip");
        two.await.assert_refused(415, "UnsupportedMediaType");
    }

    async fn an_integer_id_has_one_spelling(api: Registry) {
        let changes = format!("{}/changes", api.device().await);
        let _ = api.get(&format!("{changes}/1")).await.assert_status(200);
        for other in ["01", "-0", "00001"] {
            let answer = api.get(&format!("{changes}/{other}")).await;
            assert_eq!(answer.status, 400, "{answer}");
        }
    }

    async fn conditions_on_a_list_are_refused(api: Registry) {
        for (name, value) in [("if-match", "\"x\""), ("if-none-match", "*"), ("if-match", "x")] {
            api.get("device-types").header(name, value).await.assert_refused(400, "InvalidParameter");
        }
    }

    async fn a_duplicate_key_is_a_400(api: Registry) {
        for body in [
            r#"{"id": "siren", "displayName": "A", "displayName": "B"}"#, r#"{"id": "siren", "id": "siren", "displayName": "A"}"#,
            r#"{"id": "siren", "displayName": "A", "display\u004eame": "B"}"#,
        ] {
            let answer = refused(&api, Method::POST, "device-types", body).await;
            answer.assert_refused(400, "MalformedRequest");
        }
        let _ = api.get("device-types/siren").await.assert_refused(404, "NotFound");
    }

    async fn numbers_that_do_not_fit_are_refused_at_their_place(api: Workshop) {
        for (field, number) in [
            ("load", "1e999"), ("load", "-1e999"), ("floors", "9223372036854775808"), ("floors", "18446744073709551616"),
            ("floors", "-9223372036854775809"), ("floors", "1e400"), ("floors", "99999999999999999999999999999999"),
            ("floors", "3.0000001"), ("limit", "2147483648"), ("floors", "1e-1"),
        ] {
            let body = format!(r#"{{"displayName": "A", "capacity": "1", "{field}": {number}}}"#);
            let answer = refused(&api, Method::POST, "sites", body).await;
            assert_eq!(answer.errors()[0]["pointer"], format!("/{field}"), "{number}\n{answer}");
        }
        assert_eq!(api.count("sites").await, 0);
    }

    async fn invalid_utf_8_in_a_body_is_a_400(api: Registry) {
        for bad in [&b"\xff\xfe"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"] {
            let body = [&b"{\"id\": \"siren\", \"displayName\": \""[..], bad, b"\"}"].concat();
            let answer = refused(&api, Method::POST, "device-types", body).await;
            answer.assert_refused(400, "MalformedRequest");
        }
    }

    async fn invalid_utf_8_in_an_address_is_a_400_or_a_404(api: Registry) {
        for path in ["device-types/%FF", "device-types/%C0%AF", "%FF/x", "device-types?owner=%FF", "device-types?%FF=1", "device-types/%"] {
            let answer = api.get(path).await;
            assert!([400, 404].contains(&answer.status), "{path}\n{answer}");
        }
    }

    async fn nul_and_control_characters_in_an_address_are_refused(api: Registry) {
        for path in ["device-types/%00", "device-types/a%00b", "device-types/%0A", "device-types?manufacturer=%00", "device-types?%00=1", "device-types/..%2f..%2fetc"] {
            let answer = api.get(path).await;
            assert!([200, 400, 404].contains(&answer.status), "{path}\n{answer}");
            assert_eq!(answer.status == 200, path.contains("manufacturer"), "a value that nothing has is no fault\n{answer}");
        }
    }

    async fn overlong_ids_and_parameters_are_refused(api: Registry) {
        let long = "x".repeat(5_000);
        let _ = api.get(&format!("device-types/{long}")).await.assert_refused(400, "MalformedRequest");
        for query in [format!("{long}=1"), format!("$orderBy={long}"), format!("$cursor={long}"), format!("$requestID={long}"), format!("category={long}")] {
            let answer = api.get(&format!("device-types?{query}")).await;
            assert_eq!(answer.status, 400, "{answer}");
            details_are_short(&answer);
        }
        let answer = api.post("device-types", json!({"id": long, "displayName": "S"})).await;
        answer.assert_refused(422, "InvalidValue");
        details_are_short(&answer);
    }

    async fn details_repeat_at_most_a_short_scalar(api: Registry) {
        let long = "<script>".repeat(1_000);
        let many: Json = (0..500).map(|number| (format!("unknown{number}{}", "y".repeat(100)), json!(1))).collect::<serde_json::Map<_, _>>().into();
        let device = api.device().await;
        let answers = [
            api.patch(&device, json!({"displayName": long})).await,
            api.patch(&device, json!({"enabled": long})).await,
            api.patch(&device, json!({"volume": [long]})).await,
            api.patch(&device, json!({long.as_str(): 1})).await,
            api.patch(&device, many).await,
            api.post(&format!("{device}/state:transition"), json!({"to": long})).await,
        ];
        for answer in answers {
            assert!((400..500).contains(&answer.status), "{answer}");
            details_are_short(&answer);
        }
    }

    async fn repeated_headers_are_refused_or_one_list(api: Registry) {
        let device = api.device().await;
        for name in ["request-id", "idempotency-key", "content-type", "host"] {
            let value = if name == "content-type" { "text/plain" } else { "other" };
            let request = api.patch(&device, json!({"volume": 1})).header("request-id", "one").header("idempotency-key", "one");
            let answer = request.repeat_header(name, value).await;
            assert!((400..500).contains(&answer.status), "{name}\n{answer}");
        }
        assert_eq!(api.values(&device).await["volume"], 5);
    }

    async fn unknown_content_types_are_a_415(api: Registry) {
        for kind in ["text/plain", "application/xml", "application/jsonp", "text/json", "multipart/form-data; boundary=x", "x", "application/json/x", "application/json-patch+json"] {
            let answer = api.request(Method::POST, "device-types").text(kind, r#"{"id": "siren", "displayName": "S"}"#).await;
            answer.assert_refused(415, "UnsupportedMediaType");
        }
        for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
            let answer = api.request(Method::POST, "device-types?$validate=true").text(kind, r#"{"id": "siren", "displayName": "S"}"#).await;
            let _ = answer.assert_status(201);
        }
        let foreign = api.request(Method::POST, "device-types").text("application/json; charset=utf-16", "{}").await;
        assert!((400..500).contains(&foreign.status));
    }

    async fn a_body_without_a_content_type_is_not_guessed_wrong(api: Registry) {
        let answer = api.post("device-types", json!({"id": "siren", "displayName": "S"})).without_header("content-type").await;
        assert!([201, 415].contains(&answer.status), "{answer}");
    }

    async fn hostile_headers_break_nothing(api: Registry) {
        for (name, value) in [
            ("accept", ",,;;q=x"), ("accept", "*/*;q=9"), ("if-none-match", "W/"), ("if-match", ",,,"), ("traceparent", "zz"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("user-agent", "\u{1F600}"), ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "javascript"), ("forwarded", "host=evil.example"), ("range", "bytes=0-1"), ("expect", "nonsense"),
            ("content-encoding", "gzip"), ("cookie", "a=b"), ("origin", "null"), ("retry", "500000"), ("last-failure", "\"<x>"),
        ] {
            let Ok(parsed) = http::HeaderValue::from_str(value) else { continue };
            let answer = api.get("device-types/house-alarm").header(name, parsed.to_str().unwrap_or("x")).await;
            assert!(answer.status < 500, "{name}: {value}\n{answer}");
            assert!(!answer.text.contains("evil.example"), "{answer}");
        }
    }

    async fn a_host_that_is_none_is_refused(api: Registry) {
        let missing = api.get("device-types").without_header("host").await;
        assert!([400, 421].contains(&missing.status), "{missing}");
        for host in ["", "a b", "localhost@evil.example", "localhost/evil", "localhost:99999999", "[::1", "évil"] {
            let Ok(value) = http::HeaderValue::from_str(host) else { continue };
            let Ok(host) = value.to_str() else { continue };
            let answer = api.get("device-types").header("host", host).await;
            assert!([400, 421].contains(&answer.status), "{host}\n{answer}");
        }
    }

    async fn sql_in_values_is_only_text(api: Registry) {
        let text = "'; DROP TABLE \"device-types\"; --";
        let device = api.device_with("device-types/house-alarm", json!({"owner": text})).await;
        assert_eq!(api.values(&device).await["owner"], text);
        let path = "device-types/house-alarm/devices?owner=%27%3B%20DROP%20TABLE%20%22device-types%22%3B%20--";
        assert_eq!(api.column(path, "owner").await, [text]);
        let order = "device-types?$orderBy=displayName%3B%20DROP%20TABLE%20x";
        let _ = api.get(order).await.assert_refused(400, "InvalidParameter");
    }

    async fn json_patches_reach_nothing_but_declared_fields(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        for path in ["/links/0", "/url", "/etag", "/createdAt", "/state/mode", "/__proto__", "/id", "/tags/99", "/tags/-1", "/tags/00", "/~2"] {
            for op in ["replace", "add", "remove"] {
                let patch = json!([{"op": op, "path": path, "value": "x"}]);
                let answer = api.request(Method::PATCH, &device).text("application/json-patch+json", patch.to_string()).await;
                assert!(answer.status < 500, "{patch}\n{answer}");
                assert_eq!(api.values(&device).await, before, "{patch}\n{answer}");
            }
        }
        let huge: Vec<_> = (0..20_000).map(|_| json!({"op": "test", "path": "/volume", "value": 5})).collect();
        let answer = api.request(Method::PATCH, &device).text("application/json-patch+json", json!(huge).to_string()).await;
        assert!(answer.status < 500);
    }

    async fn a_json_patch_cannot_blow_a_resource_up(api: Registry) {
        let device = api.device_with("device-types/house-alarm", json!({"tags": ["x".repeat(1000)]})).await;
        let ops: Vec<_> = (0..40).map(|_| json!({"op": "copy", "from": "/tags", "path": "/tags/-"})).collect();
        let answer = api.request(Method::PATCH, &device).text("application/json-patch+json", json!(ops).to_string()).await;
        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }

    async fn the_copies_of_a_json_patch_are_bounded_by_their_bytes(api: Registry) {
        let device = api.device_with("device-types/house-alarm", json!({"tags": ["x".repeat(100_000)]})).await;
        let copies = |n| json!(vec![json!({"op": "copy", "from": "/tags/0", "path": "/tags/-"}); n]).to_string();
        let patch = |n| api.request(Method::PATCH, &device).text("application/json-patch+json", copies(n));
        let answer = patch(11).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), ["pointer /10"]);
        let _ = patch(10).await.assert_status(200);
        let moves = json!(vec![json!({"op": "move", "from": "/tags", "path": "/tags"}); 100]).to_string();
        let _ = api.request(Method::PATCH, &device).text("application/json-patch+json", moves).await.assert_status(200);
    }
}

/// What a server answers to raw bytes, until it closes or goes quiet.
async fn exchange(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(bytes).await.expect("the server reads");
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while let Ok(Ok(count)) = tokio::time::timeout(Duration::from_secs(2), stream.read(&mut part)).await {
        if count == 0 {
            break;
        }
        answer.extend_from_slice(&part[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_content_length_that_lies_is_a_408_and_stores_nothing() {
    for stored in Stored::all() {
        let limits = Limits { body_time: Duration::from_millis(200), ..Limits::default() };
        let api = Registry::with(stored, |service| service.limits(limits)).await;
        let server = api.service.listen().await;
        let head =
            "POST /api/v1/device-types HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        let body = r#"{"id": "siren", "displayName": "Siren"}"#;
        let long =
            exchange(server.address(), format!("{head}Content-Length: 500\r\n\r\n{body}").as_bytes()).await;
        assert!(long.starts_with("HTTP/1.1 408") && long.contains("\"reason\":\"Timeout\""), "{long}");
        let _ = api.get("device-types/siren").await.assert_refused(404, "NotFound");
        let short =
            exchange(server.address(), format!("{head}Content-Length: 5\r\n\r\n{body}").as_bytes()).await;
        assert!(short.starts_with("HTTP/1.1 400"), "{short}");
        let huge =
            exchange(server.address(), format!("{head}Content-Length: 99999999999\r\n\r\n{body}").as_bytes())
                .await;
        assert!(huge.starts_with("HTTP/1.1 413"), "{huge}");
        let twice = exchange(
            server.address(),
            format!("{head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{body}").as_bytes(),
        )
        .await;
        assert!(twice.starts_with("HTTP/1.1 400") || twice.is_empty(), "{twice}");
        let _ = api.get("device-types/siren").await.assert_refused(404, "NotFound");
    }
}

#[tokio::test]
async fn a_socket_that_speaks_no_http_harms_nobody() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    for bytes in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/v1 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
    ] {
        let answer = exchange(server.address(), bytes).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4"),
            "{answer}"
        );
    }
    let request = b"GET /api/v1/device-types HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert!(exchange(server.address(), request).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_chunked_body_is_read_and_limited() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    let head = "POST /api/v1/device-types HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = r#"{"id": "siren", "displayName": "Siren"}"#;
    let good =
        exchange(server.address(), format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).as_bytes()).await;
    assert!(good.starts_with("HTTP/1.1 201"), "{good}");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(17);
    let big = exchange(server.address(), format!("{head}{chunk}0\r\n\r\n").as_bytes()).await;
    assert!(big.starts_with("HTTP/1.1 413"), "{big}");
    let broken = exchange(server.address(), format!("{head}zz\r\n{body}\r\n0\r\n\r\n").as_bytes()).await;
    assert!(broken.starts_with("HTTP/1.1 400") || broken.is_empty(), "{broken}");
}

/// The statuses of what a server answers to raw bytes, one for each request.
async fn statuses(address: std::net::SocketAddr, bytes: &str) -> Vec<u16> {
    let answer = exchange(address, bytes.as_bytes()).await;
    let codes = answer.match_indices("HTTP/1.1 ").map(|(at, head)| &answer[at + head.len()..][..3]);
    codes.map(|code| code.parse().expect("a status")).collect()
}

#[tokio::test]
async fn a_connection_outlives_what_is_refused_on_it() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    let good = "GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let long = "x".repeat(9000);
    for (status, first) in [
        (404, "HEAD /api/v1/nope HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (405, "PUT /api/v1/device-types HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabcd"),
        (405, "TRACE /api/v1 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (421, "CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (404, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (400, "GET /api/v1/device-types/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (400, "GET /api/v1/device-types?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (200, "GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
        (414, &format!("HEAD /api/v1/{long} HTTP/1.1\r\nHost: localhost\r\n\r\n")),
    ] {
        assert_eq!(statuses(server.address(), &format!("{first}{good}")).await, [status, 200], "{first:.60}");
    }
}

#[tokio::test]
async fn a_target_with_a_host_is_held_to_the_same_rules() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    for (status, target, hosts) in [
        (200, "http://localhost:9/api/v1", "Host: evil.example\r\n"),
        (421, "http://evil.example/api/v1", "Host: localhost\r\n"),
        (421, "http://a:b@localhost/api/v1", "Host: localhost\r\n"),
        (421, "https://localhost/api/v1", "Host: localhost\r\n"),
        (421, "ftp://localhost/api/v1", "Host: localhost\r\n"),
        (400, "http://localhost/api/v1", "Host: localhost\r\nHost: evil.example\r\n"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        assert_eq!(statuses(server.address(), &request).await, [status], "{target}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_head_is_read_behind_any_body() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    let head = format!("POST /api/v1/{} HTTP/1.1\r\nHost: localhost\r\n", "x".repeat(9000));
    let body = "x".repeat(4 << 20);
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let answer = exchange(server.address(), request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 414") && answer.contains("connection: close"), "{answer}");
    let waits = format!("{head}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(statuses(server.address(), &waits).await, [414]);
}

#[tokio::test]
async fn framing_that_can_be_read_in_two_ways_is_refused() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    for framing in [
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity",
        "Content-Length: +2",
        "Content-Length: 2, 2",
    ] {
        let request = format!("POST /api/v1/device-types HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n");
        let answer = exchange(server.address(), format!("{request}2\r\n{{}}\r\n0\r\n\r\n").as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 400") && answer.contains("connection: close"),
            "{framing}\n{answer}"
        );
    }
}

#[tokio::test]
async fn a_flood_ends_the_connection_and_nothing_else() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    let head = "POST /api/v1/device-types HTTP/1.1\r\nHost: localhost\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    for (status, flood) in [
        (431, format!("{head}{}\r\n", (0..101).map(|at| format!("x-{at}: 1\r\n")).collect::<String>())),
        (431, format!("{head}x: {}\r\n\r\n", "a".repeat(70_000))),
        (400, format!("{chunked}{}", format!("1;{}\r\na\r\n", "e".repeat(20_000)).repeat(20))),
        (400, format!("{chunked}0\r\n{}\r\n", format!("x-t: {}\r\n", "b".repeat(9_000)).repeat(20))),
        (400, format!("{chunked}fffffffffffffffff\r\n")),
    ] {
        let answer = exchange(server.address(), flood.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{flood:.80}\n{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    let small = format!("{chunked}{}0\r\n\r\n", "1\r\n \r\n".repeat(10_000));
    assert_eq!(statuses(server.address(), &small).await, [400], "many small pieces are one body");
    assert_eq!(api.count("device-types").await, 5);
}

#[tokio::test]
async fn an_older_client_is_answered_in_its_own_version() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    let once = exchange(server.address(), b"GET /api/v1 HTTP/1.0\r\nHost: localhost\r\n\r\n").await;
    assert!(once.starts_with("HTTP/1.0 200"), "{once}");
    let keeps = b"GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /ping HTTP/1.0\r\n\r\n";
    let twice = exchange(server.address(), keeps).await;
    assert_eq!(twice.matches("HTTP/1.0 200").count(), 2, "{twice}");
    let nameless = exchange(server.address(), b"GET /api/v1 HTTP/1.0\r\n\r\n").await;
    assert!(nameless.starts_with("HTTP/1.0 400"), "{nameless}");
}

/// Text with a taste for what means something in addresses and JSON.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        "[a-z0-9:/?&=$%.+,;\"'<>{}\\[\\]\\\\ -]{0,24}",
        prop::sample::select(vec![
            "device-types",
            "house-alarm",
            "devices",
            "state",
            "changes",
            ":ring",
            "$limit",
            "$orderBy",
            "$cursor",
            "displayName",
            "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4",
            "%2F",
            "%00",
            "%FF",
            "..",
            ".json",
            ".xml",
            "null",
            "-1",
            "true",
            "volume desc",
        ])
        .prop_map(str::to_owned),
    ]
}

/// Any JSON, with members that the registry knows among them.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        nasty().prop_map(Json::from),
    ];
    let name = prop_oneof![
        nasty(),
        prop::sample::select(vec![
            "id",
            "displayName",
            "category",
            "owner",
            "volume",
            "serialNumber",
            "tags",
            "links",
            "op",
            "path",
            "value"
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// An address of which every byte may stand in one.
fn address(segments: &[String], query: &[(String, String)]) -> String {
    let encode = |text: &str, keep: &[u8]| {
        text.bytes()
            .map(|byte| {
                let plain =
                    byte.is_ascii_alphanumeric() || b"-._~:$%".contains(&byte) || keep.contains(&byte);
                if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            })
            .collect::<String>()
    };
    let path: Vec<_> = segments.iter().map(|segment| encode(segment, b"/")).collect();
    let query: Vec<_> = query
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name, b"&"), encode(value, b"&+,")))
        .collect();
    format!("/api/v1/{}?{}", path.join("/"), query.join("&"))
}

/// Nothing that can be sent brings a 5xx; the client checks the envelope of each answer.
fn fuzz(stored: Stored) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let api = runtime.block_on(Registry::start(stored));
    let cases = if is_long() { 20_000 } else { 400 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let pairs = prop::collection::vec((nasty(), nasty()), 0..4);
    let segments = prop::collection::vec(nasty(), 0..6);
    let method = prop::sample::select(vec!["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
    let kind = prop::sample::select(vec![
        "application/json",
        "application/merge-patch+json",
        "application/json-patch+json",
        "text/plain",
    ]);
    let bytes = prop_oneof![
        any_json().prop_map(|json| json.to_string().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..40)
    ];
    proptest!(config, |(method in method, segments in segments, query in pairs, kind in kind, body in bytes)| {
        let path = address(&segments, &query);
        let Ok(uri) = path.parse::<http::Uri>() else { return Ok(()) };
        let method = Method::from_bytes(method.as_bytes()).expect("a method's name");
        let answer = runtime.block_on(async { api.request(method, &uri.to_string()).text(kind, body).await });
        prop_assert!(answer.status < 500, "{answer}");
        details_are_short(&answer);
    });
}

/// Random bodies for addresses that exist.
fn fuzz_bodies(stored: Stored) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (api, shelf) = runtime.block_on(async {
        let api = Workshop::start(stored).await;
        let shelf = api.shelf().await;
        (api, shelf)
    });
    let cases = if is_long() { 20_000 } else { 400 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let targets = vec![
        ("POST", "sites".to_owned()),
        ("PUT", "sites/1".to_owned()),
        ("PATCH", "sites/1".to_owned()),
        ("PATCH", shelf.clone()),
        ("PUT", format!("{shelf}x")),
        ("POST", format!("{shelf}:fill")),
        ("PATCH", format!("{shelf}/lamp")),
        ("PUT", "settings".to_owned()),
        ("POST", "ledgers".to_owned()),
        ("POST", format!("{shelf}:inspect")),
    ];
    let field = prop::sample::select(vec![
        "id",
        "displayName",
        "kind",
        "capacity",
        "load",
        "isOpen",
        "floors",
        "openedOn",
        "inspectedAt",
        "ownerId",
        "photo",
        "address",
        "sections",
        "labels",
        "mark",
        "contact",
        "ref",
        "limit",
        "code",
        "barcode",
        "pin",
        "stock",
        "amount",
        "title",
        "level",
        "motto",
        "op",
        "path",
        "value",
    ]);
    let members = prop::collection::btree_map(field, any_json(), 0..8);
    let patch = prop::bool::ANY;
    proptest!(config, |(target in prop::sample::select(targets), members in members, patch in patch)| {
        let (method, path) = target;
        let body: Json = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<serde_json::Map<_, _>>().into();
        let (kind, body) = if patch && method == "PATCH" { ("application/json-patch+json", json!([body])) } else { ("application/json", body) };
        let method = Method::from_bytes(method.as_bytes()).expect("a method's name");
        let answer = runtime.block_on(async { api.request(method, &path).text(kind, body.to_string()).await });
        prop_assert!(answer.status < 500, "{answer}");
        details_are_short(&answer);
    });
}

#[test]
fn no_address_and_no_body_brings_a_5xx_on_memory() {
    fuzz(Stored::Memory);
}

#[test]
fn no_address_and_no_body_brings_a_5xx_on_sqlite() {
    fuzz(Stored::Sqlite);
}

#[test]
fn no_address_and_no_body_brings_a_5xx_on_postgres() {
    fuzz(Stored::Postgres);
}

#[test]
fn no_body_of_a_known_node_brings_a_5xx_on_memory() {
    fuzz_bodies(Stored::Memory);
}

#[test]
fn no_body_of_a_known_node_brings_a_5xx_on_sqlite() {
    fuzz_bodies(Stored::Sqlite);
}

#[test]
fn no_body_of_a_known_node_brings_a_5xx_on_postgres() {
    fuzz_bodies(Stored::Postgres);
}
