//! The changes of a resource: one entry for each committed request that changed something.

use std::time::Duration;

use http::Method;
use rest_standard::testing::Deterministic;
use rest_standard_tests::{Registry, Stored, Workshop, on_every_store};
use serde_json::{Value as Json, json};

/// The entries of a resource, the oldest first.
async fn entries(api: &rest_standard_tests::Api, path: &str) -> Vec<Json> {
    let list = api.values(&format!("{path}/changes?$orderBy=id&$limit=1000")).await;
    list.as_array().expect("a list").clone()
}

on_every_store! {
    async fn r013_each_mutation_adds_one_entry(api: Registry) {
        let device = api.device().await;
        let _ = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        let mut body = api.values(&device).await;
        body["owner"] = json!("bob");
        let _ = api.put(&device, body).await.assert_status(200);
        let methods: Vec<_> = entries(&api, &device).await.iter().map(|entry| entry["method"].clone()).collect();
        assert_eq!(methods, ["Create", "Update", "Update"]);
    }

    async fn r116_an_entry_says_who_what_when_and_under_which_id(api: Registry) {
        let device = api.device().await;
        let patched = api.patch(&device, json!({"volume": 1})).header("request-id", "mine").await.assert_status(200);
        let entry = entries(&api, &device).await[1].clone();
        assert_eq!((&entry["requestId"], &entry["method"], &entry["createdBy"]), (&json!("mine"), &json!("Update"), &Json::Null));
        assert_eq!((&entry["createdAt"], &entry["patch"]), (&patched.values()["updatedAt"], &json!({"volume": 1})));
    }

    async fn an_entry_has_all_framework_fields_and_can_be_read(api: Registry) {
        let device = api.device().await;
        let entry = entries(&api, &device).await[0].clone();
        for name in ["id", "url", "createdAt", "createdBy", "updatedAt", "updatedBy", "etag", "links", "requestId", "method", "patch"] {
            assert!(entry.get(name).is_some(), "{name}");
        }
        assert_eq!(api.values(entry["url"].as_str().expect("a URL is a text")).await, entry);
    }

    async fn ids_of_entries_are_growing_integers(api: Registry) {
        let device = api.device().await;
        for volume in [1, 2, 3] {
            let _ = api.patch(&device, json!({"volume": volume})).await.assert_status(200);
        }
        let ids: Vec<_> = entries(&api, &device).await.iter().map(|entry| entry["id"].as_i64().expect("an integer")).collect();
        assert!(ids.len() == 4 && ids.is_sorted_by(|left, right| left < right), "{ids:?}");
    }

    async fn a_create_is_a_patch_from_nothing(api: Registry) {
        let device = api.device().await;
        let values = api.values(&device).await;
        let patch = entries(&api, &device).await[0]["patch"].clone();
        for name in ["displayName", "owner", "serialNumber", "volume"] {
            assert_eq!(patch[name], values[name], "{name}");
        }
    }

    async fn removed_values_are_null_in_the_patch(api: Registry) {
        let device = api.device_with("device-types/house-alarm", json!({"timeZone": "UTC"})).await;
        let _ = api.patch(&device, json!({"timeZone": null, "volume": 2})).await.assert_status(200);
        assert_eq!(entries(&api, &device).await[1]["patch"], json!({"timeZone": null, "volume": 2}));
    }

    async fn a_singletons_change_stands_under_its_name(api: Registry) {
        let device = api.device().await;
        let _ = api.post(&format!("{device}/state:transition"), json!({"to": "On"})).await.assert_status(200);
        let _ = api.patch(&format!("{device}/state"), json!({"mode": "Ring"})).await.assert_status(200);
        let entries = entries(&api, &device).await;
        assert_eq!((&entries[1]["method"], &entries[1]["patch"]), (&json!("transition"), &json!({"state": {"mode": "On"}})));
        assert_eq!((&entries[2]["method"], &entries[2]["patch"]), (&json!("Update"), &json!({"state": {"mode": "Ring"}})));
    }

    async fn a_verb_is_named_in_its_entry(api: Workshop) {
        let shelf = api.shelf().await;
        let _ = api.post(&format!("{shelf}:fill"), json!({"amount": 3})).await.assert_status(200);
        let _ = api.call(&format!("{shelf}/lamp:light")).await.assert_status(200);
        let entries = entries(&api, &shelf).await;
        assert_eq!((&entries[1]["method"], &entries[1]["patch"]), (&json!("fill"), &json!({"stock": 3})));
        assert_eq!((&entries[2]["method"], &entries[2]["patch"]), (&json!("light"), &json!({"lamp": {"isLit": true}})));
    }

    async fn what_changed_nothing_adds_no_entry(api: Workshop) {
        let shelf = api.shelf().await;
        let _ = api.patch(&shelf, json!({})).await.assert_status(200);
        let _ = api.patch(&shelf, json!({"displayName": ""})).await.assert_status(422);
        let _ = api.patch(&format!("{shelf}?$validate=true"), json!({"displayName": "Dry"})).await.assert_status(200);
        let _ = api.call(&format!("{shelf}:inspect")).await.assert_status(200);
        let _ = api.call(&format!("{shelf}:explode")).await.assert_status(500);
        let _ = api.call(&format!("{shelf}:clear")).await.assert_status(409);
        let _ = api.get(&shelf).await.assert_status(200);
        assert_eq!(entries(&api, &shelf).await.len(), 1);
    }

    async fn a_replayed_request_adds_no_entry(api: Registry) {
        let device = api.device().await;
        for _ in 0..3 {
            let _ = api.patch(&device, json!({"volume": 1})).header("request-id", "once").await.assert_status(200);
        }
        assert_eq!(entries(&api, &device).await.len(), 2);
    }

    async fn entries_are_read_only(api: Registry) {
        let device = api.device().await;
        let url = entries(&api, &device).await[0]["url"].as_str().expect("a URL is a text").to_owned();
        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            let _ = api.request(method, &url).body(&json!({})).await.assert_refused(405, "MethodNotAllowed");
        }
        let _ = api.post(&format!("{device}/changes"), json!({})).await.assert_refused(405, "MethodNotAllowed");
        let _ = api.get(&format!("{device}/changes/4711")).await.assert_refused(404, "NotFound");
        let _ = api.get(&format!("{device}/changes/x")).await.assert_refused(400, "MalformedRequest");
    }

    async fn a_child_resources_change_is_its_own(api: Registry) {
        let device = api.device().await;
        let kind = device.split("/devices").next().expect("the type's path").to_owned();
        let _ = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        assert_eq!(entries(&api, &kind).await.len(), 1);
    }

    async fn an_id_made_anew_starts_with_an_empty_log(api: Registry) {
        let kind = api.kind("siren").await;
        let id = "11111111-1111-4111-8111-111111111111";
        for _ in 0..2 {
            let device = api.device_with(&kind, json!({"id": id})).await;
            assert_eq!(entries(&api, &device).await.len(), 1);
            let _ = api.delete(&device).await.assert_status(200);
            let _ = api.get(&format!("{device}/changes")).await.assert_refused(404, "NotFound");
        }
    }

    async fn a_request_that_changes_two_resources_adds_to_both_logs(api: Workshop) {
        let shelf = api.shelf().await;
        let other = format!("{}/b", shelf.strip_suffix("/a").expect("the shelf's id"));
        let _ = api.put(&other, json!({"displayName": "B", "code": "B1"})).await.assert_status(201);
        let _ = api.call(&format!("{shelf}:spread")).await.assert_status(200);
        for path in [&shelf, &other] {
            let entries = entries(&api, path).await;
            assert_eq!((entries.len(), &entries[1]["method"], &entries[1]["patch"]), (2, &json!("spread"), &json!({"stock": 1})));
        }
    }

    async fn the_log_is_paged_like_any_list(api: Registry) {
        let device = api.device().await;
        for volume in [1, 2, 3, 4] {
            let _ = api.patch(&device, json!({"volume": volume})).await.assert_status(200);
        }
        let all = api.column(&format!("{device}/changes"), "id").await;
        assert_eq!(api.column_of_all(&format!("{device}/changes?$limit=2"), "id").await, all);
        assert_eq!(api.count(&format!("{device}/changes")).await, 5);
    }
}

#[tokio::test]
async fn what_was_kept_for_as_long_as_is_declared_goes_and_the_rest_stays() {
    const DAY: Duration = Duration::from_secs(86_400);
    for stored in Stored::all() {
        let clock = Deterministic::with_step(7, Duration::from_micros(1));
        let api = Workshop::with(stored, |service| service.source(clock.clone())).await;
        let shelf = api.shelf().await;
        let rename = async |name: &str| {
            let _ = api.patch(&shelf, json!({"displayName": name})).await.assert_status(200);
        };
        // More than one step of what goes at once.
        for change in 0..149 {
            rename(&format!("Name {change}")).await;
        }
        let _ = api.post("catalogs", json!({"id": "nuts", "title": "All"})).await.assert_status(201);
        clock.advance(80 * DAY);
        rename("Late").await;
        assert_eq!(api.service.forget_changes().await, 0);
        let total =
            async || api.get(&format!("{shelf}/changes?$count=true")).await.meta()["totalCount"].clone();
        assert_eq!(total().await, 151);
        clock.advance(11 * DAY);
        assert_eq!(api.service.forget_changes().await, 150);
        assert_eq!(total().await, 1);
        assert_eq!(entries(&api, &shelf).await.iter().map(|entry| &entry["id"]).collect::<Vec<_>>(), [151]);
        api.get(&format!("{shelf}/changes/150")).await.assert_refused(404, "NotFound");
        // The resource is as it was, and its changes are counted on.
        rename("Later").await;
        assert_eq!(entries(&api, &shelf).await[1]["id"], 152);
        // Whoever keeps changes for good keeps them.
        assert_eq!(entries(&api, "catalogs/nuts").await.len(), 1);
    }
}
