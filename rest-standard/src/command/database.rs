//! The commands about a database that no service need serve: what separates it from the declaration, and its copy.

use std::{path::Path, sync::Arc};

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use super::import::{Source, import};
use super::{
    Database, Service,
    arguments::{Backup, Copy, Durability, ImportSchema, Migrate, OnDatabase},
    start::{open, start_error},
};
use crate::{
    error::Result,
    source::{Source as _, System},
    store::{self, Copied, Part, Store},
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

impl Service {
    /// Copies all resources from one database to another; `print` hears of each part as it is done.
    pub(super) async fn copy(
        &self,
        flags: &Copy,
        tree: Arc<Tree>,
        print: &mut (dyn FnMut(String) -> Result<()> + Send),
    ) -> Result<()> {
        if self.store.is_some() {
            return Err(start_error(
                "the service brings its own store; `rest_standard::store::copy` copies between any two",
            ));
        }
        if [&flags.from, &flags.to].contains(&&Database::Memory) {
            return Err(start_error("what is in memory alone ends with the command; name two databases"));
        }
        if flags.from == flags.to {
            return Err(start_error("--from and --to are the same database"));
        }
        if let Database::Sqlite(path) = &flags.from
            && !path.exists()
        {
            return Err(start_error(format!("there is no file `{}`", path.display())));
        }
        let from = open(&flags.from, Durability::Full, &self.name)?;
        let to = open(&flags.to, Durability::Full, &self.name);
        let outcome = match &to {
            Ok(to) => self.copy_between(&*from, &**to, tree, flags, print).await,
            Err(_) => Ok(Copied::default()),
        };
        from.close().await;
        to?.close().await;
        let Copied { resources, changes, requests } = outcome?;
        print(format!(
            "{}: {resources} resources, {changes} changes and {requests} request ids copied from {}\n",
            flags.to, flags.from
        ))
    }

    async fn copy_between(
        &self,
        from: &dyn Store,
        to: &dyn Store,
        tree: Arc<Tree>,
        flags: &Copy,
        print: &mut (dyn FnMut(String) -> Result<()> + Send),
    ) -> Result<Copied> {
        let now = System.now();
        // What is read is not changed, not even by a migration.
        let pending = from.pending(tree.clone(), now).await?;
        if !pending.is_empty() {
            return Err(start_error(format!(
                "{} is not up to date with the declared resources; run `{} migrate apply --database {}` first",
                flags.from, self.name, flags.from
            )));
        }
        from.migrate(tree.clone(), now).await?;
        to.migrate(tree.clone(), now).await?;
        let mut printed = Ok(());
        let mut done = |part: Part| {
            let there =
                if part.there > 0 { format!(", {} there already", part.there) } else { String::new() };
            if printed.is_ok() {
                printed = print(format!("{}: {} copied{there}\n", part.what, part.copied));
            }
        };
        let copied = store::copy(from, to, &tree, &mut done).await?;
        printed.map(|()| copied)
    }
}

impl Service {
    /// Writes the declarations of a database's tables; gives what is to be printed.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(super) async fn import_schema(&self, flags: &ImportSchema) -> Result<String> {
        let source = match &flags.database {
            Database::Sqlite(path) => Source::sqlite(path)?,
            #[cfg(feature = "postgres")]
            Database::Postgres(url) => Source::postgres(url).await?,
            _ => return Err(start_error("what is in memory alone has no tables; name a database")),
        };
        let imported = import(&source, &self.name).await?;
        if imported.count == 0 {
            let report = imported.report.join("\n");
            return Err(start_error(format!(
                "{} has no table that could be a resource\n{report}",
                flags.database
            )));
        }
        let is_there = |(name, _): &&(String, String)| flags.out.join(name).exists();
        // Whoever has a program adds a line to it.
        let has_program = flags.out.join("main.rs").exists();
        let files: Vec<_> =
            imported.files.iter().filter(|(name, _)| !has_program || name != "main.rs").collect();
        let taken: Vec<String> = files
            .iter()
            .copied()
            .filter(is_there)
            .map(|(name, _)| flags.out.join(name).display().to_string())
            .collect();
        if !taken.is_empty() {
            return Err(start_error(format!(
                "nothing was written, as these files are there: {}; move them away, or name another folder with --out",
                taken.join(", ")
            )));
        }
        let mut said = String::new();
        for (name, text) in files {
            let path = flags.out.join(name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, text)?;
            said += &format!("{}\n", path.display());
        }
        said += &format!("{} resources of {}\n", imported.count, flags.database);
        if has_program {
            said += "add to main.rs: `mod resources;`, and `.version(\"v1\", resources::register)` to the service\n";
        }
        if !imported.report.is_empty() {
            said += &format!("what was decided, and what is left out:\n  {}\n", imported.report.join("\n  "));
        }
        Ok(said)
    }

    /// Without a database there is nothing to import.
    #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
    pub(super) async fn import_schema(&self, _: &ImportSchema) -> Result<String> {
        Err(start_error("this program was built without a database"))
    }
}

#[cfg(feature = "sqlite")]
fn copy(from: &Path, to: &Path) -> Result<()> {
    store::sqlite::backup(from, to)
}

#[cfg(not(feature = "sqlite"))]
fn copy(_: &Path, _: &Path) -> Result<()> {
    Err(start_error("this program was built without SQLite"))
}
