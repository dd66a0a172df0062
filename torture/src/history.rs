//! What clients did and saw, with the times between which it must have come true.

use std::time::Instant;

/// One thing that is known.
#[derive(Debug)]
pub(crate) struct Event {
    /// When it was first asked for, in nanoseconds of the run.
    pub(crate) begun: u64,
    /// When its answer was there.
    pub(crate) ended: u64,
    pub(crate) what: What,
}

/// What a client was told.
#[derive(Debug)]
pub(crate) enum What {
    /// An entry is there.
    Created { account: usize, token: u64 },
    /// An entry is gone.
    Deleted { token: u64 },
    /// Money was moved, under a request id.
    Transferred { from: usize, to: usize, amount: i64, id: String },
    /// A counter stands at a number, which this client wrote.
    Counted { counter: usize, to: i64, id: String },
    /// A counter should have stood at a number, and somebody else was first.
    Tried { counter: usize, to: i64 },
    /// A counter stands at a number.
    Seen { counter: usize, count: i64 },
    /// All accounts in one list have this sum.
    Summed { sum: i64, accounts: usize },
    /// All entries of an account, page by page.
    Walked { account: usize, tokens: Vec<u64> },
    /// Something that no client may be told.
    Wrong(String),
}

impl What {
    /// Whether it is a write that was confirmed.
    pub(crate) fn is_write(&self) -> bool {
        matches!(
            self,
            Self::Created { .. } | Self::Deleted { .. } | Self::Transferred { .. } | Self::Counted { .. }
        )
    }
}

/// The clock of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}
