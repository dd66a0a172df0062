//! `$select` as a parameter: what can be named, as a text and as a pattern.

use super::{
    operation::{Parameter, Place},
    ordered::Ordered,
};
use crate::{
    descriptor::{Descriptor, FieldDescriptor, FieldKind},
    query::{ALWAYS, Own, Selection, Standard},
    tree::Node,
};

/// How deep the pattern follows members; a name that leads deeper is taken as it is.
const DEEPEST: usize = 4;

/// A key of a map: letters, digits, `_` and `-`, or any text in quotes, in which a backslash stands before `"`, `'`, `\` and `*`.
const KEY: &str = r#"([A-Za-z0-9_-]+|"([^"\\]|\\["'\\*])*")"#;

/// What of the resource is answered, on its List and Read.
pub(super) fn parameter(node: &Node) -> Parameter {
    let descriptor = node.descriptor;
    let mut doc = "Only these members: names separated by commas, with dots into objects, elements of lists and keys of \
                   maps. `id` and `url` are always there; all other members, `etag` and `links` among them, are left out \
                   unless they are named, even those that the schema requires."
        .to_owned();
    for (at, view) in descriptor.views.iter().enumerate() {
        let names = Selection::of_view(descriptor, view).names();
        let shown = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let begin = if at == 0 { " Or the name of a view:" } else { ";" };
        doc.push_str(&format!("{begin} `{}` is {shown}", view.name));
    }
    if !descriptor.views.is_empty() {
        doc.push('.');
    }
    let others: Vec<_> = Standard::Select.aliases().map(|alias| format!("`${alias}`")).collect();
    doc.push_str(&format!(" Also called {}.", others.join(", ")));
    Parameter {
        place: Place::Query,
        name: Standard::Select.name().to_owned(),
        doc,
        required: false,
        schema: Ordered::object([("type", "string".into())]).with("pattern", pattern(descriptor)),
        example: descriptor.views.first().map(|view| view.name.into()),
        component: None,
    }
}

/// Which references are answered with what they refer to, where there are any.
pub(super) fn expand(node: &Node) -> Option<Parameter> {
    let names: Vec<_> = node.descriptor.references().map(|(_, field, _)| field.name).collect();
    let first = *names.first()?;
    let choice = names.join("|");
    Some(Parameter {
        place: Place::Query,
        name: Standard::Expand.name().to_owned(),
        doc: "What these fields refer to, too: each resource has it, as a read gives it, in its member `expanded`, or null. \
              Names of fields, separated by commas; one level deep."
            .to_owned(),
        required: false,
        schema: Ordered::object([("type", "string".into())]).with("pattern", format!("^({choice})(,({choice}))*$")),
        example: Some(first.into()),
        component: None,
    })
}

/// What a view or a list of names looks like.
fn pattern(descriptor: &Descriptor) -> String {
    let own = ALWAYS.into_iter().chain(Own::of(descriptor).map(|(name, _)| name)).map(str::to_owned);
    let fields = descriptor.fields.iter().filter(|field| !field.input_only).map(|field| path(field, 1));
    let name = format!("({})", fields.chain(own).collect::<Vec<_>>().join("|"));
    let views: String = descriptor.views.iter().map(|view| format!("{}|", view.name)).collect();
    format!("^({views}{name}(,{name})*)$")
}

fn path(field: &FieldDescriptor, depth: usize) -> String {
    format!("{}{}", field.name, below(field.kind, depth))
}

/// What can follow a name of this kind.
fn below(kind: FieldKind, depth: usize) -> String {
    let inner = match kind {
        FieldKind::List(element) => return below(element.kind, depth),
        FieldKind::Object(_) | FieldKind::Map(_) if depth == DEEPEST => "[^,]+".to_owned(),
        FieldKind::Object(value) => {
            let members = value.fields.iter().filter(|member| !member.input_only);
            format!("({})", members.map(|member| path(member, depth + 1)).collect::<Vec<_>>().join("|"))
        }
        FieldKind::Map(element) => format!("{KEY}{}", below(element.kind, depth + 1)),
        _ => return String::new(),
    };
    format!("(\\.{inner})?")
}
