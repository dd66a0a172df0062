//! Custom methods.

use http::Method;
use rest_standard::{command::Service, prelude::*, testing::TestService};
use rest_standard_tests::{Registry, Workshop, allowed, locators, on_every_store};
use serde_json::json;

on_every_store! {
    async fn r035_a_custom_method_answers_post_alone(api: Registry) {
        let device = api.device().await;
        let verb = format!("{device}/state:transition");
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = api.request(method.clone(), &verb).await;
            assert_eq!(answer.status, 405, "{method}");
            assert!(allowed(&answer).contains(&"POST".to_owned()) && !allowed(&answer).contains(&"GET".to_owned()));
        }
    }

    async fn r035_a_read_only_method_answers_get_too(api: Workshop) {
        let shelf = api.shelf().await;
        let _ = api.post(&format!("{shelf}:fill"), json!({"amount": 3})).await.assert_status(200);
        let before = api.values(&shelf).await;
        for method in [Method::GET, Method::POST] {
            let answer = api.request(method, &format!("{shelf}:inspect")).await.assert_status(200);
            assert_eq!(*answer.values(), json!({"foundStock": 3, "isComplete": false}));
        }
        assert_eq!(api.values(&shelf).await, before);
    }

    async fn r036_a_verb_moves_the_state_machine(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        for (verb, body, mode) in [
            ("transition", json!({"to": "On"}), "On"), ("ring", json!({}), "Ring"), ("silence", json!({}), "On"),
            ("transition", json!({"to": "Off"}), "Off"),
        ] {
            let answer = api.post(&format!("{state}:{verb}"), body).await.assert_status(200);
            assert_eq!(answer.values()["mode"], mode, "{verb}");
            assert_eq!(api.values(&state).await, *answer.values());
        }
    }

    async fn r036_an_undeclared_transition_is_refused(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        let before = api.values(&state).await;
        for (verb, body) in [("transition", json!({"to": "Ring"})), ("ring", json!({})), ("silence", json!({}))] {
            let _ = api.post(&format!("{state}:{verb}"), body).await.assert_refused(409, "FailedPrecondition");
            assert_eq!(api.values(&state).await, before);
        }
    }

    async fn r036_the_types_machine_decides_as_it_stands(api: Registry) {
        let kind = api.kind("siren").await;
        let device = api.device_with(&kind, json!({})).await;
        let verb = format!("{device}/state:transition");
        let machine = json!({"initial": "Off", "transitions": [{"from": "Off", "to": "Ring", "verb": "panic"}]});
        let _ = api.put(&format!("{kind}/state-machine"), machine).await.assert_status(200);
        let _ = api.post(&verb, json!({"to": "On"})).await.assert_refused(409, "FailedPrecondition");
        let _ = api.post(&verb, json!({"to": "Ring"})).await.assert_status(200);
    }

    async fn r036_the_types_machine_judges_every_way_to_a_mode(api: Registry) {
        let kind = api.kind("siren").await;
        let device = api.device_with(&kind, json!({})).await;
        let state = format!("{device}/state");
        let machine = format!("{kind}/state-machine");
        let before = api.values(&state).await;
        let told = "The state machine of the device's type has no transition from Off to Ring.";
        for method in [Method::PUT, Method::PATCH] {
            for path in [state.clone(), format!("{state}?$validate=true")] {
                let answer = api.request(method.clone(), &path).text("application/json", r#"{"mode": "Ring"}"#).await;
                answer.assert_refused(409, "FailedPrecondition");
                assert_eq!(answer.body["status"]["description"], told);
            }
        }
        let _ = api.put(&state, json!({"mode": "Off"})).await.assert_status(200);
        assert_eq!(api.values(&state).await, before);
        let _ = api.put(&state, json!({"mode": "On"})).await.assert_status(200);
        let _ = api.patch(&machine, json!({"transitions": [{"from": "On", "to": "Off", "verb": "turnOff"}]})).await.assert_status(200);
        let _ = api.call(&format!("{state}:ring")).await.assert_refused(409, "FailedPrecondition");
        let _ = api.patch(&state, json!({"mode": "Off"})).await.assert_status(200);
    }

    async fn a_methods_input_is_checked_like_a_resource(api: Registry) {
        let device = api.device().await;
        let verb = format!("{device}/state:transition");
        let _ = api.post(&verb, json!({"to": "Loud"})).await.assert_refused(422, "InvalidValue");
        let _ = api.post(&verb, json!({"to": 1})).await.assert_refused(422, "InvalidValue");
        let answer = api.post(&verb, json!({"to": "On", "tu": "On"})).await;
        answer.assert_refused(400, "UnknownField");
        assert_eq!(locators(&answer), ["pointer /tu"]);
        let _ = api.post(&verb, json!([])).await.assert_status(422);
    }

    async fn a_required_enum_has_no_default(api: Registry) {
        let device = api.device().await;
        let verb = format!("{device}/state:transition");
        for body in [json!({}), json!({"to": null})] {
            let answer = api.post(&verb, body).await;
            answer.assert_refused(422, "InvalidValue");
            assert_eq!(locators(&answer), ["pointer /to"]);
        }
        let document = api.get("openapi.json").unchecked().await.body;
        let target = &document["components"]["schemas"]["TransitionTargetInput"];
        assert_eq!(target["required"], json!(["to"]));
        assert_eq!(target["properties"]["to"]["anyOf"], json!(null));
    }

    async fn a_method_without_input_takes_no_members(api: Registry) {
        let device = api.device().await;
        let _ = api.patch(&format!("{device}/state"), json!({"mode": "On"})).await.assert_status(200);
        let answer = api.post(&format!("{device}/state:ring"), json!({"loud": true})).await;
        answer.assert_refused(400, "UnknownField");
        assert_eq!(api.values(&format!("{device}/state")).await["mode"], "On");
    }

    async fn a_missing_input_is_refused(api: Workshop) {
        let shelf = api.shelf().await;
        let answer = api.call(&format!("{shelf}:fill")).await;
        assert!([400, 422].contains(&answer.status), "{answer}");
        let _ = api.post(&format!("{shelf}:fill"), json!({})).await.assert_refused(422, "InvalidValue");
    }

    async fn a_method_answers_with_its_declared_type(api: Workshop) {
        let shelf = api.shelf().await;
        let _ = api.post(&format!("{shelf}:fill"), json!({"amount": 3})).await.assert_status(200);
        let cleared = api.call(&format!("{shelf}:clear")).await.assert_status(200);
        assert_eq!(*cleared.values(), json!({"foundStock": 3, "isComplete": true}));
        assert_eq!(api.values(&shelf).await["stock"], 0);
    }

    async fn a_forbidden_method_says_409_and_changes_nothing(api: Workshop) {
        let shelf = api.shelf().await;
        let before = api.values(&shelf).await;
        let _ = api.call(&format!("{shelf}:clear")).await.assert_refused(409, "FailedPrecondition");
        assert_eq!(api.values(&shelf).await, before);
    }

    async fn a_method_on_an_absent_resource_is_a_404(api: Workshop) {
        let shelf = api.shelf().await;
        let absent = format!("{}/absent", shelf.strip_suffix("/a").expect("the shelf's id"));
        let _ = api.post(&format!("{absent}:fill"), json!({"amount": 1})).await.assert_refused(404, "NotFound");
        let _ = api.call(&format!("{absent}/lamp:light")).await.assert_refused(404, "NotFound");
        let _ = api.post("sites/4711/shelves:tally", json!({"amount": 1})).await.assert_refused(404, "NotFound");
    }

    async fn what_a_method_reads_and_writes_elsewhere_is_one_commit(api: Workshop) {
        let shelf = api.shelf().await;
        let other = format!("{}/b", shelf.strip_suffix("/a").expect("the shelf's id"));
        let _ = api.call(&format!("{shelf}:spread")).await.assert_refused(404, "NotFound");
        assert_eq!(api.values(&shelf).await["stock"], 0);
        let _ = api.put(&other, json!({"displayName": "B", "code": "B1"})).await.assert_status(201);
        let _ = api.call(&format!("{shelf}:spread")).await.assert_status(200);
        assert_eq!((&api.values(&shelf).await["stock"], &api.values(&other).await["stock"]), (&json!(1), &json!(1)));
        assert_ne!(api.values(&shelf).await["etag"], api.values(&other).await["etag"]);
    }

    async fn a_method_that_left_everything_as_it_was_changes_nothing(api: Workshop) {
        let before = api.values("settings").await;
        let answer = api.call("settings:restore").await.assert_status(200);
        assert_eq!(*answer.values(), before);
    }
}

/// Something to weigh.
#[resource(collection = "scales")]
struct Scale {
    /// What it can carry.
    #[field(default = 10)]
    pub most: i32,
}

/// What is laid on it.
#[resource_value]
struct Load {
    /// How heavy it is.
    pub weight: i32,
}

/// Whether it holds.
#[resource_value]
struct Verdict {
    /// True where it does.
    pub holds: bool,
}

#[custom_methods]
impl Scale {
    /// Says whether the load is too heavy.
    #[custom_method(read_only)]
    async fn weigh(&self, load: Load, _cx: &mut Context<Self>) -> Result<Verdict> {
        Ok(Verdict { holds: load.weight <= self.most })
    }
}

#[tokio::test]
async fn a_read_only_method_that_needs_a_body_answers_post_alone() {
    let service = Service::new("scales").version("v1", |api| api.resource::<Scale>());
    let client = TestService::memory(service).await.client();
    let scale = client.post("/api/v1/scales", json!({})).await.assert_status(201);
    let weigh = format!("{}:weigh", scale.link("self", "GET"));
    let answer = client.post(&weigh, json!({"weight": 11})).await.assert_status(200);
    assert_eq!(*answer.values(), json!({"holds": false}));
    let answer = client.get(&weigh).await;
    assert_eq!(answer.assert_refused(405, "MethodNotAllowed").header("allow"), "POST, OPTIONS");
}
