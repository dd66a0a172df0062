//! Names and addresses: which path leads where, and which ids there are.

use http::Method;
use rest_standard_tests::{Registry, Workshop, on_every_store, without};
use serde_json::json;

/// Asserts that a path leads nowhere.
async fn is_no_node(api: &rest_standard_tests::Api, path: &str) {
    let _ = api.get(path).await.assert_refused(404, "NotFound");
}

on_every_store! {
    async fn r008_every_path_leads_to_one_node_or_to_a_404(api: Registry) {
        let device = api.device().await;
        for path in ["device-types", &device, &format!("{device}/state"), &format!("{device}/changes")] {
            let _ = api.get(path).await.assert_status(200);
        }
        for path in ["nothing", "device-type", "DEVICE-TYPES", "devices", "state", "/nothing", "/api", "/"] {
            assert_eq!(api.get(path).await.status / 100, 4, "{path}");
        }
        for end in ["nothing", "states", "state/nothing", "state/state", "changes/1/more", "attributes"] {
            is_no_node(&api, &format!("{device}/{end}")).await;
        }
    }

    async fn r010_collections_nest_to_three_levels(api: Workshop) {
        let shelf = api.shelf().await;
        let items = format!("{shelf}/items");
        let made = api.post(&items, json!({"id": "bolt", "displayName": "Bolt"})).await.assert_status(201);
        assert!(made.values()["url"].as_str().is_some_and(|url| url.ends_with(&format!("{items}/bolt"))));
        let bolt = api.values(&format!("{items}/bolt")).await;
        assert_eq!((&bolt, &bolt["displayName"]), (made.values(), &json!("Bolt")));
        assert_eq!(api.column(&items, "id").await, ["bolt"]);
    }

    async fn r011_a_singleton_has_no_id_segment_under_a_parent_and_at_the_root(api: Workshop) {
        let shelf = api.shelf().await;
        assert_eq!(api.values(&format!("{shelf}/lamp")).await["level"], 5);
        assert_eq!(api.values("settings").await["retentionDays"], 30);
        is_no_node(&api, "settings/1").await;
        is_no_node(&api, &format!("{shelf}/lamp/1")).await;
    }

    async fn r012_the_sample_hierarchy_is_served_as_written(api: Registry) {
        let kind = api.kind("siren").await;
        let device = api.device_with(&kind, json!({})).await;
        for (path, is_list) in [
            (format!("{kind}/state-machine"), false),
            (format!("{kind}/attributes"), true),
            (format!("{kind}/changes"), true),
            (format!("{kind}/devices"), true),
            (format!("{device}/state"), false),
            (format!("{device}/changes"), true),
        ] {
            assert_eq!(api.values(&path).await.is_array(), is_list, "{path}");
        }
        let _ = api.post(&format!("{device}/state:transition"), json!({"to": "On"})).await.assert_status(200);
    }

    async fn r012_the_sample_device_is_there_from_the_start(api: Registry) {
        let path = "device-types/house-alarm/devices/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4";
        assert_eq!(api.values(path).await["owner"], "jaykmr");
        let _ = api.values(&format!("{path}/state")).await;
    }

    async fn r014_ids_are_slugs_integers_and_uuids(api: Workshop) {
        let site = api.site().await;
        assert!(api.values(&site).await["id"].is_i64());
        let notice = api.post("notices", json!({"text": "closed"})).await.assert_status(201);
        let id = notice.values()["id"].as_str().expect("a UUID is a text");
        assert_eq!(id.as_bytes()[14], b'7', "the server makes version 7");
        let _ = api.shelf().await;
    }

    async fn r014_r200_a_malformed_id_in_a_path_is_a_400(api: Workshop) {
        for id in ["x", "1.5", "1e3", "99999999999999999999999", "0x1", "%201"] {
            let _ = api.get(&format!("sites/{id}")).await.assert_refused(400, "MalformedRequest");
        }
        let site = api.site().await;
        for id in ["Upper", "-a", "a-", "a_b", "a%20b", &"a".repeat(64)] {
            let answer = api.get(&format!("{site}/shelves/{id}")).await;
            answer.assert_refused(400, "MalformedRequest");
        }
        for id in ["1", "cbb96ec2", "cbb96ec2-edae-47c4-87e9-86eb8b9c5ceg"] {
            let _ = api.get(&format!("notices/{id}")).await.assert_refused(400, "MalformedRequest");
        }
    }

    async fn r014_a_well_formed_unknown_id_is_a_404(api: Workshop) {
        let site = api.site().await;
        is_no_node(&api, "sites/987654").await;
        is_no_node(&api, &format!("{site}/shelves/{}", "a".repeat(63))).await;
        is_no_node(&api, "notices/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4").await;
        is_no_node(&api, "sites/987654/shelves").await;
        is_no_node(&api, "sites/987654/shelves/a/lamp").await;
    }

    async fn r014_a_malformed_id_in_a_body_is_a_422(api: Workshop) {
        for id in [json!("No Slug"), json!(""), json!("-a"), json!("a".repeat(64)), json!(5), json!(["a"])] {
            let answer = api.post("ledgers", json!({"id": id, "title": "t"})).await;
            answer.assert_refused(422, "InvalidValue");
            assert_eq!(answer.errors()[0]["pointer"], "/id");
        }
        let _ = api.post("notices", json!({"id": "x", "text": "t"})).await.assert_refused(422, "InvalidValue");
    }

    async fn slugs_of_one_and_of_63_characters_are_taken(api: Workshop) {
        for id in ["a".to_owned(), "7".to_owned(), "a--b".to_owned(), "z".repeat(63)] {
            let _ = api.post("ledgers", json!({"id": id, "title": "t"})).await.assert_status(201);
            assert_eq!(api.values(&format!("ledgers/{id}")).await["id"], *id);
        }
    }

    async fn a_slug_must_be_sent_at_create(api: Workshop) {
        let answer = api.post("ledgers", json!({"title": "t"})).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(answer.errors()[0]["pointer"], "/id");
    }

    async fn a_uuid_may_be_sent_at_create(api: Workshop) {
        let id = "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4";
        let made = api.post("notices", json!({"id": id, "text": "t"})).await.assert_status(201);
        assert_eq!(made.values()["id"], id);
        let _ = api.post("notices", json!({"id": id, "text": "t"})).await.assert_refused(409, "AlreadyExists");
    }

    async fn an_integer_id_is_made_by_the_server_whatever_is_sent(api: Workshop) {
        let mut body = api.site_body();
        body["id"] = json!(4711);
        let made = api.post("sites", body).await.assert_status(201);
        assert_ne!(made.values()["id"], 4711);
        assert_eq!(api.values(&format!("sites/{}", made.values()["id"])).await, *made.values());
    }

    async fn one_trailing_slash_is_tolerated_and_never_generated(api: Registry) {
        let device = api.device().await;
        for path in [device.as_str(), "device-types", "", &format!("{device}/state")] {
            let plain = api.get(path).await.assert_status(200);
            let slashed = api.get(&format!("{}/", rest_standard_tests::full(path))).await.assert_status(200);
            assert_eq!(plain.body["data"], slashed.body["data"]);
            assert!(!slashed.body["data"].to_string().contains("/\""), "{slashed}");
        }
        is_no_node(&api, &format!("{device}//")).await;
        is_no_node(&api, "/api//v1/device-types").await;
    }

    async fn r032_a_slash_verb_is_reached_where_the_node_allows_it(api: Workshop) {
        let shelf = api.shelf().await;
        let lit = api.call(&format!("{shelf}/lamp/light")).await.assert_status(200);
        assert_eq!(lit.values()["isLit"], true);
        let out = api.call(&format!("{shelf}/lamp:putOut")).await.assert_status(200);
        assert_eq!(out.values()["isLit"], false);
    }

    async fn r032_elsewhere_a_slash_is_no_verb(api: Registry) {
        let device = api.device().await;
        let _ = api.post(&format!("{device}/state/transition"), json!({"to": "On"})).await.assert_refused(404, "NotFound");
    }

    async fn r034_a_colon_verb_stands_on_resources_singletons_and_collections(api: Workshop) {
        let shelf = api.shelf().await;
        let filled = api.post(&format!("{shelf}:fill"), json!({"amount": 3})).await.assert_status(200);
        assert_eq!(filled.values()["stock"], 3);
        let site = shelf.strip_suffix("/a").expect("the shelf's id");
        let tally = api.post(&format!("{site}:tally"), json!({"amount": 7})).await.assert_status(200);
        assert_eq!(*tally.values(), json!({"foundStock": 7, "isComplete": true}));
        let _ = api.call("settings:restore").await.assert_status(200);
    }

    async fn r034_an_encoded_colon_is_data(api: Registry) {
        let device = api.device().await;
        let _ = api.call(&format!("{device}/state%3Asilence")).await.assert_refused(404, "NotFound");
        let _ = api.get("device-types/siren%3Aring").await.assert_refused(400, "MalformedRequest");
    }

    async fn r034_an_unknown_verb_is_a_404(api: Registry) {
        let device = api.device().await;
        for path in [format!("{device}/state:explode"), format!("{device}:ring"), format!("{device}/state:Ring")] {
            let _ = api.call(&path).await.assert_refused(404, "NotFound");
        }
        for path in [format!("{device}/state:"), format!("{device}/state:ring:ring")] {
            assert_eq!(api.call(&path).await.status / 100, 4);
        }
    }

    async fn r169_the_entry_point_lists_the_root_nodes(api: Workshop) {
        let answer = api.get("").await.assert_status(200);
        for rel in ["sites", "settings", "notices", "readings", "archives", "ledgers"] {
            let _ = api.get(answer.link(rel, "GET")).await.assert_status(200);
        }
        let rels: Vec<_> = answer.links().iter().filter_map(|link| link["rel"].as_str()).collect();
        assert!(!rels.contains(&"shelves") && !rels.contains(&"lamp"), "{rels:?}");
    }

    async fn r177_a_path_without_a_version_names_the_supported_ones(api: Registry) {
        let answer = api.get("/api/device-types").await;
        assert!((400..500).contains(&answer.status), "{answer}");
        assert!(answer.text.contains("v1"), "{answer}");
    }

    async fn r175_every_response_below_a_version_names_it(api: Registry) {
        let device = api.device().await;
        for path in ["", "device-types", &device, "nothing", "device-types/UPPER"] {
            assert_eq!(api.get(path).await.header("api-version"), "v1", "{path}");
        }
    }

    async fn r176_path_version_and_suffix_need_no_header(api: Registry) {
        let device = api.device().await;
        for path in [device.clone(), "device-types".to_owned(), format!("{device}/state"), "/api/v1".to_owned()] {
            let plain = api.get(&path).await.assert_status(200);
            let suffixed = api.get(&format!("{path}.json")).await.assert_status(200);
            assert_eq!(plain.values(), suffixed.values());
            let vary = suffixed.find_header("vary").unwrap_or("accept-encoding");
            assert_eq!((suffixed.header("content-type"), vary), ("application/json", "accept-encoding"));
        }
        let _ = api.get("/api/v1.json/").await.assert_status(200);
        for path in ["/api/v1.json/device-types", "/api/v1.5", "/api/v1.json.json", "/api/v1/.json"] {
            api.get(path).await.assert_refused(404, "NotFound");
        }
        let _ = api.get("/api/v1.xml").await.assert_status(200);
    }

    async fn r034_the_methods_of_an_encoded_id_are_those_of_the_plain_one(api: Registry) {
        let kind = api.kind("siren").await;
        let plain = api.values(&kind).await;
        assert_eq!(api.values("device-types/%73iren").await, plain);
        let answer = api.request(Method::GET, "device%2Dtypes/siren").await.assert_status(200);
        assert_eq!(without(answer.values(), &[]), plain);
    }
}

#[tokio::test]
async fn r015_base_path_and_public_host_are_configurable() {
    for stored in rest_standard_tests::Stored::all() {
        let api = Registry::with(stored, |service| {
            service.base_path("/things").public_url("https://things.example")
        })
        .await;
        let made = api
            .post("/things/v1/device-types", json!({"id": "siren", "displayName": "Siren"}))
            .await
            .assert_status(201);
        assert_eq!(made.values()["url"], "https://things.example/things/v1/device-types/siren");
        let url = made.values()["url"].as_str().expect("a URL is a text");
        assert_eq!(api.get(url).await.assert_status(200).values(), made.values());
        let _ = api.get("/api/v1/device-types").await.assert_refused(404, "NotFound");
    }
}
