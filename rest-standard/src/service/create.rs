//! Create: POST on a collection.

use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Map, Value as Json};

use super::{
    call::{Call, Media, media_type, members},
    done::Done,
    plan::Plan,
    route::{SLUG_FORM, is_slug},
};
use crate::{
    codec::parse_uuid,
    descriptor::IdKind,
    error::{Error, Fault, Reason, Result},
    validate::{self, Body, excerpt},
    value::{Id, Row},
};

/// A checked Create.
#[derive(Debug)]
pub(super) struct Create {
    id: Option<Id>,
    row: Row,
}

/// Checks the request.
pub(super) fn prepare(
    call: &mut Call,
    headers: &HeaderMap,
    body: Option<Result<Json, Fault>>,
) -> Result<Create> {
    call.parse_query(&[], false);
    call.refuse_conditions();
    media_type(headers, &[Media::Json])?;
    let descriptor = call.node().descriptor;
    let Some(members) = members(body, &mut call.faults) else {
        return Err(Error::from_faults(std::mem::take(&mut call.faults)));
    };
    let id = id(descriptor.id_kind(), &members, &mut call.faults);
    let row = validate::object(descriptor.fields, &members, Body::Resource, "", &mut call.faults).row;
    call.refuse_faults()?;
    Ok(Create { id, row })
}

/// The id that the client sent, where the id kind lets it.
fn id(kind: Option<IdKind>, members: &Map<String, Json>, faults: &mut Vec<Fault>) -> Option<Id> {
    let sent = members.get("id").filter(|id| !id.is_null());
    let mut refuse = |expected: &str| {
        let detail = match sent {
            Some(id) => format!("must be {expected}, got {}", excerpt(id)),
            None => format!("is required: {expected}"),
        };
        faults.push(Fault::pointer(Reason::InvalidValue, "/id", detail));
        None
    };
    match (kind, sent) {
        (Some(IdKind::Uuid), Some(id)) => match id.as_str().and_then(parse_uuid) {
            Some(id) => Some(Id::Uuid(id)),
            None => refuse("a UUID, such as `cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4`"),
        },
        (Some(IdKind::Slug), sent) => match sent.and_then(Json::as_str).filter(|id| is_slug(id)) {
            Some(id) => Some(Id::Slug(id.to_owned())),
            None => refuse(SLUG_FORM),
        },
        // The server makes the other ids; one that is sent is ignored like every field the framework owns.
        _ => None,
    }
}

/// Plans the create. A dry run takes no id.
pub(super) async fn plan(call: &Call, create: &Create, plan: &Arc<Plan>, dry: bool) -> Result<Done> {
    let node = call.node();
    if let Some(owner) = node.owner
        && plan.exists(owner, &call.target.path).await?.is_none()
    {
        return Err(Error::not_found("The resource above does not exist."));
    }
    let id = match (&create.id, node.id_kind()) {
        (Some(id), _) => id.clone(),
        (None, Some(IdKind::Integer)) if dry => Id::Integer(-1),
        (None, Some(IdKind::Integer)) => free_id(call).await?,
        (None, _) => Id::Uuid(call.api.source.uuid_v7()),
    };
    let path = call.target.path.join(id);
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

/// An id that the store never gave before, and that author code did not take by itself.
async fn free_id(call: &Call) -> Result<Id> {
    let (store, node) = (&call.api.store, call.node());
    loop {
        let id = Id::Integer(store.reserve_ids(node.id, 1).await?);
        if store.read(node.id, &call.target.path.join(id.clone())).await?.is_none() {
            return Ok(id);
        }
    }
}
