//! What a write did, and the answer that tells it.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{call::Call, import, plan::Plan};
use crate::{
    descriptor::BatchMethod,
    document::{
        Data, Detail, JsonWriter, Outcome, View, etag, success_data, write_resource, write_validated,
    },
    store::Record,
    tree::Node,
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
    /// Several resources were read; `frozen` where one above is soft-deleted.
    Got { records: Vec<Arc<Record>>, frozen: bool },
    /// One method was carried out on several resources.
    Batch(BatchMethod, Vec<Self>),
    /// A chunk of an import created so many.
    Imported(usize),
}

/// One resource before and after a plan.
struct States {
    /// As it is now; absent where there is none.
    now: Option<Arc<Record>>,
    /// As the plan leaves it; absent where it leaves none.
    after: Option<Arc<Record>>,
    /// How much of that is known beforehand.
    detail: Detail,
    is_changed: bool,
}

impl States {
    fn of(node: &Node, plan: &Plan, done: &Done) -> Self {
        match done {
            Done::Created { path, client_id } => Self {
                now: None,
                after: plan.result(node.id, path).map(|(record, _)| record),
                detail: if *client_id { Detail::Created } else { Detail::CreatedWithoutId },
                is_changed: true,
            },
            Done::Changed { path, before, .. } => {
                let (after, is_changed) = match plan.result(node.id, path) {
                    Some((after, true)) => (after, true),
                    _ => (before.clone(), false),
                };
                let detail = if is_changed { Detail::Updated } else { Detail::Stored };
                Self { now: Some(before.clone()), after: Some(after), detail, is_changed }
            }
            Done::Output { before, .. } => {
                let after = before
                    .as_ref()
                    .and_then(|before| plan.result(node.id, &before.path).map(|(record, _)| record));
                let detail = if after.is_some() { Detail::Updated } else { Detail::Stored };
                Self {
                    now: before.clone(),
                    after: after.or_else(|| before.clone()),
                    detail,
                    is_changed: true,
                }
            }
            Done::Deleted { before } => Self {
                now: before.clone(),
                after: None,
                detail: Detail::Stored,
                is_changed: before.is_some(),
            },
            Done::NotModified { .. } | Done::Got { .. } | Done::Batch(..) | Done::Imported(_) => {
                Self { now: None, after: None, detail: Detail::Stored, is_changed: false }
            }
        }
    }
}

/// The answer of a plan: known before the commit, since the plan draws every id, time and revision.
pub(super) fn answer(call: &Call, plan: &Plan, done: &Done, dry: bool, read_only: bool) -> (Outcome, Data) {
    let node = call.node();
    let validated = call.parameters.validate;
    let mut outcome = Outcome { status: 200, ..Outcome::default() };
    let states = States::of(node, plan, done);
    outcome.description = match done {
        Done::Created { .. } => {
            outcome.status = 201;
            "The resource was created.".into()
        }
        Done::Changed { description, .. } if states.is_changed => (*description).into(),
        Done::Changed { .. } => "The resource is as it was.".into(),
        Done::Deleted { before: Some(_) } => "The resource was deleted.".into(),
        Done::Deleted { before: None } => "The resource was not there.".into(),
        Done::Output { .. } => "The method was carried out.".into(),
        Done::NotModified { tag } => {
            outcome.status = 304;
            outcome.etag = Some(tag.clone());
            return (outcome, Data::NotModified);
        }
        Done::Got { records, frozen } => {
            outcome.description = "The resources as they are now.".into();
            let data = several(
                call,
                validated,
                *frozen,
                None,
                records.iter().map(|record| (record, Detail::Stored)),
            );
            return (outcome, data);
        }
        Done::Batch(method, items) => return batch(call, plan, *method, items, dry),
        Done::Imported(created) => return (outcome, Data::Json(import::created(*created, false))),
    };
    let States { now, after, detail, .. } = states;
    let write = |writer: &mut JsonWriter, record: &Option<Arc<Record>>, detail| match record {
        Some(record) => write_one(writer, call, record, detail, false),
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

fn write_one(writer: &mut JsonWriter, call: &Call, record: &Arc<Record>, detail: Detail, frozen: bool) {
    let (site, node) = (call.site(), call.node());
    let url = site.collection_url(node, &record.path);
    let view = View { frozen, ..View::whole(node, record.clone()) };
    write_resource(writer, site, &view, &url, detail);
}

/// The answer of a batch. An array holds what is there: nothing stands in it for a resource that is not.
fn batch(call: &Call, plan: &Plan, method: BatchMethod, items: &[Done], dry: bool) -> (Outcome, Data) {
    let states: Vec<States> = items.iter().map(|item| States::of(call.node(), plan, item)).collect();
    let is_changed = states.iter().any(|state| state.is_changed);
    let description = match method {
        _ if dry => "The request is valid; nothing was changed.",
        _ if items.is_empty() => "The batch is empty; nothing was changed.",
        BatchMethod::Create => "The resources were created.",
        BatchMethod::Delete => "The resources were deleted.",
        BatchMethod::Get | BatchMethod::Update if is_changed => "The resources were updated.",
        BatchMethod::Get | BatchMethod::Update => "The resources are as they were.",
    };
    let now = || states.iter().filter_map(|state| Some((state.now.as_ref()?, Detail::Stored)));
    let after = |detail: fn(&States) -> Detail| {
        states.iter().filter_map(move |state| Some((state.after.as_ref()?, detail(state))))
    };
    let data = if dry {
        let preview = after(|state| state.detail).collect();
        several(call, true, false, Some(preview), now())
    } else {
        several(call, false, false, None, after(|_| Detail::Stored))
    };
    (Outcome { status: 200, description: description.into(), ..Outcome::default() }, data)
}

/// `data` with an array of resources, after a dry run with the array that the real call would answer with.
fn several<'a>(
    call: &Call,
    validated: bool,
    frozen: bool,
    preview: Option<Vec<(&'a Arc<Record>, Detail)>>,
    values: impl Iterator<Item = (&'a Arc<Record>, Detail)>,
) -> Data {
    let write = |writer: &mut JsonWriter, records: &mut dyn Iterator<Item = (&Arc<Record>, Detail)>| {
        writer.begin_array();
        for (record, detail) in records {
            write_one(writer, call, record, detail, frozen);
        }
        writer.end_array();
    };
    let mut values = values;
    Data::Json(success_data(
        8192,
        |meta| {
            write_validated(meta, validated);
            if let Some(preview) = preview {
                meta.name("preview");
                write(meta, &mut preview.into_iter());
            }
        },
        |writer| write(writer, &mut values),
    ))
}
