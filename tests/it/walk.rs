//! A client that knows only the entry point and follows links: it reaches everything, and no link misleads it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use http::Method;
use rest_standard_tests::{Registry, on_every_store};
use serde_json::{Value as Json, json};

/// A link as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    rel: String,
    href: String,
    action: String,
    formats: Vec<String>,
}

/// All links in a response: of the resource, of each element, of the list.
fn links(answer: &rest_standard::testing::TestResponse) -> Vec<Link> {
    let mut owners = vec![answer.meta(), answer.values()];
    owners.extend(answer.values().as_array().into_iter().flatten());
    let all = owners.into_iter().filter_map(|owner| owner["links"].as_array()).flatten();
    all.map(|link| Link {
        rel: link["rel"].as_str().expect("rel is a text").to_owned(),
        href: link["href"].as_str().expect("href is a text").to_owned(),
        action: link["action"].as_str().expect("action is a text").to_owned(),
        formats: link["format"]
            .as_array()
            .expect("format is a list")
            .iter()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect(),
    })
    .collect()
}

/// Visits everything that GET links lead to from the entry point.
async fn walk(api: &Registry) -> (BTreeMap<String, Json>, BTreeSet<Link>) {
    let (mut seen, mut found) = (BTreeMap::new(), BTreeSet::new());
    let mut open = VecDeque::from([api.get("").await.assert_status(200).values()["url"]
        .as_str()
        .map_or_else(|| "http://localhost/api/v1".to_owned(), str::to_owned)]);
    while let Some(href) = open.pop_front() {
        if seen.contains_key(&href) {
            continue;
        }
        assert!(href.starts_with("http://localhost/"), "{href} is not absolute");
        let answer = api.get(&href).await.assert_status(200);
        for link in links(&answer) {
            if link.action == "GET" && link.rel != "service-desc" && link.rel != "service-doc" {
                open.push_back(link.href.clone());
            }
            found.insert(link);
        }
        seen.insert(href, answer.body["data"].clone());
        assert!(seen.len() < 20_000, "the walk does not end");
    }
    (seen, found)
}

/// A body that an action takes, given what is behind its address now.
async fn body(api: &Registry, link: &Link, now: Option<&Json>) -> Option<Json> {
    let serial = api.serial();
    match (link.rel.as_str(), link.action.as_str()) {
        ("self" | "site", "PUT") => now.map(|now| now["values"].clone()),
        ("self" | "site", "PATCH") => Some(json!({})),
        ("create" | "import", _)
            if ["/device-types", "/device-types:import", "/sites", "/sites:import"]
                .iter()
                .any(|end| link.href.ends_with(end)) =>
        {
            Some(json!({"id": format!("walked-{serial}"), "displayName": "W"}))
        }
        ("create", _) if link.href.ends_with("/attributes") => Some(
            json!({"id": format!("walked-{serial}"), "displayName": "W", "kind": "Flag", "isRequired": false}),
        ),
        ("create" | "import", _)
            if link.href.ends_with("/devices") || link.href.ends_with("/devices:import") =>
        {
            Some(json!({"displayName": "W", "owner": "w", "serialNumber": format!("W-{serial}")}))
        }
        ("batchGet", _) => Some(json!({"ids": []})),
        ("batchCreate" | "batchUpdate" | "batchDelete", _) => Some(json!({"items": []})),
        ("transition", _) => {
            let mode = now.map(|now| now["values"]["mode"].clone()).unwrap_or_default();
            let kind = link.href.split("/devices/").next().expect("a device is below its type");
            let machine = api.get(&format!("{kind}/state-machine")).await.assert_status(200);
            let transitions = machine.values()["transitions"].as_array().expect("an array").clone();
            let next = transitions
                .into_iter()
                .find(|transition| transition["from"] == mode)
                .expect("a way out of the mode");
            Some(json!({"to": next["to"]}))
        }
        _ => None,
    }
}

/// Asserts that an action is not refused; a DELETE may meet children, and devices that refer to their site.
async fn works(api: &Registry, link: &Link, query: &str) {
    let node = link
        .href
        .rsplit_once(':')
        .filter(|(_, verb)| !verb.contains('/'))
        .map_or(link.href.as_str(), |(node, _)| node);
    let now = api.get(node).await;
    let now = (now.status == 200).then(|| now.body["data"].clone());
    let kind = match (link.action.as_str(), link.rel.as_str()) {
        ("PATCH", _) => "application/merge-patch+json",
        (_, "import") => "application/x-ndjson",
        _ => "application/json",
    };
    let method = Method::from_bytes(link.action.as_bytes()).expect("a method's name");
    let mut request = api.request(method, &format!("{}{query}", link.href));
    if let Some(body) = body(api, link, now.as_ref()).await {
        request = request.text(kind, body.to_string());
    }
    let answer = request.await;
    let is_held = if link.href.contains("/sites/") { "FailedPrecondition" } else { "HasChildren" };
    let is_held = link.action == "DELETE" && answer.status == 409 && answer.reason() == is_held;
    assert!(answer.status < 300 || is_held, "{link:?} was refused\n{answer}");
}

on_every_store! {
    async fn r007_links_reach_every_resource_of_the_sample_tree(api: Registry) {
        let (seen, _) = walk(&api).await;
        let paths: BTreeSet<_> = seen.keys().map(|href| href.split('?').next().unwrap_or_default().to_owned()).collect();
        for kind in api.column_of_all("device-types", "url").await {
            let kind = kind.as_str().expect("a URL is a text").to_owned();
            let mut expected = vec![kind.clone(), format!("{kind}/state-machine"), format!("{kind}/attributes"), format!("{kind}/devices"), format!("{kind}/changes")];
            for child in ["attributes", "devices", "changes"] {
                let urls = api.column_of_all(&format!("{kind}/{child}"), "url").await;
                expected.extend(urls.iter().filter_map(Json::as_str).map(str::to_owned));
            }
            for device in api.column_of_all(&format!("{kind}/devices"), "url").await {
                let device = device.as_str().expect("a URL is a text");
                expected.extend([format!("{device}/state"), format!("{device}/changes")]);
            }
            for url in expected {
                assert!(paths.contains(&url), "no link leads to {url}");
            }
        }
    }

    async fn r007_every_shown_action_passes_its_dry_run(api: Registry) {
        let (_, found) = walk(&api).await;
        let actions: Vec<_> = found.iter().filter(|link| link.action != "GET").collect();
        for action in ["POST", "PUT", "PATCH", "DELETE"] {
            assert!(actions.iter().any(|link| link.action == action), "no link shows {action}");
        }
        for link in actions {
            works(&api, link, "?$validate=true").await;
        }
    }

    async fn r007_every_shown_action_works(api: Registry) {
        for modes in [&["On"][..], &["On", "Ring"], &["Off"]] {
            let device = api.device().await;
            for mode in modes {
                let _ = api.patch(&format!("{device}/state"), json!({"mode": mode})).await.assert_status(200);
            }
        }
        let (_, found) = walk(&api).await;
        let of_action = |wanted: &[&str]| {
            let mut links: Vec<_> = found.iter().filter(|link| wanted.contains(&link.action.as_str())).cloned().collect();
            links.sort_by_key(|link| std::cmp::Reverse(link.href.len()));
            links
        };
        for link in of_action(&["PUT", "PATCH"]) {
            works(&api, &link, "").await;
        }
        for link in of_action(&["POST"]) {
            // An earlier verb may have moved the state, which takes this link away.
            let node = link.href.rsplit_once(':').filter(|(_, verb)| !verb.contains('/')).map(|(node, _)| node);
            let is_shown = match node {
                Some(node) => links(&api.get(node).await).contains(&link),
                None => true,
            };
            if is_shown {
                works(&api, &link, "").await;
            }
        }
        for link in of_action(&["DELETE"]) {
            works(&api, &link, "").await;
        }
    }

    async fn r171_r092_every_listed_format_is_accepted_or_produced(api: Registry) {
        let (seen, found) = walk(&api).await;
        for link in found.iter().filter(|link| seen.len() < 2_000 || link.href.len() % 7 == 0) {
            for format in &link.formats {
                let answer = match link.action.as_str() {
                    "GET" if link.rel == "service-desc" || link.rel == "service-doc" => continue,
                    "GET" => {
                        let answer = api.get(&link.href).header("accept", format).await;
                        let media = answer.header("content-type").split(';').next();
                        assert_eq!(media, Some(format.as_str()), "{link:?}");
                        answer
                    }
                    "PATCH" => {
                        let body = if format.contains("json-patch") { "[]" } else { "{}" };
                        api.request(Method::PATCH, &format!("{}?$validate=true", link.href)).text(format, body).await
                    }
                    "PUT" => {
                        let values = api.values(&link.href).await;
                        api.request(Method::PUT, &format!("{}?$validate=true", link.href)).text(format, values.to_string()).await
                    }
                    action => {
                        let node = link.href.rsplit_once(':').filter(|(_, verb)| !verb.contains('/')).map_or(link.href.as_str(), |(node, _)| node);
                        let now = api.get(node).await.body["data"].clone();
                        let body = body(&api, link, Some(&now)).await.unwrap_or_else(|| json!({}));
                        let method = Method::from_bytes(action.as_bytes()).expect("a method's name");
                        api.request(method, &format!("{}?$validate=true", link.href)).text(format, body.to_string()).await
                    }
                };
                assert!(answer.status < 300, "{link:?} as {format}\n{answer}");
            }
        }
    }
}
