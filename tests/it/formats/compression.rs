//! Answers are compressed where that is worth it and the client takes it.

use std::io::Read as _;

use flate2::read::GzDecoder;
use http::Method;
use rest_standard::testing::{TestRequest, TestResponse};
use rest_standard_tests::{Stored, on_every_store};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;

fn taking(request: TestRequest, codings: &str) -> TestRequest {
    request.header("request-id", "one").header("accept-encoding", codings)
}

fn coding(answer: &TestResponse) -> Option<&str> {
    answer.find_header("content-encoding")
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).expect("gzip");
    text
}

fn varies(answer: &TestResponse) -> bool {
    answer.headers.get_all("vary").iter().any(|value| value == "accept-encoding")
}

on_every_store! {
    async fn what_is_compressed_is_what_is_not(api: Registry) {
        for path in ["device-types", "device-types.xml", "device-types.csv", "device-types/house-alarm", "/openapi.json", "/docs"] {
            let plain = api.get(path).header("request-id", "one").await.assert_status(200);
            let packed = taking(api.get(path), "gzip").await.assert_status(200);
            assert_eq!((coding(&plain), coding(&packed)), (None, Some("gzip")), "{path}");
            assert!(varies(&plain) && varies(&packed), "{path}");
            assert!(packed.bytes.len() < plain.bytes.len() / 2 && packed.find_header("content-length").is_none());
            assert_eq!(unpacked(&packed.bytes), plain.text, "{path}");
            for name in ["content-type", "etag", "link", "cache-control"] {
                assert_eq!(packed.find_header(name), plain.find_header(name), "{path} {name}");
            }
        }
    }

    async fn the_client_chooses_the_coding(api: Registry) {
        for (codings, expected) in [
            ("gzip", Some("gzip")),
            ("GZIP", Some("gzip")),
            ("br", Some("br")),
            ("gzip, br", Some("br")),
            ("gzip, br;q=0.5", Some("gzip")),
            ("gzip;q=0", None),
            ("identity", None),
            ("deflate, zstd", None),
            ("", None),
            ("gzip;q=x", None),
            ("identity;q=0", None),
            ("*;q=0", None),
            ("\u{e4}", None),
        ] {
            let answer = taking(api.get("device-types"), codings).await.assert_status(200);
            assert_eq!(coding(&answer), expected, "{codings}");
            assert!(varies(&answer), "{codings}");
            assert!(expected.is_some() || answer.body["status"]["code"] == 200);
        }
    }

    async fn small_answers_are_not_compressed(api: Registry) {
        for path in ["/ping", "nothing", "device-types?$limit=x"] {
            let answer = taking(api.get(path), "gzip").await;
            assert!(answer.bytes.len() < 1024 && coding(&answer).is_none() && !varies(&answer), "{answer}");
        }
        let refused = taking(api.get(&format!("device-types?{}=1", "x".repeat(2000))), "gzip").await;
        assert_eq!((refused.status, coding(&refused)), (400, Some("gzip")));
        assert!(unpacked(&refused.bytes).contains("UnknownParameter"));
    }

    async fn conditions_hold_whatever_the_coding(api: Registry) {
        let device = api.device().await;
        let packed = taking(api.get(&device), "gzip").await;
        let tag = packed.header("etag").to_owned();
        let unchanged = taking(api.get(&device), "gzip").header("if-none-match", &tag).await.assert_status(304);
        assert!(unchanged.bytes.is_empty() && coding(&unchanged).is_none() && varies(&unchanged), "{unchanged}");
        assert_eq!(unchanged.header("etag"), tag);
        let _ = api.patch(&device, json!({"volume": 2})).header("if-match", &tag).await.assert_status(200);
        assert_eq!(taking(api.get(&device), "gzip").header("if-none-match", &tag).await.status, 200);
    }

    async fn head_says_of_the_content_what_get_says(api: Registry) {
        for codings in ["gzip", "identity"] {
            let head = taking(api.request(Method::HEAD, "device-types"), codings).await.assert_status(200);
            let get = taking(api.get("device-types"), codings).await;
            assert!(head.bytes.is_empty());
            assert_eq!((coding(&head), varies(&head)), (coding(&get), true));
            let length = (codings == "identity").then(|| get.bytes.len().to_string());
            assert_eq!(head.find_header("content-length"), length.as_deref());
        }
    }

    async fn writes_and_replays_are_compressed_too(api: Registry) {
        let device = api.device().await;
        for replayed in [None, Some("true")] {
            let answer = taking(api.patch(&device, json!({"volume": 1})), "gzip").await.assert_status(200);
            assert_eq!((coding(&answer), answer.find_header("idempotency-replayed")), (Some("gzip"), replayed));
            assert!(unpacked(&answer.bytes).contains("\"volume\":1"));
        }
    }

    async fn r180_a_suffix_and_the_encoding_are_all_that_varies(api: Registry) {
        let answer = taking(api.get("device-types.json"), "gzip").await;
        let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
        assert_eq!(vary, ["accept-encoding"]);
    }
}

#[tokio::test]
async fn a_service_can_leave_answers_as_they_are() {
    let api = Registry::with(Stored::Memory, |service| service.compression(false)).await;
    let answer = taking(api.get("device-types"), "gzip").await.assert_status(200);
    assert!(coding(&answer).is_none() && !varies(&answer));
}

/// What a real connection carries: the framing is the HTTP library's.
#[tokio::test]
async fn a_connection_carries_compressed_answers_one_after_the_other() {
    let api = Registry::start(Stored::Memory).await;
    let server = api.service.listen().await;
    let mut stream = TcpStream::connect(server.address()).await.expect("a connection");
    let asked = |method: &str, last: &str| {
        format!(
            "{method} /api/v1/device-types HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip\r\n{last}\r\n"
        )
    };
    let all = [asked("HEAD", ""), asked("GET", ""), asked("HEAD", ""), asked("GET", "connection: close\r\n")]
        .concat();
    stream.write_all(all.as_bytes()).await.expect("sent");
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await.expect("answers");
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let heads: Vec<_> = text.match_indices("http/1.1 200").map(|(at, _)| at).collect();
    assert_eq!(heads.len(), 4, "{text}");
    for (at, is_head) in heads.iter().zip([true, false, true, false]) {
        let head = text[*at..].split("\r\n\r\n").next().expect("headers");
        assert!(head.contains("content-encoding: gzip") && !head.contains("content-length"), "{head}");
        assert!(is_head || head.contains("transfer-encoding: chunked"), "{head}");
    }
    let first = &text[heads[0]..heads[1]];
    assert!(
        first.ends_with("\r\n\r\n") && !first.trim_end().contains("\r\n\r\n"),
        "HEAD has no content: {first}"
    );
}
