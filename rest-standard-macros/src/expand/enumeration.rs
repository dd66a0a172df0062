//! `impl Field` for enums, with the traits that they lack.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use crate::model::Enum;

/// The derives that the author did not list.
pub(super) fn derives(declared: &Enum) -> TokenStream {
    let paths = declared.derives.iter().map(|name| {
        let ident = Ident::new(name, Span::call_site());
        match *name {
            "Clone" => quote!(::core::clone::#ident),
            "Copy" => quote!(::core::marker::#ident),
            "Debug" => quote!(::core::fmt::#ident),
            "Hash" => quote!(::core::hash::#ident),
            _ => quote!(::core::cmp::#ident),
        }
    });
    if declared.derives.is_empty() {
        TokenStream::new()
    } else {
        quote!(#[::core::prelude::v1::derive(#(#paths),*)])
    }
}

/// The implementation of an enum.
pub(super) fn implementation(declared: &Enum, krate: &TokenStream) -> TokenStream {
    let Enum { ident, cfgs, name, doc, .. } = declared;
    let variants = declared.variants.iter().map(|variant| {
        let (number, name, doc) = (Literal::i64_unsuffixed(variant.number), &variant.name, &variant.doc);
        quote!(__rs::Variant { number: #number, name: #name, doc: #doc })
    });
    let arms = declared.variants.iter().map(|variant| {
        let (number, ident) = (Literal::i64_unsuffixed(variant.number), &variant.ident);
        quote!(__rs::Value::Integer(#number) => ::core::result::Result::Ok(Self::#ident),)
    });
    let default = declared.zero.as_ref().filter(|_| !declared.derives_default).map(|zero| {
        quote! {
            #[automatically_derived]
            impl ::core::default::Default for #ident {
                fn default() -> Self {
                    Self::#zero
                }
            }
        }
    });
    quote! {
        #(#cfgs)*
        const _: () = {
            use #krate::__private as __rs;
            #[automatically_derived]
            impl __rs::Scalar for #ident {}
            #[automatically_derived]
            impl __rs::Filterable for #ident {}
            #[automatically_derived]
            #[allow(deprecated)]
            impl __rs::Field for #ident {
                const KIND: __rs::FieldKind = __rs::FieldKind::Enum(&__rs::EnumDescriptor {
                    name: #name,
                    doc: #doc,
                    variants: &[#(#variants),*],
                });
                fn to_value(&self) -> __rs::Value {
                    __rs::Value::Integer(*self as i64)
                }
                fn from_value(__value: __rs::Value) -> __rs::Result<Self> {
                    match __value {
                        #(#arms)*
                        __other => __rs::unknown_variant(#name, &__other),
                    }
                }
            }
            #default
        };
    }
}
