//! The tables and views that a database has.

use std::collections::{BTreeMap, HashMap};

use deadpool_postgres::Client;

use super::{Stopped, refusal, rows, unreachable};
use crate::{
    error::Result,
    store::{
        postgres::{
            failure,
            pool::{Connections, PostgresOptions},
            session::Session,
            value::Columns,
        },
        sql::{
            postgres as text,
            record::Columns as _,
            schema::{Found, FoundColumn, FoundForeignKey, FoundIndex, partitions::is_values_table},
        },
    },
};

/// A connection that reads the tables of a schema.
pub(crate) struct Inspection {
    connections: Connections,
    /// Its tables and views, by name.
    pub(crate) tables: Vec<Found>,
    /// The types of its own that are lists of names.
    pub(crate) enums: BTreeMap<String, Vec<String>>,
}

impl Inspection {
    /// Reads the tables.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached.
    pub(crate) async fn begin(options: PostgresOptions) -> Result<Self> {
        let connections = Connections::new(options, "import-schema").map_err(refusal)?;
        let (tables, enums) = Self::read(&connections).await?;
        Ok(Self { connections, tables, enums })
    }

    async fn read(connections: &Connections) -> Result<(Vec<Found>, BTreeMap<String, Vec<String>>)> {
        let session = Session::begin(connections).await.map_err(|error| unreachable(&error))?;
        let unread = |stopped| match stopped {
            Stopped::Refused(error) => error,
            Stopped::Failed(cause) => {
                refusal(format!("the tables cannot be read: {}", failure::words(&cause)))
            }
        };
        let client = session.connection();
        let tables = read_tables(client).await.map_err(unread)?;
        let is_own = |table: &Found| !is_values_table(&table.name);
        let mut tables: Vec<Found> = tables.into_values().filter(is_own).collect();
        tables.sort_by(|one, other| one.name.cmp(&other.name));
        let mut enums: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows(client, text::LIST_ENUMS, &[]).await.map_err(|cause| unread(cause.into()))? {
            let mut columns = Columns::new(&row);
            let name = columns.text()?.to_owned();
            enums.entry(name).or_default().push(columns.text()?.to_owned());
        }
        Ok((tables, enums))
    }

    /// The answer of a query for one boolean.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub(crate) async fn ask(&self, sql: &str) -> Result<bool> {
        let session = Session::begin(&self.connections).await.map_err(|error| unreachable(&error))?;
        let found = rows(session.connection(), sql, &[]).await;
        let found =
            found.map_err(|cause| refusal(format!("the rows cannot be read: {}", failure::words(&cause))))?;
        Ok(found.first().map(|row| Columns::new(row).boolean()).transpose()?.unwrap_or_default())
    }
}

/// The tables and views that exist, with what is recorded of them where the framework's own tables are there.
pub(super) async fn read_tables(client: &Client) -> Result<HashMap<String, Found>, Stopped> {
    let mut found: HashMap<String, Found> = HashMap::new();
    for row in rows(client, text::LIST_TABLES, &[]).await? {
        let mut columns = Columns::new(&row);
        let name = columns.text()?.to_owned();
        let table = Found { name: name.clone(), is_view: columns.boolean()?, ..Found::default() };
        found.insert(name, table);
    }
    for row in rows(client, text::LIST_COLUMNS, &[]).await? {
        let mut columns = Columns::new(&row);
        let Some(table) = found.get_mut(columns.text()?) else { continue };
        table.columns.push(FoundColumn {
            name: columns.text()?.to_owned(),
            sql_type: columns.text()?.replace(" COLLATE \"default\"", ""),
            not_null: columns.boolean()?,
            default: columns.optional_text()?,
            key: columns.integer()?,
            generated: columns.boolean()?,
        });
    }
    for row in rows(client, text::LIST_INDEXES, &[]).await? {
        let mut columns = Columns::new(&row);
        let Some(table) = found.get_mut(columns.text()?) else { continue };
        let name = columns.text()?;
        let (unique, partial) = (columns.boolean()?, columns.boolean()?);
        if table.indexes.last().is_none_or(|index| index.name != name) {
            table.indexes.push(FoundIndex { name: name.to_owned(), unique, partial, columns: Vec::new() });
        }
        if let Some(index) = table.indexes.last_mut() {
            index.columns.push(columns.optional_text()?);
        }
    }
    let mut last = None;
    for row in rows(client, text::LIST_FOREIGN_KEYS, &[]).await? {
        let mut columns = Columns::new(&row);
        let (of, constraint) = (columns.text()?.to_owned(), columns.text()?.to_owned());
        let target = columns.text()?.to_owned();
        let Some(table) = found.get_mut(&of) else { continue };
        let this = Some((of, constraint));
        if last != this {
            table.foreign_keys.push(FoundForeignKey { table: target, from: Vec::new(), to: Vec::new() });
            last = this;
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.from.push(columns.text()?.to_owned());
            key.to.push(columns.optional_text()?);
        }
    }
    for row in rows(client, text::LIST_CHECKS, &[]).await? {
        let mut columns = Columns::new(&row);
        let Some(table) = found.get_mut(columns.text()?) else { continue };
        table.checks.insert(columns.text()?.to_owned(), columns.text()?.to_owned());
    }
    if !found.contains_key("_columns") {
        return Ok(found);
    }
    for row in rows(client, text::LIST_KINDS, &[]).await? {
        let mut columns = Columns::new(&row);
        let Some(table) = found.get_mut(columns.text()?) else { continue };
        table.kinds.insert(columns.text()?.to_owned(), columns.text()?.to_owned());
    }
    Ok(found)
}
