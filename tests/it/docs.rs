//! The documentation page: complete, closed to the outside, and written from the same model as the document.

use std::collections::BTreeSet;

use http::Method;
use rest_standard_tests::{Registry, Stored, Workshop, on_every_store, workshop};
use serde_json::Value as Json;

/// The operations of the OpenAPI document with their paths and methods.
async fn operations(api: &rest_standard_tests::Api) -> Vec<(String, String, Json)> {
    let document = api.get("openapi.json").unchecked().await.assert_status(200).body;
    let paths = document["paths"].as_object().expect("paths are an object").clone();
    let of = |(path, methods): (String, Json)| {
        let methods = methods.as_object().expect("a path is an object").clone();
        methods.into_iter().map(move |(method, operation)| (path.clone(), method.to_uppercase(), operation))
    };
    paths.into_iter().flat_map(of).collect()
}

async fn page(api: &rest_standard_tests::Api) -> String {
    api.get("docs").unchecked().await.assert_status(200).text
}

/// The part of the page that describes an operation.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let begin = page.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("{id} has no section"));
    let rest = &page[begin..];
    &rest[..rest.find("<details class=\"op\"").unwrap_or(rest.len())]
}

/// The text without its markup.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for char in html.chars() {
        match char {
            '<' => inside = true,
            '>' => inside = false,
            char if !inside => text.push(char),
            _ => {}
        }
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The values of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> impl Iterator<Item = &'a str> {
    let begin = format!(" {attribute}=\"");
    page.split(begin.as_str())
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect::<Vec<_>>()
        .into_iter()
}

on_every_store! {
    async fn the_page_is_at_the_root_and_below_the_version(api: Registry) {
        let versioned = api.get("docs").unchecked().await.assert_status(200);
        assert_eq!(versioned.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(versioned.header("api-version"), "v1");
        let root = api.get("/docs").unchecked().await.assert_status(200);
        assert_eq!(root.text, versioned.text);
        assert_eq!(api.get("/docs/").unchecked().await.assert_status(200).text, root.text);
        assert!(root.text.starts_with("<!DOCTYPE html>") && root.text.contains("<h1>Device registry</h1>"));
    }

    async fn r169_the_entry_point_links_to_the_page(api: Registry) {
        let root = api.get("").await;
        let page = api.get(root.link("service-doc", "GET")).unchecked().await.assert_status(200);
        assert!(page.text.contains("</html>"));
        let link = root.links().iter().find(|link| link["rel"] == "service-doc").cloned().expect("a link");
        assert_eq!(link["format"], serde_json::json!(["text/html"]));
    }

    async fn the_page_keeps_to_the_rules_of_every_address(api: Registry) {
        let full = api.get("docs").unchecked().await;
        let head = api.request(Method::HEAD, "docs").unchecked().await.assert_status(200);
        assert_eq!(head.header("content-length"), full.text.len().to_string());
        assert_eq!(head.text, "");
        let tag = full.header("etag");
        let kept = api.get("docs").header("if-none-match", tag).unchecked().await;
        assert_eq!((kept.status, kept.text.as_str()), (304, ""));
        // A browser takes the policy of a 304 for the page that it has kept.
        assert_eq!(kept.header("content-security-policy"), full.header("content-security-policy"));
        let options = api.request(Method::OPTIONS, "docs").await.assert_status(200);
        assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
        let _ = api.get("docs?theme=dark").await.assert_refused(400, "UnknownParameter");
        let _ = api.get("docs?openapi=3.0").await.assert_refused(400, "UnknownParameter");
        let post = api.call("docs").await;
        assert_eq!(post.assert_refused(405, "MethodNotAllowed").header("allow"), "GET, HEAD, OPTIONS");
        let _ = api.get("docs").header("host", "elsewhere.example").await.assert_refused(421, "MisdirectedRequest");
    }

    async fn r076_every_variant_has_its_number_its_name_and_its_description(api: Workshop) {
        let text = page(&api).await;
        for (number, name, doc) in
            [(0, "Plain", "Nothing in particular."), (7, "Store", "Things are kept there."), (3, "Factory", "Things are made there.")]
        {
            let row = format!("<span class=\"number\">{number}</span> <code>{name}</code> <span>{doc}");
            assert!(text.contains(&row), "{name} is not told with {number} and `{doc}`");
        }
    }

    async fn r105_every_operation_has_a_section_with_examples_in_three_languages(api: Workshop) {
        let text = page(&api).await;
        for (path, method, operation) in operations(&api).await {
            let id = operation["operationId"].as_str().expect("an operation has an id");
            let section = section(&text, id);
            assert!(section.contains(&format!("data-method=\"{method}\" data-path=\"{path}\"")), "{id}");
            let samples = operation["x-codeSamples"].as_array().expect("an operation has samples");
            assert_eq!(samples.len(), 3, "{id}");
            let told = plain(section);
            for sample in samples {
                let source = sample["source"].as_str().expect("a sample is a text");
                assert!(told.contains(source), "{id} is not shown in {}:\n{source}", sample["label"]);
            }
        }
    }

    async fn every_parameter_answer_and_error_of_an_operation_is_in_its_section(api: Workshop) {
        let text = page(&api).await;
        let everywhere = plain(&text[text.find("id=\"shared-errors\"").expect("a part for errors")..]);
        for (_, _, operation) in operations(&api).await {
            let id = operation["operationId"].as_str().expect("an operation has an id");
            let section = section(&text, id);
            for parameter in operation["parameters"].as_array().expect("parameters are a list") {
                let named = match (parameter["name"].as_str(), parameter["$ref"].as_str()) {
                    (Some(name), _) => section.contains(&format!("<code>{name}</code>")) || section.contains(&format!(">{name}</a>")),
                    (_, Some(of)) => section.contains(&format!("href=\"#param-{}\"", of.rsplit('/').next().unwrap_or_default())),
                    _ => false,
                };
                assert!(named, "{id} does not name {parameter}");
            }
            for status in operation["responses"].as_object().expect("responses are an object").keys() {
                let told = section.contains(&format!("<code>{status}</code>")) || section.contains(&format!("href=\"#error-{status}\""));
                assert!(told || everywhere.contains(status), "{id} does not tell {status}");
            }
        }
    }

    async fn every_field_is_described_in_its_resources_section(api: Workshop) {
        let text = page(&api).await;
        let document = api.get("openapi.json").unchecked().await.body;
        let shared = ["url", "createdAt", "createdBy", "updatedAt", "updatedBy", "etag", "links"];
        for (name, address) in [("Site", "/sites"), ("Shelf", "/sites/shelves"), ("Lamp", "/sites/shelves/lamp"), ("Notice", "/notices")] {
            let fields = document["components"]["schemas"][name]["properties"].as_object().expect("a schema has properties");
            for field in fields.keys() {
                let anchor = if shared.contains(&field.as_str()) { format!("field-{field}") } else { format!("{address}.{field}") };
                assert!(text.contains(&format!(" id=\"{anchor}\"")), "{name}.{field} is not described");
            }
        }
        for value in ["value-Address.street", "value-Door.storey"] {
            assert!(text.contains(&format!(" id=\"{value}\"")), "{value} is not described");
        }
    }

    async fn links_within_the_page_lead_somewhere_and_ids_are_unique(api: Workshop) {
        let text = page(&api).await;
        let ids: BTreeSet<_> = values(&text, "id").collect();
        assert_eq!(values(&text, "id").count(), ids.len());
        for link in values(&text, "href").filter_map(|link| link.strip_prefix('#')) {
            assert!(ids.contains(link), "`#{link}` leads nowhere");
        }
    }

    async fn the_page_loads_nothing(api: Workshop) {
        let text = page(&api).await;
        assert_eq!(values(&text, "src").count() + values(&text, "style").count() + values(&text, "onclick").count(), 0);
        assert_eq!(text.matches("<link ").count(), 1);
        assert!(text.contains("<link rel=\"icon\" href=\"data:,\">"));
        for outside in ["@import", "url(", "import(", "<iframe", "<base", "<img"] {
            assert!(!text.contains(outside), "{outside}");
        }
    }

    async fn the_policy_names_the_pages_own_style_and_script(api: Registry) {
        let answer = api.get("docs").unchecked().await;
        let policy = answer.header("content-security-policy");
        for rule in ["default-src 'none'", "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{policy}");
        }
        for (kind, tag) in [("style-src", "style"), ("script-src", "script")] {
            let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
            assert_eq!(answer.text.matches(&open).count(), 1, "one {tag}");
            let begin = answer.text.find(&open).expect("it is there") + open.len();
            let end = answer.text.find(&close).expect("it ends");
            assert!(policy.contains(&format!("{kind} 'sha256-{}'", sha256(&answer.text[begin..end]))), "{policy}");
        }
    }
}

/// The digest in base64.
fn sha256(text: &str) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text))
}

#[tokio::test]
async fn what_the_service_says_of_itself_is_at_the_head() {
    let api = Stored::Memory
        .start(
            workshop::service()
                .title("Tools & <toys>")
                .description("Where *things* are made. <b>Not bold.</b> [home](https://example.com/)")
                .contact("The crew", "crew@example.com")
                .license("Apache-2.0"),
        )
        .await;
    let text = page(&api).await;
    assert!(text.contains("<h1>Tools &amp; &lt;toys&gt;</h1>"));
    assert!(text.contains("Where <em>things</em> are made. &lt;b&gt;Not bold.&lt;/b&gt; <a href=\"https://example.com/\">home</a>"));
    assert!(text.contains("<a href=\"mailto:crew@example.com\">The crew</a>"));
    assert!(text.contains("Apache-2.0"));
    for document in ["/api/v1/openapi.json", "/api/v1/openapi.json?openapi=3.0"] {
        assert!(text.contains(&format!("href=\"{document}\"")));
        let _ = api.get(document).unchecked().await.assert_status(200);
    }
}

#[tokio::test]
async fn a_service_can_leave_the_page_out() {
    let api = Registry::with(Stored::Memory, |service| service.docs(false)).await;
    for path in ["/docs", "docs"] {
        let _ = api.get(path).await.assert_refused(404, "NotFound");
    }
    assert!(api.get("").await.links().iter().all(|link| link["rel"] != "service-doc"));
    let _ = api.get("/openapi.json").unchecked().await.assert_status(200);
}

#[tokio::test]
async fn the_page_follows_the_base_path() {
    let api = Registry::with(Stored::Memory, |service| service.base_path("/inner")).await;
    let text = api.get("/inner/v1/docs").unchecked().await.assert_status(200).text;
    assert!(text.contains("data-root=\"/inner/v1\"") && text.contains("href=\"/inner/v1/openapi.json\""));
    assert!(!text.contains("/api/v1"), "the page names another base path");
}
