//! From a declaration and settings to a running API: every mistake is found here, before anything is answered.

use std::sync::Arc;

use super::{Database, Service, address, arguments::Durability, background};
use crate::{
    error::{Error, Reason, Result},
    http::{App, Handler, router},
    json, openapi,
    service::{Api, Limits, Settings},
    source::{Source as _, System},
    store::{Store, memory::MemoryStore},
    tree::Tree,
};

/// What the settings come to after flags and defaults.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) base_path: String,
    pub(super) public_url: Option<String>,
    pub(super) allowed_hosts: Vec<String>,
    pub(super) allowed_origins: Vec<String>,
    pub(super) limits: Limits,
    pub(super) migrate: bool,
    pub(super) metrics: bool,
    pub(super) traces: bool,
    pub(super) docs: bool,
    pub(super) compression: bool,
}

/// Where the store comes from.
pub(crate) enum Stored {
    /// From the author's declaration: its own store, or its default database.
    Declared,
    /// From here.
    Given(Arc<dyn Store>),
}

/// An API that is ready to answer.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    /// The API with the author's routes as a router.
    pub(crate) router: axum::Router,
    /// The same, as connections are served.
    pub(crate) app: App,
    /// The API.
    pub(crate) api: Arc<Api>,
}

impl Running {
    /// Ends the store's work, after everything that was accepted is durable.
    pub(crate) async fn close(&self) {
        // An action that does not end must not keep the service from ending.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(2), self.api.finish_actions()).await;
        self.api.store.close().await;
    }
}

impl Service {
    /// The service as a plain `axum::Router` with the builder's settings: no command line, no log, no listener.
    ///
    /// # Errors
    ///
    /// When the declarations are wrong or the database cannot be opened.
    pub async fn router(self) -> Result<axum::Router> {
        Ok(self.build(Stored::Declared).await?.router)
    }

    /// The service with the builder's settings.
    pub(crate) async fn build(mut self, stored: Stored) -> Result<Running> {
        self.take_argument_defaults()?;
        let resolved = self.resolve()?;
        let (tree, version) = self.declarations()?;
        let store = match (stored, self.store.take()) {
            (Stored::Given(store), _) | (Stored::Declared, Some(store)) => store,
            (Stored::Declared, None) => {
                let database = self.database_text().parse().map_err(|reason: String| start_error(reason))?;
                open(&database, Durability::Full, &self.name)?
            }
        };
        self.start(tree, version, store, resolved).await
    }

    /// A store in a Postgres database for this service.
    #[cfg(feature = "postgres")]
    pub(crate) fn open_postgres(&self, url: &str) -> Result<Arc<dyn Store>> {
        open(&Database::Postgres(url.to_owned()), Durability::Full, &self.name)
    }

    /// Opens an SQLite file for this service.
    #[cfg(feature = "sqlite")]
    pub(crate) fn open_sqlite(&self, path: &std::path::Path) -> Result<Arc<dyn Store>> {
        open(&Database::Sqlite(path.to_owned()), Durability::Normal, &self.name)
    }

    /// The text that names the database unless a flag does.
    pub(super) fn database_text(&self) -> String {
        self.settings.database.clone().unwrap_or_else(|| {
            if cfg!(feature = "sqlite") { format!("sqlite:{}.db", self.name) } else { "memory".to_owned() }
        })
    }

    /// The builder's settings, checked.
    pub(super) fn resolve(&self) -> Result<Resolved> {
        let named = |setting: &str, reason: String| start_error(format!("`{setting}`: {reason}"));
        let settings = &self.settings;
        let base_path = settings.base_path.as_deref().unwrap_or("/api");
        let depth = settings.limits.depth;
        if depth > json::MOST_DEPTH {
            let reason = format!("the depth of a body can be at most {}, got {depth}", json::MOST_DEPTH);
            return Err(named("limits", reason));
        }
        Ok(Resolved {
            base_path: address::base_path(base_path).map_err(|reason| named("base_path", reason))?,
            public_url: match &settings.public_url {
                Some(url) => Some(address::public_url(url).map_err(|reason| named("public_url", reason))?),
                None => None,
            },
            allowed_hosts: settings
                .allowed_hosts
                .iter()
                .map(|host| address::host(host).map_err(|reason| named("allow_host", reason)))
                .collect::<Result<_>>()?,
            allowed_origins: settings
                .allowed_origins
                .iter()
                .map(|origin| address::origin(origin).map_err(|reason| named("allow_origin", reason)))
                .collect::<Result<_>>()?,
            limits: settings.limits.clone(),
            migrate: !settings.no_migrate,
            metrics: false,
            traces: false,
            docs: !settings.no_docs,
            compression: !settings.no_compression,
        })
    }

    /// The tree and the label of the only version.
    pub(super) fn declarations(&self) -> Result<(Arc<Tree>, String)> {
        let mut mistakes = Vec::new();
        if !address::is_kebab_case(&self.name) {
            mistakes.push(format!(
                "the name `{}` must be lower-case words joined by `-`, such as `device-registry`",
                self.name
            ));
        }
        for (label, _) in &self.versions {
            if !address::is_version_label(label) {
                mistakes
                    .push(format!("the version `{label}` must be `v` and a number, such as `v1`, or a date"));
            }
        }
        if let Some(author) = self.arguments {
            mistakes.extend(
                author
                    .clashes()
                    .iter()
                    .map(|flag| format!("every service has `{flag}` already; rename the flag")),
            );
        }
        let [(label, resources)] = self.versions.as_slice() else {
            mistakes.push(match self.versions.len() {
                0 => "there is no version; add `.version(\"v1\", |api| api.resource::<…>())`".to_owned(),
                count => format!("this release serves one version at a time, and {count} are declared"),
            });
            return Err(start_error(mistakes.join("\n")));
        };
        match Tree::build(&resources.descriptors).and_then(|tree| openapi::check(&tree).map(|()| tree)) {
            Ok(tree) if mistakes.is_empty() => Ok((Arc::new(tree), label.clone())),
            Ok(_) => Err(start_error(mistakes.join("\n"))),
            Err(error) => {
                mistakes.push(start_message(&error));
                Err(start_error(mistakes.join("\n")))
            }
        }
    }

    /// Where no command line was read, the author's flags have their defaults.
    fn take_argument_defaults(&mut self) -> Result<()> {
        let Some(author) = self.arguments else { return Ok(()) };
        if self.states.contains_key(&author.ty) {
            return Ok(());
        }
        match author.without_command_line(&self.name) {
            Ok(value) => self.insert_state(author.ty, value),
            Err(error) => {
                return Err(start_error(format!(
                    "the flags of the service have no value without a command line; give one with `.state(…)`\n{error}"
                )));
            }
        }
        Ok(())
    }

    /// How the version is served.
    pub(super) fn settings(&self, version: String, resolved: Resolved) -> Settings {
        let Resolved {
            base_path,
            public_url,
            allowed_hosts,
            allowed_origins,
            limits,
            metrics,
            traces,
            docs,
            compression,
            ..
        } = resolved;
        let (name, profile) = (self.name.clone(), self.profile.clone());
        Settings {
            name,
            version,
            base_path,
            public_url,
            allowed_hosts,
            allowed_origins,
            limits,
            docs,
            compression,
            metrics,
            traces,
            profile,
        }
    }

    /// Starts the API on a store, and fills it where it is empty.
    pub(super) async fn start(
        self,
        tree: Arc<Tree>,
        version: String,
        store: Arc<dyn Store>,
        resolved: Resolved,
    ) -> Result<Running> {
        if !resolved.migrate {
            let pending = store.pending(tree.clone(), System.now()).await?;
            refuse_pending(&self.name, &pending)?;
        }
        let settings = self.settings(version, resolved);
        let source = self.source.unwrap_or_else(|| Arc::new(System));
        let api = Api::start(tree, store, source, settings, self.states).await?;
        if let Some(seed) = self.seed
            && api.is_empty().await?
        {
            api.seed(seed).await?;
        }
        background::forget(&api);
        let handler = Handler::new(api.clone());
        let router = router(handler.clone(), self.merged.clone());
        let is_alone = self.merged.is_none() && api.settings.allowed_origins.is_empty();
        let app = if is_alone { App::Api(handler) } else { App::Router(handler, router.clone()) };
        Ok(Running { router, app, api })
    }
}

/// Refuses a start that would have to change the database, which it was told not to.
fn refuse_pending(name: &str, pending: &[String]) -> Result<()> {
    if pending.is_empty() {
        return Ok(());
    }
    let steps = pending.join("\n").replace('\n', "\n  ");
    Err(start_error(format!(
        "the database is not up to date, and a start does not change it; run `{name} migrate apply`, or this SQL:\n  {steps}"
    )))
}

/// Opens the store of a database.
#[cfg_attr(not(any(feature = "sqlite", feature = "postgres")), expect(unused_variables))]
pub(super) fn open(database: &Database, durability: Durability, service: &str) -> Result<Arc<dyn Store>> {
    match database {
        Database::Memory => Ok(Arc::new(MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        Database::Sqlite(path) => {
            use crate::store::sqlite::{SqliteOptions, SqliteStore, Synchronous};
            let synchronous = match durability {
                Durability::Full => Synchronous::Full,
                Durability::Normal => Synchronous::Normal,
            };
            let options = SqliteOptions { synchronous, ..SqliteOptions::new(path) };
            Ok(Arc::new(SqliteStore::open(options, service)?))
        }
        #[cfg(not(feature = "sqlite"))]
        Database::Sqlite(_) => Err(start_error("this program was built without SQLite")),
        #[cfg(feature = "postgres")]
        Database::Postgres(url) => {
            use crate::store::postgres::PostgresStore;
            if durability == Durability::Normal {
                return Err(start_error(
                    "--synchronous is about SQLite; Postgres decides by its own `synchronous_commit`, which the URL can set: \
                     `?options=-c%20synchronous_commit=local`",
                ));
            }
            let options = url.parse().map_err(|reason: String| start_error(reason))?;
            Ok(Arc::new(PostgresStore::new(options, service)?))
        }
        #[cfg(not(feature = "postgres"))]
        Database::Postgres(_) => Err(start_error("this program was built without Postgres")),
    }
}

/// An error whose text is for the person who starts the service.
pub(super) fn start_error(text: impl Into<String>) -> Error {
    Error::internal(text.into())
}

/// What a start error says to that person, who may know what a client may not.
pub(crate) fn start_message(error: &Error) -> String {
    // A fault of the service has a sentence for clients; an operator needs its cause. Every other error was written for
    // them.
    let description = error.description();
    match error.source().map(ToString::to_string) {
        Some(cause) if error.reason() == Reason::Internal => cause,
        Some(cause) if error.reason().status() >= 500 && !description.contains(&cause) => {
            format!("{description} ({cause})")
        }
        _ => description.to_owned(),
    }
}
