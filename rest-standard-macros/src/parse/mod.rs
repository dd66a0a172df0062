//! Tokens to `Raw…` types: the grammar of the attributes and nothing of their meaning.

mod enumeration;
mod field;
mod method;
mod resource;

pub(crate) use self::{
    enumeration::enumeration,
    method::{methods, stray_method},
    resource::{resource, value},
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Attribute, ItemStruct, Visibility, parse::ParseStream, parse::Parser};

use crate::{
    attr::is,
    code::Code,
    diag::{Problem, Sink},
};

/// The `#[cfg(…)]` attributes, which generated code repeats.
fn cfgs(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}

/// The item without the attributes called `helper`, which only the macro understands.
///
/// For items that the macro cannot read: what can be read loses them on the way.
pub(crate) fn strip(item: TokenStream, helper: &str) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for tree in item {
        let TokenTree::Group(group) = tree else {
            kept.push(tree);
            continue;
        };
        let after_hash = matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
        if after_hash && group.delimiter() == Delimiter::Bracket {
            let path = group.stream().into_iter().take_while(|tree| match tree {
                TokenTree::Punct(punct) => punct.as_char() == ':',
                other => matches!(other, TokenTree::Ident(_)),
            });
            let names_helper = matches!(path.last(), Some(TokenTree::Ident(name)) if name == helper);
            if names_helper {
                kept.pop();
            } else {
                kept.push(group.into());
            }
            continue;
        }
        let mut inner = Group::new(group.delimiter(), strip(group.stream(), helper));
        inner.set_span(group.span());
        kept.push(inner.into());
    }
    kept.into_iter().collect()
}

/// Splits the attributes called `name` off, giving their arguments as one list of options.
fn take_arguments(attributes: &mut Vec<Attribute>, name: &str, sink: &mut Sink) -> Option<TokenStream> {
    let mut found = None::<TokenStream>;
    attributes.retain(|attribute| {
        if !is(attribute, name) {
            return true;
        }
        let all = found.get_or_insert_default();
        match &attribute.meta {
            syn::Meta::Path(_) => {}
            syn::Meta::List(list) => {
                if !all.is_empty() {
                    all.extend(quote::quote!(,));
                }
                all.extend(list.tokens.clone());
            }
            syn::Meta::NameValue(pair) => {
                sink.push(
                    Problem::at(
                        Code::OptionsWithoutParentheses,
                        &pair.value,
                        format!("`{name}` takes its options in parentheses"),
                    )
                    .help(format!("write `#[{name}(…)]`")),
                );
            }
        }
        false
    });
    found
}

/// Whether the item begins with `keyword` behind its attributes and visibility; reports it otherwise.
fn expect_kind(item: &TokenStream, attribute: &str, keyword: &str, sink: &mut Sink) -> bool {
    let first = |input: ParseStream<'_>| {
        Attribute::parse_outer(input)?;
        input.parse::<Visibility>()?;
        let first: TokenTree = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(first)
    };
    match first.parse2(item.clone()) {
        Ok(TokenTree::Ident(word)) if word == keyword => true,
        Ok(found) => {
            let wanted = match keyword {
                "struct" => "a struct with named fields",
                "enum" => "an enum",
                _ => "an `impl` block",
            };
            let help = match found.to_string().as_str() {
                "enum" => "an enum takes `#[resource_enum]`".to_owned(),
                "fn" | "async" if attribute == "custom_methods" => {
                    "write it above the method's `impl`, and `#[custom_method]` here".to_owned()
                }
                "impl" => "an `impl` block takes `#[custom_methods]`".to_owned(),
                "struct" if keyword == "enum" => {
                    "a struct takes `#[resource(…)]`, or `#[resource_value]` for a nested object".to_owned()
                }
                _ => format!("write it above `{keyword} Device {{ … }}`"),
            };
            sink.push(
                Problem::at(
                    Code::WrongItem,
                    found,
                    format!("`#[{attribute}]` can only be applied to {wanted}"),
                )
                .help(help),
            );
            false
        }
        Err(error) => {
            sink.push(Problem::unreadable(&error).help(format!("write it above `{keyword} Device {{ … }}`")));
            false
        }
    }
}

/// The struct with named fields that `#[resource]` and `#[resource_value]` stand on.
fn named_struct(
    item: TokenStream,
    attribute: &str,
    generics_note: &str,
    sink: &mut Sink,
) -> Option<ItemStruct> {
    if !expect_kind(&item, attribute, "struct", sink) {
        return None;
    }
    let item: ItemStruct = syn::parse2(item)
        .map_err(|error| sink.push(Problem::unreadable(&error).help("write `struct Device { … }`")))
        .ok()?;
    let needs_names = format!("`#[{attribute}]` needs named fields");
    let note = "the fields' names become the names in JSON";
    match &item.fields {
        syn::Fields::Named(_) => {}
        syn::Fields::Unnamed(fields) => {
            sink.push(
                Problem::at(Code::NoNamedFields, fields, needs_names)
                    .note(note)
                    .help("write `{ pub name: Type }`"),
            );
            return None;
        }
        syn::Fields::Unit => {
            sink.push(
                Problem::at(Code::NoNamedFields, &item.ident, needs_names)
                    .note(note)
                    .help(format!("write `struct {} {{ … }}`", item.ident)),
            );
            return None;
        }
    }
    if !item.generics.params.is_empty() {
        sink.push(
            Problem::at(
                Code::Generic,
                &item.generics,
                format!("`#[{attribute}]` does not support generic parameters"),
            )
            .note(generics_note)
            .help("write the types in full"),
        );
    } else if let Some(clause) = &item.generics.where_clause {
        sink.push(
            Problem::at(Code::Generic, clause, format!("`#[{attribute}]` does not support a `where` clause"))
                .note(generics_note)
                .help("leave it out; without generic parameters it says nothing"),
        );
    }
    Some(item)
}
