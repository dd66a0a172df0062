//! The content of an answer: bytes, or rows that are still being read.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;

use crate::error::Result;

/// The rows of an export as bytes. After an error nothing comes, and the answer must not end as if it were whole.
pub(crate) type Rows = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// The content of an answer.
pub(crate) enum Content {
    /// All of it.
    Whole(Bytes),
    /// What comes row by row, of a length that nobody knows.
    Rows(Rows),
    /// Left out, as HEAD asks, where nobody knows how long it would be.
    Omitted,
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(bytes) => f.debug_tuple("Whole").field(bytes).finish(),
            Self::Rows(_) => f.write_str("Rows"),
            Self::Omitted => f.write_str("Omitted"),
        }
    }
}
