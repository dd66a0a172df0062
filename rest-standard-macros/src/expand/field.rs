//! Fields: one typed constant for each, which the rest of the output names.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Expr, Lit, Meta, UnOp, ext::IdentExt, spanned::Spanned};

use crate::{
    attr::ungroup,
    model::{Constraint, Field, View},
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
    let Field { ty, cfgs, json, column, .. } = field;
    let (first, last) = ends(ty);
    // The compiler underlines from the first to the last token of the call whose bound fails. These tokens are placed
    // over the field's type, which is what has to change.
    let start = quote_spanned!(first=> __rs);
    let end = quote_spanned!(last=> field(#json, #column));
    let constraints = field.constraints.iter().map(|constraint| self::constraint(constraint, (first, last)));
    let default = field.default.as_ref().map(|default| {
        let value = written(default, name);
        quote_spanned!(last=> .default(|| #value))
    });
    let example = field.example.as_ref().map(|example| {
        let value = written(example, name);
        quote_spanned!(last=> .example(|| #value))
    });
    let reference = field.references.as_ref().map(|(target, on_delete)| {
        let on_delete = Ident::new(on_delete, last);
        let method = Ident::new("references", first);
        quote_spanned!(last=> .#method::<#target>(__rs::OnDelete::#on_delete))
    });
    let reference_check = field.references.as_ref().map(|(target, _)| {
        over(target, cfgs, &quote!(check_reference(&#name.field, __rs::TargetOf::<#target>::DESCRIPTOR)))
    });
    let renamed_from = field.renamed_from.as_ref().map(|name| quote_spanned!(last=> .renamed_from(#name)));
    let converted_from =
        field.converted_from.as_ref().map(|kind| quote_spanned!(last=> .converted_from(#kind)));
    let texts = field.texts.as_ref().map(|texts| {
        let pairs = texts.iter().map(|(variant, text)| {
            let variant = variant.unraw().to_string();
            quote!((#variant, #text))
        });
        quote_spanned!(last=> .variant_texts(&[#(#pairs),*]))
    });
    let stored = field.stored.as_ref().map(|column| quote_spanned!(last=> .column(#column)));
    let flags = field.flags.iter().map(|flag| {
        let flag = Ident::new(&flag.to_string(), first);
        quote_spanned!(last=> .#flag())
    });
    let check = field.must_have_default.map(|check| {
        let check = Ident::new(check, field.ident.span());
        quote_spanned!(field.ident.span()=> #(#cfgs)* const _: () = __rs::#check(&#name.field);)
    });
    let range =
        field.integer_range.as_ref().map(|range| over(range, cfgs, &quote!(check_range(&#name.field))));
    quote! {
        #(#cfgs)*
        const #name: __rs::Column<#ty> = #start::#end #(#constraints)* #default #example #reference #renamed_from #converted_from #stored #texts #(#flags)*;
        #check
        #range
        #reference_check
    }
}

/// A check whose refusal is shown at what was written.
fn over(written: &impl ToTokens, cfgs: &[Attribute], check: &TokenStream) -> TokenStream {
    let (first, last) = ends(written);
    let start = quote_spanned!(first=> __rs);
    let end: TokenStream = check
        .clone()
        .into_iter()
        .map(|mut tree| {
            tree.set_span(last);
            tree
        })
        .collect();
    quote!(#(#cfgs)* const _: () = #start::#end;)
}

/// The places of the first and the last token.
fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut places = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let first = places.next().unwrap_or_else(Span::call_site);
    (first, places.last().unwrap_or(first))
}

/// What a literal is called by the methods that take it.
fn form(value: &Expr) -> Option<&'static str> {
    let literal = match ungroup(value) {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => ungroup(&unary.expr),
        other => other,
    };
    let Expr::Lit(literal) = literal else { return None };
    Some(match &literal.lit {
        Lit::Str(_) => "text",
        Lit::Int(_) => "integer",
        Lit::Float(_) => "float",
        Lit::Bool(_) => "boolean",
        _ => return None,
    })
}

/// A literal also stands for an `Option` of what it is, a text literal for what text can say, and an array for a list; all
/// else has the field's type.
fn written(value: &Expr, column: &Ident) -> TokenStream {
    let value = ungroup(value);
    let name = match value {
        Expr::Array(array) => match array.elems.first().and_then(form) {
            Some(first) if array.elems.iter().all(|element| form(element) == Some(first)) => {
                format!("{first}s")
            }
            _ => "elements".to_owned(),
        },
        other => match form(other) {
            Some(form) => form.to_owned(),
            None => return quote!(#column.value(#value)),
        },
    };
    let name = Ident::new(&name, value.span());
    // The bound is on the column, so that is where the compiler points.
    let column = Ident::new(&column.to_string(), value.span());
    quote_spanned!(value.span()=> #column.#name(#value))
}

fn constraint(constraint: &Constraint, (first, last): (Span, Span)) -> TokenStream {
    let (name, arguments) = match constraint {
        Constraint::Length(min, max) => ("length", quote!(#min, #max)),
        Constraint::IntegerRange(min, max) => {
            let (min, max) = (option(*min), option(*max));
            ("range", quote!(#min, #max))
        }
        Constraint::FloatRange(min, max) => {
            let (min, max) = (option(*min), option(*max));
            ("float_range", quote!(#min, #max))
        }
        Constraint::Pattern(text) => {
            let pattern = quote!({
                static __RS_PATTERN: __rs::Pattern = __rs::Pattern::new(#text);
                &__RS_PATTERN
            });
            ("pattern", pattern)
        }
        Constraint::Format(variant) => ("format", quote!(__rs::Format::#variant)),
        Constraint::Standard(variant) => ("standard", quote!(__rs::Format::#variant)),
        Constraint::Labels => ("labels", TokenStream::new()),
    };
    let name = Ident::new(name, first);
    quote_spanned!(last=> .#name(#arguments))
}

pub(super) fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
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

/// The views of the descriptor.
pub(super) fn views(views: &[View]) -> TokenStream {
    let views = views.iter().map(|View { name, fields }| {
        let paths = fields.iter().map(|field| {
            field.path.iter().map(|name| name.unraw().to_string()).collect::<Vec<_>>().join(".")
        });
        quote!(__rs::View { name: #name, fields: &[#(#paths),*] })
    });
    quote!(&[#(#views),*])
}

/// The checks that the members exist which views name, each shown at the member's name.
pub(super) fn view_checks(views: &[View], fields: &[Field]) -> TokenStream {
    let named = views.iter().flat_map(|view| &view.fields);
    let named = named.filter_map(|named| Some((&named.path[1..], named.field?)));
    named
        .flat_map(|(members, at)| {
            let (cfgs, constant) = (&fields[at].cfgs, constant(at));
            members.iter().enumerate().map(move |(depth, member)| {
                let names = members[..=depth].iter().map(|name| name.unraw().to_string());
                let check =
                    quote_spanned!(member.span()=> __rs::check_member(&#constant.field, &[#(#names),*]));
                quote!(#(#cfgs)* const _: () = #check;)
            })
        })
        .collect()
}

/// The indexes of the descriptor, where there are any.
pub(super) fn indexes(indexes: &[Vec<usize>], fields: &[Field]) -> Option<TokenStream> {
    let indexes: Vec<_> = indexes
        .iter()
        .map(|index| {
            let columns = index.iter().map(|at| &fields[*at].column);
            quote!(&[#(#columns),*])
        })
        .collect();
    (!indexes.is_empty()).then(|| quote!(indexes: &[#(#indexes),*]))
}

/// The checks that the fields of indexes hold single values, each shown at the field's type.
pub(super) fn index_checks(indexes: &[Vec<usize>], fields: &[Field]) -> TokenStream {
    let mut named: Vec<usize> = indexes.concat();
    named.sort_unstable();
    named.dedup();
    named
        .into_iter()
        .map(|at| {
            let constant = constant(at);
            over(&fields[at].ty, &fields[at].cfgs, &quote!(check_index(&#constant.field)))
        })
        .collect()
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
