//! The builder of a service, and the command line that every service has.
//!
//! [`Service`] collects what the author declares; `arguments` reads flags and environment; `start` brings the two together
//! and opens the store; `run` listens. Nothing here knows HTTP beyond the router that it hands out.

mod address;
mod arguments;
mod background;
mod database;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod import;
mod lint;
mod routes;
mod run;
mod start;
#[cfg(feature = "otlp")]
mod traces;
mod watch;

use std::{
    any::{Any, TypeId},
    sync::Arc,
    time::Duration,
};

pub use address::Database;
pub(crate) use start::{Running, Stored, start_message};

use crate::{
    context::Context,
    descriptor::Descriptor,
    error::Result,
    openapi::{Contact, License},
    resource::{Resource, Root},
    service::{Limits, Profile, Seed, States},
    source::Source,
    store::Store,
};

use arguments::AuthorArguments;

/// The resources of one version of an API, in the order in which links and documents show them.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    descriptors: Vec<&'static Descriptor>,
}

impl Resources {
    /// Adds a resource; its parent may come before or after it.
    #[must_use]
    pub fn resource<T: Resource>(mut self) -> Self {
        self.descriptors.push(T::DESCRIPTOR);
        self
    }
}

/// How a service is put together and run.
///
/// Every setting has a default, and most have a flag that wins over it, so the shortest service is a name, a version and
/// [`run`](Self::run). Mistakes in a declaration are reported together when the service starts.
///
/// # Examples
///
/// ```no_run
/// # use rest_standard::{command::Service, error::Result};
/// #[tokio::main]
/// async fn main() -> Result<()> {
///     Service::new("device-registry").version("v1", |api| api).run().await
/// }
/// ```
#[must_use = "a service does nothing until it runs"]
pub struct Service {
    name: String,
    versions: Vec<(String, Resources)>,
    settings: Defaults,
    states: States,
    arguments: Option<AuthorArguments>,
    seed: Option<Seed>,
    merged: Option<axum::Router>,
    source: Option<Arc<dyn Source>>,
    store: Option<Arc<dyn Store>>,
    profile: Profile,
}

/// What the author sets and a flag may change.
#[derive(Clone, Debug, Default)]
struct Defaults {
    database: Option<String>,
    base_path: Option<String>,
    public_url: Option<String>,
    allowed_hosts: Vec<String>,
    allowed_origins: Vec<String>,
    limits: Limits,
    no_migrate: bool,
    no_docs: bool,
    no_compression: bool,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name)
            .field("versions", &self.versions)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// A service called `name`, in kebab-case: it names the program in `--help`, the environment variables of the flags
    /// (`DEVICE_REGISTRY_LISTEN`) and the default database.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            versions: Vec::new(),
            settings: Defaults::default(),
            states: States::new(),
            arguments: None,
            seed: None,
            merged: None,
            source: None,
            store: None,
            profile: Profile::default(),
        }
    }

    /// Adds a version with its resources: `.version("v1", |api| api.resource::<Device>())`.
    ///
    /// The label is `v1`, `v2` and so on, or a date. This release serves one version; a second stops the start.
    pub fn version(mut self, label: impl Into<String>, declare: impl FnOnce(Resources) -> Resources) -> Self {
        self.versions.push((label.into(), declare(Resources::default())));
        self
    }

    /// The service's name for people, in the documentation; without it the name in words: `Device registry`.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.profile.title = Some(title.into());
        self
    }

    /// What the service is for, in Markdown, at the head of the documentation.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.profile.description = text.into();
        self
    }

    /// Whom consumers ask: a person's or team's name with an e-mail address or a URL.
    pub fn contact(mut self, name: impl Into<String>, address: impl Into<String>) -> Self {
        self.profile.contact = Some(Contact { name: name.into(), address: address.into() });
        self
    }

    /// Under which terms the service can be used: a licence by its SPDX identifier, such as `Apache-2.0`.
    pub fn license(mut self, identifier: impl Into<String>) -> Self {
        let identifier = identifier.into();
        self.profile.license = Some(License { name: identifier.clone(), identifier: Some(identifier) });
        self
    }

    /// Whether there is a documentation page at `/docs`, unless a flag says otherwise: there is. Without it there is neither
    /// address nor link; the OpenAPI document stays.
    pub fn docs(mut self, docs: bool) -> Self {
        self.settings.no_docs = !docs;
        self
    }

    /// Whether a start brings the database up to the declared resources, where that only adds, unless a flag says otherwise: it
    /// does. Without it a start is refused that would have to, and `migrate apply` does it.
    pub fn migrate_at_start(mut self, migrate: bool) -> Self {
        self.settings.no_migrate = !migrate;
        self
    }

    /// Whether answers of 1 KiB and more are compressed, by gzip or Brotli, for clients whose `Accept-Encoding` takes that,
    /// unless a flag says otherwise: they are. Merged routes answer as their author made them.
    pub fn compression(mut self, compression: bool) -> Self {
        self.settings.no_compression = !compression;
        self
    }

    /// Gives a value to custom methods and rules, which find it by its type with [`Context::state`].
    ///
    /// A second value of the same type replaces the first.
    pub fn state<S: Send + Sync + 'static>(mut self, value: S) -> Self {
        self.states.insert(TypeId::of::<S>(), Arc::new(value));
        self
    }

    /// Adds the author's own flags to `serve`; the parsed value is there as [`Context::state::<A>`](Context::state).
    ///
    /// Each flag has an environment variable as the framework's own have. A router without a command line has the
    /// defaults of the flags, unless [`state`](Self::state) gave a value of this type.
    pub fn args<A: clap::Args + Send + Sync + 'static>(mut self) -> Self {
        self.arguments = Some(AuthorArguments::of::<A>());
        self
    }

    /// Runs `seed` when the store has no resource at all: one atomic commit, before anything is listened to.
    ///
    /// # Examples
    ///
    /// ```
    /// # use rest_standard::{command::Service, context::Context, error::Result, resource::Root};
    /// async fn seed(cx: Context<Root>) -> Result<()> {
    ///     // cx.put(&cx.key::<DeviceType>(["house-alarm".into()]), &DeviceType { … }).await
    ///     # drop(cx); Ok(())
    /// }
    /// let service = Service::new("device-registry").on_empty(seed);
    /// # drop(service);
    /// ```
    pub fn on_empty<F, Done>(mut self, seed: F) -> Self
    where
        F: FnOnce(Context<Root>) -> Done + Send + 'static,
        Done: Future<Output = Result<()>> + Send + 'static,
    {
        self.seed = Some(Box::new(move |cx| Box::pin(seed(cx))));
        self
    }

    /// Adds the author's own routes, which win over the API's addresses.
    ///
    /// Their answers stay as they are. An error without content or with mere text, and a panic, gets the envelope; a
    /// handler may return [`Error`](crate::error::Error) and have all of its faults in it. A status that the contract does
    /// not have becomes 400 or 500. Of an error's text nothing reaches the client, since it may be a library's: it is in
    /// the log.
    ///
    /// # Panics
    ///
    /// When the service starts, if the router has a fallback: the API is the fallback. When two merged routers have the
    /// same route.
    pub fn merge(mut self, routes: axum::Router) -> Self {
        self.merged = Some(match self.merged {
            Some(merged) => merged.merge(routes),
            None => routes,
        });
        self
    }

    /// Takes time and randomness from `source`, so that a test can repeat every answer.
    pub fn source(mut self, source: Arc<dyn Source>) -> Self {
        self.source = Some(source);
        self
    }

    /// Keeps the resources in a store of the author's own; `--database` is then refused.
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// The database unless a flag names one: `sqlite:PATH`, `memory`, or with the feature `postgres` `postgres://USER@HOST/DATABASE`. Without this it is `sqlite:NAME.db` in the working
    /// directory (`memory` in a build without SQLite).
    pub fn default_database(mut self, database: impl Into<String>) -> Self {
        self.settings.database = Some(database.into());
        self
    }

    /// What every address starts with, unless a flag says otherwise: `/api`; empty for nothing.
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.settings.base_path = Some(path.into());
        self
    }

    /// The scheme and host that links start with, unless a flag says otherwise: `https://devices.example.com`.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.settings.public_url = Some(url.into());
        self
    }

    /// Allows requests to name this host, beside loopback and the public URL's.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.settings.allowed_hosts.push(host.into());
        self
    }

    /// Allows pages of this origin to read and write: `https://app.example.com`. Without it no page of another origin can.
    ///
    /// An origin is a scheme, a host and a port where it is not the scheme's own; there is no wildcard.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.settings.allowed_origins.push(origin.into());
        self
    }

    /// What is accepted at most, unless flags say otherwise.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// The longest time that one answer may take, unless a flag says otherwise: 30 s.
    pub fn request_timeout(mut self, limit: Duration) -> Self {
        self.settings.limits.time = limit;
        self
    }

    fn insert_state(&mut self, ty: TypeId, value: Arc<dyn Any + Send + Sync>) {
        self.states.insert(ty, value);
    }
}
