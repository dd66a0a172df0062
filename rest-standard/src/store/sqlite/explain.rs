//! How SQLite would carry out a scan.

use rusqlite::Connection;

use super::{failure, value::Binder};
use crate::{
    error::Result,
    store::{
        Extent, Scan,
        sql::{
            render::{self, Query},
            sqlite as text,
            statements::Table,
        },
    },
};

/// The lines of `EXPLAIN QUERY PLAN` for each statement that a page of the scan is read with.
pub(super) fn explain(connection: &Connection, table: &Table, scan: &Scan) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for range in render::ranges(table, scan)? {
        let query = match range.walked_column(table, scan) {
            Some(_) => render::walk(table, scan, &Extent::Whole, &range, scan.limit)?,
            None => render::page(table, scan, &Extent::Whole, &range, scan.limit, scan.offset)?,
        };
        plan(connection, &query, &mut lines)?;
    }
    Ok(lines)
}

fn plan(connection: &Connection, query: &Query<'_>, lines: &mut Vec<String>) -> Result<()> {
    let mut statement = connection.prepare(&text::explain(&query.sql)).map_err(failure::error)?;
    Binder::new(&mut statement).all(&query.binds).map_err(failure::error)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(failure::error)? {
        lines.push(row.get("detail").map_err(failure::error)?);
    }
    Ok(())
}
