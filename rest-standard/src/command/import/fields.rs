//! What the columns of a table are in the API.

use std::collections::BTreeMap;

use rest_standard_names as name;

use super::{
    Names, Report, Source, checks,
    declaration::{Draft, Enumeration, Field},
};
use crate::{
    descriptor::IdKind,
    error::Result,
    store::sql::{
        Dialect,
        look::{self, Form},
        schema::{Found, FoundColumn, existing::suggestion},
    },
};

/// Names that fields cannot have, as the framework has fields of these names.
const FRAMEWORK: &[&str] = &[
    "id",
    "url",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "etag",
    "links",
    "deleted_at",
    "deleted_by",
    "purge_at",
    "expanded",
    // What these mean is fixed, and their values are checked.
    "labels",
    "time_zone",
    "region_code",
    "language_code",
    "display_name",
];

/// Words of Rust that cannot be names.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
/// Those of them that not even `r#` makes names.
const NEVER: &[&str] = &["self", "super", "crate"];

/// Whether statements and comments can have a name.
pub(super) fn is_plain(name: &str) -> bool {
    !name.contains(['$', '"']) && !name.chars().any(char::is_control)
}

/// The column of a table with this name.
pub(super) fn column<'f>(source: &Source, found: &'f Found, name: &str) -> Option<&'f FoundColumn> {
    found.columns.iter().find(|column| source.is_same(&column.name, name))
}

/// The Rust type of a column.
pub(super) fn rust_type(dialect: Dialect, sql_type: &str) -> Option<&'static str> {
    match (dialect, sql_type.split([' ', '(']).next().unwrap_or_default().to_ascii_lowercase().as_str()) {
        (Dialect::Postgres, "smallint") => Some("i16"),
        (Dialect::Postgres, "integer") => Some("i32"),
        (Dialect::Sqlite, "bit" | "bool" | "boolean") => Some("bool"),
        (Dialect::Sqlite, "date") => Some("Date"),
        (Dialect::Sqlite, "datetime" | "timestamp") => Some("Timestamp"),
        (Dialect::Sqlite, "numeric" | "decimal" | "money") => Some("f64"),
        _ => suggestion(dialect, sql_type),
    }
}

/// The columns that `createdAt` and its like are in, by their names.
pub(super) fn mapped(
    source: &Source,
    found: &Found,
    key: &[String],
    report: &mut Report,
) -> Vec<(&'static str, String)> {
    const KNOWN: [(&str, &str, &[&str]); 4] = [
        (
            "created_at",
            "Timestamp",
            &["created_at", "created_on", "created", "date_created", "creation_date"],
        ),
        ("created_by", "String", &["created_by", "creator"]),
        (
            "updated_at",
            "Timestamp",
            &[
                "updated_at",
                "updated_on",
                "updated",
                "modified_at",
                "modified_on",
                "modified",
                "last_update",
                "last_modified",
                "modified_date",
            ],
        ),
        ("updated_by", "String", &["updated_by", "modified_by"]),
    ];
    let mut mapped = Vec::new();
    for (word, ty, names) in KNOWN {
        let fits = |column: &&FoundColumn| {
            let is_instant = ty == "Timestamp";
            names.contains(&name::to_snake(&column.name).as_str())
                && rust_type(source.dialect, &column.sql_type) == Some(ty)
                && (column.not_null || !is_instant)
                && !key.contains(&column.name)
        };
        if let Some(column) = found.columns.iter().find(fits) {
            mapped.push((word, column.name.clone()));
        }
    }
    let missing: Vec<&str> = KNOWN
        .iter()
        .map(|(word, _, _)| *word)
        .filter(|word| !mapped.iter().any(|(known, _)| known == word))
        .collect();
    report.lack(&found.name, missing);
    mapped
}

/// The fields, the enums that they are of, and the columns without which no row can be made.
pub(super) async fn fields(
    source: &Source,
    draft: &Draft<'_>,
    mapped: &[(&'static str, String)],
    tables: &BTreeMap<String, (String, IdKind, bool)>,
    report: &mut Report,
) -> Result<(Vec<Field>, Vec<Enumeration>, Vec<String>)> {
    let found = draft.found;
    let (mut fields, mut enums, mut lost) = (Vec::new(), Vec::new(), Vec::new());
    let mut names = Names::default();
    let others = || {
        found.columns.iter().filter(|column| {
            !draft.key.contains(&column.name) && !mapped.iter().any(|(_, mapped)| *mapped == column.name)
        })
    };
    for column in others() {
        if !is_plain(&column.name) {
            report.say(
                &found.name,
                format!("{:?} is left out: its name has a `$`, a quote or a control character", column.name),
            );
            continue;
        }
        let name = field_name(draft, &column.name, &mut names, report);
        let mut field = Field {
            name,
            column: column.name.clone(),
            ty: String::new(),
            is_optional: is_optional(source, found, column).await?,
            reference: None,
            options: Vec::new(),
        };
        match kind(source, draft, column, &mut field, &mut enums, report).await? {
            Some(ty) => field.ty = ty,
            None => {
                report.say(
                    &found.name,
                    format!(
                        "`{}` is left out: values of {} have no form in the API",
                        column.name, column.sql_type
                    ),
                );
                if column.not_null && column.default.is_none() && !column.generated {
                    lost.push(column.name.clone());
                }
                continue;
            }
        }
        options(source, found, column, &mut field, tables, report);
        fields.push(field);
    }
    if fields.is_empty() {
        report.say(&found.name, "it has no field beside its key");
    }
    Ok((fields, enums, lost))
}

fn field_name(draft: &Draft<'_>, column: &str, names: &mut Names, report: &mut Report) -> String {
    let mut field = name::to_snake(column);
    if !name::is_snake(&field) {
        field = format!("column_{field}").trim_end_matches('_').to_owned();
    }
    if FRAMEWORK.contains(&field.as_str()) || NEVER.contains(&field.as_str()) {
        let free = format!("{}_{field}", name::to_snake(&draft.name));
        report.say(
            &draft.found.name,
            format!("`{column}` is `{free}`, as `{field}` has a meaning of its own in every service"),
        );
        field = free;
    }
    let field = names.take(&field);
    identifier(&field)
}

/// A name as Rust has it, where it is a word of Rust, too.
pub(super) fn identifier(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

async fn is_optional(source: &Source, found: &Found, column: &FoundColumn) -> Result<bool> {
    if column.not_null || column.key > 0 {
        return Ok(false);
    }
    if !found.is_view {
        return Ok(true);
    }
    source.ask(&look::has_null(&found.name, &column.name)).await
}

/// The type of a field without `Option`.
async fn kind(
    source: &Source,
    draft: &Draft<'_>,
    column: &FoundColumn,
    field: &mut Field,
    enums: &mut Vec<Enumeration>,
    report: &mut Report,
) -> Result<Option<String>> {
    let found = draft.found;
    let of_type = source.enums.get(column.sql_type.trim_matches('"')).cloned();
    let texts = of_type.or_else(|| checks::texts(source.dialect, found, &column.name));
    if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
        let declared = enumeration(draft, field, &texts, column.default.as_deref());
        let differing = declared.variants.iter().filter(|(variant, _, text)| variant != text);
        let pairs: Vec<String> =
            differing.map(|(variant, _, text)| format!("{variant} = {text:?}")).collect();
        field.options.push(format!("texts({})", pairs.join(", ")));
        let name = declared.name.clone();
        enums.push(declared);
        return Ok(Some(name));
    }
    let Some(ty) = rust_type(source.dialect, &column.sql_type) else { return Ok(None) };
    if source.dialect == Dialect::Sqlite && ["Date", "Timestamp", "bool", "i64", "f64"].contains(&ty) {
        return written(source, found, column, ty, report).await.map(|ty| Some(ty.to_owned()));
    }
    if source.dialect == Dialect::Sqlite && column.sql_type.is_empty() {
        report.say(&found.name, format!("`{}` says no type; it is a text", column.name));
        return Ok(Some("String".to_owned()));
    }
    Ok(Some(ty.to_owned()))
}

/// How SQLite's rows write what the column has a type for: a column may hold values of other types, and there are none for
/// instants and dates.
async fn written(
    source: &Source,
    found: &Found,
    column: &FoundColumn,
    ty: &'static str,
    report: &mut Report,
) -> Result<&'static str> {
    let forms =
        [("Date", Form::Date), ("Timestamp", Form::Instant), ("i64", Form::Integer), ("f64", Form::Number)];
    if !source.ask(&look::has_value(&found.name, &column.name)).await? {
        return Ok(ty);
    }
    // What has the form of its type says no more: integers are numbers, too.
    let own = match ty {
        "bool" | "i64" => Some(Form::Integer),
        "f64" => Some(Form::Number),
        _ => None,
    };
    if let Some(form) = own
        && !source.ask(&look::has_other_form(&found.name, &column.name, form)).await?
    {
        return Ok(ty);
    }
    for (form, written) in forms {
        if !source.ask(&look::has_other_form(&found.name, &column.name, written)).await? {
            if form != ty {
                report.say(
                    &found.name,
                    format!(
                        "`{}` is a `{form}`, as its rows have it; its type is {}",
                        column.name, column.sql_type
                    ),
                );
            }
            return Ok(form);
        }
    }
    report.say(
        &found.name,
        format!(
            "`{}` is a text, as its rows do not have one form; its type is {}",
            column.name, column.sql_type
        ),
    );
    Ok("String")
}

/// The enum of a column with these texts; the default comes first, as it is what a client that sends none gets.
fn enumeration(draft: &Draft<'_>, field: &Field, texts: &[String], default: Option<&str>) -> Enumeration {
    let mut names = Names::default();
    let default =
        default.map(|default| default.split("::").next().unwrap_or_default().trim_matches('\'').to_owned());
    let mut texts = texts.to_vec();
    if let Some(at) = texts.iter().position(|text| Some(text) == default.as_ref()) {
        let first = texts.remove(at);
        texts.insert(0, first);
    }
    let variants = texts.iter().enumerate().map(|(number, text)| {
        let mut variant = name::to_pascal(text);
        if !name::is_pascal(&variant) || variant == "Self" {
            variant = format!("Value{variant}");
        }
        let variant = names.take(&variant);
        (variant, i64::try_from(number).unwrap_or_default(), text.clone())
    });
    let variants = variants.collect();
    let of = name::to_pascal(field.name.trim_start_matches("r#"));
    Enumeration {
        name: format!("{}{of}", draft.name),
        doc: format!("What `{}` says.", field.column),
        variants,
    }
}

/// What else a column says of its field.
fn options(
    source: &Source,
    found: &Found,
    column: &FoundColumn,
    field: &mut Field,
    tables: &BTreeMap<String, (String, IdKind, bool)>,
    report: &mut Report,
) {
    if column.generated && !found.is_view {
        field.options.push("output_only".to_owned());
        field.is_optional = true;
    }
    let most = column
        .sql_type
        .split_once('(')
        .and_then(|(_, rest)| rest.split([')', ',']).next()?.parse::<u64>().ok());
    if let ("String", Some(most)) = (field.ty.as_str(), most)
        && most > 0
    {
        field.options.push(format!("length = 0..={most}"));
    }
    if let Some(default) = column.default.as_deref().filter(|_| !field.is_optional)
        && let Some(literal) = literal(&field.ty, default)
    {
        field.options.push(format!("default = {literal}"));
    }
    let is_unique = found.indexes.iter().any(|index| {
        index.unique
            && !index.partial
            && index.columns.len() == 1
            && index.columns[0].as_deref() == Some(&column.name)
    });
    let has_default = field.options.iter().any(|option| option.starts_with("default"));
    if is_unique && !has_default {
        field.options.push("unique".to_owned());
    }
    let foreign = found.foreign_keys.iter().find(|foreign| foreign.from == [column.name.as_str()]);
    let target = foreign.and_then(|foreign| {
        let known = tables.iter().find(|(table, _)| source.is_same(table, &foreign.table));
        known.map(|(_, target)| target)
    });
    match target {
        Some((target, _, true)) => {
            field.reference = Some(target.clone());
            field.options.push("filter".to_owned());
        }
        Some((target, _, false)) => report.say(
            &found.name,
            format!(
                "`{}` refers to `{target}`, which is below another resource; it is a plain field",
                column.name
            ),
        ),
        None => {}
    }
    let is_indexed = found
        .indexes
        .iter()
        .any(|index| index.columns.first().and_then(Option::as_deref) == Some(&column.name));
    if is_indexed && target.is_none_or(|(_, _, is_root)| !is_root) && field.ty != "Bytes" {
        field.options.push("filter".to_owned());
        field.options.push("order".to_owned());
    }
}

/// A default of SQL as a literal of Rust, where it is one.
pub(super) fn literal(ty: &str, default: &str) -> Option<String> {
    let plain = default.trim().trim_start_matches('(').trim_end_matches(')');
    let plain = plain.split("::").next().unwrap_or_default().trim();
    let number = plain.trim_matches('\'');
    match ty {
        "i16" | "i32" | "i64" => number.parse::<i64>().ok().map(|number| number.to_string()),
        "f64" => {
            number.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| format!("{number:?}"))
        }
        "bool" => match plain.to_ascii_lowercase().trim_matches('\'') {
            "1" | "true" | "t" => Some("true".to_owned()),
            "0" | "false" | "f" => Some("false".to_owned()),
            _ => None,
        },
        "String" => {
            let text = plain.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
            Some(format!("{text:?}"))
        }
        _ => None,
    }
}
