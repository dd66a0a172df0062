//! Fields: one typed constant for each, which the rest of the output names.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, Lit, Meta, Type};

use crate::{
    attr::ungroup,
    model::{Constraint, Field},
};

/// The name of the constant of the field at a place.
fn constant(at: usize) -> Ident {
    format_ident!("__RS_{at}")
}

/// The constants and their assertions.
pub(super) fn constants(fields: &[Field]) -> TokenStream {
    fields.iter().enumerate().map(|(at, field)| constant_of(field, &constant(at))).collect()
}

fn constant_of(field: &Field, name: &Ident) -> TokenStream {
    let Field { ty, cfgs, json, column, flags, .. } = field;
    let constraints = field.constraints.iter().map(|constraint| self::constraint(constraint, field));
    let default = field.default.as_ref().map(|default| {
        let value = default_value(default);
        quote!(.default(|| #name.encode(&#value)))
    });
    let assertion = field.must_have_default.map(|check| {
        let check = format_ident!("{check}");
        quote_spanned!(field.ident.span()=> #(#cfgs)* const _: () = __rs::#check(&#name.field);)
    });
    let constructor = constructor(ty);
    quote! {
        #(#cfgs)*
        const #name: __rs::Column<#ty> = #constructor(#json, #column) #(#constraints)* #default #(.#flags())*;
        #assertion
    }
}

/// `__rs::field`, placed over the whole of the field's type: that is what the compiler underlines when the type is none
/// that a field can have.
fn constructor(ty: &Type) -> TokenStream {
    let mut places = ty.to_token_stream().into_iter().map(|tree| tree.span());
    let first = places.next().unwrap_or_else(Span::call_site);
    let last = places.last().unwrap_or(first);
    let start = quote_spanned!(first=> __rs);
    let end = quote_spanned!(last=> field);
    quote!(#start::#end)
}

/// A text literal stands for whatever the field can make of it.
fn default_value(default: &Expr) -> TokenStream {
    match ungroup(default) {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => {
            quote_spanned!(text.span()=> ::core::convert::Into::into(#text))
        }
        _ => quote!((#default)),
    }
}

fn constraint(constraint: &Constraint, field: &Field) -> TokenStream {
    // The compiler points at the method's name when the bound fails; the type is what has to change.
    let at = first_span(&field.ty);
    match constraint {
        Constraint::Length(min, max) => quote_spanned!(at=> .length(#min, #max)),
        Constraint::IntegerRange(min, max) => {
            let (min, max) = (option(*min), option(*max));
            quote_spanned!(at=> .range(#min, #max))
        }
        Constraint::FloatRange(min, max) => {
            let (min, max) = (option(*min), option(*max));
            quote_spanned!(at=> .float_range(#min, #max))
        }
        Constraint::Pattern(text) => quote_spanned!(at=> .pattern({
            static __RS_PATTERN: __rs::Pattern = __rs::Pattern::new(#text);
            &__RS_PATTERN
        })),
        Constraint::Format(variant) => quote_spanned!(at=> .format(__rs::Format::#variant)),
    }
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn first_span(tokens: &impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().next().map_or_else(Span::call_site, |tree| tree.span())
}

/// The elements of the descriptor's list.
pub(super) fn descriptors(fields: &[Field]) -> TokenStream {
    let elements = fields.iter().enumerate().map(|(at, field)| {
        let (cfgs, name, doc) = (&field.cfgs, constant(at), &field.doc);
        if doc.is_empty() {
            quote!(#(#cfgs)* #name.field,)
        } else {
            quote!(#(#cfgs)* #name.documented(#doc),)
        }
    });
    quote!(&[#(#elements)*])
}

/// `decode` and `encode`.
pub(super) fn codec(fields: &[Field]) -> TokenStream {
    let decoded = fields.iter().enumerate().map(|(at, field)| {
        let (cfgs, ident, name, index) = (&field.cfgs, &field.ident, constant(at), index(fields, at));
        quote!(#(#cfgs)* #ident: #name.decode(&mut __row, #index)?,)
    });
    let encoded = fields.iter().enumerate().map(|(at, field)| {
        let (cfgs, ident, name) = (&field.cfgs, &field.ident, constant(at));
        quote!(#(#cfgs)* #name.encode(&self.#ident),)
    });
    let row = if fields.is_empty() { quote!(_) } else { quote!(mut __row) };
    quote! {
        fn decode(#row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self { #(#decoded)* })
        }
        fn encode(&self) -> __rs::Row {
            __rs::row([#(#encoded)*])
        }
    }
}

/// The place of a field in the row: fields before it that a `cfg` may leave out do not always count.
fn index(fields: &[Field], at: usize) -> TokenStream {
    let certain = fields[..at].iter().filter(|field| field.cfgs.is_empty()).count();
    let maybe = fields[..at].iter().filter(|field| !field.cfgs.is_empty()).map(|field| {
        let conditions = field.cfgs.iter().filter_map(|cfg| match &cfg.meta {
            Meta::List(list) => Some(&list.tokens),
            _ => None,
        });
        quote!(+ ::core::cfg!(all(#(#conditions),*)) as usize)
    });
    let certain = proc_macro2::Literal::usize_unsuffixed(certain);
    quote!(#certain #(#maybe)*)
}
