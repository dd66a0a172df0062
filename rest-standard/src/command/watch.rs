//! How a service is watched from its first moment to its last: log lines on standard error, and traces where they are asked for.

use std::{backtrace::BacktraceStatus, io::IsTerminal as _};

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, fmt, layer::SubscriberExt as _, registry, registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use super::arguments::{LogFormat, Serve};
#[cfg(feature = "otlp")]
use super::{start::start_error, traces::Traces};
use crate::error::Result;

/// What is sent for as long as a service runs.
#[derive(Debug)]
pub(super) struct Watch {
    #[cfg(feature = "otlp")]
    traces: Option<Traces>,
}

impl Watch {
    /// Begins, unless the author has installed a subscriber, which is then told of everything.
    #[cfg_attr(not(feature = "otlp"), expect(unused_variables, clippy::unnecessary_wraps))]
    pub(super) fn begin(flags: &Serve, service: &str) -> Result<Self> {
        #[cfg(feature = "otlp")]
        if let Some(traces) = Traces::start(flags.otlp_endpoint.as_ref(), service)? {
            // A line may be for a trace although nobody logs it, so the filter is that of the log alone.
            let log = lines(flags.log_format).with_filter(filter(&flags.log));
            if registry().with(log).with(traces.layer()).try_init().is_err() {
                return Err(start_error(
                    "the program has a subscriber of its own, which gets what a collector would; add a layer of \
                     `tracing-opentelemetry` to that one, and leave --otlp-endpoint and the variables of OTLP out",
                ));
            }
            log_panics();
            return Ok(Self { traces: Some(traces) });
        }
        if registry().with(filter(&flags.log)).with(lines(flags.log_format)).try_init().is_ok() {
            log_panics();
        }
        Ok(Self {
            #[cfg(feature = "otlp")]
            traces: None,
        })
    }

    /// Whether somebody collects traces.
    #[cfg_attr(not(feature = "otlp"), expect(clippy::unused_self))]
    pub(super) fn has_traces(&self) -> bool {
        #[cfg(feature = "otlp")]
        return self.traces.is_some();
        #[cfg(not(feature = "otlp"))]
        false
    }

    /// Sends what is left.
    #[cfg_attr(not(feature = "otlp"), expect(clippy::unused_async))]
    pub(super) async fn end(self) {
        #[cfg(feature = "otlp")]
        if let Some(traces) = self.traces {
            traces.end().await;
        }
    }
}

/// What the flag says is logged; it was checked when it was read.
fn filter(text: &str) -> EnvFilter {
    EnvFilter::try_new(text).unwrap_or_default()
}

/// Log lines on standard error.
fn lines<S: Subscriber + for<'span> LookupSpan<'span>>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync> {
    let lines = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    }
}

/// A panic is a log line like others, with its backtrace where one is asked for.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = std::backtrace::Backtrace::capture();
        match backtrace.status() {
            BacktraceStatus::Captured => tracing::error!(%backtrace, "{panic}"),
            _ => tracing::error!("{panic}"),
        }
    }));
}
