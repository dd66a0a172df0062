//! Fields whose names mean the same in every service, and the formats that any field can have.

use std::collections::BTreeMap;

use rest_standard::prelude::*;
use rest_standard_tests::{Registry, Stored, on_every_store};
use serde_json::{Value as Json, json};

/// Where somebody works.
#[resource(collection = "offices", id = Slug)]
pub(crate) struct Office {
    /// The name for people.
    pub display_name: String,
    /// The zone of its clocks.
    #[field(filter)]
    pub time_zone: Option<String>,
    /// The country.
    #[field(filter)]
    pub region_code: Option<String>,
    /// What is spoken.
    pub language_code: Option<String>,
    /// Whatever else is to be said.
    pub labels: BTreeMap<String, String>,
    /// Its page.
    #[field(format = uri)]
    pub website: Option<String>,
    /// Whom to write to.
    #[field(format = email)]
    pub contact: Option<String>,
    /// The zone of those who manage it.
    #[field(format = time_zone)]
    pub managed_in: Option<String>,
    /// Its branches.
    pub branches: Vec<Branch>,
}

/// A branch of an office.
#[resource_value]
pub(crate) struct Branch {
    /// The country.
    pub region_code: String,
    /// What is spoken.
    pub language_code: Option<String>,
}

/// The offices on a store.
struct Offices(rest_standard_tests::Api);

impl Offices {
    async fn start(stored: Stored) -> Self {
        let service = Service::new("offices").version("v1", |api| api.resource::<Office>());
        Self(stored.start(service).await)
    }

    /// Creates an office with these fields, and gives the place and text of each fault.
    async fn faults(&self, fields: Json) -> Vec<(String, String)> {
        let mut body = json!({"id": "one", "displayName": "x"});
        for (name, value) in fields.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let refused = self.0.post("offices", body).await;
        refused.assert_refused(422, "InvalidValue");
        let text = |fault: &Json, name: &str| fault[name].as_str().expect("text").to_owned();
        let errors = refused.body["status"]["additionalInfo"]["errors"].as_array().expect("faults").clone();
        errors.iter().map(|fault| (text(fault, "pointer"), text(fault, "detail"))).collect()
    }
}

on_every_store! {
    async fn r038_display_names_have_1_to_63_characters_unless_declared_otherwise(offices: Offices) {
        for (name, is_right) in [("", false), ("x", true), (&"\u{e4}".repeat(63), true), (&"x".repeat(64), false)] {
            let id = format!("office-{}", name.chars().count());
            let answer = offices.0.post("offices", json!({"id": id, "displayName": name})).await;
            assert_eq!(answer.status == 201, is_right, "{answer}");
        }
    }

    async fn r039_zones_regions_and_languages_are_those_of_their_standards(offices: Offices) {
        let right = json!({"id": "one", "displayName": "x", "timeZone": "America/Argentina/Buenos_Aires", "regionCode": "XK", "languageCode": "zh-Hant-TW", "managedIn": "UTC"});
        let made = offices.0.post("offices", right).await.assert_status(201);
        assert_eq!(made.values()["regionCode"], "XK");
        let faults = offices.faults(json!({"timeZone": "europe/berlin", "regionCode": "UK", "languageCode": "pt_BR", "managedIn": "CEST"})).await;
        let places: Vec<_> = faults.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["/timeZone", "/regionCode", "/languageCode", "/managedIn"], "all at once: {faults:?}");
        assert!(faults[0].1.ends_with("got `\"europe/berlin\"`, did you mean `Europe/Berlin`?"), "{faults:?}");
        assert!(faults[1].1.contains("ISO 3166-1") && faults[2].1.ends_with("did you mean `pt-BR`?"), "{faults:?}");
        offices.0.patch("offices/one", json!({"regionCode": "de"})).await.assert_refused(422, "InvalidValue");
        let _ = offices.0.patch("offices/one", json!({"regionCode": null})).await.assert_status(200);
        let listed = offices.0.get("offices?timeZone=America/Argentina/Buenos_Aires").await.assert_status(200);
        assert_eq!(listed.values().as_array().map(Vec::len), Some(1));
    }

    async fn r040_labels_are_a_map_of_texts(offices: Offices) {
        let _ = offices.0.post("offices", json!({"id": "one", "displayName": "x", "labels": {"env": "test", "": "", "a/b": "x"}})).await.assert_status(201);
        let faults = offices.faults(json!({"labels": {"a/b": 1, "n": null}})).await;
        let places: Vec<_> = faults.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["/labels/a~1b", "/labels/n"]);
        assert_eq!(offices.faults(json!({"labels": ["a"]})).await[0].0, "/labels");
    }

    async fn pointers_lead_into_nested_values(offices: Offices) {
        let faults = offices.faults(json!({"branches": [{"regionCode": "DE"}, {"regionCode": "de", "languageCode": "d"}], "website": "example.com", "contact": "nobody"})).await;
        let places: Vec<_> = faults.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["/website", "/contact", "/branches/1/regionCode", "/branches/1/languageCode"]);
    }

    async fn the_registry_checks_its_standard_fields(api: Registry) {
        let device = api.device().await;
        for (field, right, wrong) in [("timeZone", "Asia/Tokyo", "Asia/Tokio"), ("regionCode", "JP", "JPN"), ("languageCode", "ja", "j")] {
            let _ = api.patch(&device, json!({field: right})).await.assert_status(200);
            api.patch(&device, json!({field: wrong})).await.assert_refused(422, "InvalidValue");
            assert_eq!(api.values(&device).await[field], right);
            let kind = device.rsplit_once('/').expect("a collection").0;
            let found = api.column(&format!("{kind}?{field}={}", right.replace('/', "%2F")), field).await;
            assert_eq!(found, [right]);
        }
        let _ = api.patch(&device, json!({"tags": ["attic", "loud"]})).await.assert_status(200);
        let kind = device.rsplit_once('/').expect("a collection").0;
        assert_eq!(api.column(&format!("{kind}?$filter=tags:%22loud%22"), "id").await.len(), 1);
    }
}
