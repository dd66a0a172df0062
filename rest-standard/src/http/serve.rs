//! Connections: accepting them, the protocol's limits, and an end that loses no answer.

use std::{
    convert::Infallible,
    pin::{Pin, pin},
    time::Duration,
};

use axum::body::Body;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::Instant,
};
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt as _;

use super::{Handler, handler::close};

/// How long a request's headers may take to arrive, and a connection may wait for its next request.
const HEADER_TIME: Duration = Duration::from_secs(30);
/// The largest header section, the request line included.
const HEADER_SIZE: usize = 64 << 10;
/// How long a client may take nothing of its answer.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// How much is read, and for how long, of a request that could not be understood.
const LINGER_SIZE: u64 = 1 << 20;
const LINGER_TIME: Duration = Duration::from_secs(1);
/// How long to wait after a failed accept, which means that the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What is served.
#[derive(Clone, Debug)]
pub(crate) enum App {
    /// The API alone, without axum in between.
    Api(Handler),
    /// The API with what stands around it: the author's own routes, headers for pages of other origins.
    Router(Handler, axum::Router),
}

impl App {
    fn handler(&self) -> &Handler {
        let (Self::Api(handler) | Self::Router(handler, _)) = self;
        handler
    }
}

/// How long the end of a service may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draining {
    /// How long idle connections stay open, so that requests on their way are refused and not cut off.
    pub(crate) idle: Duration,
    /// How long requests under way may take, counted from the start.
    pub(crate) busy: Duration,
}

impl Default for Draining {
    fn default() -> Self {
        Self { idle: Duration::from_millis(500), busy: Duration::from_secs(10) }
    }
}

/// Serves `app` until `end` is ready; then requests under way are finished, and new ones refused with 503.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    end: impl Future<Output = ()>,
    draining: Draining,
) {
    let (closing, _) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut end = pin!(end);
    loop {
        tokio::select! {
            biased;
            () = &mut end => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, app.clone(), closing.subscribe()));
                }
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    app.handler().drain();
    let start = Instant::now();
    wait(&mut connections, start + draining.idle).await;
    closing.send_replace(true);
    wait(&mut connections, start + draining.busy).await;
    if !connections.is_empty() {
        tracing::warn!(connections = connections.len(), "requests were still under way at the end");
    }
    connections.shutdown().await;
}

async fn wait(connections: &mut JoinSet<()>, until: Instant) {
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout_at(until, all).await;
}

/// Whether an error of accept is about that one connection, which was gone before it was accepted.
fn is_connection_error(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(stream: TcpStream, app: App, closing: watch::Receiver<bool>) {
    // Answers are written in one piece, so waiting for more to send only adds time.
    let _ = stream.set_nodelay(true);
    match app {
        App::Api(handler) => {
            let service = service_fn(move |request: http::Request<Incoming>| {
                let handler = handler.clone();
                async move { Ok::<_, Infallible>(handler.handle(request).await) }
            });
            drive(stream, service, WRITE_TIME, closing).await;
        }
        App::Router(handler, router) => {
            let service = service_fn(move |request: http::Request<Incoming>| {
                let (handler, router) = (handler.clone(), router.clone());
                async move { Ok::<_, Infallible>(route(handler, router, request).await) }
            });
            drive(stream, service, WRITE_TIME, closing).await;
        }
    }
}

async fn route(
    handler: Handler,
    router: axum::Router,
    request: http::Request<Incoming>,
) -> axum::response::Response {
    let Ok(mut response) = router.oneshot(request.map(Body::new)).await;
    if handler.is_draining() {
        close(response.headers_mut());
    }
    response
}

async fn drive<S, B>(stream: TcpStream, service: S, write_time: Duration, mut closing: watch::Receiver<bool>)
where
    S: hyper::service::Service<http::Request<Incoming>, Response = http::Response<B>, Error = Infallible>,
    B: hyper::body::Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut stream = TimeoutWriter::new(stream);
    // The clock starts when the system takes no more, so an answer that it takes at once costs no timer.
    stream.set_timeout(Some(write_time));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_header_size(HEADER_SIZE)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .with_upgrades();
    let mut serving = Pin::new(&mut connection);
    let result = tokio::select! {
        biased;
        result = serving.as_mut() => result,
        () = async { drop(closing.wait_for(|closing| *closing).await) } => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
        if error.is_parse()
            && let Some(parts) = connection.into_parts()
        {
            let _ = tokio::time::timeout(LINGER_TIME, linger(parts.io.into_inner())).await;
        }
    }
}

/// Reads what the client still sends after it was told that its request is malformed: closing a socket with unread data
/// makes the system throw the answer away.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let _ = stream.shutdown().await;
    let mut rest = (&mut stream).take(LINGER_SIZE);
    let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
}

#[cfg(test)]
mod tests;
