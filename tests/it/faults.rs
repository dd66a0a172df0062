//! Every point of the write path fails once in turn: nothing is half done, and the same request again is done once.
//!
//! A request is first counted: how often does it ask the store? Then, for each of these calls and each way to fail, it is
//! sent to a service of its own whose store fails there, and again when the store is well.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use http::Method;
use rest_standard::{
    descriptor::BoxFuture,
    error::{Error, Reason, Result},
    store::{Conflict, memory::MemoryStore},
    testing::{TestClient, TestRequest, TestResponse, TestService},
};
use rest_standard_conformance::{Call, Layer, Layered};
use serde_json::{Value as Json, json};

/// How a call of the store fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// Before anything is done, as a lost connection does.
    Before,
    /// After all of it is done: the answer is lost.
    After,
    /// The store breaks, before anything is done.
    Broken,
    /// A commit meets another one.
    Conflict,
}

const FAILURES: [Failure; 4] = [Failure::Before, Failure::After, Failure::Broken, Failure::Conflict];

#[derive(Debug, Default)]
struct Plan {
    /// The calls since the plan was made.
    calls: Vec<Call>,
    /// Which of them fails, and how.
    fault: Option<(usize, Failure)>,
}

/// Counts the calls of a store, and lets one of them fail.
#[derive(Debug, Default)]
struct Faults(Mutex<Plan>);

impl Faults {
    fn plan(&self, fault: Option<(usize, Failure)>) -> Vec<Call> {
        let mut plan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *plan, Plan { calls: Vec::new(), fault }).calls
    }

    /// Whether the call that is under way fails in one of these ways.
    fn fails(&self, ways: &[Failure]) -> Option<Failure> {
        let plan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plan.fault
            .filter(|(at, failure)| at + 1 == plan.calls.len() && ways.contains(failure))
            .map(|(_, failure)| failure)
    }
}

fn away() -> Error {
    Error::new(Reason::Unavailable, "The database cannot be reached.")
}

impl Layer for Faults {
    fn before(&self, call: Call) -> BoxFuture<'_, Result<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).calls.push(call);
        let failure = self.fails(&[Failure::Before, Failure::Broken]);
        Box::pin(async move {
            match failure {
                Some(Failure::Before) => Err(away()),
                Some(_) => Err(Error::internal("the store was told to fail")),
                None => Ok(()),
            }
        })
    }

    fn after(&self, _: Call) -> BoxFuture<'_, Result<()>> {
        let failure = self.fails(&[Failure::After]);
        Box::pin(async move { failure.map_or(Ok(()), |_| Err(away())) })
    }

    fn conflict(&self) -> Option<Conflict> {
        self.fails(&[Failure::Conflict]).map(|_| Conflict::Stale)
    }
}

/// A request under test, with what must be there before it.
struct Case {
    name: &'static str,
    method: Method,
    path: &'static str,
    body: Json,
    success: u16,
}

fn case(name: &'static str, method: Method, path: &'static str, body: Json, success: u16) -> Case {
    Case { name, method, path, body, success }
}

const DEVICE: &str = "/api/v1/device-types/alarm/devices/00000000-0000-7000-8000-000000000001";
const STATE: &str =
    "/api/v1/device-types/alarm/devices/00000000-0000-7000-8000-000000000001/state:transition";

fn device(serial: &str) -> Json {
    json!({"displayName": "New", "owner": "ada", "serialNumber": serial, "site": "home"})
}

struct Service {
    store: Arc<Layered<Faults>>,
    service: TestService,
    client: TestClient,
}

impl Service {
    /// A registry with a few resources, whose store is well.
    async fn start() -> Self {
        let store = Arc::new(Layered::new(Faults::default(), Arc::new(MemoryStore::new())));
        let service = TestService::with(device_registry::service(), store.clone()).await;
        let client = service.client();
        let given = [
            ("/api/v1/sites", json!({"id": "home", "displayName": "Home"})),
            ("/api/v1/device-types", json!({"id": "alarm", "displayName": "Alarm", "category": "Alarm"})),
            ("/api/v1/device-types", json!({"id": "empty", "displayName": "Empty", "category": "Alarm"})),
        ];
        for (path, body) in given {
            let _ = client.post(path, body).await.assert_status(201);
        }
        for (id, serial) in [(1, "S-1"), (2, "S-2")] {
            let body = json!({
                "id": format!("00000000-0000-7000-8000-00000000000{id}"),
                "displayName": "Hall", "owner": "ada", "serialNumber": serial, "site": "home",
            });
            let _ = client.post("/api/v1/device-types/alarm/devices", body).await.assert_status(201);
        }
        let _ = store.layer.plan(None);
        Self { store, service, client }
    }

    fn request(&self, case: &Case) -> TestRequest {
        let request = self.client.request(case.method.clone(), case.path).header("request-id", "once");
        if case.path.ends_with(":import") {
            let lines = "{\"id\": \"mill\", \"displayName\": \"Mill\"}\n{\"id\": \"barn\", \"displayName\": \"Barn\"}\n";
            return request.text("application/x-ndjson", lines);
        }
        if case.body.is_null() { request } else { request.body(&case.body) }
    }

    /// How often each resource is there, by what the client chose of it.
    async fn left(&self) -> BTreeMap<String, Vec<String>> {
        let mut left = BTreeMap::new();
        for (list, members) in [
            ("sites", ["id", "displayName"]),
            ("device-types?$showDeleted=true", ["id", "deletedAt"]),
            ("device-types/alarm/devices", ["serialNumber", "volume"]),
            ("device-types/alarm/changes", ["method", "requestId"]),
            ("device-types/empty/changes", ["method", "requestId"]),
            (
                "device-types/alarm/devices/00000000-0000-7000-8000-000000000001/changes",
                ["method", "requestId"],
            ),
        ] {
            let answer = self.client.get(&format!("/api/v1/{list}")).unchecked().await;
            let empty = Vec::new();
            let elements = answer.body["data"]["values"].as_array().unwrap_or(&empty);
            let mut found: Vec<String> = elements
                .iter()
                .map(|element| {
                    members
                        .map(|member| match &element[member] {
                            // Ids that the service drew differ.
                            Json::String(text) if member == "requestId" && text != "once" => {
                                "another".to_owned()
                            }
                            Json::String(_) if member == "deletedAt" => "deleted".to_owned(),
                            value => value.to_string(),
                        })
                        .join(" ")
                })
                .collect();
            found.sort();
            left.insert(list.to_owned(), found);
        }
        left
    }
}

/// Whether an answer says that sending the request again helps, or is the one that a well store gives.
fn assert_honest(answer: &TestResponse, case: &Case, at: usize, failure: Failure) {
    let info = &answer.body["status"]["additionalInfo"];
    let is_fault = answer.status >= 500;
    assert!(answer.status == case.success || is_fault, "{}, call {at}, {failure:?}: {answer}", case.name);
    if is_fault && failure != Failure::Broken {
        assert_eq!(info["retry"], json!(true), "{}, call {at}, {failure:?}: {answer}", case.name);
    }
}

/// Lets each call of the store fail in turn, in each way.
async fn torture(case: Case) {
    let well = Service::start().await;
    let before = well.left().await;
    let _ = well.store.layer.plan(None);
    let answer = well.request(&case).await;
    assert_eq!(answer.status, case.success, "{}: {answer}", case.name);
    let calls = well.store.layer.plan(None);
    assert!(calls.contains(&Call::Commit) || case.success >= 400, "{}: {calls:?}", case.name);
    let after = well.left().await;
    well.service.close().await;

    for (at, call) in calls.iter().enumerate() {
        for failure in FAILURES {
            if failure == Failure::Conflict && *call != Call::Commit {
                continue;
            }
            let tortured = Service::start().await;
            let _ = tortured.store.layer.plan(Some((at, failure)));
            let first = tortured.request(&case).await;
            assert_honest(&first, &case, at, failure);
            let _ = tortured.store.layer.plan(None);
            let left = tortured.left().await;
            assert!(
                left == before || left == after,
                "{}, {:?} ({at}), {failure:?}: half of it is done: {left:#?}",
                case.name,
                call
            );
            let again = tortured.request(&case).await;
            assert_eq!(again.status, case.success, "{}, {:?} ({at}), {failure:?}: {again}", case.name, call);
            assert_eq!(tortured.left().await, after, "{}, {:?} ({at}), {failure:?}", case.name, call);
            tortured.service.close().await;
        }
    }
}

macro_rules! each {
    ($($name:ident: $method:ident $path:expr, $body:expr => $status:literal;)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            torture(case(stringify!($name), Method::$method, $path, $body, $status)).await;
        })*
    };
}

each! {
    a_create: POST "/api/v1/device-types/alarm/devices", device("S-9") => 201;
    an_update: PATCH DEVICE, json!({"volume": 3}) => 200;
    an_update_to_a_taken_value: PATCH DEVICE, json!({"serialNumber": "S-2"}) => 422;
    a_delete: DELETE DEVICE, Json::Null => 200;
    a_delete_that_marks: DELETE "/api/v1/device-types/empty", Json::Null => 200;
    a_delete_of_what_is_referred_to: DELETE "/api/v1/sites/home", Json::Null => 409;
    a_custom_method: POST STATE, json!({"to": "On"}) => 200;
    a_batch: POST "/api/v1/device-types/alarm/devices:batchCreate",
        json!({"items": [device("S-7"), device("S-8")]}) => 200;
    an_import: POST "/api/v1/sites:import", Json::Null => 200;
}
