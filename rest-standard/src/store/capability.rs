//! What not every store can do, and what a tree needs of it.

use crate::{
    descriptor::Method,
    error::{Error, Result},
    tree::{Node, Tree},
};

/// Something that a declaration asks of its store and that not every store can do.
///
/// What is not named here every store can do: rows of all kinds of values, unique fields, filters, orders, pages, counts,
/// expectations, change logs and request ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// [`Scan::search`](super::Scan::search).
    Search,
    /// [`Store::export`](super::Store::export).
    Export,
    /// [`Scope::Across`](super::Scope::Across).
    AcrossParents,
    /// Marked rows: [`Record::deletion`](super::Record::deletion), [`Scan::live`](super::Scan::live),
    /// [`Store::expired`](super::Store::expired).
    SoftDelete,
    /// [`Expect::Live`](super::Expect::Live) and [`Expect::Unreferenced`](super::Expect::Unreferenced).
    References,
    /// Tables that were there before the service: [`Descriptor::existing`](crate::descriptor::Descriptor::existing). A store in memory
    /// has it as well, and begins without rows.
    Table,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Search, Self::Export, Self::AcrossParents, Self::SoftDelete, Self::References, Self::Table];

    /// The word of the attribute that asks for it: `search`, `export`, `across_parents`, `soft_delete`, `references`,
    /// `table`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Export => "export",
            Self::AcrossParents => "across_parents",
            Self::SoftDelete => "soft_delete",
            Self::References => "references",
            Self::Table => "table",
        }
    }

    /// Whether the declaration of `node` asks for it.
    #[must_use]
    pub fn is_needed_by(self, node: &Node) -> bool {
        let declared = node.descriptor;
        match self {
            Self::Search => declared.is_searchable() && declared.methods.has(Method::List),
            Self::Export => declared.export,
            Self::AcrossParents => declared.across_parents,
            Self::SoftDelete => declared.soft_delete.is_some(),
            Self::References => declared.references().next().is_some(),
            Self::Table => declared.existing.is_some(),
        }
    }
}

/// What a store can do of what not every store can.
///
/// # Examples
///
/// ```
/// use rest_standard::store::{Capabilities, Capability};
///
/// let can = Capabilities::ALL.without(Capability::Search);
/// assert!(can.has(Capability::Export) && !can.has(Capability::Search));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities(u8);

impl Capabilities {
    /// Nothing but what every store can do.
    pub const NONE: Self = Self(0);
    /// Everything that there is in this release.
    pub const ALL: Self = Self::NONE
        .with(Capability::Search)
        .with(Capability::Export)
        .with(Capability::AcrossParents)
        .with(Capability::SoftDelete)
        .with(Capability::References)
        .with(Capability::Table);

    /// These with `capability`.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u8)
    }

    /// These without `capability`.
    #[must_use]
    pub const fn without(self, capability: Capability) -> Self {
        Self(self.0 & !(1 << capability as u8))
    }

    /// Whether `capability` is one of these.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u8 != 0
    }

    /// Whether a store that can do these can keep the resources of a tree. A service asks before it starts.
    ///
    /// # Errors
    ///
    /// When the tree needs what is not among these; the text names each resource and what it declares.
    pub fn suffice(self, tree: &Tree) -> Result<()> {
        let mut missing = Vec::new();
        for node in tree.nodes() {
            for capability in Capability::ALL {
                if capability.is_needed_by(node) && !self.has(capability) {
                    missing.push(format!("`{}` declares `{}`", node.address, capability.name()));
                }
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::internal(format!(
            "the store cannot do what the resources declare; take another store, or leave the word out:\n{}",
            missing.join("\n")
        )))
    }
}
