//! Stubs beside the mistakes, so that one wrong declaration does not make every use of its type wrong too.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Type;

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
    let field = field(ident, krate);
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
    let field = field(ident, krate);
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

fn field(ident: &Ident, krate: &TokenStream) -> TokenStream {
    quote! {
        const _: () = {
            use #krate::__private as __rs;
            impl __rs::Field for #ident {
                const KIND: __rs::FieldKind = __rs::FieldKind::Json;
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
