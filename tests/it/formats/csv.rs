//! CSV holds what a list in JSON holds.

use std::collections::BTreeMap;

use ::csv::ReaderBuilder;
use rest_standard::testing::TestResponse;
use rest_standard_tests::on_every_store;

use super::*;

/// The rows by column, read by a library that knows nothing of the service.
fn rows(answer: &TestResponse) -> Vec<BTreeMap<String, String>> {
    let mut reader = ReaderBuilder::new().from_reader(answer.text.as_bytes());
    let header = reader.headers().expect("a header row").clone();
    let rows = reader.records().map(|row| {
        let row = row.expect("as many fields as the header has");
        header.iter().zip(&row).map(|(name, field)| (name.to_owned(), field.to_owned())).collect()
    });
    rows.collect()
}

/// What a field holds of a value.
fn field(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

async fn lists_the_same(api: &Api, path: &str, structs: &[&str]) {
    let json = api.get(path).await.assert_status(200);
    let csv = api.get(path).header("accept", "text/csv").await.assert_status(200);
    assert_eq!(csv.header("content-type"), "text/csv", "{csv}");
    assert_eq!(csv.find_header("link"), json.find_header("link"));
    let elements = json.values().as_array().expect("a list");
    let rows = rows(&csv);
    assert_eq!(rows.len(), elements.len(), "{csv}");
    for (row, element) in rows.iter().zip(elements) {
        let members = element.as_object().expect("an object");
        for (name, value) in members.iter().filter(|(name, _)| !structs.contains(&name.as_str())) {
            let found = &row[name];
            let same = match value {
                Json::Array(_) | Json::Object(_) => {
                    serde_json::from_str::<Json>(found).expect("JSON") == *value
                }
                _ => *found == field(value),
            };
            assert!(same, "`{name}` is {found:?}, not {value}");
        }
        let plain = row.keys().filter(|name| !name.contains('.')).count();
        assert_eq!(plain, members.len() - structs.len(), "{row:?}");
    }
}

on_every_store! {
    async fn lists_of_the_registry_have_the_same_rows(api: Registry) {
        for path in ["device-types", "device-types?$limit=1", "device-types/house-alarm/devices?$orderBy=displayName desc", "device-types/house-alarm/attributes", "device-types/house-alarm/changes", "device-types?$filter=id=\"absent\""] {
            lists_the_same(&api, &path.replace(' ', "%20").replace('"', "%22"), &[]).await;
        }
    }

    async fn nested_structs_are_columns_and_awkward_text_comes_back(api: Workshop) {
        let _ = awkward_site(&api).await;
        let _ = api.site().await;
        lists_the_same(&api, "sites", &["address"]).await;
        let csv = api.get("sites.csv").await.assert_status(200);
        let rows = rows(&csv);
        assert_eq!(rows[0]["displayName"], AWKWARD);
        assert_eq!((rows[0]["address.street"].as_str(), rows[0]["address.latitude"].as_str()), ("Quay, \"1\"", "-12.5"));
        assert_eq!(serde_json::from_str::<Json>(&rows[0]["address.doors"]).expect("JSON")[1], json!({"label": "<", "storey": 2}));
        assert_eq!((rows[1]["address.street"].as_str(), rows[1]["address.doors"].as_str()), ("", ""));
        assert!(!rows[0].keys().any(|name| name.contains("gateCode")));
        let header = csv.text.split("\r\n").next().expect("a header row");
        assert!(header.starts_with("id,url,displayName,kind,capacity,load,isOpen,floors,"), "{header}");
        assert!(header.ends_with(",ref,limit,createdAt,createdBy,updatedAt,updatedBy,etag,links"), "{header}");
        assert!(csv.text.ends_with("\r\n"));
    }

    async fn null_and_empty_text_differ_by_quotes(api: Workshop) {
        let _ = api.site_with(json!({"displayName": "x", "ref": ""})).await;
        let _ = api.site_with(json!({"displayName": "x", "ref": null})).await;
        let csv = api.get("sites.csv").await.assert_status(200);
        let lines: Vec<_> = csv.text.split("\r\n").collect();
        assert!(lines[1].contains(",{},,,\"\",,"), "{csv}");
        assert!(lines[2].contains(",{},,,,,"), "{csv}");
    }

    async fn a_list_without_elements_is_its_header_row(api: Workshop) {
        let csv = api.get("archives.csv").await.assert_status(200);
        assert_eq!(csv.text, "id,url,title,createdAt,createdBy,updatedAt,updatedBy,etag,links\r\n");
    }

    async fn the_pages_of_a_list_in_csv_follow_each_other(api: Workshop) {
        for id in ["a", "b", "c", "d", "e"] {
            let _ = api.post("archives", json!({"id": id, "title": id})).await.assert_status(201);
        }
        let mut seen = Vec::new();
        let mut next = Some("archives.csv?$limit=2".to_owned());
        while let Some(path) = next {
            let page = api.get(&path).await.assert_status(200);
            assert_eq!(page.header("content-type"), "text/csv");
            seen.extend(rows(&page).into_iter().map(|row| row["id"].clone()));
            next = page.find_header("link").map(|link| {
                let url = link.trim_start_matches('<').split('>').next().expect("a URL");
                assert!(url.starts_with("http://localhost/api/v1/archives.csv?"), "{url}");
                url.to_owned()
            });
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    }

    async fn an_error_of_a_list_in_csv_is_the_json_envelope(api: Workshop) {
        for request in [api.get("archives.csv?$nope=1"), api.get("archives?$format=csv&$nope=1"), api.get("archives?$nope=1").header("accept", "text/csv")] {
            let refused = request.await;
            refused.assert_refused(400, "UnknownParameter");
            assert_eq!(refused.header("content-type"), "application/json");
        }
        api.get("sites/99/shelves.csv").await.assert_refused(404, "NotFound");
        api.get("nothing.csv").await.assert_refused(404, "NotFound");
    }
}
