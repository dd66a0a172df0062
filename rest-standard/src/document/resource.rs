//! One resource as clients see it: framework fields around the author's.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    etag,
    links::{self, Link, Site},
    writer::JsonWriter,
};
use crate::{
    codec::{self, Audience},
    descriptor::{FieldDescriptor, FieldKind},
    store::{Deletion, Record},
    tree::Node,
    value::{Id, Value},
};

/// A resource that is about to be written.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    /// Its node.
    pub(crate) node: &'a Node,
    /// Its values.
    pub(crate) record: Arc<Record>,
    /// Whether a resource above is soft-deleted, so that nothing can be written here.
    pub(crate) frozen: bool,
}

/// How much is known of the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Everything: it is stored.
    Stored,
    /// A preview of an update: what only the commit can know (the time, the entity tag) is left out.
    Updated,
    /// A preview of a create, whose time of creation only the commit can know, too.
    Created,
    /// A preview of a create whose id only the commit can know: its addresses are left out, too.
    CreatedWithoutId,
}

/// Writes a resource.
pub(crate) fn write_resource(
    writer: &mut JsonWriter,
    site: Site<'_>,
    view: &View<'_>,
    collection_url: &str,
    detail: Detail,
) {
    let (node, record) = (view.node, &*view.record);
    let mut url = String::with_capacity(collection_url.len() + 40);
    url.push_str(collection_url);
    writer.begin_object();
    if detail != Detail::CreatedWithoutId {
        writer.name("id");
        match (node.id_kind(), record.path.id()) {
            (Some(_), Some(id)) => {
                url.push('/');
                let at = url.len();
                id.push_to(&mut url);
                match id {
                    Id::Integer(id) => writer.integer(*id),
                    Id::Uuid(_) | Id::Slug(_) => writer.plain(&url[at..]),
                }
            }
            _ => writer.plain(node.descriptor.segment),
        }
        writer.name("url");
        writer.string(&url);
    }
    for (field, value) in node.descriptor.fields.iter().zip(&record.row.0) {
        if !field.input_only {
            writer.name(field.name);
            write_value(writer, field, value);
        }
    }
    if matches!(detail, Detail::Stored | Detail::Updated) {
        writer.name("createdAt");
        writer.timestamp(record.created_at);
    }
    writer.name("createdBy");
    write_caller(writer, record.created_by.as_deref());
    if detail == Detail::Stored {
        writer.name("updatedAt");
        writer.timestamp(record.updated_at);
    }
    writer.name("updatedBy");
    write_caller(writer, record.updated_by.as_deref());
    if node.descriptor.soft_delete.is_some() {
        write_deletion(writer, record.deletion.as_deref(), detail);
    }
    if detail == Detail::Stored {
        writer.name("etag");
        writer.string(&etag::of_revision(record.revision));
    }
    if detail != Detail::CreatedWithoutId {
        writer.name("links");
        writer.begin_array();
        let frozen = view.frozen || record.deletion.is_some();
        links::for_resource(site, view, frozen, collection_url, &url, |link| write_link(writer, link));
        writer.end_array();
    }
    writer.end_object();
}

fn write_deletion(writer: &mut JsonWriter, deletion: Option<&Deletion>, detail: Detail) {
    let time = |writer: &mut JsonWriter, name, instant: Option<Timestamp>| match instant {
        Some(instant) if detail == Detail::Stored => {
            writer.name(name);
            writer.timestamp(instant);
        }
        // Only the commit knows when it deletes.
        Some(_) => {}
        None => {
            writer.name(name);
            writer.null();
        }
    };
    time(writer, "deletedAt", deletion.map(|deletion| deletion.at));
    writer.name("deletedBy");
    write_caller(writer, deletion.and_then(|deletion| deletion.by.as_deref()));
    time(writer, "purgeAt", deletion.map(|deletion| deletion.purge_at));
}

fn write_caller(writer: &mut JsonWriter, name: Option<&str>) {
    match name {
        Some(name) => writer.string(name),
        None => writer.null(),
    }
}

fn write_value(writer: &mut JsonWriter, field: &FieldDescriptor, value: &Value) {
    match (value, field.kind) {
        (Value::Null, _) => writer.null(),
        (Value::Bool(inner), _) => writer.boolean(*inner),
        (Value::Integer(number), FieldKind::Enum(declared)) => match declared.by_number(*number) {
            Some(variant) => writer.plain(variant.name),
            None => writer.null(),
        },
        (Value::Integer(number), _) if !field.integer_as_text() => writer.integer(*number),
        (Value::Text(text), _) => writer.string(text),
        (Value::Json(inner), FieldKind::Json | FieldKind::Foreign(_)) => writer.json(inner),
        (other, _) => writer.json(&codec::field_to_json(field, other, Audience::Client)),
    }
}

/// Writes one link.
pub(crate) fn write_link(writer: &mut JsonWriter, link: Link<'_>) {
    // Every piece is an address the service made of checked names and ids, or a query that was escaped.
    let [start, middle, end] = link.href;
    writer.pieces([
        r#"{"rel":""#,
        link.rel,
        r#"","href":""#,
        start,
        middle,
        end,
        "\",",
        link.action.members(),
        "}",
    ]);
}

/// A resource as a JSON tree, as JSON Patch sees it.
#[must_use]
pub(crate) fn resource_json(site: Site<'_>, view: &View<'_>) -> Json {
    let mut writer = JsonWriter::default();
    let collection_url = site.collection_url(view.node, &view.record.path);
    write_resource(&mut writer, site, view, &collection_url, Detail::Stored);
    serde_json::from_slice(&writer.into_bytes()).unwrap_or(Json::Null)
}
