//! The resources of a service as one tree, checked when the service starts.
//!
//! A node is a collection or singleton; each node has one table. Paths, links and tables are readings of this tree. What
//! the compiler cannot see across types, such as a parent that was never registered, is refused here with its names.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{
    descriptor::{
        Descriptor, FieldDescriptor, FieldKind, IdKind, Method, Methods, Output, Shape, ValueDescriptor,
    },
    error::{Error, Result},
    validate,
    value::Value,
};

/// The position of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub usize);

/// One collection or singleton.
#[derive(Debug)]
pub struct Node {
    /// The position in the tree.
    pub id: NodeId,
    /// The description.
    pub descriptor: &'static Descriptor,
    /// The node above; absent at the API root.
    pub parent: Option<NodeId>,
    /// The nodes below, in registered order.
    pub children: Vec<NodeId>,
    /// How many ids the path of one resource of this node has.
    pub depth: usize,
    /// The nearest collection above, whose rows this node's rows belong to.
    pub owner: Option<NodeId>,
    /// The collections above whose resources can be soft-deleted, the nearest first.
    pub soft_above: Vec<NodeId>,
    /// The fields that refer to another resource, with the node of its collection.
    pub references: Vec<(usize, NodeId)>,
    /// The nodes whose resources refer to this one's, each with the field.
    pub referrers: Vec<(NodeId, usize)>,
    /// The child `changes`, where the node has one.
    pub changes: Option<NodeId>,
    /// Whether this is such a child itself.
    pub is_change_log: bool,
    /// The table's name: the segments from the root down in snake case, joined by two underscores.
    pub table: String,
    /// The segments from the root down, joined by `/`: `device-types/devices`.
    pub address: String,
}

impl Node {
    /// The id kind of a collection; `None` for a singleton.
    #[must_use]
    pub fn id_kind(&self) -> Option<IdKind> {
        self.descriptor.id_kind()
    }
}

/// All nodes of a service, parents before children.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    roots: Vec<NodeId>,
}

/// The position of `requestId` in the row of a change.
pub const CHANGE_REQUEST_ID: usize = 0;
/// The position of `method` in the row of a change.
pub const CHANGE_METHOD: usize = 1;
/// The position of `patch` in the row of a change.
pub const CHANGE_PATCH: usize = 2;

const fn framework_field(
    name: &'static str,
    column: &'static str,
    doc: &'static str,
    kind: FieldKind,
) -> FieldDescriptor {
    FieldDescriptor {
        name,
        rust_name: column,
        column,
        doc,
        kind,
        nullable: true,
        length: None,
        range: None,
        pattern: None,
        format: None,
        default: None,
        example: None,
        filter: false,
        order: false,
        search: false,
        unique: false,
        immutable: false,
        output_only: true,
        input_only: false,
        required: false,
        references: None,
        renamed_from: None,
        converted_from: None,
        texts: None,
    }
}

/// The description of every `changes` collection.
pub static CHANGE: Descriptor = Descriptor {
    name: "Change",
    segment: "changes",
    shape: Shape::Collection(IdKind::Integer),
    parent: None,
    doc: "One committed request that changed the resource.",
    example_id: None,
    fields: &[
        framework_field("requestId", "request_id", "The effective id of the request.", FieldKind::Text),
        framework_field(
            "method",
            "method",
            "`Create`, `Update`, `Delete` or a custom verb.",
            FieldKind::Text,
        ),
        framework_field(
            "patch",
            "patch",
            "A JSON merge patch (RFC 7396) from before to after.",
            FieldKind::Json,
        ),
    ],
    views: &[],
    indexes: &[],
    methods: Methods::NONE.with(Method::List).with(Method::Read),
    custom_methods: &[],
    rules: None,
    changes: false,
    keep_changes: None,
    upsert: false,
    slash_verbs: false,
    export: false,
    import: false,
    require_if_match: false,
    across_parents: false,
    soft_delete: None,
    dropped: &[],
    existing: None,
};

impl Tree {
    /// Builds the tree of the registered resources.
    ///
    /// # Errors
    ///
    /// When a parent is not registered, parents form a cycle, two resources share an address or a schema name, or a
    /// declaration contradicts itself in a way that the compiler cannot see. All mistakes are reported at once.
    pub fn build(descriptors: &[&'static Descriptor]) -> Result<Self> {
        let mut mistakes = Vec::new();
        let mut waiting: Vec<&'static Descriptor> = Vec::new();
        for descriptor in descriptors {
            // Said once; in the tree it would be two resources at one address with one name.
            if waiting.iter().any(|other| other.is(descriptor)) {
                mistakes.push(format!("`{}` is registered twice", descriptor.name));
                continue;
            }
            check_declaration(descriptor, &mut mistakes);
            waiting.push(descriptor);
        }
        let mut tree = Self { nodes: Vec::new(), roots: Vec::new() };
        loop {
            let before = waiting.len();
            waiting.retain(|descriptor| !tree.place(descriptor));
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        for descriptor in waiting {
            let parent = descriptor.parent.map(|parent| parent().name).unwrap_or_default();
            if descriptors.iter().any(|other| other.name == parent) {
                mistakes.push(format!("the parents of `{}` form a cycle", descriptor.name));
            } else {
                mistakes.push(format!(
                    "`{}` has the parent `{parent}`, which is not registered; add `.resource::<{parent}>()`",
                    descriptor.name
                ));
            }
        }
        tree.link_references(&mut mistakes);
        tree.check_names(&mut mistakes);
        tree.check_existing(&mut mistakes);
        if mistakes.is_empty() { Ok(tree) } else { Err(Error::internal(mistakes.join("\n"))) }
    }

    fn place(&mut self, descriptor: &'static Descriptor) -> bool {
        let parent = match descriptor.parent {
            None => None,
            Some(parent) => match self.find(parent()) {
                Some(node) => Some(node.id),
                None => return false,
            },
        };
        let id = self.push(descriptor, parent);
        if descriptor.changes {
            let log = self.push(&CHANGE, Some(id));
            self.nodes[log.0].is_change_log = true;
            self.nodes[id.0].changes = Some(log);
        }
        true
    }

    fn push(&mut self, descriptor: &'static Descriptor, parent: Option<NodeId>) -> NodeId {
        let id = NodeId(self.nodes.len());
        let above = parent.map(|parent| &self.nodes[parent.0]);
        let column = descriptor.segment.replace('-', "_");
        let node = Node {
            id,
            descriptor,
            parent,
            children: Vec::new(),
            depth: above.map_or(0, |above| above.depth) + usize::from(!descriptor.is_singleton()),
            owner: above
                .and_then(|above| if above.descriptor.is_singleton() { above.owner } else { Some(above.id) }),
            soft_above: above.map_or_else(Vec::new, |above| {
                let own = above.descriptor.soft_delete.map(|_| above.id);
                own.into_iter().chain(above.soft_above.iter().copied()).collect()
            }),
            references: Vec::new(),
            referrers: Vec::new(),
            changes: None,
            is_change_log: false,
            table: above.map_or_else(|| column.clone(), |above| format!("{}__{column}", above.table)),
            address: above.map_or_else(
                || descriptor.segment.to_owned(),
                |above| format!("{}/{}", above.address, descriptor.segment),
            ),
        };
        match parent {
            Some(parent) => self.nodes[parent.0].children.push(id),
            None => self.roots.push(id),
        }
        self.nodes.push(node);
        id
    }

    fn link_references(&mut self, mistakes: &mut Vec<String>) {
        for at in 0..self.nodes.len() {
            let (id, descriptor) = (self.nodes[at].id, self.nodes[at].descriptor);
            for (index, field, reference) in descriptor.references() {
                let target = (reference.target)();
                let Some(found) = self.find(target).map(|node| node.id) else {
                    mistakes.push(format!(
                        "`{}.{}` refers to `{target}`, which is not registered; add `.resource::<{target}>()`",
                        descriptor.name,
                        field.name,
                        target = target.name
                    ));
                    continue;
                };
                self.nodes[at].references.push((index, found));
                self.nodes[found.0].referrers.push((id, index));
            }
        }
    }

    fn check_names(&self, mistakes: &mut Vec<String>) {
        let mut addresses = HashMap::new();
        let mut names: HashMap<&str, &str> = HashMap::new();
        for node in &self.nodes {
            if let Some(other) = addresses.insert(node.address.as_str(), node.descriptor.name) {
                mistakes
                    .push(format!("`{other}` and `{}` are both at `{}`", node.descriptor.name, node.address));
            }
            if !node.is_change_log && names.insert(node.descriptor.name, &node.address).is_some() {
                mistakes.push(format!(
                    "two resources are called `{}`; a type's name is its schema's name, so rename one",
                    node.descriptor.name
                ));
            }
            if node.descriptor.across_parents && node.depth < 2 {
                mistakes.push(format!(
                    "`{}` has `across_parents`, but nothing above it is a collection; leave it out",
                    node.descriptor.name
                ));
            }
            let taken: HashSet<_> = self.key_columns(node.id).into_iter().map(|(column, _)| column).collect();
            for dropped in
                node.descriptor.dropped.iter().filter(|name| is_column(name, node.descriptor, &taken))
            {
                mistakes.push(format!(
                    "`{}` has `dropped({dropped})`, but the table still has that column; leave it out of `dropped`",
                    node.descriptor.name
                ));
            }
            for field in node.descriptor.fields {
                if let Some(old) = field.renamed_from.filter(|old| is_column(old, node.descriptor, &taken)) {
                    mistakes.push(format!(
                        "`{}.{}` has `renamed_from = \"{old}\"`, but the table still has that column; leave it out",
                        node.descriptor.name, field.name
                    ));
                }
                let is_named_twice = |old: &&str| {
                    let fields = node.descriptor.fields.iter();
                    let by_fields = fields.filter(|field| field.renamed_from == Some(*old)).count();
                    by_fields > 1 || node.descriptor.dropped.contains(old)
                };
                if let Some(old) = field.renamed_from.filter(is_named_twice) {
                    mistakes.push(format!(
                        "`{}.{}` has `renamed_from = \"{old}\"`, and another field or `dropped` names that column too; leave \
                         one out",
                        node.descriptor.name, field.name
                    ));
                }
                if taken.contains(field.column) {
                    mistakes.push(format!(
                        "the column `{}` of `{}.{}` is the key column of an ancestor; rename the field",
                        field.column, node.descriptor.name, field.name
                    ));
                }
            }
        }
    }

    /// What of an existing table the macro cannot see: how many ids lead to a row, and what the variants are called.
    fn check_existing(&self, mistakes: &mut Vec<String>) {
        for node in &self.nodes {
            let Some(table) = &node.descriptor.existing else { continue };
            let name = node.descriptor.name;
            let ids: Vec<String> = self.key_columns(node.id).into_iter().map(|(column, _)| column).collect();
            let least = ids.len().min(2);
            if table.key.len() < least || table.key.len() > ids.len() {
                mistakes.push(format!(
                    "`{name}` has the table `{}` with a `key` of {} columns; {least} to {} lead to a row, the last of those that \
                     hold {}",
                    table.name,
                    table.key.len(),
                    ids.len(),
                    ids.join(", ")
                ));
            }
            for field in node.descriptor.fields {
                let Some(texts) = field.texts else { continue };
                let FieldKind::Enum(declared) = field.kind else {
                    mistakes.push(format!(
                        "`{name}.{}` has `texts`, and is no enum; leave them out",
                        field.rust_name
                    ));
                    continue;
                };
                for (variant, _) in texts {
                    if declared.by_name(variant).is_none() {
                        let known: Vec<_> = declared.variants.iter().map(|variant| variant.name).collect();
                        mistakes.push(format!(
                            "`{name}.{}` has a text for `{variant}`, which is no variant of `{}`; they are {}",
                            field.rust_name,
                            declared.name,
                            known.join(", ")
                        ));
                    }
                }
            }
        }
    }

    /// The node `id`.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// All nodes, parents before children.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The nodes at the API root.
    #[must_use]
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// The node of a registered type.
    #[must_use]
    pub fn find(&self, descriptor: &'static Descriptor) -> Option<&Node> {
        self.nodes.iter().find(|node| node.descriptor.is(descriptor))
    }

    /// The nodes below `id` at any depth, parents before children.
    #[must_use]
    pub fn descendants(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        for child in &self.node(id).children {
            found.push(*child);
            found.extend(self.descendants(*child));
        }
        found
    }

    /// The key columns of a node's table with their kinds, the root ancestor's first: `device_types_id`, `id`.
    #[must_use]
    pub fn key_columns(&self, id: NodeId) -> Vec<(String, IdKind)> {
        let mut columns = Vec::new();
        let mut at = Some(self.node(id));
        while let Some(node) = at {
            if let Some(kind) = node.id_kind() {
                let own = node.id == id;
                let name = if own {
                    "id".to_owned()
                } else {
                    format!("{}_id", node.descriptor.segment.replace('-', "_"))
                };
                columns.push((name, kind));
            }
            at = node.parent.map(|parent| self.node(parent));
        }
        columns.reverse();
        columns
    }
}

/// Whether a table has a column: a field's, one of the framework's, or one of its key.
fn is_column(name: &str, descriptor: &Descriptor, key: &HashSet<String>) -> bool {
    const FRAMEWORK: [&str; 7] =
        ["created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by", "purge_at"];
    name.starts_with('_')
        || FRAMEWORK.contains(&name)
        || key.contains(name)
        || descriptor.fields.iter().any(|field| field.column == name)
}

fn check_declaration(descriptor: &'static Descriptor, mistakes: &mut Vec<String>) {
    check_fields(descriptor.name, descriptor.fields, mistakes, 0);
    for method in descriptor.custom_methods {
        if let Some(input) = method.input {
            check_value(input, mistakes, 0);
        }
        if let Output::Value(output) = method.output {
            check_value(output, mistakes, 0);
        }
    }
}

fn check_value(value: &'static ValueDescriptor, mistakes: &mut Vec<String>, level: usize) {
    check_fields(value.name, value.fields, mistakes, level);
}

fn check_fields(owner: &str, fields: &'static [FieldDescriptor], mistakes: &mut Vec<String>, level: usize) {
    // A struct that contains itself through a list has no end; validation meets the nesting limit of bodies first.
    if level > 8 {
        return;
    }
    for field in fields {
        if let Some(pattern) = field.pattern
            && pattern.regex().is_none()
        {
            mistakes.push(format!(
                "`{owner}.{}`: `{}` is not a regular expression",
                field.name,
                pattern.text()
            ));
            continue;
        }
        for (what, value) in [("default", field.default), ("example", field.example)] {
            let Some(value) = value.map(|value| value()) else { continue };
            if let (Value::Null, false) = (&value, field.nullable) {
                mistakes.push(format!(
                    "`{owner}.{}`: the {what} is null, but the field is not optional",
                    field.name
                ));
            }
            // What a literal could not become is still the text that was written.
            let kind = match field.kind {
                FieldKind::List(element) => element.kind,
                kind => kind,
            };
            if let (Value::Text(text), false) = (&value, matches!(field.kind, FieldKind::Text)) {
                mistakes.push(format!(
                    "`{owner}.{}`: its own {what} must be {}, got `{text}`",
                    field.name,
                    validate::expectation(kind)
                ));
                continue;
            }
            for detail in validate::constraints(field, &value) {
                mistakes.push(format!(
                    "`{owner}.{}`: its own {what} breaks its declaration: {detail}",
                    field.name
                ));
            }
        }
        match field.kind {
            FieldKind::Object(nested) => check_value(nested, mistakes, level + 1),
            FieldKind::List(element) | FieldKind::Map(element) => {
                if let FieldKind::Object(nested) = element.kind {
                    check_value(nested, mistakes, level + 1);
                }
            }
            _ => {}
        }
    }
}
