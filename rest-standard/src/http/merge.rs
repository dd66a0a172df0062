//! The author's own axum routes: their answers stay as they are, their bare errors get the envelope.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Body,
    extract::{DefaultBodyLimit, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, StatusCode,
    header::{ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, TRANSFER_ENCODING},
};
use http_body_util::BodyExt as _;

use super::{
    Handler,
    handler::{Connection, plain, respond},
};
use crate::{
    error::{Error, Reason},
    service::Merged,
};

/// How much of a bare error's text goes to the log.
const LOGGED_TEXT: usize = 1 << 10;

/// The author's routes with the API's limits and checks, and with the envelope around every bare error and panic.
pub(super) fn enveloped(routes: axum::Router, handler: Handler) -> axum::Router {
    let limit = handler.api().settings.limits.body;
    routes.layer(DefaultBodyLimit::max(limit)).layer(middleware::from_fn(
        move |request: Request, next: Next| {
            let handler = handler.clone();
            async move { envelope(&handler, request, next).await }
        },
    ))
}

async fn envelope(handler: &Handler, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(error) = handler.check_head(&parts) {
        return handler.refuse(parts, body, error).map(Body::new);
    }
    let (merged, verdict) = Merged::begin(handler.api(), &plain(parts.clone()));
    if let Err(error) = verdict {
        return respond(merged.refuse(error, None), Connection::Keep).map(Body::new);
    }
    let (error, status, headers) = match merged.run(next.run(Request::from_parts(parts, body))).await {
        Ok(response) if !is_bare_error(&response) => {
            merged.answered(response.status());
            return response;
        }
        Ok(mut response) => {
            // The author's status stands, also where the contract has no reason of that status.
            let status = Some(response.status());
            match response.extensions_mut().remove::<Carried>().and_then(|carried| carried.take()) {
                Some(error) => (error, status, response.into_parts().0.headers),
                None => {
                    let (error, headers) = describe(response).await;
                    (error, status, headers)
                }
            }
        }
        Err(error) => (error, None, HeaderMap::new()),
    };
    let mut refusal = respond(merged.refuse(error, status), Connection::Keep).map(Body::new);
    for (name, value) in &headers {
        if !describes_content(name) && !refusal.headers().contains_key(name) {
            refusal.headers_mut().append(name, value.clone());
        }
    }
    refusal
}

/// Whether the response is an error that its author gave no form: no content, or mere text.
fn is_bare_error(response: &Response) -> bool {
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return false;
    }
    let Some(media) = response.headers().get(CONTENT_TYPE) else { return true };
    let media = media.as_bytes();
    [&b"text/plain"[..], b"application/octet-stream"]
        .iter()
        .any(|bare| media.len() >= bare.len() && media[..bare.len()].eq_ignore_ascii_case(bare))
}

/// The contract's error for a bare one. Its text may be a library's or name types, so it goes to the log only.
async fn describe(response: Response) -> (Error, HeaderMap) {
    let (parts, body) = response.into_parts();
    let text = match http_body_util::Limited::new(body, LOGGED_TEXT).collect().await {
        Ok(text) => String::from_utf8_lossy(&text.to_bytes()).into_owned(),
        Err(_) => "a long text".to_owned(),
    };
    let allowed = parts.headers.get(ALLOW).and_then(|allowed| allowed.to_str().ok());
    let error = match (reason(parts.status), allowed) {
        (Reason::NotFound, _) => Error::new(Reason::NotFound, "There is nothing at this address."),
        (Reason::MethodNotAllowed, Some(allowed)) => {
            Error::new(Reason::MethodNotAllowed, format!("This address answers to {allowed} only."))
        }
        (reason, _) => {
            let phrase = parts.status.canonical_reason().unwrap_or("no further explanation");
            Error::new(reason, format!("The request was refused: {phrase}."))
        }
    };
    let error = if text.is_empty() { error } else { error.with_source(format!("{}: {text}", parts.status)) };
    (error, parts.headers)
}

/// The reason for a status; one that the contract does not have counts as the general one of its class (RFC 9110).
fn reason(status: StatusCode) -> Reason {
    match status.as_u16() {
        401 => Reason::Unauthenticated,
        403 => Reason::PermissionDenied,
        404 => Reason::NotFound,
        405 => Reason::MethodNotAllowed,
        406 => Reason::NotAcceptable,
        408 => Reason::RequestTimeout,
        409 => Reason::FailedPrecondition,
        410 => Reason::Gone,
        412 => Reason::PreconditionFailed,
        413 => Reason::ContentTooLarge,
        414 => Reason::UriTooLong,
        415 => Reason::UnsupportedMediaType,
        421 => Reason::MisdirectedRequest,
        422 => Reason::InvalidValue,
        428 => Reason::PreconditionRequired,
        429 => Reason::RateLimited,
        431 => Reason::HeadersTooLarge,
        503 => Reason::Unavailable,
        504 => Reason::Timeout,
        400..500 => Reason::MalformedRequest,
        _ => Reason::Internal,
    }
}

/// Whether a header belongs to the content that the envelope replaces.
fn describes_content(name: &HeaderName) -> bool {
    [&CONTENT_TYPE, &CONTENT_LENGTH, &CONTENT_ENCODING, &TRANSFER_ENCODING, &ETAG].contains(&name)
}

/// An error on its way from a handler to the envelope.
#[derive(Clone)]
struct Carried(Arc<Mutex<Option<Error>>>);

impl Carried {
    fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Lets the handlers of merged routes return [`Error`]; it reaches the client in the envelope.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.reason().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response.extensions_mut().insert(Carried(Arc::new(Mutex::new(Some(self)))));
        response
    }
}
