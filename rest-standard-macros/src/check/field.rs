//! The rules of `#[field(…)]`.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Expr, ExprRange, Lit, RangeLimits, UnOp, Visibility, ext::IdentExt};

use super::{Owner, reference::reference};
use crate::{
    attr::{Keyed, ungroup},
    code::Code,
    diag::{Problem, Sink},
    model::{Constraint, Field, FieldOptions, RawField},
    name, symbol,
};

/// Judges the fields of one struct.
pub(super) fn fields(raw: &[RawField], owner: Owner, sink: &mut Sink) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for raw in raw {
        let field = field(raw, owner, sink);
        if let Some(earlier) =
            fields.iter().find(|earlier| earlier.json == field.json && earlier.cfgs.is_empty())
        {
            let text = format!("the JSON name `{}` is used twice", field.json);
            let problem = match &raw.options.rename {
                Some(rename) => Problem::at(Code::JsonNameTwice, &rename.value, text),
                None => Problem::at(Code::JsonNameTwice, &raw.ident, text),
            };
            sink.push(if earlier.ident == field.ident {
                problem
                    .note(format!("there are two fields `{}`", earlier.ident))
                    .help("leave one out, or give it another name")
            } else {
                problem
                    .note(format!("field `{}` already has it", earlier.ident))
                    .help("give one of them another name: `#[field(rename = \"…\")]`")
            });
        }
        fields.push(field);
    }
    fields
}

fn field(raw: &RawField, owner: Owner, sink: &mut Sink) -> Field {
    visibility(raw, owner, sink);
    let json = names(raw, owner, sink);
    behaviours(raw, owner, sink);
    let options = &raw.options;
    let mut constraints = Vec::new();
    if let Some(length) = &options.length {
        constraints.extend(self::length(length, sink));
    } else if raw.ident == "display_name" && owner != Owner::Value {
        // The standard bounds a display name unless the author does.
        constraints.push(Constraint::Length(1, 63));
    }
    constraints.extend(options.range.as_ref().and_then(|range| self::range(range, sink)));
    constraints.extend(options.pattern.as_ref().and_then(|pattern| self::pattern(pattern, sink)));
    constraints.extend(options.format.as_ref().map(format));
    constraints.extend(standard(&json, options));
    for value in [&options.default, &options.example].into_iter().flatten() {
        keeps(value, options, &constraints, sink);
    }
    // What every integer type holds need not be asked of the one that the field has.
    let fits_any =
        |bound: &Option<i64>| bound.is_none_or(|bound| i8::try_from(bound).is_ok_and(|bound| bound >= 0));
    let is_asked = constraints.iter().any(|constraint| match constraint {
        Constraint::IntegerRange(min, max) => !fits_any(min) || !fits_any(max),
        _ => false,
    });
    Field {
        ident: raw.ident.clone(),
        ty: raw.ty.clone(),
        cfgs: raw.cfgs.clone(),
        json,
        column: raw.ident.unraw().to_string(),
        stored: options.column.as_ref().map(|column| column.value.clone()),
        texts: options.texts.as_ref().map(|texts| texts.value.clone()),
        doc: raw.doc.clone(),
        constraints,
        integer_range: options.range.as_ref().filter(|_| is_asked).map(|range| range.value.clone()),
        default: options.default.as_ref().map(|default| default.value.clone()),
        example: options.example.as_ref().map(|example| example.value.clone()),
        references: reference(options, owner, sink),
        renamed_from: options.renamed_from.as_ref().map(|name| name.value.value()),
        converted_from: options.converted_from.as_ref().and_then(|word| stored(&word.value)),
        flags: flags(options).into_iter().flatten().cloned().collect(),
        must_have_default: must_have_default(options, owner),
    }
}

/// The word for what a column holds, as stores record it; `enum` is no word that could stand in an attribute.
fn stored(word: &Ident) -> Option<&'static str> {
    let word = symbol::STORED.iter().copied().find(|stored| word == stored)?;
    Some(if word == "enumeration" { "enum" } else { word })
}

fn flags(options: &FieldOptions) -> [Option<&Ident>; 8] {
    [
        options.filter.as_ref(),
        options.order.as_ref(),
        options.search.as_ref(),
        options.unique.as_ref(),
        options.immutable.as_ref(),
        options.output_only.as_ref(),
        options.input_only.as_ref(),
        options.required.as_ref(),
    ]
}

/// Rust's privacy would not keep the field from clients, so a private field is probably meant to be secret.
fn visibility(raw: &RawField, owner: Owner, sink: &mut Sink) {
    if !matches!(raw.vis, Visibility::Inherited) {
        return;
    }
    let ident = &raw.ident;
    let what = if owner == Owner::Value { "a nested object" } else { "a resource" };
    sink.push(
        Problem::at(Code::PrivateField, ident, format!("field `{ident}` is not `pub`"))
            .note(format!("every field of {what} is part of its JSON, private ones too"))
            .help(format!("write `pub {ident}`, with `#[field(input_only)]` if it must never be returned")),
    );
}

/// The JSON name: the field's name in lowerCamelCase, or what `rename` says.
fn names(raw: &RawField, owner: Owner, sink: &mut Sink) -> String {
    let ident = raw.ident.unraw().to_string();
    let json = name::to_lower_camel(&ident);
    if !name::is_snake(&ident) {
        let snake = name::to_snake(&ident);
        sink.push(
            Problem::at(
                Code::FieldName,
                &raw.ident,
                format!("field `{ident}` must be lower-case words joined by `_`"),
            )
            .note("its name is also the name of the column, and in lowerCamelCase that in JSON")
            .help(format!("try `{snake}`, which is `{}` in JSON", name::to_lower_camel(&snake))),
        );
        return json;
    }
    if owner != Owner::Value && symbol::FRAMEWORK_FIELDS.contains(&json.as_str()) {
        sink.push(framework_field(&raw.ident, &json));
        return json;
    }
    let Some(rename) = &raw.options.rename else { return json };
    let text = rename.value.value();
    if !name::is_lower_camel(&text) {
        let proposal = name::to_lower_camel(&text);
        let problem = Problem::at(Code::JsonName, &rename.value, "`rename` must be in lowerCamelCase");
        sink.push(if name::is_lower_camel(&proposal) {
            problem.help(format!("try `{proposal}`"))
        } else {
            problem.help("for example `rename = \"serialNumber\"`")
        });
    } else if owner != Owner::Value && symbol::FRAMEWORK_FIELDS.contains(&text.as_str()) {
        sink.push(framework_field(&rename.value, &text));
    }
    text
}

fn framework_field(at: impl ToTokens, json: &str) -> Problem {
    let problem = Problem::at(
        Code::FrameworkField,
        at,
        format!("`{json}` is a field that the framework gives every resource"),
    );
    match json {
        "id" => problem.note("the id is not part of the struct").help(
            "leave the field out; say what kind of id it is in the attribute: `#[resource(…, id = Slug)]`, and read it with `cx.id()`",
        ),
        _ => problem.help("leave the field out, or give it another name"),
    }
}

/// Refuses behaviours that contradict each other or that mean nothing where they stand.
fn behaviours(raw: &RawField, owner: Owner, sink: &mut Sink) {
    let options = &raw.options;
    if owner == Owner::Value {
        let applies = |flag: &&Ident| **flag == symbol::INPUT_ONLY || **flag == symbol::REQUIRED;
        let keys = [
            options.renamed_from.as_ref().map(|option| &option.key),
            options.converted_from.as_ref().map(|option| &option.key),
            options.column.as_ref().map(|option| &option.key),
            options.texts.as_ref().map(|option| &option.key),
        ];
        for flag in flags(options).into_iter().chain(keys).flatten().filter(|flag| !applies(flag)) {
            let reason = match flag.to_string().as_str() {
                symbol::FILTER | symbol::ORDER | symbol::SEARCH => {
                    "a nested object is not a column that a list could be searched by"
                }
                symbol::UNIQUE => "a nested object is not a column that could be compared",
                symbol::RENAMED_FROM | symbol::CONVERTED_FROM => {
                    "a nested object is part of a column, which is not changed in part"
                }
                symbol::COLUMN | symbol::TEXTS => "a nested object has no columns",
                symbol::IMMUTABLE => "a nested object is replaced as a whole",
                _ => "a nested object is sent as a whole",
            };
            sink.push(
                Problem::at(
                    Code::ResourceOption,
                    flag,
                    format!("`{flag}` does not apply to a field of a `#[resource_value]`"),
                )
                .note(reason)
                .help(format!("leave it out, or write `{flag}` on the resource's field where it applies")),
            );
        }
        return;
    }
    if let (Some(output), Some(input)) = (&options.output_only, &options.input_only) {
        sink.push(
            Problem::at(
                Code::InputAndOutputOnly,
                later(output, input, options),
                "a field cannot be both `input_only` and `output_only`",
            )
            .note("nobody could ever see or set it")
            .help("leave one out"),
        );
        return;
    }
    if let (Some(_), Some(immutable)) = (&options.output_only, &options.immutable) {
        sink.push(
            Problem::at(Code::OutputOnlyImmutable, immutable, "an `output_only` field cannot be `immutable`")
                .note("no client sets it, so no client could change it")
                .help("leave `immutable` out"),
        );
    }
    if options.input_only.is_some() {
        // What is hidden would show through the answers to well-chosen filters.
        for flag in [&options.filter, &options.order, &options.search].into_iter().flatten() {
            sink.push(
                Problem::at(
                    Code::SearchedInputOnly,
                    flag,
                    format!("an `input_only` field cannot have `{flag}`"),
                )
                .note("its value would show in which resources are listed, and in which order")
                .help(format!("leave `{flag}` out")),
            );
        }
    }
    if let (Some(unique), Some(_)) = (&options.unique, &options.default) {
        sink.push(
            Problem::at(Code::UniqueDefault, unique, "a field with a `default` cannot be `unique`")
                .note("the second resource that leaves it out would be refused")
                .help("leave `default` out, or `unique`"),
        );
    }
    if owner == Owner::Singleton {
        for flag in [&options.filter, &options.order, &options.search].into_iter().flatten() {
            sink.push(
                Problem::at(
                    Code::SearchedSingleton,
                    flag,
                    format!("a field of a singleton cannot have `{flag}`"),
                )
                .note("a singleton is never listed")
                .help(format!("leave `{flag}` out")),
            );
        }
        if let Some(immutable) = &options.immutable {
            sink.push(
                Problem::at(
                    Code::ImmutableSingleton,
                    immutable,
                    "a field of a singleton cannot be `immutable`",
                )
                .note("a singleton is never created by a client, so nobody could ever set the field")
                .help("write `output_only` if only the service sets it"),
            );
        }
    }
}

/// The one of two options that is written behind the other.
fn later<'a>(left: &'a Ident, right: &'a Ident, options: &FieldOptions) -> &'a Ident {
    if options.written.iter().rev().find(|key| *key == left || *key == right) == Some(left) {
        left
    } else {
        right
    }
}

/// The check for a field that has to begin with a value that no client sends; whether it has one depends on its type.
fn must_have_default(options: &FieldOptions, owner: Owner) -> Option<&'static str> {
    match owner {
        _ if options.default.is_some() => None,
        Owner::Singleton => Some("check_singleton_default"),
        Owner::Collection if options.output_only.is_some() => Some("check_output_default"),
        Owner::Collection | Owner::Value => None,
    }
}

/// One end of a range, with the literal that was written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Integer(i128),
    Float(f64),
}

fn bound(expr: &Expr) -> Option<Bound> {
    match ungroup(expr) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) => int.base10_parse().ok().map(Bound::Integer),
            Lit::Float(float) => float.base10_parse().ok().map(Bound::Float),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match bound(&unary.expr)? {
            Bound::Integer(number) => Some(Bound::Integer(-number)),
            Bound::Float(number) => Some(Bound::Float(-number)),
        },
        Expr::Paren(paren) => bound(&paren.expr),
        _ => None,
    }
}

/// `1..=64`, `..=64`, `1..`, or `8` for exactly eight.
fn length(option: &Keyed<Expr>, sink: &mut Sink) -> Option<Constraint> {
    let not_a_length = |at: &Expr| {
        Problem::at(Code::Length, at, "`length` must be a range of numbers that are not negative")
            .help("write `length = 1..=64`")
    };
    let number = |expr: &Expr, sink: &mut Sink| match bound(expr) {
        Some(Bound::Integer(number)) if u64::try_from(number).is_ok() => u64::try_from(number).ok(),
        _ => {
            sink.push(not_a_length(expr));
            None
        }
    };
    let expr = ungroup(&option.value);
    let Expr::Range(range) = expr else {
        let exactly = number(expr, sink)?;
        if exactly == 0 {
            sink.push(only_empty(expr));
            return None;
        }
        return Some(Constraint::Length(exactly, exactly));
    };
    let min = range.start.as_deref().map_or(Some(0), |start| number(start, sink));
    let max = range.end.as_deref().map_or(Some(u64::MAX), |end| number(end, sink));
    let (min, mut max) = (min?, max?);
    if is_half_open(range) {
        if max <= min {
            sink.push(empty(range, &min.to_string(), &max.to_string()));
            return None;
        }
        max -= 1;
    }
    if max < min {
        sink.push(empty(range, &min.to_string(), &max.to_string()));
        return None;
    }
    if max == 0 {
        sink.push(only_empty(range));
        return None;
    }
    if (min, max) == (0, u64::MAX) {
        sink.push(bounds_nothing(&option.key, range));
        return None;
    }
    Some(Constraint::Length(min, max))
}

/// `0..=10`, `0..11`, `..=10`, `0..`, the same with floating-point numbers but for the half-open form.
fn range(option: &Keyed<Expr>, sink: &mut Sink) -> Option<Constraint> {
    let expr = ungroup(&option.value);
    let Expr::Range(range) = expr else {
        sink.push(
            Problem::at(Code::Range, expr, "`range` must be a range of numbers")
                .help("write `range = 0..=10`"),
        );
        return None;
    };
    let ends = [range.start.as_deref(), range.end.as_deref()];
    let mut bounds = [None, None];
    for (end, bound) in ends.into_iter().zip(&mut bounds) {
        let Some(end) = end else { continue };
        *bound = self::bound(end);
        let fits = match bound {
            Some(Bound::Integer(number)) => i64::try_from(*number).is_ok(),
            Some(Bound::Float(number)) => number.is_finite(),
            None => false,
        };
        if !fits {
            sink.push(
                Problem::at(
                    Code::Range,
                    end,
                    "the ends of `range` must be literal numbers of at most 64 bits",
                )
                .help("write `range = 0..=10`"),
            );
            return None;
        }
    }
    match bounds {
        [None, None] => {
            sink.push(bounds_nothing(&option.key, range));
            None
        }
        [Some(Bound::Integer(_)), Some(Bound::Float(_))]
        | [Some(Bound::Float(_)), Some(Bound::Integer(_))] => {
            sink.push(
                Problem::at(Code::MixedRange, range, "one end of `range` is an integer and the other is not")
                    .note("bounds with a point are for an `f64`, bounds without are for integers")
                    .help("write both with a point, such as `0.0..=1.0`, or both without"),
            );
            None
        }
        [Some(Bound::Float(_)), _] | [_, Some(Bound::Float(_))] => float_range(range, bounds, sink),
        _ => integer_range(range, bounds, sink),
    }
}

fn integer_range(range: &ExprRange, bounds: [Option<Bound>; 2], sink: &mut Sink) -> Option<Constraint> {
    let [min, max] = bounds.map(|bound| match bound {
        Some(Bound::Integer(number)) => Some(number),
        _ => None,
    });
    let closed = if is_half_open(range) { max.map(|max| max - 1) } else { max };
    if let (Some(min), Some(max), Some(closed)) = (min, max, closed)
        && closed < min
    {
        sink.push(empty(range, &min.to_string(), &max.to_string()));
        return None;
    }
    let [min, max] = [min, closed].map(|number| number.and_then(|number| i64::try_from(number).ok()));
    Some(Constraint::IntegerRange(min, max))
}

fn float_range(range: &ExprRange, bounds: [Option<Bound>; 2], sink: &mut Sink) -> Option<Constraint> {
    if is_half_open(range) {
        // "Below 1.0" has no largest value that a schema could name.
        let end = range.end.as_deref().map(|end| end.to_token_stream().to_string()).unwrap_or_default();
        let start =
            range.start.as_deref().map(|start| start.to_token_stream().to_string()).unwrap_or_default();
        sink.push(
            Problem::at(
                Code::HalfOpenFloats,
                range,
                "a `range` of floating-point numbers must include its end",
            )
            .help(format!("write `{start}..={end}`")),
        );
        return None;
    }
    let [min, max] = bounds.map(|bound| match bound {
        Some(Bound::Float(number)) => Some(number),
        _ => None,
    });
    if let (Some(low), Some(high)) = (min, max)
        && high < low
    {
        sink.push(empty(range, &low.to_string(), &high.to_string()));
        return None;
    }
    Some(Constraint::FloatRange(min, max))
}

fn is_half_open(range: &ExprRange) -> bool {
    matches!(range.limits, RangeLimits::HalfOpen(_)) && range.end.is_some()
}

fn empty(range: &ExprRange, min: &str, max: &str) -> Problem {
    let why =
        if min == max { format!("`..` ends before {max}") } else { format!("{max} is less than {min}") };
    let problem = Problem::at(Code::EmptyBounds, range, format!("empty range: {why}"));
    if min == max {
        problem.help(format!("write `{min}..={max}`"))
    } else {
        problem.help(format!("write `{max}..={min}`"))
    }
}

fn only_empty(at: impl ToTokens) -> Problem {
    Problem::at(Code::OnlyEmpty, at, "this `length` allows only what is empty")
        .note("the field could never hold anything")
        .help("write `length = 1..=64`, or leave the field out")
}

fn bounds_nothing(key: &Ident, range: &ExprRange) -> Problem {
    Problem::at(Code::BoundsNothing, range, format!("this `{key}` bounds nothing"))
        .help(format!("give it an end, or leave `{key}` out"))
}

/// The pattern is judged by the parser that compiles it at start.
fn pattern(option: &Keyed<syn::LitStr>, sink: &mut Sink) -> Option<Constraint> {
    let text = option.value.value();
    if let Err(error) = regex_syntax::parse(&text) {
        let reason = match &error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            _ => error.to_string(),
        };
        let mut problem =
            Problem::at(Code::Pattern, &option.value, "`pattern` is not a regular expression").note(reason);
        if text.contains("(?=") || text.contains("(?!") || text.contains("(?<=") || text.contains("(?<!") {
            problem = problem
                .help("look-around would make matching slow; check that part in a rule (`impl Rules`)");
        } else {
            problem = problem.help("the syntax is that of the crate `regex`, and the whole text must match");
        }
        sink.push(problem);
        return None;
    }
    Some(Constraint::Pattern(option.value.clone()))
}

fn format(option: &Keyed<Ident>) -> Constraint {
    Constraint::Format(Ident::new(&name::to_pascal(&option.value.to_string()), Span::call_site()))
}

/// What the standard demands of a field with this name, unless the author demands another form of it.
fn standard(json: &str, options: &FieldOptions) -> Option<Constraint> {
    if json == symbol::LABELS {
        return Some(Constraint::Labels);
    }
    let (_, variant) = symbol::STANDARD_TEXTS.iter().find(|(name, _)| *name == json)?;
    options.format.is_none().then(|| Constraint::Standard(Ident::new(variant, Span::call_site())))
}

/// A literal default or example must keep the field's own constraints.
fn keeps(option: &Keyed<Expr>, options: &FieldOptions, constraints: &[Constraint], sink: &mut Sink) {
    let value = ungroup(&option.value);
    let broken = constraints.iter().find_map(|constraint| match (constraint, bound(value), value) {
        (Constraint::IntegerRange(min, max), Some(Bound::Integer(number)), _) => {
            let below = min.is_some_and(|min| number < i128::from(min));
            let above = max.is_some_and(|max| number > i128::from(max));
            (below || above).then_some((symbol::RANGE, &options.range))
        }
        (Constraint::FloatRange(min, max), Some(Bound::Float(number)), _) => {
            let outside = min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max);
            outside.then_some((symbol::RANGE, &options.range))
        }
        (Constraint::Length(min, max), _, Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. })) => {
            let length = text.value().chars().count() as u64;
            (length < *min || length > *max).then_some((symbol::LENGTH, &options.length))
        }
        (Constraint::Length(min, max), _, Expr::Array(list)) => {
            let length = list.elems.len() as u64;
            (length < *min || length > *max).then_some((symbol::LENGTH, &options.length))
        }
        _ => None,
    });
    if let Some((word, written)) = broken {
        let declared = written.as_ref().map_or_else(
            || "1..=63".to_owned(),
            |option| option.value.to_token_stream().to_string().replace(' ', ""),
        );
        sink.push(
            Problem::at(
                Code::BreaksOwnBounds,
                value,
                format!("the {} breaks the field's own `{word}`", option.key),
            )
            .note(format!("`{word} = {declared}`"))
            .help(format!("write a value that fits, or widen `{word}`")),
        );
    }
}
