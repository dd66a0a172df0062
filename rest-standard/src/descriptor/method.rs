//! Custom methods and rules: the author's code as plain function pointers, so that no handler is generic.

use std::{pin::Pin, sync::Arc};

use serde_json::Value as Json;

use super::ValueDescriptor;
use crate::{
    context::Session,
    error::{Error, Result},
    value::{Path, Row},
};

/// A boxed future, the form in which author code and stores are called.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a custom method stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The collection: no receiver.
    Collection,
    /// One resource or singleton that is only read: `&self`.
    Read,
    /// One resource or singleton; what the method leaves in `self` is written: `&mut self`.
    Write,
}

/// What a custom method answers with.
#[derive(Clone, Copy, Debug)]
pub enum Output {
    /// `Result<()>`: the resource as it is now; `{}` for a method on a collection.
    Resource,
    /// `Result<T>`: the value.
    Value(&'static ValueDescriptor),
}

/// What is handed to a custom method.
pub struct Invocation {
    /// The resource's values; absent for a method on a collection.
    pub row: Option<Row>,
    /// The checked body; absent where the method takes none.
    pub input: Option<Row>,
    /// Where reads and writes go.
    pub session: Arc<dyn Session>,
    /// The resource, or the collection's parent.
    pub path: Path,
}

impl std::fmt::Debug for Invocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invocation").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What a custom method leaves behind.
#[derive(Debug)]
pub struct Reply {
    /// The resource's values afterwards; absent where it was only read.
    pub row: Option<Row>,
    /// The answer of a method with [`Output::Value`].
    pub output: Option<Json>,
}

/// One custom method.
#[derive(Clone, Copy, Debug)]
pub struct CustomMethod {
    /// The lowerCamelCase verb.
    pub verb: &'static str,
    /// The documentation comment.
    pub doc: &'static str,
    /// What it stands on.
    pub target: Target,
    /// Whether it also answers GET and writes nothing.
    pub read_only: bool,
    /// The body it takes.
    pub input: Option<&'static ValueDescriptor>,
    /// What it answers with.
    pub output: Output,
    /// The condition under which it is allowed.
    pub when: Option<fn(&Row) -> Result<bool>>,
    /// Runs it.
    pub call: fn(Invocation) -> BoxFuture<'static, Result<Reply>>,
}

impl CustomMethod {
    /// Whether it answers GET, which has no body: it writes nothing and can be called with nothing.
    #[must_use]
    pub fn answers_get(&self) -> bool {
        self.read_only
            && self.input.is_none_or(|input| input.fields.iter().all(|field| field.default_value().is_some()))
    }
}

/// The verb that brings a soft-deleted resource back (AIP-164), described as what an author writes is. The service carries
/// it out by itself.
pub static UNDELETE: CustomMethod = CustomMethod {
    verb: "undelete",
    doc: "Brings a deleted resource back.\n\nAnswers 409 `FailedPrecondition` where the resource is not deleted.",
    target: Target::Write,
    read_only: false,
    input: None,
    output: Output::Resource,
    when: None,
    call: |_| Box::pin(async { Err(Error::internal("`undelete` was called as an author's method")) }),
};

/// What rules leave of the row that they were asked about.
pub type Ruled<T> = BoxFuture<'static, Result<T>>;

/// The author's rules on the standard methods of one resource.
#[derive(Clone, Copy, Debug)]
pub struct RuleSet {
    /// Runs before a create; gives the row to be written.
    pub on_create: fn(Row, Arc<dyn Session>, Path) -> Ruled<Row>,
    /// Runs before an update with the rows before and after it; gives the row to be written.
    pub on_update: fn(Row, Row, Arc<dyn Session>, Path) -> Ruled<Row>,
    /// Runs before a delete.
    pub on_delete: fn(Row, Arc<dyn Session>, Path) -> Ruled<()>,
    /// Whether `on_delete` is the author's own, and not the one that lets everything be deleted.
    pub judges_delete: fn(Arc<dyn Session>) -> bool,
}
