//! Where the stores of one kind are opened.

use std::{pin::Pin, sync::Arc};

use rest_standard::store::Store;

/// A place where a store is opened, and opened again after it was closed: a temporary folder, a database of its own.
///
/// What is left of it goes when it is dropped.
pub trait Place: Send + Sync + 'static {
    /// A place with nothing in it. Facts run side by side, so no two may share one.
    fn empty() -> impl Future<Output = Self> + Send
    where
        Self: Sized;

    /// Opens the store that is there; a new one the first time. It is not opened twice at once.
    fn open(&self) -> Arc<dyn Store>;
}

/// Makes another empty place of the same kind.
pub(crate) type Make = fn() -> Pin<Box<dyn Future<Output = Box<dyn Opened>> + Send>>;

/// A place, whatever its kind.
pub(crate) trait Opened: Send + Sync {
    fn open(&self) -> Arc<dyn Store>;
}

impl<P: Place> Opened for P {
    fn open(&self) -> Arc<dyn Store> {
        Place::open(self)
    }
}

pub(crate) fn make<P: Place>() -> Pin<Box<dyn Future<Output = Box<dyn Opened>> + Send>> {
    Box::pin(async { Box::new(P::empty().await) as Box<dyn Opened> })
}
