//! XML holds what JSON holds.

use http::Method;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use rest_standard_tests::{Stored, on_every_store};
use roxmltree::{Document, Node};

use super::*;

/// Whether XML 1.0 has the character.
fn holds(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Asserts that the element holds the value: the mapping of the contract, read by a parser that knows nothing of it.
fn is_same(json: &Json, element: Node<'_, '_>) {
    let children: Vec<_> = element.children().filter(Node::is_element).collect();
    let text: String =
        element.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
    let nil = element.attribute("nil");
    assert_eq!(nil, json.is_null().then_some("true"), "{json} {element:?}");
    let held =
        |text: &str| text.chars().map(|char| if holds(char) { char } else { '\u{fffd}' }).collect::<String>();
    match json {
        Json::Object(members) => {
            assert_eq!((children.len(), text.as_str()), (members.len(), ""));
            for (name, value) in members {
                let called = |child: &&Node<'_, '_>| {
                    child.attribute("name").unwrap_or(child.tag_name().name()) == held(name)
                };
                let child = children
                    .iter()
                    .find(called)
                    .unwrap_or_else(|| panic!("`{name}` is missing in {element:?}"));
                is_same(value, *child);
            }
        }
        Json::Array(items) => {
            assert_eq!((children.len(), text.as_str()), (items.len(), ""));
            for (value, child) in items.iter().zip(children) {
                assert_eq!(child.tag_name().name(), "item");
                is_same(value, child);
            }
        }
        Json::Null => assert_eq!((children.len(), text.as_str()), (0, "")),
        Json::String(expected) => assert_eq!((children.len(), text), (0, held(expected))),
        scalar => assert_eq!((children.len(), text), (0, scalar.to_string())),
    }
}

/// Asserts that the two answers are one tree.
fn are_same(json: &Json, xml: &str) {
    let document = Document::parse(xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    assert_eq!(document.root_element().tag_name().name(), "response");
    is_same(json, document.root_element());
}

async fn reads_the_same(api: &Api) {
    let addresses = addresses(api).await;
    assert!(addresses.len() > 20, "{addresses:?}");
    // Exports have formats of their own.
    for path in addresses.into_iter().filter(|path| !path.ends_with(":export")) {
        let json = api.get(&path).header("request-id", "one").await;
        let xml = api.get(&path).header("request-id", "one").header("accept", "application/xml").await;
        assert_eq!((xml.status, xml.header("content-type")), (json.status, "application/xml"), "{xml}");
        are_same(&json.body, &xml.text);
    }
}

on_every_store! {
    async fn r004_every_node_of_the_registry_reads_the_same_in_xml(api: Registry) {
        let device = api.device().await;
        let _ = api.patch(&device, json!({"volume": 3, "displayName": "<&>\r\n'\""})).await.assert_status(200);
        reads_the_same(&api).await;
    }

    async fn r004_every_node_of_the_workshop_reads_the_same_in_xml(api: Workshop) {
        let site = awkward_site(&api).await;
        let _ = api.site().await;
        let _ = api.post(&format!("{site}/shelves"), api.shelf_body("a")).await.assert_status(201);
        reads_the_same(&api).await;
    }

    async fn r004_writes_answer_in_xml_too(api: Workshop) {
        let site = awkward_site(&api).await;
        let shelves = format!("{site}/shelves");
        let body = api.shelf_body("a");
        for (method, path, body) in [
            (Method::POST, shelves.clone(), Some(body.clone())),
            (Method::POST, shelves.clone(), Some(body.clone())),
            (Method::PUT, format!("{shelves}/a"), Some(body)),
            (Method::PATCH, format!("{shelves}/a"), Some(json!({"displayName": "", "\u{0}<\n": 1}))),
            (Method::POST, format!("{shelves}/a:fill"), Some(json!({"amount": 3}))),
            (Method::POST, format!("{shelves}/a:inspect"), None),
            (Method::POST, format!("{shelves}/a:explode"), None),
            (Method::OPTIONS, format!("{shelves}/a"), None),
            (Method::TRACE, format!("{shelves}/a"), None),
            (Method::DELETE, format!("{shelves}/a"), None),
        ] {
            let request = || {
                let request = api.request(method.clone(), &format!("{path}?$validate=true")).header("request-id", "one");
                body.as_ref().map_or_else(|| api.request(method.clone(), &format!("{path}?$validate=true")).header("request-id", "one"), |body| request.body(body))
            };
            let json = request().await;
            let xml = request().header("accept", "application/xml").await;
            assert_eq!((xml.status, xml.header("content-type")), (json.status, "application/xml"), "{xml}");
            are_same(&json.body, &xml.text);
            let mut real = api.request(method, &format!("{}.xml", path.trim_end_matches('/')));
            if let Some(body) = &body {
                real = real.body(body);
            }
            let real = real.await;
            assert_eq!(real.header("content-type"), "application/xml", "{real}");
        }
    }

    async fn a_replay_has_the_format_that_its_request_asks_for(api: Workshop) {
        let body = api.site_body();
        let first = api.post("sites", body.clone()).header("request-id", "one").await.assert_status(201);
        let again = api.post("sites", body).header("request-id", "one").header("accept", "application/xml").await.assert_status(201);
        assert_eq!((again.header("content-type"), again.header("idempotency-replayed")), ("application/xml", "true"));
        are_same(&json!(first.values()), &values(&again.text));
        assert_eq!(again.header("etag").replace(";xml", ""), first.header("etag"));
    }

    async fn what_xml_cannot_hold_is_replaced_where_it_is_repeated(api: Workshop) {
        let body = json!({"displayName": "a\u{0}b", "\u{1}": {"\u{2}": ["\u{ffff}", 1e100, -0.5, 12345678901234567890_u64]}});
        let refused = api.post("sites.xml?%00=%1F", body.clone()).await;
        assert_eq!(refused.status, 400);
        let document = Document::parse(&refused.text).expect("well-formed");
        let repeated = document.descendants().find(|node| node.has_tag_name("body")).expect("the body is repeated");
        is_same(&body, repeated);
        assert!(refused.text.contains("a\u{fffd}b") && refused.text.contains("<entry name=\"\u{fffd}\">"), "{refused}");
    }

    async fn a_secret_is_in_no_format(api: Workshop) {
        let site = api.site().await;
        let mut body = api.shelf_body("a");
        body["pin"] = json!("8642975");
        let made = api.post(&format!("{site}/shelves.xml"), body).await.assert_status(201);
        assert!(made.text.contains("<pin>[redacted]</pin>") && !made.text.contains("8642975"), "{made}");
        let rows = api.get(&format!("{site}/shelves.csv")).await.assert_status(200);
        assert!(!rows.text.contains("pin"), "{rows}");
    }
}

/// `data.values` of an answer in XML, as a document of its own.
fn values(xml: &str) -> String {
    let document = Document::parse(xml).expect("well-formed");
    let values = document.descendants().find(|node| node.has_tag_name("values")).expect("values");
    let inner = &xml[values.range()];
    let inner = inner.trim_start_matches("<values>").trim_end_matches("</values>");
    format!("<response>{inner}</response>")
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-1e9..1e9).prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        "[\\x00-\\x20<>&'\"\\]\u{fffe}]{0,8}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        // Names that differ only in what XML cannot hold are one name in XML.
        let name = prop_oneof![
            "[a-z_][A-Za-z0-9_.-]{0,6}",
            "[ -~\\t\\r\\n]{0,5}",
            any::<String>().prop_filter("held", |name| name.chars().all(holds))
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::hash_map(name, inner, 0..5).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// What an answer repeats of a body is anything that JSON can hold, so any tree can be tried through it.
#[test]
fn every_tree_that_json_holds_is_held_by_xml() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let api = runtime.block_on(Workshop::start(Stored::Memory));
    let mut runner = TestRunner::new(Config {
        cases: if rest_standard_tests::is_long() { 2000 } else { 150 },
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&any_json(), |json| {
        let body = json!({ "json": json });
        // Longer bodies are not repeated.
        prop_assume!(body.to_string().len() <= 8 << 10);
        let answer = runtime.block_on(api.post("sites.xml", body.clone()).send());
        prop_assert_eq!(answer.status, 400);
        let document = Document::parse(&answer.text).expect("well-formed");
        let repeated =
            document.descendants().find(|node| node.has_tag_name("body")).expect("the body is repeated");
        is_same(&body, repeated);
        Ok(())
    });
    outcome.expect("every tree");
}
