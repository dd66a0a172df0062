//! The commands about a database that no service need serve: what separates it from the declaration, and its copy.

use std::{path::Path, sync::Arc};

use super::{
    Database, Service,
    arguments::{Backup, Durability, Migrate, OnDatabase},
    start::{open, start_error},
};
use crate::{
    error::Result,
    source::{Source as _, System},
    store::Store,
    tree::Tree,
};

impl Service {
    /// Prints the steps to the declared resources, and takes them where that is asked for; gives what is to be printed.
    pub(super) async fn migrate(&self, migrate: &Migrate, tree: Arc<Tree>) -> Result<String> {
        let (Migrate::Plan(on) | Migrate::Apply(on)) = migrate;
        let database = self.database(on)?;
        let is_plan = matches!(migrate, Migrate::Plan(_));
        // A look must not leave a file behind.
        let scratch = match &database {
            Database::Sqlite(path) if is_plan && !path.exists() => Some(tempfile::tempdir()?),
            _ => None,
        };
        let looked_at = match &scratch {
            Some(folder) => Database::Sqlite(folder.path().join("empty.db")),
            None => database.clone(),
        };
        let store = self.store_of(&looked_at)?;
        let outcome = self.steps(&*store, tree, is_plan).await;
        store.close().await;
        let steps = outcome?;
        let database = match &self.store {
            Some(_) => "the service's own store".to_owned(),
            None => database.to_string(),
        };
        if steps.is_empty() {
            return Ok(format!("-- {database} is up to date\n"));
        }
        let done = if is_plan { "" } else { "-- done\n" };
        Ok(format!(
            "-- from {database} to the declared resources of {}:\n{}\n{done}",
            self.name,
            steps.join("\n")
        ))
    }

    async fn steps(&self, store: &dyn Store, tree: Arc<Tree>, is_plan: bool) -> Result<Vec<String>> {
        let now = System.now();
        let steps = store.pending(tree.clone(), now).await?;
        if !is_plan {
            store.apply(tree, now).await?;
        }
        Ok(steps)
    }

    /// The store of a database, or the service's own.
    fn store_of(&self, database: &Database) -> Result<Arc<dyn Store>> {
        match &self.store {
            Some(store) => Ok(store.clone()),
            None => open(database, Durability::Full, &self.name),
        }
    }

    fn database(&self, on: &OnDatabase) -> Result<Database> {
        match (&on.database, &self.store) {
            (Some(_), Some(_)) => Err(start_error("the service brings its own store; leave --database out")),
            (Some(database), None) => Ok(database.clone()),
            (None, _) => self.database_text().parse().map_err(|reason: String| start_error(reason)),
        }
    }

    /// Copies the database; gives what is to be printed.
    pub(super) fn back_up(&self, backup: &Backup) -> Result<String> {
        if self.store.is_some() {
            return Err(start_error(
                "the service brings its own store, which has to be copied by its own means",
            ));
        }
        match self.database(&backup.on)? {
            Database::Sqlite(from) => {
                copy(&from, &backup.to)?;
                let size = std::fs::metadata(&backup.to).map(|file| file.len()).unwrap_or_default();
                Ok(format!(
                    "{}: {} of {}\n",
                    backup.to.display(),
                    bytesize::ByteSize(size).display().iec(),
                    from.display()
                ))
            }
            Database::Postgres(_) => Err(start_error(
                "Postgres has programs of its own for that: `pg_dump --format=custom --file=FILE URL`, or `pg_basebackup` for \
                 the whole server",
            )),
            Database::Memory => Err(start_error("what is in memory alone has no copy; name a database")),
        }
    }
}

#[cfg(feature = "sqlite")]
fn copy(from: &Path, to: &Path) -> Result<()> {
    crate::store::sqlite::backup(from, to)
}

#[cfg(not(feature = "sqlite"))]
fn copy(_: &Path, _: &Path) -> Result<()> {
    Err(start_error("this program was built without SQLite"))
}
