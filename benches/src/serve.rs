//! What the three servers share: their options, their socket and their end.

use std::io::BufRead as _;
use std::sync::Arc;

use axum::Router;
use axum::serve::ListenerExt as _;
use clap::{Args, ValueEnum};
use rest_standard::store::Store;
use rest_standard::store::postgres::{PostgresOptions, PostgresStore};
use rest_standard::store::sqlite::{self, SqliteOptions, SqliteStore};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::Failure;

/// The line that a server prints once it accepts connections begins with this; the address follows.
pub(crate) const LISTENING: &str = "listening on ";

/// How a server is started.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeOptions {
    /// The database: a file, or the URL of an empty Postgres database.
    #[arg(long, default_value = "items.db")]
    pub(crate) database: String,
    /// How many items an empty database is filled with before the server listens.
    #[arg(long, default_value_t = 0)]
    pub(crate) rows: u64,
    /// When a commit counts as durable.
    #[arg(long, value_enum, default_value_t = Synchronous::Normal)]
    pub(crate) synchronous: Synchronous,
}

/// SQLite's `synchronous` setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Synchronous {
    /// A commit survives a crash of the process; the last ones may be lost with the power.
    Normal,
    /// A commit survives the loss of power: one fsync for each transaction.
    Full,
}

impl Synchronous {
    /// The word as options and SQL spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Full => "full",
        }
    }
}

impl ServeOptions {
    /// The URL, where the database is one of Postgres.
    pub(crate) fn postgres(&self) -> Option<&str> {
        self.database.starts_with("postgres://").then_some(&self.database)
    }

    /// The store of a rest-standard service.
    pub(crate) fn open(&self, service: &str) -> Result<Arc<dyn Store>, Failure> {
        if let Some(url) = self.postgres() {
            let store = PostgresStore::new(url.parse::<PostgresOptions>()?, service);
            return Ok(Arc::new(store.map_err(|error| format!("{error:?}"))?));
        }
        let synchronous = match self.synchronous {
            Synchronous::Normal => sqlite::Synchronous::Normal,
            Synchronous::Full => sqlite::Synchronous::Full,
        };
        let options = SqliteOptions { synchronous, ..SqliteOptions::new(&self.database) };
        Ok(Arc::new(SqliteStore::open(options, service).map_err(|error| format!("{error:?}"))?))
    }
}

/// Serves a router on a free loopback port and says which.
pub(crate) async fn run(router: Router) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{LISTENING}{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // Without it a list that needs two segments can wait for the client's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("no TCP_NODELAY: {error}");
        }
    });
    axum::serve(listener, router).await?;
    Ok(())
}

/// Ends this process when its stdin closes, which it does however the parent ends; until then each line of it is handed on.
pub(crate) fn listen_to_parent() -> UnboundedReceiver<String> {
    let (sender, lines) = unbounded_channel();
    std::thread::spawn(move || {
        // An error, too, means only that the parent is gone.
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            // Most servers do not listen.
            let _unheard = sender.send(line);
        }
        std::process::exit(0);
    });
    lines
}
