//! What a service counts of itself, in the form that Prometheus reads (OpenMetrics 1.0).

use std::{
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

use crate::{
    document::Exchange,
    store::{Conflict, Store},
};

/// The upper bounds of the durations that are told apart, in seconds; those of OpenTelemetry's conventions for HTTP.
const BOUNDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

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

/// The numbers of a service.
pub(crate) struct Metrics {
    registry: Registry,
    answers: Family<Answered, Histogram, fn() -> Histogram>,
    replays: Counter,
    conflicts: Family<Refused, Counter>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Begins to count.
    pub(crate) fn start(store: Arc<dyn Store>) -> Self {
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
        for conflict in [Conflict::Stale, Conflict::Unique, Conflict::HasChildren, Conflict::RequestIdUsed] {
            let _ = conflicts.get_or_create(&Refused { kind: conflict.kind() });
        }
        registry.register_collector(Box::new(OfStore(store)));
        Self { registry, answers, replays, conflicts }
    }

    pub(super) fn answered(&self, exchange: &Exchange, status: StatusCode) {
        // An address that there is not has no route: clients can invent them.
        let route = exchange.route.clone().unwrap_or_default();
        let answered = Answered {
            http_request_method: method(&exchange.method),
            http_route: Text(route),
            http_response_status_code: status.as_u16(),
        };
        self.answers.get_or_create(&answered).observe(exchange.started.elapsed().as_secs_f64());
    }

    pub(super) fn replayed(&self) {
        self.replays.inc();
    }

    pub(super) fn met(&self, conflict: &Conflict) {
        // What the store itself fails at is no conflict.
        if !matches!(conflict, Conflict::Store(_)) {
            self.conflicts.get_or_create(&Refused { kind: conflict.kind() }).inc();
        }
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
pub(super) fn method(method: &Method) -> &'static str {
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
