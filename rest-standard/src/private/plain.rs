//! Descriptions that stand in for others.

use crate::descriptor::{Descriptor, ExistingTable, Methods, Shape};

/// The description of a resource whose declaration was refused: nothing is ever built with it.
pub const BROKEN: &Descriptor = &PLAIN;

/// A description with everything switched off.
pub const PLAIN: Descriptor = Descriptor {
    name: "",
    segment: "",
    shape: Shape::Singleton,
    parent: None,
    doc: "",
    example_id: None,
    fields: &[],
    views: &[],
    indexes: &[],
    methods: Methods::NONE,
    custom_methods: &[],
    rules: None,
    changes: false,
    keep_changes: None,
    upsert: false,
    slash_verbs: false,
    across_parents: false,
    export: false,
    import: false,
    dropped: &[],
    existing: None,
    require_if_match: false,
    soft_delete: None,
};

/// An existing table that has none of the framework's columns.
pub const PLAIN_TABLE: ExistingTable = ExistingTable {
    name: "",
    key: &[],
    created_at: None,
    created_by: None,
    updated_at: None,
    updated_by: None,
};
