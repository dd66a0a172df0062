//! Who decides what becomes of a write: the write itself, or the clock.

use std::sync::atomic::{AtomicU8, Ordering};

/// Whether a write may still commit.
#[derive(Debug, Default)]
pub(super) struct Decision(AtomicU8);

const OPEN: u8 = 0;
const COMMITTING: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Decision {
    /// The write is about to commit; false when the client was told that nothing was changed.
    pub(super) fn begin_commit(&self) -> bool {
        self.decide(COMMITTING)
    }

    /// The commit met a conflict: nothing was changed, and the write plans again.
    pub(super) fn reopen(&self) {
        self.0.store(OPEN, Ordering::Release);
    }

    /// The time is over; false when a commit is under way.
    pub(super) fn give_up(&self) -> bool {
        self.decide(GIVEN_UP)
    }

    fn decide(&self, outcome: u8) -> bool {
        self.0.compare_exchange(OPEN, outcome, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}
