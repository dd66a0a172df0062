//! Judged types to tokens. Nothing is decided here.

mod enumeration;
mod fallback;
mod field;
mod method;
mod path;
mod resource;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Fields, Generics, Item, ItemEnum, ItemStruct, punctuated::Punctuated};

use crate::{check, diag::Sink, parse, symbol};

/// Expands `#[resource(…)]`.
pub(crate) fn expand_resource(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let Some(raw) = parse::resource(arguments, item.clone(), &mut sink) else {
        return unreadable(item, symbol::FIELD_ATTRIBUTE, sink, |ident, krate| {
            fallback::resource(ident, None, krate)
        });
    };
    let checked = check::resource(&raw, &mut sink);
    let krate = path::krate();
    let mut user_item = raw.item.clone();
    let generated = match (sink.finish(), checked) {
        (None, Some(resource)) => resource::implementation(&resource, &krate),
        (errors, _) => {
            fields_once(&mut user_item);
            let parent = raw.options.parent.as_ref().map(|parent| &parent.value);
            let stub =
                plain(&user_item.generics).then(|| fallback::resource(&user_item.ident, parent, &krate));
            quote!(#errors #stub)
        }
    };
    quote!(#user_item #generated)
}

/// Expands `#[resource_value]`.
pub(crate) fn expand_value(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let Some(raw) = parse::value(arguments, item.clone(), &mut sink) else {
        return unreadable(item, symbol::FIELD_ATTRIBUTE, sink, fallback::value);
    };
    let value = check::value(&raw, &mut sink);
    let krate = path::krate();
    let mut user_item = raw.item.clone();
    let generated = match sink.finish() {
        None => resource::value_implementation(&value, &krate),
        errors => {
            fields_once(&mut user_item);
            let stub = plain(&user_item.generics).then(|| fallback::value(&user_item.ident, &krate));
            quote!(#errors #stub)
        }
    };
    quote!(#user_item #generated)
}

/// Expands `#[resource_enum]`.
pub(crate) fn expand_enum(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let Some(raw) = parse::enumeration(arguments, item.clone(), &mut sink) else {
        // What is no enum may derive `Default` itself.
        return unreadable(item, symbol::FIELD_ATTRIBUTE, sink, |ident, krate| {
            fallback::enumeration(ident, true, krate)
        });
    };
    let checked = check::enumeration(&raw, &mut sink);
    let krate = path::krate();
    let mut user_item = raw.item.clone();
    let derives = enumeration::derives(&checked);
    let generated = match sink.finish() {
        None => enumeration::implementation(&checked, &krate),
        errors => {
            // Of numbers that were refused the compiler would complain a second time.
            user_item.variants.iter_mut().for_each(|variant| variant.discriminant = None);
            once(&mut user_item.variants, |variant| (Some(&variant.ident), &variant.attrs));
            let stub = plain(&user_item.generics)
                .then(|| fallback::enumeration(&user_item.ident, checked.derives_default, &krate));
            if checked.has_data {
                // What the data can do is not known, so nothing is derived.
                let traits = fallback::derived(&mut user_item, &checked.derives);
                return quote!(#user_item #errors #stub #traits);
            }
            quote!(#errors #stub)
        }
    };
    quote!(#derives #user_item #generated)
}

/// Expands `#[custom_methods]`.
pub(crate) fn expand_methods(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let Some(raw) = parse::methods(arguments, item.clone(), &mut sink) else {
        return unreadable(item, symbol::METHOD_ATTRIBUTE, sink, |_, _| TokenStream::new());
    };
    let methods = check::methods(&raw, &mut sink);
    let block = &raw.block;
    // Without the constant the resource has no custom methods, which is all that a broken block can offer.
    let generated = sink.finish().unwrap_or_else(|| method::implementation(&methods, &path::krate()));
    quote!(#block #generated)
}

/// Expands a `#[custom_method]` that no block collects.
pub(crate) fn expand_stray_method(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    drop(arguments);
    parse::stray_method(&item, &mut sink);
    unreadable(item, symbol::METHOD_ATTRIBUTE, sink, |_, _| TokenStream::new())
}

/// An item that could not be read, without the attributes that only this crate knows.
///
/// Where it is a type all the same, it has the stub of what it was meant to be.
fn unreadable(
    item: TokenStream,
    helper: &str,
    sink: Sink,
    stub: impl FnOnce(&Ident, &TokenStream) -> TokenStream,
) -> TokenStream {
    let item = parse::strip(item, helper);
    let errors = sink.finish();
    let stub = match syn::parse2::<Item>(item.clone()) {
        Ok(
            Item::Struct(ItemStruct { ident, generics, .. }) | Item::Enum(ItemEnum { ident, generics, .. }),
        ) if plain(&generics) => Some(stub(&ident, &path::krate())),
        _ => None,
    };
    quote!(#item #errors #stub)
}

/// Leaves out the fields of a name that another has, of which the compiler would complain a second time.
fn fields_once(item: &mut ItemStruct) {
    if let Fields::Named(fields) = &mut item.fields {
        once(&mut fields.named, |field| (field.ident.as_ref(), &field.attrs));
    }
}

fn once<T: Clone, P: Clone + Default>(
    list: &mut Punctuated<T, P>,
    named: impl Fn(&T) -> (Option<&Ident>, &Vec<Attribute>),
) {
    let mut seen = Vec::new();
    let all = std::mem::take(list);
    *list = all
        .into_iter()
        .filter(|element| {
            let (ident, attributes) = named(element);
            // At most one of those that depend on a condition is there.
            let is_new = !seen.contains(&ident.cloned())
                || attributes.iter().any(|attribute| attribute.path().is_ident("cfg"));
            seen.push(ident.cloned());
            is_new
        })
        .collect();
}

/// Whether a type can have a stub: with parameters it would need to repeat them.
fn plain(generics: &Generics) -> bool {
    generics.params.is_empty()
}

/// Prints the expansion where `REST_STANDARD_DUMP=1` asks for it.
pub(crate) fn dump(attribute: &str, tokens: TokenStream) -> TokenStream {
    if std::env::var_os("REST_STANDARD_DUMP").is_some_and(|value| value == "1") {
        eprintln!("// #[{attribute}]\n{tokens}\n");
    }
    tokens
}
