//! The statements of a commit that Postgres decides by itself: each fails where what it demands does not hold.
//!
//! A batch is sent whole, before anything is known of it, so that a statement cannot depend on what the one before it gave. A
//! demand that does not hold divides by zero, which ends the transaction with an error that nothing else has.

use std::fmt::Write as _;

use crate::{descriptor::ExistingTable, store::Record};

use super::{
    Text,
    existing::Which,
    quote, quote_list, search,
    statements::{DELETION, Table},
};

/// How strongly a row is kept from others until the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lock {
    /// It stays where it is, and is not soft-deleted.
    KeyShare,
    /// It stays as it is.
    Share,
    /// It changes.
    NoKeyUpdate,
    /// It goes, or nothing may be added below it.
    Update,
}

impl Lock {
    const fn sql(self) -> &'static str {
        match self {
            Self::KeyShare => " FOR KEY SHARE",
            Self::Share => " FOR SHARE",
            Self::NoKeyUpdate => " FOR NO KEY UPDATE",
            Self::Update => " FOR UPDATE",
        }
    }
}

/// What is demanded of a row that is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demand {
    /// That it is there.
    pub(crate) exists: bool,
    /// That it is not soft-deleted.
    pub(crate) live: bool,
    /// That it has a revision.
    pub(crate) revision: bool,
}

/// What an update does beside the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Update {
    /// Whether it counts changes of one incarnation.
    pub(crate) counts: bool,
    /// Whether it demands that the row is there.
    pub(crate) demands: bool,
    /// Whether it demands a revision of the row.
    pub(crate) at_revision: bool,
}

/// The number of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// The owner's own statement counted it already, with some after it.
    Counted,
    /// The owner is counted up here.
    Next,
}

impl Table {
    /// Locks a row, and demands something of it. Binds the key, and with `demand.revision` the revision.
    pub(crate) fn lock(&self, lock: Lock, demand: Demand) -> String {
        let mut text = Text::new(self.dialect);
        let is_demanded = demand != Demand::default();
        text.push(if is_demanded { "SELECT 1 / count(*) FROM (SELECT 1 FROM " } else { "SELECT 1 FROM " });
        text.push(&quote(&self.name)).push(" WHERE ");
        self.whole_key(&mut text);
        if demand.revision {
            text.push(" AND \"_revision\" = ").bind();
        }
        if demand.live && self.is_soft {
            text.push(" AND \"deleted_at\" IS NULL");
        }
        text.push(lock.sql());
        if is_demanded {
            text.push(") AS \"locked\"");
        }
        text.finish()
    }

    /// Locks a row of an existing table, and demands that it still holds what a record says. Binds the key, then the values that
    /// it [holds](Self::held).
    pub(crate) fn lock_held(&self, lock: Lock, record: &Record) -> String {
        let mut text = Text::new(self.dialect);
        text.push("SELECT 1 / count(*) FROM (SELECT 1 FROM ").push(&quote(&self.name)).push(" WHERE ");
        self.whole_key(&mut text);
        self.push_held(&mut text, record, Which::All);
        text.push(lock.sql()).push(") AS \"locked\"");
        text.finish()
    }

    /// Demands that a row of an existing table is as it was written. Binds the key, then the written values that it
    /// [holds](Self::held).
    pub(crate) fn demand_kept(&self, record: &Record) -> String {
        let mut text = Text::new(self.dialect);
        text.push("SELECT 1 / count(*) FROM ").push(&quote(&self.name)).push(" WHERE ");
        self.whole_key(&mut text);
        self.push_held(&mut text, record, Which::Written);
        text.finish()
    }

    /// The update of a row of an existing table, which demands that it is there.
    pub(crate) fn update_existing(&self, existing: &ExistingTable, record: &Record) -> String {
        let update = self.render_update_existing(existing, record);
        format!("WITH \"updated\" AS ({update} RETURNING 1) SELECT 1 / count(*) FROM \"updated\"")
    }

    /// Keeps every row from being added to the table until the commit.
    pub(crate) fn lock_whole(&self) -> String {
        format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", quote(&self.name))
    }

    /// Demands that a row is not there. Binds the key.
    pub(crate) fn demand_absent(&self) -> String {
        self.demand_none(|table, text| table.whole_key(text))
    }

    /// Demands that no row, or with `live` none but soft-deleted ones, is below an ancestor with `depth` ids. Binds its key.
    pub(crate) fn demand_none_below(&self, depth: usize, live: bool) -> String {
        self.demand_none(|table, text| {
            table.push_key(text, depth);
            if live && table.is_soft {
                text.push(" AND \"deleted_at\" IS NULL");
            }
        })
    }

    /// Demands that no row has a value in a field. Binds the value.
    pub(crate) fn demand_unreferenced(&self, field: usize) -> String {
        self.demand_none(|table, text| {
            table.push_equal(text, &table.fields[field]);
        })
    }

    fn demand_none(&self, condition: impl FnOnce(&Self, &mut Text)) -> String {
        let mut text = Text::new(self.dialect);
        text.push("SELECT 1 / CASE WHEN EXISTS (SELECT 1 FROM ").push(&quote(&self.name)).push(" WHERE ");
        condition(self, &mut text);
        text.push(") THEN 0 ELSE 1 END");
        text.finish()
    }

    /// Updates all fields and the framework's columns. Binds updated at and by, revision, with `counts` an incarnation and how
    /// many changes of it are counted, where rows can be soft-deleted deleted at and by and purge at, the fields, where it has
    /// them the words, key, and with `at_revision` the revision that the row must have.
    pub(crate) fn update_guarded(&self, update: Update) -> String {
        let mut text = Text::new(self.dialect);
        if update.demands {
            text.push("WITH \"updated\" AS (");
        }
        text.push("UPDATE ").push(&quote(&self.name)).push(" SET \"updated_at\" = ").bind();
        text.push(", \"updated_by\" = ").bind().push(", \"_revision\" = ").bind();
        if update.counts {
            text.push(", \"_changes\" = \"_changes\" + CASE WHEN \"_incarnation\" = ").bind();
            text.push(" THEN ").bind().push(" ELSE 0 END");
        }
        let deletion = DELETION.into_iter().filter(|_| self.is_soft);
        for column in deletion.chain(self.fields.iter().map(|field| field.column)) {
            text.push(", ").push(&quote(column)).push(" = ").bind();
        }
        if self.has_lexemes() {
            text.push(", ").push(&quote(search::LEXEMES)).push(" = array_to_tsvector(").bind();
            text.push("::text[])");
        }
        text.push(" WHERE ");
        self.whole_key(&mut text);
        if update.at_revision {
            text.push(" AND \"_revision\" = ").bind();
        }
        if update.demands {
            text.push(" RETURNING 1) SELECT 1 / count(*) FROM \"updated\"");
        }
        text.finish()
    }

    /// Puts the words of a row in their column. Binds the words, the key.
    pub(crate) fn put_words(&self) -> String {
        let mut text = Text::new(self.dialect);
        text.push("UPDATE ").push(&quote(&self.name)).push(" SET ").push(&quote(search::LEXEMES));
        text.push(" = array_to_tsvector(").bind().push("::text[]) WHERE ");
        self.whole_key(&mut text);
        text.finish()
    }

    /// Of a log: adds a change of `owner`. Binds the owner's key, incarnation, created at and by, request id, method, patch, and
    /// of a counted change how many were counted after it.
    pub(crate) fn append(&self, owner: &Self, number: Number) -> String {
        let depth = owner.keys.len();
        let incarnation = depth + 1;
        let of = |table: &Self| {
            let mut condition = String::new();
            for (at, (column, _)) in table.keys[..depth].iter().enumerate() {
                let _ = write!(condition, "{} = ${} AND ", quote(column), at + 1);
            }
            let _ = write!(condition, "\"_incarnation\" = ${incarnation}");
            condition
        };
        let mut owned = of(owner);
        if depth == 0 {
            owned.insert_str(0, "\"_one\" = 1 AND ");
        }
        let logged = of(self);
        let (owner, log) = (quote(&owner.name), quote(&self.name));
        let mut sql = String::new();
        let counted = match number {
            Number::Counted => format!("SELECT \"_changes\" - ${} FROM {owner} WHERE {owned}", depth + 7),
            Number::Next => {
                let _ = write!(
                    sql,
                    "WITH \"counted\" AS (UPDATE {owner} SET \"_changes\" = \"_changes\" + 1 WHERE {owned} \
                     RETURNING \"_changes\") "
                );
                "SELECT \"_changes\" FROM \"counted\"".to_owned()
            }
        };
        let columns = self.keys.iter().map(|(column, _)| column.as_str());
        let columns = columns.chain(["_incarnation", "created_at", "created_by"]);
        let columns = quote_list(columns.chain(self.fields.iter().map(|field| field.column)));
        let keys: String = (1..=depth).map(|at| format!("${at}, ")).collect();
        let rest: String = (incarnation..incarnation + 6).map(|at| format!(", ${at}")).collect();
        let _ = write!(
            sql,
            "INSERT INTO {log} ({columns}) VALUES ({keys}coalesce(({counted}), \
             (SELECT max(\"id\") + 1 FROM {log} WHERE {logged}), 1){rest})"
        );
        sql
    }
}
