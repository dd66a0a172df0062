//! What `routes` and `check` print: readings of the tree.

use std::fmt::Write as _;

use crate::{
    descriptor::{Descriptor, FieldDescriptor, IdKind, Method, Target},
    tree::{Node, Tree},
};

/// One address with what it answers to.
struct Route {
    address: String,
    methods: Vec<&'static str>,
    what: String,
}

/// Every address of the service with its methods, one a line. HEAD and OPTIONS go without saying. `docs` says whether there
/// is a documentation page.
pub(super) fn routes(tree: &Tree, root: &str, docs: bool) -> String {
    let mut routes =
        vec![Route { address: root.to_owned(), methods: vec!["GET"], what: "the entry point".to_owned() }];
    for id in tree.roots() {
        add(tree, tree.node(*id), root, &mut routes);
    }
    let described = |document: &str| [format!("{root}/{document}"), format!("/{document}")];
    let page = if docs { described("docs").to_vec() } else { Vec::new() };
    let own = [
        ("/ping", "whether the service answers"),
        ("/health/live", "whether the process works"),
        ("/health/ready", "whether it can commit"),
    ];
    let others = (described("openapi.json").into_iter().map(|address| (address, "the OpenAPI document")))
        .chain(page.into_iter().map(|address| (address, "the documentation page")))
        .chain(own.map(|(address, what)| (address.to_owned(), what)));
    for (address, what) in others {
        routes.push(Route { address, methods: vec!["GET"], what: what.to_owned() });
    }
    table(&routes)
}

fn table(routes: &[Route]) -> String {
    let methods = |route: &Route| route.methods.join(" ");
    let wide = routes.iter().map(|route| methods(route).len()).max().unwrap_or_default();
    let long = routes.iter().map(|route| route.address.len()).max().unwrap_or_default();
    let mut text = String::new();
    for route in routes {
        let (methods, address, what) = (methods(route), &route.address, &route.what);
        let _ = writeln!(text, "{methods:wide$}  {address:long$}  {what}");
    }
    text
}

fn add(tree: &Tree, node: &Node, above: &str, routes: &mut Vec<Route>) {
    let descriptor = node.descriptor;
    let collection = format!("{above}/{}", descriptor.segment);
    let has = |method: Method, names: &[&'static str]| {
        if descriptor.methods.has(method) { names.to_vec() } else { Vec::new() }
    };
    let single = match node.id_kind() {
        None => collection.clone(),
        Some(kind) => {
            let methods = [has(Method::List, &["GET"]), has(Method::Create, &["POST"])].concat();
            let what = format!("{} collection", descriptor.name);
            routes.push(Route { address: collection.clone(), methods, what });
            add_verbs(descriptor, &collection, |target| target == Target::Collection, routes);
            format!("{collection}/{{{}}}", id_name(kind))
        }
    };
    let methods = [
        has(Method::Read, &["GET"]),
        has(Method::Update, &["PUT", "PATCH"]),
        has(Method::Delete, &["DELETE"]),
    ]
    .concat();
    routes.push(Route { address: single.clone(), methods, what: descriptor.name.to_owned() });
    add_verbs(descriptor, &single, |target| target != Target::Collection, routes);
    for child in &node.children {
        add(tree, tree.node(*child), &single, routes);
    }
}

fn add_verbs(
    descriptor: &'static Descriptor,
    address: &str,
    on: impl Fn(Target) -> bool,
    routes: &mut Vec<Route>,
) {
    for method in descriptor.custom_methods.iter().filter(|method| on(method.target)) {
        let methods = if method.read_only { vec!["GET", "POST"] } else { vec!["POST"] };
        let what = format!("{}::{}", descriptor.name, method.verb);
        routes.push(Route {
            address: format!("{address}:{}", method.verb),
            methods: methods.clone(),
            what: what.clone(),
        });
        // Behind a slash the verb of a collection could be one of its slugs, and is taken as one.
        let could_be_an_id =
            method.target == Target::Collection && descriptor.id_kind() == Some(IdKind::Slug);
        if descriptor.slash_verbs && !could_be_an_id {
            routes.push(Route { address: format!("{address}/{}", method.verb), methods, what });
        }
    }
}

fn id_name(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Uuid => "uuid",
        IdKind::Slug => "slug",
        IdKind::Integer => "integer",
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

/// What could be better about the declarations: one line each.
pub(super) fn warnings(tree: &Tree) -> Vec<String> {
    let mut warnings = Vec::new();
    if tree.roots().is_empty() {
        warnings.push("there is no resource; add `.resource::<…>()` to the version".to_owned());
    }
    let undocumented =
        |what: String| format!("{what} has no doc comment, which is its description for clients");
    for node in tree.nodes().iter().filter(|node| !node.is_change_log) {
        let Descriptor { name, doc, fields, custom_methods, .. } = node.descriptor;
        if doc.trim().is_empty() {
            warnings.push(undocumented(format!("`{name}`")));
        }
        let bare = |field: &&FieldDescriptor| field.doc.trim().is_empty();
        let names: Vec<_> = fields.iter().filter(bare).map(|field| format!("`{}`", field.name)).collect();
        if !names.is_empty() && names.len() < fields.len() {
            warnings.push(format!(
                "`{name}`: some fields have a doc comment, and these have none: {}",
                names.join(", ")
            ));
        }
        for method in custom_methods.iter().filter(|method| method.doc.trim().is_empty()) {
            warnings.push(undocumented(format!("`{name}::{}`", method.verb)));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{CustomMethod, Methods, Output, Shape};

    static METHODS: [CustomMethod; 1] = [CustomMethod {
        verb: "adopt",
        doc: "",
        target: Target::Collection,
        read_only: false,
        input: None,
        output: Output::Resource,
        when: None,
        call: |_| Box::pin(std::future::pending()),
    }];

    const fn animals(name: &'static str, segment: &'static str, id: IdKind) -> Descriptor {
        Descriptor {
            name,
            segment,
            shape: Shape::Collection(id),
            parent: None,
            doc: "",
            example_id: None,
            fields: &[],
            methods: Methods::ALL,
            custom_methods: &METHODS,
            rules: None,
            changes: false,
            upsert: false,
            slash_verbs: true,
            require_if_match: false,
        }
    }

    static BY_NAME: Descriptor = animals("Cat", "cats", IdKind::Slug);
    static BY_NUMBER: Descriptor = animals("Dog", "dogs", IdKind::Integer);

    #[test]
    fn a_slash_verb_that_would_be_taken_as_a_slug_is_no_address() {
        let tree = Tree::build(&[&BY_NAME, &BY_NUMBER]).expect("the declarations are right");
        let routes = routes(&tree, "/api/v1", true);
        for served in ["cats:adopt", "dogs:adopt", "dogs/adopt"] {
            assert!(routes.contains(&format!(" /api/v1/{served} ")), "{routes}");
        }
        assert!(!routes.contains("/cats/adopt"), "{routes}");
    }
}
