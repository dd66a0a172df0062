//! Conditional requests and caching.

use http::Method;
use rest_standard_tests::{Registry, Workshop, on_every_store};
use serde_json::json;

/// The `ETag` header of a read.
async fn tag(api: &rest_standard_tests::Api, path: &str) -> String {
    api.get(path).await.assert_status(200).header("etag").to_owned()
}

on_every_store! {
    async fn the_etag_header_is_the_etag_field(api: Registry) {
        let device = api.device().await;
        for path in [device.clone(), format!("{device}/state"), "device-types/house-alarm".to_owned()] {
            assert_eq!(tag(&api, &path).await, api.values(&path).await["etag"]);
        }
        let patched = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        assert_eq!(patched.header("etag"), patched.values()["etag"]);
    }

    async fn r006_a_matching_if_none_match_is_a_304(api: Registry) {
        let device = api.device().await;
        let tag = tag(&api, &device).await;
        for condition in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            for method in [Method::GET, Method::HEAD] {
                let answer = api.request(method, &device).header("if-none-match", &condition).await;
                assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{condition}");
                assert_eq!((answer.header("etag"), answer.find_header("cache-control")), (&*tag, Some("private, no-cache")));
            }
        }
        let _ = api.get(&device).header("if-none-match", "\"other\"").await.assert_status(200);
    }

    async fn a_304_is_over_once_the_resource_changes(api: Registry) {
        let device = api.device().await;
        let tag = tag(&api, &device).await;
        let _ = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        let _ = api.get(&device).header("if-none-match", &tag).await.assert_status(200);
    }

    async fn a_matching_if_none_match_is_a_412_for_writes(api: Registry) {
        let device = api.device().await;
        let tag = tag(&api, &device).await;
        let before = api.values(&device).await;
        let _ = api.patch(&device, json!({"volume": 1})).header("if-none-match", &tag).await.assert_refused(412, "PreconditionFailed");
        let _ = api.put(&device, before.clone()).header("if-none-match", "*").await.assert_refused(412, "PreconditionFailed");
        let _ = api.delete(&device).header("if-none-match", &tag).await.assert_refused(412, "PreconditionFailed");
        assert_eq!(api.values(&device).await, before);
    }

    async fn a_failed_if_match_is_a_412_for_every_method(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        for condition in ["\"other\"", "\"a\", \"b\"", &format!("W/{}", tag(&api, &device).await)] {
            for method in [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE] {
                let mut request = api.request(method.clone(), &device).header("if-match", condition);
                if [Method::PUT, Method::PATCH].contains(&method) {
                    request = request.body(&before);
                }
                assert_eq!(request.await.status, 412, "{method} {condition}");
            }
        }
        let answer = api.post(&format!("{device}/state:transition"), json!({"to": "On"})).header("if-match", "\"x\"").await;
        answer.assert_refused(412, "PreconditionFailed");
        assert_eq!(api.values(&device).await, before);
    }

    async fn a_fulfilled_if_match_lets_a_write_through(api: Registry) {
        let device = api.device().await;
        let first = tag(&api, &device).await;
        let _ = api.patch(&device, json!({"volume": 1})).header("if-match", &first).await.assert_status(200);
        let _ = api.patch(&device, json!({"volume": 2})).header("if-match", &first).await.assert_refused(412, "PreconditionFailed");
        let _ = api.patch(&device, json!({"volume": 2})).header("if-match", "*").await.assert_status(200);
        let second = tag(&api, &device).await;
        let _ = api.delete(&device).header("if-match", &format!("\"x\", {second}")).await.assert_status(200);
    }

    async fn an_if_match_on_a_verb_is_for_the_node_it_stands_on(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        let (own, parents) = (tag(&api, &state).await, tag(&api, &device).await);
        let verb = format!("{state}:transition");
        let _ = api.post(&verb, json!({"to": "On"})).header("if-match", &parents).await.assert_refused(412, "PreconditionFailed");
        let _ = api.post(&verb, json!({"to": "On"})).header("if-match", &own).await.assert_status(200);
    }

    async fn an_if_match_takes_any_suffix_of_the_current_revision(api: Registry) {
        let device = api.device().await;
        let tag = tag(&api, &device).await;
        let suffixed = format!("{};x\"", tag.strip_suffix('"').expect("quotes"));
        let _ = api.patch(&device, json!({"volume": 1})).header("if-match", &suffixed).await.assert_status(200);
        let _ = api.patch(&device, json!({"volume": 2})).header("if-match", &suffixed).await.assert_refused(412, "PreconditionFailed");
    }

    async fn an_if_none_match_compares_the_whole_tag(api: Registry) {
        let device = api.device().await;
        let tag = tag(&api, &device).await;
        let suffixed = format!("{};x\"", tag.strip_suffix('"').expect("quotes"));
        let _ = api.get(&device).header("if-none-match", &suffixed).await.assert_status(200);
    }

    async fn if_none_match_star_with_put_creates_only(api: Workshop) {
        let site = api.site().await;
        let path = format!("{site}/shelves/b");
        let body = json!({"displayName": "B", "code": "B1"});
        let _ = api.put(&path, body.clone()).header("if-none-match", "*").await.assert_status(201);
        let _ = api.put(&path, body).header("if-none-match", "*").await.assert_refused(412, "PreconditionFailed");
    }

    async fn an_if_match_on_an_absent_resource_keeps_put_from_creating(api: Workshop) {
        let site = api.site().await;
        let path = format!("{site}/shelves/b");
        let answer = api.put(&path, json!({"displayName": "B", "code": "B1"})).header("if-match", "*").await;
        assert!([404, 412].contains(&answer.status), "{answer}");
        let _ = api.get(&path).await.assert_refused(404, "NotFound");
    }

    async fn a_node_may_demand_an_if_match(api: Workshop) {
        let made = api.post("notices", json!({"text": "t"})).await.assert_status(201);
        let notice = made.header("location").to_owned();
        for answer in [
            api.patch(&notice, json!({"text": "u"})).await, api.put(&notice, json!({"text": "u"})).await, api.delete(&notice).await,
        ] {
            let _ = answer.assert_refused(428, "PreconditionRequired");
        }
        let changed = api.patch(&notice, json!({"text": "u"})).header("if-match", made.header("etag")).await.assert_status(200);
        let _ = api.delete(&notice).header("if-match", changed.header("etag")).await.assert_status(200);
    }

    async fn r006_answers_are_private_and_never_stale(api: Registry) {
        let device = api.device().await;
        for path in [device.as_str(), "device-types", "", &format!("{device}/state")] {
            assert_eq!(api.get(path).await.header("cache-control"), "private, no-cache", "{path}");
        }
    }

    async fn vary_names_only_what_the_url_left_open(api: Registry) {
        let device = api.device().await;
        for path in [format!("{device}.json"), "device-types.json".to_owned()] {
            let answer = api.get(&path).await.assert_status(200);
            let vary = answer.find_header("vary").unwrap_or_default().to_ascii_lowercase();
            assert!(vary.split(',').map(str::trim).all(|name| ["", "accept-encoding"].contains(&name)), "{vary}");
        }
    }

    async fn malformed_conditions_are_refused(api: Registry) {
        let device = api.device().await;
        for name in ["if-match", "if-none-match"] {
            for bad in ["unquoted", "\"open", "\"a\" \"b\"", ""] {
                let answer = api.patch(&device, json!({"volume": 1})).header(name, bad).await;
                assert!([400, 412].contains(&answer.status), "{name}: {bad}\n{answer}");
            }
        }
        assert_eq!(api.values(&device).await["volume"], 5);
    }

    async fn responses_cannot_be_mistaken_for_another_kind(api: Registry) {
        for path in ["", "device-types", "nothing", "/ping"] {
            assert_eq!(api.get(path).await.header("x-content-type-options"), "nosniff");
        }
    }
}
