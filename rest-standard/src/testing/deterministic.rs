//! Time and randomness that are the same in every run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

use crate::source::Source;

/// 2026-01-01T00:00:00Z in microseconds.
const START: i64 = 1_767_225_600_000_000;
/// One millisecond in microseconds: the ids of two instants then sort like the instants.
const STEP: i64 = 1_000;

/// A clock that moves by a fixed step at each look, and pseudo-random numbers from a seed.
#[derive(Debug)]
pub struct Deterministic {
    now: AtomicI64,
    step: i64,
    state: AtomicU64,
}

impl Deterministic {
    /// A source that begins at 2026-01-01T00:00:00Z and moves by a millisecond at each look.
    #[must_use]
    pub fn new(seed: u64) -> Arc<Self> {
        Self::with_step(seed, Duration::from_micros(STEP.unsigned_abs()))
    }

    /// The same with another step, in whole microseconds; zero for a clock that only [`advance`](Self::advance) moves.
    #[must_use]
    pub fn with_step(seed: u64, step: Duration) -> Arc<Self> {
        Arc::new(Self { now: AtomicI64::new(START), step: micros(step), state: AtomicU64::new(seed) })
    }

    /// Turns the clock forward.
    pub fn advance(&self, by: Duration) {
        self.now.fetch_add(micros(by), Ordering::SeqCst);
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).expect("a test's time is below 290,000 years")
}

impl Source for Deterministic {
    fn now(&self) -> Timestamp {
        let now = self.now.fetch_add(self.step, Ordering::SeqCst);
        Timestamp::from_microsecond(now).expect("a test's clock stays below the year 9999")
    }

    fn random(&self) -> u64 {
        // SplitMix64: each state gives another number, so two draws are never equal within one run.
        const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut bits = self.state.fetch_add(INCREMENT, Ordering::SeqCst).wrapping_add(INCREMENT);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_instants_and_numbers() {
        let (one, two) = (Deterministic::new(7), Deterministic::new(7));
        for _ in 0..100 {
            assert_eq!((one.now(), one.random(), one.uuid_v7()), (two.now(), two.random(), two.uuid_v7()));
        }
        assert_ne!(Deterministic::new(8).random(), Deterministic::new(7).random());
    }

    #[test]
    fn the_clock_moves_by_its_step_and_by_hand() {
        let clock = Deterministic::new(1);
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:00.001Z");
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now().to_string(), "2026-01-01T00:01:00.002Z");
    }
}
