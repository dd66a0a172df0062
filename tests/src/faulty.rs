//! A store that fails, hangs or takes its time when it is told to.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rest_standard::{
    descriptor::BoxFuture,
    error::{Error, Reason, Result},
    store::{Capabilities, Capability, memory::MemoryStore},
};
use rest_standard_conformance::{Call, Layer, Layered};

/// What the store does with what it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// What any store does.
    #[default]
    Well,
    /// It fails.
    Failing,
    /// It cannot be reached.
    Away,
    /// It never answers.
    Hanging,
    /// Its commits take this long.
    Slow(Duration),
}

/// What decides what a store in memory does.
#[derive(Debug, Default)]
pub struct Moody {
    mood: Mutex<Mood>,
    without: Option<Capability>,
}

/// A store in memory with a mood.
pub type Faulty = Layered<Moody>;

/// A store in this mood.
#[must_use]
pub fn faulty(mood: Mood) -> Arc<Faulty> {
    let layer = Moody { mood: Mutex::new(mood), without: None };
    Arc::new(Layered::new(layer, Arc::new(MemoryStore::new())))
}

/// A store that cannot do this.
#[must_use]
pub fn without(capability: Capability) -> Arc<Faulty> {
    let layer = Moody { without: Some(capability), ..Moody::default() };
    Arc::new(Layered::new(layer, Arc::new(MemoryStore::new())))
}

impl Moody {
    /// Changes the mood.
    pub fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }
}

impl Layer for Moody {
    fn capabilities(&self, below: Capabilities) -> Capabilities {
        self.without.map_or(below, |capability| below.without(capability))
    }

    fn before(&self, call: Call) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
            match mood {
                // A service knows whether it works by what it is asked for; a dry run commits nothing.
                _ if matches!(call, Call::Ready | Call::Check | Call::ReserveIds | Call::ForgetRequests) => {
                    Ok(())
                }
                Mood::Well => Ok(()),
                Mood::Slow(time) if call == Call::Commit => {
                    tokio::time::sleep(time).await;
                    Ok(())
                }
                Mood::Slow(_) => Ok(()),
                Mood::Failing => Err(Error::internal("the store was told to fail")),
                Mood::Away => Err(Error::new(Reason::Unavailable, "The database cannot be reached.")),
                Mood::Hanging => std::future::pending().await,
            }
        })
    }
}
