//! What was soft-deleted goes for good once its time is over.

use super::Api;
use crate::{
    error::Result,
    store::{Conflict, Expect, Write, WriteBatch},
};

/// How many rows are looked for at once.
const STEP: u64 = 100;

impl Api {
    /// Whether a resource of this service can be soft-deleted.
    #[must_use]
    pub fn has_soft_delete(&self) -> bool {
        self.tree.nodes().iter().any(|node| node.descriptor.soft_delete.is_some())
    }

    /// Takes each soft-deleted resource whose `purgeAt` has come away for good, with all below it; gives how many.
    ///
    /// Each goes in a commit of its own that demands the revision that was read, so that an `:undelete` or another
    /// replica that comes first is left alone. Rules are not asked: they were when it was deleted.
    ///
    /// # Errors
    ///
    /// When the store cannot read or commit.
    pub async fn purge(&self) -> Result<u64> {
        let mut gone = 0;
        for node in self.tree.nodes().iter().filter(|node| node.descriptor.soft_delete.is_some()) {
            loop {
                let expired = self.store.expired(node.id, self.source.now(), STEP).await?;
                let mut progress = false;
                for (path, revision) in expired {
                    let batch = WriteBatch {
                        expect: vec![Expect::Revision(node.id, path.clone(), revision)],
                        writes: vec![Write::DeleteTree(node.id, path)],
                        request: None,
                    };
                    match self.store.commit(batch).await {
                        Ok(()) => {
                            progress = true;
                            gone += 1;
                        }
                        Err(Conflict::Store(error)) => return Err(error),
                        Err(_) => {}
                    }
                }
                if !progress {
                    break;
                }
            }
        }
        Ok(gone)
    }
}
