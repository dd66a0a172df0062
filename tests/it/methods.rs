//! The standard methods.

use http::Method;
use rest_standard_tests::{Registry, Workshop, allowed, on_every_store, without};
use serde_json::{Value as Json, json};

/// What an update moves whatever it says.
const MOVING: [&str; 4] = ["updatedAt", "updatedBy", "etag", "links"];

/// Asserts that `Allow` is true: exactly the methods that it names are not answered with 405.
async fn allow_is_true(api: &rest_standard_tests::Api, path: &str) -> Vec<String> {
    let named = allowed(&api.request(Method::OPTIONS, path).await.assert_status(200));
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let method = Method::from_bytes(method.as_bytes()).expect("a method's name");
        // A dry run, so that a DELETE takes nothing away; reads take it too.
        let answer = api.request(method.clone(), &format!("{path}?$validate=true")).body(&json!({})).await;
        let is_named = named.iter().any(|name| *name == method.as_str());
        assert_eq!(answer.status != 405, is_named, "{method} {path} with {named:?}\n{answer}");
        if answer.status == 405 {
            assert_eq!(allowed(&answer), named);
        }
    }
    named
}

on_every_store! {
    async fn r016_all_five_standard_methods_need_no_handler(api: Registry) {
        let made = api.post("device-types", json!({"id": "siren", "displayName": "Siren"})).await.assert_status(201);
        assert_eq!(api.values("device-types/siren").await, *made.values());
        assert!(api.column_of_all("device-types", "id").await.contains(&json!("siren")));
        let _ = api.patch("device-types/siren", json!({"displayName": "Loud"})).await.assert_status(200);
        let _ = api.put("device-types/siren", json!({"displayName": "Louder"})).await.assert_status(200);
        let _ = api.delete("device-types/siren").await.assert_status(200);
        assert!(!api.column_of_all("device-types", "id").await.contains(&json!("siren")));
    }

    async fn r017_a_list_is_an_array(api: Registry) {
        let devices = api.devices_named(&["a", "b"]).await;
        let answer = api.get(&devices).await.assert_status(200);
        assert_eq!(answer.values().as_array().map(Vec::len), Some(2));
    }

    async fn r018_a_read_is_one_object(api: Registry) {
        let device = api.device().await;
        let answer = api.get(&device).await.assert_status(200);
        assert!(answer.values().is_object());
        assert_eq!(answer.values()["volume"], 5);
    }

    async fn r019_create_returns_the_created_resource(api: Registry) {
        let kind = api.kind("siren").await;
        let body = api.device_body();
        let made = api.post(&format!("{kind}/devices"), body.clone()).await.assert_status(201);
        for (name, sent) in body.as_object().expect("an object") {
            assert_eq!(made.values()[name], *sent);
        }
        let url = made.values()["url"].as_str().expect("a URL is a text");
        assert_eq!(api.values(url).await, *made.values());
    }

    async fn r020_put_and_patch_return_the_updated_resource(api: Registry) {
        let device = api.device().await;
        let patched = api.patch(&device, json!({"volume": 7})).await.assert_status(200);
        assert_eq!(patched.values()["volume"], 7);
        assert_eq!(api.values(&device).await, *patched.values());
        let mut body = patched.values().clone();
        body["volume"] = json!(8);
        let put = api.put(&device, body).await.assert_status(200);
        assert_eq!(put.values()["volume"], 8);
        assert_eq!(api.values(&device).await, *put.values());
    }

    async fn r021_r072_delete_needs_no_body_and_leaves_nothing(api: Registry) {
        let device = api.device().await;
        let answer = api.delete(&device).await.assert_status(200);
        assert_eq!(*answer.values(), json!({}));
        let _ = api.get(&device).await.assert_refused(404, "NotFound");
        let _ = api.delete(&device).await.assert_refused(404, "NotFound");
        let _ = api.get(&format!("{device}/state")).await.assert_refused(404, "NotFound");
        let _ = api.get(&format!("{device}/changes")).await.assert_refused(404, "NotFound");
    }

    async fn r022_methods_are_switched_by_the_declaration(api: Workshop) {
        let _ = api.post("archives", json!({"id": "a", "title": "t"})).await.assert_status(201);
        let archive = allow_is_true(&api, "archives/a").await;
        assert!(archive.iter().any(|method| method == "PUT") && !archive.iter().any(|method| method == "DELETE"));
        let readings = allow_is_true(&api, "readings").await;
        assert!(readings.iter().any(|method| method == "GET") && !readings.iter().any(|method| method == "POST"));
        let refused = api.post("readings", json!({"value": 1.0})).await;
        refused.assert_refused(405, "MethodNotAllowed");
    }

    async fn r022_allow_is_true_everywhere(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        for path in ["device-types", "device-types/house-alarm", &device, &state, &format!("{device}/changes")] {
            let named = allow_is_true(&api, path).await;
            assert!(named.iter().any(|method| method == "GET"), "{path}: {named:?}");
            assert!(named.iter().any(|method| method == "HEAD") && named.iter().any(|method| method == "OPTIONS"));
        }
        assert_eq!(allow_is_true(&api, &format!("{state}:transition")).await, ["OPTIONS", "POST"]);
    }

    async fn r024_create_answers_201_with_the_location_of_the_resource(api: Registry) {
        let made = api.post("device-types", json!({"id": "siren", "displayName": "Siren"})).await.assert_status(201);
        assert_eq!(made.values()["url"], made.header("location"));
        assert_eq!(api.values(made.header("location")).await, *made.values());
        assert_eq!(made.values()["etag"], made.header("etag"));
    }

    async fn r025_a_custom_method_creates_nothing_by_itself(api: Registry) {
        let device = api.device().await;
        let devices = device.rsplit_once('/').expect("a path").0.to_owned();
        let before = api.count(&devices).await;
        let _ = api.post(&format!("{device}/state:transition"), json!({"to": "On"})).await.assert_status(200);
        assert_eq!(api.count(&devices).await, before);
        let _ = api.post(&device, json!({})).await.assert_refused(405, "MethodNotAllowed");
    }

    async fn r026_put_returns_omitted_optional_fields_to_their_defaults(api: Registry) {
        let device = api.device_with(&api.kind("siren").await, json!({
            "volume": 9, "enabled": false, "tags": ["a"], "timeZone": "Europe/Berlin", "languageCode": "de",
        })).await;
        let serial = api.values(&device).await["serialNumber"].clone();
        let body = json!({"displayName": "Hall", "owner": "ada", "serialNumber": serial});
        let put = api.put(&device, body).await.assert_status(200);
        let values = put.values();
        assert_eq!((&values["volume"], &values["enabled"], &values["tags"]), (&json!(5), &json!(true), &json!([])));
        assert_eq!((&values["timeZone"], &values["languageCode"]), (&Json::Null, &Json::Null));
    }

    async fn r026_put_without_a_required_field_is_a_422(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        let answer = api.put(&device, json!({"displayName": "Hall"})).await;
        answer.assert_refused(422, "InvalidValue");
        assert!(rest_standard_tests::locators(&answer).contains(&"pointer /owner".to_owned()), "{answer}");
        assert_eq!(api.values(&device).await, before);
    }

    async fn r027_put_on_an_absent_id_creates_where_upsert_is_declared(api: Workshop) {
        let site = api.site().await;
        let path = format!("{site}/shelves/b");
        let made = api.put(&path, json!({"displayName": "B", "code": "B1"})).await.assert_status(201);
        assert_eq!((&made.values()["id"], made.header("location")), (&json!("b"), made.values()["url"].as_str().unwrap_or_default()));
        let again = api.put(&path, json!({"displayName": "B2", "code": "B1"})).await.assert_status(200);
        assert_eq!((&again.values()["displayName"], again.find_header("location")), (&json!("B2"), None));
        assert_eq!(api.count(&format!("{site}/shelves")).await, 1);
    }

    async fn r027_put_on_an_absent_id_is_a_404_elsewhere(api: Registry) {
        let answer = api.put("device-types/absent", json!({"displayName": "A"})).await;
        answer.assert_refused(404, "NotFound");
        let _ = api.get("device-types/absent").await.assert_refused(404, "NotFound");
    }

    async fn r027_put_below_an_absent_parent_is_a_404(api: Workshop) {
        let answer = api.put("sites/4711/shelves/b", json!({"displayName": "B", "code": "B1"})).await;
        answer.assert_refused(404, "NotFound");
    }

    async fn r028_patch_changes_only_what_is_sent(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        let patched = api.patch(&device, json!({"volume": 7})).await.assert_status(200);
        let ignored = [&MOVING[..], &["volume"]].concat();
        assert_eq!(without(patched.values(), &ignored), without(&before, &ignored));
        assert_eq!(patched.values()["volume"], 7);
    }

    async fn r028_both_patch_formats_and_plain_json_are_taken(api: Registry) {
        let device = api.device().await;
        let kinds = [
            ("application/merge-patch+json", json!({"volume": 1}), 1),
            ("application/json", json!({"volume": 2}), 2),
            ("application/json-patch+json", json!([{"op": "replace", "path": "/volume", "value": 3}]), 3),
            ("application/merge-patch+json; charset=utf-8", json!({"volume": 4}), 4),
        ];
        for (kind, body, volume) in kinds {
            let answer = api.request(Method::PATCH, &device).text(kind, body.to_string()).await.assert_status(200);
            assert_eq!(answer.values()["volume"], volume, "{kind}");
        }
    }

    async fn json_patch_has_all_six_operations(api: Registry) {
        let device = api.device_with(&api.kind("siren").await, json!({"tags": ["a", "b"], "volume": 3})).await;
        let patch = json!([
            {"op": "test", "path": "/volume", "value": 3},
            {"op": "add", "path": "/tags/-", "value": "c"},
            {"op": "remove", "path": "/tags/0"},
            {"op": "copy", "from": "/displayName", "path": "/owner"},
            {"op": "move", "from": "/tags/0", "path": "/tags/1"},
            {"op": "replace", "path": "/volume", "value": 4},
        ]);
        let answer = api.request(Method::PATCH, &device).text("application/json-patch+json", patch.to_string()).await.assert_status(200);
        assert_eq!((&answer.values()["tags"], &answer.values()["owner"]), (&json!(["c", "b"]), &json!("Hall")));
        assert_eq!(answer.values()["volume"], 4);
    }

    async fn a_failed_json_patch_test_is_a_failed_precondition(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        let patch = json!([
            {"op": "replace", "path": "/volume", "value": 1},
            {"op": "test", "path": "/owner", "value": "somebody else"},
        ]);
        let answer = api.request(Method::PATCH, &device).text("application/json-patch+json", patch.to_string()).await;
        answer.assert_refused(409, "FailedPrecondition");
        assert_eq!(api.values(&device).await, before);
    }

    async fn a_broken_json_patch_is_refused_whole(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        for patch in [
            json!({"volume": 1}),
            json!([{"op": "conjure", "path": "/volume"}]),
            json!([{"op": "replace", "path": "/volume", "value": 1}, {"op": "replace", "path": "volume", "value": 2}]),
            json!([{"op": "replace", "path": "/volume", "value": 1}, {"op": "remove", "path": "/nothing"}]),
            json!([{"op": "replace", "path": "/volume", "value": 11}]),
            json!([{"op": "replace", "path": "", "value": null}]),
            json!([{"op": "add", "path": "/colour", "value": "red"}]),
        ] {
            let answer = api.request(Method::PATCH, &device).text("application/json-patch+json", patch.to_string()).await;
            assert!([400, 409, 422].contains(&answer.status), "{patch}\n{answer}");
            assert_eq!(api.values(&device).await, before);
        }
    }

    async fn r028_other_media_types_are_a_415_with_accept_patch(api: Registry) {
        let device = api.device().await;
        for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense"] {
            let answer = api.request(Method::PATCH, &device).text(kind, "{}").await;
            answer.assert_refused(415, "UnsupportedMediaType");
            let taken = answer.header("accept-patch");
            assert!(taken.contains("application/merge-patch+json") && taken.contains("application/json-patch+json"));
        }
        for (method, path) in [(Method::POST, "device-types"), (Method::PUT, device.as_str())] {
            let answer = api.request(method, path).text("application/xml", "<a/>").await;
            answer.assert_refused(415, "UnsupportedMediaType");
        }
    }

    async fn r029_patch_never_creates(api: Workshop) {
        let site = api.site().await;
        let path = format!("{site}/shelves/absent");
        let answer = api.patch(&path, json!({"displayName": "B", "code": "B1"})).await;
        answer.assert_refused(404, "NotFound");
        let _ = api.get(&path).await.assert_refused(404, "NotFound");
    }

    async fn r030_the_same_put_again_changes_nothing(api: Registry) {
        let device = api.device().await;
        let mut body = api.values(&device).await;
        body["volume"] = json!(2);
        let first = api.put(&device, body.clone()).await.assert_status(200);
        for _ in 0..3 {
            assert_eq!(api.put(&device, body.clone()).await.assert_status(200).values(), first.values());
        }
        assert_eq!(api.values(&device).await, *first.values());
    }

    async fn r031_two_posts_without_a_common_id_create_two(api: Registry) {
        let kind = api.kind("siren").await;
        let devices = format!("{kind}/devices");
        for id in ["one", "two"] {
            let body = api.device_body();
            let _ = api.post(&devices, body).header("request-id", id).await.assert_status(201);
        }
        assert_eq!(api.count(&devices).await, 2);
    }

    async fn an_update_that_changes_nothing_leaves_no_trace(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        let changes = api.count(&format!("{device}/changes")).await;
        let put = api.put(&device, before.clone()).await.assert_status(200);
        let empty = api.patch(&device, json!({})).await.assert_status(200);
        let same = api.patch(&device, json!({"volume": before["volume"]})).await.assert_status(200);
        for answer in [put, empty, same] {
            assert_eq!((answer.values(), answer.values()["etag"].as_str()), (&before, answer.find_header("etag")));
        }
        assert_eq!(api.values(&device).await, before);
        assert_eq!(api.count(&format!("{device}/changes")).await, changes);
    }

    async fn r074_a_failed_delete_has_no_data(api: Registry) {
        let answer = api.delete("device-types/absent").await;
        answer.assert_refused(404, "NotFound");
        assert!(answer.body["data"].is_null());
    }

    async fn delete_of_an_absent_resource_may_be_allowed(api: Registry) {
        let kind = api.kind("siren").await;
        let absent = format!("{kind}/attributes/absent");
        let answer = api.delete(&format!("{absent}?$allowMissing=true")).await.assert_status(200);
        assert_eq!(*answer.values(), json!({}));
        let _ = api.delete(&format!("{absent}?$allowMissing=false")).await.assert_refused(404, "NotFound");
        let _ = api.delete("device-types/absent?$allowMissing=true").await.assert_status(200);
        let device = api.device_with(&kind, json!({})).await;
        let _ = api.delete(&format!("{device}?$allowMissing=true")).await.assert_status(200);
        let _ = api.get(&device).await.assert_refused(404, "NotFound");
    }

    async fn delete_with_children_needs_force(api: Workshop) {
        let shelf = api.shelf().await;
        let site = shelf.split("/shelves").next().expect("the site's path").to_owned();
        let answer = api.delete(&site).await;
        answer.assert_refused(409, "HasChildren");
        let _ = api.delete(&format!("{site}?$force=false")).await.assert_refused(409, "HasChildren");
        let _ = api.values(&shelf).await;
        let _ = api.delete(&format!("{site}?$force=true")).await.assert_status(200);
        let _ = api.get(&site).await.assert_refused(404, "NotFound");
        let _ = api.get(&shelf).await.assert_refused(404, "NotFound");
    }

    async fn a_refused_delete_names_every_kind_of_children(api: Registry) {
        let device = api.device().await;
        let kind = device.split("/devices").next().expect("the type's path").to_owned();
        let attribute = json!({"id": "weight", "displayName": "Weight", "isRequired": false});
        let _ = api.post(&format!("{kind}/attributes"), attribute).await.assert_status(201);
        let answer = api.delete(&kind).await;
        answer.assert_refused(409, "HasChildren");
        let told = "The resource still has attributes and devices; delete them first, or send `$force=true`.";
        assert_eq!(answer.body["status"]["description"], told);
    }

    async fn force_takes_all_levels_along(api: Workshop) {
        let shelf = api.shelf().await;
        let site = shelf.split("/shelves").next().expect("the site's path").to_owned();
        let _ = api.post(&format!("{shelf}/items"), json!({"id": "bolt", "displayName": "Bolt"})).await.assert_status(201);
        let _ = api.delete(&site).await.assert_refused(409, "HasChildren");
        let _ = api.delete(&format!("{site}?$force=true")).await.assert_status(200);
        for path in [&site, &shelf, &format!("{shelf}/items"), &format!("{shelf}/items/bolt"), &format!("{shelf}/lamp")] {
            let _ = api.get(path).await.assert_refused(404, "NotFound");
        }
    }

    async fn a_resource_made_anew_has_nothing_of_the_old_one(api: Workshop) {
        let shelf = api.shelf().await;
        let old = api.values(&shelf).await;
        let _ = api.patch(&format!("{shelf}/lamp"), json!({"level": 9})).await.assert_status(200);
        let _ = api.post(&format!("{shelf}/items"), json!({"id": "bolt", "displayName": "Bolt"})).await.assert_status(201);
        let _ = api.delete(&format!("{shelf}?$force=true")).await.assert_status(200);
        let new = api.put(&shelf, json!({"displayName": "Upper", "code": "NEW"})).await.assert_status(201);
        assert_ne!(new.values()["etag"], old["etag"]);
        assert_eq!(api.values(&format!("{shelf}/lamp")).await["level"], 5);
        assert_eq!(api.count(&format!("{shelf}/items")).await, 0);
        assert_eq!(api.count(&format!("{shelf}/changes")).await, 1);
    }

    async fn r125_head_is_get_without_a_body(api: Registry) {
        let device = api.device().await;
        for path in [device.as_str(), "device-types", "", "device-types/absent", &format!("{device}/state")] {
            let get = api.get(path).await;
            let head = api.request(Method::HEAD, path).await;
            assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
            for name in ["content-type", "etag", "cache-control", "link", "api-version"] {
                assert_eq!(head.find_header(name), get.find_header(name), "{name} of {path}");
            }
        }
    }

    async fn options_tell_the_methods_and_the_patch_formats(api: Registry) {
        let device = api.device().await;
        let answer = api.request(Method::OPTIONS, &device).await.assert_status(200);
        assert_eq!(allowed(&answer), ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"]);
        assert!(answer.header("accept-patch").contains("application/json-patch+json"));
        let list = api.request(Method::OPTIONS, "device-types").await.assert_status(200);
        assert_eq!(allowed(&list), ["GET", "HEAD", "OPTIONS", "POST"]);
    }

    async fn creating_below_an_absent_parent_is_a_404(api: Registry) {
        let body = api.device_body();
        let _ = api.post("device-types/absent/devices", body).await.assert_refused(404, "NotFound");
    }

    async fn an_id_and_a_unique_value_are_taken_once(api: Workshop) {
        let shelf = api.shelf().await;
        let shelves = shelf.strip_suffix("/a").expect("the shelf's id").to_owned();
        let code = api.values(&shelf).await["code"].clone();
        let taken = api.post(&shelves, json!({"id": "a", "displayName": "A", "code": "other"})).await;
        taken.assert_refused(409, "AlreadyExists");
        let taken = api.post(&shelves, json!({"id": "b", "displayName": "B", "code": code})).await;
        taken.assert_refused(409, "AlreadyExists");
        assert_eq!(taken.errors()[0]["pointer"], "/code");
        assert_eq!(api.count(&shelves).await, 1);
        let _ = api.delete(&shelf).await.assert_status(200);
        let _ = api.post(&shelves, json!({"id": "b", "displayName": "B", "code": code})).await.assert_status(201);
    }

    async fn a_json_patch_is_what_the_document_says(api: Registry) {
        let document = api.get("openapi.json").unchecked().await.assert_status(200).body;
        let schema = &document["components"]["schemas"]["ApiJsonPatchOperation"];
        assert_eq!(schema["then"]["required"], json!(["value"]));
        assert_eq!(schema["else"]["then"]["required"], json!(["from"]));
        assert_eq!(schema["properties"]["path"]["pattern"], "^(/([^~/]|~[01])*)+$");
        let device = api.device().await;
        for operation in [
            json!({"op": "replace", "path": "/owner"}),
            json!({"op": "move", "path": "/owner"}),
            json!({"op": "remove", "path": "owner"}),
            json!({"op": "remove", "path": ""}),
        ] {
            let text = json!([operation]).to_string();
            let patch = api.request(Method::PATCH, &device).text("application/json-patch+json", text);
            let _ = patch.await.assert_status(400);
        }
    }

    async fn a_unique_value_is_unique_over_all_parents(api: Registry) {
        let device = api.device().await;
        let serial = api.values(&device).await["serialNumber"].clone();
        let kind = api.kind("other").await;
        let mut body = api.device_body();
        body["serialNumber"] = serial;
        let _ = api.post(&format!("{kind}/devices"), body).await.assert_refused(409, "AlreadyExists");
    }
}
