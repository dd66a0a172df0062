//! Brings the file up to the tree, in one transaction.

mod search;

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::Connection;

use super::{
    failure,
    open::{self, Meta},
    query,
};
use crate::{
    error::{Error, Reason, Result},
    store::sql::{
        Dialect,
        schema::{
            self, Found, FoundColumn, FoundForeignKey, FoundIndex, Plan,
            declared::{self, Change, Declared},
            existing::{Existing, existing},
        },
        sqlite as text,
        statements::Layout,
    },
};

pub(super) fn migrate(
    connection: &Connection,
    layout: &mut Layout,
    service: &str,
    now: Timestamp,
    declared: Declared,
) -> Result<Meta> {
    let tables = schema::tables(&layout.tree, Dialect::Sqlite, 0)?;
    open::check_foreign(connection, &layout.tree)?;
    open::keep_log(connection)?;
    query::run(connection, text::BEGIN_WRITE).map_err(failure::error)?;
    let outcome = in_transaction(connection, layout, &tables, service, now, declared);
    let end = if outcome.is_ok() { text::COMMIT } else { text::ROLLBACK };
    let ended = query::run(connection, end).map_err(failure::error);
    if ended.is_err() && !connection.is_autocommit() {
        query::run(connection, text::ROLLBACK).map_err(failure::error)?;
    }
    let meta = outcome?;
    ended?;
    Ok(meta)
}

/// The SQL that [`migrate`] would run. Nothing is changed.
pub(super) fn pending(
    connection: &Connection,
    layout: &Layout,
    service: &str,
    now: Timestamp,
) -> Result<Vec<String>> {
    let tables = schema::tables(&layout.tree, Dialect::Sqlite, 0)?;
    open::check_foreign(connection, &layout.tree)?;
    if open::is_new(connection)? {
        let mut script = open::framework(service, now)?;
        let found = read_tables(connection).map_err(failure::error)?;
        script.extend(steps(connection, layout, &tables, found)?);
        return Ok(script);
    }
    let mut found = read_tables(connection).map_err(failure::error)?;
    let changes = declared_changes(&tables, &mut found);
    if changes.is_empty() {
        return steps(connection, layout, &tables, found);
    }
    // What only adds comes after the changes, which are made for a look and undone.
    query::run(connection, text::BEGIN_WRITE).map_err(failure::error)?;
    let outcome = make(connection, &changes)
        .and_then(|()| read_tables(connection).map_err(failure::error))
        .and_then(|found| steps(connection, layout, &tables, found));
    query::run(connection, text::ROLLBACK).map_err(failure::error)?;
    Ok(changes.iter().map(Change::script).chain(outcome?).collect())
}

/// What only adds.
fn steps(
    connection: &Connection,
    layout: &Layout,
    tables: &[schema::Table],
    mut found: HashMap<String, Found>,
) -> Result<Vec<String>> {
    let words = search::pending(layout, &found);
    let existing = existing(&layout.tree, Dialect::Sqlite);
    let mut script = plan(connection, tables, &existing, &mut found)?.script();
    script.extend(words);
    Ok(script)
}

/// The changes that the declaration names; `found` is then as if they had been made.
fn declared_changes(tables: &[schema::Table], found: &mut HashMap<String, Found>) -> Vec<Change> {
    let mut changes = Vec::new();
    for table in tables {
        if let Some(found) = found.get_mut(&table.name.to_lowercase()) {
            changes.extend(table.declared_changes(found));
        }
    }
    changes
}

/// Makes declared changes, unless a value would be lost.
fn make(connection: &Connection, changes: &[Change]) -> Result<()> {
    let refusal = |text: String| Error::new(Reason::Unavailable, text);
    for change in changes {
        if let Some(question) = change.question()
            && query::ask(connection, &question).map_err(failure::error)?.unwrap_or_default()
        {
            return Err(refusal(change.loss()));
        }
        for statement in &change.statements {
            connection
                .execute_batch(statement)
                .map_err(|cause| refusal(format!("{}: {cause}; nothing was changed", change.what)))?;
        }
    }
    Ok(())
}

fn in_transaction(
    connection: &Connection,
    layout: &mut Layout,
    tables: &[schema::Table],
    service: &str,
    now: Timestamp,
    declared: Declared,
) -> Result<Meta> {
    let meta = open::prepare(connection, service, now)?;
    let mut found = read_tables(connection).map_err(failure::error)?;
    let changes = declared_changes(tables, &mut found);
    match declared::refusal(&changes) {
        Some(text) if declared == Declared::Refused => return Err(Error::new(Reason::Unavailable, text)),
        Some(_) => {
            make(connection, &changes)?;
            found = read_tables(connection).map_err(failure::error)?;
        }
        None => {}
    }
    let existing = existing(&layout.tree, Dialect::Sqlite);
    let plan = plan(connection, tables, &existing, &mut found)?;
    apply(connection, &plan).map_err(failure::error)?;
    layout
        .learn(|table, column| found.get(&table.to_lowercase()).is_some_and(|found| found.computes(column)));
    search::bring_up(connection, layout, &found)?;
    Ok(meta)
}

/// What separates the file from the declaration. The declared tables are taken out of `found`.
fn plan(
    connection: &Connection,
    tables: &[schema::Table],
    existing: &[Existing],
    found: &mut HashMap<String, Found>,
) -> Result<Plan> {
    let mut plan = Plan::default();
    let mut ask = |sql: &str| Ok(query::ask(connection, sql).map_err(failure::error)?.unwrap_or_default());
    for table in existing {
        table.compare(&|name| found.get(&name.to_lowercase()), &mut plan, &mut ask)?;
    }
    for table in tables {
        match found.remove(&table.name.to_lowercase()) {
            Some(found) => {
                table.compare(&found, &mut plan, &mut ask)?;
            }
            None => plan.create(table),
        }
    }
    match plan.refusal() {
        Some(text) => Err(Error::new(Reason::Unavailable, text)),
        None => Ok(plan),
    }
}

fn apply(connection: &Connection, plan: &Plan) -> rusqlite::Result<()> {
    // Checks that only grow leave every row valid, so that the text of the table may change without its rows: the
    // way that SQLite's manual gives for such changes.
    if !plan.edits.is_empty() {
        let version: i64 = connection.pragma_query_value(None, "schema_version", |row| row.get(0))?;
        connection.pragma_update(None, "writable_schema", true)?;
        for (table, sql) in &plan.edits {
            let edited = query::execute(connection, text::EDIT_TABLE, |binder| {
                binder.text(sql)?;
                binder.text(table)
            });
            if edited.is_err() {
                connection.pragma_update(None, "writable_schema", false)?;
            }
            edited?;
        }
        connection.pragma_update(None, "schema_version", version + 1)?;
        connection.pragma_update(None, "writable_schema", false)?;
    }
    for statement in &plan.statements {
        connection.execute_batch(statement)?;
    }
    for (table, column, kind) in &plan.kinds {
        query::execute(connection, text::RECORD_KIND, |binder| {
            binder.text(table)?;
            binder.text(column)?;
            binder.text(kind.name())
        })?;
    }
    Ok(())
}

/// The tables and views that exist, by their names in lower case, with what is recorded of them where the framework's own tables
/// are there.
pub(super) fn read_tables(connection: &Connection) -> rusqlite::Result<HashMap<String, Found>> {
    let mut found = HashMap::new();
    let mut names = Vec::new();
    each(connection, text::LIST_TABLES, None, |row| {
        let name: String = row.get(0)?;
        let found_table =
            Found { name: name.clone(), sql: row.get(1)?, is_view: row.get(2)?, ..Found::default() };
        found.insert(name.to_lowercase(), found_table);
        names.push(name);
        Ok(())
    })?;
    for name in &names {
        if let Some(table) = found.get_mut(&name.to_lowercase()) {
            read_table(connection, name, table)?;
        }
    }
    if !found.contains_key("_columns") {
        return Ok(found);
    }
    each(connection, text::LIST_KINDS, None, |row| {
        let table: String = row.get(0)?;
        if let Some(table) = found.get_mut(&table.to_lowercase()) {
            table.kinds.insert(row.get(1)?, row.get(2)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn read_table(connection: &Connection, name: &str, table: &mut Found) -> rusqlite::Result<()> {
    each(connection, text::LIST_COLUMNS, Some(name), |row| {
        table.columns.push(FoundColumn {
            name: row.get(0)?,
            sql_type: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            key: row.get(4)?,
            generated: row.get::<_, i64>(5)? != 0,
        });
        Ok(())
    })?;
    each(connection, text::LIST_INDEXES, Some(name), |row| {
        let name: String = row.get(0)?;
        if table.indexes.last().is_none_or(|index| index.name != name) {
            let (unique, partial) = (row.get(1)?, row.get(2)?);
            table.indexes.push(FoundIndex { name, unique, partial, columns: Vec::new() });
        }
        if let Some(index) = table.indexes.last_mut() {
            index.columns.push(row.get(3)?);
        }
        Ok(())
    })?;
    let mut last = None;
    each(connection, text::LIST_FOREIGN_KEYS, Some(name), |row| {
        let id: i64 = row.get(0)?;
        if last.replace(id) != Some(id) {
            table.foreign_keys.push(FoundForeignKey { table: row.get(1)?, from: Vec::new(), to: Vec::new() });
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.from.push(row.get(2)?);
            key.to.push(row.get(3)?);
        }
        Ok(())
    })
}

fn each(
    connection: &Connection,
    sql: &str,
    table: Option<&str>,
    mut read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = match table {
        Some(table) => statement.query([table])?,
        None => statement.query([])?,
    };
    while let Some(row) = rows.next()? {
        read(row)?;
    }
    Ok(())
}
