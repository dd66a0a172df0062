//! From values to the bytes of an answer: entity tags, links, the envelope and its JSON form.
//!
//! An answer stays a value until the last step, so another format is another writer of the same value.

mod envelope;
pub(crate) mod etag;
mod links;
mod resource;
mod writer;

pub(crate) use envelope::{
    Data, Document, Exchange, NO_PAGE, Outcome, PROBLEM, begin_success, error, render, success_data,
    wire_name, write_data, write_validated,
};
pub(crate) use links::{Action, HTML, JSON, JSON_PATCH, Link, MERGE_PATCH, Site, for_collection, for_root};
pub(crate) use resource::{Detail, View, resource_json, write_link, write_resource};
pub(crate) use writer::JsonWriter;
