//! Create: POST on a collection.

use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Map, Value as Json};

use super::{
    call::{Call, Media, media_type, members},
    done::Done,
    plan::Plan,
    route::id_in_body,
};
use crate::{
    descriptor::{Descriptor, IdKind},
    error::{Error, Fault, Reason, Result},
    query::Holds,
    validate::{self, Body, excerpt, join_pointer},
    value::{Id, Row},
};

/// A checked Create.
#[derive(Debug)]
pub(super) struct Create {
    /// The id, where the client chose one.
    pub(super) id: Option<Id>,
    row: Row,
}

/// Checks the request.
pub(super) fn prepare(
    call: &mut Call,
    headers: &HeaderMap,
    body: Option<Result<Json, Fault>>,
) -> Result<Create> {
    call.parse_query(&[], Holds::Other);
    call.refuse_conditions();
    media_type(headers, &[Media::Json])?;
    let descriptor = call.node().descriptor;
    let Some(members) = members(body, &mut call.faults) else {
        return Err(Error::from_faults(std::mem::take(&mut call.faults)));
    };
    let create = checked(descriptor, &members, "", &mut call.faults);
    call.refuse_faults()?;
    Ok(create)
}

/// Checks what a new resource is made of; `at` is where it stands in the body.
pub(super) fn checked(
    descriptor: &Descriptor,
    members: &Map<String, Json>,
    at: &str,
    faults: &mut Vec<Fault>,
) -> Create {
    let id = id(descriptor.id_kind(), members, at, faults);
    let row = validate::object(descriptor.fields, members, Body::Resource, at, faults).row;
    Create { id, row }
}

/// The id that the client sent, where the id kind lets it.
fn id(kind: Option<IdKind>, members: &Map<String, Json>, at: &str, faults: &mut Vec<Fault>) -> Option<Id> {
    let sent = members.get("id").filter(|id| !id.is_null());
    match (kind, sent) {
        // The server makes the other ids; one that is sent is ignored like every field the framework owns.
        (Some(IdKind::Integer) | None, _) | (Some(IdKind::Uuid), None) => None,
        (Some(IdKind::Uuid | IdKind::Slug | IdKind::Text), sent) => {
            required_id(kind, sent, &join_pointer(at, "id"), faults)
        }
    }
}

/// The id at a place of the body that must have one.
pub(super) fn required_id(
    kind: Option<IdKind>,
    sent: Option<&Json>,
    at: &str,
    faults: &mut Vec<Fault>,
) -> Option<Id> {
    let expected = match id_in_body(kind, sent.unwrap_or(&Json::Null)) {
        Ok(id) => return Some(id),
        Err(expected) => expected,
    };
    let detail = match sent {
        Some(id) => format!("must be {expected}, got {}", excerpt(id)),
        None => format!("is required: {expected}"),
    };
    faults.push(Fault::pointer(Reason::InvalidValue, at, detail));
    None
}

/// Plans the create. A dry run takes no id.
pub(super) async fn plan(call: &Call, create: &Create, plan: &Arc<Plan>, dry: bool) -> Result<Done> {
    plan.check_owner(call.node(), &call.target.path).await?;
    let made = make_ids(call, usize::from(create.id.is_none()), dry).await?.pop();
    put(call, create, made, plan).await
}

/// Plans one resource below an owner that exists; `made` is its id where the client chose none.
pub(super) async fn put(call: &Call, create: &Create, made: Option<Id>, plan: &Arc<Plan>) -> Result<Done> {
    let node = call.node();
    let id = create.id.as_ref().or(made.as_ref()).ok_or_else(|| Error::internal("a create without an id"))?;
    let path = call.target.path.join(id.clone());
    if create.id.is_none() {
        plan.assume_absent(node, &path);
    } else if plan.current(node, &path).await?.is_some() {
        let fault =
            Fault::pointer(Reason::AlreadyExists, "/id", "is taken by another resource of this collection");
        return Err(Error::from_faults(vec![fault]));
    }
    plan.put(node, &path, create.row.clone(), true).await?;
    Ok(Done::Created { path, client_id: create.id.is_some() })
}

/// Ids for new resources of the collection. Those of a dry run stand for ids that only the real call can know.
pub(super) async fn make_ids(call: &Call, count: usize, dry: bool) -> Result<Vec<Id>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    match call.node().id_kind() {
        Some(IdKind::Integer) if dry => Ok((1..).take(count).map(|id: i64| Id::Integer(-id)).collect()),
        Some(IdKind::Integer) => free_ids(call, count).await,
        _ => Ok((0..count).map(|_| Id::Uuid(call.api.source.uuid_v7())).collect()),
    }
}

/// Ids that the store never gave before, and that author code did not take by itself.
async fn free_ids(call: &Call, count: usize) -> Result<Vec<Id>> {
    let (store, node) = (&call.api.store, call.node());
    let mut free = Vec::with_capacity(count);
    while free.len() < count {
        // The ids of an existing table come from its own sequence, which others draw from as well: one by one.
        let is_shared = node.descriptor.existing.is_some();
        let missing = if is_shared { 1 } else { (count - free.len()) as i64 };
        let first = store.reserve_ids(node.id, missing).await?;
        for id in first..first + missing {
            if store.read(node.id, &call.target.path.join(Id::Integer(id))).await?.is_none() {
                free.push(Id::Integer(id));
            }
        }
    }
    Ok(free)
}
