//! What a service counts of itself, in the form that Prometheus reads (OpenMetrics 1.0).

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    sync::Arc,
};

use http::{Method, StatusCode};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric as _, LabelValueEncoder},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};

use super::route::{Route, Target};
use crate::{
    document::Exchange,
    openapi::id_parameter,
    store::{Conflict, Store},
    tree::{Node, NodeId, Tree},
};

/// The upper bounds of the durations that are told apart, in seconds; those of OpenTelemetry's conventions for HTTP.
const BOUNDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The kinds of conflicts.
const STALE: &str = "stale";
const UNIQUE: &str = "unique";
const HAS_CHILDREN: &str = "has_children";
const REQUEST_ID_USED: &str = "request_id_used";

/// The text of a label, which many share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Text(Arc<str>);

impl EncodeLabelValue for Text {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        encoder.write_str(&self.0)
    }
}

/// An answer, as OpenTelemetry's conventions for HTTP tell answers apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    http_request_method: &'static str,
    http_route: Text,
    http_response_status_code: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    kind: &'static str,
}

/// Where a request is counted: the node, whether its collection is meant, below all parents, and the verb.
type Place = (NodeId, bool, bool, Option<&'static str>);

/// The numbers of a service.
pub(crate) struct Metrics {
    registry: Registry,
    answers: Family<Answered, Histogram, fn() -> Histogram>,
    replays: Counter,
    conflicts: Family<Refused, Counter>,
    routes: HashMap<Place, Arc<str>>,
    root: Arc<str>,
    unknown: Arc<str>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Begins to count for an API whose entry point is at `root`.
    pub(crate) fn start(tree: &Tree, store: Arc<dyn Store>, root: &str) -> Self {
        let mut registry = Registry::default();
        let answers =
            Family::<Answered, Histogram, fn() -> Histogram>::new_with_constructor(|| Histogram::new(BOUNDS));
        let help = "How long requests took to be answered, up to the first byte of an export";
        registry.register_with_unit("http_server_request_duration", help, Unit::Seconds, answers.clone());
        let replays = Counter::default();
        let help = "The requests that were sent again and answered as the first time";
        registry.register("rest_standard_replays", help, replays.clone());
        let conflicts = Family::<Refused, Counter>::default();
        let help = "The commits that met another one, and were planned again or replayed";
        registry.register("rest_standard_conflicts", help, conflicts.clone());
        // A series that begins with its first event hides that event from whoever asks for a rate.
        for kind in [STALE, UNIQUE, HAS_CHILDREN, REQUEST_ID_USED] {
            let _ = conflicts.get_or_create(&Refused { kind });
        }
        registry.register_collector(Box::new(OfStore(store)));
        let routes = tree.nodes().iter().flat_map(|node| routes(tree, node, root)).collect();
        Self { registry, answers, replays, conflicts, routes, root: root.into(), unknown: "".into() }
    }

    /// The address of a route, with names in the place of ids. One that there is not has none: clients can invent them.
    pub(super) fn route(&self, route: &Route) -> Arc<str> {
        match route {
            Route::Node(Target { node, is_collection, across, verb, .. }) => {
                let place = (*node, *is_collection, *across, verb.map(|verb| verb.name()));
                self.routes.get(&place).unwrap_or(&self.unknown).clone()
            }
            Route::Ping => "/ping".into(),
            Route::Live => "/health/live".into(),
            Route::Ready => "/health/ready".into(),
            Route::Root => self.root.clone(),
            Route::Document => "/openapi.json".into(),
            Route::Page => "/docs".into(),
        }
    }

    pub(super) fn answered(&self, exchange: &Exchange, status: StatusCode) {
        let route = exchange.route.as_ref().unwrap_or(&self.unknown);
        let answered = Answered {
            http_request_method: method(&exchange.method),
            http_route: Text(route.clone()),
            http_response_status_code: status.as_u16(),
        };
        self.answers.get_or_create(&answered).observe(exchange.started.elapsed().as_secs_f64());
    }

    pub(super) fn replayed(&self) {
        self.replays.inc();
    }

    pub(super) fn met(&self, conflict: &Conflict) {
        let kind = match conflict {
            Conflict::Stale => STALE,
            Conflict::Unique => UNIQUE,
            Conflict::HasChildren => HAS_CHILDREN,
            Conflict::RequestIdUsed => REQUEST_ID_USED,
            Conflict::Store(_) => return,
        };
        self.conflicts.get_or_create(&Refused { kind }).inc();
    }

    /// All numbers as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

/// The method, as far as there are few of them: clients can invent others.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "_OTHER",
    }
}

/// The addresses of a node, each with where requests to it are counted.
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

/// What the store says of itself whenever it is asked.
struct OfStore(Arc<dyn Store>);

impl fmt::Debug for OfStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfStore").finish_non_exhaustive()
    }
}

impl Collector for OfStore {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for figure in self.0.figures() {
            let name = format!("rest_standard_store_{}", figure.name);
            let help = figure.help.trim_end_matches('.');
            if figure.is_counter {
                let counter = ConstCounter::new(figure.value);
                counter.encode(encoder.encode_descriptor(&name, help, None, counter.metric_type())?)?;
            } else {
                let gauge = ConstGauge::new(i64::try_from(figure.value).unwrap_or(i64::MAX));
                gauge.encode(encoder.encode_descriptor(&name, help, None, gauge.metric_type())?)?;
            }
        }
        Ok(())
    }
}
