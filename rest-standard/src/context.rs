//! What author code sees of the request it runs in: typed reads and writes that all go into one plan.

use std::{any::Any, marker::PhantomData, sync::Arc};

use jiff::Timestamp;

use crate::{
    descriptor::{BoxFuture, Descriptor},
    error::{Error, Result},
    resource::Resource,
    value::{Id, Path, Row},
};

/// Who sent a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Caller {
    name: Option<Arc<str>>,
}

impl Caller {
    /// A caller without credentials.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { name: None }
    }

    /// The principal's name; `None` for an anonymous caller.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// The untyped side of a [`Context`], implemented by the write path.
///
/// Every read is remembered as a precondition of the commit; every put is seen by later reads.
pub trait Session: Send + Sync {
    /// The values at `path`, the defaults of an absent singleton whose parent exists, or `None`.
    fn read<'a>(
        &'a self,
        descriptor: &'static Descriptor,
        path: &'a Path,
    ) -> BoxFuture<'a, Result<Option<Row>>>;
    /// Plans a create or update of the resource at `path`, after running its rules once.
    fn put<'a>(
        &'a self,
        descriptor: &'static Descriptor,
        path: &'a Path,
        row: Row,
    ) -> BoxFuture<'a, Result<()>>;
    /// Plans a delete.
    fn delete<'a>(&'a self, descriptor: &'static Descriptor, path: &'a Path) -> BoxFuture<'a, Result<()>>;
    /// Runs `action` once the commit is durable; never on a dry run or a failed call.
    fn after_commit(&self, action: BoxFuture<'static, ()>);
    /// A value that the author gave to `Service::state`.
    fn state(&self, ty: std::any::TypeId) -> Option<Arc<dyn Any + Send + Sync>>;
    /// Who sent the request.
    fn caller(&self) -> &Caller;
    /// The effective request id.
    fn request_id(&self) -> &str;
    /// The instant that the request's writes carry.
    fn now(&self) -> Timestamp;
    /// A version 7 UUID from the service's id source.
    fn new_uuid(&self) -> uuid::Uuid;
}

/// The address of one resource of type `T`.
pub struct Key<T> {
    path: Path,
    of: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    pub(crate) const fn new(path: Path) -> Self {
        Self { path, of: PhantomData }
    }

    /// The resource's own id; a singleton has its parent's, and none at the root.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        self.path.id()
    }

    /// The ids from the root ancestor down.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl<T: Resource> Key<T> {
    /// The key of the child `R` with the id `id` below this resource.
    #[must_use]
    pub fn child<R: Resource<Parent = T>>(&self, id: impl Into<Id>) -> Key<R> {
        Key::new(self.path.join(id.into()))
    }

    /// The key of the singleton `R` below this resource.
    #[must_use]
    pub fn singleton<R: Resource<Parent = T>>(&self) -> Key<R> {
        Key::new(self.path.clone())
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        Self::new(self.path.clone())
    }
}

impl<T> std::fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&self.path.0).finish()
    }
}

/// The request that author code runs in.
///
/// Reads and writes through it belong to one atomic commit: what was read must still hold when the commit happens, else
/// the whole call runs again, a bounded number of times. Effects outside the store therefore belong in
/// [`Context::after_commit`].
pub struct Context<T> {
    session: Arc<dyn Session>,
    path: Path,
    /// Whether the rule that it is handed to is the author's own; the default of `on_delete` says that it is not.
    pub(crate) is_judged: bool,
    of: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Context<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("path", &self.path)
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

impl<T: Resource> Context<T> {
    /// The key of the ancestor `P`.
    ///
    /// # Panics
    ///
    /// When `P` is not an ancestor of `T`; that is a mistake in the program, found by its first test.
    #[must_use]
    #[track_caller]
    pub fn parent<P: Resource>(&self) -> Key<P> {
        let above = |descriptor: &'static Descriptor| {
            std::iter::successors(Some(descriptor), |at| at.parent.map(|parent| parent()))
        };
        assert!(
            above(T::DESCRIPTOR).skip(1).any(|at| at.is(P::DESCRIPTOR)),
            "`{}` is not an ancestor of `{}`",
            P::DESCRIPTOR.name,
            T::DESCRIPTOR.name
        );
        // A path begins with the root ancestor's id, so the ancestor's depth cuts it, wherever the method stands.
        let depth = above(P::DESCRIPTOR).filter(|at| !at.is_singleton()).count();
        Key::new(self.path.ancestor(depth))
    }
}

impl<T> Context<T> {
    pub(crate) fn new(session: Arc<dyn Session>, path: Path) -> Self {
        Self { session, path, is_judged: true, of: PhantomData }
    }

    /// The id of the resource; a singleton has its parent's.
    ///
    /// # Panics
    ///
    /// In a collection method or a singleton at the API root, which have no id.
    #[must_use]
    #[track_caller]
    pub fn id(&self) -> &Id {
        self.path.id().expect("only a resource below a collection has an id")
    }

    /// The key of the resource that the method stands on (a collection method: of the collection's parent).
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key of any resource by its ids, the root ancestor's first.
    #[must_use]
    pub fn key<R: Resource>(&self, ids: impl IntoIterator<Item = Id>) -> Key<R> {
        Key::new(Path(ids.into_iter().collect()))
    }

    /// The key of the child `R` with the id `id` below the resource that the method stands on.
    #[must_use]
    pub fn child<R: Resource>(&self, id: impl Into<Id>) -> Key<R> {
        Key::new(self.path.join(id.into()))
    }

    /// The key of the singleton `R` below the resource that the method stands on.
    #[must_use]
    pub fn singleton<R: Resource>(&self) -> Key<R> {
        Key::new(self.path.clone())
    }

    /// Reads a resource; `None` where it does not exist. It is a precondition of the commit.
    ///
    /// # Errors
    ///
    /// When the key has not the form of `R`'s, or the store cannot answer.
    pub async fn find<R: Resource>(&self, key: &Key<R>) -> Result<Option<R>> {
        self.session.read(R::DESCRIPTOR, key.path()).await?.map(R::decode).transpose()
    }

    /// Reads a resource. It is a precondition of the commit.
    ///
    /// # Errors
    ///
    /// 404 `NotFound` where it does not exist, or when the store cannot answer.
    pub async fn read<R: Resource>(&self, key: &Key<R>) -> Result<R> {
        self.find(key).await?.ok_or_else(|| {
            let id = key.id().map(|id| format!(" `{id}`")).unwrap_or_default();
            Error::not_found(format!("There is nothing at {}{id}.", R::DESCRIPTOR.segment))
        })
    }

    /// Creates or replaces a resource in the same commit; its type's rules run once, later reads see it.
    ///
    /// The key of a new resource has an id of the author's: a UUID of [`Context::new_uuid`], a slug, or an integer, which
    /// the service then leaves out when it makes ids itself. In a method with `&mut self` the resource that the method
    /// stands on is changed through `self`.
    ///
    /// # Errors
    ///
    /// What the type's rules or declared constraints refuse, or when the key has not the form of `R`'s. A put that was
    /// refused cannot be passed over: the call that goes on after it is a 500 and changes nothing.
    pub async fn put<R: Resource>(&mut self, key: &Key<R>, value: &R) -> Result<()> {
        self.session.put(R::DESCRIPTOR, key.path(), value.encode()).await
    }

    /// Deletes a resource in the same commit.
    ///
    /// # Errors
    ///
    /// 404 where it does not exist, 409 `HasChildren`, what the type's rules refuse, or when the key has not the form of
    /// `R`'s.
    pub async fn delete<R: Resource>(&mut self, key: &Key<R>) -> Result<()> {
        self.session.delete(R::DESCRIPTOR, key.path()).await
    }

    /// Runs `action` once the commit is durable; never on a dry run, a replay or a refused call.
    pub fn after_commit(&mut self, action: impl Future<Output = ()> + Send + 'static) {
        self.session.after_commit(Box::pin(action));
    }

    /// What the author gave to `Service::state`.
    ///
    /// # Panics
    ///
    /// When no value of type `S` was given.
    #[must_use]
    #[track_caller]
    pub fn state<S: Send + Sync + 'static>(&self) -> Arc<S> {
        self.session
            .state(std::any::TypeId::of::<S>())
            .and_then(|state| state.downcast().ok())
            .unwrap_or_else(|| panic!("no `{}` was given to `Service::state`", std::any::type_name::<S>()))
    }

    /// Who sent the request.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        self.session.caller()
    }

    /// The effective request id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.session.request_id()
    }

    /// The instant that the request's writes carry.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.session.now()
    }

    /// A version 7 UUID from the service's id source.
    #[must_use]
    pub fn new_uuid(&self) -> uuid::Uuid {
        self.session.new_uuid()
    }
}
