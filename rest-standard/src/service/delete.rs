//! Delete: DELETE on a resource.

use std::sync::Arc;

use super::{call::Call, plan::Plan, write::Done};
use crate::{
    document::etag,
    error::{Error, Result},
    query::Standard,
};

/// Checks the request.
pub(super) fn prepare(call: &mut Call) -> Result<()> {
    call.parse_query(&[Standard::Force, Standard::AllowMissing], false);
    call.refuse_faults()
}

/// Plans the delete.
pub(super) async fn plan(call: &Call, plan: &Arc<Plan>) -> Result<Done> {
    let (node, path) = (call.node(), &call.target.path);
    let Some(before) = plan.current(node, path).await? else {
        if let Some(owner) = node.owner
            && plan.exists(owner, path).await?.is_none()
        {
            return Err(Error::not_found("The resource above does not exist."));
        }
        if !call.parameters.allow_missing {
            return Err(Error::not_found("The resource does not exist."));
        }
        return Ok(Done::Deleted { before: None });
    };
    call.conditions.judge_write(Some(&etag::of_revision(before.revision)), node)?;
    plan.delete(node, path, call.parameters.force).await?;
    Ok(Done::Deleted { before: Some(before) })
}
