//! Where time and randomness come from, so that a test can make every answer repeatable.

use jiff::Timestamp;
use uuid::Uuid;

/// A clock and a source of random numbers.
pub trait Source: Send + Sync + 'static {
    /// The instant, in whole microseconds.
    fn now(&self) -> Timestamp;
    /// 64 random bits.
    fn random(&self) -> u64;

    /// A version 7 UUID (RFC 9562): milliseconds first, so that new ids sort after old ones.
    fn uuid_v7(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.random().to_le_bytes());
        random[8..].copy_from_slice(&self.random().to_le_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// The system's clock and random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Source for System {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    fn random(&self) -> u64 {
        // The random half of a v4 UUID, drawn from a cryptographic generator that the system's seeds in each thread.
        Uuid::new_v4().as_u64_pair().1
    }

    fn uuid_v7(&self) -> Uuid {
        Uuid::now_v7()
    }
}
