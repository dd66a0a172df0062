//! What `routes` prints: the tree of a service as its addresses, and the counts that `check` ends with.
//!
//! An address is on one line with all of its path, so that a search finds it; what it is stands at the end, indented as
//! deep as it lies in the tree. Parameters come on lines of their own, below the address and indented.

use std::fmt::Write as _;

use crate::{
    descriptor::{
        BatchMethod, CustomMethod, Descriptor, FieldDescriptor, FieldKind, IdKind, Method, Reference, Target,
        ValueDescriptor, Verb,
    },
    query::{Selection, Standard, Use, column, column_kind, names_for},
    tree::{Node, Tree},
};

/// How much is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// The addresses.
    Addresses,
    /// What each of them takes as well.
    Parameters,
}

/// How wide a line of parameters may be.
const WIDTH: usize = 110;

/// One address with what it answers to.
struct Route {
    address: String,
    methods: Vec<&'static str>,
    what: String,
    takes: Vec<Takes>,
}

/// One kind of thing that an address takes.
struct Takes {
    /// A word that says what they are for.
    word: &'static str,
    items: Vec<String>,
}

/// Every address of the service with its methods, one a line. HEAD and OPTIONS go without saying. `docs` says whether there
/// is a documentation page.
pub(super) fn routes(tree: &Tree, root: &str, detail: Detail, docs: bool) -> String {
    let plain = |address: &str, what: &str| Route {
        address: address.to_owned(),
        methods: vec!["GET"],
        what: what.to_owned(),
        takes: Vec::new(),
    };
    let mut routes = vec![plain(root, "the entry point")];
    for id in tree.roots() {
        add(tree, tree.node(*id), root, 0, &mut routes);
    }
    for root in [root, ""] {
        routes.push(plain(&format!("{root}/openapi.json"), "the OpenAPI document"));
        if docs {
            routes.push(plain(&format!("{root}/docs"), "the documentation page"));
        }
    }
    for (address, what) in [
        ("/ping", "whether the service answers"),
        ("/health/live", "whether the process works"),
        ("/health/ready", "whether it can commit"),
    ] {
        routes.push(plain(address, what));
    }
    let mut text = table(&routes, detail);
    if detail == Detail::Parameters {
        let _ = writeln!(
            text,
            "\nEvery address takes {} as well.",
            Standard::COMMON.map(Standard::name).join(", ")
        );
    }
    text
}

fn table(routes: &[Route], detail: Detail) -> String {
    let methods = |route: &Route| route.methods.join(" ");
    let wide = routes.iter().map(|route| methods(route).len()).max().unwrap_or_default();
    let long = routes.iter().map(|route| route.address.len()).max().unwrap_or_default();
    let mut text = String::new();
    for route in routes {
        let (methods, address, what) = (methods(route), &route.address, &route.what);
        let _ = writeln!(text, "{methods:wide$}  {address:long$}  {what}");
        for takes in route.takes.iter().filter(|_| detail == Detail::Parameters) {
            write_items(&mut text, takes);
        }
    }
    text
}

/// Writes the items behind their word, in as many lines as they need.
fn write_items(text: &mut String, Takes { word, items }: &Takes) {
    let mut line = format!("    {word:8}");
    for item in items {
        if line.len() + 1 + item.len() > WIDTH && !line.trim().is_empty() {
            let _ = writeln!(text, "{line}");
            line = " ".repeat(12);
        }
        line.push(' ');
        line.push_str(item);
    }
    let _ = writeln!(text, "{line}");
}

fn add(tree: &Tree, node: &Node, above: &str, level: usize, routes: &mut Vec<Route>) {
    let descriptor = node.descriptor;
    let collection = format!("{above}/{}", descriptor.segment);
    let indented = |what: String| format!("{}{what}", "  ".repeat(level));
    let has = |method: Method, names: &[&'static str]| {
        if descriptor.methods.has(method) { names.to_vec() } else { Vec::new() }
    };
    let single = match node.id_kind() {
        None => collection.clone(),
        Some(kind) => {
            let methods = [has(Method::List, &["GET"]), has(Method::Create, &["POST"])].concat();
            let what = indented(format!("{} collection", descriptor.name));
            let takes = if descriptor.methods.has(Method::List) { list(descriptor) } else { Vec::new() };
            routes.push(Route { address: collection.clone(), methods, what, takes });
            if descriptor.across_parents && descriptor.methods.has(Method::List) {
                let what = indented(format!("{} across its parents", descriptor.name));
                let every = |segment: &str| if segment.starts_with('{') { "-" } else { segment }.to_owned();
                let address = collection.split('/').map(every).collect::<Vec<_>>().join("/");
                let export = descriptor.export.then(|| format!("{address}:{}", Verb::Export.name()));
                routes.push(Route { address, methods: vec!["GET"], what, takes: list(descriptor) });
                routes.extend(export.map(|address| Route {
                    address,
                    methods: vec!["GET"],
                    what: indented(format!("{} export across its parents", descriptor.name)),
                    takes: elements(descriptor, Verb::Export.name(), &Standard::EXPORT),
                }));
            }
            add_verbs(descriptor, &collection, level, descriptor.collection_verbs(), routes);
            format!("{collection}/{{{}}}", id_name(kind))
        }
    };
    let methods = [
        has(Method::Read, &["GET"]),
        has(Method::Update, &["PUT", "PATCH"]),
        has(Method::Delete, &["DELETE"]),
    ]
    .concat();
    let mut takes = Vec::new();
    if descriptor.methods.has(Method::Read) {
        takes.push(Takes { word: "read", items: standard(&Standard::READ) });
        takes.extend(views(descriptor));
        takes.extend(expand(descriptor));
    }
    if descriptor.methods.has(Method::Delete) {
        takes.push(Takes { word: "delete", items: standard(&Standard::DELETE) });
    }
    let what = indented(descriptor.name.to_owned());
    routes.push(Route { address: single.clone(), methods, what, takes });
    add_verbs(descriptor, &single, level, descriptor.resource_verbs(), routes);
    for child in &node.children {
        add(tree, tree.node(*child), &single, level + 1, routes);
    }
}

fn add_verbs(
    descriptor: &'static Descriptor,
    address: &str,
    level: usize,
    verbs: impl Iterator<Item = Verb>,
    routes: &mut Vec<Route>,
) {
    for verb in verbs {
        // Behind a slash the verb of a collection could be one of its slugs, and is taken as one.
        let is_on_collection = match verb {
            Verb::Batch(_) | Verb::Export | Verb::Import => true,
            Verb::Custom(method) => method.target == Target::Collection,
        };
        let could_be_an_id =
            is_on_collection && matches!(descriptor.id_kind(), Some(IdKind::Slug | IdKind::Text));
        let separators: &[char] =
            if descriptor.slash_verbs && !could_be_an_id { &[':', '/'] } else { &[':'] };
        let (indent, name) = ("  ".repeat(level), descriptor.name);
        for separator in separators {
            routes.push(Route {
                address: format!("{address}{separator}{}", verb.name()),
                methods: [("GET", verb.answers_get()), ("POST", verb.answers_post())]
                    .into_iter()
                    .filter_map(|(method, is_answered)| is_answered.then_some(method))
                    .collect(),
                what: match verb {
                    Verb::Batch(_) => format!("{indent}{name} batch"),
                    Verb::Export | Verb::Import => format!("{indent}{name} {}", verb.name()),
                    Verb::Custom(method) => format!("{indent}{name}::{}", method.verb),
                },
                takes: match verb {
                    Verb::Batch(method) => {
                        vec![Takes { word: "body", items: vec![batch_body(method, descriptor)] }]
                    }
                    Verb::Export => elements(descriptor, "export", &Standard::EXPORT),
                    Verb::Import => {
                        vec![Takes { word: "body", items: vec![format!("{} in each line", descriptor.name)] }]
                    }
                    Verb::Custom(method) => body(method),
                },
            });
        }
    }
}

/// What the body of a batch has.
fn batch_body(method: BatchMethod, descriptor: &Descriptor) -> String {
    let id = descriptor.id_kind().map_or("id", id_name);
    match method {
        BatchMethod::Get => format!("ids: {id}[]"),
        BatchMethod::Create => format!("items: {}[]", descriptor.name),
        BatchMethod::Update => format!("items: {{id: {id}, [etag: text], patch: {}}}[]", descriptor.name),
        BatchMethod::Delete => format!("items: {{id: {id}, [etag: text]}}[]"),
    }
}

/// What a List takes.
fn list(descriptor: &'static Descriptor) -> Vec<Takes> {
    elements(descriptor, "list", &Standard::LIST)
}

/// What asks for elements takes, the standard parameters under the word.
fn elements(descriptor: &'static Descriptor, word: &'static str, own: &[Standard]) -> Vec<Takes> {
    let equals = names_for(descriptor, Use::Equal).filter_map(|name| {
        let kind = column_kind(descriptor, column(descriptor, name, Use::Equal)?);
        Some(format!("{name}={}", kind_name(kind)))
    });
    let mut takes = vec![
        Takes { word, items: standard(own) },
        Takes { word: "filter", items: equals.collect() },
        Takes { word: "order", items: names_for(descriptor, Use::Order).map(str::to_owned).collect() },
    ];
    if descriptor.is_searchable() {
        let searched = descriptor.fields.iter().filter(|field| field.search);
        takes.push(Takes { word: "search", items: searched.map(|field| field.name.to_owned()).collect() });
    }
    takes.extend(views(descriptor));
    takes.extend(expand(descriptor));
    takes
}

/// The fields that `$expand` can name, with what each refers to.
fn expand(descriptor: &Descriptor) -> Option<Takes> {
    let name = |(_, field, reference): (usize, &FieldDescriptor, Reference)| {
        format!("{}={}", field.name, (reference.target)().name)
    };
    let items: Vec<_> = descriptor.references().map(name).collect();
    (!items.is_empty()).then_some(Takes { word: "expand", items })
}

/// The views that `$select` can name, with what each selects.
fn views(descriptor: &'static Descriptor) -> Option<Takes> {
    let names = |view| Selection::of_view(descriptor, view).names().join(",");
    let views: Vec<_> =
        descriptor.views.iter().map(|view| format!("{}={}", view.name, names(view))).collect();
    (!views.is_empty()).then_some(Takes { word: "view", items: views })
}

fn standard(parameters: &[Standard]) -> Vec<String> {
    parameters.iter().map(|parameter| parameter.name().to_owned()).collect()
}

/// What the body of a custom method has; a member in brackets may be left out.
fn body(method: &CustomMethod) -> Vec<Takes> {
    let Some(ValueDescriptor { fields, .. }) = method.input else { return Vec::new() };
    let member = |field: &FieldDescriptor| {
        let text = format!("{}: {}", field.name, kind_name(field.kind));
        if field.default_value().is_some() { format!("[{text}]") } else { text }
    };
    let items = fields.iter().filter(|field| !field.output_only).map(member).collect();
    vec![Takes { word: "body", items }]
}

fn id_name(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Uuid => "uuid",
        IdKind::Slug => "slug",
        IdKind::Integer => "integer",
        IdKind::Text => "text",
    }
}

/// A word for the values of a kind: a declared type has its name.
fn kind_name(kind: FieldKind) -> String {
    match kind {
        FieldKind::Text => "text".to_owned(),
        FieldKind::Bool => "boolean".to_owned(),
        FieldKind::Integer { .. } => "integer".to_owned(),
        FieldKind::Float => "number".to_owned(),
        FieldKind::Uuid => "uuid".to_owned(),
        FieldKind::Timestamp => "timestamp".to_owned(),
        FieldKind::Date => "date".to_owned(),
        FieldKind::Bytes => "base64".to_owned(),
        FieldKind::Enum(declared) => declared.name.to_owned(),
        FieldKind::Object(declared) => declared.name.to_owned(),
        FieldKind::List(element) => format!("{}[]", kind_name(element.kind)),
        FieldKind::Map(element) => format!("map of {}", kind_name(element.kind)),
        FieldKind::Foreign(declared) => (declared.name)(),
        FieldKind::Json => "JSON".to_owned(),
    }
}

/// What `check` has to say of a tree that has no mistakes: one line of counts.
pub(super) fn summary(tree: &Tree) -> String {
    let own = || tree.nodes().iter().filter(|node| !node.is_change_log).map(|node| node.descriptor);
    let collections = own().filter(|descriptor| !descriptor.is_singleton()).count();
    let singletons = own().filter(|descriptor| descriptor.is_singleton()).count();
    let fields: usize = own().map(|descriptor| descriptor.fields.len()).sum();
    let methods: usize = own().map(|descriptor| descriptor.custom_methods.len()).sum();
    [(collections, "collection"), (singletons, "singleton"), (fields, "field"), (methods, "custom method")]
        .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }))
        .join(", ")
}

#[cfg(test)]
mod tests;
