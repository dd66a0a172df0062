//! Pages: by offset and by cursor.

use std::collections::BTreeSet;

use rest_standard::service::Limits;
use rest_standard_tests::{Registry, Stored, Workshop, actions, column, locators, on_every_store};
use serde_json::{Value as Json, json};

/// A list of this many devices, named by their number.
async fn devices(api: &Registry, count: usize) -> String {
    let names: Vec<_> = (0..count).map(|number| format!("n{number:03}")).collect();
    api.devices_named(&names.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// The cursor of a next link, still encoded.
fn cursor(link: &str) -> String {
    let query = link.split_once('?').expect("a query").1;
    let cursor = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        ["$cursor", "%24cursor"].contains(&name).then(|| value.to_owned())
    });
    cursor.expect("a next link has a cursor")
}

/// The next link of a page that must have one.
fn next(answer: &rest_standard::testing::TestResponse) -> String {
    answer.meta()["cursorNextLink"].as_str().unwrap_or_else(|| panic!("no next link\n{answer}")).to_owned()
}

on_every_store! {
    async fn limits_and_offsets_have_no_largest_number(api: Registry) {
        let huge = "9223372036854775808000";
        let list = api.get(&format!("device-types/house-alarm/devices?$offset={huge}")).await.assert_status(200);
        assert_eq!(list.values(), &json!([]));
        let list = api.get(&format!("device-types/house-alarm/devices?$limit={huge}")).await.assert_status(200);
        assert_eq!(list.meta()["limit"], 1000);
        let document = api.get("openapi.json").unchecked().await.assert_status(200).body;
        for name in ["Limit", "Offset"] {
            assert_eq!(document["components"]["parameters"][name]["schema"].get("format"), None, "{name}");
        }
        // A client that sends defaults would send an offset with each cursor.
        assert_eq!(document["components"]["parameters"]["Offset"]["schema"].get("default"), None);
    }

    async fn r009_all_elements_of_a_list_have_the_same_members(api: Registry) {
        let list = api.get("device-types/house-alarm/devices").await.assert_status(200);
        let members = |element: &Json| element.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        let elements = list.values().as_array().expect("an array");
        assert!(elements.len() > 1);
        for element in elements {
            assert_eq!(members(element), members(&elements[0]));
        }
    }

    async fn r067_a_list_has_50_elements_unless_asked_otherwise(api: Registry) {
        let list = devices(&api, 51).await;
        let answer = api.get(&list).await.assert_status(200);
        assert_eq!((column(&answer, "id").len(), &answer.meta()["limit"]), (50, &json!(50)));
        assert_eq!(answer.meta()["totalCount"], 51);
        assert_eq!(column(&api.get(&next(&answer)).await, "id").len(), 1);
    }

    async fn r067_even_a_list_of_one_is_a_page(api: Registry) {
        let list = devices(&api, 1).await;
        let answer = api.get(&list).await.assert_status(200);
        assert_eq!(answer.meta()["limit"], 50);
        assert!(answer.meta()["cursorNextLink"].is_null());
    }

    async fn r112_a_limit_above_1000_is_lowered_to_it(api: Registry) {
        let list = devices(&api, 1).await;
        for limit in ["1001", "99999999", "18446744073709551615"] {
            let answer = api.get(&format!("{list}?$limit={limit}")).await.assert_status(200);
            assert_eq!(answer.meta()["limit"], 1000, "{limit}");
        }
    }

    async fn r045_a_limit_of_0_gives_only_metadata(api: Registry) {
        let list = devices(&api, 2).await;
        let answer = api.get(&format!("{list}?$limit=0")).await.assert_status(200);
        assert_eq!((answer.values(), &answer.meta()["totalCount"]), (&json!([]), &json!(2)));
        assert_eq!(answer.meta()["limit"], 0);
    }

    async fn r045_a_limit_that_is_no_number_is_refused(api: Registry) {
        for limit in ["-1", "ten", "1.5", "", "1e2", "%201", "0x10"] {
            let answer = api.get(&format!("device-types?$limit={limit}")).await;
            answer.assert_refused(400, "InvalidParameter");
            assert_eq!(locators(&answer), ["parameter $limit"]);
            let _ = api.get(&format!("device-types?$offset={limit}")).await.assert_refused(400, "InvalidParameter");
        }
    }

    async fn r041_the_total_is_counted_after_filtering_and_before_paging(api: Registry) {
        let list = devices(&api, 5).await;
        let answer = api.get(&format!("{list}?$limit=2&$offset=1")).await.assert_status(200);
        assert_eq!((&answer.meta()["totalCount"], &answer.meta()["totalCountRelation"]), (&json!(5), &json!("Exact")));
        let answer = api.get(&format!("{list}?displayName=n003&$limit=1")).await.assert_status(200);
        assert_eq!(answer.meta()["totalCount"], 1);
    }

    async fn count_can_be_left_out(api: Registry) {
        let list = devices(&api, 3).await;
        let answer = api.get(&format!("{list}?$count=false&$limit=2")).await.assert_status(200);
        let meta = answer.meta().as_object().expect("an object");
        assert!(meta.get("totalCount").is_none_or(Json::is_null) && meta.get("totalCountRelation").is_none_or(Json::is_null));
        assert_eq!(api.get(&format!("{list}?$count=true&$limit=2")).await.meta()["totalCount"], 3);
    }

    async fn r068_offset_pages_cover_the_list_once(api: Registry) {
        let list = devices(&api, 7).await;
        let mut all = Vec::new();
        for offset in [0, 3, 6] {
            let answer = api.get(&format!("{list}?$limit=3&$offset={offset}")).await.assert_status(200);
            assert_eq!(answer.meta()["offset"], offset);
            all.extend(column(&answer, "id"));
        }
        assert_eq!(all, api.column(&list, "id").await);
    }

    async fn r046_an_offset_past_the_end_is_an_empty_page(api: Registry) {
        let list = devices(&api, 2).await;
        for offset in ["2", "3", "99999999", "9223372036854775807"] {
            let answer = api.get(&format!("{list}?$offset={offset}")).await.assert_status(200);
            assert_eq!((answer.values(), &answer.meta()["totalCount"]), (&json!([]), &json!(2)));
            assert!(answer.meta()["cursorNextLink"].is_null(), "{answer}");
        }
    }

    async fn r069_every_page_but_the_last_has_a_next_link(api: Registry) {
        let list = devices(&api, 5).await;
        let mut page = format!("{list}?$limit=2");
        for size in [2, 2] {
            let answer = api.get(&page).await.assert_status(200);
            assert_eq!(column(&answer, "id").len(), size);
            page = next(&answer);
            assert!(page.starts_with("http://localhost/api/v1/"), "{page}");
            let link = answer.header("link");
            assert!(link.contains(&format!("<{page}>")) && link.contains("next"), "{link}");
            assert_eq!(answer.link("next", "GET"), page);
        }
        let last = api.get(&page).await.assert_status(200);
        assert_eq!(column(&last, "id").len(), 1);
        assert!(last.meta()["cursorNextLink"].is_null() && last.find_header("link").is_none_or(|link| !link.contains("next")));
    }

    async fn r069_a_last_page_that_is_full_has_no_next_link(api: Registry) {
        let list = devices(&api, 4).await;
        let first = api.get(&format!("{list}?$limit=2")).await.assert_status(200);
        let last = api.get(&next(&first)).await.assert_status(200);
        assert_eq!(column(&last, "id").len(), 2);
        assert!(last.meta()["cursorNextLink"].is_null());
    }

    async fn r069_offset_pages_have_a_next_link_too(api: Registry) {
        let list = devices(&api, 6).await;
        let whole = api.column(&list, "id").await;
        let page = api.get(&format!("{list}?$limit=2&$offset=1")).await.assert_status(200);
        let follow = api.get(&next(&page)).await.assert_status(200);
        assert_eq!((column(&page, "id"), column(&follow, "id")), (whole[1..3].to_vec(), whole[3..5].to_vec()));
        assert!(follow.meta().get("offset").is_none_or(Json::is_null));
    }

    async fn r069_a_next_link_repeats_path_suffix_and_parameters(api: Registry) {
        let list = devices(&api, 3).await;
        let query = "$limit=1&owner=ada&$orderBy=displayName%20desc&$count=false";
        let page = api.get(&format!("{list}.json?{query}")).await.assert_status(200);
        let link = next(&page);
        assert!(link.contains(&format!("{list}.json?")), "{link}");
        let follow = api.get(&link).await.assert_status(200);
        assert_eq!((column(&page, "displayName"), column(&follow, "displayName")), (vec![json!("n002")], vec![json!("n001")]));
        assert!(follow.meta().get("totalCount").is_none_or(Json::is_null));
    }

    async fn r068_r070_next_links_visit_each_element_once(api: Registry) {
        let list = devices(&api, 11).await;
        for order in ["", "$orderBy=volume&", "$orderBy=displayName%20desc&", "$orderBy=owner,volume%20desc&"] {
            let whole = api.column(&format!("{list}?{order}$limit=1000"), "id").await;
            let paged = api.column_of_all(&format!("{list}?{order}$limit=3"), "id").await;
            assert_eq!(paged, whole, "{order}");
        }
    }

    async fn r070_inserts_and_deletes_meanwhile_disturb_nobody(api: Registry) {
        let list = devices(&api, 12).await;
        let kind = list.strip_suffix("/devices").expect("the devices").to_owned();
        let mut seen = Vec::new();
        let mut page = Some(format!("{list}?$limit=3&$orderBy=displayName"));
        let mut lost = BTreeSet::new();
        while let Some(path) = page {
            let answer = api.get(&path).await.assert_status(200);
            seen.extend(column(&answer, "displayName").iter().filter_map(Json::as_str).map(str::to_owned));
            page = answer.meta()["cursorNextLink"].as_str().map(str::to_owned);
            // The page's last element goes, so that the cursor points at nothing, and others come before and behind it.
            let last = answer.values().as_array().and_then(|page| page.last()).expect("no page is empty").clone();
            let _ = api.delete(last["url"].as_str().expect("a URL is a text")).await.assert_status(200);
            lost.insert(last["displayName"].as_str().expect("a name").to_owned());
            let _ = api.device_with(&kind, json!({"displayName": "a-before"})).await;
        }
        let unique: BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!(unique.len(), seen.len(), "{seen:?}");
        assert!((0..12).all(|number| unique.contains(&format!("n{number:03}"))), "{seen:?}");
    }

    async fn r070_null_values_are_paged_through_as_well(api: Workshop) {
        for floors in [json!(null), json!(3), json!(null), json!(1), json!(null)] {
            let _ = api.site_with(json!({"floors": floors})).await;
        }
        for order in ["floors", "floors%20desc", "openedOn,floors", "inspectedAt%20desc,floors%20desc"] {
            let whole = api.column(&format!("sites?$orderBy={order}"), "id").await;
            assert_eq!(api.column_of_all(&format!("sites?$orderBy={order}&$limit=1"), "id").await, whole, "{order}");
            assert_eq!(whole.len(), 5);
        }
    }

    async fn r070_every_orderable_kind_can_be_paged_through(api: Workshop) {
        for number in 0..5 {
            let _ = api.site_with(json!({
                "capacity": format!("{}", 9_007_199_254_740_993_i64 + number), "load": f64::from(number as i32) / 7.0,
                "openedOn": format!("2026-11-2{number}"), "inspectedAt": format!("2026-11-21T10:11:12.00000{number}Z"),
                "kind": if number % 2 == 0 { "Store" } else { "Factory" },
            })).await;
        }
        for field in ["displayName", "kind", "capacity", "load", "floors", "openedOn", "inspectedAt"] {
            for order in [field.to_owned(), format!("{field}%20desc")] {
                let whole = api.column(&format!("sites?$orderBy={order}"), "id").await;
                let paged = api.column_of_all(&format!("sites?$orderBy={order}&$limit=2"), "id").await;
                assert_eq!(paged, whole, "{order}");
            }
        }
    }

    async fn r071_a_cursor_is_opaque_and_an_altered_one_is_refused(api: Registry) {
        let list = devices(&api, 3).await;
        let page = api.get(&format!("{list}?$limit=1")).await.assert_status(200);
        let good = cursor(&next(&page));
        let last = good.chars().last().expect("a cursor is not empty");
        let other = if last == 'A' { 'B' } else { 'A' };
        let mut swapped: Vec<char> = good.chars().collect();
        swapped.swap(0, 1);
        let swapped: String = swapped.into_iter().collect();
        for bad in [
            String::new(), format!("{good}{other}"), good[1..].to_owned(), good[..good.len() - 2].to_owned(), "x".to_owned(),
            format!("{other}{}", &good[1..]), "%00".to_owned(), "AAAA".to_owned(), "a".repeat(2000),
        ].into_iter().chain((swapped != good).then_some(swapped)) {
            let answer = api.get(&format!("{list}?$limit=1&$cursor={bad}")).await;
            answer.assert_refused(400, "InvalidParameter");
            assert_eq!(locators(&answer), ["parameter $cursor"]);
        }
    }

    async fn a_cursor_is_bound_to_its_query(api: Registry) {
        let list = devices(&api, 3).await;
        let other = devices(&api, 3).await;
        let page = api.get(&format!("{list}?$limit=1&owner=ada&$orderBy=volume")).await.assert_status(200);
        let good = cursor(&next(&page));
        for changed in [
            format!("{other}?owner=ada&$orderBy=volume&$cursor={good}"), format!("{list}?owner=bob&$orderBy=volume&$cursor={good}"),
            format!("{list}?$orderBy=volume&$cursor={good}"), format!("{list}?owner=ada&$cursor={good}"),
            format!("{list}?owner=ada&$orderBy=volume%20desc&$cursor={good}"), format!("device-types?$cursor={good}"),
            format!("{list}?owner=ada&$orderBy=volume&volume=5&$cursor={good}"),
        ] {
            let answer = api.get(&changed).await.assert_status(400);
            assert_eq!(locators(&answer), ["parameter $cursor"], "{answer}");
        }
    }

    async fn limit_format_and_count_may_change_along_the_way(api: Registry) {
        let list = devices(&api, 5).await;
        let whole = api.column(&list, "id").await;
        let page = api.get(&format!("{list}?$limit=1")).await.assert_status(200);
        let good = cursor(&next(&page));
        let follow = api.get(&format!("{list}?$limit=3&$count=false&$format=json&$cursor={good}")).await.assert_status(200);
        assert_eq!(column(&follow, "id"), whole[1..4]);
    }

    async fn an_offset_with_a_cursor_is_refused(api: Registry) {
        let list = devices(&api, 3).await;
        let link = next(&api.get(&format!("{list}?$limit=1")).await);
        for offset in ["$offset=0", "$offset=1", "$start=1"] {
            let _ = api.get(&format!("{link}&{offset}")).await.assert_refused(400, "InvalidParameter");
        }
    }

    async fn lists_link_to_themselves_and_their_neighbours(api: Registry) {
        let list = devices(&api, 5).await;
        let first = api.get(&format!("{list}?$limit=2")).await.assert_status(200);
        let links = &first.meta()["links"];
        for (rel, action) in [("self", "GET"), ("up", "GET"), ("create", "POST"), ("next", "GET")] {
            assert_eq!(actions(links, rel), [action], "{rel}");
        }
        assert!(actions(links, "first").is_empty() && actions(links, "prev").is_empty());
        let second = api.get(&next(&first)).await.assert_status(200);
        assert_eq!(column(&api.get(second.link("first", "GET")).await, "id"), column(&first, "id"));
        let middle = api.get(&format!("{list}?$limit=2&$offset=2")).await.assert_status(200);
        assert_eq!(column(&api.get(middle.link("prev", "GET")).await, "id"), column(&first, "id"));
    }

    async fn a_read_only_list_has_no_create_link(api: Workshop) {
        let answer = api.get("readings").await.assert_status(200);
        assert!(actions(&answer.meta()["links"], "create").is_empty());
        assert_eq!(actions(&answer.meta()["links"], "self"), ["GET"]);
    }
}

#[tokio::test]
async fn counting_stops_at_a_limit_unless_an_exact_count_is_forced() {
    for stored in Stored::all() {
        let api =
            Registry::with(stored, |service| service.limits(Limits { count: 5, ..Limits::default() })).await;
        let list = devices(&api, 8).await;
        let answer = api.get(&format!("{list}?owner=ada")).await.assert_status(200);
        let meta = answer.meta();
        let is_exact = meta["totalCount"] == 8 && meta["totalCountRelation"] == "Exact";
        let is_bound = meta["totalCount"] == 5 && meta["totalCountRelation"] == "AtLeast";
        assert!(is_exact || is_bound, "{answer}");
        let exact = api.get(&format!("{list}?owner=ada&$count=true")).await.assert_status(200);
        assert_eq!(
            (&exact.meta()["totalCount"], &exact.meta()["totalCountRelation"]),
            (&json!(8), &json!("Exact"))
        );
    }
}

#[tokio::test]
async fn r071_a_client_of_links_only_survives_a_change_of_the_base_path() {
    for (base, stored) in ["/api", "/things/inner"]
        .into_iter()
        .flat_map(|base| Stored::all().into_iter().map(move |stored| (base, stored)))
    {
        let api = Registry::with(stored, |service| service.base_path(base)).await;
        let root = api.get(&format!("{base}/v1")).await.assert_status(200);
        let types = api.get(root.link("device-types", "GET")).await.assert_status(200);
        let create = types.links().iter().find(|link| link["rel"] == "create").expect("a link");
        let href = create["href"].as_str().expect("a URL is a text");
        for id in ["one", "two", "three"] {
            let _ = api.post(href, json!({"id": id, "displayName": id})).await.assert_status(201);
        }
        let all = api.column_of_all(&format!("{}?$limit=1", root.link("device-types", "GET")), "id").await;
        assert!(["one", "two", "three"].iter().all(|id| all.contains(&json!(id))));
    }
}

/// The long proof: pages over more elements than a count goes to.
#[tokio::test]
async fn r068_many_pages_visit_each_element_once() {
    let count = if rest_standard_tests::is_long() { 10_500 } else { 210 };
    for stored in Stored::all() {
        let api = Registry::start(stored).await;
        let list = devices(&api, count).await;
        let all = api.column_of_all(&format!("{list}?$limit=100&$orderBy=volume"), "id").await;
        let unique: BTreeSet<_> = all.iter().map(Json::to_string).collect();
        assert_eq!((all.len(), unique.len()), (count, count));
        let counted = api.get(&list).await.assert_status(200);
        let (total, relation) =
            (counted.meta()["totalCount"].as_u64(), &counted.meta()["totalCountRelation"]);
        assert!(
            total == Some(count as u64) && relation == "Exact"
                || total == Some(10_000) && relation == "AtLeast"
        );
    }
}
