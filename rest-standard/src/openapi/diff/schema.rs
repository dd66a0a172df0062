//! What separates two schemas, and for whom: who writes a value and who reads it break at different changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value as Json;

use super::{Found, members};

/// How many references are followed, and how deep schemas without a name nest; a document may lead in a circle.
const MOST_STEPS: usize = 32;
/// How deep `allOf` nests.
const MOST_PARTS: usize = 8;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// From a client to the service.
    Request,
    /// From the service to a client.
    Answer,
}

impl Direction {
    /// Whether a client breaks when fewer values are right.
    fn breaks_when_narrowed(self) -> bool {
        self == Self::Request
    }
}

/// Where in a document a schema stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    subject: String,
    /// Member names from the subject down, joined by dots.
    path: String,
    direction: Direction,
    level: usize,
}

impl Place {
    pub(super) fn new(subject: String, direction: Direction) -> Self {
        Self { subject, path: String::new(), direction, level: 0 }
    }

    fn member(&self, name: &str) -> Self {
        let separator = if self.path.is_empty() { "" } else { "." };
        self.below(format!("{}{separator}{name}", self.path))
    }

    fn elements(&self) -> Self {
        self.below(format!("{}[]", self.path))
    }

    /// The same place in one of its alternatives.
    fn choice(&self) -> Self {
        self.below(self.path.clone())
    }

    fn below(&self, path: String) -> Self {
        Self { path, level: self.level + 1, ..self.clone() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.subject)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, ": `{}`", self.path) }
    }
}

/// What a reference leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached<'a> {
    pub(super) value: &'a Json,
    /// The component's name, where a reference led there.
    pub(super) name: Option<&'a str>,
}

/// Follows local references; one that leads nowhere or in a circle reaches null.
pub(super) fn resolve<'a>(document: &'a Json, value: &'a Json) -> Reached<'a> {
    let mut reached = Reached { value, name: None };
    for _ in 0..MOST_STEPS {
        let Some(reference) = reached.value.get("$ref").and_then(Json::as_str) else { return reached };
        let pointer = reference.strip_prefix('#').unwrap_or_default();
        reached = Reached {
            value: document.pointer(pointer).unwrap_or(&Json::Null),
            name: reference.rsplit('/').next(),
        };
    }
    Reached { value: &Json::Null, name: None }
}

/// Compares schemas, each pair of named ones once for each direction.
pub(super) struct Schemas<'a> {
    old: &'a Json,
    new: &'a Json,
    waiting: Vec<(&'a str, &'a str, Direction, &'a Json, &'a Json)>,
    seen: BTreeSet<(&'a str, &'a str, Direction)>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(old: &'a Json, new: &'a Json) -> Self {
        Self { old, new, waiting: Vec::new(), seen: BTreeSet::new() }
    }

    /// Compares two schemas at a place. Named ones wait for [`finish`](Self::finish), so that what is shared is compared
    /// where it is declared and not at each use.
    pub(super) fn compare(&mut self, place: &Place, old: &'a Json, new: &'a Json, found: &mut Found) {
        if place.level > MOST_STEPS {
            return;
        }
        let ((old, was_nullable), (new, is_nullable)) = (unwrapped(old), unwrapped(new));
        let (before, after) = (resolve(self.old, old), resolve(self.new, new));
        if let (Some(old_name), Some(new_name)) = (before.name, after.name) {
            nullable(place, was_nullable, is_nullable, found);
            if old_name != new_name {
                found.is_new(format!(
                    "the schema `{old_name}` is called `{new_name}`; generated types are called otherwise"
                ));
            }
            if self.seen.insert((old_name, new_name, place.direction)) {
                self.waiting.push((old_name, new_name, place.direction, before.value, after.value));
            }
            return;
        }
        let (mut before, mut after) = (Shape::of(self.old, before.value), Shape::of(self.new, after.value));
        before.nullable |= was_nullable;
        after.nullable |= is_nullable;
        self.shapes(place, &before, &after, found);
    }

    /// Compares every pair of named schemas that was met.
    pub(super) fn finish(&mut self, found: &mut Found) {
        while let Some((_, name, direction, old, new)) = self.waiting.pop() {
            let way = match direction {
                Direction::Request => "in requests",
                Direction::Answer => "in answers",
            };
            let place = Place::new(format!("the schema `{name}` {way}"), direction);
            let (before, after) = (Shape::of(self.old, old), Shape::of(self.new, new));
            self.shapes(&place, &before, &after, found);
        }
    }

    fn shapes(&mut self, place: &Place, old: &Shape<'a>, new: &Shape<'a>, found: &mut Found) {
        if !types(place, &old.types, &new.types, found) {
            return;
        }
        nullable(place, old.nullable, new.nullable, found);
        values(place, old.values.as_ref(), new.values.as_ref(), found);
        limits(place, &old.limits, &new.limits, found);
        rules(place, &old.rules, &new.rules, found);
        if place.direction == Direction::Request && old.default != new.default {
            found.is_new(format!(
                "{place} has the default {}, before {}",
                or_none(new.default),
                or_none(old.default)
            ));
        }
        self.properties(place, old, new, found);
        if let (Some(old), Some(new)) = (old.items, new.items) {
            self.compare(&place.elements(), old, new, found);
        }
        self.choices(place, &old.choices, &new.choices, found);
    }

    fn properties(&mut self, place: &Place, old: &Shape<'a>, new: &Shape<'a>, found: &mut Found) {
        let is_request = place.direction == Direction::Request;
        for (name, before) in &old.properties {
            let member = place.member(name);
            let Some(after) = new.properties.get(name) else {
                found.breaks(format!("{member} was removed"));
                continue;
            };
            match (old.required.contains(name), new.required.contains(name)) {
                (false, true) if is_request => found.breaks(format!("{member} became required")),
                (true, false) if is_request => found.is_new(format!("{member} became optional")),
                (false, true) => found.is_new(format!("{member} is always there")),
                (true, false) => found.breaks(format!("{member} may be missing")),
                _ => {}
            }
            self.compare(&member, before, after, found);
        }
        for name in new.properties.keys().filter(|name| !old.properties.contains_key(*name)) {
            let member = place.member(name);
            if is_request && new.required.contains(name) {
                found.breaks(format!("{member} was added and is required"));
            } else {
                found.is_new(format!("{member} was added"));
            }
        }
        match (old.others, new.others) {
            (Some(Json::Bool(false)), Some(Json::Bool(false))) => {}
            (Some(Json::Bool(false)), _) if !new.is_untyped_object() => {
                found.is_new(format!("{place} may have members of any name"));
            }
            (_, Some(Json::Bool(false))) if !old.is_untyped_object() => {
                found.add(is_request, format!("{place} has the declared members alone"));
            }
            (Some(old), Some(new)) if old.is_object() && new.is_object() => {
                self.compare(&place.member("*"), old, new, found);
            }
            _ => {}
        }
    }

    /// Compares alternatives: named ones by name, others in their order.
    fn choices(&mut self, place: &Place, old: &[&'a Json], new: &[&'a Json], found: &mut Found) {
        let is_request = place.direction == Direction::Request;
        let named = |document, choices: &[&'a Json]| -> BTreeMap<String, &'a Json> {
            let name = |at: usize, choice| match resolve(document, choice).name {
                Some(name) => format!("`{name}`"),
                None => format!("number {}", at + 1),
            };
            choices.iter().enumerate().map(|(at, choice)| (name(at, *choice), *choice)).collect()
        };
        let (old, new) = (named(self.old, old), named(self.new, new));
        for (name, before) in &old {
            match new.get(name) {
                Some(after) => self.compare(&place.choice(), before, after, found),
                None => found.add(is_request, format!("{place}: the alternative {name} was removed")),
            }
        }
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            found.add(!is_request, format!("{place}: the alternative {name} was added"));
        }
    }
}

/// A schema with its references and `allOf` taken together.
#[derive(Default)]
struct Shape<'a> {
    /// The types without null; empty where any is right.
    types: BTreeSet<&'a str>,
    nullable: bool,
    values: Option<BTreeSet<String>>,
    limits: BTreeMap<&'static str, f64>,
    rules: BTreeMap<&'static str, &'a Json>,
    default: Option<&'a Json>,
    properties: BTreeMap<&'a str, &'a Json>,
    required: BTreeSet<&'a str>,
    others: Option<&'a Json>,
    items: Option<&'a Json>,
    choices: Vec<&'a Json>,
}

/// Bounds from below.
const LEAST: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
/// Bounds from above.
const MOST: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
/// What a value must be beside them, which no order makes narrower or wider.
const RULES: [&str; 6] =
    ["pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType"];

impl<'a> Shape<'a> {
    fn of(document: &'a Json, schema: &'a Json) -> Self {
        let mut shape = Self::default();
        shape.add(document, schema, 0);
        shape
    }

    fn add(&mut self, document: &'a Json, schema: &'a Json, level: usize) {
        let (schema, nullable) = unwrapped(schema);
        self.nullable |= nullable;
        let schema = resolve(document, schema).value;
        if level > MOST_PARTS {
            return;
        }
        match &schema["type"] {
            Json::String(name) => self.add_type(name),
            Json::Array(names) => names.iter().filter_map(Json::as_str).for_each(|name| self.add_type(name)),
            _ => {}
        }
        let single = schema.get("const").map(std::slice::from_ref);
        if let Some(values) = schema["enum"].as_array().map(Vec::as_slice).or(single) {
            self.nullable |= values.contains(&Json::Null);
            let shown = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.values = Some(values.iter().filter(|value| !value.is_null()).map(shown).collect());
        }
        for name in LEAST.into_iter().chain(MOST) {
            if let Some(limit) = schema[name].as_f64() {
                self.limits.insert(name, limit);
            }
        }
        for name in RULES {
            if let Some(rule) = schema.get(name) {
                self.rules.insert(name, rule);
            }
        }
        self.default = schema.get("default").or(self.default);
        self.properties.extend(members(&schema["properties"]).map(|(name, member)| (name.as_str(), member)));
        self.required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str));
        self.others = schema.get("additionalProperties").or(self.others);
        self.items = schema.get("items").or(self.items);
        for choice in ["anyOf", "oneOf"] {
            self.choices.extend(schema[choice].as_array().into_iter().flatten());
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.add(document, part, level + 1);
        }
    }

    fn add_type(&mut self, name: &'a str) {
        if name == "null" {
            self.nullable = true;
        } else {
            self.types.insert(name);
        }
    }

    /// Whether nothing is said of the members that it has.
    fn is_untyped_object(&self) -> bool {
        self.properties.is_empty() && self.others.is_none()
    }
}

/// A schema without the alternative null, and whether that was there: `anyOf: [{…}, {type: null}]`.
fn unwrapped(schema: &Json) -> (&Json, bool) {
    let is_null = |choice: &Json| choice["type"] == "null";
    for keyword in ["anyOf", "oneOf"] {
        if let Some([left, right]) = schema[keyword].as_array().map(Vec::as_slice) {
            match (is_null(left), is_null(right)) {
                (false, true) => return (left, true),
                (true, false) => return (right, true),
                _ => {}
            }
        }
    }
    (schema, false)
}

/// Compares types, and says whether the rest can be compared.
fn types(place: &Place, old: &BTreeSet<&str>, new: &BTreeSet<&str>, found: &mut Found) -> bool {
    if old == new {
        return true;
    }
    // Every integer is a number; no type at all is any.
    let has = |types: &BTreeSet<&str>, name: &str| {
        types.is_empty() || types.contains(name) || (name == "integer" && types.contains("number"))
    };
    let within = |inner: &BTreeSet<&str>, outer: &BTreeSet<&str>| {
        outer.is_empty() || (!inner.is_empty() && inner.iter().all(|name| has(outer, name)))
    };
    let breaking = match place.direction {
        Direction::Request => !within(old, new),
        Direction::Answer => !within(new, old),
    };
    let shown = |types: &BTreeSet<&str>| match types.len() {
        0 => "anything".to_owned(),
        _ => types.iter().copied().collect::<Vec<_>>().join(" or "),
    };
    found.add(breaking, format!("{place} is of type {}, before {}", shown(new), shown(old)));
    old.iter().any(|name| new.contains(name)) || old.is_empty() || new.is_empty()
}

fn nullable(place: &Place, old: bool, new: bool, found: &mut Found) {
    match (old, new) {
        (false, true) => found.add(!place.direction.breaks_when_narrowed(), format!("{place} may be null")),
        (true, false) => {
            found.add(place.direction.breaks_when_narrowed(), format!("{place} may no longer be null"));
        }
        _ => {}
    }
}

fn values(place: &Place, old: Option<&BTreeSet<String>>, new: Option<&BTreeSet<String>>, found: &mut Found) {
    let is_request = place.direction == Direction::Request;
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, Some(new)) => {
            let names: Vec<_> = new.iter().map(|value| format!("`{value}`")).collect();
            return found
                .add(is_request, format!("{place} is one of {}, before any value", names.join(", ")));
        }
        (Some(_), None) => {
            return found.add(!is_request, format!("{place} may have any value, before one of a list"));
        }
        (None, None) => return,
    };
    for value in old.difference(new) {
        found.add(is_request, format!("{place}: the value `{value}` was removed"));
    }
    for value in new.difference(old) {
        if is_request {
            found.is_new(format!("{place}: the value `{value}` was added"));
        } else {
            found.breaks(format!("{place}: the value `{value}` was added, which a client may not know"));
        }
    }
}

fn limits(
    place: &Place,
    old: &BTreeMap<&'static str, f64>,
    new: &BTreeMap<&'static str, f64>,
    found: &mut Found,
) {
    for name in LEAST.into_iter().chain(MOST) {
        let (before, after) = (old.get(name), new.get(name));
        if before == after {
            continue;
        }
        let is_narrower = match (before, after) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => (after > before) == LEAST.contains(&name),
        };
        let text = match (before, after) {
            (Some(before), Some(after)) => format!("{place} has the `{name}` {after}, before {before}"),
            (None, Some(after)) => format!("{place} has the `{name}` {after}, before none"),
            (Some(before), None) => format!("{place} has no `{name}`, before {before}"),
            (None, None) => continue,
        };
        found.add(is_narrower && place.direction.breaks_when_narrowed(), text);
    }
}

fn rules(
    place: &Place,
    old: &BTreeMap<&'static str, &Json>,
    new: &BTreeMap<&'static str, &Json>,
    found: &mut Found,
) {
    for name in RULES {
        let (before, after) = (old.get(name).copied(), new.get(name).copied());
        if before == after {
            continue;
        }
        // A reader takes a value by its form, and does not mind what its text matches.
        let breaking = match place.direction {
            Direction::Request => after.is_some(),
            Direction::Answer => {
                before.is_some() && !matches!(name, "pattern" | "multipleOf" | "uniqueItems")
            }
        };
        found.add(
            breaking,
            format!("{place} has the `{name}` {}, before {}", or_none(after), or_none(before)),
        );
    }
}

fn or_none(value: Option<&Json>) -> String {
    match value {
        None => "none".to_owned(),
        Some(Json::String(text)) => format!("`{text}`"),
        Some(other) => format!("`{other}`"),
    }
}
