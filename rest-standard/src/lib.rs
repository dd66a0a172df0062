//! Annotate domain structs, get a complete, durable, documented REST service.

mod codec;
pub mod context;
pub mod descriptor;
mod document;
pub mod error;
mod json;
mod query;
pub mod resource;
pub mod service;
pub mod source;
pub mod store;
pub mod tree;
mod validate;
pub mod value;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
