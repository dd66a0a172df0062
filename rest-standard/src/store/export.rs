//! A whole collection in pieces, from one snapshot.
//!
//! A store reads ahead of its reader by no more than [`AHEAD`] pieces, so that an export takes as little memory as a page,
//! and it reads no further once nobody takes them. An export that breaks off says so: only what was read to its end ends.

use std::any::Any;

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::Excerpt;
use crate::error::{Error, Result};

/// How many rows a piece has at most.
pub const PIECE_ROWS: usize = 256;
/// How large the rows of a piece may be together, by [`Extent::size`](super::Extent::size), before it ends: 256 KiB.
pub const PIECE_BYTES: usize = 256 << 10;
/// How many pieces a store reads ahead.
pub const AHEAD: usize = 2;

enum Step {
    Rows(Vec<Excerpt>),
    End,
    Broken(Error),
}

/// The pieces of an export, to be taken one by one. Whoever drops them ends the reading.
pub struct Pieces {
    steps: Receiver<Step>,
    is_over: bool,
    /// What ends the reading when it is dropped.
    _reading: Option<Box<dyn Any + Send + Sync>>,
}

impl std::fmt::Debug for Pieces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pieces").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}

impl Pieces {
    /// The next rows, never none of them; nothing after the last.
    ///
    /// # Errors
    ///
    /// When the store could not read to the end; nothing comes after that.
    pub async fn next(&mut self) -> Result<Option<Vec<Excerpt>>> {
        if self.is_over {
            return Ok(None);
        }
        match self.steps.recv().await {
            Some(Step::Rows(rows)) => Ok(Some(rows)),
            Some(Step::End) => {
                self.is_over = true;
                Ok(None)
            }
            Some(Step::Broken(error)) => {
                self.is_over = true;
                Err(error)
            }
            None => {
                self.is_over = true;
                Err(Error::internal("an export ended without its end"))
            }
        }
    }

    /// How many steps were read ahead and wait to be taken, the end among them; [`AHEAD`] at most.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.steps.len()
    }

    /// The same pieces, and with them something whose drop ends the reading at once.
    #[must_use]
    pub fn with_reading(mut self, reading: impl Any + Send + Sync) -> Self {
        self._reading = Some(Box::new(reading));
        self
    }
}

/// Where a store puts what it reads.
#[derive(Debug)]
pub struct Feed {
    steps: Sender<Step>,
    rows: Vec<Excerpt>,
    bytes: usize,
}

/// Nobody takes the pieces any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abandoned;

impl Feed {
    /// A feed and the pieces that come out of it.
    #[must_use]
    pub fn new() -> (Self, Pieces) {
        let (steps, received) = mpsc::channel(AHEAD);
        let feed = Self { steps, rows: Vec::new(), bytes: 0 };
        (feed, Pieces { steps: received, is_over: false, _reading: None })
    }

    /// Adds a row of `bytes` bytes; gives a piece where that is full.
    fn add(&mut self, row: Excerpt, bytes: usize) -> Option<Step> {
        self.rows.push(row);
        self.bytes += bytes;
        if self.rows.len() < PIECE_ROWS && self.bytes < PIECE_BYTES {
            return None;
        }
        self.bytes = 0;
        Some(Step::Rows(std::mem::replace(&mut self.rows, Vec::with_capacity(PIECE_ROWS))))
    }

    /// What is left to be sent at the end.
    fn last(rows: Vec<Excerpt>, outcome: Result<()>) -> [Option<Step>; 2] {
        match outcome {
            Ok(()) => [(!rows.is_empty()).then_some(Step::Rows(rows)), Some(Step::End)],
            Err(error) => [None, Some(Step::Broken(error))],
        }
    }

    /// Adds a row of `bytes` bytes, and waits for the reader where a piece is full.
    ///
    /// # Errors
    ///
    /// When nobody takes the pieces any more.
    pub async fn send(&mut self, row: Excerpt, bytes: usize) -> Result<(), Abandoned> {
        match self.add(row, bytes) {
            Some(piece) => self.steps.send(piece).await.map_err(|_| Abandoned),
            None => Ok(()),
        }
    }

    /// Ends the export: everything was read, or why not.
    pub async fn finish(self, outcome: Result<()>) {
        for step in Self::last(self.rows, outcome).into_iter().flatten() {
            // Nobody who went away wants to know.
            let _ = self.steps.send(step).await;
        }
    }

    /// [`send`](Self::send) on a thread that may wait.
    ///
    /// # Errors
    ///
    /// When nobody takes the pieces any more.
    pub fn push(&mut self, row: Excerpt, bytes: usize) -> Result<(), Abandoned> {
        match self.add(row, bytes) {
            Some(piece) => self.steps.blocking_send(piece).map_err(|_| Abandoned),
            None => Ok(()),
        }
    }

    /// [`finish`](Self::finish) on a thread that may wait.
    pub fn end(self, outcome: Result<()>) {
        for step in Self::last(self.rows, outcome).into_iter().flatten() {
            let _ = self.steps.blocking_send(step);
        }
    }
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rows(_) => "Rows",
            Self::End => "End",
            Self::Broken(_) => "Broken",
        })
    }
}
