//! Databases of the test run's own Postgres, each for one test at a time.
//!
//! `cargo xtask test` starts the server and says where it is; `cargo xtask postgres` does the same beside an editor. There are a
//! few databases, and a test holds one by a lock of its session, which the server frees with the test's process however it ends.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

/// The variable that says where the server is: `postgres://postgres@127.0.0.1:54329`.
pub const VARIABLE: &str = "REST_STANDARD_POSTGRES";
/// How many tests can have a database at a time.
const DATABASES: i32 = 24;
/// How long a test waits for one.
const PATIENCE: Duration = Duration::from_secs(120);

/// An empty database, until it is dropped.
#[derive(Debug)]
pub struct Database {
    url: String,
    client: Client,
    connection: JoinHandle<()>,
}

/// Whether this run leaves Postgres out: `cargo xtask test --without-postgres`.
#[must_use]
pub fn is_left_out() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| value == "none")
}

/// Where the server is.
///
/// # Panics
///
/// When the variable is not set.
#[must_use]
pub fn server() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{VARIABLE} does not say where Postgres is: run the tests by `cargo xtask test`, or beside `cargo xtask postgres`, \
             which prints the line that sets it"
        )
    })
}

async fn connect(url: &str) -> (Client, JoinHandle<()>) {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .unwrap_or_else(|error| panic!("Postgres at {url} does not answer: {error}"));
    let connection = tokio::spawn(async move {
        // What ends a connection is seen by who uses it.
        let _ = connection.await;
    });
    (client, connection)
}

impl Database {
    /// Takes a database and empties it.
    ///
    /// # Panics
    ///
    /// When the server does not answer, or none is free for two minutes.
    pub async fn take() -> Self {
        let server = server();
        let (client, connection) = connect(&format!("{server}/postgres")).await;
        let number = Self::lock(&client).await;
        let name = format!("test_{number}");
        let found = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await;
        if found.expect("the catalogue can be read").is_none() {
            let create = format!("CREATE DATABASE {name} TEMPLATE template0");
            client.batch_execute(&create).await.expect("a database can be made");
        }
        let url = format!("{server}/{name}");
        let (inside, of_inside) = connect(&url).await;
        let empty =
            "SET client_min_messages = error; DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public";
        inside.batch_execute(empty).await.expect("a database can be emptied");
        drop(inside);
        let _ = of_inside.await;
        Self { url, client, connection }
    }

    async fn lock(client: &Client) -> i32 {
        let first = i32::try_from(std::process::id() % u32::try_from(DATABASES).unwrap_or(1)).unwrap_or(0);
        let search = async {
            loop {
                for number in (0..DATABASES).map(|at| (first + at) % DATABASES) {
                    let row = client.query_one("SELECT pg_try_advisory_lock(7265, $1)", &[&number]).await;
                    if row.expect("a lock can be asked for").get(0) {
                        return number;
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("a database becomes free")
    }

    /// How a service is given it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection to it, for what a service does not show.
    pub async fn connect(&self) -> Client {
        connect(&self.url).await.0
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The end of the session frees the lock.
        self.connection.abort();
        let _ = self.client.is_closed();
    }
}
