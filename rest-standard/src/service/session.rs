//! A plan as author code sees it.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use jiff::Timestamp;

use super::{delete::Below, plan::Plan};
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
    /// The node of a type, where `path` has the form of its keys.
    fn node(&self, descriptor: &'static Descriptor, path: &Path) -> Result<&Node> {
        let tree = &self.0.api.tree;
        let node = tree.find(descriptor).ok_or_else(|| {
            Error::internal(format!("`{0}` is not registered; add `.resource::<{0}>()`", descriptor.name))
        })?;
        let above = std::iter::successors(Some(node), |node| node.owner.map(|owner| tree.node(owner)));
        let kinds = above.filter_map(Node::id_kind);
        let fits = path.0.len() == node.depth
            && kinds.zip(path.0.iter().rev()).all(|(kind, id)| {
                matches!(
                    (kind, id),
                    (IdKind::Uuid, Id::Uuid(_))
                        | (IdKind::Integer, Id::Integer(_))
                        | (IdKind::Slug | IdKind::Text, Id::Slug(_))
                )
            });
        if fits {
            return Ok(node);
        }
        let (address, depth) = (&node.address, node.depth);
        Err(Error::internal(format!(
            "{path:?} is no key of `{address}`, which has {depth} ids, the root ancestor's first, each of its declared kind"
        )))
    }
}

impl Session for Handle {
    fn read<'a>(
        &'a self,
        descriptor: &'static Descriptor,
        path: &'a Path,
    ) -> BoxFuture<'a, Result<Option<Row>>> {
        Box::pin(async move {
            let record = self.0.current(self.node(descriptor, path)?, path).await?;
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
            let node = self.node(descriptor, path)?;
            if let (Some(IdKind::Slug), Some(Id::Slug(id))) = (node.id_kind(), path.id())
                && !super::route::is_slug(id)
            {
                return Err(Error::internal(format!(
                    "`{id}` is no slug, which an id of `{}` is",
                    node.address
                )));
            }
            self.0.put(node, path, row, false).await.map_err(|error| error.with_sent(|_| false))
        })
    }

    fn delete<'a>(&'a self, descriptor: &'static Descriptor, path: &'a Path) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let node = self.node(descriptor, path)?;
            self.0.delete(node, path, Below::Refuse).await.map(|_| ())
        })
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
