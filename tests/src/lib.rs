//! What the tests share: the two services that they ask, on either store, and the macro that runs a test on both.
//!
//! [`Registry`] is the device registry of the examples. [`Workshop`] is declared here and has what the registry lacks.
//! Addresses without a leading slash are relative to the API's entry point.

use std::sync::atomic::{AtomicU32, Ordering};

use http::Method;
use rest_standard::{
    command::Service,
    testing::{TestClient, TestRequest, TestResponse, TestService},
};
use serde_json::{Value as Json, json};

use self::postgres::Database;

/// A service under test as a type of its own: `start` on an empty store, `with` other settings.
macro_rules! under_test {
    ($(#[$doc:meta])* $name:ident, $service:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name($crate::Api);

        impl std::ops::Deref for $name {
            type Target = $crate::Api;
            fn deref(&self) -> &$crate::Api {
                &self.0
            }
        }

        impl $name {
            /// Starts the service on an empty store.
            pub async fn start(stored: $crate::Stored) -> Self {
                Self::with(stored, |service| service).await
            }

            /// Starts the service with other settings.
            pub async fn with(
                stored: $crate::Stored,
                settings: impl FnOnce(rest_standard::command::Service) -> rest_standard::command::Service,
            ) -> Self {
                Self(stored.start(settings($service)).await)
            }
        }
    };
}

pub mod depot;
pub mod faulty;
pub mod fleet;
pub mod fuzz;
pub mod lamps;
pub mod postgres;
pub mod proxy;
pub mod rows;
pub mod shop;
pub mod workshop;

// README and the chapters of the book as doc tests; `build.rs` lists them.
include!(concat!(env!("OUT_DIR"), "/book.rs"));

/// Where the API's entry point is.
pub const ROOT: &str = "/api/v1";

/// Whether the long proofs run: `REST_STANDARD_LONG=1`.
#[must_use]
pub fn is_long() -> bool {
    std::env::var_os("REST_STANDARD_LONG").is_some_and(|value| value == "1")
}

/// Declares tests that run once on each store.
///
/// ```text
/// on_every_store! {
///     async fn r058_an_empty_list_is_an_empty_array(api: Registry) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_every_store {
    ($($(#[$attribute:meta])* async fn $name:ident($api:ident: $service:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$attribute])*
            async fn holds($api: $service) $body

            #[tokio::test]
            async fn on_memory() {
                holds($service::start($crate::Stored::Memory).await).await;
            }

            #[tokio::test]
            async fn on_sqlite() {
                holds($service::start($crate::Stored::Sqlite).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                holds($service::start($crate::Stored::Postgres).await).await;
            }
        }
    )*};
}

/// The store that a service keeps its resources in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// In the process's memory.
    Memory,
    /// In an SQLite file.
    Sqlite,
    /// In a Postgres database.
    Postgres,
}

impl Stored {
    /// All of them that this run has.
    #[must_use]
    pub fn all() -> Vec<Self> {
        std::iter::once(Self::Memory).chain(Self::durable()).collect()
    }

    /// Those that outlive their process. A run that leaves Postgres out says so at its end.
    #[must_use]
    pub fn durable() -> Vec<Self> {
        if postgres::is_left_out() { vec![Self::Sqlite] } else { vec![Self::Sqlite, Self::Postgres] }
    }

    /// Starts a service on the store.
    pub async fn start(self, service: Service) -> Api {
        let mut database = None;
        let service = match self {
            Self::Memory => TestService::memory(service).await,
            Self::Sqlite => TestService::sqlite(service).await,
            Self::Postgres => {
                let taken = database.insert(Database::take().await);
                TestService::postgres(service, taken.url()).await
            }
        };
        Api { client: service.client(), service, _database: database, serial: AtomicU32::new(0) }
    }
}

/// A service under test.
#[derive(Debug)]
pub struct Api {
    /// The service.
    pub service: TestService,
    client: TestClient,
    /// Is given back at the end.
    _database: Option<Database>,
    serial: AtomicU32,
}

/// The full path of an address that is relative to the entry point.
#[must_use]
pub fn full(path: &str) -> String {
    match path {
        "" => ROOT.to_owned(),
        path if path.starts_with('/') || path.contains("://") => path.to_owned(),
        path if path.starts_with('?') => format!("{ROOT}{path}"),
        path => format!("{ROOT}/{path}"),
    }
}

impl Api {
    /// A client of full paths.
    #[must_use]
    pub fn client(&self) -> &TestClient {
        &self.client
    }

    /// Any request.
    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        self.client.request(method, &full(path))
    }

    /// A GET.
    pub fn get(&self, path: &str) -> TestRequest {
        self.client.get(&full(path))
    }

    /// A POST with a JSON body.
    pub fn post(&self, path: &str, body: Json) -> TestRequest {
        self.client.post(&full(path), body)
    }

    /// A POST without a body, as custom methods without input take.
    pub fn call(&self, path: &str) -> TestRequest {
        self.request(Method::POST, path)
    }

    /// A PUT with a JSON body.
    pub fn put(&self, path: &str, body: Json) -> TestRequest {
        self.client.put(&full(path), body)
    }

    /// A PATCH with a merge patch.
    pub fn patch(&self, path: &str, body: Json) -> TestRequest {
        self.client.patch(&full(path), body)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> TestRequest {
        self.client.delete(&full(path))
    }

    /// A number that this service's test has not had before.
    pub fn serial(&self) -> u32 {
        self.serial.fetch_add(1, Ordering::SeqCst)
    }

    /// The values of a resource that must be there.
    pub async fn values(&self, path: &str) -> Json {
        self.get(path).await.assert_status(200).values().clone()
    }

    /// How many elements a list has.
    pub async fn count(&self, path: &str) -> u64 {
        let answer = self.get(&format!("{path}?$count=true&$limit=0")).await.assert_status(200);
        answer.meta()["totalCount"].as_u64().expect("a list has a total count")
    }

    /// One field of every element of a list, in the list's order.
    pub async fn column(&self, path: &str, field: &str) -> Vec<Json> {
        column(&self.get(path).await.assert_status(200), field)
    }

    /// Follows the next links from `path` and gives one field of all elements.
    pub async fn column_of_all(&self, path: &str, field: &str) -> Vec<Json> {
        let mut all = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(page) = next {
            let answer = self.get(&page).await.assert_status(200);
            all.extend(column(&answer, field));
            next = answer.meta()["cursorNextLink"].as_str().map(str::to_owned);
            assert!(all.len() < 100_000, "the next links of {path} never end");
        }
        all
    }
}

under_test! {
    /// The device registry.
    Registry, device_registry::service()
}

impl Registry {
    /// Makes a device type and gives its path.
    pub async fn kind(&self, id: &str) -> String {
        let body = json!({"id": id, "displayName": format!("Type {id}"), "category": "Alarm"});
        let _ = self.post("device-types", body).await.assert_status(201);
        format!("device-types/{id}")
    }

    /// The body of a device with a serial number of its own.
    pub fn device_body(&self) -> Json {
        json!({"displayName": "Hall", "owner": "ada", "serialNumber": format!("S-{:04}", self.serial())})
    }

    /// Makes a device below the type at `kind`, with some fields set otherwise, and gives its path.
    pub async fn device_with(&self, kind: &str, fields: Json) -> String {
        let mut body = self.device_body();
        merge(&mut body, fields);
        let made = self.post(&format!("{kind}/devices"), body).await.assert_status(201);
        format!("{kind}/devices/{}", made.values()["id"].as_str().expect("an id is a text"))
    }

    /// Makes a device of a new type and gives its path.
    pub async fn device(&self) -> String {
        let kind = self.kind(&format!("kind-{}", self.serial())).await;
        self.device_with(&kind, json!({})).await
    }

    /// Makes a type with devices of these display names.
    pub async fn devices_named(&self, names: &[&str]) -> String {
        let kind = self.kind(&format!("kind-{}", self.serial())).await;
        for name in names {
            let _ = self.device_with(&kind, json!({"displayName": name})).await;
        }
        format!("{kind}/devices")
    }
}

under_test! {
    /// The workshop, which is declared in [`workshop`].
    Workshop, workshop::service()
}

impl Workshop {
    /// The body of a site that has only what is required.
    pub fn site_body(&self) -> Json {
        json!({"displayName": format!("Site {}", self.serial()), "capacity": "10"})
    }

    /// Makes a site with some fields set otherwise, and gives its path.
    pub async fn site_with(&self, fields: Json) -> String {
        let mut body = self.site_body();
        merge(&mut body, fields);
        let made = self.post("sites", body).await.assert_status(201);
        format!("sites/{}", made.values()["id"])
    }

    /// Makes a site and gives its path.
    pub async fn site(&self) -> String {
        self.site_with(json!({})).await
    }

    /// The body of a shelf with a code of its own.
    pub fn shelf_body(&self, id: &str) -> Json {
        json!({"id": id, "displayName": "Upper", "code": format!("C{:04}", self.serial())})
    }

    /// Makes the shelf `a` of a new site and gives its path.
    pub async fn shelf(&self) -> String {
        let site = self.site().await;
        let _ = self.post(&format!("{site}/shelves"), self.shelf_body("a")).await.assert_status(201);
        format!("{site}/shelves/a")
    }
}

/// Sets members of an object.
///
/// # Panics
///
/// When one of the two is not an object.
pub fn merge(body: &mut Json, fields: Json) {
    let (Json::Object(body), Json::Object(fields)) = (body, fields) else { panic!("both must be objects") };
    body.extend(fields);
}

/// An object without some of its members.
#[must_use]
pub fn without(values: &Json, members: &[&str]) -> Json {
    let mut values = values.clone();
    if let Some(object) = values.as_object_mut() {
        object.retain(|name, _| !members.contains(&name.as_str()));
    }
    values
}

/// One field of every element of a list's page.
///
/// # Panics
///
/// When the answer is not a list.
#[must_use]
pub fn column(answer: &TestResponse, field: &str) -> Vec<Json> {
    let elements = answer.values().as_array().unwrap_or_else(|| panic!("not a list\n{answer}"));
    elements.iter().map(|element| element[field].clone()).collect()
}

/// The locators of an error's faults: `pointer /volume`.
#[must_use]
pub fn locators(answer: &TestResponse) -> Vec<String> {
    let locator = |error: &Json| {
        ["pointer", "parameter", "header"]
            .into_iter()
            .find_map(|kind| error[kind].as_str().map(|text| format!("{kind} {text}")))
            .unwrap_or_default()
    };
    let mut locators: Vec<_> = answer.errors().iter().map(locator).collect();
    locators.sort();
    locators
}

/// The `action`s of the links with this `rel`, sorted.
#[must_use]
pub fn actions(links: &Json, rel: &str) -> Vec<String> {
    let links = links.as_array().map_or(&[][..], Vec::as_slice);
    let mut actions: Vec<_> = links
        .iter()
        .filter(|link| link["rel"] == rel)
        .filter_map(|link| link["action"].as_str().map(str::to_owned))
        .collect();
    actions.sort();
    actions
}

/// The methods that an answer's `Allow` names, sorted.
#[must_use]
pub fn allowed(answer: &TestResponse) -> Vec<String> {
    let mut methods: Vec<_> =
        answer.header("allow").split(',').map(|method| method.trim().to_owned()).collect();
    methods.sort();
    methods
}
