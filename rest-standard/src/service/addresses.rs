//! The addresses of an API with names in the place of ids: what requests are counted and traced by.

use std::{collections::HashMap, fmt::Write as _, sync::Arc};

use super::route::{Route, Target};
use crate::{
    openapi::id_parameter,
    tree::{Node, NodeId, Tree},
};

/// What is asked: the node, whether its collection is meant, below all parents, and the verb.
type Place = (NodeId, bool, bool, Option<&'static str>);

/// The address of each route.
#[derive(Debug)]
pub(super) struct Addresses {
    nodes: HashMap<Place, Arc<str>>,
    root: Arc<str>,
}

impl Addresses {
    /// The addresses of an API whose entry point is at `root`.
    pub(super) fn new(tree: &Tree, root: &str) -> Self {
        let nodes = tree.nodes().iter().flat_map(|node| routes(tree, node, root)).collect();
        Self { nodes, root: root.into() }
    }

    /// The address of a route, with names in the place of ids.
    pub(super) fn of(&self, route: &Route) -> Arc<str> {
        match route {
            Route::Node(Target { node, is_collection, across, verb, .. }) => {
                let place = (*node, *is_collection, *across, verb.map(|verb| verb.name()));
                self.nodes.get(&place).cloned().unwrap_or_default()
            }
            Route::Ping => "/ping".into(),
            Route::Live => "/health/live".into(),
            Route::Ready => "/health/ready".into(),
            Route::Root => self.root.clone(),
            Route::Document => "/openapi.json".into(),
            Route::Page => "/docs".into(),
        }
    }
}

/// The addresses of a node, each with its place.
fn routes(tree: &Tree, node: &Node, root: &str) -> Vec<(Place, Arc<str>)> {
    let mut above = Vec::new();
    let mut next = Some(node.id);
    while let Some(id) = next {
        let node = tree.node(id);
        above.push(node);
        next = node.parent;
    }
    let mut collection = root.to_owned();
    let mut across = root.to_owned();
    while let Some(part) = above.pop() {
        for address in [&mut collection, &mut across] {
            let _ = write!(address, "/{}", part.descriptor.segment);
        }
        if !above.is_empty() && part.id_kind().is_some() {
            let _ = write!(collection, "/{{{}}}", id_parameter(part.descriptor));
            across.push_str("/-");
        }
    }
    let single = match node.id_kind() {
        Some(_) => format!("{collection}/{{{}}}", id_parameter(node.descriptor)),
        None => collection.clone(),
    };
    let mut routes: Vec<(Place, Arc<str>)> = Vec::new();
    let mut add = |is_collection, is_across, address: &str, verb: Option<&'static str>| {
        let address = verb.map_or_else(|| address.to_owned(), |verb| format!("{address}:{verb}"));
        routes.push(((node.id, is_collection, is_across, verb), address.into()));
    };
    let verbs = |on_collection: bool| {
        let verbs: Vec<&'static str> = if on_collection {
            node.descriptor.collection_verbs().map(|verb| verb.name()).collect()
        } else {
            node.descriptor.resource_verbs().map(|verb| verb.name()).collect()
        };
        [None].into_iter().chain(verbs.into_iter().map(Some))
    };
    for verb in verbs(true).filter(|_| node.id_kind().is_some()) {
        add(true, false, &collection, verb);
        add(true, true, &across, verb);
    }
    for verb in verbs(false) {
        add(false, false, &single, verb);
    }
    routes
}
