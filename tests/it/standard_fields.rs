//! Fields whose names mean the same in every service, and the formats that they have.

use rest_standard::{prelude::*, testing::TestResponse};
use rest_standard_tests::{Api, Stored, locators, on_every_store};
use serde_json::{Value as Json, json};
use std::{collections::BTreeMap, ops::Deref};

/// Where an office is.
#[resource_value]
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its time zone.
    pub time_zone: Option<String>,
    /// Its country.
    pub region_code: String,
    /// The name on the door.
    pub display_name: Option<String>,
}

/// An office, with every standard field.
#[resource(collection = "offices", id = Slug)]
#[derive(Debug)]
pub(crate) struct Office {
    /// The name that other systems know it by.
    pub name: Option<String>,
    /// The name that people read.
    pub display_name: Option<String>,
    /// Its time zone.
    #[field(filter)]
    pub time_zone: Option<String>,
    /// Its country.
    #[field(filter, order)]
    pub region_code: Option<String>,
    /// The language that is spoken there.
    #[field(filter)]
    pub language_code: Option<String>,
    /// Whatever else is to be said.
    pub labels: BTreeMap<String, String>,
    /// Where it is.
    pub place: Option<Place>,
    /// Where else it is.
    pub others: Vec<Place>,
    /// The zone that its clocks show.
    #[field(format = time_zone)]
    pub clock: Option<String>,
    /// Where its parcels come from.
    #[field(format = region_code)]
    pub origin: Option<String>,
    /// What its signs are written in.
    #[field(format = language_code, input_only)]
    pub signs: Option<String>,
    /// Its page.
    #[field(format = uri)]
    pub page: Option<String>,
    /// Whom to write to.
    #[field(format = email)]
    pub mail: Option<String>,
    /// A title that is called otherwise in Rust.
    #[field(rename = "languageTag", format = language_code, default = "de")]
    pub tag: String,
}

#[derive(Debug)]
struct Atlas(Api);

impl Deref for Atlas {
    type Target = Api;
    fn deref(&self) -> &Api {
        &self.0
    }
}

impl Atlas {
    async fn start(stored: Stored) -> Self {
        Self(stored.start(Service::new("atlas").version("v1", |api| api.resource::<Office>())).await)
    }

    async fn sent(&self, fields: Json) -> TestResponse {
        let mut body = json!({"id": "berlin"});
        rest_standard_tests::merge(&mut body, fields);
        self.post("offices", body).await
    }

    /// Asserts that a create is refused at one pointer, and gives the detail.
    async fn refused(&self, fields: Json, pointer: &str) -> String {
        let answer = self.sent(fields).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), [format!("pointer {pointer}")], "{answer}");
        answer.errors()[0]["detail"].as_str().expect("a detail").to_owned()
    }
}

on_every_store! {
    async fn r040_zones_regions_and_languages_are_validated(api: Atlas) {
        for (field, bad) in [
            ("timeZone", "Europe/Bonn"), ("timeZone", "europe/berlin"), ("timeZone", "+02:00"), ("timeZone", ""),
            ("regionCode", "ZZ"), ("regionCode", "de"), ("regionCode", "EU"), ("regionCode", "DEU"),
            ("languageCode", "de_DE"), ("languageCode", "d"), ("languageCode", "de-"), ("languageCode", "en-a-bbb-a-ccc"),
            ("clock", "Mars/Olympus"), ("origin", "UK"), ("languageTag", "a b"), ("page", "example.com"),
            ("mail", "ada@localhost"), ("mail", "Ada <ada@example.com>"), ("displayName", ""), ("name", "\u{0}"),
        ] {
            let _ = api.refused(json!({field: bad}), &format!("/{field}")).await;
        }
        let good = json!({
            "name": "hq", "displayName": "ä".repeat(63), "timeZone": "Asia/Calcutta", "regionCode": "XK", "languageCode": "sr-Latn-RS",
            "labels": {"a": "b"}, "clock": "UTC", "origin": "DE", "signs": "x-own", "page": "urn:isbn:9780262510875",
            "mail": "ada+1@example.com", "languageTag": "EN-us",
        });
        let made = api.sent(good.clone()).await.assert_status(201);
        let Json::Object(sent) = good else { unreachable!("an object") };
        for (name, value) in sent.iter().filter(|(name, _)| *name != "signs") {
            assert_eq!(&made.values()[name], value, "{name}");
        }
    }

    async fn r040_what_was_probably_meant_is_named(api: Atlas) {
        for (field, bad, meant) in [
            ("timeZone", "Europe/Berln", "Europe/Berlin"), ("timeZone", "america/new york", "America/New_York"),
            ("timeZone", "berlin", "Europe/Berlin"), ("regionCode", "de", "DE"), ("regionCode", "UK", "GB"),
            ("languageCode", "de_AT", "de-AT"),
        ] {
            let detail = api.refused(json!({field: bad}), &format!("/{field}")).await;
            assert!(detail.ends_with(&format!(", did you mean `{meant}`?")), "{detail}");
        }
        let detail = api.refused(json!({"regionCode": "ZZ"}), "/regionCode").await;
        assert!(detail.ends_with(", got `\"ZZ\"`"), "{detail}");
    }

    async fn standard_fields_are_checked_within_structs_and_lists(api: Atlas) {
        let place = |zone: &str, region: &str| json!({"timeZone": zone, "regionCode": region});
        let _ = api.refused(json!({"place": place("Nowhere", "DE")}), "/place/timeZone").await;
        let _ = api.refused(json!({"others": [place("UTC", "DE"), place("UTC", "DD")]}), "/others/1/regionCode").await;
        let long = json!({"regionCode": "DE", "displayName": "x".repeat(64)});
        let _ = api.refused(json!({"place": long}), "/place/displayName").await;
        let _ = api.sent(json!({"place": place("UTC", "DE")})).await.assert_status(201);
        for patch in [json!({"place": {"regionCode": "xx"}}), json!({"others": [place("Nowhere", "DE")]}), json!({"timeZone": "x"})] {
            let _ = api.patch("offices/berlin", patch).await.assert_refused(422, "InvalidValue");
        }
        let _ = api.put("offices/berlin", json!({"regionCode": "de"})).await.assert_refused(422, "InvalidValue");
    }

    async fn what_is_never_returned_is_in_no_error_either(api: Atlas) {
        let answer = api.sent(json!({"signs": "de_SECRET"})).await;
        answer.assert_refused(422, "InvalidValue");
        assert!(!answer.text.contains("SECRET"), "{answer}");
    }

    async fn lists_can_be_filtered_by_standard_fields(api: Atlas) {
        for (id, zone, region) in [("a", "Europe/Berlin", "DE"), ("b", "Europe/Paris", "FR"), ("c", "Asia/Tokyo", "JP")] {
            let body = json!({"id": id, "timeZone": zone, "regionCode": region});
            let _ = api.post("offices", body).await.assert_status(201);
        }
        assert_eq!(api.column("offices?timeZone=Europe/Paris", "id").await, ["b"]);
        assert_eq!(api.column("offices?$filter=timeZone=%22Europe/*%22", "id").await, ["a", "b"]);
        assert_eq!(api.column("offices?$orderBy=regionCode%20desc", "id").await, ["c", "b", "a"]);
    }

    async fn the_document_says_what_standard_fields_may_be(api: Atlas) {
        let document = api.get("openapi.json").await.assert_status(200);
        let document: Json = serde_json::from_str(&document.text).expect("JSON");
        let properties = &document["components"]["schemas"]["OfficeCreate"]["properties"];
        for (name, format, most) in [("timeZone", "time-zone", 64), ("regionCode", "region-code", 2), ("clock", "time-zone", 64), ("languageTag", "language-code", 35)] {
            let schema = &properties[name];
            assert_eq!((&schema["format"], &schema["maxLength"]), (&json!(format), &json!(most)), "{schema}");
            assert!(schema["pattern"].as_str().is_some_and(|pattern| pattern.starts_with("^(?:[A-Z") || pattern.starts_with("^(?:([A-Z")), "{schema}");
        }
        assert_eq!(properties["displayName"]["maxLength"], 63);
        assert_eq!((&properties["mail"]["maxLength"], &properties["mail"]["format"]), (&json!(254), &json!("email")));
    }
}
