//! `$filter`: the grammar of AIP-160, its types, its two-valued logic and its limits, on every store.

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use rest_standard::testing::TestResponse;
use rest_standard_tests::{Api, Registry, Stored, Workshop, column, is_long, on_every_store, workshop};
use serde_json::{Value as Json, json};

/// A query with an encoded filter.
fn encoded(name: &str, filter: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, filter).finish()
}

/// The display names of the sites that pass, in the order of their ids.
async fn passing(api: &Workshop, filter: &str) -> Vec<Json> {
    api.column(&format!("sites?{}", encoded("$filter", filter)), "displayName").await
}

/// Asserts that a filter is refused at one position; gives the detail.
async fn refused(api: &Workshop, filter: &str, position: usize) -> String {
    let answer = api.get(&format!("sites?{}", encoded("$filter", filter))).await.assert_status(400);
    assert_eq!(answer.reason(), "InvalidParameter", "{answer}");
    let error = &answer.errors()[0];
    assert_eq!(error["parameter"], "$filter", "{answer}");
    assert_eq!(error["position"], position, "{filter}: {answer}");
    error["detail"].as_str().expect("a detail").to_owned()
}

/// Five sites with something different in every field.
async fn sites(api: &Workshop) {
    for fields in [
        json!({"displayName": "a", "kind": "Factory", "capacity": "-5", "load": 0.9, "floors": 9, "isOpen": false,
               "openedOn": "2026-11-21", "sections": [1, 2], "labels": {"env": "prod", "a b": "x"},
               "address": {"street": "Main Street 1", "latitude": 52.5, "doors": [{"label": "front", "storey": 0}, {"label": "roof", "storey": 9}]}}),
        json!({"displayName": "b", "kind": "Store", "capacity": "9007199254740993", "load": 0.1, "floors": 10, "mark": "ABC", "sections": [2],
               "labels": {"env": "test"}, "limit": 3, "address": {"street": "Side \"Alley\"", "doors": []}}),
        json!({"displayName": "c*", "capacity": "10", "load": 0.5, "inspectedAt": "2026-11-21T10:11:12.5Z", "ref": "say \"hi\""}),
        json!({"displayName": "Ä b", "kind": "Store", "capacity": "9", "load": 0.1, "floors": 100,
               "ownerId": "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4", "ref": "null"}),
        json!({"displayName": "\u{10FFFF}", "capacity": "0", "load": 0.0, "inspectedAt": "2026-11-21T12:00:00Z", "ref": "C:\\temp"}),
    ] {
        let _ = api.site_with(fields).await;
    }
}

const LAST: &str = "\u{10FFFF}";

on_every_store! {
    async fn r042_filter_and_query_have_one_grammar(api: Registry) {
        let devices = api.devices_named(&["Lamp", "Lantern", "Bell"]).await;
        for name in ["$filter", "$query", "filter", "query", "%24filter"] {
            let query = encoded("x", "displayName = \"La*\" OR displayName = Bell").replacen('x', name, 1);
            let answer = api.get(&format!("{devices}?{query}&$orderBy=displayName")).await.assert_status(200);
            assert_eq!(column(&answer, "displayName"), ["Bell", "Lamp", "Lantern"], "{name}");
            let query = encoded("x", "displayName = \"La*\"").replacen('x', name, 1);
            let answer = api.get(&format!("{devices}?{query}&$orderBy=displayName")).await.assert_status(200);
            assert_eq!((column(&answer, "displayName"), &answer.meta()["totalCount"]), (vec![json!("Lamp"), json!("Lantern")], &json!(2)));
        }
        let both = format!("{devices}?{}&{}", encoded("$filter", "owner = a"), encoded("$query", "owner = a"));
        let _ = api.get(&both).await.assert_status(400);
    }

    async fn r041_the_count_is_after_filtering_and_before_paging(api: Workshop) {
        sites(&api).await;
        let answer = api.get(&format!("sites?$limit=1&{}", encoded("$filter", "kind = Store"))).await.assert_status(200);
        assert_eq!((&answer.meta()["totalCount"], column(&answer, "displayName").len()), (&json!(2), 1));
    }

    async fn a_count_that_is_kept_is_not_that_of_another_filter(api: Workshop) {
        sites(&api).await;
        for (filter, expected) in [("", 5), ("kind = Store", 2), ("", 5), ("load = 0.9", 1), ("", 5)] {
            let answer = api.get(&format!("sites?$limit=0&{}", encoded("$filter", filter))).await.assert_status(200);
            assert_eq!(answer.meta()["totalCount"], expected, "{filter}");
        }
    }

    async fn each_comparator_on_each_type(api: Workshop) {
        sites(&api).await;
        for (filter, expected) in [
            // Text, by code point.
            ("displayName = a", vec!["a"]),
            ("displayName != a", vec!["b", "c*", "Ä b", LAST]),
            ("displayName < b", vec!["a"]),
            ("displayName <= b", vec!["a", "b"]),
            ("displayName > \"c*\"", vec!["Ä b", LAST]),
            ("displayName >= \"c\"", vec!["c*", "Ä b", LAST]),
            ("displayName : a", vec!["a"]),
            // Integers, which are texts on the wire where they are wide.
            ("capacity = 9007199254740993", vec!["b"]),
            ("capacity < 9", vec!["a", LAST]),
            ("capacity <= 9 capacity > -5", vec!["Ä b", LAST]),
            ("capacity>=-5 AND capacity<1", vec!["a", LAST]),
            ("floors > 9", vec!["b", "Ä b"]),
            ("floors != 9", vec!["b", "c*", "Ä b", LAST]),
            ("floors < 9223372036854775807", vec!["a", "b", "Ä b"]),
            // Floats.
            ("load = 0.1", vec!["b", "Ä b"]),
            ("load > 0.4999", vec!["a", "c*"]),
            ("load <= 1e-1", vec!["b", "Ä b", LAST]),
            ("load = -0", vec![LAST]),
            // Booleans.
            ("isOpen = false", vec!["a"]),
            ("isOpen != false", vec!["b", "c*", "Ä b", LAST]),
            ("isOpen:false", vec!["a"]),
            // Enums, by their numbers.
            ("kind = Store", vec!["b", "Ä b"]),
            ("kind = \"Store\"", vec!["b", "Ä b"]),
            ("kind >= Factory", vec!["a", "b", "Ä b"]),
            ("kind < Factory", vec!["c*", LAST]),
            // Instants, whatever their offset.
            ("inspectedAt = \"2026-11-21T10:11:12.5Z\"", vec!["c*"]),
            ("inspectedAt = \"2026-11-21T15:41:12.500000+05:30\"", vec!["c*"]),
            ("inspectedAt > \"2026-11-21T10:11:12.499999Z\"", vec!["c*", LAST]),
            ("inspectedAt >= \"2026-11-21T13:00:00+01:00\"", vec![LAST]),
            ("createdAt > \"2000-01-01T00:00:00Z\" createdAt < \"2999-01-01T00:00:00Z\"", vec!["a", "b", "c*", "Ä b", LAST]),
            // Dates and UUIDs, with or without quotes.
            ("openedOn = 2026-11-21", vec!["a"]),
            ("openedOn < \"2026-11-22\"", vec!["a"]),
            ("ownerId = cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4", vec!["Ä b"]),
            ("ownerId = \"CBB96EC2-EDAE-47C4-87E9-86EB8B9C5CE4\"", vec!["Ä b"]),
            ("id > 3", vec!["Ä b", LAST]),
        ] {
            assert_eq!(passing(&api, filter).await, expected, "{filter}");
        }
    }

    async fn or_binds_tighter_than_and(api: Workshop) {
        sites(&api).await;
        for (filter, expected) in [
            ("kind = Store AND floors = 10 OR floors = 9", vec!["b"]),
            ("floors = 10 OR floors = 9 AND kind = Store", vec!["b"]),
            ("(kind = Store AND floors = 10) OR floors = 9", vec!["a", "b"]),
            ("kind = Store floors = 10 OR floors = 9", vec!["b"]),
            ("kind = Store AND NOT floors = 10 OR floors = 9", vec!["Ä b"]),
            ("kind = Store -floors = 10", vec!["Ä b"]),
            ("-(kind = Store OR kind = Factory)", vec!["c*", LAST]),
            ("NOT (kind = Store OR kind = Factory)", vec!["c*", LAST]),
            ("NOT (kind = Store AND floors = 10)", vec!["a", "c*", "Ä b", LAST]),
            ("( ( kind=Store ) )", vec!["b", "Ä b"]),
            ("  kind=Store\t AND  load=0.1 ", vec!["b", "Ä b"]),
            ("", vec!["a", "b", "c*", "Ä b", LAST]),
            ("   ", vec!["a", "b", "c*", "Ä b", LAST]),
        ] {
            assert_eq!(passing(&api, filter).await, expected, "{filter}");
        }
    }

    async fn what_is_absent_fails_every_comparison_but_unequal(api: Workshop) {
        sites(&api).await;
        for (filter, expected) in [
            ("floors = null", vec!["c*", LAST]),
            ("floors != null", vec!["a", "b", "Ä b"]),
            ("NOT floors = null", vec!["a", "b", "Ä b"]),
            ("floors:*", vec!["a", "b", "Ä b"]),
            ("-floors:*", vec!["c*", LAST]),
            ("NOT floors < 10", vec!["b", "c*", "Ä b", LAST]),
            ("floors >= 10", vec!["b", "Ä b"]),
            ("NOT (floors < 10 OR load = 0.5)", vec!["b", "Ä b", LAST]),
            ("mark != ABC", vec!["a", "c*", "Ä b", LAST]),
            ("-mark = \"A*\"", vec!["a", "c*", "Ä b", LAST]),
            ("mark = \"*\"", vec!["b"]),
            ("ref = \"null\"", vec!["Ä b"]),
            ("address = null", vec!["c*", "Ä b", LAST]),
            ("address:*", vec!["a", "b"]),
            ("createdBy = null", vec!["a", "b", "c*", "Ä b", LAST]),
            ("displayName = null", vec![]),
        ] {
            assert_eq!(passing(&api, filter).await, expected, "{filter}");
        }
    }

    async fn stars_at_the_ends_of_a_quoted_text_are_wildcards(api: Workshop) {
        sites(&api).await;
        for (filter, expected) in [
            ("displayName = \"*b\"", vec!["b", "Ä b"]),
            ("displayName = 'Ä*'", vec!["Ä b"]),
            ("displayName = \"* *\"", vec!["Ä b"]),
            ("displayName = \"*\"", vec!["a", "b", "c*", "Ä b", LAST]),
            ("displayName = \"**\"", vec!["a", "b", "c*", "Ä b", LAST]),
            ("displayName != \"*b*\"", vec!["a", "c*", LAST]),
            ("displayName = \"\u{10FFFF}*\"", vec![LAST]),
            ("displayName = \"c\\*\"", vec!["c*"]),
            ("displayName = \"*\\*\"", vec!["c*"]),
            ("displayName = \"B*\"", vec![]),
            ("displayName = \"a*b\"", vec![]),
            // A star is a character for all other comparators.
            ("displayName:\"c*\"", vec!["c*"]),
            ("displayName:\"a*\"", vec![]),
            ("displayName >= \"c*\"", vec!["c*", "Ä b", LAST]),
            ("ref = \"say \\\"hi\\\"\"", vec!["c*"]),
            ("ref = 'say \"hi\"'", vec!["c*"]),
            ("ref = \"C:\\\\*\"", vec![LAST]),
            ("displayName = \"\"", vec![]),
            ("displayName = \"_\"", vec![]),
            ("displayName = \"%\"", vec![]),
        ] {
            assert_eq!(passing(&api, filter).await, expected, "{filter}");
        }
    }

    async fn lists_maps_and_members(api: Workshop) {
        sites(&api).await;
        for (filter, expected) in [
            ("sections:2", vec!["a", "b"]),
            ("sections:1 sections:2", vec!["a"]),
            ("-sections:1", vec!["b", "c*", "Ä b", LAST]),
            ("sections:*", vec!["a", "b"]),
            ("labels.env:*", vec!["a", "b"]),
            ("labels:env", vec!["a", "b"]),
            ("labels:\"a b\"", vec!["a"]),
            ("labels.\"a b\" = x", vec!["a"]),
            ("labels.env = prod", vec!["a"]),
            ("labels.env:prod", vec!["a"]),
            ("labels.env = \"p*\"", vec!["a"]),
            ("labels.env != prod", vec!["b", "c*", "Ä b", LAST]),
            ("labels.env > prod", vec!["b"]),
            ("labels:*", vec!["a", "b"]),
            ("labels.none:*", vec![]),
            ("address.street = \"Main*\"", vec!["a"]),
            ("address.street = \"*\\\"Alley\\\"\"", vec!["b"]),
            ("address.latitude > 52", vec!["a"]),
            ("address.latitude = 52.5", vec!["a"]),
            ("address.latitude = null", vec!["b", "c*", "Ä b", LAST]),
            ("NOT address.latitude > 52", vec!["b", "c*", "Ä b", LAST]),
            ("address.doors.label:roof", vec!["a"]),
            ("address.doors.storey:9", vec!["a"]),
            ("-address.doors.storey:9", vec!["b", "c*", "Ä b", LAST]),
            ("address.doors:*", vec!["a"]),
            ("address.doors.label:*", vec!["a"]),
        ] {
            assert_eq!(passing(&api, filter).await, expected, "{filter}");
        }
    }

    async fn a_fault_has_its_position_and_says_what_was_expected(api: Workshop) {
        for (filter, position, part) in [
            // Names.
            ("flors = 1", 0, "did you mean `floors`?"),
            ("kind = Store AND color = red", 17, "`color` is not; fields are `displayName`"),
            ("photo = \"\"", 0, "`photo` is not"),
            ("address.stret = x", 8, "did you mean `street`?"),
            ("floors.x = 1", 7, "has no members"),
            ("= 1", 0, "must name a field, got `=`"),
            ("kind = Store AND", 16, "must have a term after `AND`"),
            ("kind = Store OR", 15, "must have a term after `OR`"),
            ("OR kind = Store", 0, "must have a term before `OR`"),
            ("kind = Store AND OR kind = Store", 17, "must have a term after `AND`, got `OR`"),
            // Comparators.
            ("Store", 0, "must have a comparator after `Store`"),
            ("kind = Store and floors = 1", 13, "did you mean `AND`?"),
            ("kind = Store && floors = 1", 13, "did you mean `AND`?"),
            ("floors == 1", 7, "did you mean `=`?"),
            ("floors <> 1", 7, "did you mean `!=`?"),
            ("floors ! 1", 7, "did you mean `!=`?"),
            ("sections = 1", 9, "a list, whose elements are asked for with `:`"),
            ("sections != 1", 9, "a list"),
            ("labels = x", 7, "a map"),
            ("address = x", 8, "`address.street`"),
            ("address:x", 7, "has members"),
            ("address.doors:x", 13, "have members"),
            ("address.doors.label = x", 20, "with `:`"),
            ("isOpen > true", 7, "no order"),
            ("floors > null", 7, "`null` goes with `=` and `!=`"),
            // Values.
            ("floors =", 8, "must have a value after `=`, got its end"),
            ("floors = \"5\"", 9, "must have an integer without quotes for `floors`, got the text \"5\""),
            ("floors = five", 9, "got `five`"),
            ("floors = 2.5", 9, "an integer"),
            ("capacity = 9223372036854775808", 11, "between"),
            ("load = x", 7, "a number without quotes"),
            ("load = \"0.5\"", 7, "a number without quotes"),
            ("load = 1e999", 7, "a finite number"),
            ("isOpen = yes", 9, "`true` or `false`"),
            ("isOpen = \"true\"", 9, "without quotes"),
            ("kind = Stor", 7, "did you mean `Store`?"),
            ("inspectedAt = 2026-11-21T10:00:00Z", 27, "must have quotes around a value with `:`"),
            ("inspectedAt = 2026-11-21", 14, "a timestamp in quotes"),
            ("inspectedAt = \"2026-11-21\"", 14, "got the text \"2026-11-21\""),
            ("openedOn = \"2026-13-01\"", 11, "date"),
            ("ownerId = x", 10, "a UUID"),
            ("displayName = a*", 14, "must have quotes around a text with a wildcard: `\"a*\"`"),
            ("displayName = AND", 14, "needs quotes"),
            ("displayName = (a OR b)", 14, "one value"),
            ("displayName = \"a", 14, "a quote without its end"),
            ("displayName = \"a\\n\"", 16, "has the escape `\\n`"),
            ("displayName = \"a\"b", 17, "must have a space after a value"),
            ("ä = \"a\" AND displayName = \"ä\" OR x", 33, "must have a comparator"),
            // Functions, parentheses, spaces.
            ("len(displayName) = 1", 0, "must not call functions, got `len(`"),
            ("displayName = lower(a)", 14, "must not call functions, got `lower(`"),
            ("NOT(kind = Store)", 3, "must have a space after `NOT`"),
            ("(kind = Store", 0, "a `(` without its `)`"),
            ("kind = Store)", 12, "a `)` without its `(`"),
            ("()", 1, "must have a term between"),
            ("(kind = Store)(floors = 1)", 14, "must have a space between two terms"),
        ] {
            let detail = refused(&api, filter, position).await;
            assert!(detail.contains(part), "{filter}: {detail}");
        }
    }

    async fn all_faults_of_names_and_values_are_told(api: Workshop) {
        let filter = "flors = 1 AND kind = x OR load = y";
        let answer = api.get(&format!("sites?{}&$limit=x", encoded("$filter", filter))).await.assert_status(400);
        let positions: Vec<_> = answer.errors().iter().map(|error| error["position"].clone()).collect();
        assert_eq!(positions, [json!(0), json!(21), json!(33), Json::Null], "{answer}");
    }

    async fn a_hidden_field_is_not_there(api: Workshop) {
        let site = api.site().await;
        let hidden = api.get(&format!("{site}/shelves?{}", encoded("$filter", "pin = 1234"))).await.assert_status(400);
        let unknown = api.get(&format!("{site}/shelves?{}", encoded("$filter", "nip = 1234"))).await.assert_status(400);
        let detail = |answer: &TestResponse| answer.errors()[0]["detail"].as_str().unwrap_or_default().replace("`nip`", "`pin`");
        assert_eq!(detail(&hidden), detail(&unknown));
        assert!(!hidden.to_string().contains("code`, `pin"), "{hidden}");
        // Nor is a hidden member of a struct.
        let _ = api.site_with(json!({"address": {"street": "s", "gateCode": "1234", "doors": []}})).await;
        let detail = refused(&api, "address.gateCode = 1234", 8).await;
        assert_eq!(detail, "`gateCode` is no member of `address`; members are `street`, `latitude`, `doors`");
    }

    async fn faults_are_named_by_the_canonical_parameter(api: Workshop) {
        for name in ["$filter", "$query", "filter", "query"] {
            let answer = api.get(&format!("sites?{}", encoded(name, "nothing = 1"))).await.assert_status(400);
            assert_eq!(answer.errors()[0]["parameter"], "$filter", "{name}");
        }
    }

    async fn r104_limits_of_a_filter(api: Workshop) {
        let _ = api.site().await;
        let accepted = |filter: String| { let api = &api; async move {
            let _ = api.get(&format!("sites?{}", encoded("$filter", &filter))).await.assert_status(200);
        }};
        let long = |length: usize| format!("displayName = \"{}\"", "a".repeat(length - 16));
        accepted(long(4096)).await;
        assert!(refused(&api, &format!("{} ", long(4096)), 4096).await.contains("4096 bytes at most, got 4097"));
        let deep = |depth: usize| format!("{}kind = Store{}", "(".repeat(depth), ")".repeat(depth));
        accepted(deep(32)).await;
        assert!(refused(&api, &deep(33), 32).await.contains("32 levels"));
        // Groups beside each other are not nested.
        accepted(vec!["(kind = Store)"; 40].join(" ")).await;
        let many = |terms: usize| vec!["floors = 1"; terms].join(" OR ");
        accepted(many(64)).await;
        assert!(refused(&api, &many(65), 64 * 14).await.contains("64 terms"));
    }

    async fn a_cursor_is_bound_to_its_filter(api: Workshop) {
        sites(&api).await;
        let filter = encoded("$filter", "load > 0.05");
        let answer = api.get(&format!("sites?$limit=2&{filter}")).await.assert_status(200);
        let next = answer.meta()["cursorNextLink"].as_str().expect("a next link").to_owned();
        let page = api.get(&next).await.assert_status(200);
        assert_eq!(column(&page, "displayName"), ["c*", "Ä b"]);
        assert!(page.meta()["cursorNextLink"].is_null(), "{page}");
        for other in ["load > 0.06", "load  > 0.05"] {
            let changed = next.replace(&filter, &encoded("$filter", other));
            assert_ne!(changed, next);
            let _ = api.get(&changed).await.assert_status(400);
        }
        let _ = api.get(&next.replace(&format!("&{filter}"), "")).await.assert_status(400);
    }

    async fn a_filter_goes_with_order_equality_and_paging(api: Workshop) {
        sites(&api).await;
        let mut found = Vec::new();
        let mut next = format!("sites?kind=Store&$orderBy=floors%20desc,displayName&$limit=1&{}", encoded("$filter", "load = 0.1 OR load = 0.9"));
        loop {
            let page = api.get(&next).await.assert_status(200);
            assert_eq!(page.meta()["totalCount"], 2, "{page}");
            found.extend(column(&page, "displayName"));
            let Some(link) = page.meta()["cursorNextLink"].as_str() else { break };
            next = link.to_owned();
        }
        assert_eq!(found, ["Ä b", "b"]);
    }

    async fn a_filter_means_nothing_but_on_a_list(api: Workshop) {
        let site = api.site().await;
        for path in [site.as_str(), "settings"] {
            let answer = api.get(&format!("{path}?{}", encoded("$filter", "floors = 1"))).await.assert_status(400);
            assert_eq!(answer.reason(), "UnknownParameter");
        }
        // A list cannot equal a value, so it has no equality parameter.
        let answer = api.get("sites?sections=1").await.assert_status(400);
        assert!(answer.errors()[0]["detail"].as_str().unwrap_or_default().contains("$filter=sections:"), "{answer}");
    }

    async fn changes_can_be_filtered(api: Registry) {
        let device = api.device().await;
        let _ = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        let answer = api.get(&format!("{device}/changes?{}", encoded("$filter", "id > 1"))).await.assert_status(200);
        assert_eq!(column(&answer, "id"), [json!(2)]);
    }
}

/// Values that filters and rows have in common, so that comparisons hold often.
const TEXTS: [&str; 12] = ["", "a", "A", "ab", "b", "a*", "*", "\"", "\\", "a b", "ä", "\u{10FFFF}"];
const NUMBERS: [i64; 7] = [i64::MIN, -1, 0, 1, 9, 9_007_199_254_740_993, i64::MAX];
const FLOATS: [f64; 7] = [0.0, 0.1, 0.3, 1.0, 0.1 + 0.2, 5e-324, 0.999_999_999_999_999_9];
const INSTANTS: [&str; 5] = [
    "2026-11-21T10:00:00Z",
    "2026-11-21T10:00:00.5Z",
    "2026-11-21T10:00:00.000001Z",
    "0000-01-01T00:00:00Z",
    "9999-12-30T21:59:59.999999Z",
];

fn one<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(values.to_vec())
}

fn site() -> impl Strategy<Value = Json> {
    let text = || one(&TEXTS);
    let door = (text(), -5..=5_i32).prop_map(|(label, storey)| json!({"label": label, "storey": storey}));
    let address =
        (one(&["s", "S*", "\"s\""]), prop::option::of(one(&FLOATS)), prop::collection::vec(door, 0..3))
            .prop_map(
                |(street, latitude, doors)| json!({"street": street, "latitude": latitude, "doors": doors}),
            );
    (
        (one(&TEXTS[1..]), one(&["Plain", "Store", "Factory"]), one(&NUMBERS), one(&FLOATS), any::<bool>()),
        (prop::option::of(1..=3_i32), prop::option::of(one(&["2026-11-21", "2026-11-22", "0001-01-01"]))),
        (prop::option::of(one(&INSTANTS)), prop::option::of(text()), prop::option::of(address)),
        (prop::collection::vec(-1..=2_i32, 0..3), prop::collection::btree_map(text(), text(), 0..3)),
    )
        .prop_map(|((name, kind, capacity, load, open), (floors, day), (at, reference, address), (sections, labels))| {
            json!({"displayName": name, "kind": kind, "capacity": capacity.to_string(), "load": load, "isOpen": open, "floors": floors,
                   "openedOn": day, "inspectedAt": at, "ref": reference, "address": address, "sections": sections, "labels": labels})
        })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('*', "\\*"))
}

fn restriction() -> impl Strategy<Value = String> {
    let order = || one(&["=", "!=", "<", "<=", ">", ">="]);
    let term = |(field, comparator, value): (&str, &str, String)| format!("{field} {comparator} {value}");
    let text = one(&TEXTS).prop_map(quoted);
    let text = prop_oneof![4 => text, 1 => one(&["\"*\"", "\"a*\"", "\"*b\"", "\"*a*\"", "\"*\\**\"", "\"ä*\"", "\"\u{10FFFF}*\""]).prop_map(str::to_owned)];
    let number = one(&NUMBERS).prop_map(|number| number.to_string());
    let float = one(&FLOATS).prop_map(|number| format!("{number:?}"));
    let instant =
        prop_oneof![one(&INSTANTS), one(&["2026-11-21T15:30:00.5+05:30", "2026-11-21T09:59:59.999999Z"])]
            .prop_map(quoted);
    let small = (-2..=4_i32).prop_map(|number| number.to_string());
    prop_oneof![
        (
            one(&["displayName", "ref", "labels.a", "labels.\"\\\"\"", "labels.\"\\\\\"", "address.street"]),
            order(),
            text.clone()
        )
            .prop_map(term),
        (one(&["capacity", "floors"]), order(), number).prop_map(term),
        (one(&["load", "address.latitude"]), order(), float).prop_map(term),
        (one(&["inspectedAt"]), order(), instant).prop_map(term),
        (one(&["kind"]), order(), one(&["Plain", "Store", "Factory"]).prop_map(str::to_owned)).prop_map(term),
        (one(&["openedOn"]), order(), one(&["2026-11-21", "0001-01-01"]).prop_map(str::to_owned))
            .prop_map(term),
        (one(&["isOpen"]), one(&["=", "!="]), one(&["true", "false"]).prop_map(str::to_owned)).prop_map(term),
        (one(&["floors", "id"]), order(), small.clone()).prop_map(term),
        (one(&["sections", "address.doors.storey"]), one(&[":"]), small).prop_map(term),
        (
            one(&["address.doors.label", "labels", "labels.a", "ref", "displayName"]),
            one(&[":"]),
            one(&TEXTS).prop_map(quoted)
        )
            .prop_map(term),
        (
            one(&[
                "ref",
                "address",
                "labels.a",
                "labels",
                "sections",
                "address.doors",
                "address.latitude",
                "address.doors.label",
                "load"
            ]),
            one(&[":"]),
            Just("*".to_owned())
        )
            .prop_map(term),
        (
            one(&["ref", "address", "labels.a", "sections", "address.latitude", "createdBy"]),
            one(&["=", "!="]),
            Just("null".to_owned())
        )
            .prop_map(term),
    ]
}

fn filter() -> impl Strategy<Value = String> {
    restriction().prop_recursive(4, 16, 4, |inner| {
        let parts = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (parts.clone(), one(&[" AND ", " ", " OR "]))
                .prop_map(|(parts, joined)| format!("({})", parts.join(joined))),
            parts.prop_map(|parts| format!("({})", parts.join(" OR ")).replace(") OR (", ") AND (")),
            (inner, one(&["NOT ", "-"])).prop_map(|(inner, not)| format!("{not}({inner})")),
        ]
    })
}

/// Every store gives the same rows, count and pages for the same filter over the same rows.
#[tokio::test]
async fn filters_mean_the_same_on_every_store() {
    let (services, filters) = if is_long() { (20, 500) } else { (2, 250) };
    let mut runner = TestRunner::new(ProptestConfig::default());
    let mut hits = [0_usize; 2];
    for _ in 0..services {
        let mut stores = Vec::new();
        for stored in Stored::all() {
            stores.push(stored.start(workshop::service()).await);
        }
        for _ in 0..25 {
            let site = site().new_tree(&mut runner).expect("a site").current();
            for api in &stores {
                let _ = api.post("sites", site.clone()).await.assert_status(201);
            }
        }
        for _ in 0..filters {
            let filter = filter().new_tree(&mut runner).expect("a filter").current();
            let ids = async |api: &Api| {
                let answer = api
                    .get(&format!("sites?$limit=1000&{}", encoded("$filter", &filter)))
                    .await
                    .assert_status(200);
                let ids = column(&answer, "id");
                assert_eq!(answer.meta()["totalCount"], ids.len(), "{filter}");
                ids
            };
            let expected = ids(&stores[0]).await;
            for store in &stores[1..] {
                assert_eq!(expected, ids(store).await, "{filter}");
            }
            hits[0] += usize::from(!expected.is_empty());
            hits[1] += usize::from(expected.len() < 25);
        }
    }
    // A comparison of empty or full lists proves little.
    assert!(hits.iter().all(|hits| *hits > services * filters / 4), "{hits:?}");
}

/// Whatever is sent, a filter is read or refused at a place within it.
#[tokio::test]
async fn r104_every_text_is_read_or_refused() {
    let api = Stored::Sqlite.start(workshop::service()).await;
    let _ = api.post("sites", json!({"displayName": "s", "capacity": "1"})).await.assert_status(201);
    let text = r#"([a-zä]|floors|displayName|sections|labels|address|[0-9]|[-+*.,:=<>!&|\\"'() ]| = | AND | OR |NOT |\PC){0,40}"#;
    let mut runner = TestRunner::new(ProptestConfig::default());
    for _ in 0..if is_long() { 5_000 } else { 500 } {
        let text = proptest::string::string_regex(text)
            .expect("a pattern")
            .new_tree(&mut runner)
            .expect("a text")
            .current();
        let answer = api.get(&format!("sites?{}", encoded("$filter", &text))).await;
        if answer.status != 200 {
            assert_eq!(answer.status, 400, "{text}: {answer}");
            let length = text.chars().count() as u64;
            let is_within =
                |error: &Json| error["position"].as_u64().is_some_and(|position| position <= length);
            assert!(answer.errors().iter().all(is_within), "{text}: {answer}");
        }
    }
}
