//! The generated service as it is written by hand: axum handlers, serde structs and checks, a map as the store.
//!
//! It does less than a rest-standard service does (no database, links, paging by cursor, conditional requests or request
//! ids), so that the comparison errs on its side.

use std::fmt::Write as _;

use super::names;

/// The dependencies of the hand-written service.
pub(super) fn manifest() -> String {
    "[dependencies]\naxum = \"0.8\"\nserde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\
     tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }\n\
     uuid = { version = \"1\", features = [\"serde\", \"v7\"] }\n"
        .to_owned()
}

/// A whole service with as many resources.
pub(super) fn source(resources: usize) -> String {
    let mut source = PRELUDE.to_owned();
    let mut list = String::new();
    for (name, collection) in names(resources) {
        let module = collection.replace('-', "_");
        source +=
            &RESOURCE.replace("MODULE", &module).replace("COLLECTION", &collection).replace("NAME", &name);
        // Writing to a string cannot fail.
        let _ = write!(list, "\n        .merge({module}::router())");
    }
    source + &MAIN.replace("LIST", &list)
}

const PRELUDE: &str = r#"use axum::{Json, Router, http::StatusCode, response::{IntoResponse, Response}};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct Fault {
    pub pointer: &'static str,
    pub detail: String,
}

pub enum Error {
    NotFound,
    Invalid(Vec<Fault>),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Error::NotFound => (StatusCode::NOT_FOUND, Json(serde_json::json!({ "error": "not found" }))).into_response(),
            Error::Invalid(errors) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Json(serde_json::json!({ "errors": errors }))).into_response()
            }
        }
    }
}

#[derive(Deserialize)]
pub struct Page {
    #[serde(default)]
    pub offset: usize,
    #[serde(default = "page_size")]
    pub limit: usize,
}

fn page_size() -> usize {
    50
}

#[derive(Serialize)]
pub struct List<T> {
    pub total_count: usize,
    pub values: Vec<T>,
}
"#;

const RESOURCE: &str = r#"
pub mod MODULE {
    use std::{collections::BTreeMap, sync::{Arc, Mutex}};

    use axum::{Json, Router, extract::{Path, Query, State}, http::StatusCode, routing::get};
    use serde::{Deserialize, Serialize};
    use uuid::Uuid;

    use crate::{Error, Fault, List, Page};

    #[derive(Clone, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct NAME {
        pub id: Uuid,
        #[serde(flatten)]
        pub input: Input,
    }

    #[derive(Clone, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    pub struct Input {
        pub display_name: String,
        pub owner: String,
        #[serde(default = "volume")]
        pub volume: i64,
        pub serial_number: String,
        #[serde(default)]
        pub enabled: bool,
        #[serde(default)]
        pub tags: Vec<String>,
        pub note: Option<String>,
        #[serde(default)]
        pub charge: f64,
        #[serde(default)]
        pub starts: u32,
        pub room: Option<String>,
    }

    fn volume() -> i64 {
        5
    }

    impl Input {
        fn check(&self) -> Result<(), Error> {
            let mut faults = Vec::new();
            for (pointer, text) in [("/displayName", &self.display_name), ("/owner", &self.owner), ("/serialNumber", &self.serial_number)] {
                if text.is_empty() || text.chars().count() > 64 {
                    faults.push(Fault { pointer, detail: format!("must have 1 to 64 characters, got {}", text.chars().count()) });
                }
            }
            if !(0..=10).contains(&self.volume) {
                faults.push(Fault { pointer: "/volume", detail: format!("must be between 0 and 10, got {}", self.volume) });
            }
            if !(0.0..=1.0).contains(&self.charge) {
                faults.push(Fault { pointer: "/charge", detail: format!("must be between 0 and 1, got {}", self.charge) });
            }
            if self.tags.len() > 20 {
                faults.push(Fault { pointer: "/tags", detail: format!("must have at most 20 elements, got {}", self.tags.len()) });
            }
            if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
        }
    }

    type Store = Arc<Mutex<BTreeMap<Uuid, NAME>>>;

    async fn list(State(store): State<Store>, Query(page): Query<Page>) -> Json<List<NAME>> {
        let store = store.lock().unwrap();
        let values = store.values().skip(page.offset).take(page.limit).cloned().collect();
        Json(List { total_count: store.len(), values })
    }

    async fn create(State(store): State<Store>, Json(input): Json<Input>) -> Result<(StatusCode, Json<NAME>), Error> {
        input.check()?;
        let created = NAME { id: Uuid::now_v7(), input };
        store.lock().unwrap().insert(created.id, created.clone());
        Ok((StatusCode::CREATED, Json(created)))
    }

    async fn read(State(store): State<Store>, Path(id): Path<Uuid>) -> Result<Json<NAME>, Error> {
        store.lock().unwrap().get(&id).cloned().map(Json).ok_or(Error::NotFound)
    }

    async fn update(State(store): State<Store>, Path(id): Path<Uuid>, Json(input): Json<Input>) -> Result<Json<NAME>, Error> {
        input.check()?;
        let mut store = store.lock().unwrap();
        let stored = store.get_mut(&id).ok_or(Error::NotFound)?;
        stored.input = input;
        Ok(Json(stored.clone()))
    }

    async fn delete(State(store): State<Store>, Path(id): Path<Uuid>) -> Result<StatusCode, Error> {
        store.lock().unwrap().remove(&id).map(|_| StatusCode::NO_CONTENT).ok_or(Error::NotFound)
    }

    pub fn router() -> Router {
        Router::new()
            .route("/api/v1/COLLECTION", get(list).post(create))
            .route("/api/v1/COLLECTION/{id}", get(read).put(update).delete(delete))
            .with_state(Store::default())
    }
}
"#;

const MAIN: &str = r#"
#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new()LIST;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, router).await
}
"#;
