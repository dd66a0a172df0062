//! What each table is in the API: a collection at the root or below another, with which ids, and what of it can be written.

use std::collections::BTreeMap;

use rest_standard_names as name;

use super::{
    Names, Report, Source,
    declaration::{Draft, Entity},
    fields, own,
};
use crate::{
    descriptor::IdKind,
    error::Result,
    store::sql::{look, schema::Found},
};

/// Tables of programs that keep track of a schema.
const TOOLS: &[&str] = &[
    "__diesel_schema_migrations",
    "_sqlx_migrations",
    "alembic_version",
    "ar_internal_metadata",
    "flyway_schema_history",
    "goose_db_version",
    "refinery_schema_history",
    "schema_migrations",
    "seaql_migrations",
];

/// The resources that the tables become, parents before children.
pub(super) async fn entities(source: &Source, report: &mut Report) -> Result<Vec<Entity>> {
    let mut entities = own::entities(source, report);
    let mut drafts = Vec::new();
    let (mut names, mut segments) = (Names::default(), Names::default());
    for entity in &entities {
        names.take(&entity.name);
        segments.take(&entity.segment);
    }
    for found in source.tables.iter().filter(|found| !own::is_own(source, found)) {
        if found.name.starts_with("sqlite_") {
            continue;
        }
        if TOOLS.contains(&found.name.to_lowercase().as_str()) {
            report.say(&found.name, "left out: it keeps track of the schema");
            continue;
        }
        if !fields::is_plain(&found.name) {
            report.say(
                &format!("{:?}", found.name),
                "left out: its name has a `$`, a quote or a control character",
            );
            continue;
        }
        drafts.extend(draft(source, found, (&mut names, &mut segments), report).await?);
    }
    link(source, &mut drafts, report);
    let order = ordered(&drafts);
    let names: BTreeMap<String, (String, IdKind, bool)> = drafts
        .iter()
        .map(|draft| (draft.found.name.clone(), (draft.name.clone(), draft.id, draft.parent.is_none())))
        .collect();
    for at in order {
        entities.push(entity(source, &drafts[at], &names, report).await?);
    }
    Ok(entities)
}

async fn draft<'s>(
    source: &Source,
    found: &'s Found,
    (names, segments): (&mut Names, &mut Names),
    report: &mut Report,
) -> Result<Option<Draft<'s>>> {
    let key = key(found, report);
    let Some(id_column) = key.last() else {
        report.say(&found.name, "left out: no columns tell its rows apart; give it a primary key");
        return Ok(None);
    };
    let id = id_kind(source, found, id_column).await?;
    if id == Some(IdKind::Slug) {
        report.say(
            &found.name,
            "all of its ids are slugs, so that new ones must be; write `id = Text` for others",
        );
    }
    let Some(id) = id else {
        let column = fields::column(source, found, id_column).map_or("?", |column| column.sql_type.as_str());
        report.say(&found.name, format!("left out: its key `{id_column}` is {column}, which is no id"));
        return Ok(None);
    };
    let (struct_name, segment) = names_of(&found.name, report);
    let (struct_name, segment) = (names.take(&struct_name), segments.take(&segment));
    Ok(Some(Draft { found, name: struct_name, segment, key, id, parent: None }))
}

/// The columns that tell rows apart.
fn key(found: &Found, report: &mut Report) -> Vec<String> {
    let mut key: Vec<_> = found.columns.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    if !key.is_empty() {
        return key.into_iter().map(|column| column.name.clone()).collect();
    }
    let is_required = |name: &str| found.columns.iter().any(|column| column.name == name && column.not_null);
    let mut unique: Vec<Vec<String>> = found
        .indexes
        .iter()
        .filter(|index| index.unique && !index.partial)
        .filter_map(|index| index.columns.iter().cloned().collect())
        .collect();
    unique.retain(|columns: &Vec<String>| columns.iter().all(|name| is_required(name)));
    unique.sort_by_key(Vec::len);
    if let Some(columns) = unique.into_iter().next() {
        report.say(
            &found.name,
            format!("its key is ({}), which is unique; it has no primary key", columns.join(", ")),
        );
        return columns;
    }
    // A view has no key that anybody could read.
    let named = |column: &&crate::store::sql::schema::FoundColumn| {
        let words = name::to_snake(&column.name);
        words == "id" || words.ends_with("_id")
    };
    let first = found.columns.iter().find(named).or(found.columns.first()).filter(|_| found.is_view);
    match first {
        Some(column) => {
            report.say(
                &found.name,
                format!("it is a view, whose key nobody says; `{}` was taken. If rows share it, name another: `key = …`", column.name),
            );
            vec![column.name.clone()]
        }
        None => Vec::new(),
    }
}

/// The kind of the ids in a column.
async fn id_kind(source: &Source, found: &Found, column: &str) -> Result<Option<IdKind>> {
    let Some(column) = fields::column(source, found, column) else { return Ok(None) };
    Ok(match fields::rust_type(source.dialect, &column.sql_type) {
        Some("i16" | "i32" | "i64") => Some(IdKind::Integer),
        Some("Uuid") => Some(IdKind::Uuid),
        Some("String") => {
            let other = look::has_no_slug(source.dialect, &found.name, &column.name);
            let is_slug = source.ask(&look::has_rows(&found.name)).await? && !source.ask(&other).await?;
            Some(if is_slug { IdKind::Slug } else { IdKind::Text })
        }
        _ => None,
    })
}

/// The names of the struct and of the segment.
fn names_of(table: &str, report: &mut Report) -> (String, String) {
    let plain = ["tbl_", "tbl", "t_"]
        .iter()
        .find_map(|prefix| table.strip_prefix(prefix))
        .filter(|rest| {
            rest.starts_with(|first: char| first.is_ascii_uppercase()) || table.starts_with("tbl_")
        })
        .unwrap_or(table);
    let mut segment = name::to_kebab(plain);
    if !segment.starts_with(|first: char| first.is_ascii_lowercase()) {
        segment = format!("table-{segment}").trim_end_matches('-').to_owned();
    }
    if let Some((short, full)) = name::abbreviation(&segment) {
        report.say(table, format!("`{short}` was written out"));
        segment = full;
    }
    let singular = if name::is_plural(&segment) { name::to_singular(&segment) } else { segment.clone() };
    if !name::is_plural(&segment) {
        segment = name::to_plural(&segment);
    }
    if ["changes", "docs"].contains(&segment.as_str()) {
        report.say(
            table,
            format!("`{segment}` has a meaning of its own in an address; it is `{segment}-records` there"),
        );
        return (format!("{}Record", name::to_pascal(&singular)), format!("{segment}-records"));
    }
    (name::to_pascal(&singular), segment)
}

/// Finds the parent of each table: the one whose whole key the first columns of its own key refer to, or the one that its name
/// begins with and that each of its rows refers to.
fn link(source: &Source, drafts: &mut Vec<Draft<'_>>, report: &mut Report) {
    let keys: Vec<(String, Vec<String>)> =
        drafts.iter().map(|draft| (draft.found.name.clone(), draft.key.clone())).collect();
    let key_of = |table: &str| {
        let is_called = |(name, _): &&(String, Vec<String>)| source.is_same(name, table);
        keys.iter().find(is_called)
    };
    for draft in drafts.iter_mut() {
        let found = draft.found;
        for foreign in &found.foreign_keys {
            let Some((table, target)) = key_of(&foreign.table) else { continue };
            let to: Vec<String> = foreign
                .to
                .iter()
                .zip(target)
                .map(|(column, key)| column.clone().unwrap_or_else(|| key.clone()))
                .collect();
            if to != *target || *table == found.name {
                continue;
            }
            if draft.key.len() == foreign.from.len() + 1 && draft.key.starts_with(&foreign.from) {
                draft.parent = Some(table.clone());
                break;
            }
            let is_required = foreign.from.iter().all(|from| {
                found.columns.iter().any(|column| column.name == *from && (column.not_null || column.key > 0))
            });
            let (own, other) = (name::to_kebab(&found.name), name::to_singular(&name::to_kebab(table)));
            let is_part = own.strip_prefix(&other).is_some_and(|rest| rest.starts_with('-'));
            if draft.key.len() == 1
                && foreign.from.len() == 1
                && is_required
                && is_part
                && draft.parent.is_none()
            {
                draft.parent = Some(table.clone());
                draft.key.insert(0, foreign.from[0].clone());
            }
        }
    }
    // What has a key of several columns and no parent has no address.
    loop {
        let known: Vec<String> = drafts.iter().map(|draft| draft.found.name.clone()).collect();
        let is_addressed = |draft: &Draft<'_>| match &draft.parent {
            Some(parent) => known.contains(parent),
            None => draft.key.len() == 1,
        };
        let Some(at) = drafts.iter().position(|draft| !is_addressed(draft)) else { break };
        let draft = drafts.remove(at);
        report.say(
            &draft.found.name,
            format!(
                "left out: its key is ({}), and no foreign key leads from the first of these to the row that it belongs to",
                draft.key.join(", ")
            ),
        );
    }
    // A reference leads to a collection at the root.
    for draft in drafts.iter() {
        if let Some(parent) = &draft.parent {
            report.say(&draft.found.name, format!("it stands below `{parent}`, which its rows belong to"));
        }
    }
}

/// Parents before children.
fn ordered(drafts: &[Draft<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    while order.len() < drafts.len() {
        let before = order.len();
        for (at, draft) in drafts.iter().enumerate() {
            let is_known = |parent: &String| order.iter().any(|known| drafts[*known].found.name == *parent);
            if !order.contains(&at) && draft.parent.as_ref().is_none_or(is_known) {
                order.push(at);
            }
        }
        if order.len() == before {
            break;
        }
    }
    order
}

/// Whether an id is that of another table's row, so that nobody can draw one.
fn is_named_elsewhere(draft: &Draft<'_>) -> bool {
    let id = draft.key.last();
    draft.found.foreign_keys.iter().any(|foreign| foreign.from.last() == id && foreign.from.len() == 1)
}

async fn entity(
    source: &Source,
    draft: &Draft<'_>,
    names: &BTreeMap<String, (String, IdKind, bool)>,
    report: &mut Report,
) -> Result<Entity> {
    let found = draft.found;
    let mapped = fields::mapped(source, found, &draft.key, report);
    let (fields, enums, lost) = fields::fields(source, draft, &mapped, names, report).await?;
    let mut words = Vec::new();
    if found.is_view {
        words.push("methods(list, read)".to_owned());
    } else if !lost.is_empty() {
        report.say(
            &found.name,
            format!("rows cannot be made, as ({}) have no form in the API and no default", lost.join(", ")),
        );
        words.push("without(create)".to_owned());
    } else if draft.id == IdKind::Integer && is_named_elsewhere(draft) {
        report.say(
            &found.name,
            format!(
                "rows are made by PUT, as their id `{}` is not drawn but that of another row",
                draft.key[draft.key.len() - 1]
            ),
        );
        words.extend(["without(create)".to_owned(), "upsert".to_owned()]);
    }
    let singular = name::to_singular(&draft.segment);
    let is_judged = name::is_plural(&draft.segment) && name::action(&draft.segment).is_none();
    Ok(Entity {
        name: draft.name.clone(),
        table: found.name.clone(),
        segment: draft.segment.clone(),
        is_singleton: false,
        singular: (!is_judged).then_some(singular),
        id: draft.id,
        parent: draft.parent.as_ref().and_then(|parent| names.get(parent)).map(|(name, _, _)| name.clone()),
        key: Some(draft.key.clone()),
        mapped,
        words,
        fields,
        enums,
    })
}
