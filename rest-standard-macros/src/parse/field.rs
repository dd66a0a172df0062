//! Fields and their `#[field(…)]`.

use proc_macro2::TokenStream;
use syn::ItemStruct;

use super::{cfgs, take_arguments};
use crate::{
    attr,
    diag::Sink,
    doc,
    model::{FieldOptions, RawField},
    symbol,
};

/// Reads the fields, taking their helper attributes off the item.
pub(super) fn fields(item: &mut ItemStruct, sink: &mut Sink) -> Vec<RawField> {
    let mut fields = Vec::new();
    for field in &mut item.fields {
        let arguments = take_arguments(&mut field.attrs, symbol::FIELD_ATTRIBUTE, sink).unwrap_or_default();
        let Some(ident) = field.ident.clone() else { continue };
        fields.push(RawField {
            ident,
            ty: field.ty.clone(),
            vis: field.vis.clone(),
            cfgs: cfgs(&field.attrs),
            doc: doc::text(&field.attrs, sink),
            options: options(arguments, sink),
        });
    }
    fields
}

fn options(arguments: TokenStream, sink: &mut Sink) -> FieldOptions {
    let mut options = FieldOptions::default();
    attr::options(arguments, symbol::FIELD, symbol::RENAME, sink, |name, key, input| {
        options.written.push(key.clone());
        match name {
            symbol::LENGTH => options.length = Some(attr::expression(key, "length = 1..=64", input)?),
            symbol::RANGE => options.range = Some(attr::expression(key, "range = 0..=10", input)?),
            symbol::PATTERN => options.pattern = Some(attr::text(key, "pattern = \"[A-Z]{3}\"", input)?),
            symbol::FORMAT => options.format = Some(attr::word(key, symbol::FORMATS, input)?),
            symbol::DEFAULT => options.default = Some(attr::expression(key, "default = 5", input)?),
            symbol::EXAMPLE => options.example = Some(attr::expression(key, "example = 7", input)?),
            symbol::FILTER => options.filter = Some(attr::flag(key, input)?),
            symbol::ORDER => options.order = Some(attr::flag(key, input)?),
            symbol::SEARCH => options.search = Some(attr::flag(key, input)?),
            symbol::UNIQUE => options.unique = Some(attr::flag(key, input)?),
            symbol::IMMUTABLE => options.immutable = Some(attr::flag(key, input)?),
            symbol::OUTPUT_ONLY => options.output_only = Some(attr::flag(key, input)?),
            symbol::INPUT_ONLY => options.input_only = Some(attr::flag(key, input)?),
            symbol::REQUIRED => options.required = Some(attr::flag(key, input)?),
            symbol::REFERENCES => {
                options.references = Some(attr::type_of(key, "references = Site", input)?);
            }
            symbol::ON_DELETE => options.on_delete = Some(attr::word(key, symbol::ON_DELETES, input)?),
            symbol::RENAMED_FROM => {
                options.renamed_from = Some(attr::text(key, "renamed_from = \"serial\"", input)?);
            }
            symbol::CONVERTED_FROM => {
                options.converted_from = Some(attr::word(key, symbol::STORED, input)?);
            }
            symbol::COLUMN => options.column = Some(attr::text(key, "column = \"UnitPrice\"", input)?),
            symbol::TEXTS => {
                options.texts = Some(attr::pairs(key, "texts(InProgress = \"in progress\")", input)?);
            }
            _ => options.rename = Some(attr::text(key, "rename = \"serialNumber\"", input)?),
        }
        Ok(())
    });
    options
}
