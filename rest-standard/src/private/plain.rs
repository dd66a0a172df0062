//! Descriptions that stand in for others.

use crate::descriptor::{Descriptor, Methods, Shape};

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
    upsert: false,
    slash_verbs: false,
    across_parents: false,
    export: false,
    import: false,
    dropped: &[],
    require_if_match: false,
    soft_delete: None,
};
