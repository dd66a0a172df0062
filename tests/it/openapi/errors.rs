//! Every operation of the registry with every error that the document declares for it.

use std::{sync::Arc, time::Duration};

use device_registry::SampleOptions;
use rest_standard::{
    service::Limits,
    testing::{TestService, json},
};
use rest_standard_tests::faulty::{Faulty, Mood, faulty};

use super::{Document, Operation};

/// The registry on a store that can fail, with limits that are reached soon.
async fn registry() -> (TestService, Arc<Faulty>) {
    let store = faulty(Mood::Well);
    let limits = Limits {
        body: 16 << 10,
        uri: 2 << 10,
        time: Duration::from_millis(150),
        body_time: Duration::from_millis(20),
        export_time: Duration::from_millis(150),
        ..Limits::default()
    };
    let service = device_registry::service().limits(limits).state(SampleOptions { no_sample_data: true });
    let service = TestService::with(service, store.clone()).await;
    (service, store)
}

/// Makes what the examples name, where it is not there: deletes delete it.
async fn complete(service: &TestService) {
    let site = json!({"id": "harbour-street", "displayName": "Harbour Street 12"});
    let _ = service.client().post("/api/v1/sites", site).await;
    let house_alarm = json!({"id": "house-alarm", "displayName": "House alarm"});
    let _ = service.client().post("/api/v1/device-types", house_alarm).await;
    let attribute = json!({"id": "sound-level", "displayName": "Sound level", "isRequired": true});
    let device = json!({
        "id": "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4", "displayName": "Front door", "owner": "jaykmr", "serialNumber": "HA-0001"
    });
    for (collection, body) in [("attributes", attribute), ("devices", device)] {
        let _ = service.client().post(&format!("/api/v1/device-types/house-alarm/{collection}"), body).await;
    }
}

#[tokio::test]
async fn r001_every_operation_refuses_as_it_declares() {
    let (service, store) = registry().await;
    let client = service.client();
    let document = Document::of(&client).await;
    let mut driven = 0;
    for operation in document.operations() {
        for status in operation.statuses(false) {
            complete(&service).await;
            let got = provoke(&service, &store, &operation, status).await;
            assert_eq!(got, status, "{} was to be refused with {status}", operation.id);
            driven += 1;
        }
    }
    assert!(driven > 300, "{driven} refusals were driven");
}

/// Calls the operation so that it is refused with `status`; gives the status that came.
async fn provoke(service: &TestService, store: &Arc<Faulty>, operation: &Operation, status: u16) -> u16 {
    let client = service.client();
    let path = operation.path.as_str();
    let with_query = |query: &str| format!("{path}?{query}");
    let request = operation.request(&client);
    let response = match status {
        400 => operation.request_at(&client, &with_query("nonsense=1")).await,
        403 => request.header("origin", "https://evil.example").await,
        404 if ["/api/v1/device-types:batchCreate", "/api/v1/sites:batchCreate"].contains(&path) => {
            unreachable!("it needs nothing to be there")
        }
        404 if path.starts_with("/api/v1/device-types:") || path.starts_with("/api/v1/sites:") => {
            let (media, body) = operation.body().expect("a batch has a body");
            let body =
                body.to_string().replace("house-alarm", "nowhere").replace("harbour-street", "nowhere");
            client.request(operation.method.clone(), path).text(media, body).await
        }
        404 => {
            let nowhere = path.replace("house-alarm", "nowhere").replace("harbour-street", "nowhere");
            operation.request_at(&client, &nowhere).await
        }
        406 => request.header("accept", "image/png").await,
        408 => request.unfinished().await,
        409 => return in_progress(service, store, operation).await,
        412 if operation.is("batchUpdate") || operation.is("batchDelete") => {
            let (media, body) = operation.body().expect("a batch has a body");
            let mut body = body.clone();
            body["items"][0]["etag"] = json!("\"0000000000000000\"");
            client.request(operation.method.clone(), path).text(media, body.to_string()).await
        }
        412 => request.header("if-match", "\"0000000000000000\"").await,
        413 => {
            let body = json!({"displayName": "x".repeat(20 << 10)}).to_string();
            let media = operation.body().map_or("application/json", |(media, _)| media);
            request.text(media, body).await
        }
        414 => operation.request_at(&client, &with_query(&format!("nonsense={}", "x".repeat(3 << 10)))).await,
        415 => request.text("text/plain", "hello").await,
        421 => request.header("host", "evil.example").await,
        422 if operation.is("batchGet") => client.post(path, json!({"ids": 7})).await,
        422 => return reused(service, operation).await,
        500 => with_mood(store, Mood::Failing, request).await,
        503 if operation.id == "readEntryPoint" => {
            let (ending, _) = registry().await;
            ending.listen().await.shut_down().await;
            operation.request(&ending.client()).await
        }
        503 => with_mood(store, Mood::Away, request).await,
        504 => with_mood(store, Mood::Hanging, request).await,
        other => panic!("nothing is known to bring a {other}"),
    };
    assert_eq!(response.status, status, "{} was to be refused with {status}\n{response}", operation.id);
    response.status
}

async fn with_mood(
    store: &Arc<Faulty>,
    mood: Mood,
    request: rest_standard::testing::TestRequest,
) -> rest_standard::testing::TestResponse {
    store.layer.set(mood);
    let response = request.await;
    store.layer.set(Mood::Well);
    response
}

/// Sends the call a second time while the first still runs; where the first is refused at once, by a conflict as well.
async fn in_progress(service: &TestService, store: &Arc<Faulty>, operation: &Operation) -> u16 {
    store.layer.set(Mood::Slow(Duration::from_millis(300)));
    let id = format!("twice-{}", operation.id);
    let client = service.client();
    let first = operation.request(&client).header("request-id", &id);
    let second = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        operation.request(&client).header("request-id", &id).await
    };
    let (_, second) = tokio::join!(first.send(), second);
    store.layer.set(Mood::Well);
    // The first one's commit is not called off; what comes next must not meet it.
    tokio::time::sleep(Duration::from_millis(300)).await;
    second.status
}

/// Sends the call with a request id that was used for another one.
async fn reused(service: &TestService, operation: &Operation) -> u16 {
    let client = service.client();
    let id = format!("used-{}", operation.id);
    let other = json!({"id": format!("other-{}", operation.id.to_lowercase()), "displayName": "Other"});
    let _ = client.post("/api/v1/device-types", other).header("request-id", &id).await.assert_status(201);
    let answer = operation.request(&client).header("request-id", &id).await;
    let _ = answer.assert_refused(422, "RequestIdReused");
    answer.status
}

/// The declared reasons of an operation's refusals with this status.
fn reasons(document: &Document, id: &str, status: u16) -> Vec<String> {
    let operation = document.operations().into_iter().find(|operation| operation.id == id);
    let operation = operation.unwrap_or_else(|| panic!("there is no {id}"));
    let declared = document.resolve(&operation.declared["responses"][status.to_string()]);
    let reasons = declared["x-reasons"].as_array().expect("a refusal has reasons");
    let reasons: Vec<_> = reasons.iter().map(|reason| reason.as_str().expect("a text").to_owned()).collect();
    for reason in &reasons {
        let text = declared["description"].as_str().expect("a refusal is described");
        assert!(text.contains(&format!("`{reason}`")), "{text}");
    }
    let example = &declared["content"]["application/json"]["example"]["status"]["additionalInfo"]["reason"];
    assert!(reasons.iter().any(|reason| reason == example), "{example} is none of {reasons:?}");
    reasons
}

#[tokio::test]
async fn r133_each_operation_names_exactly_its_reasons() {
    let (service, _) = registry().await;
    let registry = Document::of(&service.client()).await;
    let workshop = TestService::memory(rest_standard_tests::workshop::service()).await;
    let workshop = Document::of(&workshop.client()).await;
    for (document, id, status, expected) in [
        (&registry, "createDeviceType", 409, "AlreadyExists RequestInProgress Aborted"),
        (&registry, "undeleteDeviceType", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&registry, "createDevice", 409, "AlreadyExists FailedPrecondition RequestInProgress Aborted"),
        // A serial number is fixed once the device was created.
        (&registry, "updateDevice", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&registry, "updateDeviceType", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&registry, "patchDeviceType", 409, "FailedPrecondition RequestInProgress Aborted"),
        // With `$force=true` the rules of devices are asked.
        (&registry, "deleteDeviceType", 409, "FailedPrecondition HasChildren RequestInProgress Aborted"),
        // Devices refer to sites.
        (&registry, "deleteSite", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&registry, "batchDeleteSites", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&registry, "createSite", 409, "AlreadyExists RequestInProgress Aborted"),
        (&registry, "deleteAttribute", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&registry, "updateDeviceState", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&registry, "ringDeviceState", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&registry, "deleteAttribute", 422, "RequestIdReused"),
        (&registry, "ringDeviceState", 422, "InvalidValue RequestIdReused"),
        // The rule of the states that a new device has may refuse; what is read in a batch is waited for by nobody.
        (&registry, "batchCreateDevices", 409, "AlreadyExists FailedPrecondition RequestInProgress Aborted"),
        // One that is marked as deleted takes no change.
        (&registry, "batchUpdateDeviceTypes", 409, "FailedPrecondition RequestInProgress Aborted"),
        (
            &registry,
            "batchDeleteDeviceTypes",
            409,
            "FailedPrecondition HasChildren RequestInProgress Aborted",
        ),
        (&registry, "batchGetDevices", 422, "InvalidValue"),
        (&registry, "batchUpdateDevices", 422, "InvalidValue RequestIdReused"),
        (&workshop, "batchDeleteNotices", 428, "PreconditionRequired"),
        (&registry, "readDevice", 400, "MalformedRequest UnknownParameter InvalidParameter InvalidRequestId"),
        (
            &registry,
            "patchDevice",
            400,
            "MalformedRequest UnknownParameter InvalidParameter UnknownField InvalidRequestId",
        ),
        // Its id is an integer of the service's, and none of its fields is unique.
        (&workshop, "createSite", 409, "RequestInProgress Aborted"),
        (&workshop, "updateShelf", 409, "AlreadyExists RequestInProgress Aborted"),
        (&workshop, "deleteLedger", 409, "FailedPrecondition RequestInProgress Aborted"),
        (&workshop, "inspectShelf", 409, "FailedPrecondition Aborted"),
    ] {
        assert_eq!(reasons(document, id, status).join(" "), expected, "{id}");
    }
}
