//! The indexes of words: made from the rows that exist wherever they are not what the declaration asks for.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::{
    descriptor::FieldDescriptor,
    error::Result,
    search::words_of,
    store::{
        sql::{
            record::{Columns as _, key},
            schema::{
                Found,
                script::{record, words},
            },
            search::{COLUMN, Index, index_name},
            sqlite::{FORGET_KIND, RECORD_KIND},
            statements::{Layout, Table},
        },
        sqlite::{failure, query, value::Columns},
    },
    value::{Row, Value},
};

/// Makes the indexes that are missing or were made of something else. `found` are the tables that exist.
pub(super) fn bring_up(
    connection: &Connection,
    layout: &Layout,
    found: &HashMap<String, Found>,
) -> Result<()> {
    for table in layout.tables() {
        let name = index_name(&table.name);
        let made_of = found.get(&name.to_lowercase()).and_then(|found| found.kinds.get(COLUMN));
        match (&table.search, made_of) {
            (Some(index), Some(made_of)) if index.made_of == *made_of => {}
            (Some(index), _) => make(connection, table, index)?,
            // Nobody keeps it, so that it must be made anew should its fields be searched again.
            (None, Some(_)) => {
                query::execute(connection, FORGET_KIND, |binder| {
                    binder.text(&name)?;
                    binder.text(COLUMN)
                })
                .map_err(failure::error)?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

/// What [`bring_up`] would do, as far as SQL can say it. `found` are the tables that exist.
pub(super) fn pending(layout: &Layout, found: &HashMap<String, Found>) -> Vec<String> {
    let mut script = Vec::new();
    for table in layout.tables() {
        let Some(index) = &table.search else { continue };
        let made_of = found.get(&index.name.to_lowercase()).and_then(|found| found.kinds.get(COLUMN));
        if made_of == Some(&index.made_of) {
            continue;
        }
        if found.contains_key(&table.name.to_lowercase()) {
            script.push(words(&table.name));
        } else {
            script.push(format!("{};", index.create()));
            script.push(record(&index.name, COLUMN, &index.made_of));
        }
    }
    script
}

fn make(connection: &Connection, table: &Table, index: &Index) -> Result<()> {
    connection.execute_batch(&index.create()).map_err(failure::error)?;
    let mut statement = connection.prepare(&table.searched()).map_err(failure::error)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(failure::error)? {
        let mut columns = Columns::new(row);
        let path = key(table, &mut columns)?;
        let value =
            |field: &FieldDescriptor| if field.search { columns.value(field) } else { Ok(Value::Null) };
        let row = Row(table.fields.iter().map(value).collect::<Result<_>>()?);
        let text = index.text(&path, &words_of(table.fields, &row));
        query::execute(connection, &index.insert, |binder| {
            binder.ids(&path.0)?;
            binder.text(&text)
        })
        .map_err(failure::error)?;
    }
    query::execute(connection, RECORD_KIND, |binder| {
        binder.text(&index.name)?;
        binder.text(COLUMN)?;
        binder.text(&index.made_of)
    })
    .map_err(failure::error)?;
    Ok(())
}
