//! What the service tells those who know another API: each refusal names what to write instead.

use rest_standard_tests::{Registry, locators, on_every_store};
use serde_json::json;

const DEVICES: &str = "device-types/house-alarm/devices";

on_every_store! {
    async fn names_of_other_apis_are_refused_with_the_ones_here(api: Registry) {
        for (sent, meant) in [
            ("sort=volume", "$orderBy"), ("order=volume", "$orderBy"), ("$orderby=volume", "$orderBy"), ("q=alarm", "$search"),
            ("page=2", "$offset"), ("skip=10", "$offset"), ("per_page=10", "$limit"), ("$maxResults=10", "$limit"),
            ("columns=volume", "$select"), ("include=site", "$expand"), ("where=x", "$filter"), ("dryRun=true", "$validate"),
            ("pageToken=x", "$cursor"), ("$inlinecount=allpages", "$count"),
        ] {
            let answer = api.get(&format!("{DEVICES}?{sent}")).await;
            answer.assert_refused(400, "UnknownParameter");
            let detail = answer.errors()[0]["detail"].as_str().unwrap_or_default();
            assert_eq!(detail, format!("is not known here, did you mean `{meant}`?"), "{sent}");
        }
        // What the list does not take is not proposed: its types are not searched for words, and refer to nothing.
        for (sent, not) in [("q=alarm", "$search"), ("include=site", "$expand")] {
            let answer = api.get(&format!("device-types?{sent}")).await;
            answer.assert_refused(400, "UnknownParameter");
            assert!(!answer.text.contains(not), "{answer}");
        }
    }

    async fn a_name_that_a_shell_has_taken_is_told(api: Registry) {
        let answer = api.get(&format!("{DEVICES}?=5")).await;
        answer.assert_refused(400, "UnknownParameter");
        assert_eq!(locators(&answer), ["parameter "]);
        assert!(answer.text.contains("a shell took `$limit` for a variable"), "{answer}");
    }

    async fn a_sign_before_a_field_is_told_as_a_direction(api: Registry) {
        for (order, detail) in [
            ("-volume", "must have no sign, write `volume desc`"),
            ("%2Bvolume", "must have no sign, write `volume`"),
            ("volume:desc", "must have a space before its direction, write `volume desc`"),
        ] {
            let answer = api.get(&format!("{DEVICES}?$orderBy={order}")).await;
            answer.assert_refused(400, "InvalidParameter");
            assert_eq!(answer.errors()[0]["detail"], detail);
        }
        let unknown = api.get(&format!("{DEVICES}?$orderBy=-volum")).await;
        assert!(unknown.text.contains("did you mean `volume`?"), "{unknown}");
    }

    async fn an_address_that_is_near_leads_on(api: Registry) {
        for (path, text) in [
            ("/", "Nothing is at this address; the API begins at `/api/v1`."),
            ("/devices", "Nothing is at this address; the API begins at `/api/v1`."),
            ("/api/v1/devices", "Nothing is at this address; below all parents it is at `/api/v1/device-types/-/devices`."),
            ("/api/v1/attributes", "Nothing is at this address."),
            ("/api/v1/device-type", "Nothing is at this address, did you mean `device-types`?"),
        ] {
            let answer = api.client().get(path).unchecked().await;
            answer.assert_refused(404, "NotFound");
            assert_eq!(answer.body["status"]["description"], json!(text), "{path}");
        }
    }

    async fn what_is_missing_above_is_named(api: Registry) {
        let device = json!({"displayName": "x", "owner": "x", "serialNumber": "x"});
        let text = "There is no `/device-types/nowhere`, so there is nothing below it.";
        for answer in [
            api.get("device-types/nowhere/devices").await,
            api.get("device-types/nowhere/devices:export").await,
            api.post("device-types/nowhere/devices", device.clone()).await,
            api.post("device-types/nowhere/devices:batchCreate", json!({"items": [device]})).await,
            api.delete("device-types/nowhere/devices/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4").await,
        ] {
            answer.assert_refused(404, "NotFound");
            assert_eq!(answer.body["status"]["description"], json!(text), "{answer}");
        }
    }

    async fn a_verb_of_something_else_says_of_what(api: Registry) {
        for (path, text) in [
            ("device-types/house-alarm:export", "There is no such verb on this address; `:export` is a verb of the collection, not of one resource."),
            ("device-types:undelete", "There is no such verb on this address; `:undelete` is a verb of one resource, not of the collection."),
            ("device-types:exprt", "There is no such verb on this address, did you mean `export`?"),
        ] {
            let answer = api.get(path).await;
            answer.assert_refused(404, "NotFound");
            assert_eq!(answer.body["status"]["description"], json!(text), "{path}");
        }
    }

    async fn a_file_has_a_name_that_says_what_is_in_it(api: Registry) {
        for (path, name) in [
            ("device-types.csv", "device-types.csv"),
            ("device-types.csv?$limit=2", "device-types-page.csv"),
            ("device-types.csv?$offset=3", "device-types-page.csv"),
            ("device-types/house-alarm/devices:export.csv", "house-alarm-devices.csv"),
            ("device-types/house-alarm/devices:export", "house-alarm-devices.ndjson"),
            ("device-types/-/devices:export.csv?$limit", ""),
            ("device-types/-/devices:export.csv", "devices.csv"),
        ] {
            let answer = api.get(path).await;
            let expected = (!name.is_empty()).then(|| format!("attachment; filename=\"{name}\""));
            assert_eq!(answer.find_header("content-disposition"), expected.as_deref(), "{path}");
        }
        assert_eq!(api.get("device-types").await.find_header("content-disposition"), None);
    }
}
