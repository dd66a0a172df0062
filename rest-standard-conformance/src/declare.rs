//! Descriptors made by hand, for tests of stores, which know nothing of macros.

use rest_standard::descriptor::{Descriptor, FieldDescriptor, FieldKind, Methods, Shape};

/// Any integer.
pub const INTEGER: FieldKind = FieldKind::Integer { min: i64::MIN, max: i64::MAX };

/// A field that may be null, and that a list can be filtered and ordered by.
#[must_use]
pub const fn field(name: &'static str, kind: FieldKind) -> FieldDescriptor {
    FieldDescriptor {
        name,
        rust_name: name,
        column: name,
        doc: "",
        kind,
        nullable: true,
        length: None,
        range: None,
        pattern: None,
        format: None,
        default: None,
        example: None,
        filter: true,
        order: true,
        search: false,
        unique: false,
        immutable: false,
        output_only: false,
        input_only: false,
        required: false,
        references: None,
        renamed_from: None,
        converted_from: None,
        texts: None,
    }
}

/// The field, which is never null.
#[must_use]
pub const fn required(field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { nullable: false, ..field }
}

/// The field, of which no two rows have the same value.
#[must_use]
pub const fn unique(field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { unique: true, ..field }
}

/// The field, whose words `$search` finds.
#[must_use]
pub const fn searched(field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { search: true, ..field }
}

/// A field that may be null, and that a list is neither filtered nor ordered by.
#[must_use]
pub const fn nullable(name: &'static str, kind: FieldKind) -> FieldDescriptor {
    plain(field(name, kind))
}

/// A field that a list is neither filtered nor ordered by.
#[must_use]
pub const fn plain(field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { filter: false, order: false, ..field }
}

/// A resource without fields.
#[must_use]
pub const fn resource(name: &'static str, segment: &'static str, shape: Shape) -> Descriptor {
    Descriptor {
        name,
        segment,
        shape,
        parent: None,
        doc: "",
        example_id: None,
        fields: &[],
        views: &[],
        indexes: &[],
        methods: Methods::ALL,
        custom_methods: &[],
        rules: None,
        changes: false,
        keep_changes: None,
        upsert: false,
        slash_verbs: false,
        export: false,
        import: false,
        dropped: &[],
        existing: None,
        require_if_match: false,
        across_parents: false,
        soft_delete: None,
    }
}
