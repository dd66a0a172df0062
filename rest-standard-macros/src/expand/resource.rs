//! `impl Resource` and `impl ResourceValue`.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::field;
use crate::{
    attr::Keyed,
    model::{Existing, Resource, Value},
    name, symbol,
};

/// The implementation of a resource.
pub(super) fn implementation(resource: &Resource, krate: &TokenStream) -> TokenStream {
    let Resource { ident, cfgs, name, doc, segment, .. } = resource;
    let constants = field::constants(&resource.fields);
    let descriptors = field::descriptors(&resource.fields);
    let codec = field::codec(&resource.fields);
    let views = field::views(&resource.views);
    let view_checks = field::view_checks(&resource.views, &resource.fields);
    let parent = resource.parent.as_ref().map_or_else(|| quote!(__rs::Root), |parent| quote!(#parent));
    let shape = match resource.id {
        Some(kind) => {
            let kind = Ident::new(kind, Span::call_site());
            quote!(__rs::Shape::Collection(__rs::IdKind::#kind))
        }
        None => quote!(__rs::Shape::Singleton),
    };
    let example_id = field::option(resource.example_id.as_ref());
    // What is not switched on is as in `PLAIN`.
    let switches = [
        (resource.changes, quote!(changes: true)),
        (resource.upsert, quote!(upsert: true)),
        (resource.slash_verbs, quote!(slash_verbs: true)),
        (resource.require_if_match, quote!(require_if_match: true)),
        (resource.across_parents, quote!(across_parents: true)),
        (resource.export, quote!(export: true)),
        (resource.import, quote!(import: true)),
    ];
    let indexes = field::indexes(&resource.indexes, &resource.fields);
    let index_checks = field::index_checks(&resource.indexes, &resource.fields);
    let soft_delete = resource.soft_delete.map(|seconds| {
        let seconds = Literal::u64_unsuffixed(seconds);
        quote!(soft_delete: ::core::option::Option::Some(#seconds))
    });
    let keep_changes = resource.keep_changes.map(|seconds| {
        let seconds = Literal::u64_unsuffixed(seconds);
        quote!(keep_changes: ::core::option::Option::Some(#seconds))
    });
    let dropped = &resource.dropped;
    let dropped = (!dropped.is_empty()).then(|| quote!(dropped: &[#(#dropped),*]));
    let existing = resource.existing.as_ref().map(|existing| {
        let Existing { name, key, mapped } = existing;
        let mapped = mapped.iter().map(|Keyed { key, value }| {
            let key = Ident::new(&key.unraw().to_string(), Span::call_site());
            quote!(#key: ::core::option::Option::Some(#value))
        });
        quote! {
            existing: ::core::option::Option::Some(__rs::ExistingTable {
                name: #name,
                key: &[#(#key),*],
                #(#mapped,)*
                ..__rs::PLAIN_TABLE
            })
        }
    });
    let switched = switches
        .into_iter()
        .filter(|(is_on, _)| *is_on)
        .map(|(_, switch)| switch)
        .chain(soft_delete)
        .chain(keep_changes)
        .chain(indexes)
        .chain(dropped)
        .chain(existing);
    let all = if resource.id.is_some() { symbol::COLLECTION_METHODS } else { symbol::SINGLETON_METHODS };
    let whole = if resource.id.is_some() { quote!(ALL) } else { quote!(SINGLETON) };
    let (there, missing): (Vec<_>, Vec<_>) = all.iter().partition(|method| resource.methods.contains(method));
    // Whichever takes fewer words.
    let (start, word, named) = if there.len() < missing.len() {
        (quote!(NONE), quote!(with), there)
    } else {
        (whole, quote!(without), missing)
    };
    let methods = named.into_iter().map(|method| {
        let method = Ident::new(&name::to_pascal(method), Span::call_site());
        quote!(.#word(__rs::Method::#method))
    });
    let rules = match &resource.rules {
        // The word `rules` is what is wrong when the type does not implement them.
        Some(rules) => quote_spanned!(rules.span()=> ::core::option::Option::Some(__rs::rules_of::<Self>())),
        None => quote!(::core::option::Option::None),
    };
    let declares_rules = resource.rules.as_ref().map(|_| quote!(impl __rs::DeclaresRules for #ident {}));
    let rules_check =
        resource.rules.as_ref().filter(|_| resource.id.is_none()).map(
            |rules| quote_spanned!(rules.span()=> const _: () = __rs::check_singleton_rules::<#ident>();),
        );
    let segment_check = resource
        .parent
        .as_ref()
        .map(|_| quote_spanned!(segment.span()=> const _: () = __rs::check_segment::<#ident>(#segment);));
    quote! {
        #(#cfgs)*
        const _: () = {
            use #krate::__private::{self as __rs, NoCustomMethods as _, NoTarget as _};
            #constants
            #[automatically_derived]
            #[allow(deprecated, clippy::needless_update)]
            impl __rs::Resource for #ident {
                type Parent = #parent;
                const DESCRIPTOR: &'static __rs::Descriptor = &__rs::Descriptor {
                    name: #name,
                    segment: #segment,
                    shape: #shape,
                    parent: __rs::parent_of::<Self>(),
                    doc: #doc,
                    example_id: #example_id,
                    fields: #descriptors,
                    views: #views,
                    methods: __rs::Methods::#start #(#methods)*,
                    custom_methods: __rs::CustomMethodsOf::<Self>::LIST,
                    rules: #rules,
                    #(#switched,)*
                    ..__rs::PLAIN
                };
                #codec
            }
            #declares_rules
            #rules_check
            #segment_check
            #view_checks
            #index_checks
        };
    }
}

/// The implementation of a nested struct.
pub(super) fn value_implementation(value: &Value, krate: &TokenStream) -> TokenStream {
    let Value { ident, cfgs, name, doc, fields } = value;
    let constants = field::constants(fields);
    let descriptors = field::descriptors(fields);
    let codec = field::codec(fields);
    quote! {
        #(#cfgs)*
        const _: () = {
            use #krate::__private as __rs;
            #constants
            #[automatically_derived]
            #[allow(deprecated)]
            impl __rs::ResourceValue for #ident {
                const DESCRIPTOR: &'static __rs::ValueDescriptor =
                    &__rs::ValueDescriptor { name: #name, doc: #doc, fields: #descriptors };
                #codec
            }
            #[automatically_derived]
            impl __rs::Field for #ident {
                const KIND: __rs::FieldKind = __rs::FieldKind::Object(<Self as __rs::ResourceValue>::DESCRIPTOR);
                fn to_value(&self) -> __rs::Value {
                    __rs::object_to_value(self)
                }
                fn from_value(__value: __rs::Value) -> __rs::Result<Self> {
                    __rs::value_to_object(__value)
                }
            }
        };
    }
}
