//! The body of a request, within the limits of size and time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header::EXPECT};
use http_body_util::{BodyExt as _, LengthLimitError};
use hyper::body::Body;
use tokio::sync::mpsc::Sender;

use crate::{
    error::{Error, Reason},
    service::Limits,
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How much of a refused body is read and thrown away, so that the client gets to read the refusal.
const DRAIN_SIZE: usize = 16 << 20;
/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// How much memory a client gets on its word alone, before it has sent as much.
const TRUSTED_SIZE: usize = 64 << 10;

enum Failure {
    TooLarge,
    Broken(BoxError),
}

/// Reads the whole body.
///
/// # Errors
///
/// 413 for more than the limit, 408 when it does not come in time, 400 when it ends early or its framing is broken. After
/// any of them the connection cannot be used again.
pub(super) async fn read<B>(mut body: B, headers: &HeaderMap, limits: &Limits) -> Result<Bytes, Error>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let failure = if declared > limits.body {
        Failure::TooLarge
    } else {
        match tokio::time::timeout(limits.body_time, collect(&mut body, declared, limits.body)).await {
            Ok(Ok(bytes)) => return Ok(bytes),
            Ok(Err(failure)) => failure,
            Err(_) => return Err(late(limits.body_time)),
        }
    };
    match failure {
        Failure::Broken(error) => Err(broken(error, limits.body)),
        Failure::TooLarge => {
            discard(body, headers);
            Err(too_large(limits.body))
        }
    }
}

/// Hands a body on piece by piece, as fast as it is taken; gives whether all of it was read. Each piece may take as long to
/// arrive as other bodies may as a whole.
pub(super) async fn pump<B>(
    body: &mut B,
    limits: &Limits,
    pieces: Sender<Result<Option<Bytes>, Error>>,
) -> bool
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let too_large = || {
        let text =
            format!("The body is larger than {} bytes, the most that an import may have.", limits.import);
        Error::new(Reason::ContentTooLarge, text)
    };
    let mut seen: u64 = 0;
    if body.size_hint().lower() > limits.import {
        // Whoever no longer takes the body needs no reason.
        let _ = pieces.send(Err(too_large())).await;
        return false;
    }
    loop {
        let piece = match tokio::time::timeout(limits.body_time, data(body)).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(Failure::Broken(error))) => {
                let _ = pieces.send(Err(broken(error, limits.body))).await;
                return false;
            }
            Ok(Err(Failure::TooLarge)) => {
                let _ = pieces.send(Err(too_large())).await;
                return false;
            }
            Err(_) => {
                let text = format!("Nothing of the body arrived for {} s.", limits.body_time.as_secs_f64());
                let _ = pieces.send(Err(Error::new(Reason::RequestTimeout, text))).await;
                return false;
            }
        };
        let is_end = piece.is_none();
        seen += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        let step = if seen > limits.import { Err(too_large()) } else { Ok(piece) };
        let is_refused = step.is_err();
        if pieces.send(step).await.is_err() || is_refused {
            return is_end;
        }
        if is_end {
            return true;
        }
    }
}

/// Reads a refused body and throws it away, so that the client gets to read the refusal: closing a socket with unread
/// data makes the system throw the answer away.
pub(super) fn discard<B>(body: B, headers: &HeaderMap)
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    // A client that waits for `100 Continue` has sent nothing yet, and reading would ask it to.
    if !headers.contains_key(EXPECT) {
        tokio::spawn(tokio::time::timeout(DRAIN_TIME, drain(body)));
    }
}

async fn collect<B>(body: &mut B, declared: usize, limit: usize) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let Some(first) = data(body).await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(Failure::TooLarge);
    }
    // Most bodies come as one piece, which is taken as it is.
    let Some(second) = data(body).await? else { return Ok(first) };
    let mut whole = BytesMut::with_capacity(declared.min(TRUSTED_SIZE).max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        if whole.len() + piece.len() > limit {
            return Err(Failure::TooLarge);
        }
        whole.extend_from_slice(&piece);
        next = data(body).await?;
    }
    Ok(whole.freeze())
}

/// The next piece that is not empty; trailers are passed over.
async fn data<B>(body: &mut B) -> Result<Option<Bytes>, Failure>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::Broken(error.into()))?;
        if let Ok(piece) = frame.into_data()
            && !piece.is_empty()
        {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

async fn drain<B>(mut body: B)
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let mut seen = 0;
    while let Ok(Some(piece)) = data(&mut body).await {
        seen += piece.len();
        if seen > DRAIN_SIZE {
            return;
        }
    }
}

fn too_large(limit: usize) -> Error {
    Error::new(
        Reason::ContentTooLarge,
        format!("The body is larger than {limit} bytes, the most that is accepted."),
    )
}

fn late(limit: Duration) -> Error {
    Error::new(
        Reason::RequestTimeout,
        format!("The whole body did not arrive within {} s.", limit.as_secs_f64()),
    )
}

fn broken(error: BoxError, limit: usize) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
    while let Some(at) = cause {
        // A layer that the author put around the router has a limit of its own.
        if at.is::<LengthLimitError>() {
            return too_large(limit);
        }
        cause = at.source();
    }
    Error::new(Reason::MalformedRequest, "The body ended early or its framing is broken.").with_source(error)
}
