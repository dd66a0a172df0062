//! Where servers have their databases: in files of their own, or in new databases of one Postgres server.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::Failure;
use crate::child::{Server, Side};
use crate::serve::Synchronous;

/// Which store, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// When a commit to an SQLite file counts as durable.
    #[arg(long, value_enum, default_value_t = Synchronous::Normal)]
    pub(crate) synchronous: Synchronous,
    /// A Postgres server, such as `postgres://postgres@127.0.0.1:5432`, in which each service gets a new database of its own;
    /// without it each has an SQLite file.
    #[arg(long, value_name = "URL", value_parser = server)]
    pub(crate) database: Option<String>,
    /// Whose statements name their request in a comment on Postgres.
    #[arg(long, value_enum, default_value_t = Comments::Ours, requires = "database")]
    pub(crate) comments: Comments,
    /// The directory for the SQLite files; a disk in memory would hide what a commit costs.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    pub(crate) directory: PathBuf,
}

/// Whose statements name their request in a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Comments {
    /// Nobody's.
    None,
    /// Ours, as they do unless told otherwise, and none of the peer, as one would write it.
    Ours,
    /// Ours, and those by which the peer reads one item.
    Both,
}

impl Place {
    /// Starts a server on a database of its own, called `name` where it is one of Postgres.
    pub(crate) async fn start(&self, side: Side, rows: u64, name: &str) -> Result<Server, Failure> {
        let database = match &self.database {
            Some(server) => {
                let database = new_database(server, name).await?;
                Some(match (self.comments, side) {
                    (Comments::None, Side::Ours | Side::Devices | Side::Aged) => {
                        format!("{database}?comments=off")
                    }
                    (Comments::Both, Side::Peer) => format!("{database}?comments=on"),
                    _ => database,
                })
            }
            None => None,
        };
        Server::start(side, &self.directory, rows, self.synchronous, database.as_deref())
    }

    /// The store as the head of a table names it.
    pub(crate) fn title(&self) -> String {
        match self.database {
            Some(_) => match self.comments {
                Comments::None => "Postgres, without comments".to_owned(),
                Comments::Ours => "Postgres".to_owned(),
                Comments::Both => "Postgres, with the peer's comments".to_owned(),
            },
            None => format!("SQLite, synchronous={}", self.synchronous.name()),
        }
    }

    /// Does now what autovacuum would do to a filled database of Postgres at a time of its own, which would be within a
    /// measurement. SQLite's writer takes its statistics while it fills.
    pub(crate) async fn settle(&self, name: &str) -> Result<(), Failure> {
        let Some(server) = &self.database else { return Ok(()) };
        execute(&format!("{server}/{}", full_name(name)), &["VACUUM ANALYZE", "CHECKPOINT"]).await
    }
}

/// Warns of a build that is not worth measuring.
pub(crate) fn warn_of_debug() {
    if cfg!(debug_assertions) {
        eprintln!("warning: a debug build measures nothing of worth; use --release");
    }
}

/// Makes an empty database, in place of what the last run left.
pub(crate) async fn new_database(server: &str, name: &str) -> Result<String, Failure> {
    let name = full_name(name);
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
    execute(&format!("{server}/postgres"), &[&drop, &create]).await?;
    Ok(format!("{server}/{name}"))
}

fn full_name(name: &str) -> String {
    format!("rest_standard_bench_{name}")
}

/// Runs statements one by one: some of them refuse to be part of a transaction.
async fn execute(url: &str, statements: &[&str]) -> Result<(), Failure> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    for statement in statements {
        client.batch_execute(statement).await?;
    }
    drop(client);
    connection.await??;
    Ok(())
}

/// A server's URL, to which the names of databases are added.
fn server(url: &str) -> Result<String, String> {
    let url = url.trim_end_matches('/');
    match url.strip_prefix("postgres://") {
        None | Some("") => Err("expected `postgres://user@host:port`".to_owned()),
        Some(rest) if rest.contains(['/', '?']) => {
            Err("expected a server, `postgres://user@host:port`, without a database and parameters"
                .to_owned())
        }
        Some(_) => Ok(url.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_url_without_a_database() {
        assert_eq!(server("postgres://me@127.0.0.1:5432/"), Ok("postgres://me@127.0.0.1:5432".to_owned()));
        for wrong in ["", "postgres://", "items.db", "postgres://me@host/items", "postgres://host?port=1"] {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }
}
