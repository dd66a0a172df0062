//! The OpenAPI 3.1 document: operations and schemas, with what all of them share as components.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    About, framework, names,
    operation::{Answer, Body, Kind, Operation, Parameter, Place, Refusal, Values},
    ordered::Ordered,
    reader, refusal, sample,
    schema::{self, Form, Schemas},
    snippet::{self, Call},
    transfer,
};
use crate::{
    document::{JSON, PROBLEM, wire_name},
    query::Format,
    tree::{Node, Tree},
};

/// The document. `origin` is the scheme and authority that its addresses start with.
pub(crate) fn of(tree: &Tree, about: &About, origin: &str) -> Ordered {
    let root = format!("{origin}{}", about.root_path);
    let mut schemas = Schemas::new(&root);
    let operations = reader::operations(tree, &mut schemas, about);
    let mut writer = Writer { tree, root: &root, schemas, components: Components::default() };
    let paths = writer.paths(&operations);
    writer.framework_schemas();
    let Writer { schemas, components, .. } = writer;
    let (schemas, _) = schemas.finish();
    Ordered::object([("openapi", "3.1.1".into())])
        .with("info", info(about))
        .with("jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema")
        .with("servers", vec![Ordered::object([("url", root.as_str().into())])])
        .with("tags", tags(tree))
        .with("paths", Ordered::Object(paths))
        .with("components", components.finish(schemas))
}

/// What is wrong with the document's names. A start asks only this, so nothing is written that has no name.
pub(crate) fn mistakes(tree: &Tree) -> Vec<String> {
    let mut schemas = Schemas::new("");
    let operations = reader::operations(tree, &mut schemas, &About::default());
    let mut mistakes = double_ids(&operations);
    let mut writer = Writer { tree, root: "", schemas, components: Components::default() };
    for answer in operations.iter().flat_map(|operation| &operation.answers) {
        writer.envelope(answer.values);
    }
    writer.framework_schemas();
    mistakes.extend(writer.schemas.finish().1);
    mistakes
}

fn double_ids(operations: &[Operation<'_>]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let mut mistakes = Vec::new();
    for operation in operations {
        let what = format!("{} {}", operation.method, operation.path);
        if let Some(other) = seen.insert(&operation.id, what.clone()) {
            mistakes.push(format!(
                "two operations are called `{}`: {other}, and {what}; rename the verb or one of the types",
                operation.id
            ));
        }
    }
    mistakes
}

pub(super) const INTRODUCTION: &str = "Every answer has one shape: `status` says how it went, `request` repeats what was asked, `data` has \
`meta` and `values`. An error has `data: null` and says in `status.additionalInfo` what is wrong, where, and whether to try \
again. Every resource carries `links` to what can be done next.\n\nA write with a `Request-ID` happens at most once, however \
often it is sent. `$validate=true` is a dry run. `If-Match` with the `etag` that was read keeps a write from undoing someone \
else's. Unknown parameters and members are refused, never ignored.\n\nAn operation that is not listed is not there: an \
address answers a method that it does not have with 405 `MethodNotAllowed`, and names in `Allow` those that it has. HEAD, \
wherever there is GET, is GET without a body; OPTIONS, at every address, tells the methods.\n\nIn XML an answer is the \
same tree: the root is `<response>`, a member an element of its name, an element of an array `<item>`, and null \
`nil=\"true\"`; a member whose name no element can have is `<entry name=\"…\">`. In CSV a list is a header row of dotted \
field names and a row for each element, with lists and maps as JSON.";

fn info(about: &About) -> Ordered {
    let description = match about.description.trim() {
        "" => INTRODUCTION.to_owned(),
        own => format!("{own}\n\n{INTRODUCTION}"),
    };
    let contact = about.contact.as_ref().map(|contact| {
        let kind = if contact.address.contains("://") { "url" } else { "email" };
        Ordered::object([("name", contact.name.as_str().into())]).with(kind, contact.address.as_str())
    });
    let license = about.license.as_ref().map(|license| {
        Ordered::object([("name", license.name.as_str().into())])
            .with_some("identifier", license.identifier.as_deref())
    });
    Ordered::object([("title", about.title.as_str().into()), ("version", about.version.as_str().into())])
        .with("description", description)
        .with_some("contact", contact)
        .with_some("license", license)
}

/// One tag for each resource in the order of the hierarchy, after the entry point's.
fn tags(tree: &Tree) -> Ordered {
    let mut tags = vec![Ordered::object([
        ("name", ENTRY_POINT.into()),
        ("description", "Where a client begins.".into()),
    ])];
    for root in tree.roots() {
        add_tags(tree, tree.node(*root), &mut tags);
    }
    Ordered::Array(tags)
}

fn add_tags(tree: &Tree, node: &Node, tags: &mut Vec<Ordered>) {
    if !node.is_change_log {
        tags.push(
            Ordered::object([("name", node.descriptor.name.into())])
                .with_some("description", schema::text(node.descriptor.doc)),
        );
    }
    for child in &node.children {
        add_tags(tree, tree.node(*child), tags);
    }
}

const ENTRY_POINT: &str = "EntryPoint";

/// The tag of an operation: its resource; a log belongs to what it is the log of.
pub(crate) fn tag<'a>(tree: &'a Tree, operation: &Operation<'a>) -> &'a str {
    match operation.node {
        None => ENTRY_POINT,
        Some(node) => match node.parent.filter(|_| node.is_change_log) {
            Some(owner) => tree.node(owner).descriptor.name,
            None => node.descriptor.name,
        },
    }
}

type Members = Vec<(std::borrow::Cow<'static, str>, Ordered)>;

struct Writer<'a> {
    tree: &'a Tree,
    root: &'a str,
    schemas: Schemas,
    components: Components,
}

/// What operations share.
#[derive(Debug, Default)]
struct Components {
    parameters: BTreeMap<&'static str, Ordered>,
    headers: BTreeSet<&'static str>,
    /// By status and name.
    refusals: BTreeMap<(u16, String), Refusal>,
}

impl Writer<'_> {
    fn paths(&mut self, operations: &[Operation<'_>]) -> Members {
        let mut paths: Members = Vec::new();
        let mut places = HashMap::new();
        for operation in operations {
            let written = self.operation(operation);
            let method = operation.method.to_ascii_lowercase();
            let at = *places.entry(&operation.path).or_insert_with(|| {
                paths.push((operation.path.clone().into(), Ordered::Object(Vec::new())));
                paths.len() - 1
            });
            paths[at].1.set(method, written);
        }
        paths
    }

    fn operation(&mut self, operation: &Operation<'_>) -> Ordered {
        let parameters = operation.parameters.iter().map(|parameter| self.parameter(parameter));
        let parameters = Ordered::Array(parameters.collect());
        let mut responses = Vec::new();
        for answer in &operation.answers {
            let headers = answer.headers.clone();
            responses.push((answer.status.to_string().into(), self.success(operation, answer, &headers)));
        }
        for refusal in &operation.refusals {
            let name = refusal::name(refusal);
            responses.push((refusal.status.to_string().into(), Ordered::reference("responses", &name)));
            self.components.refusals.entry((refusal.status, name)).or_insert_with(|| refusal.clone());
        }
        let samples = snippet::all(&call(operation, self.root)).map(|snippet| {
            Ordered::object([
                ("lang", snippet.language.into()),
                ("label", snippet.label.into()),
                ("source", snippet.source.into()),
            ])
        });
        Ordered::object([("operationId", operation.id.as_str().into())])
            .with("tags", vec![Ordered::from(tag(self.tree, operation))])
            .with("summary", operation.summary.as_str())
            .with_some("description", schema::text(&operation.description))
            .with("parameters", parameters)
            .with_some("requestBody", operation.body.as_ref().map(body))
            .with("responses", Ordered::Object(responses))
            .with("x-codeSamples", samples.to_vec())
    }

    fn parameter(&mut self, parameter: &Parameter) -> Ordered {
        let written = Ordered::object([
            ("name", parameter.name.as_str().into()),
            ("in", parameter.place.name().into()),
            ("description", parameter.doc.as_str().into()),
            ("required", parameter.required.into()),
            ("schema", parameter.schema.clone()),
        ])
        .with_some("example", parameter.example.clone());
        match parameter.component {
            Some(name) => {
                self.components.parameters.entry(name).or_insert(written);
                Ordered::reference("parameters", name)
            }
            None => written,
        }
    }

    fn success(&mut self, operation: &Operation<'_>, answer: &Answer<'_>, own: &[&'static str]) -> Ordered {
        let is_write = operation.kind.is_write(operation.method);
        let replayed: &[&str] = if is_write { &["Idempotency-Replayed"] } else { &[] };
        let names = ["Request-ID", "Server-Request-ID", "Api-Version"].iter().chain(own).chain(replayed);
        let headers = names.map(|name| {
            self.components.headers.insert(name);
            (std::borrow::Cow::Borrowed(*name), Ordered::reference("headers", name))
        });
        let headers = Ordered::Object(headers.collect());
        let response = Ordered::object([("description", answer.description.into()), ("headers", headers)]);
        if let Values::Lines(_) = answer.values {
            return response.with("content", transfer::contents());
        }
        match self.envelope(answer.values) {
            Some(schema) => {
                let content = |schema| Ordered::object([("schema", schema)]);
                let xml = (Format::Xml.media_type(), content(schema.clone()));
                let mut contents = Ordered::object([(JSON, content(schema)), xml]);
                if let Values::List(_) = answer.values {
                    let rows = Ordered::object([("type", "string".into())])
                        .with("description", "A header row of field names, and a row for each element.");
                    contents.set(Format::Csv.media_type(), content(rows));
                }
                response.with("content", contents)
            }
            None => response,
        }
    }

    /// The envelope around the values.
    fn envelope(&mut self, values: Values<'_>) -> Option<Ordered> {
        let (name, values, meta) = match values {
            Values::NotModified | Values::Lines(_) => return None,
            Values::Count => {
                let name = "ApiImported";
                let origin = "what an import answers with".to_owned();
                (name.to_owned(), self.schemas.add(name, origin, |_| transfer::count()), "ApiMeta")
            }
            Values::EntryPoint => {
                let links = Ordered::object([
                    ("type", "object".into()),
                    ("description", "The entry point.".into()),
                    ("properties", Ordered::object([("links", links())])),
                    ("required", Ordered::from_iter(["links"])),
                ]);
                ("ApiEntryPoint".to_owned(), links, "ApiMeta")
            }
            Values::List(node) => {
                let items = self.schemas.resource(self.tree, node);
                let name = format!("{}List", names::output(node.descriptor, node.is_change_log));
                let elements = Ordered::object([("type", "array".into()), ("items", items)])
                    .with("description", "The elements of the page, in order.");
                (name, elements, "ApiListMeta")
            }
            Values::Resource(node) => {
                let name = names::output(node.descriptor, node.is_change_log);
                (name, self.schemas.resource(self.tree, node), "ApiMeta")
            }
            Values::ResourceOrNothing(node) => {
                let resource = self.schemas.resource(self.tree, node);
                let name = format!("{}OrNothing", node.descriptor.name);
                (name.clone(), self.either(name, vec![resource, nothing()]), "ApiWriteMeta")
            }
            Values::Several(node) => {
                let items = self.schemas.resource(self.tree, node);
                let name = format!("{}Batch", node.descriptor.name);
                let array = Ordered::object([("type", "array".into()), ("items", items)])
                    .with("description", "The resources in the order of the request.");
                (name, array, "ApiBatchMeta")
            }
            Values::Nothing => ("ApiNothing".to_owned(), nothing(), "ApiWriteMeta"),
            Values::Value(value) => {
                (value.name.to_owned(), self.schemas.value(value, Form::Output), "ApiMeta")
            }
            Values::ValueOrResource(value, node) => {
                let schemas =
                    vec![self.schemas.value(value, Form::Output), self.schemas.resource(self.tree, node)];
                let name = format!("{}Or{}", value.name, node.descriptor.name);
                (name.clone(), self.either(name, schemas), "ApiWriteMeta")
            }
            Values::ValueOrNothing(value) => {
                let schemas = vec![self.schemas.value(value, Form::Output), nothing()];
                let name = format!("{}OrNothing", value.name);
                (name.clone(), self.either(name, schemas), "ApiWriteMeta")
            }
        };
        let meta = if meta == "ApiWriteMeta" { "ApiMeta" } else { meta };
        let origin = format!("the answer with `{name}`");
        Some(self.schemas.add(format!("{name}Response"), origin, |_| {
            let data = Ordered::object([
                ("type", "object".into()),
                ("description", "What was asked for.".into()),
                (
                    "properties",
                    Ordered::object([("meta", Ordered::reference("schemas", meta)), ("values", values)]),
                ),
                ("required", Ordered::from_iter(["meta", "values"])),
            ]);
            let doc =
                if meta == "ApiListMeta" { "A page in its envelope." } else { "An answer in its envelope." };
            framework::envelope(Ordered::reference("schemas", "ApiStatus"), data).with("description", doc)
        }))
    }

    fn either(&mut self, name: String, schemas: Vec<Ordered>) -> Ordered {
        let origin = format!("one of several values, `{name}`");
        self.schemas.add(name, origin, |_| Ordered::object([("anyOf", schemas.into())]))
    }

    /// The schemas that every service has.
    fn framework_schemas(&mut self) {
        for (name, schema) in framework::schemas() {
            self.schemas.add(name, "one of the framework's own", |_| schema);
        }
    }
}

fn nothing() -> Ordered {
    Ordered::reference("schemas", "ApiNothing")
}

fn links() -> Ordered {
    Ordered::object([
        ("type", "array".into()),
        ("items", Ordered::reference("schemas", "ApiLink")),
        ("description", "What can be done next.".into()),
    ])
}

fn body(body: &Body) -> Ordered {
    let contents = body.contents.iter().map(|content| {
        let written = Ordered::object([("schema", content.schema.clone())])
            .with_some("example", content.example.clone());
        (std::borrow::Cow::Borrowed(content.media), written)
    });
    Ordered::object([("required", body.required.into()), ("content", Ordered::Object(contents.collect()))])
}

/// The call that documentation shows of an operation.
pub(crate) fn call(operation: &Operation<'_>, root: &str) -> Call {
    let mut path = operation.path.clone();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Path) {
        let example = match &parameter.example {
            Some(Ordered::Plain(serde_json::Value::String(text))) => text.clone(),
            Some(other) => other.to_text(),
            None => continue,
        };
        path = path.replace(&format!("{{{}}}", parameter.name), &example);
    }
    let content = operation.body.as_ref().and_then(|body| body.contents.first());
    let url = format!("{root}{}", path.trim_end_matches('/'));
    // A PUT may be about a resource that is not there yet.
    let creates =
        matches!(operation.kind, Kind::Replace) && operation.node.is_some_and(|node| node.descriptor.upsert);
    let if_match =
        operation.parameters.iter().find(|parameter| parameter.name == "If-Match").filter(|parameter| {
            parameter.required
                || !creates && matches!(operation.kind, Kind::Replace | Kind::Patch | Kind::Delete)
        });
    let resource = match operation.kind {
        Kind::Custom(method) => url.strip_suffix(&format!(":{}", method.verb)).unwrap_or(&url),
        _ => &url,
    };
    Call {
        method: operation.method,
        if_match: if_match.map(|_| resource.to_owned()),
        has_lines: matches!(operation.kind, Kind::Export | Kind::ExportAcross),
        has_request_id: operation.kind.is_write(operation.method),
        body: content.and_then(|content| Some((content.media, content.example.clone()?))),
        url,
    }
}

impl Components {
    fn finish(self, schemas: Vec<(String, Ordered)>) -> Ordered {
        let mut headers = self.headers;
        let responses = self.refusals.iter().map(|((status, name), refusal)| {
            let mut names = vec!["Request-ID", "Server-Request-ID", "Api-Version"];
            match status {
                408 | 500 | 503 | 504 => names.push("Retry-After"),
                415 => names.push("Accept-Patch"),
                _ => {}
            }
            headers.extend(&names);
            let own = names.into_iter().map(|name| (name.into(), Ordered::reference("headers", name)));
            let content = |name: &'static str, problem| {
                Ordered::object([
                    ("schema", Ordered::reference("schemas", name)),
                    ("example", sample::refusal(refusal, "/api/v1", problem)),
                ])
            };
            let response = Ordered::object([
                ("description", refusal::text(*status, &refusal.reasons).into()),
                ("headers", Ordered::Object(own.collect())),
                (
                    "content",
                    Ordered::object([
                        (JSON, content("ApiError", false)),
                        (PROBLEM, content("ApiProblem", true)),
                        (
                            Format::Xml.media_type(),
                            Ordered::object([("schema", Ordered::reference("schemas", "ApiError"))]),
                        ),
                    ]),
                ),
                ("x-reasons", refusal.reasons.iter().map(|reason| wire_name(*reason)).collect()),
            ]);
            (name.clone().into(), response)
        });
        let responses = Ordered::Object(responses.collect());
        let parameters = self.parameters.into_iter().map(|(name, parameter)| (name.into(), parameter));
        let headers = framework::headers().into_iter().filter(|(name, _)| headers.contains(name));
        Ordered::object([
            (
                "schemas",
                Ordered::Object(schemas.into_iter().map(|(name, schema)| (name.into(), schema)).collect()),
            ),
            ("responses", responses),
            ("parameters", Ordered::Object(parameters.collect())),
            ("headers", Ordered::Object(headers.map(|(name, header)| (name.into(), header)).collect())),
        ])
    }
}
