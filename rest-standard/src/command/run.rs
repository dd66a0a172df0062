//! The program: one of the commands, from its arguments to its end.

use std::{
    ffi::OsString,
    io::{ErrorKind, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use tokio::net::TcpListener;

use super::{
    Service,
    address::is_loopback,
    arguments::{self, Action, Check, Form, Listen, OpenApi, Routes, Serve, Shown},
    lint::{self, Level},
    routes::{self, Detail},
    start::{Resolved, Running, open, start_error, start_message},
    watch::Watch,
};
use crate::{
    error::{Error, Result},
    http::{Draining, serve, serve_admin},
    openapi::{self, Difference, Spec},
    store::Traced,
    tree::Tree,
};

/// Why a program ends otherwise than well.
enum Exit {
    /// The command line is wrong, or asked for help.
    Usage(clap::Error),
    /// The service cannot start.
    Start(Error),
}

impl From<Error> for Exit {
    fn from(error: Error) -> Self {
        Self::Start(error)
    }
}

impl Service {
    /// Runs the program: reads the command line and the environment, and does what they say; `serve` unless told otherwise.
    ///
    /// It ends the process by itself when the command line is wrong (exit code 2) or the service cannot start (exit code 1,
    /// one message on standard error). SIGTERM and SIGINT end it in order: what is under way is finished, within 10 s.
    ///
    /// # Errors
    ///
    /// None after the service has started; the result is there for `fn main() -> Result<()>`.
    pub async fn run(self) -> Result<()> {
        let name = self.name.clone();
        match Box::pin(self.execute(std::env::args_os().collect())).await {
            Ok(()) => Ok(()),
            Err(Exit::Usage(error)) => error.exit(),
            Err(Exit::Start(error)) => end(&name, &start_message(&error), 1),
        }
    }

    async fn execute(mut self, line: Vec<OsString>) -> Result<(), Exit> {
        let (tree, version) = self.declarations()?;
        let database = self.database_text();
        let shown = Shown {
            name: &self.name,
            database: &database,
            limits: &self.settings.limits,
            author: self.arguments,
        };
        let parsed = arguments::parse(shown, line).map_err(Exit::Usage)?;
        if let Some((ty, value)) = parsed.author {
            self.insert_state(ty, value);
        }
        match parsed.action {
            Action::OpenApi(flags) => self.openapi(&flags, &tree, version),
            Action::Routes(Routes { base, parameters }) => {
                let base_path =
                    base.base_path.map_or_else(|| self.resolve().map(|resolved| resolved.base_path), Ok)?;
                let detail = if parameters { Detail::Parameters } else { Detail::Addresses };
                let root = format!("{base_path}/{version}");
                Ok(print(&routes::routes(&tree, &root, detail, !self.settings.no_docs))?)
            }
            Action::Check(flags) => Ok(self.check(flags, &tree)?),
            Action::Migrate(action) => Ok(print(&self.migrate(&action, tree).await?)?),
            Action::Backup(flags) => Ok(print(&self.back_up(&flags)?)?),
            Action::Copy(flags) => Ok(self.copy(&flags, tree, &mut |line| print(&line)).await?),
            Action::ImportSchema(flags) => Ok(print(&self.import_schema(&flags).await?)?),
            Action::Serve(flags) => self.serve(*flags, tree, version).await,
        }
    }

    fn check(&self, flags: Check, tree: &Tree) -> Result<()> {
        let levels = flags.levels();
        let public_url = flags.public_url.or(self.resolve()?.public_url);
        let mut denied = 0;
        for finding in
            lint::declarations(tree).iter().chain(&public_url.as_deref().and_then(lint::public_url))
        {
            if let Some(level) = levels.of(finding.lint) {
                denied += usize::from(level == Level::Error);
                say_error(&finding.text(level));
            }
        }
        if denied > 0 {
            let what = if denied == 1 { "1 finding is" } else { &format!("{denied} findings are") };
            return Err(start_error(format!(
                "{what} denied; the book's chapter on lints says why each matters"
            )));
        }
        print(&format!("{}: the declarations are right: {}\n", self.name, routes::summary(tree)))
    }

    /// Prints the document.
    fn openapi(self, flags: &OpenApi, tree: &Tree, version: String) -> Result<(), Exit> {
        let mut resolved = self.resolve()?;
        if let Some(base_path) = &flags.base.base_path {
            resolved.base_path.clone_from(base_path);
        }
        let origin = flags.public_url.clone().or(resolved.public_url.clone());
        let origin = origin.unwrap_or_else(|| "http://localhost:8080".to_owned());
        let about = self.settings(version, resolved).about();
        let spec = match flags.spec {
            Form::V3_1 => Spec::V3_1,
            Form::V3_0 => Spec::V3_0,
        };
        let document = openapi::document(tree, &about, &origin, spec);
        match &flags.diff {
            None => Ok(print(&format!("{}\n", document.to_pretty_text()))?),
            Some(file) => {
                let old = read_document(file)?;
                let new = serde_json::to_value(&document).map_err(|error| start_error(error.to_string()))?;
                let differences = openapi::differences(&old, &new);
                print(&in_words(&differences))?;
                match differences.iter().filter(|difference| difference.breaking).count() {
                    0 => Ok(()),
                    1 => Err(start_error("1 difference breaks clients").into()),
                    more => Err(start_error(format!("{more} differences break clients")).into()),
                }
            }
        }
    }

    async fn serve(self, flags: Serve, tree: Arc<Tree>, version: String) -> Result<(), Exit> {
        let watch = Watch::begin(&flags, &self.name)?;
        let mut resolved = self.with_flags(&flags)?;
        resolved.traces = watch.has_traces();
        let name = self.name.clone();
        // First of all, so that a port in use leaves no database behind. Whoever connects now waits until the store is open.
        let listener = bind(&flags.listen).await?;
        let admin = match &flags.admin_listen {
            Some(listen) => Some(bind(listen).await?),
            None => None,
        };
        let (store, database, system) = match (&self.store, &flags.database) {
            (Some(_), Some(_)) => {
                return Err(start_error("the service brings its own store; leave --database out").into());
            }
            (Some(store), None) => (store.clone(), "the service's own".to_owned(), None),
            (None, given) => {
                let database = match given {
                    Some(database) => database.clone(),
                    None => self.database_text().parse().map_err(|reason: String| start_error(reason))?,
                };
                let text = database.to_string();
                let store = open(&database, flags.synchronous, &name);
                (store.map_err(|error| on_database(&text, error))?, text, database.system())
            }
        };
        let store = if resolved.traces { Arc::new(Traced::new(store, system)) } else { store };
        let first = tree.roots().first().map(|id| tree.node(*id).descriptor.segment);
        let entry = format!("{}/{version}", resolved.base_path);
        let public_url = resolved.public_url.clone();
        let docs = resolved.docs;
        let running = self.start(tree, version, store, resolved).await;
        let running = running.map_err(|error| on_database(&database, error))?;
        let address = listener.local_addr().map_err(|error| start_error(error.to_string()))?;
        let signals = Signals::new().map_err(|error| start_error(error.to_string()))?;
        say(&welcome(&name, &database, address, public_url.as_deref(), &entry, docs, first));
        let admin = match admin {
            Some(listener) => {
                let address = listener.local_addr().map_err(|error| start_error(error.to_string()))?;
                say(&format!("  metrics   http://{}/metrics\n", reachable(address)));
                Some(tokio::spawn(serve_admin(listener, running.api.clone())))
            }
            None => None,
        };
        tracing::info!(%address, database, "started");
        if let Some(finding) = public_url.as_deref().and_then(lint::public_url) {
            tracing::warn!(lint = finding.lint.code, "{}", finding.line());
        }
        // Until the very end: how a service ends is worth watching.
        finish(running, listener, signals).await;
        if let Some(admin) = admin {
            admin.abort();
        }
        tracing::info!("ended");
        watch.end().await;
        Ok(())
    }

    /// The settings with what flags say over them.
    fn with_flags(&self, flags: &Serve) -> Result<Resolved> {
        let mut resolved = self.resolve()?;
        if let Some(base_path) = &flags.base.base_path {
            resolved.base_path.clone_from(base_path);
        }
        if let Some(url) = &flags.public_url {
            resolved.public_url = Some(url.clone());
        }
        resolved.metrics = flags.admin_listen.is_some();
        resolved.migrate &= !flags.no_migrate;
        resolved.docs &= !flags.no_docs;
        resolved.compression &= !flags.no_compression;
        resolved.allowed_hosts.extend(flags.allow_host.iter().cloned());
        resolved.allowed_origins.extend(flags.allow_origin.iter().cloned());
        resolved.limits = flags.limits(&resolved.limits).map_err(start_error)?;
        if let Some(open) = flags.listen.addresses.iter().find(|address| !is_loopback(**address)) {
            if !flags.allow_anonymous {
                return Err(start_error(format!(
                    "will not listen on {open}: there is no authentication yet, so anybody who reaches the port could read \
                     and write everything; listen on 127.0.0.1, or say --allow-anonymous if that is what you want"
                )));
            }
            // Whoever names the address by its digits was not sent here by a name that someone else controls.
            if !open.ip().is_unspecified() {
                resolved.allowed_hosts.push(open.to_string());
            }
        }
        Ok(resolved)
    }
}

/// The differences, one a line.
fn in_words(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "the documents say the same\n".to_owned();
    }
    let lines = differences.iter().map(|difference| {
        let label = if difference.breaking { "breaks" } else { "new" };
        format!("{label:<8}{}\n", difference.text)
    });
    lines.collect()
}

/// The document of an earlier release. Only the 3.1 form says everything, so only it is compared.
fn read_document(file: &Path) -> Result<serde_json::Value> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| start_error(format!("cannot read `{name}`: {error}")))?;
    let document: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
        start_error(format!("`{name}` is no JSON: {error}; write one with `openapi > {name}`"))
    })?;
    match document["openapi"].as_str() {
        Some(version) if version.starts_with("3.1") => Ok(document),
        Some(version) => Err(start_error(format!(
            "`{name}` is of OpenAPI {version}; compare with one of 3.1, which `openapi > FILE` writes"
        ))),
        None => Err(start_error(format!("`{name}` is no OpenAPI document: it has no member `openapi`"))),
    }
}

/// Serves until a signal, then ends in order; a second signal ends the wait.
async fn finish(running: Running, listener: TcpListener, mut signals: Signals) {
    let (first, seen) = tokio::sync::oneshot::channel();
    let serving = serve(listener, running.app.clone(), async { drop(seen.await) }, Draining::default());
    let watch = async {
        signals.next().await;
        tracing::info!("ending: finishing what is under way");
        let _ = first.send(());
        signals.next().await;
        tracing::warn!("ending at once");
    };
    tokio::select! {
        () = serving => {}
        () = watch => {}
    }
    running.close().await;
}

/// SIGTERM and SIGINT.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

async fn bind(listen: &Listen) -> Result<TcpListener> {
    TcpListener::bind(listen.addresses.as_slice()).await.map_err(|error| {
        let text = &listen.text;
        let reason = match error.kind() {
            ErrorKind::AddrInUse => {
                "another program has the port; end it, or choose another with --listen (port 0 is any free one)".to_owned()
            }
            ErrorKind::PermissionDenied => "the system does not allow it; ports below 1024 need a privilege".to_owned(),
            ErrorKind::AddrNotAvailable => "the machine does not have this address".to_owned(),
            _ => error.to_string(),
        };
        start_error(format!("cannot listen on {text}: {reason}"))
    })
}

/// A refused start with the database that it is about, where the words of the store do not name it.
fn on_database(database: &str, error: Error) -> Error {
    let message = start_message(&error);
    let file = database.strip_prefix("sqlite:").and_then(|path| Path::new(path).file_name()?.to_str());
    let server = database.starts_with("postgres").then_some(database);
    match file.or(server) {
        Some(file) if !message.contains(file) => {
            start_error(format!("cannot start on `{database}`: {message}"))
        }
        _ => error,
    }
}

/// What is printed once the service answers.
fn welcome(
    name: &str,
    database: &str,
    address: SocketAddr,
    public_url: Option<&str>,
    entry: &str,
    docs: bool,
    first: Option<&str>,
) -> String {
    let local = format!("http://{}", reachable(address));
    let root = public_url.unwrap_or(&local);
    let collection = first.map(|segment| format!("/{segment}")).unwrap_or_default();
    let docs = if docs { format!("  docs      {root}/docs\n") } else { String::new() };
    format!(
        "{name} listens on {address}\n  database  {database}\n  root      {root}{entry}\n{docs}  try       curl {local}{entry}{collection}\n"
    )
}

/// The address under which a program on this machine reaches `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Writes what a command was asked for. A reader that has seen enough is no failure, a full disk is.
fn print(text: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(failure) if failure.kind() != ErrorKind::BrokenPipe => {
            Err(start_error(format!("cannot write to standard output: {failure}")))
        }
        _ => Ok(()),
    }
}

fn say(text: &str) {
    // Nobody may be reading; that is no reason to end.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn say_error(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn end(name: &str, message: &str, code: i32) -> ! {
    say_error(&format!("{name}: {message}\n"));
    std::process::exit(code)
}
