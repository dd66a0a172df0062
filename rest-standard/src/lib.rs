//! Annotate domain structs, get a complete, durable, documented REST service.
//!
//! A struct with [`#[resource]`](macro@resource) becomes a collection or singleton with every standard method, in the same
//! shape in every service: one envelope, links, dry runs, exactly-once by request id, paging, conditional requests.
//!
//! ```no_run
//! use rest_standard::prelude::*;
//!
//! /// A book on the shelf.
//! #[resource(collection = "books", id = Slug)]
//! pub struct Book {
//!     /// The title on the cover.
//!     #[field(length = 1..=200, filter, order)]
//!     pub title: String,
//!     /// How many copies are on the shelf.
//!     #[field(range = 0..=1000, default = 1, filter, order)]
//!     pub copies: i64,
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     Service::new("library").version("v1", |api| api.resource::<Book>()).run().await
//! }
//! ```
//!
//! - [`command::Service`] puts a service together and runs it.
//! - [`context::Context`] is what custom methods and [`resource::Rules`] see.
//! - [`testing`] tests a service without a socket.
//! - [`store::Store`] is where resources are kept; [`store::memory`] and [`store::sqlite`] come with the library.

mod codec;
pub mod command;
pub mod context;
pub mod descriptor;
mod document;
pub mod error;
mod html;
mod http;
mod json;
pub mod openapi;
pub mod prelude;
mod query;
pub mod resource;
mod search;
pub mod service;
pub mod source;
pub mod store;
pub mod testing;
pub mod tree;
mod validate;
pub mod value;

pub use axum;
pub use clap;
pub use rest_standard_macros::{custom_method, custom_methods, resource, resource_enum, resource_value};
pub use schemars;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;
