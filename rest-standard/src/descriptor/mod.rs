//! The one description of a resource that everything else reads.
//!
//! The macros emit a constant [`Descriptor`]; routes, links, parameters, checks, tables and documents are ordinary code
//! that interprets it. Nothing about a resource is said a second time anywhere.

mod existing;
mod field;
mod method;
mod verb;

pub use existing::ExistingTable;
pub use field::{
    Element, EnumDescriptor, FieldDescriptor, FieldKind, ForeignType, Format, Misfit, OnDelete, Pattern,
    Range, Reference, ValueDescriptor, Variant,
};
pub use method::{BoxFuture, CustomMethod, Invocation, Output, Reply, RuleSet, Ruled, Target, UNDELETE};
pub use verb::{BatchMethod, Verb};

/// How the ids of a collection look and who makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// A UUID; the server makes version 7 unless the client sends one.
    Uuid,
    /// `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`, chosen by the client.
    Slug,
    /// An integer made by the server.
    Integer,
    /// Any text of 1 to 255 characters, chosen by the client and percent-encoded in a path; only of an existing table.
    Text,
}

/// Where a resource stands in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A set of resources with ids.
    Collection(IdKind),
    /// Exactly one resource below its parent or the root.
    Singleton,
}

/// The standard methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET on the collection.
    List,
    /// POST on the collection.
    Create,
    /// GET on the resource.
    Read,
    /// PUT and PATCH on the resource.
    Update,
    /// DELETE on the resource.
    Delete,
    /// The batch forms of the other methods, POST on the collection: [`BatchMethod`].
    Batch,
}

impl Method {
    /// All standard methods, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::List, Self::Create, Self::Read, Self::Update, Self::Delete, Self::Batch];

    /// The name in attributes and change logs' lower-case form: `list`, `create`, `read`, `update`, `delete`, `batch`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Batch => "batch",
        }
    }
}

/// Which standard methods a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Methods(u8);

impl Methods {
    /// No method.
    pub const NONE: Self = Self(0);
    /// All of them, what a collection has unless declared otherwise.
    pub const ALL: Self = Self::NONE
        .with(Method::List)
        .with(Method::Create)
        .with(Method::Read)
        .with(Method::Update)
        .with(Method::Delete)
        .with(Method::Batch);
    /// Read and update, what a singleton has unless declared otherwise.
    pub const SINGLETON: Self = Self::NONE.with(Method::Read).with(Method::Update);

    /// The set with `method`.
    #[must_use]
    pub const fn with(self, method: Method) -> Self {
        Self(self.0 | 1 << method as u8)
    }

    /// The set without `method`.
    #[must_use]
    pub const fn without(self, method: Method) -> Self {
        Self(self.0 & !(1 << method as u8))
    }

    /// Whether `method` is in the set.
    #[must_use]
    pub const fn has(self, method: Method) -> bool {
        self.0 & 1 << method as u8 != 0
    }
}

/// A named selection: what of a resource `$select=name` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The lowerCamelCase name, which no field has.
    pub name: &'static str,
    /// The names of its fields as they are in Rust, with dots for members: `display_name`, `address.street`, `created_at`.
    pub fields: &'static [&'static str],
}

/// Everything that is known of one resource.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// The Rust type's name, which becomes the schema's name: `DeviceType`.
    pub name: &'static str,
    /// The path segment: `device-types` or `state`.
    pub segment: &'static str,
    /// Collection or singleton.
    pub shape: Shape,
    /// The resource it stands under; absent at the API root. A function, so that a cycle is found at start, by name.
    pub parent: Option<fn() -> &'static Self>,
    /// The documentation comment.
    pub doc: &'static str,
    /// The id that documentation shows, as it stands in a path; collections only.
    pub example_id: Option<&'static str>,
    /// The author's fields, in declared order; a [`Row`](crate::value::Row) has a value for each.
    pub fields: &'static [FieldDescriptor],
    /// The named selections, in declared order.
    pub views: &'static [View],
    /// The standard methods that are switched on.
    pub methods: Methods,
    /// The custom methods.
    pub custom_methods: &'static [CustomMethod],
    /// The author's rules on the standard methods.
    pub rules: Option<RuleSet>,
    /// Whether each change is recorded in a child collection `changes`.
    pub changes: bool,
    /// For how many seconds those records are kept; forever where it is absent.
    pub keep_changes: Option<u64>,
    /// Whether PUT on an absent id creates.
    pub upsert: bool,
    /// Whether `/{verb}` is accepted beside `:{verb}`; never on a collection of slugs, as it could be one.
    pub slash_verbs: bool,
    /// Whether a write must carry `If-Match`.
    pub require_if_match: bool,
    /// Whether the resources of all parents can be listed at once, with `-` in the place of the parents' ids (AIP-159).
    pub across_parents: bool,
    /// The columns of each declared index over several fields, for lists filtered by the first and ordered by the next.
    pub indexes: &'static [&'static [&'static str]],
    /// How long a deleted resource can be brought back, in seconds; absent where Delete is for good.
    pub soft_delete: Option<u64>,
    /// Whether `:export` answers with the whole collection; collections with List only.
    pub export: bool,
    /// Whether `:import` creates a resource for each line of its body; collections with Create only.
    pub import: bool,
    /// The columns of an earlier release that `migrate apply` drops with what is in them.
    pub dropped: &'static [&'static str],
    /// The table that was there before the service; absent where the framework makes one.
    pub existing: Option<ExistingTable>,
}

impl Descriptor {
    /// The id kind of a collection; `None` for a singleton.
    #[must_use]
    pub const fn id_kind(&self) -> Option<IdKind> {
        match self.shape {
            Shape::Collection(kind) => Some(kind),
            Shape::Singleton => None,
        }
    }

    /// Whether both describe the same type. A constant has no address of its own, so the name tells: a service cannot have
    /// two resources with one name, since it is also their schema's.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.segment == other.segment
    }

    /// Whether this is a singleton.
    #[must_use]
    pub const fn is_singleton(&self) -> bool {
        matches!(self.shape, Shape::Singleton)
    }

    /// The position of the field with the JSON name `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The fields that refer to another resource, each with its place.
    pub fn references(&self) -> impl Iterator<Item = (usize, &'static FieldDescriptor, Reference)> + use<> {
        let fields: &'static [FieldDescriptor] = self.fields;
        fields.iter().enumerate().filter_map(|(index, field)| Some((index, field, field.references?)))
    }

    /// Whether a list of it can be searched: whether a field has `search`.
    #[must_use]
    pub fn is_searchable(&self) -> bool {
        self.fields.iter().any(|field| field.search && !field.input_only)
    }

    /// The view called `name`.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<&'static View> {
        self.views.iter().find(|view| view.name == name)
    }
}
