//! Content codings: an answer that is worth it is compressed where its client takes that (RFC 9110, section 12.5.3).

use std::{convert::Infallible, future::ready, mem};

use http::{
    Extensions, HeaderMap, HeaderValue, Request, Response, StatusCode, Version,
    header::{ACCEPT_ENCODING, CONTENT_LENGTH, VARY},
};
use http_body_util::Either;
use hyper::body::Body as _;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::compression::{CompressionBody, CompressionLayer};

use super::sent::Sent;

/// The content of an answer, as it is or compressed.
pub(crate) type Encoded = Either<Sent, CompressionBody<Sent>>;

/// What an answer has at least that is compressed, in bytes: less than that fits in one packet either way.
const SMALLEST: u64 = 1 << 10;

/// The values of `Accept-Encoding`.
pub(super) fn accepted(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers.get_all(ACCEPT_ENCODING).iter().cloned().collect()
}

/// The answer in a coding of `accepted`, where it is large enough, and with `Vary` wherever another client could get
/// another one.
pub(super) async fn encode(accepted: Vec<HeaderValue>, mut response: Response<Sent>) -> Response<Encoded> {
    let status = response.status();
    // An answer to HEAD has the length of the content that is left out.
    let head_length =
        response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let length = head_length.or(response.body().size_hint().exact());
    // A 304 has the `Vary` of the answer that it stands for (RFC 9110, section 15.4.5).
    if length.is_some_and(|length| length < SMALLEST) && status != StatusCode::NOT_MODIFIED {
        return response.map(Either::Left);
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    if accepted.is_empty() || status == StatusCode::NOT_MODIFIED {
        return response.map(Either::Left);
    }
    let is_head = head_length.is_some() || response.body().is_omitted();
    let mut request = Request::new(());
    for value in accepted {
        request.headers_mut().append(ACCEPT_ENCODING, value);
    }
    // The layer stands beside the service and not around it: it adds nothing to an answer that stays as it is.
    let service = service_fn(move |_| ready(Ok::<_, Infallible>(mem::take(&mut response))));
    let always = |_: StatusCode, _: Version, _: &HeaderMap, _: &Extensions| true;
    let Ok(mut response) =
        CompressionLayer::new().compress_when(always).layer(service).oneshot(request).await;
    // To a client that takes no coding at all, the layer would make a 406 of any answer; it gets the answer.
    *response.status_mut() = status;
    // What a coding makes of no content is no content of HEAD's.
    if is_head {
        response.map(|_| Either::Left(if head_length.is_some() { Sent::default() } else { Sent::Omitted }))
    } else {
        response.map(Either::Right)
    }
}
