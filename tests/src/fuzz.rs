//! What made-up input is thrown at: the [`TARGETS`], which the folder `fuzz` feeds without end and a test with what is kept.
//!
//! Whatever the bytes, no target may panic, no answer may be a 5xx, the cost of a filter stays bounded, and both stores answer
//! the same.

use std::sync::Arc;

use http::{Method, Uri};
use rest_standard::{
    prelude::Resource as _,
    store::{
        Store,
        memory::MemoryStore,
        sqlite::{SqliteOptions, SqliteStore},
    },
    testing::{TestRequest, TestResponse, TestService, fuzzing},
};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use crate::{ROOT, column, without, workshop};

/// What is done with made-up bytes.
pub type Target = fn(&World, &[u8]);

/// The targets by their names.
pub const TARGETS: [(&str, Target); 7] = [
    ("filter", World::filter),
    ("order", World::order),
    ("select", World::select),
    ("search", World::search),
    ("cursor", World::cursor),
    ("address", World::address),
    ("body", World::body),
];

/// The most tests of a value that a filter of 64 terms makes for a row.
const MOST_TESTS: usize = 2 * 64;
/// How deep a filter goes: 32 parentheses, with a conjunction, a disjunction and a negation in each.
const DEEPEST: usize = 3 * 33 + 2;

/// How deep a body may nest, as the service has it.
const BODY_DEPTH: usize = 64;

/// The orders that cursors are tried with: one of each kind of value, and one over several columns.
const ORDERS: [&str; 8] = [
    "",
    "displayName",
    "load desc",
    "inspectedAt",
    "kind desc",
    "capacity,openedOn desc",
    "floors",
    "id desc",
];

/// The requests that bodies are sent with.
const REQUESTS: [(&str, &str, &str); 9] = [
    ("POST", "sites", "application/json"),
    ("PUT", "sites/1", "application/json"),
    ("PATCH", "sites/1", "application/merge-patch+json"),
    ("PATCH", "sites/1", "application/json-patch+json"),
    ("POST", "sites:batchCreate", "application/json"),
    ("POST", "sites:batchUpdate", "application/json"),
    ("POST", "sites:batchGet", "application/json"),
    ("POST", "sites:batchDelete", "application/json"),
    ("PATCH", "settings", "application/merge-patch+json"),
];

/// One service on each store, with the same rows.
#[derive(Debug)]
pub struct World {
    runtime: Runtime,
    services: [(TestService, [u8; 32]); 2],
    /// Whether answers are held to the contract, which takes longer than to make them.
    is_checked: bool,
    _folder: tempfile::TempDir,
}

impl World {
    /// Starts the services; `is_checked` says whether each answer is held to the contract.
    ///
    /// # Panics
    ///
    /// When they do not start.
    #[must_use]
    pub fn start(is_checked: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be built");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let options = SqliteOptions::new(folder.path().join("fuzz.db"));
        let sqlite = SqliteStore::open(options, "workshop").expect("the file is new");
        let services = runtime
            .block_on(async { [filled(Arc::new(MemoryStore::new())).await, filled(Arc::new(sqlite)).await] });
        Self { runtime, services, is_checked, _folder: folder }
    }

    fn send(&self, request: TestRequest) -> TestResponse {
        let request = if self.is_checked { request } else { request.unchecked() };
        let answer = self.runtime.block_on(request.send());
        assert!(answer.status < 500, "{answer}");
        answer
    }

    /// The answers of both services to one request.
    fn both(&self, request: impl Fn(&TestService) -> TestRequest) -> [TestResponse; 2] {
        let answers = self.services.each_ref().map(|(service, _)| self.send(request(service)));
        assert_eq!(answers[0].status, answers[1].status, "{}\n{}", answers[0], answers[1]);
        answers
    }

    /// The same elements in the same order, or the same faults.
    fn same_page(&self, path: &str) -> [TestResponse; 2] {
        let answers = self.both(|service| service.get(path));
        let of = |answer: &TestResponse| match answer.status {
            200 => (column(answer, "id"), answer.meta()["totalCount"].clone()),
            _ => (answer.errors().to_vec(), Json::Null),
        };
        assert_eq!(of(&answers[0]), of(&answers[1]), "{path}");
        answers
    }

    fn asked(query: &str) -> fuzzing::Asked {
        let asked = fuzzing::list(workshop::Site::DESCRIPTOR, query);
        assert!(asked.longest_detail <= 400, "{asked:?}");
        assert!(asked.tests <= MOST_TESTS && asked.depth <= DEEPEST, "{asked:?}");
        // Each condition that is no test has more than one below it, or is a negation.
        assert!(asked.conditions <= 4 * MOST_TESTS + DEEPEST, "{asked:?}");
        asked
    }

    fn filter(&self, data: &[u8]) {
        let text = String::from_utf8_lossy(data);
        let query = encoded("$filter", &text);
        let asked = Self::asked(&query);
        assert!(asked.position <= text.chars().count(), "{asked:?}");
        if asked.faults == 0 || self.is_checked {
            let _ = self.same_page(&format!("{ROOT}/sites?{query}"));
        }
    }

    fn order(&self, data: &[u8]) {
        let query = encoded("$orderBy", &String::from_utf8_lossy(data));
        if Self::asked(&query).faults > 0 && !self.is_checked {
            return;
        }
        let mut offset = 0;
        let mut pages = self.same_page(&format!("{ROOT}/sites?{query}&$limit=2"));
        // By cursor as by offset, to the end.
        while let [Some(one), Some(other)] = pages.each_ref().map(|page| {
            let next = if page.status == 200 { page.meta()["cursorNextLink"].as_str() } else { None };
            next.map(str::to_owned)
        }) {
            offset += 2;
            let by_offset = self.same_page(&format!("{ROOT}/sites?{query}&$limit=2&$offset={offset}"));
            pages = [(0, one), (1, other)].map(|(at, next)| self.send(self.services[at].0.get(&next)));
            for page in &pages {
                assert_eq!(page.status, 200, "{page}");
                assert_eq!(column(page, "id"), column(&by_offset[0], "id"), "{page}");
            }
        }
    }

    fn select(&self, data: &[u8]) {
        let query = encoded("$select", &String::from_utf8_lossy(data));
        if Self::asked(&query).faults > 0 && !self.is_checked {
            return;
        }
        let volatile = ["createdAt", "updatedAt", "etag"];
        for path in ["sites/1", "sites?$limit=3&"] {
            let path = format!("{ROOT}/{path}{}{query}", if path.contains('?') { "" } else { "?" });
            let answers =
                self.both(|service| service.get(&path)).map(|answer| match &answer.body["data"]["values"] {
                    Json::Array(elements) => {
                        elements.iter().map(|element| without(element, &volatile)).collect()
                    }
                    Json::Object(_) => vec![without(answer.values(), &volatile)],
                    _ => answer.errors().to_vec(),
                });
            assert_eq!(answers[0], answers[1], "{path}");
        }
    }

    fn search(&self, data: &[u8]) {
        let query = encoded("$search", &String::from_utf8_lossy(data));
        let asked = Self::asked(&query);
        assert_eq!(asked.faults == 0, (1..=16).contains(&asked.words.len()), "{asked:?}");
        for word in &asked.words {
            assert!(!word.is_empty() && word.chars().all(char::is_alphanumeric), "{asked:?}");
        }
        if asked.words.iter().map(|word| word.chars().count() + 1).sum::<usize>() <= 256 && asked.faults == 0
        {
            let again =
                fuzzing::list(workshop::Site::DESCRIPTOR, &encoded("$search", &asked.words.join(" ")));
            assert_eq!(again.words, asked.words, "folded words fold to themselves");
        }
        for list in ["sites", "catalogs", "catalogs/bolts/drawings"] {
            let _ = self.same_page(&format!("{ROOT}/{list}?{query}"));
        }
    }

    /// The first byte chooses the order; the rest is the payload behind a true signature, and then a token as it is.
    fn cursor(&self, data: &[u8]) {
        let Some((first, payload)) = data.split_first() else { return };
        let order = ORDERS[usize::from(*first) % ORDERS.len()];
        let sorted =
            if order.is_empty() { String::new() } else { format!("{}&", encoded("$orderBy", order)) };
        let answers = self.services.each_ref().map(|(service, secret)| {
            let token = fuzzing::cursor(secret, workshop::Site::DESCRIPTOR, "sites", order, payload);
            self.send(service.get(&format!("{ROOT}/sites?{sorted}$cursor={token}")))
        });
        let of = |answer: &TestResponse| match answer.status {
            200 => column(answer, "id"),
            _ => answer.errors().to_vec(),
        };
        assert_eq!(of(&answers[0]), of(&answers[1]), "{}\n{}", answers[0], answers[1]);
        let token = encoded("$cursor", &String::from_utf8_lossy(payload));
        for answer in self.both(|service| service.get(&format!("{ROOT}/sites?{sorted}{token}"))) {
            assert_eq!(answer.status, 400, "{answer}");
        }
    }

    /// A path, and a query for what reads. Whatever writes is a dry run, so that the rows stay.
    fn address(&self, data: &[u8]) {
        let text = String::from_utf8_lossy(data);
        let target = if text.starts_with('/') { text.into_owned() } else { format!("{ROOT}/{text}") };
        if target.contains("://") || Uri::try_from(&target).is_err() {
            return;
        }
        for method in [Method::GET, Method::OPTIONS] {
            let _ = self.both(|service| service.client().request(method.clone(), &target));
        }
        let path = target.split(['?', '#']).next().unwrap_or_default();
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let dry = format!("{path}?$validate=true");
            let _ = self.both(|service| {
                let request = service.client().request(method.clone(), &dry);
                if method == Method::DELETE { request } else { request.body(&json!({"displayName": "x"})) }
            });
        }
    }

    /// The first byte chooses the request, the rest is its body. It is a dry run.
    fn body(&self, data: &[u8]) {
        let Some((first, body)) = data.split_first() else { return };
        if let Some(canonical) = fuzzing::canonical(body, BODY_DEPTH) {
            let again = fuzzing::canonical(&canonical, BODY_DEPTH);
            assert_eq!(again.as_deref(), Some(&*canonical), "the canonical form is its own");
        }
        let (method, path, media_type) = REQUESTS[usize::from(*first) % REQUESTS.len()];
        let path = format!("{ROOT}/{path}?$validate=true");
        let answers = self.both(|service| {
            let method = method.parse().expect("a method");
            service.client().request(method, &path).text(media_type, body.to_vec())
        });
        let faults =
            answers.map(|answer| if answer.status < 300 { Vec::new() } else { answer.errors().to_vec() });
        assert_eq!(faults[0], faults[1]);
    }
}

fn encoded(name: &str, value: &str) -> String {
    // A client's encoder has no need of `form_urlencoded`: every byte may be escaped.
    value.bytes().fold(format!("{name}="), |mut query, byte| {
        if byte.is_ascii_alphanumeric() {
            query.push(char::from(byte));
        } else {
            query.push_str(&format!("%{byte:02X}"));
        }
        query
    })
}

/// The workshop on a store, with rows that have something different in every field, and the key of its cursors.
async fn filled(store: Arc<dyn Store>) -> (TestService, [u8; 32]) {
    let service = TestService::with(workshop::service(), Arc::clone(&store)).await;
    let made = async |path: &str, body: Json| {
        let _ = service.client().post(&format!("{ROOT}/{path}"), body).await.assert_status(201);
    };
    for site in [
        json!({"displayName": "Émile's lamp", "kind": "Factory", "capacity": "-5", "load": 0.9, "floors": 9, "isOpen": false,
               "openedOn": "2026-11-21", "sections": [1, 2], "labels": {"env": "prod", "a b": "x"},
               "address": {"street": "Main Street 1", "latitude": 52.5, "doors": [{"label": "front", "storey": 0}, {"label": "roof", "storey": 9}]}}),
        json!({"displayName": "STRASSE b", "kind": "Store", "capacity": "9007199254740993", "load": 0.1, "floors": 10, "mark": "ABC",
               "sections": [2], "labels": {"env": "test"}, "limit": 3, "address": {"street": "Side \"Alley\"", "doors": []}}),
        json!({"displayName": "c*", "capacity": "10", "load": 0.5, "inspectedAt": "2026-11-21T10:11:12.5Z", "ref": "say \"hi\" ½ ﬁn"}),
        json!({"displayName": "Ä b", "kind": "Store", "capacity": "9", "load": 0.1, "floors": 100,
               "ownerId": "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4", "ref": "null"}),
        json!({"displayName": "\u{10FFFF}", "capacity": "0", "load": 0.0, "inspectedAt": "2026-11-21T12:00:00Z", "ref": "C:\\temp हिन्दी"}),
    ] {
        made("sites", site).await;
    }
    for (id, title) in [("bolts", "All bolts"), ("nuts", "Νύξ nuts")] {
        made("catalogs", json!({"id": id, "title": title})).await;
        made(&format!("catalogs/{id}/drawings"), json!({"id": "one", "title": format!("{title}, one")}))
            .await;
    }
    let _ = service.client().delete(&format!("{ROOT}/catalogs/nuts?$force=true")).await.assert_status(200);
    let secret = store.secret().await.expect("it was started");
    (service, secret)
}
