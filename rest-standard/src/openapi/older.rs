//! The 3.0.3 form of the document, for generators that need it: the same operations and names.
//!
//! OpenAPI 3.0 has a dialect of JSON Schema of its own: `nullable` for the type `null`, no `const`, one `example`, and nothing
//! beside `$ref`. A body has one media type there, since common generators take no more: plain JSON, which PATCH takes for
//! a merge patch.

use super::ordered::Ordered;
use crate::document::JSON;

/// The document in its 3.0.3 form.
pub(crate) fn of(document: Ordered) -> Ordered {
    let Ordered::Object(members) = document else { return document };
    let members = members.into_iter().filter(|(name, _)| name != "jsonSchemaDialect");
    let members = members.map(|(name, value)| match &*name {
        "openapi" => (name, "3.0.3".into()),
        "info" => (name, without(value, "license", "identifier")),
        _ => (name, walk(value)),
    });
    Ordered::Object(members.collect())
}

/// `value` without a member of its member `inside`.
fn without(value: Ordered, inside: &str, dropped: &str) -> Ordered {
    let Ordered::Object(members) = value else { return value };
    Ordered::Object(
        members
            .into_iter()
            .map(|(name, value)| match value {
                Ordered::Object(inner) if name == inside => {
                    (name, Ordered::Object(inner.into_iter().filter(|(name, _)| name != dropped).collect()))
                }
                value => (name, value),
            })
            .collect(),
    )
}

/// Goes through everything that is not a schema, down to the schemas.
fn walk(value: Ordered) -> Ordered {
    match value {
        Ordered::Array(items) => Ordered::Array(items.into_iter().map(walk).collect()),
        Ordered::Object(members) => Ordered::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let value = match &*name {
                        "schema" => schema(value),
                        "schemas" => each(value, schema),
                        "requestBody" => one_media_type(value),
                        "example" | "x-codeSamples" => value,
                        _ => walk(value),
                    };
                    (name, value)
                })
                .collect(),
        ),
        scalar @ Ordered::Plain(_) => scalar,
    }
}

fn each(value: Ordered, change: impl Fn(Ordered) -> Ordered) -> Ordered {
    match value {
        Ordered::Object(members) => {
            Ordered::Object(members.into_iter().map(|(name, value)| (name, change(value))).collect())
        }
        Ordered::Array(items) => Ordered::Array(items.into_iter().map(change).collect()),
        scalar @ Ordered::Plain(_) => scalar,
    }
}

fn one_media_type(body: Ordered) -> Ordered {
    let Ordered::Object(members) = body else { return body };
    let members = members.into_iter().map(|(name, value)| match value {
        Ordered::Object(contents) if name == "content" => {
            let has_json = contents.iter().any(|(media, _)| media == JSON);
            let kept = contents.into_iter().filter(|(media, _)| !has_json || media == JSON);
            (name, Ordered::Object(kept.map(|(media, content)| (media, walk(content))).collect()))
        }
        value => (name, value),
    });
    Ordered::Object(members.collect())
}

/// One schema.
fn schema(value: Ordered) -> Ordered {
    // `true` and `false` stay: they stand where both forms know them, as `additionalProperties`.
    let Ordered::Object(members) = value else { return value };
    if members.iter().any(|(name, _)| name == "$ref") {
        return reference(members);
    }
    let mut nullable = false;
    let mut older = Vec::with_capacity(members.len() + 1);
    for (name, value) in members {
        match &*name {
            "type" => match value {
                Ordered::Array(types) => {
                    let (nulls, mut types): (Vec<_>, Vec<_>) =
                        types.into_iter().partition(|ty| ty.as_str() == Some("null"));
                    nullable |= !nulls.is_empty();
                    if types.len() == 1 {
                        older.push((name, types.remove(0)));
                    } else {
                        let choices = types.into_iter().map(|ty| Ordered::object([("type", ty)]));
                        older.push(("anyOf".into(), Ordered::Array(choices.collect())));
                    }
                }
                // Nothing but null: 3.0 can say only that null is among what may be there.
                value if value.as_str() == Some("null") => nullable = true,
                value => older.push((name, value)),
            },
            "anyOf" | "oneOf" => {
                let Ordered::Array(choices) = value else { continue };
                let (nulls, mut choices): (Vec<_>, Vec<_>) = choices
                    .into_iter()
                    .partition(|choice| choice.get("type").and_then(Ordered::as_str) == Some("null"));
                nullable |= !nulls.is_empty();
                if choices.len() == 1 && !nulls.is_empty() {
                    match schema(choices.remove(0)) {
                        // Nothing may stand beside a reference.
                        reference if reference.get("$ref").is_some() => {
                            older.push(("allOf".into(), vec![reference].into()));
                        }
                        Ordered::Object(members) => older.extend(members),
                        other => older.push((name, vec![other].into())),
                    }
                } else {
                    older.push((name, Ordered::Array(choices.into_iter().map(schema).collect())));
                }
            }
            "const" => older.push(("enum".into(), vec![value].into())),
            "examples" => {
                if let Ordered::Array(mut examples) = value
                    && !examples.is_empty()
                {
                    older.push(("example".into(), examples.remove(0)));
                }
            }
            "contentEncoding" => older.push(("format".into(), "byte".into())),
            "exclusiveMinimum" | "exclusiveMaximum" => {
                let bound = if name == "exclusiveMinimum" { "minimum" } else { "maximum" };
                older.push((bound.into(), value));
                older.push((name, true.into()));
            }
            "properties" | "patternProperties" => older.push((name, each(value, schema))),
            "items" | "additionalProperties" | "not" => older.push((name, schema(value))),
            "allOf" => older.push((name, each(value, schema))),
            "prefixItems" | "$schema" | "$defs" | "propertyNames" => {}
            _ => older.push((name, value)),
        }
    }
    // An array must say what it is of.
    let is_array = older.iter().any(|(name, value)| name == "type" && value.as_str() == Some("array"));
    if is_array && !older.iter().any(|(name, _)| name == "items") {
        older.push(("items".into(), Ordered::Object(Vec::new())));
    }
    if nullable {
        older.push(("nullable".into(), true.into()));
    }
    Ordered::Object(older)
}

fn reference(members: Vec<(std::borrow::Cow<'static, str>, Ordered)>) -> Ordered {
    if members.len() == 1 {
        return Ordered::Object(members);
    }
    let mut older = Vec::with_capacity(members.len());
    for (name, value) in members {
        match &*name {
            "$ref" => older.push(("allOf".into(), vec![Ordered::Object(vec![(name, value)])].into())),
            "examples" => {
                if let Ordered::Array(mut examples) = value
                    && !examples.is_empty()
                {
                    older.push(("example".into(), examples.remove(0)));
                }
            }
            _ => older.push((name, value)),
        }
    }
    Ordered::Object(older)
}
