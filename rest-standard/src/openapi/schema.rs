//! The schemas of a service: one for each form of each type, in JSON Schema 2020-12.
//!
//! What a field may be is read from the same descriptor that bodies are checked against, so the two cannot differ.

use std::collections::{BTreeSet, HashMap};

use super::{example, foreign, names, ordered::Ordered, sample};
use crate::{
    codec::is_wide,
    descriptor::{
        Element, EnumDescriptor, FieldDescriptor, FieldKind, ForeignType, Format, IdKind, OnDelete, Range,
        ValueDescriptor,
    },
    document::Site,
    query::{ALWAYS, Own},
    tree::{Node, Tree},
    value::LONGEST_TEXT_ID,
};

/// What XML 1.0 cannot carry, and so no text can hold.
const TEXT: &str = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]*$";
/// `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`
pub(super) const SLUG: &str = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
/// An integer that travels as a string.
const DIGITS: &str = "^-?(0|[1-9][0-9]{0,18})$";

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// From the service.
    Output,
    /// To the service, as a whole.
    Input,
    /// To the service, as a merge patch (RFC 7396).
    Patch,
}

/// All schemas of a service by name, in the order in which they were met.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    /// The URL of the entry point, for samples.
    root: String,
    named: Vec<Named>,
    /// Where each name is among them.
    places: HashMap<String, usize>,
    mistakes: BTreeSet<String>,
}

#[derive(Debug)]
struct Named {
    name: String,
    /// What it is the schema of, for the message of a clash.
    origin: String,
    /// Absent while it is being built, so that a type may contain itself.
    schema: Option<Ordered>,
}

impl Schemas {
    /// No schemas yet; `root` is the URL of the entry point.
    pub(crate) fn new(root: &str) -> Self {
        Self { root: root.to_owned(), ..Self::default() }
    }

    /// The schemas in order, and what is wrong with their names.
    pub(crate) fn finish(self) -> (Vec<(String, Ordered)>, Vec<String>) {
        let named = self.named.into_iter().filter_map(|named| Some((named.name, named.schema?)));
        (named.collect(), self.mistakes.into_iter().collect())
    }

    /// Adds the schema `name` unless it is there, and refers to it.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        origin: impl Into<String>,
        build: impl FnOnce(&mut Self) -> Ordered,
    ) -> Ordered {
        let (name, origin) = (name.into(), origin.into());
        let reference = Ordered::reference("schemas", &name);
        if let Some(&at) = self.places.get(&name) {
            if self.named[at].origin != origin {
                let other = self.named[at].origin.clone();
                self.mistakes.insert(format!(
                    "two schemas are called `{name}`: {other}, and {origin}; rename one of the types"
                ));
            }
            return reference;
        }
        let at = self.named.len();
        self.places.insert(name.clone(), at);
        self.named.push(Named { name, origin, schema: None });
        let schema = build(self);
        self.named[at].schema = Some(schema);
        reference
    }

    /// What a resource looks like in answers.
    pub(crate) fn resource(&mut self, tree: &Tree, node: &Node) -> Ordered {
        let descriptor = node.descriptor;
        let name = names::output(descriptor, node.is_change_log);
        let origin = match node.is_change_log {
            true => "an entry of `changes`".to_owned(),
            false => format!("the resource `{}`", descriptor.name),
        };
        self.add(name, origin, |schemas| {
            let mut properties = Vec::new();
            let mut required = Vec::new();
            for (name, schema) in framework(node) {
                properties.push((name.into(), schema));
                required.push(name);
                // The author's fields stand between what names the resource and what is known of its history.
                if name == "url" {
                    for field in descriptor.fields.iter().filter(|field| !field.input_only) {
                        properties.push((field.name.into(), schemas.field(field, Form::Output)));
                        required.push(field.name);
                    }
                }
            }
            if !node.references.is_empty() {
                properties.push(("expanded".into(), schemas.expanded(tree, node)));
            }
            Ordered::object([("type", "object".into())])
                .with_some("description", text(descriptor.doc))
                .with("properties", Ordered::Object(properties))
                .with("required", required.into_iter().collect::<Ordered>())
                .with("examples", vec![sample::resource(Site { tree, root: &schemas.root }, node)])
        })
    }

    /// What the fields refer to that `$expand` names.
    fn expanded(&mut self, tree: &Tree, node: &Node) -> Ordered {
        let mut properties = Vec::new();
        for (index, target) in &node.references {
            let target = tree.node(*target);
            let doc = format!(
                "The one of `{}` that the field refers to; null where it refers to none.",
                target.descriptor.segment
            );
            let schema = or_null(self.resource(tree, target)).with("description", doc);
            properties.push((node.descriptor.fields[*index].name.into(), schema));
        }
        Ordered::object([("type", "object".into())])
            .with(
                "description",
                "What these fields refer to; only where `$expand` asks for it, and what it asks for.",
            )
            .with("properties", Ordered::Object(properties))
    }

    /// The body of a Create: `DeviceCreate`.
    pub(crate) fn create(&mut self, node: &Node) -> Ordered {
        let descriptor = node.descriptor;
        let origin = format!("the body of a create of `{}`", descriptor.name);
        self.add(format!("{}Create", descriptor.name), origin, |schemas| {
            let id = match descriptor.id_kind() {
                Some(IdKind::Uuid) => {
                    let text = "The id of the new resource; the service makes one (UUID version 7) where it is left out.";
                    let id = Ordered::object([
                        ("type", Ordered::from_iter(["string", "null"])),
                        ("format", "uuid".into()),
                    ]);
                    Some((id.with("description", text), false))
                }
                Some(kind @ (IdKind::Slug | IdKind::Text)) => {
                    let text = match kind {
                        IdKind::Slug => "The id of the new resource: lower-case letters, digits and inner hyphens.",
                        _ => "The id of the new resource.",
                    };
                    Some((id_schema(kind).with("description", text), true))
                }
                Some(IdKind::Integer) | None => None,
            };
            let doc = format!("{}\n\nThe body of a create.", descriptor.doc.trim());
            schemas.body(node, id, Form::Input, doc.trim())
        })
    }

    /// The body of a PUT: `DeviceUpdate`.
    pub(crate) fn update(&mut self, node: &Node) -> Ordered {
        let descriptor = node.descriptor;
        let origin = format!("the body of a PUT of `{}`", descriptor.name);
        self.add(format!("{}Update", descriptor.name), origin, |schemas| {
            let doc = format!(
                "{}\n\nThe whole resource: an optional field that is left out returns to its default.",
                descriptor.doc.trim()
            );
            schemas.body(node, None, Form::Input, doc.trim())
        })
    }

    /// The body of a PATCH: `DevicePatch`.
    pub(crate) fn patch(&mut self, node: &Node) -> Ordered {
        let descriptor = node.descriptor;
        let origin = format!("the merge patch of `{}`", descriptor.name);
        self.add(format!("{}Patch", descriptor.name), origin, |schemas| {
            let doc = format!(
                "{}\n\nA JSON Merge Patch (RFC 7396): what is left out stays, null returns an optional field to its default.",
                descriptor.doc.trim()
            );
            schemas.body(node, None, Form::Patch, doc.trim())
        })
    }

    /// A body; `id` is given where a client may choose it.
    fn body(&mut self, node: &Node, id: Option<(Ordered, bool)>, form: Form, doc: &str) -> Ordered {
        let mut properties = Vec::new();
        let mut required = Vec::new();
        let has_id = id.is_some();
        if let Some((schema, is_required)) = id {
            properties.push(("id".into(), schema));
            if is_required {
                required.push("id");
            }
        }
        for field in node.descriptor.fields {
            if field.output_only {
                let schema = self.field(field, Form::Output).with("readOnly", true);
                properties.push((field.name.into(), schema));
                continue;
            }
            properties.push((field.name.into(), self.field(field, form)));
            if form == Form::Input && field.default_value().is_none() {
                required.push(field.name);
            }
        }
        // What the framework owns is ignored in bodies, so that what was read can be sent back.
        for (name, schema) in framework(node).into_iter().filter(|(name, _)| !has_id || *name != "id") {
            properties.push((name.into(), schema.with("readOnly", true)));
        }
        if !node.references.is_empty() {
            let expanded = Ordered::object([("type", "object".into())])
                .with("description", "What `$expand` asked for.")
                .with("readOnly", true);
            properties.push(("expanded".into(), expanded));
        }
        closed(doc, properties, required)
    }

    /// A declared nested struct, or the input or output of a custom method.
    pub(crate) fn value(&mut self, value: &'static ValueDescriptor, form: Form) -> Ordered {
        let (name, what) = match form {
            Form::Output => (value.name.to_owned(), "the value"),
            Form::Input => (names::input(value), "the input form of the value"),
            Form::Patch => (format!("{}Patch", value.name), "the merge patch of the value"),
        };
        let origin = format!("{what} `{}` ({})", value.name, shape(value));
        self.add(name, origin, |schemas| {
            let mut properties = Vec::new();
            let mut required = Vec::new();
            for field in value.fields {
                let skipped = if form == Form::Output { field.input_only } else { field.output_only };
                if !skipped {
                    properties.push((field.name.into(), schemas.field(field, form)));
                    let must = form == Form::Output || form == Form::Input && field.default_value().is_none();
                    if must {
                        required.push(field.name);
                    }
                } else if form != Form::Output {
                    let schema = schemas.field(field, Form::Output).with("readOnly", true);
                    properties.push((field.name.into(), schema));
                }
            }
            if form == Form::Output {
                Ordered::object([("type", "object".into())])
                    .with_some("description", text(value.doc))
                    .with("properties", Ordered::Object(properties))
                    .with_some("required", some(required))
            } else {
                closed(value.doc.trim(), properties, required)
            }
        })
    }

    fn enumeration(&mut self, declared: &'static EnumDescriptor) -> Ordered {
        let names = declared.variants.iter().map(|variant| variant.name);
        let origin =
            format!("the enum `{}` ({})", declared.name, names.clone().collect::<Vec<_>>().join(", "));
        self.add(declared.name, origin, |_| {
            let mut description = declared.doc.trim().to_owned();
            description.push_str("\n\n");
            for variant in declared.variants {
                let doc = variant.doc.trim();
                let default = if variant.number == 0 { ", the default" } else { "" };
                let separator = if doc.is_empty() { "" } else { ": " };
                description.push_str(&format!(
                    "- `{}` ({}{default}){separator}{doc}\n",
                    variant.name, variant.number
                ));
            }
            let docs = declared.variants.iter().map(|variant| Ordered::from(variant.doc.trim()));
            let numbers = declared.variants.iter().map(|variant| Ordered::from(variant.number));
            Ordered::object([
                ("type", "string".into()),
                ("description", description.trim().into()),
                ("enum", names.collect()),
                ("x-enum-numbers", Ordered::Array(numbers.collect())),
                ("x-enum-descriptions", Ordered::Array(docs.collect())),
            ])
        })
    }

    /// One member of an object.
    pub(crate) fn field(&mut self, field: &FieldDescriptor, form: Form) -> Ordered {
        let mut schema = self.kind(field.kind, form);
        constrain(&mut schema, field, form);
        let nullable = match form {
            Form::Output => field.nullable,
            Form::Input | Form::Patch => field.default_value().is_some(),
        };
        if nullable {
            schema = or_null(schema);
        }
        let mut schema = schema.with_some("description", described(field, form));
        if form == Form::Input
            && let Some(default) = field.default_value().filter(|default| !default.is_null())
        {
            schema.set("default", example::json(field, &default));
        }
        if let Some(declared) = field.example {
            schema.set("examples", vec![example::json(field, &declared())]);
        }
        if field.input_only {
            schema.set("writeOnly", true);
        }
        schema
    }

    /// The schema that a type says of itself, with those of its parts.
    pub(super) fn foreign(&mut self, declared: &'static ForeignType) -> Ordered {
        let name = (declared.name)();
        let origin = format!("the type `{}` of a field", (declared.type_name)());
        self.add(name.as_str(), origin, |schemas| {
            let (schema, parts) = foreign::schemas(declared, &name);
            for (part, schema) in parts {
                let origin = format!("a part of the type of a field, `{part}`");
                schemas.add(part, origin, |_| schema);
            }
            schema
        })
    }

    fn element(&mut self, element: &Element, form: Form) -> Ordered {
        // A list is replaced as a whole, so its elements are whole even in a patch.
        let schema = self.kind(element.kind, form);
        if element.nullable { or_null(schema) } else { schema }
    }

    fn kind(&mut self, kind: FieldKind, form: Form) -> Ordered {
        let of_type = |ty: &'static str| Ordered::object([("type", ty.into())]);
        let formatted = |format: &'static str| of_type("string").with("format", format);
        match kind {
            FieldKind::Text if form == Form::Output => of_type("string"),
            FieldKind::Text => of_type("string").with("pattern", TEXT),
            FieldKind::Bool => of_type("boolean"),
            FieldKind::Integer { .. } if is_wide(kind) => of_type("string").with("pattern", DIGITS),
            FieldKind::Integer { min, max } => {
                let format =
                    if min < i64::from(i32::MIN) || max > i64::from(i32::MAX) { "int64" } else { "int32" };
                of_type("integer").with("format", format).with("minimum", min).with("maximum", max)
            }
            FieldKind::Float => of_type("number").with("format", "double"),
            FieldKind::Uuid => formatted("uuid"),
            FieldKind::Timestamp => formatted("date-time"),
            FieldKind::Date => formatted("date"),
            FieldKind::Bytes => of_type("string").with("contentEncoding", "base64"),
            FieldKind::Enum(declared) => self.enumeration(declared),
            FieldKind::List(element) => {
                let form = if form == Form::Patch { Form::Input } else { form };
                of_type("array").with("items", self.element(element, form))
            }
            FieldKind::Map(element) => {
                let mut values = self.element(element, if form == Form::Patch { Form::Input } else { form });
                if form == Form::Patch && !element.nullable {
                    values = or_null(values);
                }
                let names = Ordered::object([("pattern", TEXT.into())]);
                of_type("object").with("propertyNames", names).with("additionalProperties", values)
            }
            FieldKind::Object(nested) => self.value(nested, form),
            // A merge patch of it has any part of it, and the whole is judged once it is merged.
            FieldKind::Foreign(declared) if form == Form::Patch => Ordered::object([(
                "description",
                format!("A merge patch (RFC 7396) of a `{}`.", (declared.name)()).into(),
            )]),
            FieldKind::Foreign(declared) => self.foreign(declared),
            FieldKind::Json => of_type("object"),
        }
    }
}

/// The fields that the framework owns, in the order in which they are written.
pub(crate) fn framework(node: &Node) -> Vec<(&'static str, Ordered)> {
    let text = |doc: &'static str| Ordered::object([("type", "string".into())]).with("description", doc);
    let instant = |doc| text(doc).with("format", "date-time");
    let caller = |doc: &'static str| {
        Ordered::object([("type", Ordered::from_iter(["string", "null"]))]).with("description", doc)
    };
    let id = match node.id_kind() {
        Some(kind) => id_schema(kind).with("description", "Names the resource within its collection."),
        None => text("The name of the singleton.").with("const", node.descriptor.segment),
    };
    let mut members = vec![
        ("id", id),
        ("url", text("The address of the resource.").with("format", "uri")),
        ("createdAt", instant("When it was created.")),
        ("createdBy", caller("Who created it; null where that is not known.")),
        ("updatedAt", instant("When it was last changed.")),
        ("updatedBy", caller("Who last changed it; null where that is not known.")),
    ];
    if node.descriptor.soft_delete.is_some() {
        members.extend(deletion());
    }
    members.extend([
        (
            "etag",
            text("The entity tag, ready for `If-Match`; it changes if and only if the resource changes."),
        ),
        (
            "links",
            Ordered::object([
                ("type", "array".into()),
                ("items", Ordered::reference("schemas", "ApiLink")),
                ("description", "What can be done next.".into()),
            ]),
        ),
    ]);
    let own: Vec<&str> = Own::of(node.descriptor).map(|(name, _)| name).collect();
    members.retain(|(name, _)| ALWAYS.contains(name) || own.contains(name));
    members
}

/// The fields of resources that can be soft-deleted.
pub(crate) fn deletion() -> [(&'static str, Ordered); 3] {
    let text = |doc: &'static str| {
        Ordered::object([("type", Ordered::from_iter(["string", "null"]))]).with("description", doc)
    };
    [
        ("deletedAt", text("When it was deleted; null where it is not.").with("format", "date-time")),
        ("deletedBy", text("Who deleted it; null where it is not deleted or that is not known.")),
        (
            "purgeAt",
            text("When it and everything below it goes for good; null where it is not deleted.")
                .with("format", "date-time"),
        ),
    ]
}

/// An id of the kind.
pub(crate) fn id_schema(kind: IdKind) -> Ordered {
    match kind {
        IdKind::Uuid => Ordered::object([("type", "string".into()), ("format", "uuid".into())]),
        IdKind::Slug => Ordered::object([("type", "string".into()), ("pattern", SLUG.into())]),
        IdKind::Integer => Ordered::object([("type", "integer".into()), ("format", "int64".into())]),
        IdKind::Text => Ordered::object([
            ("type", "string".into()),
            ("minLength", 1_u64.into()),
            ("maxLength", LONGEST_TEXT_ID.into()),
        ]),
    }
}

/// A value for an equality parameter, which is compared and not checked against the field's constraints.
pub(crate) fn parameter(schemas: &mut Schemas, kind: FieldKind) -> Ordered {
    schemas.kind(kind, Form::Output)
}

fn constrain(schema: &mut Ordered, field: &FieldDescriptor, form: Form) {
    if let Some((min, max)) = field.length {
        let (least, most) = match field.kind {
            FieldKind::List(_) => ("minItems", "maxItems"),
            FieldKind::Map(_) => ("minProperties", "maxProperties"),
            _ => ("minLength", "maxLength"),
        };
        if min > 0 {
            schema.set(least, min);
        }
        // A merge patch of a map may name members only to remove them.
        if max < u64::MAX && !(form == Form::Patch && matches!(field.kind, FieldKind::Map(_))) {
            schema.set(most, max);
        }
    }
    if let (FieldKind::Integer { .. }, Some((min, max))) = (field.kind, field.integer_bounds()) {
        if field.integer_as_text() {
            *schema = Ordered::object([("type", "string".into()), ("pattern", DIGITS.into())]);
        } else {
            if is_wide(field.kind) {
                *schema = Ordered::object([("type", "integer".into()), ("format", "int64".into())]);
            }
            schema.set("minimum", min);
            schema.set("maximum", max);
        }
    }
    if let Some(Range::Float(min, max)) = field.range {
        for (name, bound) in [("minimum", min), ("maximum", max)] {
            if let Some(bound) = bound {
                schema.set(name, bound);
            }
        }
    }
    if let Some(pattern) = field.pattern.map(|pattern| pattern.text()).filter(|pattern| is_portable(pattern))
    {
        schema.set("pattern", format!("^(?:{pattern})$"));
    }
    if let Some(format) = field.format {
        schema.set("format", format.name());
        // Which texts have these forms, few validators know; the shape is what they can check.
        let shape = match format {
            Format::TimeZone => r"^[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+){0,2}$",
            Format::RegionCode => "^[A-Z]{2}$",
            Format::LanguageCode => "^[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8})*$",
            _ => return,
        };
        schema.set("pattern", shape);
    }
}

/// Whether a pattern means the same to JSON Schema (ECMA-262) as to the service. Others are told in words only.
fn is_portable(pattern: &str) -> bool {
    let groups = pattern.match_indices("(?").all(|(at, _)| pattern[at..].starts_with("(?:"));
    let own = ["[[", "\\p", "\\P", "\\x", "\\u", "\\U", "\\A", "\\z", "\\b{", "\\<", "\\>", "&&", "--", "~~"];
    groups && !own.iter().any(|own| pattern.contains(own))
}

/// What a person should know of a field beyond its type.
fn described(field: &FieldDescriptor, form: Form) -> Option<String> {
    let mut sentences = vec![field.doc.trim().to_owned()];
    if form != Form::Output {
        if field.immutable {
            sentences.push("It is fixed once the resource was created.".to_owned());
        }
        if field.integer_as_text() {
            sentences.push("A number is taken as well as its digits in a string.".to_owned());
        }
    }
    if field.unique {
        sentences.push("No two resources have the same.".to_owned());
    }
    if let Some(reference) = field.references {
        let target = (reference.target)();
        sentences.push(match reference.on_delete {
            OnDelete::Refuse => {
                format!("The id of one of `{}`, which is not deleted meanwhile.", target.segment)
            }
            OnDelete::SetNull => format!("The id of one of `{}`; null once that is deleted.", target.segment),
        });
    }
    if let Some(pattern) = field.pattern.filter(|pattern| !is_portable(pattern.text())) {
        sentences.push(format!("It matches `{}`.", pattern.text()));
    }
    text(&sentences.join(" "))
}

/// The schema, or null.
pub(crate) fn or_null(schema: Ordered) -> Ordered {
    match schema.get("type").and_then(Ordered::as_str).map(str::to_owned) {
        Some(ty) if schema.get("enum").is_none() => {
            let types = Ordered::Array(vec![ty.into(), "null".into()]);
            schema.with("type", types)
        }
        _ => {
            let null = Ordered::object([("type", "null".into())]);
            Ordered::object([("anyOf", vec![schema, null].into())])
        }
    }
}

fn closed(
    doc: &str,
    properties: Vec<(std::borrow::Cow<'static, str>, Ordered)>,
    required: Vec<&'static str>,
) -> Ordered {
    Ordered::object([("type", "object".into())])
        .with_some("description", text(doc))
        .with("properties", Ordered::Object(properties))
        .with_some("required", some(required))
        .with("additionalProperties", false)
}

fn some(names: Vec<&'static str>) -> Option<Ordered> {
    (!names.is_empty()).then(|| names.into_iter().collect())
}

/// The text without the white space around it; absent when it is empty.
pub(crate) fn text(doc: &str) -> Option<String> {
    let doc = doc.trim();
    (!doc.is_empty()).then(|| doc.to_owned())
}

/// What tells two structs of one name apart.
fn shape(value: &ValueDescriptor) -> String {
    value.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}
