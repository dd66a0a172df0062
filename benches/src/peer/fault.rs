//! Why a request is refused, as the client is told.

use std::fmt::Display;

use axum::http::StatusCode;
use serde::Serialize;

/// A refusal.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) description: &'static str,
    pub(super) info: Info,
}

/// The `additionalInfo` of an error.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Info {
    reason: &'static str,
    retry: bool,
    retry_after_millis: Option<u32>,
    fix_request: bool,
    reauthenticate: bool,
    maintenance: bool,
    contact_support: bool,
    errors: Vec<Entry>,
    notices: [(); 0],
}

/// One fault and where it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(flatten)]
    locator: Locator,
    detail: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Locator {
    Pointer(String),
    Parameter(String),
    Header(&'static str),
}

impl Fault {
    fn new(status: StatusCode, reason: &'static str, description: &'static str) -> Self {
        let retry = status.is_server_error();
        let info = Info {
            reason,
            retry,
            retry_after_millis: retry.then_some(1_000),
            fix_request: status.is_client_error(),
            reauthenticate: false,
            maintenance: false,
            contact_support: status == StatusCode::INTERNAL_SERVER_ERROR,
            errors: Vec::new(),
            notices: [],
        };
        Self { status, description, info }
    }

    fn at(mut self, locator: Locator, detail: impl Display) -> Self {
        self.info.errors.push(Entry { locator, detail: detail.to_string() });
        self
    }

    pub(super) fn malformed(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MalformedRequest", "The request cannot be understood.")
            .at(Locator::Pointer(String::new()), detail)
    }

    pub(super) fn request_id() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequestId", "The request id is not accepted.")
            .at(Locator::Header("Request-ID"), "must be 1 to 64 letters, digits, `-` or `_`")
    }

    pub(super) fn host() -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", "This service is not that host.")
            .at(Locator::Header("Host"), "must be a loopback address")
    }

    pub(super) fn parameter(name: &str, detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidParameter", "A parameter has a value that it cannot have.")
            .at(Locator::Parameter(name.to_owned()), detail)
    }

    pub(super) fn unknown_parameter(name: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "UnknownParameter", "A parameter is not known.")
            .at(Locator::Parameter(name.to_owned()), "is not known here")
    }

    pub(super) fn unknown_field(name: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "UnknownField", "The body has a member that is not known.")
            .at(Locator::Pointer(format!("/{name}")), "is not a field of items")
    }

    pub(super) fn invalid(pointer: &str, detail: impl Display) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "InvalidValue",
            "The body has a value that it cannot have.",
        )
        .at(Locator::Pointer(pointer.to_owned()), detail)
    }

    pub(super) fn media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", "The body has the wrong type.")
            .at(Locator::Header("Content-Type"), "must be a JSON type that this method takes")
    }

    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "ContentTooLarge", "The body is too large.")
    }

    pub(super) fn not_found(description: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", description)
    }

    pub(super) fn no_item() -> Self {
        Self::not_found("There is no item with this id.")
    }

    pub(super) fn exists() -> Self {
        Self::new(StatusCode::CONFLICT, "AlreadyExists", "There is an item with this id already.")
    }

    pub(super) fn precondition_failed() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", "The item has changed.")
    }

    pub(super) fn request_id_reused() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "RequestIdReused", "The id was used for another request.")
            .at(Locator::Header("Request-ID"), "belongs to a request with another content")
    }

    pub(super) fn overloaded() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Unavailable", "The service has too much to do.")
    }

    /// The cause goes to the log alone.
    pub(super) fn internal(cause: impl Display) -> Self {
        eprintln!("internal error: {cause}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal", "The service failed.")
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(error)
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::internal(error)
    }
}

impl From<deadpool_postgres::PoolError> for Fault {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::internal(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<getrandom::Error> for Fault {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(error)
    }
}
