//! Every word of the attributes, in the order of the documentation.

/// The options of `#[resource(…)]`.
pub(crate) const RESOURCE: &[&str] = &[
    COLLECTION,
    SINGLETON,
    SINGULAR,
    PARENT,
    ID,
    EXAMPLE,
    VIEW,
    INDEX,
    METHODS,
    WITHOUT,
    RULES,
    CHANGES,
    UPSERT,
    SLASH_VERBS,
    REQUIRE_IF_MATCH,
    SOFT_DELETE,
    ACROSS_PARENTS,
    EXPORT,
    IMPORT,
    DROPPED,
    TABLE,
    KEY,
    CREATED_AT,
    CREATED_BY,
    UPDATED_AT,
    UPDATED_BY,
];
pub(crate) const COLLECTION: &str = "collection";
pub(crate) const SINGLETON: &str = "singleton";
pub(crate) const SINGULAR: &str = "singular";
pub(crate) const PARENT: &str = "parent";
pub(crate) const ID: &str = "id";
pub(crate) const EXAMPLE: &str = "example";
pub(crate) const VIEW: &str = "view";
pub(crate) const INDEX: &str = "index";
pub(crate) const METHODS: &str = "methods";
pub(crate) const WITHOUT: &str = "without";
pub(crate) const RULES: &str = "rules";
pub(crate) const CHANGES: &str = "changes";
pub(crate) const UPSERT: &str = "upsert";
pub(crate) const SLASH_VERBS: &str = "slash_verbs";
pub(crate) const REQUIRE_IF_MATCH: &str = "require_if_match";
pub(crate) const SOFT_DELETE: &str = "soft_delete";
pub(crate) const ACROSS_PARENTS: &str = "across_parents";
pub(crate) const EXPORT: &str = "export";
pub(crate) const IMPORT: &str = "import";
pub(crate) const DROPPED: &str = "dropped";
pub(crate) const TABLE: &str = "table";
pub(crate) const KEY: &str = "key";
pub(crate) const CREATED_AT: &str = "created_at";
pub(crate) const CREATED_BY: &str = "created_by";
pub(crate) const UPDATED_AT: &str = "updated_at";
pub(crate) const UPDATED_BY: &str = "updated_by";

/// The options of which there may be several.
pub(crate) const REPEATED: &[&str] = &[VIEW, INDEX];

/// The options of `view(…)`.
pub(crate) const VIEW_OPTIONS: &[&str] = &[NAME, FIELDS];
pub(crate) const NAME: &str = "name";
pub(crate) const FIELDS: &str = "fields";

/// The options of `#[field(…)]`.
pub(crate) const FIELD: &[&str] = &[
    LENGTH,
    RANGE,
    PATTERN,
    FORMAT,
    DEFAULT,
    EXAMPLE,
    FILTER,
    ORDER,
    SEARCH,
    UNIQUE,
    IMMUTABLE,
    OUTPUT_ONLY,
    INPUT_ONLY,
    REQUIRED,
    REFERENCES,
    ON_DELETE,
    RENAME,
    RENAMED_FROM,
    CONVERTED_FROM,
    COLUMN,
    TEXTS,
];
pub(crate) const LENGTH: &str = "length";
pub(crate) const RANGE: &str = "range";
pub(crate) const PATTERN: &str = "pattern";
pub(crate) const FORMAT: &str = "format";
pub(crate) const DEFAULT: &str = "default";
pub(crate) const REFERENCES: &str = "references";
pub(crate) const ON_DELETE: &str = "on_delete";
pub(crate) const FILTER: &str = "filter";
pub(crate) const ORDER: &str = "order";
pub(crate) const SEARCH: &str = "search";
pub(crate) const UNIQUE: &str = "unique";
pub(crate) const IMMUTABLE: &str = "immutable";
pub(crate) const OUTPUT_ONLY: &str = "output_only";
pub(crate) const INPUT_ONLY: &str = "input_only";
pub(crate) const REQUIRED: &str = "required";
pub(crate) const RENAME: &str = "rename";
pub(crate) const RENAMED_FROM: &str = "renamed_from";
pub(crate) const CONVERTED_FROM: &str = "converted_from";
pub(crate) const COLUMN: &str = "column";
pub(crate) const TEXTS: &str = "texts";

/// What a column may have held before, as `converted_from` says it.
pub(crate) const STORED: &[&str] =
    &["text", "integer", "real", "boolean", "enumeration", "uuid", "date", "timestamp"];

/// The options of `#[custom_method(…)]`.
pub(crate) const METHOD: &[&str] = &[WHEN, READ_ONLY, VERB];
pub(crate) const WHEN: &str = "when";
pub(crate) const READ_ONLY: &str = "read_only";
pub(crate) const VERB: &str = "verb";

/// The kinds of `id = …`.
pub(crate) const ID_KINDS: &[&str] = &["Uuid", "Slug", "Integer", TEXT];
/// The kind that only rows of an existing table have.
pub(crate) const TEXT: &str = "Text";
/// What becomes of a field whose reference loses its target.
pub(crate) const ON_DELETES: &[&str] = &[REFUSE, SET_NULL];
pub(crate) const REFUSE: &str = "refuse";
pub(crate) const SET_NULL: &str = "set_null";
/// The kinds of `format = …` with the variant of the descriptor that each becomes.
pub(crate) const FORMATS: &[&str] =
    &["email", "uri", "hostname", "ipv4", "ipv6", "time_zone", "region_code", "language_code"];
/// The JSON names of texts with the same meaning in every service, with the kind of `format` that each has.
pub(crate) const STANDARD_TEXTS: &[(&str, &str)] =
    &[("timeZone", "TimeZone"), ("regionCode", "RegionCode"), ("languageCode", "LanguageCode")];
/// The JSON name of the map with the same meaning in every service.
pub(crate) const LABELS: &str = "labels";
/// The standard methods of a collection.
pub(crate) const COLLECTION_METHODS: &[&str] = &["list", "create", "read", "update", "delete", BATCH];
/// The standard methods of a singleton.
pub(crate) const SINGLETON_METHODS: &[&str] = &["read", "update"];

/// The attribute of fields.
pub(crate) const FIELD_ATTRIBUTE: &str = "field";
/// The attribute of methods.
pub(crate) const METHOD_ATTRIBUTE: &str = "custom_method";

/// The JSON names of the fields that the framework gives every resource.
pub(crate) const FRAMEWORK_FIELDS: &[&str] = &[
    "id",
    "url",
    "createdAt",
    "createdBy",
    "updatedAt",
    "updatedBy",
    "etag",
    "links",
    "deletedAt",
    "deletedBy",
    "purgeAt",
    "expanded",
];

/// The fields of the framework that a view can name, as in Rust.
pub(crate) const VIEW_FRAMEWORK_FIELDS: &[&str] =
    &["created_at", "created_by", "updated_at", "updated_by", "etag", "links"];
/// Those that only resources with `soft_delete` have.
pub(crate) const VIEW_DELETION_FIELDS: &[&str] = &["deleted_at", "deleted_by", "purge_at"];
/// The fields of the framework that every view has.
pub(crate) const ALWAYS_SELECTED: &[&str] = &["id", "url"];

/// The method of a collection that stands for the batch forms of the others.
pub(crate) const BATCH: &str = "batch";
/// What `batch` is a batch of.
pub(crate) const BATCHED_METHODS: &[&str] = &["read", "create", "update", "delete"];
/// The verbs of batches.
pub(crate) const BATCH_VERBS: &[&str] = &["batchGet", "batchCreate", "batchUpdate", "batchDelete"];

/// The verbs that the standard gives a meaning of its own, with what to do in place of declaring them.
pub(crate) const RESERVED_VERBS: &[&str] = &[
    "list",
    "create",
    "read",
    "get",
    "update",
    "delete",
    "batchGet",
    "batchCreate",
    "batchUpdate",
    "batchDelete",
    "undelete",
    EXPORT,
    IMPORT,
];
