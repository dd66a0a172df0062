//! Reading the options of an attribute, with one complaint for each wrong one.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, Ident, Lit, LitStr, Token, Type,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
    token,
};

use crate::{
    code::Code,
    diag::{Problem, Sink, closest, one_of},
    name, symbol, synonym,
};

/// What reading an option gives.
pub(crate) type Read<T> = Result<T, Problem>;

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
/// judged too. `text` is the option that a string literal without a key is probably meant for.
pub(crate) fn options(
    tokens: TokenStream,
    known: &[&str],
    text: &str,
    sink: &mut Sink,
    mut take: impl FnMut(&str, &Ident, ParseStream<'_>) -> Read<()>,
) {
    let read = |input: ParseStream<'_>| {
        let mut seen = Vec::new();
        let written = written(&input.fork(), known);
        while !input.is_empty() {
            if let Err(problem) = option(input, known, text, &written, &mut seen, &mut take) {
                sink.push(problem);
                skip_option(input);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(tokens) {
        sink.push(Problem::unreadable(&error).help("separate options by commas"));
    }
}

fn option(
    input: ParseStream<'_>,
    known: &[&str],
    text: &str,
    written: &[String],
    seen: &mut Vec<String>,
    take: &mut impl FnMut(&str, &Ident, ParseStream<'_>) -> Read<()>,
) -> Read<()> {
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(no_option(input, known, text));
    };
    let name = key.unraw().to_string();
    if !known.contains(&name.as_str()) {
        let problem = Problem::at(
            Code::UnknownOption,
            &key,
            format!("unknown option `{name}`, expected one of {}", one_of(known)),
        );
        // `output-only` is a word, a minus and a word to Rust.
        let joined = joined(&name, input);
        return Err(match (synonym::option(&name, known, written), closest(&joined, known)) {
            (Some(help), _) => problem.help(help),
            (None, Some(word)) => problem.help(format!("did you mean `{word}`?")),
            (None, None) => problem.help(format!("write one of these, or leave `{name}` out")),
        });
    }
    if seen.contains(&name) && !symbol::REPEATED.contains(&name.as_str()) {
        return Err(Problem::at(Code::DuplicateOption, &key, format!("duplicate option `{name}`"))
            .help("leave one out"));
    }
    take(&name, &key, input)?;
    seen.push(name.clone());
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let found: Option<TokenTree> = input.fork().parse().ok();
    Err(Problem::at(Code::MissingComma, found, format!("expected `,` after the option `{name}`"))
        .help("separate options by commas"))
}

/// The known options that are there, whatever else stands between them.
fn written(input: ParseStream<'_>, known: &[&str]) -> Vec<String> {
    let mut written = Vec::new();
    while !input.is_empty() {
        if let Ok(key) = input.call(Ident::parse_any) {
            written.extend(Some(key.unraw().to_string()).filter(|key| known.contains(&key.as_str())));
        }
        skip_option(input);
        let _ = input.parse::<Token![,]>();
    }
    written
}

/// A word that is written with hyphens, with `_` in their place.
fn joined(first: &str, input: ParseStream<'_>) -> String {
    let ahead = input.fork();
    let mut name = first.to_owned();
    while ahead.parse::<Token![-]>().is_ok()
        && let Ok(word) = ahead.call(Ident::parse_any)
    {
        name = format!("{name}_{word}");
    }
    name
}

/// Something that is no word stands where an option begins.
fn no_option(input: ParseStream<'_>, known: &[&str], text: &str) -> Problem {
    let found: Option<TokenTree> = input.fork().parse().ok();
    let problem = Problem::at(Code::Syntax, &found, format!("expected an option, one of {}", one_of(known)));
    match input.fork().parse::<LitStr>() {
        Ok(literal) => problem.help(format!("write `{text} = {}`", literal.to_token_stream())),
        Err(_) => problem.help(format!("begin with the name of an option, such as `{text}`")),
    }
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
pub(crate) fn flag(key: &Ident, input: ParseStream<'_>) -> Read<Ident> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(key.clone());
    }
    let equals: Option<Token![=]> = input.parse().ok();
    let value: Option<TokenTree> = input.parse().ok();
    let tokens = value.map_or_else(|| equals.into_token_stream(), TokenTree::into_token_stream);
    Err(Problem::at(Code::FlagWithValue, tokens, format!("`{key}` takes no value"))
        .help(format!("write `{key}` alone, or leave it out")))
}

/// The `=` before a value.
fn equals(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<()> {
    if input.peek(Token![=]) && input.parse::<Token![=]>().is_ok() {
        if !input.is_empty() && !input.peek(Token![,]) {
            return Ok(());
        }
    } else if let Ok(TokenTree::Group(group)) = input.fork().parse::<TokenTree>() {
        let value = syn::parse2::<Expr>(group.stream()).map(|_| group.stream().to_string());
        let problem = Problem::at(Code::MissingValue, key, format!("`{key}` takes its value behind `=`"));
        return Err(match value {
            Ok(value) => problem.help(format!("write `{key} = {value}`")),
            Err(_) => problem.help(format!("write `{example}`")),
        });
    }
    Err(Problem::at(Code::MissingValue, key, format!("`{key}` needs a value"))
        .help(format!("write `{example}`")))
}

/// A value that ends at the next comma.
fn value<T: Parse>(example: &str, input: ParseStream<'_>) -> Read<T> {
    input.parse().map_err(|error| Problem::unreadable(&error).help(format!("write `{example}`")))
}

/// An option whose value is text.
pub(crate) fn text(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<Keyed<LitStr>> {
    equals(key, example, input)?;
    let value: Expr = value(example, input)?;
    let problem = |at: &Expr| Problem::at(Code::NotText, at, format!("`{key}` needs a string literal"));
    match ungroup(&value) {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => {
            Ok(Keyed { key: key.clone(), value: text.clone() })
        }
        Expr::Path(path) if path.path.get_ident().is_some() => {
            Err(problem(&value).help(format!("write `{key} = \"{}\"`", path.to_token_stream())))
        }
        _ => Err(problem(&value).help(format!("write `{example}`"))),
    }
}

/// An option whose value is an expression.
pub(crate) fn expression(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<Keyed<Expr>> {
    equals(key, example, input)?;
    Ok(Keyed { key: key.clone(), value: value(example, input)? })
}

/// An option whose value is a type.
pub(crate) fn type_of(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<Keyed<Type>> {
    equals(key, example, input)?;
    if input.peek(Lit) {
        let literal: Lit = value(example, input)?;
        let ty = match &literal {
            Lit::Str(text) => text.parse::<syn::Path>().ok().map(|_| text.value()),
            _ => None,
        };
        let problem = Problem::at(Code::NotAType, literal, format!("`{key}` needs a type"));
        return Err(match ty {
            // A type begins with a capital; in small letters it is the collection's name.
            Some(text) if text.starts_with(|char: char| char.is_lowercase()) && !text.contains(':') => {
                problem.help(format!(
                    "write the type's name without quotes, such as `{key} = {}`",
                    name::to_pascal(&name::to_singular(&text))
                ))
            }
            Some(ty) => problem.help(format!("write `{key} = {ty}`, without quotes")),
            None => problem.help(format!("write `{example}`")),
        });
    }
    Ok(Keyed { key: key.clone(), value: value(example, input)? })
}

/// An option whose value is one of a few words.
pub(crate) fn word(key: &Ident, known: &[&str], input: ParseStream<'_>) -> Read<Keyed<Ident>> {
    let example = format!("{key} = {}", known[0]);
    equals(key, &example, input)?;
    let value: Expr = value(&example, input)?;
    let word = match ungroup(&value) {
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    };
    let found = word.map_or_else(String::new, ToString::to_string);
    if let Some(word) = word
        && known.contains(&found.as_str())
    {
        return Ok(Keyed { key: key.clone(), value: word.clone() });
    }
    let problem = Problem::at(Code::UnknownWord, &value, format!("`{key}` must be one of {}", one_of(known)));
    if let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = ungroup(&value)
        && known.contains(&text.value().as_str())
    {
        return Err(problem.help(format!("write `{key} = {}`, without quotes", text.value())));
    }
    let meant = known
        .iter()
        .copied()
        .find(|word| word.eq_ignore_ascii_case(&found))
        .or_else(|| synonym::word(&found).filter(|word| known.contains(word)));
    if let Some(ty) = synonym::type_of(&found).filter(|_| key == "format") {
        return Err(problem.help(format!("leave `{key}` out, and let the field be a `{ty}`, which says it")));
    }
    Err(match (meant, closest(&found, known)) {
        (Some(word), _) | (None, Some(word)) => problem.help(format!("did you mean `{key} = {word}`?")),
        (None, None) => problem.help(format!("write `{example}`")),
    })
}

/// An option with words in parentheses.
pub(crate) fn words(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<Keyed<Vec<Ident>>> {
    if !input.peek(token::Paren) {
        // `[list, read]` behind `=` says what is meant.
        let written: TokenStream = match input.fork().call(|input| {
            input.parse::<Token![=]>()?;
            input.parse::<TokenTree>()
        }) {
            Ok(TokenTree::Group(group)) => group.stream(),
            Ok(other) => other.into(),
            Err(_) => TokenStream::new(),
        };
        let words = read_words.parse2(written).unwrap_or_default();
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        let problem = Problem::at(Code::NotAList, key, format!("`{key}` needs a list in parentheses"));
        return Err(if words.is_empty() {
            problem.help(format!("write `{example}`"))
        } else {
            problem.help(format!("write `{key}({})`", words.join(", ")))
        });
    }
    let list = |input: ParseStream<'_>| {
        let content;
        syn::parenthesized!(content in input);
        read_words(&content)
    };
    let words =
        input.call(list).map_err(|error| Problem::unreadable(&error).help(format!("write `{example}`")))?;
    Ok(Keyed { key: key.clone(), value: words })
}

/// An option with one text behind `=`, or several in parentheses.
pub(crate) fn texts(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<Keyed<Vec<LitStr>>> {
    if !input.peek(token::Paren) {
        let one = text(key, example, input)?;
        return Ok(Keyed { key: one.key, value: vec![one.value] });
    }
    let list = |input: ParseStream<'_>| {
        Ok(input.parse_terminated(<LitStr as Parse>::parse, Token![,])?.into_iter().collect())
    };
    let texts = list
        .parse2(group(key, example, input)?)
        .map_err(|error| Problem::unreadable(&error).help(format!("write `{example}`")))?;
    Ok(Keyed { key: key.clone(), value: texts })
}

/// An option with words that stand for texts, in parentheses.
pub(crate) fn pairs(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<Keyed<Vec<(Ident, LitStr)>>> {
    let pair = |input: ParseStream<'_>| {
        let word = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        Ok((word, input.parse::<LitStr>()?))
    };
    let pairs = |input: ParseStream<'_>| Ok(input.parse_terminated(pair, Token![,])?.into_iter().collect());
    let group = group(key, example, input)?;
    let pairs = pairs
        .parse2(group)
        .map_err(|error| Problem::unreadable(&error).help(format!("write `{example}`")))?;
    Ok(Keyed { key: key.clone(), value: pairs })
}

/// An option with options of its own in parentheses, which are not read here.
pub(crate) fn group(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<TokenStream> {
    if input.peek(token::Paren)
        && let Ok(TokenTree::Group(group)) = input.parse()
    {
        return Ok(group.stream());
    }
    Err(Problem::at(
        Code::OptionsWithoutParentheses,
        key,
        format!("`{key}` takes its options in parentheses"),
    )
    .help(format!("write `{example}`")))
}

/// An option with dotted names in parentheses.
pub(crate) fn paths(key: &Ident, example: &str, input: ParseStream<'_>) -> Read<Keyed<Vec<Vec<Ident>>>> {
    if !input.peek(token::Paren) {
        return Err(Problem::at(Code::NotAList, key, format!("`{key}` needs a list in parentheses"))
            .help(format!("write `{example}`")));
    }
    let list = |input: ParseStream<'_>| {
        let content;
        syn::parenthesized!(content in input);
        Ok(content.parse_terminated(read_path, Token![,])?.into_iter().collect())
    };
    let paths =
        input.call(list).map_err(|error| Problem::unreadable(&error).help(format!("write `{example}`")))?;
    Ok(Keyed { key: key.clone(), value: paths })
}

fn read_path(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let path = Punctuated::<Ident, Token![.]>::parse_separated_nonempty_with(input, Ident::parse_any)?;
    Ok(path.into_iter().collect())
}

fn read_words(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    Ok(input.parse_terminated(Ident::parse_any, Token![,])?.into_iter().collect())
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
