//! Random sequences of calls, on SQLite and on the memory store at once: status, body and headers are equal.
//!
//! Clock and ids are the same on both sides, so that whole responses can be compared.

use std::time::Duration;

use http::Method;
use proptest::prelude::*;
use rest_standard::testing::{Deterministic, TestResponse};
use rest_standard_tests::{Api, Stored, is_long, workshop};
use serde_json::{Value as Json, json};

/// One call; the strings choose among few values, so that calls meet each other's resources.
#[derive(Clone, Debug)]
struct Call {
    method: &'static str,
    path: String,
    body: Option<(&'static str, Json)>,
    request_id: Option<String>,
    condition: Condition,
}

/// What a call demands of the tag that was last seen at its address.
#[derive(Clone, Copy, Debug)]
enum Condition {
    None,
    IfMatch,
    IfNoneMatch,
    Star,
}

fn select<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(values.to_vec())
}

/// An address of the registry's tree, existing or not.
fn registry_path() -> impl Strategy<Value = String> {
    let kind = select(&["house-alarm", "one", "two", "Bad"]);
    let device = select(&[
        "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4",
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-4000-8000-000000000002",
        "bad",
    ]);
    let end = select(&[
        "",
        "/state-machine",
        "/attributes",
        "/attributes/a",
        "/attributes/b",
        "/changes",
        "/changes/1",
        "/devices",
        "/devices/D",
        "/devices/D",
        "/devices/D",
        "/devices/D/state",
        "/devices/D/state",
        "/devices/D/changes",
        "/devices/D/changes/2",
        "/devices/D/state:transition",
        "/devices/D/state:ring",
        "/devices/D/state:silence",
        "/devices/D/state:nothing",
    ]);
    let one = (kind, device, end)
        .prop_map(|(kind, device, end)| format!("device-types/{kind}{}", end.replace('D', device)));
    prop_oneof![8 => one, 1 => Just("device-types".to_owned()), 1 => Just(String::new())]
}

/// An address of the workshop's tree.
fn workshop_path() -> impl Strategy<Value = String> {
    let site = select(&["1", "2", "3", "x"]);
    let shelf = select(&["a", "b", "c"]);
    let end = select(&[
        "",
        "",
        "/shelves",
        "/shelves",
        "/shelves/S",
        "/shelves/S",
        "/shelves/S",
        "/shelves/S/changes",
        "/shelves/S/items",
        "/shelves/S/items/i",
        "/shelves/S/items/j",
        "/shelves/S/lamp",
        "/shelves/S/lamp:light",
        "/shelves/S/lamp/putOut",
        "/shelves/S:fill",
        "/shelves/S:clear",
        "/shelves/S:inspect",
        "/shelves/S:spread",
        "/shelves:tally",
    ]);
    let one =
        (site, shelf, end).prop_map(|(site, shelf, end)| format!("sites/{site}{}", end.replace('S', shelf)));
    let other = select(&[
        "sites",
        "sites",
        "settings",
        "settings:restore",
        "notices",
        "ledgers",
        "ledgers/l",
        "ledgers/l:book",
        "archives",
        "archives/a",
        "readings",
    ]);
    prop_oneof![8 => one, 3 => other.prop_map(str::to_owned)]
}

/// A query that may mean something for the method.
fn query() -> impl Strategy<Value = &'static str> {
    let some = select(&[
        "?$validate=true",
        "?$limit=2",
        "?$limit=1&$orderBy=displayName%20desc",
        "?$offset=1",
        "?$orderBy=volume,owner",
        "?owner=ada",
        "?$count=false",
        "?$force=true",
        "?$allowMissing=true",
        "?$force=true&$validate=true",
        "?$nothing=1",
        "?$format=json",
        "?$orderBy=stock%20desc&$limit=1",
        "?kind=Store",
        "?$orderBy=floors,load%20desc",
        "?capacity=10",
    ]);
    prop_oneof![3 => Just(""), 2 => some]
}

/// Members of the bodies, right and wrong.
fn members() -> impl Strategy<Value = Json> {
    let member = prop_oneof![
        (
            select(&["id"]),
            select(&[
                json!("one"),
                json!("two"),
                json!("a"),
                json!("b"),
                json!("l"),
                json!("00000000-0000-4000-8000-000000000001"),
                json!("00000000-0000-4000-8000-000000000002")
            ])
        ),
        (
            select(&["displayName", "title", "owner", "manufacturer", "text"]),
            select(&[json!("A"), json!("B"), json!(" C "), json!(""), Json::Null, json!("forbidden")])
        ),
        (select(&["serialNumber", "code", "barcode"]), select(&[json!("S1"), json!("S2"), json!("S3")])),
        (
            select(&["volume", "amount", "floors", "rank", "level", "balance", "retentionDays"]),
            select(&[json!(1), json!(5), json!(9), json!(-1), json!(4000), Json::Null])
        ),
        (select(&["capacity"]), select(&[json!("10"), json!("9007199254740993"), json!("x")])),
        (
            select(&["mode", "to", "initial"]),
            select(&[json!("Off"), json!("On"), json!("Ring"), json!("Loud")])
        ),
        (
            select(&["kind", "category"]),
            select(&[json!("Store"), json!("Flag"), json!("Alarm"), json!("Other"), Json::Null])
        ),
        (
            select(&["enabled", "isRequired", "isLit", "isOpen"]),
            select(&[json!(true), json!(false), Json::Null])
        ),
        (select(&["tags", "sections"]), select(&[json!([]), json!(["a"]), json!([1, 2]), Json::Null])),
        (select(&["labels"]), select(&[json!({"a": "1"}), json!({"a": null, "b": "2"}), json!({})])),
        (select(&["load"]), select(&[json!(0.25), json!(1), json!(0.1)])),
    ];
    prop::collection::vec(member, 0..6).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<serde_json::Map<_, _>>()
            .into()
    })
}

/// A body that its collection is likely to take.
fn right_body(path: &str, random: &Json) -> Option<Json> {
    let serial = random["serialNumber"].as_str().or(random["code"].as_str()).unwrap_or("S9");
    let id = random["id"].as_str().unwrap_or("one");
    let name = random["displayName"].as_str().filter(|name| !name.is_empty()).unwrap_or("N");
    let volume = random["volume"].as_i64().filter(|volume| (0..=10).contains(volume)).unwrap_or(3);
    let last = path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    match last {
        "device-types" => Some(json!({"id": id, "displayName": name})),
        "devices" => Some(
            json!({"id": id, "displayName": name, "owner": "ada", "serialNumber": serial, "volume": volume}),
        ),
        "attributes" => Some(
            json!({"id": if id.len() == 1 { id } else { "a" }, "displayName": name, "kind": "Flag", "isRequired": true}),
        ),
        "sites" => {
            Some(json!({"displayName": name, "capacity": "10", "floors": random["floors"], "load": 0.25}))
        }
        "shelves" => Some(json!({"id": id, "displayName": name, "code": serial})),
        "items" => Some(json!({"id": "i", "displayName": name})),
        "ledgers" => Some(json!({"id": "l", "title": name, "balance": volume})),
        "archives" => Some(json!({"id": "a", "title": name})),
        "notices" => Some(json!({"text": name})),
        _ if last.ends_with(":transition") => Some(json!({"to": random.get("to").unwrap_or(&json!("On"))})),
        _ if last.ends_with(":fill") || last.ends_with(":tally") || last.ends_with(":book") => {
            Some(json!({"amount": volume.max(1)}))
        }
        _ => None,
    }
}

fn call(path: impl Strategy<Value = String>) -> impl Strategy<Value = Call> {
    let method =
        select(&["GET", "GET", "POST", "POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
    let request_id = prop_oneof![4 => Just(None), 1 => (0..12u8).prop_map(|id| Some(format!("id-{id}")))];
    let condition = prop_oneof![8 => Just(Condition::None), 1 => Just(Condition::IfMatch), 1 => Just(Condition::IfNoneMatch), 1 => Just(Condition::Star)];
    (method, path, query(), members(), any::<(bool, bool, bool)>(), request_id, condition).prop_map(
        |(method, path, query, random, (is_right, is_json_patch, has_query), request_id, condition)| {
            let path = if has_query || method == "GET" { format!("{path}{query}") } else { path };
            let body = match method {
                "POST" if is_right => right_body(&path, &random).map(|body| ("application/json", body)),
                "POST" | "PUT" => Some(("application/json", random)),
                "PATCH" if is_json_patch => {
                    let name = random.as_object().and_then(|members| members.iter().next());
                    let patch = name.map_or(
                        json!([]),
                        |(name, value)| json!([{"op": "add", "path": format!("/{name}"), "value": value}]),
                    );
                    Some(("application/json-patch+json", patch))
                }
                "PATCH" => Some(("application/merge-patch+json", random)),
                _ => None,
            };
            Call { method, path, body, request_id, condition }
        },
    )
}

/// Sends a call, with the tag that a read of its address shows.
async fn send(api: &Api, call: &Call, tag: Option<&str>) -> TestResponse {
    let method = Method::from_bytes(call.method.as_bytes()).expect("a method's name");
    let mut request = api.request(method, &call.path);
    if let Some((kind, body)) = &call.body {
        request = request.text(kind, body.to_string());
    }
    if let Some(id) = &call.request_id {
        request = request.header("request-id", id);
    }
    request = match (call.condition, tag) {
        (Condition::IfMatch, Some(tag)) => request.header("if-match", tag),
        (Condition::IfNoneMatch, Some(tag)) => request.header("if-none-match", tag),
        (Condition::Star, _) => request.header("if-none-match", "*"),
        _ => request,
    };
    request.await
}

/// What of a response must be equal on both sides: all but the body's text, which may order members otherwise.
fn essence(answer: &TestResponse) -> (u16, Vec<(String, String)>, Json) {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, unsigned(&answer.body))
}

/// Cursors are signed with a key of their store, so their text differs where the page does not.
fn unsigned(value: &Json) -> Json {
    match value {
        Json::String(text) => match text.split_once("cursor=") {
            Some((before, after)) => {
                let rest = after.find('&').map_or("", |at| &after[at..]);
                json!(format!("{before}cursor=…{rest}"))
            }
            None => value.clone(),
        },
        Json::Array(items) => items.iter().map(unsigned).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), unsigned(member)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => value.clone(),
    }
}

/// The headers that name a cursor are compared without it.
fn comparable(answer: &TestResponse) -> (u16, Vec<(String, String)>, Json) {
    let (status, headers, body) = essence(answer);
    let headers =
        headers.into_iter().filter(|(name, _)| name != "link" && name != "content-length").collect();
    (status, headers, body)
}

/// Runs a sequence on each durable store and in memory, and compares each answer, and at the end all lists.
async fn agree(service: fn() -> rest_standard::command::Service, seed: u64, calls: &[Call], lists: &[&str]) {
    for stored in Stored::durable() {
        agree_on(stored, service, seed, calls, lists).await;
    }
}

async fn agree_on(
    stored: Stored,
    service: fn() -> rest_standard::command::Service,
    seed: u64,
    calls: &[Call],
    lists: &[&str],
) {
    let memory = Stored::Memory.start(service().source(Deterministic::new(seed))).await;
    let durable = stored.start(service().source(Deterministic::new(seed))).await;
    for (step, call) in calls.iter().enumerate() {
        let bare = call.path.split(['?', ':']).next().unwrap_or_default();
        let reads = [memory.get(bare).await, durable.get(bare).await];
        let tag = reads[0].find_header("etag").map(str::to_owned);
        let answers = [send(&memory, call, tag.as_deref()).await, send(&durable, call, tag.as_deref()).await];
        assert_eq!(
            comparable(&answers[0]),
            comparable(&answers[1]),
            "step {step}: {call:?}\nmemory: {}\n{stored:?}: {}",
            answers[0],
            answers[1]
        );
        assert!(answers[0].status < 500, "step {step}: {call:?}\n{}", answers[0]);
    }
    for list in lists {
        let pages = [
            memory.get(&format!("{list}?$limit=1000")).await,
            durable.get(&format!("{list}?$limit=1000")).await,
        ];
        assert_eq!(comparable(&pages[0]), comparable(&pages[1]), "{list}");
    }
}

fn property(
    service: fn() -> rest_standard::command::Service,
    path: impl Strategy<Value = String>,
    lists: &[&str],
) {
    let (cases, steps) = if is_long() { (200, 200) } else { (6, 60) };
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let calls = prop::collection::vec(call(path), steps);
    proptest!(config, |(seed in any::<u64>(), calls in calls)| {
        runtime.block_on(agree(service, seed, &calls, lists));
    });
}

#[test]
fn both_stores_answer_the_registry_calls_alike() {
    property(
        device_registry::service,
        registry_path(),
        &["device-types", "device-types/one/devices", "device-types/house-alarm/changes"],
    );
}

#[test]
fn both_stores_answer_the_workshops_calls_alike() {
    property(workshop::service, workshop_path(), &["sites", "sites/1/shelves", "ledgers", "notices"]);
}

/// The same service with the same clock and ids gives the same answers twice.
#[tokio::test]
async fn a_deterministic_source_makes_answers_repeatable() {
    let mut answers = Vec::new();
    for _ in 0..2 {
        let source = Deterministic::with_step(7, Duration::from_millis(1));
        let api = Stored::Memory.start(workshop::service().source(source)).await;
        let made = api.post("notices", json!({"text": "t"})).await.assert_status(201);
        answers.push(made.body);
    }
    assert_eq!(answers[0], answers[1]);
}
