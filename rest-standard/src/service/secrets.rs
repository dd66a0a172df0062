//! What is never repeated: the values of input-only members.

use serde_json::{Map, Value as Json};

use super::Api;
use crate::descriptor::{Descriptor, FieldDescriptor, FieldKind};

/// The names of all input-only members of a resource, its nested objects and its methods' bodies.
pub(super) fn names(descriptor: &'static Descriptor) -> Vec<&'static str> {
    fn of_kind(kind: FieldKind, level: usize, names: &mut Vec<&'static str>) {
        match kind {
            FieldKind::Object(nested) => of_fields(nested.fields, level + 1, names),
            FieldKind::List(element) | FieldKind::Map(element) => of_kind(element.kind, level + 1, names),
            _ => {}
        }
    }
    fn of_fields(fields: &'static [FieldDescriptor], level: usize, names: &mut Vec<&'static str>) {
        // A struct that contains itself through a list has no end.
        if level > 16 {
            return;
        }
        for field in fields {
            if field.input_only {
                names.push(field.name);
            }
            of_kind(field.kind, level, names);
        }
    }
    let mut names = Vec::new();
    of_fields(descriptor.fields, 0, &mut names);
    for input in descriptor.custom_methods.iter().filter_map(|method| method.input) {
        of_fields(input.fields, 0, &mut names);
    }
    names
}

/// A body with every secret replaced.
pub(super) fn redact(api: &Api, json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            // A JSON Patch operation on a secret has the secret under `value`.
            let patched = members
                .get("path")
                .and_then(Json::as_str)
                .is_some_and(|path| path.split('/').any(|name| api.secrets.contains(name)));
            let redacted = members.iter().map(|(name, member)| {
                let secret = api.secrets.contains(name.as_str()) || (patched && name == "value");
                (name.clone(), if secret { Json::from("[redacted]") } else { redact(api, member) })
            });
            Json::Object(redacted.collect::<Map<_, _>>())
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| redact(api, item)).collect()),
        scalar => scalar.clone(),
    }
}
