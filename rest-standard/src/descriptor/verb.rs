//! The verbs behind a colon: the batch forms of the standard methods, export and import, and the author's custom methods.

use super::{CustomMethod, Descriptor, Method, Target, UNDELETE};

/// The batch form of a standard method: several resources of one collection in one request, all or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchMethod {
    /// `:batchGet`
    Get,
    /// `:batchCreate`
    Create,
    /// `:batchUpdate`
    Update,
    /// `:batchDelete`
    Delete,
}

impl BatchMethod {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Get, Self::Create, Self::Update, Self::Delete];

    /// The verb: `batchGet`, `batchCreate`, `batchUpdate`, `batchDelete`.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Get => "batchGet",
            Self::Create => "batchCreate",
            Self::Update => "batchUpdate",
            Self::Delete => "batchDelete",
        }
    }

    /// The method that it does to each resource.
    #[must_use]
    pub const fn single(self) -> Method {
        match self {
            Self::Get => Method::Read,
            Self::Create => Method::Create,
            Self::Update => Method::Update,
            Self::Delete => Method::Delete,
        }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::Get)
    }
}

/// What stands behind the colon of an address.
#[derive(Clone, Copy, Debug)]
pub enum Verb {
    /// A batch form, on a collection.
    Batch(BatchMethod),
    /// The whole collection at once.
    Export,
    /// Many creates from one body.
    Import,
    /// An author's method.
    Custom(&'static CustomMethod),
}

impl Verb {
    /// The lowerCamelCase word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch(method) => method.verb(),
            Self::Export => "export",
            Self::Import => "import",
            Self::Custom(method) => method.verb,
        }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_read_only(self) -> bool {
        match self {
            Self::Batch(method) => method.is_read_only(),
            Self::Export => true,
            Self::Import => false,
            Self::Custom(method) => method.read_only,
        }
    }

    /// Whether it answers GET as well as POST. A batch form never does, as it needs a body.
    #[must_use]
    pub fn answers_get(self) -> bool {
        match self {
            Self::Batch(_) | Self::Import => false,
            Self::Export => true,
            Self::Custom(method) => method.answers_get(),
        }
    }

    /// Whether it answers POST: all do but the export, which takes no body.
    #[must_use]
    pub const fn answers_post(self) -> bool {
        !matches!(self, Self::Export)
    }
}

impl Descriptor {
    /// The batch forms of the methods that the collection has, unless it leaves them out.
    pub fn batch_methods(&self) -> impl Iterator<Item = BatchMethod> + use<> {
        let methods = self.methods;
        let is_on = self.id_kind().is_some() && methods.has(Method::Batch);
        BatchMethod::ALL.into_iter().filter(move |batch| is_on && methods.has(batch.single()))
    }

    /// The verbs on the collection: the batch forms, export and import, then the author's.
    pub fn collection_verbs(&self) -> impl Iterator<Item = Verb> + use<> {
        let transfers = [(self.export, Verb::Export), (self.import, Verb::Import)];
        let transfers = transfers.into_iter().filter(|(is_on, _)| *is_on).map(|(_, verb)| verb);
        let own = self.custom(|target| target == Target::Collection);
        self.batch_methods().map(Verb::Batch).chain(transfers).chain(own)
    }

    /// The verbs on one resource or singleton: the author's, and `undelete` where a delete can be undone.
    pub fn resource_verbs(&self) -> impl Iterator<Item = Verb> + use<> {
        let undelete = self.soft_delete.map(|_| Verb::Custom(&UNDELETE));
        self.custom(|target| target != Target::Collection).chain(undelete)
    }

    fn custom(&self, on: fn(Target) -> bool) -> impl Iterator<Item = Verb> + use<> {
        self.custom_methods.iter().filter(move |method| on(method.target)).map(Verb::Custom)
    }
}
