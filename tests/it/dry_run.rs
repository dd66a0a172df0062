//! Dry runs: every check of the real call, and nothing done.

use http::Method;
use rest_standard::testing::{TestRequest, TestResponse};
use rest_standard_tests::{Api, Registry, Workshop, on_every_store, without};
use serde_json::{Value as Json, json};

/// What a preview cannot know before the real call.
const UNKNOWN: [&str; 6] = ["createdAt", "updatedAt", "etag", "id", "url", "links"];

/// All that a client can see of the device types and of this resource.
async fn world(api: &Api, path: &str) -> (Json, Json, u64) {
    let list = api.get("device-types?$limit=1000").await.values().clone();
    let changes = api.count(&format!("{path}/changes")).await;
    (list, api.values(path).await, changes)
}

/// Asserts that a dry run succeeds with this status and says so.
async fn validated(request: TestRequest, status: u16) -> TestResponse {
    let answer = request.await.assert_status(status);
    assert_eq!(answer.meta()["validated"], true, "{answer}");
    assert_eq!(answer.find_header("location"), None);
    answer
}

on_every_store! {
    async fn r083_no_dry_run_changes_anything(api: Registry) {
        let device = api.device().await;
        let kind = device.split("/devices").next().expect("the type's path").to_owned();
        let before = world(&api, &device).await;
        let state = api.values(&format!("{device}/state")).await;
        let _ = validated(api.post("device-types?$validate=true", json!({"id": "siren", "displayName": "S"})), 201).await;
        let _ = validated(api.patch(&format!("{device}?$validate=true"), json!({"volume": 1})), 200).await;
        let _ = validated(api.put(&format!("{device}?$validate=true"), before.1.clone()), 200).await;
        let _ = validated(api.delete(&format!("{device}?$validate=true")), 200).await;
        let _ = validated(api.delete(&format!("{kind}?$validate=true&$force=true")), 200).await;
        let _ = validated(api.post(&format!("{device}/state:transition?$validate=true"), json!({"to": "On"})), 200).await;
        assert_eq!(world(&api, &device).await, before);
        assert_eq!(api.values(&format!("{device}/state")).await, state);
    }

    async fn r084_a_dry_create_previews_the_resource(api: Registry) {
        let body = json!({"id": "siren", "displayName": "Siren", "category": "Alarm"});
        let dry = validated(api.post("device-types?$validate=true", body.clone()), 201).await;
        assert_eq!(*dry.values(), json!({}));
        let real = api.post("device-types", body).await.assert_status(201);
        assert_eq!(without(&dry.meta()["preview"], &UNKNOWN), without(real.values(), &UNKNOWN));
        for time in ["createdAt", "updatedAt"] {
            assert!(dry.meta()["preview"].get(time).is_none(), "{dry}");
        }
    }

    async fn r084_a_generated_id_is_left_out_of_the_preview(api: Workshop) {
        let dry = validated(api.post("notices?$validate=true", json!({"text": "t"})), 201).await;
        assert!(dry.meta()["preview"].get("id").is_none(), "{dry}");
        assert_eq!(dry.meta()["preview"]["text"], "t");
        let sent = json!({"id": "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4", "text": "t"});
        let dry = validated(api.post("notices?$validate=true", sent.clone()), 201).await;
        assert_eq!(dry.meta()["preview"]["id"], sent["id"]);
    }

    async fn r083_a_dry_create_uses_up_no_id(api: Workshop) {
        let first = api.post("sites", api.site_body()).await.assert_status(201);
        for _ in 0..3 {
            let _ = validated(api.post("sites?$validate=true", api.site_body()), 201).await;
        }
        let second = api.post("sites", api.site_body()).await.assert_status(201);
        let ids = [first, second].map(|answer| answer.values()["id"].as_i64().expect("a number"));
        assert_eq!(ids[1], ids[0] + 1);
    }

    async fn r084_a_dry_update_answers_the_resource_as_it_is(api: Registry) {
        let device = api.device().await;
        let now = api.values(&device).await;
        let dry = validated(api.patch(&format!("{device}?$validate=true"), json!({"volume": 1})), 200).await;
        assert_eq!((dry.values(), &dry.meta()["preview"]["volume"]), (&now, &json!(1)));
        let real = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        let unknown = ["updatedAt", "etag"];
        assert_eq!(without(&dry.meta()["preview"], &unknown), without(real.values(), &unknown));
    }

    async fn r084_a_dry_put_previews_the_replacement(api: Workshop) {
        let site = api.site().await;
        let path = format!("{site}/shelves/b");
        let dry = validated(api.put(&format!("{path}?$validate=true"), json!({"displayName": "B", "code": "B1"})), 201).await;
        assert_eq!((dry.values(), &dry.meta()["preview"]["id"]), (&json!({}), &json!("b")));
        let _ = api.get(&path).await.assert_refused(404, "NotFound");
        let _ = api.put(&path, json!({"displayName": "B", "code": "B1"})).await.assert_status(201);
    }

    async fn r084_a_dry_delete_previews_nothing(api: Registry) {
        let device = api.device().await;
        let dry = validated(api.delete(&format!("{device}?$validate=true")), 200).await;
        assert_eq!((dry.values(), &dry.meta()["preview"]), (&api.values(&device).await, &json!({})));
    }

    async fn r084_a_dry_update_that_changes_nothing_previews_the_same(api: Registry) {
        let device = api.device().await;
        let dry = validated(api.patch(&format!("{device}?$validate=true"), json!({})), 200).await;
        let unknown = ["updatedAt", "etag"];
        assert_eq!(without(&dry.meta()["preview"], &unknown), without(dry.values(), &unknown));
    }

    async fn r084_reads_take_a_dry_run_too(api: Registry) {
        let device = api.device().await;
        let dry = validated(api.get(&format!("{device}?$validate=true")), 200).await;
        assert_eq!(*dry.values(), api.values(&device).await);
        let _ = validated(api.get("device-types?$validate=true"), 200).await;
        let plain = api.get(&format!("{device}?$validate=false")).await.assert_status(200);
        assert!(plain.meta().get("validated").is_none_or(|value| *value != json!(true)));
    }

    async fn r085_a_dry_run_fails_as_the_real_call_does(api: Workshop) {
        let shelf = api.shelf().await;
        let site = shelf.split("/shelves").next().expect("the site's path").to_owned();
        let shelves = format!("{site}/shelves");
        let _ = api.put(&format!("{shelves}/b"), json!({"displayName": "B", "code": "B1", "barcode": "1"})).await.assert_status(201);
        let json = "application/json";
        for (method, path, body) in [
            (Method::POST, shelves.clone(), r#"{"id": "a", "displayName": "A", "code": "new"}"#),
            (Method::POST, shelves.clone(), r#"{"id": "c", "displayName": "A", "code": "B1"}"#),
            (Method::POST, shelves.clone(), r#"{"id": "c", "displayName": "", "colour": 1}"#),
            (Method::POST, shelves.clone(), "{"),
            (Method::PATCH, format!("{shelves}/b"), r#"{"barcode": "2"}"#),
            (Method::PATCH, format!("{shelves}/absent"), "{}"),
            (Method::DELETE, site.clone(), ""),
            (Method::DELETE, "sites/4711".to_owned(), ""),
            (Method::POST, format!("{shelf}:clear"), ""),
            (Method::POST, format!("{shelf}:fill"), r#"{"amount": 0}"#),
            (Method::POST, format!("{shelf}:fail"), ""),
            (Method::POST, format!("{shelf}:nothing"), ""),
            (Method::POST, "ledgers".to_owned(), r#"{"id": "l", "title": " forbidden "}"#),
            (Method::PUT, "archives/absent".to_owned(), r#"{"title": "t"}"#),
        ] {
            let send = |path: &str| {
                let request = api.request(method.clone(), path);
                if body.is_empty() { request } else { request.text(json, body) }
            };
            let dry = send(&format!("{path}?$validate=true")).await;
            let real = send(&path).await;
            assert!(dry.status >= 400, "{dry}");
            assert_eq!((dry.status, dry.reason(), dry.errors()), (real.status, real.reason(), real.errors()), "{dry}\n{real}");
        }
    }

    async fn r085_a_dry_run_minds_conditions(api: Registry) {
        let device = api.device().await;
        let path = format!("{device}?$validate=true");
        let _ = api.patch(&path, json!({"volume": 1})).header("if-match", "\"x\"").await.assert_refused(412, "PreconditionFailed");
        let etag = api.get(&device).await.header("etag").to_owned();
        let _ = validated(api.patch(&path, json!({"volume": 1})).header("if-match", &etag), 200).await;
    }

    async fn r086_a_dry_ring_tells_whether_it_may_ring(api: Registry) {
        let device = api.device().await;
        let ring = format!("{device}/state:ring?$validate=true");
        let _ = api.call(&ring).await.assert_refused(409, "FailedPrecondition");
        let _ = api.post(&format!("{device}/state:transition"), json!({"to": "On"})).await.assert_status(200);
        let before = api.values(&format!("{device}/state")).await;
        let dry = validated(api.call(&ring), 200).await;
        assert_eq!((dry.values(), &dry.meta()["preview"]["mode"]), (&before, &json!("Ring")));
        assert_eq!(api.values(&format!("{device}/state")).await, before);
    }

    async fn a_dry_delete_of_an_absent_resource_may_be_allowed(api: Registry) {
        let dry = validated(api.delete("device-types/absent?$validate=true&$allowMissing=true"), 200).await;
        assert_eq!(*dry.values(), json!({}));
    }

    async fn a_dry_create_of_the_registry_makes_no_second_resource(api: Registry) {
        let kind = api.kind("siren").await;
        let id = "11111111-1111-4111-8111-111111111111";
        let mut body = api.device_body();
        body["id"] = json!(id);
        let _ = validated(api.post(&format!("{kind}/devices?$validate=true"), body), 201).await;
        let _ = api.get(&format!("{kind}/devices/{id}/state")).await.assert_refused(404, "NotFound");
    }
}
