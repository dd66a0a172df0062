//! The author's rules: on every way in, before anything is written.

use http::Method;
use rest_standard_tests::{Workshop, locators, on_every_store};
use serde_json::json;

on_every_store! {
    async fn a_rule_completes_what_is_created_and_updated(api: Workshop) {
        let made = api.post("ledgers", json!({"id": "l", "title": "  Till "})).await.assert_status(201);
        assert_eq!(made.values()["title"], "Till");
        let patched = api.patch("ledgers/l", json!({"title": " Drawer "})).await.assert_status(200);
        assert_eq!(patched.values()["title"], "Drawer");
        assert_eq!(api.values("ledgers/l").await["title"], "Drawer");
    }

    async fn an_update_that_a_rule_turns_into_nothing_changes_nothing(api: Workshop) {
        let made = api.post("ledgers", json!({"id": "l", "title": "Till"})).await.assert_status(201);
        let patched = api.patch("ledgers/l", json!({"title": " Till "})).await.assert_status(200);
        assert_eq!(patched.values(), made.values());
    }

    async fn a_rule_refuses_a_create(api: Workshop) {
        let answer = api.post("ledgers", json!({"id": "l", "title": "forbidden"})).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), ["pointer /title"]);
        let _ = api.get("ledgers/l").await.assert_refused(404, "NotFound");
    }

    async fn a_rule_refuses_an_update_on_every_way(api: Workshop) {
        let _ = api.post("ledgers", json!({"id": "l", "title": "Till", "balance": 10})).await.assert_status(201);
        let before = api.values("ledgers/l").await;
        let patch = json!([{"op": "replace", "path": "/balance", "value": 9}]);
        let answers = [
            api.put("ledgers/l", json!({"title": "Till", "balance": 9})).await,
            api.patch("ledgers/l", json!({"balance": 9})).await,
            api.request(Method::PATCH, "ledgers/l").text("application/json-patch+json", patch.to_string()).await,
            api.post("ledgers/l:book", json!({"amount": -1})).await,
            api.patch("ledgers/l?$validate=true", json!({"balance": 9})).await,
        ];
        for answer in answers {
            let _ = answer.assert_refused(409, "FailedPrecondition");
        }
        assert_eq!(api.values("ledgers/l").await, before);
        let _ = api.post("ledgers/l:book", json!({"amount": 1})).await.assert_status(200);
    }

    async fn a_rule_refuses_a_delete(api: Workshop) {
        let _ = api.post("ledgers", json!({"id": "l", "title": "Till", "balance": 10})).await.assert_status(201);
        for path in ["ledgers/l", "ledgers/l?$force=true", "ledgers/l?$validate=true", "ledgers/l?$allowMissing=true"] {
            let _ = api.delete(path).await.assert_refused(409, "FailedPrecondition");
        }
        let _ = api.values("ledgers/l").await;
        let _ = api.post("ledgers", json!({"id": "m", "title": "Till"})).await.assert_status(201);
        let _ = api.delete("ledgers/m").await.assert_status(200);
    }

    async fn r098_r099_r193_declarations_alone_make_a_service(api: Workshop) {
        let root = api.get("").await.assert_status(200);
        for name in ["sites", "notices", "readings", "archives", "ledgers"] {
            let list = api.get(root.link(name, "GET")).await.assert_status(200);
            assert!(list.values().is_array(), "{name}");
        }
    }
}
