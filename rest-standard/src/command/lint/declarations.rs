//! What is found in the declarations of a service.

use super::{
    Finding, Lint, NO_RESOURCE, SCANNED_FILTER, UNBOUNDED_INDEX, UNBOUNDED_LIST, UNBOUNDED_TEXT,
    UNBOUNDED_UNIQUE, UNDOCUMENTED_FIELD, UNDOCUMENTED_METHOD, UNDOCUMENTED_RESOURCE, UNDOCUMENTED_TYPE,
    UNDOCUMENTED_VARIANT, UNIQUE_SECRET,
};
use crate::{
    descriptor::{
        CustomMethod, Descriptor, EnumDescriptor, FieldDescriptor, FieldKind, Format, Output, ValueDescriptor,
    },
    tree::Tree,
};

/// Everything that is found in a tree, in the order of its resources.
pub(in super::super) fn declarations(tree: &Tree) -> Vec<Finding> {
    let mut search = Search::default();
    if tree.roots().is_empty() {
        let help = "add `.resource::<…>()` to the version";
        search.found.push(Finding::new(&NO_RESOURCE, "the API", "there is no resource", help));
    }
    for node in tree.nodes().iter().filter(|node| !node.is_change_log) {
        search.resource(node.descriptor);
    }
    search.found
}

/// What was found so far; each nested type is searched once, where it is met first.
#[derive(Default)]
struct Search {
    found: Vec<Finding>,
    seen: Vec<&'static str>,
}

impl Search {
    fn resource(&mut self, resource: &'static Descriptor) {
        let Descriptor { name, doc, fields, custom_methods, .. } = resource;
        self.documented(&UNDOCUMENTED_RESOURCE, name, "the resource", doc);
        self.fields(name, fields);
        for method in *custom_methods {
            self.method(name, method);
        }
    }

    fn method(&mut self, resource: &str, method: &'static CustomMethod) {
        let subject = format!("{resource}::{}", method.verb);
        self.documented(&UNDOCUMENTED_METHOD, &subject, "the method", method.doc);
        if let Some(input) = method.input {
            self.value(input);
        }
        if let Output::Value(output) = method.output {
            self.value(output);
        }
    }

    fn fields(&mut self, owner: &str, fields: &'static [FieldDescriptor]) {
        for field in fields {
            let subject = format!("{owner}.{}", field.name);
            self.documented(&UNDOCUMENTED_FIELD, &subject, "the field", field.doc);
            self.size(&subject, field);
            if field.unique && field.input_only {
                let message =
                    "the field is never given out, but whoever may write can try which values are taken";
                let help =
                    "leave `unique` or `input_only` out, or make a rule that answers the same for both";
                self.found.push(Finding::new(&UNIQUE_SECRET, &subject, message, help));
            }
            // A store has indexes of single values.
            if field.filter && !field.kind.is_single() {
                let message =
                    "the field has no index, so that a filter by it looks at every resource below the parent";
                let help = "leave `filter` out, or `--allow scanned-filter` where the lists are short enough for that";
                self.found.push(Finding::new(&SCANNED_FILTER, &subject, message, help));
            }
            self.kind(field.kind);
        }
    }

    fn size(&mut self, subject: &str, field: &FieldDescriptor) {
        if field.length.is_some_and(|(_, most)| most < u64::MAX) {
            return;
        }
        let (lint, message) = match field.kind {
            FieldKind::Text if !is_short(field) => {
                if field.unique {
                    (&UNBOUNDED_UNIQUE, "the text is unique and can have any length, in its index as well")
                } else if field.filter || field.order {
                    (&UNBOUNDED_INDEX, "the text can have any length, in its index as well")
                } else if field.output_only {
                    return;
                } else {
                    (&UNBOUNDED_TEXT, "the text can have any length")
                }
            }
            FieldKind::List(_) if !field.output_only => (&UNBOUNDED_LIST, "the list can have any length"),
            FieldKind::Map(_) if !field.output_only => {
                (&UNBOUNDED_LIST, "the map can have any number of members")
            }
            _ => return,
        };
        let least = field.length.map(|(least, _)| least.to_string()).unwrap_or_default();
        let most = if matches!(field.kind, FieldKind::Text) { 200 } else { 100 };
        let help = format!("write `#[field(length = {least}..={most})]` with the most that makes sense");
        self.found.push(Finding::new(lint, subject, message, help));
    }

    fn kind(&mut self, kind: FieldKind) {
        match kind {
            FieldKind::Enum(declared) => self.enumeration(declared),
            FieldKind::Object(declared) => self.value(declared),
            FieldKind::List(element) | FieldKind::Map(element) => self.kind(element.kind),
            _ => {}
        }
    }

    fn value(&mut self, value: &'static ValueDescriptor) {
        if self.is_seen(value.name) {
            return;
        }
        self.documented(&UNDOCUMENTED_TYPE, value.name, "the struct", value.doc);
        self.fields(value.name, value.fields);
    }

    fn enumeration(&mut self, declared: &'static EnumDescriptor) {
        if self.is_seen(declared.name) {
            return;
        }
        self.documented(&UNDOCUMENTED_TYPE, declared.name, "the enum", declared.doc);
        let bare = declared.variants.iter().filter(|variant| is_blank(variant.doc));
        let names: Vec<_> = bare.map(|variant| format!("`{}`", variant.name)).collect();
        if !names.is_empty() {
            let message = match names.len() {
                1 => format!("the variant {} has no doc comment", names[0]),
                _ => format!("the variants {} have no doc comment", names.join(", ")),
            };
            let help = "write `/// …` above each: what a client says with it";
            self.found.push(Finding::new(&UNDOCUMENTED_VARIANT, declared.name, message, help));
        }
    }

    fn documented(&mut self, lint: &'static Lint, subject: &str, what: &str, doc: &str) {
        if is_blank(doc) {
            let message = format!("{what} has no doc comment, which is its description for clients");
            self.found.push(Finding::new(lint, subject, message, "write `/// …` above it"));
        }
    }

    /// Whether a type was searched before; a struct that contains itself through a list has no end.
    fn is_seen(&mut self, name: &'static str) -> bool {
        let is_seen = self.seen.contains(&name);
        if !is_seen {
            self.seen.push(name);
        }
        is_seen
    }
}

/// Whether something else bounds a text: its format does, a pattern is taken to, and a reference is an id that is there.
fn is_short(field: &FieldDescriptor) -> bool {
    field.references.is_some()
        || field.pattern.is_some()
        || field.format.is_some_and(|format| format != Format::Uri)
}

fn is_blank(doc: &str) -> bool {
    doc.trim().is_empty()
}
