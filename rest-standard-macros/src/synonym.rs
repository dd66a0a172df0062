//! What people know by another name: words of other frameworks and of HTTP, with what to write here.

/// The way out for an option that is called otherwise here, or that is not needed.
///
/// `written` are the options that are there, which need not be written again.
pub(crate) fn option(name: &str, known: &[&str], written: &[String]) -> Option<String> {
    let (_, option, help) = OPTIONS.iter().find(|(names, option, _)| {
        (option.is_empty() || known.contains(option)) && names.contains(&name) && applies(option, known)
    })?;
    let is_there = |option: &&str| written.iter().any(|written| written == option);
    let same =
        if *option == "collection" { &["collection", "singleton"][..] } else { std::slice::from_ref(option) };
    if let Some(option) = same.iter().find(|option| is_there(option)) {
        return Some(format!("leave `{name}` out; `{option}` says it already"));
    }
    Some(if help.is_empty() { format!("write `{option}`") } else { (*help).to_owned() })
}

/// An entry without an option is about fields.
fn applies(option: &str, known: &[&str]) -> bool {
    !option.is_empty() || known.contains(&crate::symbol::LENGTH)
}

/// Names, the option that they mean, and what to write where that is more than the option's name.
const OPTIONS: &[(&[&str], &str, &str)] = &[
    (&["filterable", "queryable", "index", "indexed"], "filter", ""),
    (&["searchable", "full_text", "fulltext", "fts"], "search", ""),
    (&["sort", "sortable", "orderable", "order_by"], "order", ""),
    (&["read_only", "readonly", "skip_deserializing", "computed", "generated"], "output_only", ""),
    (&["write_only", "writeonly", "skip_serializing", "hidden", "secret"], "input_only", ""),
    (&["constant", "create_only", "final"], "immutable", ""),
    (
        &["max_length", "min_length", "max_items", "min_items", "max_len", "min_len", "size"],
        "length",
        "write `length = 1..=64`",
    ),
    (&["minimum", "maximum", "min", "max", "bounds"], "range", "write `range = 0..=10`"),
    (&["regex", "regexp", "matches"], "pattern", "write `pattern = \"[A-Z]{3}\"`"),
    (
        &["email", "url", "uri", "hostname", "ipv4", "ipv6"],
        "format",
        "write `format = email`, `uri`, `hostname`, `ipv4` or `ipv6`",
    ),
    (&["default_value", "default_value_t", "default_with"], "default", "write `default = …` with the value"),
    (&["name", "alias", "json", "serialize_as"], "rename", "write `rename = \"serialNumber\"`"),
    (
        &["mandatory", "not_null"],
        "required",
        "write `required` on an enum, a list or a map; other fields are required unless they are an `Option` or have a `default`",
    ),
    (
        &["reference", "refers_to", "foreign_key", "fk", "belongs_to", "relation"],
        "references",
        "write `references = Site` with the type of the resource",
    ),
    (
        &["ondelete", "delete", "on_deleted"],
        "on_delete",
        "write `on_delete = refuse` or `on_delete = set_null`",
    ),
    (&["optional", "nullable", "null"], "", "leave it out, and make the field's type an `Option`"),
    (
        &["skip", "ignore", "flatten"],
        "",
        "leave it out: every field is part of the JSON; what is not belongs to another struct",
    ),
    (
        &["id", "key", "primary_key"],
        "",
        "leave the field out; the attribute says what kind of id there is: `#[resource(…, id = Slug)]`",
    ),
    (
        &["description", "title", "doc", "docs", "summary"],
        "",
        "leave it out, and describe the field in a `///` comment above it",
    ),
    (
        &["references", "belongs_to", "foreign_key"],
        "",
        "leave it out; a resource stands under its parent: `#[resource(…, parent = DeviceType)]`",
    ),
    (&["path", "name", "plural", "resource", "route"], "collection", "write `collection = \"devices\"`"),
    (&["singular_name"], "singular", "write `singular = \"device\"`"),
    (&["belongs_to", "under", "child_of", "owner"], "parent", "write `parent = DeviceType`"),
    (
        &["table_name", "view_name", "relation"],
        "table",
        "write `table = \"Invoice\"` with the name of a table that is there",
    ),
    (&["id_type"], "id", "write `id = Uuid`, `Slug` or `Integer`"),
    (&["primary_key", "pk", "columns"], "key", "write `key = \"InvoiceId\"`"),
    (&["only", "operations", "actions", "verbs"], "methods", "write `methods(list, read)`"),
    (&["except", "exclude", "skip", "disable"], "without", "write `without(delete)`"),
    (&["read_only", "readonly"], "methods", "write `methods(list, read)`"),
    (&["history", "audit", "log", "versioned"], "changes", ""),
    (&["keep_changes", "retention", "changes_retention"], "changes", "write `changes = \"90d\"`"),
    (&["put_creates", "create_or_update"], "upsert", ""),
    (&["etag", "optimistic_locking", "if_match"], "require_if_match", ""),
    (&["wildcard", "cross_parent", "all_parents"], "across_parents", ""),
    (
        &["paranoid", "trash", "archive", "soft_deletes", "soft_deletion"],
        "soft_delete",
        "write `soft_delete = \"30d\"`",
    ),
    (&["download", "dump", "stream"], "export", ""),
    (&["upload", "bulk", "bulk_create", "load", "ingest"], "import", ""),
    (
        &["path", "name", "rename", "route", "operation_id"],
        "verb",
        "write `verb = \"turnOn\"`, or leave it out for the method's name in lowerCamelCase",
    ),
    (
        &["method", "http", "post"],
        "verb",
        "leave it out: a custom method answers POST, and GET too where it is `read_only`",
    ),
    (&["get", "readonly", "safe", "query"], "read_only", ""),
    (
        &[
            "guard",
            "condition",
            "allowed_if",
            "allowed",
            "allow",
            "enabled",
            "enabled_if",
            "only_if",
            "if",
            "requires",
            "precondition",
            "state",
        ],
        "when",
        "write `when = self.mode == Mode::On`",
    ),
];

/// The standard method that is called otherwise elsewhere.
pub(crate) fn method(name: &str) -> Option<&'static str> {
    Some(match name {
        "get" | "fetch" | "show" | "view" | "find" | "retrieve" | "head" => "read",
        "post" | "insert" | "add" | "new" => "create",
        "put" | "patch" | "edit" | "replace" | "modify" => "update",
        "remove" | "destroy" | "drop" => "delete",
        "index" | "all" | "search" | "query" => "list",
        "bulk" | "batchGet" | "batchCreate" | "batchUpdate" | "batchDelete" | "batch_get"
        | "batch_create" | "batch_update" | "batch_delete" => "batch",
        _ => return None,
    })
}

/// The word of `id = …` or `format = …` that is called otherwise elsewhere.
pub(crate) fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        "String" | "str" | "Text" | "Name" => "Slug",
        "i64" | "u64" | "i32" | "u32" | "Int" | "Serial" | "Number" | "AutoIncrement" => "Integer",
        "Guid" | "GUID" | "Ulid" => "Uuid",
        "url" | "iri" => "uri",
        "host" | "domain" => "hostname",
        "ip" => "ipv4",
        "mail" => "email",
        _ => return None,
    })
}

/// The type that says what the format of another framework says.
pub(crate) fn type_of(format: &str) -> Option<&'static str> {
    Some(match format {
        "uuid" => "Uuid",
        "date" => "Date",
        "date_time" | "datetime" | "timestamp" => "Timestamp",
        "byte" | "bytes" | "binary" | "base64" => "Bytes",
        _ => return None,
    })
}
