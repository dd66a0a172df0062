//! Names and values of a filter against the declaration of a list.

use super::{
    Problem,
    syntax::{Argument, Comparator, Expression, Name, Restriction, Written},
};
use crate::{
    codec::{parse_integer, parse_text},
    descriptor::{Descriptor, FieldDescriptor, FieldKind},
    query::order::{Use, column, column_kind, list, shown, unknown},
    store::{Condition, Place, Step, Test},
    validate::{did_you_mean, expectation, unknown_variant},
    value::Value,
};

/// The condition of an expression, or all that is wrong in it.
pub(super) fn check(descriptor: &Descriptor, expression: &Expression) -> Result<Condition, Vec<Problem>> {
    let mut problems = Vec::new();
    let condition = convert(descriptor, expression, &mut problems);
    if problems.is_empty() { Ok(condition) } else { Err(problems) }
}

fn convert(descriptor: &Descriptor, expression: &Expression, problems: &mut Vec<Problem>) -> Condition {
    let mut all = |expressions: &[Expression]| -> Vec<Condition> {
        expressions.iter().map(|expression| convert(descriptor, expression, problems)).collect()
    };
    match expression {
        Expression::All(expressions) => Condition::All(all(expressions)),
        Expression::Any(expressions) => Condition::Any(all(expressions)),
        Expression::Not(inner) => Condition::Not(Box::new(convert(descriptor, inner, problems))),
        Expression::Restriction(restriction) => restrict(descriptor, restriction).unwrap_or_else(|problem| {
            problems.push(problem);
            Condition::All(Vec::new())
        }),
    }
}

fn restrict(descriptor: &Descriptor, restriction: &Restriction) -> Result<Condition, Problem> {
    let Restriction { path, comparator, argument, .. } = restriction;
    let place = place(descriptor, path)?;
    let test = Tested { restriction, field: shown(&path_text(path)) };
    let is_bare = |word: &str| matches!(&argument.value, Written::Bare(bare) if bare == word);
    if is_bare("null") {
        let absent = Condition::Not(Box::new(Condition::Test(place, Test::Present)));
        return match comparator {
            Comparator::Equal => Ok(absent),
            Comparator::NotEqual => Ok(Condition::Not(Box::new(absent))),
            _ => Err(test.wrong_comparator("`null` goes with `=` and `!=`")),
        };
    }
    if *comparator == Comparator::Has {
        return test.has(place, is_bare("*"));
    }
    if place.steps.contains(&Step::Element) {
        return Err(test.wrong_comparator("an element of a list is asked for with `:`"));
    }
    match place.kind {
        FieldKind::List(_) => {
            Err(test.wrong_comparator("`{field}` is a list, whose elements are asked for with `:`"))
        }
        FieldKind::Map(_) => {
            Err(test.wrong_comparator("`{field}` is a map; name a key, as in `{field}.key = \"value\"`"))
        }
        FieldKind::Object(declared) => {
            let member = declared.fields.first().map_or("member", |field| field.name);
            Err(test
                .wrong_comparator(&format!("`{{field}}` has members; name one, as in `{{field}}.{member}`")))
        }
        _ => test.compare(place),
    }
}

fn path_text(path: &[Name]) -> String {
    path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
}

/// Follows dotted names into what is declared.
fn place(descriptor: &Descriptor, path: &[Name]) -> Result<Place, Problem> {
    let Some((first, rest)) = path.split_first() else { return Err(Problem::new(0, "must name a field")) };
    let Some(column) = column(descriptor, &first.text, Use::Filter) else {
        return Err(Problem::new(first.at, unknown(descriptor, &first.text, Use::Filter)));
    };
    let mut place = Place { column, steps: Vec::new(), kind: column_kind(descriptor, column) };
    let mut above = &first.text;
    for name in rest {
        if let FieldKind::List(element) = place.kind {
            place.steps.push(Step::Element);
            place.kind = element.kind;
        }
        match place.kind {
            FieldKind::Object(declared) => {
                let visible = || declared.fields.iter().filter(|field| !field.input_only);
                let Some(field) = visible().find(|field| field.name == name.text) else {
                    let names = visible().map(|field: &FieldDescriptor| field.name);
                    let hint = did_you_mean(&name.text, names.clone());
                    let hint = if hint.is_empty() { format!("; members are {}", list(names)) } else { hint };
                    let detail = format!("`{}` is no member of `{}`{hint}", shown(&name.text), shown(above));
                    return Err(Problem::new(name.at, detail));
                };
                place.steps.push(Step::Member(field.name));
                place.kind = field.kind;
            }
            FieldKind::Map(element) => {
                place.steps.push(Step::Key(name.text.clone()));
                place.kind = element.kind;
            }
            _ => {
                let detail = format!(
                    "`{}` has no members, so that nothing can follow its dot; a text with a dot stands on the right of a comparator",
                    shown(above)
                );
                return Err(Problem::new(name.at, detail));
            }
        }
        above = &name.text;
    }
    Ok(place)
}

/// A term whose field is known.
struct Tested<'a> {
    restriction: &'a Restriction,
    /// The field as written.
    field: String,
}

impl Tested<'_> {
    fn argument(&self) -> &Argument {
        &self.restriction.argument
    }

    fn wrong_comparator(&self, why: &str) -> Problem {
        let detail = format!(
            "cannot have `{}` here: {}",
            self.restriction.comparator.text(),
            why.replace("{field}", &self.field)
        );
        Problem::new(self.restriction.comparator_at, detail)
    }

    fn wrong_value(&self, expected: &str) -> Problem {
        let found = match &self.argument().value {
            Written::Bare(text) => format!("`{}`", shown(text)),
            Written::Quoted { text, .. } => format!("the text \"{}\"", shown(text)),
        };
        let detail = format!("must have {expected} for `{}`, got {found}", self.field);
        Problem::new(self.argument().at, detail)
    }

    /// `:` asks a list for an element, a map for a key, anything for its presence, and a single value for equality.
    fn has(&self, mut place: Place, is_star: bool) -> Result<Condition, Problem> {
        match place.kind {
            FieldKind::List(_) | FieldKind::Map(_) if is_star => Ok(Condition::Test(place, Test::Filled)),
            _ if is_star => Ok(Condition::Test(place, Test::Present)),
            FieldKind::List(element) => {
                if !element.kind.is_single() {
                    return Err(self.wrong_comparator(
                        "the elements of `{field}` have members; name one, or ask `{field}:*`",
                    ));
                }
                place.steps.push(Step::Element);
                place.kind = element.kind;
                let value = self.value(place.kind)?;
                Ok(Condition::Test(place, Test::Equal(value)))
            }
            FieldKind::Map(element) => {
                let (Written::Bare(key) | Written::Quoted { text: key, .. }) = &self.argument().value;
                place.steps.push(Step::Key(key.clone()));
                place.kind = element.kind;
                Ok(Condition::Test(place, Test::Present))
            }
            FieldKind::Object(_) => {
                Err(self.wrong_comparator("`{field}` has members; name one, or ask `{field}:*`"))
            }
            kind => {
                let value = self.value(kind)?;
                Ok(Condition::Test(place, Test::Equal(value)))
            }
        }
    }

    fn compare(&self, place: Place) -> Result<Condition, Problem> {
        let comparator = self.restriction.comparator;
        let is_equality = matches!(comparator, Comparator::Equal | Comparator::NotEqual);
        if !is_equality && matches!(place.kind, FieldKind::Bool | FieldKind::Bytes) {
            return Err(self.wrong_comparator("`{field}` has no order; compare it with `=` or `!=`"));
        }
        let test = match (&self.argument().value, place.kind) {
            (Written::Quoted { text, opens, closes }, FieldKind::Text)
                if is_equality && (*opens || *closes) =>
            {
                let inner = text.strip_prefix('*').filter(|_| *opens).unwrap_or(text);
                let inner = inner.strip_suffix('*').filter(|_| *closes).unwrap_or(inner).to_owned();
                match (opens, closes) {
                    _ if inner.is_empty() => Test::Present,
                    (true, true) => Test::Contains(inner),
                    (true, false) => Test::EndsWith(inner),
                    _ => Test::StartsWith(inner),
                }
            }
            _ => {
                let value = self.value(place.kind)?;
                match comparator {
                    Comparator::Less => Test::Less(value),
                    Comparator::AtMost => Test::AtMost(value),
                    Comparator::Greater => Test::Greater(value),
                    Comparator::AtLeast => Test::AtLeast(value),
                    Comparator::Equal | Comparator::NotEqual | Comparator::Has => Test::Equal(value),
                }
            }
        };
        let condition = Condition::Test(place, test);
        Ok(match comparator {
            Comparator::NotEqual => Condition::Not(Box::new(condition)),
            _ => condition,
        })
    }

    /// The value of a term, in the type of its field.
    fn value(&self, kind: FieldKind) -> Result<Value, Problem> {
        let written = &self.argument().value;
        match (kind, written) {
            (FieldKind::Text, Written::Quoted { text, .. }) => Ok(Value::Text(text.clone())),
            (FieldKind::Text, Written::Bare(text)) if text.starts_with('*') || text.ends_with('*') => {
                let detail = format!("must have quotes around a text with a wildcard: `\"{}\"`", shown(text));
                Err(Problem::new(self.argument().at, detail))
            }
            (FieldKind::Text, Written::Bare(text)) => Ok(Value::Text(text.clone())),
            (FieldKind::Integer { .. }, Written::Bare(text)) => match parse_integer(text) {
                Some(number) => Ok(Value::Integer(number)),
                None => Err(self.wrong_value(&format!(
                    "an integer without quotes between {} and {}",
                    i64::MIN,
                    i64::MAX
                ))),
            },
            (FieldKind::Integer { .. }, Written::Quoted { .. }) => {
                Err(self.wrong_value("an integer without quotes"))
            }
            (FieldKind::Float, Written::Bare(text)) if is_number(text) => {
                parse_text(kind, text).ok_or_else(|| self.wrong_value("a finite number"))
            }
            (FieldKind::Float, _) => Err(self.wrong_value("a number without quotes")),
            (FieldKind::Bool, Written::Bare(text)) => {
                parse_text(kind, text).ok_or_else(|| self.wrong_value("`true` or `false`"))
            }
            (FieldKind::Bool, Written::Quoted { .. }) => {
                Err(self.wrong_value("`true` or `false` without quotes"))
            }
            (FieldKind::Enum(declared), Written::Bare(text) | Written::Quoted { text, .. }) => {
                match declared.by_name(text) {
                    Some(variant) => Ok(Value::Integer(variant.number)),
                    None => Err(Problem::new(self.argument().at, unknown_variant(declared, text))),
                }
            }
            (FieldKind::Timestamp, Written::Bare(_)) => {
                Err(self.wrong_value("a timestamp in quotes, such as \"2026-11-21T10:00:00Z\","))
            }
            (kind, Written::Bare(text) | Written::Quoted { text, .. }) => {
                parse_text(kind, text).ok_or_else(|| self.wrong_value(expectation(kind)))
            }
        }
    }
}

/// Digits, a fraction and an exponent, as in JSON.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    text.starts_with(|char: char| char.is_ascii_digit())
        && text.chars().all(|char| char.is_ascii_digit() || matches!(char, '.' | 'e' | 'E' | '-' | '+'))
        && !text.ends_with('.')
}
