//! Pages for people: every answer to a client that ranks `text/html` first.

use http::Method;
use rest_standard::testing::{TestRequest, TestResponse};
use rest_standard_tests::{Api, Registry, Workshop, full, on_every_store};
use roxmltree::Document;
use serde_json::json;

/// What browsers send.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
/// A text that would run, load or break something wherever it was not escaped.
const HOSTILE: &str = "</title></script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&lt;{{7*7}} javascript:alert(3)";

fn page(api: &Api, path: &str) -> TestRequest {
    api.get(path).header("accept", BROWSER)
}

fn assert_page(answer: &TestResponse) {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{answer}");
    let policy = answer.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "script-src 'sha256-",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(answer.text.starts_with("<!DOCTYPE html><html lang=\"en\">") && answer.text.ends_with("</html>"));
    // The page's own script and style are all there is of either, and nothing has a handler.
    assert_eq!((answer.text.matches("<script").count(), answer.text.matches("<style").count()), (1, 1));
    assert!(!answer.text.contains("<img") && !answer.text.contains(" style="), "{answer}");
}

/// The targets of the links of a page.
fn targets(answer: &TestResponse) -> Vec<String> {
    let parts = answer.text.split("href=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap_or_default().replace("&amp;", "&")).collect()
}

fn inputs(answer: &TestResponse, form: &str) -> Vec<String> {
    let start = answer
        .text
        .find(&format!("<details class=\"action\" id=\"{form}\""))
        .unwrap_or_else(|| panic!("no form `{form}`"));
    let form = &answer.text[start..];
    let form = &form[..form.find("</details>").expect("an end")];
    form.split("data-name=\"")
        .skip(1)
        .map(|part| part.split('"').next().unwrap_or_default().to_owned())
        .collect()
}

fn has_form(answer: &TestResponse, form: &str) -> bool {
    answer.text.contains(&format!("<details class=\"action\" id=\"{form}\""))
}

on_every_store! {
    async fn every_address_that_a_page_links_to_is_there(api: Registry) {
        let mut seen = vec![full(""), full("device-types?$limit=1")];
        let mut at = 0;
        while at < seen.len() && seen.len() < 400 {
            let answer = page(&api, &seen[at]).await.assert_status(200);
            let is_page = answer.header("content-type").starts_with("text/html");
            if is_page && !seen[at].contains("/docs") {
                assert_page(&answer);
                for target in targets(&answer).into_iter().filter(|target| target.starts_with('/')) {
                    if !seen.contains(&target) {
                        seen.push(target);
                    }
                }
            }
            at += 1;
        }
        for part in ["/docs", "/device-types/house-alarm", "$cursor=", "$orderBy=category", "$showDeleted=true", "device-types.csv", "/state-machine", "/changes"] {
            assert!(seen.iter().any(|target| target.contains(part)), "{part} is linked to: {seen:#?}");
        }
    }

    async fn a_resource_shows_its_fields_and_offers_what_can_be_done(api: Registry) {
        let device = api.device().await;
        let answer = page(&api, &device).await.assert_status(200);
        assert_page(&answer);
        let json = api.get(&device).await;
        for field in ["displayName", "owner", "volume", "serialNumber", "enabled", "tags", "createdAt", "etag"] {
            assert!(answer.text.contains(&format!("<code>{field}</code>")), "{field}");
        }
        assert!(answer.text.contains(json.values()["serialNumber"].as_str().expect("text")));
        assert!(has_form(&answer, "update") && has_form(&answer, "delete"));
        assert!(!inputs(&answer, "update").contains(&"serialNumber".to_owned()), "it is immutable");
        assert!(inputs(&answer, "update").contains(&"displayName".to_owned()));
        let state = page(&api, &format!("{device}/state")).await.assert_status(200);
        assert!(has_form(&state, "update") && !has_form(&state, "delete"), "a singleton cannot be deleted");
        let verbs = api.get(&format!("{device}/state")).await;
        for (verb, shown) in ["ring", "silence", "transition"].map(|verb| (verb, verbs.values()["links"].as_array().expect("links").iter().any(|link| link["rel"] == verb))) {
            assert_eq!(has_form(&state, &format!("verb-{verb}")), shown, "{verb}");
        }
        assert_eq!(inputs(&state, "verb-transition"), ["to"]);
    }

    async fn a_list_has_rows_orders_pages_and_a_filter_box(api: Registry) {
        let devices = "device-types/house-alarm/devices";
        let answer = page(&api, &format!("{devices}?$limit=2&$orderBy=volume%20desc&$filter=volume%3E0&owner=jaykmr")).await.assert_status(200);
        assert_page(&answer);
        assert!(answer.text.contains("name=\"$filter\" value=\"volume&gt;0\""), "{answer}");
        for kept in ["name=\"$limit\" value=\"2\"", "name=\"owner\" value=\"jaykmr\"", "name=\"$orderBy\" value=\"volume desc\""] {
            assert!(answer.text.contains(kept), "{kept}");
        }
        assert!(answer.text.contains("aria-sort=\"descending\""));
        assert!(has_form(&answer, "create") && inputs(&answer, "create").starts_with(&["id".to_owned(), "displayName".to_owned()]));
        let next = targets(&answer).into_iter().find(|target| target.contains("$cursor=")).expect("a next page");
        assert!(!targets(&answer).iter().any(|target| target.contains("$orderBy=owner") && target.contains("$cursor")));
        let second = page(&api, &next).await.assert_status(200);
        assert_page(&second);
        assert!(!second.text.contains("name=\"$cursor\""), "a new filter begins at the first page");
        let empty = page(&api, &format!("{devices}?$filter=volume%3E10")).await.assert_status(200);
        assert!(empty.text.contains("No elements.") && empty.text.contains("0 elements"), "{empty}");
        let selected = page(&api, &format!("{devices}?$select=displayName,etag")).await.assert_status(200);
        assert!(selected.text.contains(">displayName</a>") && selected.text.contains("etag") && !selected.text.contains(">volume</a></th>"));
    }

    async fn a_list_says_how_much_of_it_is_there_and_how_to_have_it_all(api: Registry) {
        let list = page(&api, "device-types?$limit=2").await.assert_status(200);
        assert!(list.text.contains("2 of 5 elements") && list.text.contains("This page, for programs: "), "{list}");
        let all = page(&api, "device-types/house-alarm/devices?$filter=volume%3D5&$orderBy=displayName&$limit=1").await;
        let export = "href=\"/api/v1/device-types/house-alarm/devices:export?$filter=volume%3D5&amp;$orderBy=displayName&amp;$format=csv\"";
        assert!(all.text.contains(export), "{all}");
        let across = page(&api, "device-types/-/devices?$limit=1").await;
        assert!(across.text.contains("<th scope=\"col\">Device type</th>"), "{across}");
        assert!(across.text.contains("<td><a href=\"/api/v1/device-types/door-lock\">door-lock</a></td>"), "{across}");
        let nothing = page(&api, "device-types/-/devices?$search=larm&$filter=owner%3D%22x%22").await.assert_status(200);
        assert!(nothing.text.contains("words by their beginnings") && nothing.text.contains("case matters"), "{nothing}");
    }

    async fn errors_are_pages_that_show_the_place_and_the_way_out(api: Registry) {
        let devices = "device-types/house-alarm/devices";
        let answer = page(&api, &format!("{devices}?$filter=volume%20%3D%3D%203")).await.assert_status(400);
        assert_page(&answer);
        assert!(answer.text.contains("400 Bad Request") && answer.text.contains("<code>volume <mark>== 3</mark></code>"), "{answer}");
        assert!(answer.text.contains("name=\"$filter\" value=\"volume == 3\""), "the filter can be mended");
        for (path, status) in [("nothing", 404), ("device-types/absent", 404), ("/nowhere", 404), ("device-types/UPPER", 400), ("/api/v9", 404), ("device-types?nope=1", 400)] {
            let answer = page(&api, path).await.assert_status(status);
            assert_page(&answer);
            assert!(answer.text.contains(&answer.header("request-id").to_owned()));
        }
        let write = api.request(Method::DELETE, "device-types").header("accept", BROWSER).await.assert_status(405);
        assert_page(&write);
    }

    async fn data_cannot_become_markup(api: Registry) {
        let device = api.device().await;
        let _ = api.patch(&device, json!({"displayName": &HOSTILE[..63], "owner": HOSTILE, "tags": [HOSTILE], "timeZone": null})).await.assert_status(200);
        let devices = device.rsplit_once('/').expect("a collection").0.to_owned();
        for path in [device.clone(), devices.clone(), format!("{device}/changes"), format!("{device}/changes/2")] {
            let answer = page(&api, &path).await.assert_status(200);
            assert_page(&answer);
            assert!(answer.text.contains("&lt;script&gt;"), "{path}");
        }
        let sent = "%3C%2Fscript%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%3E%3Cimg%20src%3Dx%3E";
        for path in [
            format!("{devices}?$filter={sent}"),
            format!("{devices}?owner={sent}"),
            format!("{devices}?$orderBy={sent}"),
            format!("{devices}?{sent}={sent}"),
            format!("{devices}/{sent}"),
            format!("/{sent}"),
        ] {
            assert_page(&page(&api, &path).await);
        }
    }

    async fn a_page_has_a_tag_of_its_own(api: Registry) {
        let device = api.device().await;
        let json = api.get(&device).await.header("etag").to_owned();
        let first = page(&api, &device).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with(&json[..json.len() - 1]) && tag.contains(";html-"), "{tag}");
        let unchanged = page(&api, &device).header("if-none-match", &tag).await.assert_status(304);
        assert_eq!(unchanged.header("content-security-policy"), first.header("content-security-policy"));
        assert!(unchanged.bytes.is_empty());
        assert_eq!(page(&api, &device).header("if-none-match", &json).await.status, 200);
        let _ = api.patch(&device, json!({"volume": 1})).header("if-match", &tag).await.assert_status(200);
        let head = api.request(Method::HEAD, &device).header("accept", BROWSER).await.assert_status(200);
        let get = page(&api, &device).await;
        assert_eq!(head.header("content-length"), get.bytes.len().to_string());
        assert!(head.bytes.is_empty() && head.header("etag") == get.header("etag"));
    }

    async fn what_is_never_shown_is_on_no_page(api: Workshop) {
        let site = api.site_with(json!({"displayName": "x", "address": {"street": "Quay", "gateCode": "4711-secret"}})).await;
        let answer = page(&api, &site).await.assert_status(200);
        assert_page(&answer);
        assert!(!answer.text.contains("4711-secret"), "{answer}");
        let refused = page(&api, &format!("{site}?gateCode=4711-secret")).await.assert_status(400);
        assert!(!refused.text.contains("4711-secret"), "{refused}");
    }

    async fn deleted_resources_can_be_found_and_brought_back(api: Registry) {
        let _ = api.delete("device-types/weather-vane").await.assert_status(200);
        let list = page(&api, "device-types").await.assert_status(200);
        assert!(!list.text.contains("weather-vane"));
        let target = targets(&list).into_iter().find(|target| target.contains("$showDeleted")).expect("a link");
        let all = page(&api, &target).await.assert_status(200);
        assert!(all.text.contains("weather-vane") && all.text.contains("data-deleted"));
        let one = page(&api, "device-types/weather-vane").await.assert_status(200);
        assert!(has_form(&one, "verb-undelete") && !has_form(&one, "update") && !has_form(&one, "delete"));
    }

    async fn pages_are_well_formed(api: Workshop) {
        let site = api.site().await;
        for path in ["", "sites", &site, "settings", "sites?$filter=x", "shelves", "/ping"] {
            let answer = page(&api, path).await;
            assert_page(&answer);
            // Every element that HTML leaves open, closed; what is left is XML unless something is not closed or escaped.
            let body = &answer.text[answer.text.find("<body").expect("a body")..answer.text.len() - "</html>".len()];
            let mut xml = String::new();
            for (at, part) in body.split('<').enumerate() {
                if at == 0 {
                    continue;
                }
                let (tag, text) = part.split_once('>').expect("the end of a tag");
                let name = tag.split([' ', '>']).next().unwrap_or_default();
                xml.push('<');
                xml.push_str(&attributes(tag));
                if ["input", "br"].contains(&name) {
                    xml.push('/');
                }
                xml.push('>');
                xml.push_str(text);
            }
            if let Err(fault) = Document::parse(&xml) {
                panic!("{path}: {fault}\n{xml}");
            }
        }
    }
}

/// A tag whose attributes without a value have one, as XML wants it.
fn attributes(tag: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for word in tag.split(' ') {
        let is_bare = !quoted && !out.is_empty() && !word.contains(['=', '"']);
        if word.matches('"').count() % 2 == 1 {
            quoted = !quoted;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if is_bare {
            out.push_str("=\"\"");
        }
    }
    out
}
