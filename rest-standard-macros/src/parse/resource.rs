//! Structs: `#[resource(…)]` and `#[resource_value]`.

use proc_macro2::{Ident, TokenStream};
use syn::Token;

use super::{field, named_struct};
use crate::{
    attr,
    code::Code,
    diag::{Problem, Sink},
    doc,
    model::{RawResource, RawValue, RawView, ResourceOptions},
    symbol,
};

/// Reads a struct with `#[resource(…)]`.
pub(crate) fn resource(arguments: TokenStream, item: TokenStream, sink: &mut Sink) -> Option<RawResource> {
    let mut part = Sink::new();
    let options = options(arguments, &mut part);
    let options_are_whole = part.is_empty();
    sink.absorb(part);
    let mut item = named_struct(item, "resource", "a resource has one table and one schema", sink)?;
    let doc = doc::text(&item.attrs, sink);
    let fields = field::fields(&mut item, sink);
    Some(RawResource { item, doc, options, options_are_whole, fields })
}

fn options(arguments: TokenStream, sink: &mut Sink) -> ResourceOptions {
    let mut options = ResourceOptions::default();
    let mut views: Vec<(Ident, TokenStream)> = Vec::new();
    attr::options(arguments, symbol::RESOURCE, symbol::COLLECTION, sink, |name, key, input| {
        match name {
            symbol::COLLECTION => {
                options.collection = Some(attr::text(key, "collection = \"devices\"", input)?);
            }
            symbol::SINGLETON => options.singleton = Some(attr::text(key, "singleton = \"state\"", input)?),
            symbol::SINGULAR => options.singular = Some(attr::text(key, "singular = \"device\"", input)?),
            symbol::PARENT => options.parent = Some(attr::type_of(key, "parent = DeviceType", input)?),
            symbol::ID => options.id = Some(attr::word(key, symbol::ID_KINDS, input)?),
            symbol::EXAMPLE => {
                options.example = Some(attr::expression(key, "example = \"front-door\"", input)?);
            }
            symbol::VIEW => views.push((key.clone(), attr::group(key, VIEW_EXAMPLE, input)?)),
            symbol::INDEX => {
                options.indexes.push(attr::words(key, "index(volume, display_name)", input)?);
            }
            symbol::METHODS => options.methods = Some(attr::words(key, "methods(list, read)", input)?),
            symbol::WITHOUT => options.without = Some(attr::words(key, "without(delete)", input)?),
            symbol::RULES => options.rules = Some(attr::flag(key, input)?),
            symbol::CHANGES if input.peek(Token![=]) => {
                options.keep_changes = Some(attr::text(key, "changes = \"90d\"", input)?);
                options.changes = Some(key.clone());
            }
            symbol::CHANGES => options.changes = Some(attr::flag(key, input)?),
            symbol::UPSERT => options.upsert = Some(attr::flag(key, input)?),
            symbol::SLASH_VERBS => options.slash_verbs = Some(attr::flag(key, input)?),
            symbol::ACROSS_PARENTS => options.across_parents = Some(attr::flag(key, input)?),
            symbol::REQUIRE_IF_MATCH => options.require_if_match = Some(attr::flag(key, input)?),
            symbol::EXPORT => options.export = Some(attr::flag(key, input)?),
            symbol::IMPORT => options.import = Some(attr::flag(key, input)?),
            symbol::DROPPED => options.dropped = Some(attr::words(key, "dropped(old_code)", input)?),
            symbol::TABLE => options.table = Some(attr::text(key, "table = \"Invoice\"", input)?),
            symbol::KEY => options.key = Some(attr::texts(key, "key(\"CustomerId\", \"InvoiceId\")", input)?),
            symbol::CREATED_AT | symbol::CREATED_BY | symbol::UPDATED_AT | symbol::UPDATED_BY => {
                options.mapped.push(attr::text(key, &format!("{name} = \"Column\""), input)?);
            }
            _ => options.soft_delete = Some(attr::text(key, "soft_delete = \"30d\"", input)?),
        }
        Ok(())
    });
    options.views = views.into_iter().map(|(key, arguments)| view(key, arguments, sink)).collect();
    options
}

const VIEW_EXAMPLE: &str = "view(name = \"summary\", fields(display_name, owner))";

fn view(key: Ident, arguments: TokenStream, sink: &mut Sink) -> RawView {
    let mut view = RawView { key, name: None, fields: None, is_whole: true };
    let mut part = Sink::new();
    attr::options(arguments, symbol::VIEW_OPTIONS, symbol::NAME, &mut part, |name, key, input| {
        match name {
            symbol::NAME => view.name = Some(attr::text(key, "name = \"summary\"", input)?),
            _ => view.fields = Some(attr::paths(key, "fields(display_name, owner)", input)?),
        }
        Ok(())
    });
    view.is_whole = part.is_empty();
    sink.absorb(part);
    view
}

/// Reads a struct with `#[resource_value]`.
pub(crate) fn value(arguments: TokenStream, item: TokenStream, sink: &mut Sink) -> Option<RawValue> {
    no_options("resource_value", arguments, sink);
    let mut item = named_struct(item, "resource_value", "a nested object has one schema", sink)?;
    let doc = doc::text(&item.attrs, sink);
    let fields = field::fields(&mut item, sink);
    Some(RawValue { item, doc, fields })
}

/// Refuses options of an attribute that has none.
pub(super) fn no_options(attribute: &str, arguments: TokenStream, sink: &mut Sink) {
    if !arguments.is_empty() {
        sink.push(
            Problem::at(Code::NoOptions, arguments, format!("`#[{attribute}]` takes no options"))
                .help(format!("write `#[{attribute}]`")),
        );
    }
}
