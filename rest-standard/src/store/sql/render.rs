//! Queries as text and values.
//!
//! "After this element" over several columns is a disjunction that no index serves as a whole. It is the union of
//! disjoint ranges that follow each other in the order, and each range (some columns equal, one beyond) is a seek in
//! an index; so a page is read range by range until it is full, and the n-th page costs what the first does.

use super::{Dialect, Text, existing::sqlite_form, quote, search, statements::Table};
use crate::{
    descriptor::{ExistingTable, FieldKind, IdKind},
    error::{Error, Result},
    store::{Column, Direction, Extent, Scan, Scope},
    value::{Id, Value},
};

/// A value to bind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bind<'a> {
    /// An id of a path.
    Id(&'a Id),
    /// A column's value.
    Value(&'a Value),
    /// A text made for the statement.
    Text(String),
    /// A number of the framework's own.
    Integer(i64),
}

/// A statement with its values in binding order.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    /// The statement.
    pub(crate) sql: String,
    /// The values.
    pub(crate) binds: Vec<Bind<'a>>,
}

/// One of the ranges that a page is read from.
#[derive(Debug, PartialEq)]
pub(crate) struct Range<'a> {
    conditions: Vec<(Column, Is<'a>)>,
    /// Columns that ascend together from these values on, which Postgres seeks in an index as one.
    after: Vec<(Column, &'a Value)>,
    order: Vec<(Column, Direction)>,
    /// Whether its rows are found before they are put in order, as few are wanted of many by what no order helps to find.
    is_found_first: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Is<'a> {
    Equal(&'a Value),
    Above(&'a Value),
    Under(&'a Value),
    Null,
    NotNull,
}

#[cfg(feature = "sqlite")]
impl Range<'_> {
    /// The column of an index that has this range's rows in the order of the column, but not of the id after it.
    pub(crate) fn walked_column(&self, table: &Table, scan: &Scan) -> Option<Column> {
        match self.order.as_slice() {
            [(column @ Column::Field(index), Direction::Descending), (Column::Id, Direction::Ascending)]
                if scan.equals.is_empty()
                    && scan.filter.is_none()
                    && scan.search.is_empty()
                    && scan.offset == 0
                    && table.fields.get(*index)?.order
                    && self.conditions.iter().all(|(condition, _)| condition == column) =>
            {
                Some(*column)
            }
            _ => None,
        }
    }

    /// The rows of such a range with one value.
    pub(crate) fn of_equal<'b>(&self, column: Column, value: &'b Value) -> Range<'b> {
        Range {
            conditions: vec![(column, Is::equal(value))],
            after: Vec::new(),
            order: vec![(Column::Id, Direction::Ascending)],
            is_found_first: false,
        }
    }
}

#[cfg(feature = "postgres")]
impl Range<'_> {
    /// Has the rows found before they are put in order. Postgres guesses how many rows have a word, never fewer than one in 200,
    /// and walks an index in the order of the page to meet them, which for a word that few rows have is the whole index.
    pub(crate) fn find_first(&mut self) {
        self.is_found_first = true;
    }
}

impl<'a> Is<'a> {
    fn equal(value: &'a Value) -> Self {
        if value.is_null() { Self::Null } else { Self::Equal(value) }
    }
}

/// The ranges of a scan, in its order.
///
/// # Errors
///
/// `Internal` when `after` has fewer values than the order has columns.
pub(crate) fn ranges<'a>(table: &Table, scan: &'a Scan) -> Result<Vec<Range<'a>>> {
    let order = whole_order(scan);
    let Some(after) = &scan.after else {
        return Ok(vec![Range { conditions: Vec::new(), after: Vec::new(), order, is_found_first: false }]);
    };
    if after.len() != scan.order.len() + 1 {
        return Err(Error::internal("a cursor does not fit its order"));
    }
    // An appended id is the last value; columns after a named id were left out with their values.
    let values = &after[..order.len()];
    let ascends = |(column, direction): &(Column, Direction)| {
        *direction == Direction::Ascending && !is_nullable(table, *column)
    };
    if table.dialect == Dialect::Postgres && order.iter().all(ascends) {
        let after = order.iter().map(|(column, _)| *column).zip(values).collect();
        return Ok(vec![Range { conditions: Vec::new(), after, order, is_found_first: false }]);
    }
    let mut ranges = Vec::with_capacity(order.len() + 1);
    for at in (0..order.len()).rev() {
        let (column, direction) = order[at];
        let equal = order[..at].iter().zip(values).map(|((column, _), value)| (*column, Is::equal(value)));
        let range = |beyond: Is<'a>, order: &[(Column, Direction)]| Range {
            conditions: equal.clone().chain([(column, beyond)]).collect(),
            after: Vec::new(),
            order: order.to_vec(),
            is_found_first: false,
        };
        match (direction, values[at].is_null()) {
            (Direction::Ascending, true) => ranges.push(range(Is::NotNull, &order[at..])),
            (Direction::Ascending, false) => ranges.push(range(Is::Above(&values[at]), &order[at..])),
            (Direction::Descending, true) => {}
            (Direction::Descending, false) => {
                ranges.push(range(Is::Under(&values[at]), &order[at..]));
                if is_nullable(table, column) {
                    ranges.push(range(Is::Null, &order[at + 1..]));
                }
            }
        }
    }
    Ok(ranges)
}

/// The order of a scan, which the id ends.
fn whole_order(scan: &Scan) -> Vec<(Column, Direction)> {
    let mut order = Vec::with_capacity(scan.order.len() + 1);
    for (column, direction) in &scan.order {
        order.push((*column, *direction));
        // Below one parent the id decides every tie, so that columns after it mean nothing.
        if *column == Column::Id && !matches!(scan.scope, Scope::Across(_)) {
            return order;
        }
    }
    let is_id_named = order.iter().any(|(column, _)| *column == Column::Id);
    if !is_id_named {
        order.push((Column::Id, Direction::Ascending));
    }
    order
}

/// The key columns that a scan's scope leaves open, of which the id is the last. A page gives them first.
pub(crate) fn open_keys(table: &Table, scope: &Scope) -> std::ops::Range<usize> {
    let fixed = match scope {
        Scope::Across(above) => above.0.len(),
        Scope::Below(_) | Scope::Changes(..) => table.keys.len().saturating_sub(1),
    };
    fixed.min(table.keys.len())..table.keys.len()
}

/// Renders the rows of one range: the ids that are open, then the columns of a record that are read of it.
///
/// The limit is part of the text, see [`Dialect::limit`](super::Dialect::limit); the reader stops at the row that it needs.
pub(crate) fn page<'a>(
    table: &Table,
    scan: &'a Scan,
    extent: &Extent,
    range: &Range<'a>,
    limit: u64,
    offset: u64,
) -> Result<Query<'a>> {
    ordered_page(table, scan, extent, range, &range.order, limit, offset)
}

/// Renders all rows that match, in order and without a limit.
pub(crate) fn all<'a>(table: &Table, scan: &'a Scan, extent: &Extent) -> Result<Query<'a>> {
    let range =
        Range { conditions: Vec::new(), after: Vec::new(), order: whole_order(scan), is_found_first: false };
    page(table, scan, extent, &range, u64::MAX, 0)
}

#[cfg(feature = "sqlite")]
/// The same in the order of the first column only, for a range with a [`Range::walked_column`].
pub(crate) fn walk<'a>(
    table: &Table,
    scan: &'a Scan,
    extent: &Extent,
    range: &Range<'a>,
    limit: u64,
) -> Result<Query<'a>> {
    ordered_page(table, scan, extent, range, &range.order[..1], limit, 0)
}

fn ordered_page<'a>(
    table: &Table,
    scan: &'a Scan,
    extent: &Extent,
    range: &Range<'a>,
    order: &[(Column, Direction)],
    limit: u64,
    offset: u64,
) -> Result<Query<'a>> {
    let mut query = Builder::new(table);
    query.text.push("SELECT ");
    let open = open_keys(table, &scan.scope);
    if !open.is_empty() {
        query.text.push(&table.read_keys(open)).push(", ");
    }
    query.text.push(&table.columns(extent));
    if range.is_found_first {
        // No part of the page goes into a query with an offset, not even one of 0.
        query.text.push(" FROM (SELECT *");
        query.scope(table, scan)?;
        query.text.push(" OFFSET 0) AS \"found\" WHERE TRUE");
    } else {
        query.scope(table, scan)?;
    }
    for (column, is) in &range.conditions {
        query.condition(table, *column, *is)?;
    }
    if !range.after.is_empty() {
        query.after(table, &range.after)?;
    }
    for (at, (column, direction)) in order.iter().enumerate() {
        let column = ordered_name(table, *column)?;
        query.text.push(if at == 0 { " ORDER BY " } else { ", " }).push(&column);
        query.text.push(table.dialect.direction(*direction, is_nullable(table, order[at].0)));
    }
    query.text.push(" LIMIT ").number(table.dialect.limit(limit));
    if offset > 0 {
        query.text.push(" OFFSET ").bind();
        query.binds.push(Bind::Integer(i64::try_from(offset).unwrap_or(i64::MAX)));
    }
    Ok(query.finish())
}

/// Renders a count of all rows that match, which stops at `limit`.
pub(crate) fn count<'a>(table: &Table, scan: &'a Scan, limit: Option<u64>) -> Result<Query<'a>> {
    let mut query = Builder::new(table);
    match limit {
        Some(limit) => {
            query.text.push("SELECT count(*) FROM (SELECT 1");
            query.scope(table, scan)?;
            query.text.push(" LIMIT ").number(limit.min(i64::MAX as u64)).push(") AS \"counted\"");
        }
        None => {
            query.text.push("SELECT count(*)");
            query.scope(table, scan)?;
        }
    }
    Ok(query.finish())
}

/// Renders a count of the rows that have the words of a search, wherever they are, which stops at `limit`.
#[cfg(feature = "postgres")]
pub(crate) fn count_found<'a>(table: &Table, scan: &'a Scan, limit: u64) -> Result<Query<'a>> {
    let mut query = Builder::new(table);
    query.text.push("SELECT count(*) FROM (SELECT 1 FROM ").push(&quote(&table.name)).push(" WHERE TRUE");
    query.search(table, scan)?;
    query.text.push(" LIMIT ").number(limit).push(") AS \"counted\"");
    Ok(query.finish())
}

/// A statement under construction.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub(super) text: Text,
    pub(super) binds: Vec<Bind<'a>>,
}

impl<'a> Builder<'a> {
    const fn new(table: &Table) -> Self {
        Self { text: Text::new(table.dialect), binds: Vec::new() }
    }

    fn scope(&mut self, table: &Table, scan: &'a Scan) -> Result<()> {
        self.text.push(" FROM ").push(&quote(&table.name)).push(" WHERE ");
        match &scan.scope {
            Scope::Changes(owner, incarnation) if table.is_log && owner.0.len() + 1 == table.keys.len() => {
                table.incarnation(&mut self.text);
                self.binds.extend(owner.0.iter().map(Bind::Id));
                self.binds.push(Bind::Integer(*incarnation));
            }
            Scope::Below(parent) if !table.is_log && parent.0.len() + 1 == table.keys.len() => {
                table.push_key(&mut self.text, parent.0.len());
                self.binds.extend(parent.0.iter().map(Bind::Id));
            }
            Scope::Across(above) if !table.is_log && above.0.len() + 1 < table.keys.len() => {
                table.push_key(&mut self.text, above.0.len());
                self.binds.extend(above.0.iter().map(Bind::Id));
            }
            scope => {
                return Err(Error::internal(format!("`{}` cannot be scanned over {scope:?}", table.name)));
            }
        }
        if scan.live && table.is_soft {
            self.text.push(" AND \"deleted_at\" IS NULL");
        }
        for (column, value) in &scan.equals {
            self.condition(table, *column, Is::equal(value))?;
        }
        if !scan.search.is_empty() {
            self.search(table, scan)?;
        }
        if let Some(filter) = &scan.filter {
            self.text.push(" AND ");
            self.filter(table, filter, false)?;
        }
        Ok(())
    }

    fn search(&mut self, table: &Table, scan: &'a Scan) -> Result<()> {
        if table.is_searched && table.dialect == Dialect::Postgres {
            self.text.push(" AND ").push(&quote(search::LEXEMES)).push(" @@ ").bind().push("::text::tsquery");
            self.binds.push(Bind::Text(search::lexemes_found(&scan.search)));
            return Ok(());
        }
        let (Some(index), Scope::Below(parent) | Scope::Across(parent)) = (&table.search, &scan.scope) else {
            return Err(Error::internal(format!("`{}` cannot be searched for words", table.name)));
        };
        index.push(&mut self.text, parent.0.len());
        self.binds.push(Bind::Text(index.found(parent, &scan.search)));
        Ok(())
    }

    fn condition(&mut self, table: &Table, column: Column, is: Is<'a>) -> Result<()> {
        let name = match is {
            Is::Above(_) | Is::Under(_) => ordered_name(table, column)?,
            Is::Equal(_) | Is::Null | Is::NotNull => column_name(table, column)?,
        };
        self.text.push(" AND ").push(&name);
        let (operator, value) = match is {
            Is::Equal(value) => (" = ", value),
            Is::Above(value) => (" > ", value),
            Is::Under(value) => (" < ", value),
            Is::Null => {
                self.text.push(" IS NULL");
                return Ok(());
            }
            Is::NotNull => {
                self.text.push(" IS NOT NULL");
                return Ok(());
            }
        };
        self.text.push(operator);
        self.value(table, value);
        Ok(())
    }

    /// Appends a value that a column is compared with.
    pub(super) fn value(&mut self, table: &Table, value: &'a Value) {
        self.text.bind();
        table.push_cast(&mut self.text, value);
        let form =
            table.existing.filter(|_| table.dialect == Dialect::Sqlite).and_then(|_| sqlite_form(value));
        self.binds.push(form.map_or(Bind::Value(value), Bind::Text));
    }

    fn after(&mut self, table: &Table, after: &[(Column, &'a Value)]) -> Result<()> {
        let names =
            after.iter().map(|(column, _)| ordered_name(table, *column)).collect::<Result<Vec<_>>>()?;
        self.text.push(" AND (").push(&names.join(", ")).push(") > (");
        for (at, (_, value)) in after.iter().enumerate() {
            if at > 0 {
                self.text.push(", ");
            }
            self.value(table, value);
        }
        self.text.push(")");
        Ok(())
    }

    fn finish(self) -> Query<'a> {
        Query { sql: self.text.finish(), binds: self.binds }
    }
}

/// The column as rows are ordered by it.
pub(super) fn ordered_name(table: &Table, column: Column) -> Result<String> {
    let name = column_name(table, column)?;
    let is_text = match column {
        Column::Field(index) => {
            table.fields.get(index).is_some_and(|field| matches!(field.kind, FieldKind::Text))
        }
        Column::Id => table.keys.last().is_some_and(|(_, kind)| *kind == IdKind::Text),
        Column::Above(index) => table.keys.get(index).is_some_and(|(_, kind)| *kind == IdKind::Text),
        Column::CreatedBy | Column::UpdatedBy => true,
        _ => false,
    };
    Ok(table.ordered_sql(name, is_text))
}

/// The column as SQL.
pub(super) fn column_name(table: &Table, column: Column) -> Result<String> {
    if let Some(existing) = table.existing {
        return existing_name(table, existing, column);
    }
    let name = match column {
        Column::Field(index) => match table.fields.get(index) {
            Some(field) => field.column,
            None => return Err(Error::internal(format!("`{}` has no field {index}", table.name))),
        },
        Column::Id => "id",
        Column::CreatedAt => "created_at",
        Column::CreatedBy => "created_by",
        Column::UpdatedAt if table.is_log => "created_at",
        Column::UpdatedAt => "updated_at",
        Column::UpdatedBy if table.is_log => "created_by",
        Column::UpdatedBy => "updated_by",
        Column::DeletedAt => "deleted_at",
        Column::DeletedBy => "deleted_by",
        Column::PurgeAt => "purge_at",
        Column::Above(index) => match table.keys.get(index) {
            Some((column, _)) => column,
            None => return Err(Error::internal(format!("`{}` has no key column {index}", table.name))),
        },
    };
    Ok(quote(name))
}

fn existing_name(table: &Table, existing: &ExistingTable, column: Column) -> Result<String> {
    let missing = || Error::internal(format!("`{}` has no column for {column:?}", table.name));
    let own = |name: Option<&str>| name.map(quote).ok_or_else(missing);
    match column {
        Column::Field(index) => {
            let field = table.fields.get(index).ok_or_else(missing)?;
            Ok(table.compared_sql(field))
        }
        Column::Id => table.key_sql.last().cloned().ok_or_else(missing),
        Column::Above(index) => table.key_sql.get(index).cloned().ok_or_else(missing),
        Column::CreatedAt => own(existing.created_at),
        Column::CreatedBy => own(existing.created_by),
        Column::UpdatedAt => own(existing.updated_at),
        Column::UpdatedBy => own(existing.updated_by),
        Column::DeletedAt | Column::DeletedBy | Column::PurgeAt => Err(missing()),
    }
}

pub(super) fn is_nullable(table: &Table, column: Column) -> bool {
    match column {
        Column::Field(index) => table.fields.get(index).is_some_and(|field| field.nullable),
        Column::CreatedBy | Column::UpdatedBy | Column::DeletedAt | Column::DeletedBy | Column::PurgeAt => {
            true
        }
        Column::Id | Column::CreatedAt | Column::UpdatedAt | Column::Above(_) => false,
    }
}

#[cfg(feature = "sqlite")]
/// Whether a scan may have to look at many rows, so that it should not run on a thread that serves others.
pub(crate) fn is_long(table: &Table, scan: &Scan) -> bool {
    let is_indexed = |column: Column| match column {
        Column::Id => true,
        Column::Field(index) if !matches!(scan.scope, Scope::Across(_)) => {
            table.fields.get(index).is_some_and(|field| field.filter || field.order || field.unique)
        }
        _ => false,
    };
    // Below one parent no order has them.
    let is_by_key = |(column, _): &(Column, Direction)| matches!(column, Column::Above(_));
    let is_short = match (scan.equals.as_slice(), scan.order.as_slice()) {
        ([], order) if order.iter().all(is_by_key) => true,
        ([], [(column, _)]) | ([(column, _)], [] | [(Column::Id, _)]) => is_indexed(*column),
        // Two indexes do not add up: SQLite walks one and looks at every row, or sorts.
        _ => false,
    };
    // Whether an existing table has the indexes, nobody said.
    table.existing.is_some()
        || scan.offset > 1_000
        || scan.filter.is_some()
        || !scan.search.is_empty()
        || !is_short
}
