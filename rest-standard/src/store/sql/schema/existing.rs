//! Whether a table that was there before fits its declaration. Nothing about it is ever changed.

use super::{Dialect, Found, FoundColumn, Kind, Plan, compare::Difference, quote, quote_list};
use crate::{
    descriptor::{Descriptor, ExistingTable, FieldDescriptor, FieldKind, IdKind, Method},
    error::Result,
    store::sql::{
        existing::{stored_keys, table_name},
        look,
    },
    tree::{Node, Tree},
};

/// A table of somebody else's, as its declaration has it.
#[derive(Debug)]
pub(crate) struct Existing {
    dialect: Dialect,
    /// The table's name.
    pub(crate) name: String,
    descriptor: &'static Descriptor,
    table: &'static ExistingTable,
    /// The columns of the key, with the kinds of their ids.
    keys: Vec<(String, IdKind)>,
    /// Of the table above, where ids are looked up in it: its name and its columns that this one has too.
    looked_up: Option<(String, Vec<String>)>,
}

/// The tables of a tree that were there before.
pub(crate) fn existing(tree: &Tree, dialect: Dialect) -> Vec<Existing> {
    tree.nodes().iter().filter_map(|node| Existing::new(tree, node, dialect)).collect()
}

impl Existing {
    fn new(tree: &Tree, node: &Node, dialect: Dialect) -> Option<Self> {
        let table = node.descriptor.existing.as_ref()?;
        let (from, keys) = stored_keys(tree, node, dialect);
        let looked_up = node.owner.filter(|_| from > 0).map(|owner| {
            let owner = tree.node(owner);
            let (owner_from, owner_keys) = stored_keys(tree, owner, dialect);
            let shared = owner_keys[from.max(owner_from)..].iter().map(|(name, _)| name.clone());
            (table_name(owner, dialect), shared.collect())
        });
        let keys = keys[from..].to_vec();
        let name = table.name.to_owned();
        Some(Self { dialect, name, descriptor: node.descriptor, table, keys, looked_up })
    }

    fn differ(&self, plan: &mut Plan, what: &str, mend: impl Into<String>) {
        let what = format!("table `{}` of `{}`: {what}", self.name, self.descriptor.name);
        plan.differences.push(Difference { what, mend: mend.into() });
    }

    fn writes(&self) -> bool {
        let methods = self.descriptor.methods;
        methods.has(Method::Create) || methods.has(Method::Update) || self.descriptor.import
    }

    /// Compares the declaration with the table that is there. `found` gives a table by its name, `ask` answers a query for one
    /// boolean.
    ///
    /// # Errors
    ///
    /// When `ask` fails.
    pub(crate) fn compare<'f>(
        &self,
        found: &dyn Fn(&str) -> Option<&'f Found>,
        plan: &mut Plan,
        ask: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<()> {
        let Some(there) = found(&self.name) else {
            let mend = "-- name a table or view of the database: `table = \"…\"`; the case of letters matters on Postgres";
            self.differ(plan, "it is not in the database", mend);
            return Ok(());
        };
        self.compare_names(plan);
        for (name, kind) in &self.keys {
            let what = format!("the key column `{name}`");
            if let Some(column) = self.column(&what, name, there, plan) {
                self.compare_type(&what, column, Kind::of_id(*kind), None, plan);
            }
        }
        let own = [
            ("created_at", self.table.created_at, Kind::Timestamp),
            ("created_by", self.table.created_by, Kind::Text),
            ("updated_at", self.table.updated_at, Kind::Timestamp),
            ("updated_by", self.table.updated_by, Kind::Text),
        ];
        for (word, name, kind) in own {
            let Some(name) = name else { continue };
            let what = format!("the column `{name}` of `{word}`");
            let Some(column) = self.column(&what, name, there, plan) else { continue };
            self.compare_type(&what, column, kind, None, plan);
            if (kind, self.dialect) == (Kind::Timestamp, Dialect::Sqlite)
                && ask(&look::some_have_other_form(&self.name, &column.name, look::Form::Instant))?
            {
                let mend = format!(
                    "-- leave `{word}` out; instants are texts such as `2026-11-21 10:00:00`, in UTC"
                );
                self.differ(plan, &format!("{what} holds values of another form"), mend);
            }
            if kind == Kind::Timestamp && self.has_null(column, there, ask)? {
                let mend = format!("-- leave `{word}` out, and declare an optional field for the column");
                self.differ(plan, &format!("{what} allows NULL, and every resource has one"), mend);
            }
        }
        for field in self.descriptor.fields {
            self.compare_field(field, there, plan, ask)?;
        }
        self.compare_rest(there, plan);
        self.compare_unique(there, found, plan);
        Ok(())
    }

    /// Names that a statement could not be put together of.
    fn compare_names(&self, plan: &mut Plan) {
        let keys = self.keys.iter().map(|(name, _)| name.as_str());
        let own =
            [self.table.created_at, self.table.created_by, self.table.updated_at, self.table.updated_by];
        let fields = self.descriptor.fields.iter().map(|field| field.column);
        let names = keys.chain(fields).chain([self.table.name]).chain(own.into_iter().flatten());
        for name in names.filter(|name| name.contains(['$', '"', '\0'])) {
            self.differ(plan, &format!("the name `{name}` has a `$` or a quote"), "-- give it another name");
        }
    }

    fn column<'f>(
        &self,
        what: &str,
        name: &str,
        there: &'f Found,
        plan: &mut Plan,
    ) -> Option<&'f FoundColumn> {
        let is_called = |column: &&FoundColumn| match self.dialect {
            Dialect::Sqlite => column.name.eq_ignore_ascii_case(name),
            Dialect::Postgres => column.name == name,
        };
        let column = there.columns.iter().find(is_called);
        if column.is_none() {
            let names: Vec<_> = there.columns.iter().map(|column| format!("`{}`", column.name)).collect();
            let mend = format!("-- the columns are {}", names.join(", "));
            self.differ(plan, &format!("{what} is missing"), mend);
        }
        column
    }

    fn compare_field(
        &self,
        field: &'static FieldDescriptor,
        there: &Found,
        plan: &mut Plan,
        ask: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<()> {
        let what = format!("the column `{}` of `{}`", field.column, field.rust_name);
        let Some(column) = self.column(&what, field.column, there, plan) else { return Ok(()) };
        self.compare_type(&what, column, Kind::of(field.kind), Some(field), plan);
        if column.generated && self.writes() && !field.output_only {
            let mend = "-- write `output_only` on the field: the database computes the column";
            self.differ(plan, &format!("{what} is computed"), mend);
        }
        if !field.nullable && self.has_null(column, there, ask)? {
            let mend = "-- make the field's type an `Option`";
            self.differ(plan, &format!("{what} allows NULL, but the field is required"), mend);
        }
        let is_written = self.writes() && !field.output_only;
        if field.nullable && column.not_null && is_written && column.key == 0 {
            let mend = "-- make the field's type one that is no `Option`";
            self.differ(plan, &format!("{what} is NOT NULL, but the field is optional"), mend);
        }
        let form = match field.kind {
            _ if self.dialect != Dialect::Sqlite || field.texts.is_some() => None,
            FieldKind::Timestamp => {
                Some((look::Form::Instant, "texts such as `2026-11-21 10:00:00`, in UTC"))
            }
            FieldKind::Date => Some((look::Form::Date, "texts such as `2026-11-21`")),
            FieldKind::Integer { .. } | FieldKind::Enum(_) | FieldKind::Bool => {
                Some((look::Form::Integer, "integers"))
            }
            FieldKind::Float => Some((look::Form::Number, "numbers")),
            _ => None,
        };
        if let Some((form, expected)) = form
            && ask(&look::some_have_other_form(&self.name, &column.name, form))?
        {
            let mend = format!(
                "-- they must be {expected}; or make the field a `String`, where the column is one of texts"
            );
            self.differ(plan, &format!("{what} holds values of another form"), mend);
        }
        Ok(())
    }

    /// Whether a column has a null, or may have one.
    fn has_null(
        &self,
        column: &FoundColumn,
        there: &Found,
        ask: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<bool> {
        if column.not_null || column.key > 0 {
            return Ok(false);
        }
        // Of a view nobody knows; its rows say.
        if there.is_view {
            return ask(&look::has_null(&self.name, &column.name));
        }
        Ok(true)
    }

    fn compare_type(
        &self,
        what: &str,
        column: &FoundColumn,
        kind: Kind,
        field: Option<&FieldDescriptor>,
        plan: &mut Plan,
    ) {
        let is_text = field.is_some_and(|field| field.texts.is_some());
        let fits = match self.dialect {
            Dialect::Sqlite => fits_sqlite(&column.sql_type, if is_text { Kind::Text } else { kind }),
            Dialect::Postgres => is_text || fits_postgres(&column.sql_type, kind),
        };
        if !fits {
            let is_key = self.keys.iter().any(|(name, _)| name.eq_ignore_ascii_case(&column.name));
            let mend = match suggestion(self.dialect, &column.sql_type) {
                Some("i64") if is_key => "-- write `id = Integer`".to_owned(),
                Some("Uuid") if is_key => "-- write `id = Uuid`".to_owned(),
                Some("String") if is_key => "-- write `id = Text`, or `id = Slug`".to_owned(),
                _ if is_key => "-- name a column of integers, UUIDs or texts: `key = …`".to_owned(),
                Some(ty) => format!("-- make the field's type `{ty}`"),
                None => "-- leave the field out: values of this type have no form in the API".to_owned(),
            };
            let what = format!("{what} is {}, which does not hold {}", column.sql_type, kind.name());
            self.differ(plan, &what, mend);
            return;
        }
        let Some(field) = field.filter(|field| self.writes() && !field.output_only) else { return };
        if let (FieldKind::Integer { .. }, Some((least, greatest))) = (field.kind, field.integer_bounds()) {
            let (low, high, ty) = match column.sql_type.as_str() {
                "integer" if self.dialect == Dialect::Postgres => (i32::MIN.into(), i32::MAX.into(), "i32"),
                "smallint" if self.dialect == Dialect::Postgres => (i16::MIN.into(), i16::MAX.into(), "i16"),
                _ => (i64::MIN, i64::MAX, "i64"),
            };
            if least < low || greatest > high {
                let mend = format!("-- make the field's type `{ty}`");
                let what = format!("{what} is {}, which holds less than the field", column.sql_type);
                self.differ(plan, &what, mend);
            }
        }
        if let (FieldKind::Text, Some(most)) = (field.kind, size(&column.sql_type))
            && field.length.is_none_or(|(_, longest)| longest > most)
            && self.dialect == Dialect::Postgres
        {
            let least = field.length.map_or(0, |(least, _)| least);
            let mend = format!("-- write `length = {least}..={most}` on the field");
            let what = format!("{what} is {}, which holds less than the field", column.sql_type);
            self.differ(plan, &what, mend);
        }
    }

    /// What is there beside what is declared.
    fn compare_rest(&self, there: &Found, plan: &mut Plan) {
        let methods = self.descriptor.methods;
        let writes =
            [Method::Create, Method::Update, Method::Delete].into_iter().any(|method| methods.has(method));
        if there.is_view && (writes || self.descriptor.import) {
            let mend = "-- write `methods(list, read)` on the resource";
            self.differ(plan, "it is a view, and a view is only read", mend);
            return;
        }
        if !methods.has(Method::Create) && !self.descriptor.upsert {
            return;
        }
        let own =
            [self.table.created_at, self.table.created_by, self.table.updated_at, self.table.updated_by];
        let keys = self.keys.iter().map(|(name, _)| name.as_str());
        let fields = self.descriptor.fields.iter().map(|field| field.column);
        let known: Vec<&str> = keys.chain(fields).chain(own.into_iter().flatten()).collect();
        for column in &there.columns {
            let is_known = known.iter().any(|name| column.name.eq_ignore_ascii_case(name));
            if !is_known && column.not_null && column.default.is_none() && !column.generated {
                let what = format!(
                    "the column `{}` is not declared, and no row can be inserted without a value for it",
                    column.name
                );
                self.differ(
                    plan,
                    &what,
                    "-- declare a field for it, or write `without(create)` on the resource",
                );
            }
        }
    }

    fn compare_unique<'f>(&self, there: &Found, found: &dyn Fn(&str) -> Option<&'f Found>, plan: &mut Plan) {
        let keys: Vec<&str> = self.keys.iter().map(|(name, _)| name.as_str()).collect();
        if !there.is_view && !is_unique(there, &keys) {
            let mend = format!(
                "CREATE UNIQUE INDEX {} ON {} ({}); -- or name the columns of the primary key: `key(…)`",
                quote(&format!("{}.key", self.name)),
                quote(&self.name),
                quote_list(keys.iter().copied())
            );
            self.differ(plan, &format!("two rows may have the same ({})", keys.join(", ")), mend);
        }
        if let Some((name, shared)) = &self.looked_up {
            let shared: Vec<&str> = shared.iter().map(String::as_str).collect();
            let is_found = found(name).is_none_or(|above| above.is_view || is_unique(above, &shared));
            if !is_found {
                let what = format!("({}) may lead to several rows of `{name}`", shared.join(", "));
                self.differ(plan, &what, "-- name the columns of all ids that lead to a row: `key(…)`");
            }
        }
        for field in self.descriptor.fields.iter().filter(|field| field.unique) {
            if !there.is_view && !is_unique(there, &[field.column]) {
                let mend = format!(
                    "CREATE UNIQUE INDEX {} ON {} ({});",
                    quote(&format!("{}.{}.unique", self.name, field.column)),
                    quote(&self.name),
                    quote(field.column)
                );
                self.differ(plan, &format!("`{}` is unique, and its column is not", field.rust_name), mend);
            }
        }
    }
}

/// Whether no two rows have the same values in the columns.
fn is_unique(there: &Found, columns: &[&str]) -> bool {
    let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    let mut key = there.columns.iter().filter(|column| column.key > 0).peekable();
    let is_key = key.peek().is_some() && key.all(|column| has(&column.name));
    let is_index = |index: &super::FoundIndex| {
        index.unique && !index.partial && index.columns.iter().all(|name| name.as_deref().is_some_and(has))
    };
    is_key || there.indexes.iter().any(is_index)
}

/// The number of characters that a type bounds.
fn size(sql_type: &str) -> Option<u64> {
    let (name, rest) = sql_type.split_once('(')?;
    let is_text = ["character varying", "character"].contains(&name);
    rest.split(')').next().filter(|_| is_text)?.parse().ok()
}

/// What SQLite takes a column of a type for (its manual, "Determination Of Column Affinity").
fn affinity(sql_type: &str) -> &'static str {
    let ty = sql_type.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| ty.contains(word));
    if has(&["INT"]) {
        "integer"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        "text"
    } else if ty.is_empty() {
        "any"
    } else if has(&["BLOB"]) {
        "blob"
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        "real"
    } else {
        "numeric"
    }
}

fn fits_sqlite(sql_type: &str, kind: Kind) -> bool {
    let affinity = affinity(sql_type);
    affinity == "any"
        || match kind {
            Kind::Text | Kind::Slug | Kind::Uuid | Kind::Json | Kind::Document | Kind::Lexemes => {
                affinity == "text"
            }
            Kind::Timestamp | Kind::Date => ["text", "numeric"].contains(&affinity),
            Kind::Integer | Kind::Boolean | Kind::Enum => ["integer", "numeric"].contains(&affinity),
            Kind::Real => ["real", "numeric", "integer"].contains(&affinity),
            Kind::Bytes => affinity == "blob",
        }
}

fn fits_postgres(sql_type: &str, kind: Kind) -> bool {
    // A collation of the column's own is no matter of its values.
    let ty = sql_type.split(" COLLATE ").next().unwrap_or_default();
    let name = ty.split('(').next().unwrap_or_default();
    match kind {
        Kind::Text | Kind::Slug => {
            ["text", "character varying", "character", "citext", "name"].contains(&name)
        }
        Kind::Integer | Kind::Enum => ["bigint", "integer", "smallint"].contains(&name),
        Kind::Boolean => name == "boolean",
        Kind::Real => ["double precision", "real", "numeric"].contains(&name),
        Kind::Uuid => name == "uuid",
        Kind::Timestamp => name.starts_with("timestamp"),
        Kind::Date => name == "date",
        Kind::Bytes => name == "bytea",
        Kind::Json | Kind::Document => ["json", "jsonb"].contains(&name),
        Kind::Lexemes => false,
    }
}

/// The Rust type that a column fits.
pub(crate) fn suggestion(dialect: Dialect, sql_type: &str) -> Option<&'static str> {
    let kinds = [
        (Kind::Boolean, "bool"),
        (Kind::Integer, "i64"),
        (Kind::Real, "f64"),
        (Kind::Uuid, "Uuid"),
        (Kind::Text, "String"),
        (Kind::Timestamp, "Timestamp"),
        (Kind::Date, "Date"),
        (Kind::Bytes, "Bytes"),
    ];
    let is_boolean = sql_type.to_ascii_uppercase().starts_with("BOOL");
    let fits = |kind| match (dialect, kind) {
        (Dialect::Sqlite, Kind::Boolean) => is_boolean,
        (Dialect::Sqlite, Kind::Uuid) => false,
        (Dialect::Sqlite, kind) => fits_sqlite(sql_type, kind),
        (Dialect::Postgres, kind) => fits_postgres(sql_type, kind),
    };
    kinds.into_iter().find(|(kind, _)| fits(*kind)).map(|(_, ty)| ty)
}
