//! Export and import: what the document says of collections that are read or filled at once.

use super::{
    names,
    operation::{Answer, Body, Content, Kind, Values},
    ordered::Ordered,
    reader::{ACROSS, Draft, Reader, also_at, created},
};
use crate::{descriptor::Verb, query::Format, tree::Node};

/// What an export is, in Markdown.
const EXPORT: &str = "The whole collection as it was at one moment, without pages and without an envelope: a line of \
JSON for each resource, or CSV. An answer that breaks off ends without its end, so that the client's HTTP library reports it; \
what came by then is no whole collection. Two exports run at a time; a third is refused with 503 and `Retry-After`.";

/// What an import is, in Markdown.
const IMPORT: &str = "Creates a resource for each line of the body, in chunks of at most 500 lines: all of a chunk \
happens, or nothing. A line that is refused ends the import; the chunks before it stay. Pointers of `errors` begin with the \
number of the line, from 0. Sent again with the same `Request-ID`, the import goes on where it ended: what is there is passed \
over. A dry run judges each chunk by itself, so it does not see that two lines of different chunks have one id or one unique value.";

/// The body of an import; `line` is the example of a create's body.
fn body(line: Option<Ordered>) -> Body {
    let schema = Ordered::object([("type", "string".into())])
        .with("description", "The body of a create in each line; no line is blank.");
    let example = line.map(|line| format!("{}\n", line.to_text()).into());
    // Without lines nothing is imported, which is a success.
    Body { required: false, contents: vec![Content { media: Format::Ndjson.media_type(), schema, example }] }
}

/// The number of resources that were created.
pub(super) fn count() -> Ordered {
    let created = Ordered::object([("type", "integer".into())])
        .with("format", "int64")
        .with("minimum", 0_i64)
        .with("description", "How many resources were created.");
    Ordered::object([("type", "object".into())])
        .with("description", "What an import did.")
        .with("properties", Ordered::object([("created", created)]))
        .with("required", Ordered::from_iter(["created"]))
}

/// The content of an export's answer.
pub(super) fn contents() -> Ordered {
    let text = |doc: &'static str| {
        let schema = Ordered::object([("type", "string".into())]).with("description", doc);
        Ordered::object([("schema", schema)])
    };
    Ordered::object([
        (Format::Ndjson.media_type(), text("A resource as a JSON object in each line.")),
        (Format::Csv.media_type(), text("A header row of field names, and a row for each resource.")),
    ])
}

impl<'a> Reader<'a, '_> {
    pub(super) fn export(&mut self, node: &'a Node) {
        let mut description = EXPORT.to_owned();
        also_at(&mut description, node, Verb::Export.name());
        self.push(
            node,
            Draft {
                kind: Kind::Export,
                method: "GET",
                id: format!("export{}", names::plural(self.tree, node)),
                summary: format!("Exports all {}", node.descriptor.segment.replace('-', " ")),
                description,
                body: None,
                answers: vec![exported(node)],
            },
        );
    }

    pub(super) fn export_across(&mut self, node: &'a Node) {
        let many = node.descriptor.segment.replace('-', " ");
        self.push(
            node,
            Draft {
                kind: Kind::ExportAcross,
                method: "GET",
                id: format!("export{}AcrossParents", names::plural(self.tree, node)),
                summary: format!("Exports the {many} below every parent"),
                description: format!("{EXPORT}\n\n{ACROSS}"),
                body: None,
                answers: vec![exported(node)],
            },
        );
    }

    pub(super) fn import(&mut self, node: &'a Node) {
        let mut description = IMPORT.to_owned();
        also_at(&mut description, node, Verb::Import.name());
        self.push(node, Draft {
            kind: Kind::Import,
            method: "POST",
            id: format!("import{}", names::plural(self.tree, node)),
            summary: format!("Imports many {}", node.descriptor.segment.replace('-', " ")),
            description,
            body: Some(body(created(node))),
            answers: vec![Answer {
                status: 200,
                description: "How many were created; after a dry run 0, with the number that would be in `meta.preview`.",
                values: Values::Count,
                headers: Vec::new(),
            }],
        });
    }
}

fn exported(node: &Node) -> Answer<'_> {
    Answer {
        status: 200,
        description: "All of them, as they were at one moment.",
        values: Values::Lines(node),
        headers: Vec::new(),
    }
}
