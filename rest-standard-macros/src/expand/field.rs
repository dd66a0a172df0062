//! Fields: one typed constant for each, which the rest of the output names.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, Lit, Meta, ext::IdentExt};

use crate::{
    attr::ungroup,
    model::{Constraint, Field},
};

/// The name of a field's constant.
fn constant(field: &Field) -> Ident {
    format_ident!("__RS_{}", field.ident.unraw().to_string().to_uppercase())
}

/// The constants and their assertions.
pub(super) fn constants(fields: &[Field]) -> TokenStream {
    fields.iter().map(constant_of).collect()
}

fn constant_of(field: &Field) -> TokenStream {
    let Field { ty, cfgs, json, column, doc, flags, .. } = field;
    let name = constant(field);
    let constraints = field.constraints.iter().map(|constraint| self::constraint(constraint, field));
    let default = field.default.as_ref().map(|default| {
        let value = default_value(default);
        quote!(.default(|| #name.encode(&#value)))
    });
    let assertion = field.must_have_default.as_ref().map(|text| {
        quote_spanned!(field.ident.span()=> #(#cfgs)* const _: () = ::core::assert!(__rs::has_default(&#name.field), #text);)
    });
    quote! {
        #(#cfgs)*
        const #name: __rs::Column<#ty> = __rs::column::<#ty>(#json, #column, #doc)
            #(#constraints)* #default #(.#flags())*;
        #assertion
    }
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
    let elements = fields.iter().map(|field| {
        let (cfgs, name) = (&field.cfgs, constant(field));
        quote!(#(#cfgs)* #name.field,)
    });
    quote!(&[#(#elements)*])
}

/// `decode` and `encode`.
pub(super) fn codec(fields: &[Field]) -> TokenStream {
    let decoded = fields.iter().enumerate().map(|(at, field)| {
        let (cfgs, ident, name, index) = (&field.cfgs, &field.ident, constant(field), index(fields, at));
        quote!(#(#cfgs)* #ident: #name.decode(&mut __row, #index)?,)
    });
    let encoded = fields.iter().map(|field| {
        let (cfgs, ident, name) = (&field.cfgs, &field.ident, constant(field));
        quote!(#(#cfgs)* #name.encode(&self.#ident),)
    });
    let row = if fields.is_empty() { quote!(_) } else { quote!(mut __row) };
    quote! {
        fn decode(#row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self { #(#decoded)* })
        }
        fn encode(&self) -> __rs::Row {
            __rs::Row(::std::vec::Vec::from([#(#encoded)*]))
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
