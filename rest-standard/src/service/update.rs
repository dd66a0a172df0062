//! Update: PUT (the whole resource) and PATCH (a part of it).

use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Map, Value as Json};

use super::{
    call::{Call, Media, media_type, members},
    done::Done,
    json_patch::JsonPatch,
    plan::Plan,
};
use crate::{
    codec::{self, Audience},
    descriptor::{FieldDescriptor, FieldKind},
    document::{View, etag, resource_json},
    error::{Error, Fault, Locator, Reason, Result},
    query::Holds,
    store::Record,
    tree::Node,
    validate::{self, Body, join_pointer},
    value::{Path, Row},
};

/// A checked Update.
#[derive(Debug)]
pub(super) enum Update {
    /// PUT: the whole row, and which fields were sent.
    Replace(Row, Vec<bool>),
    /// PATCH with a merge patch (RFC 7396).
    Merge(Map<String, Json>),
    /// PATCH with a JSON Patch (RFC 6902).
    Patch(JsonPatch),
}

/// Checks a PUT.
pub(super) fn prepare_replace(
    call: &mut Call,
    headers: &HeaderMap,
    body: Option<Result<Json, Fault>>,
) -> Result<Update> {
    call.parse_query(&[], Holds::Other);
    media_type(headers, &[Media::Json])?;
    let fields = call.node().descriptor.fields;
    let Some(members) = members(body, &mut call.faults) else {
        return Err(Error::from_faults(std::mem::take(&mut call.faults)));
    };
    let before = call.faults.len();
    let checked = validate::object(fields, &members, Body::Resource, "", &mut call.faults);
    // A required input-only field cannot be read, so a client that edits what it read cannot send it: it keeps its value.
    let hidden = |fault: &Fault| {
        fields.iter().any(|field| {
            field.input_only
                && !members.contains_key(field.name)
                && fault.locator == Locator::Pointer(format!("/{}", field.name))
        })
    };
    let own = call.faults.split_off(before);
    let absent = call.node().descriptor.upsert;
    call.faults.extend(own.into_iter().filter(|fault| absent || !hidden(fault)));
    call.refuse_faults()?;
    Ok(Update::Replace(checked.row, checked.named))
}

/// Checks a PATCH as far as that is possible without the resource.
pub(super) fn prepare_patch(
    call: &mut Call,
    headers: &HeaderMap,
    body: Option<Result<Json, Fault>>,
) -> Result<Update> {
    call.parse_query(&[], Holds::Other);
    let media = media_type(headers, &[Media::MergePatch, Media::JsonPatch, Media::Json])?;
    let fields = call.node().descriptor.fields;
    if media == Media::JsonPatch {
        return prepare_json_patch(call, fields, body);
    }
    let Some(members) = members(body, &mut call.faults) else {
        return Err(Error::from_faults(std::mem::take(&mut call.faults)));
    };
    validate::partial(fields, &members, Body::Resource, "", &mut call.faults);
    call.refuse_faults()?;
    Ok(Update::Merge(members))
}

fn is_mergeable(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Map(_) | FieldKind::Object(_) | FieldKind::Foreign(_))
}

fn prepare_json_patch(
    call: &mut Call,
    fields: &[FieldDescriptor],
    body: Option<Result<Json, Fault>>,
) -> Result<Update> {
    let body = match body {
        Some(Err(fault)) => {
            call.faults.push(fault);
            None
        }
        Some(Ok(body)) => Some(body),
        None => Some(Json::Null),
    };
    let patch = body.map(|body| JsonPatch::parse(fields, body, &mut call.faults));
    call.refuse_faults()?;
    patch.map(Update::Patch).ok_or_else(|| Error::internal("a body without a fault was not read"))
}

/// Plans the update.
pub(super) async fn plan(call: &Call, update: &Update, plan: &Arc<Plan>) -> Result<Done> {
    let (node, path) = (call.node(), &call.target.path);
    let before = plan.current(node, path).await?;
    let tag = before.as_ref().map(|record| etag::of_revision(record.revision));
    let Some(before) = before else {
        let creates = node.descriptor.upsert && matches!(update, Update::Replace(..));
        if !creates {
            return Err(Error::not_found("The resource does not exist."));
        }
        plan.check_owner(node, path).await?;
        call.conditions.judge_write(None, node)?;
        let Update::Replace(row, _) = update else { return Err(Error::internal("only PUT creates")) };
        plan.put(node, path, row.clone(), true).await?;
        return Ok(Done::Created { path: path.clone(), client_id: true });
    };
    call.conditions.judge_write(tag.as_deref(), node)?;
    change(call, update, path, before, plan).await
}

/// Plans the update of a resource that is there.
pub(super) async fn change(
    call: &Call,
    update: &Update,
    path: &Path,
    before: Arc<Record>,
    plan: &Arc<Plan>,
) -> Result<Done> {
    let node = call.node();
    let row = match update {
        Update::Replace(row, named) => keep_hidden(node.descriptor.fields, row, named, &before.row),
        Update::Merge(patch) => merge(node.descriptor.fields, patch, &before.row)?,
        Update::Patch(patch) => apply(call, node, patch, &before)?,
    };
    plan.put(node, path, row, true).await?;
    Ok(Done::Changed { path: path.clone(), before, description: "The resource was updated." })
}

/// What a client cannot set keeps its value, as does what it cannot read and did not send.
fn keep_hidden(fields: &[FieldDescriptor], row: &Row, named: &[bool], before: &Row) -> Row {
    let mut row = row.clone();
    for (index, field) in fields.iter().enumerate() {
        if field.output_only || (field.input_only && !named[index]) {
            row.0[index] = before.0[index].clone();
        }
    }
    row
}

fn merge(fields: &[FieldDescriptor], patch: &Map<String, Json>, before: &Row) -> Result<Row> {
    let mut faults = Vec::new();
    let mut row = before.clone();
    for (index, field) in fields.iter().enumerate() {
        let Some(sent) = patch.get(field.name).filter(|_| !field.output_only) else { continue };
        let value = if sent.is_object() && is_mergeable(field.kind) {
            let mut whole = codec::field_to_json(field, &before.0[index], Audience::Store);
            ::json_patch::merge(&mut whole, sent);
            whole
        } else {
            sent.clone()
        };
        row.0[index] = validate::value(field, &value, &join_pointer("", field.name), &mut faults);
    }
    if faults.is_empty() { Ok(row) } else { Err(Error::from_faults(faults)) }
}

/// Applies a JSON Patch.
fn apply(call: &Call, node: &Node, patch: &JsonPatch, before: &Arc<Record>) -> Result<Row> {
    let fields = node.descriptor.fields;
    // What the framework owns is as a client reads it, the fields are whole: hidden members must survive the patch.
    let mut document = resource_json(call.site(), &View::whole(node, before.clone()));
    if let Json::Object(members) = &mut document {
        for (field, value) in fields.iter().zip(&before.row.0) {
            members.insert(field.name.to_owned(), codec::field_to_json(field, value, Audience::Store));
        }
    }
    let limits = &call.api.settings.limits;
    patch.apply(&mut document, limits.depth, limits.body)?;
    let Json::Object(members) = document else {
        return Err(Error::from_faults(vec![Fault::pointer(
            Reason::InvalidValue,
            "",
            "must leave an object",
        )]));
    };
    let mut faults = Vec::new();
    let checked = validate::object(fields, &members, Body::Resource, "", &mut faults);
    if faults.is_empty() {
        Ok(keep_hidden(fields, &checked.row, &checked.named, &before.row))
    } else {
        Err(Error::from_faults(faults))
    }
}
