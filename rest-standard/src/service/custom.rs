//! Custom methods: POST on `node:verb`, and GET where the method is read-only.

use std::sync::Arc;

use http::HeaderMap;
use serde_json::Value as Json;

use super::{
    call::{Call, Media, Verdict, media_type, members},
    done::Done,
    plan::Plan,
    session::Handle,
};
use crate::{
    descriptor::{CustomMethod, Invocation, Target},
    document::etag,
    error::{Error, Fault, Reason, Result},
    query::Holds,
    validate::{self, Body},
    value::Row,
};

/// A checked call of a custom method.
#[derive(Debug)]
pub(super) struct Custom {
    method: &'static CustomMethod,
    input: Option<Row>,
    /// Whether it was sent as GET or HEAD.
    is_get: bool,
}

/// Checks the request.
pub(super) fn prepare(
    call: &mut Call,
    method: &'static CustomMethod,
    headers: &HeaderMap,
    body: Option<Result<Json, Fault>>,
    is_get: bool,
) -> Result<Custom> {
    call.parse_query(&[], Holds::Other);
    if method.target == Target::Collection {
        call.refuse_conditions();
    }
    if body.is_some() {
        media_type(headers, &[Media::Json])?;
    }
    let input = match (method.input, body) {
        (Some(input), body) => {
            // A method whose members are all optional can be called without a body.
            let body = body.unwrap_or_else(|| Ok(Json::Object(serde_json::Map::new())));
            members(Some(body), &mut call.faults).map(|members| {
                validate::object(input.fields, &members, Body::Object, "", &mut call.faults).row
            })
        }
        (None, body) => {
            refuse_body(call, body);
            None
        }
    };
    call.refuse_faults()?;
    Ok(Custom { method, input, is_get })
}

/// Refuses what a method is sent that takes no body; an empty object is none.
pub(super) fn refuse_body(call: &mut Call, body: Option<Result<Json, Fault>>) {
    if let None | Some(Ok(Json::Null)) = body {
        return;
    }
    for name in members(body, &mut call.faults).unwrap_or_default().keys() {
        let pointer = validate::join_pointer("", name);
        call.faults.push(Fault::pointer(
            Reason::UnknownField,
            pointer,
            "is not known: the method takes no body",
        ));
    }
}

/// Plans the call. A fault in a value is the body's where the input has a member of that name.
pub(super) async fn plan(call: &Call, custom: &Custom, plan: &Arc<Plan>) -> Result<Done> {
    let input = custom.method.input.map_or(&[][..], |input| input.fields);
    let is_sent = |name: &str| input.iter().any(|field| field.name == name);
    carry_out(call, custom, plan).await.map_err(|error| error.with_sent(is_sent))
}

async fn carry_out(call: &Call, custom: &Custom, plan: &Arc<Plan>) -> Result<Done> {
    let (node, path, method) = (call.node(), &call.target.path, custom.method);
    let session = Arc::new(Handle(plan.clone()));
    let invocation =
        |row| Invocation { row, input: custom.input.clone(), session: session.clone(), path: path.clone() };
    if method.target == Target::Collection {
        plan.check_owner(node, path).await?;
        if !method.read_only {
            plan.check_live(node, path, None).await?;
        }
        let reply = (method.call)(invocation(None)).await?;
        return Ok(Done::Output { before: None, output: reply.output });
    }
    let before =
        plan.current(node, path).await?.ok_or_else(|| Error::not_found("The resource does not exist."))?;
    let tag = etag::of_revision(before.revision);
    if method.read_only {
        if call.conditions.judge_read_only(&tag, custom.is_get)? == Verdict::NotModified {
            return Ok(Done::NotModified { tag });
        }
    } else {
        call.conditions.judge_write(Some(&tag), node)?;
        plan.check_live(node, path, Some(&before)).await?;
    }
    if let Some(when) = method.when
        && !when(&before.row)?
    {
        let description = format!("`{}` is not allowed in the current state of the resource.", method.verb);
        return Err(Error::failed_precondition(description));
    }
    let reply = (method.call)(invocation(Some(before.row.clone()))).await?;
    if plan.planned(node.id, path) == Some(None) {
        return Ok(match reply.output {
            Some(output) => Done::Output { before: None, output: Some(output) },
            None => Done::Deleted { before: Some(before) },
        });
    }
    if let Some(row) = reply.row {
        // What the method put elsewhere stands; what it left in `self` is this resource's new state.
        if let Some(Some(put)) = plan.planned(node.id, path)
            && put.row != row
        {
            let (verb, name) = (method.verb, node.descriptor.name);
            return Err(Error::internal(format!(
                "`{verb}` left in `self` another `{name}` than the same call put there through the context, and would undo \
                 that; change it through `self` alone, or take `&self` and put it"
            )));
        }
        plan.put(node, path, row, false).await?;
    }
    Ok(match reply.output {
        Some(output) => Done::Output { before: Some(before), output: Some(output) },
        None => Done::Changed { path: path.clone(), before, description: "The method was carried out." },
    })
}
