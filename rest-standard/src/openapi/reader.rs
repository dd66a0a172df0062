//! From the tree to its operations.

use super::{
    About, batch, example, names,
    operation::{Answer, Body, Content, Kind, Operation, Place, Values},
    ordered::Ordered,
    parameter,
    refusal::{self, Facts},
    schema::Schemas,
    selection,
};
use crate::{
    descriptor::{
        BatchMethod, CustomMethod, Descriptor, IdKind, Method, OnDelete, Output, Target, UNDELETE, Verb,
    },
    document::{JSON, JSON_PATCH, MERGE_PATCH},
    query::Holds,
    tree::{Node, Tree},
};

/// All operations: the entry point's, then the nodes' in the order of the hierarchy.
pub(crate) fn operations<'a>(tree: &'a Tree, schemas: &mut Schemas, about: &About) -> Vec<Operation<'a>> {
    let mut reader = Reader { tree, schemas, about, all: vec![entry_point()] };
    for root in tree.roots() {
        reader.node(tree.node(*root));
    }
    reader.all
}

/// What the addresses across parents have in common, in Markdown.
pub(super) const ACROSS: &str = "Each `-` stands for every id (AIP-159). The first ids of the path may be given, as long as all after a `-` \
are `-`. Ties of an order are decided by the ids of the path, the root's first. Resources below one that was deleted and can be \
brought back are there too.";

fn entry_point() -> Operation<'static> {
    Operation {
        id: "readEntryPoint".to_owned(),
        node: None,
        kind: Kind::EntryPoint,
        method: "GET",
        path: "/".to_owned(),
        summary: "Reads the entry point".to_owned(),
        description: "Its links lead to everything else.".to_owned(),
        parameters: parameter::common(Holds::Other),
        body: None,
        answers: vec![Answer {
            status: 200,
            description: "The entry point of this API.",
            values: Values::EntryPoint,
            headers: Vec::new(),
        }],
        refusals: refusal::of_entry_point(),
    }
}

pub(super) struct Reader<'a, 's> {
    pub(super) tree: &'a Tree,
    schemas: &'s mut Schemas,
    about: &'s About,
    all: Vec<Operation<'a>>,
}

/// What an operation is made of beyond what its node decides.
pub(super) struct Draft<'a> {
    pub(super) kind: Kind,
    pub(super) method: &'static str,
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer<'a>>,
}

impl<'a> Reader<'a, '_> {
    fn node(&mut self, node: &'a Node) {
        let has = |method| node.descriptor.methods.has(method);
        if node.id_kind().is_some() {
            if has(Method::List) {
                self.list(node);
                if node.descriptor.across_parents {
                    self.list_across(node);
                }
            }
            if has(Method::Create) {
                self.create(node);
            }
            node.descriptor.collection_verbs().for_each(|verb| self.verb(node, verb));
        }
        if has(Method::Read) {
            self.read(node);
        }
        if has(Method::Update) {
            self.replace(node);
            self.patch(node);
        }
        if has(Method::Delete) && !node.descriptor.is_singleton() {
            self.delete(node);
        }
        node.descriptor.resource_verbs().for_each(|verb| self.verb(node, verb));
        for child in &node.children {
            self.node(self.tree.node(*child));
        }
    }

    fn list(&mut self, node: &'a Node) {
        let many = node.descriptor.segment.replace('-', " ");
        self.push(node, Draft {
            kind: Kind::List,
            method: "GET",
            id: format!("list{}", names::plural(self.tree, node)),
            summary: format!("Lists {many}"),
            description: "Always a page: follow `meta.cursorNextLink` until it is absent to visit every one exactly once."
                .to_owned(),
            body: None,
            answers: vec![page(node)],
        });
    }

    fn list_across(&mut self, node: &'a Node) {
        let many = node.descriptor.segment.replace('-', " ");
        self.push(
            node,
            Draft {
                kind: Kind::ListAcross,
                method: "GET",
                id: format!("list{}AcrossParents", names::plural(self.tree, node)),
                summary: format!("Lists the {many} below every parent"),
                description: ACROSS.to_owned(),
                body: None,
                answers: vec![page(node)],
            },
        );
    }

    fn create(&mut self, node: &'a Node) {
        let fields = created(node);
        let schema = self.schemas.create(node);
        self.push(node, Draft {
            kind: Kind::Create,
            method: "POST",
            id: format!("create{}", names::subject(self.tree, node)),
            summary: format!("Creates {}", names::with_article(&noun(node.descriptor))),
            description: node.descriptor.doc.trim().to_owned(),
            body: Some(json(schema, fields, true)),
            answers: vec![Answer {
                status: 201,
                description: "The new resource; after a dry run `{}`, with the resource as it would be in `meta.preview`.",
                values: Values::ResourceOrNothing(node),
                headers: vec!["Location", "ETag"],
            }],
        });
    }

    fn read(&mut self, node: &'a Node) {
        self.push(
            node,
            Draft {
                kind: Kind::Read,
                method: "GET",
                id: format!("read{}", names::subject(self.tree, node)),
                summary: format!("Reads {}", one(node)),
                description: node.descriptor.doc.trim().to_owned(),
                body: None,
                answers: vec![answer("The resource as it is now.", Values::Resource(node)), not_modified()],
            },
        );
    }

    fn replace(&mut self, node: &'a Node) {
        let schema = self.schemas.update(node);
        let example = example::body(node.descriptor.fields).map(object);
        let mut answers = vec![answer("The resource as it is now.", Values::Resource(node))];
        let mut description =
            "Replaces the whole resource: an optional field that is left out returns to its default."
                .to_owned();
        if node.descriptor.upsert && node.id_kind().is_some() {
            description.push_str(" Where the id is new, the resource is created.");
            answers.push(Answer {
                status: 201,
                description: "The new resource; after a dry run `{}`, with the resource as it would be in `meta.preview`.",
                values: Values::ResourceOrNothing(node),
                headers: vec!["Location", "ETag"],
            });
        }
        self.push(
            node,
            Draft {
                kind: Kind::Replace,
                method: "PUT",
                id: format!("update{}", names::subject(self.tree, node)),
                summary: format!("Replaces {}", one(node)),
                description,
                body: Some(json(schema, example, true)),
                answers,
            },
        );
    }

    fn patch(&mut self, node: &'a Node) {
        let schema = self.schemas.patch(node);
        let members = example::patch(node.descriptor.fields);
        let operations = members.as_ref().map(|members| {
            let tests = members.iter().map(|(name, value)| {
                Ordered::object([
                    ("op", "replace".into()),
                    ("path", format!("/{name}").into()),
                    ("value", value.clone()),
                ])
            });
            Ordered::Array(tests.collect())
        });
        let merge = members.map(object);
        let content = |media, schema, example| Content { media, schema, example };
        self.push(node, Draft {
            kind: Kind::Patch,
            method: "PATCH",
            id: format!("patch{}", names::subject(self.tree, node)),
            summary: format!("Changes {}", one(node)),
            description: "Changes what the body names: a JSON Merge Patch (RFC 7396), which plain JSON is taken for as well, \
                          or a JSON Patch (RFC 6902)."
                .to_owned(),
            body: Some(Body {
                required: true,
                contents: vec![
                    content(MERGE_PATCH, schema.clone(), merge.clone()),
                    content(JSON, schema, merge),
                    content(JSON_PATCH, Ordered::reference("schemas", "ApiJsonPatch"), operations),
                ],
            }),
            answers: vec![answer("The resource as it is now.", Values::Resource(node))],
        });
    }

    fn delete(&mut self, node: &'a Node) {
        let is_soft = node.descriptor.soft_delete.is_some();
        let (description, told) = if is_soft {
            (
                "Marks the resource: lists leave it out, it can be read until `purgeAt`, and `:undelete` brings it back. Refused \
                 with 409 `HasChildren` while resources are below, unless `$force=true`, which marks it alone.",
                "The deleted resource; `{}` where none was there and `$allowMissing=true`.",
            )
        } else {
            (
                "Refused with 409 `HasChildren` while resources are below, unless `$force=true`.",
                "`{}`; after a dry run the resource as it is now.",
            )
        };
        self.push(
            node,
            Draft {
                kind: Kind::Delete,
                method: "DELETE",
                id: format!("delete{}", names::subject(self.tree, node)),
                summary: format!("Deletes {}", one(node)),
                description: self.also_refused(node, description),
                body: None,
                answers: vec![answer(told, Values::ResourceOrNothing(node))],
            },
        );
    }

    /// Says which resources keep this one from being deleted by referring to it.
    fn also_refused(&self, node: &Node, description: &str) -> String {
        let mut text = description.to_owned();
        let mut fields = Vec::new();
        for (referrer, index) in &node.referrers {
            let referrer = self.tree.node(*referrer).descriptor;
            let field = &referrer.fields[*index];
            if field.references.is_some_and(|reference| reference.on_delete == OnDelete::Refuse) {
                fields.push(format!("`{}` of `{}`", field.name, referrer.segment));
            }
        }
        if !fields.is_empty() {
            let by = fields.join(" or ");
            paragraph(
                &mut text,
                &format!("Refused with 409 `FailedPrecondition` while {by} refers to it, `$force` or not."),
            );
        }
        text
    }

    fn verb(&mut self, node: &'a Node, verb: Verb) {
        match verb {
            Verb::Batch(method) => self.batch(node, method),
            Verb::Export => {
                self.export(node);
                if node.descriptor.across_parents {
                    self.export_across(node);
                }
            }
            Verb::Import => self.import(node),
            Verb::Custom(method) => {
                if method.answers_get() {
                    self.custom(node, method, "GET");
                }
                self.custom(node, method, "POST");
            }
        }
    }

    fn batch(&mut self, node: &'a Node, method: BatchMethod) {
        let many = node.descriptor.segment.replace('-', " ");
        let single = match method {
            BatchMethod::Create => created(node),
            BatchMethod::Update => example::patch(node.descriptor.fields).map(object),
            BatchMethod::Get | BatchMethod::Delete => None,
        };
        let content = batch::body(self.schemas, node, method, self.about.batch_max, single);
        let (summary, answer) = match method {
            BatchMethod::Get => {
                ("Reads several", "The resources as they are now, in the order of their ids in the body.")
            }
            BatchMethod::Create => {
                ("Creates several", "The new resources in the order of the body; after a dry run none.")
            }
            BatchMethod::Update => {
                ("Changes several", "The resources as they are now, in the order of the body.")
            }
            BatchMethod::Delete if node.descriptor.soft_delete.is_some() => {
                ("Deletes several", "The deleted resources in the order of the body.")
            }
            BatchMethod::Delete => {
                ("Deletes several", "An empty array; after a dry run the resources as they are now.")
            }
        };
        let mut description = match method {
            BatchMethod::Get => "All as they were at one moment. One that does not exist refuses the request.",
            _ => "All of it happens, or nothing: one bad item refuses the request, and `errors` names every bad one.",
        }
        .to_owned();
        also_at(&mut description, node, method.verb());
        self.push(
            node,
            Draft {
                kind: Kind::Batch(method),
                method: "POST",
                id: format!("{}{}", method.verb(), names::plural(self.tree, node)),
                summary: format!("{summary} {many}"),
                description,
                body: Some(Body { required: true, contents: vec![content] }),
                answers: vec![Answer {
                    status: 200,
                    description: answer,
                    values: Values::Several(node),
                    headers: Vec::new(),
                }],
            },
        );
    }

    fn custom(&mut self, node: &'a Node, method: &'static CustomMethod, http: &'static str) {
        let (summary, rest) = summary(method.doc, || {
            format!("{} {}", names::capitalised(&names::words(method.verb)), one(node))
        });
        let mut description = rest;
        if method.when.is_some() {
            paragraph(
                &mut description,
                "Where the state of the resource forbids it, it answers 409 `FailedPrecondition` and \
                                         its link is not shown.",
            );
        }
        if node.descriptor.slash_verbs {
            paragraph(
                &mut description,
                &format!("It is also at `/{}` instead of `:{}`.", method.verb, method.verb),
            );
        }
        let body = method.input.filter(|_| http == "POST").map(|input| {
            let required = input.fields.iter().any(|field| field.default_value().is_none());
            let schema = self.schemas.value(input, super::schema::Form::Input);
            json(schema, example::body(input.fields).map(object), required)
        });
        let on_collection = method.target == Target::Collection;
        let values = match (method.output, method.read_only) {
            (Output::Resource, _) if on_collection => Values::Nothing,
            _ if method.verb == UNDELETE.verb && node.descriptor.soft_delete.is_some() => {
                Values::Resource(node)
            }
            // A method may delete its resource, which is then no more.
            (Output::Resource, false) if node.id_kind().is_some() => Values::ResourceOrNothing(node),
            (Output::Resource, _) => Values::Resource(node),
            (Output::Value(value), true) => Values::Value(value),
            (Output::Value(value), false) if on_collection => Values::ValueOrNothing(value),
            (Output::Value(value), false) => Values::ValueOrResource(value, node),
        };
        let mut answers = vec![answer("What the method answers with.", values)];
        if http == "GET" && !on_collection {
            answers.push(not_modified());
        }
        if matches!(method.output, Output::Value(_)) || on_collection {
            answers[0].headers.retain(|name| *name != "ETag");
        }
        let subject = names::subject(self.tree, node);
        let by_post = if http == "POST" && self.has_get(node, method) { "ByPost" } else { "" };
        self.push(
            node,
            Draft {
                kind: Kind::Custom(method),
                method: http,
                id: format!("{}{subject}{by_post}", method.verb),
                summary,
                description,
                body,
                answers,
            },
        );
    }

    fn has_get(&self, node: &Node, method: &CustomMethod) -> bool {
        let is_it = |operation: &Operation<'_>| {
            operation.method == "GET"
                && operation.node.is_some_and(|other| other.id == node.id)
                && matches!(operation.kind, Kind::Custom(other) if other.verb == method.verb)
        };
        self.all.last().is_some_and(is_it)
    }

    pub(super) fn push(&mut self, node: &'a Node, draft: Draft<'a>) {
        let Draft { kind, method, id, summary, description, body, answers } = draft;
        let on_collection = match kind {
            Kind::List
            | Kind::ListAcross
            | Kind::Create
            | Kind::Batch(_)
            | Kind::Export
            | Kind::ExportAcross
            | Kind::Import => true,
            Kind::Custom(method) => method.target == Target::Collection,
            _ => false,
        };
        let mut parameters = match kind {
            Kind::ListAcross | Kind::ExportAcross => Vec::new(),
            _ => parameter::ids(self.tree, node, on_collection),
        };
        match kind {
            Kind::List | Kind::ListAcross => {
                parameters.extend(parameter::list(node, self.schemas, self.about));
                parameters.push(selection::parameter(node));
                parameters.extend(selection::expand(node));
            }
            Kind::Export | Kind::ExportAcross => {
                parameters.extend(parameter::elements(node, self.schemas));
                let mut select = selection::parameter(node);
                select.doc.push_str(" Without it, everything but `links`.");
                parameters.push(select);
                parameters.extend(selection::expand(node));
            }
            Kind::Read => {
                parameters.push(selection::parameter(node));
                parameters.extend(selection::expand(node));
            }
            Kind::Delete => parameters.extend(parameter::delete(node)),
            _ => {}
        }
        let writes = kind.is_write(method);
        parameters.extend(parameter::common(match kind {
            Kind::List | Kind::ListAcross => Holds::List,
            Kind::Export | Kind::ExportAcross => Holds::Export,
            _ => Holds::Other,
        }));
        if !on_collection {
            parameters.extend(parameter::conditions(writes && node.descriptor.require_if_match));
        }
        let has_ids = parameters.iter().any(|parameter| parameter.place == Place::Path);
        let has_body = body.is_some();
        let facts = Facts { tree: self.tree, node, kind, method, has_ids, on_collection, has_body };
        self.all.push(Operation {
            id,
            node: Some(node),
            kind,
            method,
            path: path(self.tree, node, on_collection, kind),
            summary,
            description,
            parameters,
            body,
            answers,
            refusals: refusal::of(facts),
        });
    }
}

/// The path below the version.
fn path(tree: &Tree, node: &Node, on_collection: bool, kind: Kind) -> String {
    let mut segments = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at {
        if node.id_kind().is_some() && !(on_collection && segments.is_empty()) {
            segments.push(match kind {
                Kind::ListAcross | Kind::ExportAcross => "-".to_owned(),
                _ => format!("{{{}}}", names::id_parameter(node.descriptor)),
            });
        }
        segments.push(node.descriptor.segment.to_owned());
        at = node.parent.map(|parent| tree.node(parent));
    }
    segments.reverse();
    let verb = match kind {
        Kind::Custom(method) => format!(":{}", method.verb),
        Kind::Batch(method) => format!(":{}", method.verb()),
        Kind::Export | Kind::ExportAcross => ":export".to_owned(),
        Kind::Import => ":import".to_owned(),
        _ => String::new(),
    };
    format!("/{}{verb}", segments.join("/"))
}

/// The example of a create's body.
pub(super) fn created(node: &Node) -> Option<Ordered> {
    let mut members = example::body(node.descriptor.fields)?;
    // A UUID is made by the service, unless the declaration shows one: then what the other examples speak of is made.
    let shows_id = node.descriptor.example_id.is_some() && node.id_kind() == Some(IdKind::Uuid);
    if shows_id || matches!(node.id_kind(), Some(IdKind::Slug | IdKind::Text)) {
        members.insert(0, ("id", example::id(node.descriptor).to_string().into()));
    }
    Some(object(members))
}

fn answer<'a>(description: &'static str, values: Values<'a>) -> Answer<'a> {
    Answer { status: 200, description, values, headers: vec!["ETag"] }
}

fn page(node: &Node) -> Answer<'_> {
    Answer { status: 200, description: "A page.", values: Values::List(node), headers: vec!["Link"] }
}

fn not_modified() -> Answer<'static> {
    Answer {
        status: 304,
        description: "The client has the current state already: `If-None-Match` names its entity tag.",
        values: Values::NotModified,
        headers: vec!["ETag"],
    }
}

fn json(schema: Ordered, example: Option<Ordered>, required: bool) -> Body {
    Body { required, contents: vec![Content { media: JSON, schema, example }] }
}

fn object(members: Vec<(&'static str, Ordered)>) -> Ordered {
    Ordered::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// The type in words: `device type`.
pub(crate) fn noun(descriptor: &Descriptor) -> String {
    names::words(descriptor.name)
}

/// One resource of the node in words: `a device type`, `the device state`.
fn one(node: &Node) -> String {
    let noun = noun(node.descriptor);
    if node.descriptor.is_singleton() { format!("the {noun}") } else { names::with_article(&noun) }
}

/// The first sentence of a doc comment and the text after it; `made` where there is none.
fn summary(doc: &str, made: impl FnOnce() -> String) -> (String, String) {
    let doc = doc.trim();
    let first = doc.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if first.is_empty() {
        return (made(), String::new());
    }
    let (sentence, rest) = match first.split_once(". ") {
        Some((sentence, _)) => (sentence.to_owned(), doc.to_owned()),
        None => {
            let after = doc.split_once("\n\n").map_or("", |(_, after)| after);
            (first.trim_end_matches('.').to_owned(), after.trim().to_owned())
        }
    };
    (sentence, rest)
}

/// Says that a verb of the collection also stands behind a slash, where it does.
pub(super) fn also_at(description: &mut String, node: &Node, verb: &str) {
    if node.descriptor.slash_verbs && !matches!(node.id_kind(), Some(IdKind::Slug | IdKind::Text)) {
        paragraph(description, &format!("It is also at `/{verb}` instead of `:{verb}`."));
    }
}

fn paragraph(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}
