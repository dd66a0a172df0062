//! Query parameters: their names, their aliases, equality and order.

use rest_standard::testing::TestResponse;
use rest_standard_tests::{Api, Registry, Workshop, column, locators, on_every_store};
use serde_json::{Value as Json, json};

/// Asserts that a query is refused for one of its parameters.
async fn is_refused(api: &Api, path: &str) -> TestResponse {
    let answer = api.get(path).await.assert_status(400);
    assert!(["UnknownParameter", "InvalidParameter"].contains(&answer.reason()), "{answer}");
    assert!(answer.errors().iter().all(|error| error["parameter"].is_string()), "{answer}");
    answer
}

/// Asserts that two queries have the same answer but for what repeats the query.
async fn are_equal(api: &Api, list: &str, left: &str, right: &str) {
    let left = api.get(&format!("{list}?{left}")).await.assert_status(200);
    let right = api.get(&format!("{list}?{right}")).await.assert_status(200);
    assert_eq!(left.values(), right.values(), "{right}");
    for name in ["totalCount", "limit", "offset"] {
        assert_eq!(left.meta()[name], right.meta()[name], "{name}\n{right}");
    }
}

/// Some sites to filter and order.
async fn sites(api: &Workshop) {
    for (name, fields) in [
        (
            "b",
            json!({"kind": "Store", "capacity": "9007199254740993", "load": 0.1, "floors": 10, "mark": "ABC", "limit": 3}),
        ),
        (
            "a",
            json!({"kind": "Factory", "capacity": "-5", "load": 0.9, "floors": 9, "isOpen": false, "openedOn": "2026-11-21"}),
        ),
        (
            "Z",
            json!({"kind": "Plain", "capacity": "10", "load": 0.5, "inspectedAt": "2026-11-21T10:11:12.5Z"}),
        ),
        (
            "ä",
            json!({"kind": "Store", "capacity": "9", "load": 0.1, "floors": 100, "ownerId": "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4"}),
        ),
    ] {
        let mut fields = fields;
        rest_standard_tests::merge(&mut fields, json!({"displayName": name}));
        let _ = api.site_with(fields).await;
    }
}

/// The display names that a query of the sites gives.
async fn names(api: &Workshop, query: &str) -> Vec<Json> {
    api.column(&format!("sites?{query}"), "displayName").await
}

on_every_store! {
    async fn r045_aliases_of_the_limit(api: Registry) {
        let devices = api.devices_named(&["a", "b", "c"]).await;
        for alias in ["$limit", "$top", "$pageSize", "%24limit", "limit", "top", "pageSize"] {
            let answer = api.get(&format!("{devices}?{alias}=2")).await.assert_status(200);
            assert_eq!((column(&answer, "id").len(), &answer.meta()["limit"]), (2, &json!(2)), "{alias}");
        }
    }

    async fn r046_aliases_of_the_offset(api: Registry) {
        let devices = api.devices_named(&["a", "b", "c"]).await;
        for alias in ["$offset", "$start", "%24start", "offset", "start"] {
            let answer = api.get(&format!("{devices}?{alias}=2&$orderBy=displayName")).await.assert_status(200);
            assert_eq!((column(&answer, "displayName"), &answer.meta()["offset"]), (vec![json!("c")], &json!(2)));
        }
    }

    async fn r049_each_alias_is_its_canonical_name(api: Registry) {
        let devices = api.devices_named(&["a", "b", "c"]).await;
        for (left, right) in [
            ("$limit=2", "$top=2"), ("$limit=2", "$pageSize=2"), ("$offset=1", "$start=1"), ("$limit=2", "limit=2"),
            ("$orderBy=displayName", "orderBy=displayName"), ("$count=true", "count=true"), ("$format=json", "format=json"),
            ("$limit=2", "%24top=2"),
        ] {
            are_equal(&api, &devices, left, right).await;
        }
    }

    async fn r049_two_names_of_one_parameter_are_refused(api: Registry) {
        let devices = api.devices_named(&["a"]).await;
        for query in [
            "$limit=2&$top=2", "$limit=2&limit=2", "$offset=1&$start=1", "$limit=1&$limit=2", "$limit=1&%24limit=1",
            "owner=ada&owner=ada", "$count=true&count=true", "$orderBy=owner&$orderBy=owner",
        ] {
            let _ = is_refused(&api, &format!("{devices}?{query}")).await;
        }
    }

    async fn r050_a_bare_name_is_the_fields_where_there_is_one(api: Workshop) {
        sites(&api).await;
        assert_eq!(names(&api, "limit=3").await, ["b"]);
        assert_eq!(names(&api, "limit=3&$limit=1").await, ["b"]);
        assert_eq!(names(&api, "$limit=1&$orderBy=displayName").await, ["Z"]);
    }

    async fn r050_unknown_names_are_refused(api: Registry) {
        let devices = api.devices_named(&["a"]).await;
        for (query, name) in [
            ("$nothing=1", "$nothing"), ("nothing=1", "nothing"), ("$owner=ada", "$owner"), ("Owner=ada", "Owner"),
            ("$LIMIT=1", "$LIMIT"), ("=1", ""), ("display_name=a", "display_name"), ("$=1", "$"), ("tags=a", "tags"),
        ] {
            let answer = api.get(&format!("{devices}?{query}")).await;
            answer.assert_refused(400, "UnknownParameter");
            assert_eq!(locators(&answer), [format!("parameter {name}")]);
        }
    }

    async fn standard_parameters_that_mean_nothing_are_refused(api: Registry) {
        let device = api.device().await;
        let devices = device.rsplit_once('/').expect("a path").0.to_owned();
        for path in [
            format!("{device}?$limit=1"), format!("{device}?$force=true"), format!("{device}?$orderBy=owner"),
            format!("{device}?$count=true"), format!("{devices}?$force=true"), format!("{devices}?$allowMissing=true"),
            format!("{device}?owner=ada"), format!("{device}?$cursor=x"), "?$limit=1".to_owned(),
            format!("{devices}?$showDeleted=true"),
        ] {
            let _ = is_refused(&api, &path).await;
        }
        let _ = api.post(&format!("{devices}?$limit=1"), api.device_body()).await.assert_status(400);
        let _ = api.patch(&format!("{device}?$force=true"), json!({})).await.assert_status(400);
        let _ = api.patch(&format!("{device}?$allowMissing=true"), json!({})).await.assert_status(400);
        let _ = api.delete(&format!("{device}?$limit=1")).await.assert_status(400);
        let _ = api.call(&format!("{device}/state:silence?$force=true")).await.assert_status(400);
        let _ = api.values(&device).await;
    }

    async fn booleans_are_exactly_true_or_false(api: Registry) {
        let device = api.device().await;
        for value in ["True", "TRUE", "1", "0", "yes", "", "true%20", "null"] {
            let answer = is_refused(&api, &format!("{device}?$validate={value}")).await;
            assert_eq!(locators(&answer), ["parameter $validate"]);
            let _ = api.delete(&format!("{device}?$force={value}")).await.assert_status(400);
            let _ = is_refused(&api, &format!("device-types?$count={value}")).await;
        }
        let _ = is_refused(&api, &format!("{device}?$validate")).await;
    }

    async fn r047_json_can_be_asked_for_and_nonsense_cannot(api: Registry) {
        let _ = api.get("device-types?$format=json").await.assert_status(200);
        for format in ["yaml", "JSON", ""] {
            let _ = is_refused(&api, &format!("device-types?$format={format}")).await;
        }
    }

    async fn r048_validate_is_taken_by_every_method(api: Registry) {
        let device = api.device().await;
        let devices = device.rsplit_once('/').expect("a path").0.to_owned();
        let answers = [
            api.get(&format!("{devices}?$validate=true")).await,
            api.get(&format!("{device}?$validate=true")).await,
            api.post(&format!("{devices}?$validate=true"), api.device_body()).await,
            api.patch(&format!("{device}?$validate=true"), json!({"volume": 1})).await,
            api.put(&format!("{device}?$validate=true"), api.values(&device).await).await,
            api.delete(&format!("{device}?$validate=true")).await,
            api.post(&format!("{device}/state:transition?$validate=true"), json!({"to": "On"})).await,
        ];
        for answer in answers {
            assert!(answer.status < 300 && answer.meta()["validated"] == true, "{answer}");
        }
    }

    async fn r051_the_sample_query_works_verbatim(api: Registry) {
        let path = "device-types/house-alarm/devices?$orderBy=volume&owner=jaykmr&$format=json";
        for volume in [3, 1, 2] {
            let _ = api.device_with("device-types/house-alarm", json!({"owner": "jaykmr", "volume": volume})).await;
        }
        let answer = api.get(path).await.assert_status(200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(column(&answer, "owner").iter().all(|owner| owner == "jaykmr"));
        let volumes: Vec<_> = column(&answer, "volume").iter().filter_map(Json::as_i64).collect();
        assert!(volumes.len() >= 3 && volumes.is_sorted(), "{volumes:?}");
    }

    async fn equality_parameters_are_joined_by_and(api: Workshop) {
        sites(&api).await;
        assert_eq!(names(&api, "kind=Store&$orderBy=displayName").await, ["b", "ä"]);
        assert_eq!(names(&api, "kind=Store&load=0.1&floors=10").await, ["b"]);
        assert_eq!(names(&api, "kind=Store&isOpen=false").await, Vec::<Json>::new());
        let answer = api.get("sites?kind=Store").await.assert_status(200);
        assert_eq!(answer.meta()["totalCount"], 2);
    }

    async fn every_filterable_kind_can_be_equalled(api: Workshop) {
        sites(&api).await;
        for (query, expected) in [
            ("displayName=a", "a"), ("displayName=%C3%A4", "ä"), ("kind=Factory", "a"), ("capacity=9007199254740993", "b"),
            ("capacity=-5", "a"), ("load=0.5", "Z"), ("isOpen=false", "a"), ("floors=100", "ä"), ("openedOn=2026-11-21", "a"),
            ("inspectedAt=2026-11-21T10:11:12.5Z", "Z"), ("inspectedAt=2026-11-21T12:11:12.500%2B02:00", "Z"),
            ("ownerId=cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4", "ä"), ("mark=ABC", "b"),
        ] {
            assert_eq!(names(&api, query).await, [expected], "{query}");
        }
    }

    async fn equality_with_a_value_of_the_wrong_kind_is_refused(api: Workshop) {
        sites(&api).await;
        for query in [
            "kind=store", "kind=7", "kind=*", "capacity=many", "capacity=1.5", "capacity=9223372036854775808", "load=x",
            "isOpen=1", "isOpen=True", "floors=ten", "floors=null", "openedOn=today", "inspectedAt=2026-11-21", "ownerId=x",
            "load=NaN", "load=1e999", "floors=",
        ] {
            let answer = is_refused(&api, &format!("sites?{query}")).await;
            answer.assert_refused(400, "InvalidParameter");
        }
    }

    async fn fields_that_are_not_filterable_are_no_parameters(api: Workshop) {
        let shelf = api.shelf().await;
        let shelves = shelf.strip_suffix("/a").expect("the shelf's id");
        for query in ["pin=1234", "barcode=1", "stock=0", "etag=x", "url=x"] {
            let _ = api.get(&format!("{shelves}?{query}")).await.assert_refused(400, "UnknownParameter");
        }
    }

    async fn equality_values_are_literal(api: Registry) {
        let devices = api.devices_named(&["*", "null", "a*", "ab", "a b", "a+b", "100%"]).await;
        for (query, expected) in [
            ("*", "*"), ("null", "null"), ("a*", "a*"), ("a+b", "a b"), ("a%20b", "a b"), ("a%2Bb", "a+b"), ("100%25", "100%"),
        ] {
            let found = api.column(&format!("{devices}?displayName={query}"), "displayName").await;
            assert_eq!(found, [expected], "{query}");
        }
        assert_eq!(api.column(&format!("{devices}?displayName="), "id").await, Vec::<Json>::new());
    }

    async fn r043_order_is_ascending_unless_said_otherwise(api: Workshop) {
        sites(&api).await;
        assert_eq!(names(&api, "$orderBy=displayName").await, ["Z", "a", "b", "ä"]);
        assert_eq!(names(&api, "$orderBy=displayName%20desc").await, ["ä", "b", "a", "Z"]);
        assert_eq!(names(&api, "$orderBy=displayName+desc").await, ["ä", "b", "a", "Z"]);
        assert_eq!(names(&api, "$orderBy=displayName%20asc").await, ["Z", "a", "b", "ä"]);
    }

    async fn r043_numbers_are_ordered_as_numbers_and_enums_by_number(api: Workshop) {
        sites(&api).await;
        assert_eq!(names(&api, "$orderBy=capacity").await, ["a", "ä", "Z", "b"]);
        assert_eq!(names(&api, "$orderBy=kind,displayName").await, ["Z", "a", "b", "ä"]);
        assert_eq!(names(&api, "$orderBy=kind%20desc,displayName%20desc").await, ["ä", "b", "a", "Z"]);
    }

    async fn r043_null_is_lowest_and_the_id_decides_ties(api: Workshop) {
        sites(&api).await;
        assert_eq!(names(&api, "$orderBy=floors").await, ["Z", "a", "b", "ä"]);
        assert_eq!(names(&api, "$orderBy=floors%20desc").await, ["ä", "b", "a", "Z"]);
        assert_eq!(names(&api, "$orderBy=load").await, ["b", "ä", "Z", "a"]);
        assert_eq!(names(&api, "$orderBy=load%20desc").await, ["a", "Z", "b", "ä"]);
    }

    async fn r043_order_is_stable_across_pages(api: Workshop) {
        sites(&api).await;
        let whole = names(&api, "$orderBy=load,kind%20desc").await;
        let pages = api.column_of_all("sites?$orderBy=load,kind%20desc&$limit=1", "displayName").await;
        assert_eq!(pages, whole);
    }

    async fn r043_lists_can_be_ordered_by_framework_times(api: Registry) {
        let devices = api.devices_named(&["a", "b", "c"]).await;
        let newest = api.column(&format!("{devices}?$orderBy=createdAt%20desc"), "displayName").await;
        assert_eq!(newest, ["c", "b", "a"]);
        let _ = api.get(&format!("{devices}?$orderBy=updatedAt,id")).await;
    }

    async fn all_faults_of_an_order_are_told(api: Registry) {
        let answer = api.get("device-types?$orderBy=color,id%20down,,displayName,displayName,").await;
        answer.assert_refused(400, "InvalidParameter");
        assert_eq!(locators(&answer), ["parameter $orderBy"; 4]);
        let details: Vec<_> = answer.errors().iter().map(|error| error["detail"].as_str().unwrap_or_default()).collect();
        assert!(details[0].contains("`color`") && details[1].contains("`id`"), "{details:?}");
        assert!(details[2].contains("commas") && details[3].contains("`displayName`"), "{details:?}");
    }

    async fn what_cannot_be_ordered_by_is_refused(api: Registry) {
        let devices = api.devices_named(&["a"]).await;
        for order in ["nothing", "tags", "volume%20down", "volume%20desc%20desc", "", ",", "volume,", "volume,volume", "links"] {
            let answer = is_refused(&api, &format!("{devices}?$orderBy={order}")).await;
            assert_eq!(locators(&answer), ["parameter $orderBy"], "{order}");
        }
    }

    async fn values_are_decoded_as_forms_are(api: Registry) {
        let devices = api.devices_named(&["x y"]).await;
        for query in ["displayName=x+y", "displayName=x%20y", "display%4Eame=x+y"] {
            assert_eq!(api.column(&format!("{devices}?{query}"), "displayName").await, ["x y"]);
        }
        assert_eq!(api.get(&format!("{devices}?displayName=%FF")).await.status / 100, 4);
        assert_eq!(api.get(&format!("{devices}?displayName=%ZZ")).await.status / 100, 2);
    }

    async fn the_registry_filters_by_all_that_it_promises(api: Registry) {
        let device = api.device_with("device-types/house-alarm", json!({"enabled": false, "volume": 8})).await;
        let values = api.values(&device).await;
        for field in ["displayName", "owner", "volume", "serialNumber", "enabled", "createdAt", "updatedAt"] {
            let value = values[field].as_str().map_or_else(|| values[field].to_string(), str::to_owned);
            let path = format!("device-types/house-alarm/devices?{field}={value}&$limit=1000");
            assert!(api.column(&path, "id").await.contains(&values["id"]), "{field}");
            let _ = api.get(&format!("device-types/house-alarm/devices?$orderBy={field}")).await.assert_status(200);
        }
        for field in ["category", "manufacturer"] {
            let _ = api.get(&format!("device-types?$orderBy={field}")).await.assert_status(200);
        }
        assert!(api.column("device-types?category=Alarm", "id").await.contains(&json!("house-alarm")));
    }
}
