//! The conformance of stores: one list of facts, true of every store of rest-standard.
//!
//! A service's resources are kept by a [`Store`](rest_standard::store::Store), and anybody can write one. Its promises are
//! exact, and this crate checks them: that a batch happens whole or not, which conflict is named, that no increment is
//! lost between tasks, what a page has in it, what is still there when the store is opened again. The stores in memory, in
//! SQLite and in Postgres pass the same list.
//!
//! # A store that is made anew each time
//!
//! ```no_run
//! # mod my_store { pub use rest_standard::store::memory::MemoryStore as MyStore; }
//! # use my_store::MyStore;
//! rest_standard_conformance::store_conformance!(MyStore::new);
//! # fn main() {}
//! ```
//!
//! makes a module `conformance` with a `#[test]` for each fact; each gets an empty store. Nothing is opened again, so that
//! nothing is said about what outlives a process.
//!
//! # A store that outlives its process
//!
//! needs a [`Place`], where it is opened once more after it was closed:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use rest_standard::store::{Store, memory::MemoryStore};
//! use rest_standard_conformance::{Place, store_conformance};
//!
//! struct Folder;
//!
//! impl Place for Folder {
//!     async fn empty() -> Self {
//!         Folder // a temporary folder, or a database without tables
//!     }
//!     fn open(&self) -> Arc<dyn Store> {
//!         Arc::new(MemoryStore::new()) // yours, on the files of the folder
//!     }
//! }
//!
//! store_conformance!(my_store: Folder);
//! # fn main() {}
//! ```
//!
//! # What a store need not be able to do
//!
//! A store says in [`capabilities`](rest_standard::store::Store::capabilities) what it can do of what not every store can.
//! A fact about something that it does not say it can do is replaced by another: that a service with resources that need
//! it is refused. The tree that the facts run on, [below](crate#the-tree), declares everything; a store leaves alone
//! what it does not say.
//!
//! # The tree
//!
//! ```text
//! shelves (slug, changes)     code unique and searched, tag unique and nullable
//!   lamp                      a singleton
//!     bulbs (integer)         a collection below a singleton
//!   books (uuid, changes)     a field of every kind, isbn unique and nullable, listed across the shelves
//!     loan                    a singleton
//!       terms                 a singleton below a singleton
//!   drafts (slug)             soft-deleted, title unique and searched
//!     notes (integer)
//!   stamps (integer)          ticket refers to a ticket
//! tickets (integer)
//! settings (changes)          a singleton at the root
//! ```
//!
//! # A store in a page
//!
//! `tests/stores/json_lines.rs` of this crate is a whole store on one file, with each commit a line of JSON, and its conformance;
//! `tests/stores/wrong.rs` has stores that forget one thing each, with the facts that say so.

//! # Faults on purpose
//!
//! A [`Layered`] store asks another one, but for what its [`Layer`] says: it can fail, hang, or change what is asked and
//! answered.

mod case;
pub mod declare;
mod facts;
mod layer;
mod library;
mod place;

pub use facts::{Fact, Failure, facts, failures, prove};
pub use layer::{Call, Layer, Layered};
pub use place::Place;

#[doc(hidden)]
pub mod __private {
    pub use rest_standard;
}

/// Makes a `#[test]` for each fact about a store; the [crate's page](crate) shows both forms.
///
/// `store_conformance!(new)` takes a function or closure without arguments that gives an empty store, and makes a module
/// `conformance`. `store_conformance!(name: Place)` takes the name of the module and the name of a [`Place`], which is in
/// scope, and checks as well what is there when the store is opened again.
#[macro_export]
macro_rules! store_conformance {
    ($name:ident: $place:ident) => {
        mod $name {
            $crate::__facts!($crate::__tests, [super::$place]);
            $crate::__durable_facts!($crate::__tests, [super::$place]);
        }
    };
    ($new:expr) => {
        struct FreshStores;

        impl $crate::Place for FreshStores {
            async fn empty() -> Self {
                Self
            }

            fn open(&self) -> ::std::sync::Arc<dyn $crate::__private::rest_standard::store::Store> {
                ::std::sync::Arc::new(($new)())
            }
        }

        mod conformance {
            $crate::__facts!($crate::__tests, [super::FreshStores]);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($place:tt; $($module:ident $needs:tt { $($fact:ident,)* })*) => {
        $(mod $module {
            $(#[test]
            fn $fact() {
                $crate::__prove!($place, concat!(stringify!($module), "::", stringify!($fact)));
            })*
        })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __prove {
    ([$($place:ident)::+], $fact:expr) => {
        $crate::prove::<super::$($place)::+>($fact)
    };
}
