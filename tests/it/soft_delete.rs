//! Soft delete: Delete marks, `:undelete` brings back, and after `purgeAt` the resource is gone.

use std::time::Duration;

use http::Method;
use rest_standard::testing::Deterministic;
use rest_standard_tests::{
    Api, Registry, Stored, Workshop, column, locators, on_every_store, without, workshop,
};
use serde_json::{Value as Json, json};

/// A catalog that is not deleted; gives its address.
async fn catalog(api: &Api, id: &str) -> String {
    let body = json!({"id": id, "title": format!("All {id}")});
    let _ = api.post("catalogs", body).await.assert_status(201);
    format!("catalogs/{id}")
}

/// A drawing in it; gives its address.
async fn drawing(api: &Api, catalog: &str, id: &str) -> String {
    let _ = api
        .post(&format!("{catalog}/drawings"), json!({"id": id, "title": "A drawing"}))
        .await
        .assert_status(201);
    format!("{catalog}/drawings/{id}")
}

async fn deleted(api: &Api, path: &str) -> Json {
    api.delete(&format!("{path}?$force=true")).await.assert_status(200).values().clone()
}

fn rels(values: &Json) -> Vec<String> {
    let links = values["links"].as_array().expect("links are an array");
    links
        .iter()
        .map(|link| format!("{} {}", link["rel"].as_str().unwrap(), link["action"].as_str().unwrap()))
        .collect()
}

on_every_store! {
    async fn r073_delete_marks_and_answers_the_marked_resource(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let before = api.values(&path).await;
        for member in ["deletedAt", "deletedBy", "purgeAt"] {
            assert_eq!(before[member], Json::Null, "{member}");
        }
        let answer = api.delete(&path).await.assert_status(200);
        let after = answer.values().clone();
        let time = |member: &str| after[member].as_str().expect("a time").parse::<jiff::Timestamp>().expect("RFC 3339");
        assert_eq!(time("purgeAt").duration_since(time("deletedAt")).as_secs(), 30 * 86_400);
        assert_eq!(after["updatedAt"], after["deletedAt"]);
        assert_ne!(after["etag"], before["etag"]);
        assert_eq!(answer.header("etag"), after["etag"].as_str().expect("a tag"));
        let volatile = ["deletedAt", "purgeAt", "updatedAt", "etag", "links"];
        assert_eq!(without(&after, &volatile), without(&before, &volatile));
        // It can still be read, as it was answered.
        assert_eq!(api.values(&path).await, after);
    }

    async fn lists_leave_it_out_unless_it_is_asked_for(api: Workshop) {
        for id in ["a", "b", "c"] {
            let _ = catalog(&api, id).await;
        }
        assert_eq!(api.count("catalogs").await, 3);
        let _ = deleted(&api, "catalogs/b").await;
        let ids = async |path: &str| column(&api.get(path).await.assert_status(200), "id");
        assert_eq!(ids("catalogs").await, ["a", "c"]);
        assert_eq!(ids("catalogs?$showDeleted=false").await, ["a", "c"]);
        assert_eq!(ids("catalogs?$showDeleted=true").await, ["a", "b", "c"]);
        assert_eq!(ids("catalogs?$orderBy=title%20desc").await, ["c", "a"]);
        assert_eq!(ids("catalogs?$orderBy=title%20desc&$showDeleted=true&title=All%20b").await, ["b"]);
        assert_eq!(ids("catalogs?$filter=deletedAt:*").await, Vec::<Json>::new());
        assert_eq!(ids("catalogs?$filter=deletedAt:*&$showDeleted=true").await, ["b"]);
        assert_eq!(ids("catalogs?$orderBy=deletedAt%20desc,id&$showDeleted=true").await, ["b", "a", "c"]);
        for (path, total) in [("catalogs", 2), ("catalogs?$showDeleted=true", 3), ("catalogs?$limit=1", 2), ("catalogs?$limit=0&$count=true", 2)] {
            assert_eq!(api.get(path).await.meta()["totalCount"], total, "{path}");
        }
        // Counts follow what comes back and what goes.
        let _ = api.call("catalogs/b:undelete").await.assert_status(200);
        assert_eq!(api.get("catalogs?$limit=1").await.meta()["totalCount"], 3);
        let _ = deleted(&api, "catalogs/a").await;
        let _ = deleted(&api, "catalogs/b").await;
        assert_eq!(api.get("catalogs?$limit=1").await.meta()["totalCount"], 1);
    }

    async fn a_cursor_is_bound_to_what_is_shown(api: Workshop) {
        for id in ["a", "b", "c"] {
            let _ = catalog(&api, id).await;
        }
        let page = api.get("catalogs?$limit=1&$showDeleted=true").await;
        let next = page.meta()["cursorNextLink"].as_str().expect("there is a next page").to_owned();
        assert!(next.contains("$showDeleted=true"), "{next}");
        let _ = api.get(&next).await.assert_status(200);
        let answer = api.get(&next.replace("$showDeleted=true&", "")).await;
        answer.assert_refused(400, "InvalidParameter");
        assert_eq!(locators(&answer), ["parameter $cursor"]);
    }

    async fn only_collections_that_have_it_know_the_parameter(api: Workshop) {
        for path in ["sites?$showDeleted=true", "catalogs/a?$showDeleted=true", "folders?$showDeleted=true"] {
            api.get(path).await.assert_refused(400, "UnknownParameter");
        }
        api.get("catalogs?$showDeleted=yes").await.assert_refused(400, "InvalidParameter");
        // A verb that no declaration has.
        let _ = api.post("folders", json!({"id": "red", "title": "Red"})).await.assert_status(201);
        api.call("folders/red:undelete").await.assert_refused(404, "NotFound");
    }

    async fn r115_undelete_brings_it_back(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let before = api.values(&path).await;
        let marked = deleted(&api, &path).await;
        let answer = api.call(&format!("{path}:undelete")).await.assert_status(200);
        let after = answer.values().clone();
        assert_eq!(answer.header("etag"), after["etag"].as_str().expect("a tag"));
        assert_ne!(after["etag"], marked["etag"]);
        assert_ne!(after["etag"], before["etag"]);
        assert_eq!(without(&after, &["etag", "updatedAt"]), without(&before, &["etag", "updatedAt"]));
        assert_eq!(api.values(&path).await, after);
        assert_eq!(api.count("catalogs").await, 1);
        // Twice is once too often.
        api.call(&format!("{path}:undelete")).await.assert_refused(409, "FailedPrecondition");
        api.call("catalogs/nuts:undelete").await.assert_refused(404, "NotFound");
        let answer = api.post(&format!("{path}:undelete"), json!({"why": 1})).await;
        answer.assert_refused(400, "UnknownField");
        let _ = api.post(&format!("{path}:undelete"), json!({})).await.assert_refused(409, "FailedPrecondition");
        api.get(&format!("{path}:undelete")).await.assert_refused(405, "MethodNotAllowed");
    }

    async fn delete_again_is_404(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let marked = deleted(&api, &path).await;
        api.delete(&path).await.assert_refused(404, "NotFound");
        api.delete(&format!("{path}?$force=true")).await.assert_refused(404, "NotFound");
        let answer = api.delete(&format!("{path}?$allowMissing=true")).await.assert_status(200);
        assert_eq!(*answer.values(), json!({}));
        assert_eq!(api.values(&path).await, marked);
    }

    async fn nothing_else_writes_it_or_below_it(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let drawing = drawing(&api, &path, "hexagon").await;
        let _ = api.post(&format!("{drawing}/copies"), json!({"holder": "ann"})).await.assert_status(201);
        let marked = deleted(&api, &path).await;
        let title = json!({"title": "Other"});
        let writes = [
            api.put(&path, title.clone()).await,
            api.patch(&path, title.clone()).await,
            api.call(&format!("{path}:stamp")).await,
            api.patch(&format!("{path}/cover"), json!({"colour": "red"})).await,
            api.put(&format!("{path}/cover"), json!({"colour": "red"})).await,
            api.post(&format!("{path}/drawings"), json!({"id": "round", "title": "Round"})).await,
            api.patch(&drawing, title.clone()).await,
            api.delete(&format!("{drawing}?$force=true")).await,
            api.post(&format!("{drawing}/copies"), json!({"holder": "bob"})).await,
            api.patch(&format!("{drawing}/copies/1"), json!({"holder": "bob"})).await,
            api.delete(&format!("{drawing}/copies/1")).await,
            api.patch(&format!("{path}?$validate=true"), title.clone()).await,
        ];
        for answer in writes {
            answer.assert_refused(409, "FailedPrecondition");
            let description = answer.body["status"]["description"].as_str().expect("a sentence");
            assert!(description.contains("`:undelete`"), "{answer}");
        }
        // Its id stays taken, and reading goes on.
        let answer = api.post("catalogs", json!({"id": "bolts", "title": "New"})).await;
        answer.assert_refused(409, "AlreadyExists");
        assert_eq!(api.values(&path).await, marked);
        assert_eq!(api.call(&format!("{path}:peek")).await.assert_status(200).values()["title"], "All bolts");
        assert_eq!(api.count(&format!("{path}/drawings")).await, 1);
        assert_eq!(api.values(&format!("{path}/cover")).await["colour"], Json::Null);
        // What was below comes back with it.
        let _ = api.call(&format!("{path}:undelete")).await.assert_status(200);
        let _ = api.patch(&format!("{drawing}/copies/1"), json!({"holder": "bob"})).await.assert_status(200);
    }

    async fn conditions_are_judged_first(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let old = api.values(&path).await["etag"].as_str().expect("a tag").to_owned();
        api.delete(&path).header("If-Match", "\"other\"").await.assert_refused(412, "PreconditionFailed");
        let marked = api.delete(&path).header("If-Match", &old).await.assert_status(200);
        let tag = marked.header("etag").to_owned();
        let undelete = format!("{path}:undelete");
        api.call(&undelete).header("If-Match", &old).await.assert_refused(412, "PreconditionFailed");
        let _ = api.get(&path).header("If-None-Match", &tag).await.assert_status(304);
        let _ = api.call(&undelete).header("If-Match", &tag).await.assert_status(200);
    }

    async fn links_show_what_is_possible(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let drawing = drawing(&api, &path, "hexagon").await;
        let live = rels(&api.values(&path).await);
        for rel in ["self PUT", "self PATCH", "self DELETE", "stamp POST"] {
            assert!(live.contains(&rel.to_owned()), "{live:?}");
        }
        assert!(!live.iter().any(|rel| rel.starts_with("undelete")), "{live:?}");
        let marked = rels(&deleted(&api, &path).await);
        assert_eq!(marked, ["self GET", "up GET", "collection GET", "changes GET", "cover GET", "drawings GET", "peek POST", "undelete POST"]);
        assert_eq!(rels(&api.values(&path).await), marked);
        let below = rels(&api.values(&drawing).await);
        assert_eq!(below, ["self GET", "up GET", "collection GET", "copies GET"]);
        assert_eq!(rels(&api.values(&format!("{path}/cover")).await), ["self GET", "up GET"]);
        let list = api.get(&format!("{path}/drawings")).await;
        assert!(list.meta()["links"].as_array().expect("links").iter().all(|link| link["rel"] != "create"), "{list}");
        assert_eq!(rels(&list.values()[0]), below);
    }

    async fn children_refuse_it_and_force_marks_it_alone(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let drawing = drawing(&api, &path, "hexagon").await;
        let answer = api.delete(&path).await;
        answer.assert_refused(409, "HasChildren");
        // A drawing that is deleted is no child in the way, and is still there when its catalog comes back.
        let _ = deleted(&api, &drawing).await;
        let _ = api.delete(&path).await.assert_status(200);
        api.call(&format!("{drawing}:undelete")).await.assert_refused(409, "FailedPrecondition");
        let _ = api.call(&format!("{path}:undelete")).await.assert_status(200);
        let _ = api.call(&format!("{drawing}:undelete")).await.assert_status(200);
        let marked = deleted(&api, &path).await;
        assert_ne!(marked["deletedAt"], Json::Null);
        assert_eq!(api.values(&drawing).await["deletedAt"], Json::Null);
    }

    async fn what_goes_for_good_takes_all_below_along(api: Workshop) {
        let _ = api.post("folders", json!({"id": "red", "title": "Red"})).await.assert_status(201);
        let _ = api.post("folders/red/sheets", json!({"id": "first", "text": "One"})).await.assert_status(201);
        let _ = deleted(&api, "folders/red/sheets/first").await;
        // What can still be brought back is not lost unasked.
        api.delete("folders/red").await.assert_refused(409, "HasChildren");
        let answer = api.delete("folders/red?$force=true").await.assert_status(200);
        assert_eq!(*answer.values(), json!({}));
        let _ = api.post("folders", json!({"id": "red", "title": "Red"})).await.assert_status(201);
        assert_eq!(api.get("folders/red/sheets?$showDeleted=true").await.meta()["totalCount"], 0);
    }

    async fn unique_values_stay_taken(api: Workshop) {
        let _ = api.post("catalogs", json!({"id": "a", "title": "A", "code": "x"})).await.assert_status(201);
        let _ = deleted(&api, "catalogs/a").await;
        let answer = api.post("catalogs", json!({"id": "b", "title": "B", "code": "x"})).await;
        answer.assert_refused(409, "AlreadyExists");
        assert_eq!(locators(&answer), ["pointer /code"]);
    }

    async fn a_dry_run_says_what_would_be(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let before = api.values(&path).await;
        let answer = api.delete(&format!("{path}?$validate=true")).await.assert_status(200);
        assert_eq!(*answer.values(), before);
        let preview = &answer.meta()["preview"];
        assert_eq!(preview["title"], "All bolts");
        assert!(rels(preview).contains(&"undelete POST".to_owned()), "{answer}");
        // When only the real call can know.
        assert_eq!((preview.get("deletedAt"), preview.get("purgeAt")), (None, None));
        assert_eq!(api.values(&path).await, before);
        let marked = deleted(&api, &path).await;
        let answer = api.call(&format!("{path}:undelete?$validate=true")).await.assert_status(200);
        assert_eq!(answer.meta()["preview"]["deletedAt"], Json::Null);
        assert_eq!(api.values(&path).await, marked);
    }

    async fn both_happen_once_by_request_id(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        for (method, path) in [(Method::DELETE, path.clone()), (Method::POST, format!("{path}:undelete"))] {
            let first = api.request(method.clone(), &path).header("Request-ID", method.as_str()).await.assert_status(200);
            let again = api.request(method.clone(), &path).header("Request-ID", method.as_str()).await.assert_status(200);
            assert_eq!(again.header("idempotency-replayed"), "true");
            assert_eq!(first.values(), again.values());
        }
    }

    async fn changes_record_both(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let marked = deleted(&api, &path).await;
        let _ = api.call(&format!("{path}:undelete")).await.assert_status(200);
        let log = api.get(&format!("{path}/changes")).await.assert_status(200);
        assert_eq!(column(&log, "method"), ["Create", "Delete", "Undelete"]);
        let patches = column(&log, "patch");
        assert_eq!(patches[1], json!({"deletedAt": marked["deletedAt"], "purgeAt": marked["purgeAt"]}));
        assert_eq!(patches[2], json!({"deletedAt": null, "purgeAt": null}));
    }

    async fn batches_mark_and_refuse_as_single_calls_do(api: Workshop) {
        let (bolts, nuts) = (catalog(&api, "bolts").await, catalog(&api, "nuts").await);
        let items = json!({"items": [{"id": "nuts"}, {"id": "bolts"}]});
        let dry = api.post("catalogs:batchDelete?$validate=true", items.clone()).await.assert_status(200);
        assert_eq!(column(&dry, "deletedAt"), [Json::Null, Json::Null]);
        assert_eq!(dry.meta()["preview"].as_array().map(Vec::len), Some(2));
        let answer = api.post("catalogs:batchDelete", items.clone()).await.assert_status(200);
        assert_eq!(*answer.values(), json!([api.values(&nuts).await, api.values(&bolts).await]));
        assert!(column(&answer, "deletedAt").iter().all(Json::is_string), "{answer}");
        assert_eq!(api.count("catalogs").await, 0);
        // They are read, not written, and not there to be deleted.
        let read = api.post("catalogs:batchGet", json!({"ids": ["nuts", "bolts"]})).await.assert_status(200);
        assert_eq!(read.values(), answer.values());
        let update = json!({"items": [{"id": "bolts", "patch": {"title": "Other"}}]});
        api.post("catalogs:batchUpdate", update).await.assert_refused(409, "FailedPrecondition");
        api.post("catalogs:batchDelete", items).await.assert_refused(404, "NotFound");
        let again = json!({"items": [{"id": "bolts", "title": "New"}]});
        api.post("catalogs:batchCreate", again).await.assert_refused(409, "AlreadyExists");
    }

    async fn author_code_deletes_the_same_way(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let discard = async || api.post("catalogs:discard", json!({"title": "bolts"})).await;
        let _ = discard().await.assert_status(200);
        assert_ne!(api.values(&path).await["deletedAt"], Json::Null);
        discard().await.assert_refused(404, "NotFound");
        let _ = api.call(&format!("{path}:undelete")).await.assert_status(200);
        let _ = drawing(&api, &path, "hexagon").await;
        discard().await.assert_refused(409, "HasChildren");
    }

    async fn what_was_read_can_be_sent_back(api: Workshop) {
        let path = catalog(&api, "bolts").await;
        let values = api.values(&path).await;
        let answer = api.put(&path, values.clone()).await.assert_status(200);
        assert_eq!(*answer.values(), values);
    }

    async fn r073_device_types_of_the_registry_come_back(api: Registry) {
        let device = api.device().await;
        let kind = device.split("/devices").next().expect("the type's path").to_owned();
        let _ = deleted(&api, &kind).await;
        api.patch(&device, json!({"volume": 3})).await.assert_refused(409, "FailedPrecondition");
        let _ = api.call(&format!("{kind}:undelete")).await.assert_status(200);
        let _ = api.patch(&device, json!({"volume": 3})).await.assert_status(200);
    }
}

/// Both stores, with a clock that is moved by hand.
async fn with_clock(test: impl AsyncFn(&Api, &Deterministic)) {
    for stored in Stored::all() {
        let clock = Deterministic::with_step(7, Duration::from_micros(1));
        let api = stored.start(workshop::service().source(clock.clone())).await;
        test(&api, &clock).await;
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn after_purge_at_it_and_all_below_are_gone() {
    with_clock(async |api, clock| {
        let path = catalog(api, "bolts").await;
        let drawing = drawing(api, &path, "hexagon").await;
        let _ = api.post(&format!("{drawing}/copies"), json!({"holder": "ann"})).await.assert_status(201);
        let _ = deleted(api, &drawing).await;
        clock.advance(HOUR);
        assert_eq!(api.service.purge().await, 0);
        let _ = api.get(&drawing).await.assert_status(200);
        clock.advance(HOUR);
        assert_eq!(api.service.purge().await, 1);
        api.get(&drawing).await.assert_refused(404, "NotFound");
        api.get(&format!("{drawing}/copies/1")).await.assert_refused(404, "NotFound");
        assert_eq!(api.get(&format!("{path}/drawings?$showDeleted=true")).await.meta()["totalCount"], 0);
        // The id is free again.
        let _ = api
            .post(&format!("{path}/drawings"), json!({"id": "hexagon", "title": "New"}))
            .await
            .assert_status(201);
        let _ = deleted(api, &path).await;
        clock.advance(31 * 24 * HOUR);
        assert_eq!(api.service.purge().await, 1);
        api.get(&path).await.assert_refused(404, "NotFound");
        api.get(&drawing).await.assert_refused(404, "NotFound");
        let _ = catalog(api, "bolts").await;
        assert_eq!(api.get(&format!("{path}/changes")).await.meta()["totalCount"], 1);
    })
    .await;
}

#[tokio::test]
async fn what_came_back_in_time_stays() {
    with_clock(async |api, clock| {
        for id in ["a", "b"] {
            let _ = catalog(api, id).await;
            let _ = deleted(api, &format!("catalogs/{id}")).await;
        }
        clock.advance(29 * 24 * HOUR);
        let _ = api.call("catalogs/a:undelete").await.assert_status(200);
        clock.advance(2 * 24 * HOUR);
        assert_eq!(api.service.purge().await, 1);
        let _ = api.get("catalogs/a").await.assert_status(200);
        api.get("catalogs/b").await.assert_refused(404, "NotFound");
        // A second delete begins its time anew.
        let _ = deleted(api, "catalogs/a").await;
        assert_eq!(api.service.purge().await, 0);
        assert_eq!(api.count("catalogs").await, 0);
    })
    .await;
}

#[tokio::test]
async fn more_than_one_step_of_rows_is_purged() {
    with_clock(async |api, clock| {
        for number in 0..120 {
            let path = catalog(api, &format!("c{number}")).await;
            let _ = deleted(api, &path).await;
        }
        clock.advance(31 * 24 * HOUR);
        assert_eq!(api.service.purge().await, 120);
        assert_eq!(api.get("catalogs?$showDeleted=true").await.meta()["totalCount"], 0);
    })
    .await;
}
