//! Answers as the service would give them: written by the code that writes the real ones, from made-up resources.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Method};

use super::{example, operation::Refusal, ordered::Ordered};
use crate::{
    descriptor::FieldKind,
    document::{
        self, Accepted, Content, Detail, ErrorFormat, Exchange, JsonWriter, Site, View, write_resource,
    },
    error::{Error, Fault, Reason},
    query::Format,
    tree::Node,
};

/// The request id of all samples: 32 lower-case hex digits, as the service makes them.
const REQUEST_ID: &str = "0198c0ffee0070008000000000000001";

/// A stored resource of `node`.
pub(crate) fn resource(site: Site<'_>, node: &Node) -> Ordered {
    let record = example::record(site.tree, node);
    let collection_url = site.collection_url(node, &record.path);
    let mut writer = JsonWriter::with_capacity(1024);
    let view = View::whole(node, record.into());
    write_resource(&mut writer, site, &view, &collection_url, Detail::Stored);
    let Ordered::Object(members) = read(&writer.into_bytes()) else { return Ordered::Object(Vec::new()) };
    let members = members.into_iter().map(|(name, member)| {
        let field = node.descriptor.fields.iter().find(|field| field.name == name);
        let kind = field.map_or(FieldKind::Json, |field| field.kind);
        (name, example::in_order(kind, member))
    });
    Ordered::Object(members.collect())
}

fn read(json: &[u8]) -> Ordered {
    serde_json::from_slice(json).unwrap_or(Ordered::Plain(serde_json::Value::Null))
}

/// The answer to a request that was refused so, for the first of the reasons that a sample is known of.
pub(crate) fn refusal(refusal: &Refusal, uri: &str, problem: bool) -> Ordered {
    let exchange = Exchange {
        started: Instant::now(),
        route: None,
        id: REQUEST_ID.to_owned(),
        server_id: REQUEST_ID.to_owned(),
        trace_id: None,
        trace: tracing::Span::none(),
        method: Method::GET,
        uri: uri.to_owned(),
        query: String::new(),
        body: Bytes::from_static(b"null"),
        origin: String::new(),
        root: String::new(),
        version: None::<HeaderValue>,
        named: None,
        accepted: Accepted {
            list: None,
            export: None,
            other: None,
            error: if problem { ErrorFormat::Problem } else { ErrorFormat::Json },
        },
        format: Format::Json,
    };
    match document::error(&exchange, &error(refusal), None, None) {
        (_, _, Content::Whole(body)) => read(&body),
        (_, _, Content::Rows(_) | Content::Omitted) => read(b"null"),
    }
}

/// A refusal that is typical of the status.
fn error(refusal: &Refusal) -> Error {
    let one = |fault| Error::from_faults(vec![fault]);
    match refusal.status {
        400 => one(Fault::parameter(
            Reason::UnknownParameter,
            "$limt",
            "is not known here, did you mean `$limit`?",
        )),
        403 => Error::permission_denied("A page of another origin may not write here."),
        404 => Error::not_found("The resource does not exist."),
        405 => Error::new(
            Reason::MethodNotAllowed,
            "This address does not have the method; it has GET, HEAD, OPTIONS.",
        ),
        406 => Error::new(
            Reason::NotAcceptable,
            "This address answers in `application/json` or `application/xml`, which `Accept` leaves out.",
        ),
        408 => Error::new(Reason::RequestTimeout, "The body of the request did not arrive within 10 s."),
        409 => conflict(&refusal.reasons),
        412 => Error::new(
            Reason::PreconditionFailed,
            "The resource was changed since it was read; read it again.",
        ),
        413 => Error::new(Reason::ContentTooLarge, "The body is larger than 1 MiB."),
        414 => Error::new(Reason::UriTooLong, "The address is 9000 bytes long; at most 8192 are accepted."),
        415 => one(Fault::header(
            Reason::UnsupportedMediaType,
            "Content-Type",
            "must be application/json in UTF-8",
        )),
        421 => Error::new(
            Reason::MisdirectedRequest,
            "This service does not answer for the host of the request.",
        ),
        422 if !refusal.reasons.contains(&Reason::InvalidValue) => Error::new(
            Reason::RequestIdReused,
            "The request id was used for another request; a new request needs a new id.",
        ),
        422 => one(Fault::pointer(Reason::InvalidValue, "/volume", "must be between 0 and 10, got 11")),
        428 => Error::new(
            Reason::PreconditionRequired,
            "This resource is written with `If-Match` only; send the `etag` that was read.",
        ),
        503 => Error::new(Reason::Unavailable, "The service cannot commit at the moment.")
            .with_retry_after(Duration::from_secs(1)),
        504 => Error::new(Reason::Timeout, "The service did not answer within 30 s."),
        _ => Error::internal("a sample"),
    }
}

fn conflict(reasons: &[Reason]) -> Error {
    match reasons.first() {
        Some(Reason::AlreadyExists) => Error::from_faults(vec![Fault::pointer(
            Reason::AlreadyExists,
            "/id",
            "is taken by another resource of this collection",
        )]),
        Some(Reason::FailedPrecondition) => Error::failed_precondition(""),
        Some(Reason::HasChildren) => Error::new(
            Reason::HasChildren,
            "The resource still has parts; delete them first, or send `$force=true`.",
        ),
        Some(Reason::RequestInProgress) => {
            Error::new(Reason::RequestInProgress, "The first request with this id still runs.")
        }
        _ => Error::new(Reason::Aborted, "Too many requests wait for this resource; send the request again."),
    }
}
