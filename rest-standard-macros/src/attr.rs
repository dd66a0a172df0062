//! Reading the options of an attribute, with one complaint for each wrong one.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{
    Expr, Ident, Lit, LitStr, Token, Type,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    token,
};

use crate::diag::{Problem, Sink, closest, one_of};

/// An option's value with the word that names it.
#[derive(Debug)]
pub(crate) struct Keyed<T> {
    /// The option's name as written, for complaints about the option as a whole.
    pub(crate) key: Ident,
    /// What it was set to.
    pub(crate) value: T,
}

/// Reads `key`, `key = value` and `key(…)` separated by commas.
///
/// `take` reads what follows a known key; what it refuses is reported and skipped, so that the options behind it are
/// judged too.
pub(crate) fn options(
    tokens: proc_macro2::TokenStream,
    known: &[&str],
    sink: &mut Sink,
    mut take: impl FnMut(&str, &Ident, ParseStream<'_>) -> syn::Result<()>,
) {
    let read = |input: ParseStream<'_>| {
        let mut seen = Vec::new();
        while !input.is_empty() {
            if let Err(error) = option(input, known, &mut seen, &mut take) {
                sink.push(error);
                skip_option(input);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(tokens) {
        sink.push(error);
    }
}

fn option(
    input: ParseStream<'_>,
    known: &[&str],
    seen: &mut Vec<String>,
    take: &mut impl FnMut(&str, &Ident, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error(format!("expected an option, one of {}", one_of(known))));
    };
    let name = key.unraw().to_string();
    if !known.contains(&name.as_str()) {
        let problem =
            Problem::at(&key, format!("unknown option `{name}`, expected one of {}", one_of(known)));
        return Err(match closest(&name, known) {
            Some(word) => problem.help(format!("did you mean `{word}`?")),
            None => problem,
        }
        .into());
    }
    if seen.contains(&name) {
        return Err(Problem::at(&key, format!("duplicate option `{name}`")).help("leave one out").into());
    }
    take(&name, &key, input)?;
    seen.push(name.clone());
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let found: Option<TokenTree> = input.fork().parse().ok();
    Err(Problem::at(found, format!("expected `,` after the option `{name}`"))
        .help("separate options by commas")
        .into())
}

/// Skips to the comma behind a refused option.
fn skip_option(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// An option that is there or not.
pub(crate) fn flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(key.clone());
    }
    let equals = input.parse::<Option<Token![=]>>()?;
    let value: Option<TokenTree> = input.parse().ok();
    let tokens = value.map_or_else(|| equals.into_token_stream(), TokenTree::into_token_stream);
    Err(Problem::at(tokens, format!("`{key}` takes no value"))
        .help(format!("write `{key}` alone, or leave it out"))
        .into())
}

/// The `=` before a value.
fn equals(key: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() && !input.is_empty() && !input.peek(Token![,]) {
        return Ok(());
    }
    Err(Problem::at(key, format!("`{key}` needs a value")).help(format!("write `{example}`")).into())
}

/// An option whose value is text.
pub(crate) fn text(key: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<Keyed<LitStr>> {
    equals(key, example, input)?;
    let value = value(input)?;
    match ungroup(&value) {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => {
            Ok(Keyed { key: key.clone(), value: text.clone() })
        }
        _ => Err(Problem::at(&value, format!("`{key}` needs a string literal"))
            .help(format!("write `{example}`"))
            .into()),
    }
}

/// An option whose value is an expression.
pub(crate) fn expression(key: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<Keyed<Expr>> {
    equals(key, example, input)?;
    Ok(Keyed { key: key.clone(), value: value(input)? })
}

/// An option whose value is a type.
pub(crate) fn type_of(key: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<Keyed<Type>> {
    equals(key, example, input)?;
    if input.peek(Lit) {
        let literal: Lit = input.parse()?;
        return Err(Problem::at(literal, format!("`{key}` needs a type"))
            .help(format!("write `{example}`"))
            .into());
    }
    Ok(Keyed { key: key.clone(), value: input.parse()? })
}

/// An option whose value is one of a few words.
pub(crate) fn word(key: &Ident, known: &[&str], input: ParseStream<'_>) -> syn::Result<Keyed<Ident>> {
    equals(key, &format!("{key} = {}", known[0]), input)?;
    let value = value(input)?;
    let word = match ungroup(&value) {
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    };
    let found = word.map_or_else(String::new, ToString::to_string);
    match word {
        Some(word) if known.contains(&found.as_str()) => Ok(Keyed { key: key.clone(), value: word.clone() }),
        _ => {
            let problem = Problem::at(&value, format!("`{key}` must be one of {}", one_of(known)));
            if let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = ungroup(&value)
                && known.contains(&text.value().as_str())
            {
                return Err(problem.help(format!("write `{key} = {}`, without quotes", text.value())).into());
            }
            Err(match known
                .iter()
                .find(|word| word.eq_ignore_ascii_case(&found))
                .or(closest(&found, known).as_ref())
            {
                Some(word) => problem.help(format!("did you mean `{key} = {word}`?")),
                None => problem,
            }
            .into())
        }
    }
}

/// An option with words in parentheses.
pub(crate) fn words(key: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<Keyed<Vec<Ident>>> {
    if !input.peek(token::Paren) {
        return Err(Problem::at(key, format!("`{key}` needs a list in parentheses"))
            .help(format!("write `{example}`"))
            .into());
    }
    let content;
    syn::parenthesized!(content in input);
    let words = content.parse_terminated(Ident::parse_any, Token![,])?;
    Ok(Keyed { key: key.clone(), value: words.into_iter().collect() })
}

/// An expression that ends at the next comma.
fn value(input: ParseStream<'_>) -> syn::Result<Expr> {
    input.parse()
}

/// The expression within the invisible groups that `macro_rules!` puts around its fragments.
pub(crate) fn ungroup(mut expr: &Expr) -> &Expr {
    while let Expr::Group(group) = expr {
        expr = &group.expr;
    }
    expr
}

/// Whether an attribute is `name`, by any path.
pub(crate) fn is(attribute: &syn::Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}
