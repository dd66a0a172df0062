//! The schemas that types say of themselves, as schemas of the document.

use serde_json::Value as Json;

use super::ordered::Ordered;
use crate::descriptor::ForeignType;

/// The schema of a type that is called `name` in the document, and those of its parts by their names.
pub(super) fn schemas(declared: &ForeignType, name: &str) -> (Ordered, Vec<(String, Ordered)>) {
    let mut schema = (declared.schema)();
    lift_references(&mut schema, name);
    let mut parts = Vec::new();
    if let Json::Object(members) = &mut schema {
        members.remove("$schema");
        if let Some(Json::Object(definitions)) = members.remove("$defs") {
            parts.extend(definitions.into_iter().map(|(part, schema)| (part, Ordered::from_json(schema))));
        }
    }
    (Ordered::from_json(schema), parts)
}

/// Leads the references of a schema called `name` to where the document has what they mean.
fn lift_references(schema: &mut Json, name: &str) {
    match schema {
        Json::Object(members) => {
            for (member, value) in members {
                let defined = match value.as_str().filter(|_| member == "$ref") {
                    Some("#") => Some(name.to_owned()),
                    Some(text) => text.strip_prefix("#/$defs/").map(str::to_owned),
                    None => None,
                };
                match defined {
                    Some(defined) => *value = Json::from(format!("#/components/schemas/{defined}")),
                    None => lift_references(value, name),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| lift_references(item, name)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::{
        descriptor::FieldKind,
        openapi::schema::Schemas,
        resource::{Field, Json as Foreign},
    };

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Geometry {
        form: Form,
        inner: Vec<Geometry>,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    enum Form {
        Point,
        Line,
    }

    #[test]
    fn a_type_and_its_parts_become_schemas_of_the_document() {
        let FieldKind::Foreign(declared) = Foreign::<Geometry>::KIND else { panic!("it is foreign") };
        let mut schemas = Schemas::new("http://localhost");
        let reference = schemas.foreign(declared);
        assert_eq!(reference, Ordered::reference("schemas", "Geometry"));
        assert_eq!(schemas.foreign(declared), reference);
        let (schemas, mistakes) = schemas.finish();
        assert_eq!(mistakes, [""; 0]);
        let names: Vec<_> = schemas.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Geometry", "Form"]);
        let text: String = schemas.iter().map(|(_, schema)| schema.to_text()).collect();
        assert!(
            text.contains("#/components/schemas/Geometry") && text.contains("#/components/schemas/Form"),
            "{text}"
        );
        assert!(!text.contains("$defs") && !text.contains("$schema"), "{text}");
    }
}
