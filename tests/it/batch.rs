//! The batch verbs: several resources of one collection in one request, all of it or nothing.

use http::Method;
use rest_standard::{prelude::*, service::Limits, testing::TestResponse};
use rest_standard_tests::{
    Api, Registry, Stored, Workshop, actions, allowed, column, locators, on_every_store, without,
};
use serde_json::{Value as Json, json};

/// Devices below a new type: its collection, and their ids.
async fn devices(api: &Registry, names: &[&str]) -> (String, Vec<String>) {
    let devices = api.devices_named(names).await;
    let list = api.get(&format!("{devices}?$orderBy=createdAt")).await.assert_status(200);
    let ids = column(&list, "id");
    (devices, ids.iter().map(|id| id.as_str().expect("an id is a text").to_owned()).collect())
}

/// Asserts that an answer is a refusal with this status and reason at these places of the body.
#[track_caller]
fn assert_refused(answer: &TestResponse, status: u16, reason: &str, pointers: &[&str]) {
    assert_eq!((answer.status, answer.reason()), (status, reason), "{answer}");
    let expected: Vec<_> = pointers.iter().map(|pointer| format!("pointer {pointer}")).collect();
    assert_eq!(locators(answer), expected, "{answer}");
}

/// The methods and patches of a resource's changes, the oldest first.
async fn changes(api: &Api, path: &str) -> Vec<(Json, Json)> {
    let list = api.values(&format!("{path}/changes?$orderBy=id")).await;
    let entries = list.as_array().expect("a list").iter();
    entries.map(|entry| (entry["method"].clone(), entry["patch"].clone())).collect()
}

on_every_store! {
    async fn r065_several_resources_are_read_in_the_order_of_their_ids(api: Registry) {
        let (devices, ids) = devices(&api, &["a", "b", "c"]).await;
        let asked = json!({"ids": [ids[2], ids[0]]});
        let answer = api.post(&format!("{devices}:batchGet"), asked).await.assert_status(200);
        assert_eq!(answer.values()[0], api.values(&format!("{devices}/{}", ids[2])).await);
        assert_eq!(column(&answer, "displayName"), ["c", "a"]);
        assert_eq!((answer.meta(), answer.find_header("etag")), (&json!({}), None));
    }

    async fn r065_a_batch_get_names_each_id_that_is_not_there(api: Workshop) {
        let _ = api.post("archives", json!({"id": "here", "title": "t"})).await.assert_status(201);
        let answer = api.post("archives:batchGet", json!({"ids": ["x", "here", "y"]})).await;
        assert_refused(&answer, 404, "NotFound", &["/ids/0", "/ids/2"]);
        let answer = api.post("archives:batchGet", json!({"ids": ["here", "No!", 7, "here"]})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/ids/1", "/ids/2", "/ids/3"]);
    }

    async fn r065_a_batch_get_of_integers_takes_numbers(api: Workshop) {
        let (one, two) = (api.site().await, api.site().await);
        let id = |path: &str| path.trim_start_matches("sites/").parse::<i64>().expect("an integer");
        let answer = api.post("sites:batchGet", json!({"ids": [id(&two), id(&one)]})).await.assert_status(200);
        assert_eq!(column(&answer, "id"), [json!(id(&two)), json!(id(&one))]);
        let answer = api.post("sites:batchGet", json!({"ids": ["1"]})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/ids/0"]);
    }

    async fn r065_a_batch_get_says_that_it_was_validated_and_is_not_recorded(api: Registry) {
        let (devices, ids) = devices(&api, &["a"]).await;
        let path = format!("{devices}:batchGet");
        let dry = api.post(&format!("{path}?$validate=true"), json!({"ids": ids})).await.assert_status(200);
        assert_eq!((dry.meta(), column(&dry, "displayName")), (&json!({"validated": true}), vec![json!("a")]));
        let _ = api.post(&path, json!({"ids": ids})).header("request-id", "r").await.assert_status(200);
        let second = api.post(&path, json!({"ids": []})).header("request-id", "r").await.assert_status(200);
        assert_eq!(second.find_header("idempotency-replayed"), None);
    }

    async fn r065_several_resources_are_created_in_order(api: Registry) {
        let kind = api.kind("k").await;
        let id = "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce5";
        let mut items = [api.device_body(), api.device_body(), api.device_body()];
        items[1]["id"] = json!(id);
        let answer = api.post(&format!("{kind}/devices:batchCreate"), json!({"items": items})).await.assert_status(200);
        assert_eq!(column(&answer, "serialNumber"), items.each_ref().map(|item| item["serialNumber"].clone()));
        assert_eq!((answer.find_header("location"), answer.find_header("etag")), (None, None));
        for values in answer.values().as_array().expect("an array") {
            assert_eq!(*values, api.values(values["url"].as_str().expect("a URL is a text")).await);
        }
        assert_eq!(answer.values()[1]["id"], id);
        // The rule of each device wrote its state, in the same commit.
        assert_eq!(api.values(&format!("{kind}/devices/{id}/state")).await["mode"], "Off");
        assert_eq!(changes(&api, &format!("{kind}/devices/{id}")).await[0].0, "Create");
        assert_eq!(changes(&api, &format!("{kind}/devices/{id}")).await.len(), 1);
    }

    async fn r065_made_ids_are_all_different(api: Workshop) {
        let items: Vec<_> = (0..5).map(|_| api.site_body()).collect();
        let dry = api.post("sites:batchCreate?$validate=true", json!({"items": items})).await.assert_status(200);
        assert_eq!((dry.values(), dry.meta()["preview"].as_array().map(Vec::len)), (&json!([]), Some(5)));
        let answer = api.post("sites:batchCreate", json!({"items": items})).await.assert_status(200);
        assert_eq!(column(&answer, "id"), [1, 2, 3, 4, 5].map(Json::from));
    }

    async fn r065_one_bad_item_refuses_a_batch_create_and_each_is_named(api: Registry) {
        let kind = api.kind("k").await;
        let mut items = [api.device_body(), api.device_body(), api.device_body(), api.device_body()];
        items[1]["volume"] = json!(11);
        items[1]["owner"] = json!(7);
        items[3] = json!(["no", "object"]);
        let answer = api.post(&format!("{kind}/devices:batchCreate"), json!({"items": items})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/items/1/owner", "/items/1/volume", "/items/3"]);
        items[2]["colour"] = json!("red");
        let answer = api.post(&format!("{kind}/devices:batchCreate"), json!({"items": items})).await;
        assert_refused(&answer, 400, "UnknownField", &["/items/1/owner", "/items/1/volume", "/items/2/colour", "/items/3"]);
        assert_eq!(api.count(&format!("{kind}/devices")).await, 0);
    }

    async fn r065_a_taken_id_or_unique_value_refuses_a_batch_create(api: Registry) {
        let device = api.device().await;
        let (kind, id) = device.split_once("/devices/").expect("a device");
        let taken = api.values(&device).await["serialNumber"].clone();
        let mut items = [api.device_body(), api.device_body(), api.device_body(), api.device_body()];
        items[0]["serialNumber"] = taken;
        items[1]["id"] = json!(id);
        items[3]["serialNumber"] = items[2]["serialNumber"].clone();
        let answer = api.post(&format!("{kind}/devices:batchCreate"), json!({"items": items})).await;
        assert_refused(&answer, 409, "AlreadyExists", &["/items/0/serialNumber", "/items/1/id", "/items/3/serialNumber"]);
        assert_eq!(api.count(&format!("{kind}/devices")).await, 1);
    }

    async fn r065_several_resources_are_updated_in_order(api: Registry) {
        let (devices, ids) = devices(&api, &["a", "b", "c"]).await;
        let items = json!([
            {"id": ids[2], "patch": {"volume": 1, "timeZone": "Europe/Berlin"}},
            {"id": ids[0], "etag": null, "patch": {"volume": null}},
            {"id": ids[1], "patch": {}},
        ]);
        let untouched = api.values(&format!("{devices}/{}", ids[1])).await;
        let answer = api.post(&format!("{devices}:batchUpdate"), json!({"items": items})).await.assert_status(200);
        assert_eq!(column(&answer, "displayName"), ["c", "a", "b"]);
        assert_eq!(column(&answer, "volume"), [1, 5, 5]);
        assert_eq!(answer.values()[0], api.values(&format!("{devices}/{}", ids[2])).await);
        assert_eq!(answer.values()[2], untouched);
        let entries = changes(&api, &format!("{devices}/{}", ids[2])).await;
        assert_eq!(entries[1..], [(json!("Update"), json!({"volume": 1, "timeZone": "Europe/Berlin"}))]);
        assert_eq!(changes(&api, &format!("{devices}/{}", ids[1])).await.len(), 1);
    }

    async fn r065_entries_of_one_batch_have_one_request_id_and_time(api: Registry) {
        let (devices, ids) = devices(&api, &["a", "b"]).await;
        let items = json!([{"id": ids[0], "patch": {"volume": 1}}, {"id": ids[1], "patch": {"volume": 1}}]);
        let _ = api.post(&format!("{devices}:batchUpdate"), json!({"items": items})).header("request-id", "r").await;
        let mut entries = Vec::new();
        for id in &ids {
            entries.push(api.values(&format!("{devices}/{id}/changes?$orderBy=id+desc")).await[0].clone());
        }
        assert_eq!(entries[0]["requestId"], "r");
        assert_eq!(entries[0]["requestId"], entries[1]["requestId"]);
        assert_eq!(entries[0]["createdAt"], entries[1]["createdAt"]);
    }

    async fn r065_the_etag_of_an_item_is_its_if_match(api: Registry) {
        let (devices, ids) = devices(&api, &["a", "b", "c"]).await;
        let etag = api.values(&format!("{devices}/{}", ids[0])).await["etag"].clone();
        let change = |volume: i32| {
            json!({"items": [
                {"id": ids[0], "etag": etag, "patch": {"volume": volume}},
                {"id": ids[1], "etag": "\"0\"", "patch": {"volume": volume}},
                {"id": ids[2], "etag": "\"1\"", "patch": {"volume": volume}},
            ]})
        };
        let answer = api.post(&format!("{devices}:batchUpdate"), change(1)).await;
        assert_refused(&answer, 412, "PreconditionFailed", &["/items/1/etag", "/items/2/etag"]);
        assert_eq!(api.column(&devices, "volume").await, [5, 5, 5]);
        let one = |etag: &Json| json!({"items": [{"id": ids[0], "etag": etag, "patch": {"volume": 2}}]});
        let _ = api.post(&format!("{devices}:batchUpdate"), one(&etag)).await.assert_status(200);
        assert_refused(&api.post(&format!("{devices}:batchUpdate"), one(&etag)).await, 412, "PreconditionFailed", &["/items/0/etag"]);
        assert_refused(&api.post(&format!("{devices}:batchUpdate"), one(&json!("bare"))).await, 422, "InvalidValue", &["/items/0/etag"]);
        let gone = json!({"items": [{"id": ids[0], "etag": etag}]});
        assert_refused(&api.post(&format!("{devices}:batchDelete"), gone).await, 412, "PreconditionFailed", &["/items/0/etag"]);
    }

    async fn r065_where_writes_need_if_match_each_item_needs_an_etag(api: Workshop) {
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(api.post("notices", json!({"text": "t"})).await.values().clone());
        }
        let items = json!([{"id": ids[0]["id"], "etag": ids[0]["etag"]}, {"id": ids[1]["id"]}]);
        let answer = api.post("notices:batchDelete", json!({"items": items})).await;
        assert_refused(&answer, 428, "PreconditionRequired", &["/items/1/etag"]);
        let items = json!([{"id": ids[0]["id"], "etag": ids[0]["etag"]}, {"id": ids[1]["id"], "etag": ids[1]["etag"]}]);
        let _ = api.post("notices:batchDelete", json!({"items": items})).await.assert_status(200);
        assert_eq!(api.count("notices").await, 0);
    }

    async fn r065_of_mixed_faults_the_first_kind_answers_and_every_item_is_named(api: Registry) {
        let (devices, ids) = devices(&api, &["a", "b"]).await;
        let absent = "cbb96ec2-edae-47c4-87e9-86eb8b9c5cee";
        let stale = json!({"id": ids[0], "etag": "\"0\"", "patch": {}});
        let missing = json!({"id": absent, "patch": {}});
        let immutable = json!({"id": ids[1], "patch": {"serialNumber": "other"}});
        let wrong = json!({"id": ids[1], "patch": {"volume": 99}});
        let path = format!("{devices}:batchUpdate");
        let answer = api.post(&path, json!({"items": [stale, missing, immutable]})).await;
        assert_refused(&answer, 404, "NotFound", &["/items/0/etag", "/items/1/id"]);
        let answer = api.post(&path, json!({"items": [immutable, stale]})).await;
        assert_refused(&answer, 412, "PreconditionFailed", &["/items/1/etag"]);
        let answer = api.post(&path, json!({"items": [stale, missing, wrong]})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/items/2/patch/volume"]);
        let unknown = json!({"id": ids[0], "patch": {"volum": 1}});
        let answer = api.post(&path, json!({"items": [wrong, unknown]})).await;
        assert_refused(&answer, 400, "UnknownField", &["/items/0/patch/volume", "/items/1/patch/volum"]);
    }

    async fn r065_immutable_fields_stay_and_unique_values_stay_unique(api: Workshop) {
        let site = api.site().await;
        for id in ["a", "b", "c"] {
            let mut body = api.shelf_body(id);
            body["barcode"] = json!("4711");
            body["code"] = json!(id);
            let _ = api.post(&format!("{site}/shelves"), body).await.assert_status(201);
        }
        let path = format!("{site}/shelves:batchUpdate");
        let change = |id: &str, patch: Json| json!({"id": id, "patch": patch});
        let items = json!([change("a", json!({"code": "b"})), change("b", json!({"barcode": "4712"})), change("c", json!({"code": "b"}))]);
        // A value that breaks a rule comes before one that is taken, and both are named.
        let answer = api.post(&path, json!({"items": items})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/items/0/patch/code", "/items/1/patch/barcode", "/items/2/patch/code"]);
        let items = json!([change("a", json!({"code": "b"}))]);
        assert_refused(&api.post(&path, json!({"items": items})).await, 409, "AlreadyExists", &["/items/0/patch/code"]);
        assert_eq!(api.column(&format!("{site}/shelves?$orderBy=id"), "code").await, ["a", "b", "c"]);
    }

    async fn r065_a_value_that_an_earlier_item_gives_up_is_free(api: Workshop) {
        let site = api.site().await;
        for id in ["a", "b"] {
            let mut body = api.shelf_body(id);
            body["code"] = json!(id);
            let _ = api.post(&format!("{site}/shelves"), body).await.assert_status(201);
        }
        let items = json!([{"id": "a", "patch": {"code": "z"}}, {"id": "b", "patch": {"code": "a"}}]);
        let answer = api.post(&format!("{site}/shelves:batchUpdate"), json!({"items": items})).await.assert_status(200);
        assert_eq!(column(&answer, "code"), ["z", "a"]);
        // Two resources cannot swap their values, as little as in two requests.
        let items = json!([{"id": "a", "patch": {"code": "a"}}, {"id": "b", "patch": {"code": "z"}}]);
        let answer = api.post(&format!("{site}/shelves:batchUpdate"), json!({"items": items})).await;
        assert_refused(&answer, 409, "AlreadyExists", &["/items/0/patch/code"]);
    }

    async fn r065_rules_judge_every_item(api: Workshop) {
        let ledgers = json!([{"id": "a", "title": " A "}, {"id": "b", "title": "forbidden"}, {"id": "c", "title": "forbidden"}]);
        let answer = api.post("ledgers:batchCreate", json!({"items": ledgers})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/items/1/title", "/items/2/title"]);
        let ledgers = json!([{"id": "a", "title": " A ", "balance": 2}, {"id": "b", "title": "B"}]);
        let answer = api.post("ledgers:batchCreate", json!({"items": ledgers})).await.assert_status(200);
        assert_eq!(column(&answer, "title"), ["A", "B"]);
        let items = json!([{"id": "b", "patch": {"title": "forbidden"}}, {"id": "a", "patch": {"balance": 1}}]);
        let answer = api.post("ledgers:batchUpdate", json!({"items": items})).await;
        assert_refused(&answer, 409, "FailedPrecondition", &["/items/1"]);
        assert_eq!(answer.body["status"]["description"], "A balance never falls.");
        let answer = api.post("ledgers:batchDelete", json!({"items": [{"id": "b"}, {"id": "a"}]})).await;
        assert_refused(&answer, 409, "FailedPrecondition", &["/items/1"]);
        assert_eq!(api.column("ledgers?$orderBy=id", "title").await, ["A", "B"]);
    }

    async fn r065_several_resources_are_deleted(api: Registry) {
        let (devices, ids) = devices(&api, &["a", "b", "c"]).await;
        let items = json!([{"id": ids[2]}, {"id": ids[0]}]);
        let dry = api.post(&format!("{devices}:batchDelete?$validate=true"), json!({"items": items})).await.assert_status(200);
        assert_eq!(column(&dry, "displayName"), ["c", "a"]);
        assert_eq!(*dry.meta(), json!({"validated": true, "preview": []}));
        assert_eq!(api.count(&devices).await, 3);
        let answer = api.post(&format!("{devices}:batchDelete"), json!({"items": items})).await.assert_status(200);
        assert_eq!((answer.values(), answer.meta()), (&json!([]), &json!({})));
        assert_eq!(api.column(&devices, "displayName").await, ["b"]);
        let again = api.post(&format!("{devices}:batchDelete"), json!({"items": [{"id": ids[1]}, {"id": ids[0]}]})).await;
        assert_refused(&again, 404, "NotFound", &["/items/1/id"]);
        assert_eq!(api.count(&devices).await, 1);
    }

    async fn r065_children_refuse_a_batch_delete_and_their_parent_is_named(api: Registry) {
        let full = api.device().await;
        let (kind, _) = full.split_once("/devices").expect("a device");
        let _ = api.kind("empty").await;
        let items = json!([{"id": "empty"}, {"id": kind.trim_start_matches("device-types/")}]);
        let answer = api.post("device-types:batchDelete", json!({"items": items})).await;
        assert_refused(&answer, 409, "HasChildren", &["/items/1"]);
        let _ = api.get("device-types/empty").await.assert_status(200);
        let forced = api.post("device-types:batchDelete?$force=true", json!({"items": items})).await;
        assert_eq!((forced.status, locators(&forced)), (400, vec!["parameter $force".to_owned()]), "{forced}");
    }

    async fn r065_an_empty_batch_changes_nothing(api: Registry) {
        let (devices, _) = devices(&api, &["a"]).await;
        let before = api.values(&devices).await;
        for (verb, body) in [
            ("batchGet", json!({"ids": []})),
            ("batchCreate", json!({"items": []})),
            ("batchUpdate", json!({"items": []})),
            ("batchDelete", json!({"items": []})),
        ] {
            let answer = api.post(&format!("{devices}:{verb}"), body.clone()).await.assert_status(200);
            assert_eq!(*answer.values(), json!([]), "{verb}");
            let dry = api.post(&format!("{devices}:{verb}?$validate=true"), body).await.assert_status(200);
            assert_eq!((dry.values(), &dry.meta()["validated"]), (&json!([]), &json!(true)), "{verb}");
        }
        assert_eq!(api.values(&devices).await, before);
    }

    async fn r065_an_id_is_in_a_batch_once(api: Workshop) {
        let _ = api.post("archives", json!({"id": "a", "title": "t"})).await.assert_status(201);
        let twice = json!({"items": [{"id": "a", "patch": {}}, {"id": "a", "patch": {}}]});
        assert_refused(&api.post("archives:batchUpdate", twice).await, 422, "InvalidValue", &["/items/1/id"]);
        let twice = json!({"items": [{"id": "b", "title": "t"}, {"id": "b", "title": "t"}]});
        assert_refused(&api.post("archives:batchCreate", twice).await, 422, "InvalidValue", &["/items/1/id"]);
        let twice = json!({"items": [{"id": "b"}, {"id": "b"}, {"id": "b"}]});
        assert_refused(&api.post("ledgers:batchDelete", twice).await, 422, "InvalidValue", &["/items/1/id", "/items/2/id"]);
    }

    async fn r065_one_uuid_in_two_spellings_is_one_id(api: Workshop) {
        let id = "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4";
        let items = json!([{"id": id, "text": "t"}, {"id": id.to_uppercase(), "text": "t"}]);
        let answer = api.post("notices:batchCreate", json!({"items": items})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/items/1/id"]);
        let answer = api.post("notices:batchGet", json!({"ids": [id.to_uppercase(), id]})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/ids/1"]);
    }

    async fn of_very_many_faults_the_first_100_are_named(api: Workshop) {
        let items: Vec<_> = (0..100).map(|_| json!({"title": 7, "colour": 1, "size": 2})).collect();
        let answer = api.post("archives:batchCreate", json!({"items": items})).await.assert_status(400);
        assert_eq!(answer.errors().len(), 100);
        let answer = api.post("archives:batchGet", json!({"ids": vec![0; 300_000]})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/ids"]);
    }

    async fn r065_a_batch_has_at_most_100_items(api: Workshop) {
        let items = |count: usize| (0..count).map(|at| json!({"id": format!("a{at}"), "title": "t"})).collect::<Vec<_>>();
        let answer = api.post("archives:batchCreate", json!({"items": items(101)})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/items"]);
        assert_eq!(answer.errors()[0]["detail"], "must have at most 100 elements, got 101");
        let answer = api.post("archives:batchCreate", json!({"items": items(100)})).await.assert_status(200);
        assert_eq!(column(&answer, "id").len(), 100);
        assert_eq!(api.count("archives").await, 100);
    }

    async fn r065_the_body_of_a_batch_is_what_its_verb_says(api: Workshop) {
        for (verb, body, status, pointers) in [
            ("batchGet", json!({}), 422, &["/ids"][..]),
            ("batchGet", json!({"ids": null}), 422, &["/ids"]),
            ("batchCreate", json!({"items": {}}), 422, &["/items"]),
            ("batchGet", json!({"items": []}), 400, &["/ids", "/items"]),
            ("batchUpdate", json!({"items": [{"patch": {}, "tag": ""}]}), 400, &["/items/0/id", "/items/0/tag"]),
            ("batchUpdate", json!({"items": [{"id": "a"}, {"id": "b", "patch": []}]}), 422, &["/items/0/patch", "/items/1/patch"]),
            ("batchUpdate", json!({"items": [{"id": "a", "etag": 7, "patch": {"title": 7}}]}), 422, &["/items/0/etag", "/items/0/patch/title"]),
        ] {
            let answer = api.post(&format!("archives:{verb}"), body).await;
            assert_eq!(answer.status, status, "{answer}");
            assert_eq!(locators(&answer), pointers.iter().map(|at| format!("pointer {at}")).collect::<Vec<_>>(), "{answer}");
        }
        let answer = api.call("archives:batchGet").await.assert_status(400);
        assert_eq!(answer.reason(), "MalformedRequest");
        let answer = api.request(Method::POST, "archives:batchGet").text("application/xml", "<ids/>").await;
        assert_eq!(answer.status, 415, "{answer}");
    }

    async fn conditions_of_headers_mean_nothing_for_a_batch(api: Workshop) {
        let answer = api.post("archives:batchGet", json!({"ids": []})).header("if-match", "*").await.assert_status(400);
        assert_eq!(locators(&answer), ["header If-Match"]);
    }

    async fn r065_a_dry_update_answers_with_what_is_and_previews_what_would_be(api: Registry) {
        let (devices, ids) = devices(&api, &["a", "b"]).await;
        let items = json!([{"id": ids[1], "patch": {"volume": 9}}, {"id": ids[0], "patch": {"volume": 5}}]);
        let dry = api.post(&format!("{devices}:batchUpdate?$validate=true"), json!({"items": items})).await.assert_status(200);
        assert_eq!((column(&dry, "volume"), column(&dry, "displayName")), (vec![json!(5), json!(5)], vec![json!("b"), json!("a")]));
        let preview = &dry.meta()["preview"];
        assert_eq!((&preview[0]["volume"], &preview[1]["volume"]), (&json!(9), &json!(5)));
        assert!(preview[0].get("etag").is_none() && preview[0].get("updatedAt").is_none(), "{dry}");
        let real = api.post(&format!("{devices}:batchUpdate"), json!({"items": items})).await.assert_status(200);
        assert_eq!(without(&preview[0], &["links"]), without(&real.values()[0], &["links", "etag", "updatedAt"]));
        assert_eq!(preview[1], real.values()[1]);
    }

    async fn r065_a_dry_run_refuses_what_the_real_call_refuses(api: Registry) {
        let (devices, ids) = devices(&api, &["a"]).await;
        let items = json!([{"id": ids[0], "etag": "\"0\"", "patch": {}}]);
        let dry = api.post(&format!("{devices}:batchUpdate?$validate=true"), json!({"items": items})).await;
        assert_refused(&dry, 412, "PreconditionFailed", &["/items/0/etag"]);
    }

    async fn r065_a_batch_happens_once_for_each_request_id(api: Registry) {
        let kind = api.kind("k").await;
        let devices = format!("{kind}/devices");
        let items = json!({"items": [api.device_body(), api.device_body()]});
        let send = |verb: &str, body: Json, id: &str| api.post(&format!("{devices}:{verb}"), body).header("request-id", id);
        let first = send("batchCreate", items.clone(), "create").await.assert_status(200);
        let second = send("batchCreate", items, "create").await.assert_status(200);
        assert_eq!((second.header("idempotency-replayed"), second.values()), ("true", first.values()));
        let ids = column(&first, "id");
        let items = json!({"items": [{"id": ids[0], "patch": {"volume": 1}}]});
        let first = send("batchUpdate", items.clone(), "update").await.assert_status(200);
        let _ = api.patch(&format!("{devices}/{}", ids[0].as_str().expect("a text")), json!({"volume": 2})).await.assert_status(200);
        let second = send("batchUpdate", items, "update").await.assert_status(200);
        assert_eq!((second.header("idempotency-replayed"), second.values()), ("true", first.values()));
        let items = json!({"items": [{"id": ids[0]}]});
        let _ = send("batchDelete", items.clone(), "delete").await.assert_status(200);
        let second = send("batchDelete", items, "delete").await.assert_status(200);
        assert_eq!((second.header("idempotency-replayed"), second.values()), ("true", &json!([])));
        assert_eq!(api.column(&devices, "volume").await, [5]);
        let other = send("batchDelete", json!({"items": []}), "delete").await;
        assert_eq!((other.status, other.reason()), (422, "RequestIdReused"), "{other}");
    }

    async fn r065_below_what_does_not_exist_there_is_no_batch(api: Registry) {
        for (verb, body) in [
            ("batchGet", json!({"ids": []})),
            ("batchCreate", json!({"items": [{"displayName": "d", "owner": "o", "serialNumber": "s"}]})),
            ("batchUpdate", json!({"items": []})),
            ("batchDelete", json!({"items": []})),
        ] {
            let answer = api.post(&format!("device-types/nothing/devices:{verb}"), body).await.assert_status(404);
            assert_eq!(answer.errors().len(), 0, "{answer}");
        }
    }

    async fn r065_a_collection_has_the_batch_forms_of_its_methods(api: Workshop) {
        let _ = api.post("archives:batchDelete", json!({"items": []})).await.assert_status(404);
        let _ = api.post("readings:batchGet", json!({"ids": []})).await.assert_status(404);
        let shelf = api.shelf().await;
        let _ = api.post(&format!("{shelf}/changes:batchGet"), json!({"ids": []})).await.assert_status(404);
        let _ = api.post(&format!("{shelf}:batchGet"), json!({"ids": []})).await.assert_status(404);
        let wrong = api.get("archives:batchGet").await.assert_status(405);
        assert_eq!(allowed(&wrong), ["OPTIONS", "POST"]);
        let links = api.get("archives").await.meta()["links"].clone();
        for (verb, expected) in [("batchGet", 1), ("batchCreate", 1), ("batchUpdate", 1), ("batchDelete", 0)] {
            assert_eq!(actions(&links, verb), vec!["POST"; expected], "{verb}");
        }
        assert_eq!(actions(&api.get("readings").await.meta()["links"], "batchGet"), Vec::<String>::new());
    }

    async fn a_secret_in_a_batch_is_not_repeated(api: Workshop) {
        let site = api.site().await;
        let mut body = api.shelf_body("a");
        body["pin"] = json!("12345");
        let answer = api.post(&format!("{site}/shelves:batchCreate"), json!({"items": [body]})).await.assert_status(200);
        assert!(!answer.text.contains("12345"), "{answer}");
        let items = json!([{"id": "a", "patch": {"pin": "123456789"}}]);
        let answer = api.post(&format!("{site}/shelves:batchUpdate"), json!({"items": items})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/items/0/patch/pin"]);
        assert!(!answer.text.contains("123456789"), "{answer}");
    }
}

#[tokio::test]
async fn the_most_items_of_a_batch_can_be_set() {
    for stored in Stored::all() {
        let limits = Limits { batch: 2, ..Limits::default() };
        let api = Workshop::with(stored, |service| service.limits(limits)).await;
        let answer = api.post("archives:batchGet", json!({"ids": ["a", "b", "c"]})).await;
        assert_refused(&answer, 422, "InvalidValue", &["/ids"]);
        let answer = api.post("archives:batchGet", json!({"ids": ["a", "b"]})).await;
        assert_refused(&answer, 404, "NotFound", &["/ids/0", "/ids/1"]);
    }
}

/// A stamp, which is only sold one by one.
#[resource(collection = "stamps", id = Slug, without(batch))]
struct Stamp {
    /// Its motif.
    pub motif: String,
}

/// A ticket.
#[resource(collection = "tickets", id = Integer, slash_verbs, methods(list, read, create, batch))]
struct Ticket {
    /// Where it is for.
    pub show: String,
}

#[tokio::test]
async fn a_collection_can_leave_batches_out_or_take_them_behind_a_slash() {
    for stored in Stored::all() {
        let shop = Service::new("shop").version("v1", |api| api.resource::<Stamp>().resource::<Ticket>());
        let api = stored.start(shop).await;
        let _ = api.post("stamps:batchCreate", json!({"items": []})).await.assert_status(404);
        assert_eq!(api.get("stamps").await.meta()["links"].as_array().map(Vec::len), Some(3));
        let items = json!({"items": [{"show": "Faust"}, {"show": "Aida"}]});
        let made = api.post("tickets/batchCreate", items).await.assert_status(200);
        let got = api.post("tickets/batchGet", json!({"ids": column(&made, "id")})).await.assert_status(200);
        assert_eq!(got.values(), made.values());
        let _ = api.post("tickets:batchDelete", json!({"items": []})).await.assert_status(404);
    }
}

/// A batch that meets other writers is planned again, and waits for its turn at each of its resources.
#[tokio::test(flavor = "multi_thread")]
async fn batches_and_single_writes_of_the_same_resources_all_go_through() {
    for stored in Stored::all() {
        let api = Workshop::start(stored).await;
        for id in ["a", "b", "c"] {
            let _ = api.post("ledgers", json!({"id": id, "title": id})).await.assert_status(201);
        }
        let writes = (0..60).map(|round| {
            let api = &api;
            async move {
                let ids = [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"]][round % 3];
                let items = ids.map(|id| json!({"id": id, "patch": {"title": format!("{round}")}}));
                let batch = api.post("ledgers:batchUpdate", json!({"items": items}));
                let single = api.post(&format!("ledgers/{}:book", ids[0]), json!({"amount": 1}));
                let (batch, single) = tokio::join!(batch.send(), single.send());
                let _ = (batch.assert_status(200), single.assert_status(200));
            }
        });
        futures_util::future::join_all(writes).await;
        let list = api.get("ledgers").await.assert_status(200);
        assert_eq!(column(&list, "balance"), [20, 20, 20]);
        let titles = column(&list, "title");
        assert!(titles.iter().all(|title| *title == titles[0]), "no batch is torn: {titles:?}");
    }
}
