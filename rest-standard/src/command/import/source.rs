//! The tables of a database as they are read.

use std::{collections::BTreeMap, path::Path};

use crate::{
    error::{Error, Reason, Result},
    store::sql::{Dialect, schema::Found},
};

/// A database whose tables are imported.
pub(crate) struct Source {
    /// Whose SQL it takes.
    pub(crate) dialect: Dialect,
    /// Its tables and views, by name.
    pub(crate) tables: Vec<Found>,
    /// The types of its own that are lists of names.
    pub(crate) enums: BTreeMap<String, Vec<String>>,
    connection: Connection,
}

enum Connection {
    #[cfg(feature = "sqlite")]
    Sqlite(crate::store::sqlite::Inspection),
    #[cfg(feature = "postgres")]
    Postgres(Box<crate::store::postgres::Inspection>),
}

impl Source {
    /// Whether two names are of the same table or column.
    pub(super) fn is_same(&self, one: &str, other: &str) -> bool {
        match self.dialect {
            Dialect::Sqlite => one.eq_ignore_ascii_case(other),
            Dialect::Postgres => one == other,
        }
    }

    /// Reads the tables of an SQLite file, which is opened for reading only.
    ///
    /// # Errors
    ///
    /// When there is none, or it is none.
    #[cfg(feature = "sqlite")]
    pub(crate) fn sqlite(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::new(Reason::Unavailable, format!("there is no file `{}`", path.display())));
        }
        let mut inspection = crate::store::sqlite::Inspection::begin(path)?;
        let tables = std::mem::take(&mut inspection.tables);
        Ok(Self {
            dialect: Dialect::Sqlite,
            tables,
            enums: BTreeMap::new(),
            connection: Connection::Sqlite(inspection),
        })
    }

    /// Without SQLite there is no file to read.
    #[cfg(not(feature = "sqlite"))]
    pub(crate) fn sqlite(_: &Path) -> Result<Self> {
        Err(Error::new(Reason::Unavailable, "this program was built without SQLite"))
    }

    /// Reads the tables of the first schema on the search path.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached.
    #[cfg(feature = "postgres")]
    pub(crate) async fn postgres(url: &str) -> Result<Self> {
        let options: crate::store::postgres::PostgresOptions =
            url.parse().map_err(|reason: String| Error::new(Reason::Unavailable, reason))?;
        let mut inspection = crate::store::postgres::Inspection::begin(options).await?;
        let tables = std::mem::take(&mut inspection.tables);
        let enums = std::mem::take(&mut inspection.enums);
        Ok(Self {
            dialect: Dialect::Postgres,
            tables,
            enums,
            connection: Connection::Postgres(Box::new(inspection)),
        })
    }

    /// The answer of a query for one boolean.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub(crate) async fn ask(&self, sql: &str) -> Result<bool> {
        match &self.connection {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(inspection) => inspection.ask(sql),
            #[cfg(feature = "postgres")]
            Connection::Postgres(inspection) => inspection.ask(sql).await,
        }
    }
}
