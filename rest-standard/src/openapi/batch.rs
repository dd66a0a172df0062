//! The bodies of the batch verbs: their schemas and examples.

use super::{
    example, names,
    operation::Content,
    ordered::Ordered,
    parameter,
    schema::{Schemas, id_schema},
};
use crate::{
    descriptor::{BatchMethod, IdKind},
    document::JSON,
    tree::Node,
};

/// The body of a batch of at most `most` items; `single` is the example of one item's own body.
pub(super) fn body(
    schemas: &mut Schemas,
    node: &Node,
    method: BatchMethod,
    most: usize,
    single: Option<Ordered>,
) -> Content {
    let descriptor = node.descriptor;
    let kind = descriptor.id_kind().unwrap_or(IdKind::Slug);
    let form = names::capitalised(method.verb());
    let name = format!("{}{form}", descriptor.name);
    let item = match method {
        BatchMethod::Get => id_schema(kind),
        BatchMethod::Create => schemas.create(node),
        BatchMethod::Update => {
            let patch = schemas.patch(node);
            add(schemas, node, format!("{name}Item"), "One change.", target(kind, Some(patch)))
        }
        BatchMethod::Delete => {
            add(schemas, node, format!("{name}Item"), "One resource to delete.", target(kind, None))
        }
    };
    let (member, doc) = match method {
        BatchMethod::Get => ("ids", "The ids of the resources, each once."),
        BatchMethod::Create => ("items", "The resources, each as the body of a create."),
        BatchMethod::Update => ("items", "The changes, each of another resource."),
        BatchMethod::Delete => ("items", "What to delete, each resource once."),
    };
    let items = Ordered::object([("type", "array".into()), ("items", item)])
        .with("description", doc)
        .with("maxItems", most as u64);
    // New resources may be alike.
    let items = if method == BatchMethod::Create { items } else { items.with("uniqueItems", true) };
    let object = closed(vec![(member, items)], &[member]);
    let schema = add(schemas, node, name, "A batch: all of it happens, or nothing.", object);
    let id = || example::id_json(descriptor);
    let shown = match method {
        BatchMethod::Get => Some(id()),
        BatchMethod::Create => single,
        BatchMethod::Update => single.map(|patch| Ordered::object([("id", id()), ("patch", patch)])),
        BatchMethod::Delete => Some(Ordered::object([("id", id())])),
    };
    let example = shown.map(|shown| Ordered::object([(member, Ordered::Array(vec![shown]))]));
    Content { media: JSON, schema, example }
}

/// What names a resource and the state that it must be in; `patch` is what is changed of it.
fn target(kind: IdKind, patch: Option<Ordered>) -> Ordered {
    let etag = Ordered::object([("type", Ordered::from_iter(["string", "null"]))])
        .with("pattern", parameter::TAGS)
        .with(
            "description",
            "As `If-Match` for this resource: the `etag` that was read; 412 where it has another.",
        );
    let id = id_schema(kind).with("description", "The resource's id; no other item names it.");
    let mut members = vec![("id", id), ("etag", etag)];
    let mut required = vec!["id"];
    if let Some(patch) = patch {
        members.push(("patch", patch));
        required.push("patch");
    }
    closed(members, &required)
}

fn closed(members: Vec<(&'static str, Ordered)>, required: &[&'static str]) -> Ordered {
    let members = members.into_iter().map(|(name, schema)| (name.into(), schema));
    Ordered::object([("type", "object".into())])
        .with("properties", Ordered::Object(members.collect()))
        .with("required", required.iter().copied().collect::<Ordered>())
        .with("additionalProperties", false)
}

fn add(schemas: &mut Schemas, node: &Node, name: String, doc: &'static str, schema: Ordered) -> Ordered {
    let origin = format!("a part of the batches of `{}`", node.descriptor.name);
    schemas.add(name, origin, |_| schema.with("description", doc))
}
