//! The rules of `references` and `on_delete`.

use syn::Type;

use super::Owner;
use crate::{
    code::Code,
    diag::{Problem, Sink},
    model::FieldOptions,
    symbol,
};

/// What the field refers to, with the variant of `OnDelete`.
pub(super) fn reference(
    options: &FieldOptions,
    owner: Owner,
    sink: &mut Sink,
) -> Option<(Type, &'static str)> {
    let Some(references) = &options.references else {
        if let Some(on_delete) = &options.on_delete {
            sink.push(
                Problem::at(Code::OnDelete, &on_delete.key, "`on_delete` needs `references`")
                    .note("it says what becomes of the field when what it refers to is deleted")
                    .help(
                        "write `references = Site` with the type of the resource, or leave `on_delete` out",
                    ),
            );
        }
        return None;
    };
    if let Some(problem) = misplaced(options, owner) {
        sink.push(problem);
        return None;
    }
    let nulls = options.on_delete.as_ref().filter(|on_delete| on_delete.value == symbol::SET_NULL);
    if let (Some(nulls), Some(_)) = (nulls, &options.immutable) {
        sink.push(
            Problem::at(
                Code::OnDelete,
                &nulls.value,
                "an `immutable` field cannot have `on_delete = set_null`",
            )
            .note("it is fixed once the resource is created")
            .help("leave `on_delete` out, so that the delete is refused, or `immutable`"),
        );
    }
    Some((references.value.clone(), if nulls.is_some() { "SetNull" } else { "Refuse" }))
}

/// Why the field cannot refer to anything, whatever that is.
fn misplaced(options: &FieldOptions, owner: Owner) -> Option<Problem> {
    let key = &options.references.as_ref()?.key;
    match owner {
        Owner::Value => Some(
            Problem::at(
                Code::ResourceOption,
                key,
                "`references` does not apply to a field of a `#[resource_value]`",
            )
            .note("a nested object is not a column by which what refers to a resource could be found")
            .help("leave it out, or write `references` on a field of the resource"),
        ),
        Owner::Singleton => Some(
            Problem::at(Code::ReferencePlace, key, "a field of a singleton cannot have `references`")
                .note("it begins with a default, which nobody checks against what there is")
                .help("leave `references` out, or put the field in a collection's resource"),
        ),
        Owner::Collection if options.input_only.is_some() => Some(
            Problem::at(Code::ReferencePlace, key, "an `input_only` field cannot have `references`")
                .note("its value would show in the link to what it refers to")
                .help("leave `references` out, or `input_only`"),
        ),
        Owner::Collection => None,
    }
}
