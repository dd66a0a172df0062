//! For tests of services: a temporary service, a client without a socket, and a clock that can be turned.
//!
//! Every response that the client sees is checked against the envelope of the wire contract, and with the feature `contract`
//! against the service's own OpenAPI document, so that a test need not say so. Everything here panics when an expectation fails, with the whole exchange in the message.
//!
//! # Examples
//!
//! ```
//! # use rest_standard::{command::Service, testing::{TestService, json}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = Service::new("greenhouse").version("v1", |api| api);
//! let client = TestService::memory(service).await.client();
//! let answer = client.get("/api/v1").await.assert_status(200);
//! assert!(answer.values()["links"].is_array());
//! client.post("/api/v1", json!({"name": "Bed"})).await.assert_refused(405, "MethodNotAllowed");
//! # }
//! ```

mod client;
mod contract;
mod deterministic;
#[cfg(feature = "contract")]
mod document;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod service;
#[cfg(feature = "contract")]
mod xml;

pub use client::{TestClient, TestRequest, TestResponse};
pub use deterministic::Deterministic;
pub use serde_json::{Value, json};
pub use service::{TestServer, TestService};
