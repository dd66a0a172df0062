//! Lists across parents (AIP-159): `-` in the place of an id.

use std::collections::BTreeSet;

use http::Method;
use rest_standard_tests::{Api, Registry, Workshop, actions, depot::exported, on_every_store};
use serde_json::{Value as Json, json};

const DEVICES: &str = "device-types/-/devices";
/// Those that the tests add to the registry's own.
const ADDED: &str = "$filter=displayName=%22Device*%22";

/// Three types with devices, whose names and volumes repeat below each of them.
async fn fill(api: &Registry) {
    for kind in ["b-type", "a-type", "c-type"] {
        let kind = api.kind(kind).await;
        for number in 0..4 {
            let fields = json!({"displayName": format!("Device {number}"), "volume": number % 2});
            let _ = api.device_with(&kind, fields).await;
        }
    }
}

async fn urls(api: &Api, path: &str) -> Vec<String> {
    let text = |url: &Json| url.as_str().expect("a URL").to_owned();
    api.column_of_all(path, "url").await.iter().map(text).collect()
}

/// A site with a shelf for each name, each with items of the same ids.
async fn items(api: &Workshop, shelves: &[&str]) -> String {
    let site = api.site().await;
    for shelf in shelves {
        let _ = api
            .put(
                &format!("{site}/shelves/{shelf}"),
                json!({"displayName": "x", "code": format!("{site} {shelf}")}),
            )
            .await
            .assert_status(201);
        for item in ["bolt", "nut"] {
            let _ = api
                .post(&format!("{site}/shelves/{shelf}/items"), json!({"id": item, "displayName": item}))
                .await
                .assert_status(201);
        }
    }
    site
}

on_every_store! {
    async fn every_element_is_there_once_and_is_its_own_parents(registry: Registry) {
        fill(&registry).await;
        let mut expected = BTreeSet::new();
        for kind in ["a-type", "b-type", "c-type"] {
            expected.extend(urls(&registry, &format!("device-types/{kind}/devices")).await);
        }
        let found = urls(&registry, &format!("{DEVICES}?{ADDED}&$limit=5")).await;
        assert_eq!((found.len(), found.iter().cloned().collect::<BTreeSet<_>>()), (12, expected));
        let mut sorted = found.clone();
        sorted.sort();
        assert_eq!(found, sorted, "the ids of the path decide, the root's first");
        let answer = registry.get(DEVICES).await.assert_status(200);
        for element in answer.values().as_array().expect("a list") {
            let own = registry.get(element["url"].as_str().expect("a URL").strip_prefix("http://localhost").expect("ours")).await;
            assert_eq!(own.values(), element, "a read gives the same, links and all");
        }
    }

    async fn an_export_has_what_the_list_has_in_its_order(registry: Registry) {
        fill(&registry).await;
        for query in [ADDED, "$search=device&$orderBy=volume%20desc,displayName", "volume=1&$orderBy=id%20desc", "$offset=0"] {
            let query = query.replace("$offset=0", "");
            let listed = urls(&registry, &format!("{DEVICES}?{query}&$limit=3")).await;
            let answer = registry.get(&format!("{DEVICES}:export?{query}")).await.assert_status(200);
            let url = |line: &Json| line["url"].as_str().expect("a URL").to_owned();
            assert_eq!(exported(&answer).iter().map(url).collect::<Vec<_>>(), listed, "{query}");
            assert!(listed.len() > 5, "{query}: {listed:?}");
        }
        let list = registry.get(DEVICES).await;
        assert_eq!(actions(&list.meta()["links"], "export"), ["GET"]);
        let answer = registry.get(&format!("{DEVICES}:export.csv?{ADDED}&$select=displayName")).await.assert_status(200);
        assert_eq!(answer.text.lines().count(), 13);
    }

    async fn a_part_of_the_path_may_be_open_in_an_export(api: Workshop) {
        let site = items(&api, &["a", "b"]).await;
        let _ = items(&api, &["c"]).await;
        let links = api.get(&format!("{site}/shelves/-/items")).await;
        let links = links.meta()["links"].as_array().expect("links").clone();
        let export = links.iter().find(|link| link["rel"] == "export").expect("an export")["href"].as_str().expect("a URL");
        assert!(export.ends_with(&format!("{site}/shelves/-/items:export")), "{export}");
        let answer = api.get(&format!("{site}/shelves/-/items:export")).await.assert_status(200);
        assert_eq!(exported(&answer).len(), 4);
        assert_eq!(exported(&api.get("sites/-/shelves/-/items:export").await).len(), 6);
        api.get("sites/4711/shelves/-/items:export").await.assert_refused(404, "NotFound");
    }

    async fn orders_offsets_and_cursors_hold_over_ties(registry: Registry) {
        fill(&registry).await;
        for order in ["volume", "volume desc", "displayName desc,volume", "id", "id desc", "createdAt desc", "volume,id desc"] {
            let list = format!("{DEVICES}?{ADDED}&$orderBy={}", order.replace(' ', "%20"));
            let whole = registry.column(&list, "url").await;
            assert_eq!(whole.len(), 12, "{order}");
            for limit in [1, 2, 5] {
                assert_eq!(registry.column_of_all(&format!("{list}&$limit={limit}"), "url").await, whole, "{order} by {limit}");
                let mut paged = Vec::new();
                for offset in (0..12).step_by(limit) {
                    paged.extend(registry.column(&format!("{list}&$limit={limit}&$offset={offset}"), "url").await);
                }
                assert_eq!(paged, whole, "{order} by {limit}");
            }
        }
    }

    async fn filters_equality_selection_counts_and_formats_are_those_of_a_list(registry: Registry) {
        fill(&registry).await;
        let answer = registry.get(&format!("{DEVICES}?{ADDED}&volume=1&$count=true&$select=displayName&$limit=2")).await.assert_status(200);
        assert_eq!((&answer.meta()["totalCount"], &answer.meta()["totalCountRelation"]), (&json!(6), &json!("Exact")));
        assert_eq!(answer.values()[0].as_object().expect("an object").keys().collect::<Vec<_>>(), ["displayName", "id", "url"]);
        let csv = registry.get(&format!("device-types/-/devices.csv?{ADDED}&volume=1")).await.assert_status(200);
        assert_eq!(csv.text.lines().count(), 7);
        let page = registry.get(&format!("{DEVICES}?{ADDED}")).header("accept", "text/html").await.assert_status(200);
        assert!(page.text.contains("12 elements") && page.text.contains("<li>all</li>"), "{page}");
        registry.get(&format!("{DEVICES}?$filter=nope=1")).await.assert_refused(400, "InvalidParameter");
        registry.get(&format!("{DEVICES}?nope=1")).await.assert_refused(400, "UnknownParameter");
        let _ = registry.request(Method::HEAD, DEVICES).await.assert_status(200);
    }

    async fn it_is_a_list_and_nothing_else(registry: Registry) {
        fill(&registry).await;
        let options = registry.request(Method::OPTIONS, DEVICES).await.assert_status(200);
        assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let refused = registry.request(method, DEVICES).await;
            refused.assert_refused(405, "MethodNotAllowed");
            assert_eq!(refused.header("allow"), "GET, HEAD, OPTIONS");
        }
        let links = registry.get(&format!("{DEVICES}?$limit=1")).await;
        let rels: Vec<_> = links.links().iter().map(|link| link["rel"].as_str().expect("text")).collect();
        assert_eq!(rels, ["self", "export", "up", "next"]);
        assert_eq!(links.links()[2]["href"], "http://localhost/api/v1/device-types");
        for path in [
            "device-types/-", "device-types/-/state-machine", "device-types/-/attributes", "device-types/-/changes",
            "device-types/-/devices:batchGet", "device-types/-/devices/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4", "device-types/a-type/devices/-",
            "device-types/-/devices/-/changes",
        ] {
            let refused = registry.get(path).await;
            assert!(refused.status == 400 || refused.status == 405, "{path}: {refused}");
        }
        registry.post("device-types/-/devices:batchCreate", json!({"items": []})).await.assert_refused(400, "MalformedRequest");
        let below = registry.get("device-types/-/devices/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4").await;
        assert!(below.text.contains("must be one id") && !below.text.contains("must be `-`"), "{below}");
        registry.get("device-types/-/nothing").await.assert_refused(404, "NotFound");
    }

    async fn a_cursor_is_bound_to_its_parents(registry: Registry) {
        fill(&registry).await;
        let across = registry.get(&format!("{DEVICES}?$limit=2")).await;
        let one = registry.get("device-types/a-type/devices?$limit=2").await;
        let token = |link: &Json| link.as_str().expect("a link").split("$cursor=").nth(1).expect("a cursor").to_owned();
        let (across, one) = (token(&across.meta()["cursorNextLink"]), token(&one.meta()["cursorNextLink"]));
        registry.get(&format!("{DEVICES}?$limit=2&$cursor={one}")).await.assert_refused(400, "InvalidParameter");
        registry.get(&format!("device-types/a-type/devices?$limit=2&$cursor={across}")).await.assert_refused(400, "InvalidParameter");
        let _ = registry.get(&format!("{DEVICES}?$limit=2&$cursor={across}")).await.assert_status(200);
    }

    async fn the_first_ids_may_be_given(api: Workshop) {
        let (one, other) = (items(&api, &["lower", "upper"]).await, items(&api, &["upper"]).await);
        assert_eq!(urls(&api, "sites/-/shelves/-/items").await.len(), 6);
        let below = urls(&api, &format!("{one}/shelves/-/items?$limit=1")).await;
        assert_eq!(below.len(), 4);
        assert!(below.iter().all(|url| url.contains(&format!("{one}/shelves/"))), "{below:?}");
        let reversed = api.column(&format!("{one}/shelves/-/items?$orderBy=id%20desc"), "url").await;
        let ends: Vec<_> = reversed.iter().map(|url| url.as_str().expect("text").rsplit("/shelves/").next().expect("an end")).collect();
        assert_eq!(ends, ["lower/items/nut", "upper/items/nut", "lower/items/bolt", "upper/items/bolt"]);
        let up = api.get(&format!("{one}/shelves/-/items")).await;
        assert_eq!(up.links()[2]["href"], json!(format!("http://localhost{}", if one.starts_with('/') { format!("{one}/shelves") } else { format!("/api/v1/{one}/shelves") })));
        api.get("sites/4711/shelves/-/items").await.assert_refused(404, "NotFound");
        let id = other.rsplit('/').next().expect("an id").to_owned();
        let mixed = api.get(&format!("sites/-/shelves/{id}/items")).await;
        mixed.assert_refused(400, "MalformedRequest");
        assert!(mixed.text.contains("must be `-`"), "{mixed}");
    }

    async fn a_search_finds_what_has_the_words_and_not_what_has_only_its_id(api: Workshop) {
        let (one, other) = (items(&api, &["lower", "upper"]).await, items(&api, &["upper"]).await);
        let _ = api.patch(&format!("{one}/shelves/upper/items/bolt"), json!({"displayName": "Brass screw"})).await.assert_status(200);
        assert_eq!(urls(&api, "sites/-/shelves/-/items?$search=brass").await.len(), 1);
        assert_eq!(urls(&api, "sites/-/shelves/-/items?$search=bol").await.len(), 2);
        assert_eq!(urls(&api, &format!("{one}/shelves/-/items?$search=bolt")).await.len(), 1);
        assert_eq!(urls(&api, &format!("{other}/shelves/-/items?$search=brass")).await, [""; 0]);
        assert_eq!(urls(&api, &format!("{one}/shelves/upper/items?$search=brass")).await.len(), 1);
    }

    async fn resources_below_deleted_ones_offer_reads_alone(api: Workshop) {
        for catalog in ["kept", "gone"] {
            let _ = api.post("catalogs", json!({"id": catalog, "title": "x"})).await;
            let _ = api.post(&format!("catalogs/{catalog}/drawings"), json!({"id": "hexagon", "title": "x"})).await;
            let _ = api.post(&format!("catalogs/{catalog}/drawings/hexagon/copies"), json!({"holder": "x"})).await.assert_status(201);
        }
        let _ = api.delete("catalogs/gone?$force=true").await.assert_status(200);
        let answer = api.get("catalogs/-/drawings/-/copies").await.assert_status(200);
        let copies = answer.values().as_array().expect("a list");
        assert_eq!(copies.len(), 2);
        for copy in copies {
            let url = copy["url"].as_str().expect("text");
            let writes = copy["links"].as_array().expect("links").iter().any(|link| link["action"] == "DELETE");
            assert_eq!(writes, url.contains("/kept/"), "{copy}");
            assert_eq!(api.get(url.strip_prefix("http://localhost").expect("ours")).await.values(), copy);
        }
    }
}
