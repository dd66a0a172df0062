//! `:undelete`: what was soft-deleted comes back (AIP-164).

use std::sync::Arc;

use serde_json::Value as Json;

use super::{call::Call, custom, done::Done, plan::Plan};
use crate::{
    document::etag,
    error::{Error, Fault, Result},
    query::Holds,
};

/// Checks the request.
pub(super) fn prepare(call: &mut Call, body: Option<Result<Json, Fault>>) -> Result<()> {
    call.parse_query(&[], Holds::Other);
    custom::refuse_body(call, body);
    call.refuse_faults()
}

/// Plans the undelete. Neither rules nor unique values can refuse it: the row was there all the time.
pub(super) async fn plan(call: &Call, plan: &Arc<Plan>) -> Result<Done> {
    let (node, path) = (call.node(), &call.target.path);
    let before =
        plan.current(node, path).await?.ok_or_else(|| Error::not_found("The resource does not exist."))?;
    call.conditions.judge_write(Some(&etag::of_revision(before.revision)), node)?;
    if before.deletion.is_none() {
        return Err(Error::failed_precondition("The resource is not deleted."));
    }
    plan.check_live(node, path, None).await?;
    plan.mark(node, &before, false);
    Ok(Done::Changed { path: path.clone(), before, description: "The resource is back." })
}
