//! An answer in XML back to the JSON that it was made from, as its schema says: XML alone does not tell a number from its
//! digits, nor an empty list from an empty text.

use roxmltree::{Document, Node};
use serde_json::{Map, Value as Json};

/// What is needed to read one answer.
pub(super) struct Reader<'a> {
    /// Follows a reference.
    pub(super) resolve: &'a dyn Fn(&'a Json) -> &'a Json,
    /// Whether a value is what a schema says.
    pub(super) is_valid: &'a dyn Fn(&Json, &Json) -> bool,
}

impl<'a> Reader<'a> {
    /// The JSON of a whole answer.
    ///
    /// # Errors
    ///
    /// What is wrong with the XML.
    pub(super) fn read(&self, text: &str, schema: &'a Json) -> Result<Json, String> {
        let document = Document::parse(text).map_err(|error| format!("the body is no XML: {error}"))?;
        let root = document.root_element();
        match root.tag_name().name() {
            "response" => Ok(self.value(root, schema)),
            other => Err(format!("the root element is `{other}`, not `response`")),
        }
    }

    fn value(&self, element: Node<'_, '_>, schema: &'a Json) -> Json {
        if element.attribute("nil") == Some("true") {
            return Json::Null;
        }
        let schema = (self.resolve)(schema);
        if let Some(choices) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            let mut last = Json::Null;
            for choice in choices {
                last = self.value(element, choice);
                if !last.is_null() && (self.is_valid)(choice, &last) {
                    break;
                }
            }
            return last;
        }
        let text = || element.text().unwrap_or_default();
        match ty(schema) {
            Some("object") => Json::Object(self.members(element, schema)),
            Some("array") => elements(element).map(|item| self.value(item, &schema["items"])).collect(),
            Some("integer" | "number" | "boolean") => {
                serde_json::from_str(text()).unwrap_or_else(|_| text().into())
            }
            None if elements(element).next().is_some_and(|first| first.tag_name().name() != "item") => {
                Json::Object(self.members(element, schema))
            }
            None if elements(element).next().is_some() => {
                elements(element).map(|item| self.value(item, &Json::Null)).collect()
            }
            _ => text().into(),
        }
    }

    fn members(&self, element: Node<'_, '_>, schema: &'a Json) -> Map<String, Json> {
        let members = elements(element).map(|member| {
            let name = member.attribute("name").unwrap_or(member.tag_name().name());
            let inner = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
            (name.to_owned(), self.value(member, inner))
        });
        members.collect()
    }
}

fn elements<'a, 'input: 'a>(element: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    element.children().filter(Node::is_element)
}

/// The type of a schema beside null.
fn ty(schema: &Json) -> Option<&str> {
    match &schema["type"] {
        Json::String(ty) => Some(ty),
        Json::Array(types) => types.iter().filter_map(Json::as_str).find(|ty| *ty != "null"),
        _ => None,
    }
}
