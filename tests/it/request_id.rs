//! Request ids, and doing things once.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use http::Method;
use rest_standard::{
    descriptor::BoxFuture,
    error::Result,
    store::{Store, memory::MemoryStore},
    testing::{TestClient, TestRequest, TestService},
};
use rest_standard_conformance::{Call, Layer, Layered};
use rest_standard_tests::{Registry, Stored, Workshop, is_long, on_every_store};
use serde_json::{Value as Json, json};

/// Whether an answer is marked as replayed.
fn is_replayed(answer: &rest_standard::testing::TestResponse) -> bool {
    answer.find_header("idempotency-replayed") == Some("true")
}

on_every_store! {
    async fn r079_a_request_without_an_id_gets_one(api: Registry) {
        let mut ids = BTreeSet::new();
        for _ in 0..20 {
            let answer = api.get("device-types").await.assert_status(200);
            let id = answer.header("request-id").to_owned();
            assert!(id.len() == 32 && id.chars().all(|char| matches!(char, '0'..='9' | 'a'..='f')), "{id}");
            ids.insert(id);
        }
        assert_eq!(ids.len(), 20);
    }

    async fn r079_r150_a_valid_id_of_the_client_is_used(api: Registry) {
        for id in ["a", "A-b_9", &"x".repeat(64), "0", "-", "_"] {
            for (name, value) in [("request-id", id), ("idempotency-key", id)] {
                let answer = api.get("device-types").header(name, value).await.assert_status(200);
                assert_eq!(answer.header("request-id"), id);
            }
            let answer = api.get(&format!("device-types?$requestID={id}")).await.assert_status(200);
            assert_eq!(answer.header("request-id"), id);
        }
    }

    async fn r080_bodies_are_compared_as_canonical_json(api: Registry) {
        let device = api.device().await;
        let send = |body: &str| {
            api.request(Method::PATCH, &device).text("application/json", body.to_owned()).header("request-id", "canonical")
        };
        let _ = send(r#"{"volume": 2, "displayName": "é"}"#).await.assert_status(200);
        for same in [r#"{"displayName":"\u00e9","volume":2.0}"#, r#"{"displayName": "é", "volume": 2e0}"#, r#"{"volume":20e-1,"displayName":"é"}"#] {
            assert!(is_replayed(&send(same).await.assert_status(200)), "{same}");
        }
        for other in [r#"{"volume": 2.5, "displayName": "é"}"#, r#"{"volume": "2", "displayName": "é"}"#, r#"{"volume": 2}"#] {
            send(other).await.assert_refused(422, "RequestIdReused");
        }
    }

    async fn r080_a_broken_body_does_not_repeat_a_request_without_one(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        let _ = api.patch(&state, json!({"mode": "On"})).await.assert_status(200);
        let ring = || api.call(&format!("{state}:ring")).header("request-id", "ring-once");
        let _ = ring().await.assert_status(200);
        let broken = api.request(Method::POST, &format!("{state}:ring")).text("application/json", "{bad").header("request-id", "ring-once");
        broken.await.assert_refused(422, "RequestIdReused");
        assert!(is_replayed(&ring().await.assert_status(200)));
    }

    async fn r082_the_effective_id_is_in_the_envelope(api: Registry) {
        let answer = api.get("nothing").header("request-id", "mine").await;
        assert_eq!((&answer.body["request"]["id"], answer.header("request-id")), (&json!("mine"), "mine"));
        let answer = api.get("nothing").await;
        assert_eq!(answer.body["request"]["id"], answer.header("request-id"));
    }

    async fn r147_r151_every_response_has_both_ids(api: Registry) {
        let mut own = BTreeSet::new();
        for path in ["", "device-types", "nothing", "/nothing", "/ping", "device-types/UPPER", "device-types?$x=1"] {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE] {
                let answer = api.request(method, path).header("request-id", "same").await;
                assert_eq!(answer.header("request-id"), "same");
                own.insert(answer.header("server-request-id").to_owned());
            }
        }
        assert_eq!(own.len(), 28);
    }

    async fn r152_a_malformed_id_is_refused_and_never_echoed(api: Registry) {
        for bad in ["semi;colon", "sp ace", &"y".repeat(65), "<script>", "quote\"", "a/b", "dot.ted"] {
            for name in ["request-id", "idempotency-key"] {
                let answer = api.get("device-types").header(name, bad).await;
                answer.assert_refused(400, "InvalidRequestId");
                assert!(!answer.text.contains(bad) && answer.header("request-id") != bad, "{answer}");
            }
        }
        for bad in ["semi;colon", "dot.ted", "sp%20ace", "%3Cscript%3E", "", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"] {
            let answer = api.get(&format!("device-types?$requestID={bad}")).await;
            answer.assert_refused(400, "InvalidRequestId");
            assert!(bad.is_empty() || !answer.text.contains(bad), "{answer}");
            assert!(answer.body["request"]["queryString"].as_str().is_some_and(|query| query.contains("[redacted]")));
        }
        let empty = api.get("device-types").header("request-id", "").await;
        empty.assert_refused(400, "InvalidRequestId");
    }

    async fn a_malformed_id_changes_nothing(api: Registry) {
        let answer = api.post("device-types", json!({"id": "siren", "displayName": "S"})).header("request-id", "a b").await;
        answer.assert_refused(400, "InvalidRequestId");
        let _ = api.get("device-types/siren").await.assert_refused(404, "NotFound");
    }

    async fn two_ids_that_differ_are_refused(api: Registry) {
        for (header, parameter) in [("idempotency-key", ""), ("request-id", "?$requestID=three")] {
            let request = api.get(&format!("device-types{parameter}")).header("request-id", "one");
            let answer = request.header(header, "two").await;
            answer.assert_refused(400, "InvalidRequestId");
        }
        let same = api.get("device-types?$requestID=one").header("request-id", "one").header("idempotency-key", "one").await;
        assert_eq!(same.assert_status(200).header("request-id"), "one");
        let repeated = api.get("device-types").header("request-id", "one").repeat_header("request-id", "two").await;
        assert_eq!(repeated.status, 400);
    }

    async fn r080_the_same_post_again_is_answered_from_memory(api: Registry) {
        let kind = api.kind("siren").await;
        let devices = format!("{kind}/devices");
        let body = api.device_body();
        let first = api.post(&devices, body.clone()).header("request-id", "once").await.assert_status(201);
        let again = api.post(&devices, body).header("request-id", "once").await.assert_status(201);
        assert!(!is_replayed(&first) && is_replayed(&again));
        assert_eq!(first.body["data"], again.body["data"]);
        assert_eq!((first.header("location"), first.header("etag")), (again.header("location"), again.header("etag")));
        assert_eq!(api.count(&devices).await, 1);
        assert_ne!(first.header("server-request-id"), again.header("server-request-id"));
    }

    async fn r080_every_writing_method_happens_once(api: Registry) {
        let device = api.device().await;
        let first = api.patch(&device, json!({"volume": 1})).header("request-id", "p1").await.assert_status(200);
        let _ = api.patch(&device, json!({"volume": 2})).await.assert_status(200);
        let again = api.patch(&device, json!({"volume": 1})).header("request-id", "p1").await.assert_status(200);
        assert!(is_replayed(&again) && first.body["data"] == again.body["data"]);
        assert_eq!(api.values(&device).await["volume"], 2);

        let state = format!("{device}/state:transition");
        let _ = api.post(&state, json!({"to": "On"})).header("request-id", "t1").await.assert_status(200);
        let again = api.post(&state, json!({"to": "On"})).header("request-id", "t1").await.assert_status(200);
        assert!(is_replayed(&again));

        let _ = api.delete(&device).header("request-id", "d1").await.assert_status(200);
        let again = api.delete(&device).header("request-id", "d1").await.assert_status(200);
        assert!(is_replayed(&again) && *again.values() == json!({}));
    }

    async fn a_put_is_replayed_too(api: Workshop) {
        let site = api.site().await;
        let body = json!({"displayName": "B", "code": "B1"});
        let path = format!("{site}/shelves/b");
        let first = api.put(&path, body.clone()).header("request-id", "u1").await.assert_status(201);
        let again = api.put(&path, body).header("request-id", "u1").await.assert_status(201);
        assert!(is_replayed(&again) && again.header("location") == first.header("location"));
    }

    async fn another_content_under_a_used_id_is_refused(api: Registry) {
        let device = api.device().await;
        let _ = api.patch(&device, json!({"volume": 1})).header("request-id", "used").await.assert_status(200);
        let answers = [
            api.patch(&device, json!({"volume": 2})).header("request-id", "used").await,
            api.put(&device, json!({"volume": 1})).header("request-id", "used").await,
            api.patch(&format!("{device}?$format=json"), json!({"volume": 1})).header("request-id", "used").await,
            api.delete(&device).header("request-id", "used").await,
            api.post("device-types", json!({"id": "x", "displayName": "X"})).header("idempotency-key", "used").await,
        ];
        for answer in answers {
            let _ = answer.assert_refused(422, "RequestIdReused");
        }
        assert_eq!(api.values(&device).await["volume"], 1);
    }

    async fn bodies_are_compared_as_canonical_json(api: Registry) {
        let kind = api.kind("siren").await;
        let devices = format!("{kind}/devices");
        let one = r#"{"displayName":"H\u0061ll","owner":"ada","serialNumber":"S","volume":1}"#;
        let two = r#" { "volume" : 1, "serialNumber":"S", "owner":"ada","displayName":"Hall" } "#;
        let _ = api.request(Method::POST, &devices).text("application/json", one).header("request-id", "c").await.assert_status(201);
        let again = api.request(Method::POST, &devices).text("application/json", two).header("request-id", "c").await;
        assert!(is_replayed(&again.assert_status(201)));
    }

    async fn other_headers_do_not_count(api: Registry) {
        let device = api.device().await;
        let etag = api.values(&device).await["etag"].as_str().expect("a text").to_owned();
        let _ = api.patch(&device, json!({"volume": 1})).header("request-id", "h").header("if-match", &etag).await.assert_status(200);
        let again = api.patch(&device, json!({"volume": 1})).header("request-id", "h").header("if-match", &etag).header("accept", "*/*").await;
        assert!(is_replayed(&again.assert_status(200)));
    }

    async fn the_aliases_name_the_same_request(api: Registry) {
        let device = api.device().await;
        let _ = api.patch(&device, json!({"volume": 1})).header("request-id", "alias").await.assert_status(200);
        let again = api.patch(&device, json!({"volume": 1})).header("idempotency-key", "alias").await.assert_status(200);
        assert!(is_replayed(&again));
    }

    async fn a_refused_request_may_be_sent_again(api: Registry) {
        let body = json!({"id": "siren", "displayName": ""});
        let _ = api.post("device-types", body).header("request-id", "r").await.assert_status(422);
        let body = json!({"id": "siren", "displayName": "Siren"});
        let made = api.post("device-types", body).header("request-id", "r").await.assert_status(201);
        assert!(!is_replayed(&made));
    }

    async fn a_request_refused_for_the_state_may_be_sent_again(api: Registry) {
        let device = api.device().await;
        let state = format!("{device}/state");
        let _ = api.call(&format!("{state}:silence")).header("request-id", "s").await.assert_status(409);
        for mode in ["On", "Ring"] {
            let _ = api.patch(&state, json!({"mode": mode})).await.assert_status(200);
        }
        let answer = api.call(&format!("{state}:silence")).header("request-id", "s").await.assert_status(200);
        assert!(!is_replayed(&answer));
    }

    async fn a_dry_run_uses_no_id(api: Registry) {
        let body = json!({"id": "siren", "displayName": "Siren"});
        let _ = api.post("device-types?$validate=true", body.clone()).header("request-id", "dry").await.assert_status(201);
        let again = api.post("device-types?$validate=true", body.clone()).header("request-id", "dry").await.assert_status(201);
        let real = api.post("device-types", body).header("request-id", "dry").await.assert_status(201);
        assert!(!is_replayed(&again) && !is_replayed(&real));
    }

    async fn a_read_uses_no_id(api: Registry) {
        let device = api.device().await;
        for volume in [1, 2] {
            let _ = api.patch(&device, json!({"volume": volume})).await.assert_status(200);
            let answer = api.get(&device).header("request-id", "read").await.assert_status(200);
            assert_eq!((answer.values()["volume"].as_i64(), is_replayed(&answer)), (Some(volume), false));
        }
    }

    async fn a_read_only_verb_uses_no_id(api: Workshop) {
        let shelf = api.shelf().await;
        for stock in [0, 4] {
            let answer = api.call(&format!("{shelf}:inspect")).header("request-id", "look").await.assert_status(200);
            assert_eq!((answer.values()["foundStock"].as_i64(), is_replayed(&answer)), (Some(stock), false));
            let _ = api.post(&format!("{shelf}:fill"), json!({"amount": 4})).await.assert_status(200);
        }
    }

    async fn an_update_that_changed_nothing_is_recorded_too(api: Registry) {
        let device = api.device().await;
        let first = api.patch(&device, json!({})).header("request-id", "noop").await.assert_status(200);
        let _ = api.patch(&device, json!({"volume": 1})).await.assert_status(200);
        let again = api.patch(&device, json!({})).header("request-id", "noop").await.assert_status(200);
        assert!(is_replayed(&again) && again.body["data"] == first.body["data"]);
        let _ = api.patch(&device, json!({"volume": 2})).header("request-id", "noop").await.assert_refused(422, "RequestIdReused");
    }

    async fn hrefs_are_replayed_as_first_answered(api: Registry) {
        let kind = api.kind("siren").await;
        let body = api.device_body();
        let devices = format!("{kind}/devices");
        let first = api.post(&devices, body.clone()).header("request-id", "host").await.assert_status(201);
        let again = api.post(&devices, body).header("request-id", "host").header("host", "127.0.0.1:99").await.assert_status(201);
        assert_eq!((first.body["data"].clone(), is_replayed(&again)), (again.body["data"].clone(), true));
    }

    async fn a_typed_answer_is_replayed_too(api: Workshop) {
        let shelf = api.shelf().await;
        let _ = api.post(&format!("{shelf}:fill"), json!({"amount": 4})).await.assert_status(200);
        let first = api.call(&format!("{shelf}:clear")).header("request-id", "clear").await.assert_status(200);
        let again = api.call(&format!("{shelf}:clear")).header("request-id", "clear").await.assert_status(200);
        assert_eq!((first.values(), is_replayed(&again)), (again.values(), true));
        assert_eq!(*first.values(), json!({"foundStock": 4, "isComplete": true}));
    }

    async fn sending_again_after_a_500_is_safe(api: Workshop) {
        let shelf = api.shelf().await;
        for _ in 0..2 {
            let answer = api.call(&format!("{shelf}:explode")).header("request-id", "boom").await;
            answer.assert_refused(500, "Internal");
            assert!(!is_replayed(&answer));
        }
        assert_eq!(api.values(&shelf).await["stock"], 0);
    }
}

/// Eight requests with one id at the same time, on real threads.
async fn eight_at_once(stored: Stored, rounds: usize) {
    let api = Registry::start(stored).await;
    let kind = api.kind("crowd").await;
    let devices = format!("/api/v1/{kind}/devices");
    for round in 0..rounds {
        let id = format!("round-{round}");
        let body = json!({"displayName": "One", "owner": "ada", "serialNumber": format!("R-{round}")});
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (client, path, body, id) =
                    (api.client().clone(), devices.clone(), body.clone(), id.clone());
                tokio::spawn(async move { client.post(&path, body).header("request-id", &id).await })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("no request panics").assert_status(201));
        }
        let data: BTreeSet<_> = answers.iter().map(|answer| answer.body["data"].to_string()).collect();
        let replayed = answers.iter().filter(|answer| is_replayed(answer)).count();
        assert_eq!((data.len(), replayed), (1, 7), "round {round}");
        let heads: BTreeSet<_> =
            answers.iter().map(|answer| (answer.header("location"), answer.header("etag"))).collect();
        assert_eq!(heads.len(), 1, "round {round}");
    }
    assert_eq!(api.count(&devices).await, rounds as u64);
}

fn rounds() -> usize {
    if is_long() { 1_000 } else { 30 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r080_eight_concurrent_posts_create_one_resource_in_memory() {
    eight_at_once(Stored::Memory, rounds()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r080_eight_concurrent_posts_create_one_resource_on_sqlite() {
    eight_at_once(Stored::Sqlite, rounds()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r080_eight_concurrent_posts_create_one_resource_on_postgres() {
    eight_at_once(Stored::Postgres, rounds()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r080_a_second_request_waits_for_the_first() {
    for stored in Stored::all() {
        let api = Workshop::start(stored).await;
        let shelf = api.shelf().await;
        let path = format!("/api/v1/{shelf}:dawdle");
        let call = || {
            let (client, path) = (api.client().clone(), path.clone());
            tokio::spawn(
                async move { client.request(Method::POST, &path).header("request-id", "slow").await },
            )
        };
        let (first, second) = (call(), call());
        let answers = [first.await.expect("an answer"), second.await.expect("an answer")];
        assert!(answers.iter().all(|answer| answer.status == 200));
        assert_eq!(answers.iter().filter(|answer| is_replayed(answer)).count(), 1);
        assert_eq!(answers[0].body["data"], answers[1].body["data"]);
        assert_eq!(api.values(&shelf).await["stock"], 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_request_whose_time_runs_out_is_told_so() {
    for stored in Stored::all() {
        let limit = std::time::Duration::from_millis(400);
        let api = Workshop::with(stored, |service| service.request_timeout(limit)).await;
        let shelf = api.shelf().await;
        let path = format!("/api/v1/{shelf}:crawl");
        let call = || {
            let (client, path) = (api.client().clone(), path.clone());
            tokio::spawn(
                async move { client.request(Method::POST, &path).header("request-id", "slow").await },
            )
        };
        let first = call();
        let second = call();
        let mut statuses = [first.await.expect("an answer"), second.await.expect("an answer")]
            .map(|answer| (answer.status, answer.reason().to_owned()));
        statuses.sort();
        assert_eq!(statuses, [(409, "RequestInProgress".to_owned()), (504, "Timeout".to_owned())]);
    }
}

/// Writers of one resource at the same time: every write counts, none is lost.
async fn many_writers(stored: Stored) {
    let api = Workshop::start(stored).await;
    let shelf = api.shelf().await;
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (client, path) = (api.client().clone(), format!("/api/v1/{shelf}:fill"));
            tokio::spawn(async move { client.post(&path, json!({"amount": 1})).await.status })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        let status = task.await.expect("no request panics");
        assert!([200, 409].contains(&status), "{status}");
        done += i64::from(status == 200);
    }
    assert_eq!(api.values(&shelf).await["stock"].as_i64(), Some(done));
    let entries = api.column(&format!("{shelf}/changes?$limit=1000"), "id").await;
    assert_eq!(entries.len() as i64, done + 1);
    assert_eq!(entries.iter().map(Json::to_string).collect::<BTreeSet<_>>().len(), entries.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_write_is_lost_under_contention() {
    for stored in Stored::all() {
        many_writers(stored).await;
    }
}

/// Does something when a service first reads a row, which is after it has looked for the request id.
struct Meanwhile(Mutex<Option<TestRequest>>);

impl Layer for Meanwhile {
    fn before(&self, call: Call) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let request = match call {
                Call::Read => self.0.lock().unwrap_or_else(PoisonError::into_inner).take(),
                _ => None,
            };
            if let Some(request) = request {
                let _ = request.await.assert_status(200);
            }
            Ok(())
        })
    }
}

/// Two replicas on one store: the second looks for the id before the first has committed, and plans after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r080_what_another_replica_did_meanwhile_is_replayed_and_not_refused() {
    let rows: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let first = TestService::with(device_registry::service(), rows.clone()).await.client();
    let meanwhile = Arc::new(Layered::new(Meanwhile(Mutex::default()), rows));
    let second = TestService::with(device_registry::service(), meanwhile.clone()).await.client();
    for (id, method, body) in
        [("delete", Method::DELETE, Json::Null), ("patch", Method::PATCH, json!({"displayName": "Changed"}))]
    {
        let path = format!("/api/v1/device-types/{id}");
        let made = first
            .post("/api/v1/device-types", json!({"id": id, "displayName": "New"}))
            .await
            .assert_status(201);
        let etag = made.header("etag").to_owned();
        let send = |client: &TestClient| {
            let request =
                client.request(method.clone(), &path).header("request-id", id).header("if-match", &etag);
            if body.is_null() { request } else { request.body(&body) }
        };
        *meanwhile.layer.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(send(&first));
        let answer = send(&second).await.assert_status(200);
        assert!(is_replayed(&answer), "{answer}");
    }
}
