//! The schemas that types say of themselves, as schemas of the document.

use serde_json::Value as Json;

use super::{ordered::Ordered, schema::Schemas};
use crate::descriptor::ForeignType;

/// Adds the schema of a type with its definitions, and refers to it.
pub(super) fn add(schemas: &mut Schemas, declared: &'static ForeignType) -> Ordered {
    let name = (declared.name)();
    let origin = format!("the type `{}` of a field", (declared.type_name)());
    schemas.add(name.as_str(), origin, |schemas| {
        let mut schema = (declared.schema)();
        lift_references(&mut schema, &name);
        if let Json::Object(members) = &mut schema {
            members.remove("$schema");
            if let Some(Json::Object(definitions)) = members.remove("$defs") {
                for (defined, definition) in definitions {
                    let origin = format!("a part of the type of a field, `{defined}`");
                    schemas.add(defined, origin, |_| Ordered::from_json(definition));
                }
            }
        }
        Ordered::from_json(schema)
    })
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
        let reference = add(&mut schemas, declared);
        assert_eq!(reference, Ordered::reference("schemas", "Geometry"));
        assert_eq!(add(&mut schemas, declared), reference);
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
