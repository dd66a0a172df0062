//! Traces on their way to a collector: OTLP over HTTP, in the protobuf form.
//!
//! How much is traced and how it is sent is set by the variables that OpenTelemetry names for every program:
//! `OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`, `OTEL_BSP_…`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Uri, uri::Scheme};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::{
    Layer,
    filter::{FilterFn, LevelFilter},
    registry::LookupSpan,
};

use super::{address, start::start_error};
use crate::error::Result;

/// How long the last spans may take to be sent when the service ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long a collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most of a collector's answer that is read, in bytes.
const ANSWER: usize = 64 << 10;

/// The port of OTLP over gRPC, which this is not.
const GRPC_PORT: u16 = 4317;

/// The only protocol, as OpenTelemetry's variables call it.
const PROTOCOL: &str = "http/protobuf";

/// The samplers of `OTEL_TRACES_SAMPLER`.
const SAMPLERS: [&str; 6] = [
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
];

/// What sends traces for as long as a service runs.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send the traces of `service` to where the flag or the environment says; nowhere if neither says so.
    pub(super) fn start(flag: Option<&Uri>, service: &str) -> Result<Option<Self>> {
        let Some(endpoint) = endpoint(flag)? else { return Ok(None) };
        check_variables()?;
        let failed = |cause: &dyn std::fmt::Display| start_error(format!("cannot send traces: {cause}"));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(endpoint.clone()).map_err(|cause| failed(&cause))?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint.to_string())
            .build()
            .map_err(|cause| failed(&cause))?;
        // What the environment says of the service wins over its own name.
        let of_attribute =
            |pair: &str| pair.split('=').next().is_some_and(|key| key.trim() == "service.name");
        let is_named = variable("OTEL_SERVICE_NAME").is_some()
            || variable("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|pairs| pairs.split(',').any(of_attribute));
        let resource = Resource::builder();
        let resource = if is_named { resource } else { resource.with_service_name(service.to_owned()) };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Self(provider)))
    }

    /// What turns spans and their events into traces.
    pub(super) fn layer<S: Subscriber + for<'span> LookupSpan<'span>>(&self) -> impl Layer<S> + use<S> {
        // Sending makes no spans of its own, or each would be sent by another.
        let is_foreign = |target: &str| {
            ["hyper", "h2", "tower", "opentelemetry", "rustls"].iter().any(|name| target.starts_with(name))
        };
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("rest-standard"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(FilterFn::new(move |line| {
                *line.level() <= LevelFilter::INFO && !is_foreign(line.target())
            }))
    }

    /// Sends what is left.
    pub(super) async fn end(self) {
        // It waits for the client, which needs the runtime's threads.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(FAREWELL)).await;
        if let Ok(Err(cause)) = ended {
            tracing::warn!("the last traces were not sent: {cause}");
        }
    }
}

/// What a variable says; one that is empty says nothing, as OpenTelemetry has it.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    Some(value.to_string_lossy().into_owned())
}

/// Refuses what the environment asks for and does not get; the library would do something else in silence.
fn check_variables() -> Result<()> {
    // What is said of traces wins over what is said of all that a program sends.
    let protocols = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
    let protocol = protocols.into_iter().find_map(|name| variable(name).map(|protocol| (name, protocol)));
    if let Some((name, protocol)) = protocol.filter(|(_, protocol)| protocol != PROTOCOL) {
        return Err(start_error(format!("{name} is `{protocol}`; traces are sent as `{PROTOCOL}` only")));
    }
    let Some(sampler) = variable("OTEL_TRACES_SAMPLER") else { return Ok(()) };
    if !SAMPLERS.contains(&&*sampler) {
        let known = SAMPLERS.join("`, `");
        return Err(start_error(format!("OTEL_TRACES_SAMPLER is `{sampler}`; it must be one of `{known}`")));
    }
    if sampler.ends_with("traceidratio")
        && let Some(ratio) = variable("OTEL_TRACES_SAMPLER_ARG")
        && !ratio.parse::<f64>().is_ok_and(|ratio| (0.0..=1.0).contains(&ratio))
    {
        return Err(start_error(format!(
            "OTEL_TRACES_SAMPLER_ARG is `{ratio}`; it must be a number from 0 to 1, the part of the traces that are kept"
        )));
    }
    Ok(())
}

/// Where traces go: where the flag says, or else the variables of OpenTelemetry; nowhere when none of them does. The second
/// variable is an address that others are below (OTLP 1.0, "Endpoint URLs for OTLP/HTTP"), and so is the flag.
fn endpoint(flag: Option<&Uri>) -> Result<Option<Uri>> {
    let of_variable = |name: &str| -> Result<Option<Uri>> {
        let Some(text) = variable(name) else { return Ok(None) };
        let parsed = address::collector(&text);
        // A start's error goes where the log goes, a secret must not.
        let shown = address::shown_collector(&text);
        parsed.map(Some).map_err(|reason| start_error(format!("{name} is `{shown}`: {reason}")))
    };
    let below = |uri: &Uri| {
        let address = format!("{}/v1/traces", uri.to_string().trim_end_matches('/'));
        address.parse().map_err(|_| start_error(format!("`{address}` is no URL")))
    };
    if let Some(uri) = flag {
        return below(uri).map(Some);
    }
    if let Some(uri) = of_variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")? {
        return Ok(Some(uri));
    }
    of_variable("OTEL_EXPORTER_OTLP_ENDPOINT")?.as_ref().map(below).transpose()
}

/// The HTTP client of the exporter, whose thread is none of the runtime's.
#[derive(Debug)]
struct Collector {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
    endpoint: Uri,
    is_failing: AtomicBool,
}

impl Collector {
    fn new(endpoint: Uri) -> std::io::Result<Self> {
        let provider = rustls::crypto::ring::default_provider();
        let connector = if endpoint.scheme() == Some(&Scheme::HTTPS) {
            HttpsConnectorBuilder::new().with_provider_and_native_roots(provider)?
        } else {
            // No certificate is looked at, and a small container has none.
            let config = ClientConfig::builder_with_provider(Arc::new(provider))
                .with_safe_default_protocol_versions()
                .map_err(std::io::Error::other)?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth();
            HttpsConnectorBuilder::new().with_tls_config(config)
        };
        let connector = connector.https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, runtime: Handle::current(), endpoint, is_failing: AtomicBool::new(false) })
    }

    /// Says once that traces are lost, and once that they are no longer.
    fn tell(&self, outcome: Result<(), &dyn std::fmt::Display>) {
        let endpoint = &self.endpoint;
        match outcome {
            Ok(()) if self.is_failing.swap(false, Ordering::Relaxed) => {
                tracing::info!("traces are taken again at {endpoint}");
            }
            Err(cause) if !self.is_failing.swap(true, Ordering::Relaxed) => {
                let hint = if endpoint.port_u16() == Some(GRPC_PORT) {
                    "; port 4317 is usually for OTLP over gRPC, and traces go over HTTP, usually to port 4318"
                } else {
                    ""
                };
                tracing::warn!("traces are lost, as {endpoint} does not take them: {cause}{hint}");
            }
            _ => {}
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // The exporter's thread has no runtime, which connections and timers need.
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let answer = async {
                let (parts, body) = client.request(request.map(Full::new)).await?.into_parts();
                let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
                Ok::<_, HttpError>(Response::from_parts(parts, body))
            };
            tokio::time::timeout(PATIENCE, answer).await
        });
        let outcome = sent.await.map_err(HttpError::from).and_then(|sent| {
            sent.map_err(|_| HttpError::from(format!("no answer within {} s", PATIENCE.as_secs())))
        });
        let outcome = outcome.flatten();
        match &outcome {
            Ok(response) if response.status().is_success() => self.tell(Ok(())),
            Ok(response) => self.tell(Err(&response.status())),
            Err(cause) => self.tell(Err(&Causes(&**cause))),
        }
        outcome
    }
}

/// An error with what caused it: a client's own text says only that it could not connect.
struct Causes<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(below) = cause {
            write!(f, ": {below}")?;
            cause = below.source();
        }
        Ok(())
    }
}
