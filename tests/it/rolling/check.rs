//! What is there in the end, compared with what clients were told.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use super::{
    LAMPS,
    client::{Among, Client, Request},
    work::{Ledger, counter, dressed},
};

/// Reads everything at replicas that all know what the release after knows.
pub(super) async fn everything_is_there(client: &mut Client, ledger: &mut Ledger, among: Among) {
    let lamps = elements(client, among, LAMPS).await;
    let mut found: Vec<&str> =
        lamps.iter().filter_map(|lamp| lamp["id"].as_str()).filter(|id| id.starts_with("made-")).collect();
    let mut made: Vec<&str> = ledger.made.iter().map(String::as_str).collect();
    found.sort_unstable();
    made.sort_unstable();
    assert_eq!(found, made, "what was made is there once, and nothing else");
    let by_id: HashMap<&str, &Json> =
        lamps.iter().map(|lamp| (lamp["id"].as_str().expect("an id is a text"), lamp)).collect();
    for id in made {
        let log = log(client, among, by_id[id]).await;
        assert_eq!(requests(&log), [id], "a lamp is made once");
        assert_eq!((&by_id[id]["color"], &by_id[id]["tags"]), (&json!("white"), &json!([])), "{id}");
    }
    for (at, counted) in ledger.counted.iter().enumerate() {
        let lamp = read(client, among, &counter(at)).await;
        let log = log(client, among, &lamp).await;
        let turns: Vec<_> = log.iter().skip(1).map(|entry| entry["patch"].clone()).collect();
        let expected: Vec<_> = (1..=counted.len()).map(|turns| json!({"turns": turns})).collect();
        assert_eq!(turns, expected, "each confirmed step of {} counts once", counter(at));
        let (mut found, mut confirmed) =
            (requests(&log).split_off(1), counted.iter().map(String::as_str).collect::<Vec<_>>());
        found.sort_unstable();
        confirmed.sort_unstable();
        assert_eq!(found, confirmed, "each step of {} was confirmed", counter(at));
    }
    for (at, dress) in ledger.dressed.iter_mut().enumerate() {
        let lamp = read(client, among, &dressed(at)).await;
        assert!(dress.is_on(&lamp), "{} should have {dress:?}, and has {lamp}", dressed(at));
        let _ = log(client, among, &lamp).await;
    }
}

/// A resource that must be there.
pub(super) async fn read(client: &mut Client, among: Among, path: &str) -> Json {
    let answer = client.ask(among, &Request::get(path), |answer| answer.status == 200).await;
    answer.unwrap_or_else(|| panic!("nobody answers for {path}")).values().clone()
}

/// The change log of a lamp, which has no gap and leads to the lamp as it is.
pub(super) async fn log(client: &mut Client, among: Among, lamp: &Json) -> Vec<Json> {
    let id = lamp["id"].as_str().expect("an id is a text");
    let log = elements(client, among, &format!("{LAMPS}/{id}/changes")).await;
    let ids: Vec<_> = log.iter().filter_map(|entry| entry["id"].as_u64()).collect();
    assert_eq!(ids, (1..=log.len() as u64).collect::<Vec<_>>(), "the log of {id} has no gap");
    let mut last = Map::new();
    for patch in log.iter().filter_map(|entry| entry["patch"].as_object()) {
        last.extend(patch.clone());
    }
    for known in ["name", "mode", "turns"] {
        assert!(last.contains_key(known), "the log of {id} begins with `{known}`: {log:?}");
    }
    for (name, value) in last {
        assert_eq!(lamp[&name], value, "the log of {id} leads to its `{name}`");
    }
    log
}

fn requests(log: &[Json]) -> Vec<&str> {
    log.iter().filter_map(|entry| entry["requestId"].as_str()).collect()
}

/// All elements of a list, page by page.
pub(super) async fn elements(client: &mut Client, among: Among, path: &str) -> Vec<Json> {
    let mut all = Vec::new();
    let mut next = Some(format!("{path}?$limit=200"));
    while let Some(page) = next {
        let answer = client.ask(among, &Request::get(&page), |answer| answer.status == 200).await;
        let answer = answer.unwrap_or_else(|| panic!("nobody answers for {page}"));
        all.extend(answer.values().as_array().cloned().unwrap_or_default());
        let link = answer.body["data"]["meta"]["cursorNextLink"].as_str();
        next = link.and_then(|link| link.find("/api").map(|at| link[at..].to_owned()));
        assert!(all.len() < 100_000, "the next links of {path} never end");
    }
    all
}
