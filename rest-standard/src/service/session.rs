//! A plan as author code sees it.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use jiff::Timestamp;

use super::plan::Plan;
use crate::{
    context::{Caller, Session},
    descriptor::{BoxFuture, Descriptor, IdKind},
    error::{Error, Result},
    tree::Node,
    value::{Id, Path, Row},
};

/// A plan as author code sees it.
pub(super) struct Handle(pub(super) Arc<Plan>);

impl Handle {
    fn node(&self, descriptor: &'static Descriptor) -> Result<&Node> {
        self.0.api.tree.find(descriptor).ok_or_else(|| {
            Error::internal(format!("`{0}` is not registered; add `.resource::<{0}>()`", descriptor.name))
        })
    }
}

impl Session for Handle {
    fn read<'a>(
        &'a self,
        descriptor: &'static Descriptor,
        path: &'a Path,
    ) -> BoxFuture<'a, Result<Option<Row>>> {
        Box::pin(async move {
            let record = self.0.current(self.node(descriptor)?, path).await?;
            Ok(record.map(|record| record.row.clone()))
        })
    }

    fn put<'a>(
        &'a self,
        descriptor: &'static Descriptor,
        path: &'a Path,
        row: Row,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let node = self.node(descriptor)?;
            let fits = match (node.id_kind(), path.id()) {
                (Some(IdKind::Uuid), Some(Id::Uuid(_)))
                | (Some(IdKind::Integer), Some(Id::Integer(_)))
                | (None, _) => true,
                (Some(IdKind::Slug), Some(Id::Slug(id))) => super::route::is_slug(id),
                _ => false,
            };
            if !fits {
                return Err(Error::internal(format!(
                    "a key of `{}` does not fit its id kind: {path:?}",
                    node.address
                )));
            }
            self.0.put(node, path, row, false).await
        })
    }

    fn delete<'a>(&'a self, descriptor: &'static Descriptor, path: &'a Path) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.0.delete(self.node(descriptor)?, path, false).await.map(|_| ()) })
    }

    fn after_commit(&self, action: BoxFuture<'static, ()>) {
        self.0.lock().after_commit.push(action);
    }

    fn state(&self, ty: TypeId) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.api.states.get(&ty).cloned()
    }

    fn caller(&self) -> &Caller {
        &self.0.caller
    }

    fn request_id(&self) -> &str {
        &self.0.request_id
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn new_uuid(&self) -> uuid::Uuid {
        self.0.api.source.uuid_v7()
    }
}
