//! From a request to its answer: what is judged before any operation, which operation answers, and how long it may take.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use http::{
    HeaderMap, Method, StatusCode,
    header::{HOST, HeaderName, ORIGIN, UPGRADE},
};
use serde_json::Value as Json;
use tracing::Instrument as _;

use super::{
    Api, Request, Response, Upload, batch_method,
    call::{Call, Conditions},
    create, custom, delete, describe,
    documents::Kind,
    exchange::{self, ClientId},
    export, import, list, negotiate, read,
    route::{self, Found, Route, Target},
    run, undelete, update,
    write::{self, Job, Operation},
};
use crate::{
    context::Caller,
    descriptor::{BatchMethod, UNDELETE, Verb},
    document::{self, Content, Data, ErrorFormat, Exchange, Outcome, Site, render},
    error::{Error, Fault, Reason, Result},
    json,
    query::{Format, Holds, Parameters, Standard, parse},
    store::Origin,
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A refusal and the `Allow` header that some refusals carry.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: Error,
    pub(super) allow: Option<String>,
    /// The status of an author's own route, where it is not the reason's.
    pub(super) status: Option<StatusCode>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, allow: None, status: None }
    }
}

impl Api {
    /// How long a request waits for another one before it gives up: a little less than it may take at all.
    pub(super) fn patience(&self) -> Duration {
        self.settings.limits.time.mul_f32(0.9)
    }

    /// Whether the body of a request is to be read line by line, so that it can be larger than others.
    pub(crate) fn takes_lines(&self, request: &Request) -> bool {
        // Most requests are told apart without a look at the tree; a name may be percent-encoded.
        let can_be =
            request.method == Method::POST && (request.path.contains("import") || request.path.contains('%'));
        can_be
            && matches!(
                route::resolve(self, &request.path).1,
                Ok(Found { route: Route::Node(Target { verb: Some(Verb::Import), .. }), .. })
            )
    }

    /// Answers a request; every outcome is a response. `upload` is a body that is read line by line.
    pub async fn answer(self: &Arc<Self>, request: &Request, upload: Option<Upload>) -> Response {
        let begun = exchange::begin(self, request);
        let trace = begun.0.trace.clone();
        self.answer_begun(request, upload, begun).instrument(trace).await
    }

    async fn answer_begun(
        self: &Arc<Self>,
        request: &Request,
        upload: Option<Upload>,
        (mut exchange, client_id, host): exchange::Begun,
    ) -> Response {
        let (versioned, found) = route::resolve(self, &request.path);
        if versioned {
            exchange.version.clone_from(&self.version_header);
        }
        let body = (!request.body.is_empty()).then(|| json::parse(&request.body, self.settings.limits.depth));
        if let Some(Ok(json)) = &body {
            exchange.body = exchange::echo(self, &request.body, json);
        }
        let Found { route, mut faults } = match found {
            Ok(found) => found,
            Err(error) => return self.respond(&exchange, Err(host.err().unwrap_or(error).into())),
        };
        exchange.route = self.addresses.as_ref().map(|addresses| addresses.of(&route));
        // A probe of the platform names the host by its address, so these answer for any host.
        if let Route::Ping | Route::Live | Route::Ready = route {
            let result = self.guarded(self.probe(request, &mut exchange, client_id, &route)).await;
            return self.respond(&exchange, result);
        }
        if let Err(error) = host {
            return self.respond(&exchange, Err(error.into()));
        }
        let (target, document) = match route {
            Route::Node(target) => (Some(target), None),
            Route::Document => (None, Some(Kind::OpenApi)),
            Route::Page => (None, Some(Kind::Page)),
            _ => (None, None),
        };
        if let Err(refusal) = self.check_method(request, target.as_ref()) {
            return self.respond(&exchange, Err(refusal));
        }
        let has_client_id = match client_id {
            ClientId::Refused(error) => return self.respond(&exchange, Err(error.into())),
            ClientId::Valid => true,
            ClientId::Absent => false,
        };
        if let Err(error) = self.check_origin(request) {
            return self.respond(&exchange, Err(error.into()));
        }
        if !request.body.is_empty() && !takes_body(&request.method) {
            let detail = format!("is sent where none is taken: {} has no body", request.method);
            faults.push(Fault::pointer(Reason::MalformedRequest, "", detail));
        }
        let conditions = Conditions::parse(&request.headers, &mut faults);
        if let Some(kind) = document {
            let answer = self.answer_document(request, &mut exchange, &conditions, faults, kind);
            return self.respond(&exchange, answer);
        }
        let Some(target) = target else { return self.answer_root(request, exchange, faults) };
        let call = Call {
            api: self.clone(),
            exchange: Arc::new(exchange),
            target,
            caller: Caller::anonymous(),
            parameters: Parameters::default(),
            conditions,
            faults,
            holds: Holds::Other,
            query: request.query.clone(),
        };
        match upload {
            // What few requests need must not make the future of all larger, which is moved as a whole.
            Some(upload) => Box::pin(self.import(call, request, upload, has_client_id)).await,
            None => {
                let origin = Origin::new(&call.exchange.id, self.settings.limits.time);
                origin.during(pin!(self.dispatch(call, request, body, has_client_id))).await
            }
        }
    }

    async fn import(
        &self,
        mut call: Call,
        request: &Request,
        upload: Upload,
        has_client_id: bool,
    ) -> Response {
        let prepared = import::prepare(&mut call, &request.headers);
        let exchange = call.exchange.clone();
        let work = async {
            prepared?;
            import::import(call, request, upload, has_client_id).await
        };
        let result = self.caught(work).await;
        self.respond(&exchange, result.map_err(Refusal::from))
    }

    async fn probe(
        &self,
        request: &Request,
        exchange: &mut Exchange,
        client_id: ClientId,
        route: &Route,
    ) -> Result<(Outcome, Data), Refusal> {
        self.check_method(request, None)?;
        if let ClientId::Refused(error) = client_id {
            return Err(error.into());
        }
        let mut faults = Vec::new();
        let parameters = parse(&request.query, &Standard::COMMON, None, Holds::Other, &mut faults);
        negotiate::settle(exchange, parameters.format, Holds::Other, &mut faults);
        let validated = parameters.validate;
        if !faults.is_empty() {
            return Err(Error::from_faults(faults).into());
        }
        // A probe that takes nothing of what there is still learns what it asks.
        if request.method == Method::OPTIONS {
            return Ok(describe::options_of(describe::allowed(self, None)));
        }
        match route {
            Route::Ready => describe::ready(self, validated).await,
            Route::Live => Ok(describe::alive("The service is alive.", validated)),
            _ => Ok(describe::alive("The service answers.", validated)),
        }
    }

    fn check_method(&self, request: &Request, target: Option<&Target>) -> Result<(), Refusal> {
        if describe::allowed(self, target).any(|method| method == request.method.as_str()) {
            return Ok(());
        }
        let allow = describe::allowed(self, target).collect::<Vec<_>>().join(", ");
        let description = format!("This address does not have the method; it has {allow}.");
        Err(Refusal {
            error: Error::new(Reason::MethodNotAllowed, description),
            allow: Some(allow),
            status: None,
        })
    }

    fn answer_root(&self, request: &Request, mut exchange: Exchange, mut faults: Vec<Fault>) -> Response {
        let parameters = parse(&request.query, &Standard::COMMON, None, Holds::Other, &mut faults);
        negotiate::settle(&mut exchange, parameters.format, Holds::Other, &mut faults);
        if !faults.is_empty() {
            return self.respond(&exchange, Err(Error::from_faults(faults).into()));
        }
        if let Err(error) = negotiate::check(&exchange, Holds::Other) {
            return self.respond(&exchange, Err(error.into()));
        }
        let answer = if request.method == Method::OPTIONS {
            describe::options_of(describe::allowed(self, None))
        } else {
            describe::root(
                Site { tree: &self.tree, root: &exchange.root },
                self.settings.docs,
                parameters.validate,
            )
        };
        self.respond(&exchange, Ok(answer))
    }

    async fn dispatch(
        &self,
        mut call: Call,
        request: &Request,
        body: Option<Result<Json, Fault>>,
        has_client_id: bool,
    ) -> Response {
        let verb = call.target.verb;
        let reads = request.method == Method::GET || request.method == Method::HEAD;
        let result = match (&request.method, verb) {
            (&Method::OPTIONS, _) => describe::options(&mut call),
            (_, Some(Verb::Export)) => self.caught(Box::pin(export::export(&mut call))).await,
            (_, None) if reads && call.target.is_collection => {
                self.guarded(pin!(list::list(&mut call))).await
            }
            (_, None) if reads => self.guarded(pin!(read::read(&mut call))).await,
            _ => {
                let fingerprint = write::fingerprint(request, body.as_ref());
                let body = if takes_body(&request.method) { body } else { None };
                let read_only = verb.is_some_and(Verb::is_read_only);
                let prepared = prepare(&mut call, request, body).map_err(|error| call.weigh(error));
                match prepared {
                    Ok((operation, method)) => {
                        let job = Job { call, operation, method, has_client_id, read_only, fingerprint };
                        return run::run(job).await;
                    }
                    // The id of a request is judged before anything else that is wrong with it.
                    Err(error) if has_client_id && !read_only && !call.parameters.validate => {
                        self.guarded(async { Ok(write::recorded(&call, fingerprint).await?.ok_or(error)?) })
                            .await
                    }
                    Err(error) => Err(error.into()),
                }
            }
        };
        self.respond(&call.exchange, result)
    }

    /// Refuses a write that a page of another origin sends, and a connection that it takes over: no browser asks before it
    /// opens a WebSocket.
    pub(super) fn check_origin(&self, request: &Request) -> Result<()> {
        let reads = is_safe(&request.method) && !request.headers.contains_key(UPGRADE);
        if reads || !self.is_cross_origin(&request.headers) {
            return Ok(());
        }
        let text = "The request comes from a web page of another origin, which may not write here.";
        Err(Error::permission_denied(text))
    }

    /// Whether a browser says that a page of another origin sent the request. Other clients send neither header.
    ///
    /// A page may send some requests without asking first (Fetch, "no-cors"), also to a service on this machine's own
    /// loopback address; that it cannot read the answer helps nobody whose data it changed.
    fn is_cross_origin(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else {
            return headers
                .get(SEC_FETCH_SITE)
                .is_some_and(|site| site == "cross-site" || site == "same-site");
        };
        // The scheme may differ: a proxy in front may speak TLS.
        let authority =
            |url: &str| url.split_once("://").map(|(_, authority)| authority.to_ascii_lowercase());
        let Ok(origin) = origin.to_str() else { return true };
        if self.settings.allowed_origins.iter().any(|allowed| allowed == origin) {
            return false;
        }
        let Some(origin) = authority(origin) else { return true };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let mut own = self.settings.public_url.as_deref().and_then(authority).into_iter();
        let mut also = host.into_iter().chain(self.settings.allowed_hosts.iter().map(String::as_str));
        !own.any(|own| own == origin) && !also.any(|own| own.eq_ignore_ascii_case(&origin))
    }

    /// Ends what takes longer than it may, and turns a panic into an error.
    pub(super) async fn guarded<T, E: From<Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let limit = self.settings.limits.time;
        match tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(Error::from_panic(&*panic).into()),
            Err(_) => {
                let text = format!("The service did not answer within {} s.", limit.as_secs_f64());
                Err(Error::new(Reason::Timeout, text).into())
            }
        }
    }

    /// Turns a panic into an error; the work has a time limit of its own.
    async fn caught<T, E: From<Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let outcome = AssertUnwindSafe(work).catch_unwind().await;
        outcome.unwrap_or_else(|panic| Err(Error::from_panic(&*panic).into()))
    }

    /// The enveloped refusal of a request that did not reach an operation, such as one that is too large.
    pub fn refuse(&self, request: &Request, error: Error) -> Response {
        let (mut exchange, _, _) = exchange::begin(self, request);
        let (versioned, found) = route::resolve(self, &request.path);
        if versioned {
            exchange.version.clone_from(&self.version_header);
        }
        if let (Some(addresses), Ok(found)) = (&self.addresses, found) {
            exchange.route = Some(addresses.of(&found.route));
        }
        self.respond(&exchange, Err(error.into()))
    }

    pub(super) fn respond(&self, exchange: &Exchange, result: Result<(Outcome, Data), Refusal>) -> Response {
        let (is_page, (status, mut headers, mut body)) = match result {
            Ok((outcome, data)) => {
                if let Some(metrics) = self.metrics.as_ref().filter(|_| outcome.replayed) {
                    metrics.replayed();
                }
                let has_envelope = matches!(data, Data::Json(_) | Data::Enveloped(_) | Data::NotModified);
                (has_envelope && exchange.format == Format::Html, render(exchange, &outcome, data))
            }
            Err(refusal) => {
                log_refusal(exchange, &refusal.error);
                let error =
                    document::error(exchange, &refusal.error, refusal.allow.as_deref(), refusal.status);
                (exchange.error_format() == ErrorFormat::Html, error)
            }
        };
        if is_page && let Content::Whole(envelope) = &body {
            body = self.page(exchange, status, &mut headers, envelope).into();
        }
        let body = document::sent(exchange, &mut headers, body);
        exchange.answered(status);
        if let Some(metrics) = &self.metrics {
            metrics.answered(exchange, status);
        }
        Response { status, headers, body }
    }
}

fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

fn takes_body(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(method)
}

/// A fault of the service is logged with everything that the client is not told. That it has enough to do is none.
fn log_refusal(exchange: &Exchange, error: &Error) {
    if error.reason() == Reason::Unavailable && error.source().is_none() {
        tracing::warn!(
            request_id = exchange.id,
            server_request_id = exchange.server_id,
            trace_id = exchange.trace_id,
            uri = exchange.uri,
            "{}",
            error.description()
        );
    } else if error.reason().status() >= 500 {
        tracing::error!(
            request_id = exchange.id,
            server_request_id = exchange.server_id,
            trace_id = exchange.trace_id,
            uri = exchange.uri,
            reason = error.reason().name(),
            cause = error.source().map(tracing::field::display),
            "{}",
            error.description()
        );
    }
}

fn prepare(
    call: &mut Call,
    request: &Request,
    body: Option<Result<Json, Fault>>,
) -> Result<(Operation, &'static str)> {
    let headers = &request.headers;
    let is_get = request.method == Method::GET || request.method == Method::HEAD;
    match call.target.verb {
        Some(Verb::Custom(method))
            if method.verb == UNDELETE.verb && call.node().descriptor.soft_delete.is_some() =>
        {
            undelete::prepare(call, body)?;
            return Ok((Operation::Undelete, "Undelete"));
        }
        Some(Verb::Custom(method)) => {
            return Ok((
                Operation::Custom(custom::prepare(call, method, headers, body, is_get)?),
                method.verb,
            ));
        }
        Some(Verb::Batch(method)) => {
            let batch = batch_method::prepare(call, method, headers, body)?;
            // A change log says what happened to its resource, which is the same whether others were with it or not.
            let single = match method {
                BatchMethod::Create => "Create",
                BatchMethod::Get | BatchMethod::Update => "Update",
                BatchMethod::Delete => "Delete",
            };
            return Ok((Operation::Batch(batch), single));
        }
        // Both have ways of their own.
        Some(Verb::Export | Verb::Import) => {
            return Err(Error::internal("an export or import was prepared as a write"));
        }
        None => {}
    }
    Ok(match request.method {
        Method::POST => (Operation::Create(create::prepare(call, headers, body)?), "Create"),
        Method::PUT => (Operation::Update(update::prepare_replace(call, headers, body)?), "Update"),
        Method::PATCH => (Operation::Update(update::prepare_patch(call, headers, body)?), "Update"),
        _ => {
            delete::prepare(call)?;
            (Operation::Delete, "Delete")
        }
    })
}
