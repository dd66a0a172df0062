//! The way in and out: the only place that knows axum and hyper.
//!
//! A request becomes plain data, `service` answers it, the answer becomes a response. Everything that can go wrong before
//! an operation is reached, such as a body that is too large or does not come, is refused here with the same envelope.
//! Routing, parameters, headers and formats are not here: `service` and `document` own them.

mod admin;
mod body;
mod coding;
mod cors;
mod handler;
mod merge;
mod router;
mod sent;
mod serve;

pub(crate) use admin::serve_admin;
pub(crate) use handler::Handler;
pub(crate) use router::router;
pub(crate) use serve::{App, Draining, serve};
