//! What a team's own tests get from `rest_standard::testing`.

use std::process::Command;

use rest_standard::{
    command::Service,
    prelude::Date,
    resource,
    testing::{TestService, Value, json},
};
use rest_standard_tests::{
    Stored, Workshop,
    workshop::{self, Lamp, Reading, Site},
};

#[tokio::test]
async fn a_client_and_a_router_keep_the_folder_of_their_service() {
    let client = TestService::sqlite(workshop::service()).await.client();
    let made = client.post("/api/v1/ledgers", json!({"id": "one", "title": "One"})).await.assert_status(201);
    assert_eq!(made.values()["title"], Value::from("One"));
    let router = TestService::sqlite(workshop::service()).await.router();
    let client = rest_standard::testing::TestClient::new(router);
    client.post("/api/v1/ledgers", json!({"id": "one", "title": "One"})).await.assert_status(201);
}

#[tokio::test]
async fn fails_for_a_reason() {
    let api = Workshop::start(Stored::Memory).await;
    let shelf = api.shelf().await;
    api.post(&format!("{shelf}:fail"), json!(null)).await.assert_status(500);
}

#[test]
fn the_cause_of_a_500_is_in_the_tests_output() {
    let this = std::env::current_exe().expect("a test has a path");
    let output = Command::new(this)
        .args(["--exact", "testing::fails_for_a_reason", "--nocapture"])
        .output()
        .expect("a test can be run");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert!(text.contains("SELECT secret FROM vault"), "{text}");
}

/// What the panic of a service that does not start says.
async fn refused(service: Service) -> String {
    let panic = tokio::spawn(TestService::memory(service)).await.expect_err("the service does not start");
    panic.into_panic().downcast_ref::<String>().expect("the panic has a text").clone()
}

#[tokio::test]
async fn a_start_that_is_refused_names_each_mistake_once() {
    let twice = Service::new("workshop").version("v1", |api| {
        api.resource::<Site>().resource::<Reading>().resource::<Reading>().resource::<Lamp>()
    });
    assert_eq!(
        refused(twice).await,
        "the service does not start: `Reading` is registered twice\n\
         `Lamp` has the parent `Shelf`, which is not registered; add `.resource::<Shelf>()`"
    );
}

/// A resource whose examples break what it declares.
#[resource(collection = "exhibits")]
pub(crate) struct Exhibit {
    /// Where it hangs.
    #[field(pattern = "[A-Z]-[0-9]+", example = "somewhere")]
    pub place: String,
    /// How high.
    #[field(range = 0..=3, example = 2 + 2)]
    pub height: i64,
    /// What only the service knows.
    #[field(input_only, length = 2.., example = "x".to_owned())]
    pub code: String,
    /// What is right.
    #[field(range = 0..=3, example = 3)]
    pub width: Option<i64>,
    /// When it was made.
    #[field(example = "2026-13-01")]
    pub made: Option<Date>,
    /// When it was lent.
    #[field(default = ["2026-11-21", "yesterday"])]
    pub lent: Vec<Date>,
}

#[tokio::test]
async fn an_example_that_breaks_its_declaration_stops_the_start() {
    let service = Service::new("museum").version("v1", |api| api.resource::<Exhibit>());
    assert_eq!(
        refused(service).await,
        "the service does not start: `Exhibit.place`: its own example breaks its declaration: must match the pattern `[A-Z]-[0-9]+`\n\
         `Exhibit.height`: its own example breaks its declaration: must be between 0 and 3, got 4\n\
         `Exhibit.code`: its own example breaks its declaration: must have at least 2 characters, got 1\n\
         `Exhibit.made`: its own example must be a date, such as `2026-11-21`, got `2026-13-01`\n\
         `Exhibit.lent`: its own default must be a date, such as `2026-11-21`, got `yesterday`"
    );
}
