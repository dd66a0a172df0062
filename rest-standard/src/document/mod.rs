//! From values to the bytes of an answer: entity tags, links, the envelope and its JSON form.
//!
//! JSON is written at once. The other formats are made from the finished JSON, token by token, so that they hold the same
//! and cost nothing where they are not asked for.

mod content;
mod csv;
mod envelope;
pub(crate) mod etag;
mod expanded;
mod links;
mod resource;
mod tokens;
mod view;
mod writer;
mod xml;

pub(crate) use content::{Content, Rows};
pub(crate) use csv::{
    columns as csv_columns, expanded_columns as csv_expanded_columns, from_json as csv_from_json,
    header as csv_header, rows as csv_rows,
};
pub(crate) use envelope::{
    Accepted, Data, Document, ErrorFormat, Exchange, NO_PAGE, Outcome, PROBLEM, begin_success, error, render,
    replace, sent, success_data, wire_name, write_data, write_validated,
};
pub(crate) use expanded::{Expanded, refers_to};
pub(crate) use links::{
    Action, HTML, JSON, JSON_PATCH, Link, MERGE_PATCH, Site, for_collection, for_list_across, for_root,
};
pub(crate) use resource::{Detail, resource_json, write_link, write_resource};
pub(crate) use view::View;
pub(crate) use writer::JsonWriter;
