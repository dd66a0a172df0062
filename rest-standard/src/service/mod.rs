//! The operations of a service: from a request as plain data to a response as plain data.
//!
//! One file for each operation; none knows axum or SQL, and none is generic over the resource.

mod batch;
mod call;
mod create;
mod custom;
mod delete;
mod describe;
mod exchange;
mod gate;
mod json_patch;
mod list;
mod plan;
mod read;
mod route;
mod session;
mod update;
mod write;

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value as Json;
use tokio::task::JoinSet;

use self::{
    call::{Call, Conditions, accepts_json},
    exchange::ClientId,
    gate::Gate,
    route::{Route, Target},
    write::{Job, Operation},
};
use crate::{
    context::Caller,
    descriptor::{Descriptor, FieldDescriptor, FieldKind},
    document::{self, Data, Exchange, Outcome, Site, render},
    error::{Error, Fault, Reason, Result},
    json,
    query::{Parameters, Standard, parse},
    source::Source,
    store::{Count, Scan, Scope, Store},
    tree::Tree,
    value::Path,
};

/// What a service accepts at most, and what it does unless told otherwise.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest body in bytes: 1 MiB.
    pub body: usize,
    /// The deepest nesting of a JSON body: 64 levels.
    pub depth: usize,
    /// The longest path and query in bytes: 8 KiB.
    pub uri: usize,
    /// How long a body may take to arrive: 10 s; then 408.
    pub body_time: Duration,
    /// How long the service may take to answer: 30 s; then 504.
    pub time: Duration,
    /// The page size of a list when none is asked for: 50.
    pub page_default: u64,
    /// The largest page size; a larger one is lowered to it: 1000.
    pub page_max: u64,
    /// How far a list is counted when no exact count is asked for: 10,000.
    pub count: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            depth: 64,
            uri: 8 << 10,
            body_time: Duration::from_secs(10),
            time: Duration::from_secs(30),
            page_default: 50,
            page_max: 1000,
            count: 10_000,
        }
    }
}

/// How one version of an API is served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's name, kebab-case.
    pub name: String,
    /// The version's label, a path segment: `v1`.
    pub version: String,
    /// What all addresses start with, `/api`; empty for none.
    pub base_path: String,
    /// The scheme and authority that links start with, without a slash at the end; absent: the request's own host.
    pub public_url: Option<String>,
    /// Hosts beside loopback and the public URL's that a request may name.
    pub allowed_hosts: Vec<String>,
    /// What is accepted at most.
    pub limits: Limits,
}

/// A request as plain data.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as received, still percent-encoded.
    pub path: String,
    /// The query as received, without `?`; empty if none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// A response as plain data.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// The values that an author gave to `Service::state`, by type.
pub type States = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

/// A running API: the tree, the store and the settings that every operation reads.
pub struct Api {
    pub(crate) tree: Arc<Tree>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) settings: Settings,
    states: States,
    /// `/api/v1`
    root_path: String,
    version_header: Option<HeaderValue>,
    /// The key of page cursors.
    secret: [u8; 32],
    /// When the store was first started.
    created_at: Timestamp,
    /// The names of input-only fields, whose values are never repeated.
    secrets: HashSet<&'static str>,
    requests: Arc<Gate<(String, String)>>,
    rows: Arc<Gate<(usize, Path)>>,
    /// What authors asked to be run after their commits, as far as it still runs.
    actions: Mutex<JoinSet<()>>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A refusal and the `Allow` header that some refusals carry.
#[derive(Debug)]
struct Refusal {
    error: Error,
    allow: Option<String>,
    /// The status of an author's own route, where it is not the reason's.
    status: Option<StatusCode>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, allow: None, status: None }
    }
}

impl Api {
    /// Migrates the store to the tree and makes the API ready to answer.
    ///
    /// # Errors
    ///
    /// When the store's schema cannot be brought up to the tree.
    pub async fn start(
        tree: Arc<Tree>,
        store: Arc<dyn Store>,
        source: Arc<dyn Source>,
        settings: Settings,
        states: States,
    ) -> Result<Arc<Self>> {
        store.migrate(tree.clone(), source.now()).await?;
        let secrets = tree.nodes().iter().flat_map(|node| secret_names(node.descriptor)).collect();
        Ok(Arc::new(Self {
            root_path: format!("{}/{}", settings.base_path, settings.version),
            version_header: HeaderValue::from_str(&settings.version).ok(),
            secret: store.secret().await?,
            created_at: store.created_at().await?,
            secrets,
            tree,
            store,
            source,
            settings,
            states,
            requests: Arc::default(),
            rows: Arc::default(),
            actions: Mutex::default(),
        }))
    }

    /// Whether no collection at the API root has a resource.
    ///
    /// # Errors
    ///
    /// When the store cannot answer.
    pub async fn is_empty(&self) -> Result<bool> {
        for root in self.tree.roots().iter().filter(|root| self.tree.node(**root).id_kind().is_some()) {
            let scan = Scan {
                node: *root,
                scope: Scope::Below(Path::default()),
                equals: Vec::new(),
                order: Vec::new(),
                after: None,
                offset: 0,
                limit: 1,
                count: Count::None,
            };
            if !self.store.scan(&scan).await?.records.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How long a request waits for another one before it gives up: a little less than it may take at all.
    fn patience(&self) -> Duration {
        self.settings.limits.time.mul_f32(0.9)
    }

    /// Answers a request; every outcome is an enveloped response.
    pub async fn answer(self: &Arc<Self>, request: &Request) -> Response {
        let (mut exchange, client_id, host) = exchange::begin(self, request);
        let (versioned, found) = route::resolve(self, &request.path);
        if versioned {
            exchange.version.clone_from(&self.version_header);
        }
        exchange.vary = versioned && !found.as_ref().is_ok_and(|found| found.suffix);
        let body = (!request.body.is_empty()).then(|| json::parse(&request.body, self.settings.limits.depth));
        if let Some(Ok(json)) = &body {
            exchange.body = exchange::echo(self, &request.body, json);
        }
        let found = match found {
            Ok(found) => found,
            Err(error) => return self.respond(&exchange, Err(host.err().unwrap_or(error).into())),
        };
        let found_faults = found.faults;
        let route = match found.route {
            // A probe of the platform names the host by its address, so these answer for any host.
            Route::Ping | Route::Live | Route::Ready => {
                let result = self.probe(request, client_id, &found.route).await;
                return self.respond(&exchange, result);
            }
            route => route,
        };
        if let Err(error) = host {
            return self.respond(&exchange, Err(error.into()));
        }
        let target = match route {
            Route::Node(target) => Some(target),
            _ => None,
        };
        if let Err(refusal) = self.check_method(request, target.as_ref()) {
            return self.respond(&exchange, Err(refusal));
        }
        let has_client_id = match client_id {
            ClientId::Refused(error) => return self.respond(&exchange, Err(error.into())),
            ClientId::Valid => true,
            ClientId::Absent => false,
        };
        let mut faults = found_faults;
        let conditions = Conditions::parse(&request.headers, &mut faults);
        let Some(target) = target else { return self.answer_root(request, exchange, faults) };
        let call = Call {
            api: self.clone(),
            exchange,
            target,
            caller: Caller::anonymous(),
            parameters: Parameters::default(),
            conditions,
            faults,
            accepts_json: accepts_json(&request.headers),
            query: request.query.clone(),
        };
        self.dispatch(call, request, body, has_client_id).await
    }

    async fn probe(
        &self,
        request: &Request,
        client_id: ClientId,
        route: &Route,
    ) -> Result<(Outcome, Data), Refusal> {
        self.check_method(request, None)?;
        if let ClientId::Refused(error) = client_id {
            return Err(error.into());
        }
        let mut faults = Vec::new();
        let validated = parse(&request.query, &Standard::COMMON, None, false, &mut faults).validate;
        if !faults.is_empty() {
            return Err(Error::from_faults(faults).into());
        }
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
        let parameters = parse(&request.query, &Standard::COMMON, None, false, &mut faults);
        exchange.vary &= !parameters.format;
        if faults.is_empty() && exchange.vary && !accepts_json(&request.headers) {
            return self.respond(&exchange, Err(call::not_acceptable().into()));
        }
        if !faults.is_empty() {
            return self.respond(&exchange, Err(Error::from_faults(faults).into()));
        }
        let answer = if request.method == Method::OPTIONS {
            describe::options_of(describe::allowed(self, None))
        } else {
            describe::root(Site { tree: &self.tree, root: &exchange.root }, parameters.validate)
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
            (_, None) if reads && call.target.is_collection => list::list(&mut call).await,
            (_, None) if reads => read::read(&mut call).await,
            _ => {
                let fingerprint = write::fingerprint(
                    request.method.as_str(),
                    &request.path,
                    &request.query,
                    body.as_ref().and_then(|body| body.as_ref().ok()),
                );
                let body = if reads { None } else { body };
                let read_only = verb.is_some_and(|verb| verb.read_only);
                match prepare(&mut call, request, body) {
                    Ok((operation, method)) => {
                        return write::run(Job {
                            call,
                            operation,
                            method,
                            has_client_id,
                            read_only,
                            fingerprint,
                        })
                        .await;
                    }
                    // The id of a request is judged before anything else that is wrong with it.
                    Err(error) if has_client_id && !read_only && !call.parameters.validate => {
                        match write::recorded(&call, fingerprint).await {
                            Ok(Some(answer)) => Ok(answer),
                            Ok(None) => Err(error.into()),
                            Err(error) => Err(error.into()),
                        }
                    }
                    Err(error) => Err(error.into()),
                }
            }
        };
        self.respond(&call.exchange, result)
    }

    /// The enveloped refusal of a request that did not reach an operation (too large, too slow, a panic).
    pub fn refuse(&self, request: &Request, error: Error) -> Response {
        let (mut exchange, _, _) = exchange::begin(self, request);
        if route::resolve(self, &request.path).0 {
            exchange.version.clone_from(&self.version_header);
        }
        self.respond(&exchange, Err(error.into()))
    }

    /// The enveloped refusal by an author's own route, whose status stands.
    pub(crate) fn refuse_as(&self, request: &Request, error: Error, status: StatusCode) -> Response {
        let (exchange, _, _) = exchange::begin(self, request);
        self.respond(&exchange, Err(Refusal { error, allow: None, status: Some(status) }))
    }

    fn respond(&self, exchange: &Exchange, result: Result<(Outcome, Data), Refusal>) -> Response {
        let (status, headers, body) = match result {
            Ok((outcome, data)) => render(exchange, &outcome, &data),
            Err(refusal) => {
                log_refusal(exchange, &refusal.error);
                document::error(exchange, &refusal.error, refusal.allow.as_deref(), refusal.status)
            }
        };
        tracing::debug!(
            request_id = exchange.id,
            server_request_id = exchange.server_id,
            trace_id = exchange.trace_id,
            uri = exchange.uri,
            status = status.as_u16(),
            "answered"
        );
        Response { status, headers, body }
    }
}

/// A fault of the service is logged with everything that the client is not told.
fn log_refusal(exchange: &Exchange, error: &Error) {
    if error.reason().status() >= 500 {
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
    if let Some(verb) = call.target.verb {
        return Ok((Operation::Custom(custom::prepare(call, verb, headers, body, is_get)?), verb.verb));
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

/// The names of all input-only members of a resource, its nested objects and its methods' bodies.
fn secret_names(descriptor: &'static Descriptor) -> Vec<&'static str> {
    fn of_kind(kind: FieldKind, level: usize, names: &mut Vec<&'static str>) {
        match kind {
            FieldKind::Object(nested) => of_fields(nested.fields, level + 1, names),
            FieldKind::List(element) | FieldKind::Map(element) => of_kind(element.kind, level + 1, names),
            _ => {}
        }
    }
    fn of_fields(fields: &'static [FieldDescriptor], level: usize, names: &mut Vec<&'static str>) {
        // A struct that contains itself through a list has no end.
        if level > 16 {
            return;
        }
        for field in fields {
            if field.input_only {
                names.push(field.name);
            }
            of_kind(field.kind, level, names);
        }
    }
    let mut names = Vec::new();
    of_fields(descriptor.fields, 0, &mut names);
    for input in descriptor.custom_methods.iter().filter_map(|method| method.input) {
        of_fields(input.fields, 0, &mut names);
    }
    names
}
