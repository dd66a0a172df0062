//! What is wrong with a value of a type that says its own schema, in this library's words.
//!
//! Decoding says where it ended. Why is read from the schema at that place, since the decoder's own text names types.

use serde_json::Value as Json;

use super::{excerpt, is_xml_char, join_pointer};
use crate::{
    descriptor::{ForeignType, Misfit},
    error::{Fault, MOST_FAULTS, Reason},
    value::Value,
};

/// How many references are followed at one place; a schema may lead in a circle.
const MOST_STEPS: usize = 16;

/// Checks a value, and gives the form in which it is stored.
pub(super) fn value(declared: &ForeignType, json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    let before = faults.len();
    check_text(json, at, faults);
    match (declared.check)(json) {
        Ok(Json::Null) => faults.push(Fault::pointer(Reason::InvalidValue, at, "must not be null")),
        Ok(stored) if faults.len() == before => return Value::Json(stored),
        Ok(_) => {}
        Err(misfits) => {
            let schema = (declared.schema)();
            for misfit in misfits.iter().take(MOST_FAULTS) {
                explain(&schema, json, misfit, at, faults);
            }
        }
    }
    Value::Null
}

/// Every format must be able to give back every text, names of members included.
fn check_text(json: &Json, at: &str, faults: &mut Vec<Fault>) {
    if faults.len() > MOST_FAULTS {
        return;
    }
    let refused = |text: &str, pointer: &str, place: &str| {
        let char = text.chars().find(|char| !is_xml_char(*char))?;
        let detail = format!("must not contain the character U+{:04X}{place}", u32::from(char));
        Some(Fault::pointer(Reason::InvalidValue, pointer, detail))
    };
    match json {
        Json::String(text) => faults.extend(refused(text, at, "")),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check_text(item, &format!("{at}/{index}"), faults);
            }
        }
        Json::Object(members) => {
            for (name, member) in members {
                let pointer = join_pointer(at, name);
                faults.extend(refused(name, &pointer, " in its name"));
                check_text(member, &pointer, faults);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn explain(schema: &Json, json: &Json, misfit: &Misfit, at: &str, faults: &mut Vec<Fault>) {
    let pointer = misfit.path.iter().fold(at.to_owned(), |pointer, name| join_pointer(&pointer, name));
    if misfit.is_unknown {
        faults.push(Fault::pointer(Reason::UnknownField, pointer, "is not a member of this value"));
        return;
    }
    let (mut expected, mut found) = (resolve(schema, schema), Some(json));
    for name in &misfit.path {
        expected = expected.and_then(|expected| below(schema, expected, name));
        found = found.and_then(|found| match found {
            Json::Array(items) => name.parse::<usize>().ok().and_then(|index| items.get(index)),
            found => found.get(name),
        });
    }
    let missing: Vec<_> = match (expected, found) {
        (Some(expected), Some(Json::Object(members))) => {
            let required = expected["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
            required.filter(|name| !members.contains_key(*name)).collect()
        }
        _ => Vec::new(),
    };
    for name in &missing {
        faults.push(Fault::pointer(Reason::InvalidValue, join_pointer(&pointer, name), "is required"));
    }
    if missing.is_empty() {
        let detail = match (expected.and_then(words), found) {
            (Some(words), Some(found)) => format!("must be {words}, got {}", excerpt(found)),
            _ => "must fit the schema of this field".to_owned(),
        };
        faults.push(Fault::pointer(Reason::InvalidValue, pointer, detail));
    }
}

/// The schema that a reference means.
fn resolve<'a>(root: &'a Json, mut schema: &'a Json) -> Option<&'a Json> {
    for _ in 0..MOST_STEPS {
        let Some(reference) = schema.get("$ref").and_then(Json::as_str) else { return Some(schema) };
        schema = root.pointer(reference.strip_prefix('#')?)?;
    }
    None
}

/// The schema of a member or element; none where that depends on the value.
fn below<'a>(root: &'a Json, schema: &'a Json, name: &str) -> Option<&'a Json> {
    let member = schema["properties"].get(name);
    let found = match name.parse::<usize>() {
        Ok(index) if member.is_none() => schema["prefixItems"].get(index).or_else(|| schema.get("items")),
        _ => member.or_else(|| schema.get("additionalProperties")),
    };
    resolve(root, found?)
}

/// What a schema asks for, for the sentence "must be …"; none where that is not said in a few words.
fn words(schema: &Json) -> Option<String> {
    if let Some(values) = schema["enum"].as_array() {
        let names: Vec<_> = values.iter().filter_map(Json::as_str).map(|name| format!("`{name}`")).collect();
        return (names.len() == values.len()).then(|| format!("one of {}", names.join(", ")));
    }
    let noun = match schema["type"].as_str()? {
        "string" => match schema["format"].as_str() {
            Some(format) => format!("a string of the format `{format}`"),
            None => "a string".to_owned(),
        },
        "number" => "a number".to_owned(),
        "integer" => "an integer".to_owned(),
        "boolean" => "a boolean (`true` or `false`)".to_owned(),
        "array" => match (schema["minItems"].as_u64(), schema["maxItems"].as_u64()) {
            (Some(least), Some(most)) if least == most => format!("an array of {least} elements"),
            _ => "an array".to_owned(),
        },
        "object" => "an object".to_owned(),
        _ => return None,
    };
    Some(match ["minimum", "maximum"].map(|name| schema[name].as_f64()) {
        [Some(least), Some(most)] => format!("{noun} between {least} and {most}"),
        [Some(least), None] => format!("{noun} of at least {least}"),
        [None, Some(most)] => format!("{noun} of at most {most}"),
        [None, None] => noun,
    })
}
