//! A selection is the same in every format, and each pair of both has an entity tag of its own.

use std::collections::BTreeSet;

use rest_standard_tests::on_every_store;

use super::*;

fn header(csv: &str) -> &str {
    csv.split("\r\n").next().expect("a header row")
}

on_every_store! {
    async fn csv_has_the_selected_columns_alone(api: Workshop) {
        let _ = awkward_site(&api).await;
        let _ = api.site().await;
        for (selection, columns) in [
            ("id", "id,url"),
            ("etag,displayName", "id,url,displayName,etag"),
            ("address", "id,url,address.street,address.latitude,address.doors"),
            ("address.doors.label,load,address.street", "id,url,load,address.street,address.doors"),
            ("labels.a,updatedAt,createdAt", "id,url,labels,createdAt,updatedAt"),
        ] {
            let csv = api.get(&format!("sites.csv?$select={selection}")).await.assert_status(200);
            assert_eq!(header(&csv.text), columns);
            assert_eq!(::csv::Reader::from_reader(csv.text.as_bytes()).records().count(), 2, "{csv}");
        }
        let csv = api.get("sites.csv?$select=address.doors.label,labels.a").await;
        assert!(csv.text.contains(r#""{""a"":""1""}""#), "{csv}");
        assert!(csv.text.contains(r#""[{""label"":""""},{""label"":""<""}]""#), "{csv}");
    }

    async fn a_view_is_a_table(api: Registry) {
        let csv = api.get("device-types/house-alarm/devices.csv?$view=summary").await.assert_status(200);
        assert_eq!(header(&csv.text), "id,url,displayName,owner,volume");
    }

    async fn soft_deleted_resources_have_their_columns(api: Registry) {
        let _ = api.delete("device-types/weather-vane?$force=true").await.assert_status(200);
        let csv = api.get("device-types.csv?$showDeleted=true").await.assert_status(200);
        assert!(header(&csv.text).ends_with(",updatedBy,deletedAt,deletedBy,purgeAt,etag,links"), "{csv}");
        let marked = api.values("device-types/weather-vane").await;
        let csv = api.get("device-types.csv?$showDeleted=true&$select=deletedAt").await.assert_status(200);
        assert!(csv.text.contains(&format!("weather-vane,{},{}\r\n", marked["url"].as_str().expect("a URL"), marked["deletedAt"].as_str().expect("a time"))), "{csv}");
    }

    async fn xml_has_the_selected_members_alone(api: Registry) {
        let device = api.device().await;
        let xml = api.get(&format!("{device}.xml?$select=volume")).await.assert_status(200);
        let values = xml.text.split("<values>").nth(1).and_then(|rest| rest.split("</values>").next()).expect("values");
        let json = api.get(&format!("{device}?$select=volume")).await.values().clone();
        assert_eq!(values, format!("<id>{}</id><url>{}</url><volume>{}</volume>", json["id"].as_str().expect("an id"), json["url"].as_str().expect("a URL"), json["volume"]));
    }

    async fn each_format_of_each_selection_has_a_tag_of_its_own(api: Registry) {
        let device = api.device().await;
        let mut tags: BTreeSet<String> = BTreeSet::new();
        for suffix in ["", ".xml"] {
            for query in ["", "?$select=volume", "?$select=owner", "?$view=summary"] {
                let path = format!("{device}{suffix}{query}");
                let tag = api.get(&path).await.assert_status(200).header("etag").to_owned();
                let _ = api.get(&path).header("if-none-match", &tag).await.assert_status(304);
                for other in &tags {
                    let _ = api.get(&path).header("if-none-match", other).await.assert_status(200);
                }
                let _ = api.get(&path).header("if-match", &tag).await.assert_status(200);
                assert!(tags.insert(tag));
            }
        }
        let any = tags.last().expect("tags").to_owned();
        let _ = api.patch(&device, json!({"volume": 4})).header("if-match", &any).await.assert_status(200);
        let _ = api.patch(&device, json!({"volume": 5})).header("if-match", &any).await.assert_status(412);
    }

    async fn batches_and_undelete_answer_in_xml(api: Registry) {
        let body = json!({"ids": ["house-alarm", "weather-vane"]});
        let xml = api.post("device-types:batchGet.xml", body.clone()).await.assert_status(200);
        assert_eq!(xml.text.matches("<item><id>").count(), 2, "{xml}");
        let refused = api.post("device-types:batchGet.csv", body).await;
        refused.assert_refused(400, "InvalidParameter");
        let _ = api.delete("device-types/weather-vane.xml?$force=true").await.assert_status(200);
        let back = api.post("device-types/weather-vane:undelete.xml", Json::Null).await.assert_status(200);
        assert!(back.text.contains("<deletedAt nil=\"true\"/>") && back.header("etag").ends_with(";xml\""), "{back}");
    }
}
