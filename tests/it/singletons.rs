//! Singletons: there as soon as their parent is, and never made or deleted.

use http::Method;
use rest_standard_tests::{Registry, Workshop, allowed, on_every_store};
use serde_json::json;

on_every_store! {
    async fn r077_a_singleton_is_neither_created_nor_deleted(api: Workshop) {
        let shelf = api.shelf().await;
        for path in [format!("{shelf}/lamp"), "settings".to_owned()] {
            for method in [Method::POST, Method::DELETE] {
                let answer = api.request(method, &path).await;
                answer.assert_refused(405, "MethodNotAllowed");
                assert_eq!(allowed(&answer), ["GET", "HEAD", "OPTIONS", "PATCH", "PUT"]);
            }
        }
    }

    async fn r078_a_singleton_exists_as_soon_as_its_parent_does(api: Registry) {
        let device = api.device().await;
        let parent = api.values(&device).await;
        let state = api.values(&format!("{device}/state")).await;
        assert_eq!((&state["mode"], &state["id"]), (&json!("Off"), &json!("state")));
        assert_eq!(state["createdAt"], parent["createdAt"]);
        assert!(state["etag"].as_str().is_some_and(|etag| etag.len() > 2));
    }

    async fn r078_put_and_patch_work_on_a_singleton(api: Registry) {
        let kind = api.kind("siren").await;
        let machine = format!("{kind}/state-machine");
        let patched = api.patch(&machine, json!({"initial": "On"})).await.assert_status(200);
        assert_eq!((&patched.values()["initial"], patched.values()["transitions"].as_array().map(Vec::len)), (&json!("On"), Some(4)));
        let body = json!({"initial": "Ring", "transitions": [{"from": "Ring", "to": "Off", "verb": "calm"}]});
        let put = api.put(&machine, body.clone()).await.assert_status(200);
        assert_eq!((&put.values()["initial"], &put.values()["transitions"]), (&body["initial"], &body["transitions"]));
        assert_eq!(api.values(&machine).await, *put.values());
    }

    async fn r078_put_on_a_singleton_returns_omitted_fields_to_their_defaults(api: Workshop) {
        let _ = api.patch("settings", json!({"retentionDays": 7, "motto": "Hi"})).await.assert_status(200);
        let put = api.put("settings", json!({})).await.assert_status(200);
        assert_eq!((&put.values()["retentionDays"], &put.values()["motto"]), (&json!(30), &json!(null)));
    }

    async fn a_new_state_machine_has_the_standard_transitions(api: Registry) {
        let kind = api.kind("siren").await;
        let machine = api.values(&format!("{kind}/state-machine")).await;
        let moves = [("Off", "On", "turnOn"), ("On", "Off", "turnOff"), ("On", "Ring", "ring"), ("Ring", "On", "silence")];
        let expected: Vec<_> = moves.iter().map(|(from, to, verb)| json!({"from": from, "to": to, "verb": verb})).collect();
        assert_eq!((&machine["initial"], &machine["transitions"]), (&json!("Off"), &json!(expected)));
    }

    async fn a_new_device_starts_in_its_types_initial_mode(api: Registry) {
        let kind = api.kind("siren").await;
        let _ = api.patch(&format!("{kind}/state-machine"), json!({"initial": "On"})).await.assert_status(200);
        let device = api.device_with(&kind, json!({})).await;
        assert_eq!(api.values(&format!("{device}/state")).await["mode"], "On");
    }

    async fn an_untouched_singleton_keeps_its_etag(api: Registry) {
        let device = api.device().await;
        let before = api.values(&format!("{device}/state")).await;
        let _ = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        assert_eq!(api.values(&format!("{device}/state")).await, before);
    }

    async fn a_singletons_first_update_moves_its_etag_and_not_its_creation(api: Workshop) {
        let shelf = api.shelf().await;
        let before = api.values(&format!("{shelf}/lamp")).await;
        let after = api.patch(&format!("{shelf}/lamp"), json!({"level": 1})).await.assert_status(200).values().clone();
        assert_ne!(after["etag"], before["etag"]);
        assert_eq!(after["createdAt"], before["createdAt"]);
        let _ = api.patch(&format!("{shelf}/lamp"), json!({"level": 2})).header("if-match", before["etag"].as_str().unwrap_or_default()).await.assert_refused(412, "PreconditionFailed");
    }

    async fn an_update_of_an_untouched_singleton_that_changes_nothing_leaves_no_trace(api: Workshop) {
        let shelf = api.shelf().await;
        let before = api.values(&format!("{shelf}/lamp")).await;
        let same = api.patch(&format!("{shelf}/lamp"), json!({"level": 5})).await.assert_status(200);
        assert_eq!(*same.values(), before);
        assert_eq!(api.count(&format!("{shelf}/changes")).await, 1);
    }

    async fn the_singleton_of_an_absent_parent_is_absent(api: Registry) {
        let absent = "device-types/house-alarm/devices/11111111-1111-4111-8111-111111111111/state";
        let _ = api.get(absent).await.assert_refused(404, "NotFound");
        let _ = api.patch(absent, json!({"mode": "On"})).await.assert_refused(404, "NotFound");
        let _ = api.put(absent, json!({"mode": "On"})).await.assert_refused(404, "NotFound");
        let _ = api.post(&format!("{absent}:transition"), json!({"to": "On"})).await.assert_refused(404, "NotFound");
    }
}
