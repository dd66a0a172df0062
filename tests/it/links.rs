//! Links: what may be done now, and where.

use rest_standard_tests::{Registry, Workshop, actions, on_every_store};
use serde_json::{Value as Json, json};

/// Which verbs a resource shows.
async fn verbs(api: &rest_standard_tests::Api, path: &str) -> Vec<String> {
    let values = api.values(path).await;
    let links = values["links"].as_array().expect("links are a list").clone();
    let verb = |link: &Json| link["href"].as_str()?.rsplit_once(':').map(|(_, verb)| verb.to_owned());
    let posts = links.iter().filter(|link| link["action"] == "POST");
    let mut verbs: Vec<_> = posts.filter_map(verb).collect();
    verbs.sort();
    verbs
}

on_every_store! {
    async fn r087_every_resource_links_to_itself(api: Registry) {
        let device = api.device().await;
        for path in [device.clone(), format!("{device}/state"), "device-types/house-alarm".to_owned()] {
            let values = api.values(&path).await;
            for link in values["links"].as_array().expect("links are a list") {
                if link["rel"] == "self" {
                    assert_eq!(link["href"], values["url"], "{path}");
                }
            }
            assert!(actions(&values["links"], "self").contains(&"GET".to_owned()));
        }
        for element in api.values("device-types").await.as_array().expect("a list") {
            assert!(actions(&element["links"], "self").contains(&"GET".to_owned()));
        }
    }

    async fn r088_a_link_has_exactly_four_members(api: Registry) {
        let device = api.device().await;
        let root = api.get("").await;
        let list = api.get("device-types").await;
        let values = api.values(&device).await;
        let all = [&root.values()["links"], &list.meta()["links"], &values["links"]];
        for link in all.into_iter().flat_map(|links| links.as_array().expect("links are a list")) {
            let mut names: Vec<_> = link.as_object().expect("an object").keys().cloned().collect();
            names.sort();
            assert_eq!(names, ["action", "format", "href", "rel"]);
            assert!(link["format"].is_array() && link["rel"].is_string() && link["action"].is_string());
        }
    }

    async fn r089_self_links_name_the_methods_and_only_those(api: Workshop) {
        let shelf = api.shelf().await;
        assert_eq!(actions(&api.values(&shelf).await["links"], "self"), ["DELETE", "GET", "PATCH", "PUT"]);
        assert_eq!(actions(&api.values(&format!("{shelf}/lamp")).await["links"], "self"), ["GET", "PATCH", "PUT"]);
        let _ = api.post("archives", json!({"id": "a", "title": "t"})).await.assert_status(201);
        assert_eq!(actions(&api.values("archives/a").await["links"], "self"), ["GET", "PATCH", "PUT"]);
    }

    async fn changes_show_no_write(api: Registry) {
        let device = api.device().await;
        let changes = api.get(&format!("{device}/changes")).await.assert_status(200);
        assert!(actions(&changes.meta()["links"], "create").is_empty());
        assert_eq!(actions(&changes.values()[0]["links"], "self"), ["GET"]);
    }

    async fn r007_a_resource_links_to_its_neighbourhood(api: Registry) {
        let device = api.device().await;
        let values = api.values(&device).await;
        let kind = api.values(device.split("/devices").next().expect("the type's path")).await;
        let answer = api.get(&device).await;
        assert_eq!(answer.link("up", "GET"), kind["url"]);
        assert!(answer.link("collection", "GET").ends_with("/devices"));
        assert_eq!(answer.link("state", "GET"), format!("{}/state", values["url"].as_str().unwrap_or_default()));
        assert!(answer.link("changes", "GET").ends_with("/changes"));
        let kind = api.get(kind["url"].as_str().expect("a URL is a text")).await;
        for rel in ["devices", "attributes", "changes", "state-machine"] {
            let _ = api.get(kind.link(rel, "GET")).await.assert_status(200);
        }
        assert!(kind.link("up", "GET").ends_with("/api/v1"));
    }

    async fn a_singleton_links_up_but_to_no_collection(api: Workshop) {
        let shelf = api.shelf().await;
        let lamp = api.get(&format!("{shelf}/lamp")).await;
        assert_eq!(lamp.link("up", "GET"), api.values(&shelf).await["url"]);
        assert!(actions(&lamp.values()["links"], "collection").is_empty());
        assert!(api.get("settings").await.link("up", "GET").ends_with("/api/v1"));
    }

    async fn r007_verbs_are_shown_while_they_are_allowed(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        assert_eq!(verbs(&api, &state).await, ["transition"]);
        for (mode, expected) in [("On", vec!["ring", "transition"]), ("Ring", vec!["silence", "transition"]), ("On", vec!["ring", "transition"]), ("Off", vec!["transition"])] {
            let _ = api.patch(&state, json!({"mode": mode})).await.assert_status(200);
            assert_eq!(verbs(&api, &state).await, expected, "{mode}");
        }
    }

    async fn r036_a_verb_link_is_named_by_its_verb(api: Workshop) {
        let shelf = api.shelf().await;
        let answer = api.get(&shelf).await;
        for verb in ["fill", "inspect", "explode"] {
            assert!(answer.link(verb, "POST").ends_with(&format!(":{verb}")));
        }
        assert!(actions(&answer.values()["links"], "clear").is_empty());
        let list = api.get(shelf.strip_suffix("/a").expect("the shelf's id")).await;
        assert!(list.link("tally", "POST").ends_with("/shelves:tally"));
        assert_eq!(verbs(&api, &format!("{shelf}/lamp")).await, ["light"]);
        let _ = api.call(&format!("{shelf}/lamp:light")).await.assert_status(200);
        assert_eq!(verbs(&api, &format!("{shelf}/lamp")).await, ["putOut"]);
    }

    async fn the_answer_of_a_write_shows_the_links_of_the_new_state(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        let on = api.post(&format!("{state}:transition"), json!({"to": "On"})).await.assert_status(200);
        assert_eq!(*on.values(), api.values(&state).await);
        assert!(on.link("ring", "POST").ends_with(":ring"));
    }

    async fn r091_a_delete_link_has_no_format(api: Registry) {
        let device = api.device().await;
        let values = api.values(&device).await;
        let links = values["links"].as_array().expect("links are a list");
        let delete = links.iter().find(|link| link["action"] == "DELETE").expect("a link");
        assert_eq!(delete["format"], json!([]));
        let patch = links.iter().find(|link| link["action"] == "PATCH").expect("a link");
        let formats = patch["format"].as_array().expect("a list");
        assert!(formats.contains(&json!("application/merge-patch+json")) && formats.contains(&json!("application/json-patch+json")));
    }

    async fn r093_an_href_is_an_absolute_url_of_the_requests_host(api: Registry) {
        let device = api.device().await;
        for host in ["localhost", "127.0.0.1:8080"] {
            let answer = api.get(&device).header("host", host).await.assert_status(200);
            for link in answer.links() {
                let href = link["href"].as_str().expect("a URL is a text");
                assert!(href.starts_with(&format!("http://{host}/api/v1")), "{href}");
            }
        }
    }
}

#[tokio::test]
async fn links_start_with_the_public_url_or_an_allowed_host() {
    for stored in rest_standard_tests::Stored::all() {
        let api = Registry::with(stored, |service| {
            service.public_url("https://things.example:8443").allow_host("inner.example")
        })
        .await;
        for host in ["localhost", "things.example:8443", "inner.example"] {
            let answer = api.get("device-types/house-alarm").header("host", host).await.assert_status(200);
            assert_eq!(answer.values()["url"], "https://things.example:8443/api/v1/device-types/house-alarm");
        }
        let _ = api.get("").header("host", "evil.example").await.assert_refused(421, "MisdirectedRequest");

        let api = Registry::with(stored, |service| service.allow_host("inner.example")).await;
        let answer =
            api.get("device-types/house-alarm").header("host", "inner.example").await.assert_status(200);
        assert_eq!(answer.values()["url"], "http://inner.example/api/v1/device-types/house-alarm");
    }
}
