//! The schemas and headers that every service has, whatever its resources.

use super::ordered::Ordered;
use crate::{document::wire_name, error::Reason};

/// The one shape of every answer.
pub(super) fn envelope(status: Ordered, data: Ordered) -> Ordered {
    Ordered::object([
        ("type", "object".into()),
        (
            "properties",
            Ordered::object([
                ("status", status),
                ("request", Ordered::reference("schemas", "ApiRequest")),
                ("data", data),
            ]),
        ),
        ("required", Ordered::from_iter(["status", "request", "data"])),
    ])
}

fn of_type(ty: &'static str) -> Ordered {
    Ordered::object([("type", ty.into())])
}

fn object(doc: &'static str, properties: Vec<(&'static str, Ordered)>, required: &[&'static str]) -> Ordered {
    let properties = properties.into_iter().map(|(name, schema)| (name.into(), schema)).collect();
    of_type("object")
        .with("description", doc)
        .with("properties", Ordered::Object(properties))
        .with_some("required", (!required.is_empty()).then(|| required.iter().copied().collect::<Ordered>()))
}

fn text(doc: &'static str) -> Ordered {
    of_type("string").with("description", doc)
}

fn boolean(doc: &'static str) -> Ordered {
    of_type("boolean").with("description", doc)
}

fn list_of(name: &str, doc: &'static str) -> Ordered {
    of_type("array").with("items", Ordered::reference("schemas", name)).with("description", doc)
}

/// The framework's schemas by name.
pub(super) fn schemas() -> Vec<(&'static str, Ordered)> {
    let reference = |name| Ordered::reference("schemas", name);
    let number = |doc: &'static str| {
        of_type("integer").with("format", "int64").with("minimum", 0_i64).with("description", doc)
    };
    let anything = |doc: &'static str| Ordered::object([("description", doc.into())]);
    let open =
        |doc: &'static str| of_type("object").with("description", doc).with("additionalProperties", true);
    vec![
        (
            "ApiEnvelope",
            envelope(
                reference("ApiAnyStatus"),
                Ordered::object([
                    ("type", Ordered::from_iter(["object", "null"])),
                    (
                        "properties",
                        Ordered::object([
                            ("meta", open("What is known of the values.")),
                            ("values", anything("A resource, an array of them, or `{}`.")),
                        ]),
                    ),
                    ("required", Ordered::from_iter(["meta", "values"])),
                ]),
            )
            .with(
                "description",
                "The one shape of every answer; what an operation answers with is a narrowing of it.",
            ),
        ),
        (
            "ApiAnyStatus",
            object(
                "How it went.",
                vec![
                    (
                        "code",
                        of_type("integer").with("format", "int32").with("description", "The HTTP status."),
                    ),
                    ("description", text("A sentence for a person.")),
                    ("additionalInfo", open("Empty for a success, an `ApiErrorInfo` for an error.")),
                ],
                &["code", "description", "additionalInfo"],
            ),
        ),
        (
            "ApiStatus",
            object(
                "A success.",
                vec![
                    (
                        "code",
                        of_type("integer").with("format", "int32").with("description", "The HTTP status."),
                    ),
                    ("description", text("A sentence for a person.")),
                    ("additionalInfo", open("Empty for a success.")),
                ],
                &["code", "description", "additionalInfo"],
            ),
        ),
        (
            "ApiRequest",
            object(
                "What was asked.",
                vec![
                    ("id", text("The effective request id.")),
                    ("uri", text("The path as received.")),
                    ("queryString", text("The query as received; empty where there is none.")),
                    (
                        "body",
                        anything(
                            "The body as received; null where there is none, `{\"truncated\": true}` beyond 8 KiB.",
                        ),
                    ),
                ],
                &["id", "uri", "queryString", "body"],
            ),
        ),
        (
            "ApiMeta",
            object(
                "What is known of the values.",
                vec![
                    ("validated", boolean("True for a dry run.")),
                    (
                        "preview",
                        open(
                            "After a dry run of a write: the resource as the real call would leave it, without what only that can know.",
                        ),
                    ),
                ],
                &[],
            ),
        ),
        (
            "ApiBatchMeta",
            object(
                "What is known of the values.",
                vec![
                    ("validated", boolean("True for a dry run.")),
                    (
                        "preview",
                        of_type("array").with("items", open("A resource.")).with(
                            "description",
                            "After a dry run of a write: the resources as the real call would leave them, without what only that can know.",
                        ),
                    ),
                ],
                &[],
            ),
        ),
        (
            "ApiListMeta",
            object(
                "What is known of the page.",
                vec![
                    (
                        "totalCount",
                        number(
                            "How many elements there are, whatever the page; absent where nothing was counted.",
                        ),
                    ),
                    (
                        "totalCountRelation",
                        of_type("string")
                            .with("enum", Ordered::from_iter(["Exact", "AtLeast"]))
                            .with("description", "Whether there may be more than `totalCount`."),
                    ),
                    ("limit", number("The most elements of this page.")),
                    ("offset", number("How many elements were skipped, where the request said so.")),
                    ("validated", boolean("True where the request asked for a dry run.")),
                    (
                        "cursorNextLink",
                        text("The address of the next page; absent on the last.").with("format", "uri"),
                    ),
                    ("links", list_of("ApiLink", "What can be done with the list.")),
                ],
                &["limit", "links"],
            ),
        ),
        (
            "ApiLink",
            object(
                "Something that can be done.",
                vec![
                    ("rel", text("The relation: `self`, `up`, `collection`, a child's name or a verb.")),
                    ("href", text("The absolute address.").with("format", "uri")),
                    (
                        "action",
                        of_type("string")
                            .with("enum", Ordered::from_iter(["GET", "POST", "PUT", "PATCH", "DELETE"]))
                            .with("description", "The HTTP method."),
                    ),
                    (
                        "format",
                        of_type("array")
                            .with("items", of_type("string"))
                            .with("description", "The media types that a write takes or a read gives."),
                    ),
                ],
                &["rel", "href", "action", "format"],
            ),
        ),
        (
            "ApiNothing",
            of_type("object").with("description", "There is nothing to return.").with("maxProperties", 0_i64),
        ),
        (
            "ApiError",
            envelope(
                object(
                    "How it failed.",
                    vec![
                        (
                            "code",
                            of_type("integer")
                                .with("format", "int32")
                                .with("description", "The HTTP status."),
                        ),
                        ("description", text("A sentence for a person.")),
                        ("additionalInfo", reference("ApiErrorInfo")),
                    ],
                    &["code", "description", "additionalInfo"],
                ),
                of_type("null").with("description", "An error has no data."),
            )
            .with("description", "The answer to every request that was refused."),
        ),
        (
            "ApiErrorInfo",
            object("What a program needs to know of an error.", error_members(), &ERROR_MEMBERS),
        ),
        (
            "ApiFault",
            object(
                "One thing that is wrong with a request, with one place.",
                vec![
                    ("pointer", text("A JSON pointer (RFC 6901) into the body.")),
                    ("parameter", text("The name of a parameter.")),
                    ("header", text("The name of a header.")),
                    ("position", number("Where in the parameter's value, in characters from 0.")),
                    ("detail", text("What is wrong and what was expected.")),
                ],
                &["detail"],
            ),
        ),
        ("ApiProblem", {
            let mut members = vec![
                ("type", text("What kind of problem it is.").with("format", "uri-reference")),
                ("title", text("The status in words.")),
                (
                    "status",
                    of_type("integer").with("format", "int32").with("description", "The HTTP status."),
                ),
                ("detail", text("A sentence for a person.")),
                ("instance", text("The path as received.").with("format", "uri-reference")),
            ];
            members.extend(error_members());
            let required: Vec<_> = members.iter().map(|(name, _)| *name).collect();
            object("The same error as RFC 9457 has it, where `Accept` ranks that higher.", members, &required)
        }),
        (
            "ApiJsonPatch",
            of_type("array")
                .with("items", reference("ApiJsonPatchOperation"))
                .with("description", "A JSON Patch (RFC 6902)."),
        ),
        (
            "ApiJsonPatchOperation",
            object(
                "One step of a JSON Patch; a `test` that fails is 409 `FailedPrecondition`.",
                vec![
                    (
                        "op",
                        of_type("string")
                            .with(
                                "enum",
                                Ordered::from_iter(["add", "remove", "replace", "move", "copy", "test"]),
                            )
                            .with("description", "What to do."),
                    ),
                    (
                        "path",
                        text("A JSON pointer (RFC 6901) to a field or into it.").with("pattern", POINTER),
                    ),
                    (
                        "from",
                        text("Such a pointer to where from; `move` and `copy` only.")
                            .with("pattern", POINTER),
                    ),
                    ("value", anything("The value; `add`, `replace` and `test` only.")),
                ],
                &["op", "path"],
            )
            .with("if", op_is(&["add", "replace", "test"]))
            .with("then", needs("value"))
            .with("else", Ordered::object([("if", op_is(&["move", "copy"])), ("then", needs("from"))])),
        ),
    ]
}

/// A pointer to something within a document.
const POINTER: &str = "^(/([^~/]|~[01])*)+$";

fn op_is(names: &[&'static str]) -> Ordered {
    let op = Ordered::object([("enum", names.iter().copied().collect())]);
    Ordered::object([("properties", Ordered::object([("op", op)]))])
}

fn needs(member: &'static str) -> Ordered {
    Ordered::object([("required", Ordered::from_iter([member]))])
}

/// The names of reasons; both time-outs have one.
fn reasons() -> Ordered {
    let mut names: Vec<&str> = Reason::ALL.iter().map(|reason| wire_name(*reason)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().collect()
}

const ERROR_MEMBERS: [&str; 9] = [
    "reason",
    "retry",
    "retryAfterMillis",
    "fixRequest",
    "reauthenticate",
    "maintenance",
    "contactSupport",
    "errors",
    "notices",
];

fn error_members() -> Vec<(&'static str, Ordered)> {
    vec![
        ("reason", of_type("string").with("enum", reasons()).with("description", "The cause.")),
        ("retry", boolean("Whether the same request may succeed when it is sent again.")),
        (
            "retryAfterMillis",
            Ordered::object([
                ("type", Ordered::from_iter(["integer", "null"])),
                ("format", "int64".into()),
                (
                    "description",
                    "How long to wait before that, in milliseconds; null where `retry` is false.".into(),
                ),
            ]),
        ),
        ("fixRequest", boolean("Whether the request must be changed.")),
        ("reauthenticate", boolean("Whether the caller must sign in again.")),
        ("maintenance", boolean("Whether the service is under maintenance.")),
        ("contactSupport", boolean("Whether only the service's people can help.")),
        ("errors", list_of("ApiFault", "Everything that is wrong with the request, 100 faults at most.")),
        (
            "notices",
            of_type("array")
                .with("items", Ordered::object([("description", "A notice.".into())]))
                .with("description", "Notices about the service; empty at present."),
        ),
    ]
}

/// The headers of answers by name.
pub(super) fn headers() -> Vec<(&'static str, Ordered)> {
    let header = |doc: &'static str, required: bool, schema: Ordered| {
        Ordered::object([("description", doc.into()), ("required", required.into()), ("schema", schema)])
    };
    let id = || of_type("string").with("pattern", "^[A-Za-z0-9_-]{1,64}$");
    vec![
        ("Request-ID", header("The effective request id.", true, id())),
        ("Server-Request-ID", header("The service's own id of the request.", true, id())),
        ("Api-Version", header("The version that answered.", true, of_type("string"))),
        (
            "ETag",
            header("The entity tag of the resource, where the answer has one.", false, of_type("string")),
        ),
        (
            "Location",
            header(
                "The address of the new resource; absent after a dry run.",
                false,
                of_type("string").with("format", "uri"),
            ),
        ),
        (
            "Link",
            header(
                "The address of the next page with `rel=\"next\"`; absent on the last.",
                false,
                of_type("string"),
            ),
        ),
        (
            "Retry-After",
            header(
                "How long to wait before the request is sent again, in seconds.",
                false,
                of_type("integer").with("minimum", 0_i64),
            ),
        ),
        (
            "Idempotency-Replayed",
            header(
                "`true` where this is the recorded answer of an earlier request with the same id.",
                false,
                of_type("string").with("enum", Ordered::from_iter(["true"])),
            ),
        ),
        ("Accept-Patch", header("The media types of PATCH bodies.", false, of_type("string"))),
    ]
}
