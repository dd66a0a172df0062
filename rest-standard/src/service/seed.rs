//! The first resources of an empty store.

use std::sync::Arc;

use super::{Api, plan::Plan, session::Handle, write::commit};
use crate::{
    context::{Caller, Context},
    descriptor::BoxFuture,
    error::{Error, Result},
    resource::Root,
    store::Conflict,
    value::Path,
};

/// What an author puts into an empty store.
pub type Seed = Box<dyn FnOnce(Context<Root>) -> BoxFuture<'static, Result<()>> + Send>;

impl Api {
    /// Runs `seed` against a plan of its own and commits it.
    ///
    /// # Errors
    ///
    /// What `seed` or the rules of the resources refuse, or when the store cannot commit.
    pub async fn seed(self: &Arc<Self>, seed: Seed) -> Result<()> {
        let request_id = self.source.uuid_v7().simple().to_string();
        let plan = Plan::new(self.clone(), Caller::anonymous(), request_id);
        let session = Arc::new(Handle(plan.clone()));
        seed(Context::new(session, Path::default())).await?;
        commit(self, &plan, plan.batch("Create")?).await.map_err(|conflict| match conflict {
            Conflict::Store(error) => error,
            other => Error::internal(format!("the seed could not be committed: {other:?}")),
        })
    }
}
