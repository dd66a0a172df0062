//! Which format an answer has.

use rest_standard_tests::on_every_store;

use super::*;

const JSON: &str = "application/json";
const XML: &str = "application/xml";
const CSV: &str = "text/csv";
const HTML: &str = "text/html; charset=utf-8";
const PROBLEM: &str = "application/problem+json";

/// Asserts status, media type and `Vary` (but for `accept-encoding`) of a GET.
async fn check(api: &Api, path: &str, accept: Option<&str>, expected: (u16, &str, &str)) {
    let mut request = api.get(path);
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    let answer = request.await;
    let vary = answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok());
    let vary = vary.filter(|value| *value != "accept-encoding").collect::<Vec<_>>().join(", ");
    assert_eq!(
        (answer.status, answer.header("content-type"), vary.as_str()),
        expected,
        "{path} {accept:?}\n{answer}"
    );
}

on_every_store! {
    async fn r047_r173_r179_suffix_and_parameter_and_accept_choose_in_this_order(api: Registry) {
        let one = "device-types/house-alarm";
        for (path, accept, expected) in [
            (one.to_owned(), None, (200, JSON, "accept")),
            (one.to_owned(), Some(XML), (200, XML, "accept")),
            (one.to_owned(), Some(CSV), (406, JSON, "accept")),
            (format!("{one}?$format=json"), Some(XML), (200, JSON, "")),
            (format!("{one}?$format=xml"), Some(JSON), (200, XML, "")),
            (format!("{one}?%24format=xml"), Some("image/png"), (200, XML, "")),
            (format!("{one}?format=xml"), None, (200, XML, "")),
            (format!("{one}?$format=csv"), None, (400, JSON, "")),
            (format!("{one}?$format=XML"), Some(XML), (400, XML, "accept")),
            (format!("{one}?$format="), None, (400, JSON, "accept")),
            (format!("{one}.json"), Some(XML), (200, JSON, "")),
            (format!("{one}.xml"), Some(JSON), (200, XML, "")),
            (format!("{one}.xml/"), Some(JSON), (200, XML, "")),
            (format!("{one}.xml?$format=xml"), None, (200, XML, "")),
            (format!("{one}.xml?$format=json"), None, (400, XML, "")),
            (format!("{one}.json?$format=xml"), None, (400, JSON, "")),
            (format!("{one}.json?format=xml"), Some(XML), (400, JSON, "")),
            (format!("{one}.csv"), None, (400, JSON, "")),
            ("device-types".to_owned(), Some(CSV), (200, CSV, "accept")),
            ("device-types.csv".to_owned(), Some(JSON), (200, CSV, "")),
            ("device-types?$format=csv".to_owned(), Some(JSON), (200, CSV, "")),
            ("device-types.csv?$format=csv".to_owned(), None, (200, CSV, "")),
            ("device-types.csv?$format=xml".to_owned(), None, (400, JSON, "")),
            ("device-types.xml?$format=csv".to_owned(), None, (400, XML, "")),
            ("/api/v1.xml".to_owned(), None, (200, XML, "")),
            ("/api/v1.csv".to_owned(), None, (400, JSON, "")),
            ("/api/v1?$format=csv".to_owned(), None, (400, JSON, "")),
            ("/api/v1".to_owned(), Some(CSV), (406, JSON, "accept")),
            ("/api/v1".to_owned(), Some("text/html"), (200, HTML, "accept")),
            ("/api/v1.json".to_owned(), Some("text/html"), (200, JSON, "")),
            ("device-types.html".to_owned(), Some("text/html"), (404, HTML, "accept")),
            ("device-types?$format=html".to_owned(), Some("text/html"), (400, HTML, "accept")),
            ("device-types.csv?$limit=x".to_owned(), Some("text/html"), (400, JSON, "")),
            ("/ping".to_owned(), Some(XML), (200, XML, "accept")),
            ("/ping.xml".to_owned(), None, (200, XML, "")),
            ("/ping.csv".to_owned(), None, (400, JSON, "")),
            ("/health/ready.xml".to_owned(), None, (200, XML, "")),
            ("/health/live?$format=xml".to_owned(), None, (200, XML, "")),
            ("/ping".to_owned(), Some("image/png"), (200, JSON, "accept")),
            ("/nowhere.xml".to_owned(), None, (404, XML, "")),
            ("/nowhere".to_owned(), Some(XML), (404, XML, "accept")),
            ("/nowhere.csv".to_owned(), Some(XML), (404, JSON, "")),
            ("nowhere.xml".to_owned(), Some(JSON), (404, XML, "")),
            ("nowhere?$format=xml".to_owned(), None, (404, XML, "")),
            ("/openapi.xml".to_owned(), None, (404, XML, "")),
            ("/openapi.json".to_owned(), Some(XML), (200, JSON, "")),
            ("device-types/UPPER.xml".to_owned(), None, (400, XML, "")),
            ("device-types/absent.xml".to_owned(), None, (404, XML, "")),
            ("device-types/house-alarm.yaml".to_owned(), None, (400, JSON, "accept")),
        ] {
            check(&api, &path, accept, expected).await;
        }
    }

    async fn r172_accept_ranks_as_rfc_9110_has_it(api: Registry) {
        for (accept, list, one) in [
            ("*/*", JSON, JSON),
            ("application/*", JSON, JSON),
            ("text/*", CSV, HTML),
            ("text/*, */*;q=0.1", CSV, HTML),
            ("application/xml, application/json", JSON, JSON),
            ("application/xml, application/json;q=0.9", XML, XML),
            ("application/xml;q=0.1, application/json;q=0", XML, XML),
            ("*/*, application/json;q=0", XML, XML),
            ("application/*;q=0.5, application/xml;q=0.4", JSON, JSON),
            ("APPLICATION/XML;Q=1.0", XML, XML),
            ("application/xml ; q=0.3 , text/csv ; q=0.2", XML, XML),
            ("text/csv;q=0.5, application/xml;q=0.3", CSV, XML),
            ("text/csv;q=0.5, application/xml;q=0.5", XML, XML),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML, HTML),
            ("text/html", HTML, HTML),
            ("text/html, */*", JSON, JSON),
            ("text/html;q=0.9, application/json", JSON, JSON),
            ("text/html, application/json;q=0.9, application/problem+json", JSON, JSON),
            ("text/html;q=0.2, application/xml;q=0.1", HTML, HTML),
            ("text/html, text/csv", CSV, HTML),
            ("text/html;q=0", "", ""),
            ("application/xhtml+xml", "", ""),
            ("text/xml", "", ""),
            ("application/problem+json", "", ""),
            ("application/problem+json, application/xml", XML, XML),
            ("application/json;q=2", "", ""),
            ("application/xml;q=x, application/json", JSON, JSON),
            (",, ,", JSON, JSON),
            (";;;/;=", "", ""),
        ] {
            for (path, expected) in [("device-types", list), ("device-types/house-alarm", one)] {
                let answer = api.get(path).header("accept", accept).await;
                let found = if answer.status == 406 { "" } else { answer.header("content-type") };
                assert_eq!(found, expected, "{path} {accept}\n{answer}");
            }
        }
        let twice = api.get("device-types").header("accept", "application/xml").repeat_header("accept", "text/csv;q=0.1").await;
        assert_eq!(twice.header("content-type"), XML);
        let odd = api.get("device-types").header("accept", "\u{e4}\u{f6}").await;
        odd.assert_refused(406, "NotAcceptable");
    }

    async fn errors_have_the_format_that_accept_ranks_highest(api: Registry) {
        for (accept, expected) in [
            ("application/problem+json", PROBLEM),
            ("application/problem+json, application/xml", PROBLEM),
            ("application/problem+json;q=0.5, application/xml", XML),
            ("application/problem+json, application/json", JSON),
            ("application/problem+json, application/xml, application/json", JSON),
            ("application/xml", XML),
            ("application/xml;q=0.5, application/json;q=0.5", JSON),
            ("text/csv", JSON),
            ("text/html", HTML),
            ("text/html, text/csv", HTML),
            ("text/html;q=0.5, application/problem+json;q=0.4", HTML),
            ("text/html;q=0.5, application/xml", XML),
            ("text/csv, application/problem+json;q=0.1", PROBLEM),
            ("*/*", JSON),
            ("image/png", JSON),
        ] {
            check(&api, "device-types?$nope=1", Some(accept), (400, expected, "accept")).await;
            check(&api, "/nowhere", Some(accept), (404, expected, "accept")).await;
        }
        check(&api, "device-types.xml?$nope=1", Some(PROBLEM), (400, XML, "")).await;
        check(&api, "device-types?$format=xml&$nope=1", Some(PROBLEM), (400, XML, "")).await;
    }

    async fn r047_a_fault_of_the_format_says_what_was_found_and_expected(api: Registry) {
        for (path, detail) in [
            ("device-types?$format=yaml", "must be `json` or `xml`, or `csv` on a list, or `ndjson` on an export, got `yaml`"),
            ("device-types/house-alarm?$format=csv", "must be `json` or `xml`, got `csv`, which lists and exports alone have"),
            ("device-types/house-alarm.csv", "is `csv` by the suffix of the path, which lists and exports alone have; take `.json` or `.xml`"),
            ("device-types.json?$format=xml", "is `xml`, but the path ends in `.json`; leave one of them out"),
        ] {
            let refused = api.get(path).await;
            refused.assert_refused(400, "InvalidParameter");
            assert_eq!(refused.errors(), [json!({"parameter": "$format", "detail": detail})], "{refused}");
        }
        api.post("device-types.csv", json!({"id": "a", "displayName": "A"})).await.assert_refused(400, "InvalidParameter");
        api.get("device-types?$format=xml&$format=json").await.assert_status(400);
    }

    async fn r178_version_suffix_and_parameters_combine(api: Registry) {
        let answer = api.get("/api/v1/device-types.xml?$limit=1&$orderBy=displayName%20desc").await.assert_status(200);
        assert!(answer.text.contains("<cursorNextLink>http://localhost/api/v1/device-types.xml?$limit=1&amp;$orderBy="), "{answer}");
    }

    async fn r180_path_version_and_suffix_vary_by_nothing_but_the_encoding(api: Registry) {
        for path in ["/api/v1.json", "device-types.json", "device-types.xml", "device-types.csv", "device-types/house-alarm.xml", "nothing.xml"] {
            for accept in ["*/*", "application/problem+json", "text/csv"] {
                let answer = api.get(path).header("accept", accept).await;
                assert!(answer.headers.get_all("vary").iter().all(|value| value == "accept-encoding"), "{answer}");
            }
        }
    }

    async fn r171_links_list_what_their_addresses_answer_in(api: Registry) {
        let formats = |links: &[Json], rel: &str| {
            let link = links.iter().find(|link| link["rel"] == rel && link["action"] == "GET");
            link.unwrap_or_else(|| panic!("no `{rel}` in {links:?}"))["format"].clone()
        };
        let (one, list) = (json!([JSON, XML, "text/html"]), json!([JSON, XML, CSV, "text/html"]));
        let root = api.get("").await;
        assert_eq!((formats(root.links(), "self"), formats(root.links(), "device-types")), (one.clone(), list.clone()));
        assert_eq!(formats(root.links(), "service-desc"), json!([JSON]));
        let page = api.get("device-types?$limit=1&$offset=1").await;
        for rel in ["self", "first", "prev"] {
            assert_eq!(formats(page.links(), rel), list);
        }
        assert_eq!((formats(api.get("device-types?$limit=1").await.links(), "next"), formats(page.links(), "up")), (list.clone(), one.clone()));
        let device = api.device().await;
        let device = api.get(&device).await;
        assert_eq!((formats(device.links(), "self"), formats(device.links(), "state"), formats(device.links(), "up")), (one.clone(), one.clone(), one));
        assert_eq!((formats(device.links(), "collection"), formats(device.links(), "changes")), (list.clone(), list));
    }

    async fn each_format_has_an_entity_tag_of_its_own(api: Registry) {
        let device = api.device().await;
        let json = api.get(&device).await;
        let xml = api.get(&format!("{device}.xml")).await;
        let plain = json.values()["etag"].as_str().expect("a tag").to_owned();
        let suffixed = plain.replacen('"', "", 1).replace('"', ";xml\"");
        let suffixed = format!("\"{suffixed}");
        assert_eq!((json.header("etag"), xml.header("etag")), (plain.as_str(), suffixed.as_str()));
        for (path, tag, status) in [(&device, &plain, 304), (&device, &suffixed, 200), (&format!("{device}.xml"), &suffixed, 304), (&format!("{device}.xml"), &plain, 200)] {
            let answer = api.get(path).header("if-none-match", tag).await.assert_status(status);
            assert_eq!(answer.header("etag"), if path.ends_with(".xml") { &suffixed } else { &plain });
        }
        let varied = api.get(&device).header("accept", XML).header("if-none-match", &suffixed).await.assert_status(304);
        assert!(varied.headers.get_all("vary").iter().any(|value| value == "accept"));
        let read = api.get(&format!("{device}.xml")).header("if-match", &suffixed).await.assert_status(200);
        assert_eq!(read.header("content-type"), XML);
        let head = api.request(http::Method::HEAD, &format!("{device}.xml")).header("request-id", "one").await;
        let full = api.get(&format!("{device}.xml")).header("request-id", "one").await;
        assert_eq!((head.header("content-length"), head.text.as_str()), (full.text.len().to_string().as_str(), ""));
        assert_eq!((head.header("content-type"), head.header("etag")), (XML, suffixed.as_str()));
    }

    async fn any_representations_tag_guards_a_write(api: Registry) {
        let device = api.device().await;
        for suffix in ["", ".xml"] {
            let tag = api.get(&format!("{device}.xml")).await.header("etag").to_owned();
            let volume = json!({"volume": if suffix.is_empty() { 1 } else { 2 }});
            let written = api.patch(&format!("{device}{suffix}"), volume.clone()).header("if-match", &tag).await.assert_status(200);
            assert_ne!(written.header("etag"), tag);
            let _ = api.patch(&device, json!({"volume": 9})).header("if-match", &tag).await.assert_status(412);
        }
        let tag = api.get(&format!("{device}.xml")).await.header("etag").to_owned();
        let refused = api.patch(&format!("{device}.xml"), json!({"volume": 3})).header("if-none-match", &tag).await;
        assert_eq!((refused.status, refused.header("content-type")), (412, XML));
    }

    async fn a_field_called_format_keeps_its_name(api: Workshop) {
        // `limit` is a field of a site, so the bare name is the field's; `$limit` is the parameter.
        let _ = api.site_with(json!({"limit": 3})).await;
        let answer = api.get("sites.xml?limit=3&$limit=1").await.assert_status(200);
        assert!(answer.text.contains("<limit>1</limit>") && answer.text.contains("<limit>3</limit>"), "{answer}");
    }
}
