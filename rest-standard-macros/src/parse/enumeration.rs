//! Enums: `#[resource_enum]`.

use proc_macro2::TokenStream;
use syn::ItemEnum;

use super::{expect_kind, resource::no_options};
use crate::{
    code::Code,
    diag::{Problem, Sink},
    doc,
    model::RawEnum,
};

/// Reads an enum with `#[resource_enum]`.
pub(crate) fn enumeration(arguments: TokenStream, item: TokenStream, sink: &mut Sink) -> Option<RawEnum> {
    no_options("resource_enum", arguments, sink);
    if !expect_kind(&item, "resource_enum", "enum", sink) {
        return None;
    }
    let item: ItemEnum = syn::parse2(item)
        .map_err(|error| sink.push(Problem::unreadable(&error).help("write `enum Mode { … }`")))
        .ok()?;
    if !item.generics.params.is_empty() {
        sink.push(
            Problem::at(
                Code::Generic,
                &item.generics,
                "`#[resource_enum]` does not support generic parameters",
            )
            .note("its values are the variants' names")
            .help("leave the parameters out"),
        );
    }
    let doc = doc::text(&item.attrs, sink);
    let variant_docs = item.variants.iter().map(|variant| doc::text(&variant.attrs, sink)).collect();
    Some(RawEnum { item, doc, variant_docs })
}
