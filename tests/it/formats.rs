//! Formats and how one is chosen: the same content in JSON, XML and CSV, by suffix, `$format` or `Accept`.

mod compression;
mod csv;
mod negotiation;
mod selection;
mod xml;

use rest_standard_tests::{Api, Registry, Workshop, full};
use serde_json::{Value as Json, json};

/// A value with everything that a format could get wrong.
const AWKWARD: &str = "a \"b\" 'c' <d/> &amp; ]]> , ;\t\u{e4}\u{1f600} \u{85} =1+1 \\ \r\n\n end ";

/// A site with every kind of field, some awkward.
async fn awkward_site(api: &Workshop) -> String {
    api.site_with(json!({
        "displayName": AWKWARD,
        "kind": "Factory",
        "capacity": "9007199254740993",
        "load": 0.25,
        "floors": 12,
        "openedOn": "2026-11-21",
        "inspectedAt": "2026-11-21T10:00:00.000001Z",
        "photo": "AAH/",
        "address": {"street": "Quay, \"1\"", "latitude": -12.5, "doors": [{"label": "", "storey": -1}, {"label": "<", "storey": 2}]},
        "sections": [3, 1],
        "labels": {"a": "1", "a b": "2", "1": "", "xmlns": "x", "x:y": "\r\n", "item": "i", "entry": "e", "\"<&": "\t"},
        "ref": "",
    }))
    .await
}

/// The addresses of everything that the links of the service lead to, and of some that refuse.
async fn addresses(api: &Api) -> Vec<String> {
    let mut seen: Vec<String> = vec![full("")];
    let mut at = 0;
    while at < seen.len() && seen.len() < 120 {
        let answer = api.get(&seen[at]).await.assert_status(200);
        let mut owners = vec![answer.meta(), answer.values()];
        owners.extend(answer.values().as_array().into_iter().flatten().take(2));
        let links = owners.into_iter().filter_map(|owner| owner["links"].as_array()).flatten();
        for link in links.filter(|link| link["action"] == "GET") {
            let path =
                link["href"].as_str().and_then(|href| href.strip_prefix("http://localhost")).expect("a link");
            if !path.contains("/docs")
                && !path.contains("openapi.json")
                && !seen.iter().any(|other| other == path)
            {
                seen.push(path.to_owned());
            }
        }
        at += 1;
    }
    for path in ["/ping", "/health/live", "/health/ready", "/nothing/here", "/api/v9"] {
        seen.push(path.to_owned());
    }
    for path in [
        "nothing",
        "device-types?$nope=<&>",
        "device-types/UPPER?x=%00%1F",
        "sites/x",
        "sites?$orderBy=\u{ffff}",
    ] {
        seen.push(full(&path.replace('\u{ffff}', "%EF%BF%BF").replace('<', "%3C").replace('>', "%3E")));
    }
    seen
}
