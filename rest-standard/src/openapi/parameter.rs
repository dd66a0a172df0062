//! The parameters of operations: ids in the path, standard ones, equality, and headers.

use super::{
    About, example, names,
    operation::{Parameter, Place},
    ordered::Ordered,
    schema::{self, Schemas, id_schema},
};
use crate::{
    descriptor::{FieldDescriptor, FieldKind},
    query::{Format, Holds, LONGEST_SEARCH, MOST_WORDS, Standard, Use, column, column_kind, names_for},
    search::words,
    store::Column,
    tree::{Node, Tree},
    value::Value,
};

fn shared(component: &'static str, place: Place, name: &str, doc: String, schema: Ordered) -> Parameter {
    Parameter {
        place,
        name: name.to_owned(),
        doc,
        required: place == Place::Path,
        schema,
        example: None,
        component: Some(component),
    }
}

fn standard(component: &'static str, standard: Standard, doc: &str, schema: Ordered) -> Parameter {
    let others: Vec<_> = standard.aliases().map(|alias| format!("`${alias}`")).collect();
    let aliases =
        if others.is_empty() { String::new() } else { format!(" Also called {}.", others.join(", ")) };
    shared(component, Place::Query, standard.name(), format!("{doc}{aliases}"), schema)
}

fn of_type(ty: &'static str) -> Ordered {
    Ordered::object([("type", ty.into())])
}

fn format(component: &'static str, formats: &[Format]) -> Parameter {
    let names = || formats.iter().map(|format| format.name());
    let suffixes = names().map(|name| format!("`.{name}`")).collect::<Vec<_>>().join(", ");
    let doc = format!(
        "The format of the answer. The suffixes of the path say the same ({suffixes}), and so does `Accept` where neither is \
         there; without any of them it is {}.",
        match formats.first() {
            Some(Format::Ndjson) => "NDJSON, a line of JSON for each resource",
            _ => "JSON",
        }
    );
    standard(component, Standard::Format, &doc, of_type("string").with("enum", names().collect::<Ordered>()))
}

/// What every operation takes.
pub(crate) fn common(holds: Holds) -> Vec<Parameter> {
    let request_id = "Names the request: 1 to 64 characters of `A-Z`, `a-z`, `0-9`, `_` and `-`. A write with an id happens at \
                      most once in 24 hours, however often it is sent; the first answer is given again. Also called \
                      `Idempotency-Key`, or `$requestID` in the query.";
    vec![
        standard(
            "Validate",
            Standard::Validate,
            "`true`: a dry run. Every check of the real call is made and nothing is changed. A write answers with the status of \
             the real call; `values` is the resource as it is now (`{}` for a create) and `meta.preview` the resource as the \
             call would leave it.",
            of_type("boolean").with("default", false),
        ),
        match holds {
            Holds::Other => format("Format", holds.formats()),
            Holds::List => format("ListFormat", holds.formats()),
            Holds::Export => format("ExportFormat", holds.formats()),
        },
        shared(
            "RequestId",
            Place::Header,
            "Request-ID",
            request_id.to_owned(),
            of_type("string").with("pattern", "^[A-Za-z0-9_-]{1,64}$"),
        ),
    ]
}

/// `*`, or entity tags (RFC 9110, section 8.8.3).
pub(super) const TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$"#;

/// `If-Match` and `If-None-Match` on one resource.
pub(crate) fn conditions(required: bool) -> Vec<Parameter> {
    let tags = || of_type("string").with("pattern", TAGS);
    let if_match =
        "The entity tags that the resource may have, as in its `etag`, or `*`; 412 where it has another.";
    let mut if_match = shared("IfMatch", Place::Header, "If-Match", if_match.to_owned(), tags());
    if required {
        if_match.component = Some("IfMatchRequired");
        if_match.required = true;
        if_match.doc.push_str(" Required: 428 without it.");
    }
    let if_none_match =
        "The entity tags that the resource must not have, or `*`; then 304 for a read and 412 for a write.";
    vec![if_match, shared("IfNoneMatch", Place::Header, "If-None-Match", if_none_match.to_owned(), tags())]
}

/// What a Delete takes.
pub(crate) fn delete(node: &Node) -> Vec<Parameter> {
    let boolean = || of_type("boolean").with("default", false);
    let force = match node.descriptor.soft_delete {
        None => standard("Force", Standard::Force, "`true`: deletes everything below as well.", boolean()),
        Some(_) => standard(
            "ForceAlone",
            Standard::Force,
            "`true`: deletes the resource although others are below, which stay and come back with it.",
            boolean(),
        ),
    };
    vec![
        force,
        standard(
            "AllowMissing",
            Standard::AllowMissing,
            "`true`: a resource that is not there is a success, 200.",
            boolean(),
        ),
    ]
}

/// What a List takes.
pub(crate) fn list(node: &Node, schemas: &mut Schemas, about: &About) -> Vec<Parameter> {
    // Without a format, which would set a maximum: a limit above the highest is lowered, an offset past the end is an empty page.
    let natural = || of_type("integer").with("minimum", 0_i64);
    let limit = format!(
        "The most elements of the page; more than {} is lowered to that, 0 gives metadata only.",
        about.page_max
    );
    let mut parameters = vec![
        standard("Limit", Standard::Limit, &limit, natural().with("default", about.page_default)),
        // Without the default 0: clients would send it, and it cannot go together with a cursor.
        standard(
            "Offset",
            Standard::Offset,
            "How many elements to skip. Not together with `$cursor`.",
            natural(),
        ),
        standard(
            "Cursor",
            Standard::Cursor,
            "Where to continue: it comes from `meta.cursorNextLink` and is bound to the list's other parameters.",
            of_type("string"),
        ),
        standard(
            "Count",
            Standard::Count,
            "`true` counts exactly, `false` not at all; without it counting stops at 10,000.",
            of_type("boolean"),
        ),
    ];
    parameters.extend(elements(node, schemas));
    parameters
}

/// What asks for elements of a collection takes: which of them, and in which order.
pub(crate) fn elements(node: &Node, schemas: &mut Schemas) -> Vec<Parameter> {
    let mut parameters = vec![filter(node), order_by(node)];
    let descriptor = node.descriptor;
    if descriptor.is_searchable() {
        parameters.insert(1, search(node));
    }
    if descriptor.soft_delete.is_some() {
        parameters.push(standard(
            "ShowDeleted",
            Standard::ShowDeleted,
            "`true`: deleted resources that can still be brought back are listed, too.",
            of_type("boolean").with("default", false),
        ));
    }
    for name in names_for(descriptor, Use::Equal) {
        let Some(column) = column(descriptor, name, Use::Equal) else { continue };
        let kind = column_kind(descriptor, column);
        let schema = match column {
            Column::Id => descriptor.id_kind().map_or_else(
                || of_type("string"),
                |kind| match kind {
                    // Any text can be compared with a slug.
                    crate::descriptor::IdKind::Slug | crate::descriptor::IdKind::Text => of_type("string"),
                    kind => id_schema(kind),
                },
            ),
            _ => match kind {
                FieldKind::Integer { .. } if schemas_wide(kind) => of_type("integer").with("format", "int64"),
                kind => schema::parameter(schemas, kind),
            },
        };
        let doc = format!("Only resources whose `{name}` is exactly this value.");
        parameters.push(Parameter {
            place: Place::Query,
            name: name.to_owned(),
            doc,
            required: false,
            schema,
            example: None,
            component: None,
        });
    }
    parameters
}

/// A query takes any integer with or without quotes, so its parameter is a number.
fn schemas_wide(kind: FieldKind) -> bool {
    crate::codec::is_wide(kind)
}

fn filter(node: &Node) -> Parameter {
    let names: Vec<_> = names_for(node.descriptor, Use::Filter).collect();
    let shown = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let doc = format!(
        "Only resources for which this expression holds (AIP-160): terms such as `volume >= 3`, `displayName = \"Lamp*\"`, \
         `owner = null` or `tags:\"new\"`, joined by `AND`, `OR` and `NOT`; `OR` binds tighter than `AND`. Case matters, and a `*` stands for anything at \
         the beginning or the end of a text in quotes. {} characters at most. Fields are {shown}. Also called `$query`.",
        crate::query::LONGEST_FILTER
    );
    Parameter {
        place: Place::Query,
        name: Standard::Filter.name().to_owned(),
        doc,
        required: false,
        schema: of_type("string").with("x-fields", names.into_iter().collect::<Ordered>()),
        example: Some(example::filter(node.descriptor).into()),
        component: None,
    }
}

fn search(node: &Node) -> Parameter {
    let fields: Vec<_> = node.descriptor.fields.iter().filter(|field| field.search).collect();
    let names = fields.iter().map(|field| field.name);
    let shown = names.clone().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let doc = format!(
        "Only resources with all of these words: each begins a word in one of {shown}, whatever the case and the diacritics. \
         Words are made of letters and digits; everything else parts them. It finds nothing within words; `$filter` does. {LONGEST_SEARCH} characters and {MOST_WORDS} words at \
         most."
    );
    Parameter {
        place: Place::Query,
        name: Standard::Search.name().to_owned(),
        doc,
        required: false,
        schema: of_type("string")
            .with("minLength", 1_i64)
            .with("maxLength", LONGEST_SEARCH as u64)
            .with("x-fields", names.collect::<Ordered>()),
        example: fields.iter().find_map(|field| example_word(field)).map(Into::into),
        component: None,
    }
}

/// The first word of a field's example.
fn example_word(field: &FieldDescriptor) -> Option<String> {
    match field.example?() {
        Value::Text(text) => words(&text).into_iter().next(),
        _ => None,
    }
}

fn order_by(node: &Node) -> Parameter {
    let names: Vec<_> = names_for(node.descriptor, Use::Order).collect();
    let choice = names.join("|");
    // Each name once: no name is followed by itself.
    let once: String = names.iter().map(|name| format!("(?!.*\\b{name}\\b.*\\b{name}\\b)")).collect();
    let pattern = format!("^{once}({choice})( (asc|desc))?(,({choice})( (asc|desc))?)*$");
    let shown = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let example = match names[..] {
        [first, second, ..] => format!("{first} desc,{second}"),
        _ => names.concat(),
    };
    let doc = format!(
        "The order: fields separated by commas, each once; a space and `desc` behind those that descend, as in `{example}`. Null is \
         lowest, texts are in the order of their code points (capitals first), and the id comes last. Fields are {shown}."
    );
    Parameter {
        place: Place::Query,
        name: Standard::OrderBy.name().to_owned(),
        doc,
        required: false,
        schema: of_type("string")
            .with("pattern", pattern)
            .with("x-fields", names.into_iter().collect::<Ordered>()),
        example: Some(example.into()),
        component: None,
    }
}

/// The ids in the path of a node, the root's first; `on_collection` leaves the node's own out.
pub(crate) fn ids(tree: &Tree, node: &Node, on_collection: bool) -> Vec<Parameter> {
    let mut ids = Vec::new();
    let mut at = Some(node);
    while let Some(above) = at {
        if let Some(kind) = above.id_kind()
            && !(on_collection && above.id == node.id)
        {
            ids.push(Parameter {
                place: Place::Path,
                name: names::id_parameter(above.descriptor),
                doc: format!("The `id` of the {}.", names::words(above.descriptor.name)),
                required: true,
                schema: id_schema(kind),
                example: Some(example::id_json(above.descriptor)),
                component: None,
            });
        }
        at = above.parent.map(|parent| tree.node(parent));
    }
    ids.reverse();
    ids
}
