//! `$select`: which members an answer has, on every store.

use http::Method;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use rest_standard_tests::{
    Api, Registry, Stored, Workshop, column, is_long, on_every_store, without, workshop,
};
use serde_json::{Map, Value as Json, json};

/// A path with an encoded selection.
fn selecting(path: &str, selection: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("$select", selection).finish();
    format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' })
}

/// What a selection of one resource answers, without `id` and `url`, which must be there.
async fn selected(api: &Api, path: &str, selection: &str) -> Json {
    let values = api.values(&selecting(path, selection)).await;
    let whole = api.values(path).await;
    assert_eq!((&values["id"], &values["url"]), (&whole["id"], &whole["url"]), "{selection}");
    without(&values, &["id", "url"])
}

/// The names of the members of an answer's first resource, in the order of its text.
fn order_of_members(text: &str) -> Vec<String> {
    let values = &text[text.find("\"values\":").expect("it has values")..];
    let values = values.split_once('{').expect("it has a resource").1;
    let mut names = Vec::new();
    let (mut depth, mut rest) = (0, values);
    while let Some(char) = rest.chars().next() {
        match char {
            '"' => {
                let end = rest[1..].find('"').expect("texts without escapes") + 1;
                if depth == 0 && rest[end + 1..].starts_with(':') {
                    names.push(rest[1..end].to_owned());
                }
                rest = &rest[end + 1..];
                continue;
            }
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 0 => break,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        rest = &rest[char.len_utf8()..];
    }
    names
}

/// A site with something in every place that can be selected.
async fn full_site(api: &Workshop) -> String {
    api.site_with(json!({
        "displayName": "a", "kind": "Factory", "capacity": "-5", "floors": 9, "sections": [1, 2],
        "labels": {"env": "prod", "a key": "x", "a.b": "y"}, "ref": "r",
        "address": {
            "street": "Main", "latitude": 52.5, "gateCode": "secret",
            "doors": [{"label": "front", "storey": 0}, {"label": "roof", "storey": 9}],
        },
    }))
    .await
}

on_every_store! {
    async fn r044_a_read_answers_what_is_selected(api: Workshop) {
        let site = full_site(&api).await;
        let whole = api.values(&site).await;
        for (selection, expected) in [
            ("id", json!({})),
            ("url,id", json!({})),
            ("displayName", json!({"displayName": "a"})),
            ("displayName,displayName", json!({"displayName": "a"})),
            (" displayName , kind ", json!({"displayName": "a", "kind": "Factory"})),
            ("capacity,floors,sections", json!({"capacity": "-5", "floors": 9, "sections": [1, 2]})),
            ("mark,photo", json!({"mark": null, "photo": null})),
            ("ref", json!({"ref": "r"})),
            // Members, elements of lists, keys of maps.
            ("address.street", json!({"address": {"street": "Main"}})),
            ("address.latitude,address.street", json!({"address": {"latitude": 52.5, "street": "Main"}})),
            ("address.doors.label", json!({"address": {"doors": [{"label": "front"}, {"label": "roof"}]}})),
            ("address.doors", json!({"address": {"doors": [{"label": "front", "storey": 0}, {"label": "roof", "storey": 9}]}})),
            ("labels.env", json!({"labels": {"env": "prod"}})),
            ("labels.\"a key\",labels.'a.b'", json!({"labels": {"a key": "x", "a.b": "y"}})),
            ("labels.other", json!({"labels": {}})),
            // An object beside one of its members is all of it.
            ("labels.env,labels", json!({"labels": {"env": "prod", "a key": "x", "a.b": "y"}})),
            ("address,address.street", json!({"address": whole["address"]})),
            // The framework's.
            ("etag", json!({"etag": whole["etag"]})),
            ("links", json!({"links": whole["links"]})),
            ("createdAt,createdBy,updatedAt,updatedBy", json!({
                "createdAt": whole["createdAt"], "createdBy": null, "updatedAt": whole["updatedAt"], "updatedBy": null,
            })),
            // Views.
            ("card", json!({
                "displayName": "a", "ref": "r", "etag": whole["etag"], "labels": {"env": "prod"},
                "address": {"doors": [{"label": "front"}, {"label": "roof"}]},
            })),
            ("rights", json!({"links": whole["links"], "createdBy": null})),
        ] {
            assert_eq!(selected(&api, &site, selection).await, expected, "{selection}");
        }
        assert!(whole["address"].get("gateCode").is_none());
    }

    async fn the_documents_pattern_takes_what_is_taken(api: Workshop) {
        let document: Json = api.get("/openapi.json").await.body;
        let parameters = document["paths"]["/sites/{siteId}"]["get"]["parameters"].as_array().expect("parameters");
        let parameter = parameters.iter().find(|parameter| parameter["name"] == "$select").expect("`$select`");
        let schema = jsonschema::validator_for(&parameter["schema"]).expect("a schema");
        let site = full_site(&api).await;
        for (selection, is_taken) in [
            ("id", true),
            ("url,etag,links,displayName", true),
            ("card", true),
            ("card,id", false),
            ("address", true),
            ("address.doors.label,address.street", true),
            ("address.gateCode", false),
            ("address.doors.storey.more", false),
            ("labels.env", true),
            ("labels.\"a \\\" key\",displayName", true),
            ("labels.env.more", false),
            ("floors.more", false),
            ("deletedAt", false),
            ("", false),
            (",", false),
            ("displayNam", false),
        ] {
            let answer = api.get(&selecting(&site, selection)).await;
            assert_eq!(answer.status == 200, is_taken, "{answer}");
            assert_eq!(schema.is_valid(&json!(selection)), is_taken, "{selection}: {}", parameter["schema"]);
        }
    }

    async fn r044_what_is_null_stays_null(api: Workshop) {
        let site = api.site().await;
        assert_eq!(
            selected(&api, &site, "address.doors.label,labels.env,owner,sections".replace("owner,", "").as_str()).await,
            json!({"address": null, "labels": {}, "sections": []}),
        );
    }

    async fn r044_every_element_of_a_list_has_what_is_selected(api: Registry) {
        let devices = api.devices_named(&["Bell", "Lamp"]).await;
        let answer = api.get(&format!("{devices}?$select=displayName,volume&$orderBy=displayName")).await.assert_status(200);
        let ids = column(&answer, "id");
        let urls = column(&answer, "url");
        assert_eq!(answer.values(), &json!([
            {"id": ids[0], "url": urls[0], "displayName": "Bell", "volume": 5},
            {"id": ids[1], "url": urls[1], "displayName": "Lamp", "volume": 5},
        ]));
        assert_eq!(api.values(urls[0].as_str().expect("a url")).await["displayName"], "Bell");
        // What is selected in the elements does not touch what the page says of itself.
        assert_eq!((&answer.meta()["totalCount"], answer.links().is_empty()), (&json!(2), false));
    }

    async fn members_come_in_their_usual_order(api: Registry) {
        let device = api.device().await;
        let whole = order_of_members(&api.get(&device).await.text);
        let chosen = order_of_members(&api.get(&format!("{device}?$select=etag,links,volume,updatedAt,displayName,tags")).await.text);
        assert_eq!(chosen, ["id", "url", "displayName", "volume", "tags", "updatedAt", "etag", "links"]);
        assert!(whole.iter().filter(|name| chosen.contains(name)).eq(&chosen), "{whole:?}");
    }

    async fn singletons_and_changes_are_selected_as_well(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        let whole = api.values(&state).await;
        assert_eq!(selected(&api, &state, "mode").await, json!({"mode": whole["mode"]}));
        assert_eq!(selected(&api, &state, "links").await, json!({"links": whole["links"]}));
        let _ = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        let changes = format!("{device}/changes");
        let answer = api.get(&format!("{changes}?$select=method,updatedAt&$orderBy=id")).await.assert_status(200);
        let times = api.column(&format!("{changes}?$orderBy=id"), "createdAt").await;
        assert_eq!(column(&answer, "method"), ["Create", "Update"]);
        assert_eq!(column(&answer, "updatedAt"), times);
        assert!(answer.values().as_array().expect("a list").iter().all(|entry| entry.as_object().is_some_and(|entry| entry.len() == 4)));
        assert_eq!(selected(&api, &format!("{changes}/2"), "patch").await, json!({"patch": {"volume": 1}}));
        assert_eq!(
            selected(&api, &format!("{changes}/2"), "etag").await,
            json!({"etag": api.values(&format!("{changes}/2")).await["etag"]}),
        );
        assert_eq!(column(&api.get(&format!("{changes}?$select=etag")).await, "etag"), api.column(&changes, "etag").await);
    }

    async fn a_singleton_without_a_row_is_selected_from_its_defaults(api: Workshop) {
        let lamp = format!("{}/lamp", api.shelf().await);
        assert_eq!(selected(&api, &lamp, "level").await, json!({"level": 5}));
        assert_eq!(selected(&api, "settings", "motto,createdAt").await, json!({
            "motto": null, "createdAt": api.values("settings").await["createdAt"],
        }));
        let _ = api.get("sites/99/shelves/a/lamp?$select=level").await.assert_refused(404, "NotFound");
    }

    async fn conditions_of_links_are_asked_of_the_whole_resource(api: Workshop) {
        let shelf = api.shelf().await;
        let rels = async |path: &str| {
            let answer = api.get(path).await.assert_status(200);
            let values = answer.values();
            let resource = if values.is_array() { &values[0] } else { values };
            resource["links"].as_array().expect("links").clone()
        };
        for filled in [false, true] {
            if filled {
                let _ = api.post(&format!("{shelf}:fill"), json!({"amount": 3})).await.assert_status(200);
            }
            let whole = rels(&shelf).await;
            assert_eq!(whole.iter().any(|link| link["rel"] == "clear"), filled);
            let list = shelf.trim_end_matches("/a");
            for path in [format!("{shelf}?$select=links"), format!("{shelf}?$select=links,code"), format!("{list}?$select=links")] {
                assert_eq!(rels(&path).await, whole, "{path}");
            }
        }
    }

    async fn every_name_of_the_parameter_means_the_same(api: Registry) {
        let device = api.device().await;
        for name in ["$select", "$fields", "$view", "select", "fields", "view", "%24select"] {
            for value in ["displayName,volume,owner", "summary"] {
                let answer = api.get(&format!("{device}?{name}={value}")).await.assert_status(200);
                assert_eq!(without(answer.values(), &["id", "url"]), json!({"displayName": "Hall", "owner": "ada", "volume": 5}));
            }
        }
        for query in ["$select=owner&$select=owner", "$select=owner&$fields=owner", "view=summary&$view=summary"] {
            let _ = api.get(&format!("{device}?{query}")).await.assert_refused(400, "InvalidParameter");
        }
        for path in ["device-types", &device] {
            let suffixed = format!("{path}.json?$select=etag");
            let _ = api.get(&suffixed).await.assert_status(200);
        }
    }

    async fn what_does_not_answer_with_a_resource_takes_no_selection(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        for (method, path) in [
            (Method::POST, "device-types"),
            (Method::PATCH, &device),
            (Method::PUT, &device),
            (Method::DELETE, &device),
            (Method::OPTIONS, &device),
            (Method::GET, ""),
        ] {
            let mut request = api.request(method.clone(), &format!("{path}?$select=id"));
            if [Method::POST, Method::PUT, Method::PATCH].contains(&method) {
                request = request.body(&before);
            }
            let answer = request.await.assert_status(400);
            assert_eq!((answer.reason(), &answer.errors()[0]["parameter"]), ("UnknownParameter", &json!("$select")), "{method} {path}: {answer}");
        }
        assert_eq!(api.values(&device).await, before);
    }

    async fn each_fault_has_its_position(api: Workshop) {
        let site = full_site(&api).await;
        for (selection, faults) in [
            ("", vec![(0, "must name a field, got its end")]),
            (" ", vec![(1, "must name a field, got its end")]),
            (",displayName", vec![(0, "must name a field, got `,`")]),
            ("displayName,", vec![(12, "must name a field, got its end")]),
            ("displayName,,kind", vec![(12, "must name a field, got `,`")]),
            ("displayName kind", vec![(12, "must have a comma between two fields, got `k`")]),
            ("labels.", vec![(7, "must name a field, got its end")]),
            ("labels..a", vec![(7, "must name a field, got `.`")]),
            ("labels.\"a", vec![(7, "has a quote without its end")]),
            ("kind=Store", vec![(4, "must have a comma between two fields, got `=`")]),
            ("displayNam", vec![(0, "must name fields of the resource, or a view, `displayNam` is neither, did you mean `displayName`?")]),
            ("cart", vec![(0, "must name fields of the resource, or a view, `cart` is neither, did you mean `card`?")]),
            ("kind,card", vec![(5, "must name fields, or one view alone, `card` is a view")]),
            ("Kind,kïnd,adress.street", vec![
                (0, "must name fields of the resource, `Kind` is not one, did you mean `kind`?"),
                (5, "must name fields of the resource, `kïnd` is not one, did you mean `kind`?"),
                (10, "must name fields of the resource, `adress` is not one, did you mean `address`?"),
            ]),
            ("address.stret,kind,address.doors.storex", vec![
                (8, "`stret` is no member of `address`, did you mean `street`?"),
                (33, "`storex` is no member of `doors`, did you mean `storey`?"),
            ]),
            ("address.anything", vec![(8, "`anything` is no member of `address`; members are `street`, `latitude`, `doors`")]),
            // What nobody sees is as if it were not there.
            ("address.gateCode", vec![(8, "`gateCode` is no member of `address`; members are `street`, `latitude`, `doors`")]),
            ("displayName.first", vec![(12, "`displayName` has no members that could be named, so that nothing can follow its dot")]),
            ("sections.title", vec![(9, "`sections` has no members that could be named, so that nothing can follow its dot")]),
            ("labels.env.x", vec![(11, "`env` has no members that could be named, so that nothing can follow its dot")]),
            ("links.rel", vec![(6, "`links` has no members that could be named, so that nothing can follow its dot")]),
            ("id.x", vec![(3, "`id` has no members that could be named, so that nothing can follow its dot")]),
        ] {
            for path in [&*site, "sites"] {
                for name in ["$select", "view"] {
                    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, selection).finish();
                    let answer = api.get(&format!("{path}?{query}")).await.assert_status(400);
                    assert_eq!(answer.reason(), "InvalidParameter", "{answer}");
                    let expected: Vec<_> = faults
                        .iter()
                        .map(|(position, detail)| json!({"parameter": "$select", "position": position, "detail": detail}))
                        .collect();
                    assert_eq!(answer.errors(), expected, "{selection}");
                }
            }
        }
        let answer = api.get(&format!("{site}?$select=*")).await.assert_status(400);
        assert!(answer.errors()[0]["detail"].as_str().is_some_and(|detail| detail.ends_with("leave `$select` out for all of them")), "{answer}");
        let shelf = api.shelf().await;
        let answer = api.get(&format!("{shelf}?$select=pin")).await.assert_status(400);
        assert!(answer.errors()[0]["detail"].as_str().is_some_and(|detail| detail.contains("`pin` is not one; fields are `displayName`, `code`, `barcode`, `stock`, `id`")), "{answer}");
        let many = vec!["x"; 2_000].join(",");
        assert_eq!(api.get(&format!("{site}?$select={many}")).await.assert_status(400).errors().len(), 100);
        let deep = vec!["a"; 33].join(".");
        let answer = api.get(&format!("{site}?$select={deep}")).await.assert_status(400);
        assert_eq!(answer.errors()[0]["position"], 64, "{answer}");
    }

    async fn the_etag_header_tells_selections_apart(api: Registry) {
        let device = api.device().await;
        let header = async |query: &str| api.get(&format!("{device}{query}")).await.assert_status(200).header("etag").to_owned();
        let plain = header("").await;
        let summary = header("?$select=summary").await;
        let revision = plain.trim_matches('"');
        let suffix = summary.trim_matches('"').strip_prefix(&format!("{revision};")).expect("a suffix").to_owned();
        assert!(suffix.starts_with("select-") && suffix.len() == 23, "{suffix}");
        // The same selection has the same tag, however it is written.
        for query in ["?$select=owner,volume,displayName", "?$fields=displayName,%20owner,volume,volume,id", "?view=summary&$format=json"] {
            assert_eq!(header(query).await, summary, "{query}");
        }
        let mut tags = vec![plain.clone(), summary];
        for query in ["?$select=id", "?$select=owner", "?$select=tags", "?$select=etag", "?$select=links"] {
            tags.push(header(query).await);
        }
        let count = tags.len();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), count, "{tags:?}");
        // The member is the resource's own.
        assert_eq!(api.values(&format!("{device}?$select=etag")).await["etag"], json!(plain));
    }

    async fn if_none_match_compares_the_whole_tag_and_if_match_the_revision(api: Registry) {
        let device = api.device().await;
        let path = format!("{device}?$select=displayName");
        let plain = api.get(&device).await.header("etag").to_owned();
        let selected = api.get(&path).await.header("etag").to_owned();
        for method in [Method::GET, Method::HEAD] {
            let answer = api.request(method.clone(), &path).header("if-none-match", &selected).await;
            assert_eq!((answer.status, answer.text.as_str(), answer.header("etag")), (304, "", &*selected));
            for (path, tag) in [(&path, &plain), (&device, &selected)] {
                assert_eq!(api.request(method.clone(), path).header("if-none-match", tag).await.status, 200, "{path}");
            }
            for tag in [&plain, &selected] {
                assert_eq!(api.request(method.clone(), &path).header("if-match", tag).await.status, 200);
            }
            assert_eq!(api.request(method.clone(), &path).header("if-match", "\"other;x\"").await.status, 412);
        }
        // A client that has read a part can write.
        let _ = api.patch(&device, json!({"volume": 2})).header("if-match", &selected).await.assert_status(200);
        let _ = api.patch(&device, json!({"volume": 3})).header("if-match", &selected).await.assert_refused(412, "PreconditionFailed");
        let _ = api.get(&path).header("if-none-match", &selected).await.assert_status(200);
    }

    async fn a_head_says_what_the_get_would(api: Registry) {
        let device = api.device().await;
        for path in [format!("{device}?$select=owner"), "device-types?$select=id".to_owned()] {
            let get = api.get(&path).await.assert_status(200);
            let head = api.request(Method::HEAD, &path).await.assert_status(200);
            assert_eq!((head.find_header("etag"), head.text.as_str()), (get.find_header("etag"), ""));
        }
    }

    async fn r070_pages_keep_and_may_change_their_selection(api: Registry) {
        let devices = api.devices_named(&["a", "b", "c", "d", "e"]).await;
        // The order columns are read for the cursor, and not shown.
        let first = api.get(&format!("{devices}?$limit=2&$orderBy=displayName%20desc,updatedAt&$select=volume")).await.assert_status(200);
        assert_eq!(column(&first, "displayName"), [Json::Null, Json::Null]);
        let next = first.meta()["cursorNextLink"].as_str().expect("another page").to_owned();
        assert!(next.contains("$select=volume"), "{next}");
        let second = api.get(&next).await.assert_status(200);
        assert_eq!((column(&second, "volume"), column(&second, "displayName")), (vec![json!(5); 2], vec![Json::Null; 2]));
        for (other, expected) in [("$select=displayName", vec!["c", "b"]), ("$view=summary", vec!["c", "b"])] {
            let answer = api.get(&next.replace("$select=volume", other)).await.assert_status(200);
            assert_eq!(column(&answer, "displayName"), expected);
        }
        let _ = api.get(&next.replace("&$select=volume", "")).await.assert_status(200);
        assert_eq!(api.column_of_all(&format!("{devices}?$limit=2&$orderBy=displayName&$select=displayName"), "displayName").await, ["a", "b", "c", "d", "e"]);
    }

    async fn what_is_not_selected_can_be_filtered_and_ordered_by(api: Registry) {
        let devices = api.devices_named(&["a", "b", "c"]).await;
        let ids = api.column(&format!("{devices}?$orderBy=displayName%20desc"), "id").await;
        for (query, expected) in [
            ("$orderBy=displayName%20desc", &ids[..]),
            ("$orderBy=displayName%20desc&$filter=displayName%20!=%20a", &ids[..2]),
            ("displayName=b", &ids[1..2]),
            ("$orderBy=createdAt%20desc,displayName&$offset=2", &ids[2..]),
        ] {
            for selection in ["id", "volume", "summary", "links", "createdBy"] {
                let answer = api.get(&format!("{devices}?{query}&$select={selection}")).await.assert_status(200);
                assert_eq!(column(&answer, "id"), expected, "{query} {selection}");
            }
        }
    }

    async fn a_part_that_was_read_is_never_taken_for_the_whole(api: Registry) {
        // A service that has just started knows no rows; what it reads first is a part.
        let kind = api.kind("parts").await;
        let device = api.device_with(&kind, json!({"owner": "eve", "tags": ["x"]})).await;
        let before = api.values(&device).await;
        for path in [format!("{device}?$select=id"), format!("{kind}/devices?$select=id")] {
            let _ = api.get(&path).await.assert_status(200);
            assert_eq!(api.values(&device).await, before);
        }
        let _ = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        let _ = api.get(&format!("{device}?$select=volume")).await.assert_status(200);
        let after = api.patch(&device, json!({"enabled": false})).await.assert_status(200);
        assert_eq!((&after.values()["owner"], &after.values()["tags"], &after.values()["volume"]), (&json!("eve"), &json!(["x"]), &json!(1)));
    }
}

/// A selection of a site as a set of paths, and the text that a client may write for it.
fn selection() -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    let path = prop::sample::select(vec![
        vec!["id"],
        vec!["displayName"],
        vec!["kind"],
        vec!["capacity"],
        vec!["load"],
        vec!["isOpen"],
        vec!["openedOn"],
        vec!["inspectedAt"],
        vec!["photo"],
        vec!["address"],
        vec!["address", "street"],
        vec!["address", "latitude"],
        vec!["address", "doors"],
        vec!["address", "doors", "label"],
        vec!["address", "doors", "storey"],
        vec!["sections"],
        vec!["labels"],
        vec!["labels", "env"],
        vec!["labels", "a key"],
        vec!["ref"],
        vec!["limit"],
        vec!["createdAt"],
        vec!["createdBy"],
        vec!["updatedAt"],
        vec!["updatedBy"],
        vec!["etag"],
        vec!["links"],
    ]);
    prop::collection::vec(path, 1..7)
}

fn written(paths: &[Vec<&str>]) -> String {
    let name = |name: &&str| if name.contains(' ') { format!("\"{name}\"") } else { (*name).to_owned() };
    let path = |path: &Vec<&str>| path.iter().map(name).collect::<Vec<_>>().join(".");
    paths.iter().map(path).collect::<Vec<_>>().join(",")
}

/// What a set of paths leaves of a value, told without trees: a member stays if a path ends there or leads on.
fn pruned(value: &Json, paths: &[&[&str]]) -> Json {
    match value {
        _ if paths.iter().any(|path| path.is_empty()) => value.clone(),
        Json::Array(items) => items.iter().map(|item| pruned(item, paths)).collect(),
        Json::Object(members) => {
            let mut left = Map::new();
            for (name, member) in members {
                let inner: Vec<&[&str]> =
                    paths.iter().filter(|path| path[0] == name).map(|path| &path[1..]).collect();
                if !inner.is_empty() {
                    left.insert(name.clone(), pruned(member, &inner));
                }
            }
            Json::Object(left)
        }
        other => other.clone(),
    }
}

/// A selected answer is the whole answer without what was not selected, whatever is selected and wherever it is kept.
#[tokio::test]
async fn r044_a_selection_prunes_the_whole_answer() {
    let mut runner = TestRunner::new(ProptestConfig::default());
    for stored in Stored::all() {
        let api = stored.start(workshop::service()).await;
        for body in [
            json!({"displayName": "a", "capacity": "1", "labels": {"env": "prod", "a key": "x"}, "sections": [1, 2], "photo": "AAEC",
                   "inspectedAt": "2026-11-21T10:00:00.5Z", "openedOn": "2026-11-21", "ref": "r", "limit": 3,
                   "address": {"street": "s", "latitude": 1.5, "gateCode": "g", "doors": [{"label": "l", "storey": 1}, {"label": "m", "storey": 2}]}}),
            json!({"displayName": "b", "capacity": "9007199254740993", "kind": "Store", "isOpen": false, "address": {"street": "t", "doors": []}}),
            json!({"displayName": "c", "capacity": "-1", "load": 0.25, "labels": {"other": ""}}),
        ] {
            let made = api.post("sites", body).await.assert_status(201);
            let id = made.values()["id"].clone();
            let _ = api.patch(&format!("sites/{id}"), json!({"floors": 2})).await.assert_status(200);
        }
        let whole = api.values("sites").await;
        for _ in 0..if is_long() { 2_000 } else { 150 } {
            let chosen = selection().new_tree(&mut runner).expect("a selection").current();
            let text = written(&chosen);
            let always: [&[&str]; 2] = [&["id"], &["url"]];
            let paths: Vec<&[&str]> = chosen.iter().map(Vec::as_slice).chain(always).collect();
            let expected = pruned(&whole, &paths);
            assert_eq!(api.values(&selecting("sites", &text)).await, expected, "{stored:?} {text}");
            let ordered = "sites?$orderBy=kind%20desc,load&$limit=1&$offset=1";
            let (one, all) = (api.values(&selecting(ordered, &text)).await, api.values(ordered).await);
            assert_eq!(one, pruned(&all, &paths), "{stored:?} {text}");
            for (at, site) in ["sites/1", "sites/2", "sites/3"].into_iter().enumerate() {
                assert_eq!(
                    api.values(&selecting(site, &text)).await,
                    expected[at],
                    "{stored:?} {site} {text}"
                );
            }
        }
    }
}

/// Whatever is sent, a selection is read or refused at a place within it.
#[tokio::test]
async fn every_text_is_read_or_refused() {
    let api = Stored::Sqlite.start(workshop::service()).await;
    let _ = api.post("sites", json!({"displayName": "s", "capacity": "1"})).await.assert_status(201);
    let text = r#"([a-zä]|floors|card|displayName|sections|labels|address|doors|[0-9]|[-+*.,:=<>!&|\\"'() ]|,|\.|\PC){0,40}"#;
    let text = proptest::string::string_regex(text).expect("a pattern");
    let mut runner = TestRunner::new(ProptestConfig::default());
    for _ in 0..if is_long() { 5_000 } else { 500 } {
        let text = text.new_tree(&mut runner).expect("a text").current();
        let answer = api.get(&selecting("sites", &text)).await;
        if answer.status != 200 {
            assert_eq!(answer.status, 400, "{text}: {answer}");
            let length = text.chars().count() as u64;
            let is_within =
                |error: &Json| error["position"].as_u64().is_some_and(|position| position <= length);
            assert!(answer.errors().iter().all(is_within), "{text}: {answer}");
        }
    }
}
