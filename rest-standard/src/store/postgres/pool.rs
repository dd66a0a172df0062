//! Connections: what the URL says, TLS, and the pool that they are taken from.

use std::{
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool_postgres::{
    Client, ClientWrapper, Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres::{
    Config,
    config::{SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure;
use crate::{
    error::Result,
    store::{
        Origin,
        sql::{postgres::session_settings, schema::partitions::MOST},
    },
};

/// How long to wait for a server to take a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long to wait for a connection that others use.
const WAIT: Duration = Duration::from_secs(5);
/// How long a request waits for a server that takes connections, while there is none.
const FAIL_OVER: Duration = Duration::from_secs(5);
/// How long to wait before it looks again; each time twice as long.
const PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);
/// How long what was sent may stay unacknowledged until the connection counts as broken.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);
/// How long a statement of a session may take, unless its request has less time.
pub(super) const STATEMENT: Duration = Duration::from_secs(30);
/// How long a transaction may wait for its next statement: all of them are sent at once.
pub(super) const IDLE: Duration = Duration::from_secs(10);
/// How many connections there are at most unless the URL says so.
const CONNECTIONS: usize = 16;

/// Where the database is and how it is reached.
#[derive(Clone)]
pub struct PostgresOptions {
    config: Config,
    roots: Option<std::path::PathBuf>,
    /// How many connections there are at most.
    pub connections: usize,
    /// Whether a pooler stands between that gives a connection for one transaction only, such as PgBouncer: no statement is
    /// prepared then but for its one use.
    pub is_pooled: bool,
    /// In how many parts the tables of a new database are, by the hash of the id that all keys begin with; `None` for what the
    /// database has, and for tables in one part in a new one.
    pub partitions: Option<u32>,
    /// Whether what is sent while serving names the request in a comment.
    pub has_comments: bool,
}

impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("config", &self.config)
            .field("connections", &self.connections)
            .field("is_pooled", &self.is_pooled)
            .field("partitions", &self.partitions)
            .field("has_comments", &self.has_comments)
            .finish_non_exhaustive()
    }
}

/// The parameters that are not the driver's own.
#[derive(Default)]
struct Own {
    connections: Option<usize>,
    is_pooled: bool,
    partitions: Option<u32>,
    has_no_comments: bool,
    roots: Option<std::path::PathBuf>,
    ssl_mode: Option<String>,
}

impl FromStr for PostgresOptions {
    type Err = String;

    /// Reads `postgres://user:password@host:port,host:port/database?parameter=value`. Parameters are those of libpq that the
    /// driver knows, and `comments`, `connections`, `partitions`, `pooler=transaction`, `sslmode=verify-full` and
    /// `sslrootcert`.
    fn from_str(url: &str) -> Result<Self, String> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let mut own = Own::default();
        let mut rest = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !own.take(&name, &value)? {
                rest.append_pair(&name, &value);
            }
        }
        // The driver decodes percent signs, but not `+`.
        let rest = rest.finish().replace('+', "%20");
        let mut config: Config = format!("{place}{}{rest}", if rest.is_empty() { "" } else { "?" })
            .parse()
            .map_err(|cause: tokio_postgres::Error| {
            format!("{}; expected `postgres://user@host/database`", failure::words(&cause))
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err("the host is missing: `postgres://user@host/database`".to_owned());
        }
        let names = |parameter: &str| rest.split('&').any(|pair| pair.split('=').next() == Some(parameter));
        if !names("target_session_attrs") {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if !names("connect_timeout") {
            config.connect_timeout(CONNECT);
        }
        if !names("tcp_user_timeout") {
            config.tcp_user_timeout(UNACKNOWLEDGED);
        }
        match own.ssl_mode.as_deref() {
            None | Some("prefer") => {}
            Some("disable") => {
                config.ssl_mode(SslMode::Disable);
            }
            Some("require" | "verify-full") => {
                config.ssl_mode(SslMode::Require);
            }
            Some(other) => {
                return Err(format!(
                    "`sslmode={other}` is not one of `disable`, `prefer`, `require` and `verify-full`; wherever there is TLS, \
                     the certificate is verified"
                ));
            }
        }
        let Own { connections, is_pooled, partitions, has_no_comments, roots, .. } = own;
        let connections = connections.unwrap_or(CONNECTIONS);
        Ok(Self { config, roots, connections, is_pooled, partitions, has_comments: !has_no_comments })
    }
}

impl Own {
    /// Takes a parameter that is not the driver's; gives whether it was one.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, String> {
        match name {
            "connections" => match value.parse() {
                Ok(count @ 1..=10_000) => self.connections = Some(count),
                _ => return Err(format!("`connections={value}` is not a number from 1 to 10000")),
            },
            "partitions" => match value.parse() {
                Ok(count @ 2..=MOST) => self.partitions = Some(count),
                _ => return Err(format!("`partitions={value}` is not a number from 2 to {MOST}")),
            },
            "comments" => match value {
                "on" => self.has_no_comments = false,
                "off" => self.has_no_comments = true,
                _ => return Err(format!("`comments={value}` is not one of `on` and `off`")),
            },
            "pooler" => match value {
                "transaction" => self.is_pooled = true,
                _ => return Err(format!("`pooler={value}` is not known; expected `pooler=transaction`")),
            },
            "sslrootcert" => self.roots = Some(value.into()),
            "sslmode" => self.ssl_mode = Some(value.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl PostgresOptions {
    /// The name by which the database is shown: without a password.
    #[must_use]
    pub fn shown(url: &str) -> String {
        let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
        let path = path.split('?').next().unwrap_or_default();
        format!("{scheme}://{hosts}/{path}")
    }
}

/// The connections of a store.
#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool,
    tls: MakeRustlsConnect,
    pub(super) is_pooled: bool,
    pub(super) partitions: Option<u32>,
    pub(super) has_comments: bool,
    /// How many connections were made.
    made: Arc<AtomicU64>,
}

impl Connections {
    /// Makes the pool; nothing is connected yet.
    pub(super) fn new(options: PostgresOptions, service: &str) -> Result<Self, String> {
        let PostgresOptions { mut config, roots, connections, is_pooled, partitions, has_comments } = options;
        if config.get_application_name().is_none() {
            config.application_name(service);
        }
        let tls = MakeRustlsConnect::new(tls(roots.as_deref(), config.get_ssl_mode())?);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, tls.clone(), recycling);
        let made = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&made);
        let settings = Hook::async_fn(move |client: &mut ClientWrapper, _| {
            // Whoever asks another server than before has a new connection to it.
            count.fetch_add(1, Ordering::AcqRel);
            Box::pin(async move {
                if !is_pooled {
                    let settings = session_settings(STATEMENT.as_millis(), IDLE.as_millis());
                    client.batch_execute(&settings).await.map_err(HookError::Backend)?;
                }
                Ok(())
            })
        });
        let pool = Pool::builder(manager)
            .post_create(settings)
            .max_size(connections)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(CONNECT + Duration::from_secs(1)))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|cause| cause.to_string())?;
        Ok(Self { pool, tls, is_pooled, partitions, has_comments, made })
    }

    /// A connection. While there is no server that takes one, as in the seconds of a fail-over, a request waits for it; a start
    /// does not, whose URL may be wrong.
    pub(super) async fn get(&self) -> Result<Client> {
        let mut until = None;
        let mut pause = PAUSE;
        loop {
            let cause = match self.pool.get().await {
                Err(PoolError::Backend(cause)) if failure::is_lost(&cause) => cause,
                outcome => return outcome.map_err(failure::unconnected),
            };
            let patience = || Origin::now().map_or(Duration::ZERO, |origin| origin.left().min(FAIL_OVER));
            let until = *until.get_or_insert_with(|| Instant::now() + patience());
            if Instant::now() + pause >= until {
                return Err(failure::unconnected(PoolError::Backend(cause)));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Another number whenever another server may answer. A pooler's connections say nothing of the servers behind it.
    pub(super) fn generation(&self) -> u64 {
        if self.is_pooled {
            self.made.fetch_add(1, Ordering::AcqRel)
        } else {
            self.made.load(Ordering::Acquire)
        }
    }

    /// Connections that are open, those of them that are not in use, and requests that wait for one.
    pub(super) fn status(&self) -> [u64; 3] {
        let status = self.pool.status();
        [status.size, status.available, status.waiting].map(|count| count as u64)
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }

    /// Asks the server to give up what a connection runs, and closes it. Whoever would get the connection next could be met by
    /// the request in place of the one that it is for.
    pub(super) fn give_up(&self, client: Client) {
        let token = client.cancel_token();
        let (tls, client) = (self.tls.clone(), Client::take(client));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // A server that cannot be asked ends the statement at its own limit.
                let _ = token.cancel_query(tls).await;
                drop(client);
            });
        }
    }
}

/// Certificates are always verified: against the system's roots, or those in a file.
fn tls(roots: Option<&Path>, mode: SslMode) -> Result<ClientConfig, String> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(file) => {
            let unreadable = |cause: &dyn std::fmt::Display| {
                format!("the certificates in `{}` (`sslrootcert`) cannot be read: {cause}", file.display())
            };
            let certificates = CertificateDer::pem_file_iter(file).map_err(|cause| unreadable(&cause))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|cause| unreadable(&cause))?;
                store.add(certificate).map_err(|cause| unreadable(&cause))?;
            }
            if store.is_empty() {
                return Err(unreadable(&"there is none in it"));
            }
        }
        None if mode == SslMode::Disable => {}
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| cause.to_string())?;
    Ok(builder.with_root_certificates(store).with_no_client_auth())
}
