//! References: what generated code says of a field that holds the id of another resource, and what is refused of it.

use std::marker::PhantomData;

use super::{Column, text::Text};
use crate::{
    descriptor::{Descriptor, FieldDescriptor, FieldKind, IdKind, OnDelete, Reference, Shape},
    resource::Resource,
};

impl<T> Column<T> {
    /// Holds the id of a resource of another type.
    #[must_use]
    pub const fn references<R: Resource>(mut self, on_delete: OnDelete) -> Self {
        // A pointer, so that types can refer to each other and to themselves.
        self.field.references = Some(Reference { target: || R::DESCRIPTOR, on_delete });
        self
    }
}

/// Where a check finds what a field refers to, if that is a resource at all.
#[derive(Debug)]
pub struct TargetOf<R>(PhantomData<R>);

impl<R: Resource> TargetOf<R> {
    /// The description of a resource; this shadows the constant of [`NoTarget`].
    pub const DESCRIPTOR: Option<&'static Descriptor> = Some(R::DESCRIPTOR);
}

/// What any other type has, so that it is refused once.
pub trait NoTarget {
    /// No description.
    const DESCRIPTOR: Option<&'static Descriptor> = None;
}

impl<R> NoTarget for TargetOf<R> {}

/// Refuses a reference that leads nowhere, that the field's type cannot hold, or that cannot become null as it says.
///
/// # Panics
///
/// In a constant, so that it does not compile.
#[track_caller]
pub const fn check_reference(field: &FieldDescriptor, target: Option<&'static Descriptor>) {
    let (Some(target), Some(reference)) = (target, field.references) else { return };
    // What was refused itself has no name.
    if target.name.is_empty() {
        return;
    }
    let Shape::Collection(kind) = target.shape else {
        let text = Text::new("[RS111] `").and(target.name).and(
            "` is a singleton, which nothing refers to\n\
             note: there is one of it, so its id would say nothing\n\
             help: leave `references` out",
        );
        panic!("{}", text.as_str());
    };
    if target.parent.is_some() {
        let text = Text::new("[RS111] `").and(target.name).and(
            "` is below a parent, so that its id alone does not say which one is meant\n\
             note: references lead to collections at the API root\n\
             help: leave `references` out, and keep the ids of its path in fields of their own",
        );
        panic!("{}", text.as_str());
    }
    let (is_fit, wanted) = match kind {
        IdKind::Slug | IdKind::Text => (matches!(field.kind, FieldKind::Text), "String"),
        IdKind::Uuid => (matches!(field.kind, FieldKind::Uuid), "Uuid"),
        IdKind::Integer => (matches!(field.kind, FieldKind::Integer { .. }), "i64"),
    };
    if !is_fit {
        let text = Text::new("[RS112] field `")
            .and(field.rust_name)
            .and("` cannot hold the id of a `")
            .and(target.name)
            .and("`\nhelp: make its type `")
            .and(wanted)
            .and("` or `Option<")
            .and(wanted)
            .and(">`");
        panic!("{}", text.as_str());
    }
    if matches!(reference.on_delete, OnDelete::SetNull) && !field.nullable {
        let text = Text::new("[RS113] field `")
            .and(field.rust_name)
            .and("` can never be null, as `on_delete = set_null` would make it\nhelp: make its type `Option<")
            .and(wanted)
            .and(">`, or leave `on_delete` out, so that the delete is refused");
        panic!("{}", text.as_str());
    }
}
