//! The operations of a service: what each one is called, takes and answers, read from the tree.
//!
//! The document, the page for people and the command line are writers of this one list.

use super::ordered::Ordered;
use crate::{
    descriptor::{BatchMethod, CustomMethod, ValueDescriptor},
    error::Reason,
    tree::Node,
};

/// What an operation does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// GET on the entry point.
    EntryPoint,
    /// GET on a collection.
    List,
    /// GET on a collection below every parent at once.
    ListAcross,
    /// POST on a collection.
    Create,
    /// GET on a resource.
    Read,
    /// PUT on a resource.
    Replace,
    /// PATCH on a resource.
    Patch,
    /// DELETE on a resource.
    Delete,
    /// A batch form of a standard method.
    Batch(BatchMethod),
    /// GET of a whole collection.
    Export,
    /// GET of all that the collections below every parent have.
    ExportAcross,
    /// POST of many creates.
    Import,
    /// A custom method.
    Custom(&'static CustomMethod),
}

impl Kind {
    /// Whether the operation changes anything, with the method that it has.
    pub(crate) fn is_write(self, method: &str) -> bool {
        match self {
            Self::Custom(custom) => !custom.read_only,
            Self::Batch(batch) => !batch.is_read_only(),
            _ => method != "GET",
        }
    }
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation<'a> {
    /// The `operationId`.
    pub(crate) id: String,
    /// The node it is on; absent for the entry point.
    pub(crate) node: Option<&'a Node>,
    pub(crate) kind: Kind,
    /// The HTTP method.
    pub(crate) method: &'static str,
    /// The path below the version, with parameters in braces.
    pub(crate) path: String,
    /// One line.
    pub(crate) summary: String,
    /// The whole text, in Markdown.
    pub(crate) description: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) answers: Vec<Answer<'a>>,
    pub(crate) refusals: Vec<Refusal>,
}

/// A status that an operation can be refused with, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) reasons: Vec<Reason>,
}

impl Refusal {
    pub(crate) fn new(status: u16, reasons: Vec<Reason>) -> Self {
        Self { status, reasons }
    }
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

impl Place {
    /// The value of `in`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// One parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) required: bool,
    pub(crate) schema: Ordered,
    pub(crate) example: Option<Ordered>,
    /// The component that describes it for every operation alike.
    pub(crate) component: Option<&'static str>,
}

/// The body that an operation takes.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) required: bool,
    /// Media types with schema and example; the first is the one that documentation shows.
    pub(crate) contents: Vec<Content>,
}

/// A body in one media type.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) media: &'static str,
    pub(crate) schema: Ordered,
    pub(crate) example: Option<Ordered>,
}

/// What `values` of a success holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values<'a> {
    EntryPoint,
    List(&'a Node),
    Resource(&'a Node),
    /// The resource, or `{}`: a dry run of a create, a delete that was carried out.
    ResourceOrNothing(&'a Node),
    Nothing,
    /// Several resources, in the order of the request.
    Several(&'a Node),
    /// All resources of a collection, in lines.
    Lines(&'a Node),
    /// How many resources were created.
    Count,
    /// The value of a custom method that only reads.
    Value(&'static ValueDescriptor),
    /// The value of a custom method, or after a dry run the resource.
    ValueOrResource(&'static ValueDescriptor, &'a Node),
    /// The value of a custom method on a collection, or after a dry run `{}`.
    ValueOrNothing(&'static ValueDescriptor),
    /// No body.
    NotModified,
}

/// One success.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    pub(crate) values: Values<'a>,
    pub(crate) headers: Vec<&'static str>,
}
