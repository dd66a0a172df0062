//! Tables that the framework itself made: they give their declaration back, as far as it is in them.
//!
//! Not in them are the names of an enum's variants, which are stored as numbers, the members of lists and objects, and what only
//! concerns requests: rules, custom methods, bounds. These are reported.

use rest_standard_names as name;

use super::{
    Report, Source, checks,
    declaration::{Entity, Enumeration, Field},
    fields::literal,
};
use crate::{
    descriptor::IdKind,
    store::sql::{
        Dialect,
        schema::{Found, FoundColumn},
    },
};

const TABLES: [&str; 4] = ["_meta", "_columns", "_requests", "_sequences"];
const OF_ROWS: [&str; 7] =
    ["created_at", "created_by", "updated_at", "updated_by", "_revision", "_incarnation", "_changes"];
const OF_DELETION: [&str; 3] = ["deleted_at", "deleted_by", "purge_at"];

fn has(found: &Found, column: &str) -> bool {
    found.columns.iter().any(|there| there.name == column)
}

fn is_row(found: &Found) -> bool {
    !found.is_view && OF_ROWS.iter().all(|column| has(found, column))
}

fn is_log(found: &Found) -> bool {
    found.name.ends_with("__changes") && has(found, "_incarnation") && has(found, "request_id")
}

/// Whether a table is one of the framework's: rows, changes, words of rows, or its own book-keeping.
pub(super) fn is_own(source: &Source, found: &Found) -> bool {
    // SQLite keeps the words of rows in tables of its own, which are called after the table of the rows.
    let is_words = || {
        source.dialect == Dialect::Sqlite
            && source
                .tables
                .iter()
                .any(|other| is_row(other) && found.name.starts_with(&format!("{}.", other.name)))
    };
    is_row(found) || is_log(found) || TABLES.contains(&found.name.as_str()) || is_words()
}

/// The resources of the framework's tables, parents before children.
pub(super) fn entities(source: &Source, report: &mut Report) -> Vec<Entity> {
    let mut rows: Vec<&Found> = source.tables.iter().filter(|found| is_row(found)).collect();
    rows.sort_by_key(|found| found.name.split("__").count());
    let mut entities: Vec<Entity> = Vec::new();
    let mut addresses: Vec<(String, String)> = Vec::new();
    for found in rows {
        let (above, last) = found
            .name
            .rsplit_once("__")
            .map_or((None, found.name.as_str()), |(above, last)| (Some(above), last));
        let parent = above.and_then(|above| addresses.iter().find(|(table, _)| table == above));
        let is_singleton = found.columns.iter().all(|column| column.key == 0 || column.name != "id");
        let segment = last.replace('_', "-");
        let singular = if is_singleton { segment.clone() } else { name::to_singular(&segment) };
        let mut name = name::to_pascal(&singular);
        if entities.iter().any(|other| other.name == name)
            && let Some((_, parent)) = parent
        {
            name = format!("{parent}{name}");
            report.say(&found.name, format!("it is `{name}`, as another resource has its name"));
        }
        let entity = entity(source, found, (name.clone(), segment, is_singleton), parent, report);
        addresses.push((found.name.clone(), name));
        entities.push(entity);
    }
    entities
}

fn entity(
    source: &Source,
    found: &Found,
    (name, segment, is_singleton): (String, String, bool),
    parent: Option<&(String, String)>,
    report: &mut Report,
) -> Entity {
    let id = match found.kinds.get("id").map(String::as_str) {
        Some("slug") => IdKind::Slug,
        Some("integer") => IdKind::Integer,
        _ => IdKind::Uuid,
    };
    let mut words = Vec::new();
    let log = format!("{}__changes", found.name);
    if source.tables.iter().any(|other| other.name == log && is_log(other)) {
        words.push("changes".to_owned());
    }
    if has(found, "deleted_at") && found.kinds.get("deleted_at").is_some_and(|kind| kind == "timestamp") {
        words.push("soft_delete = \"30d\"".to_owned());
        report.say(
            &found.name,
            "how long its deleted rows are kept is not in the database; 30 days were taken",
        );
    }
    let is_key = |column: &FoundColumn| column.key > 0;
    let is_framework = |column: &FoundColumn| {
        let is_deletion = has(found, "purge_at") && OF_DELETION.contains(&column.name.as_str());
        OF_ROWS.contains(&column.name.as_str()) || column.name.starts_with('_') || is_deletion
    };
    let (mut fields, mut enums) = (Vec::new(), Vec::new());
    for column in found.columns.iter().filter(|column| !is_key(column) && !is_framework(column)) {
        fields.push(field(source, found, column, &name, &mut enums, report));
    }
    let singular = (!is_singleton && (!name::is_plural(&segment) || name::action(&segment).is_some()))
        .then(|| name::to_singular(&segment));
    Entity {
        name,
        table: found.name.clone(),
        segment,
        is_singleton,
        singular,
        id,
        parent: parent.map(|(_, name)| name.clone()),
        key: None,
        mapped: Vec::new(),
        words,
        fields,
        enums,
    }
}

/// The type of a column of JSON; an empty list or map that rows begin with tells the two apart.
fn json(column: &FoundColumn) -> &'static str {
    let begins =
        |with: &str| column.default.as_deref().is_some_and(|default| default.trim_start().starts_with(with));
    match column.name.as_str() {
        "labels" => "std::collections::BTreeMap<String, String>",
        _ if begins("'[") => "Vec<Json<serde_json::Value>>",
        _ if begins("'{") => "std::collections::BTreeMap<String, Json<serde_json::Value>>",
        _ if column.sql_type == "jsonb" => "Vec<Json<serde_json::Value>>",
        _ => "Json<serde_json::Value>",
    }
}

fn field(
    source: &Source,
    found: &Found,
    column: &FoundColumn,
    owner: &str,
    enums: &mut Vec<Enumeration>,
    report: &mut Report,
) -> Field {
    let mut options = Vec::new();
    let index = |suffix: &str| {
        let name = source.dialect.name(&format!("{}.{}{suffix}", found.name, column.name)).into_owned();
        found.indexes.iter().any(|index| index.name == name)
    };
    let kind = found.kinds.get(&column.name).map_or("text", String::as_str);
    let ty = match kind {
        "uuid" => "Uuid".to_owned(),
        "timestamp" => "Timestamp".to_owned(),
        "date" => "Date".to_owned(),
        "integer" => "i64".to_owned(),
        "boolean" => "bool".to_owned(),
        "real" => "f64".to_owned(),
        "bytes" => "Bytes".to_owned(),
        "enum" => {
            let numbers = checks::numbers(source.dialect, found, &column.name).unwrap_or_else(|| vec![0]);
            let name = format!("{owner}{}", name::to_pascal(&column.name));
            report.say(
                &found.name,
                format!("the variants of `{}` are numbers in the database; name them", column.name),
            );
            let variants =
                numbers.into_iter().map(|number| (format!("Value{number}"), number, String::new()));
            enums.push(Enumeration {
                name: name.clone(),
                doc: format!("What `{}` says.", column.name),
                variants: variants.collect(),
            });
            name
        }
        "json" => {
            report.say(
                &found.name,
                format!(
                    "`{}` is JSON, for which the program needs the crate `serde_json`; declare what is in it",
                    column.name
                ),
            );
            json(column).to_owned()
        }
        _ => "String".to_owned(),
    };
    if let Some(default) = column.default.as_deref().filter(|_| column.not_null)
        && let Some(literal) = literal(&ty, default)
    {
        options.push(format!("default = {literal}"));
    }
    if index(".unique") {
        options.push("unique".to_owned());
    }
    if index("") {
        options.extend(["filter".to_owned(), "order".to_owned()]);
    }
    if index(".references") {
        report.say(
            &found.name,
            format!("`{}` refers to another resource; say which: `references = …`", column.name),
        );
    }
    Field {
        name: column.name.clone(),
        column: column.name.clone(),
        ty,
        is_optional: !column.not_null,
        reference: None,
        options,
    }
}
