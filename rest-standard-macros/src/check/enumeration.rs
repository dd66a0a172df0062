//! The rules of `#[resource_enum]`.

use quote::ToTokens;
use syn::{Expr, Fields, Lit, UnOp, ext::IdentExt, punctuated::Punctuated};

use crate::{
    attr::{is, ungroup},
    code::Code,
    diag::{Problem, Sink},
    model::{Enum, RawEnum, Variant},
    name,
};

/// The traits that every enum on the wire has: values are copied, compared and ordered by number.
const DERIVES: &[&str] = &["Clone", "Copy", "Debug", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash"];

/// The largest number of a variant, that of the narrowest column that stores keep numbers in.
const LARGEST: i64 = 32_767;

/// Judges an enum.
pub(crate) fn enumeration(raw: &RawEnum, sink: &mut Sink) -> Enum {
    let ident = &raw.item.ident;
    let mut variants = Vec::new();
    // The number that a variant without one has; unknown behind a number that was refused.
    let mut next = Some(0);
    for (variant, doc) in raw.item.variants.iter().zip(&raw.variant_docs) {
        if !matches!(variant.fields, Fields::Unit) {
            sink.push(
                Problem::at(
                    Code::VariantData,
                    &variant.fields,
                    "a variant of a `#[resource_enum]` carries no data",
                )
                .note("its name alone is on the wire, its number alone is stored")
                .help("put the data in fields of the resource beside the enum"),
            );
        }
        let name = variant.ident.unraw().to_string();
        if !name::is_pascal(&name) {
            sink.push(
                Problem::at(
                    Code::VariantName,
                    &variant.ident,
                    format!("variant `{name}` must be in PascalCase"),
                )
                .note("the name is the value on the wire")
                .help(format!("try `{}`", name::to_pascal(&name))),
            );
        }
        if let Some(earlier) = raw.item.variants.iter().find(|earlier| earlier.ident == variant.ident)
            && !std::ptr::eq(earlier, variant)
        {
            sink.push(
                Problem::at(
                    Code::VariantNameTwice,
                    &variant.ident,
                    format!("there are two variants `{name}`"),
                )
                .note("the name is the value on the wire")
                .help("leave one out, or give it another name"),
            );
            continue;
        }
        if let Some(cfg) = variant.attrs.iter().find(|attribute| is(attribute, "cfg")) {
            sink.push(
                Problem::at(
                    Code::VariantCfg,
                    cfg,
                    "a variant of a `#[resource_enum]` cannot depend on `cfg`",
                )
                .note("a stored number must mean the same in every build")
                .help("keep the variant in every build, and refuse it in a rule where it does not apply"),
            );
        }
        let number = match &variant.discriminant {
            Some((_, written)) => number(written, sink),
            None => next,
        };
        if let Some(number) = number
            && let Some(earlier) = variants.iter().find(|earlier: &&Variant| earlier.number == number)
        {
            let at = variant
                .discriminant
                .as_ref()
                .map_or_else(|| variant.ident.to_token_stream(), |(_, written)| written.to_token_stream());
            let free = variants.iter().map(|variant| variant.number).max().unwrap_or_default() + 1;
            sink.push(
                Problem::at(
                    Code::VariantNumberTwice,
                    at,
                    format!("`{}` and `{name}` are both numbered {number}", earlier.name),
                )
                .note("a store keeps the number, and could not tell them apart")
                .help(format!("number it `{name} = {free}`")),
            );
        }
        next = number.map(|number| number + 1);
        if let Some(number) = number {
            variants.push(Variant { ident: variant.ident.clone(), number, name, doc: doc.clone() });
        }
    }
    let derived = derived(raw);
    let derives_default = derived.iter().any(|name| name == "Default");
    zero(raw, &variants, derives_default, sink);
    Enum {
        ident: ident.clone(),
        cfgs: raw.item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect(),
        name: ident.unraw().to_string(),
        doc: raw.doc.clone(),
        derives: DERIVES
            .iter()
            .filter(|name| !derived.iter().any(|derived| derived == *name))
            .copied()
            .collect(),
        has_data: raw.item.variants.iter().any(|variant| !matches!(variant.fields, Fields::Unit)),
        derives_default,
        zero: variants.iter().find(|variant| variant.number == 0).map(|zero| zero.ident.clone()),
        variants,
    }
}

fn number(written: &Expr, sink: &mut Sink) -> Option<i64> {
    let (literal, negative) = match ungroup(written) {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => (ungroup(&unary.expr), true),
        other => (other, false),
    };
    if let Expr::Lit(syn::ExprLit { lit: Lit::Int(int), .. }) = literal
        && let Ok(number) = int.base10_parse::<i64>()
        && number <= LARGEST
        && !negative
    {
        return Some(number);
    }
    sink.push(
        Problem::at(
            Code::VariantNumber,
            written,
            format!("a variant's number must be a literal from 0 to {LARGEST}"),
        )
        .note("it is what stores keep, and what they order by")
        .help("write for example `= 1`"),
    );
    None
}

/// Exactly one variant is numbered 0: the default, and the state in which everything begins.
fn zero(raw: &RawEnum, variants: &[Variant], derives_default: bool, sink: &mut Sink) {
    // Behind a refused number nothing is certain.
    if variants.len() < raw.item.variants.len() {
        return;
    }
    let Some(zero) = variants.iter().find(|variant| variant.number == 0) else {
        let ident = &raw.item.ident;
        let first =
            raw.item.variants.first().map_or_else(|| "Unknown".to_owned(), |first| first.ident.to_string());
        sink.push(
            Problem::at(Code::NoZero, ident, format!("no variant of `{ident}` is numbered 0"))
                .note("that one is the default and the initial state")
                .help(format!("number the one to begin with: `{first} = 0`")),
        );
        return;
    };
    if !derives_default {
        return;
    }
    for variant in &raw.item.variants {
        let marked = variant.attrs.iter().find(|attribute| attribute.path().is_ident("default"));
        if let Some(marked) = marked
            && variant.ident != zero.ident
        {
            sink.push(
                Problem::at(Code::DefaultVariant, marked, "the default variant must be the one numbered 0")
                    .note(format!("the API's clients get `{}` where they send none", zero.name))
                    .help(format!("move `#[default]` to `{}`, or number `{}` 0", zero.ident, variant.ident)),
            );
        }
    }
}

/// The names of the derived traits that stand below the attribute.
fn derived(raw: &RawEnum) -> Vec<String> {
    let mut names = Vec::new();
    for attribute in raw.item.attrs.iter().filter(|attribute| is(attribute, "derive")) {
        let Ok(paths) = attribute.parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
        else {
            continue;
        };
        names.extend(
            paths.iter().filter_map(|path| path.segments.last()).map(|segment| segment.ident.to_string()),
        );
    }
    names
}
