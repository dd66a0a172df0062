//! What a write did, and the answer that tells it.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{call::Call, plan::Plan};
use crate::{
    document::{
        Data, Detail, JsonWriter, Outcome, View, etag, success_data, write_resource, write_validated,
    },
    store::Record,
    value::Path,
};

/// What a plan did, as far as the answer depends on it.
#[derive(Debug)]
pub(super) enum Done {
    /// A resource is new.
    Created { path: Path, client_id: bool },
    /// A resource is changed, or would have been.
    Changed { path: Path, before: Arc<Record>, description: &'static str },
    /// A resource is gone; `None` where it was not there to begin with.
    Deleted { before: Option<Arc<Record>> },
    /// The client has the answer of a read-only method already.
    NotModified { tag: String },
    /// A custom method answers with a value of its own.
    Output { before: Option<Arc<Record>>, output: Option<Json> },
}

/// The answer of a plan: known before the commit, since the plan draws every id, time and revision.
pub(super) fn answer(call: &Call, plan: &Plan, done: &Done, dry: bool, read_only: bool) -> (Outcome, Data) {
    let node = call.node();
    let validated = call.parameters.validate;
    let mut outcome = Outcome { status: 200, ..Outcome::default() };
    // What the resource is now, what the call leaves, and how much of that is known beforehand.
    let (now, after, detail) = match done {
        Done::Created { path, client_id } => {
            outcome.status = 201;
            outcome.description = "The resource was created.".into();
            let detail = if *client_id { Detail::Created } else { Detail::CreatedWithoutId };
            (None, plan.result(node.id, path).map(|(record, _)| record), detail)
        }
        Done::Changed { path, before, description } => {
            outcome.description = (*description).into();
            match plan.result(node.id, path) {
                Some((after, true)) => (Some(before.clone()), Some(after), Detail::Updated),
                _ => {
                    outcome.description = "The resource is as it was.".into();
                    (Some(before.clone()), Some(before.clone()), Detail::Stored)
                }
            }
        }
        Done::Deleted { before } => {
            outcome.description = match before {
                Some(_) => "The resource was deleted.".into(),
                None => "The resource was not there.".into(),
            };
            (before.clone(), None, Detail::Stored)
        }
        Done::NotModified { tag } => {
            outcome.status = 304;
            outcome.etag = Some(tag.clone());
            return (outcome, Data::NotModified);
        }
        Done::Output { before, .. } => {
            outcome.description = "The method was carried out.".into();
            let after = before
                .as_ref()
                .and_then(|before| plan.result(node.id, &before.path).map(|(record, _)| record));
            let detail = if after.is_some() { Detail::Updated } else { Detail::Stored };
            (before.clone(), after.or_else(|| before.clone()), detail)
        }
    };
    let write = |writer: &mut JsonWriter, record: &Option<Arc<Record>>, detail| match record {
        Some(record) => {
            let url = call.site().collection_url(node, &record.path);
            write_resource(writer, call.site(), &View::whole(node, record.clone()), &url, detail);
        }
        None => {
            writer.begin_object();
            writer.end_object();
        }
    };
    if dry && !read_only {
        outcome.description = "The request is valid; nothing was changed.".into();
        outcome.etag = now.as_ref().map(|now| etag::of_revision(now.revision));
        let preview = |meta: &mut JsonWriter| {
            meta.name("validated");
            meta.boolean(true);
            meta.name("preview");
            write(meta, &after, detail);
        };
        return (
            outcome,
            Data::Json(success_data(4096, preview, |values| write(values, &now, Detail::Stored))),
        );
    }
    let meta = |meta: &mut JsonWriter| write_validated(meta, validated);
    if let Done::Output { output: Some(output), .. } = done {
        return (outcome, Data::Json(success_data(256, meta, |values| values.json(output))));
    }
    if matches!(done, Done::Output { .. } | Done::Deleted { .. }) {
        return (outcome, Data::Json(success_data(64, meta, |values| write(values, &None, Detail::Stored))));
    }
    if let Some(after) = &after {
        outcome.etag = Some(etag::of_revision(after.revision));
        if outcome.status == 201 {
            outcome.location = Some(call.site().resource_url(node, &after.path));
        }
    }
    (outcome, Data::Json(success_data(2048, meta, |values| write(values, &after, Detail::Stored))))
}
