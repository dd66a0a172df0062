//! Where the document is and how it is asked for.

use http::Method;
use rest_standard::testing::json;
use rest_standard_tests::{Registry, on_every_store};

on_every_store! {
    async fn the_document_is_at_the_version_and_at_the_root(api: Registry) {
        let versioned = api.get("openapi.json").await.assert_status(200);
        assert_eq!(versioned.body["openapi"], "3.1.1");
        assert_eq!(versioned.header("content-type"), "application/json");
        assert_eq!(versioned.header("api-version"), "v1");
        assert_eq!(versioned.header("vary"), "accept-encoding", "a document has one format");
        let root = api.get("/openapi.json").await.assert_status(200);
        assert_eq!(root.text, versioned.text);
        assert_eq!(versioned.body["servers"], json!([{"url": "http://localhost/api/v1"}]));
        let other = api.get("openapi.json").header("host", "127.0.0.1:9").await.assert_status(200);
        assert_eq!(other.body["servers"], json!([{"url": "http://127.0.0.1:9/api/v1"}]));
        let _ = api.get("openapi.json").header("host", "evil.example").await.assert_refused(421, "MisdirectedRequest");
    }

    async fn r169_the_entry_point_links_the_document(api: Registry) {
        let entry = api.get("").await.assert_status(200);
        let link = entry.link("service-desc", "GET");
        assert_eq!(link, "http://localhost/api/v1/openapi.json");
        let _ = api.get(link).await.assert_status(200);
    }

    async fn the_older_form_has_the_same_operations(api: Registry) {
        let newer = api.get("openapi.json?openapi=3.1").await.assert_status(200).body;
        let older = api.get("openapi.json?openapi=3.0").await.assert_status(200).body;
        assert_eq!(older["openapi"], "3.0.3");
        let ids = |document: &serde_json::Value| {
            let paths = document["paths"].as_object().expect("there are paths");
            let operations = paths.iter().flat_map(|(path, item)| {
                let item = item.as_object().expect("a path has operations");
                item.iter().map(move |(method, operation)| (path.clone(), method.clone(), operation["operationId"].clone()))
            });
            operations.collect::<Vec<_>>()
        };
        assert_eq!(ids(&newer), ids(&older));
        let text = older.to_string();
        for newer in ["\"type\":[", "\"const\"", "\"examples\"", "jsonSchemaDialect", "\"type\":\"null\""] {
            assert!(!text.contains(newer), "OpenAPI 3.0 does not know {newer}");
        }
    }

    async fn the_document_can_be_kept_and_asked_for_again(api: Registry) {
        let first = api.get("openapi.json").await.assert_status(200);
        let tag = first.header("etag").to_owned();
        let again = api.get("openapi.json").header("if-none-match", &tag).await.assert_status(304);
        assert!(again.text.is_empty());
        let older = api.get("openapi.json?openapi=3.0").header("if-none-match", &tag).await.assert_status(200);
        assert_ne!(older.header("etag"), tag);
        let head = api.request(Method::HEAD, "openapi.json").await.assert_status(200);
        assert_eq!(head.header("content-length"), first.text.len().to_string());
        assert!(head.text.is_empty());
        let options = api.request(Method::OPTIONS, "openapi.json").await.assert_status(200);
        assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
    }

    async fn what_the_document_does_not_take_is_refused(api: Registry) {
        let answer = api.get("openapi.json?openapi=2.0").await;
        answer.assert_refused(400, "InvalidParameter");
        assert!(answer.text.contains("must be `3.1` or `3.0`"), "{answer}");
        let _ = api.get("openapi.json?openapi=3.0&openapi=3.1").await.assert_refused(400, "InvalidParameter");
        let _ = api.get("openapi.json?$limit=2").await.assert_refused(400, "UnknownParameter");
        let _ = api.get("openapi.json?openapi=2.0&other=1").await.assert_refused(400, "InvalidParameter");
        let answer = api.post("openapi.json", json!({})).await;
        answer.assert_refused(405, "MethodNotAllowed");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
        let _ = api.get("openapi.json?$requestID=mine").await.assert_status(200);
        let _ = api.get("openapi.yaml").await.assert_refused(404, "NotFound");
    }
}
