//! Fields: those of the framework, the kinds of the others, and their behaviours.

use rest_standard_tests::{Registry, Workshop, locators, merge, on_every_store, without};
use serde_json::{Value as Json, json};

/// What only the server sets.
const OWNED: [&str; 4] = ["createdAt", "createdBy", "updatedAt", "updatedBy"];

/// Asserts that a site with this field set is refused at that pointer.
async fn is_refused(api: &Workshop, field: &str, value: Json, pointer: &str) {
    let mut body = api.site_body();
    merge(&mut body, json!({field: value}));
    let answer = api.post("sites", body).await;
    answer.assert_refused(422, "InvalidValue");
    assert_eq!(locators(&answer), [format!("pointer {pointer}")], "{answer}");
}

/// Asserts that a site gives a field back as it was sent, at create and at read.
async fn comes_back(api: &Workshop, field: &str, value: Json) {
    let site = api.site_with(json!({field: value})).await;
    assert_eq!(api.values(&site).await[field], value, "{field}");
}

/// Whether a text is an instant in UTC with microseconds at most.
fn is_timestamp(value: &Json) -> bool {
    let text = value.as_str().unwrap_or_default();
    let fraction = text.split_once('.').map_or(0, |(_, rest)| rest.len() - 1);
    text.parse::<jiff::Timestamp>().is_ok()
        && text.ends_with('Z')
        && text.as_bytes()[10] == b'T'
        && fraction <= 6
}

on_every_store! {
    async fn the_framework_fields_are_on_every_resource(api: Registry) {
        let device = api.device().await;
        for path in [device.clone(), format!("{device}/state"), "device-types/house-alarm".to_owned()] {
            let values = api.values(&path).await;
            for name in ["id", "url", "createdAt", "createdBy", "updatedAt", "updatedBy", "etag", "links"] {
                assert!(values.get(name).is_some(), "{name} of {path}");
            }
            assert_eq!((&values["createdBy"], &values["updatedBy"]), (&Json::Null, &Json::Null));
        }
        assert_eq!(api.values(&format!("{device}/state")).await["id"], "state");
    }

    async fn r039_values_for_owned_fields_are_ignored(api: Registry) {
        let sent = json!({
            "createdAt": "1999-01-01T00:00:00Z", "createdBy": "me", "updatedAt": 5, "updatedBy": ["me"],
            "url": "http://evil.example", "etag": "\"mine\"", "links": "none", "displayName": "Mine",
        });
        let mut body = json!({"id": "siren"});
        merge(&mut body, sent.clone());
        let made = api.post("device-types", body).await.assert_status(201);
        for name in OWNED.iter().chain(&["url", "etag", "links"]) {
            assert_ne!(made.values()[name], sent[name], "{name}");
        }
        let patched = api.patch("device-types/siren", sent).await.assert_status(200);
        assert_eq!(patched.values(), made.values());
    }

    async fn r039_an_update_moves_only_the_update_time(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        let after = api.patch(&device, json!({"volume": 1})).await.assert_status(200).values().clone();
        assert_eq!((&after["createdAt"], &after["createdBy"]), (&before["createdAt"], &before["createdBy"]));
        assert!(after["updatedAt"].as_str() >= before["updatedAt"].as_str());
        assert_ne!(after["etag"], before["etag"]);
    }

    async fn get_edit_put_works(api: Registry) {
        let device = api.device().await;
        let mut values = api.values(&device).await;
        values["volume"] = json!(3);
        let put = api.put(&device, values.clone()).await.assert_status(200);
        let moving = ["updatedAt", "etag"];
        assert_eq!(without(put.values(), &moving), without(&values, &moving));
    }

    async fn r198_timestamps_are_rfc_3339_in_utc(api: Registry) {
        let device = api.device().await;
        let values = api.patch(&device, json!({"volume": 1})).await.assert_status(200).values().clone();
        assert!(is_timestamp(&values["createdAt"]) && is_timestamp(&values["updatedAt"]), "{values}");
        let change = api.values(&format!("{device}/changes")).await[0].clone();
        assert!(is_timestamp(&change["createdAt"]), "{change}");
    }

    async fn all_output_fields_are_always_there(api: Workshop) {
        let site = api.site().await;
        let values = api.values(&site).await;
        for name in ["floors", "openedOn", "inspectedAt", "ownerId", "photo", "address", "mark", "contact", "ref", "limit"] {
            assert_eq!(values.get(name), Some(&Json::Null), "{name}");
        }
        assert_eq!((&values["sections"], &values["labels"]), (&json!([]), &json!({})));
        assert_eq!((&values["load"], &values["isOpen"]), (&json!(0.5), &json!(true)));
    }

    async fn every_kind_of_field_comes_back_as_sent(api: Workshop) {
        comes_back(&api, "load", json!(0.25)).await;
        comes_back(&api, "isOpen", json!(false)).await;
        comes_back(&api, "floors", json!(300)).await;
        comes_back(&api, "openedOn", json!("2026-11-21")).await;
        comes_back(&api, "inspectedAt", json!("2026-11-21T10:11:12.123456Z")).await;
        comes_back(&api, "ownerId", json!("cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4")).await;
        comes_back(&api, "photo", json!("AAEC/w==")).await;
        comes_back(&api, "sections", json!([3, 1, 2])).await;
        comes_back(&api, "labels", json!({"b": "2", "a": "", "Ä ö": "\u{1F600}"})).await;
        comes_back(&api, "mark", json!("ABC")).await;
        comes_back(&api, "contact", json!("ada@example.com")).await;
        comes_back(&api, "kind", json!("Factory")).await;
        comes_back(&api, "address", json!({"street": "Main 1", "latitude": null, "doors": []})).await;
        comes_back(&api, "address", json!({"street": "M", "latitude": -1.5, "doors": [{"label": "A", "storey": -2}]})).await;
    }

    async fn integers_beyond_2_53_travel_as_text(api: Workshop) {
        for text in ["9223372036854775807", "-9223372036854775808", "9007199254740993", "0"] {
            comes_back(&api, "capacity", json!(text)).await;
        }
        for bad in [json!("9223372036854775808"), json!("1.5"), json!("many"), json!(""), json!(1.5), json!(true)] {
            is_refused(&api, "capacity", bad, "/capacity").await;
        }
    }

    async fn a_zoned_timestamp_is_returned_in_utc(api: Workshop) {
        let site = api.site_with(json!({"inspectedAt": "2026-11-21T12:11:12+02:00"})).await;
        assert_eq!(api.values(&site).await["inspectedAt"], "2026-11-21T10:11:12Z");
    }

    async fn values_of_the_wrong_kind_are_refused_at_their_pointer(api: Workshop) {
        for (field, value) in [
            ("displayName", json!(5)), ("displayName", json!("")), ("displayName", json!("x".repeat(64))),
            ("kind", json!("plain")), ("kind", json!(0)), ("load", json!("0.5")), ("load", json!(1.5)),
            ("isOpen", json!("true")), ("isOpen", json!(1)), ("floors", json!(0)), ("floors", json!(1.5)),
            ("floors", json!("3")), ("openedOn", json!("2026-02-30")), ("openedOn", json!("21.11.2026")),
            ("inspectedAt", json!("2026-11-21")), ("inspectedAt", json!("2026-11-21T10:11:12")), ("ownerId", json!("x")),
            ("photo", json!("not base64!")), ("sections", json!({})), ("sections", json!([1, 2, 3, 4, 5])),
            ("labels", json!([])), ("mark", json!("abc")), ("mark", json!("ABCD")), ("contact", json!("nobody")),
            ("address", json!([])), ("limit", json!(99_999_999_999_i64)),
        ] {
            is_refused(&api, field, value, &format!("/{field}")).await;
        }
    }

    async fn the_length_of_a_list_is_judged_beside_its_elements(api: Workshop) {
        let answer = api.post("sites", json!({"displayName": "S", "capacity": "1", "sections": ["a", 2, 3, 4, 5]})).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), ["pointer /sections", "pointer /sections/0"]);
    }

    async fn nested_faults_have_nested_pointers(api: Workshop) {
        is_refused(&api, "sections", json!([1, "2"]), "/sections/1").await;
        is_refused(&api, "labels", json!({"a/b": 5}), "/labels/a~1b").await;
        is_refused(&api, "address", json!({"street": "", "doors": []}), "/address/street").await;
        is_refused(&api, "address", json!({"street": "M", "doors": [{"label": "A", "storey": 201}]}), "/address/doors/0/storey").await;
        let mut body = api.site_body();
        body["address"] = json!({"street": "M", "doors": [], "colour": 1});
        let answer = api.post("sites", body).await;
        answer.assert_refused(400, "UnknownField");
        assert_eq!(locators(&answer), ["pointer /address/colour"]);
    }

    async fn r063_enums_are_pascal_case_names(api: Registry) {
        let kind = api.kind("siren").await;
        assert_eq!(api.values(&kind).await["category"], "Alarm");
        for bad in [json!("alarm"), json!("ALARM"), json!(1), json!("")] {
            let answer = api.patch(&kind, json!({"category": bad})).await;
            answer.assert_refused(422, "InvalidValue");
        }
    }

    async fn r075_an_omitted_enum_is_the_variant_numbered_0(api: Registry) {
        let made = api.post("device-types", json!({"id": "siren", "displayName": "Siren"})).await.assert_status(201);
        assert_eq!(made.values()["category"], "Other");
        assert_eq!(api.values("device-types/siren/state-machine").await["initial"], "Off");
    }

    async fn a_required_field_must_be_sent_and_not_be_null(api: Registry) {
        let kind = api.kind("siren").await;
        let answer = api.post(&format!("{kind}/devices"), json!({})).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), ["pointer /displayName", "pointer /owner", "pointer /serialNumber"]);
        let device = api.device_with(&kind, json!({})).await;
        let _ = api.patch(&device, json!({"owner": null})).await.assert_refused(422, "InvalidValue");
        let mut body = api.values(&device).await;
        body["owner"] = Json::Null;
        let _ = api.put(&device, body).await.assert_refused(422, "InvalidValue");
        let mut body = api.device_body();
        body["owner"] = Json::Null;
        let _ = api.post(&format!("{kind}/devices"), body).await.assert_refused(422, "InvalidValue");
    }

    async fn null_returns_an_optional_field_to_its_default(api: Registry) {
        let device = api.device_with(&api.kind("siren").await, json!({"volume": 9, "tags": ["a"], "timeZone": "UTC"})).await;
        let patched = api.patch(&device, json!({"volume": null, "tags": null, "timeZone": null})).await.assert_status(200);
        let values = patched.values();
        assert_eq!((&values["volume"], &values["tags"], &values["timeZone"]), (&json!(5), &json!([]), &Json::Null));
        let mut body = api.values(&device).await;
        body["volume"] = Json::Null;
        assert_eq!(api.put(&device, body).await.assert_status(200).values()["volume"], 5);
    }

    async fn a_merge_patch_merges_objects_and_replaces_lists(api: Workshop) {
        let address = json!({"street": "Main 1", "latitude": 2.5, "doors": [{"label": "A", "storey": 1}]});
        let site = api.site_with(json!({"labels": {"a": "1", "b": "2"}, "address": address, "sections": [1, 2]})).await;
        let patch = json!({"labels": {"a": null, "c": "3"}, "address": {"street": "Side 2"}, "sections": [3]});
        let patched = api.patch(&site, patch).await.assert_status(200);
        let values = patched.values();
        assert_eq!((&values["labels"], &values["sections"]), (&json!({"b": "2", "c": "3"}), &json!([3])));
        assert_eq!((&values["address"]["street"], &values["address"]["latitude"]), (&json!("Side 2"), &json!(2.5)));
        assert_eq!(values["address"]["doors"][0]["label"], "A");
    }

    async fn output_only_fields_are_ignored_on_input(api: Workshop) {
        let shelf = api.shelf().await;
        let patched = api.patch(&shelf, json!({"stock": 77, "displayName": "Lower"})).await.assert_status(200);
        assert_eq!((&patched.values()["stock"], &patched.values()["displayName"]), (&json!(0), &json!("Lower")));
        let _ = api.post(&format!("{shelf}:fill"), json!({"amount": 5})).await.assert_status(200);
        let mut body = api.values(&shelf).await;
        body["stock"] = json!(1);
        assert_eq!(api.put(&shelf, body).await.assert_status(200).values()["stock"], 5);
    }

    async fn input_only_fields_are_never_returned(api: Workshop) {
        let site = api.site().await;
        let mut body = api.shelf_body("a");
        body["pin"] = json!("8642975");
        let shelf = format!("{site}/shelves/a");
        let answers = [
            api.post(&format!("{site}/shelves"), body).await.assert_status(201),
            api.get(&shelf).await.assert_status(200),
            api.get(&format!("{site}/shelves")).await.assert_status(200),
            api.patch(&shelf, json!({"pin": "8642976"})).await.assert_status(200),
            api.get(&format!("{shelf}/changes")).await.assert_status(200),
            api.post(&format!("{shelf}:fill"), json!({"amount": 1})).await.assert_status(200),
            api.patch(&format!("{shelf}?$validate=true"), json!({"pin": "8642977"})).await.assert_status(200),
        ];
        for answer in answers {
            assert!(!answer.text.contains("864297"), "{answer}");
            assert!(answer.values().get("pin").is_none() && answer.meta()["preview"].get("pin").is_none(), "{answer}");
        }
    }

    async fn immutable_fields_can_be_repeated_but_not_changed(api: Registry) {
        let device = api.device().await;
        let before = api.values(&device).await;
        let answer = api.patch(&device, json!({"serialNumber": "other", "volume": 1})).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), ["pointer /serialNumber"]);
        assert_eq!(api.values(&device).await, before);
        let same = json!({"serialNumber": before["serialNumber"], "volume": 1});
        let _ = api.patch(&device, same).await.assert_status(200);
    }

    async fn unknown_fields_are_refused_not_ignored(api: Registry) {
        let device = api.device().await;
        let answer = api.patch(&device, json!({"display_name": "x", "Volume": 1, "zzz": 1})).await;
        answer.assert_refused(400, "UnknownField");
        assert_eq!(locators(&answer), ["pointer /Volume", "pointer /display_name", "pointer /zzz"]);
    }

    async fn display_names_have_1_to_63_characters_unless_declared_otherwise(api: Workshop) {
        comes_back(&api, "displayName", json!("ä".repeat(63))).await;
        is_refused(&api, "displayName", json!("ä".repeat(64)), "/displayName").await;
        let shelf = api.shelf().await;
        let _ = api.patch(&shelf, json!({"displayName": "x".repeat(21)})).await.assert_refused(422, "InvalidValue");
    }

    async fn text_holds_only_what_xml_can(api: Registry) {
        let device = api.device().await;
        for bad in ["a\u{0}b", "\u{1}", "\u{8}", "\u{b}", "\u{1f}", "a\u{fffe}", "\u{ffff}"] {
            let answer = api.patch(&device, json!({"owner": bad})).await;
            answer.assert_refused(422, "InvalidValue");
            assert_eq!(locators(&answer), ["pointer /owner"]);
        }
        for good in ["a\tb", "a\nb", "a\rb", "\u{20}", "\u{fffd}", "\u{1F600}", "\u{7f}"] {
            let answer = api.patch(&device, json!({"owner": good})).await.assert_status(200);
            assert_eq!(answer.values()["owner"], good);
        }
        let answer = api.patch(&device, json!({"tags": ["a", "\u{0}"]})).await;
        assert_eq!(locators(&answer), ["pointer /tags/1"]);
    }

    async fn etags_change_if_and_only_if_the_resource_does(api: Registry) {
        let device = api.device().await;
        let etag = api.values(&device).await["etag"].clone();
        let text = etag.as_str().expect("a text").to_owned();
        assert!(text.len() > 2 && text.starts_with('"') && text.ends_with('"'), "{text}");
        let _ = api.post(&format!("{device}/state:transition"), json!({"to": "On"})).await.assert_status(200);
        assert_eq!(api.values(&device).await["etag"], etag);
        let changed = api.patch(&device, json!({"volume": 1})).await.values()["etag"].clone();
        let back = api.patch(&device, json!({"volume": 5})).await.values()["etag"].clone();
        assert!(etag != changed && changed != back && back != etag);
    }

    async fn a_field_may_have_another_name_on_the_wire(api: Workshop) {
        let site = api.site_with(json!({"ref": "R1"})).await;
        assert_eq!(api.values(&site).await["ref"], "R1");
        let _ = api.patch(&site, json!({"reference": "R2"})).await.assert_refused(400, "UnknownField");
        assert_eq!(api.column("sites?ref=R1", "ref").await, ["R1"]);
    }

    async fn standard_fields_are_there_under_their_names(api: Registry) {
        let device = api.device_with(&api.kind("siren").await, json!({
            "timeZone": "Europe/Berlin", "regionCode": "XK", "languageCode": "sr-Latn-RS",
        })).await;
        let values = api.values(&device).await;
        for name in ["id", "createdAt", "createdBy", "updatedAt", "updatedBy", "displayName", "timeZone", "regionCode", "languageCode"] {
            assert!(values.get(name).is_some(), "{name}");
        }
        assert_eq!(values["regionCode"], "XK");
    }
}
