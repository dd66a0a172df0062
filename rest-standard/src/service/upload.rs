//! A body that is read while it comes, and the lines in it.

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::error::{Error, Fault, Reason, Result};

/// The pieces of a body, in order.
#[derive(Debug)]
pub struct Upload(Receiver<Result<Option<Bytes>>>);

impl Upload {
    /// A body that comes through a channel. `None` is its end: a channel that closes without it is a body that broke off.
    pub(crate) fn new() -> (Sender<Result<Option<Bytes>>>, Self) {
        let (pieces, received) = mpsc::channel(1);
        (pieces, Self(received))
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        let broken =
            || Error::new(Reason::MalformedRequest, "The body ended early or its framing is broken.");
        self.0.recv().await.unwrap_or_else(|| Err(broken()))
    }
}

/// The lines of a body, which end with a line feed; the last one need not.
#[derive(Debug)]
pub(super) struct Lines {
    upload: Upload,
    /// What came and was not handed out.
    rest: BytesMut,
    /// How much of that has no line feed.
    searched: usize,
    is_over: bool,
    /// The longest line, in bytes.
    longest: usize,
    /// How many were handed out.
    pub(super) count: usize,
}

impl Lines {
    pub(super) fn new(upload: Upload, longest: usize) -> Self {
        Self { upload, rest: BytesMut::new(), searched: 0, is_over: false, longest, count: 0 }
    }

    /// The next line, without its end.
    ///
    /// # Errors
    ///
    /// 413 for a line that is too long, and why a body cannot be read.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            let found = self.rest[self.searched..].iter().position(|byte| *byte == b'\n');
            let end = found.map(|at| self.searched + at);
            if end.unwrap_or(self.rest.len()) > self.longest {
                let text = format!(
                    "Line {} of the body is longer than {} bytes, the most that is accepted.",
                    self.count, self.longest
                );
                let detail = format!("must have at most {} bytes", self.longest);
                let fault = Fault::pointer(Reason::ContentTooLarge, format!("/{}", self.count), detail);
                return Err(Error::from_faults(vec![fault]).with_description(text));
            }
            if let Some(end) = end {
                let line = self.rest.split_to(end + 1).split_to(end).freeze();
                self.searched = 0;
                self.count += 1;
                return Ok(Some(line));
            }
            self.searched = self.rest.len();
            if self.is_over {
                if self.rest.is_empty() {
                    return Ok(None);
                }
                self.searched = 0;
                self.count += 1;
                return Ok(Some(self.rest.split().freeze()));
            }
            match self.upload.next().await? {
                Some(piece) => self.rest.extend_from_slice(&piece),
                None => self.is_over = true,
            }
        }
    }
}
