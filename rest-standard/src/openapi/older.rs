//! The 3.0.3 form of the document, for generators that need it: the same operations and names.
//!
//! OpenAPI 3.0 has a dialect of JSON Schema of its own: `nullable` for the type `null`, no `const`, no `if`, one `example`, and
//! nothing beside `$ref`. A body has one media type there, since common generators take no more: plain JSON, which PATCH takes for
//! a merge patch.

use std::collections::BTreeMap;

use super::ordered::Ordered;
use crate::document::JSON;

/// The document in its 3.0.3 form.
pub(crate) fn of(document: Ordered) -> Ordered {
    let types = types(&document);
    let Ordered::Object(members) = document else { return document };
    let members = members.into_iter().filter(|(name, _)| name != "jsonSchemaDialect");
    let members = members.map(|(name, value)| match &*name {
        "openapi" => (name, "3.0.3".into()),
        "info" => (name, without(value, "license", "identifier")),
        _ => (name, walk(value, &types)),
    });
    Ordered::Object(members.collect())
}

/// The types of the named schemas, by reference.
type Types = BTreeMap<String, String>;

fn types(document: &Ordered) -> Types {
    let schemas = document.get("components").and_then(|components| components.get("schemas"));
    let Some(Ordered::Object(schemas)) = schemas else { return Types::new() };
    let types = schemas.iter().filter_map(|(name, schema)| {
        let ty = schema.get("type")?.as_str()?;
        Some((format!("#/components/schemas/{name}"), ty.to_owned()))
    });
    types.collect()
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
fn walk(value: Ordered, types: &Types) -> Ordered {
    match value {
        Ordered::Array(items) => Ordered::Array(items.into_iter().map(|item| walk(item, types)).collect()),
        Ordered::Object(members) => Ordered::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let value = match &*name {
                        "schema" => schema(value, types),
                        "schemas" => each(value, |value| schema(value, types)),
                        "requestBody" => one_media_type(value, types),
                        "example" | "x-codeSamples" => value,
                        _ => walk(value, types),
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

fn one_media_type(body: Ordered, types: &Types) -> Ordered {
    let Ordered::Object(members) = body else { return body };
    let members = members.into_iter().map(|(name, value)| match value {
        Ordered::Object(contents) if name == "content" => {
            let has_json = contents.iter().any(|(media, _)| media == JSON);
            let kept = contents.into_iter().filter(|(media, _)| !has_json || media == JSON);
            (name, Ordered::Object(kept.map(|(media, content)| (media, walk(content, types))).collect()))
        }
        value => (name, value),
    });
    Ordered::Object(members.collect())
}

/// One schema.
fn schema(value: Ordered, types: &Types) -> Ordered {
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
                // Nothing but null, or an object without members: 3.0 has no type of which only null is left.
                value if value.as_str() == Some("null") => {
                    older.push((name, "object".into()));
                    older.push(("maxProperties".into(), 0_i64.into()));
                    nullable = true;
                }
                value => older.push((name, value)),
            },
            "anyOf" | "oneOf" => {
                let Ordered::Array(choices) = value else { continue };
                let (nulls, mut choices): (Vec<_>, Vec<_>) = choices
                    .into_iter()
                    .partition(|choice| choice.get("type").and_then(Ordered::as_str) == Some("null"));
                nullable |= !nulls.is_empty();
                if choices.len() == 1 && !nulls.is_empty() {
                    match schema(choices.remove(0), types) {
                        // Nothing may stand beside a reference, and `nullable` means nothing without a type.
                        Ordered::Object(members) if members.iter().any(|(name, _)| name == "$ref") => {
                            let reference = Ordered::Object(members);
                            let ty =
                                reference.get("$ref").and_then(Ordered::as_str).and_then(|to| types.get(to));
                            older.extend(ty.map(|ty| ("type".into(), ty.as_str().into())));
                            older.push(("allOf".into(), vec![reference].into()));
                        }
                        Ordered::Object(members) => older.extend(members),
                        other => older.push((name, vec![other].into())),
                    }
                } else {
                    older.push((
                        name,
                        Ordered::Array(choices.into_iter().map(|choice| schema(choice, types)).collect()),
                    ));
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
            "properties" | "patternProperties" | "allOf" => {
                older.push((name, each(value, |value| schema(value, types))));
            }
            "items" | "additionalProperties" | "not" => older.push((name, schema(value, types))),
            "prefixItems" | "$schema" | "$defs" | "propertyNames" | "if" | "then" | "else" => {}
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

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// What the schema becomes in a document that has an enum and an object.
    fn older(value: &Json) -> Json {
        let document = json!({"components": {"schemas": {"Mode": {"type": "string", "enum": ["Off"]}, "Written": value}}});
        let older = of(Ordered::from_json(document)).to_text();
        let mut document: Json = serde_json::from_str(&older).unwrap();
        document["components"]["schemas"]["Written"].take()
    }

    #[test]
    fn whatever_may_be_null_has_a_type() {
        let reference = json!({"$ref": "#/components/schemas/Mode"});
        assert_eq!(
            older(&json!({"anyOf": [reference, {"type": "null"}]})),
            json!({"type": "string", "allOf": [reference], "nullable": true})
        );
        assert_eq!(older(&json!({"type": ["string", "null"]})), json!({"type": "string", "nullable": true}));
        assert_eq!(
            older(&json!({"type": "null"})),
            json!({"type": "object", "maxProperties": 0, "nullable": true})
        );
    }

    #[test]
    fn conditions_are_left_out() {
        let schema =
            json!({"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {}});
        assert_eq!(older(&schema), json!({"type": "object"}));
    }
}
