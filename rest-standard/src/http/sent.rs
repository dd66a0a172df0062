//! The content of an answer as the HTTP library sends it.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use crate::document::{Content, Rows};

/// The content of an answer.
pub(crate) enum Sent {
    Whole(Full<Bytes>),
    Rows(Rows),
    Omitted,
}

/// An answer breaks off: the connection ends without the end of the answer, which tells the client.
#[derive(Debug)]
pub(crate) struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer broke off")
    }
}

impl std::error::Error for BrokenOff {}

impl From<Content> for Sent {
    fn from(content: Content) -> Self {
        match content {
            Content::Whole(bytes) => Self::Whole(Full::new(bytes)),
            Content::Rows(rows) => Self::Rows(rows),
            Content::Omitted => Self::Omitted,
        }
    }
}

impl Sent {
    /// Whether it was left out without a word about its length.
    pub(super) fn is_omitted(&self) -> bool {
        matches!(self, Self::Omitted)
    }
}

impl Default for Sent {
    fn default() -> Self {
        Self::Whole(Full::default())
    }
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(whole) => f.debug_tuple("Whole").field(whole).finish(),
            Self::Rows(_) => f.write_str("Rows"),
            Self::Omitted => f.write_str("Omitted"),
        }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut *self {
            Self::Whole(whole) => {
                let frame = ready!(Pin::new(whole).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|never| match never {})))
            }
            Self::Rows(rows) => {
                let piece = ready!(rows.as_mut().poll_next(cx));
                // Why it broke off was logged where it did.
                Poll::Ready(piece.map(|piece| piece.map(Frame::data).map_err(|_| BrokenOff)))
            }
            Self::Omitted => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Rows(_) => false,
            Self::Omitted => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Rows(_) | Self::Omitted => SizeHint::default(),
        }
    }
}
