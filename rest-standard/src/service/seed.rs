//! The first resources of an empty store.

use std::sync::Arc;

use super::{Api, plan::Plan, session::Handle, write::commit};
use crate::{
    context::{Caller, Context},
    descriptor::BoxFuture,
    error::{Error, Result},
    resource::Root,
    store::{Conflict, RequestRecord},
    value::Path,
};

/// What a seed is recorded under, so that of several replicas one fills the store. No client's id has a colon.
const RECORD: &str = ":seed";

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
        let mut batch = plan.batch("Create")?;
        if self.store.records_every_request() {
            batch.request = Some(RequestRecord {
                caller: String::new(),
                id: RECORD.to_owned(),
                fingerprint: [0; 32],
                at: plan.now(),
                status: 201,
                location: None,
                etag: None,
                data: "null".to_owned(),
            });
        }
        match commit(self, &plan, batch).await {
            // A replica that started at the same time was first.
            Ok(()) | Err(Conflict::RequestIdUsed) => Ok(()),
            Err(Conflict::Store(error)) => Err(error),
            Err(other) => Err(Error::internal(format!("the seed could not be committed: {other:?}"))),
        }
    }
}
