//! Stubs beside the mistakes, so that one wrong declaration does not make every use of its type wrong too.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{ItemEnum, Path, Token, Type, parse_quote, punctuated::Punctuated};

use crate::attr::is;

/// A resource that implements its trait and cannot run.
///
/// It mentions the parent, so that an editor can follow and complete it while something else is still wrong.
pub(super) fn resource(ident: &Ident, parent: Option<&Type>, krate: &TokenStream) -> TokenStream {
    let parent = parent
        .map(|parent| quote!(const _: ::core::marker::PhantomData<#parent> = ::core::marker::PhantomData;));
    quote! {
        const _: () = {
            use #krate::__private as __rs;
            impl __rs::Resource for #ident {
                type Parent = __rs::Root;
                const DESCRIPTOR: &'static __rs::Descriptor = __rs::BROKEN;
                fn decode(_: __rs::Row) -> __rs::Result<Self> {
                    __rs::broken()
                }
                fn encode(&self) -> __rs::Row {
                    __rs::broken()
                }
            }
            impl __rs::DeclaresRules for #ident {}
            #parent
        };
    }
}

/// A nested struct that implements its traits and cannot run.
pub(super) fn value(ident: &Ident, krate: &TokenStream) -> TokenStream {
    let field = field(ident, &quote!(__rs::FieldKind::Json), krate);
    quote! {
        #field
        const _: () = {
            use #krate::__private as __rs;
            impl __rs::ResourceValue for #ident {
                const DESCRIPTOR: &'static __rs::ValueDescriptor =
                    &__rs::ValueDescriptor { name: "", doc: "", fields: &[] };
                fn decode(_: __rs::Row) -> __rs::Result<Self> {
                    __rs::broken()
                }
                fn encode(&self) -> __rs::Row {
                    __rs::broken()
                }
            }
        };
    }
}

/// An enum that implements its traits and cannot run.
pub(super) fn enumeration(ident: &Ident, derives_default: bool, krate: &TokenStream) -> TokenStream {
    // In a constant the kind says that there is a default, which a field may need.
    let kind = quote!(__rs::FieldKind::Enum(&__rs::EnumDescriptor { name: "", doc: "", variants: &[] }));
    let field = field(ident, &kind, krate);
    let default = (!derives_default).then(|| {
        quote! {
            impl ::core::default::Default for #ident {
                fn default() -> Self {
                    __rs::broken()
                }
            }
        }
    });
    quote! {
        #field
        const _: () = {
            use #krate::__private as __rs;
            impl __rs::Scalar for #ident {}
            impl __rs::Filterable for #ident {}
            #default
        };
    }
}

/// The traits of an enum with data, each without what it would do, in place of the derives.
pub(super) fn derived(item: &mut ItemEnum, derives: &[&str]) -> TokenStream {
    let mut names: Vec<String> = derives.iter().map(|name| (*name).to_owned()).collect();
    for attribute in item.attrs.iter_mut().filter(|attribute| is(attribute, "derive")) {
        let read = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        let Ok(paths) = read else { continue };
        let is_ours =
            |path: &Path| path.segments.last().is_some_and(|last| is_derived(&last.ident.to_string()));
        names.extend(
            paths
                .iter()
                .filter(|path| is_ours(path))
                .filter_map(|path| Some(path.segments.last()?.ident.to_string())),
        );
        let kept = paths.iter().filter(|path| !is_ours(path));
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
    let ident = &item.ident;
    names.iter().map(|name| match name.as_str() {
        "Clone" => quote!(impl ::core::clone::Clone for #ident { fn clone(&self) -> Self { ::core::unreachable!() } }),
        "Debug" => quote! {
            impl ::core::fmt::Debug for #ident {
                fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { ::core::unreachable!() }
            }
        },
        "PartialEq" => quote!(impl ::core::cmp::PartialEq for #ident { fn eq(&self, _: &Self) -> bool { ::core::unreachable!() } }),
        "Eq" => quote!(impl ::core::cmp::Eq for #ident {}),
        "PartialOrd" => quote! {
            impl ::core::cmp::PartialOrd for #ident {
                fn partial_cmp(&self, _: &Self) -> ::core::option::Option<::core::cmp::Ordering> { ::core::unreachable!() }
            }
        },
        "Ord" => quote!(impl ::core::cmp::Ord for #ident { fn cmp(&self, _: &Self) -> ::core::cmp::Ordering { ::core::unreachable!() } }),
        "Hash" => quote!(impl ::core::hash::Hash for #ident { fn hash<H: ::core::hash::Hasher>(&self, _: &mut H) { ::core::unreachable!() } }),
        // Data may not be `Copy`, and nothing could stand in for it.
        _ => TokenStream::new(),
    }).collect()
}

fn is_derived(name: &str) -> bool {
    ["Clone", "Copy", "Debug", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash"].contains(&name)
}

fn field(ident: &Ident, kind: &TokenStream, krate: &TokenStream) -> TokenStream {
    quote! {
        const _: () = {
            use #krate::__private as __rs;
            impl __rs::Field for #ident {
                const KIND: __rs::FieldKind = #kind;
                fn to_value(&self) -> __rs::Value {
                    __rs::broken()
                }
                fn from_value(_: __rs::Value) -> __rs::Result<Self> {
                    __rs::broken()
                }
            }
        };
    }
}
