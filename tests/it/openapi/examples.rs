//! What the document shows can be done as shown.

use std::{process::Stdio, sync::Arc, time::Duration};

use device_registry::SampleOptions;
use http::Method;
use rest_standard::testing::{Deterministic, TestClient, TestService, json};
use rest_standard_tests::{Api, Stored};

use super::{Document, Operation};

/// The registry without sample data, so that nothing is there but what the examples make.
async fn empty_registry(stored: Stored) -> (Api, Arc<Deterministic>) {
    let clock = Deterministic::new(7);
    let service =
        device_registry::service().state(SampleOptions { no_sample_data: true }).source(clock.clone());
    (stored.start(service).await, clock)
}

/// The operations in an order in which each finds what it needs: deletes come last, the deepest first. An import and a batch
/// create again what was deleted, and a batch deletes that, which `undelete` brings back.
fn in_order(document: &Document) -> Vec<Operation> {
    let end = |operation: &Operation| {
        let ends = [
            operation.method == Method::DELETE,
            operation.is("import"),
            operation.is("batchCreate"),
            operation.is("batchDelete"),
        ];
        ends.iter().position(|is_it| *is_it)
    };
    let (undeletes, operations): (Vec<_>, Vec<_>) =
        document.operations().into_iter().partition(|operation| operation.is("undelete"));
    let (mut deletes, mut others): (Vec<_>, Vec<_>) =
        operations.into_iter().partition(|operation| end(operation).is_some());
    let depth = |operation: &Operation| operation.path.matches('/').count();
    others.sort_by_key(|operation| {
        (depth(operation), operation.method != Method::POST, operation.path.contains(':'))
    });
    // A batch stands on the collection, one step above its resources.
    let level = |operation: &Operation| depth(operation) + usize::from(operation.path.contains(':'));
    deletes.sort_by_key(|operation| (std::cmp::Reverse(level(operation)), end(operation)));
    others.extend(deletes);
    others.extend(undeletes);
    others
}

/// Brings the state of a device to one that allows the operation, and lets the time pass that keeps deleted ids taken.
async fn prepare(service: &TestService, clock: &Deterministic, client: &TestClient, operation: &Operation) {
    if operation.is("batchCreate") || operation.is("import") {
        let collection = operation.path.split(':').next().unwrap_or_default();
        let there = client.get(collection).await.values().clone();
        for resource in there.as_array().into_iter().flatten() {
            let url = resource["url"].as_str().expect("a resource has a url");
            let _ = client.delete(&format!("{url}?$force=true")).await.assert_status(200);
        }
        clock.advance(Duration::from_secs(31 * 86_400));
        let _ = service.purge().await;
    }
    if let Some((state, verb)) = operation.path.rsplit_once(':')
        && state.ends_with("/state")
    {
        let mode = if verb == "silence" { "Ring" } else { "On" };
        let _ = client.put(state, json!({"mode": mode})).await.assert_status(200);
    }
}

#[tokio::test]
async fn every_example_is_accepted() {
    for stored in Stored::all() {
        let (api, clock) = empty_registry(stored).await;
        let service = &api.service;
        let client = service.client();
        let document = Document::of(&client).await;
        let mut made = std::collections::BTreeMap::new();
        for operation in in_order(&document) {
            prepare(service, &clock, &client, &operation).await;
            let path = operation.path.clone();
            let answer = operation.request(&client).await;
            let expected = operation.statuses(true)[0];
            assert_eq!(answer.status, expected, "the example of {} is refused\n{answer}", operation.id);
            if operation.method == Method::POST && answer.status == 201 {
                made.insert(operation.id.clone(), path);
            }
        }
        assert_eq!(made.len(), 4, "the registry has four creates: {made:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r105_every_operation_has_examples_that_run_in_three_languages() {
    let programs = [("curl", "curl"), ("Python", "python3"), ("JavaScript", "node")];
    for (label, program) in programs {
        let (api, clock) = empty_registry(Stored::Memory).await;
        let service = &api.service;
        let server = service.listen().await;
        let client = service.client().with_header("host", &server.address().to_string());
        let document = Document::of(&client).await;
        for operation in in_order(&document) {
            prepare(service, &clock, &client, &operation).await;
            let samples = operation.declared["x-codeSamples"].as_array().expect("an operation has samples");
            let sample =
                samples.iter().find(|sample| sample["label"] == label).expect("a sample in the language");
            let source = sample["source"].as_str().expect("a sample has a source");
            assert!(source.contains(server.base()), "the sample calls the service that shows it:\n{source}");
            let writes = operation.method != Method::GET && !operation.is("batchGet");
            assert_eq!(source.contains("Request-ID"), writes, "{source}");
            let changes = [Method::PUT, Method::PATCH, Method::DELETE].contains(&operation.method);
            assert_eq!(source.contains("If-Match"), changes, "{source}");
            run(program, source, &operation.id);
        }
    }
}

/// The recipes of the documentation page by name, and the answer that the last one shows.
fn recipes(page: &str) -> (std::collections::BTreeMap<String, String>, serde_json::Value) {
    let text = |html: &str| html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let code = |rest: &str| {
        let begin =
            rest.find("<code").and_then(|at| Some(at + rest[at..].find('>')? + 1)).expect("there is code");
        text(&rest[begin..begin + rest[begin..].find("</code>").expect("the code ends")])
    };
    let of = |attribute: &str| {
        let begin = format!(" {attribute}=\"");
        let parts = page.split(&begin).skip(1);
        parts
            .map(|part| (part.split('"').next().unwrap_or_default().to_owned(), code(part)))
            .collect::<Vec<_>>()
    };
    let answer = of("data-answer").pop().expect("an answer is shown").1;
    (of("data-recipe").into_iter().collect(), serde_json::from_str(&answer).expect("the answer is JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn r105_every_recipe_of_the_page_does_what_it_says() {
    let services = [
        (device_registry::service().state(SampleOptions { no_sample_data: true }), "sites", true),
        (rest_standard_tests::workshop::service(), "sites", false),
    ];
    for (service, collection, has_more) in services {
        let service = TestService::memory(service).await;
        let server = service.listen().await;
        let client = service.client().with_header("host", &server.address().to_string());
        let page = client.get("/docs").unchecked().await.assert_status(200).text;
        let (recipes, shown) = recipes(&page);
        let folder = tempfile::tempdir().expect("a folder can be made");
        let run = |name: &str| {
            let source = &recipes[name];
            assert!(source.contains(&format!("{}/api/v1/{collection}", server.base())), "{source}");
            script(source, folder.path())
        };

        let created = run("create");
        assert_eq!(created.matches("HTTP/1.1 201 Created").count(), 2, "{created}");
        assert_eq!(created.matches("idempotency-replayed: true").count(), 1, "{created}");
        let changed = run("change");
        assert_eq!(
            (changed.matches("\"code\":200").count(), changed.matches("\"code\":412").count()),
            (1, 1),
            "{changed}"
        );
        let tried = run("dry-run");
        assert!(tried.contains("\"code\":200") && tried.contains("\"validated\":true"), "{tried}");
        if has_more {
            for id in ["b", "c", "d", "e"] {
                let body = json!({"id": id, "displayName": id});
                let _ = client.post(&format!("/api/v1/{collection}"), body).await.assert_status(201);
            }
        }
        let listed = run("list");
        assert_eq!(listed.matches("\"createdAt\"").count(), if has_more { 5 } else { 1 }, "{listed}");
        let found = run("find");
        assert!(found.contains("\"code\":200") && found.contains("id,url\r\n"), "{found}");
        let refused: serde_json::Value = serde_json::from_str(&run("error")).expect("the answer is JSON");
        assert_eq!(refused["status"], shown);
    }
}

/// Runs a shell script in a folder of its own, and gives what it prints.
fn script(source: &str, folder: &std::path::Path) -> String {
    let output = std::process::Command::new("sh")
        .args(["-c", "curl() { command curl --silent --show-error \"$@\"; }; eval \"$1\"", "sh", source])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("a shell is there");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{source}\n{told}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a sample and expects that it ends well and prints what the service answers.
fn run(program: &str, source: &str, id: &str) {
    let arguments: &[&str] = match program {
        // What is said to fail must also end so.
        "curl" => &[
            "-c",
            "curl() { command curl --silent --show-error --fail-with-body \"$@\"; }; eval \"$1\"",
            "sh",
            source,
        ],
        "node" => &["--input-type=module", "-e", source],
        _ => &["-c", source],
    };
    let program = if program == "curl" { "sh" } else { program };
    // The service answers on the runtime's other threads meanwhile.
    let output = std::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} must be installed for this test: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && !printed.trim().is_empty(),
        "{id} with {program}:\n{source}\n{printed}\n{told}"
    );
}

mod yard {
    use rest_standard::prelude::*;

    /// A place in a yard.
    #[resource_value]
    pub(super) struct Spot {
        /// The zone.
        pub(super) zone: String,
        /// The aisle in it.
        pub(super) aisle: String,
    }

    /// What stands there.
    #[resource(collection = "crates", id = Slug)]
    pub(super) struct Crate {
        /// Where it stands, and stood.
        pub(super) spots: Vec<Spot>,
    }
}

#[tokio::test]
async fn members_of_nested_examples_are_in_the_order_of_their_declaration() {
    let service =
        rest_standard::command::Service::new("yard").version("v1", |api| api.resource::<yard::Crate>());
    let client = TestService::memory(service).await.client();
    let text = client.get("/api/v1/openapi.json").await.assert_status(200).text;
    assert!(text.contains(r#"[{"zone":"#), "{text}");
    assert!(!text.contains(r#"[{"aisle":"#), "{text}");
}
