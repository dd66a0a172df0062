//! References: fields that hold the id of another resource, what a delete makes of them, and `$expand`.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use rest_standard::{service::Limits, testing::TestResponse};
use rest_standard_tests::{
    Registry, Stored, actions,
    depot::{exported, lines},
    fleet::Fleet,
    locators, on_every_store,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// A merge patch that makes the van at `path` stand in a garage.
async fn stand(api: &Fleet, path: &str, garage: &str) -> TestResponse {
    api.patch(path, json!({"garage": garage})).await
}

#[track_caller]
fn assert_invalid(answer: &TestResponse, pointer: &str, text: &str) {
    answer.assert_refused(422, "InvalidValue");
    assert_eq!(locators(answer), [format!("pointer {pointer}")], "{answer}");
    let detail = answer.errors()[0]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains(text), "{detail}");
}

#[track_caller]
fn assert_referred(answer: &TestResponse, by: &str) {
    answer.assert_refused(409, "FailedPrecondition");
    let description = answer.body["status"]["description"].as_str().unwrap_or_default();
    assert!(description.contains(by), "{description}");
}

on_every_store! {
    async fn a_reference_leads_to_what_is_there_on_every_way_in(api: Fleet) {
        api.garage("north").await;
        let text = "must be the id of one of `garages`, got `\"south\"`";
        assert_invalid(&api.post("vans", json!({"garage": "south"})).await, "/garage", text);
        assert_invalid(&api.post("vans?$validate=true", json!({"garage": "south"})).await, "/garage", text);
        let van = api.van(json!({"garage": "north"})).await;
        assert_invalid(&stand(&api, &van, "south").await, "/garage", text);
        assert_invalid(&api.put(&van, json!({"garage": "south"})).await, "/garage", text);
        assert_invalid(&api.post(&format!("{van}:park"), json!({"garage": "south"})).await, "/garage", text);
        let items = json!({"items": [{"garage": "north"}, {"garage": "south"}]});
        assert_invalid(&api.post("vans:batchCreate", items).await, "/items/1/garage", text);
        let body = lines([json!({"garage": "north"}), json!({"garage": "south"})]);
        let answer = api.call("vans:import").text("application/x-ndjson", body).await;
        assert_invalid(&answer, "/1/garage", text);
        assert_eq!(api.count("vans").await, 1);
        let nobody = Uuid::nil().to_string();
        let both = api.post("vans", json!({"garage": "south", "driver": nobody})).await;
        assert_eq!(locators(&both), ["pointer /driver", "pointer /garage"]);
        // What is no slug is no garage either, and a text that is no UUID is no value of the field.
        assert_invalid(&stand(&api, &van, "No Slug/..").await, "/garage", "one of `garages`");
        assert_invalid(&api.patch(&van, json!({"driver": "x"})).await, "/driver", "UUID");
        assert_invalid(&api.patch(&van, json!({"garage": null})).await, "/garage", "");
    }

    async fn a_method_can_make_what_it_refers_to_in_the_same_commit(api: Fleet) {
        api.garage("north").await;
        let van = api.van(json!({"garage": "north"})).await;
        let dry = api.post(&format!("{van}:moveIn?$validate=true"), json!({"garage": "new"})).await;
        assert_eq!(dry.assert_status(200).values()["garage"], "north");
        let moved = api.post(&format!("{van}:moveIn"), json!({"garage": "new"})).await.assert_status(200);
        assert_eq!(moved.values()["garage"], "new");
        assert_eq!(api.values("garages/new").await["displayName"], "For van 1");
    }

    async fn a_soft_deleted_resource_is_referred_to_by_nobody_new(api: Fleet) {
        api.garage("north").await;
        api.garage("south").await;
        let _ = api.delete("garages/south").await.assert_status(200);
        let van = api.van(json!({"garage": "north"})).await;
        let text = "must be the id of one of `garages` that is not deleted, got `\"south\"`";
        assert_invalid(&stand(&api, &van, "south").await, "/garage", text);
        let _ = api.call("garages/south:undelete").await.assert_status(200);
        let _ = stand(&api, &van, "south").await.assert_status(200);
    }

    async fn a_delete_is_refused_while_something_refers_to_the_resource(api: Fleet) {
        api.garage("north").await;
        api.garage("south").await;
        let van = api.van(json!({"garage": "north"})).await;
        let by = "The resource is referred to by `garage` of `vans`; let these refer to another one, or to none, first.";
        for query in ["", "?$force=true", "?$validate=true", "?$allowMissing=true"] {
            assert_referred(&api.delete(&format!("garages/north{query}")).await, by);
        }
        assert_referred(&api.post("garages:batchDelete", json!({"items": [{"id": "south"}, {"id": "north"}]})).await, by);
        assert_eq!(api.count("garages").await, 2);
        // A van that was deleted can come back, so it still counts until it is gone for good.
        let _ = api.delete(&van).await.assert_status(200);
        assert_referred(&api.delete("garages/north").await, by);
        let _ = api.call(&format!("{van}:undelete")).await.assert_status(200);
        let _ = stand(&api, &van, "south").await.assert_status(200);
        let _ = api.delete("garages/north").await.assert_status(200);
        let _ = api.call("garages/north:undelete").await.assert_status(200);
    }

    async fn a_reference_becomes_null_in_the_commit_of_the_delete(api: Fleet) {
        api.garage("north").await;
        let lead = api.driver(None).await;
        let led = api.driver(Some(&lead)).await;
        let other = api.driver(None).await;
        let van = api.van(json!({"garage": "north", "driver": lead})).await;
        let kept = api.van(json!({"garage": "north", "driver": other})).await;
        let gone = api.van(json!({"garage": "north", "driver": lead})).await;
        let _ = api.delete(&gone).await.assert_status(200);
        let before = api.values(&van).await;
        let dry = api.delete(&format!("drivers/{lead}?$validate=true")).await.assert_status(200);
        assert_eq!(dry.values()["id"], json!(lead));
        assert_eq!(api.values(&van).await, before);
        let _ = api.delete(&format!("drivers/{lead}")).header("request-id", "letting-go").await.assert_status(200);
        let after = api.values(&van).await;
        assert_eq!(after["driver"], json!(null));
        assert_ne!(after["etag"], before["etag"]);
        assert_eq!(api.values(&format!("drivers/{led}")).await["lead"], json!(null));
        assert_eq!(api.values(&kept).await["driver"], json!(other));
        // Also in a van that can come back.
        assert_eq!(api.call(&format!("{gone}:undelete")).await.assert_status(200).values()["driver"], json!(null));
        let changes = api.get(&format!("{van}/changes?$orderBy=id%20desc&$limit=1")).await.assert_status(200);
        let change = &changes.values()[0];
        assert_eq!(change["patch"], json!({"driver": null}));
        assert_eq!((&change["requestId"], &change["method"]), (&json!("letting-go"), &json!("Delete")));
    }

    async fn a_delete_lets_go_of_a_thousand_at_most(api: Fleet) {
        let lead = api.driver(None).await;
        let body = lines((0..1001).map(|number| json!({"displayName": format!("D{number}"), "lead": lead})));
        let _ = api.call("drivers:import").text("application/x-ndjson", body).await.assert_status(200);
        assert_referred(&api.delete(&format!("drivers/{lead}")).await, "`lead` of `drivers`, more than 1000 times");
        let first = api.column(&format!("drivers?lead={lead}&$limit=1"), "id").await.remove(0);
        let _ = api.delete(&format!("drivers/{}", first.as_str().expect("an id"))).await.assert_status(200);
        let _ = api.delete(&format!("drivers/{lead}")).await.assert_status(200);
        assert_eq!(api.count("drivers").await, 1000);
        let filter = "drivers?$filter=lead:*&$count=true";
        assert_eq!(api.get(filter).await.assert_status(200).meta()["totalCount"], 0);
    }

    async fn resources_that_refer_to_themselves_and_to_each_other_can_be_deleted(api: Fleet) {
        let one = api.driver(None).await;
        let other = api.driver(Some(&one)).await;
        let _ = api.patch(&format!("drivers/{one}"), json!({"lead": other})).await.assert_status(200);
        let own = api.driver(None).await;
        let _ = api.patch(&format!("drivers/{own}"), json!({"lead": own})).await.assert_status(200);
        let _ = api.delete(&format!("drivers/{own}")).await.assert_status(200);
        let _ = api.post("drivers:batchDelete", json!({"items": [{"id": one}, {"id": other}]})).await.assert_status(200);
        assert_eq!(api.count("drivers").await, 0);
    }

    async fn what_goes_with_the_resource_keeps_nobody_from_deleting_it(api: Fleet) {
        let (one, other) = (api.driver(None).await, api.driver(None).await);
        let _ = api.post(&format!("drivers/{one}/trips"), json!({"relief": one})).await.assert_status(201);
        let trip = api.post(&format!("drivers/{other}/trips"), json!({"relief": one})).await.assert_status(201);
        let forced = format!("drivers/{one}?$force=true");
        assert_referred(&api.delete(&forced).await, "`relief` of `trips`");
        let trip = trip.values()["url"].as_str().expect("a URL").to_owned();
        let _ = api.patch(&trip, json!({"relief": null})).await.assert_status(200);
        api.delete(&format!("drivers/{one}")).await.assert_refused(409, "HasChildren");
        let _ = api.delete(&forced).await.assert_status(200);
        assert_eq!(api.count("drivers").await, 1);
    }

    async fn r090_a_reference_gives_a_link_for_each_action_on_its_target(api: Fleet) {
        api.garage("north").await;
        let driver = api.driver(None).await;
        let van = api.van(json!({"garage": "north", "driver": driver})).await;
        let links = api.values(&van).await["links"].clone();
        // The reference itself keeps the garage from being deleted.
        assert_eq!(actions(&links, "garage"), ["GET", "PATCH", "PUT"]);
        assert_eq!(actions(&links, "driver"), ["DELETE", "GET", "PATCH", "PUT"]);
        for link in links.as_array().expect("links").iter().filter(|link| link["rel"] == "garage") {
            assert_eq!(link["href"], "http://localhost/api/v1/garages/north");
        }
        let selected = api.values(&format!("{van}?$select=links")).await;
        assert_eq!(selected["links"], links);
        assert_eq!(selected.get("garage"), None);
        let _ = api.patch(&van, json!({"driver": null})).await.assert_status(200);
        assert_eq!(actions(&api.values(&van).await["links"], "driver"), [""; 0]);
    }

    async fn expand_gives_what_a_read_of_the_target_gives(api: Fleet) {
        api.garage("north").await;
        let driver = api.driver(None).await;
        let van = api.van(json!({"garage": "north", "driver": driver})).await;
        let alone = api.van(json!({"garage": "north"})).await;
        let garage = api.values("garages/north").await;
        let read = api.values(&format!("{van}?$expand=garage,driver")).await;
        let expected = json!({"garage": garage, "driver": api.values(&format!("drivers/{driver}")).await});
        assert_eq!(read["expanded"], expected);
        assert_eq!(read["garage"], "north", "the field itself stays the id");
        assert_eq!(api.values(&format!("{van}?expand=driver")).await["expanded"].as_object().map(|members| members.len()), Some(1));
        assert_eq!(api.values(&format!("{alone}?$expand=driver")).await["expanded"], json!({"driver": null}));
        assert_eq!(api.values(&van).await.get("expanded"), None);
        let list = api.get("vans?$expand=driver,garage,driver&$select=capacity").await.assert_status(200);
        assert_eq!(list.values()[0]["expanded"], expected);
        assert_eq!(list.values()[1]["expanded"], json!({"garage": garage, "driver": null}));
        let members: BTreeSet<_> = list.values()[0].as_object().expect("a van").keys().map(String::as_str).collect();
        assert_eq!(members, BTreeSet::from(["id", "url", "capacity", "expanded"]));
        let export = api.get("vans:export?$expand=garage&$select=capacity").await.assert_status(200);
        let mut bare = garage.clone();
        let _ = bare.as_object_mut().and_then(|members| members.remove("links"));
        assert_eq!(exported(&export)[1]["expanded"], json!({"garage": bare}), "an export has no links unless they are selected");
        let linked = api.get("vans:export?$expand=garage&$select=links").await.assert_status(200);
        assert_eq!(exported(&linked)[1]["expanded"], json!({"garage": garage}));
    }

    async fn what_was_read_expanded_can_be_sent_back(api: Fleet) {
        api.garage("north").await;
        let van = api.van(json!({"garage": "north"})).await;
        let mut read = api.values(&format!("{van}?$expand=garage,driver")).await;
        read["capacity"] = json!(3);
        let put = api.put(&van, read.clone()).await.assert_status(200);
        assert_eq!((&put.values()["capacity"], put.values().get("expanded")), (&json!("3"), None));
        let _ = api.patch(&van, json!({"expanded": read["expanded"]})).await.assert_status(200);
        let line = api.get("vans:export?$expand=garage").await.assert_status(200).text;
        let _ = api.call("vans:import").text("application/x-ndjson", line).await.assert_status(200);
        assert_eq!(api.count("vans").await, 2);
    }

    async fn every_fault_is_named_whatever_else_is_wrong(api: Registry) {
        let device = api.device().await;
        let devices = device.rsplit_once('/').expect("a collection").0.to_owned();
        let taken = api.values(&device).await["serialNumber"].clone();
        let body = json!({"displayName": "x", "owner": "x", "serialNumber": taken, "site": "zz"});
        for (collection, body, at) in [
            (devices.clone(), body.clone(), ""),
            (format!("{devices}:batchCreate"), json!({"items": [body]}), "/items/0"),
        ] {
            let answer = api.post(&collection, body).await;
            answer.assert_refused(422, "InvalidValue");
            assert_eq!(locators(&answer), [format!("pointer {at}/serialNumber"), format!("pointer {at}/site")], "{answer}");
        }
        let answer = api.patch(&device, json!({"site": "zz", "serialNumber": "other"})).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), ["pointer /serialNumber", "pointer /site"]);
    }

    async fn expanded_lists_have_every_format(api: Fleet) {
        api.garage("north").await;
        let van = api.van(json!({"garage": "north"})).await;
        let etag = api.values("garages/north").await["etag"].as_str().expect("a tag").replace('"', "\"\"");
        let csv = api.get("vans.csv?$select=capacity,garage&$expand=garage").await.assert_status(200);
        let mut lines = csv.text.lines();
        let header = lines.next().expect("a header");
        assert!(header.starts_with("id,url,garage,capacity,expanded.garage.id,expanded.garage.url,expanded.garage.displayName,"), "{header}");
        assert!(!header.contains("links"), "{header}");
        let row = lines.next().expect("a row");
        assert!(row.contains(",north,10,north,http://localhost/api/v1/garages/north,Garage north,") && row.ends_with(&format!("\"{etag}\"")), "{row}");
        let export = api.get("vans:export.csv?$select=capacity,garage&$expand=garage").await.assert_status(200);
        assert_eq!(export.text, csv.text);
        let xml = api.get(&format!("{van}.xml?$expand=garage,driver&$select=id")).await.assert_status(200);
        assert!(xml.text.contains("<expanded><garage><id>north</id>"), "{xml}");
        let page = api.get(&format!("{van}?$expand=garage")).header("accept", "text/html").await.assert_status(200);
        assert!(page.text.contains("href=\"/api/v1/garages/north\""), "{page}");
    }

    async fn an_expanded_read_has_a_tag_that_changes_with_its_target(api: Fleet) {
        api.garage("north").await;
        let driver = api.driver(None).await;
        let van = api.van(json!({"garage": "north", "driver": driver})).await;
        let tag = async |query: &str| api.get(&format!("{van}{query}")).await.assert_status(200).header("etag").to_owned();
        let (plain, both) = (tag("").await, tag("?$expand=driver,garage").await);
        let all = [plain.clone(), both.clone(), tag("?$expand=driver").await, tag("?$expand=garage&$select=garage").await];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 4, "{all:?}");
        assert_eq!(tag("?$expand=garage,driver").await, both, "the order of the names means nothing");
        let path = format!("{van}?$expand=driver,garage");
        let again = api.get(&path).header("if-none-match", &both).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        let _ = api.patch(&format!("drivers/{driver}"), json!({"displayName": "Renamed"})).await.assert_status(200);
        let changed = api.get(&path).header("if-none-match", &both).await.assert_status(200);
        assert_eq!(changed.values()["expanded"]["driver"]["displayName"], "Renamed");
        assert_eq!(tag("").await, plain, "the van did not change");
        let _ = api.patch(&van, json!({"capacity": 3})).header("if-match", &both).await.assert_status(200);
    }

    async fn a_name_that_cannot_be_expanded_is_refused_with_the_ones_that_can(api: Fleet) {
        api.garage("north").await;
        let van = api.van(json!({"garage": "north"})).await;
        for (path, reason, text) in [
            ("vans?$expand=garge", "InvalidParameter", "`garge` is not one, did you mean `garage`?"),
            ("vans?$expand=capacity", "InvalidParameter", "fields are `garage`, `driver`"),
            ("vans?$expand=driver.lead", "InvalidParameter", "is one level deep"),
            ("vans?$expand=", "InvalidParameter", ""),
            ("vans?$expand=driver&expand=garage", "InvalidParameter", "is the same parameter as `$expand`"),
            ("garages?$expand=x", "UnknownParameter", "no field refers to another resource"),
            ("garages/north?$expand=x", "UnknownParameter", "no field refers to another resource"),
            (&format!("{van}:park?$expand=garage"), "UnknownParameter", "means nothing for this method"),
        ] {
            let answer = if path.contains(":park") { api.post(path, json!({"garage": "north"})).await } else { api.get(path).await };
            answer.assert_refused(400, reason);
            assert_eq!(locators(&answer)[0].replace("$", ""), "parameter expand", "{path}");
            let detail = answer.errors()[0]["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(text), "{path}: {detail}");
        }
    }

    async fn a_list_is_filtered_by_what_it_refers_to(api: Fleet) {
        for id in ["a", "b"] {
            api.garage(id).await;
        }
        let driver = api.driver(None).await;
        let one = api.van(json!({"garage": "a", "driver": driver})).await;
        let _ = api.van(json!({"garage": "b"})).await;
        let id = json!(one.split_once('/').expect("a path").1.parse::<i64>().expect("a number"));
        for query in ["garage=a", &format!("driver={driver}"), "$filter=driver:*", "$filter=garage=\"a\"", &format!("$filter=driver=\"{driver}\"")] {
            assert_eq!(api.column(&format!("vans?{}", query.replace('"', "%22")), "id").await, std::slice::from_ref(&id), "{query}");
        }
    }

    async fn the_registry_knows_where_its_devices_are(api: Registry) {
        let list = api.get("device-types/-/devices?site=praca-velha&$expand=site&$limit=3").await.assert_status(200);
        for device in list.values().as_array().expect("a list") {
            assert_eq!(device["expanded"]["site"]["regionCode"], "PT");
        }
        assert_referred(&api.delete("sites/praca-velha").await, "`site` of `devices`");
        let site = json!({"id": "depot", "displayName": "Depot", "timeZone": "Europe/Nowhere"});
        assert_invalid(&api.post("sites", site).await, "/timeZone", "time zone");
    }
}

/// Vans come to a garage and leave it while it is deleted and brought back: it never stands deleted with a van in it.
async fn race(stored: Stored) {
    let api = Arc::new(Fleet::start(stored).await);
    api.garage("home").await;
    api.garage("goal").await;
    let driver = api.driver(None).await;
    let mut vans = Vec::new();
    for _ in 0..4 {
        vans.push(api.van(json!({"garage": "home"})).await);
    }
    let (mut refused, mut deleted) = (0, 0);
    for round in 0..60 {
        let moves = vans.iter().enumerate().map(|(at, van)| {
            let (api, van, driver) = (api.clone(), van.clone(), driver.clone());
            tokio::spawn(async move {
                let (garage, driver) =
                    if (at + round) % 2 == 0 { ("goal", Some(driver)) } else { ("home", None) };
                api.patch(&van, json!({"garage": garage, "driver": driver})).await.status
            })
        });
        let deletes = {
            let api = api.clone();
            tokio::spawn(async move { api.delete("garages/goal").await.status })
        };
        let moved = join_all(moves).await;
        let status = deletes.await.expect("the delete ends");
        assert!([200, 409].contains(&status), "{status}");
        for status in moved {
            let status = status.expect("the move ends");
            assert!([200, 422].contains(&status), "{status}");
            refused += u32::from(status == 422);
        }
        let there = api.get("garages/goal").await.assert_status(200).values()["deletedAt"].is_null();
        let inside =
            api.get("vans?garage=goal").await.assert_status(200).values().as_array().map_or(0, Vec::len);
        assert!(there || inside == 0, "round {round}: {inside} vans stand in a deleted garage");
        assert_eq!(there, status == 409);
        if !there {
            deleted += 1;
            let _ = api.call("garages/goal:undelete").await.assert_status(200);
        }
        for van in &vans {
            let _ = api.patch(van, json!({"garage": "home"})).await.assert_status(200);
        }
    }
    assert!(deleted > 0 && refused > 0, "{deleted} deletes won and {refused} moves lost: nothing raced");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_leaves_no_reference_to_a_deleted_resource_on_memory() {
    race(Stored::Memory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_leaves_no_reference_to_a_deleted_resource_on_sqlite() {
    race(Stored::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_leaves_no_reference_to_a_deleted_resource_on_postgres() {
    race(Stored::Postgres).await;
}

#[tokio::test]
async fn a_page_ends_where_its_resources_and_what_they_refer_to_are_too_large() {
    for stored in Stored::all() {
        let limits = Limits { page_bytes: 40_000, ..Limits::default() };
        let api = Fleet::with(stored, |service| service.limits(limits)).await;
        let body = json!({"id": "north", "displayName": "x".repeat(60)});
        let _ = api.post("garages", body).await.assert_status(201);
        let body = lines((0..300).map(|_| json!({"garage": "north"})));
        let _ = api.call("vans:import").text("application/x-ndjson", body).await.assert_status(200);
        let plain = api.get("vans?$limit=300").await.assert_status(200);
        let page = api.get("vans?$limit=300&$expand=garage").await.assert_status(200);
        let length = |answer: &TestResponse| answer.values().as_array().map_or(0, Vec::len);
        assert!(
            length(&page) > 10 && length(&page) < length(&plain),
            "{} of {}",
            length(&page),
            length(&plain)
        );
        let all = api.column_of_all("vans?$limit=300&$expand=garage", "id").await;
        assert_eq!(all, (1..=300).map(Json::from).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_van_that_is_purged_lets_its_garage_go() {
    for stored in Stored::all() {
        let clock = rest_standard::testing::Deterministic::with_step(7, Duration::from_micros(1));
        let source = clock.clone();
        let api = Fleet::with(stored, |service| service.source(source)).await;
        api.garage("north").await;
        let van = api.van(json!({"garage": "north"})).await;
        let _ = api.delete(&van).await.assert_status(200);
        assert_referred(&api.delete("garages/north").await, "`garage` of `vans`");
        clock.advance(Duration::from_secs(31 * 86_400));
        assert_eq!(api.service.purge().await, 1);
        let _ = api.delete("garages/north").await.assert_status(200);
    }
}
