//! The way into a nested value: JSON text in SQLite, `jsonb` in Postgres.

use super::{
    Dialect,
    render::{Bind, Builder},
};
use crate::{descriptor::FieldKind, store::Step};

/// Where a nested value is found, and what must hold for that.
pub(super) struct Nested {
    /// The value as SQL of a scalar's own type; null where it is absent or null.
    pub(super) value: String,
}

impl<'a> Builder<'a> {
    /// Appends, up to its `WHERE`, a query that has one row for each value that `steps` lead to from the column `of`.
    pub(super) fn nested(&mut self, of: String, steps: &'a [Step], kind: FieldKind) -> Nested {
        match self.text.dialect {
            Dialect::Sqlite => self.nested_in_text(of, steps),
            Dialect::Postgres => self.nested_in_jsonb(of, steps, kind),
        }
    }

    fn nested_in_text(&mut self, mut of: String, steps: &'a [Step]) -> Nested {
        let mut aliases = 0;
        let mut keys = Vec::new();
        let mut members = String::new();
        for step in steps {
            if let Step::Member(name) = step {
                members.push_str(&format!(".{name}"));
                continue;
            }
            of = extracted(of, &mut members);
            aliases += 1;
            if aliases > 1 {
                self.text.push(", ");
            }
            // A value that is no JSON text, such as the null of an absent member, gives no rows.
            self.text.push("json_each(").push(&of).push(&format!(") AS \"e{aliases}\""));
            of = format!("\"e{aliases}\".\"value\"");
            if let Step::Key(key) = step {
                keys.push((aliases, key));
            }
        }
        if aliases == 0 {
            self.text.push("(SELECT 1)");
        }
        let value = extracted(of, &mut members);
        self.text.push(" WHERE ");
        for (alias, key) in keys {
            self.text.push(&format!("\"e{alias}\".\"key\" = ")).bind().push(" AND ");
            self.binds.push(Bind::Text(key.clone()));
        }
        Nested { value }
    }

    fn nested_in_jsonb(&mut self, mut of: String, steps: &'a [Step], kind: FieldKind) -> Nested {
        let mut aliases = 0;
        let mut from = String::new();
        for step in steps {
            match step {
                Step::Member(name) => of = format!("({of} -> '{name}')"),
                Step::Key(key) => {
                    of = format!("({of} -> {}::text)", self.text.placeholder());
                    self.binds.push(Bind::Text(key.clone()));
                }
                Step::Element => {
                    aliases += 1;
                    let comma = if aliases > 1 { ", " } else { "" };
                    // What is no list, such as the null of an absent member, has no elements.
                    from.push_str(&format!(
                        "{comma}jsonb_array_elements(CASE jsonb_typeof({of}) WHEN 'array' THEN {of} END) \
                         AS \"e{aliases}\"(\"value\")"
                    ));
                    of = format!("\"e{aliases}\".\"value\"");
                }
            }
        }
        if aliases == 0 {
            from.push_str("(SELECT 1) AS \"e0\"");
        }
        self.text.push(&from).push(" WHERE ");
        let value = match kind {
            FieldKind::Bool => format!("({of} #>> '{{}}')::boolean"),
            FieldKind::Integer { .. } => format!("({of} #>> '{{}}')::bigint"),
            FieldKind::Float => format!("({of} #>> '{{}}')::double precision"),
            kind if kind.is_single() => format!("({of} #>> '{{}}') COLLATE \"C\""),
            _ => format!("nullif({of}, 'null')"),
        };
        Nested { value }
    }
}

/// The expression of declared members within `of`. Their names are letters and digits, which need no quotes.
fn extracted(of: String, members: &mut String) -> String {
    if members.is_empty() {
        return of;
    }
    format!("json_extract({of}, '${}')", std::mem::take(members))
}
